// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QVersionNumber>

#include "backend/base/sizetext.h"
#include "backend/operation/migrate/migratepreflight_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Topic = Check::Topic;
using Severity = job::Finding::Severity;

struct PreflighthostText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratepreflighthost)
};

constexpr quint64 kibibyte = 1024;

void checkTaken(Preflight &grid)
{
    const virt::DomainRecord &vm = grid.facts.source.domain;
    for (const virt::DomainRecord &other : grid.facts.destination.domains) {
        if (other.uuid == vm.uuid && other.isActive()) {
            grid.block(Topic::Identity, PreflighthostText::tr("%1 runs on %2 already.").arg(other.name, grid.there()),
                PreflighthostText::tr("It has the same UUID. Maybe a migration has just ended, or goes on."),
                PreflighthostText::tr("Find out which of the two is the VM before you end one of them."));
        } else if (other.uuid == vm.uuid && other.name != vm.name) {
            grid.block(Topic::Identity,
                PreflighthostText::tr("%1 has this VM already, as “%2”.").arg(grid.there(), other.name),
                PreflighthostText::tr("It has the same UUID and another name: libvirt refuses that."),
                PreflighthostText::tr("Rename one of them, or undefine it there."));
        } else if (other.uuid == vm.uuid) {
            grid.block(Topic::Identity,
                PreflighthostText::tr("%1 has a definition of %2 already.").arg(grid.there(), vm.name),
                PreflighthostText::tr("It has the same UUID, and is off: a former migration may have left it."),
                PreflighthostText::tr("Undefine it there, after a look at whether somebody changed it."));
        } else if (other.name == vm.name) {
            grid.block(Topic::Identity,
                PreflighthostText::tr("%1 has another VM called “%2”.").arg(grid.there(), vm.name),
                PreflighthostText::tr("Names are unique on a host."), PreflighthostText::tr("Rename one of them."));
        }
    }
}

/** Its disks are those of its memory: by what libvirt keeps of it, not by a definition that was changed since. */
void checkSavedState(Preflight &grid)
{
    const MigrateSource &source = grid.facts.source;
    const auto writable = [](const QString &xml) {
        QStringList disks;
        const QList<MigrateDisk> all = migrateDisks(xml);
        for (const MigrateDisk &disk : all) {
            disks.append(disk.isMedium() ? disk.target : disk.target + u' ' + disk.path + disk.pool + disk.volume);
        }
        disks.sort();
        return disks;
    };
    if (writable(source.savedXml) != writable(source.storedXml)) {
        grid.block(Topic::Identity,
            PreflighthostText::tr("%1 was saved with other disks than its definition has.").arg(grid.name()),
            PreflighthostText::tr("When it is started it goes on with those that it had."),
            PreflighthostText::tr("Start it, or discard its saved state."));
        return;
    }
    grid.ok(Topic::Identity, PreflighthostText::tr("The saved state of %1 goes along.").arg(grid.name()),
        PreflighthostText::tr("Its memory passes through this computer."));
}

