// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/seed/seedimage.h"

#include <archive.h>
#include <archive_entry.h>
#include <memory>

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

#include "backend/seed/address.h"
#include "backend/seed/isotimes.h"
#include "backend/seed/sshkeys.h"
#include "backend/seed/userdata.h"
#include "backend/seed/yaml.h"

using namespace Qt::StringLiterals;

namespace vireo::seed {

namespace {

struct SeedimageText {
    Q_DECLARE_TR_FUNCTIONS(seed_image)
};

using Kind = SeedDraft::Kind;
using Interface = SeedDraft::Interface;

QStringList keyLines(const SeedDraft &draft)
{
    QStringList lines;
    for (const QString &key : draft.sshKeys) {
        if (const auto parsed = parsePublicKey(key)) {
            lines << parsed->line();
        }
    }
    return lines;
}

QJsonObject metaOf(const SeedDraft &draft)
{
    QJsonObject meta;
    for (auto it = draft.metadata.begin(); it != draft.metadata.end(); ++it) {
        meta.insert(it.key(), it.value());
    }
    return meta;
}

// NoCloud

QJsonObject noCloudMetaData(const SeedDraft &draft, const QString &instanceId)
{
    QJsonObject data{{u"instance-id"_s, instanceId}};
    if (!draft.hostname.isEmpty()) {
        data.insert(u"local-hostname"_s, draft.hostname);
    }
    if (!draft.sshKeys.isEmpty()) {
        data.insert(u"public-keys"_s, QJsonArray::fromStringList(keyLines(draft)));
    }
    if (!draft.metadata.isEmpty()) {
        data.insert(u"meta"_s, metaOf(draft));
    }
    return data;
}

QJsonObject ethernet(const Interface &card)
{
    QJsonObject object{{u"dhcp4"_s, card.dhcp4}, {u"dhcp6"_s, card.dhcp6}};
    if (!card.mac.isEmpty()) {
        object.insert(u"match"_s, QJsonObject{{u"macaddress"_s, card.mac}});
        if (!card.name.isEmpty()) {
            object.insert(u"set-name"_s, card.name);
        }
    }
    if (!card.addresses.isEmpty()) {
        object.insert(u"addresses"_s, QJsonArray::fromStringList(card.addresses));
    }
    // Not "routes", though netplan likes them better: cloud-init makes "::/0" a route to ::/64 where it writes for
    // ifupdown or networkd, and stops at "default" (22.4).
    if (!card.gateway4.isEmpty()) {
        object.insert(u"gateway4"_s, card.gateway4);
    }
    if (!card.gateway6.isEmpty()) {
        object.insert(u"gateway6"_s, card.gateway6);
    }
    QJsonObject servers;
    if (!card.dns.isEmpty()) {
        servers.insert(u"addresses"_s, QJsonArray::fromStringList(card.dns));
    }
    if (!card.search.isEmpty()) {
        servers.insert(u"search"_s, QJsonArray::fromStringList(card.search));
    }
    if (!servers.isEmpty()) {
        object.insert(u"nameservers"_s, servers);
    }
    return object;
}

/** cloud-init's network configuration, version 2. */
QJsonObject networkConfig(const SeedDraft &draft)
{
    QJsonObject ethernets;
    for (qsizetype i = 0; i < draft.network.size(); ++i) {
        const Interface &card = draft.network.at(i);
        // Only a label where the card is found by its MAC address; else it is the name itself.
        ethernets.insert(card.mac.isEmpty() ? card.name : u"card%1"_s.arg(i), ethernet(card));
    }
    return {{u"version"_s, 2}, {u"ethernets"_s, ethernets}};
}

Result<SeedFiles> noCloud(const SeedDraft &draft, const QString &instanceId)
{
    SeedFiles seed{u"cidata"_s, {}};
    QList<std::pair<QString, QJsonObject>> documents{{u"meta-data"_s, noCloudMetaData(draft, instanceId)}};
    if (!draft.network.isEmpty()) {
        documents.append({u"network-config"_s, networkConfig(draft)});
    }
    for (const auto &[name, content] : documents) {
        const auto written = yaml::write(content);
        if (!written) {
            return fail(written.error());
        }
        seed.files.insert(name, *written);
    }
    return seed;
}

// OpenStack

QByteArray metaDataJson(const SeedDraft &draft, const QString &instanceId)
{
    QJsonObject data{{u"uuid"_s, instanceId}, {u"launch_index"_s, 0}, {u"meta"_s, metaOf(draft)}};
    if (!draft.hostname.isEmpty()) {
        data.insert(u"hostname"_s, draft.hostname);
        data.insert(u"name"_s, draft.hostname.section(u'.', 0, 0));
    }
    QJsonObject keys;
    const QStringList lines = keyLines(draft);
    for (qsizetype i = 0; i < lines.size(); ++i) {
        keys.insert(u"key-%1"_s.arg(i, 3, 10, QChar(u'0')), lines.at(i));
    }
    if (!keys.isEmpty()) {
        data.insert(u"public_keys"_s, keys);
    }
    return QJsonDocument(data).toJson();
}

void addNetworks(QJsonArray &networks, const Interface &card, const QString &link)
{
    const auto add = [&](const QString &type, QJsonObject object) {
        object.insert(u"id"_s, u"network%1"_s.arg(networks.size()));
        object.insert(u"type"_s, type);
        object.insert(u"link"_s, link);
        if (!card.search.isEmpty()) {
            object.insert(u"dns_search"_s, QJsonArray::fromStringList(card.search));
        }
        networks.append(object);
    };
    if (card.dhcp4) {
        add(u"ipv4_dhcp"_s, {});
    }
    if (card.dhcp6) {
        add(u"ipv6_dhcp"_s, {});
    }
    bool routed4 = false;
    bool routed6 = false;
    for (const QString &text : card.addresses) {
        const auto network = Network::parse(text);
        if (!network) {
            continue;
        }
        const bool v6 = network->address.isV6;
        QJsonObject object{{u"ip_address"_s, network->address.toString()}, {u"netmask"_s, network->mask().toString()}};
        const QString gateway = v6 ? card.gateway6 : card.gateway4;
        bool &routed = v6 ? routed6 : routed4;
        if (!gateway.isEmpty() && !routed) {
            const QString any = v6 ? u"::"_s : u"0.0.0.0"_s;
            object.insert(u"routes"_s,
                QJsonArray{QJsonObject{{u"network"_s, any}, {u"netmask"_s, any}, {u"gateway"_s, gateway}}});
            routed = true;
        }
        add(v6 ? u"ipv6"_s : u"ipv4"_s, object);
    }
}

QByteArray networkDataJson(const SeedDraft &draft)
{
    QJsonArray links;
    QJsonArray networks;
    QStringList servers;
    for (qsizetype i = 0; i < draft.network.size(); ++i) {
        const Interface &card = draft.network.at(i);
        const QString id = u"nic%1"_s.arg(i);
        QJsonObject link{{u"id"_s, id}, {u"type"_s, u"phy"_s}, {u"ethernet_mac_address"_s, card.mac}};
        if (!card.name.isEmpty()) {
            link.insert(u"name"_s, card.name); // not of OpenStack's: cloud-init calls the card so
        }
        links.append(link);
        addNetworks(networks, card, id);
        servers += card.dns;
    }
    servers.removeDuplicates();
    QJsonArray services;
    for (const QString &server : servers) {
        services.append(QJsonObject{{u"type"_s, u"dns"_s}, {u"address"_s, server}});
    }
    return QJsonDocument(QJsonObject{{u"links"_s, links}, {u"networks"_s, networks}, {u"services"_s, services}})
        .toJson();
}

SeedFiles configDrive(const SeedDraft &draft, const QString &instanceId)
{
    SeedFiles seed{u"config-2"_s, {{u"openstack/latest/meta_data.json"_s, metaDataJson(draft, instanceId)}}};
    if (!draft.network.isEmpty()) {
        seed.files.insert(u"openstack/latest/network_data.json"_s, networkDataJson(draft));
    }
    return seed;
}

Result<> check(const SeedDraft &draft, const QString &instanceId)
{
    static const QRegularExpression idForm(u"\\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\\z"_s);
    if (!idForm.match(instanceId).hasMatch()) {
        return fail(Error::invalid(SeedimageText::tr("“%1” can't be an instance's identity.").arg(instanceId)));
    }
    const QList<Problem> problems = problemsOf(draft, u"seed"_s);
    if (!problems.isEmpty()) {
        return fail(Error::invalid(
            SeedimageText::tr("%1: %2", "JSON path: sentence").arg(problems.first().path, problems.first().message)));
    }
    for (qsizetype i = 0; i < draft.network.size(); ++i) {
        const Interface &card = draft.network.at(i);
        if (card.mac.isEmpty() && (card.name.isEmpty() || draft.kind == Kind::ConfigDrive)) {
            return fail(Error::invalid(
                SeedimageText::tr("The MAC address of network card %1 is needed to configure it.").arg(i + 1)));
        }
    }
    return {};
}

// ISO

struct FreeArchive {
    void operator()(archive *a) const { archive_write_free(a); }
};
struct FreeEntry {
    void operator()(archive_entry *e) const { archive_entry_free(e); }
};

/** An image that libarchive writes into memory. */
class IsoWriter final
{
    Q_DISABLE_COPY_MOVE(IsoWriter)

public:
    explicit IsoWriter(qint64 time)
        : m_archive(archive_write_new())
        , m_time(time)
    {}

