// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "backend/base/lane.h"
#include "backend/job/step.h"
#include "backend/operation/domaintarget.h"

namespace vireo::operation {

/**
 * Reports the progress of a domain's job (virDomainGetJobStats), and ends that job when the step is stopped. From a
 * lane of its own, since the step's thread is inside the libvirt call that runs the job. Lives as long as that call; a
 * job's thread.
 */
class JobWatch final
{
    Q_DISABLE_COPY_MOVE(JobWatch)

public:
    JobWatch(const DomainTarget &target, job::StepContext &context);
    ~JobWatch() { end(); }

    /** After this the context is not touched any more, even if the lane hangs. */
    void end();

private:
    struct Shared;
    static void watch(const DomainTarget &target, Shared &shared);

    std::shared_ptr<Shared> m_shared;
    Lane m_lane;
    std::stop_callback<std::function<void()>> m_onStop;
};

} // namespace vireo::operation
