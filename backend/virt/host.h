// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include <QHash>
#include <QObject>
#include <QTimer>

#include "backend/base/courier.h"
#include "backend/virt/connection.h"
#include "backend/virt/domains.h"
#include "backend/virt/migration.h"
#include "backend/virt/records.h"

namespace vireo {
class Lane;
}

namespace vireo::virt {

/** What the user configured for a host. */
struct HostSettings {
    HostId id;
    QString uri;
    QString name; ///< for display; empty: ConnectionUri::label()
    bool autoconnect = false;
    bool readOnly = false;
    bool demo = false;         ///< the built-in demo host; clearly marked
    bool riskAccepted = false; ///< consent to ConnectionUri::risks(), for this run only; never stored

    QString displayName() const;
    friend bool operator==(const HostSettings &, const HostSettings &) = default;
};

/** Where a Host publishes its open connection for other threads. Any thread. */
class ConnectionSlot final
{
public:
    Result<ConnectionPtr> get() const;
    void set(ConnectionPtr connection, const QString &hostName);
    /** Takes the connection out; the caller decides on which thread it closes. */
    ConnectionPtr take();

private:
    mutable std::mutex m_mutex;
    ConnectionPtr m_connection;
    QString m_hostName;
};

/**
 * One host: its connection, its state, and what is read from it.
 *
 * Lives on the GUI thread and never blocks it: all libvirt calls run in its lanes. A host that does not answer its
 * pulse for some seconds is shown as "not responding"; lanes are abandoned when the connection is given up. A lost
 * connection keeps the last data and reconnects with back-off (1, 2, 4 … 60 s). Owned by Hosts.
 *
 * Its lanes: `control` opens, lists and reads what changed; `pulse` reads the figures, or pings, and so notices a host
 * that hangs; `query` serves ask(), `slow` those asks with a deadline above 15 s.
 */
class Host final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Host)

public:
    explicit Host(HostSettings settings, QObject *parent = nullptr);
    ~Host() override;

    const HostSettings &settings() const { return m_settings; }
    void setSettings(const HostSettings &settings);
    const HostStatus &status() const { return m_status; }
    const HostInfo &info() const { return m_info; }
    bool isConnected() const { return m_status.state == HostState::Connected; }

    void connectToHost();
    void disconnectFromHost();
    /** Reads everything anew (F5). */
    void refresh();
    /** Live figures are read only while something shows them. */
    void setFiguresWanted(bool wanted);
    /** Reads title, tags and so on of these domains soon, before those that nobody looks at. */
    void readDetails(const QList<QUuid> &domains);
    /** Reads these domains anew, for changes that libvirt sends no event for (autostart). */
    void readDomains(const QList<QUuid> &domains);

    /** The open connection for jobs, or why there is none. Any thread. */
    Result<ConnectionPtr> connection() const;
    std::shared_ptr<ConnectionSlot> connectionSlot() const;

    /**
     * Gives up the connection and hands out the lane that closes it, for one who wants to wait (Hosts, at the
     * program's end). Null when there was nothing to close.
     */
    std::unique_ptr<Lane> shutDown();

    /**
     * Runs `work` in a lane and `done` on the GUI thread, unless `context` is gone by then. Error TimedOut after
     * `deadline`; a late answer is dropped.
     */
    template<typename T>
    void ask(QObject *context, std::function<Result<T>(Connection &)> work, std::function<void(Result<T>)> done,
        std::chrono::milliseconds deadline = std::chrono::seconds(10));

Q_SIGNALS:
    void statusChanged();
    void infoChanged();
    /** The full list; whatever is not in it is gone. */
    void domainsListed(const QList<vireo::virt::DomainRecord> &domains);
    void domainsRead(const QList<vireo::virt::DomainRecord> &domains);
    void detailsRead(const QList<vireo::virt::DomainDetails> &details);
    void domainsGone(const QList<QUuid> &domains);
    void statsRead(const QList<vireo::virt::DomainStats> &stats, qint64 monotonicNs);
    void eventHappened(const vireo::virt::EventRecord &event);
    /** libvirt told something which hints at a snapshot made, deleted or gone back to by whomever, at most a second
     * ago. Not everything is told: look anew as well when the user comes back. */
    void snapshotsMayHaveChanged(const QUuid &domain);
    /** libvirt told something that it tells of domains that are migrated (or saved): another pass over memory, a
     * migration that ended (then `ended` is of type Completed or Failed), post-copy that failed. Whoever began it. */
    void migrationNoticed(const QUuid &domain, const vireo::virt::migration::Figures &ended);
    /** Answer with answerCredentials(); the opening lane waits meanwhile. */
    void credentialsNeeded(const vireo::virt::CredentialRequest &request);

public:
    /** Nothing: the user cancelled. */
    void answerCredentials(const std::optional<CredentialRequest> &answer);

private:
    class Private;
    using Untyped = std::function<std::function<void()>(Connection *, const Error &)>;
    /** `work` gives the function that is to run on the GUI thread. */
    void askUntyped(QObject *context, Untyped work, std::chrono::milliseconds deadline);

    HostSettings m_settings;
    HostStatus m_status;
    HostInfo m_info;
    std::unique_ptr<Private> m_d;
    friend class Private;
};

template<typename T>
void Host::ask(QObject *context, std::function<Result<T>(Connection &)> work, std::function<void(Result<T>)> done,
    std::chrono::milliseconds deadline)
{
    askUntyped(
        context,
        [work = std::move(work), done = std::move(done)](
            Connection *connection, const Error &error) -> std::function<void()> {
            Result<T> result = connection ? work(*connection) : Result<T>(fail(error));
            return [done, result = std::move(result)]() mutable {
                done(std::move(result));
            };
        },
        deadline);
}

} // namespace vireo::virt
