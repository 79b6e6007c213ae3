// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create.h"
#include "backend/operation/createlayout.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using xml::Element;
using Attributes = std::initializer_list<std::pair<QString, QString>>;

Element add(Element parent, const QString &name, Attributes attributes = {})
{
    Element element = parent.append(name);
    for (const auto &[key, value] : attributes) {
        element.setAttribute(key, value);
    }
    return element;
}

/** What the machine decides about the devices. */
struct Traits {
    explicit Traits(const CreateFacts &facts)
        : test(facts.hostInfo.hypervisor == "TEST"_L1)
        , x86(facts.arch == "x86_64"_L1 || facts.arch == "i686"_L1)
        , q35(facts.machine.contains("q35"_L1))
        , virtMachine(facts.machine.startsWith("virt"_L1))
        , virtio(facts.diskBuses.isEmpty() || facts.diskBuses.contains(u"virtio"_s))
    {}
    bool test;
    bool x86;
    bool q35;
    bool virtMachine;
    bool virtio;

    QString diskBus() const { return virtio ? u"virtio"_s : x86 && !q35 ? u"ide"_s : u"sata"_s; }
    QString cdromBus() const { return q35 || test ? u"sata"_s : x86 ? u"ide"_s : u"scsi"_s; }
};

void addMetadata(Element domain, const CreateDraft &draft, const CreateLayout &layout)
{
    const bool base = !layout.backingPath.isEmpty();
    if (draft.tags.isEmpty() && !base) {
        return;
    }
    const QString uri = QString::fromLatin1(xml::MetadataNamespace);
    Element vireo = domain.append(u"metadata"_s).append(u"domain"_s, uri, u"vireo"_s);
    if (!draft.tags.isEmpty()) {
        Element tags = vireo.append(u"tags"_s);
        for (const QString &tag : draft.tags) {
            tags.append(u"tag"_s, tag);
        }
    }
    if (base) {
        vireo.append(u"base"_s, layout.backingPath);
    }
}

void addSystem(Element domain, const CreateDraft &draft, const CreateFacts &facts, const Traits &traits,
    const CreateLayout &layout)
{
    Element os = domain.append(u"os"_s);
    // Boards without a BIOS boot nothing else.
    if (traits.virtMachine && !traits.test) {
        os.setAttribute(u"firmware"_s, u"efi"_s);
    }
    Element type = os.append(u"type"_s, u"hvm"_s);
    if (!facts.arch.isEmpty()) {
        type.setAttribute(u"arch"_s, facts.arch);
    }
    if (!facts.machine.isEmpty()) {
        type.setAttribute(u"machine"_s, facts.machine);
    }
    // An empty disk falls through to the medium; after the installation the disk comes first.
    if (!layout.rootPath.isEmpty()) {
        add(os, u"boot"_s, {{u"dev"_s, u"hd"_s}});
    }
    if (!layout.mediumPath.isEmpty()) {
        add(os, u"boot"_s, {{u"dev"_s, u"cdrom"_s}});
    } else if (draft.source == CreateDraft::SourceKind::None) {
        add(os, u"boot"_s, {{u"dev"_s, u"network"_s}});
    }
    if (traits.test) {
        return;
    }

    Element features = domain.append(u"features"_s);
    features.append(u"acpi"_s);
    if (traits.x86) {
        features.append(u"apic"_s);
    }
    if (facts.kvm) {
        add(domain, u"cpu"_s, {{u"mode"_s, u"host-passthrough"_s}, {u"check"_s, u"none"_s}});
    } else if (traits.x86) {
        add(domain, u"cpu"_s, {{u"mode"_s, u"maximum"_s}, {u"check"_s, u"none"_s}});
    }
    Element clock = add(domain, u"clock"_s, {{u"offset"_s, u"utc"_s}});
    if (traits.x86) {
        add(clock, u"timer"_s, {{u"name"_s, u"rtc"_s}, {u"tickpolicy"_s, u"catchup"_s}});
        add(clock, u"timer"_s, {{u"name"_s, u"pit"_s}, {u"tickpolicy"_s, u"delay"_s}});
        add(clock, u"timer"_s, {{u"name"_s, u"hpet"_s}, {u"present"_s, u"no"_s}});
    }
    domain.append(u"on_poweroff"_s, u"destroy"_s);
    domain.append(u"on_reboot"_s, u"restart"_s);
    domain.append(u"on_crash"_s, u"destroy"_s);
}

void addDisks(Element devices, const Traits &traits, const CreateLayout &layout)
{
    const QString diskBus = traits.diskBus();
    const QString cdromBus = traits.cdromBus();
    bool scsi = false;
    if (!layout.rootPath.isEmpty()) {
        Element disk = add(devices, u"disk"_s, {{u"type"_s, u"file"_s}, {u"device"_s, u"disk"_s}});
        add(disk, u"driver"_s, {{u"name"_s, u"qemu"_s}, {u"type"_s, layout.rootFormat}, {u"discard"_s, u"unmap"_s}});
        add(disk, u"source"_s, {{u"file"_s, layout.rootPath}});
        const QString prefix = diskBus == "virtio"_L1 ? u"vda"_s : diskBus == "ide"_L1 ? u"hda"_s : u"sda"_s;
        add(disk, u"target"_s, {{u"dev"_s, prefix}, {u"bus"_s, diskBus}});
    }
    if (!layout.mediumPath.isEmpty()) {
        Element disk = add(devices, u"disk"_s, {{u"type"_s, u"file"_s}, {u"device"_s, u"cdrom"_s}});
        add(disk, u"driver"_s, {{u"name"_s, u"qemu"_s}, {u"type"_s, u"raw"_s}});
        add(disk, u"source"_s, {{u"file"_s, layout.mediumPath}});
        const QString second = cdromBus == diskBus ? u"b"_s : u"a"_s;
        add(disk, u"target"_s, {{u"dev"_s, (cdromBus == "ide"_L1 ? u"hd"_s : u"sd"_s) + second}, {u"bus"_s, cdromBus}});
        disk.append(u"readonly"_s);
        scsi = cdromBus == "scsi"_L1;
    }
    if (scsi) {
        add(devices, u"controller"_s, {{u"type"_s, u"scsi"_s}, {u"model"_s, u"virtio-scsi"_s}});
    }
}

