// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/step.h"
#include "backend/operation/snapshot/snapshotplans.h"

/** The steps that delete snapshots, as data, for the plan's domain; pure. */
namespace vireo::operation {

/** Key of a job's results that is there once what a snapshot held is lost: forgetStep()'s `lostWith`. */
QString lostKey(const QString &snapshot);

/** The same of the snapshots that a merge has moved to other files: what they say after it is right, whatever comes. */
QString mergedKey(const snapshot::Merge &merge);

/** "merge.check" {draft, merges}: whether what was planned is still what has to be done. Changes nothing. */
job::Step checkMergesStep(const SnapshotDeleteDraft &draft, const snapshot::Deletion &deletion);

/**
 * "merge.run" {target, kind, top, base, chain, inNow, gone, destroys, repoints, speed}: one commit or pull, by the
 * running domain's block job where its chain is concerned, else by a WorkDomain; then the definition of a domain that
 * is off follows. May be repeated: it looks at the chain, and adopts a job that an earlier run left in the emulator. A
 * lost connection is waited for, and a domain that goes off meanwhile is no obstacle. `speed` limits, in bytes per
 * second, what a running domain has to bear. Undo ends a job that is under way; what has been merged stays so, which
 * costs nobody anything but the snapshots in `destroys`.
 */
job::Step mergeStep(const snapshot::Merge &merge);
/** "snapshot.delete" {snapshot}: an internal one, by libvirt. No undo. */
job::Step deleteSnapshotStep(const QString &snapshot);

/** mergesteps.cpp, deletesteps.cpp */
void registerMergeSteps(job::StepRegistry &registry);
void registerSnapshotDeleteSteps(job::StepRegistry &registry);

} // namespace vireo::operation
