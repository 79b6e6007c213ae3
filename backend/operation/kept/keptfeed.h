// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QObject>
#include <QTimer>

#include "backend/operation/kept/keptstate.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo
namespace vireo::job {
class JobManager;
}
namespace vireo::virt {
class Hosts;
}

namespace vireo::operation {

/**
 * The VMs that wait for their change to be confirmed or taken back, for windows. Reads KeptStates in a lane: when it is
 * made, when a job that may concern it has ended, and now and then, since another Vireo may have ended one. GUI thread;
 * what it works on outlives it.
 */
class KeptFeed final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(KeptFeed)

public:
    /** `directory`: of KeptStates. */
    KeptFeed(const virt::Hosts &hosts, job::JobManager &jobs, const QString &directory, QObject *parent = nullptr);
    ~KeptFeed() override;

    const QList<KeptState> &all() const { return m_states; }
    /** Of a VM where it is now; null: it does not wait. Valid until control returns to the event loop. */
    const KeptState *find(const virt::DomainKey &domain) const;
    /** The VM where it is now; null: its host is not known here. */
    virt::DomainKey keyOf(const KeptState &state) const;
    /** Why they can't be read; empty: they can. */
    const QString &problem() const { return m_problem; }
    /** changed() follows if there is something new. */
    void read();

Q_SIGNALS:
    void changed();

private:
    const virt::Hosts &m_hosts;
    QString m_directory;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    QTimer m_timer;
    QList<KeptState> m_states;
    QString m_problem;
    quint64 m_generation = 0;
};

} // namespace vireo::operation
