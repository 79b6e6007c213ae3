// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/capabilities.h"

#include <algorithm>

#include <QCoreApplication>

#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

struct CapabilitiesText {
    Q_DECLARE_TR_FUNCTIONS(xml_Capabilities)
};

QList<MachineType> readMachines(const Element &parent)
{
    QList<MachineType> machines;
    const auto elements = parent.children(u"machine"_s);
    for (const Element &element : elements) {
        MachineType machine;
        machine.name = element.text().trimmed();
        machine.canonical = element.attribute(u"canonical"_s);
        if (machine.canonical.isEmpty()) {
            machine.canonical = machine.name;
        }
        machine.maxCpus = std::max(0, element.attribute(u"maxCpus"_s).toInt());
        machines << machine;
    }
    return machines;
}

GuestKind readGuest(const Element &element)
{
    GuestKind guest;
    guest.osType = element.child(u"os_type"_s).text().trimmed();
    const Element arch = element.child(u"arch"_s);
    guest.arch = arch.attribute(u"name"_s);
    guest.wordSize = arch.child(u"wordsize"_s).text().trimmed().toInt();
    const QString emulator = arch.child(u"emulator"_s).text().trimmed();
    const QList<MachineType> machines = readMachines(arch);
    const auto domains = arch.children(u"domain"_s);
    for (const Element &entry : domains) {
        GuestDomain domain;
        domain.type = entry.attribute(u"type"_s);
        domain.emulator = entry.child(u"emulator"_s).text().trimmed();
        domain.machines = readMachines(entry);
        if (domain.emulator.isEmpty()) {
            domain.emulator = emulator;
        }
        if (domain.machines.isEmpty()) {
            domain.machines = machines;
        }
        guest.domains << domain;
    }
    const auto features = element.child(u"features"_s).children();
    for (const Element &feature : features) {
        const bool off = feature.attribute(u"default"_s) == "off"_L1 && feature.attribute(u"toggle"_s) == "no"_L1;
        if (!off) {
            guest.features << feature.name();
        }
    }
    return guest;
}

} // namespace

const GuestDomain *GuestKind::domain(const QString &type) const
{
    const auto found = std::ranges::find(domains, type, &GuestDomain::type);
    return found == domains.end() ? nullptr : &*found;
}

const GuestKind *Capabilities::guest(const QString &osType, const QString &arch) const
{
    const auto found = std::ranges::find_if(
        guests, [&](const GuestKind &guest) { return guest.osType == osType && guest.arch == arch; });
    return found == guests.end() ? nullptr : &*found;
}

QStringList Capabilities::architectures(const QString &osType) const
{
    QStringList result;
    for (const GuestKind &guest : guests) {
        if (guest.osType != osType || result.contains(guest.arch)) {
            continue;
        }
        if (guest.arch == hostArch) {
            result.prepend(guest.arch);
        } else {
            result.append(guest.arch);
        }
    }
    return result;
}

Result<Capabilities> readCapabilities(const QString &xml)
{
    const auto document = Document::parse(xml);
    if (!document) {
        return fail(document.error());
    }
    const Element root = document->root();
    if (root.name() != "capabilities"_L1) {
        return fail(
            Error::invalid(CapabilitiesText::tr("This is no description of a host but <%1>.").arg(root.name())));
    }
    Capabilities result;
    const Element host = root.child(u"host"_s);
    const Element cpu = host.child(u"cpu"_s);
    result.hostArch = cpu.child(u"arch"_s).text().trimmed();
    result.hostCpuModel = cpu.child(u"model"_s).text().trimmed();
    result.hostCpuVendor = cpu.child(u"vendor"_s).text().trimmed();
    result.iommu = host.child(u"iommu"_s).attribute(u"support"_s) == "yes"_L1;
    const auto security = host.children(u"secmodel"_s);
    for (const Element &model : security) {
        result.securityModels << model.child(u"model"_s).text().trimmed();
    }
    const auto guests = root.children(u"guest"_s);
    for (const Element &guest : guests) {
        result.guests << readGuest(guest);
    }
    return result;
}

} // namespace vireo::xml
