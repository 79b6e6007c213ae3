// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <condition_variable>
#include <mutex>

#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "backend/job/jobmanager.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace vireo;
using job::JobManager;
using job::JobRecord;
using job::JobState;
using job::Plan;
using job::Step;
using job::StepContext;
using job::StepState;

namespace {

const QUuid host = QUuid::fromString(u"11111111-1111-4111-8111-111111111111"_s);

/** What the steps of a test did, and the gate at which "wait" steps stand. Outlives hung jobs. */
struct Stage {
    std::mutex mutex;
    std::condition_variable changed;
    QStringList log;
    QStringList waiting; ///< names of the steps that stand at the gate
    bool open = false;
    int passes = 0; ///< so many may pass while it is not open

    void note(const QString &line)
    {
        const std::lock_guard lock(mutex);
        log.append(line);
    }
    QStringList lines()
    {
        const std::lock_guard lock(mutex);
        return log;
    }
    bool stands(const QString &name)
    {
        const std::lock_guard lock(mutex);
        return waiting.contains(name);
    }
    void release()
    {
        const std::lock_guard lock(mutex);
        open = true;
        changed.notify_all();
    }
    /** Lets one pass. */
    void releaseOne()
    {
        const std::lock_guard lock(mutex);
        ++passes;
        changed.notify_all();
    }
    void wait(const QString &name)
    {
        std::unique_lock lock(mutex);
        waiting.append(name);
        changed.wait(lock, [this] { return open || passes > 0; });
        passes -= open ? 0 : 1;
        waiting.removeOne(name);
    }
};
using StagePtr = std::shared_ptr<Stage>;

/** Kinds of step: work, fail, calledoff (by a person, inside of it), gate (stands until release(), deaf), obey (until
 * cancelled), report, and how their undo behaves. */
job::StepRegistry registryOf(const StagePtr &stage)
{
    job::StepRegistry registry;
    const auto undo = [stage](const Step &step, StepContext &context) -> Result<> {
        stage->note(u"undo "_s + step.object);
        if (context.isCancelled() || context.stop().stop_possible()) {
            stage->note(u"undo can be cancelled"_s);
        }
        return {};
    };
    const auto work = [stage](const Step &step, StepContext &) -> Result<> {
        stage->note(u"run "_s + step.object);
        return {};
    };
    registry.add(u"work"_s, {work, undo});
    registry.add(u"noundo"_s, {work, {}});
    registry.add(u"badundo"_s, {work, [stage](const Step &step, StepContext &) -> Result<> {
                                    stage->note(u"undo "_s + step.object);
                                    return fail(Error::failed(u"It is nailed down."_s));
                                }});
    registry.add(u"forgood"_s, {work, [stage](const Step &step, StepContext &) -> Result<> {
                                    stage->note(u"undo "_s + step.object);
                                    return fail({Error::Kind::Unsupported, u"It is for good."_s, {}, 0, 0});
                                }});
    registry.add(u"fail"_s,
        {[stage](const Step &step, StepContext &) -> Result<> {
             stage->note(u"run "_s + step.object);
             return fail(Error::failed(u"It did not work."_s));
         },
            undo});
    registry.add(u"calledoff"_s,
        {[stage](const Step &step, StepContext &) -> Result<> {
             stage->note(u"run "_s + step.object);
             return fail({Error::Kind::Cancelled, u"Somebody called it off."_s, {}, 0, 0});
         },
            undo});
    registry.add(
        u"throw"_s, {[](const Step &, StepContext &) -> Result<> { throw std::runtime_error("thrown"); }, undo});
    registry.add(u"gate"_s,
        {[stage](const Step &step, StepContext &) -> Result<> {
             stage->note(u"run "_s + step.object);
             stage->wait(step.object);
             return {};
         },
            undo});
    registry.add(u"obey"_s,
        {[stage](const Step &step, StepContext &context) -> Result<> {
             stage->note(u"run "_s + step.object);
             const std::stop_callback wake(context.stop(), [stage] { stage->release(); });
             stage->wait(step.object);
             return context.isCancelled() ? fail(Error::cancelled()) : Result<>{};
         },
            undo});
    registry.add(u"report"_s,
        {[](const Step &step, StepContext &context) -> Result<> {
             const quint64 total = step.bytes;
             for (quint64 done = 0; done <= total; ++done) {
                 context.report(done, total);
                 context.report(done / 2, total); // one that runs backwards
             }
             return {};
         },
            undo});
    registry.add(u"host"_s,
        {[](const Step &, StepContext &context) -> Result<> {
             const auto connection = context.connection();
             return connection ? Result<>{} : fail(connection.error());
         },
            {}});
    registry.add(u"results"_s,
        {[](const Step &step, StepContext &context) -> Result<> {
             return context.note(step.object, step.parameters[u"value"_s]);
         },
            {}});
    return registry;
}

Step step(const QString &type, const QString &object, quint64 bytes = 0)
{
    return {type, u"Do"_s, object, {}, bytes, {}};
}

Plan planOf(const QList<Step> &steps, const QUuid &domain = QUuid::createUuid())
{
    Plan plan;
    plan.operation = u"test"_s;
    plan.title = u"Test"_s;
    plan.host = host;
    plan.domain = domain;
    plan.steps = steps;
    return plan;
}

virt::ConnectionProvider noHost()
{
    return [](const virt::HostId &) -> Result<virt::ConnectionPtr> {
        return fail(Error::failed(u"There is no such host."_s));
    };
}

} // namespace

