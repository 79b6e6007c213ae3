// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/preflightmodel.h"

#include <algorithm>

namespace vireo::model {

using Severity = job::Finding::Severity;

PreflightModel::PreflightModel(QObject *parent)
    : QAbstractItemModel(parent)
{}

QString PreflightModel::severityWord(Severity severity)
{
    switch (severity) {
    case Severity::Ok:
        return tr("OK");
    case Severity::Note:
        return tr("Note");
    case Severity::Warning:
        return tr("Warning");
    case Severity::Blocker:
        return tr("Blocker");
    }
    return {};
}

void PreflightModel::setLines(const QList<PreflightLine> &lines)
{
    if (lines == m_lines) {
        return; // selection and what is open stay
    }
    beginResetModel();
    m_lines = lines;
    m_several = std::any_of(
        lines.cbegin(), lines.cend(), [&lines](const PreflightLine &line) { return line.vm != lines.constFirst().vm; });
    endResetModel();
}

QStringList PreflightModel::detailsOf(int row) const
{
    QStringList details;
    const job::Finding &finding = m_lines.at(row).check.finding;
    for (const QString &detail : {finding.cause, finding.fix}) {
        if (!detail.isEmpty()) {
            details.append(detail);
        }
    }
    return details;
}

QModelIndex PreflightModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || row >= rowCount(parent)) {
        return {};
    }
    return createIndex(row, column, parent.isValid() ? static_cast<quintptr>(parent.row()) + 1 : quintptr(0));
}

QModelIndex PreflightModel::parent(const QModelIndex &child) const
{
    return child.isValid() && child.internalId() > 0
        ? createIndex(static_cast<int>(child.internalId()) - 1, 0, quintptr(0))
        : QModelIndex();
}

int PreflightModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid()) {
        return static_cast<int>(m_lines.size());
    }
    return parent.internalId() == 0 && parent.column() == 0 ? static_cast<int>(detailsOf(parent.row()).size()) : 0;
}

int PreflightModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

QVariant PreflightModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid()) {
        return {};
    }
    const bool detail = index.internalId() > 0;
    const int row = detail ? static_cast<int>(index.internalId()) - 1 : index.row();
    const PreflightLine &line = m_lines.at(row);
    const job::Finding &finding = line.check.finding;
    const QString topic = operation::topicName(line.check.topic);
    switch (role) {
    case Qt::DisplayRole:
        if (detail) {
            return index.column() == FindingColumn ? QVariant(detailsOf(row).value(index.row())) : QVariant();
        }
        switch (index.column()) {
        case TopicColumn:
            return topic;
        case VerdictColumn:
            return severityWord(finding.severity);
        case FindingColumn:
            return m_several ? tr("%1: %2", "VM and finding").arg(line.vm, finding.text) : finding.text;
        default:
            return {};
        }
    case Qt::AccessibleTextRole:
        if (detail || index.column() != TopicColumn) {
            return data(index, Qt::DisplayRole);
        }
        return tr("%1, %2", "topic and severity").arg(topic, severityWord(finding.severity));
    case SeverityRole:
        return detail ? QVariant() : QVariant(static_cast<int>(finding.severity));
    default:
        return {};
    }
}

QVariant PreflightModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case TopicColumn:
        return tr("Topic");
    case VerdictColumn:
        return tr("Verdict");
    case FindingColumn:
        return tr("Finding");
    default:
        return {};
    }
}

} // namespace vireo::model
