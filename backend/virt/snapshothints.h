// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include <QDeadlineTimer>
#include <QHash>
#include <QObject>
#include <QTimer>
#include <QUuid>

namespace vireo::virt {

/**
 * Turns what libvirt hints at into requests to look at a domain's snapshots. Private to backend/virt; GUI thread.
 *
 * libvirt has no event for snapshots, and what it does tell comes before the snapshot's metadata is written. Hence two
 * looks for each burst of hints: one soon, and one when even a slow host is done, still within a second.
 */
class SnapshotHints final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotHints)

public:
    explicit SnapshotHints(QObject *parent = nullptr);

    void hear(const QUuid &domain);
    /** Forgets all: the connection is gone. */
    void clear();

    static constexpr std::chrono::milliseconds Soon{200};
    static constexpr std::chrono::milliseconds Late{850};

Q_SIGNALS:
    void due(const QUuid &domain);

private:
    struct Looks {
        QDeadlineTimer soon = QDeadlineTimer(QDeadlineTimer::Forever);
        QDeadlineTimer late;
    };
    void look();

    QHash<QUuid, Looks> m_looks;
    QTimer m_timer;
};

} // namespace vireo::virt
