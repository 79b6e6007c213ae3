// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/jobrecord.h"
#include "backend/job/step.h"

namespace vireo::job {

/** What the journal and the host say of one step. */
struct StepComparison {
    StepState journal = StepState::Waiting; ///< Running: begun, and nobody knows how it ended
    Reality reality;
};

/**
 * Looks at the hosts of an interrupted job: one answer per step, in order. Changes nothing. A host that can't be asked
 * gives Unknown with the reason. Blocking: for a lane. The record's hosts must be ours (JobRecord::unknownHosts empty).
 */
QList<StepComparison> compare(
    const JobRecord &job, const StepRegistry &registry, const virt::ConnectionProvider &provider);

} // namespace vireo::job
