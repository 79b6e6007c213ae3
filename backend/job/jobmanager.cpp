// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/jobmanager.h"

#include <algorithm>

#include <QSet>
#include <QTimer>

#include "backend/job/jobgroup.h"
#include "backend/job/jobmanager_p.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::job {

namespace {

constexpr int maxFinished = 200;
/** A thousand machines started at once must not become a thousand threads, nor one hung host hold up another. */
constexpr int maxRunningPerHost = 8;
constexpr auto progressPeriod = 50ms;
/** How long all running jobs together may take to stop when the manager goes. */
constexpr auto graceOnDestroy = 2000ms;

} // namespace

/** Starts what may start, in order: nothing overtakes an earlier job of the same domain. */
void JobManager::Private::startQueued()
{
    QSet<QString> taken;
    QHash<QString, int> ahead;                  // in a queue: those that run, and those that came earlier
    const QList<JobId> candidates = unfinished; // slots of changed() may add or cancel jobs
    for (const JobId &id : candidates) {
        const std::shared_ptr<Entry> job = entry(id);
        if (!job || job->record.isFinished()) {
            continue;
        }
        const QStringList &keys = job->lockKeys;
        const bool blocked =
            std::any_of(keys.cbegin(), keys.cend(), [&](const QString &key) { return taken.contains(key); });
        taken.unite(QSet<QString>(keys.cbegin(), keys.cend()));
        const Plan &plan = job->record.plan;
        const bool isItsTurn = plan.queue.isEmpty() || ahead[plan.queue]++ < plan.queueLimit;
        if (!blocked && isItsTurn && job->record.state == JobState::Queued
            && running.value(plan.host) < maxRunningPerHost) {
            start(job);
        }
    }
}

void JobManager::Private::start(const std::shared_ptr<Entry> &job)
{
    const JobId id = job->record.id;
    job->record.state = JobState::Running;
    job->record.started = QDateTime::currentDateTimeUtc();
    job->sinceFetch.start();
    if (journal.journal && !job->recovery) {
        job->record.hosts = hostsOf(job->record.plan, journal.uriOf);
    }
    const JournalTask task{journal.journal, job->record.hosts, job->ids, job->recovery};
    job->recovery.reset();
    ++running[job->record.plan.host];
    const auto notify = [this, id, post = courier](JobRun::News news) {
        // `this` is touched on the manager's thread only, and never after the courier was closed
        post->post([this, id, news] { hear(id, news); });
    };
    job->run = std::make_shared<JobRun>(job->record, registry, gate, notify, task);
    job->run->start();
    Q_EMIT q->changed(id);
}

void JobManager::Private::hear(const JobId &id, JobRun::News news)
{
    const std::shared_ptr<Entry> job = entry(id);
    if (!job || !job->run) {
        return;
    }
    const auto wait = progressPeriod - std::chrono::milliseconds(job->sinceFetch.elapsed());
    if (news == JobRun::News::State || wait <= 0ms) {
        fetch(id);
    } else if (!job->fetchPlanned) {
        job->fetchPlanned = true;
        QTimer::singleShot(wait, Qt::PreciseTimer, q, [this, id] {
            if (const std::shared_ptr<Entry> late = entry(id)) {
                late->fetchPlanned = false;
                fetch(id);
            }
        });
    }
}

void JobManager::Private::fetch(const JobId &id)
{
    const std::shared_ptr<Entry> job = entry(id);
    if (!job || !job->run) {
        return;
    }
    job->record = job->run->takeRecord();
    job->sinceFetch.restart();
    if (job->record.isFinished()) {
        job->run.reset();
        --running[job->record.plan.host];
        close(id);
        startQueued();
    } else {
        Q_EMIT q->changed(id);
    }
}

/** The job has come to its end: tell, and keep the history short. */
void JobManager::Private::close(const JobId &id)
{
    unfinished.removeOne(id);
    Q_EMIT q->changed(id);
    Q_EMIT q->finished(id);
    trim();
}

bool JobManager::Private::isHistory(const JobId &id) const
{
    const std::shared_ptr<Entry> job = entry(id);
    return job && job->record.isFinished() && job->record.state != JobState::Interrupted && !unfinished.contains(id);
}

/** Keeps the history short; interrupted jobs are no history, and neither is what a group still counts. */
void JobManager::Private::trim()
{
    QList<JobId> ended;
    std::ranges::copy_if(order, std::back_inserter(ended), [this](const JobId &id) { return isHistory(id); });
    if (ended.size() <= maxFinished) {
        return;
    }
    const QSet<QUuid> groups = unfinishedGroups(*q);
    ended.removeIf([this, &groups](const JobId &id) { return groups.contains(groupOf(entry(id)->record.plan).id); });
    for (qsizetype i = 0; i < ended.size() - maxFinished; ++i) {
        forget(ended.at(i));
    }
}

