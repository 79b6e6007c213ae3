// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QFileInfo>
#include <QSet>

#include "backend/base/sizetext.h"
#include "backend/operation/migrate/migratelayout_p.h"

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

/** Decides about all files of one VM. */
class Layouter final
{
    Q_DISABLE_COPY_MOVE(Layouter)

public:
    Layouter(const MigrateFacts &facts, const MigrateDraft &draft)
        : m_facts(facts)
        , m_draft(draft)
        , m_disks(migrateDisks(facts.source.liveXml))
        , m_places(filePlaces(facts.source, facts.destination, draft))
        , m_cold(movesCold(draft))
        , m_offline(movesOffline(facts.source) && !m_cold)
        , m_passes(m_cold || passesThrough(facts.source, draft))
    {}

    MigrateLayout make()
    {
        QList<const MigrateDisk *> copied;
        for (const MigrateDisk &disk : std::as_const(m_disks)) {
            DiskMove move = disk.isMedium() ? medium(disk) : hardDisk(disk);
            if (move.kind == Kind::Copy) {
                copied.append(&disk);
            }
            m_layout.disks.append(std::move(move));
        }
        decideFlattening(copied);
        for (const MigrateDisk *disk : std::as_const(copied)) {
            layOut(*disk);
        }
        if (!copied.isEmpty()) {
            moveSnapshotFiles(copied);
        }
        checkSpace();
        return std::move(m_layout);
    }

private:
    void add(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_layout.findings.append({severity, text, cause, fix});
    }
    Chain chainOf(const QString &target) const
    {
        const snapshot::DiskNow *disk = m_facts.source.disks.disk(target);
        return disk ? disk->chain : Chain();
    }
    FileFacts file(const QString &path) const { return m_facts.source.disks.files.value(path); }
    bool isSame(const QString &path) const { return m_facts.pair.files.value(path).sharing == Sharing::Same; }
    /** Readable there by the same path (or the mapped one), with this content. */
    bool isThere(const QString &path) const
    {
        const FileThere there = m_facts.pair.files.value(path);
        return there.sharing == Sharing::Same || (there.exists && there.isAlike());
    }
    /** It is used there as it is, at `path`. */
    void trust(const QString &from, const QString &path, const FileThere &there)
    {
        if (there.sharing != Sharing::Same && there.content == FileThere::Content::Alike
            && std::ranges::find(m_layout.alike, from, &AlikeFile::from) == m_layout.alike.end()) {
            m_layout.alike.append({from, path, file(from).allocation});
        }
    }
    DiskMove *moveOf(const QString &target)
    {
        const auto found = std::ranges::find(m_layout.disks, target, &DiskMove::target);
        return found == m_layout.disks.end() ? nullptr : &*found;
    }

    DiskMove medium(const MigrateDisk &disk);
    bool takesAlong(const QString &medium, const FilePlace &place) const;
    DiskMove hardDisk(const MigrateDisk &disk);
    DiskMove sharedDisk(const MigrateDisk &disk, const QString &path);
    bool isOnItsOwn(const MigrateDisk &disk, DiskMove &move);
    void decideFlattening(const QList<const MigrateDisk *> &copied);
    void layOut(const MigrateDisk &disk);
    void layOutChain(const MigrateDisk &disk, const Chain &chain, DiskMove &move);
    bool checkTop(const MigrateDisk &disk, const Chain &chain, const DiskMove &move);
    QString location(const QString &path) const;
    void moveChain(const Chain &chain, qsizetype first, const QString &target, bool needed);
    void moveFile(const Layer &layer, const Layer &below, const QString &target, bool needed);
    void moveSnapshotFiles(const QList<const MigrateDisk *> &copied);
    void checkSpace();

    const MigrateFacts &m_facts;
    const MigrateDraft &m_draft;
    const QList<MigrateDisk> m_disks;
    const QMap<QString, FilePlace> m_places;
    const bool m_cold;
    const bool m_offline; ///< the definition alone
    const bool m_passes;  ///< files go while nobody writes to them
    MigrateLayout m_layout;
    QSet<QString> m_moved;
    bool m_flatten = false;
};

