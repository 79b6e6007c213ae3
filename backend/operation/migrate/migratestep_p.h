// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "backend/job/step.h"

/** The parts of registerMigrateSteps(), one per source file. Private to backend/operation. */
namespace vireo::operation {

class MigrationSink;

/** migratesnapshotsteps.cpp: migrate.stash, migrate.snapshots. `directory`: of DefinitionHistory. */
void registerMigrateSnapshotSteps(job::StepRegistry &registry, const QString &directory);
/** migratesavesteps.cpp: migrate.save, migrate.restore. `directory`: of DefinitionHistory. */
void registerMigrateSavedSteps(
    job::StepRegistry &registry, const QString &directory, const std::shared_ptr<MigrationSink> &feed);
void registerMigrateSettleSteps(job::StepRegistry &registry);   // migratesettlesteps.cpp: migrate.settle
void registerMigrateRecoverySteps(job::StepRegistry &registry); // migraterecovery.cpp: migrate.remedy

} // namespace vireo::operation
