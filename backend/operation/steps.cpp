// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/steps.h"

#include "backend/operation/kept/keptclaims.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/sharedvolumes.h"
#include "backend/operation/snapshot/mergesteps.h"
#include "backend/operation/snapshot/snapshotsteps.h"

namespace vireo::operation {

void registerSteps(job::StepRegistry &registry, const StepOptions &options)
{
    registerDomainSteps(registry);
    registerDeletionSteps(registry);
    registerInstallSteps(registry);
    const auto shared = std::make_shared<SharedVolumes>();
    registerPoolSteps(registry, shared);
    registerStorageSteps(registry, shared);
    registerImageSteps(registry, shared);
    registerSeedSteps(registry);
    registerTreeSteps(registry);
    registerMediaSteps(registry);
    registerRedefineSteps(registry, options);
    registerDeviceSteps(registry, options);
    registerFigureSteps(registry);
    registerDefinitionSteps(registry);
    registerPictureSteps(registry, options);
    registerDiskLiveSteps(registry);
    registerLayerSteps(registry);
    registerSnapshotMetaSteps(registry, options);
    registerSnapshotCreateSteps(registry);
    registerSnapshotRevertSteps(registry, options);
    registerMergeSteps(registry);
    registerSnapshotDeleteSteps(registry);
    registerExportSteps(registry);
    registerMigrateSteps(registry, options);
    registerMigrateStorageSteps(registry, shared);
    registerVolumeCompareSteps(registry);
    const auto claims = std::make_shared<KeptClaims>(
        options.keptDirectory.isEmpty() ? KeptStates::defaultDirectory() : options.keptDirectory);
    registerKeptSteps(registry, options, claims);
    registerVmPowerSteps(registry, options, claims);
    registerDiskSendSteps(registry);
    registerDiskSteps(registry);
    registerContentSteps(registry);
    registerGuestGrowSteps(registry);
    registerNvramSteps(registry);
    registerTpmSteps(registry);
    registerSavedSteps(registry, options);
}

} // namespace vireo::operation
