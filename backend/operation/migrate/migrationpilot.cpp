// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <condition_variable>
#include <mutex>

#include <QCoreApplication>

#include "backend/operation/migrate/migratenotes_p.h"
#include "backend/operation/migrate/migrationpilot_p.h"
#include "backend/virt/domains.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

namespace calls = virt::migration;
using Clock = std::chrono::steady_clock;
using migration::Action;
using migration::Phase;
using Kind = MigrationCommand::Kind;

struct MigrationPilotText {
    Q_DECLARE_TR_FUNCTIONS(operation_MigrationPilot)
};

constexpr auto pollPeriod = 500ms;
constexpr auto firstPoll = 100ms;
constexpr auto abortPatience = 30s;
constexpr int limitEvery = 10; ///< polls: somebody else may change it as well
constexpr auto silenceWorthSaying = 3s;
constexpr int pausedPostCopy = 12; ///< VIR_DOMAIN_PAUSED_POSTCOPY

qint64 nowMs()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
}

bool isOn(const calls::Figures &figures)
{
    return figures.type == calls::Figures::Type::Bounded || figures.type == calls::Figures::Type::Unbounded;
}

} // namespace

struct MigrationPilot::Shared {
    mutable std::mutex mutex;
    std::condition_variable changed;
    job::StepContext *context = nullptr; ///< null: it has ended
    virt::ConnectionPtr source;
    std::shared_ptr<MigrationSink> feed;
    FlightLog log;
    QString note; ///< of the step
    bool abortWanted = false;
    enum class Abort { No, Asked, Accepted, Refused } abort = Abort::No;
    Clock::time_point abortAt;
    std::unique_ptr<Lane> abortLane; ///< the call may hang
};

/** What the lane does. */
class MigrationPilot::Flight final
{
    Q_DISABLE_COPY_MOVE(Flight)

public:
    Flight(const PilotOrder &order, std::shared_ptr<Shared> shared)
        : m_order(order)
        , m_shared(std::move(shared))
        , m_picture(order.picture)
        , m_steering(order.picture.policy, order.permissions)
    {}
    void fly();

private:
    bool rest(std::chrono::milliseconds time);
    void poll();
    void watch();
    void feedHistory(const calls::Figures &figures);
    void watchSilence();
    void obey();
    void obey(const MigrationCommand &command);
    void steer();
    void act(const Action &action);
    void setDowntime(quint64 ms);
    void startPostCopy();
    void abortIfWanted();
    void publish();
    void say(const Result<> &done, const QString &what);

    const PilotOrder m_order;
    const std::shared_ptr<Shared> m_shared;
    MigrationPicture m_picture;
    migration::Steering m_steering;
    virt::ConnectionPtr m_source;
    std::unique_ptr<calls::Watch> m_watch;
    calls::Watch::Heard m_heard;
    virt::domains::StateInfo m_state;
    QString m_note;
    QString m_silence; ///< of the link
    Clock::time_point m_answered = Clock::now();
    bool m_isOn = false;
    int m_polls = 0;
};

MigrationPilot::MigrationPilot(
    const PilotOrder &order, virt::ConnectionPtr source, std::shared_ptr<MigrationSink> feed, job::StepContext &context)
    : m_shared(std::make_shared<Shared>())
    , m_lane(u"migrate-pilot"_s)
    , m_onStop(context.stop(), [shared = m_shared] {
        const std::lock_guard lock(shared->mutex);
        shared->abortWanted = true;
        shared->changed.notify_all();
    })
{
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->context = &context;
        m_shared->source = std::move(source);
        m_shared->feed = std::move(feed);
        m_shared->log.postCopy = order.picture.inPostCopy;
        m_shared->log.maxDowntimeMs = order.picture.maxDowntimeMs;
        m_shared->log.bandwidth = order.picture.bandwidth;
    }
    m_lane.post([order, shared = m_shared] { Flight(order, shared).fly(); });
}

void MigrationPilot::end()
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->context = nullptr;
    m_shared->changed.notify_all();
}

void MigrationPilot::reconnected(virt::ConnectionPtr source)
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->source = std::move(source);
}

void MigrationPilot::say(const QString &note)
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->note = note;
}

FlightLog MigrationPilot::log() const
{
    const std::lock_guard lock(m_shared->mutex);
    return m_shared->log;
}

void MigrationPilot::abort()
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->abortWanted = true;
    m_shared->changed.notify_all();
}

/** False: it has ended. Wakes when somebody wants it stopped. */
bool MigrationPilot::Flight::rest(std::chrono::milliseconds time)
{
    std::unique_lock lock(m_shared->mutex);
    const bool wasWanted = m_shared->abortWanted;
    m_shared->changed.wait_for(lock, time, [&] { return !m_shared->context || m_shared->abortWanted != wasWanted; });
    if (m_shared->source != m_source) {
        m_source = m_shared->source;
        m_watch.reset();
    }
    return m_shared->context;
}

void MigrationPilot::Flight::fly()
{
    while (rest(m_polls == 0 ? firstPoll : pollPeriod)) {
        poll();
        ++m_polls;
        obey();
        abortIfWanted();
        publish();
    }
}

