// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/jobmodel.h"

#include <algorithm>

#include "model/format.h"

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

QString groupText(const job::JobGroup &group)
{
    QString status = group.statusLine();
    if (group.bytesLeft == 0) {
        return status;
    }
    constexpr double worthSaying = 64 * 1024; // what does not get on has no rate
    return group.bytesPerSecond >= worthSaying
        ? JobModel::tr("%1 · %2 left at %3").arg(status, formatBytes(group.bytesLeft), formatRate(group.bytesPerSecond))
        : JobModel::tr("%1 · %2 left").arg(status, formatBytes(group.bytesLeft));
}

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

QUuid JobModel::topOf(const job::JobId &id) const
{
    return m_groupOf.value(id, id);
}

/** How many rows belong to it. */
int JobModel::lengthOf(const QUuid &top) const
{
    const auto group = m_groups.constFind(top);
    return group == m_groups.constEnd() || !group->open ? 1 : 1 + static_cast<int>(group->jobs.size());
}

QDateTime JobModel::createdOf(const QUuid &top) const
{
    const auto group = m_groups.constFind(top);
    const job::JobRecord *job = m_jobs.job(group == m_groups.constEnd() ? top : group->jobs.value(0));
    return job ? job->created : QDateTime();
}

bool JobModel::waitsOf(const QUuid &top) const
{
    const auto waits = [this](const job::JobId &id) {
        const job::JobRecord *job = m_jobs.job(id);
        return job && waitsForDecision(*job);
    };
    const auto group = m_groups.constFind(top);
    return group == m_groups.constEnd() ? waits(top) : std::any_of(group->jobs.cbegin(), group->jobs.cend(), waits);
}

/** Where a job or a group belongs, among the others. */
int JobModel::placeOf(const QUuid &top) const
{
    const QDateTime created = createdOf(top);
    const bool waits = waitsOf(top);
    int row = 0; // without its own rows
    for (int other = 0; other < m_rows.size();) {
        const QUuid &id = m_rows.at(other);
        const int length = lengthOf(id);
        other += length;
        if (id == top) {
            continue;
        }
        const QDateTime its = createdOf(id);
        if (its.isValid()) {
            const bool otherWaits = m_top.contains(id);
            const bool before = otherWaits == waits ? its > created : otherWaits;
            if (!before) {
                break;
            }
        }
        row += length;
    }
    return row;
}

void JobModel::insertAt(int row, const QUuid &id)
{
    beginInsertRows({}, row, row);
    m_rows.insert(row, id);
    endInsertRows();
}

void JobModel::removeAtRow(int row)
{
    beginRemoveRows({}, row, row);
    m_rows.removeAt(row);
    endRemoveRows();
}

void JobModel::add(const job::JobId &id)
{
    const job::JobRecord *job = m_jobs.job(id);
    if (!job || m_groupOf.contains(id) || m_rows.contains(id)) {
        return;
    }
    if (const QUuid group = job::groupOf(job->plan).id; !group.isNull()) {
        addToGroup(*job, group);
        return;
    }
    const int row = placeOf(id);
    if (waitsForDecision(*job)) {
        m_top.insert(id);
    }
    insertAt(row, id);
}

void JobModel::addToGroup(const job::JobRecord &job, const QUuid &group)
{
    const job::JobId id = job.id;
    m_groupOf.insert(id, group);
    if (!m_groups.contains(group)) {
        m_groups.insert(group, {{id}, false});
        const int row = placeOf(group);
        if (waitsForDecision(job)) {
            m_top.insert(group);
        }
        insertAt(row, group);
    } else {
        Members &its = m_groups[group];
        const auto later = std::find_if(its.jobs.cbegin(), its.jobs.cend(), [this, &job](const job::JobId &other) {
            const job::JobRecord *record = m_jobs.job(other);
            return record && record->created > job.created;
        });
        const auto at = std::distance(its.jobs.cbegin(), later);
        if (its.open) {
            const int row = rowOf(group) + 1 + static_cast<int>(at);
            beginInsertRows({}, row, row);
            its.jobs.insert(at, id);
            m_rows.insert(row, id);
            endInsertRows();
        } else {
            its.jobs.insert(at, id);
        }
        change(id);
    }
    if (waitsForDecision(job)) {
        setOpen(group, true); // its buttons are there
    }
}

void JobModel::setOpen(const QUuid &group, bool open)
{
    const auto its = m_groups.find(group);
    if (its == m_groups.end() || its->open == open) {
        return;
    }
    const int row = rowOf(group);
    const auto count = static_cast<int>(its->jobs.size());
    if (open) {
        beginInsertRows({}, row + 1, row + count);
        its->open = true;
        for (int i = 0; i < count; ++i) {
            m_rows.insert(row + 1 + i, its->jobs.at(i));
        }
        endInsertRows();
    } else {
        beginRemoveRows({}, row + 1, row + count);
        its->open = false;
        m_rows.remove(row + 1, count);
        endRemoveRows();
    }
    Q_EMIT dataChanged(index(row), index(row), {IsOpenRole});
}

