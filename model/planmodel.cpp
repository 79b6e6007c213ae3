// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/planmodel.h"

#include <algorithm>

#include "model/format.h"

namespace vireo::model {

using Severity = job::Finding::Severity;

FindingModel::FindingModel(QObject *parent)
    : QAbstractItemModel(parent)
{}

void FindingModel::setFindings(const QList<job::Finding> &findings)
{
    beginResetModel();
    m_rows.clear();
    QStringList passed;
    for (const job::Finding &finding : findings) {
        if (finding.severity == Severity::Ok) {
            passed << finding.text;
            continue;
        }
        Row row{finding, {}};
        for (const QString &detail : {finding.cause, finding.fix}) {
            if (!detail.isEmpty()) {
                row.details << detail;
            }
        }
        m_rows << row;
    }
    std::stable_sort(m_rows.begin(), m_rows.end(),
        [](const Row &a, const Row &b) { return a.finding.severity > b.finding.severity; });
    if (!passed.isEmpty()) {
        job::Finding folded;
        folded.text = passed.size() == 1 ? tr("1 check passed")
                                         : tr("%n checks passed", nullptr, static_cast<int>(passed.size()));
        m_rows << Row{folded, passed};
    }
    endResetModel();
}

QModelIndex FindingModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column != 0 || row >= rowCount(parent)) {
        return {};
    }
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row()) + 1 : quintptr(0));
}

QModelIndex FindingModel::parent(const QModelIndex &child) const
{
    return child.isValid() && child.internalId() > 0
        ? createIndex(static_cast<int>(child.internalId()) - 1, 0, quintptr(0))
        : QModelIndex();
}

int FindingModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid()) {
        return static_cast<int>(m_rows.size());
    }
    return parent.internalId() == 0 ? static_cast<int>(m_rows.at(parent.row()).details.size()) : 0;
}

int FindingModel::columnCount(const QModelIndex &) const
{
    return 1;
}

QVariant FindingModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    const bool detail = index.internalId() > 0;
    const Row &row = m_rows.at(detail ? static_cast<qsizetype>(index.internalId()) - 1 : index.row());
    switch (role) {
    case Qt::DisplayRole:
        return detail ? row.details.at(index.row()) : row.finding.text;
    case Qt::AccessibleTextRole: {
        if (detail) {
            return row.details.at(index.row());
        }
        switch (row.finding.severity) {
        case Severity::Blocker:
            return tr("Blocker: %1").arg(row.finding.text);
        case Severity::Warning:
            return tr("Warning: %1").arg(row.finding.text);
        case Severity::Note:
            return tr("Note: %1").arg(row.finding.text);
        case Severity::Ok:
            break;
        }
        return row.finding.text;
    }
    case SeverityRole:
        return static_cast<int>(row.finding.severity);
    case CauseRole:
        return row.finding.cause;
    case FixRole:
        return row.finding.fix;
    default:
        return {};
    }
}

namespace {

bool same(const job::JobRecord::StepRecord &a, const job::JobRecord::StepRecord &b)
{
    return a.state == b.state && a.done == b.done && a.total == b.total && a.started == b.started
        && a.finished == b.finished && a.error == b.error;
}

QString durationText(const job::JobRecord::StepRecord &step)
{
    if (!step.started.isValid()) {
        return {};
    }
    return formatDuration(step.started.msecsTo(step.finished.isValid() ? step.finished : QDateTime::currentDateTime()));
}

} // namespace

StepModel::StepModel(QObject *parent)
    : QAbstractTableModel(parent)
{}

void StepModel::setPlan(const job::Plan &plan)
{
    beginResetModel();
    m_plan = plan;
    m_steps = QList<job::JobRecord::StepRecord>(plan.steps.size());
    endResetModel();
}

void StepModel::setJob(const job::JobRecord &job)
{
    if (job.plan.steps != m_plan.steps) {
        setPlan(job.plan);
    }
    for (int row = 0; row < m_steps.size() && row < job.steps.size(); ++row) {
        const job::JobRecord::StepRecord &step = job.steps.at(row);
        // A running step's time goes on even when nothing else changes.
        if (!same(m_steps.at(row), step) || step.state == job::StepState::Running) {
            m_steps[row] = step;
            Q_EMIT dataChanged(index(row, 0), index(row, ColumnCount - 1));
        }
    }
}

int StepModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_plan.steps.size());
}

int StepModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant StepModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const job::Step &step = m_plan.steps.at(index.row());
    const job::JobRecord::StepRecord &record = m_steps.at(index.row());
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case StepColumn:
            return step.title;
        case ObjectColumn:
            return step.object;
        case SizeColumn:
            return step.bytes > 0 ? formatBytes(step.bytes) : QString();
        case UndoColumn:
            return step.undo;
        default:
            return durationText(record);
        }
    case Qt::TextAlignmentRole:
        return index.column() == SizeColumn || index.column() == TimeColumn
            ? QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter))
            : QVariant();
    case Qt::ToolTipRole:
        return record.error.contains(u'<') ? record.error.toHtmlEscaped() : record.error;
    case StateRole:
        return static_cast<int>(record.state);
    case FractionRole:
        if (record.total > 0) {
            return std::min(1.0, static_cast<double>(record.done) / static_cast<double>(record.total));
        }
        return record.state == job::StepState::Done ? 1.0 : 0.0;
    case ErrorRole:
        return record.error;
    default:
        return {};
    }
}

QVariant StepModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case StepColumn:
        return tr("Step");
    case ObjectColumn:
        return tr("Object");
    case SizeColumn:
        return tr("Size");
    case UndoColumn:
        return tr("If undone");
    case TimeColumn:
        return tr("Time");
    default:
        return {};
    }
}

} // namespace vireo::model