void checkPresentState(Preflight &grid)
{
    const MigrateSource &source = grid.facts.source;
    if (source.hasJob) {
        grid.block(Topic::Identity, PreflighthostText::tr("%1 is busy with something else.").arg(grid.name()),
            source.jobText.isEmpty() ? PreflighthostText::tr("A job of libvirt runs on it.") : source.jobText,
            PreflighthostText::tr("Wait until it has ended, or end it."));
    }
    if (grid.isOffline() && source.domain.managedSave && movesCold(grid.draft)) {
        checkSavedState(grid);
    } else if (grid.isOffline() && source.domain.managedSave) {
        grid.block(Topic::Identity, PreflighthostText::tr("%1 is saved.").arg(grid.name()),
            PreflighthostText::tr("Its saved state is a file of this host, and would not move with it."),
            PreflighthostText::tr("Start it and migrate it live, or discard the saved state."));
    }
    if (movesCold(grid.draft) && source.domain.isActive()) {
        grid.block(Topic::Identity,
            PreflighthostText::tr("%1 is temporary: there is no definition of it.").arg(grid.name()),
            PreflighthostText::tr("Once it is shut down, nothing is left that could move."),
            PreflighthostText::tr("Migrate it live."));
    }
    if (grid.isOffline() && source.storedXml.isEmpty()) {
        grid.block(Topic::Identity, PreflighthostText::tr("%1 does not run and has no definition.").arg(grid.name()),
            PreflighthostText::tr("It was transient, and has ended."), PreflighthostText::tr("Look at the list anew."));
    }
    if (!grid.isOffline() && grid.draft.mode == MigrateDraft::Mode::Offline) {
        grid.block(Topic::Identity, PreflighthostText::tr("%1 runs.").arg(grid.name()),
            PreflighthostText::tr("Only a VM that is off can be moved by its definition alone."),
            PreflighthostText::tr("Shut it down, or migrate it live."));
    }
    if (source.domain.state == virt::DomainState::Crashed || source.domain.state == virt::DomainState::ShuttingDown
        || source.domain.state == virt::DomainState::PmSuspended) {
        grid.block(Topic::Identity, PreflighthostText::tr("%1 can't be migrated in this state.").arg(grid.name()),
            PreflighthostText::tr("It is: %1.").arg(virt::stateText(source.domain.state)),
            PreflighthostText::tr("Wake it up, or wait until it is off."));
    }
}

} // namespace

void checkIdentity(Preflight &grid)
{
    const MigrateFacts &facts = grid.facts;
    if (facts.pair.sameHost) {
        grid.block(Topic::Identity, PreflighthostText::tr("Source and destination are the same host."),
            PreflighthostText::tr("Both connections lead to one libvirt daemon."),
            PreflighthostText::tr("Choose another destination."));
    } else if (!facts.source.hostUuid.isEmpty() && facts.source.hostUuid == facts.destination.hostUuid) {
        grid.block(Topic::Identity, PreflighthostText::tr("Both hosts have the same host UUID."),
            PreflighthostText::tr("libvirt takes them for one host: %1.").arg(facts.source.hostUuid),
            PreflighthostText::tr("Give one of them its own host_uuid in libvirtd.conf."));
    }
    for (const auto &[info, which] : {std::pair{&facts.source.host, PreflighthostText::tr("The source")},
             std::pair{&facts.destination.host, PreflighthostText::tr("The destination")}}) {
        if (info->readOnly) {
            grid.block(Topic::Identity, PreflighthostText::tr("%1 is connected read-only.").arg(which),
                PreflighthostText::tr("Nothing can be changed there."),
                PreflighthostText::tr("Connect it with the right to change things."));
        }
    }
    checkTaken(grid);
    checkPresentState(grid);
    if (grid.isQuiet(Topic::Identity)) {
        grid.ok(Topic::Identity, PreflighthostText::tr("Name and UUID are free on %1.").arg(grid.there()));
    }
    if (!facts.source.domain.persistent) {
        grid.add(Topic::Identity, Severity::Note,
            PreflighthostText::tr("%1 is temporary, and is so at the destination.").arg(grid.name()));
    } else if (!grid.draft.undefineSource) {
        grid.add(Topic::Identity, Severity::Warning,
            PreflighthostText::tr("The definition of %1 stays on the source as well.").arg(grid.name()),
            PreflighthostText::tr("Started there while it runs at the destination, it destroys what both write to."),
            PreflighthostText::tr("Let it be removed, unless you have a reason."));
    } else if (!grid.draft.persistent && !grid.isOffline()) {
        grid.add(Topic::Identity, Severity::Warning,
            PreflighthostText::tr("%1 will have no definition on any host.").arg(grid.name()),
            PreflighthostText::tr("It is temporary at the destination, and undefined at the source."),
            PreflighthostText::tr("Keep its definition on one of them."));
    }
}

