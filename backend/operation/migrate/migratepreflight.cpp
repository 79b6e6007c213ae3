// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cstdlib>

#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/migration/clocks.h"
#include "backend/operation/migrate/migratepreflight_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskMove::Kind;
using Severity = job::Finding::Severity;
using Topic = Check::Topic;

struct PreflightText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratepreflight)
};

void checkShared(Preflight &grid, const DiskMove &move, const MigrateDisk &disk)
{
    const FileThere there = grid.facts.pair.files.value(move.from);
    if (!disk.secret.isEmpty() && !grid.facts.destination.secrets.contains(disk.secret)) {
        grid.block(Topic::Disks,
            PreflightText::tr("%1 lacks the secret of the disk %2.").arg(grid.there(), move.target),
            PreflightText::tr("It is opened with the secret %1.").arg(disk.secret),
            PreflightText::tr("Define that secret there, with its value."));
    }
    if (disk.type == "network"_L1 || move.from.isEmpty() || there.sharing == FileThere::Sharing::Same) {
        grid.ok(Topic::Disks, PreflightText::tr("%1: %2").arg(move.target, move.reason));
        return;
    }
    const bool offline = grid.isOffline();
    if (there.sharing == FileThere::Sharing::Different && (disk.type != "block"_L1 || offline)) {
        grid.block(Topic::Disks, PreflightText::tr("The hosts don't share the disk %1.").arg(move.target),
            PreflightText::tr("A marker that was made beside %1 was not seen through %2.").arg(move.from, grid.there()),
            offline ? PreflightText::tr("Start the VM and migrate it live, with its disks copied.")
                    : PreflightText::tr("Let the disk be copied."));
    } else if (disk.shareable || offline) {
        grid.block(Topic::Disks,
            PreflightText::tr("It is not proven that the hosts share the disk %1.").arg(move.target), move.reason,
            offline ? PreflightText::tr("Start the VM and migrate it live, with its disks copied.")
                    : PreflightText::tr("Put it where both hosts have a storage pool."));
    } else if (disk.type == "block"_L1) {
        grid.add(Topic::Disks, Severity::Note, PreflightText::tr("%1: %2").arg(move.target, move.reason),
            PreflightText::tr("Devices can't be proven to be the same: %1.").arg(move.from));
    } else {
        grid.add(Topic::Disks, Severity::Warning,
            PreflightText::tr("It is not proven that the hosts share the disk %1.").arg(move.target), move.reason,
            PreflightText::tr("Let the disk be copied, unless you know that they do."));
    }
}

void checkCopied(Preflight &grid, const DiskMove &move, const MigrateDisk &disk)
{
    if (!disk.secret.isEmpty() && !grid.facts.destination.secrets.contains(disk.secret)) {
        grid.block(Topic::Disks,
            PreflightText::tr("%1 lacks the secret of the disk %2.").arg(grid.there(), move.target),
            PreflightText::tr("It is opened with the secret %1.").arg(disk.secret),
            PreflightText::tr("Define that secret there, with its value."));
    }
    if (!move.to.isEmpty()) {
        grid.ok(Topic::Disks,
            move.bytes > 0
                ? PreflightText::tr("%1: %2 are copied to %3.").arg(move.target, sizeText(move.bytes), move.to)
                : PreflightText::tr("%1: it is copied to %2.").arg(move.target, move.to),
            move.reason);
    }
}

} // namespace

bool Preflight::isQuiet(Check::Topic topic) const
{
    return std::ranges::none_of(checks, [topic](const Check &each) {
        return each.topic == topic
            && (each.finding.severity == Severity::Warning || each.finding.severity == Severity::Blocker);
    });
}

QString Preflight::there() const
{
    const QString &host = facts.destination.host.hostname;
    return host.isEmpty() ? PreflightText::tr("The destination") : host;
}

