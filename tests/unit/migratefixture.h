// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migrate.h"

/** Facts of a VM that could be migrated at once, to be changed by tests. */
namespace vireo::migratefixture {

constexpr quint64 mebibyte = 1024ULL * 1024;
constexpr quint64 gibibyte = 1024 * mebibyte;

inline const virt::HostId hostA{QStringLiteral("aaaaaaaa-0000-4000-8000-000000000001")};
inline const virt::HostId hostB{QStringLiteral("bbbbbbbb-0000-4000-8000-000000000002")};
inline const QUuid vmUuid{QStringLiteral("11111111-2222-4333-8444-555555555555")};

inline QString domainXml(const QString &devices, const QString &more = {})
{
    return QStringLiteral("<domain type='kvm' id='3'><name>web01</name>"
                          "<uuid>11111111-2222-4333-8444-555555555555</uuid>"
                          "<memory unit='MiB'>2048</memory><vcpu>2</vcpu>"
                          "<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>%2"
                          "<devices><emulator>/usr/bin/qemu-system-x86_64</emulator>%1</devices></domain>")
        .arg(devices, more);
}

inline QString diskXml(const QString &target, const QString &path, const QString &format = QStringLiteral("qcow2"),
    const QString &more = {})
{
    return QStringLiteral("<disk type='file' device='disk'><driver name='qemu' type='%3'/><source file='%2'/>"
                          "<target dev='%1' bus='virtio'/>%4</disk>")
        .arg(target, path, format, more);
}

inline virt::storage::Pool pool(const QString &name, const QString &path, quint64 available = 100 * gibibyte)
{
    virt::storage::Pool result;
    result.name = name;
    result.type = QStringLiteral("dir");
    result.targetPath = path;
    result.active = true;
    result.capacity = 2 * available;
    result.available = available;
    return result;
}

inline virt::HostInfo host(const QString &name)
{
    virt::HostInfo info;
    info.uri = QStringLiteral("qemu+ssh://%1/system").arg(name);
    info.hostname = name;
    info.hypervisor = QStringLiteral("QEMU");
    info.hypervisorVersion = QStringLiteral("7.2.0");
    info.libvirtVersion = QStringLiteral("9.0.0");
    info.cpuModel = QStringLiteral("Skylake");
    info.arch = QStringLiteral("x86_64");
    info.cpus = 8;
    info.memoryKiB = 16 * gibibyte / 1024;
    info.freeMemoryKiB = 12 * gibibyte / 1024;
    return info;
}

/** A file of the source, in its pool "default" at /a. */
inline snapshot::FileFacts file(const QString &path, quint64 capacity = 10 * gibibyte, quint64 allocation = gibibyte)
{
    snapshot::FileFacts facts;
    facts.presence = snapshot::FileFacts::Presence::Present;
    facts.pool = QStringLiteral("default");
    facts.volume = path.mid(path.lastIndexOf(QLatin1Char('/')) + 1);
    facts.format = QStringLiteral("qcow2");
    facts.capacity = capacity;
    facts.allocation = allocation;
    return facts;
}

/** Another disk of the VM, in `chain`, topmost first. Its XML must be in the facts already. */
inline void addDisk(operation::MigrateFacts &facts, const QString &target, const snapshot::Chain &chain)
{
    snapshot::DiskNow disk;
    disk.target = target;
    disk.bus = QStringLiteral("virtio");
    disk.chain = chain;
    facts.source.disks.disks.append(disk);
    for (qsizetype i = 0; i < chain.size(); ++i) {
        snapshot::FileFacts described = file(chain.at(i).path);
        described.backingPath = i + 1 < chain.size() ? chain.at(i + 1).path : QString();
        facts.source.disks.files.insert(chain.at(i).path, described);
        facts.pair.files.insert(chain.at(i).path,
            {operation::FileThere::Sharing::Different, false, 0, 0, {}, operation::FileThere::Content::Unknown});
    }
}

inline void share(operation::MigrateFacts &facts, const QString &path)
{
    facts.pair.files.insert(path,
        {operation::FileThere::Sharing::Same, true, 10 * gibibyte, gibibyte, {},
            operation::FileThere::Content::Unknown});
}

/** web01 of 2 GiB runs on host-a with one disk of 10 GiB in one file, which host-b does not see. */
inline operation::MigrateFacts facts(
    const QString &devices = diskXml(QStringLiteral("vda"), QStringLiteral("/a/web01.qcow2")), const QString &more = {})
{
    operation::MigrateFacts facts;
    virt::DomainRecord &vm = facts.source.domain;
    vm.uuid = vmUuid;
    vm.name = QStringLiteral("web01");
    vm.id = 3;
    vm.state = virt::DomainState::Running;
    vm.memoryKiB = vm.maxMemoryKiB = 2 * gibibyte / 1024;
    vm.vcpus = vm.maxVcpus = 2;
    facts.source.host = host(QStringLiteral("host-a"));
    facts.source.hostUuid = QStringLiteral("uuid-a");
    facts.source.liveXml = facts.source.storedXml = domainXml(devices, more);
    facts.source.residentMemory = gibibyte;
    facts.source.disks.domain = vm;
    if (devices.contains(QLatin1String("/a/web01.qcow2"))) {
        addDisk(facts, QStringLiteral("vda"), {{QStringLiteral("/a/web01.qcow2"), QStringLiteral("qcow2")}});
    }

    operation::MigrateDestination &there = facts.destination;
    there.host = host(QStringLiteral("host-b"));
    there.hostUuid = QStringLiteral("uuid-b");
    xml::GuestDomain kvm{QStringLiteral("kvm"), QStringLiteral("/usr/bin/qemu-system-x86_64"),
        {{QStringLiteral("pc-q35-7.2"), {}, 255}}};
    there.capabilities.guests = {{QStringLiteral("hvm"), QStringLiteral("x86_64"), 64, {kvm}, {}}};
    virt::hostcalls::Network network;
    network.name = QStringLiteral("lan");
    network.active = true;
    network.forward = QStringLiteral("bridge");
    there.networks = {network};
    there.bridges = {QStringLiteral("br0")};
    there.pools = {pool(QStringLiteral("default"), QStringLiteral("/b"))};

    facts.pair.there.arch = QStringLiteral("x86_64");
    facts.pair.there.maxVcpus = 255;
    facts.pair.reach = {operation::MigratePair::Reach::State::Yes, QStringLiteral("qemu+tls://host-b/system"), {}, 700};
    return facts;
}

inline operation::MigrateDraft draft()
{
    operation::MigrateDraft draft;
    draft.to = QStringLiteral("qemu+ssh://host-b/system");
    return draft;
}

} // namespace vireo::migratefixture