void MigrationPilot::Flight::watch()
{
    if (!m_watch) {
        m_watch = std::make_unique<calls::Watch>(m_source, m_order.picture.domain.domain);
        m_heard = {};
        m_polls = 0;
    }
    const auto heard = m_watch->heard();
    const bool changed = heard.lifecycleEvents != m_heard.lifecycleEvents;
    m_heard = heard;
    if (changed || m_polls % limitEvery == 0) {
        if (const auto state = virt::domains::state(*m_source, m_order.picture.domain.domain)) {
            m_state = *state;
        }
    }
    if (heard.completed) {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->log.completed = heard.completed;
    }
}

void MigrationPilot::Flight::poll()
{
    const QUuid &domain = m_order.picture.domain.domain;
    watch();
    const auto figures = calls::figures(*m_source, domain);
    if (!figures) {
        // The call on the step's thread tells whether it is over.
        if (Clock::now() - m_answered > silenceWorthSaying) {
            m_note = figures.error().message;
        }
        return;
    }
    if (Clock::now() - m_answered > silenceWorthSaying) {
        m_note.clear();
    }
    m_answered = Clock::now();
    m_isOn = isOn(*figures) && figures->operation != calls::Figures::Operation::MigrationIn;
    if (!m_isOn) {
        return;
    }
    if (m_polls % limitEvery == 0) {
        if (const auto limit = calls::maxDowntime(*m_source, domain)) {
            m_picture.maxDowntimeMs = *limit;
        }
    }
    feedHistory(*figures);
    watchSilence();
    steer();
}

/** libvirt and QEMU say nothing of a link that is cut: they wait. Only daemons that talk to each other give up. */
void MigrationPilot::Flight::watchSilence()
{
    const std::chrono::milliseconds silent(m_picture.history.silentMs());
    if (silent < silenceWorthSaying) {
        m_silence.clear();
    } else if (m_order.picture.peerToPeer && m_picture.history.phase() != Phase::PostCopy) {
        m_silence = MigrationPilotText::tr(
            "Nothing arrives at the destination. When the link is silent for about half a minute, libvirt gives the "
            "migration up.");
    } else {
        m_silence =
            MigrationPilotText::tr("Nothing arrives at the destination: the link is silent, or the host hangs.");
    }
}

void MigrationPilot::Flight::feedHistory(const calls::Figures &figures)
{
    // Who stood still from the beginning does not switch over because of it.
    const bool stood = m_order.wasPaused && m_state.state == virt::DomainState::Paused;
    m_picture.history.feed(nowMs(), figures, m_picture.maxDowntimeMs,
        stood ? virt::DomainState::Running : m_state.state, stood ? 0 : m_state.reason, m_heard.iteration);
    if (m_picture.history.phase() == Phase::PostCopy
        || (m_state.state == virt::DomainState::Paused && m_state.reason == pausedPostCopy)) {
        m_picture.inPostCopy = true;
    }
    const std::lock_guard lock(m_shared->mutex);
    m_shared->log.history = m_picture.history;
    m_shared->log.postCopy = m_shared->log.postCopy || m_picture.inPostCopy;
    m_shared->log.maxDowntimeMs = m_picture.maxDowntimeMs;
    if (m_shared->context && m_order.steps > 0) {
        m_shared->context->report(
            static_cast<quint64>(m_picture.history.fraction() * static_cast<double>(m_order.steps)), m_order.steps);
    }
}

// ---- what is wanted of it

void MigrationPilot::Flight::say(const Result<> &done, const QString &what)
{
    m_note = done ? QString() : done.error().message;
    if (done && !what.isEmpty()) {
        m_picture.lastAction = what;
    }
    const std::lock_guard lock(m_shared->mutex);
    if (m_shared->context) {
        m_shared->context->log(done ? what : done.error().message);
    }
    m_shared->log.lastAction = m_picture.lastAction;
}

void MigrationPilot::Flight::setDowntime(quint64 ms)
{
    const Result<> done = calls::setMaxDowntime(*m_source, m_order.picture.domain.domain, ms);
    if (done) {
        m_picture.maxDowntimeMs = ms;
    }
    say(done, MigrationPilotText::tr("The pause may last up to %1 ms.").arg(ms));
}

void MigrationPilot::Flight::startPostCopy()
{
    if (!m_picture.canPostCopy) {
        m_note = MigrationPilotText::tr("Post-copy was not permitted when this migration began.");
        return;
    }
    {
        // Known before it can have happened: from then on the guest's memory may be on both hosts.
        const std::lock_guard lock(m_shared->mutex);
        if (!m_shared->context || !note(*m_shared->context, migratenotes::state, u"postCopy"_s)) { // no note, no call
            return;
        }
    }
    const Result<> done = calls::startPostCopy(*m_source, m_order.picture.domain.domain);
    if (done) {
        m_picture.inPostCopy = true;
    }
    {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->log.postCopy = m_shared->log.postCopy || done.has_value();
    }
    say(done, MigrationPilotText::tr("Switched to post-copy: the guest runs on at the destination."));
}

