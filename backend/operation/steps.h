// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "backend/job/step.h"

namespace vireo::operation {

class SharedVolumes;

/** Adds every kind of step that plans of this folder use. Called once at start. */
void registerSteps(job::StepRegistry &registry);

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

} // namespace vireo::operation
