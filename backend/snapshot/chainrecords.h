// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/facts.h"

namespace vireo::snapshot {

/**
 * What is recorded of one disk's files: which lies beneath which, and in which format each is. Of records that differ,
 * the running domain's counts, then what storage confirms, then the domain's definition, then the newest snapshot's:
 * tools that merge layers seldom correct the records of older snapshots. Pure.
 */
class ChainRecords final
{
public:
    ChainRecords(const Facts &facts, const QString &target);

    /** All files of the disk and of its snapshots, in the order in which they are met. */
    const QStringList &paths() const { return m_paths; }
    /** Empty: nobody recorded it. */
    QString formatOf(const QString &path) const { return m_formats.value(path); }
    /** The file beneath; empty: none, or nobody knows. */
    QString parentOf(const QString &path) const;
    /** That the records alone name; empty: none does. */
    QStringList recordedParents(const QString &path) const { return m_parents.value(path); }
    /** Whether the running domain has the file open, so that its parent is beyond doubt. */
    bool isLive(const QString &path) const { return m_live.contains(path); }
    /** The layers from `path` on. */
    Chain chainOf(const QString &path) const;
    /** Whether storage says something else of what is beneath. */
    bool isContradicted(const QString &path, const QString &backingPath) const;

private:
    void addPath(const QString &path);
    void addChain(const Chain &chain);
    void addParent(const QString &path, const QString &parent);

    const Facts &m_facts;
    QStringList m_paths;
    QHash<QString, int> m_known;
    QHash<QString, QString> m_formats;
    QHash<QString, QStringList> m_parents; ///< the most trustworthy last
    QHash<QString, QString> m_live;        ///< file of the running chain: its parent, or empty
};

/** Names that storage gives to what is no file of the host ("json:{…}", "nbd://…") can't be compared. */
inline bool isComparable(const QString &backingPath)
{
    return backingPath.isEmpty() || backingPath.startsWith(QLatin1Char('/'));
}

} // namespace vireo::snapshot
