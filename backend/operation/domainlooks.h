// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/step.h"

/** What a host shows of the domain steps' effects, for an interrupted job. Any worker thread. */
namespace vireo::operation {

Result<job::Reality> lookAtDefined(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtUndefined(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtStarted(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtDestroyed(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtAutostart(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtRenamed(const job::Step &step, job::StepContext &context);

} // namespace vireo::operation
