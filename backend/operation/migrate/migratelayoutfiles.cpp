// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/operation/migrate/migratelayouter_p.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = DiskMove::Kind;
using Severity = job::Finding::Severity;
using snapshot::Chain;
using snapshot::FileFacts;
using snapshot::Layer;
using snapshot::SnapshotDisk;

struct MigratelayoutText {
    Q_DECLARE_TR_FUNCTIONS(operation_migratelayout)
};

} // namespace

/** Where a layer will be at the destination. */
QString MigrateLayouter::location(const QString &path) const
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
void MigrateLayouter::moveChain(const Chain &chain, qsizetype first, const QString &target, bool needed)
{
    for (qsizetype i = chain.size() - 1; i >= first; --i) {
        moveFile(chain.at(i), i + 1 < chain.size() ? chain.at(i + 1) : Layer(), target, needed);
    }
}

void MigrateLayouter::moveFile(const Layer &layer, const Layer &below, const QString &target, bool needed)
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
void MigrateLayouter::moveSnapshotFiles(const QList<const MigrateDisk *> &copied)
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

void MigrateLayouter::checkSpace()
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

} // namespace vireo::operation
