// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/jobgroup.h"

#include <algorithm>

#include <QCoreApplication>

#include "backend/job/jobmanager.h"

using namespace Qt::StringLiterals;

namespace vireo::job {

namespace {

constexpr auto groupKey = "group"_L1;

struct JobGroupText {
    Q_DECLARE_TR_FUNCTIONS(JobGroup)
};

} // namespace

void groupTogether(QList<Plan> &plans, const QString &title)
{
    const QString id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    for (Plan &plan : plans) {
        plan.draft.remove(groupKey);
        if (plans.size() > 1) {
            plan.draft.insert(
                groupKey, QJsonObject{{u"id"_s, id}, {u"title"_s, title}, {u"size"_s, int(plans.size())}});
        }
    }
}

Group groupOf(const Plan &plan)
{
    const QJsonObject json = plan.draft.value(groupKey).toObject();
    if (json.isEmpty()) {
        return {}; // most have none: thousands are asked in a bulk action
    }
    return {QUuid::fromString(json.value("id"_L1).toString()), json.value("title"_L1).toString(),
        json.value("size"_L1).toInt()};
}

QJsonObject draftOf(const Plan &plan)
{
    QJsonObject draft = plan.draft;
    draft.remove(groupKey);
    return draft;
}

JobGroup JobGroup::of(const QList<const JobRecord *> &jobs)
{
    JobGroup result;
    if (jobs.isEmpty()) {
        return result;
    }
    result.group = groupOf(jobs.constFirst()->plan);
    result.known = static_cast<int>(jobs.size());
    const bool byBytes =
        std::all_of(jobs.cbegin(), jobs.cend(), [](const JobRecord *job) { return job->plan.bytes() > 0; });
    double whole = 0;
    double finished = 0;
    for (const JobRecord *job : jobs) {
        const auto weight = byBytes ? static_cast<double>(job->plan.bytes()) : 1.0;
        whole += weight;
        finished += weight * (job->isFinished() && job->state != JobState::Interrupted ? 1.0 : job->fraction);
        switch (job->state) {
        case JobState::Queued:
            ++result.waiting;
            break;
        case JobState::Running:
        case JobState::Undoing:
            ++result.running;
            result.bytesPerSecond += job->state == JobState::Running ? job->bytesPerSecond : 0;
            result.settled += job->results.value("pastUndo"_L1).toBool() ? 1 : 0;
            break;
        case JobState::Done:
            ++result.done;
            break;
        case JobState::Failed:
        case JobState::Stuck:
            ++result.failed;
            break;
        case JobState::Cancelled:
            ++result.cancelled;
            break;
        case JobState::Interrupted:
            ++result.interrupted;
            break;
        }
        if (!job->isFinished()) {
            result.bytesLeft += static_cast<quint64>(static_cast<double>(job->plan.bytes()) * (1 - job->fraction));
            result.canCancel = result.canCancel || (!job->cancelRequested && job->state != JobState::Undoing);
        }
    }
    // Those that are about to be queued weigh as much as the others do.
    const double all = whole * std::max(1.0, double(result.group.size) / double(result.known));
    result.fraction = std::clamp(finished / (result.isOver() ? whole : all), 0.0, 1.0);
    return result;
}

JobState JobGroup::state() const
{
    if (!isOver()) {
        return running > 0 || done + failed + cancelled > 0 ? JobState::Running : JobState::Queued;
    }
    if (interrupted > 0) {
        return JobState::Interrupted;
    }
    if (failed > 0) {
        return JobState::Failed;
    }
    return cancelled > 0 ? JobState::Cancelled : JobState::Done;
}

QString JobGroup::statusLine() const
{
    QStringList parts{JobGroupText::tr("%1 of %2 done").arg(done).arg(std::max(group.size, known))};
    const auto add = [&parts](int count, const QString &text) {
        if (count > 0) {
            parts.append(text.arg(count));
        }
    };
    add(running, JobGroupText::tr("%1 running"));
    add(waiting, JobGroupText::tr("%1 waiting"));
    add(interrupted, JobGroupText::tr("%1 interrupted"));
    add(failed, JobGroupText::tr("%1 failed"));
    add(cancelled, JobGroupText::tr("%1 cancelled"));
    if (interrupted > 0 && isOver()) { // their turn never came, and nothing is known of them
        add(group.size - known, JobGroupText::tr("%1 not begun"));
    }
    return parts.join(JobGroupText::tr(", "));
}

QString JobGroup::cancelConsequence() const
{
    QStringList sentences;
    const auto say = [&sentences](int count, const QString &one, const QString &several) {
        if (count > 0) {
            sentences.append(count == 1 ? one : several.arg(count));
        }
    };
    say(running - settled, JobGroupText::tr("The one that runs is stopped and undone."),
        JobGroupText::tr("The %1 that run are stopped and undone."));
    say(settled, JobGroupText::tr("One can't be taken back any more: it is brought to its end."),
        JobGroupText::tr("%1 can't be taken back any more: they are brought to their end."));
    say(waiting, JobGroupText::tr("The one that waits is not begun."),
        JobGroupText::tr("The %1 that wait are not begun."));
    say(done, JobGroupText::tr("The one that is done stays as it is."),
        JobGroupText::tr("The %1 that are done stay as they are."));
    return sentences.join(u' ');
}

QList<const JobRecord *> jobsOf(const JobManager &jobs, const QUuid &group)
{
    QList<const JobRecord *> found;
    const QList<JobId> all = jobs.jobs();
    for (const JobId &id : all) {
        if (const JobRecord *job = jobs.job(id); !group.isNull() && groupOf(job->plan).id == group) {
            found.append(job);
        }
    }
    return found;
}

QSet<QUuid> unfinishedGroups(const JobManager &jobs)
{
    QSet<QUuid> groups;
    const QList<JobId> all = jobs.jobs();
    for (const JobId &id : all) {
        const JobRecord *job = jobs.job(id);
        if (!job->isFinished() || job->state == JobState::Interrupted) {
            groups.insert(groupOf(job->plan).id);
        }
    }
    groups.remove({});
    return groups;
}

void cancelGroup(JobManager &jobs, const QUuid &group)
{
    QList<JobId> waiting;
    QList<JobId> running;
    const QList<const JobRecord *> all = jobsOf(jobs, group);
    for (const JobRecord *job : all) {
        if (!job->isFinished()) {
            (job->state == JobState::Queued ? waiting : running).append(job->id);
        }
    }
    const QList<JobId> ids = waiting + running;
    for (const JobId &id : ids) {
        jobs.cancel(id);
    }
}

} // namespace vireo::job
