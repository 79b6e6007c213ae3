// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>

#include "backend/operation/migrate/migrate.h"

namespace vireo::model {

/** What was checked, and what came of it. */
struct PreflightLine {
    QString vm; ///< shown where there are several
    operation::Check check;
    friend bool operator==(const PreflightLine &, const PreflightLine &) = default;
};

/**
 * The pre-flight as a grid: one row a check, in the order of topics; below a row its cause and its fix. The worst of
 * several VMs come with their names. GUI thread.
 */
class PreflightModel final : public QAbstractItemModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PreflightModel)

public:
    enum Column { TopicColumn, VerdictColumn, FindingColumn, ColumnCount };
    Q_ENUM(Column)
    enum Role { SeverityRole = Qt::UserRole + 1 };

    explicit PreflightModel(QObject *parent = nullptr);
    void setLines(const QList<PreflightLine> &lines);
    /** "OK", "Note", "Warning", "Blocker" */
    static QString severityWord(job::Finding::Severity severity);

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    QStringList detailsOf(int row) const;

    QList<PreflightLine> m_lines; ///< a child's internal id is its parent's row + 1
    bool m_several = false;
};

} // namespace vireo::model
