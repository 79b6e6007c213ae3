// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/snapshot/snapshotscheduler.h"

#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/virt/hosts.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

constexpr auto lookPeriod = 30s;
constexpr auto factsDeadline = 60s;

QString firstBlocker(const job::Plan &plan)
{
    const auto blocker = std::ranges::find(plan.findings, job::Finding::Severity::Blocker, &job::Finding::severity);
    return blocker == plan.findings.end() ? QString() : blocker->text;
}

} // namespace

SnapshotScheduler::SnapshotScheduler(
    virt::Inventory &inventory, job::JobManager &jobs, const QString &path, Clock clock, QObject *parent)
    : QObject(parent)
    , m_inventory(inventory)
    , m_jobs(jobs)
    , m_file(path)
    , m_clock(std::move(clock))
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(u"schedules"_s)
{
    connect(&m_jobs, &job::JobManager::finished, this, &SnapshotScheduler::finished);
    connect(&m_timer, &QTimer::timeout, this, &SnapshotScheduler::look);
    m_timer.setInterval(lookPeriod);
    read();
}

SnapshotScheduler::~SnapshotScheduler()
{
    m_courier->close();
    m_lane.drain();
}

void SnapshotScheduler::read()
{
    m_lane.post([this, courier = m_courier, file = m_file] {
        auto read = file.load();
        courier->post([this, read = std::move(read)] {
            m_ready = read.has_value();
            m_problem = read ? QString() : read.error().message;
            m_schedules = read.value_or(QList<snapshot::Schedule>());
            if (m_ready) {
                m_timer.start();
            }
            Q_EMIT changed();
            look();
        });
    });
}

void SnapshotScheduler::save()
{
    m_lane.post([this, courier = m_courier, file = m_file, schedules = m_schedules] {
        const Result<> saved = file.save(schedules);
        courier->post([this, problem = saved ? QString() : saved.error().message] {
            if (problem != m_problem) {
                m_problem = problem;
                Q_EMIT changed();
            }
        });
    });
    Q_EMIT changed();
}

snapshot::Schedule *SnapshotScheduler::find(const virt::DomainKey &domain)
{
    const virt::Host *host = m_inventory.hosts().host(domain.host);
    const auto found = std::ranges::find_if(m_schedules, [&](const snapshot::Schedule &schedule) {
        return host && schedule.domain == domain.domain && schedule.hostUri == host->settings().uri;
    });
    return found == m_schedules.end() ? nullptr : &*found;
}

std::optional<snapshot::Schedule> SnapshotScheduler::schedule(const virt::DomainKey &domain) const
{
    const virt::Host *host = m_inventory.hosts().host(domain.host);
    const auto found = std::ranges::find_if(m_schedules, [&](const snapshot::Schedule &schedule) {
        return host && schedule.domain == domain.domain && schedule.hostUri == host->settings().uri;
    });
    return found == m_schedules.end() ? std::nullopt : std::optional(*found);
}

void SnapshotScheduler::set(const virt::DomainKey &domain, snapshot::Schedule schedule)
{
    const virt::Host *host = m_inventory.hosts().host(domain.host);
    if (!m_ready || !host) {
        return;
    }
    schedule.hostUri = host->settings().uri;
    schedule.domain = domain.domain;
    schedule.since = m_clock();
    schedule.problem.clear();
    if (const virt::DomainRecord *record = m_inventory.domain(domain)) {
        schedule.domainName = record->name;
    }
    if (snapshot::Schedule *known = find(domain)) {
        schedule.names = known->names;
        schedule.taken = known->taken;
        schedule.tookWhileOff = known->tookWhileOff;
        *known = std::move(schedule);
    } else {
        m_schedules.append(std::move(schedule));
    }
    save();
}

void SnapshotScheduler::remove(const virt::DomainKey &domain)
{
    if (const snapshot::Schedule *known = find(domain)) {
        m_schedules.removeAt(known - m_schedules.constData());
        save();
    }
}

/** Of a VM that has moved, or that went back, whoever did it: it is not on the host of its schedule, and on one other.
 */
void SnapshotScheduler::follow()
{
    bool moved = false;
    for (snapshot::Schedule &schedule : m_schedules) {
        const virt::Host *home = m_inventory.hosts().findUri(schedule.hostUri);
        if (!home || !home->isConnected()) {
            continue;
        }
        const virt::DomainKey key{home->settings().id, schedule.domain};
        if (m_inventory.domain(key) || m_busy.contains(key)) {
            continue;
        }
        QStringList others;
        const QList<virt::Host *> hosts = m_inventory.hosts().all();
        for (const virt::Host *host : hosts) {
            if (host->isConnected() && m_inventory.domain({host->settings().id, schedule.domain})) {
                others.append(host->settings().uri);
            }
        }
        if (others.size() == 1) {
            schedule.hostUri = others.first();
            moved = true;
        }
    }
    if (moved) {
        save();
    }
}

