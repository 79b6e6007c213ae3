// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>

#include <QObject>

#include "app/cli/output.h"
#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/job/jobmanager.h"
#include "backend/virt/eventloop.h"

namespace vireo::app {
class UnixSignals;
}

namespace vireo::app::cli {

class Connections;
class JobFollower;

/**
 * What run and recover have in common: the hosts, the journal and the jobs of a command, and what a signal means. Until
 * a job runs nothing has been changed, and a signal ends the command; then the first one cancels the job, which undoes
 * what it did, and any further one only says so. Main thread.
 */
class Session final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Session)

public:
    Session(Output &output, UnixSignals &signals, QObject *parent = nullptr);
    ~Session() override;

    Output &output() { return m_output; }
    Connections &connections() { return *m_connections; }
    job::JobManager &jobs() { return *m_jobs; }

    /** Runs `work`, which must not touch this object, on a worker thread, then `done` on this one. */
    template<typename T>
    void prepare(std::function<T()> work, std::function<void(T)> done)
    {
        m_lane.post([courier = m_courier, work = std::move(work), done = std::move(done)] {
            const auto result = std::make_shared<T>(work());
            courier->post([result, done] { done(std::move(*result)); });
        });
    }
    /** For what prepare() runs: requested by a signal. */
    std::stop_token preparationStop() const { return m_preparation.get_token(); }
    std::shared_ptr<Connections> sharedConnections() const { return m_connections; }
    /** Any thread. */
    std::shared_ptr<Courier> courier() const { return m_courier; }

    /** Follows the job and calls `done` once with its end. A signal that came before cancels it at once. */
    void follow(const job::JobId &id, std::function<void(const job::JobRecord &)> done);
    /** A signal has ended it, not a failure that was being undone already. */
    bool wasSignalled() const { return m_signalled; }

Q_SIGNALS:
    /** A signal came while nothing had been changed. */
    void calledOff();

private:
    void onSignal();

    Output &m_output;
    std::stop_source m_preparation;
    virt::EventLoop m_loop; // before all that has connections
    std::shared_ptr<Connections> m_connections;
    std::unique_ptr<job::JobManager> m_jobs;
    std::unique_ptr<JobFollower> m_follower;
    std::shared_ptr<Courier> m_courier;
    Lane m_lane{QStringLiteral("vireo-prepare")};
    job::JobId m_job;
    std::function<void(const job::JobRecord &)> m_done;
    bool m_signalled = false;
};

/** The exit status of a job that was run, or was recovered so. */
Exit exitOf(const job::JobRecord &job, bool signalled, const job::Recovery *recovery = nullptr);

} // namespace vireo::app::cli
