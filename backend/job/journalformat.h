// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QSet>

#include "backend/job/jobrecord.h"

/**
 * What stands in a job's journal: lines of compact JSON, each an object with "t", its kind.
 *
 *   header   format, id, created, hosts {id: URI}, plan
 *   intent   step, direction            before a step is run or undone
 *   note     key, value                 a result of the running step; without value: taken away
 *   outcome  step, direction, error     error only when it failed
 *   undoing  error                      from here on the job can only be undone
 *   resume   recovery, hosts            a process has taken over the interrupted job
 *   end      state, error, remains
 *
 * Each may have "at" (milliseconds since 1970) and "log", the lines logged since the last record. Pure functions; any
 * thread.
 */
namespace vireo::job {

/** A job as its journal tells it. */
struct JournalEntry {
    enum class Standing {
        Running,     ///< some process, maybe this one, runs it now
        Interrupted, ///< no process runs it, and it has no end
        Finished,
        Unreadable ///< record.error says why; record.id may be made up
    };
    Standing standing = Standing::Interrupted;
    JobRecord record; ///< with the host ids of the process that wrote it: see hostids.h
    QString fileName;
    bool ended = false;
    Direction direction = Direction::Run;
    int reached = -1;  ///< the last step that may have left something behind
    QSet<int> undone;  ///< the steps that were undone with success
    qint64 length = 0; ///< of the whole records; what follows is a torn one
};

namespace journalformat {

constexpr int version = 1;

QJsonObject header(const JobRecord &job, const QHash<virt::HostId, QString> &hosts);
QJsonObject intent(int step, Direction direction);
QJsonObject note(const QString &key, const QJsonValue &value);
QJsonObject outcome(int step, Direction direction, const Result<> &outcome);
QJsonObject undoing(const Error &error);
QJsonObject resume(Recovery recovery, const QHash<virt::HostId, QString> &hosts);
QJsonObject end(const JobRecord &job);
/** Adds the time and the log lines. */
QByteArray toLine(QJsonObject record, const QDateTime &at);

/** Reads a whole journal. A torn last line is passed over; an error says what is wrong with anything else. The standing
 *  is Finished or Interrupted: locks are not looked at. */
Result<JournalEntry> parse(const QByteArray &content);

/** The state's name in the journal and in `vireo jobs --json`: "done", "interrupted" … */
QString stateName(JobState state);

} // namespace journalformat

} // namespace vireo::job
