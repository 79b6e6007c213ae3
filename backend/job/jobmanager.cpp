// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/jobmanager.h"

#include <algorithm>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QSet>
#include <QTimer>

#include "backend/base/courier.h"
#include "backend/job/jobrun.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::job {

namespace {

struct JobManagerText {
    Q_DECLARE_TR_FUNCTIONS(JobManager)
};

constexpr int maxFinished = 200;
/** A thousand machines started at once must not become a thousand threads, nor one hung host hold up another. */
constexpr int maxRunningPerHost = 8;
constexpr auto progressPeriod = 50ms;
/** How long all running jobs together may take to stop when the manager goes. */
constexpr auto graceOnDestroy = 2000ms;

QString withHint(const Error &error)
{
    return error.hint.isEmpty() ? error.message : error.message + u' ' + error.hint;
}

/** The plan's own key, and the name's: a domain that another job is still making has no UUID yet. */
QStringList lockKeys(const Plan &plan)
{
    QStringList keys{plan.lockKey()};
    if (!plan.domain.isNull() && !plan.domainName.isEmpty()) {
        Plan byName;
        byName.host = plan.host;
        byName.domainName = plan.domainName;
        keys.append(byName.lockKey());
    }
    return keys;
}

} // namespace

bool JobRecord::isFinished() const
{
    return state == JobState::Done || state == JobState::Failed || state == JobState::Cancelled
        || state == JobState::Stuck;
}

QString JobRecord::statusLine() const
{
    const bool inStep = currentStep >= 0 && currentStep < plan.steps.size();
    const Step step = inStep ? plan.steps.at(currentStep) : Step{};
    switch (state) {
    case JobState::Queued:
        return JobManagerText::tr("waiting for its turn");
    case JobState::Running: {
        QString text = inStep ? step.title : JobManagerText::tr("running");
        if (plan.bytes() > 0 || (inStep && steps.value(currentStep).done > 0)) {
            text = JobManagerText::tr("%1, %2 %").arg(text).arg(static_cast<int>(fraction * 100));
        }
        return cancelRequested ? JobManagerText::tr("cancelling: %1").arg(text) : text;
    }
    case JobState::Undoing: {
        const QString what = step.undo.isEmpty() ? step.title : step.undo;
        return what.isEmpty() ? JobManagerText::tr("undoing") : JobManagerText::tr("undoing: %1").arg(what);
    }
    case JobState::Done:
        return JobManagerText::tr("done");
    case JobState::Failed:
        return JobManagerText::tr("failed: %1").arg(withHint(error));
    case JobState::Cancelled:
        return JobManagerText::tr("cancelled");
    case JobState::Stuck:
        return error.kind == Error::Kind::Cancelled
            ? JobManagerText::tr("cancelled, but not all could be undone: %1").arg(remains.join(u' '))
            : JobManagerText::tr("failed: %1 Not all could be undone: %2").arg(withHint(error), remains.join(u' '));
    }
    return {};
}

struct JobManager::Private {
    struct Entry {
        JobRecord record;
        QStringList lockKeys;
        std::shared_ptr<JobRun> run; ///< while it runs
        QElapsedTimer sinceFetch;
        bool fetchPlanned = false;
    };

    JobManager *q;
    std::shared_ptr<const StepRegistry> registry; ///< a copy: a job that was left behind still needs it
    std::shared_ptr<ConnectionGate> gate;
    std::shared_ptr<Courier> courier;
    QHash<JobId, std::shared_ptr<Entry>> entries;
    QList<JobId> order;      ///< oldest first
    QList<JobId> unfinished; ///< oldest first
    QHash<virt::HostId, int> running;

    std::shared_ptr<Entry> entry(const JobId &id) const { return entries.value(id); }

    void start(const std::shared_ptr<Entry> &job);
    void startQueued();
    void hear(const JobId &id, JobRun::News news);
    void fetch(const JobId &id);
    void close(const JobId &id);
    void forget(const JobId &id);
};

/** Starts what may start, in order: nothing overtakes an earlier job of the same domain. */
void JobManager::Private::startQueued()
{
    QSet<QString> taken;
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
        if (!blocked && job->record.state == JobState::Queued
            && running.value(job->record.plan.host) < maxRunningPerHost) {
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
    ++running[job->record.plan.host];
    job->run = std::make_shared<JobRun>(job->record, registry, gate, [this, id, post = courier](JobRun::News news) {
        // `this` is touched on the manager's thread only, and never after the courier was closed
        post->post([this, id, news] { hear(id, news); });
    });
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
    while (order.size() - unfinished.size() > maxFinished) {
        const auto oldest =
            std::find_if(order.cbegin(), order.cend(), [&](const JobId &other) { return !unfinished.contains(other); });
        if (oldest == order.cend()) {
            break;
        }
        forget(JobId(*oldest));
    }
}

void JobManager::Private::forget(const JobId &id)
{
    entries.remove(id);
    order.removeOne(id);
    Q_EMIT q->removed(id);
}

JobManager::JobManager(const StepRegistry &registry, virt::ConnectionProvider provider, QObject *parent)
    : QObject(parent)
    , m_d(std::make_unique<Private>())
{
    m_d->q = this;
    m_d->registry = std::make_shared<const StepRegistry>(registry);
    m_d->gate = std::make_shared<ConnectionGate>(std::move(provider));
    m_d->courier = std::make_shared<Courier>(this);
}

JobManager::~JobManager()
{
    m_d->courier->close();
    QList<std::shared_ptr<JobRun>> runs;
    for (const JobId &id : std::as_const(m_d->unfinished)) {
        if (const auto job = m_d->entry(id); job && job->run) {
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
    m_d->gate->close();
}

JobId JobManager::run(const Plan &plan)
{
    const auto job = std::make_shared<Private::Entry>();
    job->record.id = QUuid::createUuid();
    job->record.plan = plan;
    job->record.steps.resize(plan.steps.size());
    job->record.created = QDateTime::currentDateTimeUtc();
    job->lockKeys = lockKeys(plan);
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
    job->record.state = JobState::Cancelled;
    job->record.error = Error::cancelled();
    job->record.finished = QDateTime::currentDateTimeUtc();
    m_d->close(id);
    m_d->startQueued();
}

void JobManager::clearFinished()
{
    const QList<JobId> all = m_d->order;
    for (const JobId &id : all) {
        if (const auto job = m_d->entry(id); job && job->record.isFinished() && !m_d->unfinished.contains(id)) {
            m_d->forget(id);
        }
    }
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
        if (record.isFinished() || record.plan.host != domain.host || domain.isNull()) {
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