class TestJobManager final : public QObject
{
    Q_OBJECT

    StagePtr m_stage;
    std::unique_ptr<JobManager> m_jobs;

    bool isFinished(const job::JobId &id) const { return m_jobs->job(id)->isFinished(); }
    JobRecord record(const job::JobId &id) const { return *m_jobs->job(id); }
    JobRecord runToEnd(const Plan &plan)
    {
        const job::JobId id = m_jobs->run(plan);
        [&] {
            QTRY_VERIFY(isFinished(id));
        }();
        return record(id);
    }

private Q_SLOTS:
    void init()
    {
        m_stage = std::make_shared<Stage>();
        m_jobs = std::make_unique<JobManager>(registryOf(m_stage), noHost());
    }

    void cleanup()
    {
        m_stage->release();
        m_jobs.reset();
    }

    void runsInOrder()
    {
        QSignalSpy added(m_jobs.get(), &JobManager::added);
        QSignalSpy finished(m_jobs.get(), &JobManager::finished);
        const job::JobId id =
            m_jobs->run(planOf({step(u"work"_s, u"a"_s), step(u"noundo"_s, u"b"_s), step(u"work"_s, u"c"_s)}));
        QCOMPARE(added.size(), 1);
        QCOMPARE(added.at(0).at(0).toUuid(), id);
        QCOMPARE(m_jobs->runningCount(), 1);
        QTRY_COMPARE(finished.size(), 1);
        const JobRecord end = record(id);
        QCOMPARE(end.state, JobState::Done);
        QCOMPARE(end.fraction, 1.0);
        QCOMPARE(m_stage->lines(), (QStringList{u"run a"_s, u"run b"_s, u"run c"_s}));
        for (const JobRecord::StepRecord &done : end.steps) {
            QCOMPARE(done.state, StepState::Done);
        }
        QVERIFY(end.started.isValid() && end.finished >= end.started);
        QCOMPARE(m_jobs->runningCount(), 0);
        QCOMPARE(m_jobs->jobs(), QList<job::JobId>{id});
        QCOMPARE(end.statusLine(), u"done"_s);
    }

    void failureUndoesItselfFirstThenBackwards()
    {
        const JobRecord end = runToEnd(planOf({step(u"work"_s, u"a"_s), step(u"noundo"_s, u"b"_s),
            step(u"work"_s, u"c"_s), step(u"fail"_s, u"d"_s), step(u"work"_s, u"e"_s)}));
        QCOMPARE(end.state, JobState::Failed);
        QCOMPARE(m_stage->lines(),
            (QStringList{u"run a"_s, u"run b"_s, u"run c"_s, u"run d"_s, u"undo d"_s, u"undo c"_s, u"undo a"_s}));
        QCOMPARE(end.error.message, u"It did not work."_s);
        QVERIFY(end.remains.isEmpty());
        QCOMPARE(end.steps.at(0).state, StepState::Undone);
        QCOMPARE(end.steps.at(1).state, StepState::Done); // nothing to undo
        QCOMPARE(end.steps.at(3).state, StepState::Failed);
        QCOMPARE(end.steps.at(4).state, StepState::Waiting);
        QCOMPARE(end.statusLine(), u"failed: It did not work."_s);
        QVERIFY(end.fraction < 1);
    }

