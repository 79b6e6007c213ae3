// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include <QSet>

#include "backend/operation/migrate/migratelayout_p.h"

namespace vireo::operation {

/** Decides about all files of one VM: its disks and media in migratelayout.cpp, the files that they lie on, and room
 *  for all of them, in migratelayoutfiles.cpp. Pure; any thread. */
class MigrateLayouter final
{
    Q_DISABLE_COPY_MOVE(MigrateLayouter)

public:
    MigrateLayouter(const MigrateFacts &facts, const MigrateDraft &draft)
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
            if (move.kind == DiskMove::Kind::Copy) {
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
    void add(job::Finding::Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_layout.findings.append({severity, text, cause, fix});
    }
    snapshot::Chain chainOf(const QString &target) const
    {
        const snapshot::DiskNow *disk = m_facts.source.disks.disk(target);
        return disk ? disk->chain : snapshot::Chain();
    }
    snapshot::FileFacts file(const QString &path) const { return m_facts.source.disks.files.value(path); }
    bool isSame(const QString &path) const
    {
        return m_facts.pair.files.value(path).sharing == FileThere::Sharing::Same;
    }
    /** Readable there by the same path (or the mapped one), with this content. */
    bool isThere(const QString &path) const
    {
        const FileThere there = m_facts.pair.files.value(path);
        return there.sharing == FileThere::Sharing::Same || (there.exists && there.isAlike());
    }
    /** It is used there as it is, at `path`. */
    void trust(const QString &from, const QString &path, const FileThere &there)
    {
        if (there.sharing != FileThere::Sharing::Same && there.content == FileThere::Content::Alike
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
    void layOutChain(const MigrateDisk &disk, const snapshot::Chain &chain, DiskMove &move);
    bool checkTop(const MigrateDisk &disk, const snapshot::Chain &chain, const DiskMove &move);
    QString location(const QString &path) const;
    void moveChain(const snapshot::Chain &chain, qsizetype first, const QString &target, bool needed);
    void moveFile(const snapshot::Layer &layer, const snapshot::Layer &below, const QString &target, bool needed);
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

} // namespace vireo::operation
