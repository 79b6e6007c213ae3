// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createoptions.h"

#include <QCoreApplication>

#include "backend/operation/create/createdevices.h"

using namespace Qt::StringLiterals;

namespace vireo::ui::createoptions {

namespace {

using operation::CreateChoices;
using xml::Support;

struct CreateoptionsText {
    Q_DECLARE_TR_FUNCTIONS(ui_createoptions)
};

QString automatic(const QString &meaning)
{
    return meaning.isEmpty() ? CreateoptionsText::tr("Automatic")
                             : CreateoptionsText::tr("Automatic (%1)").arg(meaning);
}

/** The host said what it offers; else nothing is denied. */
bool isKnown(const CreateFacts &facts)
{
    return !facts.caps.emulator.isEmpty();
}

QString busName(const QString &bus)
{
    static const QHash<QString, QString> names{{u"virtio"_s, u"virtio"_s}, {u"sata"_s, u"SATA"_s},
        {u"scsi"_s, u"SCSI"_s}, {u"ide"_s, u"IDE"_s}, {u"usb"_s, u"USB"_s}, {u"fdc"_s, {}}, {u"sd"_s, u"SD"_s}};
    return names.value(bus, bus);
}

} // namespace

CreateOffer acceleration(const CreateDraft &draft, const CreateFacts &facts)
{
    CreateDraft chosen = draft;
    chosen.virtType = CreateDraft::VirtType::Auto;
    const QString emulation = CreateoptionsText::tr("software emulation");
    CreateOffer offer;
    offer.add(automatic(facts.isTestDriver() ? QString() : facts.usesKvm(chosen) ? u"KVM"_s : emulation), u"auto"_s);
    if (facts.isTestDriver()) {
        return offer;
    }
    if (facts.kvm) {
        offer.add(u"KVM"_s, u"kvm"_s);
    } else {
        const QString why =
            facts.kvmProblem.isEmpty() ? CreateoptionsText::tr("The host does not offer KVM.") : facts.kvmProblem;
        offer.lacking = facts.kvmAdvice.isEmpty() ? why : why + u' ' + facts.kvmAdvice;
    }
    offer.add(CreateoptionsText::tr("Software emulation (slow)"), u"qemu"_s);
    return offer;
}

CreateOffer machine(const CreateDraft &draft, const CreateFacts &facts, const QStringList &machines)
{
    CreateOffer offer;
    offer.add(automatic(draft.machine.isEmpty() ? facts.caps.machine : QString()), {});
    for (const QString &each : machines) {
        offer.add(each, each);
    }
    return offer;
}

CreateOffer firmware(const CreateDraft &draft, const CreateFacts &facts)
{
    CreateDraft chosen = draft;
    chosen.firmware = CreateDraft::Firmware::Auto;
    const CreateChoices choices(chosen, facts);
    CreateOffer offer;
    offer.add(automatic(choices.efi() ? u"UEFI"_s : u"BIOS"_s), u"auto"_s);
    if (!choices.isVirtBoard()) {
        offer.add(u"BIOS"_s, u"bios"_s);
    }
    const bool known = facts.caps.autoFirmware != Support::Unknown;
    if (!known || facts.caps.hasEfi()) {
        offer.add(u"UEFI"_s, u"efi"_s);
    } else {
        offer.lacking = CreateoptionsText::tr(
            "This host has no UEFI firmware: install the package ovmf, edk2-ovmf or the like on it.");
    }
    if (!known || facts.caps.hasSecureBoot()) {
        offer.add(CreateoptionsText::tr("UEFI with secure boot"), u"efi-secure"_s);
    } else if (offer.lacking.isEmpty()) {
        offer.lacking = CreateoptionsText::tr("This host has no firmware for secure boot.");
    }
    return offer;
}

CreateOffer tpm(const CreateDraft &draft, const CreateFacts &facts)
{
    CreateDraft chosen = draft;
    chosen.tpm.reset();
    const bool known = facts.caps.autoFirmware != Support::Unknown;
    const bool can = !known || facts.caps.hasEmulatedTpm();
    CreateOffer offer;
    offer.add(automatic(CreateChoices(chosen, facts).tpm() ? u"TPM 2.0"_s : CreateoptionsText::tr("none")), {});
    offer.add(CreateoptionsText::tr("None"), u"no"_s);
    if (can) {
        offer.add(CreateoptionsText::tr("TPM 2.0, emulated"), u"yes"_s);
    } else {
        offer.lacking = CreateoptionsText::tr("This host can't emulate a TPM: install swtpm on it.");
    }
    return offer;
}

CreateOffer cpu(const CreateDraft &draft, const CreateFacts &facts)
{
    const bool kvm = facts.usesKvm(draft);
    CreateOffer offer;
    offer.add(automatic(facts.isTestDriver() ? QString()
                      : kvm                  ? CreateoptionsText::tr("as the host's")
                      : facts.isX86()        ? CreateoptionsText::tr("all that can be emulated")
                                             : QString()),
        {});
    if (facts.isTestDriver()) {
        return offer;
    }
    if (kvm && facts.caps.cpuHostPassthrough != Support::No) {
        offer.add(CreateoptionsText::tr("The host's own (host-passthrough)"), u"host-passthrough"_s);
    }
    if (kvm && facts.caps.cpuHostModel != Support::No) {
        offer.add(facts.caps.hostModel.isEmpty()
                ? CreateoptionsText::tr("Like the host's (host-model)")
                : CreateoptionsText::tr("Like the host's: %1 (host-model)").arg(facts.caps.hostModel),
            u"host-model"_s);
    }
    if (facts.caps.cpuMaximum != Support::No) {
        offer.add(CreateoptionsText::tr("All features (maximum)"), u"maximum"_s);
    }
    // Those that run here first; then those of which nobody knows. The rest can't be chosen.
    int unusable = 0;
    for (const Support wanted : {Support::Yes, Support::Unknown}) {
        for (const xml::CpuModel &model : facts.caps.cpuModels) {
            if (model.usable == wanted && !model.deprecated) {
                offer.add(model.name, model.name);
            }
        }
    }
    for (const xml::CpuModel &model : facts.caps.cpuModels) {
        unusable += model.usable == Support::No ? 1 : 0;
    }
    if (!kvm) {
        offer.lacking = CreateoptionsText::tr("The host's own CPU can be passed on with KVM only.");
    } else if (unusable > 0) {
        offer.lacking = CreateoptionsText::tr("%n models need features that this host's CPU lacks.", nullptr, unusable);
    }
    return offer;
}

CreateOffer graphics(const CreateDraft &draft, const CreateFacts &facts)
{
    CreateDraft chosen = draft;
    chosen.graphics = CreateDraft::Graphics::Auto;
    const QStringList offered = facts.caps.graphics();
    CreateOffer offer;
    offer.add(automatic(CreateChoices(chosen, facts).graphics().toUpper()), u"auto"_s);
    if (offered.isEmpty() || offered.contains(u"vnc"_s)) {
        offer.add(u"VNC"_s, u"vnc"_s);
    }
    if (offered.isEmpty() || offered.contains(u"spice"_s)) {
        offer.add(u"SPICE"_s, u"spice"_s);
    } else {
        offer.lacking = CreateoptionsText::tr("This host's QEMU does not offer SPICE.");
    }
    offer.add(CreateoptionsText::tr("None, serial console only"), u"none"_s);
    return offer;
}

CreateOffer diskBus(const CreateDraft &draft, const CreateFacts &facts)
{
    CreateDraft chosen = draft;
    chosen.rootBus.clear();
    const CreateChoices choices(chosen, facts);
    QStringList offered = facts.caps.diskBuses();
    if (!isKnown(facts) && offered.isEmpty()) {
        offered = {u"virtio"_s, u"sata"_s, u"scsi"_s, u"usb"_s};
    }
    CreateOffer offer;
    offer.add(automatic(busName(choices.diskBus())), {});
    for (const QString &bus : {u"virtio"_s, u"sata"_s, u"scsi"_s, u"ide"_s, u"usb"_s, u"nvme"_s, u"sd"_s}) {
        // A q35 board has no IDE, whatever its emulator offers on others.
        if (offered.contains(bus) && !(bus == "ide"_L1 && choices.isQ35())) {
            offer.add(busName(bus), bus);
        }
    }
    if (!offered.contains(u"virtio"_s)) {
        offer.lacking = CreateoptionsText::tr("This host offers no virtio disks.");
    }
    return offer;
}

CreateOffer nicModel(const CreateDraft &draft, const CreateFacts &facts)
{
    const CreateChoices choices(draft, facts);
    CreateOffer offer;
    offer.add(automatic(choices.nicModel()), {});
    QStringList models{u"virtio"_s};
    if (facts.isX86() || !isKnown(facts)) {
        models << u"e1000e"_s << u"e1000"_s << u"rtl8139"_s;
    }
    for (const QString &model : std::as_const(models)) {
        if (model != "e1000e"_L1 || choices.isQ35() || !isKnown(facts)) {
            offer.add(model, model);
        }
    }
    return offer;
}

} // namespace vireo::ui::createoptions
