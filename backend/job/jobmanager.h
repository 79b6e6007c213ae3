// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QDateTime>
#include <QObject>

#include "backend/job/plan.h"
#include "backend/job/step.h"

namespace vireo::job {

using JobId = QUuid;

enum class JobState {
    Queued, ///< waits for another job of the same domain
    Running,
    Undoing, ///< failed or cancelled; what was done is being taken back
    Done,
    Failed,    ///< and everything was undone
    Cancelled, ///< and everything was undone
    Stuck      ///< failed, and could not be undone in full: remains say what is left
};
enum class StepState { Waiting, Running, Done, Failed, Undone, UndoFailed };

/** A job as the panel, the wizard and the history show it. */
struct JobRecord {
    struct StepRecord {
        StepState state = StepState::Waiting;
        quint64 done = 0;
        quint64 total = 0;
        QDateTime started;
        QDateTime finished;
        QString error;
    };
    JobId id;
    Plan plan;
    JobState state = JobState::Queued;
    bool cancelRequested = false;
    QList<StepRecord> steps; ///< same order as plan.steps
    int currentStep = -1;
    double fraction = 0;       ///< 0 to 1, never falls while running
    double bytesPerSecond = 0; ///< of the current step, smoothed; 0: unknown
    QDateTime created;
    QDateTime started;
    QDateTime finished;
    Error error;         ///< why it failed
    QStringList remains; ///< what could not be undone
    QStringList log;
    QJsonObject results;

    bool isFinished() const;
    /** One line for the panel: "uploading image, 45 %", "failed: …". */
    QString statusLine() const;
};

/**
 * Runs plans on threads of its own, one running job per domain, others queue. GUI thread; knows nothing of widgets.
 *
 * A failing or cancelled job undoes its finished steps, and the one that failed, in reverse order. Cancel is honoured
 * between steps and inside those that look at their stop token. Finished jobs stay in the list, the last 200. The
 * destructor requests a stop from all jobs and abandons those that hang.
 */
class JobManager final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobManager)

public:
    JobManager(const StepRegistry &registry, virt::ConnectionProvider provider, QObject *parent = nullptr);
    ~JobManager() override;

    /** Queues the plan; a blocked plan is refused (the job appears as failed at once). */
    JobId run(const Plan &plan);
    void cancel(const JobId &id);
    /** Forgets finished jobs. */
    void clearFinished();

    QList<JobId> jobs() const;                   ///< oldest first
    const JobRecord *job(const JobId &id) const; ///< valid until control returns to the event loop
    int runningCount() const;                    ///< queued ones included
    /** The unfinished job of a domain, or null. */
    const JobRecord *jobOf(const virt::DomainKey &domain) const;

Q_SIGNALS:
    void added(const QUuid &id);
    void changed(const QUuid &id);
    void finished(const QUuid &id);
    void removed(const QUuid &id);

private:
    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace vireo::job
