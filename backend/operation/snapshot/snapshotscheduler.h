// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QHash>
#include <QObject>
#include <QTimer>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/job/jobmanager.h"
#include "backend/snapshot/facts.h"
#include "backend/snapshot/schedule.h"
#include "backend/virt/inventory.h"

namespace vireo::operation {

/**
 * Takes the snapshots of all schedules when they are due and deletes those of its own that are too many, as jobs like
 * any other. Only while Vireo runs: what was missed meanwhile is taken once, soon after the host is connected again.
 * GUI thread; reads and writes its file in a lane. What it works on outlives it.
 */
class SnapshotScheduler final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotScheduler)

public:
    using Clock = std::function<QDateTime()>; ///< UTC

    /** `path`: of ScheduleFile. Begins by reading it. */
    SnapshotScheduler(virt::Inventory &inventory, job::JobManager &jobs, const QString &path,
        Clock clock = QDateTime::currentDateTimeUtc, QObject *parent = nullptr);
    ~SnapshotScheduler() override;

    /** False until the file has been read, and for ever when it can't be: nothing can be set then. */
    bool isReady() const { return m_ready; }
    /** Why the file can't be read or written; empty: it can. */
    const QString &problem() const { return m_problem; }
    std::optional<snapshot::Schedule> schedule(const virt::DomainKey &domain) const;
    /** Adds or replaces the schedule of that domain; what was taken so far stays known. */
    void set(const virt::DomainKey &domain, snapshot::Schedule schedule);
    /** Nothing is taken any more; the snapshots stay. */
    void remove(const virt::DomainKey &domain);
    /** Looks for what is due, and whether a VM has moved to another host: its schedule follows. By itself twice a
     * minute. */
    void look();

Q_SIGNALS:
    /** Some schedule, or what came of one; also when the file has been read. */
    void changed();

private:
    /** One job of ours, from reading the facts to its end. */
    struct Run {
        virt::DomainKey domain;
        QString taken;
        bool wasOff = false; ///< the domain, when it was planned
        QStringList deleted; ///< instead of one that is taken
    };

    snapshot::Schedule *find(const virt::DomainKey &domain);
    void follow();
    void take(const virt::DomainKey &domain, const snapshot::Facts &facts);
    void trim(const virt::DomainKey &domain);
    void finished(const job::JobId &id);
    void failed(const virt::DomainKey &domain, const QString &why);
    void read();
    void save();

    virt::Inventory &m_inventory;
    job::JobManager &m_jobs;
    snapshot::ScheduleFile m_file;
    Clock m_clock;
    std::shared_ptr<Courier> m_courier;
    Lane m_lane;
    QTimer m_timer;
    QList<snapshot::Schedule> m_schedules;
    QSet<virt::DomainKey> m_busy;
    QHash<job::JobId, Run> m_runs;
    bool m_ready = false;
    QString m_problem;
};

} // namespace vireo::operation
