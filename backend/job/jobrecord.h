// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QHash>
#include <QStringList>

#include "backend/base/error.h"
#include "backend/job/plan.h"

namespace vireo::job {

using JobId = QUuid;

enum class JobState {
    Queued, ///< waits for another job of the same domain
    Running,
    Undoing, ///< failed or cancelled; what was done is being taken back
    Done,
    Failed,     ///< and everything was undone
    Cancelled,  ///< and everything was undone
    Stuck,      ///< failed, and could not be undone in full: remains say what is left
    Interrupted ///< nobody runs it, and the journal knows of no end: it waits to be finished or undone
};
enum class StepState { Waiting, Running, Done, Failed, Undone, UndoFailed };
/** The way in which a step is gone through. */
enum class Direction { Run, Undo };
/** What becomes of an interrupted job: its interrupted step and the rest are run, or it is taken back. */
enum class Recovery { Finish, Undo };

/** A job as the panel, the wizard, the journal and the history show it. */
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
    bool goesOnAlone = false;  ///< what it does now goes on on the hosts without this process; only with a journal
    QList<StepRecord> steps;   ///< same order as plan.steps
    int currentStep = -1;      ///< of an interrupted job: the step at which it stands
    double fraction = 0;       ///< 0 to 1, never falls while running
    double bytesPerSecond = 0; ///< of the current step, smoothed; 0: unknown
    QDateTime created;
    QDateTime started;
    QDateTime finished;
    Error error;         ///< why it failed, or why an interrupted job could not be recovered
    QStringList remains; ///< what could not be undone
    QStringList log;
    QJsonObject results;
    static constexpr auto warningsKey = QLatin1StringView("warnings"); ///< in the results, see StepContext::warn()
    QStringList warnings() const;

    /** The hosts of the plan: the URI of each id that occurs in it. Only with a journal. */
    QHash<virt::HostId, QString> hosts;
    /** URIs of its hosts that this process does not know: it can be recovered when they were added. */
    QStringList unknownHosts;
    bool canFinish = false; ///< JobManager::recover() takes Recovery::Finish; never when it was being undone
    bool canUndo = false;   ///< … Recovery::Undo; also true for a stuck job, to try once more

    /** It does not change any more by itself: ended, or interrupted. */
    bool isFinished() const;
    /** One line for the panel: "uploading image, 45 %", "failed: …". */
    QString statusLine() const;
};

} // namespace vireo::job
