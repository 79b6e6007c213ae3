// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>

#include "backend/base/sizetext.h"
#include "backend/operation/resize/guestgrowth_p.h"
#include "backend/operation/resize/resizecontent_p.h"
#include "backend/operation/snapshot/snapshotsteps.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskContent::Kind;
using Severity = job::Finding::Severity;
using snapshot::Chain;
using snapshot::Layer;

struct ResizeContentText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizeContent)
};

QJsonArray toJson(const Chain &chain)
{
    QJsonArray array;
    for (const Layer &layer : chain) {
        array.append(QJsonObject{{u"path"_s, layer.path}, {u"format"_s, layer.format}});
    }
    return array;
}

bool isKnown(const Chain &chain)
{
    return !chain.isEmpty() && std::ranges::all_of(chain, [](const Layer &layer) {
        return layer.format == "raw"_L1 || layer.format == "qcow2"_L1;
    });
}

/** Layers and the disk made of them, what the tools write, and the layer that comes of it. */
quint64 roomFor(const Chain &chain, quint64 bytes, quint64 growth)
{
    constexpr quint64 reserve = 64ULL * 1024 * 1024;
    const bool isPlain = chain.size() == 1 && chain.constFirst().format == "raw"_L1;
    return (isPlain ? bytes : 2 * bytes) + growth / 32 + reserve;
}

bool isHeldBySnapshots(const ResizeFacts &facts, const QString &target)
{
    return std::ranges::any_of(facts.disks.snapshots, [&target](const snapshot::Snapshot &each) {
        const snapshot::SnapshotDisk *part = each.disk(target);
        return part && part->kind != snapshot::SnapshotDisk::Kind::None;
    });
}

QString nameOf(const DiskContent &content)
{
    return content.name.isEmpty() ? u"ext"_s : content.name;
}

job::Finding note(const QString &text, const QString &cause, const QString &fix = {})
{
    return {Severity::Note, text, cause, fix};
}

job::Finding inGuest(const QString &target, const DiskContent &content, const QString &obstacle)
{
    const QString text =
        ResizeContentText::tr("The disk %1 grows; the file system on it does not by itself.").arg(target);
    switch (content.kind) {
    case Kind::Ext:
        return note(text,
            obstacle.isEmpty()
                ? ResizeContentText::tr("It has an %1 file system without partitions.").arg(nameOf(content))
                : obstacle,
            ResizeContentText::tr("In the guest: resize2fs, on the disk as a whole; also while it is mounted."));
    case Kind::Xfs:
        return note(text,
            ResizeContentText::tr(
                "It has an XFS file system without partitions, which grows only while it is mounted."),
            ResizeContentText::tr(
                "In the guest: xfs_growfs, on its mount point; cloud-init does so for the root at the "
                "next boot."));
    case Kind::Swap:
        return note(ResizeContentText::tr("The disk %1 grows; the swap space on it does not by itself.").arg(target),
            {},
            ResizeContentText::tr("In the guest: swapoff, mkswap, swapon. Resized while it is off, it is made anew."));
    case Kind::Other:
        return note(text, ResizeContentText::tr("It holds %1 without partitions.").arg(content.name),
            ResizeContentText::tr("In the guest: its own tool."));
    case Kind::Unknown:
    case Kind::Blank:
    case Kind::Partitioned:
        break;
    }
    return note(
        ResizeContentText::tr("The disk %1 grows; partitions and file systems on it do not by themselves.").arg(target),
        content.kind == Kind::Partitioned
            ? ResizeContentText::tr("Guests with cloud-init grow their root at the next boot (growpart).")
            : ResizeContentText::tr("What is on it could not be told. Guests with cloud-init grow their root at the "
                                    "next boot (growpart)."),
        ResizeContentText::tr("Others: growpart, then resize2fs, xfs_growfs or the system's disk management."));
}

} // namespace

ContentChange contentChange(const ResizeFacts &facts, const ResizeDraft::Disk &disk)
{
    ContentChange change;
    const quint64 before = facts.capacities.value(disk.target);
    const snapshot::DiskNow *now = facts.disks.disk(disk.target);
    const DiskContent content = facts.contents.value(disk.target);
    if (disk.capacity == 0 || before == 0 || disk.capacity == before || !now || !isKnown(now->chain)) {
        return change;
    }
    if (content.kind == Kind::Swap) {
        const bool fits = !image::swapHeader(content, disk.capacity).isEmpty();
        change.kind = fits ? ContentChange::Kind::Swap : ContentChange::Kind::None;
        return change;
    }
    if (content.kind != Kind::Ext || disk.capacity < before || !disk.growFilesystem.value_or(true)) {
        return change;
    }
    for (const Layer &layer : now->chain) {
        change.bytes += facts.disks.files.value(layer.path).allocation;
    }
    const quint64 room = roomFor(now->chain, change.bytes, disk.capacity - before);
    if (content.isUnusual) {
        change.obstacle = ResizeContentText::tr("Its %1 file system is damaged, or has its journal on another device.")
                              .arg(nameOf(content));
    } else if (!facts.localProblem.isEmpty()) {
        change.obstacle = facts.localProblem;
    } else if (facts.localRoom < room) {
        change.obstacle = ResizeContentText::tr("This computer would need %1 for it meanwhile, and has %2 free.")
                              .arg(sizeText(room), sizeText(facts.localRoom));
    } else {
        change.kind = ContentChange::Kind::Filesystem;
    }
    return change;
}