    /** By what a step itself offers, as the levers of a migration do: it ends as when the job is cancelled. */
    void cancelledInsideOfAStep()
    {
        const JobRecord end =
            runToEnd(planOf({step(u"work"_s, u"a"_s), step(u"calledoff"_s, u"b"_s), step(u"work"_s, u"c"_s)}));
        QCOMPARE(end.state, JobState::Cancelled);
        QVERIFY(!end.cancelRequested);
        QCOMPARE(m_stage->lines(), (QStringList{u"run a"_s, u"run b"_s, u"undo b"_s, u"undo a"_s}));
        QCOMPARE(end.steps.at(0).state, StepState::Undone);
        QVERIFY(end.remains.isEmpty());
        QCOMPARE(end.statusLine(), u"cancelled: Somebody called it off."_s);
    }

    void cancelledInsideOfAStepButNotUndone()
    {
        const JobRecord end = runToEnd(planOf({step(u"badundo"_s, u"a"_s), step(u"calledoff"_s, u"b"_s)}));
        QCOMPARE(end.state, JobState::Stuck);
        QCOMPARE(end.remains.size(), 1);
    }

    void cancelInEachStep_data()
    {
        QTest::addColumn<int>("at");
        QTest::addColumn<QString>("type");
        for (int i = 0; i < 4; ++i) {
            QTest::addRow("step %d obeys", i) << i << u"obey"_s;
            QTest::addRow("step %d is deaf", i) << i << u"gate"_s;
        }
    }

    void cancelInEachStep()
    {
        QFETCH(const int, at);
        QFETCH(const QString, type);
        const QStringList names{u"a"_s, u"b"_s, u"c"_s, u"d"_s};
        QList<Step> steps;
        for (int i = 0; i < names.size(); ++i) {
            steps.append(step(i == at ? type : u"work"_s, names.at(i)));
        }
        const job::JobId id = m_jobs->run(planOf(steps));
        QTRY_VERIFY(m_stage->stands(names.at(at)));
        m_jobs->cancel(id);
        QVERIFY(m_jobs->job(id)->cancelRequested);
        m_stage->release();
        QTRY_VERIFY(isFinished(id));

        QStringList expected;
        for (int i = 0; i <= at; ++i) {
            expected.append(u"run "_s + names.at(i));
        }
        const JobRecord end = record(id);
        QVERIFY(end.cancelRequested);
        if (type == u"gate" && at == names.size() - 1) { // nothing was left to be cancelled
            QCOMPARE(end.state, JobState::Done);
        } else {
            for (int i = at; i >= 0; --i) {
                expected.append(u"undo "_s + names.at(i));
            }
            QCOMPARE(end.state, JobState::Cancelled);
            QCOMPARE(end.error.kind, Error::Kind::Cancelled);
            QVERIFY(end.remains.isEmpty());
        }
        QCOMPARE(m_stage->lines(), expected);
    }

    void undoThatFailsKeepsWhatStandsBelow()
    {
        const JobRecord end = runToEnd(planOf({step(u"work"_s, u"a"_s), step(u"noundo"_s, u"b"_s),
            step(u"badundo"_s, u"c"_s), step(u"work"_s, u"d"_s), step(u"fail"_s, u"e"_s)}));
        QCOMPARE(end.state, JobState::Stuck);
        const QStringList undone = m_stage->lines().mid(5);
        QCOMPARE(undone, (QStringList{u"undo e"_s, u"undo d"_s, u"undo c"_s}));
        QCOMPARE(end.remains.size(), 2);
        QVERIFY2(end.remains.at(0).contains(u"Do: c"_s) && end.remains.at(0).contains(u"nailed down"_s),
            qPrintable(end.remains.at(0)));
        QVERIFY2(end.remains.at(1).contains(u"Do: a"_s), qPrintable(end.remains.at(1)));
        QCOMPARE(end.steps.at(2).state, StepState::UndoFailed);
        QCOMPARE(end.steps.at(0).state, StepState::Done);
        QCOMPARE(end.error.message, u"It did not work."_s);
    }