    Result<QByteArray> write(const SeedFiles &seed)
    {
        // Padded with 300 KiB as every mkisofs does: busybox's findfs and mount LABEL= read 68 KiB at once, and see no
        // file system on a disc that is shorter.
        const QByteArray options = "volume-id=" + seed.volumeId.toLatin1() + ",joliet,rockridge=strict,pad";
        if (!m_archive || archive_write_set_format_iso9660(m_archive.get()) != ARCHIVE_OK
            || archive_write_set_options(m_archive.get(), options.constData()) != ARCHIVE_OK
            || archive_write_set_bytes_in_last_block(m_archive.get(), 1) != ARCHIVE_OK
            || archive_write_open(m_archive.get(), &m_out, nullptr, append, nullptr) != ARCHIVE_OK) {
            return fail(error());
        }
        QStringList directories;
        for (auto it = seed.files.begin(); it != seed.files.end(); ++it) {
            for (qsizetype slash = it.key().indexOf(u'/'); slash > 0; slash = it.key().indexOf(u'/', slash + 1)) {
                const QString directory = it.key().left(slash);
                if (!directories.contains(directory)) {
                    directories << directory;
                    if (!add(directory, {}, true)) {
                        return fail(error());
                    }
                }
            }
            if (!add(it.key(), it.value(), false)) {
                return fail(error());
            }
        }
        if (archive_write_close(m_archive.get()) != ARCHIVE_OK) {
            return fail(error());
        }
        if (!normaliseIso(m_out, m_time, seed.volumeId.toLatin1())) {
            return fail(Error::failed(SeedimageText::tr("The seed's CD-ROM image was not made as expected.")));
        }
        return m_out;
    }

private:
    static la_ssize_t append(archive *, void *out, const void *data, size_t size)
    {
        static_cast<QByteArray *>(out)->append(static_cast<const char *>(data), static_cast<qsizetype>(size));
        return static_cast<la_ssize_t>(size);
    }

