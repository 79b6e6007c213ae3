// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QSet>

#include "backend/job/jobrecord.h"

namespace vireo::job {

class JobManager;

/** What was started together and is shown as one. */
struct Group {
    QUuid id;      ///< null: the job stands by itself
    QString title; ///< "Migrate 5 VMs to rack-8"
    int size = 0;  ///< how many jobs
    friend bool operator==(const Group &, const Group &) = default;
};

/** Makes a new group of the plans; of a single one none. It is kept in Plan::draft (key "group"): so the journal has
 * it, and a program that starts anew shows it. */
void groupTogether(QList<Plan> &plans, const QString &title);
Group groupOf(const Plan &plan);
/** The draft as the user chose it, without what groupTogether() put in. */
QJsonObject draftOf(const Plan &plan);

/** How far the jobs of a group are, together. A value; any thread. */
struct JobGroup {
    Group group;
    int known = 0; ///< how many of group.size there are: those that wait are not in the journal
    int done = 0;
    int failed = 0; ///< or stuck
    int cancelled = 0;
    int interrupted = 0;
    int running = 0; ///< or being undone
    int waiting = 0;
    int settled = 0;           ///< of those that run: can't be taken back any more
    bool canCancel = false;    ///< something runs or waits that was not told to stop yet
    double fraction = 0;       ///< 0 to 1, by the bytes of each where all have some; what has ended counts as a whole
    quint64 bytesLeft = 0;     ///< of what has not ended, as planned
    double bytesPerSecond = 0; ///< of all that run

    /** Of the jobs of one group. */
    static JobGroup of(const QList<const JobRecord *> &jobs);
    bool isOver() const { return running + waiting == 0; }
    /** The one that says most: Running while anything goes on, then what needs a person. */
    JobState state() const;
    /** "2 of 5 done, 2 running, 1 waiting" */
    QString statusLine() const;
    /** What cancelling all of it means for those that run, wait and are done: sentences. */
    QString cancelConsequence() const;
};

/** The jobs of the group that the manager knows, in the order in which they were started. GUI thread. */
QList<const JobRecord *> jobsOf(const JobManager &jobs, const QUuid &group);
/** Groups of which something runs, waits or was interrupted: their ended jobs are still needed. GUI thread. */
QSet<QUuid> unfinishedGroups(const JobManager &jobs);
/** Those that wait first, so that none begins meanwhile. GUI thread. */
void cancelGroup(JobManager &jobs, const QUuid &group);

} // namespace vireo::job
