// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>

#include "backend/job/hostids.h"
#include "backend/job/jobrecord.h"
#include "backend/job/step.h"

namespace vireo::job {

class Journal;

/** The journal, and how its hosts are found. The functions are called on the manager's thread. */
struct JournalAccess {
    std::shared_ptr<const Journal> journal; ///< null: jobs live in memory alone
    UriOfHost uriOf;
    HostOfUri hostOf;
};

/**
 * Runs plans on threads of its own, one running job per domain (on each host that a plan names), others queue. GUI
 * thread; knows nothing of widgets.
 *
 * A failing or cancelled job undoes its finished steps, and the one that failed, in reverse order. Cancel is honoured
 * between steps and inside those that look at their stop token; once a step has noted "pastUndo" in the results (a
 * guest has moved) it comes too late. Finished jobs stay in the list, the last 200. The destructor requests a stop from
 * all jobs and abandons those that hang; in the journal those stay interrupted. Jobs that go on alone
 * (JobRecord::goesOnAlone) are not stopped: they stay interrupted too.
 *
 * With a journal each step's intent is on disk before it runs; a job whose journal can't be written is not run. All
 * files are written on the jobs' threads and read in a lane.
 */
class JobManager final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobManager)

public:
    JobManager(const StepRegistry &registry, virt::ConnectionProvider provider, QObject *parent = nullptr);
    JobManager(const StepRegistry &registry, virt::ConnectionProvider provider, JournalAccess journal,
        QObject *parent = nullptr);
    ~JobManager() override;

    /** Queues the plan; a blocked plan is refused (the job appears as failed at once). */
    JobId run(const Plan &plan);
    /** A recovery that has not begun yet is called off: the job stays interrupted. */
    void cancel(const JobId &id);

    /** Reads the journal in a lane: interrupted jobs and the history appear (added), then loaded() is emitted. Jobs
     *  that another process runs do not. May be repeated, to see what other processes left, or when hosts were added.
     */
    void loadInterrupted();
    /** Queues an interrupted job to be finished or undone, or a stuck one to be undone once more; finished() follows.
     *  When another process was faster it takes over what that made of it. Errors: a host that is not known here (with
     *  its URI), a job that can't be recovered so. */
    Result<> recover(const JobId &id, Recovery recovery);

    /** Forgets ended jobs, in the journal as well; interrupted ones stay. */
    void clearFinished();

    QList<JobId> jobs() const;                   ///< oldest first
    const JobRecord *job(const JobId &id) const; ///< valid until control returns to the event loop
    int runningCount() const;                    ///< queued ones included
    /** The unfinished job of a domain, or null; also by a host that it comes to. */
    const JobRecord *jobOf(const virt::DomainKey &domain) const;

Q_SIGNALS:
    void added(const QUuid &id);
    void changed(const QUuid &id);
    void finished(const QUuid &id);
    void removed(const QUuid &id);
    /** The journal has been read; `problem` is empty, or says why it could not be. */
    void loaded(const QString &problem);

private:
    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace vireo::job
