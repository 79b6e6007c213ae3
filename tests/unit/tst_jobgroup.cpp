// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/jobgroup.h"
#include "tests/unit/journalbench.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::test;
using job::JobGroup;

/** Jobs that were started together: what they come to, what cancelling them means, and what the journal keeps. */
class TestJobGroup final : public QObject
{
    Q_OBJECT

    static QList<Plan> plans(int count, const QString &type = u"work"_s, quint64 bytes = 0)
    {
        QList<Plan> made;
        for (int i = 0; i < count; ++i) {
            Plan plan = planOf({step(type, QString(QChar(u'a' + i)))});
            plan.steps[0].bytes = bytes;
            plan.draft = {{u"operation"_s, u"test"_s}};
            made.append(plan);
        }
        job::groupTogether(made, u"Move them"_s);
        return made;
    }

    static JobGroup of(const QList<JobRecord> &records)
    {
        QList<const JobRecord *> pointers;
        for (const JobRecord &record : records) {
            pointers.append(&record);
        }
        return JobGroup::of(pointers);
    }

    static QList<JobRecord> records(const QList<JobState> &states, quint64 bytes = 0)
    {
        QList<JobRecord> made;
        for (const Plan &plan : plans(static_cast<int>(states.size()), u"work"_s, bytes)) {
            made.append(recordOf(plan));
            made.last().state = states.at(made.size() - 1);
        }
        return made;
    }

private Q_SLOTS:
    void standsInTheDraft()
    {
        const QList<Plan> made = plans(3);
        const job::Group group = job::groupOf(made.at(0));
        QVERIFY(!group.id.isNull());
        QCOMPARE(group.title, u"Move them"_s);
        QCOMPARE(group.size, 3);
        for (const Plan &plan : made) {
            QCOMPARE(job::groupOf(plan), group);
            QCOMPARE(job::groupOf(Plan::fromJson(plan.toJson())), group); // as the journal has it
            QCOMPARE(job::draftOf(plan), (QJsonObject{{u"operation"_s, u"test"_s}}));
        }
        QCOMPARE(job::groupOf(planOf({})), job::Group());
        // Started once more, it is another group; and one alone is none.
        QList<Plan> left = made.mid(1);
        job::groupTogether(left, u"Again"_s);
        QVERIFY(job::groupOf(left.at(0)).id != group.id);
        QCOMPARE(job::groupOf(left.at(0)).size, 2);
        left.removeLast();
        job::groupTogether(left, u"Again"_s);
        QCOMPARE(job::groupOf(left.at(0)), job::Group());
    }

    void countsAndSays()
    {
        QList<JobRecord> all = records(
            {JobState::Done, JobState::Done, JobState::Running, JobState::Undoing, JobState::Queued, JobState::Failed});
        JobGroup group = of(all);
        QCOMPARE(group.statusLine(), u"2 of 6 done, 2 running, 1 waiting, 1 failed"_s);
        QCOMPARE(group.state(), JobState::Running);
        QVERIFY(group.canCancel && !group.isOver());
        QCOMPARE(group.cancelConsequence(),
            u"The 2 that run are stopped and undone. The one that waits is not begun. The 2 that are done stay as they "
            "are."_s);
        all[2].results.insert(u"pastUndo"_s, true);
        QCOMPARE(of(all).cancelConsequence(),
            u"The one that runs is stopped and undone. One can't be taken back any more: it is brought to its end. "
            "The one that waits is not begun. The 2 that are done stay as they are."_s);
        all[2].cancelRequested = all[4].cancelRequested = true;
        QVERIFY(!of(all).canCancel);

        QCOMPARE(of(records({JobState::Queued, JobState::Queued})).state(), JobState::Queued);
        QCOMPARE(of(records({JobState::Done, JobState::Done})).state(), JobState::Done);
        QCOMPARE(of(records({JobState::Done, JobState::Cancelled})).state(), JobState::Cancelled);
        QCOMPARE(of(records({JobState::Done, JobState::Stuck, JobState::Cancelled})).state(), JobState::Failed);
        QCOMPARE(of(records({JobState::Failed, JobState::Interrupted})).state(), JobState::Interrupted);
        QCOMPARE(of({}).known, 0);
    }

