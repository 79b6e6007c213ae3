// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>
#include <thread>
#include <tuple>

#include <QCoreApplication>

#include "backend/operation/migrate/migratedraft.h"
#include "backend/operation/migrate/migratepair_p.h"
#include "backend/operation/migrate/migrationmemory.h"
#include "backend/virt/connectionuri.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct MigratepairText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratepair)
};

/** What both connections have as the very same running VM is on one host. */
bool isOneDaemon(const virt::Connection &source, const virt::Connection &destination, const MigrateSource &vm,
    const MigrateDestination &there)
{
    if (source.uri() == destination.uri()) {
        return true;
    }
    const auto twin = std::ranges::find(there.domains, vm.domain.uuid, &virt::DomainRecord::uuid);
    return vm.hostUuid == there.hostUuid && twin != there.domains.end() && twin->name == vm.domain.name
        && twin->id == vm.domain.id;
}

/** The <cpu> that host-model stands for on a host; empty: not said. */
QString hostModelOf(const QString &domainCapabilities)
{
    const auto document = xml::Document::parse(domainCapabilities);
    if (!document) {
        return {};
    }
    const QList<xml::Element> modes = document->root().child(u"cpu"_s).children(u"mode"_s);
    for (const xml::Element &mode : modes) {
        if (mode.attribute(u"name"_s) == "host-model"_L1 && mode.child(u"model"_s)) {
            auto cpu = xml::Document::create(u"cpu"_s);
            xml::Element root = cpu.root();
            const QList<xml::Element> parts = mode.children();
            for (const xml::Element &part : parts) {
                root.appendCopy(part);
            }
            return root.toXml();
        }
    }
    return {};
}

void readMachine(virt::Connection &source, virt::Connection &destination, const MigrateSource &vm,
    const MigrateDraft &draft, MigratePair &pair)
{
    const auto document = xml::Document::parse(vm.liveXml);
    if (!document) {
        return;
    }
    const xml::Element root = document->root();
    const xml::Element type = root.find(u"os/type"_s);
    const QString arch = type.attribute(u"arch"_s);
    const QString machine = type.attribute(u"machine"_s);
    const QString virtType = root.attribute(u"type"_s);
    const QString emulator = root.find(u"devices/emulator"_s).text().trimmed();
    const QString emulatorThere = draft.map.paths.value(emulator, emulator);
    const auto there = virt::hostcalls::domainCapabilities(destination, arch, machine, virtType, emulatorThere);
    if (!there) {
        return;
    }
    pair.there = xml::readDomainCapabilities(*there).value_or(xml::DomainCapabilities());
    if (vm.cpuXml.isEmpty() || root.find(u"cpu"_s).attribute(u"mode"_s) == "host-passthrough"_L1) {
        return;
    }
    const auto compared = virt::migration::compareCpu(destination, emulatorThere, arch, machine, virtType, vm.cpuXml);
    pair.cpu = compared.value_or(virt::migration::CpuComparison());
    if (pair.cpu.verdict != virt::migration::CpuComparison::Verdict::Incompatible) {
        return;
    }
    const auto here = virt::hostcalls::domainCapabilities(source, arch, machine, virtType, emulator);
    const QStringList models{here ? hostModelOf(*here) : QString(), hostModelOf(*there)};
    if (!models.contains(QString())) {
        pair.cpuThatWorks = virt::migration::baselineCpu(destination, emulatorThere, arch, machine, virtType, models)
                                .value_or(QString());
    }
}

} // namespace

QString reachUri(const virt::Connection &source, const virt::Connection &destination, const MigrateDraft &draft,
    const MigrateSource &vm, const MigrateDestination &there)
{
    QString uri = draft.destinationUri;
    if (uri.isEmpty()) {
        uri = recallPair({}, vm.hostUuid, there.hostUuid).uri;
    }
    if (uri.isEmpty()) {
        uri = derivedDestinationUri(source.uri(), destination.uri(), there.host.hostname);
    }
    // The source's daemon may be root: it is not asked to run anything.
    const auto parsed = virt::ConnectionUri::parse(uri);
    return parsed && parsed->risks().isEmpty() ? uri : QString();
}

Result<MigratePair> readMigratePair(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination,
    const MigrateSource &now, const MigrateDestination &there, const MigrateDraft &draft, bool probeToo,
    const std::stop_token &stop)
{
    const MigrateSource vm = movesCold(draft) ? asShutOff(now) : now;
    MigratePair pair;
    pair.sameHost = isOneDaemon(*source, *destination, now, there);
    const MigrationMemory memory = recallPair({}, vm.hostUuid, there.hostUuid);
    pair.rememberedBandwidth = memory.bandwidth;
    pair.measured = memory.measured;
    pair.reach.uri = reachUri(*source, *destination, draft, vm, there);
    if (pair.sameHost) {
        return pair;
    }
    // Alone, so that nothing delays the answers.
    if (probeToo && !movesOffline(vm)) {
        compareClocks(*source, *destination, there, pair, stop);
    }
    // The probe waits for the hosts most of the time: the files are read beside it.
    MigratePair probed = pair;
    std::jthread prober;
    if (probeToo && draft.path != MigrateDraft::Path::ThisComputer && vm.host.hypervisor == "QEMU"_L1
        && there.host.hypervisor == "QEMU"_L1) {
        prober = std::jthread([&] { probe(source, destination, vm, draft, probed, stop); });
    }
    readMachine(*source, *destination, vm, draft, pair);
    const Result<> files = readFilesThere(source, destination, vm, there, draft, pair, stop);
    if (prober.joinable()) {
        prober.join();
    }
    pair.reach = probed.reach;
    pair.direct = probed.direct;
    if (!files || stop.stop_requested()) {
        return fail(files ? Error::cancelled() : files.error());
    }
    return pair;
}

Result<QList<job::Plan>> planMigrateDraft(virt::Connection &connection, const virt::HostId &host,
    const virt::DomainRecord &domain, const MigrateDraft &draft, const OtherHosts &others, const std::stop_token &stop)
{
    const auto refused = [](const QString &uri) {
        return fail(
            Error{Error::Kind::Unsupported, MigratepairText::tr("“%1” can't be opened here.").arg(uri), {}, 0, 0});
    };
    if (!others) {
        return refused(draft.to);
    }
    const auto opened = others(draft.to);
    // The readers share connections with threads of their own.
    const auto own = others(connection.uri());
    if (!opened || !own) {
        return fail(!opened ? opened.error() : own.error());
    }
    const auto &[destination, other] = *opened;
    auto source = readMigrateSource(connection, domain.uuid, stop);
    if (!source) {
        return fail(source.error());
    }
    auto there = readMigrateDestination(*other, stop);
    if (!there) {
        return fail(there.error());
    }
    auto pair = readMigratePair(own->second, other, *source, *there, draft, true, stop);
    if (!pair) {
        return fail(pair.error());
    }
    const MigrateFacts facts{*std::move(source), *std::move(there), *std::move(pair)};
    return QList{planMigrate(host, destination, facts, draft)};
}

} // namespace vireo::operation
