// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QAbstractItemModelTester>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/job/journal.h"
#include "model/jobmodel.h"

using namespace vireo;
using namespace Qt::StringLiterals;
using job::JobState;
using model::JobModel;

/** Rows of jobs that were started together, below one row of all. */
class TestJobGroups final : public QObject
{
    Q_OBJECT

    const virt::HostId m_host = QUuid::createUuid();

    static job::StepRegistry registry()
    {
        job::StepRegistry registry;
        registry.add(u"work"_s, {[](const job::Step &, job::StepContext &) -> Result<> { return {}; }, {}});
        registry.add(u"wait"_s,
            {[](const job::Step &, job::StepContext &context) -> Result<> {
                 while (!context.isCancelled()) {
                     std::this_thread::yield();
                 }
                 return fail(Error::cancelled());
             },
                {}});
        return registry;
    }
    static virt::ConnectionProvider noHost()
    {
        return [](const virt::HostId &) -> Result<virt::ConnectionPtr> {
            return fail(Error::failed(u"None."_s));
        };
    }
    job::Plan plan(const QString &type, const QString &name) const
    {
        job::Plan plan;
        plan.operation = u"test"_s;
        plan.title = u"Job "_s + name;
        plan.host = m_host;
        plan.domain = QUuid::createUuid();
        plan.domainName = name;
        plan.steps = {{type, type, name, {}, 0, {}}};
        return plan;
    }
    QList<job::Plan> group(const QStringList &types, const QString &title) const
    {
        QList<job::Plan> plans;
        for (const QString &type : types) {
            plans.append(plan(type, title + QString::number(plans.size() + 1)));
        }
        job::groupTogether(plans, title);
        return plans;
    }
    static QStringList titles(const JobModel &model)
    {
        QStringList rows;
        for (int row = 0; row < model.rowCount(); ++row) {
            const QModelIndex index = model.index(row);
            const bool below = index.data(JobModel::InGroupRole).toBool();
            rows.append((below ? u"  "_s : QString()) + index.data().toString());
        }
        return rows;
    }

private Q_SLOTS:
    void opensAndCloses()
    {
        job::JobManager jobs(registry(), noHost());
        JobModel model(jobs);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        jobs.run(plan(u"work"_s, u"before"_s));
        QTRY_COMPARE(jobs.runningCount(), 0);
        QTest::qWait(2); // the order is by the time of a job, in ms
        const QList<job::Plan> plans = group({u"wait"_s, u"wait"_s, u"work"_s}, u"G"_s);
        QList<job::JobId> ids;
        for (const job::Plan &each : plans) {
            ids.append(jobs.run(each));
        }
        QTest::qWait(2);
        const job::JobId after = jobs.run(plan(u"wait"_s, u"after"_s));
        const QUuid id = job::groupOf(plans.at(0)).id;
        QTRY_COMPARE(jobs.job(ids.at(2))->state, JobState::Done);
        QTRY_COMPARE(model.groupOf(id).running, 2);
        QCOMPARE(titles(model), (QStringList{u"Job after"_s, u"G"_s, u"Job before"_s}));
        QVERIFY(!model.indexOf(ids.at(0)).isValid());
        const QPersistentModelIndex row = model.indexOf(id);
        QVERIFY(row.data(JobModel::IsGroupRole).toBool() && !row.data(JobModel::IsOpenRole).toBool());
        QCOMPARE(row.data(JobModel::JobIdRole).toUuid(), id);
        QCOMPARE(row.data(JobModel::StatusRole).toString(), u"1 of 3 done, 2 running"_s);
        QCOMPARE(row.data(JobModel::StateRole).toInt(), int(JobState::Running));
        QVERIFY(row.data(JobModel::CancellableRole).toBool());
        QCOMPARE(row.data(JobModel::FractionRole).toDouble(), 1.0 / 3);

        model.setOpen(id, true);
        QCOMPARE(titles(model),
            (QStringList{u"Job after"_s, u"G"_s, u"  Job G1"_s, u"  Job G2"_s, u"  Job G3"_s, u"Job before"_s}));
        QVERIFY(row.data(JobModel::IsOpenRole).toBool());
        QCOMPARE(model.indexOf(ids.at(1)).row(), 3);
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        jobs.cancel(ids.at(1));
        QTRY_COMPARE(row.data(JobModel::StatusRole).toString(), u"1 of 3 done, 1 running, 1 cancelled"_s);
        QVERIFY(std::any_of(changed.cbegin(), changed.cend(),
            [&](const QList<QVariant> &arguments) { return arguments.at(0).toModelIndex() == row; }));
        model.setOpen(id, false);
        QCOMPARE(titles(model), (QStringList{u"Job after"_s, u"G"_s, u"Job before"_s}));
        job::cancelGroup(jobs, id);
        QTRY_COMPARE(row.data(JobModel::StateRole).toInt(), int(JobState::Cancelled));
        jobs.cancel(after);
        QTRY_COMPARE(jobs.runningCount(), 0);
        jobs.clearFinished();
        QCOMPARE(model.rowCount(), 0);
    }

