// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QFileInfo>

#include "backend/operation/migrate/migratelayouter_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskMove::Kind;
using Severity = job::Finding::Severity;
using Sharing = FileThere::Sharing;
using snapshot::Chain;
using snapshot::FileFacts;
using snapshot::Layer;
using snapshot::SnapshotDisk;

struct MigratelayoutText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratelayout)
};

/** Names that say which device it is, whatever the host calls it. A volume group's does not: another host may have one
 *  of the same name. */
constexpr std::array networkDevices{"/dev/disk/by-path/ip-"_L1, "/dev/disk/by-id/wwn-"_L1,
    "/dev/disk/by-id/dm-uuid-mpath-"_L1, "/dev/disk/by-id/nvme-eui."_L1};

bool isNetworkDevice(const QString &path)
{
    return std::ranges::any_of(networkDevices, [&path](QLatin1StringView start) { return path.startsWith(start); });
}

} // namespace

/** Without its seed the guest might take itself for another machine at its next start: new host keys, another name. */
bool MigrateLayouter::takesAlong(const QString &medium, const FilePlace &place) const
{
    return !m_offline && medium == seedMedium(m_facts.source) && !place.pool.isEmpty() && place.isFileBased
        && file(medium).capacity > 0;
}

DiskMove MigrateLayouter::medium(const MigrateDisk &disk)
{
    const QString path = m_facts.source.mediaSources.value(disk.target, disk.path);
    DiskMove move{disk.target, Kind::Medium, path, {}, {}, 0, {}};
    if (path.isEmpty() && disk.type != "network"_L1) {
        move.reason = MigratelayoutText::tr("The drive is empty.");
        return move;
    }
    if (disk.type == "network"_L1) {
        move.to = path;
        move.reason = MigratelayoutText::tr("The medium is reached over the network.");
        return move;
    }
    const auto there = m_facts.pair.files.constFind(path);
    const bool isKnown = there != m_facts.pair.files.constEnd();
    // A path that was chosen for it leads to what was chosen.
    const bool isAnother = isKnown && there->sharing != Sharing::Same && there->content == FileThere::Content::Different
        && !m_draft.map.paths.contains(path);
    if (!isKnown || ((there->exists || there->sharing == Sharing::Same) && !isAnother)) {
        move.to = samePlace(m_draft, path);
        move.reason = isKnown ? MigratelayoutText::tr("The medium is there.")
                              : MigratelayoutText::tr("Whether the medium is there is not known.");
        return move;
    }
    if (const FilePlace place = m_places.value(path); takesAlong(path, place)) {
        moveFile({path, u"raw"_s}, {}, disk.target, true);
        if (!m_layout.files.isEmpty() && m_layout.files.constLast().from == path) {
            m_layout.files.last().isSeed = true;
            move.to = place.path;
            move.reason = MigratelayoutText::tr("It is the VM's own seed, and goes along.");
            return move;
        }
    }
    move.reason = isAnother ? MigratelayoutText::tr("Another file is there by its name: the drive arrives empty.")
                            : MigratelayoutText::tr("The medium is not there: the drive arrives empty.");
    return move;
}

DiskMove MigrateLayouter::sharedDisk(const MigrateDisk &disk, const QString &path)
{
    return {disk.target, Kind::Shared, path, samePlace(m_draft, path), {}, 0, {}};
}

/** What is no file of the host, or stays where it is for another reason. */
bool MigrateLayouter::isOnItsOwn(const MigrateDisk &disk, DiskMove &move)
{
    if (disk.type == "network"_L1) {
        move.reason = MigratelayoutText::tr("Both hosts reach it over the network (%1).").arg(disk.protocol);
        return true;
    }
    if (disk.type == "block"_L1 && isNetworkDevice(disk.path)) {
        move.reason = MigratelayoutText::tr("It is a device of a storage network, called alike on all hosts.");
        return true;
    }
    if (m_draft.storage == MigrateDraft::Storage::Shared) {
        move.reason = MigratelayoutText::tr("It was said to be shared.");
        return true;
    }
    return false;
}

