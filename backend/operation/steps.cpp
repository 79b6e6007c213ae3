// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/steps.h"

#include "backend/operation/sharedvolumes.h"

namespace vireo::operation {

void registerSteps(job::StepRegistry &registry)
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
}

} // namespace vireo::operation
