// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <mutex>
#include <sys/resource.h>
#include <sys/stat.h>

#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include "backend/job/jobmanager.h"
#include "backend/job/journal.h"

/** What tst_journal and tst_jobrecovery share: steps that write a diary, and journals made by hand. */
namespace vireo::test {

using namespace Qt::StringLiterals;
using job::Direction;
using job::JobManager;
using job::JobRecord;
using job::JobState;
using job::Journal;
using job::JournalEntry;
using job::JournalFile;
using job::Plan;
using job::Recovery;
using job::Step;
using job::StepContext;
using job::StepState;
namespace format = job::journalformat;
using Standing = JournalEntry::Standing;

inline const QUuid theirHost = QUuid::fromString(u"11111111-1111-4111-8111-111111111111"_s);
inline const QUuid ourHost = QUuid::fromString(u"22222222-2222-4222-8222-222222222222"_s);
inline const QString uri = u"qemu+ssh://root@far.example/system"_s;

/** What the steps did, in order. */
struct Diary {
    std::mutex mutex;
    QStringList lines;
    void add(const QString &line)
    {
        const std::lock_guard lock(mutex);
        lines.append(line);
    }
    QStringList take()
    {
        const std::lock_guard lock(mutex);
        return std::exchange(lines, {});
    }
};
using DiaryPtr = std::shared_ptr<Diary>;

inline Result<> crowd(StepContext &context)
{
    return context.note(u"crowd"_s, QString(65536, u'x'));
}

/** Kinds: work, fail, obey (until cancelled), alone (the same, and it goes on without this process), deaf (until `open`
 * exists as a file), nailed (undo fails), full (the disk is full from now on), crowd (writes more than there is room
 * for). */
inline job::StepRegistry registryOf(const DiaryPtr &diary)
{
    job::StepRegistry registry;
    const auto run = [diary](const Step &step, StepContext &context) -> Result<> {
        diary->add(u"run "_s + step.object);
        return context.note(step.object, true);
    };
    const auto undo = [diary](const Step &step, StepContext &context) -> Result<> {
        diary->add(u"undo "_s + step.object);
        return context.note(step.object, QJsonValue(QJsonValue::Undefined));
    };
    const auto look = [](const Step &step, StepContext &context) -> Result<job::Reality> {
        if (context.note(u"look"_s, true)) {
            return fail(Error::failed(u"A look must not write."_s));
        }
        return job::Reality{
            context.results().contains(step.object) ? job::Reality::Effect::Present : job::Reality::Effect::Absent,
            step.object};
    };
    registry.add(u"work"_s, {run, undo, look});
    registry.add(
        u"fail"_s, {[](const Step &, StepContext &) -> Result<> { return fail(Error::failed(u"No."_s)); }, undo});
    registry.add(u"nailed"_s, {run, [diary](const Step &step, StepContext &) -> Result<> {
                                   diary->add(u"undo "_s + step.object);
                                   return fail(Error::failed(u"It is nailed down."_s));
                               }});
    registry.add(u"obey"_s,
        {[run](const Step &step, StepContext &context) -> Result<> {
             const Result<> begun = run(step, context);
             while (begun && !context.isCancelled()) {
                 QThread::msleep(1);
             }
             return begun ? fail(Error::cancelled()) : begun;
         },
            undo});
    registry.add(u"alone"_s,
        {[run, diary](const Step &step, StepContext &context) -> Result<> {
             const Result<> begun = run(step, context);
             context.goesOnAlone(true);
             while (begun && !context.isCancelled() && !QFileInfo::exists(step.parameters[u"open"_s].toString())) {
                 QThread::msleep(1);
             }
             diary->add((context.isCancelled() ? u"stopped "_s : u"ended "_s) + step.object);
             return context.isCancelled() ? fail(Error::cancelled()) : begun;
         },
            undo});
    registry.add(u"deaf"_s,
        {[run](const Step &step, StepContext &context) -> Result<> {
             const Result<> begun = run(step, context);
             while (!QFileInfo::exists(step.parameters[u"open"_s].toString())) {
                 QThread::msleep(1);
             }
             return begun;
         },
            undo});
    registry.add(u"full"_s,
        {[run](const Step &step, StepContext &context) -> Result<> {
             const Result<> begun = run(step, context);
             const rlimit none{1, RLIM_INFINITY};
             return setrlimit(RLIMIT_FSIZE, &none) == 0 ? begun : fail(Error::failed(u"setrlimit"_s));
         },
            undo});
    registry.add(u"crowd"_s, {[](const Step &, StepContext &context) { return crowd(context); }, undo});
    return registry;
}

inline Step step(const QString &type, const QString &object, const QJsonObject &parameters = {})
{
    return {type, u"Do"_s, object, u"Undo"_s, 0, parameters};
}

inline Plan planOf(const QList<Step> &steps)
{
    Plan plan;
    plan.operation = u"test"_s;
    plan.title = u"Test"_s;
    plan.host = theirHost;
    plan.domain = QUuid::createUuid();
    plan.steps = steps;
    return plan;
}

inline Plan abc()
{
    return planOf({step(u"work"_s, u"a"_s), step(u"work"_s, u"b"_s), step(u"work"_s, u"c"_s)});
}

inline JobRecord recordOf(const Plan &plan)
{
    JobRecord record;
    record.id = QUuid::createUuid();
    record.plan = plan;
    record.steps.resize(plan.steps.size());
    record.created = QDateTime::currentDateTimeUtc();
    return record;
}

inline virt::ConnectionProvider noHost()
{
    return [](const virt::HostId &) -> Result<virt::ConnectionPtr> {
        return fail(Error::failed(u"There is no such host."_s));
    };
}

inline mode_t modeOf(const QString &path)
{
    struct stat status = {};
    return stat(QFile::encodeName(path).constData(), &status) == 0 ? status.st_mode & 07777U : 0;
}

inline QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

inline bool write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

/** A journal in a directory of its own, new for each test. */
struct JournalBench {
    std::unique_ptr<QTemporaryDir> root;
    QString path;
    std::shared_ptr<const Journal> journal;
    DiaryPtr diary;

