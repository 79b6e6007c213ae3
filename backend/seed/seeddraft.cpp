// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/seed/seeddraft.h"

#include <algorithm>
#include <functional>

#include <QCoreApplication>
#include <QRegularExpression>
#include <QSet>

#include "backend/seed/address.h"
#include "backend/seed/passwordhash.h"
#include "backend/seed/sshkeys.h"
#include "backend/seed/userdata.h"
#include "backend/seed/yaml.h"

using namespace Qt::StringLiterals;

namespace vireo::seed {

namespace {

struct SeeddraftText {
    Q_DECLARE_TR_FUNCTIONS(seed_SeedDraft)
};

using Problems = QList<Problem>;
using Kind = SeedDraft::Kind;

constexpr qsizetype largestUserData = 1024 * 1024;
constexpr qsizetype largestMetadata = 64 * 1024;
constexpr qsizetype longestList = 256;

bool matches(const QString &text, const QRegularExpression &form)
{
    return form.match(text).hasMatch();
}

/** One line without control characters or broken surrogates. */
bool isLine(const QString &text)
{
    return text.isValidUtf16()
        && std::ranges::none_of(text, [](QChar c) { return c.category() == QChar::Other_Control; });
}

bool isUserName(const QString &name)
{
    static const QRegularExpression form(u"\\A[a-z_][a-z0-9_.-]{0,31}\\z"_s);
    return matches(name, form);
}

/** RFC 1123: labels of 1 to 63 letters, digits and inner hyphens; 253 characters in all. */
bool isHostName(const QString &name)
{
    static const QRegularExpression form(
        u"\\A[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\\z"_s);
    return name.size() <= 253 && matches(name, form);
}

/** Collects what is wrong below one path. */
class Checker final
{
    Q_DISABLE_COPY_MOVE(Checker)

public:
    explicit Checker(const QString &path)
        : m_path(path)
    {}
    Problems takeProblems() { return std::move(m_problems); }

    void check(const SeedDraft &draft)
    {
        if (!draft.hostname.isEmpty() && !isHostName(draft.hostname)) {
            add(u".hostname"_s,
                SeeddraftText::tr("A host name has letters, digits and inner hyphens, in parts of up to 63 characters "
                                  "that are separated by dots."));
        }
        users(draft);
        keys(u".ssh_keys"_s, draft.sshKeys);
        packages(draft);
        network(draft);
        userData(draft);
        metadata(draft);
        static const QRegularExpression zone(u"\\A[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}\\z"_s);
        if (!draft.timezone.isEmpty() && !matches(draft.timezone, zone)) {
            add(u".timezone"_s, SeeddraftText::tr("A time zone is named as in “Europe/Berlin”."));
        }
        static const QRegularExpression locale(
            u"\\A[A-Za-z]{1,8}(_[A-Za-z0-9]{2,3})?(\\.[A-Za-z0-9-]+)?(@[A-Za-z]+)?\\z"_s);
        if (!draft.locale.isEmpty() && !matches(draft.locale, locale)) {
            add(u".locale"_s, SeeddraftText::tr("A locale is named as in “de_DE.UTF-8”."));
        }
    }

private:
    void add(const QString &where, const QString &message) { m_problems.append({m_path + where, message}); }

    /** Whether a list is short enough to look at each of its items. */
    bool isShort(const QString &where, qsizetype size)
    {
        if (size > longestList) {
            add(where, SeeddraftText::tr("More than %1 are too many.").arg(longestList));
        }
        return size <= longestList;
    }

    void each(const QString &where, const QStringList &list, const std::function<QString(const QString &)> &problem)
    {
        for (qsizetype i = 0; isShort(where, list.size()) && i < list.size(); ++i) {
            if (const QString message = problem(list.at(i)); !message.isEmpty()) {
                add(u"%1[%2]"_s.arg(where).arg(i), message);
            }
        }
    }

    void keys(const QString &where, const QStringList &list)
    {
        each(where, list, [](const QString &key) {
            const auto parsed = parsePublicKey(key);
            return parsed ? QString() : parsed.error().message;
        });
    }