    void whatIsForGoodIsSaidAndPassedOver()
    {
        const JobRecord end =
            runToEnd(planOf({step(u"work"_s, u"a"_s), step(u"forgood"_s, u"b"_s), step(u"fail"_s, u"c"_s)}));
        QCOMPARE(end.state, JobState::Stuck);
        QCOMPARE(m_stage->lines().mid(3), (QStringList{u"undo c"_s, u"undo b"_s, u"undo a"_s}));
        QCOMPARE(end.remains.size(), 1);
        QVERIFY(end.remains.at(0).contains(u"for good"_s));
    }

    void oneJobPerDomainWhileOthersRun()
    {
        const QUuid domain = QUuid::createUuid();
        const job::JobId first = m_jobs->run(planOf({step(u"gate"_s, u"first"_s)}, domain));
        const job::JobId second = m_jobs->run(planOf({step(u"work"_s, u"second"_s)}, domain));
        const job::JobId third = m_jobs->run(planOf({step(u"work"_s, u"third"_s)}, domain));
        QTRY_VERIFY(m_stage->stands(u"first"_s));
        const JobRecord other = runToEnd(planOf({step(u"work"_s, u"other"_s)}));
        QCOMPARE(other.state, JobState::Done);
        QCOMPARE(record(second).state, JobState::Queued);
        QCOMPARE(record(third).state, JobState::Queued);
        QCOMPARE(m_jobs->runningCount(), 3);
        QCOMPARE(m_jobs->jobOf({host, domain})->id, first);
        m_stage->release();
        QTRY_VERIFY(isFinished(third));
        QCOMPARE(m_stage->lines(), (QStringList{u"run first"_s, u"run other"_s, u"run second"_s, u"run third"_s}));
        QVERIFY(!m_jobs->jobOf({host, domain}));
    }

    void aDomainInTheMakingIsLockedByName()
    {
        Plan making = planOf({step(u"gate"_s, u"making"_s)}, {});
        making.domainName = u"web01"_s;
        Plan starting = planOf({step(u"work"_s, u"starting"_s)});
        starting.domainName = u"web01"_s;
        m_jobs->run(making);
        const job::JobId start = m_jobs->run(starting);
        QTRY_VERIFY(m_stage->stands(u"making"_s));
        QCOMPARE(record(start).state, JobState::Queued);
        m_stage->release();
        QTRY_COMPARE(record(start).state, JobState::Done);
    }

    void aDomainIsLockedWhereItComesTo()
    {
        const QUuid there = QUuid::createUuid();
        const QUuid domain = QUuid::createUuid();
        Plan moving = planOf({step(u"gate"_s, u"moving"_s)}, domain);
        moving.alsoHosts = {there};
        moving.domainName = u"web01"_s;
        Plan same = planOf({step(u"work"_s, u"same"_s)}, domain);
        same.host = there;
        Plan sameName = planOf({step(u"work"_s, u"same name"_s)}, {});
        sameName.host = there;
        sameName.domainName = u"web01"_s;
        Plan another = planOf({step(u"work"_s, u"another"_s)});
        another.host = there;
        const job::JobId move = m_jobs->run(moving);
        const QList<job::JobId> waiting{m_jobs->run(same), m_jobs->run(sameName)};
        QCOMPARE(runToEnd(another).state, JobState::Done);
        QCOMPARE(m_jobs->jobOf({there, domain})->id, move);
        for (const job::JobId &id : waiting) {
            QCOMPARE(record(id).state, JobState::Queued);
        }
        m_stage->release();
        for (const job::JobId &id : waiting) {
            QTRY_COMPARE(record(id).state, JobState::Done);
        }
    }

