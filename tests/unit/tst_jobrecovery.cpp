// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/compare.h"
#include "tests/unit/journalbench.h"

using namespace vireo;
using namespace vireo::test;

/** What becomes of interrupted jobs. */
class TestJobRecovery final : public QObject, private JournalBench
{
    Q_OBJECT

private Q_SLOTS:
    void init() { reset(); }

    void finishRunsTheInterruptedStepAndTheRest()
    {
        const job::JobId id = interrupted(abc(), stoppedInB());
        auto jobs = manager(weKnow());
        QSignalSpy added(jobs.get(), &JobManager::added);
        QSignalSpy finished(jobs.get(), &JobManager::finished);
        QVERIFY(load(*jobs));
        QCOMPARE(added.size(), 1);
        QCOMPARE(finished.size(), 0);
        QCOMPARE(jobs->runningCount(), 0);
        QCOMPARE(jobs->job(id)->plan.host, ourHost);
        QVERIFY(jobs->job(id)->isFinished());
        const auto compared = job::compare(*jobs->job(id), registryOf(diary), noHost());
        QCOMPARE(compared.size(), 3);
        QCOMPARE(compared.at(1).journal, StepState::Running);
        QCOMPARE(compared.at(1).reality.effect, job::Reality::Effect::Present);
        QCOMPARE(compared.at(2).reality.effect, job::Reality::Effect::Absent);

        QVERIFY(jobs->recover(id, Recovery::Finish));
        QVERIFY(!jobs->recover(id, Recovery::Finish)); // it is under way
        QCOMPARE(jobs->runningCount(), 1);
        QVERIFY(end(*jobs, id));
        QCOMPARE(finished.size(), 1);
        QCOMPARE(jobs->job(id)->state, JobState::Done);
        QCOMPARE(diary->take(), (QStringList{u"run b"_s, u"run c"_s}));
        QCOMPARE(entry(id).record.state, JobState::Done);
        QCOMPARE(entry(id).record.hosts.value(ourHost), uri); // whoever reads it next knows our id as well
        QVERIFY(!jobs->recover(id, Recovery::Undo));
    }

    void undoTakesBackTheNewestFirst()
    {
        const job::JobId id = interrupted(abc(), stoppedInB());
        auto jobs = manager(weKnow());
        QVERIFY(load(*jobs));
        QVERIFY(jobs->recover(id, Recovery::Undo));
        QVERIFY(end(*jobs, id));
        QCOMPARE(jobs->job(id)->state, JobState::Cancelled);
        QCOMPARE(diary->take(), (QStringList{u"undo b"_s, u"undo a"_s}));
        QCOMPARE(entry(id).record.state, JobState::Cancelled);
        QVERIFY(entry(id).record.results.isEmpty());
    }

    void whatWasBeingUndoneCanOnlyBeUndone()
    {
        QList<QJsonObject> records = stoppedInB();
        records << format::outcome(1, Direction::Run, fail(Error::failed(u"No."_s)))
                << format::undoing(Error::failed(u"No."_s)) << format::intent(1, Direction::Undo)
                << format::outcome(1, Direction::Undo, {}) << format::intent(0, Direction::Undo);
        const job::JobId id = interrupted(abc(), records);
        auto jobs = manager(weKnow());
        QVERIFY(load(*jobs));
        QVERIFY(!jobs->job(id)->canFinish);
        QVERIFY(!jobs->recover(id, Recovery::Finish));
        QVERIFY(jobs->recover(id, Recovery::Undo));
        QVERIFY(end(*jobs, id));
        QCOMPARE(diary->take(), QStringList{u"undo a"_s}); // b had been undone
        QCOMPARE(jobs->job(id)->state, JobState::Failed);  // and why it failed is remembered
        QCOMPARE(jobs->job(id)->error.message, u"No."_s);
    }

