// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/facts.h"

namespace vireo::snapshot {

/**
 * The files behind one disk and all of its snapshots, as a tree: a file's parent is its backing file. Built from what
 * libvirt recorded; what storage says is compared with it. A value; pure.
 */
class LayerTree final
{
public:
    struct Node {
        Layer layer;
        int parent = -1; ///< index of the backing file; -1: it has none
        QList<int> children;
        QStringList states;    ///< snapshots whose state is in this file
        QString overlayOf;     ///< the snapshot that made it, as its overlay; empty: none, or it has been forgotten
        bool isNow = false;    ///< what the domain writes to
        bool inNow = false;    ///< part of the chain that the domain uses now
        QStringList internals; ///< internal snapshots within it
        QStringList users;     ///< others that need it
    };
    LayerTree(const Facts &facts, const QString &target);

    const QString &target() const { return m_target; }
    const QList<Node> &nodes() const { return m_nodes; }
    int indexOf(const QString &path) const; ///< -1: not part of it
    /** The chain from a file down to its last backing file. */
    Chain chainOf(const QString &path) const;

private:
    QString m_target;
    QList<Node> m_nodes;
    QHash<QString, int> m_index; ///< by path
};

/** What metadata and files do not agree on, or what is in danger, each as a sentence with its cause and fix. */
struct Discrepancy {
    QString snapshot; ///< empty: of the domain as it is now
    QString path;
    QString text;
    QString cause;
    QString fix;
    bool isFatal = false; ///< going back to it can't work
    friend bool operator==(const Discrepancy &, const Discrepancy &) = default;
};
/** Files that are missing, chains that were changed by hand, a layer that two write to. Pure. */
QList<Discrepancy> discrepancies(const Facts &facts);

} // namespace vireo::snapshot
