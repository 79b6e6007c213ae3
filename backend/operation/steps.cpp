// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/steps.h"

namespace vireo::operation {

void registerSteps(job::StepRegistry &registry)
{
    registerDomainSteps(registry);
    registerDeletionSteps(registry);
    registerInstallSteps(registry);
    registerStorageSteps(registry);
    registerSeedSteps(registry);
    registerTreeSteps(registry);
}

} // namespace vireo::operation
