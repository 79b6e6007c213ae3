// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>

#include "backend/virt/records.h"

namespace vireo::virt {
class Hosts;
}
namespace vireo::job {
class JobManager;
struct JobRecord;
} // namespace vireo::job

namespace vireo::model {

/** What happened on all hosts, and what jobs ended how: the last 5,000, oldest first. GUI thread. */
class EventLog final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EventLog)

public:
    static constexpr int Capacity = 5000;
    EventLog(virt::Hosts &hosts, job::JobManager *jobs, QObject *parent = nullptr);
    const QList<virt::EventRecord> &events() const { return m_events; }
    void append(const virt::EventRecord &event);
    /** The domain's name, or the host's for what is about the host itself. */
    QString subjectOf(const virt::EventRecord &event) const;

Q_SIGNALS:
    void appended(const vireo::virt::EventRecord &event);
    /** The oldest `count` were dropped. */
    void trimmed(int count);

private:
    void watch(const virt::HostId &id);
    void noteJob(const job::JobRecord &job);
    virt::Hosts &m_hosts;
    QList<virt::EventRecord> m_events;
};

/** The events of one host or one domain (or all), newest first. */
class EventModel final : public QAbstractTableModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EventModel)

public:
    enum Column { TimeColumn, ObjectColumn, TextColumn, ColumnCount };
    enum Role { SeverityRole = Qt::UserRole + 1 };

    explicit EventModel(EventLog &log, QObject *parent = nullptr);
    /** Null host: everything. Null domain: all of the host. */
    void setSubject(const virt::HostId &host, const QUuid &domain);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    void refill();
    void add(const virt::EventRecord &event);
    void trim();
    bool concerns(const virt::EventRecord &event) const;
    EventLog &m_log;
    virt::HostId m_host;
    QUuid m_domain;
    QList<virt::EventRecord> m_rows; ///< newest first
};

} // namespace vireo::model