/** Without its seed the guest might take itself for another machine at its next start: new host keys, another name. */
bool Layouter::takesAlong(const QString &medium, const FilePlace &place) const
{
    return !m_offline && medium == seedMedium(m_facts.source) && !place.pool.isEmpty() && place.isFileBased
        && file(medium).capacity > 0;
}

DiskMove Layouter::medium(const MigrateDisk &disk)
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

DiskMove Layouter::sharedDisk(const MigrateDisk &disk, const QString &path)
{
    return {disk.target, Kind::Shared, path, samePlace(m_draft, path), {}, 0, {}};
}

/** What is no file of the host, or stays where it is for another reason. */
bool Layouter::isOnItsOwn(const MigrateDisk &disk, DiskMove &move)
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

DiskMove Layouter::hardDisk(const MigrateDisk &disk)
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
void Layouter::decideFlattening(const QList<const MigrateDisk *> &copied)
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

bool Layouter::checkTop(const MigrateDisk &disk, const Chain &chain, const DiskMove &move)
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

void Layouter::layOut(const MigrateDisk &disk)
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

void Layouter::layOutChain(const MigrateDisk &disk, const Chain &chain, DiskMove &move)
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

/** Where a layer will be at the destination. */
QString Layouter::location(const QString &path) const
{
    if (const DiskMove *top = [this, &path]() -> const DiskMove * {
            const auto found = std::ranges::find_if(m_layout.disks, [&path](const DiskMove &move) {
                return move.from == path && move.kind != Kind::Shared && move.kind != Kind::Medium;
            });
            return found == m_layout.disks.end() ? nullptr : &*found;
        }()) {
        return top->to;
    }
    const FilePlace place = m_places.value(path);
    const bool copyIsThere = m_facts.pair.places.value(place.path).isAlike();
    return isThere(path) && !copyIsThere ? samePlace(m_draft, path) : place.path;
}

/** Beneath others first. */
void Layouter::moveChain(const Chain &chain, qsizetype first, const QString &target, bool needed)
{
    for (qsizetype i = chain.size() - 1; i >= first; --i) {
        moveFile(chain.at(i), i + 1 < chain.size() ? chain.at(i + 1) : Layer(), target, needed);
    }
}

void Layouter::moveFile(const Layer &layer, const Layer &below, const QString &target, bool needed)
{
    if (m_moved.contains(layer.path)) {
        return;
    }
    m_moved.insert(layer.path);
    const FileFacts facts = file(layer.path);
    if (facts.presence == FileFacts::Presence::Missing) {
        add(needed ? Severity::Blocker : Severity::Warning,
            MigratelayoutText::tr("The file %1 is missing.").arg(layer.path),
            needed ? MigratelayoutText::tr("The disk %1 lies on it.").arg(target)
                   : MigratelayoutText::tr("A snapshot needs it, and is broken already."),
            needed ? MigratelayoutText::tr("Bring the file back.") : QString());
        return;
    }
    if (isThere(layer.path) && location(layer.path) == samePlace(m_draft, layer.path)) {
        trust(layer.path, samePlace(m_draft, layer.path), m_facts.pair.files.value(layer.path));
        return; // its path, or the mapped one, is right
    }
    const FilePlace place = m_places.value(layer.path);
    FileMove move{target, layer.path, place.path, place.pool, place.volume, layer.format, {}, {}, facts.capacity,
        facts.allocation, true, false, false};
    if (!below.path.isEmpty()) {
        move.backing = location(below.path);
        move.backingFormat = below.format;
        move.namesOther = facts.backingPath != move.backing;
    }
    const FileThere there = m_facts.pair.places.value(place.path);
    const bool isSameThere = there.exists && there.isAlike()
        && (there.backingPath == move.backing || (there.backingPath.isEmpty() && move.backing.isEmpty()));
    move.relay = !isSameThere;
    if (isSameThere) {
        trust(layer.path, place.path, there);
    }
    const QString fix = MigratelayoutText::tr("Choose another place for it at the destination.");
    if (place.pool.isEmpty() || !place.isFileBased) {
        add(Severity::Blocker, MigratelayoutText::tr("There is no place for a copy of %1.").arg(layer.path),
            place.pool.isEmpty() ? place.reason : MigratelayoutText::tr("The pool “%1” has no files.").arg(place.pool),
            MigratelayoutText::tr("Choose a pool of the destination for it, or start the pool there."));
    } else if (move.relay && there.exists) {
        add(Severity::Blocker, MigratelayoutText::tr("The destination already has another %1.").arg(place.path),
            MigratelayoutText::tr("The copy of %1 would go there, and nothing is overwritten.").arg(layer.path), fix);
    } else if (move.relay && layer.format.isEmpty()) {
        add(Severity::Blocker, MigratelayoutText::tr("The format of %1 is not recorded.").arg(layer.path),
            MigratelayoutText::tr("It must not be guessed from a content that a guest could write."),
            MigratelayoutText::tr("Let the VM's definition name the whole backing chain, or copy the disk flattened."));
    } else if (move.relay && facts.capacity == 0) {
        add(Severity::Blocker, MigratelayoutText::tr("The size of %1 is not known.").arg(layer.path),
            MigratelayoutText::tr("No active pool of the source knows it."),
            MigratelayoutText::tr("Start or make a pool of its directory."));
    }
    m_layout.files.append(move);
}

