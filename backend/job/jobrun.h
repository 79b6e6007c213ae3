// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "backend/job/jobrecord.h"
#include "backend/job/journal.h"
#include "backend/job/step.h"

namespace vireo::job {

/** Gives connections to running jobs until the manager is gone: a job that was left behind must not ask a dead owner.
 */
class ConnectionGate final
{
    Q_DISABLE_COPY_MOVE(ConnectionGate)

public:
    explicit ConnectionGate(virt::ConnectionProvider provider)
        : m_provider(std::move(provider))
    {}
    /** Any thread. */
    Result<virt::ConnectionPtr> connection(const virt::HostId &host);
    /** From now on each request is refused. Returns when no request is under way. */
    void close();

private:
    std::mutex m_mutex;
    virt::ConnectionProvider m_provider;
};

/** Where a job's journal is, and what is to be done with what stands in it already. */
struct JournalTask {
    std::shared_ptr<const Journal> journal; ///< null: none
    QHash<virt::HostId, QString> hosts;     ///< of the plan, by our ids
    QHash<virt::HostId, virt::HostId> ids;  ///< the journal's host ids to ours
    std::optional<Recovery> recovery;       ///< empty: a new job
};

/**
 * One job while it runs: its thread, its stop source and its latest state.
 *
 * Shared by the manager and the job's own detached thread, so that either may end first. The thread writes the record
 * under the mutex and calls `notify` (any thread; must not block) when there is something to fetch: at once for
 * each change of state, and for progress only once until takeRecord() has run.
 */
class JobRun final : public std::enable_shared_from_this<JobRun>
{
    Q_DISABLE_COPY_MOVE(JobRun)

public:
    enum class News { State, Progress };
    using Notify = std::function<void(News)>;
    using Clock = std::chrono::steady_clock;

    JobRun(JobRecord record, std::shared_ptr<const StepRegistry> registry, std::shared_ptr<ConnectionGate> gate,
        Notify notify, JournalTask journal = {});

    /** Starts the job's thread. Once. */
    void start();
    /** Asks the job to stop; it then undoes what it did. Any thread, any number of times. */
    void requestStop();
    /** Nobody waits for it any more, and it gets no connections: with a journal it goes no further, and gets no
     *  end there. */
    void abandon() { m_abandoned = true; }
    /** The latest state. */
    JobRecord takeRecord();
    /** False: `deadline` passed and the job is still busy. */
    bool waitUntilEnded(Clock::time_point deadline);

private:
    void execute();
    bool openJournal();
    Result<> resume();
    void endEarly(const Error &error, JobState state);
    Result<> write(QJsonObject record);
    void writeOrLog(const QJsonObject &record);
    /** With a journal somebody can take it up later; without one it does what it can. */
    bool isLeftBehind() const { return m_journal && m_abandoned; }
    Result<> note(Direction direction, const QString &key, const QJsonValue &value);
    std::optional<Error> runSteps(int &reached);
    void undoSteps(int last);
    Result<> perform(int index, Direction direction);
    Result<> begin(int index, Direction direction);
    void end(int index, Direction direction, const Result<> &outcome);
    Result<> call(int index, Direction direction);
    void finish(const std::optional<Error> &error);

    void report(int index, quint64 done, quint64 total);
    void log(const QString &line);
    void setGoesOnAlone(bool does);
    double fractionLocked() const;
    void updateSpeedLocked(quint64 done);

    const std::shared_ptr<const StepRegistry> m_registry;
    const std::shared_ptr<ConnectionGate> m_gate;
    const Notify m_notify;
    const Plan m_plan;
    QList<double> m_weights; ///< of the steps, for the fraction
    double m_totalWeight = 0;
    std::stop_source m_stop;
    std::atomic<bool> m_abandoned = false;
    const JournalTask m_task;
    // The job thread's own:
    std::unique_ptr<JournalFile> m_journal;
    Direction m_direction = Direction::Run; ///< in which it begins
    int m_reached = -1;                     ///< the last step of an earlier process
    QSet<int> m_undone;                     ///< by an earlier process
    QJsonObject m_results;                  ///< copied into the record after each step

    std::mutex m_mutex; ///< guards what follows
    std::condition_variable m_changed;
    JobRecord m_record;
    QStringList m_unwritten;        ///< lines of the log that are not in the journal yet
    bool m_progressPending = false; ///< told of, not yet fetched
    bool m_ended = false;
    std::optional<Clock::time_point> m_sampleTime; ///< of the speed
    quint64 m_sampleDone = 0;
};

} // namespace vireo::job
