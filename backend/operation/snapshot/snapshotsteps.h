// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include "backend/job/step.h"
#include "backend/snapshot/snapshot.h"

/**
 * The steps that snapshot plans share. These functions make them as data, for the plan's domain; pure. All of them may
 * be repeated, and undone unless it is said otherwise.
 */
namespace vireo::operation {

struct StepOptions;

/**
 * "snapshot.forget" {snapshot, lostWith}: libvirt forgets it, its files stay. Its metadata with passwords is kept aside
 * before, so that undo brings it back, with its children and the mark "current". `lostWith` is a key of the job's
 * results: once something is noted there, the state is no longer what it was, and undo only says so (Unsupported).
 */
job::Step forgetStep(const QString &snapshot, const QString &lostWith = {});

/** A file that goes out of the chains that a snapshot recorded of a disk. */
struct LayerMove {
    QString target;
    QString from;       ///< the file that goes
    snapshot::Layer to; ///< where its content is from now on: what takes its place, unless it is in that chain already
    friend bool operator==(const LayerMove &, const LayerMove &) = default;
};
/** What "snapshot.redefine" changes of a snapshot's metadata. */
struct SnapshotChange {
    QString snapshot;
    std::optional<QString> name; ///< children follow
    std::optional<QString> description;
    QList<LayerMove> moves;
    friend bool operator==(const SnapshotChange &, const SnapshotChange &) = default;
};
/** "snapshot.redefine" {snapshot, name, description, moves [{target, from, to, format}]}: all else stays, passwords
 *  included, which go from libvirt to libvirt. `lostWith`: once it is noted, the files are where this says, and
 *  undo changes nothing. */
job::Step redefineStep(const SnapshotChange &change, const QString &lostWith = {});

/** "snapshot.current" {snapshot} */
job::Step currentStep(const QString &snapshot);

/** "layer.create" {path, backing, format, capacity, host}: an empty qcow2 overlay of mode 0600; capacity 0: its backing
 *  file's. Undo deletes it, unless somebody uses it by then. */
job::Step createLayerStep(const QString &path, const snapshot::Layer &backing, quint64 capacity = 0);
/** "layer.delete" {path, ours, host}: not while a domain, another file or a snapshot's recorded state uses it. There
 *  is no undo. `ours`: made empty by this very job, so that nobody misses it. With the parameter "optional" a file that
 *  can't be deleted is only logged. */
job::Step deleteLayerStep(const QString &path, bool ours = false);

/** Under which the results hold what this job made of the file "path" of a step. The same path on two hosts is two
 *  files; a job has one other host at most. */
QString layerKey(const job::Step &step, const job::StepContext &context);

/** Who needs a file, as a sentence; empty: nobody. Asks the host anew. Blocking. */
Result<QString> layerUser(virt::Connection &connection, const QString &path);

/** layersteps.cpp */
void registerLayerSteps(job::StepRegistry &registry);
/** snapshotmetasteps.cpp: snapshot.forget, .redefine, .current */
void registerSnapshotMetaSteps(job::StepRegistry &registry, const StepOptions &options);
/** snapshotcreatesteps.cpp: snapshot.create */
void registerSnapshotCreateSteps(job::StepRegistry &registry);
/** snapshotrevertsteps.cpp: snapshot.revert, snapshot.restoreDefinition, domain.restoreMemory */
void registerSnapshotRevertSteps(job::StepRegistry &registry, const StepOptions &options);

} // namespace vireo::operation
