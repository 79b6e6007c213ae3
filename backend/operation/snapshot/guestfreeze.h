// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>

#include "backend/base/lane.h"
#include "backend/job/step.h"
#include "backend/operation/domaintarget.h"

namespace vireo::operation {

/**
 * Freezes a guest's file systems by its agent for as long as it lives, and no longer than a limit: a guest that stays
 * frozen hangs. Thaws whatever happens: when it goes, when the limit is over (from a lane of its own, since the step's
 * thread may be inside a call), and, since it is noted in the job's results under "frozen" before, also in a later run
 * or undo of a step that was killed. A job's thread.
 */
class GuestFreeze final
{
    Q_DISABLE_COPY_MOVE(GuestFreeze)

public:
    GuestFreeze(const DomainTarget &target, job::StepContext &context);
    ~GuestFreeze();

    /** `patience`: for each answer of the agent; `limit`: for all of the time until thaw(). After an error the guest is
     *  thawed. */
    Result<> freeze(std::chrono::seconds patience, std::chrono::seconds limit);
    /** Errors: it was frozen no longer, because the limit was over: what was done meanwhile is not consistent; or the
     *  agent does not answer. */
    Result<> thaw();

    /** What an earlier run of the step, which was killed, may have left frozen. */
    static Result<> thawLeftovers(const DomainTarget &target, job::StepContext &context);

private:
    struct Shared;
    Result<> noteFrozen(bool frozen);

    DomainTarget m_target;
    job::StepContext &m_context;
    std::shared_ptr<Shared> m_shared;
    Lane m_lane;
    bool m_frozen = false;
};

} // namespace vireo::operation