void checkMemory(Preflight &grid)
{
    const MigrateSource &source = grid.facts.source;
    const MigrateDestination &there = grid.facts.destination;
    const quint64 total = there.host.memoryKiB * kibibyte;
    const quint64 available = there.host.freeMemoryKiB * kibibyte;
    const quint64 most = source.domain.maxMemoryKiB * kibibyte;
    const quint64 now = source.domain.memoryKiB > 0 ? source.domain.memoryKiB * kibibyte : most;
    const quint64 used = source.residentMemory > 0 ? std::min(source.residentMemory, now) : now;
    if (total == 0) {
        grid.add(Topic::Memory, Severity::Note,
            PreflighthostText::tr("How much memory %1 has is not known.").arg(grid.there()));
        return;
    }
    const QString promise = there.promisedMemory > 0
        ? PreflighthostText::tr(" %1 are promised to other jobs.").arg(sizeText(there.promisedMemory))
        : QString();
    const QString fix = PreflighthostText::tr("Make room there, choose another host, or give the VM less memory.");
    if (most > total) {
        grid.block(Topic::Memory, PreflighthostText::tr("%1 has less memory than the VM.").arg(grid.there()),
            PreflighthostText::tr("It has %1, the VM may have %2.").arg(sizeText(total), sizeText(most)), fix);
        return;
    }
    if (grid.isOffline() && !grid.startsThere) {
        grid.ok(Topic::Memory,
            PreflighthostText::tr("The VM is off: it needs its %1 only when it is started.").arg(sizeText(most)));
        return;
    }
    const quint64 usedThere = total - std::min(total, available);
    const quint64 after = usedThere + there.promisedMemory + used;
    const int percent = static_cast<int>((after * 100 + total / 2) / total);
    const QString forecast =
        PreflighthostText::tr("%1 will have %2 % of its memory in use.").arg(grid.there()).arg(percent);
    const QString figures = PreflighthostText::tr("The VM uses %1 of its %2; %3 of %4 are free there.%5")
                                .arg(sizeText(used), sizeText(most), sizeText(available), sizeText(total), promise);
    if (used + there.promisedMemory > available) {
        grid.block(
            Topic::Memory, PreflighthostText::tr("%1 has not enough free memory.").arg(grid.there()), figures, fix);
    } else if (most + there.promisedMemory > available) {
        grid.add(Topic::Memory, Severity::Warning, forecast,
            PreflighthostText::tr("%1 When the VM uses all that it may, it does not fit.").arg(figures), fix);
    } else if (percent >= 90) {
        grid.add(Topic::Memory, Severity::Warning, forecast, figures, fix);
    } else {
        grid.ok(Topic::Memory, forecast, figures);
    }
}

namespace {

/** The largest number in "0-3,^2,7"; -1: there is none. */
int largestCpu(const QString &set)
{
    int largest = -1;
    const QStringList parts = set.split(u',');
    for (const QString &part : parts) {
        const QStringList ends = part.trimmed().split(u'-');
        bool isNumber = false;
        const int number = ends.constLast().toInt(&isNumber);
        largest = isNumber && !part.trimmed().startsWith(u'^') ? std::max(largest, number) : largest;
    }
    return largest;
}

void checkPinning(Preflight &grid, int cpus)
{
    int largest = largestCpu(grid.domain.child(u"vcpu"_s).attribute(u"cpuset"_s));
    const QList<xml::Element> pins = grid.domain.child(u"cputune"_s).children();
    for (const xml::Element &pin : pins) {
        largest = std::max(largest, largestCpu(pin.attribute(u"cpuset"_s)));
    }
    if (largest >= cpus) {
        grid.block(Topic::Cpus,
            PreflighthostText::tr("The VM is bound to CPUs that %1 does not have.").arg(grid.there()),
            PreflighthostText::tr("It is bound to CPU %1, and the host has %2.").arg(largest).arg(cpus),
            PreflighthostText::tr("Change or remove the binding (<cputune>, cpuset) in the XML for the destination."));
    }
    const QString nodes = grid.domain.find(u"numatune/memory"_s).attribute(u"nodeset"_s);
    if (!nodes.isEmpty()) {
        grid.add(Topic::Cpus, Severity::Warning,
            PreflighthostText::tr("The VM's memory is bound to NUMA nodes: %1.").arg(nodes),
            PreflighthostText::tr("Whether the destination has them alike is not known."),
            PreflighthostText::tr("Change <numatune> in the XML for the destination if it has not."));
    }
}

} // namespace

