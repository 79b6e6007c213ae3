// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QSet>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/virt/host.h"
#include "backend/virt/snapshothints.h"

namespace vireo::virt {

/**
 * What a Host does behind its signals: lanes, timers and the state machine. GUI thread, like its Host.
 *
 * Each attempt to connect is a session with a number; what a lane of an older session reports is dropped. Work in a
 * lane takes the connection from the slot when it runs, so that nothing queued keeps a connection open.
 */
class Host::Private final : public QObject
{
    Q_DISABLE_COPY_MOVE(Private)

public:
    explicit Private(Host &host);
    ~Private() override;

    void setStatus(HostState state, const QString &sentence, const Error &error = {});
    void open();
    void list();
    void ask(QObject *context, Untyped work, std::chrono::milliseconds deadline);
    void queueDetails(const QList<QUuid> &domains, bool urgent);
    void queueChanged(const QList<QUuid> &domains);
    void setFiguresWanted(bool wanted);
    void answerCredentials(const std::optional<CredentialRequest> &answer);
    std::unique_ptr<Lane> shutDown();
    /** The user left: the next attempt is a first one, which fails rather than tries for ever. */
    void forget();
    const std::shared_ptr<ConnectionSlot> &slot() const { return m_slot; }

private:
    struct AuthWait;
    using Report = std::function<void()>;

    /** Runs `work` with the open connection in `lane`; what it returns then runs here, if the session is still the
     * same. */
    void inLane(std::unique_ptr<Lane> &lane, const char *name, std::function<Report(Connection &)> work);
    /** Delivers `report` to this thread for the given session. Any thread. */
    static std::function<void(Report)> reporter(
        Private *self, const std::shared_ptr<Courier> &courier, quint64 session);

    Authenticator makeAuthenticator();
    void opened(const ConnectionPtr &connection);
    void openFailed(const Error &error);
    void lost(const Error &error);
    void retryLater();
    void onEvent(const DomainEvent &event);
    void readChanged();
    void readNextDetails();
    void beat();
    void beatAgain();
    void beatDone(const Error &error);
    void watch();
    void watchOpening();
    void say(EventRecord::Severity severity, const QString &text);

    Host &m_host;
    std::shared_ptr<Courier> m_courier;
    std::shared_ptr<ConnectionSlot> m_slot = std::make_shared<ConnectionSlot>();
    std::shared_ptr<AuthWait> m_auth;
    std::unique_ptr<Lane> m_control;
    std::unique_ptr<Lane> m_pulse;
    std::unique_ptr<Lane> m_query;
    std::unique_ptr<Lane> m_slow;

    quint64 m_session = 0;
    bool m_everConnected = false;
    int m_attempts = 0;
    int m_renewals = 0;         ///< attempts that hung and were replaced
    bool m_asking = false;      ///< the opening lane waits for the user, not for the host
    bool m_silenceTold = false; ///< that this attempt gets no answer
    QElapsedTimer m_openingSince;
    QElapsedTimer m_clock;
    QTimer m_watchTimer;
    QTimer m_retryTimer;
    QTimer m_beatTimer;
    QTimer m_eventTimer;
    QTimer m_detailTimer;

    bool m_figuresWanted = false;
    QDeadlineTimer m_figuresDue; ///< a sample before would cost too much
    bool m_beating = false;
    int m_beats = 0;
    SnapshotHints m_snapshotHints;
    QSet<QUuid> m_changed;
    QList<QUuid> m_urgentDetails;
    QList<QUuid> m_details;
    bool m_readingDetails = false;
};

} // namespace vireo::virt