    void users(const SeedDraft &draft)
    {
        QSet<QString> names;
        for (qsizetype i = 0; isShort(u".users"_s, draft.users.size()) && i < draft.users.size(); ++i) {
            const QString where = u".users[%1]"_s.arg(i);
            user(where, draft.users.at(i));
            if (names.contains(draft.users.at(i).name)) {
                add(where + u".name"_s, SeeddraftText::tr("There is another user “%1”.").arg(draft.users.at(i).name));
            }
            names.insert(draft.users.at(i).name);
        }
    }

    void user(const QString &where, const SeedDraft::User &user)
    {
        if (!isUserName(user.name)) {
            add(where + u".name"_s,
                SeeddraftText::tr(
                    "A user's name has up to 32 lower-case letters, digits, hyphens, dots and underscores, and "
                    "begins with a letter."));
        } else if (user.name == "default"_L1) {
            add(where + u".name"_s, SeeddraftText::tr("“default” means the image's own user to cloud-init."));
        }
        if (!isLine(user.gecos) || user.gecos.contains(u':')) {
            add(where + u".gecos"_s, SeeddraftText::tr("A full name is a single line without a colon."));
        }
        if (!user.passwordHash.isEmpty() && !isPasswordHash(user.passwordHash)) {
            add(where + u".password_hash"_s,
                SeeddraftText::tr("A hash as crypt(5) makes it is needed here, as in “$6$…”. A password itself belongs "
                                  "in “password”."));
        }
        keys(where + u".ssh_keys"_s, user.sshKeys);
        each(where + u".groups"_s, user.groups, [](const QString &group) {
            return isUserName(group) ? QString()
                                     : SeeddraftText::tr("A group's name has lower-case letters, digits, hyphens, dots "
                                                         "and underscores, and begins with a letter.");
        });
        static const QRegularExpression shell(u"\\A(/[A-Za-z0-9_.+-]+)+\\z"_s);
        if (!user.shell.isEmpty() && !matches(user.shell, shell)) {
            add(where + u".shell"_s, SeeddraftText::tr("A shell is a whole path, as in “/bin/bash”."));
        }
    }

    void packages(const SeedDraft &draft)
    {
        each(u".packages"_s, draft.packages, [](const QString &name) {
            // No leading hyphen: that would be an option of the guest's package manager. "@": a group of dnf's.
            static const QRegularExpression form(u"\\A@?[A-Za-z0-9][A-Za-z0-9+._:~=/^-]{0,127}\\z"_s);
            return matches(name, form) ? QString() : SeeddraftText::tr("That can't be a package's name.");
        });
    }

    void network(const SeedDraft &draft)
    {
        QSet<QString> seen;
        for (qsizetype i = 0; isShort(u".network"_s, draft.network.size()) && i < draft.network.size(); ++i) {
            interface(u".network[%1]"_s.arg(i), draft.network.at(i), seen);
        }
    }

