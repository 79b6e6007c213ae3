// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractItemModel>

#include "backend/job/jobmanager.h"

namespace vireo::model {

/** A plan's findings, worst first, grouped by severity (ok ones folded into one row with their count): a tree of two
 *  levels, where the second holds cause and fix. */
class FindingModel final : public QAbstractItemModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(FindingModel)

public:
    enum Role { SeverityRole = Qt::UserRole + 1, CauseRole, FixRole };
    explicit FindingModel(QObject *parent = nullptr);
    void setFindings(const QList<job::Finding> &findings);

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        job::Finding finding;
        QStringList details;
    };
    QList<Row> m_rows; ///< a child's internal id is its parent's row + 1
};

/** The steps of a plan, and of the job that runs it: step, object, bytes, what undo means; then state, fraction and
 * time. */
class StepModel final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(StepModel)

public:
    enum Column { StepColumn, ObjectColumn, SizeColumn, UndoColumn, TimeColumn, ColumnCount };
    enum Role { StateRole = Qt::UserRole + 1, FractionRole, ErrorRole };
    explicit StepModel(QObject *parent = nullptr);
    void setPlan(const job::Plan &plan);
    /** Shows the progress of a job that runs this plan; rows change one by one. */
    void setJob(const job::JobRecord &job);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    job::Plan m_plan;
    QList<job::JobRecord::StepRecord> m_steps;
};

} // namespace vireo::model