    void progressIsOfAllTogether()
    {
        QList<JobRecord> all = records({JobState::Done, JobState::Running, JobState::Queued, JobState::Queued}, 1000);
        all[1].fraction = 0.5;
        all[1].bytesPerSecond = 25;
        JobGroup group = of(all);
        QCOMPARE(group.fraction, 0.375);
        QCOMPARE(group.bytesLeft, 2500ULL);
        QCOMPARE(group.bytesPerSecond, 25.0);
        all[1].plan.steps[0].bytes = 5000; // by what there is to do
        QCOMPARE(of(all).fraction, 3500.0 / 8000);
        all[3].plan.steps[0].bytes = 0; // of one nobody knows: each counts alike
        QCOMPARE(of(all).fraction, 0.375);
        // While they are being queued one after another it does not begin with too much.
        QCOMPARE(of(all.first(1)).fraction, 1.0); // over
        all[0].state = JobState::Running;
        all[0].fraction = 1;
        QCOMPARE(of(all.first(1)).fraction, 0.25);
        // What failed is no work any more.
        QCOMPARE(of(records({JobState::Failed, JobState::Done})).fraction, 1.0);
    }

    /** Those that waited when the program was killed have no journal. */
    void saysWhatWasNotBegun()
    {
        const QList<JobRecord> all = records({JobState::Done, JobState::Interrupted, JobState::Done, JobState::Done});
        QCOMPARE(of(all.first(2)).statusLine(), u"1 of 4 done, 1 interrupted, 2 not begun"_s);
        QCOMPARE(of(all).statusLine(), u"3 of 4 done, 1 interrupted"_s);
        QCOMPARE(of(all.first(1)).statusLine(), u"1 of 4 done"_s); // the others were cleared
    }

    void cancelBeginsNoneOfThoseThatWait()
    {
        const auto diary = std::make_shared<Diary>();
        JobManager jobs(registryOf(diary), noHost());
        QList<Plan> made = plans(4, u"obey"_s);
        for (Plan &plan : made) {
            plan.queue = u"queue"_s;
            plan.queueLimit = 2;
            jobs.run(plan);
        }
        Plan alone = planOf({step(u"obey"_s, u"z"_s)});
        const job::JobId other = jobs.run(alone);
        const QUuid group = job::groupOf(made.at(0)).id;
        QTRY_COMPARE(JobGroup::of(job::jobsOf(jobs, group)).running, 2);
        QCOMPARE(job::jobsOf(jobs, group).size(), 4);
        job::cancelGroup(jobs, group);
        QTRY_VERIFY(JobGroup::of(job::jobsOf(jobs, group)).isOver());
        QCOMPARE(JobGroup::of(job::jobsOf(jobs, group)).cancelled, 4);
        QCOMPARE(jobs.job(other)->state, JobState::Running); // not of them
        const QStringList did = diary->take();
        for (const QString &name : {u"c"_s, u"d"_s}) {
            QVERIFY2(!did.join(u',').contains(u"run "_s + name), qPrintable(did.join(u',')));
        }
        jobs.cancel(other);
        QTRY_COMPARE(jobs.runningCount(), 0);
    }

    /** "2 of 5 done" would be wrong when those were cleared from the list. */
    void clearKeepsWhatAGroupCounts()
    {
        const auto diary = std::make_shared<Diary>();
        JobManager jobs(registryOf(diary), noHost());
        QList<Plan> made = plans(2);
        made[1].steps[0].type = u"obey"_s;
        const job::JobId done = jobs.run(made.at(0));
        const job::JobId runs = jobs.run(made.at(1));
        QTRY_COMPARE(jobs.job(done)->state, JobState::Done);
        QTRY_COMPARE(jobs.job(runs)->state, JobState::Running);
        QCOMPARE(job::unfinishedGroups(jobs), (QSet<QUuid>{job::groupOf(made.at(0)).id}));
        jobs.clearFinished();
        QVERIFY(jobs.job(done));
        jobs.cancel(runs);
        QTRY_VERIFY(jobs.job(runs)->isFinished());
        QVERIFY(job::unfinishedGroups(jobs).isEmpty());
        jobs.clearFinished();
        QVERIFY(jobs.jobs().isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestJobGroup)
#include "tst_jobgroup.moc"
