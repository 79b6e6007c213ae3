// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/vocabulary.h"

#include "backend/virt/domains.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/hostlists.h"
#include "backend/virt/storage.h"
#include "backend/xml/capabilities.h"
#include "backend/xml/document.h"
#include "backend/xml/domaindevices.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

/** What a domain's definition says about the machine that runs it. */
struct Board {
    QString virtType;
    QString osType;
    QString arch;
    QString machine;
    QString emulator;
};

Board boardOf(const QString &domainXml)
{
    Board board;
    if (const auto document = domainXml.isEmpty() ? fail(Error{}) : xml::Document::parse(domainXml)) {
        const xml::Element root = document->root();
        const xml::Element type = root.find(u"os/type"_s);
        board = {root.attribute(u"type"_s), type.text().trimmed(), type.attribute(u"arch"_s),
            type.attribute(u"machine"_s), root.find(u"devices/emulator"_s).text().trimmed()};
    }
    return board;
}

/** Nothing where the driver has no such objects; a broken connection ends it all. */
template<typename T>
Result<T> orNothing(Result<T> result)
{
    if (!result && result.error().kind != Error::Kind::Disconnected) {
        return T();
    }
    return result;
}

/** For the board as it is; else for what the host would choose: something is better than nothing. */
xml::DomainCapabilities capabilitiesFor(virt::Connection &connection, const Board &board)
{
    using virt::hostcalls::domainCapabilities;
    Result<QString> text = domainCapabilities(connection, board.arch, board.machine, board.virtType, board.emulator);
    if (!text && !board.emulator.isEmpty()) {
        text = domainCapabilities(connection, board.arch, board.machine, board.virtType);
    }
    if (!text && !board.machine.isEmpty()) {
        text = domainCapabilities(connection, board.arch, {}, board.virtType);
    }
    const auto capabilities = text ? xml::readDomainCapabilities(*text) : fail(text.error());
    return capabilities.value_or(xml::DomainCapabilities());
}

QStringList machinesFor(virt::Connection &connection, const Board &board)
{
    const auto text = virt::hostcalls::capabilities(connection);
    const auto capabilities = text ? xml::readCapabilities(*text) : fail(text.error());
    if (!capabilities) {
        return {};
    }
    const QString arch = board.arch.isEmpty() ? capabilities->hostArch : board.arch;
    const xml::GuestKind *guest = capabilities->guest(board.osType.isEmpty() ? u"hvm"_s : board.osType, arch);
    if (!guest || guest->domains.isEmpty()) {
        return {};
    }
    const xml::GuestDomain *domain = guest->domain(board.virtType);
    QStringList names;
    for (const xml::MachineType &machine : (domain ? *domain : guest->domains.constFirst()).machines) {
        names << machine.name << machine.canonical;
    }
    names.removeAll(QString());
    names.sort();
    names.removeDuplicates();
    return names;
}

/** Devices that libvirt and QEMU make for guests are nothing to hang another guest on. */
bool isOfGuest(const QString &device)
{
    return device == "lo"_L1 || device.startsWith("vnet"_L1) || device.startsWith("macvtap"_L1)
        || device.startsWith("tap"_L1) || device.endsWith("-nic"_L1);
}

Result<> readNetworks(virt::Connection &connection, xml::HostVocabulary &vocabulary)
{
    const auto networks = orNothing(virt::hostcalls::networks(connection));
    if (!networks) {
        return fail(networks.error());
    }
    for (const virt::hostcalls::Network &network : *networks) {
        vocabulary.networks.append(network.name);
        if (!network.bridge.isEmpty()) {
            vocabulary.bridges.append(network.bridge);
        }
    }
    const auto bridges = orNothing(virt::hostlists::bridges(connection));
    const auto devices = orNothing(virt::hostlists::networkDevices(connection));
    const auto filters = orNothing(virt::hostlists::networkFilters(connection));
    for (const Result<QStringList> *each : {&bridges, &devices, &filters}) {
        if (!*each) {
            return fail(each->error());
        }
    }
    vocabulary.bridges += *bridges;
    for (const QString &device : *devices) {
        if (!isOfGuest(device) && !vocabulary.bridges.contains(device)) {
            vocabulary.interfaces.append(device);
        }
    }
    vocabulary.filters = *filters;
    for (QStringList *list : {&vocabulary.networks, &vocabulary.bridges, &vocabulary.interfaces}) {
        list->sort();
        list->removeDuplicates();
    }
    return {};
}