    void failureWhileFinishingUndoesAll()
    {
        const job::JobId id = interrupted(
            planOf({step(u"work"_s, u"a"_s), step(u"work"_s, u"b"_s), step(u"fail"_s, u"c"_s)}), stoppedInB());
        auto jobs = manager(weKnow());
        QVERIFY(load(*jobs));
        QVERIFY(jobs->recover(id, Recovery::Finish));
        QVERIFY(end(*jobs, id));
        QCOMPARE(jobs->job(id)->state, JobState::Failed);
        QCOMPARE(diary->take(), (QStringList{u"run b"_s, u"undo c"_s, u"undo b"_s, u"undo a"_s}));
    }

    void anUnknownHostIsNamed()
    {
        const job::JobId id = interrupted(abc(), stoppedInB());
        virt::HostId known;
        auto jobs = manager([&known](const QString &) { return known; });
        QVERIFY(load(*jobs));
        QCOMPARE(jobs->job(id)->unknownHosts, QStringList{uri});
        const auto refused = jobs->recover(id, Recovery::Undo);
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(uri), qPrintable(refused.error().message));
        QCOMPARE(jobs->job(id)->state, JobState::Interrupted);
        known = ourHost; // the user has connected to it
        QVERIFY(jobs->recover(id, Recovery::Undo));
        QCOMPARE(jobs->job(id)->plan.host, ourHost);
        QVERIFY(end(*jobs, id));
        QCOMPARE(jobs->job(id)->state, JobState::Cancelled);
    }

    void anotherProcessWasFaster()
    {
        const job::JobId id = interrupted(abc(), stoppedInB());
        auto ours = manager(weKnow());
        auto theirs = manager(weKnow());
        QVERIFY(load(*ours) && load(*theirs));
        QVERIFY(theirs->recover(id, Recovery::Finish));
        QVERIFY(end(*theirs, id));
        diary->take();
        QVERIFY(ours->recover(id, Recovery::Undo)); // it still believes so
        QVERIFY(end(*ours, id));
        QCOMPARE(ours->job(id)->state, JobState::Done);
        QVERIFY(diary->take().isEmpty());

        const job::JobId locked = interrupted(abc(), stoppedInB());
        QVERIFY(load(*ours));
        {
            const auto holder = journal->open(locked);
            QVERIFY(holder);
            QVERIFY(ours->recover(locked, Recovery::Undo));
            QVERIFY(end(*ours, locked));
            QCOMPARE(ours->job(locked)->state, JobState::Interrupted);
            QVERIFY(ours->job(locked)->error.message.contains(u"Another process"_s));
            QVERIFY(diary->take().isEmpty());
        }
        QVERIFY(ours->recover(locked, Recovery::Undo));
        QVERIFY(end(*ours, locked));
        QCOMPARE(ours->job(locked)->state, JobState::Cancelled);
    }

    void aStuckJobCanBeTriedAgain()
    {
        auto jobs = manager();
        const job::JobId id =
            jobs->run(planOf({step(u"work"_s, u"a"_s), step(u"nailed"_s, u"b"_s), step(u"fail"_s, u"c"_s)}));
        QVERIFY(end(*jobs, id));
        QCOMPARE(jobs->job(id)->state, JobState::Stuck);
        QVERIFY(jobs->job(id)->canUndo && !jobs->job(id)->canFinish);
        diary->take();
        QVERIFY(jobs->recover(id, Recovery::Undo));
        QVERIFY(end(*jobs, id));
        QCOMPARE(jobs->job(id)->state, JobState::Stuck);
        QCOMPARE(diary->take(), QStringList{u"undo b"_s}); // c had been undone, a stands below b
        QCOMPARE(jobs->job(id)->remains.size(), 2);
        QCOMPARE(entry(id).record.remains, jobs->job(id)->remains);
    }

    void aRecoveryThatWaitsCanBeCalledOff()
    {
        const QString gate = root->filePath(u"gate"_s);
        Plan plan = planOf({step(u"work"_s, u"a"_s), step(u"work"_s, u"b"_s)});
        const job::JobId id = interrupted(plan, stoppedInB());
        auto jobs = manager(weKnow());
        QVERIFY(load(*jobs));
        Plan before = planOf({step(u"deaf"_s, u"first"_s, {{u"open"_s, gate}})});
        before.host = ourHost;
        before.domain = plan.domain;
        const job::JobId first = jobs->run(before);
        QVERIFY(jobs->recover(id, Recovery::Finish));
        QCOMPARE(jobs->job(id)->state, JobState::Queued);
        jobs->cancel(id);
        QCOMPARE(jobs->job(id)->state, JobState::Interrupted);
        QVERIFY(jobs->job(id)->canFinish && jobs->job(id)->canUndo);
        QVERIFY(write(gate, {}));
        QVERIFY(end(*jobs, first));
        QCOMPARE(diary->take(), QStringList{u"run first"_s});
        QCOMPARE(entry(id).standing, Standing::Interrupted);
    }

    /** The program ends: what listens is undone, what hangs stays interrupted, and is never taken for failed. */
    void closingLetsGoOnWhatGoesOnAlone()
    {
        const QString gate = root->filePath(u"gate"_s);
        auto jobs = manager(weKnow());
        Plan plan =
            planOf({step(u"work"_s, u"a"_s), step(u"alone"_s, u"b"_s, {{u"open"_s, gate}}), step(u"work"_s, u"c"_s)});
        plan.host = ourHost;
        const job::JobId id = jobs->run(plan);
        QTRY_VERIFY(jobs->job(id)->goesOnAlone);
        QElapsedTimer clock;
        clock.start();
        jobs.reset();
        QVERIFY(clock.elapsed() < 1500); // nobody waits for it
        QVERIFY(write(gate, "open"));
        QTRY_COMPARE(entry(id).standing, Standing::Interrupted);
        QCOMPARE(diary->take(), (QStringList{u"run a"_s, u"run b"_s, u"ended b"_s}));

        jobs = manager(weKnow());
        QVERIFY(load(*jobs));
        QVERIFY(jobs->job(id)->canFinish);
        QVERIFY(jobs->recover(id, Recovery::Finish));
        QVERIFY(end(*jobs, id));
        QCOMPARE(jobs->job(id)->state, JobState::Done);
        QVERIFY(!jobs->job(id)->goesOnAlone);
        QCOMPARE(diary->take(), QStringList{u"run c"_s}); // how b ended was still written down
    }

    void closingLeavesHungJobsInterrupted()
    {
        const QString gate = root->filePath(u"gate"_s);
        auto jobs = manager(weKnow());
        const job::JobId hung = jobs->run(
            planOf({step(u"work"_s, u"a"_s), step(u"deaf"_s, u"b"_s, {{u"open"_s, gate}}), step(u"work"_s, u"c"_s)}));
        const job::JobId listens = jobs->run(planOf({step(u"work"_s, u"d"_s), step(u"obey"_s, u"e"_s)}));
        QTRY_COMPARE(jobs->job(hung)->currentStep, 1);
        QTRY_COMPARE(jobs->job(listens)->currentStep, 1);
        jobs.reset();
        QCOMPARE(entry(listens).record.state, JobState::Cancelled);
        QCOMPARE(entry(hung).standing, Standing::Running); // its thread is still there
        diary->take();
        QVERIFY(write(gate, {}));
        QTRY_COMPARE(entry(hung).standing, Standing::Interrupted);
        QVERIFY(diary->take().isEmpty());
        QVERIFY(entry(hung).record.canUndo);
        jobs = manager(weKnow());
        QVERIFY(load(*jobs));
        QVERIFY(jobs->recover(hung, Recovery::Undo));
        QVERIFY(end(*jobs, hung));
        QCOMPARE(diary->take(), (QStringList{u"undo b"_s, u"undo a"_s}));
    }
};

QTEST_GUILESS_MAIN(TestJobRecovery)
#include "tst_jobrecovery.moc"