    void aQueueRunsSoManyAtOnce()
    {
        QList<job::JobId> ids;
        for (int i = 0; i < 5; ++i) {
            Plan plan = planOf({step(i == 1 ? u"obey"_s : u"gate"_s, QString::number(i))});
            plan.queue = u"a to b"_s;
            plan.queueLimit = 2;
            ids.append(m_jobs->run(plan));
        }
        Plan other = planOf({step(u"work"_s, u"other"_s)});
        other.queue = u"b to a"_s;
        QCOMPARE(runToEnd(other).state, JobState::Done);
        QTRY_VERIFY(m_stage->stands(u"0"_s) && m_stage->stands(u"1"_s));
        QCOMPARE(m_jobs->runningCount(), 5);
        QStringList begun = m_stage->lines();
        begun.sort();
        QCOMPARE(begun, (QStringList{u"run 0"_s, u"run 1"_s, u"run other"_s}));
        for (qsizetype i = 2; i < 5; ++i) {
            QCOMPARE(record(ids.at(i)).state, JobState::Queued);
        }
        m_jobs->cancel(ids.at(3)); // one that waits makes no room
        QCOMPARE(record(ids.at(3)).state, JobState::Cancelled);
        QCOMPARE(record(ids.at(2)).state, JobState::Queued);
        m_stage->release();
        QTRY_COMPARE(m_jobs->runningCount(), 0);
        for (const qsizetype i : {0, 1, 2, 4}) {
            QCOMPARE(record(ids.at(i)).state, JobState::Done);
        }
    }

    void jobOfFindsADomainThatItMade()
    {
        const QUuid made = QUuid::createUuid();
        Step note = step(u"results"_s, u"uuid"_s);
        note.parameters = {{u"value"_s, made.toString(QUuid::WithoutBraces)}};
        const job::JobId id = m_jobs->run(planOf({note, step(u"gate"_s, u"gate"_s)}, {}));
        QTRY_VERIFY(m_jobs->jobOf({host, made}));
        QCOMPARE(m_jobs->jobOf({host, made})->id, id);
    }

    void queuedJobIsCancelledAtOnce()
    {
        const QUuid domain = QUuid::createUuid();
        m_jobs->run(planOf({step(u"gate"_s, u"first"_s)}, domain));
        const job::JobId second = m_jobs->run(planOf({step(u"work"_s, u"second"_s)}, domain));
        QTRY_VERIFY(m_stage->stands(u"first"_s));
        QSignalSpy finished(m_jobs.get(), &JobManager::finished);
        m_jobs->cancel(second);
        QCOMPARE(finished.size(), 1);
        QCOMPARE(record(second).state, JobState::Cancelled);
        m_stage->release();
        QTRY_COMPARE(m_jobs->runningCount(), 0);
        QVERIFY(!m_stage->lines().contains(u"run second"_s));
    }

    void blockedPlanIsRefused()
    {
        Plan plan = planOf({step(u"work"_s, u"a"_s)});
        plan.findings = {{job::Finding::Severity::Warning, u"careful"_s, {}, {}},
            {job::Finding::Severity::Blocker, u"There is no room."_s, {}, u"Make room."_s}};
        QSignalSpy finished(m_jobs.get(), &JobManager::finished);
        const job::JobId id = m_jobs->run(plan);
        QCOMPARE(record(id).state, JobState::Failed);
        QCOMPARE(record(id).error.message, u"There is no room."_s);
        QCOMPARE(record(id).statusLine(), u"failed: There is no room. Make room."_s);
        QTRY_COMPARE(finished.size(), 1);
        QVERIFY(m_stage->lines().isEmpty());
        QCOMPARE(m_jobs->runningCount(), 0);
    }

    void badStepsFailWithASentence_data()
    {
        QTest::addColumn<QString>("type");
        QTest::addColumn<QString>("text");
        QTest::newRow("unknown kind") << u"no.such"_s << u"no.such"_s;
        QTest::newRow("exception") << u"throw"_s << u"thrown"_s;
        QTest::newRow("no connection") << u"host"_s << u"There is no such host."_s;
    }

