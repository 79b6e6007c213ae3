// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/chainrecords.h"

#include <algorithm>

#include <QSet>

namespace vireo::snapshot {

ChainRecords::ChainRecords(const Facts &facts, const QString &target)
    : m_facts(facts)
{
    QList<const Snapshot *> byAge;
    byAge.reserve(facts.snapshots.size());
    for (const Snapshot &snapshot : facts.snapshots) {
        byAge.append(&snapshot);
    }
    std::ranges::stable_sort(byAge, {}, &Snapshot::created);
    for (const Snapshot *snapshot : std::as_const(byAge)) {
        const SnapshotDisk *disk = snapshot->disk(target);
        if (!disk) {
            continue;
        }
        // A disk that was left out is not gone back to: what it was then says nothing of what is there now.
        if (disk->kind != SnapshotDisk::Kind::None) {
            addChain(disk->state);
        }
        if (disk->kind == SnapshotDisk::Kind::External && !disk->overlay.path.isEmpty()) {
            addChain({disk->overlay});
            if (!disk->state.isEmpty()) {
                addParent(disk->overlay.path, disk->state.first().path);
            }
        }
    }
    if (const DiskNow *now = facts.disk(target)) {
        addChain(now->chain);
        if (facts.domain.isActive()) {
            for (qsizetype i = 0; i < now->chain.size(); ++i) {
                m_live.insert(now->chain[i].path, i + 1 < now->chain.size() ? now->chain[i + 1].path : QString());
            }
        }
    }
    qsizetype next = 0;
    while (next < m_paths.size()) { // grows: what only storage knows lies beneath
        addPath(parentOf(m_paths[next]));
        ++next;
    }
}

void ChainRecords::addPath(const QString &path)
{
    if (!path.isEmpty() && !m_known.contains(path)) {
        m_known.insert(path, static_cast<int>(m_paths.size()));
        m_paths.append(path);
    }
}

void ChainRecords::addChain(const Chain &chain)
{
    for (qsizetype i = 0; i < chain.size(); ++i) {
        addPath(chain[i].path);
        if (!chain[i].format.isEmpty()) {
            m_formats.insert(chain[i].path, chain[i].format);
        }
        if (i + 1 < chain.size()) {
            addParent(chain[i].path, chain[i + 1].path);
        }
    }
}

void ChainRecords::addParent(const QString &path, const QString &parent)
{
    if (path == parent) {
        return; // one file under two names: its path, and its pool's
    }
    QStringList &parents = m_parents[path];
    parents.removeAll(parent);
    parents.append(parent);
}

QString ChainRecords::parentOf(const QString &path) const
{
    if (const auto live = m_live.constFind(path); live != m_live.constEnd()) {
        return *live;
    }
    const QStringList recorded = m_parents.value(path);
    const auto file = m_facts.files.constFind(path);
    const bool isThere = file != m_facts.files.constEnd() && file->presence == FileFacts::Presence::Present;
    if (isThere && (recorded.isEmpty() || recorded.contains(file->backingPath)) && isComparable(file->backingPath)) {
        return file->backingPath;
    }
    return recorded.isEmpty() ? QString() : recorded.last();
}

Chain ChainRecords::chainOf(const QString &path) const
{
    Chain chain;
    QSet<QString> seen; // records of several snapshots may make a circle
    for (QString at = path; !at.isEmpty() && !seen.contains(at); at = parentOf(at)) {
        seen.insert(at);
        chain.append({at, formatOf(at)});
    }
    return chain;
}

bool ChainRecords::isContradicted(const QString &path, const QString &backingPath) const
{
    if (!isComparable(backingPath)) {
        return false;
    }
    if (const auto live = m_live.constFind(path); live != m_live.constEnd()) {
        return *live != backingPath;
    }
    const QStringList recorded = m_parents.value(path);
    return !recorded.isEmpty() && !recorded.contains(backingPath);
}

} // namespace vireo::snapshot