void checkDisks(Preflight &grid)
{
    const QList<MigrateDisk> disks = migrateDisks(grid.facts.source.liveXml);
    bool any = false;
    for (const MigrateDisk &disk : disks) {
        const DiskMove *move = grid.layout.disk(disk.target);
        if (!move || disk.isMedium()) {
            continue;
        }
        any = true;
        if (disk.transient && !grid.isOffline()) {
            grid.block(Topic::Disks, PreflightText::tr("The disk %1 forgets what is written to it.").arg(disk.target),
                PreflightText::tr("libvirt does not migrate transient disks."),
                PreflightText::tr("Detach it, or make it a lasting one while the VM is off."));
        }
        if (move->kind == Kind::Shared) {
            checkShared(grid, *move, disk);
        } else {
            checkCopied(grid, *move, disk);
        }
    }
    for (const job::Finding &finding : grid.layout.findings) {
        grid.checks.append({Topic::Disks, finding});
    }
    if (!grid.layout.alike.isEmpty()) {
        quint64 bytes = 0;
        for (const AlikeFile &file : grid.layout.alike) {
            bytes += file.bytes;
        }
        const auto count = static_cast<int>(grid.layout.alike.size());
        grid.add(Topic::Disks, Severity::Note,
            count == 1
                ? PreflightText::tr("1 layer that is there already is compared whole first: %1.").arg(sizeText(bytes))
                : PreflightText::tr("%n layers that are there already are compared whole first: %1.", nullptr, count)
                      .arg(sizeText(bytes)),
            PreflightText::tr("They look alike. A disk on another base image than its own would be broken."));
    }
    const auto relayed = std::ranges::count_if(grid.layout.files, &FileMove::relay);
    if (relayed > 0 && !movesCold(grid.draft)) {
        quint64 bytes = 0;
        for (const FileMove &file : grid.layout.files) {
            bytes += file.relay ? file.bytes : 0;
        }
        grid.add(Topic::Disks, Severity::Note,
            relayed == 1
                ? PreflightText::tr("1 file goes through this computer: %1.").arg(sizeText(bytes))
                : PreflightText::tr("%n files go through this computer: %1.", nullptr, static_cast<int>(relayed))
                      .arg(sizeText(bytes)),
            passesThrough(grid.facts.source, grid.draft)
                ? PreflightText::tr("What nobody writes to goes while the guest runs, the rest while it stands still.")
                : PreflightText::tr(
                      "Layers that nobody writes to, and memory of snapshots, are streamed before the guest moves."));
    }
    if (!any) {
        grid.ok(Topic::Disks, PreflightText::tr("The VM has no disks."));
    }
    if (!grid.layout.live.isEmpty() && grid.draft.path == MigrateDraft::Path::Tunnelled) {
        grid.block(Topic::Disks, PreflightText::tr("Disks can't be copied through a tunnel."),
            PreflightText::tr("libvirt copies chosen disks only over a connection of QEMU's own."),
            PreflightText::tr("Don't tunnel; use TLS instead."));
    }
}

void checkMedia(Preflight &grid)
{
    bool any = false;
    for (const DiskMove &move : grid.layout.disks) {
        if (move.kind != Kind::Medium || move.from.isEmpty()) {
            continue;
        }
        any = true;
        if (move.to.isEmpty()) {
            grid.add(Topic::Media, Severity::Warning, PreflightText::tr("The drive %1 arrives empty.").arg(move.target),
                grid.facts.pair.files.value(move.from).exists
                    ? PreflightText::tr("%1 has another file %2.").arg(grid.there(), move.from)
                    : PreflightText::tr("%1 has no file %2.").arg(grid.there(), move.from),
                PreflightText::tr("Copy the medium there, or choose a file there that is the same."));
        } else if (!grid.facts.pair.files.contains(move.from)) {
            grid.add(Topic::Media, Severity::Warning, PreflightText::tr("%1: %2").arg(move.target, move.reason),
                PreflightText::tr("Without %1 the migration fails before the guest is touched.").arg(move.to),
                PreflightText::tr("Eject the medium if it is not needed."));
        } else {
            grid.ok(Topic::Media, PreflightText::tr("%1: %2").arg(move.target, move.reason));
        }
    }
    if (!any) {
        grid.ok(Topic::Media, PreflightText::tr("No medium is in a drive."));
    }
}

