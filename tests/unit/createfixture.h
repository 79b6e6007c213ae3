// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QMetaType>

#include "backend/operation/create/create.h"

/** A draft, a host and what rows of the create tests change about them. */
namespace createfixture {

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;
using Kind = CreateDraft::SourceKind;
using Change = std::function<void(CreateDraft &, CreateFacts &)>;

inline constexpr quint64 gib = 1ULL << 30;

inline void offer(CreateFacts &facts, const QString &part, const QString &setting, const QStringList &values)
{
    facts.caps.parts[part].support = xml::Support::Yes;
    facts.caps.parts[part].values[setting] = values;
}

inline CreateDraft sampleDraft()
{
    CreateDraft draft;
    draft.host = u"qemu:///system"_s;
    draft.name = u"web01"_s;
    draft.path = u"/home/me/debian.qcow2"_s;
    draft.memoryMiB = 2048;
    draft.vcpus = 2;
    draft.rootGiB = 20;
    draft.nics = {{CreateDraft::NicKind::Network, u"default"_s, {}, {}}};
    return draft;
}

/** A KVM host with an active pool and network, and a safe qcow2 image of 10 GiB with 1 GiB of data. */
inline CreateFacts sampleFacts()
{
    CreateFacts facts;
    facts.host = QUuid::fromString(u"11111111-2222-3333-4444-555555555555"_s);
    facts.hostInfo.hypervisor = u"QEMU"_s;
    facts.hostInfo.hostname = u"rack-7"_s;
    facts.hostInfo.arch = u"x86_64"_s;
    facts.hostInfo.cpus = 8;
    facts.hostInfo.memoryKiB = 16 * 1024 * 1024;
    facts.hostInfo.freeMemoryKiB = 8 * 1024 * 1024;
    facts.domainNames = {u"db01"_s};
    virt::storage::Pool pool;
    pool.name = u"default"_s;
    pool.type = u"dir"_s;
    pool.targetPath = u"/var/lib/libvirt/images"_s;
    pool.active = true;
    pool.capacity = 500 * gib;
    pool.available = 100 * gib;
    facts.pools = {pool};
    facts.networks = {{u"default"_s, {}, true, true, u"virbr0"_s, u"nat"_s}, {u"lab"_s, {}, false, false, {}, {}}};
    facts.defaultPoolTarget = pool.targetPath;
    image::Verdict verdict;
    verdict.format = image::Format::Qcow2;
    verdict.fileSize = gib + 4096;
    verdict.dataSize = gib;
    verdict.virtualSize = 10 * gib;
    verdict.modifiedNs = 1'700'000'000'123'456'789;
    facts.image = verdict;
    facts.imageDigest = u"0123456789abcdef0123456789abcdef"_s;
    facts.kvm = true;
    facts.caps.emulator = u"/usr/bin/qemu-system-x86_64"_s;
    facts.caps.virtType = u"kvm"_s;
    facts.caps.machine = u"pc-q35-7.2"_s;
    facts.caps.arch = u"x86_64"_s;
    facts.caps.maxVcpus = 288;
    offer(facts, u"disk"_s, u"bus"_s, {u"sata"_s, u"scsi"_s, u"usb"_s, u"virtio"_s});
    offer(facts, u"video"_s, u"modelType"_s, {u"vga"_s, u"virtio"_s});
    offer(facts, u"graphics"_s, u"type"_s, {u"vnc"_s});
    return facts;
}

/** A host with UEFI, secure boot, a TPM emulator, SPICE and named CPUs. */
inline void makeRich(CreateFacts &facts)
{
    facts.caps.autoFirmware = xml::Support::Yes;
    facts.caps.firmwares = {u"bios"_s, u"efi"_s};
    facts.caps.loader.support = xml::Support::Yes;
    facts.caps.loader.values = {{u"type"_s, {u"rom"_s, u"pflash"_s}}, {u"secure"_s, {u"yes"_s, u"no"_s}}};
    offer(facts, u"tpm"_s, u"model"_s, {u"tpm-tis"_s, u"tpm-crb"_s});
    offer(facts, u"tpm"_s, u"backendModel"_s, {u"passthrough"_s, u"emulator"_s});
    offer(facts, u"tpm"_s, u"backendVersion"_s, {u"1.2"_s, u"2.0"_s});
    offer(facts, u"graphics"_s, u"type"_s, {u"vnc"_s, u"spice"_s});
    facts.caps.cpuHostPassthrough = xml::Support::Yes;
    facts.caps.cpuHostModel = xml::Support::Yes;
    facts.caps.cpuModels = {{u"Skylake-Server"_s, u"Intel"_s, xml::Support::Yes, false, {}},
        {u"EPYC"_s, u"AMD"_s, xml::Support::No, false, {u"svm"_s}}};
}

inline os::Os windows()
{
    os::Os system;
    system.shortId = u"win11"_s;
    system.id = u"http://microsoft.com/win/11"_s;
    system.name = u"Microsoft Windows 11"_s;
    system.family = u"winnt"_s;
    system.needs.q35 = true;
    system.needs.e1000e = true;
    system.needs.usb3 = true;
    system.needs.usbTablet = true;
    system.needs.tpm = true;
    system.needs.firmware = {{u"x86_64"_s, u"bios"_s, false}, {u"x86_64"_s, u"efi"_s, true}};
    system.resources = {{u"all"_s, {4 * gib, 2, 64 * gib}, {8 * gib, 4, 128 * gib}, {}, {}}};
    return system;
}

inline void makeIso(CreateDraft &draft, CreateFacts &facts)
{
    draft.source = Kind::Iso;
    draft.path = u"/home/me/netinst.iso"_s;
    facts.image->format = image::Format::Iso;
    facts.image->virtualSize = facts.image->fileSize;
    facts.imageDigest.clear();
}

inline void useVolume(CreateDraft &draft, CreateFacts &facts, const QString &format)
{
    draft.path.clear();
    draft.volume = CreateDraft::Volume{u"images"_s, u"golden"_s};
    facts.image.reset();
    facts.imageDigest.clear();
    virt::storage::Volume volume;
    volume.pool = u"images"_s;
    volume.name = u"golden"_s;
    volume.path = u"/srv/images/golden"_s;
    volume.format = format;
    volume.capacity = 5 * gib;
    facts.sourceVolume = volume;
}

inline virt::storage::Volume volumeNamed(const QString &name, quint64 length)
{
    virt::storage::Volume volume;
    volume.pool = u"default"_s;
    volume.name = name;
    volume.path = u"/var/lib/libvirt/images/"_s + name;
    volume.format = u"qcow2"_s;
    volume.physical = length;
    return volume;
}

} // namespace createfixture

Q_DECLARE_METATYPE(createfixture::Change)