/** Layers of other branches, and memory: all that a snapshot of a copied disk names. */
void Layouter::moveSnapshotFiles(const QList<const MigrateDisk *> &copied)
{
    for (const snapshot::Snapshot &snapshot : m_facts.source.disks.snapshots) {
        bool travels = false;
        for (const MigrateDisk *disk : copied) {
            const SnapshotDisk *part = snapshot.disk(disk->target);
            const DiskMove *top = m_layout.disk(disk->target);
            if (!part || part->kind != SnapshotDisk::Kind::External || !top) {
                continue;
            }
            travels = true;
            m_moved.insert(top->from); // is copied as the disk itself
            moveChain(part->state, 0, disk->target, false);
            if (!part->overlay.path.isEmpty() && !part->state.isEmpty()) {
                moveFile(part->overlay, part->state.constFirst(), disk->target, false);
            }
            if (DiskMove *move = moveOf(disk->target); move
                && std::ranges::any_of(
                    m_layout.files, [&](const FileMove &file) { return file.relay && file.target == disk->target; })) {
                move->kind = Kind::CopyChain;
            }
        }
        if (!snapshot.memoryFile.isEmpty() && travels) {
            const qsizetype before = m_layout.files.size();
            moveFile({snapshot.memoryFile, u"raw"_s}, {}, {}, false);
            if (m_layout.files.size() > before) {
                m_layout.files.last().isMemory = true;
            }
        }
    }
}

void Layouter::checkSpace()
{
    QMap<QString, quint64> needed;
    for (const DiskMove &move : std::as_const(m_layout.disks)) {
        if (!move.pool.isEmpty()) {
            needed[move.pool] += move.bytes;
        }
    }
    for (const FileMove &move : std::as_const(m_layout.files)) {
        if (move.relay && !move.pool.isEmpty()) {
            needed[move.pool] += move.bytes;
        }
    }
    for (auto each = needed.cbegin(); each != needed.cend(); ++each) {
        const auto pool = std::ranges::find(m_facts.destination.pools, each.key(), &virt::storage::Pool::name);
        if (pool == m_facts.destination.pools.end()) {
            continue;
        }
        const quint64 available = m_facts.pair.poolSpace.value(pool->name, pool->available);
        if (available < *each) {
            add(Severity::Blocker, MigratelayoutText::tr("The pool “%1” has no room for the copies.").arg(pool->name),
                MigratelayoutText::tr("They take %1, and %2 are free.").arg(sizeText(*each), sizeText(available)),
                MigratelayoutText::tr("Make room there, or choose another pool."));
        } else if (*each > 0) {
            add(Severity::Ok,
                MigratelayoutText::tr("%1 are copied into the pool “%2”, which has %3 free.")
                    .arg(sizeText(*each), pool->name, sizeText(available)));
        }
    }
}

} // namespace

const DiskMove *MigrateLayout::disk(const QString &target) const
{
    const auto found = std::ranges::find(disks, target, &DiskMove::target);
    return found == disks.end() ? nullptr : &*found;
}

MigrateLayout migrateLayout(const MigrateFacts &facts, const MigrateDraft &draft)
{
    return Layouter(facts, draft).make();
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
