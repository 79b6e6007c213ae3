// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/migrate/migratefacts.h"

#include <algorithm>
#include <array>
#include <functional>

#include <QCoreApplication>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/migrate/migratelayout_p.h"
#include "backend/operation/recordedformats.h"
#include "backend/virt/blockjobs.h"
#include "backend/virt/connectionuri.h"
#include "backend/virt/domains.h"
#include "backend/virt/hostlists.h"
#include "backend/virt/savedstate.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct MigratefactsText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratefacts)
};

using virt::migration::Figures;

QString hostUuidOf(const QString &capabilities)
{
    const auto document = xml::Document::parse(capabilities);
    return document ? document->root().find(u"host/uuid"_s).text().trimmed() : QString();
}

QString jobText(Figures::Operation operation)
{
    switch (operation) {
    case Figures::Operation::MigrationOut:
        return MigratefactsText::tr("It is being migrated to another host.");
    case Figures::Operation::MigrationIn:
        return MigratefactsText::tr("It is on its way from another host.");
    case Figures::Operation::Unknown:
    case Figures::Operation::Other:
        break;
    }
    return MigratefactsText::tr("It is being saved, or a snapshot of it is taken.");
}

void readJob(virt::Connection &connection, const QUuid &domain, MigrateSource &source)
{
    const auto figures = virt::migration::figures(connection, domain);
    if (figures && (figures->type == Figures::Type::Bounded || figures->type == Figures::Type::Unbounded)) {
        source.hasJob = true;
        source.jobText = jobText(figures->operation);
    } else if (source.liveXml.contains("<mirror"_L1)) {
        source.hasJob = true;
        source.jobText = MigratefactsText::tr("A block job works on one of its disks.");
    }
}

/** What libvirt says that it would not do; nothing, where it can't be asked. */
QString readRefusal(virt::Connection &connection, const QUuid &domain, const MigrateSource &source)
{
    if (!source.disks.snapshots.isEmpty() || source.hasJob) {
        return {}; // the first thing that it would name is taken care of
    }
    virt::migration::Options options;
    options.offline = !source.domain.isActive();
    options.live = !options.offline;
    options.unsafe = !options.offline; // storage is looked at by ourselves
    options.abortOnError = !options.offline;
    options.persistent = source.domain.persistent;
    options.undefineSource = source.domain.persistent;
    return virt::migration::refusal(connection, domain, options).value_or(QString());
}

/** What a driver does not have is empty. */
template<typename T>
Result<> take(Result<T> read, T &into)
{
    if (read) {
        into = *std::move(read);
        return {};
    }
    return read.error().kind == Error::Kind::Unsupported ? Result<>() : fail(read.error());
}

} // namespace

Result<MigrateSource> readMigrateSource(virt::Connection &connection, const QUuid &domain, const std::stop_token &stop)
{
    MigrateSource source;
    const auto record = virt::domains::read(connection, domain);
    if (!record) {
        return fail(record.error());
    }
    source.domain = *record;
    if (const Result<> host = take(virt::hostcalls::info(connection), source.host); !host) {
        return fail(host.error());
    }
    const auto capabilities = virt::hostcalls::capabilities(connection);
    source.hostUuid = capabilities ? hostUuidOf(*capabilities) : QString();
    const auto disks = snapshot::readFacts(connection, domain);
    if (!disks) {
        return fail(disks.error());
    }
    source.disks = *disks;
    completeFormats(connection, source.disks);
    for (const snapshot::DiskNow &disk : std::as_const(source.disks.disks)) {
        // libvirt's storage would guess the format of what a guest wrote.
        if (const auto capacity =
                disk.chain.isEmpty() ? Result<quint64>(0) : virt::blockjobs::capacity(connection, domain, disk.target);
            capacity && *capacity > 0) {
            source.capacities.insert(disk.target, *capacity);
        }
    }
    source.storedXml = disks->storedXml;
    if (record->managedSave) {
        source.savedXml = virt::savedstate::managedDefinition(connection, domain, false).value_or(QString());
    }
    // What may be changed for a migration is less than what libvirt shows of a running domain.
    const auto migratable =
        record->isActive() ? virt::migration::migratableXml(connection, domain) : Result<QString>(disks->xml);
    source.liveXml = migratable ? withoutSecrets(*migratable) : disks->xml;
    if (stop.stop_requested()) {
        return fail(Error::cancelled());
    }
    const auto document = xml::Document::parse(source.liveXml);
    source.cpuXml = document ? document->root().child(u"cpu"_s).toXml() : QString();
    const QList<MigrateDisk> all = migrateDisks(source.liveXml);
    for (const MigrateDisk &disk : all) {
        const snapshot::DiskNow *now = source.disks.disk(disk.target);
        const QString path = now && !now->chain.isEmpty() ? now->chain.constFirst().path : disk.path;
        if (disk.isMedium() && !path.isEmpty()) {
            source.mediaSources.insert(disk.target, path);
        }
    }
    source.token = QUuid::createUuid().toString(QUuid::Id128).left(12);
    if (const Result<> pools = take(virt::storage::pools(connection), source.pools); !pools) {
        return fail(pools.error());
    }
    readJob(connection, domain, source);
    if (source.domain.isActive()) {
        const auto stats = virt::domains::stats(connection).value_or(QList<virt::DomainStats>());
        const auto own = std::ranges::find(stats, domain, &virt::DomainStats::uuid);
        source.residentMemory = own == stats.cend() ? 0 : own->usedMemoryKiB * 1024;
    }
    if (stop.stop_requested()) {
        return fail(Error::cancelled());
    }
    source.refusal = readRefusal(connection, domain, source);
    return source;
}