void JobManager::Private::forget(const JobId &id)
{
    entries.remove(id);
    order.removeOne(id);
    Q_EMIT q->removed(id);
}

JobManager::JobManager(const StepRegistry &registry, virt::ConnectionProvider provider, QObject *parent)
    : JobManager(registry, std::move(provider), JournalAccess{}, parent)
{}

JobManager::JobManager(
    const StepRegistry &registry, virt::ConnectionProvider provider, JournalAccess journal, QObject *parent)
    : QObject(parent)
    , m_d(std::make_unique<Private>())
{
    m_d->q = this;
    m_d->registry = std::make_shared<const StepRegistry>(registry);
    m_d->gate = std::make_shared<ConnectionGate>(std::move(provider));
    m_d->courier = std::make_shared<Courier>(this);
    m_d->journal = std::move(journal);
}

JobManager::~JobManager()
{
    m_d->courier->close();
    QList<std::shared_ptr<JobRun>> runs;
    for (const JobId &id : std::as_const(m_d->unfinished)) {
        const auto job = m_d->entry(id);
        if (job && job->run && job->run->takeRecord().goesOnAlone) {
            job->run->abandon(); // somebody takes it up again
        } else if (job && job->run) {
            runs.append(job->run);
        }
    }
    for (const auto &run : std::as_const(runs)) {
        run->requestStop();
    }
    // One deadline for all. Those that hang keep themselves alive and end with the process.
    const auto deadline = JobRun::Clock::now() + graceOnDestroy;
    for (const auto &run : std::as_const(runs)) {
        run->waitUntilEnded(deadline);
    }
    for (const auto &run : std::as_const(runs)) {
        run->abandon(); // before the gate closes: the journal must not take that for the job's failure
    }
    m_d->gate->close();
}

JobId JobManager::run(const Plan &plan)
{
    const auto job = std::make_shared<Private::Entry>();
    job->record.id = QUuid::createUuid();
    job->record.plan = plan;
    job->record.steps.resize(plan.steps.size());
    job->record.created = QDateTime::currentDateTimeUtc();
    job->lockKeys = plan.lockKeys();
    const JobId id = job->record.id;
    m_d->entries.insert(id, job);
    m_d->order.append(id);
    m_d->unfinished.append(id);
    if (plan.isBlocked()) {
        const auto blocker = std::find_if(plan.findings.cbegin(), plan.findings.cend(),
            [](const Finding &finding) { return finding.severity == Finding::Severity::Blocker; });
        job->record.state = JobState::Failed;
        job->record.error = {Error::Kind::Invalid, blocker->text, blocker->fix, 0, 0};
        job->record.finished = job->record.created;
        Q_EMIT added(id);
        // The caller does not know the id yet, so the end is told later.
        QMetaObject::invokeMethod(this, [this, id] { m_d->close(id); }, Qt::QueuedConnection);
        return id;
    }
    Q_EMIT added(id);
    m_d->startQueued();
    return id;
}

void JobManager::cancel(const JobId &id)
{
    const auto job = m_d->entry(id);
    if (!job || job->record.isFinished() || job->record.cancelRequested) {
        return;
    }
    job->record.cancelRequested = true;
    if (job->run) {
        job->run->requestStop();
        Q_EMIT changed(id);
        return;
    }
    if (job->recovery) {
        m_d->callOff(job);
        return;
    }
    job->record.state = JobState::Cancelled;
    job->record.error = Error::cancelled();
    job->record.finished = QDateTime::currentDateTimeUtc();
    m_d->close(id);
    m_d->startQueued();
}

QList<JobId> JobManager::jobs() const
{
    return m_d->order;
}

const JobRecord *JobManager::job(const JobId &id) const
{
    const auto job = m_d->entry(id);
    return job ? &job->record : nullptr;
}

int JobManager::runningCount() const
{
    return static_cast<int>(std::count_if(m_d->unfinished.cbegin(), m_d->unfinished.cend(),
        [this](const JobId &id) { return !m_d->entry(id)->record.isFinished(); }));
}

const JobRecord *JobManager::jobOf(const virt::DomainKey &domain) const
{
    for (const JobId &id : std::as_const(m_d->unfinished)) {
        const JobRecord &record = m_d->entry(id)->record;
        const bool isThere = record.plan.host == domain.host || record.plan.alsoHosts.contains(domain.host);
        if (record.isFinished() || !isThere || domain.isNull()) {
            continue;
        }
        // A job that makes a domain learns its UUID on the way.
        const QUuid made = QUuid::fromString(record.results[u"uuid"_s].toString());
        if (record.plan.domain == domain.domain || (record.plan.domain.isNull() && made == domain.domain)) {
            return &record;
        }
    }
    return nullptr;
}

} // namespace vireo::job
