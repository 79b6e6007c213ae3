// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createseed.h"

#include <algorithm>

#include <QRegularExpression>

#include "backend/base/courier.h"
#include "backend/base/lane.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using seed::SeedDraft;

namespace {

constexpr auto Root = "$.seed"_L1;

QStringList words(const QString &text)
{
    static const QRegularExpression separator(u"[\\s,;]+"_s);
    return text.split(separator, Qt::SkipEmptyParts);
}

/** Beginnings of the JSON paths of what a field is about. */
QStringList pathsOf(CreateSeed::Part part)
{
    using Part = CreateSeed::Part;
    switch (part) {
    case Part::Hostname:
        return {u".hostname"_s};
    case Part::User:
        return {u".users[0].name"_s};
    case Part::Password:
        return {u".users[0].password"_s, u".users[0].lock"_s};
    case Part::Keys:
        return {u".ssh_keys"_s, u".users[0].ssh_keys"_s};
    case Part::Packages:
        return {u".package"_s};
    case Part::Network:
        return {u".network"_s};
    case Part::Timezone:
        return {u".timezone"_s};
    case Part::UserData:
        return {u".user_data"_s};
    case Part::Metadata:
        return {u".metadata"_s};
    }
    return {};
}

} // namespace

CreateSeed::CreateSeed(const CreateServices &services, QObject *parent)
    : QObject(parent)
    , m_services(services)
    , m_courier(std::make_shared<Courier>(this))
{}

CreateSeed::~CreateSeed()
{
    forgetPassword();
    m_courier->close();
    if (m_lane) {
        m_lane->abandon();
    }
}

void CreateSeed::setEnabled(bool enabled)
{
    if (m_enabled == enabled) {
        return;
    }
    m_enabled = enabled;
    if (enabled && !m_keysAsked) {
        readKeys();
    }
    Q_EMIT changed();
}

void CreateSeed::readKeys()
{
    m_keysAsked = true;
    m_lane = std::make_unique<Lane>(u"newvm-keys"_s, Lane::Kind::Computing);
    m_lane->post([this, courier = m_courier, read = m_services.publicKeys] {
        const Result<QList<seed::PublicKey>> found = read();
        courier->post([this, found] {
            if (!found) {
                m_keysProblem = found.error().message;
            }
            const QList<seed::PublicKey> list = found.value_or(QList<seed::PublicKey>());
            for (const seed::PublicKey &key : list) {
                const auto known = std::ranges::find(m_keys, key.blob, [](const Key &each) { return each.key.blob; });
                if (known == m_keys.end()) {
                    // The first one is the one that the user's ssh offers first.
                    m_keys.append({key, m_keys.isEmpty()});
                } else {
                    known->key = key; // now it is known where it comes from
                }
            }
            Q_EMIT changed();
        });
    });
}

void CreateSeed::setVmName(const QString &name, int count)
{
    if (m_vmName != name || m_count != count) {
        m_vmName = name;
        m_count = count;
        Q_EMIT changed();
    }
}

void CreateSeed::change(const std::function<void(Fields &)> &edit)
{
    Fields fields = m_fields;
    edit(fields);
    if (!(fields == m_fields)) {
        m_fields = fields;
        Q_EMIT changed();
    }
}

void CreateSeed::setDraft(const SeedDraft &draft)
{
    Fields fields;
    fields.kind = draft.kind;
    fields.hostname = draft.hostname;
    fields.packages = draft.packages.join(u' ');
    fields.packageUpdate = draft.packageUpdate;
    fields.timezone = draft.timezone;
    fields.userData = QString::fromUtf8(draft.userData);
    QStringList lines;
    for (auto it = draft.metadata.cbegin(); it != draft.metadata.cend(); ++it) {
        lines << it.key() + u'=' + it.value();
    }
    fields.metadata = lines.join(u'\n');
    QStringList keyLines = draft.sshKeys;
    forgetPassword();
    m_hash.clear();
    if (!draft.users.isEmpty()) {
        const SeedDraft::User &user = draft.users.constFirst();
        fields.user = user.name;
        fields.sudo = user.sudo;
        keyLines += user.sshKeys;
        m_hash = user.passwordHash;
    }
    if (!draft.network.isEmpty()) {
        const SeedDraft::Interface &card = draft.network.constFirst();
        fields.network = card.addresses.isEmpty() ? Network::Dhcp : Network::Static;
        for (const QString &address : card.addresses) {
            (address.contains(u':') ? fields.address6 : fields.address4) = address;
        }
        fields.gateway4 = card.gateway4;
        fields.gateway6 = card.gateway6;
        fields.dns = card.dns.join(u' ');
    }
    m_fields = fields;
    m_keys.clear();
    for (const QString &line : std::as_const(keyLines)) {
        if (const auto key = seed::parsePublicKey(line)) {
            m_keys.append({*key, true});
        }
    }
    m_enabled = true;
    readKeys();
    Q_EMIT changed();
}

void CreateSeed::chooseKey(qsizetype row, bool chosen)
{
    if (row >= 0 && row < m_keys.size() && m_keys.at(row).chosen != chosen) {
        m_keys[row].chosen = chosen;
        Q_EMIT changed();
    }
}

Result<> CreateSeed::addKey(const QString &line)
{
    const auto key = seed::parsePublicKey(line.trimmed());
    if (!key) {
        return fail(key.error());
    }
    const auto known = std::ranges::find(m_keys, key->blob, [](const Key &each) { return each.key.blob; });
    if (known == m_keys.end()) {
        m_keys.append({*key, true});
    } else {
        known->chosen = true;
    }
    Q_EMIT changed();
    return {};
}

