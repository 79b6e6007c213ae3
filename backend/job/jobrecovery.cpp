// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/job/jobgroup.h"
#include "backend/job/jobmanager_p.h"

using namespace Qt::StringLiterals;

/** The part of the job manager that deals with what the journal holds from earlier: history and interrupted jobs. */
namespace vireo::job {

namespace {

struct JobRecoveryText {
    Q_DECLARE_TR_FUNCTIONS(JobManager)
};

} // namespace

void JobManager::Private::inJournalLane(Lane::Work work)
{
    if (!journalLane) {
        journalLane = std::make_unique<Lane>(u"vireo-journal"_s);
    }
    journalLane->post(std::move(work));
}

/** Which of its hosts this process knows, and by which ids. */
void JobManager::Private::findHosts(Entry &job)
{
    if (!job.raw) {
        job.raw = job.record; // our own job: its ids are ours as long as its hosts are
    }
    const HostMap map = mapHosts(job.raw->hosts, journal.uriOf, journal.hostOf);
    job.ids = map.ids;
    JobRecord record = job.record;
    record.plan = job.raw->plan;
    record.results = job.raw->results;
    record.hosts = job.raw->hosts;
    replaceHosts(record, map.ids);
    record.unknownHosts = map.unknown;
    job.record = record;
    job.lockKeys = record.plan.lockKeys();
}

/** Keeps the order of creation: what the journal brings is older than what this process began. */
void JobManager::Private::insert(const std::shared_ptr<Entry> &job)
{
    const JobId id = job->record.id;
    const auto after = std::ranges::find_if(
        order, [&](const JobId &other) { return entry(other)->record.created > job->record.created; });
    order.insert(std::distance(order.begin(), after), id);
    entries.insert(id, job);
    Q_EMIT q->added(id);
}

/** One job of the journal, as it is now; on the manager's thread. */
void JobManager::Private::take(const JournalEntry &found)
{
    const std::shared_ptr<Entry> known = entry(found.record.id);
    if (known && unfinished.contains(found.record.id)) {
        return; // ours
    }
    if (found.standing == JournalEntry::Standing::Running) {
        if (known) {
            forget(found.record.id); // another process has taken it up
        }
        return;
    }
    if (!known) {
        const auto job = std::make_shared<Entry>();
        job->record = found.record;
        job->raw = found.record;
        findHosts(*job);
        insert(job);
        return;
    }
    if (known->record.state != JobState::Interrupted) {
        return;
    }
    known->record = found.record;
    known->raw = found.record;
    findHosts(*known);
    Q_EMIT q->changed(found.record.id);
}

/** The recovery has not begun: everything stays as it is on disk. */
void JobManager::Private::callOff(const std::shared_ptr<Entry> &job)
{
    job->recovery.reset();
    job->record = job->before;
    close(job->record.id);
    startQueued();
}

void JobManager::loadInterrupted()
{
    const std::shared_ptr<const Journal> journal = m_d->journal.journal;
    if (!journal) {
        QMetaObject::invokeMethod(this, [this] { Q_EMIT loaded({}); }, Qt::QueuedConnection);
        return;
    }
    m_d->inJournalLane([this, journal, post = m_d->courier] {
        const Result<> pruned = journal->prune();
        auto entries = journal->list();
        const QString problem = !entries ? entries.error().message : !pruned ? pruned.error().message : QString();
        // `this` is touched on the manager's thread only, and never after the courier was closed
        post->post([this, found = entries ? *std::move(entries) : QList<JournalEntry>(), problem] {
            for (const JournalEntry &entry : found) {
                m_d->take(entry);
            }
            m_d->trim();
            Q_EMIT loaded(problem);
        });
    });
}

Result<> JobManager::recover(const JobId &id, Recovery recovery)
{
    const auto job = m_d->entry(id);
    if (!job || !m_d->journal.journal) {
        return fail(Error{Error::Kind::NotFound, JobRecoveryText::tr("There is no such job."), {}, 0, 0});
    }
    const bool possible = recovery == Recovery::Finish ? job->record.canFinish : job->record.canUndo;
    if (m_d->unfinished.contains(id) || !possible) {
        return fail(Error::invalid(recovery == Recovery::Finish ? JobRecoveryText::tr("This job can't be finished.")
                                                                : JobRecoveryText::tr("This job can't be undone.")));
    }
    m_d->findHosts(*job);
    if (!job->record.unknownHosts.isEmpty()) {
        return fail({Error::Kind::NotFound,
            JobRecoveryText::tr("The job works on a host that is not connected here: %1.")
                .arg(job->record.unknownHosts.join(", "_L1)),
            JobRecoveryText::tr("Add that host first, then try again."), 0, 0});
    }
    job->before = job->record;
    job->recovery = recovery;
    job->record.state = JobState::Queued;
    job->record.cancelRequested = false;
    job->record.finished = {};
    m_d->unfinished.append(id);
    Q_EMIT changed(id);
    m_d->startQueued();
    return {};
}

void JobManager::clearFinished()
{
    const QList<JobId> all = m_d->order;
    QList<JobId> cleared;
    const QSet<QUuid> groups = unfinishedGroups(*this);
    for (const JobId &id : all) {
        if (m_d->isHistory(id) && !groups.contains(groupOf(m_d->entry(id)->record.plan).id)) {
            cleared.append(id);
            m_d->forget(id);
        }
    }
    if (m_d->journal.journal && !cleared.isEmpty()) {
        m_d->inJournalLane([journal = m_d->journal.journal, cleared] {
            for (const JobId &id : cleared) {
                const Result<> removed = journal->remove(id);
                static_cast<void>(removed); // what stays is shown again at the next start
            }
        });
    }
}

} // namespace vireo::job
