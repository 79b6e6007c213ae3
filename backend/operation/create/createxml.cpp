// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create/createdevices.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using xml::Element;

// libosinfo's own place in a domain, read by virt-manager and others too.
constexpr auto osinfoNamespace = "http://libosinfo.org/xmlns/libvirt/domain/1.0"_L1;

void addMetadata(Element domain, const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
{
    const bool base = !layout.backingPath.isEmpty();
    const bool ours = !draft.tags.isEmpty() || base || !layout.seedName.isEmpty();
    const bool known = facts.os && !facts.os->id.isEmpty();
    if (!ours && !known) {
        return;
    }
    Element metadata = domain.append(u"metadata"_s);
    if (known) {
        metadata.append(u"libosinfo"_s, osinfoNamespace, u"libosinfo"_s)
            .append(u"os"_s)
            .setAttribute(u"id"_s, facts.os->id);
    }
    if (!ours) {
        return;
    }
    Element vireo = metadata.append(u"domain"_s, QString::fromLatin1(xml::MetadataNamespace), u"vireo"_s);
    if (!draft.tags.isEmpty()) {
        Element tags = vireo.append(u"tags"_s);
        for (const QString &tag : draft.tags) {
            tags.append(u"tag"_s, tag);
        }
    }
    if (base) {
        vireo.append(u"base"_s, layout.backingPath);
    }
    if (!layout.seedName.isEmpty()) {
        vireo.append(u"seed"_s, layout.seedName);
    }
}

void addFirmware(Element os, const CreateChoices &choices)
{
    if (!choices.efi()) {
        return;
    }
    os.setAttribute(u"firmware"_s, u"efi"_s);
    if (!choices.isX86()) {
        return; // other firmware has no such feature to be chosen by
    }
    const QString yes = u"yes"_s;
    const QString wanted = choices.secureBoot() ? yes : u"no"_s;
    Element firmware = os.append(u"firmware"_s);
    if (choices.secureBoot()) {
        addElement(firmware, u"feature"_s, {{u"enabled"_s, yes}, {u"name"_s, u"enrolled-keys"_s}});
    }
    addElement(firmware, u"feature"_s, {{u"enabled"_s, wanted}, {u"name"_s, u"secure-boot"_s}});
}

void addBoot(Element os, const CreateDraft &draft, const CreateLayout &layout)
{
    if (!layout.kernelPath.isEmpty()) {
        os.append(u"kernel"_s, layout.kernelPath);
        if (!layout.initrdPath.isEmpty()) {
            os.append(u"initrd"_s, layout.initrdPath);
        }
        if (!layout.cmdline.isEmpty()) {
            os.append(u"cmdline"_s, layout.cmdline);
        }
        if (!layout.dtbPath.isEmpty()) {
            os.append(u"dtb"_s, layout.dtbPath);
        }
    }
    // An empty disk falls through to the medium or the network; after the installation the disk comes first.
    using Kind = CreateDraft::SourceKind;
    if (!layout.rootPath.isEmpty()) {
        addElement(os, u"boot"_s, {{u"dev"_s, u"hd"_s}});
    }
    if (!layout.mediumPath.isEmpty()) {
        addElement(os, u"boot"_s, {{u"dev"_s, u"cdrom"_s}});
    } else if (draft.source == Kind::None || draft.source == Kind::Pxe) {
        addElement(os, u"boot"_s, {{u"dev"_s, u"network"_s}});
    }
}

void addFeatures(Element domain, const CreateChoices &choices)
{
    Element features = domain.append(u"features"_s);
    features.append(u"acpi"_s);
    if (choices.isX86()) {
        features.append(u"apic"_s);
    }
    // What Windows knows to ask a hypervisor; emulation can't answer.
    if (choices.windows() && choices.kvm()) {
        Element hyperv = addElement(features, u"hyperv"_s, {{u"mode"_s, u"custom"_s}});
        addElement(hyperv, u"relaxed"_s, {{u"state"_s, u"on"_s}});
        addElement(hyperv, u"vapic"_s, {{u"state"_s, u"on"_s}});
        addElement(hyperv, u"spinlocks"_s, {{u"state"_s, u"on"_s}, {u"retries"_s, u"8191"_s}});
    }
    if (choices.secureBoot() && choices.isX86()) {
        addElement(features, u"smm"_s, {{u"state"_s, u"on"_s}});
    }
}

void addCpu(Element domain, const CreateDraft &draft, const CreateChoices &choices)
{
    const bool modes = draft.cpu == "host-passthrough"_L1 || draft.cpu == "host-model"_L1 || draft.cpu == "maximum"_L1;
    Element cpu;
    if (!draft.cpu.isEmpty() && !modes) {
        cpu = addElement(
            domain, u"cpu"_s, {{u"mode"_s, u"custom"_s}, {u"match"_s, u"exact"_s}, {u"check"_s, u"partial"_s}});
        addElement(cpu, u"model"_s, {{u"fallback"_s, u"forbid"_s}}).setText(draft.cpu);
    } else {
        const QString automatic = choices.kvm() ? u"host-passthrough"_s : choices.isX86() ? u"maximum"_s : QString();
        const QString mode = draft.cpu.isEmpty() ? automatic : draft.cpu;
        if (!mode.isEmpty()) {
            cpu = addElement(domain, u"cpu"_s, {{u"mode"_s, mode}, {u"check"_s, u"none"_s}});
        }
    }
    if (!draft.topology.isSet()) {
        return;
    }
    if (!cpu) {
        cpu = domain.append(u"cpu"_s);
    }
    addElement(cpu, u"topology"_s,
        {{u"sockets"_s, QString::number(draft.topology.sockets)}, {u"cores"_s, QString::number(draft.topology.cores)},
            {u"threads"_s, QString::number(draft.topology.threads)}});
}

void addClock(Element domain, const CreateChoices &choices)
{
    Element clock = addElement(domain, u"clock"_s, {{u"offset"_s, choices.windows() ? u"localtime"_s : u"utc"_s}});
    if (!choices.isX86()) {
        return;
    }
    addElement(clock, u"timer"_s, {{u"name"_s, u"rtc"_s}, {u"tickpolicy"_s, u"catchup"_s}});
    addElement(clock, u"timer"_s, {{u"name"_s, u"pit"_s}, {u"tickpolicy"_s, u"delay"_s}});
    addElement(clock, u"timer"_s, {{u"name"_s, u"hpet"_s}, {u"present"_s, u"no"_s}});
    if (choices.windows() && choices.kvm()) {
        addElement(clock, u"timer"_s, {{u"name"_s, u"hypervclock"_s}, {u"present"_s, u"yes"_s}});
    }
}

void addCompute(Element domain, const CreateDraft &draft)
{
    const quint64 most = std::max(draft.memoryMiB, draft.maxMemoryMiB);
    domain.append(u"memory"_s, QString::number(most)).setAttribute(u"unit"_s, u"MiB"_s);
    if (most > draft.memoryMiB) {
        domain.append(u"currentMemory"_s, QString::number(draft.memoryMiB)).setAttribute(u"unit"_s, u"MiB"_s);
    }
    const int vcpus = std::max(draft.vcpus, draft.maxVcpus);
    Element vcpu = domain.append(u"vcpu"_s, QString::number(vcpus));
    if (vcpus > draft.vcpus) {
        vcpu.setAttribute(u"current"_s, QString::number(draft.vcpus));
    }
}

void addSystem(Element domain, const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
{
    const CreateChoices choices(draft, facts);
    Element os = domain.append(u"os"_s);
    Element type = os.append(u"type"_s, u"hvm"_s);
    if (!facts.caps.arch.isEmpty()) {
        type.setAttribute(u"arch"_s, facts.caps.arch);
    }
    if (!facts.caps.machine.isEmpty()) {
        type.setAttribute(u"machine"_s, facts.caps.machine);
    }
    addFirmware(os, choices);
    addBoot(os, draft, layout);
    if (choices.isTestDriver()) {
        return;
    }
    addFeatures(domain, choices);
    addCpu(domain, draft, choices);
    addClock(domain, choices);
    domain.append(u"on_poweroff"_s, u"destroy"_s);
    // The installer's reboot ends the first run, so that the next one boots from the disk.
    domain.append(u"on_reboot"_s, layout.kernelOnce ? u"destroy"_s : u"restart"_s);
    domain.append(u"on_crash"_s, u"destroy"_s);
}

} // namespace

QString createDomainXml(const CreateDraft &draft, const CreateFacts &facts)
{
    const CreateLayout layout = layoutOf(draft, facts);
    auto document = xml::Document::create(u"domain"_s);
    Element domain = document.root();
    domain.setAttribute(u"type"_s, facts.isTestDriver() ? u"test"_s : facts.usesKvm(draft) ? u"kvm"_s : u"qemu"_s);
    domain.append(u"name"_s, draft.name);
    if (!draft.title.isEmpty()) {
        domain.append(u"title"_s, draft.title);
    }
    if (!draft.description.isEmpty()) {
        domain.append(u"description"_s, draft.description);
    }
    addMetadata(domain, draft, facts, layout);
    addCompute(domain, draft);
    addSystem(domain, draft, facts, layout);
    addDevices(domain.append(u"devices"_s), draft, facts, layout);
    return document.toString();
}

} // namespace vireo::operation
