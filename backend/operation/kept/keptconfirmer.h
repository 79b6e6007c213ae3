// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QHash>
#include <QObject>
#include <QTimer>

#include "backend/job/jobmanager.h"
#include "backend/operation/kept/keptplanner.h"

namespace vireo::operation {

class KeptFeed;

/**
 * Confirms changes whose time has come (KeptState::confirmAt), as jobs like any other, once all hosts that they concern
 * are connected. Only while Vireo runs. What is blocked or fails is tried again later. GUI thread; what it works on
 * outlives it.
 */
class KeptConfirmer final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(KeptConfirmer)

public:
    using Clock = std::function<QDateTime()>; ///< UTC

    KeptConfirmer(KeptFeed &feed, virt::Hosts &hosts, job::JobManager &jobs, const ResizeEndServices &services = {},
        Clock clock = QDateTime::currentDateTimeUtc, QObject *parent = nullptr);
    ~KeptConfirmer() override;

    /** Looks for what is due; by itself twice a minute, and when the feed tells of something. */
    void look();

Q_SIGNALS:
    /** It is due and can't be confirmed now. */
    void blocked(const QString &id, const QString &why);

private:
    bool isConnected(const QString &uri) const;
    void take(const job::Plan &plan);
    void refuse(const QString &why);

    KeptFeed &m_feed;
    virt::Hosts &m_hosts;
    job::JobManager &m_jobs;
    Clock m_clock;
    KeptPlanner m_planner;
    QTimer m_timer;
    QString m_planning;                ///< id of the one that is being planned; empty: none
    QHash<QString, QDateTime> m_tried; ///< when last, by id
};

} // namespace vireo::operation
