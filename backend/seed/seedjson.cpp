// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>

#include <QCoreApplication>
#include <QJsonArray>
#include <QSet>

#include "backend/seed/passwordhash.h"
#include "backend/seed/seeddraft.h"

using namespace Qt::StringLiterals;

namespace vireo::seed {

namespace {

struct SeedjsonText {
    Q_DECLARE_TR_FUNCTIONS(seed_SeedDraft)
};

using Problems = QList<Problem>;

/** One JSON object: hands out its members by type, notes what is wrong, and in the end reports unknown members. */
class Reader final
{
    Q_DISABLE_COPY_MOVE(Reader)

public:
    Reader(const QJsonObject &object, const QString &path, Problems &problems)
        : m_object(object)
        , m_path(path)
        , m_problems(problems)
    {}
    ~Reader()
    {
        for (auto it = m_object.begin(); it != m_object.end(); ++it) {
            if (!m_known.contains(it.key())) {
                problem(it.key(), SeedjsonText::tr("Unknown key."));
            }
        }
    }

    bool has(const QString &key) const { return m_object.contains(key); }
    void problem(const QString &key, const QString &message) { m_problems.append({pathOf(key), message}); }

    QString text(const QString &key, bool required = false)
    {
        const QJsonValue found = value(key);
        if (found.isUndefined() && !required) {
            return {};
        }
        if (!found.isString()) {
            problem(key, found.isUndefined() ? SeedjsonText::tr("A value is needed.") : needsText());
        }
        return found.toString();
    }
    bool flag(const QString &key)
    {
        const QJsonValue found = value(key);
        if (!found.isUndefined() && !found.isBool()) {
            problem(key, SeedjsonText::tr("true or false is needed."));
        }
        return found.toBool();
    }
    QStringList texts(const QString &key)
    {
        QStringList list;
        each(key, [&](const QJsonValue &item, const QString &path) {
            if (!item.isString()) {
                m_problems.append({path, needsText()});
            }
            list << item.toString();
        });
        return list;
    }
    /** Each object of a list, read by a Reader of its own. */
    void objects(const QString &key, const std::function<void(Reader &)> &read)
    {
        each(key, [&](const QJsonValue &item, const QString &path) {
            if (!item.isObject()) {
                m_problems.append({path, SeedjsonText::tr("An object is needed.")});
                return;
            }
            Reader reader(item.toObject(), path, m_problems);
            read(reader);
        });
    }
    QMap<QString, QString> textMap(const QString &key)
    {
        QMap<QString, QString> map;
        const QJsonValue found = value(key);
        if (!found.isUndefined() && !found.isObject()) {
            problem(key, SeedjsonText::tr("An object is needed."));
        }
        const QJsonObject object = found.toObject();
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (!it.value().isString()) {
                problem(key + u'.' + it.key(), needsText());
            }
            map.insert(it.key(), it.value().toString());
        }
        return map;
    }

private:
    static QString needsText() { return SeedjsonText::tr("A text is needed."); }
    QString pathOf(const QString &key) const { return m_path + u'.' + key; }
    QJsonValue value(const QString &key)
    {
        m_known.insert(key);
        return m_object.value(key);
    }
    void each(const QString &key, const std::function<void(const QJsonValue &, const QString &)> &read)
    {
        const QJsonValue found = value(key);
        if (!found.isUndefined() && !found.isArray()) {
            problem(key, SeedjsonText::tr("A list is needed."));
        }
        const QJsonArray list = found.toArray();
        for (qsizetype i = 0; i < list.size(); ++i) {
            read(list.at(i), u"%1[%2]"_s.arg(pathOf(key)).arg(i));
        }
    }

