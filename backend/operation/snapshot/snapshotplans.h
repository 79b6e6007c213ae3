// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/job/plan.h"
#include "backend/snapshot/merge.h"
#include "backend/virt/snapshots.h"

/** Plans on snapshots: pure functions of facts and drafts; GUI thread or any other. */
namespace vireo::operation {

/** "snapshot.create" */
struct SnapshotCreateDraft {
    enum class Kind { Auto, Internal, External };
    enum class Memory { Auto, With, Without }; ///< Auto: when the guest runs
    struct Disk {
        QString target;
        bool included = true;
        QString file; ///< the overlay; empty: a name of ours
        friend bool operator==(const Disk &, const Disk &) = default;
    };
    QString name; ///< empty: suggestedName()
    QString description;
    Kind kind = Kind::Auto;
    Memory memory = Memory::Auto;
    bool live = true;     ///< the guest goes on while its memory is written (external memory)
    bool quiesce = false; ///< the agent freezes the file systems (without memory)
    QList<Disk> disks;    ///< empty: all that can
    QString memoryFile;   ///< empty: a name of ours
    bool picture = true;  ///< keep a picture of the screen
    friend bool operator==(const SnapshotCreateDraft &, const SnapshotCreateDraft &) = default;
};
/** What Auto comes to for this domain, and why, in a sentence. */
struct SnapshotSuggestion {
    SnapshotCreateDraft::Kind kind = SnapshotCreateDraft::Kind::External;
    bool memory = false;
    QString reason;
    /** Why the other kind can't be had; empty: it can. */
    QString noInternal;
    QString noExternal;
    QString noMemory;
    QString noQuiesce;
};
SnapshotSuggestion suggestSnapshot(const snapshot::Facts &facts);
job::Plan planSnapshotCreate(const virt::HostId &host, const snapshot::Facts &facts, const SnapshotCreateDraft &draft);

/** "snapshot.revert" */
struct SnapshotRevertDraft {
    QString snapshot;
    virt::snapshots::After state = virt::snapshots::After::AsThen;
    bool keepNow = true; ///< take a snapshot of now first
    QString keepName;    ///< of that snapshot; empty: one of ours
    friend bool operator==(const SnapshotRevertDraft &, const SnapshotRevertDraft &) = default;
};
job::Plan planSnapshotRevert(const virt::HostId &host, const snapshot::Facts &facts, const SnapshotRevertDraft &draft);

/** "snapshot.delete" */
struct SnapshotDeleteDraft {
    QStringList snapshots;
    snapshot::Scope scope = snapshot::Scope::One;
    bool metadataOnly = false; ///< libvirt forgets them, the files stay
    friend bool operator==(const SnapshotDeleteDraft &, const SnapshotDeleteDraft &) = default;
};
job::Plan planSnapshotDelete(const virt::HostId &host, const snapshot::Facts &facts, const SnapshotDeleteDraft &draft);

/** "snapshot.edit" */
struct SnapshotEditDraft {
    QString snapshot;
    std::optional<QString> name; ///< only of external ones: an internal one's name is in the image
    std::optional<QString> description;
    friend bool operator==(const SnapshotEditDraft &, const SnapshotEditDraft &) = default;
};
/** Why it can't be renamed; empty: it can. */
QString renameRefusal(const snapshot::Facts &facts, const QString &snapshot);
job::Plan planSnapshotEdit(const virt::HostId &host, const snapshot::Facts &facts, const SnapshotEditDraft &draft);

} // namespace vireo::operation