Result<> readVolumes(virt::Connection &connection, xml::devices::HostFacts &facts)
{
    const auto pools = orNothing(virt::storage::pools(connection));
    if (!pools) {
        return fail(pools.error());
    }
    for (const virt::storage::Pool &pool : *pools) {
        facts.vocabulary.pools.append(pool.name);
        if (!pool.active) {
            continue;
        }
        const auto volumes = orNothing(virt::storage::volumes(connection, pool.name));
        if (!volumes) {
            return fail(volumes.error());
        }
        QStringList names;
        for (const virt::storage::Volume &volume : *volumes) {
            names.append(volume.name);
            facts.volumes.append({pool.name, volume.name, volume.path, volume.format, volume.capacity});
        }
        names.sort();
        facts.vocabulary.volumes.insert(pool.name, names);
    }
    facts.vocabulary.pools.sort();
    return {};
}

} // namespace

Result<xml::devices::HostFacts> readHostFacts(virt::Connection &connection, const QString &domainXml)
{
    xml::devices::HostFacts facts;
    const Board board = boardOf(domainXml);
    const auto info = virt::hostcalls::info(connection);
    if (!info) {
        return fail(info.error());
    }
    facts.hostCpus = info->cpus;
    facts.hostMemoryKiB = info->memoryKiB;
    facts.vocabulary.capabilities = capabilitiesFor(connection, board);
    facts.vocabulary.machines = machinesFor(connection, board);
    for (const auto &read : {readNetworks(connection, facts.vocabulary), readVolumes(connection, facts)}) {
        if (!read) {
            return fail(read.error());
        }
    }
    const auto devices = orNothing(virt::hostlists::nodeDevices(connection));
    const auto secrets = orNothing(virt::hostlists::secrets(connection));
    if (!devices || !secrets) {
        return fail(devices ? secrets.error() : devices.error());
    }
    facts.vocabulary.nodeDevices = *devices;
    facts.vocabulary.secrets = *secrets;
    return facts;
}

Result<xml::HostVocabulary> readVocabulary(virt::Connection &connection, const QString &domainXml)
{
    auto facts = readHostFacts(connection, domainXml);
    if (!facts) {
        return fail(facts.error());
    }
    return std::move(facts->vocabulary);
}

Result<Neighbours> readNeighbours(virt::Connection &connection, const QUuid &except)
{
    const auto domains = virt::domains::list(connection);
    if (!domains) {
        return fail(domains.error());
    }
    Neighbours neighbours;
    for (const virt::DomainRecord &domain : *domains) {
        if (domain.uuid == except) {
            continue;
        }
        const auto kind = domain.persistent ? virt::domains::XmlKind::Inactive : virt::domains::XmlKind::Live;
        const auto text = virt::domains::xml(connection, domain.uuid, kind);
        const auto devices = text ? xml::readDevices(*text) : fail(text.error());
        if (!devices) {
            continue; // gone meanwhile
        }
        for (const xml::DiskDevice &disk : devices->disks) {
            QStringList &users = neighbours.diskUsers[disk.source];
            if (!disk.source.isEmpty() && !users.contains(domain.name)) {
                users.append(domain.name);
            }
        }
        for (const xml::NicDevice &nic : devices->nics) {
            if (!nic.mac.isEmpty()) {
                neighbours.macs.append(nic.mac.toLower());
            }
        }
    }
    neighbours.diskUsers.remove({});
    return neighbours;
}

} // namespace vireo::operation