    void badStepsFailWithASentence()
    {
        QFETCH(const QString, type);
        QFETCH(const QString, text);
        const JobRecord end = runToEnd(planOf({step(u"work"_s, u"a"_s), step(type, u"b"_s)}));
        QCOMPARE(end.state, JobState::Failed);
        QVERIFY2(end.error.message.contains(text) && end.error.message.endsWith(u'.') == (type != u"throw"_s),
            qPrintable(end.error.message));
        QVERIFY(m_stage->lines().contains(u"undo a"_s));
        QCOMPARE(end.steps.at(1).error, end.error.message);
    }

    void progressOnlyGrowsAndIsThrottled()
    {
        constexpr quint64 bytes = 300'000;
        QList<double> fractions;
        QList<quint64> dones;
        job::JobId id;
        connect(m_jobs.get(), &JobManager::changed, this, [&](const QUuid &changed) {
            const JobRecord *now = m_jobs->job(changed);
            fractions.append(now->fraction);
            dones.append(now->steps.at(1).done);
        });
        QElapsedTimer timer;
        timer.start();
        id = m_jobs->run(
            planOf({step(u"work"_s, u"a"_s), step(u"report"_s, u"b"_s, bytes), step(u"report"_s, u"c"_s, bytes / 2)}));
        QTRY_VERIFY_WITH_TIMEOUT(isFinished(id), 60000);
        const qint64 elapsed = timer.elapsed();
        QVERIFY(std::is_sorted(fractions.cbegin(), fractions.cend()));
        QVERIFY(std::is_sorted(dones.cbegin(), dones.cend()));
        QCOMPARE(fractions.constLast(), 1.0);
        QCOMPARE(dones.constLast(), bytes);
        // 900,000 reports; at most one signal per 50 ms and a handful for the changes of state
        QVERIFY2(fractions.size() <= elapsed / 50 + 12, qPrintable(QString::number(fractions.size())));
    }

    void theLastReportIsDelivered()
    {
        job::StepRegistry registry = registryOf(m_stage);
        registry.add(u"burst"_s,
            {[stage = m_stage](const Step &one, StepContext &context) -> Result<> {
                 for (quint64 done = 1; done <= 70; ++done) {
                     context.report(done, 100);
                 }
                 stage->wait(one.object); // nothing follows that would carry it along
                 return {};
             },
                {}});
        m_jobs = std::make_unique<JobManager>(registry, noHost());
        const job::JobId id = m_jobs->run(planOf({step(u"burst"_s, u"a"_s, 100), step(u"work"_s, u"b"_s)}));
        QTRY_COMPARE(record(id).steps.at(0).done, quint64{70});
        // the step without bytes weighs one part in twenty-one
        QVERIFY2(qAbs(record(id).fraction - 0.7 / 1.05) < 0.001, qPrintable(QString::number(record(id).fraction)));
        QCOMPARE(record(id).statusLine(), u"Do, 66 %"_s);
    }

    /** What a step says is there to be read while it waits, without other news: of each of its lines. */
    void whatAStepSaysIsDelivered()
    {
        job::StepRegistry registry = registryOf(m_stage);
        registry.add(u"talk"_s,
            {[stage = m_stage](const Step &one, StepContext &context) -> Result<> {
                 stage->wait(one.object); // until the news that it began are read
                 context.log(u"asked"_s);
                 stage->wait(one.object);
                 context.log(u"asked again"_s);
                 stage->wait(one.object);
                 return {};
             },
                {}});
        m_jobs = std::make_unique<JobManager>(registry, noHost());
        const job::JobId id = m_jobs->run(planOf({step(u"talk"_s, u"a"_s)}));
        for (const QStringList &said :
            {QStringList{}, QStringList{u"asked"_s}, QStringList{u"asked"_s, u"asked again"_s}}) {
            QTRY_COMPARE(record(id).log, said);
            m_stage->releaseOne();
        }
        QTRY_VERIFY(isFinished(id));
    }