ContentFate contentFate(const ResizeFacts &facts, const ResizeDraft::Disk &disk)
{
    switch (contentChange(facts, disk).kind) {
    case ContentChange::Kind::Filesystem:
        return ContentFate::Grows;
    case ContentChange::Kind::Swap:
        return disk.capacity > facts.capacities.value(disk.target) || isRemadeSwap(facts, disk) ? ContentFate::Anew
                                                                                                : ContentFate::Stays;
    case ContentChange::Kind::None:
        break;
    }
    return ContentFate::Stays;
}

bool isRemadeSwap(const ResizeFacts &facts, const ResizeDraft::Disk &disk)
{
    const snapshot::DiskNow *now = facts.disks.disk(disk.target);
    return now && now->chain.size() == 1 && !isHeldBySnapshots(facts, disk.target)
        && contentChange(facts, disk).kind == ContentChange::Kind::Swap;
}

QList<job::Finding> contentFindings(const ResizeFacts &facts, const ResizeDraft &draft, const ResizeDraft::Disk &disk)
{
    const quint64 before = facts.capacities.value(disk.target);
    if (disk.capacity == 0 || disk.capacity == before) {
        return {};
    }
    const DiskContent content = facts.contents.value(disk.target);
    const ContentChange change = contentChange(facts, disk);
    const bool isCold = !draft.to.isEmpty() || needsPowerOff(facts, draft);
    const bool isGrown = isCold && change.kind == ContentChange::Kind::Filesystem;
    QList<job::Finding> findings;
    if (isCold && change.kind == ContentChange::Kind::Swap) {
        findings.append(note(ResizeContentText::tr("The swap space on the disk %1 is made anew.").arg(disk.target),
            ResizeContentText::tr(
                "It keeps its UUID and label. What lies in it is not needed once the guest is off.")));
    } else if (isGrown) {
        findings.append(note(
            ResizeContentText::tr("The %1 file system on the disk %2 grows with it.").arg(nameOf(content), disk.target),
            ResizeContentText::tr("%1 are read through this computer, where it is checked and grown (e2fsck, "
                                  "resize2fs); only what that changes is written back.")
                .arg(sizeText(change.bytes))));
    } else if (growsInGuest(facts, disk)) {
        findings.append(guestGrowthFinding(facts, draft, disk, isCold));
    } else if (disk.capacity > before && content.kind != Kind::Blank) {
        job::Finding said = inGuest(disk.target, content, change.obstacle);
        if (couldGrowInGuest(facts, disk.target)) {
            said.fix += u' ' + ResizeContentText::tr("Or have the guest's agent do it (grow_in_guest).");
        }
        findings.append(said);
    }
    if (disk.growFilesystem.value_or(false) && !isGrown) {
        const QString cause = !change.obstacle.isEmpty() ? change.obstacle
            : content.kind != Kind::Ext
            ? ResizeContentText::tr("Only ext2, ext3 and ext4 without partitions are, and there is none on it.")
            : ResizeContentText::tr("Only that of a VM that is off is.");
        findings.append({Severity::Blocker,
            ResizeContentText::tr("The file system on the disk %1 can't be grown.").arg(disk.target), cause,
            ResizeContentText::tr("Grow the disk alone, and the file system in its guest.")});
    }
    return findings;
}

job::Step growFilesystemStep(
    const ContentChange &change, const QString &object, const Chain &chain, const QString &path, quint64 capacity)
{
    job::Step step;
    step.type = u"filesystem.grow"_s;
    step.title = ResizeContentText::tr("Grow the file system on it, on this computer");
    step.object = object;
    step.bytes = change.bytes;
    step.parameters = {{u"chain"_s, toJson(chain)}, {u"path"_s, path}, {u"capacity"_s, static_cast<double>(capacity)}};
    return step;
}

QList<job::Step> growFilesystemWithin(const ContentChange &change, const QString &object, const Chain &chain,
    const QString &token, quint64 capacity, const QString &like)
{
    const QString path = u"%1.grow-%2"_s.arg(chain.constFirst().path, token);
    job::Step fold;
    fold.type = u"layer.fold"_s;
    fold.title = ResizeContentText::tr("Write what changed into the disk");
    fold.object = object;
    fold.parameters = {{u"chain"_s, toJson(Chain{{path, u"qcow2"_s}} + chain)}};
    if (!like.isEmpty()) {
        fold.parameters.insert(u"like"_s, like);
    }
    return {createLayerStep(path, chain.constFirst(), capacity),
        growFilesystemStep(change, object, chain, path, capacity), fold, deleteLayerStep(path, true)};
}

job::Step makeSwapStep(
    const QString &object, const Chain &old, quint64 before, const Layer &made, const Layer &beneath, quint64 capacity)
{
    job::Step step;
    step.type = u"swap.make"_s;
    step.title = ResizeContentText::tr("Make the swap space anew");
    step.object = object;
    step.parameters = {{u"chain"_s, toJson(old)}, {u"before"_s, static_cast<double>(before)}, {u"path"_s, made.path},
        {u"format"_s, made.format}, {u"capacity"_s, static_cast<double>(capacity)}};
    if (!beneath.path.isEmpty()) {
        step.parameters.insert(u"backing"_s, beneath.path);
        step.parameters.insert(u"backingFormat"_s, beneath.format);
    }
    return step;
}

} // namespace vireo::operation