Result<MigrateDestination> readMigrateDestination(virt::Connection &connection, const std::stop_token &stop)
{
    MigrateDestination destination;
    const auto capabilities = virt::hostcalls::capabilities(connection);
    if (!capabilities) {
        return fail(capabilities.error());
    }
    destination.hostUuid = hostUuidOf(*capabilities);
    destination.capabilities = xml::readCapabilities(*capabilities).value_or(xml::Capabilities());
    QStringList devices;
    const std::array reads{
        std::function([&] { return take(virt::hostcalls::info(connection), destination.host); }),
        std::function([&] { return take(virt::domains::list(connection), destination.domains); }),
        std::function([&] { return take(virt::hostcalls::networks(connection), destination.networks); }),
        std::function([&] { return take(virt::hostlists::networkDevices(connection), destination.bridges); }),
        std::function([&] { return take(virt::hostlists::bridges(connection), devices); }),
        std::function([&] { return take(virt::hostlists::networkFilters(connection), destination.filters); }),
        std::function([&] { return take(virt::hostlists::secrets(connection), destination.secrets); }),
        std::function([&] { return take(virt::storage::pools(connection), destination.pools); }),
        std::function([&] { return take(virt::hostlists::nodeDevices(connection), destination.nodeDevices); }),
    };
    for (const auto &read : reads) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (const Result<> done = read(); !done && done.error().kind == Error::Kind::Disconnected) {
            return fail(done.error());
        }
    }
    for (const QString &bridge : std::as_const(devices)) {
        if (!destination.bridges.contains(bridge)) {
            destination.bridges.append(bridge);
        }
    }
    return destination;
}

Result<QList<migration::DirtySample>> measureDirtyRate(
    virt::Connection &connection, const QUuid &domain, const std::stop_token &stop)
{
    QList<migration::DirtySample> samples;
    for (const int seconds : {1, 1, 1, 1, 1, 10}) {
        if (stop.stop_requested()) {
            break;
        }
        const auto rate = virt::migration::dirtyRate(connection, domain, seconds, stop);
        if (rate) {
            samples.append({seconds, *rate});
        } else if (rate.error().kind == Error::Kind::Cancelled) {
            break;
        } else {
            return samples.isEmpty() ? Result<QList<migration::DirtySample>>(fail(rate.error())) : samples;
        }
    }
    return samples;
}

QString derivedDestinationUri(const QString &sourceUri, const QString &destinationUri, const QString &hostName)
{
    const auto source = virt::ConnectionUri::parse(sourceUri);
    const auto destination = virt::ConnectionUri::parse(destinationUri);
    if (!source || !destination) {
        return {};
    }
    const auto isHere = [](const virt::ConnectionUri &uri) {
        return uri.host.isEmpty() || uri.host == "localhost"_L1 || uri.host == "::1"_L1
            || uri.host.startsWith("127."_L1);
    };
    if (isHere(*source) && isHere(*destination)) {
        return destinationUri; // two daemons of one computer
    }
    virt::ConnectionUri uri;
    uri.driver = destination->driver;
    uri.path = destination->path;
    uri.host = isHere(*destination) ? hostName : destination->host;
    if (uri.host.isEmpty()) {
        return {};
    }
    if (!isHere(*destination)) {
        uri.transport = destination->transport;
        uri.user = destination->user;
        uri.port = destination->port;
    }
    if (uri.transport == "unix"_L1 || uri.transport == "ext"_L1) {
        uri.transport.clear();
    } else if (uri.transport == "libssh"_L1 || uri.transport == "libssh2"_L1) {
        uri.transport = u"ssh"_s; // the daemon may be built without them
    }
    // Parameters are paths and choices of this computer.
    return uri.toString();
}

} // namespace vireo::operation
