// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include <QHash>
#include <QObject>

#include "backend/base/courier.h"
#include "backend/migration/diagnosis.h"
#include "backend/migration/forecast.h"
#include "backend/migration/policy.h"

namespace vireo::operation {

/** A running or just ended migration, as the chart and its levers show it. A value. */
struct MigrationPicture {
    virt::DomainKey domain; ///< at the source
    QString domainName;
    virt::HostId destination; ///< null: unknown (somebody else's)
    QString destinationName;
    bool isOurs = false;     ///< a step of this process runs it, and listens to commands
    bool isObserved = false; ///< somebody else runs it; an observer of this process watches, and listens to commands
    bool peerToPeer = true;
    migration::History history;
    migration::Policy policy;
    quint64 maxDowntimeMs = 0; ///< limit in force; 0: unknown
    quint64 bandwidth = 0;     ///< limit in force, bytes per second; 0: none
    bool canPostCopy = false;
    bool inPostCopy = false;
    QString lastAction;             ///< what the policy did last and why; a sentence
    QString note;                   ///< "The link is silent; libvirt waits up to 30 s."
    migration::Diagnosis diagnosis; ///< Kind::Unknown while it runs
    std::optional<virt::migration::Figures> completed;
    /** Does a command reach anybody? */
    bool listens() const { return isOurs || isObserved; }
    friend bool operator==(const MigrationPicture &, const MigrationPicture &) = default;
};

/** What a person wants of a running migration. */
struct MigrationCommand {
    enum class Kind {
        SetBandwidth, ///< value: bytes per second; 0: no limit
        SetPostCopyBandwidth,
        SetMaxDowntime, ///< value: ms
        StartPostCopy,
        Pause, ///< the guest at the source, so that it converges at once; it runs on at the destination
        Abort, ///< the migration; the guest stays
        SetPolicy,
        Remedy, ///< what the diagnosis says, once a person agreed
    } kind = Kind::Abort;
    quint64 value = 0;
    migration::Policy policy;
};

/** The side of the feed that steps and observers hold: any thread. A job that was left behind by the program's end may
 *  still use it, so it is shared. */
class MigrationSink final
{
    Q_DISABLE_COPY_MOVE(MigrationSink)

public:
    MigrationSink() = default;
    void publish(const MigrationPicture &picture);
    /** Commands that came since, oldest first. Of the step that runs this migration. */
    QList<MigrationCommand> take(const virt::DomainKey &domain);
    void remove(const virt::DomainKey &domain);

private:
    friend class MigrationFeed;
    std::mutex m_mutex;
    std::shared_ptr<Courier> m_courier;                         ///< null: the feed is gone
    std::function<void(const virt::DomainKey &)> m_shown;       ///< on the GUI thread: take over what waits
    std::function<void(const virt::DomainKey &)> m_gone;        ///< on the GUI thread
    QHash<virt::DomainKey, MigrationPicture> m_waiting;         ///< published, and not shown yet: only the newest
    QHash<virt::DomainKey, QList<MigrationCommand>> m_commands; ///< of those that listen
};

/**
 * Where steps and observers publish what migrations do, and where commands wait for them. Made once in main() and
 * handed to registerSteps() and the windows; outlives both. GUI thread, but for sink().
 */
class MigrationFeed final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrationFeed)

public:
    explicit MigrationFeed(QObject *parent = nullptr);
    ~MigrationFeed() override;

    /** For steps: they hold it for as long as they run. */
    std::shared_ptr<MigrationSink> sink() const { return m_sink; }
    void publish(const MigrationPicture &picture) { m_sink->publish(picture); }
    void remove(const virt::DomainKey &domain) { m_sink->remove(domain); }

    /** Null: there is none, and was none that is worth showing. Valid until control returns to the event loop. */
    const MigrationPicture *picture(const virt::DomainKey &domain) const;
    QList<virt::DomainKey> domains() const;
    /** Does nothing when nobody listens(). */
    void send(const virt::DomainKey &domain, const MigrationCommand &command);

Q_SIGNALS:
    void changed(const vireo::virt::DomainKey &domain);
    void removed(const vireo::virt::DomainKey &domain);

private:
    void show(const virt::DomainKey &domain);

    std::shared_ptr<MigrationSink> m_sink;
    QHash<virt::DomainKey, MigrationPicture> m_pictures;
};

} // namespace vireo::operation
