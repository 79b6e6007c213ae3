// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/step.h"
#include "backend/virt/domains.h"

/** What the steps on domains share. Private to backend/operation; a job's thread. */
namespace vireo::operation {

/** The domain that a step works on. */
struct DomainTarget {
    virt::ConnectionPtr connection;
    QUuid uuid;
    QString name;

    Result<virt::domains::StateInfo> state() const { return virt::domains::state(*connection, uuid); }
};

/** By parameter "uuid", else by the "uuid" that an earlier step of the job noted in the results, else the plan's
 * domain; on the host of parameter "host", else the plan's. */
Result<DomainTarget> domainTarget(const job::Step &step, job::StepContext &context);

bool isActive(const virt::domains::StateInfo &info);
bool isRunning(const virt::domains::StateInfo &info);
bool isPaused(const virt::domains::StateInfo &info);
/** Shut off, crashed and cleared away, or gone. */
bool isOff(const virt::domains::StateInfo &info);
/** "paused (I/O error)". */
QString describe(const virt::domains::StateInfo &info);
/** The error for a domain that somebody else removed. */
Error goneError(const DomainTarget &target);

/** Start, stop, save and wait: powersteps.cpp. */
void registerPowerSteps(job::StepRegistry &registry);

} // namespace vireo::operation