void checkCpus(Preflight &grid)
{
    const MigrateDestination &there = grid.facts.destination;
    const virt::DomainRecord &vm = grid.facts.source.domain;
    const int vcpus = std::max(vm.maxVcpus, vm.vcpus);
    const int limit = grid.facts.pair.there.maxVcpus;
    const int cpus = there.host.cpus;
    if (limit > 0 && vcpus > limit) {
        grid.block(Topic::Cpus,
            PreflighthostText::tr("%1 allows %2 vCPUs for this machine type.").arg(grid.there()).arg(limit),
            PreflighthostText::tr("The VM has %1.").arg(vcpus),
            PreflighthostText::tr("Give the VM fewer vCPUs while it is off."));
    }
    if (cpus > 0) {
        checkPinning(grid, cpus);
        int promised = there.promisedVcpus + vm.vcpus;
        for (const virt::DomainRecord &other : there.domains) {
            promised += other.isActive() ? other.vcpus : 0;
        }
        const QString figures =
            PreflighthostText::tr("vCPUs of its running VMs and this one: %1; CPUs: %2.").arg(promised).arg(cpus);
        if (vm.vcpus > cpus) {
            grid.add(Topic::Cpus, Severity::Warning,
                PreflighthostText::tr("%1 has fewer CPUs than the VM has vCPUs.").arg(grid.there()),
                PreflighthostText::tr("The VM has %1, the host %2: the VM will be slow.").arg(vm.vcpus).arg(cpus),
                PreflighthostText::tr("Choose another host."));
        } else if (promised > 4 * cpus && !grid.isOffline()) {
            grid.add(Topic::Cpus, Severity::Note,
                PreflighthostText::tr("The CPUs of %1 are promised %2 times over.")
                    .arg(grid.there())
                    .arg(promised / cpus),
                figures);
        } else {
            grid.ok(Topic::Cpus, figures);
        }
    } else if (grid.isQuiet(Topic::Cpus)) {
        grid.add(
            Topic::Cpus, Severity::Note, PreflighthostText::tr("How many CPUs %1 has is not known.").arg(grid.there()));
    }
}

