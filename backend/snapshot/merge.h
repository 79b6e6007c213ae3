// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/layers.h"

namespace vireo::snapshot {

/** What a snapshot's metadata says of a disk that has to change because of a merge: wherever it has `from` (its state,
 *  beneath it, or as the overlay), it shall have `to`, as chainxml::moveLayer() does it. */
struct Repoint {
    QString snapshot;
    QString target;
    QString from;
    QString to;
    QString format; ///< of `to`
    friend bool operator==(const Repoint &, const Repoint &) = default;
};

/** One step on the way to a file that goes, by its content moving to a neighbour or because nothing needs it. A file on
 *  which several branches lie takes one for each of them: a block job changes the backing file of one chain only. */
struct Merge {
    enum class Kind {
        Commit, ///< what is in `top` goes down into `base`; `top` goes
        Pull,   ///< what is in `base` goes up into `top`; `base` goes
        Drop    ///< `top` goes with all that is in it: nothing needs it any more
    };
    Kind kind = Kind::Commit;
    QString target; ///< the disk
    Layer top;
    Layer base;
    Chain chain;           ///< Commit, Pull: the whole chain to open, its topmost first
    bool inNow = false;    ///< part of the chain that the domain uses now; else a work domain opens it
    bool isActive = false; ///< `top` is what the domain writes to
    quint64 bytes = 0;     ///< to be moved at most: the allocation of the layer whose content moves
    QString gone;          ///< the file that can be deleted after it; empty: a later one still needs it
    quint64 freed = 0;     ///< the allocation of `gone`
    /** Of the snapshots that go: those whose metadata has to be gone before it, as their state is lost once it has
     * begun (Commit) or is done (Pull). Those that come later are as good as any that stays until then. */
    QStringList destroys;
    QList<Repoint> repoints;
    friend bool operator==(const Merge &, const Merge &) = default;
};

/** What deleting snapshots comes to. First the internal ones go, and the metadata of those that no merge destroys; then
 *  each merge is preceded by the metadata of those that it destroys, and followed by its repoints; then the internal
 *  ones within a file that only the merges put in use. Files go last. */
struct Deletion {
    QStringList snapshots;     ///< those that go, children before their parents
    QStringList internals;     ///< of these, those that libvirt deletes by itself with virDomainSnapshotDelete
    QStringList lateInternals; ///< of these, those that have to wait for the merges
    QList<Merge> merges;       ///< in an order that works
    QStringList memoryFiles;
    QStringList kept;     ///< sentences: which file stays although its snapshot goes, and for whom
    QStringList blockers; ///< sentences: why this can't be done as a whole
    quint64 bytes() const;
    friend bool operator==(const Deletion &, const Deletion &) = default;
};

enum class Scope { One, WithChildren, ChildrenOnly };

/**
 * What must be merged, dropped and kept so that those snapshots go and every other snapshot, the domain as it is now
 * and everybody else keeps exactly its content. Never drops or writes to a file that another domain, another snapshot
 * or another chain needs; never writes to a base that has other children; the lowest file (the domain's first disk) is
 * never deleted: merges end in it. Only files go that a snapshot's metadata calls its overlay, or that lie directly on
 * a snapshot's state (going back made them). Pure.
 */
Deletion planDeletion(const Facts &facts, const QStringList &snapshots, Scope scope);

} // namespace vireo::snapshot
