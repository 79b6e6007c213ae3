// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QDateTime>
#include <QHash>
#include <QSet>

#include "backend/job/jobgroup.h"
#include "backend/job/jobmanager.h"

namespace vireo::model {

/** "2 of 5 done, 2 running, 1 waiting · 1.4 GiB left at 38 MiB/s" */
QString groupText(const job::JobGroup &group);

/**
 * Running and finished jobs, newest first, and above them those that were interrupted: they wait for a decision. What
 * was started together has one row, and, while that is open, a row for each of its jobs below, in the order in which
 * they were started; it opens by itself when one of them waits for a decision. Updated row by row. GUI thread.
 */
class JobModel final : public QAbstractListModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobModel)

public:
    enum Role {
        JobIdRole = Qt::UserRole + 1, ///< QUuid; of a group's row the group's
        StateRole,                    ///< int of job::JobState
        FractionRole,                 ///< double 0..1
        StatusRole,                   ///< one line
        ErrorRole,                    ///< libvirt's text in full, empty when fine
        CancellableRole,              ///< bool
        HostIdRole,
        DomainRole,    ///< QUuid, may be null
        CanFinishRole, ///< bool: JobManager::recover() takes it
        CanUndoRole,
        UndoTextRole,  ///< what undoing would take back, a line each
        HostUrisRole,  ///< QStringList: the hosts that are needed to recover it
        IsHistoryRole, ///< bool, when its row is inserted: it came from the journal
        IsGroupRole,   ///< bool: the row of several jobs
        IsOpenRole,    ///< bool: … whose jobs have rows below it
        InGroupRole    ///< bool: one of those
    };

    explicit JobModel(job::JobManager &jobs, QObject *parent = nullptr);

    /** Of a job, or of a group; invalid for a job whose group is closed. */
    QModelIndex indexOf(const QUuid &id) const;
    void setOpen(const QUuid &group, bool open);
    /** All of a group's jobs together; nothing for another id. */
    job::JobGroup groupOf(const QUuid &group) const;
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

private:
    struct Members {
        QList<job::JobId> jobs;
        bool open = false;
    };
    void add(const job::JobId &id);
    void addToGroup(const job::JobRecord &job, const QUuid &group);
    void change(const job::JobId &id);
    void remove(const job::JobId &id);
    void insertAt(int row, const QUuid &id);
    void removeAtRow(int row);
    int rowOf(const QUuid &id) const { return static_cast<int>(m_rows.indexOf(id)); }
    /** The row of the job itself, or of the group that it belongs to. */
    QUuid topOf(const job::JobId &id) const;
    int lengthOf(const QUuid &top) const;
    QDateTime createdOf(const QUuid &top) const;
    bool waitsOf(const QUuid &top) const;
    int placeOf(const QUuid &top) const;
    QVariant groupData(const QUuid &group, int role) const;

    job::JobManager &m_jobs;
    QList<QUuid> m_rows; ///< jobs, groups, and jobs of groups that are open
    QHash<QUuid, Members> m_groups;
    QHash<job::JobId, QUuid> m_groupOf; ///< of those that have one
    QSet<QUuid> m_top;                  ///< those that wait for a decision
};

} // namespace vireo::model
