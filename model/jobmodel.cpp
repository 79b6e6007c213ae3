// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/jobmodel.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace vireo::model {
namespace {

/** Why it failed, what the user can do, and what is left: a line each. */
QString errorText(const job::JobRecord &job)
{
    if (job.state != job::JobState::Failed && job.state != job::JobState::Stuck
        && job.state != job::JobState::Undoing && job.state != job::JobState::Interrupted) {
        return {};
    }
    QStringList lines{job.error.message};
    if (!job.error.hint.isEmpty()) {
        lines << job.error.hint;
    }
    lines << job.remains;
    return lines.join(u'\n').trimmed();
}

} // namespace

JobModel::JobModel(job::JobManager &jobs, QObject *parent)
    : QAbstractListModel(parent)
    , m_jobs(jobs)
    , m_ids(jobs.jobs())
{
    std::reverse(m_ids.begin(), m_ids.end());
    connect(&jobs, &job::JobManager::added, this, &JobModel::add);
    connect(&jobs, &job::JobManager::changed, this, &JobModel::change);
    connect(&jobs, &job::JobManager::finished, this, &JobModel::change);
    connect(&jobs, &job::JobManager::removed, this, &JobModel::remove);
}

void JobModel::add(const job::JobId &id)
{
    if (m_ids.contains(id)) {
        return;
    }
    beginInsertRows({}, 0, 0);
    m_ids.prepend(id);
    endInsertRows();
}

void JobModel::change(const job::JobId &id)
{
    if (const QModelIndex at = indexOf(id); at.isValid()) {
        Q_EMIT dataChanged(at, at);
    }
}

void JobModel::remove(const job::JobId &id)
{
    const int row = static_cast<int>(m_ids.indexOf(id));
    if (row >= 0) {
        beginRemoveRows({}, row, row);
        m_ids.removeAt(row);
        endRemoveRows();
    }
}

QModelIndex JobModel::indexOf(const job::JobId &id) const
{
    const int row = static_cast<int>(m_ids.indexOf(id));
    return row >= 0 ? index(row) : QModelIndex();
}

int JobModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_ids.size());
}

QVariant JobModel::data(const QModelIndex &index, int role) const
{
    const job::JobRecord *job =
        checkIndex(index, CheckIndexOption::IndexIsValid) ? m_jobs.job(m_ids.at(index.row())) : nullptr;
    if (!job) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole:
        return job->plan.title;
    case Qt::AccessibleTextRole:
        return QString(job->plan.title + u", "_s + job->statusLine());
    case Qt::ToolTipRole: {
        const QString error = errorText(*job);
        const QString tip = error.isEmpty() ? job->statusLine() : error;
        return tip.contains(u'<') ? tip.toHtmlEscaped() : tip;
    }
    case JobIdRole:
        return job->id;
    case StateRole:
        return static_cast<int>(job->state);
    case FractionRole:
        return job->fraction;
    case StatusRole:
        return job->statusLine();
    case ErrorRole:
        return errorText(*job);
    case CancellableRole:
        return !job->isFinished() && !job->cancelRequested && job->state != job::JobState::Undoing;
    case HostIdRole:
        return job->plan.host;
    case DomainRole:
        return job->plan.domain;
    default:
        return {};
    }
}

} // namespace vireo::model
