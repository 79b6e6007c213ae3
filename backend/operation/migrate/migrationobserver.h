// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QSet>
#include <QTimer>

#include "backend/operation/migrate/migrationfeed.h"
#include "backend/virt/domains.h"

namespace vireo::virt {
class Host;
class Hosts;
class Inventory;
} // namespace vireo::virt

namespace vireo::operation {

/**
 * Shows in the feed the migrations that no step of this process runs: of virsh, of another client, or of a Vireo that
 * was killed. With levers that work.
 *
 * It looks at a domain when libvirt tells something that only migrations are told by, when its state says so, and once
 * when a host has connected; from then on each half a second for as long as the migration goes on. Ended: Done, Failed,
 * or NeedsHelp with a diagnosis of both hosts, as far as the other one is connected too. What it shows stays until a
 * step publishes the same domain, or the next migration of it.
 *
 * GUI thread; all calls run in the hosts' lanes. Made once, after the feed, and outlived by hosts, inventory and feed.
 */
class MigrationObserver final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrationObserver)

public:
    MigrationObserver(virt::Hosts &hosts, virt::Inventory &inventory, MigrationFeed &feed, QObject *parent = nullptr);
    ~MigrationObserver() override;

    /** Somebody has a reason to think that it is migrated: a job of the journal that was interrupted. */
    void look(const virt::DomainKey &domain);
    /** Is it watched now? */
    bool watches(const virt::DomainKey &domain) const { return m_watched.contains(domain); }

private:
    /** What one look at the source tells. */
    struct Seen {
        virt::migration::Figures figures;
        virt::domains::StateInfo state;
        std::optional<quint64> maxDowntimeMs; ///< asked for now and then
        std::optional<quint64> bandwidth;
    };
    struct Watched {
        MigrationPicture picture;
        std::optional<migration::Steering> steering; ///< once a person has chosen a policy
        int polls = 0;
        int looksAtEnd = 0;  ///< in a row, for how it ended
        bool asking = false; ///< a look is on its way: never two
        bool acting = false; ///< the policy moves a lever
        qint64 askedMs = 0;
        qint64 answeredMs = 0;
    };
    using WatchedPtr = std::shared_ptr<Watched>;

    void watchHost(virt::Host *host);
    void lookAtAll(const virt::HostId &host);
    void lookAtHinted(const virt::HostId &host, const QList<QUuid> &domains);
    void hear(const virt::DomainKey &domain, const virt::migration::Figures &ended);
    bool isOurs(const virt::DomainKey &domain) const;
    void begin(const virt::DomainKey &domain, const Seen &seen);
    void pollAll();
    void poll(const WatchedPtr &watched);
    void take(const WatchedPtr &watched, const Seen &seen);
    void steer(const WatchedPtr &watched);
    void obey(const WatchedPtr &watched, const MigrationCommand &command);
    void move(const WatchedPtr &watched, MigrationCommand::Kind kind, quint64 value, const QString &done);
    void findDestination(MigrationPicture &picture) const;
    void lookForTheEnd(const WatchedPtr &watched);
    void conclude(const WatchedPtr &watched, const migration::Side &source, const migration::Side &destination);
    void end(const WatchedPtr &watched, migration::Phase phase);
    void publish(const WatchedPtr &watched);
    bool isCurrent(const WatchedPtr &watched) const;
    virt::Host *connected(const virt::HostId &id) const;
    static Result<Seen> lookNow(virt::Connection &connection, const QUuid &domain, bool withLimits);

    virt::Hosts &m_hosts;
    virt::Inventory &m_inventory;
    MigrationFeed &m_feed;
    QHash<virt::DomainKey, WatchedPtr> m_watched;
    QSet<virt::DomainKey> m_looking;
    QSet<virt::HostId> m_connected; ///< and looked at
    QTimer m_timer;
    QElapsedTimer m_clock;
};

} // namespace vireo::operation