    QString fileOf(const job::JobId &id) const { return path + u'/' + id.toString(QUuid::WithoutBraces) + u".job"_s; }
    std::unique_ptr<JobManager> manager(const job::HostOfUri &hostOf = {}) const
    {
        return std::make_unique<JobManager>(registryOf(diary), noHost(),
            job::JournalAccess{
                journal, [](const virt::HostId &id) { return id == ourHost ? uri : QString(); }, hostOf});
    }
    static job::HostOfUri weKnow()
    {
        return [](const QString &wanted) {
            return wanted == uri ? ourHost : virt::HostId();
        };
    }
    static bool load(JobManager &jobs)
    {
        const QSignalSpy loaded(&jobs, &JobManager::loaded);
        jobs.loadInterrupted();
        return QTest::qWaitFor([&] { return !loaded.isEmpty(); }, 20000);
    }
    static bool end(const JobManager &jobs, const job::JobId &id)
    {
        return QTest::qWaitFor([&] { return jobs.job(id)->isFinished(); }, 20000);
    }
    /** The journal of a job that was interrupted after these records. */
    job::JobId interrupted(const Plan &plan, const QList<QJsonObject> &records) const
    {
        const JobRecord record = recordOf(plan);
        const auto file = journal->create(record, {{theirHost, uri}});
        for (const QJsonObject &one : records) {
            if (!file || !(*file)->append(one)) {
                return {};
            }
        }
        return record.id;
    }
    static QList<QJsonObject> stoppedInB()
    {
        return {format::intent(0, Direction::Run), format::note(u"a"_s, true), format::outcome(0, Direction::Run, {}),
            format::intent(1, Direction::Run), format::note(u"b"_s, true)};
    }
    JournalEntry entry(const job::JobId &id) const
    {
        const auto read = journal->read(id);
        return read ? *read : JournalEntry{};
    }

    void reset()
    {
        root = std::make_unique<QTemporaryDir>();
        path = root->filePath(u"state/vireo/journal"_s);
        journal = std::make_shared<const Journal>(path);
        diary = std::make_shared<Diary>();
    }
};

} // namespace vireo::test
