// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/createhostfacts.h"

#include "backend/virt/connectionuri.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

std::optional<xml::DomainCapabilities> capsOf(
    virt::Connection &connection, const QString &arch, const QString &machine, const QString &virtType)
{
    // The board that new VMs get where nothing is chosen; where the emulator lacks it, the emulator's own default.
    const bool x86 = arch == "x86_64"_L1 || arch == "i686"_L1;
    const QString board = !machine.isEmpty() ? machine : x86 ? u"q35"_s : QString();
    auto text = virt::hostcalls::domainCapabilities(connection, arch, board, virtType);
    if (!text && machine.isEmpty()) {
        text = virt::hostcalls::domainCapabilities(connection, arch, {}, virtType);
    }
    const auto caps = text ? xml::readDomainCapabilities(*text) : fail(text.error());
    return caps && caps->virtType == virtType ? std::optional(*caps) : std::nullopt;
}

} // namespace

void readMachineFacts(virt::Connection &connection, const QString &machine, CreateHostFacts &facts)
{
    if (auto info = virt::hostcalls::info(connection)) {
        facts.info = std::move(*info);
    }
    const QString arch = facts.info.arch;
    facts.kvmCaps = capsOf(connection, arch, machine, u"kvm"_s);
    facts.emulationCaps = capsOf(connection, arch, machine, u"qemu"_s);
    if (const auto uri = virt::ConnectionUri::parse(connection.uri())) {
        facts.kvm = operation::judgeKvm(operation::readKvmFacts(*uri, facts.kvmCaps.has_value(), false));
    }
    const auto text = virt::hostcalls::capabilities(connection);
    if (const auto caps = text ? xml::readCapabilities(*text) : fail(text.error())) {
        const xml::GuestKind *guest = caps->guest(u"hvm"_s, arch);
        const xml::GuestDomain *domain = guest ? guest->domain(facts.kvmCaps ? u"kvm"_s : u"qemu"_s) : nullptr;
        if (domain) {
            facts.machines = domain->machines;
        }
    }
}

} // namespace vireo::ui