void addNics(Element devices, const CreateDraft &draft)
{
    for (const CreateDraft::Nic &nic : draft.nics) {
        using NicKind = CreateDraft::NicKind;
        const bool network = nic.kind == NicKind::Network;
        const bool bridge = nic.kind == NicKind::Bridge;
        Element interface = add(devices, u"interface"_s,
            {{u"type"_s,
                network      ? u"network"_s
                    : bridge ? u"bridge"_s
                             : u"user"_s}});
        if (!nic.mac.isEmpty()) {
            add(interface, u"mac"_s, {{u"address"_s, nic.mac}});
        }
        if (network || bridge) {
            add(interface, u"source"_s, {{network ? u"network"_s : u"bridge"_s, nic.source}});
        }
        add(interface, u"model"_s, {{u"type"_s, nic.model.isEmpty() ? u"virtio"_s : nic.model}});
    }
}

void addGraphics(Element devices, const CreateFacts &facts, const Traits &traits)
{
    // VNC first: every QEMU has it, and every viewer. The address keeps the screen off the network.
    const QString kind = !facts.vnc && facts.spice ? u"spice"_s : u"vnc"_s;
    Element graphics =
        add(devices, u"graphics"_s, {{u"type"_s, kind}, {u"port"_s, u"-1"_s}, {u"autoport"_s, u"yes"_s}});
    add(graphics, u"listen"_s, {{u"type"_s, u"address"_s}, {u"address"_s, u"127.0.0.1"_s}});
    if (kind == "spice"_L1) {
        Element channel = add(devices, u"channel"_s, {{u"type"_s, u"spicevmc"_s}});
        add(channel, u"target"_s, {{u"type"_s, u"virtio"_s}, {u"name"_s, u"com.redhat.spice.0"_s}});
    }
    const bool virtio = facts.videoModels.contains(u"virtio"_s) || (!traits.x86 && facts.videoModels.isEmpty());
    add(devices.append(u"video"_s), u"model"_s, {{u"type"_s, virtio ? u"virtio"_s : u"vga"_s}});
}

void addOtherDevices(Element devices, const CreateDraft &draft, const CreateFacts &facts, const Traits &traits)
{
    if (!traits.test) {
        add(devices, u"controller"_s, {{u"type"_s, u"usb"_s}, {u"model"_s, u"qemu-xhci"_s}});
    }
    add(devices, u"serial"_s, {{u"type"_s, u"pty"_s}});
    add(add(devices, u"console"_s, {{u"type"_s, u"pty"_s}}), u"target"_s, {{u"type"_s, u"serial"_s}});
    if (!traits.test) {
        Element agent = add(devices, u"channel"_s, {{u"type"_s, u"unix"_s}});
        add(agent, u"target"_s, {{u"type"_s, u"virtio"_s}, {u"name"_s, u"org.qemu.guest_agent.0"_s}});
    }
    if (draft.graphics) {
        add(devices, u"input"_s, {{u"type"_s, u"tablet"_s}, {u"bus"_s, u"usb"_s}});
        if (traits.virtMachine) {
            add(devices, u"input"_s, {{u"type"_s, u"keyboard"_s}, {u"bus"_s, u"usb"_s}});
        }
        addGraphics(devices, facts, traits);
    }
    if (traits.test) {
        return;
    }
    add(devices, u"memballoon"_s, {{u"model"_s, u"virtio"_s}});
    add(devices, u"rng"_s, {{u"model"_s, u"virtio"_s}})
        .append(u"backend"_s, u"/dev/urandom"_s)
        .setAttribute(u"model"_s, u"random"_s);
}

} // namespace

QString createDomainXml(const CreateDraft &draft, const CreateFacts &facts)
{
    const CreateLayout layout = layoutOf(draft, facts);
    const Traits traits(facts);
    auto document = xml::Document::create(u"domain"_s);
    Element domain = document.root();
    domain.setAttribute(u"type"_s, traits.test ? u"test"_s : facts.kvm ? u"kvm"_s : u"qemu"_s);
    domain.append(u"name"_s, draft.name);
    if (!draft.title.isEmpty()) {
        domain.append(u"title"_s, draft.title);
    }
    if (!draft.description.isEmpty()) {
        domain.append(u"description"_s, draft.description);
    }
    addMetadata(domain, draft, layout);
    domain.append(u"memory"_s, QString::number(draft.memoryMiB)).setAttribute(u"unit"_s, u"MiB"_s);
    domain.append(u"vcpu"_s, QString::number(draft.vcpus));
    addSystem(domain, draft, facts, traits, layout);
    Element devices = domain.append(u"devices"_s);
    addDisks(devices, traits, layout);
    addNics(devices, draft);
    addOtherDevices(devices, draft, facts, traits);
    return document.toString();
}

} // namespace vireo::operation
