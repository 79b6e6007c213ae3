// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "backend/job/jobmanager.h"

namespace vireo::app::cli {

class Output;

/** Tells what becomes of one job, as it happens, until it ends. Main thread; what is handed in outlives it. */
class JobFollower final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobFollower)

public:
    JobFollower(job::JobManager &jobs, Output &output, QObject *parent = nullptr);

    /** From now on this job. */
    void follow(const job::JobId &id);

Q_SIGNALS:
    void ended(const vireo::job::JobRecord &job);

private:
    void look(const QUuid &id);

    job::JobManager &m_jobs;
    Output &m_output;
    job::JobId m_id;
    QList<job::StepState> m_told;
    qsizetype m_logged = 0;
};

} // namespace vireo::app::cli