void CreateSeed::setPassword(const QString &plain)
{
    forgetPassword();
    m_hash.clear();
    m_password = plain.toUtf8();
    Q_EMIT changed();
}

QByteArray CreateSeed::passwordCopy() const
{
    return QByteArray(m_password.constData(), m_password.size());
}

void CreateSeed::setHash(const QString &hash)
{
    forgetPassword();
    m_hash = hash;
    Q_EMIT changed();
}

void CreateSeed::forgetPassword()
{
    m_password.fill('\0');
    m_password.clear();
}

QString CreateSeed::hostname() const
{
    return m_fields.hostname.trimmed().isEmpty() ? seed::hostnameFrom(m_vmName) : m_fields.hostname.trimmed();
}

SeedDraft CreateSeed::draft() const
{
    SeedDraft draft;
    draft.kind = m_fields.kind;
    draft.hostname = hostname();
    QStringList lines;
    for (const Key &key : m_keys) {
        if (key.chosen) {
            lines << key.key.line();
        }
    }
    if (m_fields.user.trimmed().isEmpty()) {
        draft.sshKeys = lines;
    } else {
        SeedDraft::User user;
        user.name = m_fields.user.trimmed();
        user.passwordHash = m_hash;
        user.sshKeys = lines;
        user.sudo = m_fields.sudo;
        draft.users.append(user);
    }
    draft.packages = words(m_fields.packages);
    draft.packageUpdate = m_fields.packageUpdate;
    if (m_fields.network != Network::Guest) {
        SeedDraft::Interface card;
        card.dhcp4 = m_fields.network == Network::Dhcp;
        card.dhcp6 = card.dhcp4;
        if (m_fields.network == Network::Static) {
            for (const QString &address : {m_fields.address4.trimmed(), m_fields.address6.trimmed()}) {
                if (!address.isEmpty()) {
                    card.addresses << address;
                }
            }
            card.gateway4 = m_fields.gateway4.trimmed();
            card.gateway6 = m_fields.gateway6.trimmed();
            card.dns = words(m_fields.dns);
        }
        draft.network.append(card);
    }
    draft.timezone = m_fields.timezone.trimmed();
    draft.userData = m_fields.userData.toUtf8();
    const QStringList pairs = m_fields.metadata.split(u'\n', Qt::SkipEmptyParts);
    for (const QString &pair : pairs) {
        if (const qsizetype equals = pair.indexOf(u'='); equals > 0) {
            draft.metadata.insert(pair.left(equals).trimmed(), pair.mid(equals + 1).trimmed());
        }
    }
    return draft;
}

QString CreateSeed::messageOf(const QList<seed::Problem> &problems, Part part) const
{
    const QStringList paths = pathsOf(part);
    for (const seed::Problem &problem : problems) {
        const QString path = problem.path.mid(Root.size());
        if (std::ranges::any_of(paths, [&](const QString &prefix) { return path.startsWith(prefix); })) {
            return problem.message;
        }
    }
    return {};
}

QString CreateSeed::problem(Part part) const
{
    if (!m_enabled) {
        return {};
    }
    if (part == Part::Password && (hasPlainPassword() || hasHash()) && m_fields.user.trimmed().isEmpty()) {
        return tr("Give the user whose password this is.");
    }
    if (part == Part::Network && m_fields.network == Network::Static && m_count > 1) {
        return tr("One address can't be given to %n VMs: choose DHCP.", nullptr, m_count);
    }
    if (part == Part::Metadata) {
        const QStringList lines = m_fields.metadata.split(u'\n', Qt::SkipEmptyParts);
        const auto isPair = [](const QString &line) {
            return line.trimmed().isEmpty() || line.trimmed().indexOf(u'=') > 0;
        };
        if (const auto odd = std::ranges::find_if_not(lines, isPair); odd != lines.end()) {
            return tr("“%1” is no “key=value”.").arg(odd->left(40));
        }
    }
    return messageOf(seed::problemsOf(draft(), Root), part);
}

QString CreateSeed::hint(Part part) const
{
    if (!m_enabled) {
        return {};
    }
    if (part == Part::Hostname && m_fields.hostname.trimmed().isEmpty()) {
        return m_count > 1 ? tr("Each VM is called by its own name.") : tr("From the VM's name: %1").arg(hostname());
    }
    if (part == Part::Password && hasHash()) {
        return tr("Set; only its hash is kept. Type another one to replace it.");
    }
    SeedDraft checked = draft();
    // A password that is typed and not hashed yet counts as one: nobody is warned of what will not be.
    if (hasPlainPassword() && !checked.users.isEmpty()) {
        checked.users.first().passwordHash = u"$6$pending$pending"_s;
    }
    const QList<seed::Problem> notes = seed::notesOf(checked, Root);
    if (const QString text = messageOf(notes, part); !text.isEmpty()) {
        return text;
    }
    if (part == Part::Keys) {
        // What is about the seed as a whole, for example that nobody can log in, stands at the keys.
        for (const seed::Problem &note : notes) {
            if (note.path == Root || note.path == u"$.seed.users"_s || note.path == u"$.seed.users[0]"_s) {
                return note.message;
            }
        }
        return m_keysProblem;
    }
    return {};
}

QString CreateSeed::firstProblem() const
{
    for (const Part part : {Part::Hostname, Part::User, Part::Password, Part::Keys, Part::Packages, Part::Network,
             Part::Timezone, Part::UserData, Part::Metadata}) {
        if (const QString text = problem(part); !text.isEmpty()) {
            return text;
        }
    }
    return {};
}

} // namespace vireo::ui