    void speedIsMeasured()
    {
        job::StepRegistry registry = registryOf(m_stage);
        registry.add(u"paced"_s,
            {[](const Step &, StepContext &context) -> Result<> {
                 // 1,000 bytes each 5 ms by the clock, until cancelled
                 QElapsedTimer clock;
                 clock.start();
                 std::mutex mutex;
                 std::condition_variable_any pause;
                 while (!context.isCancelled()) {
                     context.report(static_cast<quint64>(clock.nsecsElapsed() / 5'000), 1'000'000'000);
                     std::unique_lock lock(mutex);
                     pause.wait_for(lock, context.stop(), 5ms, [] { return false; });
                 }
                 return fail(Error::cancelled());
             },
                {}});
        m_jobs = std::make_unique<JobManager>(registry, noHost());
        const job::JobId id = m_jobs->run(planOf({step(u"paced"_s, u"a"_s, 1'000'000'000)}));
        QTRY_VERIFY(record(id).bytesPerSecond > 0);
        QVERIFY2(
            qAbs(record(id).bytesPerSecond - 200'000) < 20'000, qPrintable(QString::number(record(id).bytesPerSecond)));
        m_jobs->cancel(id);
        QTRY_VERIFY(isFinished(id));
        QCOMPARE(record(id).bytesPerSecond, 0.0);
    }

    void destructionDoesNotWaitForHungJobs()
    {
        for (const QString &name : {u"a"_s, u"b"_s, u"c"_s}) {
            m_jobs->run(planOf({step(u"gate"_s, name), step(u"work"_s, u"never"_s)}));
        }
        QTRY_VERIFY(m_stage->stands(u"a"_s) && m_stage->stands(u"b"_s) && m_stage->stands(u"c"_s));
        QElapsedTimer timer;
        timer.start();
        m_jobs.reset();
        QVERIFY2(timer.elapsed() < 4000, qPrintable(QString::number(timer.elapsed()))); // 2 s for all, not for each
        m_stage->release(); // those that were left behind come back to a manager that is gone
        QTRY_VERIFY(m_stage->lines().contains(u"undo a"_s) && m_stage->lines().contains(u"undo b"_s)
            && m_stage->lines().contains(u"undo c"_s));
        QVERIFY(!m_stage->lines().contains(u"run never"_s));
    }

    void destructionStopsJobsThatListen()
    {
        m_jobs->run(planOf({step(u"work"_s, u"a"_s), step(u"obey"_s, u"b"_s)}));
        QTRY_VERIFY(m_stage->stands(u"b"_s));
        QElapsedTimer timer;
        timer.start();
        m_jobs.reset();
        QVERIFY(timer.elapsed() < 1900);
        QCOMPARE(m_stage->lines().mid(2), (QStringList{u"undo b"_s, u"undo a"_s}));
    }

    void historyIsShort()
    {
        QSignalSpy finished(m_jobs.get(), &JobManager::finished);
        QSignalSpy removed(m_jobs.get(), &JobManager::removed);
        QList<job::JobId> ids;
        for (int i = 0; i < 230; ++i) {
            ids.append(m_jobs->run(planOf({step(u"work"_s, u"a"_s)})));
        }
        QTRY_COMPARE(finished.size(), 230);
        QCOMPARE(m_jobs->jobs().size(), 200);
        QCOMPARE(removed.size(), 30);
        QVERIFY(m_jobs->job(ids.constLast()));
        QVERIFY(!m_jobs->job(removed.at(0).at(0).toUuid()));

        const job::JobId running = m_jobs->run(planOf({step(u"gate"_s, u"gate"_s)}));
        m_jobs->clearFinished();
        QCOMPARE(m_jobs->jobs(), QList<job::JobId>{running});
    }

    void oneHostTakesOnlySoManyJobs()
    {
        QList<job::JobId> ids;
        for (int i = 0; i < 20; ++i) {
            ids.append(m_jobs->run(planOf({step(u"gate"_s, QString::number(i))})));
        }
        Plan elsewhere = planOf({step(u"work"_s, u"elsewhere"_s)});
        elsewhere.host = QUuid::createUuid();
        QCOMPARE(runToEnd(elsewhere).state, JobState::Done); // a busy host holds up no other
        const auto running = std::count_if(ids.cbegin(), ids.cend(),
            [this](const job::JobId &id) { return m_jobs->job(id)->state == JobState::Running; });
        QCOMPARE(running, 8);
        m_stage->release();
        QTRY_COMPARE(m_jobs->runningCount(), 0);
    }
};

QTEST_GUILESS_MAIN(TestJobManager)
#include "tst_jobmanager.moc"