    void interface(const QString &where, const SeedDraft::Interface &card, QSet<QString> &seen)
    {
        const auto once = [&](const QString &key, const QString &value, const QString &message) {
            if (!value.isEmpty() && seen.contains(key + value)) {
                add(where + key, message);
            }
            seen.insert(key + value);
        };
        static const QRegularExpression name(u"\\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}\\z"_s);
        if (!card.name.isEmpty() && (!matches(card.name, name) || card.name == "lo"_L1)) {
            add(where + u".name"_s, SeeddraftText::tr("An interface's name has up to 15 letters, digits and hyphens."));
        }
        once(u".name"_s, card.name, SeeddraftText::tr("Another interface has the same name."));
        static const QRegularExpression mac(u"\\A([0-9a-f]{2}:){5}[0-9a-f]{2}\\z"_s);
        if (!card.mac.isEmpty() && !matches(card.mac, mac)) {
            add(where + u".mac"_s, SeeddraftText::tr("A MAC address has six bytes, as in 52:54:00:12:34:56."));
        } else if (card.mac.left(2).toInt(nullptr, 16) & 1) {
            add(where + u".mac"_s, SeeddraftText::tr("A network card can't have a multicast address."));
        }
        once(u".mac"_s, card.mac, SeeddraftText::tr("Another interface has the same MAC address."));

        bool has4 = false;
        bool has6 = false;
        for (qsizetype i = 0; isShort(where + u".addresses"_s, card.addresses.size()) && i < card.addresses.size();
            ++i) {
            const auto network = Network::parse(card.addresses.at(i));
            const QString item = u"%1.addresses[%2]"_s.arg(where).arg(i);
            if (!network) {
                add(item,
                    SeeddraftText::tr(
                        "An address with its prefix length is needed, as in 192.168.1.5/24 or fd00::5/64."));
                continue;
            }
            (network->address.isV6 ? has6 : has4) = true;
            if (!network->address.isHost()) {
                add(item, SeeddraftText::tr("That address can't be a computer's own."));
            }
            if (seen.contains(network->address.toString())) {
                add(item, SeeddraftText::tr("Another interface has the same address."));
            }
            seen.insert(network->address.toString());
        }
        if (card.addresses.isEmpty() && !card.dhcp4 && !card.dhcp6) {
            add(where, SeeddraftText::tr("DHCP or an address is needed."));
        }
        gateway(where + u".gateway4"_s, card.gateway4, false, has4);
        gateway(where + u".gateway6"_s, card.gateway6, true, has6);
        each(where + u".dns"_s, card.dns, [](const QString &server) {
            const auto address = Address::parse(server);
            return address && address->isHost() ? QString()
                                                : SeeddraftText::tr("The IP address of a name server is needed.");
        });
        each(where + u".search"_s, card.search, [](const QString &domain) {
            return isHostName(domain) ? QString() : SeeddraftText::tr("That is no domain's name.");
        });
    }

    void gateway(const QString &where, const QString &text, bool v6, bool hasAddress)
    {
        if (text.isEmpty()) {
            return;
        }
        const auto address = Address::parse(text);
        if (!address || address->isV6 != v6 || !address->isHost()) {
            add(where,
                v6 ? SeeddraftText::tr("An IPv6 address is needed, as in fd00::1.")
                   : SeeddraftText::tr("An IPv4 address is needed, as in 192.168.1.1."));
        } else if (!hasAddress) {
            add(where, SeeddraftText::tr("A gateway needs a fixed address of the same kind; DHCP brings its own."));
        }
    }

    void userData(const SeedDraft &draft)
    {
        if (draft.userData.size() > largestUserData) {
            add(u".user_data"_s, SeeddraftText::tr("User-data of more than 1 MiB is too much."));
        } else if (userDataType(draft.userData) == UserDataType::CloudConfig) {
            if (const auto parsed = yaml::mappingKeys(draft.userData); !parsed) {
                add(u".user_data"_s,
                    SeeddraftText::tr("This cloud-config is no valid YAML. %1").arg(parsed.error().message));
            }
        }
    }

    void metadata(const SeedDraft &draft)
    {
        qsizetype size = 0;
        for (auto it = draft.metadata.begin(); it != draft.metadata.end(); ++it) {
            size += it.key().size() + it.value().size();
            if (it.key().isEmpty() || !isLine(it.key())) {
                add(u".metadata"_s, SeeddraftText::tr("A key of the metadata is a single line and not empty."));
            } else if (it.value().contains(QChar::Null) || !it.value().isValidUtf16()) {
                add(u".metadata."_s + it.key(), SeeddraftText::tr("The value has characters that can't be written."));
            }
        }
        if (size > largestMetadata) {
            add(u".metadata"_s, SeeddraftText::tr("Metadata of more than 64 KiB is too much."));
        }
    }

