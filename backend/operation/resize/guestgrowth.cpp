// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QRegularExpression>

#include "backend/operation/resize/guestgrowth_p.h"
#include "backend/operation/resize/resizecontent_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Severity = job::Finding::Severity;
using virt::guest::FileSystem;

struct GuestGrowthText {
    Q_DECLARE_TR_FUNCTIONS(operation_guestGrowth)
};

QString ownTools()
{
    return GuestGrowthText::tr("Grow the disk alone, and what is on it with the guest's own tools.");
}

Error unsupported(const QString &message)
{
    return {Error::Kind::Unsupported, message, ownTools(), 0, 0};
}

/** "vda1" is partition 1 of vda, "nvme0n1p2" 2 of nvme0n1. Nothing: it is neither disk nor partition. */
std::optional<GuestGrowth> placeOf(const FileSystem &fileSystem)
{
    static const QRegularExpression letters(u"^((?:s|h|v|xv)d[a-z]+)([0-9]*)$"_s);
    static const QRegularExpression numbers(u"^((?:nvme[0-9]+n|mmcblk)[0-9]+)(?:p([0-9]+))?$"_s);
    for (const QRegularExpression *form : {&letters, &numbers}) {
        if (const auto match = form->match(fileSystem.device); match.hasMatch()) {
            return GuestGrowth{match.captured(1), match.captured(2), fileSystem, {}};
        }
    }
    return std::nullopt;
}

/** Empty: a file system that nothing here grows. */
QStringList commandFor(const FileSystem &fileSystem)
{
    if (fileSystem.type == "ext2"_L1 || fileSystem.type == "ext3"_L1 || fileSystem.type == "ext4"_L1) {
        return {u"resize2fs"_s, u"/dev/"_s + fileSystem.device};
    }
    if (fileSystem.type == "xfs"_L1) {
        return {u"xfs_growfs"_s, fileSystem.mountPoint};
    }
    if (fileSystem.type == "btrfs"_L1) {
        return {u"btrfs"_s, u"filesystem"_s, u"resize"_s, u"max"_s, fileSystem.mountPoint};
    }
    return {};
}

bool runsNow(const ResizeFacts &facts)
{
    return facts.edit.domain.state == virt::DomainState::Running;
}

bool runsAfterwards(const ResizeFacts &facts, const ResizeDraft &draft)
{
    return draft.after == ResizeDraft::After::Running
        || (draft.after == ResizeDraft::After::AsBefore && runsNow(facts));
}

/** Why it can't be; nothing: it can, as far as is known. */
std::optional<Error> obstacle(
    const ResizeFacts &facts, const ResizeDraft &draft, const ResizeDraft::Disk &disk, bool isCold)
{
    const auto because = [](const QString &cause, const QString &fix) {
        return Error{Error::Kind::Unsupported, cause, fix, 0, 0};
    };
    if (!facts.guest.hasChannel) {
        return because(GuestGrowthText::tr("The VM has no channel for a guest agent."),
            GuestGrowthText::tr("Add Hardware, “Channel”, org.qemu.guest_agent.0; in the guest, install "
                                "qemu-guest-agent."));
    }
    if (isCold && !runsAfterwards(facts, draft)) {
        return because(GuestGrowthText::tr("Only a guest that runs can do it, and it is not to be started afterwards."),
            GuestGrowthText::tr("Have it started afterwards, or leave it to the guest."));
    }
    if (!runsNow(facts)) {
        return std::nullopt; // what its agent can do will be seen
    }
    if (!facts.guest.answers) {
        return because(GuestGrowthText::tr("Its guest agent does not answer."),
            GuestGrowthText::tr("Install and start qemu-guest-agent in the guest, or leave it to the guest."));
    }
    if (!facts.guest.canExecute) {
        return because(GuestGrowthText::tr("Its guest agent is told to run no programs."),
            GuestGrowthText::tr("Allow guest-exec and guest-exec-status in the guest's /etc/sysconfig/qemu-ga or "
                                "/etc/qemu/qemu-ga.conf, or leave it to the guest."));
    }
    const auto growths = guestGrowths(facts.guest.fileSystems, disk.target);
    return growths ? std::nullopt : std::optional(growths.error());
}

} // namespace