void MigrationPilot::Flight::obey()
{
    if (!m_shared->feed) {
        return;
    }
    const QList<MigrationCommand> commands = m_shared->feed->take(m_order.picture.domain);
    for (const MigrationCommand &command : commands) {
        obey(command);
    }
}

void MigrationPilot::Flight::obey(const MigrationCommand &command)
{
    const QUuid &domain = m_order.picture.domain.domain;
    switch (command.kind) {
    case Kind::SetBandwidth: {
        const Result<> done = calls::setBandwidth(*m_source, domain, command.value);
        if (done) {
            m_picture.bandwidth = command.value;
        }
        say(done, MigrationPilotText::tr("The limit on the bandwidth was changed."));
        break;
    }
    case Kind::SetPostCopyBandwidth:
        say(calls::setBandwidth(*m_source, domain, command.value, true),
            MigrationPilotText::tr("The limit on the bandwidth of post-copy was changed."));
        break;
    case Kind::SetMaxDowntime:
        setDowntime(command.value);
        break;
    case Kind::StartPostCopy:
        startPostCopy();
        break;
    case Kind::Pause:
        say(virt::domains::suspend(*m_source, domain),
            MigrationPilotText::tr("The guest stands still, and runs on at the destination."));
        break;
    case Kind::Abort: {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->abortWanted = true;
        m_shared->log.abortedByPerson = true;
        break;
    }
    case Kind::SetPolicy:
        m_steering.setPolicy(command.policy);
        m_picture.policy = command.policy;
        break;
    case Kind::Remedy:
        break; // nothing is broken
    }
}

void MigrationPilot::Flight::steer()
{
    if (m_picture.inPostCopy) {
        return;
    }
    {
        const std::lock_guard lock(m_shared->mutex);
        if (m_shared->abortWanted) {
            return;
        }
    }
    act(m_steering.decide(nowMs(), m_picture.history, m_picture.maxDowntimeMs));
}

void MigrationPilot::Flight::act(const Action &action)
{
    const QUuid &domain = m_order.picture.domain.domain;
    switch (action.kind) {
    case Action::Kind::None:
        return;
    case Action::Kind::SetDowntime: {
        // Somebody may have raised it in the last seconds.
        const auto limit = calls::maxDowntime(*m_source, domain);
        const quint64 wanted = std::min(action.downtimeMs, m_steering.policy().maxDowntimeMs);
        if (!limit || *limit < wanted) {
            setDowntime(wanted);
        } else {
            m_picture.maxDowntimeMs = *limit;
        }
        break;
    }
    case Action::Kind::StartPostCopy:
        startPostCopy();
        break;
    case Action::Kind::Pause:
        say(virt::domains::suspend(*m_source, domain), action.reason);
        break;
    case Action::Kind::Abort: {
        const std::lock_guard lock(m_shared->mutex);
        m_shared->abortWanted = true;
        m_shared->log.abortReason = action.reason;
        break;
    }
    }
    if (!action.reason.isEmpty()) {
        m_picture.lastAction = action.reason;
    }
}

/** One call at a time: who clicks again waits for the answer to the first, at most its patience. */
void MigrationPilot::Flight::abortIfWanted()
{
    const std::lock_guard lock(m_shared->mutex);
    if (!m_shared->abortWanted) {
        return;
    }
    if (m_picture.inPostCopy || m_shared->log.postCopy) {
        m_shared->abortWanted = false;
        m_note = MigrationPilotText::tr("It can't be cancelled any more: the guest already runs at the destination.");
        if (m_shared->context) {
            m_shared->context->log(m_note);
        }
        return;
    }
    const bool waits = m_shared->abort == Shared::Abort::Asked || m_shared->abort == Shared::Abort::Accepted;
    if (!m_isOn || (waits && Clock::now() - m_shared->abortAt < abortPatience)) {
        return;
    }
    if (waits) {
        m_note = MigrationPilotText::tr("The host has not ended the migration within 30 s; it is asked again.");
    }
    m_shared->abort = Shared::Abort::Asked;
    m_shared->abortAt = Clock::now();
    m_shared->abortLane = std::make_unique<Lane>(u"migrate-abort"_s);
    m_shared->abortLane->post(
        [shared = std::weak_ptr(m_shared), source = m_source, domain = m_order.picture.domain.domain] {
            const Result<> done = calls::abort(*source, domain);
            if (const auto alive = shared.lock()) {
                const std::lock_guard inner(alive->mutex);
                alive->abort = done ? Shared::Abort::Accepted : Shared::Abort::Refused;
            }
        });
}

void MigrationPilot::Flight::publish()
{
    const std::lock_guard lock(m_shared->mutex);
    if (!m_shared->context || !m_shared->feed) {
        return;
    }
    m_picture.isOurs = true;
    const QString &mine = m_note.isEmpty() ? m_silence : m_note;
    m_picture.note = m_shared->note.isEmpty() ? mine : m_shared->note;
    m_shared->log.lastAction = m_picture.lastAction;
    m_shared->log.bandwidth = m_picture.bandwidth;
    m_shared->feed->publish(m_picture);
}

} // namespace vireo::operation