void checkCpuModel(Preflight &grid)
{
    using Verdict = virt::migration::CpuComparison::Verdict;
    const MigratePair &pair = grid.facts.pair;
    const xml::Element cpu = grid.domain.child(u"cpu"_s);
    const bool isEmulated = grid.domain.attribute(u"type"_s) == "qemu"_L1;
    if (pair.cpu.verdict == Verdict::Incompatible) {
        grid.block(Topic::CpuModel,
            PreflighthostText::tr("The CPU of %1 can't do what the VM's can.").arg(grid.there()),
            pair.cpu.reason.isEmpty() ? PreflighthostText::tr("Its features are fewer, or others.") : pair.cpu.reason,
            pair.cpuThatWorks.isEmpty()
                ? PreflighthostText::tr("Give the VM a simpler CPU model while it is off, or choose another host.")
                : PreflighthostText::tr("Give the VM this CPU while it is off, which both hosts have: %1")
                      .arg(pair.cpuThatWorks.simplified()));
        return;
    }
    if (cpu.attribute(u"mode"_s) == "host-passthrough"_L1 && !isEmulated) {
        const bool alike = grid.facts.source.host.cpuModel == grid.facts.destination.host.cpuModel;
        grid.add(Topic::CpuModel, alike ? Severity::Note : Severity::Warning,
            PreflighthostText::tr("The guest sees the host's own CPU (host-passthrough)."),
            alike
                ? PreflighthostText::tr("Both hosts have the model %1; microcode and settings may differ all the same.")
                      .arg(grid.facts.source.host.cpuModel)
                : PreflighthostText::tr("The source has %1, the destination %2: the guest may crash.")
                      .arg(grid.facts.source.host.cpuModel, grid.facts.destination.host.cpuModel),
            PreflighthostText::tr("A named CPU model is safer; it can be changed while the VM is off."));
        return;
    }
    switch (pair.cpu.verdict) {
    case Verdict::Identical:
    case Verdict::Superset:
        grid.ok(
            Topic::CpuModel, PreflighthostText::tr("The CPU of %1 can do all that the VM's can.").arg(grid.there()));
        return;
    case Verdict::Incompatible:
    case Verdict::Unknown:
        break;
    }
    if (isEmulated) {
        grid.ok(Topic::CpuModel, PreflighthostText::tr("The CPU is emulated: that of the host does not matter."));
    } else if (grid.facts.source.cpuXml.isEmpty()) {
        grid.ok(Topic::CpuModel, PreflighthostText::tr("The VM has QEMU's plain CPU model."));
    } else {
        grid.add(Topic::CpuModel, Severity::Note,
            PreflighthostText::tr("Whether the CPU of %1 can do all that the VM's can is not known.").arg(grid.there()),
            PreflighthostText::tr("libvirt compares them again before anything moves."));
    }
}

namespace {

QString emulatorOf(const Preflight &grid)
{
    return grid.devices.child(u"emulator"_s).text().trimmed();
}

} // namespace

void checkMachine(Preflight &grid)
{
    const xml::Element type = grid.domain.find(u"os/type"_s);
    const QString arch = type.attribute(u"arch"_s);
    const QString machine = type.attribute(u"machine"_s);
    const QString osType = type.text().trimmed();
    const QString virtType = grid.domain.attribute(u"type"_s);
    const xml::GuestKind *kind = grid.facts.destination.capabilities.guest(osType, arch);
    const xml::GuestDomain *guest = kind ? kind->domain(virtType) : nullptr;
    const QString elsewhere = PreflighthostText::tr("Choose another host, or install what is missing there.");
    if (!kind) {
        grid.block(Topic::Machine,
            PreflighthostText::tr("%1 can't run VMs of the architecture %2.").arg(grid.there(), arch),
            PreflighthostText::tr("No emulator for it is installed there."), elsewhere);
        return;
    }
    if (!guest) {
        grid.block(Topic::Machine,
            PreflighthostText::tr("%1 can't run VMs of the type “%2”.").arg(grid.there(), virtType),
            virtType == "kvm"_L1 ? PreflighthostText::tr("KVM is not usable there.")
                                 : PreflighthostText::tr("Its libvirt does not offer it."),
            elsewhere);
        return;
    }
    const bool known = std::ranges::any_of(guest->machines,
        [&machine](const xml::MachineType &each) { return each.name == machine || each.canonical == machine; });
    if (!known && !guest->machines.isEmpty()) {
        grid.block(Topic::Machine,
            PreflighthostText::tr("%1 does not have the machine type %2.").arg(grid.there(), machine),
            PreflighthostText::tr("Its QEMU is another version, or was built without it."),
            PreflighthostText::tr(
                "Update QEMU there, choose another host, or change the machine type while the VM is off."));
        return;
    }
    const QString emulator = emulatorOf(grid);
    const QString wanted = grid.draft.map.paths.value(emulator, emulator);
    if (grid.facts.pair.there.arch.isEmpty() && !wanted.isEmpty() && wanted != guest->emulator) {
        grid.block(Topic::Machine, PreflighthostText::tr("%1 may lack the emulator %2.").arg(grid.there(), wanted),
            PreflighthostText::tr("Its own for this kind of VM is %1.").arg(guest->emulator),
            PreflighthostText::tr("Map the path of the emulator, or edit it in the XML for the destination."));
        return;
    }
    grid.ok(Topic::Machine, PreflighthostText::tr("%1 has the machine type %2.").arg(grid.there(), machine));
}

