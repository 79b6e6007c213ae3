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
    if (job.state != job::JobState::Failed && job.state != job::JobState::Stuck && job.state != job::JobState::Undoing
        && job.state != job::JobState::Interrupted) {
        return {};
    }
    QStringList lines{job.error.message};
    if (!job.error.hint.isEmpty()) {
        lines << job.error.hint;
    }
    lines << job.remains;
    return lines.join(u'\n').trimmed();
}

/** Nobody runs it, and it has no end: it stands above the others until somebody decides. */
bool waitsForDecision(const job::JobRecord &job)
{
    return job.state == job::JobState::Interrupted;
}

QString statusText(const job::JobRecord &job)
{
    const bool inStep = job.currentStep >= 0 && job.currentStep < job.plan.steps.size();
    const bool plain = job.error.message.isEmpty() || job.error.kind == Error::Kind::Cancelled;
    if (!waitsForDecision(job) || !inStep || !plain || !(job.canFinish || job.canUndo)) {
        return job.statusLine();
    }
    const job::Step &step = job.plan.steps.at(job.currentStep);
    const QString what = step.object.isEmpty() ? step.title : JobModel::tr("%1 (%2)").arg(step.title, step.object);
    return JobModel::tr("interrupted in step %1 of %2: %3")
        .arg(job.currentStep + 1)
        .arg(job.plan.steps.size())
        .arg(what);
}

/** What undoing would take back: newest first, as it happens. */
QString undoText(const job::JobRecord &job)
{
    QStringList lines;
    for (qsizetype i = std::min(job.steps.size(), job.plan.steps.size()) - 1; i >= 0; --i) {
        const job::StepState state = job.steps.at(i).state;
        const job::Step &step = job.plan.steps.at(i);
        if (state != job::StepState::Waiting && state != job::StepState::Undone && !step.undo.isEmpty()) {
            lines.append(step.object.isEmpty() ? step.undo : JobModel::tr("%1: %2").arg(step.undo, step.object));
        }
    }
    return lines.join(u'\n');
}

/** A job of this run begins unfinished, or is refused before its start. */
bool isHistory(const job::JobRecord &job)
{
    return waitsForDecision(job) || (job.isFinished() && job.started.isValid());
}

QStringList hostUris(const job::JobRecord &job)
{
    QStringList uris = job.hosts.values();
    uris.sort();
    uris.removeDuplicates();
    return uris;
}

} // namespace

JobModel::JobModel(job::JobManager &jobs, QObject *parent)
    : QAbstractListModel(parent)
    , m_jobs(jobs)
{
    const QList<job::JobId> all = jobs.jobs();
    for (const job::JobId &id : all) {
        add(id);
    }
    connect(&jobs, &job::JobManager::added, this, &JobModel::add);
    connect(&jobs, &job::JobManager::changed, this, &JobModel::change);
    connect(&jobs, &job::JobManager::finished, this, &JobModel::change);
    connect(&jobs, &job::JobManager::removed, this, &JobModel::remove);
}

/** Where the job belongs, among the others. */
int JobModel::placeOf(const job::JobRecord &job) const
{
    const bool top = waitsForDecision(job);
    int row = 0;
    for (const job::JobId &id : m_ids) {
        const job::JobRecord *other = m_jobs.job(id);
        if (id == job.id || !other) {
            continue;
        }
        const bool otherTop = m_top.contains(id);
        const bool before = otherTop == top ? other->created > job.created : otherTop;
        if (!before) {
            break;
        }
        ++row;
    }
    return row;
}

void JobModel::add(const job::JobId &id)
{
    const job::JobRecord *job = m_jobs.job(id);
    if (!job || m_ids.contains(id)) {
        return;
    }
    const int row = placeOf(*job);
    beginInsertRows({}, row, row);
    m_ids.insert(row, id);
    if (waitsForDecision(*job)) {
        m_top.insert(id);
    }
    endInsertRows();
}

void JobModel::change(const job::JobId &id)
{
    const job::JobRecord *job = m_jobs.job(id);
    const int row = static_cast<int>(m_ids.indexOf(id));
    if (!job || row < 0) {
        return;
    }
    // One that is being recovered stays where its button was pressed; it goes to its place when it has ended.
    if (job->isFinished() && m_top.contains(id) != waitsForDecision(*job)) {
        if (waitsForDecision(*job)) {
            m_top.insert(id);
        } else {
            m_top.remove(id);
        }
        const int place = placeOf(*job);
        if (place != row && beginMoveRows({}, row, row, {}, place > row ? place + 1 : place)) {
            m_ids.move(row, place);
            endMoveRows();
        }
    }
    const QModelIndex at = indexOf(id);
    Q_EMIT dataChanged(at, at);
}

void JobModel::remove(const job::JobId &id)
{
    const int row = static_cast<int>(m_ids.indexOf(id));
    if (row >= 0) {
        beginRemoveRows({}, row, row);
        m_ids.removeAt(row);
        m_top.remove(id);
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
        return QString(job->plan.title + u", "_s + statusText(*job));
    case Qt::ToolTipRole: {
        const QString error = errorText(*job);
        const QString tip = error.isEmpty() ? statusText(*job) : error;
        return tip.contains(u'<') ? tip.toHtmlEscaped() : tip;
    }
    case JobIdRole:
        return job->id;
    case StateRole:
        return static_cast<int>(job->state);
    case FractionRole:
        return job->fraction;
    case StatusRole:
        return statusText(*job);
    case ErrorRole:
        return errorText(*job);
    case CancellableRole:
        return !job->isFinished() && !job->cancelRequested && job->state != job::JobState::Undoing;
    case HostIdRole:
        return job->plan.host;
    case DomainRole:
        return job->plan.domain;
    case CanFinishRole:
        return job->isFinished() && job->canFinish;
    case CanUndoRole:
        return job->isFinished() && job->canUndo;
    case UndoTextRole:
        return undoText(*job);
    case HostUrisRole:
        return hostUris(*job);
    case IsHistoryRole:
        return isHistory(*job);
    default:
        return {};
    }
}

} // namespace vireo::model