DiskMove MigrateLayouter::hardDisk(const MigrateDisk &disk)
{
    const Chain chain = chainOf(disk.target);
    const QString path = chain.isEmpty() ? disk.path : chain.constFirst().path;
    DiskMove move = sharedDisk(disk, path);
    if (path.isEmpty() && disk.type != "network"_L1) {
        move.reason = MigratelayoutText::tr("There is nothing in it.");
        return move;
    }
    if (isOnItsOwn(disk, move)) {
        return move;
    }
    const bool isShared =
        isSame(path) && std::ranges::all_of(chain, [this](const Layer &layer) { return isThere(layer.path); });
    if (isShared && (m_draft.storage == MigrateDraft::Storage::Auto || m_offline)) {
        for (const Layer &layer : chain) {
            trust(layer.path, samePlace(m_draft, layer.path), m_facts.pair.files.value(layer.path));
        }
        move.reason = MigratelayoutText::tr("Both hosts see the same file: proven with a marker.");
        return move;
    }
    if (m_offline) {
        move.reason = MigratelayoutText::tr("A VM that is off takes no disks with it.");
        return move;
    }
    if (disk.shareable) {
        move.reason = MigratelayoutText::tr("Other VMs may write to it: it can't be copied.");
        return move;
    }
    move.kind = Kind::Copy;
    move.to.clear();
    move.reason = isShared ? MigratelayoutText::tr("A copy was asked for.")
        : m_facts.pair.files.value(path).sharing == Sharing::Different
        ? MigratelayoutText::tr("The hosts don't share its directory.")
        : MigratelayoutText::tr("It is not proven that the hosts share it.");
    return move;
}

/** libvirt has one way of copying for all disks: flattened are all or none. */
void MigrateLayouter::decideFlattening(const QList<const MigrateDisk *> &copied)
{
    QStringList layered;
    for (const MigrateDisk *disk : copied) {
        const bool needed =
            std::ranges::any_of(m_facts.source.disks.snapshots, [disk](const snapshot::Snapshot &snapshot) {
                const SnapshotDisk *part = snapshot.disk(disk->target);
                return part && part->kind == SnapshotDisk::Kind::External;
            });
        if (needed) {
            layered.append(disk->target);
        }
    }
    m_flatten = m_draft.flatten && layered.isEmpty() && (m_cold || !m_passes);
    if (m_draft.flatten && m_passes && !m_cold) {
        add(Severity::Note, MigratelayoutText::tr("The disks keep their layers: they are not made one file each."),
            MigratelayoutText::tr("What passes through this computer is copied as it is."));
    } else if (m_draft.flatten && !m_flatten) {
        add(Severity::Note, MigratelayoutText::tr("The disks keep their layers: they are not made one file each."),
            MigratelayoutText::tr("External snapshots need the layers of %1, and libvirt copies all disks in one way.")
                .arg(layered.join(u", "_s)));
    }
    m_layout.incremental = !m_flatten && std::ranges::any_of(copied, [this](const MigrateDisk *disk) {
        return chainOf(disk->target).size() > 1 && !disk->readOnly;
    });
}

bool MigrateLayouter::checkTop(const MigrateDisk &disk, const Chain &chain, const DiskMove &move)
{
    const qsizetype before = m_layout.findings.size();
    const QString &target = disk.target;
    const bool hasInternal =
        std::ranges::any_of(m_facts.source.disks.snapshots, [&target](const snapshot::Snapshot &snapshot) {
            const SnapshotDisk *part = snapshot.disk(target);
            return part && part->kind == SnapshotDisk::Kind::Internal;
        });
    if (hasInternal && !m_passes) {
        add(Severity::Blocker, MigratelayoutText::tr("Snapshots lie within the file of the disk %1.").arg(target),
            MigratelayoutText::tr("Internal snapshots are not copied with a disk: they would be lost."),
            MigratelayoutText::tr("Delete them, or move the disk to storage that both hosts share."));
    }
    if (disk.encrypted && !m_passes) {
        add(Severity::Blocker, MigratelayoutText::tr("The disk %1 is encrypted.").arg(target),
            MigratelayoutText::tr(
                "The copy would have to be encrypted by the destination first, which is not done yet."),
            MigratelayoutText::tr("Move the disk to storage that both hosts share."));
    }
    const FilePlace place = m_places.value(move.from);
    if (place.pool.isEmpty()) {
        add(Severity::Blocker, MigratelayoutText::tr("There is no place for the copy of the disk %1.").arg(target),
            place.reason.isEmpty() ? MigratelayoutText::tr("It is no file or device of the host.") : place.reason,
            MigratelayoutText::tr("Choose a pool of the destination for it, or start the pool there."));
    } else if (!place.isFileBased) {
        add(Severity::Blocker,
            MigratelayoutText::tr("The pool “%1” can't take the copy of the disk %2.").arg(place.pool, target),
            MigratelayoutText::tr("Disks are copied into files, and it has none."),
            MigratelayoutText::tr("Choose a pool that is a directory."));
    } else if (place.path == move.from && isSame(move.from)) {
        add(Severity::Blocker, MigratelayoutText::tr("The disk %1 can't be copied onto itself.").arg(target),
            MigratelayoutText::tr("Both hosts see the same file: %1.").arg(move.from),
            MigratelayoutText::tr("Use it as shared storage, or choose another place for the copy."));
    } else if (m_facts.pair.places.value(place.path).exists) {
        add(Severity::Blocker, MigratelayoutText::tr("The destination already has %1.").arg(place.path),
            MigratelayoutText::tr("The copy of the disk %1 would go there, and nothing is overwritten.").arg(target),
            MigratelayoutText::tr("Delete or rename that file if nobody needs it, or choose another place."));
    }
    if ((chain.isEmpty() ? disk.format : chain.constFirst().format).isEmpty()) {
        add(Severity::Blocker, MigratelayoutText::tr("The format of the disk %1 is not recorded.").arg(target),
            MigratelayoutText::tr("It must not be guessed from a content that the guest can write."),
            MigratelayoutText::tr("Say it in the VM's definition: <driver type='…'/>."));
    }
    if (file(move.from).capacity == 0) {
        add(Severity::Blocker, MigratelayoutText::tr("The size of the disk %1 is not known.").arg(target),
            MigratelayoutText::tr("No active pool of the source knows %1.").arg(move.from),
            MigratelayoutText::tr("Start or make a pool of its directory."));
    }
    return m_layout.findings.size() == before;
}

