// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include "backend/base/lane.h"
#include "backend/job/step.h"
#include "backend/operation/migrate/migrationfeed.h"

namespace vireo::operation {

/** What a migration is steered by. */
struct PilotOrder {
    MigrationPicture picture;           ///< names, method, policy: what does not change
    migration::Permissions permissions; ///< its postCopy is that of the picture
    bool wasPaused = false;             ///< the guest stood still before it began
    quint64 steps = 0;                  ///< what the step's whole counts for, in its progress
};

/** What the pilot knows of the flight. A value. */
struct FlightLog {
    migration::History history;
    std::optional<virt::migration::Figures> completed; ///< by libvirt's event
    quint64 maxDowntimeMs = 0;
    quint64 bandwidth = 0;
    QString lastAction;
    bool postCopy = false;
    bool abortedByPerson = false;
    QString abortReason; ///< of the policy
};

/**
 * Watches and steers a migration while the step's thread is inside the libvirt call that runs it, or waits for one that
 * goes on by itself: one call for figures each half a second, commands from the feed, the policy's actions, the end of
 * the job when the step is stopped. From a lane of its own. Lives as long as that call; a job's thread.
 *
 * A stop ends the migration, which is tried again when libvirt has not obeyed within 30 s; once the guest runs at the
 * destination it can't be stopped any more, and that is said.
 */
class MigrationPilot final
{
    Q_DISABLE_COPY_MOVE(MigrationPilot)

public:
    MigrationPilot(const PilotOrder &order, virt::ConnectionPtr source, std::shared_ptr<MigrationSink> feed,
        job::StepContext &context);
    ~MigrationPilot() { end(); }

    /** After this the context is not touched any more, even if the lane hangs. */
    void end();
    /** The source was connected again. */
    void reconnected(virt::ConnectionPtr source);
    /** Shown beside the figures: "Waiting for the host." */
    void say(const QString &note);
    FlightLog log() const;
    /** Ends the migration, as a stop does. */
    void abort();

private:
    struct Shared;
    class Flight;

    std::shared_ptr<Shared> m_shared;
    Lane m_lane;
    std::stop_callback<std::function<void()>> m_onStop;
};

} // namespace vireo::operation