void JobModel::change(const job::JobId &id)
{
    const job::JobRecord *job = m_jobs.job(id);
    const QUuid top = topOf(id);
    const int row = rowOf(top);
    if (!job || row < 0) {
        return;
    }
    // One that is being recovered stays where its button was pressed; it goes to its place when it has ended.
    if (const bool waits = waitsOf(top); job->isFinished() && m_top.contains(top) != waits) {
        if (waits) {
            m_top.insert(top);
        } else {
            m_top.remove(top);
        }
        const int length = lengthOf(top);
        const int place = placeOf(top);
        if (place != row && beginMoveRows({}, row, row + length - 1, {}, place > row ? place + length : place)) {
            const QList<QUuid> moved = m_rows.mid(row, length);
            m_rows.remove(row, length);
            for (int i = 0; i < length; ++i) {
                m_rows.insert(place + i, moved.at(i));
            }
            endMoveRows();
        }
    }
    for (const QUuid &each : top == id ? QList<QUuid>{id} : QList<QUuid>{top, id}) {
        if (const QModelIndex at = indexOf(each); at.isValid()) {
            Q_EMIT dataChanged(at, at);
        }
    }
}

void JobModel::remove(const job::JobId &id)
{
    const QUuid group = m_groupOf.take(id);
    if (group.isNull()) {
        if (const int row = rowOf(id); row >= 0) {
            m_top.remove(id);
            removeAtRow(row);
        }
        return;
    }
    Members &its = m_groups[group];
    const int row = its.open ? rowOf(id) : -1;
    if (row >= 0) {
        beginRemoveRows({}, row, row);
        its.jobs.removeOne(id);
        m_rows.removeAt(row);
        endRemoveRows();
    } else {
        its.jobs.removeOne(id);
    }
    if (its.jobs.isEmpty()) {
        m_top.remove(group);
        m_groups.remove(group);
        removeAtRow(rowOf(group));
    } else if (const QModelIndex at = indexOf(group); at.isValid()) {
        Q_EMIT dataChanged(at, at);
    }
}

QModelIndex JobModel::indexOf(const QUuid &id) const
{
    const int row = rowOf(id);
    return row >= 0 ? index(row) : QModelIndex();
}

job::JobGroup JobModel::groupOf(const QUuid &group) const
{
    QList<const job::JobRecord *> records;
    const QList<job::JobId> ids = m_groups.value(group).jobs;
    for (const job::JobId &id : ids) {
        if (const job::JobRecord *job = m_jobs.job(id)) {
            records.append(job);
        }
    }
    return job::JobGroup::of(records);
}

int JobModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QVariant JobModel::groupData(const QUuid &group, int role) const
{
    const job::JobGroup all = groupOf(group);
    switch (role) {
    case Qt::DisplayRole:
        return all.group.title;
    case Qt::AccessibleTextRole:
        return QString(all.group.title + u", "_s + groupText(all));
    case Qt::ToolTipRole:
    case StatusRole: {
        const QString text = groupText(all);
        return role == Qt::ToolTipRole && text.contains(u'<') ? text.toHtmlEscaped() : text;
    }
    case JobIdRole:
        return group;
    case StateRole:
        return static_cast<int>(all.state());
    case FractionRole:
        return all.fraction;
    case CancellableRole:
        return all.canCancel;
    case IsGroupRole:
        return true;
    case IsOpenRole:
        return m_groups.value(group).open;
    case ErrorRole:
    case UndoTextRole:
        return QString();
    case CanFinishRole:
    case CanUndoRole:
    case InGroupRole:
        return false;
    case HostUrisRole:
        return QStringList();
    case IsHistoryRole: {
        const job::JobRecord *first = m_jobs.job(m_groups.value(group).jobs.value(0));
        return first && isHistory(*first);
    }
    default:
        return {};
    }
}

QVariant JobModel::data(const QModelIndex &index, int role) const
{
    const QUuid id = checkIndex(index, CheckIndexOption::IndexIsValid) ? m_rows.at(index.row()) : QUuid();
    if (m_groups.contains(id)) {
        return groupData(id, role);
    }
    const job::JobRecord *job = m_jobs.job(id);
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
    case IsGroupRole:
    case IsOpenRole:
        return false;
    case InGroupRole:
        return m_groupOf.contains(id);
    default:
        return {};
    }
}

} // namespace vireo::model
