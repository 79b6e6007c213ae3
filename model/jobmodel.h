// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractListModel>
#include <QSet>

#include "backend/job/jobmanager.h"

namespace vireo::model {

/**
 * Running and finished jobs, newest first, and above them those that were interrupted: they wait for a decision. One
 * row per job, updated row by row. GUI thread.
 */
class JobModel final : public QAbstractListModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobModel)

public:
    enum Role {
        JobIdRole = Qt::UserRole + 1, ///< QUuid
        StateRole,                    ///< int of job::JobState
        FractionRole,                 ///< double 0..1
        StatusRole,                   ///< one line
        ErrorRole,                    ///< libvirt's text in full, empty when fine
        CancellableRole,              ///< bool
        HostIdRole,
        DomainRole,    ///< QUuid, may be null
        CanFinishRole, ///< bool: JobManager::recover() takes it
        CanUndoRole,
        UndoTextRole, ///< what undoing would take back, a line each
        HostUrisRole, ///< QStringList: the hosts that are needed to recover it
        IsHistoryRole ///< bool, when its row is inserted: it came from the journal
    };

    explicit JobModel(job::JobManager &jobs, QObject *parent = nullptr);

    QModelIndex indexOf(const job::JobId &id) const;
    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;

private:
    void add(const job::JobId &id);
    void change(const job::JobId &id);
    void remove(const job::JobId &id);
    int placeOf(const job::JobRecord &job) const;
    job::JobManager &m_jobs;
    QList<job::JobId> m_ids;
    QSet<job::JobId> m_top; ///< those that wait for a decision
};

} // namespace vireo::model
