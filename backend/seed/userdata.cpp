// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/seed/userdata.h"

#include <algorithm>
#include <array>

#include <QCryptographicHash>
#include <QJsonArray>

#include "backend/seed/sshkeys.h"
#include "backend/seed/yaml.h"

using namespace Qt::StringLiterals;

namespace vireo::seed {

namespace {

/** A beginning and the MIME type of such a part, as in cloud-init's handlers; longer ones first. */
struct Beginning {
    QByteArrayView prefix;
    QByteArrayView mimeType;
    UserDataType type;
};
constexpr std::array beginnings{
    Beginning{"#cloud-config-archive", "text/cloud-config-archive", UserDataType::Other},
    Beginning{"#cloud-config-jsonp", "text/cloud-config-jsonp", UserDataType::Other},
    Beginning{"#cloud-config", "text/cloud-config", UserDataType::CloudConfig},
    Beginning{"#!", "text/x-shellscript", UserDataType::Script},
    Beginning{"## template: jinja", "text/jinja2", UserDataType::Other},
    Beginning{"#cloud-boothook", "text/cloud-boothook", UserDataType::Other},
    Beginning{"#include-once", "text/x-include-once-url", UserDataType::Other},
    Beginning{"#include", "text/x-include-url", UserDataType::Other},
    Beginning{"#part-handler", "text/part-handler", UserDataType::Other},
    Beginning{"\x1f\x8b", "application/gzip", UserDataType::Gzip},
    Beginning{"content-type:", {}, UserDataType::Mime},
    Beginning{"mime-version:", {}, UserDataType::Mime},
};

/** cloud-init looks behind white space and does not mind case. */
const Beginning *beginningOf(const QByteArray &userData)
{
    const auto first =
        std::ranges::find_if_not(userData, [](char c) { return QByteArrayView(" \t\r\n\v\f").contains(c); });
    const QByteArray head = userData.sliced(first - userData.begin()).left(64).toLower();
    const auto *const found =
        std::ranges::find_if(beginnings, [&head](const Beginning &known) { return head.startsWith(known.prefix); });
    return found == beginnings.end() ? nullptr : found;
}

QJsonArray keyLines(const QStringList &keys)
{
    QJsonArray lines;
    for (const QString &key : keys) {
        if (const auto parsed = parsePublicKey(key)) {
            lines.append(parsed->line());
        }
    }
    return lines;
}

QJsonObject userObject(const SeedDraft::User &user)
{
    QJsonObject object{{u"name"_s, user.name}, {u"lock_passwd"_s, user.passwordHash.isEmpty() || user.lockPassword}};
    if (!user.gecos.isEmpty()) {
        object.insert(u"gecos"_s, user.gecos);
    }
    if (!user.passwordHash.isEmpty()) {
        // "passwd" counts for new users only, and every image has a root.
        object.insert(user.name == "root"_L1 ? u"hashed_passwd"_s : u"passwd"_s, user.passwordHash);
    }
    if (!user.sshKeys.isEmpty()) {
        object.insert(u"ssh_authorized_keys"_s, keyLines(user.sshKeys));
    }
    if (!user.groups.isEmpty()) {
        object.insert(u"groups"_s, QJsonArray::fromStringList(user.groups));
    }
    if (user.sudo) {
        object.insert(u"sudo"_s, u"ALL=(ALL) NOPASSWD:ALL"_s);
    }
    if (!user.shell.isEmpty()) {
        object.insert(u"shell"_s, user.shell);
    }
    return object;
}

/** One part of a multipart message. A MIME message is one as it is: its own headers say what is in it. */
QByteArray mimePart(const QByteArray &content)
{
    const Beginning *beginning = beginningOf(content);
    if (beginning && beginning->type == UserDataType::Mime) {
        return content.endsWith('\n') ? content : content + '\n';
    }
    constexpr qsizetype lineLength = 76;
    const QByteArray encoded = content.toBase64();
    QByteArray part = "Content-Type: " + (beginning ? beginning->mimeType.toByteArray() : "text/plain")
        + "\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n";
    for (qsizetype at = 0; at < encoded.size(); at += lineLength) {
        part += encoded.mid(at, lineLength) + '\n';
    }
    return part;
}

QByteArray multipart(const QList<QByteArray> &contents)
{
    QList<QByteArray> parts;
    QCryptographicHash hash(QCryptographicHash::Sha256);
    for (const QByteArray &content : contents) {
        parts << mimePart(content);
        hash.addData(parts.last());
    }
    // Made of the content: the same draft gives the same bytes, and no part can hold what is a hash of itself.
    const QByteArray boundary = "vireo-" + hash.result().toHex().left(40);
    QByteArray message = "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\nMIME-Version: 1.0\n\n";
    for (const QByteArray &part : parts) {
        message += "--" + boundary + '\n' + part;
    }
    return message + "--" + boundary + "--\n";
}

} // namespace

UserDataType userDataType(const QByteArray &userData)
{
    const Beginning *found = beginningOf(userData);
    return found ? found->type : UserDataType::Unknown;
}

QJsonObject cloudConfigOf(const SeedDraft &draft)
{
    QJsonObject config;
    if (!draft.users.isEmpty()) {
        QJsonArray users;
        if (!draft.sshKeys.isEmpty()) {
            users.append(u"default"_s); // whom the keys of the meta-data belong to
        }
        for (const SeedDraft::User &user : draft.users) {
            users.append(userObject(user));
        }
        config.insert(u"users"_s, users);
    }
    if (draft.packageUpdate) {
        config.insert(u"package_update"_s, true);
    }
    if (!draft.packages.isEmpty()) {
        config.insert(u"packages"_s, QJsonArray::fromStringList(draft.packages));
    }
    if (!draft.timezone.isEmpty()) {
        config.insert(u"timezone"_s, draft.timezone);
    }
    if (!draft.locale.isEmpty()) {
        config.insert(u"locale"_s, draft.locale);
    }
    return config;
}

Result<QByteArray> userDataOf(const SeedDraft &draft)
{
    const QJsonObject config = cloudConfigOf(draft);
    if (config.isEmpty() && !draft.userData.isEmpty()) {
        return draft.userData;
    }
    auto generated = yaml::write(config);
    if (!generated) {
        return generated;
    }
    generated->prepend("#cloud-config\n");
    return draft.userData.isEmpty() ? *generated : multipart({*generated, draft.userData});
}

} // namespace vireo::seed
