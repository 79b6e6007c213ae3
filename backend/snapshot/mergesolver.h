// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>

#include "backend/snapshot/merge.h"

namespace vireo::snapshot {

/**
 * What deleting snapshots comes to for one disk. Works on a copy of its LayerTree, on which each merge is carried out
 * as it is planned, so that the next one sees what the first will leave. Pure.
 *
 * A file is needed by itself when it holds the state of a snapshot that stays, an internal snapshot that stays, is what
 * the domain writes to, or has other users. What is not needed goes in two ways. A file that nothing lies on is
 * dropped. A file X that exactly one file C lies on is merged with it:
 *
 * - Commit: C's content goes down into X, which takes C's place. X must be nobody else's; C must be free of internal
 *   snapshots, since they'd go with it. Internal snapshots within X do no harm: QEMU copies what they hold before it
 *   writes. This keeps the name of the lower file and is what most merges are.
 * - Pull: X's content goes up into C. It moves fewer bytes when X is the smaller one, keeps the name that the domain
 *   knows, and X is whole until the end, so that a cancelled one loses nothing. C may have no internal snapshots (what
 *   lies beneath them would change). A running domain's block jobs can pull only into what it writes to.
 */
class MergeSolver final
{
public:
    MergeSolver(const Facts &facts, const QString &target, const QSet<QString> &doomed);
    /** Adds merges, kept files and blockers. Call it once. */
    void run(Deletion &deletion);
    /** What the domain writes to after all that; empty: it has no such disk. */
    QString nowPath() const;

private:
    struct Node {
        Layer layer;
        int parent = -1;
        QList<int> children;
        QStringList states;         ///< of snapshots that stay
        QStringList doomed;         ///< of snapshots that go
        bool keepsInternal = false; ///< internal snapshots that stay
        QStringList users;
        bool isNow = false;
        bool inNow = false;
        bool isOurs = false;  ///< made by a snapshot or by going back to one: it may be deleted
        bool touched = false; ///< a snapshot that goes made it, or was in it, or it is next to what went
        bool gone = false;
        quint64 allocation = 0;
    };

    void forgetMissing();
    void drop(Deletion &deletion);
    bool mergeOne(Deletion &deletion);
    bool isFree(const Node &node) const; ///< nothing needs it by itself
    bool isConnected(int index) const;   ///< part of the tree that the domain writes to
    QString whyNoCommit(int lower, int upper) const;
    bool canPull(int lower, int upper) const;
    QString obstacle(int upper) const; ///< why nothing can be merged there as it is; empty: it can
    void commit(int lower, int upper, Deletion &deletion);
    void pull(int lower, int upper, Deletion &deletion);
    int depth(int index) const;
    Chain chainFrom(int index) const;
    Merge merge(Merge::Kind kind, int top, int base, int chainFrom) const;
    QList<Repoint> repoints(const Layer &from, const Layer &to);
    void tellKept(Deletion &deletion) const;

    const Facts &m_facts;
    QString m_target;
    QSet<QString> m_doomed;
    LayerTree m_tree;
    QList<Node> m_nodes;
    QList<QPair<QString, QStringList>> m_records; ///< what each snapshot mentions of this disk
    QSet<int> m_settled;                          ///< files about which all has been said
    bool m_running = false;
};

/** Whether a file's content is one that block jobs can open by its path. */
inline bool isLocalFile(const QString &path)
{
    return path.startsWith(QLatin1Char('/'));
}

} // namespace vireo::snapshot
