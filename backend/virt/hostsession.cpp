// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/hostsession.h"

#include <algorithm>
#include <condition_variable>

#include <libvirt/virterror.h>

#include <QLoggingCategory>
#include <QPointer>

#include "backend/virt/connection_p.h"
#include "backend/virt/domains.h"
#include "backend/virt/hostcalls.h"

namespace vireo::virt {

namespace {

Q_LOGGING_CATEGORY(log, "vireo.virt.host", QtWarningMsg)

using namespace std::chrono_literals;

constexpr auto openLimit = 20s; ///< then an opening connection counts as not answering
constexpr auto renewAfter =
    2min; ///< an attempt that hangs so long is replaced; doubles, as each leaves a thread behind
constexpr int maxRenewDoublings = 5;
constexpr auto silenceLimit = 4s;  ///< a pulse that takes longer makes the host "not responding"
constexpr auto firstBeats = 1s;    ///< the first rates come soon
constexpr auto beatInterval = 3s;  ///< as virt-manager's default
constexpr auto pingInterval = 4s;  ///< when nothing shows figures
constexpr int beatCostFactor = 20; ///< a sample may cost at most a twentieth of the time
constexpr auto maxRetry = 60s;
constexpr auto eventDelay = 30ms; ///< several events of one change are read once
constexpr auto detailDelay = 50ms;
constexpr int detailBatch = 40;
constexpr int relistAbove = 200; ///< so many changed domains are cheaper to list anew
constexpr auto slowDeadline = 15s;

/** For as long as the connection is open. `callback` runs on the event thread. */
void hearSnapshotHints(Connection &connection, std::function<void(const QUuid &)> callback)
{
    EventHub &hub = *connection.d().hub;
    const std::lock_guard lock(hub.mutex);
    hub.snapshotSubscribers.emplace(
        hub.nextSubscription++, [callback = std::move(callback)](const SnapshotHint &hint) { callback(hint.domain); });
}

/** The same for what only migrations are told by. */
void hearMigrations(Connection &connection, std::function<void(const MigrationEvent &)> callback)
{
    EventHub &hub = *connection.d().hub;
    const std::lock_guard lock(hub.mutex);
    hub.migrationSubscribers.emplace(
        hub.nextSubscription++, [callback = std::move(callback)](const MigrationEvent &event) {
            if (event.kind != MigrationEvent::Kind::Lifecycle) {
                callback(event);
            }
        });
}

} // namespace

/** Where the opening lane waits for the user's answer. Shared by both threads. */
struct Host::Private::AuthWait {
    std::mutex mutex;
    std::condition_variable changed;
    bool answered = false;
    std::optional<CredentialRequest> answer;