void checkSnapshots(Preflight &grid)
{
    const snapshot::Facts &facts = grid.facts.source.disks;
    const auto count = static_cast<int>(facts.snapshots.size());
    if (count == 0) {
        grid.ok(Topic::Snapshots, PreflightText::tr("The VM has no snapshots."));
        return;
    }
    const bool copies = std::ranges::any_of(
        grid.layout.disks, [](const DiskMove &move) { return move.kind != Kind::Shared && move.kind != Kind::Medium; });
    const bool memoryInside = std::ranges::any_of(facts.snapshots,
        [](const snapshot::Snapshot &each) { return each.memory == snapshot::Snapshot::Memory::Internal; });
    if (copies && memoryInside && !passesThrough(grid.facts.source, grid.draft) && !movesCold(grid.draft)) {
        grid.block(Topic::Snapshots, PreflightText::tr("The memory of snapshots lies within a disk that is copied."),
            PreflightText::tr("What is within a file is not copied with the disk: it would be lost."),
            PreflightText::tr("Delete those snapshots, or move the disk to storage that both hosts share."));
    }
    if (!grid.draft.persistent || !grid.facts.source.domain.persistent) {
        grid.block(Topic::Snapshots, PreflightText::tr("A temporary VM can't keep its snapshots."),
            PreflightText::tr("libvirt forgets them when it ends."),
            PreflightText::tr("Let the VM be defined at the destination, or delete the snapshots."));
    }
    for (const snapshot::Snapshot &each : facts.snapshots) {
        const bool isLost = !each.memoryFile.isEmpty() && !copies
            && grid.facts.pair.files.value(each.memoryFile).sharing != FileThere::Sharing::Same;
        if (isLost) {
            grid.add(Topic::Snapshots, Severity::Warning,
                PreflightText::tr("The memory of the snapshot “%1” may stay behind.").arg(each.name),
                PreflightText::tr("It is not proven that the hosts share %1.").arg(each.memoryFile),
                PreflightText::tr("Copy that file to the same place there."));
        }
    }
    grid.add(Topic::Snapshots, Severity::Note,
        count == 1 ? PreflightText::tr("1 snapshot goes with the VM.")
                   : PreflightText::tr("%n snapshots go with the VM.", nullptr, count),
        PreflightText::tr(
            "libvirt does not migrate VMs with snapshots: what it knows of them is kept, forgotten at the "
            "source, and said again at the destination."));
}

namespace {

/** The hosts' clocks; said before what becomes of the guest's. */
void checkHostClocks(Preflight &grid)
{
    constexpr qint64 noticeable = 1000;
    constexpr qint64 grave = 5000;
    const MigratePair &pair = grid.facts.pair;
    const QString fix = PreflightText::tr("Set the clocks of both hosts by NTP, for example with chrony.");
    if (!pair.clockKnown) {
        if (!pair.clockProblem.isEmpty()) {
            grid.add(Topic::Clock, Severity::Note,
                PreflightText::tr("It is not known whether the clocks of both hosts agree."), pair.clockProblem);
        }
        return;
    }
    const migration::ClockDifference difference{pair.clockDifferenceMs, pair.clockUncertaintyMs};
    const auto seconds = [](qint64 ms) {
        constexpr double second = 1000;
        return QString::number(static_cast<double>(ms) / second, 'f', ms < noticeable ? 2 : 1);
    };
    const QString figures = difference.ms < 0
        ? PreflightText::tr("The destination's clock is %1 s behind the source's (± %2 s).")
        : PreflightText::tr("The destination's clock is %1 s ahead of the source's (± %2 s).");
    const QString said = figures.arg(seconds(std::abs(difference.ms)), seconds(difference.uncertainty));
    if (difference.atLeast() > grave) {
        grid.add(Topic::Clock, Severity::Warning, said,
            grid.draft.setTime && grid.facts.source.disks.hasAgent
                ? PreflightText::tr("The guest's clock is set by the destination's afterwards: it jumps by that.")
                : PreflightText::tr("The guest's clock may jump by that, now or when it starts next."),
            fix);
    } else if (difference.atLeast() >= noticeable) {
        grid.add(Topic::Clock, Severity::Note, said, {}, fix);
    } else if (difference.uncertainty >= noticeable) {
        grid.add(Topic::Clock, Severity::Note,
            PreflightText::tr("The clocks of both hosts could be compared only to within %1 s.")
                .arg(seconds(difference.uncertainty)),
            PreflightText::tr("The hosts took so long to answer."));
    } else {
        grid.ok(Topic::Clock,
            PreflightText::tr("The clocks of both hosts agree within %1 s.").arg(seconds(difference.atMost())));
    }
}

} // namespace