void MigrateLayouter::layOut(const MigrateDisk &disk)
{
    DiskMove *move = moveOf(disk.target);
    const Chain chain = chainOf(disk.target);
    const FilePlace place = m_places.value(move->from);
    move->to = place.path;
    move->pool = place.pool;
    if (!checkTop(disk, chain, *move)) {
        return;
    }
    const FileFacts top = file(move->from);
    quint64 stored = 0;
    for (const Layer &layer : chain) {
        stored += file(layer.path).allocation;
    }
    if (chain.size() <= 1 || m_flatten) {
        if (chain.size() > 1) {
            move->reason = MigratelayoutText::tr("%1 It becomes one file.").arg(move->reason);
        }
        move->bytes = std::min(top.capacity, chain.isEmpty() ? top.allocation : stored);
    } else {
        layOutChain(disk, chain, *move);
        move->bytes = std::min(top.capacity, top.allocation);
    }
    if (disk.readOnly || m_passes) {
        // Nobody writes to it: libvirt leaves it out of what it mirrors. Or nobody does while the guest is saved.
        moveFile({move->from, chain.isEmpty() ? disk.format : chain.constFirst().format},
            chain.size() > 1 && !m_flatten ? chain.at(1) : Layer(), disk.target, true);
        if (!m_layout.files.isEmpty() && m_layout.files.constLast().from == move->from) {
            m_layout.files.last().whileSaved = !disk.readOnly;
            if (m_flatten) {
                m_layout.files.last().bytes = move->bytes; // with what is beneath
            }
        }
        move->bytes = 0;
    } else {
        m_layout.live.append(disk.target);
    }
}

void MigrateLayouter::layOutChain(const MigrateDisk &disk, const Chain &chain, DiskMove &move)
{
    moveChain(chain, 1, disk.target, true);
    const bool relays = std::ranges::any_of(m_layout.files, [&chain](const FileMove &file) {
        // also one that another disk lies on as well
        return file.relay && std::any_of(chain.cbegin() + 1, chain.cend(), [&file](const Layer &layer) {
            return layer.path == file.from;
        });
    });
    move.kind = relays ? Kind::CopyChain : Kind::CopyTop;
    move.reason = relays
        ? MigratelayoutText::tr("%1 The layers beneath, which nobody writes to, are copied first.").arg(move.reason)
        : MigratelayoutText::tr("%1 Only the overlay is copied: what is beneath is there.").arg(move.reason);
}

const DiskMove *MigrateLayout::disk(const QString &target) const
{
    const auto found = std::ranges::find(disks, target, &DiskMove::target);
    return found == disks.end() ? nullptr : &*found;
}

MigrateLayout migrateLayout(const MigrateFacts &facts, const MigrateDraft &draft)
{
    return MigrateLayouter(facts, draft).make();
}

QList<DiskMove> diskMoves(const MigrateFacts &facts, const MigrateDraft &draft)
{
    MigrateLayout layout = migrateLayout(facts, draft);
    for (DiskMove &move : layout.disks) {
        // What is carried over as a file has its size there, so that plans count it once.
        const auto file = std::ranges::find(layout.files, move.from, &FileMove::from);
        if (file != layout.files.end() && file->whileSaved && file->relay) {
            move.bytes = file->bytes;
        }
    }
    return layout.disks;
}

} // namespace vireo::operation