    const QJsonObject m_object;
    const QString m_path;
    Problems &m_problems;
    QSet<QString> m_known;
};

/** The hash of "password", or "password_hash" as it is. */
QString readPassword(Reader &reader)
{
    QString hash = reader.text(u"password_hash"_s);
    if (!reader.has(u"password"_s)) {
        return hash;
    }
    if (reader.has(u"password_hash"_s)) {
        reader.problem(u"password"_s, SeedjsonText::tr("Either password or password_hash is possible."));
    }
    QString plain = reader.text(u"password"_s);
    QByteArray bytes = plain.toUtf8();
    const auto hashed = hashPassword(bytes);
    plain.fill(u'\0');
    if (!hashed) {
        reader.problem(u"password"_s, hashed.error().message);
        return {};
    }
    return *hashed;
}

SeedDraft::User readUser(Reader &reader)
{
    SeedDraft::User user;
    user.name = reader.text(u"name"_s, true);
    user.gecos = reader.text(u"gecos"_s);
    user.passwordHash = readPassword(reader);
    user.sshKeys = reader.texts(u"ssh_keys"_s);
    user.groups = reader.texts(u"groups"_s);
    user.sudo = reader.flag(u"sudo"_s);
    user.shell = reader.text(u"shell"_s);
    user.lockPassword = reader.flag(u"lock_password"_s);
    return user;
}

SeedDraft::Interface readInterface(Reader &reader)
{
    SeedDraft::Interface card;
    card.name = reader.text(u"name"_s);
    card.mac = reader.text(u"mac"_s).toLower();
    card.dhcp4 = reader.flag(u"dhcp4"_s);
    card.dhcp6 = reader.flag(u"dhcp6"_s);
    card.addresses = reader.texts(u"addresses"_s);
    card.gateway4 = reader.text(u"gateway4"_s);
    card.gateway6 = reader.text(u"gateway6"_s);
    card.dns = reader.texts(u"dns"_s);
    card.search = reader.texts(u"search"_s);
    return card;
}

/** Text as it is, anything else (gzip) in base64: JSON holds no bytes. */
QByteArray readUserData(Reader &reader)
{
    const QString encoded = reader.text(u"user_data_base64"_s);
    if (!reader.has(u"user_data_base64"_s)) {
        return reader.text(u"user_data"_s).toUtf8();
    }
    if (reader.has(u"user_data"_s)) {
        reader.text(u"user_data"_s);
        reader.problem(u"user_data"_s, SeedjsonText::tr("Either user_data or user_data_base64 is possible."));
    }
    const auto decoded = QByteArray::fromBase64Encoding(
        encoded.toLatin1(), QByteArray::Base64Encoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded) {
        reader.problem(u"user_data_base64"_s, SeedjsonText::tr("This is no base64."));
    }
    return *decoded;
}

/** Adds what says something: defaults are left out. */
class Writer final
{
    Q_DISABLE_COPY_MOVE(Writer)

public:
    Writer() = default;
    Writer &text(const QString &key, const QString &value) { return put(key, value, value.isEmpty()); }
    Writer &flag(const QString &key, bool value) { return put(key, value, !value); }
    Writer &texts(const QString &key, const QStringList &value)
    {
        return put(key, QJsonArray::fromStringList(value), value.isEmpty());
    }
    Writer &put(const QString &key, const QJsonValue &value, bool isDefault)
    {
        if (!isDefault) {
            m_object.insert(key, value);
        }
        return *this;
    }
    QJsonObject object() const { return m_object; }

private:
    QJsonObject m_object;
};

QJsonObject userJson(const SeedDraft::User &user)
{
    return Writer()
        .text(u"name"_s, user.name)
        .text(u"gecos"_s, user.gecos)
        .text(u"password_hash"_s, user.passwordHash)
        .texts(u"ssh_keys"_s, user.sshKeys)
        .texts(u"groups"_s, user.groups)
        .flag(u"sudo"_s, user.sudo)
        .text(u"shell"_s, user.shell)
        .flag(u"lock_password"_s, user.lockPassword)
        .object();
}

QJsonObject interfaceJson(const SeedDraft::Interface &card)
{
    return Writer()
        .text(u"name"_s, card.name)
        .text(u"mac"_s, card.mac)
        .flag(u"dhcp4"_s, card.dhcp4)
        .flag(u"dhcp6"_s, card.dhcp6)
        .texts(u"addresses"_s, card.addresses)
        .text(u"gateway4"_s, card.gateway4)
        .text(u"gateway6"_s, card.gateway6)
        .texts(u"dns"_s, card.dns)
        .texts(u"search"_s, card.search)
        .object();
}

} // namespace

QJsonObject SeedDraft::toJson() const
{
    QJsonArray userList;
    for (const User &user : users) {
        userList.append(userJson(user));
    }
    QJsonArray cards;
    for (const Interface &card : network) {
        cards.append(interfaceJson(card));
    }
    QJsonObject meta;
    for (auto it = metadata.begin(); it != metadata.end(); ++it) {
        meta.insert(it.key(), it.value());
    }
    const QString words = QString::fromUtf8(userData);
    const bool isText = words.toUtf8() == userData && !words.contains(QChar::Null);
    return Writer()
        .text(u"kind"_s, kind == Kind::ConfigDrive ? u"configdrive"_s : u"nocloud"_s)
        .text(u"hostname"_s, hostname)
        .put(u"users"_s, userList, userList.isEmpty())
        .texts(u"ssh_keys"_s, sshKeys)
        .texts(u"packages"_s, packages)
        .flag(u"package_update"_s, packageUpdate)
        .put(u"network"_s, cards, cards.isEmpty())
        .text(u"user_data"_s, isText ? words : QString())
        .text(u"user_data_base64"_s, isText ? QString() : QString::fromLatin1(userData.toBase64()))
        .put(u"metadata"_s, meta, meta.isEmpty())
        .text(u"timezone"_s, timezone)
        .text(u"locale"_s, locale)
        .object();
}

std::expected<SeedDraft, QList<Problem>> seedDraftFromJson(const QJsonObject &json, const QString &path)
{
    SeedDraft draft;
    Problems problems;
    {
        Reader reader(json, path, problems);
        const QString kind = reader.text(u"kind"_s);
        if (reader.has(u"kind"_s) && kind != "nocloud"_L1 && kind != "configdrive"_L1) {
            reader.problem(u"kind"_s, SeedjsonText::tr("One of these is needed: %1.").arg(u"nocloud, configdrive"_s));
        }
        draft.kind = kind == "configdrive"_L1 ? SeedDraft::Kind::ConfigDrive : SeedDraft::Kind::NoCloud;
        draft.hostname = reader.text(u"hostname"_s);
        reader.objects(u"users"_s, [&draft](Reader &inner) { draft.users.append(readUser(inner)); });
        draft.sshKeys = reader.texts(u"ssh_keys"_s);
        draft.packages = reader.texts(u"packages"_s);
        draft.packageUpdate = reader.flag(u"package_update"_s);
        reader.objects(u"network"_s, [&draft](Reader &inner) { draft.network.append(readInterface(inner)); });
        draft.userData = readUserData(reader);
        draft.metadata = reader.textMap(u"metadata"_s);
        draft.timezone = reader.text(u"timezone"_s);
        draft.locale = reader.text(u"locale"_s);
    }
    // What a value is not even of the right type for is said first: the rest would only repeat it.
    if (problems.isEmpty()) {
        problems = problemsOf(draft, path);
    }
    if (!problems.isEmpty()) {
        return std::unexpected(problems);
    }
    return draft;
}

} // namespace vireo::seed