void checkClock(Preflight &grid)
{
    if (grid.isOffline()) {
        grid.ok(Topic::Clock, PreflightText::tr("The VM is off: its clock is set when it starts."));
        return;
    }
    checkHostClocks(grid);
    const bool hasAgent = grid.facts.source.disks.hasAgent;
    if (grid.draft.setTime && hasAgent) {
        grid.ok(Topic::Clock, PreflightText::tr("The guest's clock is set through its agent afterwards."));
    } else if (grid.draft.setTime) {
        grid.add(Topic::Clock, Severity::Note,
            PreflightText::tr("The guest's clock will be late by the time that it stood still."),
            PreflightText::tr("No guest agent is connected that could set it."));
    } else {
        grid.ok(Topic::Clock, PreflightText::tr("The guest's clock is left alone, as chosen."));
    }
}

QString topicName(Check::Topic topic)
{
    switch (topic) {
    case Topic::Identity:
        return PreflightText::tr("Identity");
    case Topic::Memory:
        return PreflightText::tr("Memory");
    case Topic::Cpus:
        return PreflightText::tr("CPUs");
    case Topic::CpuModel:
        return PreflightText::tr("CPU model");
    case Topic::Machine:
        return PreflightText::tr("Machine type");
    case Topic::Hypervisor:
        return PreflightText::tr("Hypervisor");
    case Topic::Firmware:
        return PreflightText::tr("Firmware");
    case Topic::Tpm:
        return PreflightText::tr("TPM");
    case Topic::Networks:
        return PreflightText::tr("Networks");
    case Topic::Disks:
        return PreflightText::tr("Disks");
    case Topic::Media:
        return PreflightText::tr("Media");
    case Topic::HostDevices:
        return PreflightText::tr("Host devices");
    case Topic::Snapshots:
        return PreflightText::tr("Snapshots");
    case Topic::Graphics:
        return PreflightText::tr("Graphics");
    case Topic::Clock:
        return PreflightText::tr("Clock");
    case Topic::Reachability:
        return PreflightText::tr("Connection");
    case Topic::Libvirt:
        return PreflightText::tr("libvirt and QEMU");
    }
    return {};
}

QList<Check> preflight(const MigrateFacts &now, const MigrateDraft &draft)
{
    const MigrateFacts facts = movesCold(draft) ? asShutOff(now) : now;
    const MigrateLayout layout = migrateLayout(facts, draft);
    const auto document = xml::Document::parse(facts.source.liveXml);
    const xml::Element domain = document ? document->root() : xml::Element();
    Preflight grid{facts, draft, layout, domain, domain.child(u"devices"_s)};
    grid.startsThere = movesCold(draft)
        && (draft.start == MigrateDraft::Start::Yes
            || (draft.start == MigrateDraft::Start::AsBefore && now.source.domain.isActive()));
    checkIdentity(grid);
    checkMemory(grid);
    checkCpus(grid);
    checkCpuModel(grid);
    checkMachine(grid);
    checkHypervisor(grid);
    checkFirmware(grid);
    checkTpm(grid);
    checkNetworks(grid);
    checkDisks(grid);
    checkMedia(grid);
    checkHostDevices(grid);
    checkSnapshots(grid);
    checkGraphics(grid);
    checkClock(grid);
    checkReachability(grid);
    checkLibvirt(grid);
    return grid.checks;
}

} // namespace vireo::operation
