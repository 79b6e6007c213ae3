// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/step.h"
#include "backend/migration/diagnosis.h"

/** What is done about a migration that libvirt leaves to a person. Private to backend/operation; a job's thread. */
namespace vireo::operation {

/** The domain on both hosts. */
struct MigrateSides {
    migration::Side source;
    migration::Side destination;
    friend bool operator==(const MigrateSides &, const MigrateSides &) = default;
};

/** A domain whose guest has not ended: running, paused … */
bool isActive(const migration::Side &side);
bool isPaused(const migration::Side &side);
/** Its CPUs may run. */
bool isRunning(const migration::Side &side);

struct RemedyOrder {
    QUuid domain;
    QString name;
    bool undefineSource = true; ///< once the guest runs at the destination
    bool wasPostCopy = false;
    bool mayStayPaused = false; ///< it stood still before it was migrated: it is not resumed
    bool offline = false;       ///< its definition alone moves
};

/** migration::diagnose(), and what it can't know: that a guest is paused because it was so before or shall be, and that
 *  one which runs on at the source without a job was never handed over, whether the destination answers or not. */
migration::Diagnosis judge(const MigrateSides &sides, const RemedyOrder &order);

/**
 * Does what a person agreed to, if both hosts still say that it is the safe act. One copy is resumed, never both, and a
 * paused copy is ended only when the other one runs. ResumePostCopy is not done here: that is a migration. Error: why
 * not; then nothing was ended.
 */
Result<> performRemedy(migration::Diagnosis::Remedy remedy, virt::Connection &source, virt::Connection &destination,
    const RemedyOrder &order, job::StepContext &context);

/** Ends and undefines what a domain left at the source, once it runs at the destination; its files stay. */
Result<> clearSource(virt::Connection &source, const MigrateSides &sides, const RemedyOrder &order);

} // namespace vireo::operation