    /** As a program that starts after a kill finds them. */
    void comesFromTheJournal()
    {
        const QTemporaryDir state;
        const auto journal = std::make_shared<const job::Journal>(state.filePath(u"journal"_s));
        const QList<job::Plan> plans = group({u"work"_s, u"work"_s, u"work"_s, u"work"_s}, u"G"_s);
        QList<job::JobId> ids;
        for (int i = 0; i < 3; ++i) { // the fourth still waited
            job::JobRecord record;
            record.id = QUuid::createUuid();
            record.created = QDateTime::currentDateTimeUtc().addSecs(i - 100);
            record.plan = plans.at(i);
            record.steps.resize(1);
            auto file = journal->create(record, {{m_host, u"test:///default"_s}});
            QVERIFY(file);
            record.state = JobState::Done;
            QVERIFY((*file)->append(
                i == 0 ? job::journalformat::end(record) : job::journalformat::intent(0, job::Direction::Run)));
            ids.append(record.id);
        }
        const job::JournalAccess access{journal, [](const virt::HostId &) { return u"test:///default"_s; },
            [this](const QString &) {
                return m_host;
            }};
        job::JobManager jobs(registry(), noHost(), access);
        JobModel model(jobs);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        const job::JobId newer = jobs.run(plan(u"work"_s, u"newer"_s));
        QTRY_COMPARE(jobs.job(newer)->state, JobState::Done);
        QSignalSpy loaded(&jobs, &job::JobManager::loaded);
        jobs.loadInterrupted();
        QVERIFY(loaded.wait());
        const QUuid id = job::groupOf(plans.at(0)).id;
        // Above what is newer, and open: there is something to decide.
        QCOMPARE(titles(model), (QStringList{u"G"_s, u"  Job G1"_s, u"  Job G2"_s, u"  Job G3"_s, u"Job newer"_s}));
        QCOMPARE(model.indexOf(id).data(JobModel::StatusRole).toString(), u"1 of 4 done, 2 interrupted, 1 not begun"_s);
        QCOMPARE(model.indexOf(id).data(JobModel::StateRole).toInt(), int(JobState::Interrupted));
        QVERIFY(model.indexOf(ids.at(1)).data(JobModel::CanFinishRole).toBool());
        QVERIFY(jobs.recover(ids.at(1), job::Recovery::Finish));
        QTRY_COMPARE(jobs.job(ids.at(1))->state, JobState::Done);
        QCOMPARE(model.indexOf(id).row(), 0);
        QVERIFY(jobs.recover(ids.at(2), job::Recovery::Finish));
        QTRY_COMPARE(jobs.job(ids.at(2))->state, JobState::Done);
        // Decided: it goes to its place, with its rows.
        QCOMPARE(titles(model), (QStringList{u"Job newer"_s, u"G"_s, u"  Job G1"_s, u"  Job G2"_s, u"  Job G3"_s}));
    }

    void anyOrder()
    {
        job::JobManager jobs(registry(), noHost());
        JobModel model(jobs);
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QRandomGenerator random(20261122);
        QList<QUuid> groups;
        for (int round = 0; round < 120; ++round) {
            switch (random.bounded(5)) {
            case 0:
                jobs.run(plan(u"work"_s, QString::number(round)));
                break;
            case 1: {
                const QList<job::Plan> plans = group({u"work"_s, u"wait"_s, u"work"_s}, QString::number(round));
                groups.append(job::groupOf(plans.at(0)).id);
                for (const job::Plan &each : plans) {
                    jobs.run(each);
                    if (random.bounded(2) == 0) {
                        model.setOpen(groups.constLast(), true);
                    }
                }
                break;
            }
            case 2:
                if (!groups.isEmpty()) {
                    model.setOpen(groups.at(random.bounded(groups.size())), random.bounded(2) == 0);
                }
                break;
            case 3:
                if (!groups.isEmpty()) {
                    job::cancelGroup(jobs, groups.at(random.bounded(groups.size())));
                }
                break;
            default:
                jobs.clearFinished();
                QTest::qWait(1);
                break;
            }
        }
        for (const QUuid &each : std::as_const(groups)) {
            job::cancelGroup(jobs, each);
        }
        QTRY_COMPARE(jobs.runningCount(), 0);
        jobs.clearFinished();
        QCOMPARE(model.rowCount(), 0);
    }
};

QTEST_GUILESS_MAIN(TestJobGroups)
#include "tst_jobgroups.moc"