void SnapshotScheduler::look()
{
    follow();
    for (const snapshot::Schedule &schedule : std::as_const(m_schedules)) {
        virt::Host *host = m_inventory.hosts().findUri(schedule.hostUri);
        if (!host || !host->isConnected()) {
            continue;
        }
        const virt::DomainKey key{host->settings().id, schedule.domain};
        const virt::DomainRecord *record = m_inventory.domain(key);
        if (!record || !schedule.isDue(m_clock(), !record->isActive()) || m_busy.contains(key) || m_jobs.jobOf(key)) {
            continue;
        }
        m_busy.insert(key);
        host->ask<snapshot::Facts>(
            this, [uuid = key.domain](virt::Connection &connection) { return snapshot::readFacts(connection, uuid); },
            [this, key](const Result<snapshot::Facts> &facts) {
                if (facts) {
                    take(key, *facts);
                } else {
                    failed(key, facts.error().message);
                }
            },
            factsDeadline);
    }
}

void SnapshotScheduler::take(const virt::DomainKey &domain, const snapshot::Facts &facts)
{
    snapshot::Schedule *schedule = find(domain);
    if (!schedule || !schedule->isDue(m_clock(), !facts.domain.isActive())) {
        m_busy.remove(domain); // changed while the facts were read
        return;
    }
    QStringList existing;
    for (const snapshot::Snapshot &snapshot : facts.snapshots) {
        existing << snapshot.name;
    }
    SnapshotCreateDraft draft;
    draft.name = snapshot::Schedule::nameFor(m_clock(), existing);
    draft.description = tr("Taken by Vireo's schedule");
    draft.memory = schedule->memory ? SnapshotCreateDraft::Memory::Auto : SnapshotCreateDraft::Memory::Without;
    draft.quiesce = schedule->quiesce && !schedule->memory && facts.hasAgent && facts.domain.isActive();
    const job::Plan plan = planSnapshotCreate(domain.host, facts, draft);
    if (plan.isBlocked()) {
        failed(domain, firstBlocker(plan));
        return;
    }
    // Known before it is there: whatever ends Vireo now, it will be among those that are deleted one day.
    schedule->names << draft.name;
    const job::JobId id = m_jobs.run(plan);
    m_runs.insert(id, {domain, draft.name, !facts.domain.isActive(), {}});
    save();
}

void SnapshotScheduler::finished(const job::JobId &id)
{
    if (!m_runs.contains(id)) {
        return;
    }
    const Run run = m_runs.take(id);
    const job::JobRecord *record = m_jobs.job(id);
    const bool worked = record && record->state == job::JobState::Done;
    snapshot::Schedule *schedule = find(run.domain);
    if (!schedule || !worked) {
        failed(run.domain, record ? record->error.message : QString());
        return;
    }
    if (run.taken.isEmpty()) {
        m_busy.remove(run.domain);
        schedule->names.removeIf([&run](const QString &name) { return run.deleted.contains(name); });
        schedule->problem.clear();
        save();
        return;
    }
    schedule->taken = m_clock();
    schedule->tookWhileOff = run.wasOff;
    schedule->problem.clear();
    save();
    trim(run.domain);
}

/** What somebody deleted or renamed is ours no longer; of the rest the oldest go. */
void SnapshotScheduler::trim(const virt::DomainKey &domain)
{
    virt::Host *host = m_inventory.hosts().host(domain.host);
    if (!host) {
        m_busy.remove(domain);
        return;
    }
    host->ask<snapshot::Facts>(
        this, [uuid = domain.domain](virt::Connection &connection) { return snapshot::readFacts(connection, uuid); },
        [this, domain](const Result<snapshot::Facts> &facts) {
            snapshot::Schedule *schedule = find(domain);
            if (!facts || !schedule) {
                failed(domain, facts ? QString() : facts.error().message);
                return;
            }
            if (schedule->names.removeIf([&](const QString &name) { return !facts->find(name); }) > 0) {
                save();
            }
            const QStringList superfluous = schedule->superfluous();
            if (superfluous.isEmpty()) {
                m_busy.remove(domain);
                return;
            }
            const job::Plan plan = planSnapshotDelete(domain.host, *facts, {superfluous, snapshot::Scope::One, false});
            if (plan.isBlocked()) {
                failed(domain, firstBlocker(plan));
                return;
            }
            m_runs.insert(m_jobs.run(plan), {domain, {}, false, superfluous});
        },
        factsDeadline);
}

void SnapshotScheduler::failed(const virt::DomainKey &domain, const QString &why)
{
    m_busy.remove(domain);
    if (snapshot::Schedule *schedule = find(domain)) {
        schedule->tried = m_clock();
        schedule->problem = why.isEmpty() ? tr("The snapshot was not taken.") : why;
        save();
    }
}

} // namespace vireo::operation
