// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QJsonObject>

#include "backend/job/jobrecord.h"
#include "backend/operation/create/createdraft.h"

namespace vireo::app::cli {

/** How a command ended; the numbers are what scripts rely on. */
enum class Exit { Done = 0, Refused = 1, InvalidDraft = 2, Stuck = 3, Cancelled = 130 };

/**
 * What a command says: sentences for a person, or one JSON object per line (help of the command line). What belongs to
 * the result goes to standard output, complaints and the moving progress line to standard error. Main thread.
 */
class Output final
{
    Q_DISABLE_COPY_MOVE(Output)

public:
    explicit Output(bool json);
    ~Output();

    bool isJson() const { return m_json; }

    /** Findings and steps of a plan; `number` counts from 0. */
    void plan(const job::Plan &plan, const QString &host, qsizetype number, qsizetype count);
    /** What is read before the plan: hashing takes its time. */
    void preparing(const QString &what, quint64 done, quint64 total);
    void step(const job::JobRecord &job, int index);
    void progress(const job::JobRecord &job);
    void log(const job::JobRecord &job, const QString &line);
    /** A sentence on the way: "cancelling". */
    void say(const QString &text);
    void draftErrors(const QList<operation::DraftError> &errors);
    /** A line of its own on standard output; JSON as it is, or the text. */
    void line(const QJsonObject &json, const QString &text);
    /** The last line: how it ended. Gives `exit` back. */
    Exit result(
        Exit exit, const QString &state, const QString &text, const Error &error = {}, const QJsonObject &more = {});
    /** The same for a job that has ended. */
    Exit result(Exit exit, const job::JobRecord &job);

private:
    void object(const QJsonObject &json);
    void text(const QString &text);
    void complain(const QString &text);
    void showProgress(const QString &text);
    void hideProgress();

    const bool m_json;
    const bool m_moving; ///< standard error is a terminal: the progress stays on one line
    bool m_progressShown = false;
    QElapsedTimer m_lastProgress;
};

/** Byte figures for people: "45 % of 1.2 GiB, 120 MiB/s". */
QString progressText(const job::JobRecord &job);
/** "Upload image: base-1234". */
QString stepText(const job::Step &step);

} // namespace vireo::app::cli