Result<QList<GuestGrowth>> guestGrowths(const QList<FileSystem> &fileSystems, const QString &target)
{
    QList<GuestGrowth> found;
    for (const FileSystem &each : fileSystems) {
        if (!each.targets.contains(target)) {
            continue;
        }
        const auto place = placeOf(each);
        if (!place || each.targets.size() > 1) {
            return fail(
                unsupported(GuestGrowthText::tr("What is mounted on %1 lies on %2 there: LVM, RAID or encryption.")
                        .arg(each.mountPoint, each.device)));
        }
        const bool isKnown = std::ranges::any_of(found, [&each](const GuestGrowth &other) {
            return other.fileSystem.device == each.device; // mounted twice
        });
        if (!isKnown) {
            found.append(*place);
            found.last().command = commandFor(each);
        }
    }
    if (found.isEmpty()) {
        return fail(unsupported(GuestGrowthText::tr("The guest has mounted nothing of the disk %1.").arg(target)));
    }
    if (std::ranges::all_of(found, [](const GuestGrowth &each) { return each.command.isEmpty(); })) {
        return fail(unsupported(GuestGrowthText::tr("Vireo can't grow file systems of the type “%1” in a guest.")
                .arg(found.constFirst().fileSystem.type)));
    }
    return found;
}

bool growsInGuest(const ResizeFacts &facts, const ResizeDraft::Disk &disk)
{
    const quint64 before = facts.capacities.value(disk.target);
    return disk.growInGuest && before > 0 && disk.capacity > before;
}

bool couldGrowInGuest(const ResizeFacts &facts, const QString &target)
{
    return facts.guest.answers && facts.guest.canExecute && guestGrowths(facts.guest.fileSystems, target);
}

job::Finding guestGrowthFinding(
    const ResizeFacts &facts, const ResizeDraft &draft, const ResizeDraft::Disk &disk, bool isCold)
{
    if (const auto reason = obstacle(facts, draft, disk, isCold)) {
        return {Severity::Blocker,
            GuestGrowthText::tr("What is on the disk %1 can't be grown in the guest.").arg(disk.target),
            reason->message, reason->hint};
    }
    const QString text = isCold
        ? GuestGrowthText::tr("What is on the disk %1 grows in the guest as soon as it runs again.").arg(disk.target)
        : GuestGrowthText::tr("What is on the disk %1 grows with it, in the guest.").arg(disk.target);
    return {Severity::Note, text,
        GuestGrowthText::tr("Its agent runs growpart and the file system's own tool there, as root. If they fail, the "
                            "disk is larger all the same, and it is said."),
        {}};
}

QList<job::Step> growInGuestSteps(
    const ResizeFacts &facts, const ResizeDraft &draft, bool isCold, const virt::HostId &host)
{
    constexpr int untilItAnswers = 300; // seconds; a guest that boots
    QList<job::Step> steps;
    for (const ResizeDraft::Disk &disk : draft.disks) {
        const bool isDone = isCold && contentChange(facts, disk).kind != ContentChange::Kind::None;
        if (isDone || !growsInGuest(facts, disk)) {
            continue;
        }
        job::Step step;
        step.type = u"guest.grow"_s;
        step.title = GuestGrowthText::tr("Grow what is on it, in the guest");
        step.object = disk.target;
        step.parameters = {{u"target"_s, disk.target}, {u"capacity"_s, static_cast<double>(disk.capacity)},
            {u"timeout"_s, untilItAnswers}};
        if (!host.isNull()) {
            step.parameters.insert(u"host"_s, host.toString(QUuid::WithoutBraces));
        }
        steps.append(step);
    }
    return steps;
}

} // namespace vireo::operation
