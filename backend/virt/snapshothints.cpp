// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/snapshothints.h"

namespace vireo::virt {

SnapshotHints::SnapshotHints(QObject *parent)
    : QObject(parent)
{
    m_timer.setInterval(std::chrono::milliseconds(50));
    connect(&m_timer, &QTimer::timeout, this, &SnapshotHints::look);
}

void SnapshotHints::hear(const QUuid &domain)
{
    Looks &looks = m_looks[domain];
    if (looks.soon.isForever()) { // else an endless burst would put it off for ever
        looks.soon = QDeadlineTimer(Soon);
    }
    looks.late = QDeadlineTimer(Late);
    if (!m_timer.isActive()) {
        m_timer.start();
    }
}

void SnapshotHints::clear()
{
    m_looks.clear();
    m_timer.stop();
}

void SnapshotHints::look()
{
    QList<QUuid> domains;
    for (auto it = m_looks.begin(); it != m_looks.end();) {
        const bool last = it->late.hasExpired();
        if (last || it->soon.hasExpired()) {
            domains.append(it.key());
            it->soon = QDeadlineTimer(QDeadlineTimer::Forever);
        }
        it = last ? m_looks.erase(it) : std::next(it);
    }
    if (m_looks.isEmpty()) {
        m_timer.stop();
    }
    for (const QUuid &domain : domains) { // last, as who hears it may do anything
        Q_EMIT due(domain);
    }
}

} // namespace vireo::virt
