// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/jobfollower.h"

#include "app/cli/output.h"

namespace vireo::app::cli {

JobFollower::JobFollower(job::JobManager &jobs, Output &output, QObject *parent)
    : QObject(parent)
    , m_jobs(jobs)
    , m_output(output)
{
    connect(&jobs, &job::JobManager::changed, this, &JobFollower::look);
    connect(&jobs, &job::JobManager::finished, this, [this](const QUuid &id) {
        if (id != m_id) {
            return;
        }
        look(id);
        m_id = {};
        const job::JobRecord record = *m_jobs.job(id);
        Q_EMIT ended(record);
    });
}

void JobFollower::follow(const job::JobId &id)
{
    m_id = id;
    m_told.clear();
    m_logged = 0;
    if (const job::JobRecord *job = m_jobs.job(id)) {
        for (const job::JobRecord::StepRecord &step : job->steps) {
            // What an earlier process did is no news, but for the step that is taken up again.
            m_told.append(step.state == job::StepState::Running ? job::StepState::Waiting : step.state);
        }
        m_logged = job->log.size();
    }
}

void JobFollower::look(const QUuid &id)
{
    const job::JobRecord *job = id == m_id ? m_jobs.job(id) : nullptr;
    if (!job) {
        return;
    }
    m_told.resize(job->steps.size(), job::StepState::Waiting);
    const auto tell = [&](int index, bool undo) {
        const job::StepState state = job->steps.at(index).state;
        const bool isUndo = state == job::StepState::Undone || state == job::StepState::UndoFailed;
        if (state != m_told.at(index) && isUndo == undo) {
            m_told[index] = state;
            m_output.step(*job, index);
        }
    };
    // In the order in which they happened: what is undone is undone from the last.
    const int count = static_cast<int>(job->steps.size());
    for (int i = 0; i < count; ++i) {
        tell(i, false);
    }
    for (int i = count - 1; i >= 0; --i) {
        tell(i, true);
    }
    for (; m_logged < job->log.size(); ++m_logged) {
        m_output.log(*job, job->log.at(m_logged));
    }
    if (!job->isFinished()) {
        m_output.progress(*job);
    }
}

} // namespace vireo::app::cli
