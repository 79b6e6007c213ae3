// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/migrate/migrationobserver.h"

#include <QCoreApplication>

#include "backend/migration/texts.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"

using namespace std::chrono_literals;

namespace vireo::operation {

namespace calls = virt::migration;
using calls::Figures;
using migration::Action;
using migration::Diagnosis;
using migration::Phase;
using Command = MigrationCommand::Kind;
using virt::DomainKey;
using virt::DomainState;

namespace {

struct MigrationObserverText {
    Q_DECLARE_TR_FUNCTIONS(operation_MigrationObserver)
};

constexpr auto pollPeriod = 500ms;
constexpr int limitsEvery = 10; // looks: somebody else may change them as well
constexpr int helpEvery = 4;    // looks at one that waits for a person are rarer
constexpr int mostAtOnce = 64;  // domains that are looked at only because their host has connected
constexpr int patience = 8;     // looks until an end that is not clear is taken for what it looks like
constexpr qint64 silenceMs = 3000;
constexpr qint64 lostMs = 30000;   // longer than any question may take
constexpr int pausedMigration = 2; // VIR_DOMAIN_PAUSED_MIGRATION
constexpr int pausedPostCopy = 12; // VIR_DOMAIN_PAUSED_POSTCOPY
constexpr int offMigrated = 4;     // VIR_DOMAIN_SHUTOFF_MIGRATED
constexpr int pausedFailed = 13;   // VIR_DOMAIN_PAUSED_POSTCOPY_FAILED

bool isOn(const Figures &figures)
{
    return (figures.type == Figures::Type::Bounded || figures.type == Figures::Type::Unbounded)
        && (figures.operation == Figures::Operation::MigrationOut || figures.operation == Figures::Operation::Unknown);
}

/** Is it the source of a migration by its state alone? */
bool hints(DomainState state, int reason)
{
    return state == DomainState::Paused
        && (reason == pausedMigration || reason == pausedPostCopy || reason == pausedFailed);
}

bool isOff(const virt::domains::StateInfo &state)
{
    return !state.exists || state.state == DomainState::ShutOff || state.state == DomainState::NoState;
}

} // namespace

MigrationObserver::MigrationObserver(
    virt::Hosts &hosts, virt::Inventory &inventory, MigrationFeed &feed, QObject *parent)
    : QObject(parent)
    , m_hosts(hosts)
    , m_inventory(inventory)
    , m_feed(feed)
{
    m_clock.start();
    m_timer.setInterval(pollPeriod);
    connect(&m_timer, &QTimer::timeout, this, &MigrationObserver::pollAll);
    connect(&m_hosts, &virt::Hosts::added, this, [this](const QUuid &id) { watchHost(m_hosts.host(id)); });
    connect(&m_hosts, &virt::Hosts::removed, this, [this](const QUuid &id) {
        m_connected.remove(id);
        m_watched.removeIf([&](const auto &item) { return item.key().host == id; });
    });
    connect(&m_inventory, &virt::Inventory::domainsAdded, this, &MigrationObserver::lookAtHinted);
    connect(&m_inventory, &virt::Inventory::domainsChanged, this, &MigrationObserver::lookAtHinted);
    // A step has taken it over: it adopted what a killed Vireo left.
    connect(&m_feed, &MigrationFeed::changed, this, [this](const DomainKey &domain) {
        if (isOurs(domain)) {
            m_watched.remove(domain);
        }
    });
    for (virt::Host *host : m_hosts.all()) {
        watchHost(host);
    }
}

MigrationObserver::~MigrationObserver() = default;

// ---- what makes it look

void MigrationObserver::watchHost(virt::Host *host)
{
    if (!host) {
        return;
    }
    const virt::HostId id = host->settings().id;
    connect(host, &virt::Host::migrationNoticed, this,
        [this, id](const QUuid &domain, const Figures &ended) { hear({id, domain}, ended); });
    const auto changed = [this, host, id] {
        if (!host->isConnected()) {
            m_connected.remove(id);
        } else if (!m_connected.contains(id)) {
            m_connected.insert(id);
            lookAtAll(id);
        }
    };
    connect(host, &virt::Host::statusChanged, this, changed);
    changed();
}

void MigrationObserver::lookAtAll(const virt::HostId &host)
{
    int looked = 0;
    const QList<QUuid> domains = m_inventory.domainsOf(host);
    for (const QUuid &domain : domains) {
        const virt::DomainRecord *record = m_inventory.domain({host, domain});
        if (record && record->isActive() && (hints(record->state, record->reason) || ++looked <= mostAtOnce)) {
            look({host, domain});
        }
    }
}

void MigrationObserver::lookAtHinted(const virt::HostId &host, const QList<QUuid> &domains)
{
    for (const QUuid &domain : domains) {
        const virt::DomainRecord *record = m_inventory.domain({host, domain});
        if (record && hints(record->state, record->reason)) {
            look({host, domain});
        }
    }
}

void MigrationObserver::hear(const DomainKey &domain, const Figures &ended)
{
    if (const WatchedPtr watched = m_watched.value(domain)) {
        if (ended.type == Figures::Type::Completed) {
            watched->picture.completed = ended;
        }
        poll(watched);
    } else if (ended.type == Figures::Type::None) {
        look(domain);
    }
}

bool MigrationObserver::isOurs(const DomainKey &domain) const
{
    const MigrationPicture *picture = m_feed.picture(domain);
    return picture && picture->isOurs && !picture->history.isOver();
}

void MigrationObserver::look(const DomainKey &domain)
{
    virt::Host *host = connected(domain.host);
    if (!host || m_watched.contains(domain) || m_looking.contains(domain) || isOurs(domain)) {
        return;
    }
    m_looking.insert(domain);
    host->ask<Seen>(
        this, [domain](virt::Connection &connection) { return lookNow(connection, domain.domain, true); },
        [this, domain](const Result<Seen> &seen) {
            m_looking.remove(domain);
            if (!seen || m_watched.contains(domain) || isOurs(domain)) {
                return;
            }
            const bool broken = seen->state.exists && hints(seen->state.state, seen->state.reason)
                && seen->figures.operation != Figures::Operation::Other;
            if (isOn(seen->figures) || broken) {
                begin(domain, *seen);
            }
        });
}

Result<MigrationObserver::Seen> MigrationObserver::lookNow(
    virt::Connection &connection, const QUuid &domain, bool withLimits)
{
    Seen seen;
    // The figures first: a state that is read after them is never older.
    const auto figures = calls::figures(connection, domain);
    const auto state = virt::domains::state(connection, domain);
    if (!state) {
        return fail(state.error());
    }
    seen.state = *state;
    if (!figures) {
        if (state->exists) {
            return fail(figures.error());
        }
        return seen;
    }
    seen.figures = *figures;
    if (withLimits && isOn(*figures)) {
        if (const auto limit = calls::maxDowntime(connection, domain)) {
            seen.maxDowntimeMs = *limit;
        }
        if (const auto limit = calls::bandwidth(connection, domain)) {
            seen.bandwidth = *limit;
        }
    }
    return seen;
}

void MigrationObserver::begin(const DomainKey &domain, const Seen &seen)
{
    const auto watched = std::make_shared<Watched>();
    watched->picture.domain = domain;
    watched->picture.isObserved = true;
    // Whether it was permitted is known to who began it; libvirt refuses where it was not.
    watched->picture.canPostCopy = true;
    if (const virt::DomainRecord *record = m_inventory.domain(domain)) {
        watched->picture.domainName = record->displayName();
        watched->picture.history.expect(record->memoryKiB * 1024);
    }
    m_watched.insert(domain, watched);
    m_timer.start();
    take(watched, seen);
}

// ---- while it goes on

virt::Host *MigrationObserver::connected(const virt::HostId &id) const
{
    virt::Host *host = m_hosts.host(id);
    return host && host->isConnected() ? host : nullptr;
}

bool MigrationObserver::isCurrent(const WatchedPtr &watched) const
{
    return m_watched.value(watched->picture.domain) == watched && !isOurs(watched->picture.domain);
}

void MigrationObserver::pollAll()
{
    const QList<WatchedPtr> all = m_watched.values();
    for (const WatchedPtr &watched : all) {
        const QList<MigrationCommand> commands = m_feed.sink()->take(watched->picture.domain);
        for (const MigrationCommand &command : commands) {
            obey(watched, command);
        }
        ++watched->polls;
        if (watched->picture.history.phase() != Phase::NeedsHelp || watched->polls % helpEvery == 0) {
            poll(watched);
        }
    }
    if (m_watched.isEmpty()) {
        m_timer.stop();
    }
}

void MigrationObserver::poll(const WatchedPtr &watched)
{
    virt::Host *host = connected(watched->picture.domain.host);
    if (!host) {
        watched->picture.note = MigrationObserverText::tr("The source is not connected.");
        publish(watched);
        return;
    }
    if (watched->asking) {
        if (m_clock.elapsed() - watched->answeredMs > silenceMs) {
            watched->picture.note = MigrationObserverText::tr("The source has not answered for %1.")
                                        .arg(migration::durationText(m_clock.elapsed() - watched->answeredMs));
            publish(watched);
        }
        // A host that was removed meanwhile never answers.
        watched->asking = m_clock.elapsed() - watched->askedMs < lostMs;
        return;
    }
    watched->asking = true;
    watched->askedMs = m_clock.elapsed();
    const bool withLimits = watched->polls % limitsEvery == 0 || watched->picture.maxDowntimeMs == 0;
    host->ask<Seen>(
        this,
        [domain = watched->picture.domain.domain, withLimits](
            virt::Connection &connection) { return lookNow(connection, domain, withLimits); },
        [this, watched](const Result<Seen> &seen) {
            watched->asking = false;
            if (!isCurrent(watched)) {
                return;
            }
            if (!seen) {
                watched->picture.note = seen.error().message;
                publish(watched);
                return;
            }
            watched->picture.note.clear();
            take(watched, *seen);
        });
}

void MigrationObserver::take(const WatchedPtr &watched, const Seen &seen)
{
    MigrationPicture &picture = watched->picture;
    watched->answeredMs = m_clock.elapsed();
    picture.maxDowntimeMs = seen.maxDowntimeMs.value_or(picture.maxDowntimeMs);
    picture.bandwidth = seen.bandwidth.value_or(picture.bandwidth);
    findDestination(picture);
    picture.history.feed(m_clock.elapsed(), seen.figures, picture.maxDowntimeMs, seen.state.state, seen.state.reason);
    picture.inPostCopy = picture.inPostCopy || picture.history.phase() == Phase::PostCopy
        || (seen.state.state == DomainState::Paused
            && (seen.state.reason == pausedPostCopy || seen.state.reason == pausedFailed));
    const bool broken = seen.state.state == DomainState::Paused && seen.state.reason == pausedFailed;
    if (isOff(seen.state) || !isOn(seen.figures) || broken) {
        publish(watched);
        lookForTheEnd(watched);
        return;
    }
    watched->looksAtEnd = 0;
    picture.diagnosis = {};
    steer(watched);
    publish(watched);
}

/** Another host that has a domain of this UUID; one where it is active before one that only knows it. */
void MigrationObserver::findDestination(MigrationPicture &picture) const
{
    bool active = false;
    const QList<virt::Host *> hosts = m_hosts.all();
    for (const virt::Host *host : hosts) {
        const virt::HostId id = host->settings().id;
        const virt::DomainRecord *record =
            id == picture.domain.host ? nullptr : m_inventory.domain({id, picture.domain.domain});
        if (record && (picture.destination.isNull() || (record->isActive() && !active))) {
            active = record->isActive();
            picture.destination = id;
            picture.destinationName = host->settings().displayName();
        }
    }
}

// ---- levers

void MigrationObserver::steer(const WatchedPtr &watched)
{
    if (!watched->steering || watched->acting) {
        return;
    }
    const Action action =
        watched->steering->decide(m_clock.elapsed(), watched->picture.history, watched->picture.maxDowntimeMs);
    switch (action.kind) {
    case Action::Kind::None:
        break;
    case Action::Kind::SetDowntime:
        move(watched, Command::SetMaxDowntime, action.downtimeMs, action.reason);
        break;
    case Action::Kind::StartPostCopy:
        move(watched, Command::StartPostCopy, 0, action.reason);
        break;
    case Action::Kind::Pause:
        move(watched, Command::Pause, 0, action.reason);
        break;
    case Action::Kind::Abort:
        move(watched, Command::Abort, 0, action.reason);
        break;
    }
}

void MigrationObserver::obey(const WatchedPtr &watched, const MigrationCommand &command)
{
    switch (command.kind) {
    case Command::SetPolicy: {
        virt::DomainKey domain = watched->picture.domain;
        const virt::DomainRecord *record = m_inventory.domain(domain);
        watched->picture.policy = command.policy;
        watched->steering.emplace(command.policy,
            migration::Permissions{.postCopy = true,
                .memory = record ? record->memoryKiB * 1024 : 0,
                .disks = watched->picture.history.figures().diskTotal});
        break;
    }
    case Command::SetBandwidth:
        move(
            watched, command.kind, command.value, MigrationObserverText::tr("The limit on the bandwidth was changed."));
        break;
    case Command::SetPostCopyBandwidth:
        move(watched, command.kind, command.value,
            MigrationObserverText::tr("The limit on the bandwidth of post-copy was changed."));
        break;
    case Command::SetMaxDowntime:
        move(watched, command.kind, command.value,
            MigrationObserverText::tr("The pause may last up to %1.")
                .arg(migration::durationText(static_cast<qint64>(command.value))));
        break;
    case Command::StartPostCopy:
        move(watched, command.kind, 0,
            MigrationObserverText::tr("Switched to post-copy: the guest runs on at the destination."));
        break;
    case Command::Pause:
        move(watched, command.kind, 0,
            MigrationObserverText::tr("The guest stands still, and runs on at the destination."));
        break;
    case Command::Abort:
        move(watched, command.kind, 0,
            MigrationObserverText::tr("The migration was aborted; the guest stays where it is."));
        break;
    case Command::Remedy:
        break; // a plan of its own: planMigrationRecovery()
    }
}

void MigrationObserver::move(const WatchedPtr &watched, Command kind, quint64 value, const QString &done)
{
    virt::Host *host = connected(watched->picture.domain.host);
    if (!host) {
        watched->picture.note = MigrationObserverText::tr("The source is not connected.");
        publish(watched);
        return;
    }
    watched->acting = true;
    host->ask<bool>(
        this,
        [kind, value, domain = watched->picture.domain.domain](virt::Connection &connection) -> Result<bool> {
            Result<> moved;
            switch (kind) {
            case Command::SetBandwidth:
                moved = calls::setBandwidth(connection, domain, value);
                break;
            case Command::SetPostCopyBandwidth:
                moved = calls::setBandwidth(connection, domain, value, true);
                break;
            case Command::SetMaxDowntime:
                moved = calls::setMaxDowntime(connection, domain, value);
                break;
            case Command::StartPostCopy:
                moved = calls::startPostCopy(connection, domain);
                break;
            case Command::Pause:
                moved = virt::domains::suspend(connection, domain);
                break;
            case Command::Abort:
                moved = calls::abort(connection, domain);
                break;
            case Command::SetPolicy:
            case Command::Remedy:
                break;
            }
            if (!moved) {
                return fail(moved.error());
            }
            return true;
        },
        [this, watched, kind, value, done](const Result<bool> &moved) {
            watched->acting = false;
            if (!isCurrent(watched)) {
                return;
            }
            MigrationPicture &picture = watched->picture;
            if (!moved) {
                picture.note = moved.error().message;
                publish(watched);
                return;
            }
            picture.lastAction = done;
            if (kind == Command::SetMaxDowntime) {
                picture.maxDowntimeMs = value;
            } else if (kind == Command::SetBandwidth) {
                picture.bandwidth = value;
            } else if (kind == Command::StartPostCopy) {
                picture.inPostCopy = true;
            }
            publish(watched);
        });
}

// ---- its end

/** Looks at both hosts, as far as both are known: the job is gone, which may mean anything. */
void MigrationObserver::lookForTheEnd(const WatchedPtr &watched)
{
    using migration::Side;
    virt::Host *source = connected(watched->picture.domain.host);
    if (!source || watched->asking) {
        return;
    }
    watched->asking = true;
    watched->askedMs = m_clock.elapsed();
    const QUuid domain = watched->picture.domain.domain;
    const auto read = [domain](virt::Connection &connection) -> Result<Side> {
        return migration::readSide(connection, domain);
    };
    source->ask<Side>(this, read, [this, watched, read](const Result<Side> &here) {
        virt::Host *destination = connected(watched->picture.destination);
        const Side side = here.value_or(Side());
        if (!destination) {
            watched->asking = false;
            if (isCurrent(watched)) {
                conclude(watched, side, {});
            }
            return;
        }
        destination->ask<Side>(this, read, [this, watched, side](const Result<Side> &there) {
            watched->asking = false;
            if (isCurrent(watched)) {
                conclude(watched, side, there.value_or(Side()));
            }
        });
    });
}

void MigrationObserver::conclude(
    const WatchedPtr &watched, const migration::Side &source, const migration::Side &destination)
{
    MigrationPicture &picture = watched->picture;
    ++watched->looksAtEnd;
    const bool patient = watched->looksAtEnd >= patience;
    const Diagnosis diagnosis = migration::diagnose(source, destination, picture.inPostCopy);
    switch (diagnosis.kind) {
    case Diagnosis::Kind::Running:
        return;
    case Diagnosis::Kind::Completed:
        end(watched, Phase::Done);
        return;
    case Diagnosis::Kind::NotBegun:
    case Diagnosis::Kind::RolledBack:
        // No job for a moment is nothing: there is none between its phases.
        if (watched->looksAtEnd > 1 || diagnosis.kind == Diagnosis::Kind::RolledBack) {
            picture.diagnosis = diagnosis;
            end(watched, Phase::Failed);
        }
        return;
    case Diagnosis::Kind::Unknown:
        // A destination that is not ours to ask: what libvirt told of the job, or of why it is off here.
        if (picture.completed
            || (source.asked && source.exists && source.state == DomainState::ShutOff
                && source.reason == offMigrated)) {
            end(watched, Phase::Done);
            return;
        }
        break;
    case Diagnosis::Kind::GuestGone:
        if (picture.completed || patient) {
            picture.diagnosis = diagnosis;
            end(watched, Phase::Failed);
        }
        return;
    case Diagnosis::Kind::PostCopyBroken:
    case Diagnosis::Kind::SourceWaits:
    case Diagnosis::Kind::DestinationWaits:
    case Diagnosis::Kind::CleanUpSource:
    case Diagnosis::Kind::GuestLost:
        break;
    }
    // All of these pass by while libvirt does its work; only what stays needs a person.
    const bool shown = picture.history.phase() == Phase::NeedsHelp && picture.diagnosis == diagnosis;
    if (!shown && (patient || diagnosis.kind == Diagnosis::Kind::PostCopyBroken)) {
        picture.diagnosis = diagnosis;
        picture.history.end(m_clock.elapsed(), Phase::NeedsHelp, {});
        publish(watched);
    }
}

void MigrationObserver::end(const WatchedPtr &watched, Phase phase)
{
    MigrationPicture &picture = watched->picture;
    picture.history.end(m_clock.elapsed(), phase, picture.completed);
    picture.isObserved = false;
    picture.note.clear();
    m_watched.remove(picture.domain);
    publish(watched);
}

void MigrationObserver::publish(const WatchedPtr &watched)
{
    if (!isOurs(watched->picture.domain)) {
        m_feed.publish(watched->picture);
    }
}

} // namespace vireo::operation
