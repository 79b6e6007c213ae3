// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/cli/session.h"
#include "app/commandline.h"
#include "backend/job/journalformat.h"

namespace vireo::app::cli {

/** `vireo recover`: takes up one job that was interrupted, or tries once more to undo a stuck one. Main thread. */
class Recoverer final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Recoverer)

public:
    Recoverer(const CommandLine &line, Session &session, QObject *parent = nullptr);

    /** `entry` is what findJob() gave. finished() comes later. */
    void begin(const job::JournalEntry &entry);

Q_SIGNALS:
    void finished(vireo::app::cli::Exit exit);

private:
    void recover(const Result<> &connected);
    void end(Exit exit);

    Session &m_session;
    const job::Recovery m_recovery;
    job::JobId m_id;
    bool m_ended = false;
};

/** The job with this id, or the only one whose id begins so, of those that can be recovered at all. Blocks on files.
 *  The error says why there is none. */
Result<job::JournalEntry> findJob(const QString &idOrPrefix, job::Recovery recovery);
/** `vireo jobs`. Blocks on files, with compare also on hosts. */
Exit listJobs(const CommandLine &line, Output &output);

} // namespace vireo::app::cli
