// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <future>
#include <optional>

#include "backend/base/lane.h"
#include "backend/virt/migration.h"

namespace vireo::operation {

/**
 * How far a migration of DiskSend is, and whether it stands still: when the link between two hosts is cut QEMU waits
 * for as long as TCP does, and libvirt for QEMU. Then even asking for figures may hang, so that is done on a thread
 * that may be left behind. Private to backend/operation; a job's thread.
 */
class SendWatch final
{
    Q_DISABLE_COPY_MOVE(SendWatch)

public:
    /** How long nothing may move: while there is something to be sent, and where all was sent, which the destination's
     *  storage may still have to write. */
    static constexpr auto patience = std::chrono::seconds(40);
    static constexpr auto patienceAtTheEnd = std::chrono::minutes(5);

    SendWatch(virt::ConnectionPtr source, const QUuid &domain);

    /** New figures; none: there are none yet. Never waits. */
    std::optional<virt::migration::Figures> look();
    bool isStalled() const;
    /** What the job says then. */
    static Error stalledError();

private:
    using Clock = std::chrono::steady_clock;

    virt::ConnectionPtr m_source;
    QUuid m_domain;
    Lane m_lane;
    std::future<Result<virt::migration::Figures>> m_asked;
    virt::migration::Figures m_last;
    Clock::time_point m_moved = Clock::now();
};

} // namespace vireo::operation