    const QString m_path;
    Problems m_problems;
};

bool canLogIn(const SeedDraft::User &user)
{
    return !user.sshKeys.isEmpty() || (!user.passwordHash.isEmpty() && !user.lockPassword);
}

/** A default route that no address of the card leads to works in few guests. */
bool isReachable(const QString &gateway, const QStringList &addresses)
{
    const auto address = Address::parse(gateway);
    return !address || (address->isV6 && gateway.startsWith("fe80"_L1, Qt::CaseInsensitive))
        || std::ranges::any_of(addresses, [&address](const QString &text) {
               const auto network = Network::parse(text);
               return network && network->contains(*address);
           });
}

} // namespace

QList<Problem> problemsOf(const SeedDraft &draft, const QString &path)
{
    Checker checker(path);
    checker.check(draft);
    return checker.takeProblems();
}

QList<Problem> notesOf(const SeedDraft &draft, const QString &path)
{
    Problems notes;
    const auto add = [&](const QString &where, const QString &message) {
        notes.append({path + where, message});
    };
    if (draft.userData.isEmpty() && draft.sshKeys.isEmpty() && std::ranges::none_of(draft.users, canLogIn)) {
        add(u".users"_s,
            SeeddraftText::tr("Nobody gets a password or a key: logging in depends on what the image has."));
    }
    for (qsizetype i = 0; i < draft.users.size(); ++i) {
        if (!canLogIn(draft.users.at(i)) && std::ranges::any_of(draft.users, canLogIn)) {
            add(u".users[%1]"_s.arg(i),
                SeeddraftText::tr("“%1” has neither a password nor a key and can't log in.")
                    .arg(draft.users.at(i).name));
        }
    }
    int routes4 = 0;
    int routes6 = 0;
    for (qsizetype i = 0; i < draft.network.size(); ++i) {
        const SeedDraft::Interface &card = draft.network.at(i);
        const QString where = u".network[%1]"_s.arg(i);
        routes4 += card.gateway4.isEmpty() ? 0 : 1;
        routes6 += card.gateway6.isEmpty() ? 0 : 1;
        for (const auto &[key, gateway] :
            {std::pair(u".gateway4"_s, card.gateway4), std::pair(u".gateway6"_s, card.gateway6)}) {
            if (!gateway.isEmpty() && !isReachable(gateway, card.addresses)) {
                add(where + key, SeeddraftText::tr("The gateway is in none of the interface's networks."));
            }
        }
    }
    if (routes4 > 1 || routes6 > 1) {
        add(u".network"_s, SeeddraftText::tr("More than one interface has a gateway: only one of them will be used."));
    }
    const UserDataType type = userDataType(draft.userData);
    if (!draft.userData.isEmpty() && type == UserDataType::Unknown) {
        add(u".user_data"_s,
            SeeddraftText::tr("cloud-init ignores user-data that begins like this. It knows “#cloud-config”, “#!” and "
                              "some others."));
    } else if (type == UserDataType::CloudConfig) {
        const QStringList theirs = yaml::mappingKeys(draft.userData).value_or(QStringList());
        QStringList both;
        std::ranges::copy_if(cloudConfigOf(draft).keys(), std::back_inserter(both),
            [&theirs](const QString &key) { return theirs.contains(key); });
        if (!both.isEmpty() && !theirs.contains("merge_how"_L1) && !theirs.contains("merge_type"_L1)) {
            add(u".user_data"_s,
                SeeddraftText::tr("The user-data's own %1 takes the place of what is chosen here.")
                    .arg(u'“' + both.join(u"”, “"_s) + u'”'));
        }
    }
    return notes;
}

SeedDraft withMacs(SeedDraft draft, const QStringList &macs)
{
    for (qsizetype i = 0; i < std::min(draft.network.size(), macs.size()); ++i) {
        if (draft.network.at(i).mac.isEmpty()) {
            draft.network[i].mac = macs.at(i).toLower();
        }
    }
    return draft;
}

QString hostnameFrom(const QString &vmName)
{
    static const QRegularExpression others(u"[^a-z0-9]+"_s);
    QString name = vmName.normalized(QString::NormalizationForm_KD).toLower();
    static const QRegularExpression marks(u"\\p{M}+"_s);
    name.remove(marks).replace(others, u"-"_s);
    name = name.left(63 + (name.startsWith(u'-') ? 1 : 0));
    while (name.startsWith(u'-')) {
        name.remove(0, 1);
    }
    while (name.endsWith(u'-')) {
        name.chop(1);
    }
    return name.isEmpty() ? u"vm"_s : name;
}

} // namespace vireo::seed
