// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/plan.h"
#include "backend/migration/diagnosis.h"

/** For migrations that no job of this Vireo runs: of another program, or of one whose journal is lost. */
namespace vireo::operation {

/** What is known of one whose remedy a person agreed to. */
struct MigrationRecovery {
    virt::DomainKey domain; ///< at the source
    QString domainName;
    virt::HostId destination;
    migration::Diagnosis diagnosis; ///< Remedy::Wait: the step waits until it has ended
    bool undefineSource = true;     ///< once the guest runs at the destination, as a migration is usually told to
    bool wasPostCopy = false;
    /** ResumePostCopy: as the source's daemon reaches the destination; empty: driven by this process. The migration has
     *  to go on as it was begun, so this is what it was begun with. */
    QString destinationUri;
};

/**
 * "migrate.remedy" {to, remedy, undefineSource, postCopy, destinationUri}: one step that looks at both hosts once more
 * and does the one thing that was agreed to, if it still is the safe one. It has no undo. Pure.
 */
job::Plan planMigrationRecovery(const MigrationRecovery &recovery);

} // namespace vireo::operation