namespace {

/**
 * QEMU before 9.0 ("physmem: Fix migration dirty bitmap coherency with TCG memory access") goes on to let an emulated
 * CPU write through TLB entries that were made before the migration read which pages are dirty: what is written there
 * is not sent again.
 */
void checkEmulatedMemory(Preflight &grid)
{
    const virt::HostInfo &from = grid.facts.source.host;
    const bool writes =
        grid.draft.mode == MigrateDraft::Mode::Live && grid.facts.source.domain.state == virt::DomainState::Running;
    if (grid.domain.attribute(u"type"_s) != "qemu"_L1 || !writes || passesThrough(grid.facts.source, grid.draft)
        || from.hypervisorVersion.isEmpty()
        || QVersionNumber::fromString(from.hypervisorVersion) >= QVersionNumber(9)) {
        return;
    }
    grid.add(Topic::Hypervisor, Severity::Warning,
        PreflighthostText::tr("The guest may arrive with old memory: its CPU is emulated in software."),
        PreflighthostText::tr("%1 %2 loses writes of emulated guests while they are migrated live, rarely with a full "
                              "operating system. 9.0 and later do not.")
            .arg(from.hypervisor, from.hypervisorVersion),
        PreflighthostText::tr("Let it stand still while it moves, or use KVM or a newer QEMU."));
}

} // namespace

void checkHypervisor(Preflight &grid)
{
    const virt::HostInfo &from = grid.facts.source.host;
    const virt::HostInfo &to = grid.facts.destination.host;
    if (from.hypervisor != to.hypervisor) {
        grid.block(Topic::Hypervisor,
            PreflighthostText::tr("%1 has another hypervisor: %2.").arg(grid.there(), to.hypervisor),
            PreflighthostText::tr("The VM runs on %1.").arg(from.hypervisor),
            PreflighthostText::tr("Choose a host with %1.").arg(from.hypervisor));
        return;
    }
    const auto versions =
        PreflighthostText::tr("%1 %2 here, %1 %3 there; libvirt %4 here, %5 there.")
            .arg(from.hypervisor, from.hypervisorVersion, to.hypervisorVersion, from.libvirtVersion, to.libvirtVersion);
    const auto isOlder = [](const QString &a, const QString &b) {
        return !a.isEmpty() && !b.isEmpty() && QVersionNumber::fromString(a) < QVersionNumber::fromString(b);
    };
    if (isOlder(to.hypervisorVersion, from.hypervisorVersion)) {
        grid.add(Topic::Hypervisor, Severity::Warning,
            PreflighthostText::tr("%1 has an older %2 than the source.").arg(grid.there(), to.hypervisor),
            PreflighthostText::tr("%1 QEMU promises only that a newer one takes a VM of an older one.").arg(versions),
            PreflighthostText::tr("Update it there. If the migration fails, the VM runs on here."));
    } else if (isOlder(to.libvirtVersion, from.libvirtVersion)) {
        grid.add(Topic::Hypervisor, Severity::Note,
            PreflighthostText::tr("%1 has an older libvirt than the source.").arg(grid.there()), versions);
    } else {
        grid.ok(Topic::Hypervisor, versions);
    }
    checkEmulatedMemory(grid);
}

} // namespace vireo::operation