    bool add(const QString &path, const QByteArray &content, bool isDirectory)
    {
        constexpr int directoryMode = 0500; // there are password hashes in it
        constexpr int fileMode = 0400;
        const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
        archive_entry_set_pathname(entry.get(), path.toLatin1().constData());
        archive_entry_set_filetype(entry.get(), isDirectory ? AE_IFDIR : AE_IFREG);
        archive_entry_set_perm(entry.get(), isDirectory ? directoryMode : fileMode);
        archive_entry_set_size(entry.get(), content.size());
        archive_entry_set_mtime(entry.get(), m_time, 0);
        return archive_write_header(m_archive.get(), entry.get()) == ARCHIVE_OK
            && (content.isEmpty()
                || archive_write_data(m_archive.get(), content.constData(), static_cast<size_t>(content.size()))
                    == content.size());
    }

    Error error() const
    {
        const char *why = m_archive ? archive_error_string(m_archive.get()) : nullptr;
        return Error::failed(SeedimageText::tr("Can't make the seed's CD-ROM image: %1")
                .arg(why ? QString::fromLocal8Bit(why) : SeedimageText::tr("unknown reason")));
    }

    const std::unique_ptr<archive, FreeArchive> m_archive;
    const qint64 m_time;
    QByteArray m_out;
};

} // namespace

Result<SeedFiles> seedFiles(const SeedDraft &draft, const QString &instanceId)
{
    if (const Result<> fine = check(draft, instanceId); !fine) {
        return fail(fine.error());
    }
    const bool isConfigDrive = draft.kind == Kind::ConfigDrive;
    auto seed = isConfigDrive ? configDrive(draft, instanceId) : noCloud(draft, instanceId);
    const auto userData = userDataOf(draft);
    if (!seed || !userData) {
        return fail(seed ? userData.error() : seed.error());
    }
    seed->files.insert(isConfigDrive ? u"openstack/latest/user_data"_s : u"user-data"_s, *userData);
    return seed;
}

Result<QByteArray> makeIso(const SeedFiles &files, qint64 time)
{
    return IsoWriter(time).write(files);
}

} // namespace vireo::seed