    void set(const std::optional<CredentialRequest> &value)
    {
        const std::lock_guard lock(mutex);
        answered = true;
        answer = value;
        changed.notify_all();
    }
};

Host::Private::Private(Host &host)
    : m_host(host)
    , m_courier(std::make_shared<Courier>(this))
{
    m_clock.start();
    m_retryTimer.setSingleShot(true);
    m_beatTimer.setSingleShot(true);
    m_eventTimer.setSingleShot(true);
    m_detailTimer.setSingleShot(true);
    connect(&m_watchTimer, &QTimer::timeout, this, [this] { watch(); });
    connect(&m_retryTimer, &QTimer::timeout, this, [this] { open(); });
    connect(&m_beatTimer, &QTimer::timeout, this, [this] { beat(); });
    connect(&m_eventTimer, &QTimer::timeout, this, [this] { readChanged(); });
    connect(&m_detailTimer, &QTimer::timeout, this, [this] { readNextDetails(); });
    connect(&m_snapshotHints, &SnapshotHints::due, &m_host, &Host::snapshotsMayHaveChanged);
}

Host::Private::~Private()
{
    m_courier->close();
}

void Host::Private::setStatus(HostState state, const QString &sentence, const Error &error)
{
    HostStatus &status = m_host.m_status;
    const bool changed = status.state != state;
    status.state = state;
    status.sentence = sentence;
    status.error = error;
    if (state != HostState::Reconnecting) {
        status.nextRetry = {};
    }
    if (changed) {
        qCDebug(log) << m_host.settings().uri << static_cast<int>(state) << sentence << error.message;
    }
    Q_EMIT m_host.statusChanged();
}

void Host::Private::say(EventRecord::Severity severity, const QString &text)
{
    Q_EMIT m_host.eventHappened({QDateTime::currentDateTime(), m_host.settings().id, {}, {}, text, severity});
}

std::function<void(Host::Private::Report)> Host::Private::reporter(
    Private *self, const std::shared_ptr<Courier> &courier, quint64 session)
{
    return [self, courier, session](Report report) {
        courier->post([self, session, report = std::move(report)] {
            if (self->m_session == session) {
                report();
            }
        });
    };
}

void Host::Private::open()
{
    const quint64 session = ++m_session;
    m_retryTimer.stop();
    // A lane that still hangs in an earlier attempt is left behind.
    m_control = std::make_unique<Lane>(QStringLiteral("vireo-control"));
    m_asking = false;
    m_silenceTold = false;
    m_openingSince.start();
    m_watchTimer.start(1s);
    if (m_everConnected) {
        setStatus(HostState::Reconnecting, tr("Connecting again…"), m_host.m_status.error);
    } else {
        setStatus(HostState::Connecting, tr("Connecting…"));
    }

    const auto report = reporter(this, m_courier, session);
    m_control->post([self = this, report, uri = m_host.m_settings.uri, readOnly = m_host.m_settings.readOnly,
                        authenticator = makeAuthenticator()] {
        const auto connection = Connection::open(uri, readOnly, authenticator);
        if (!connection) {
            report([self, error = connection.error()] { self->openFailed(error); });
            return;
        }
        report([self, connection = *connection] { self->opened(connection); });
        // Before the list is read: what happens meanwhile is told as an event, and so never missed.
        (*connection)->onClosed([self, report](const QString &reason) {
            report([self, reason] {
                self->lost({Error::Kind::Disconnected, tr("The connection was lost: %1.").arg(reason), {}, 0, 0});
            });
        });
        (*connection)->subscribe([self, report](const DomainEvent &event) {
            report([self, event] { self->onEvent(event); });
        });
        hearSnapshotHints(**connection,
            [self, report](const QUuid &domain) { report([self, domain] { self->m_snapshotHints.hear(domain); }); });
        hearMigrations(**connection, [self, report](const MigrationEvent &event) {
            report([self, event] { Q_EMIT self->m_host.migrationNoticed(event.domain, event.figures); });
        });
        const auto domains = domains::list(**connection);
        if (!domains) {
            report([self, error = domains.error()] { self->openFailed(error); });
            return;
        }
        report([self, list = *domains] {
            Q_EMIT self->m_host.domainsListed(list);
            QList<QUuid> uuids;
            uuids.reserve(list.size());
            for (const DomainRecord &record : list) {
                uuids.append(record.uuid);
            }
            self->queueDetails(uuids, false);
            self->m_host.m_status.lastAnswer = QDateTime::currentDateTime();
            self->setStatus(HostState::Connected, tr("Connected"));
            self->beat();
        });
        if (const auto info = hostcalls::info(**connection)) {
            report([self, info = *info] {
                self->m_host.m_info = info;
                Q_EMIT self->m_host.infoChanged();
            });
        }
    });
}

Authenticator Host::Private::makeAuthenticator()
{
    m_auth = std::make_shared<AuthWait>();
    const auto report = reporter(this, m_courier, m_session);
    return [self = this, report, wait = m_auth](CredentialRequest &request) {
        {
            const std::lock_guard lock(wait->mutex);
            if (wait->answered && !wait->answer) {
                return false; // given up meanwhile
            }
            wait->answered = false;
        }
        report([self, request] {
            self->m_asking = true;
            Q_EMIT self->m_host.credentialsNeeded(request);
        });
        std::unique_lock lock(wait->mutex);
        wait->changed.wait(lock, [&] { return wait->answered; });
        if (!wait->answer) {
            return false;
        }
        request = *std::exchange(wait->answer, std::nullopt); // secrets are kept no longer than needed
        wait->answered = false;
        return true;
    };
}

void Host::Private::answerCredentials(const std::optional<CredentialRequest> &answer)
{
    m_asking = false;
    m_openingSince.start();
    if (m_auth) {
        m_auth->set(answer);
    }
}

void Host::Private::opened(const ConnectionPtr &connection)
{
    m_slot->set(connection, m_host.settings().displayName());
    m_everConnected = true;
    m_attempts = 0;
    m_renewals = 0;
    m_beats = 0;
    m_beating = false;
    m_figuresDue = QDeadlineTimer();
    m_readingDetails = false;
    m_changed.clear();
    m_pulse = std::make_unique<Lane>(QStringLiteral("vireo-pulse"));
    m_query = std::make_unique<Lane>(QStringLiteral("vireo-query"));
    m_slow.reset();
    say(EventRecord::Severity::Info, tr("Connected"));
}

void Host::Private::openFailed(const Error &error)
{
    if (m_slot->get()) {
        lost(error); // opened, but even the first list failed
        return;
    }
    say(EventRecord::Severity::Error, error.message);
    // Asking the user again and again for what he cancelled, or the host with a wrong password, helps nobody.
    const bool final = error.kind == Error::Kind::Cancelled || error.code == VIR_ERR_AUTH_FAILED;
    if (m_everConnected && !final) {
        m_host.m_status.error = error;
        retryLater();
        return;
    }
    ++m_session;
    m_watchTimer.stop();
    forget();
    setStatus(HostState::Failed, error.kind == Error::Kind::Cancelled ? tr("Cancelled") : tr("Can't connect"), error);
}

void Host::Private::lost(const Error &error)
{
    say(EventRecord::Severity::Warning, error.message);
    shutDown();
    m_host.m_status.error = error;
    retryLater();
}

void Host::Private::retryLater()
{
    ++m_session;
    const auto delay =
        std::min<std::chrono::seconds>(maxRetry, std::chrono::seconds(1) * (1 << std::min(m_attempts, 6)));
    ++m_attempts;
    m_retryTimer.start(delay);
    m_watchTimer.stop();
    m_host.m_status.nextRetry = QDateTime::currentDateTime().addSecs(delay.count());
    setStatus(HostState::Reconnecting,
        tr("Connection lost; trying again in %n s", nullptr, static_cast<int>(delay.count())), m_host.m_status.error);
}

void Host::Private::forget()
{
    m_everConnected = false;
    m_attempts = 0;
    m_renewals = 0;
}

std::unique_ptr<Lane> Host::Private::shutDown()
{
    ++m_session;
    m_retryTimer.stop();
    m_watchTimer.stop();
    m_beatTimer.stop();
    m_eventTimer.stop();
    m_detailTimer.stop();
    m_snapshotHints.clear();
    m_urgentDetails.clear();
    m_details.clear();
    if (m_auth) {
        m_auth->set(std::nullopt);
    }
    m_control.reset();
    m_pulse.reset();
    m_query.reset();
    m_slow.reset();
    ConnectionPtr connection = m_slot->take();
    if (!connection) {
        return nullptr;
    }
    // virConnectClose talks to the daemon, which may hang: never here.
    connection->onClosed({});
    auto lane = std::make_unique<Lane>(QStringLiteral("vireo-close"));
    lane->post([connection = std::move(connection)]() mutable { connection.reset(); });
    lane->drain();
    return lane;
}

void Host::Private::inLane(std::unique_ptr<Lane> &lane, const char *name, std::function<Report(Connection &)> work)
{
    if (!lane) {
        lane = std::make_unique<Lane>(QString::fromLatin1(name));
    }
    lane->post([slot = m_slot, report = reporter(this, m_courier, m_session), work = std::move(work)] {
        const auto connection = slot->get();
        if (connection) {
            report(work(**connection));
        }
    });
}

void Host::Private::list()
{
    inLane(m_control, "vireo-control", [self = this](Connection &connection) -> Report {
        const auto domains = domains::list(connection);
        const auto info = hostcalls::info(connection);
        return [self, domains, info] {
            if (info) {
                self->m_host.m_info = *info;
                Q_EMIT self->m_host.infoChanged();
            }
            if (!domains) {
                self->say(EventRecord::Severity::Warning, domains.error().message);
                return;
            }
            Q_EMIT self->m_host.domainsListed(*domains);
            QList<QUuid> uuids;
            for (const DomainRecord &record : *domains) {
                uuids.append(record.uuid);
            }
            self->queueDetails(uuids, false);
        };
    });
}

void Host::Private::onEvent(const DomainEvent &event)
{
    if (!event.text.isEmpty()) {
        Q_EMIT m_host.eventHappened({QDateTime::currentDateTime(), m_host.settings().id, event.uuid, event.name,
            event.text, EventRecord::Severity::Info});
    }
    queueChanged({event.uuid});
}

void Host::Private::queueChanged(const QList<QUuid> &domains)
{
    for (const QUuid &domain : domains) {
        m_changed.insert(domain);
    }
    if (!m_eventTimer.isActive()) {
        m_eventTimer.start(eventDelay);
    }
}

void Host::Private::readChanged()
{
    if (m_changed.size() > relistAbove) {
        qCInfo(log) << "relisting" << m_host.settings().uri << "after" << m_changed.size() << "events";
        m_changed.clear();
        list();
        return;
    }
    const QList<QUuid> changed(m_changed.cbegin(), m_changed.cend());
    m_changed.clear();
    inLane(m_control, "vireo-control", [self = this, changed](Connection &connection) -> Report {
        const auto records = domains::readMany(connection, changed);
        return [self, changed, records] {
            if (!records) {
                return; // the connection broke: a full list follows on reconnecting
            }
            QList<QUuid> gone = changed;
            for (const DomainRecord &record : *records) {
                gone.removeOne(record.uuid);
            }
            if (!gone.isEmpty()) {
                Q_EMIT self->m_host.domainsGone(gone);
            }
            if (!records->isEmpty()) {
                Q_EMIT self->m_host.domainsRead(*records);
            }
        };
    });
}

void Host::Private::queueDetails(const QList<QUuid> &domains, bool urgent)
{
    (urgent ? m_urgentDetails : m_details) = domains;
    if (!m_detailTimer.isActive() && !m_readingDetails) {
        m_detailTimer.start(urgent ? 0ms : detailDelay);
    }
}

void Host::Private::readNextDetails()
{
    QList<QUuid> &queue = m_urgentDetails.isEmpty() ? m_details : m_urgentDetails;
    if (queue.isEmpty() || m_readingDetails || !m_slot->get()) {
        return;
    }
    const qsizetype count = std::min<qsizetype>(detailBatch, queue.size());
    const QList<QUuid> batch = queue.last(count); // from the end: the queue shrinks without moving
    queue.resize(queue.size() - count);
    m_readingDetails = true;
    inLane(m_control, "vireo-control", [self = this, batch](Connection &connection) -> Report {
        const auto details = domains::details(connection, batch);
        return [self, details] {
            self->m_readingDetails = false;
            if (details) {
                Q_EMIT self->m_host.detailsRead(*details);
            }
            if (!self->m_urgentDetails.isEmpty() || !self->m_details.isEmpty()) {
                self->m_detailTimer.start(self->m_urgentDetails.isEmpty() ? detailDelay : 0ms);
            }
        };
    });
}

void Host::Private::setFiguresWanted(bool wanted)
{
    if (m_figuresWanted == wanted) {
        return;
    }
    m_figuresWanted = wanted;
    if (wanted && m_pulse && !m_beating) {
        beat();
    }
}

void Host::Private::beat()
{
    if (m_beating || !m_slot->get()) {
        return;
    }
    m_beating = true;
    m_beatTimer.stop();
    inLane(m_pulse, "vireo-pulse",
        [self = this, wanted = m_figuresWanted && m_figuresDue.hasExpired(), clock = m_clock](
            Connection &connection) -> Report {
            const qint64 started = clock.nsecsElapsed();
            if (!wanted) {
                const auto alive = hostcalls::ping(connection);
                return [self, error = alive ? Error() : alive.error()] {
                    self->beatDone(error);
                    self->beatAgain();
                };
            }
            const auto stats = domains::stats(connection);
            const qint64 now = clock.nsecsElapsed();
            return [self, stats, now, cost = std::chrono::nanoseconds(now - started)] {
                self->beatDone(stats ? Error() : stats.error());
                if (stats) {
                    Q_EMIT self->m_host.statsRead(*stats, now);
                }
                const std::chrono::nanoseconds usual = self->m_beats++ < 5 ? firstBeats : beatInterval;
                // A host that hung for a while is not one whose figures are dear.
                const auto next = cost > silenceLimit ? usual : std::max(usual, cost * beatCostFactor);
                self->m_figuresDue = QDeadlineTimer(next);
                self->beatAgain();
            };
        });
}

/** The next pulse: figures when they are due, and at least a ping in between, or a hang would be noticed too late. */
void Host::Private::beatAgain()
{
    std::chrono::milliseconds next = pingInterval;
    if (m_figuresWanted) {
        next = std::min(next, std::max(1ms, std::chrono::milliseconds(m_figuresDue.remainingTime())));
    }
    m_beatTimer.start(next);
}

void Host::Private::beatDone(const Error &error)
{
    m_beating = false;
    if (!error.message.isEmpty()) {
        return; // what it means for the connection is told by the close callback
    }
    m_host.m_status.lastAnswer = QDateTime::currentDateTime();
    if (m_host.m_status.state == HostState::NotResponding) {
        setStatus(HostState::Connected, tr("Connected"));
        say(EventRecord::Severity::Info, tr("The host answers again"));
        list(); // events may have been lost
    }
}

/** An attempt that gets no answer goes on: it succeeds at once when the host wakes. Only after long is it replaced. */
void Host::Private::watchOpening()
{
    if (m_asking || !m_control || m_control->pending() == 0) {
        return;
    }
    const std::chrono::milliseconds waited(m_openingSince.elapsed());
    if (waited > openLimit && !m_silenceTold) {
        m_silenceTold = true;
        const Error error{Error::Kind::TimedOut,
            tr("%1 did not answer within %2 s.").arg(m_host.settings().displayName()).arg(openLimit.count()),
            tr("The attempt goes on by itself; check that the host is up and reachable."), 0, 0};
        if (!m_everConnected) {
            say(EventRecord::Severity::Warning, error.message);
        }
        m_everConnected = true; // from now on it retries by itself
        setStatus(HostState::Reconnecting, tr("No answer yet; still trying"), error);
    }
    // With an open connection, libvirt's keep-alive ends it.
    if (!m_slot->get() && waited > renewAfter * (1 << std::min(m_renewals, maxRenewDoublings))) {
        ++m_renewals;
        shutDown();
        open();
    }
}

void Host::Private::watch()
{
    switch (m_host.m_status.state) {
    case HostState::Connecting:
    case HostState::Reconnecting:
        watchOpening();
        break;
    case HostState::Connected:
        if (m_pulse && m_pulse->busyFor() > silenceLimit) {
            const Error error{Error::Kind::TimedOut, tr("%1 does not answer.").arg(m_host.settings().displayName()),
                tr("What is shown is the last that was known. Vireo goes on by itself once the host answers."), 0, 0};
            setStatus(HostState::NotResponding, tr("Not responding"), error);
            say(EventRecord::Severity::Warning, error.message);
        }
        break;
    case HostState::NotResponding:
        Q_EMIT m_host.statusChanged(); // "last seen 12 s ago" moves on
        break;
    default:
        break;
    }
}

void Host::Private::ask(QObject *context, Untyped work, std::chrono::milliseconds deadline)
{
    struct Answer {
        bool given = false; ///< GUI thread only
    };
    const auto answer = std::make_shared<Answer>();
    const QPointer<QObject> guard(context);
    const auto deliver = [answer, guard](const std::function<void()> &done) {
        if (std::exchange(answer->given, true) || !guard) {
            return;
        }
        done();
    };
    std::unique_ptr<Lane> &lane = deadline > slowDeadline ? m_slow : m_query;
    if (!lane) {
        lane = std::make_unique<Lane>(QStringLiteral("vireo-query"));
    }
    lane->post([slot = m_slot, courier = m_courier, work, deliver] {
        const auto connection = slot->get();
        const std::function<void()> done = connection ? work(connection->get(), {}) : work(nullptr, connection.error());
        courier->post([deliver, done] { deliver(done); });
    });
    const QString name = m_host.settings().displayName();
    QTimer::singleShot(deadline, this, [work = std::move(work), deliver, answer, name] {
        if (answer->given) {
            return;
        }
        const Error error{
            Error::Kind::TimedOut, tr("%1 did not answer in time.").arg(name), tr("Try again in a moment."), 0, 0};
        deliver(work(nullptr, error));
    });
}

} // namespace vireo::virt
