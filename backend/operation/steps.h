// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "backend/job/step.h"
#include "backend/operation/reservations.h"
#include "backend/virt/devicecalls.h"

namespace vireo::operation {

class MigrationSink;
class SharedVolumes;

/** What steps need to know of the program that they run in. */
struct StepOptions {
    QString historyDirectory = {}; ///< of DefinitionHistory; empty: its default
    virt::domains::DetachPatience detach = {};
    QString picturesDirectory = {};                 ///< of snapshot::PictureStore; empty: its default
    QString keptDirectory = {};                     ///< of KeptStates; empty: its default
    std::shared_ptr<MigrationSink> migrations = {}; ///< where migrations are shown and steered; null: nobody looks
    Reservations reservations = {};                 ///< shared with whoever plans: what jobs have promised of hosts
};

/** Adds every kind of step that plans of this folder use. Called once at start. */
void registerSteps(job::StepRegistry &registry, const StepOptions &options = {});

/** The parts of it, one per source file. */
void registerDomainSteps(job::StepRegistry &registry);   // domainsteps.cpp, powersteps.cpp: domain.define, .start …
void registerDeletionSteps(job::StepRegistry &registry); // deletion.cpp: storage.check
void registerInstallSteps(job::StepRegistry &registry);  // installsteps.cpp: domain.endInstall
/** poolsteps.cpp: pool.ensure, .refresh */
void registerPoolSteps(job::StepRegistry &registry, const std::shared_ptr<SharedVolumes> &shared);
/** storagesteps.cpp: volume.create, .upload, .resize, .delete */
void registerStorageSteps(job::StepRegistry &registry, const std::shared_ptr<SharedVolumes> &shared);
/** imagesteps.cpp: volume.format, volume.clone, image.convert, work.clear, base.delete */
void registerImageSteps(job::StepRegistry &registry, const std::shared_ptr<SharedVolumes> &shared);
void registerSeedSteps(job::StepRegistry &registry);  // seedsteps.cpp: seed.upload
void registerTreeSteps(job::StepRegistry &registry);  // treesteps.cpp: tree.fetch
void registerMediaSteps(job::StepRegistry &registry); // mediasteps.cpp: domain.changeMedia, .setSeed

/** redefinesteps.cpp: domain.redefine */
void registerRedefineSteps(job::StepRegistry &registry, const StepOptions &options);
/** devicesteps.cpp: device.attach, .detach, .update */
void registerDeviceSteps(job::StepRegistry &registry, const StepOptions &options);
void registerFigureSteps(job::StepRegistry &registry); // figuresteps.cpp: domain.setVcpus, .setMemory, .setText …
/** snapshotexportsteps.cpp: export.save, .copy, .resume; exportfilesteps.cpp: export.fetch, .convert, .place, .upload
 */
void registerExportSteps(job::StepRegistry &registry);
void registerExportFileSteps(job::StepRegistry &registry);
/** definitionsteps.cpp: definition.define */
void registerDefinitionSteps(job::StepRegistry &registry);
/** migratesteps.cpp: domain.migrate, migrate.settle …; migratestoragesteps.cpp: volume.relay, migrate.cleanSource … */
void registerMigrateSteps(job::StepRegistry &registry, const StepOptions &options);
void registerVolumeCompareSteps(job::StepRegistry &registry);
void registerMigrateStorageSteps(job::StepRegistry &registry, const std::shared_ptr<SharedVolumes> &shared);
void registerPictureSteps(job::StepRegistry &registry, const StepOptions &options); // picturesteps.cpp

} // namespace vireo::operation
