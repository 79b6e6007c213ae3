// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "feed.h"
#include "model/eventmodel.h"
#include "model/jobmodel.h"
#include "model/planmodel.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::Finding;
using job::JobState;
using job::Plan;
using job::Step;
using job::StepState;
using model::EventLog;
using model::EventModel;
using model::FindingModel;
using model::JobModel;
using model::StepModel;
using Severity = Finding::Severity;
using Tester = QAbstractItemModelTester;
constexpr auto FatalMode = QAbstractItemModelTester::FailureReportingMode::Fatal;

/** The models of events, jobs, findings and steps. */
class TestListModels final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void eventsNewestFirst();
    void eventsOfOneSubject();
    void eventsAreTrimmed();
    void jobsBecomeEvents();
    void jobRows();
    void findings();
    void steps();

private:
    static virt::EventRecord event(const virt::HostId &host, const QUuid &domain, const QString &text)
    {
        virt::EventRecord record;
        record.time = QDateTime::currentDateTime();
        record.host = host;
        record.domain = domain;
        record.domainName = domain.isNull() ? QString() : u"web01"_s;
        record.text = text;
        return record;
    }
    static Plan plan(const QString &step, int number)
    {
        Plan plan;
        plan.title = u"Job %1"_s.arg(number);
        plan.host = QUuid(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        plan.domain = Feed::domain(number, {}).uuid;
        plan.domainName = u"vm%1"_s.arg(number);
        Step only;
        only.type = step;
        only.title = step;
        plan.steps = {only};
        return plan;
    }
    using Feed = test::Feed;
    static job::StepRegistry registry()
    {
        job::StepRegistry registry;
        registry.add(u"work"_s, {[](const Step &, job::StepContext &) -> Result<> { return {}; }, {}});
        registry.add(u"fail"_s,
            {[](const Step &, job::StepContext &) -> Result<> { return fail(Error::failed(u"<no> space"_s)); }, {}});
        registry.add(u"wait"_s,
            {[](const Step &, job::StepContext &context) -> Result<> {
                 while (!context.isCancelled()) {
                     std::this_thread::yield();
                 }
                 return vireo::fail(Error::cancelled());
             },
                {}});
        return registry;
    }
};

void TestListModels::eventsNewestFirst()
{
    Feed feed;
    const virt::HostId before = feed.addHost(u"before"_s);
    EventLog log(feed.hosts, nullptr);
    const virt::HostId later = feed.addHost(u"later"_s);
    EventModel model(log);
    Tester tester(&model, FatalMode);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    Q_EMIT feed.host(before)->eventHappened(event(before, {}, u"one"_s));
    Q_EMIT feed.host(later)->eventHappened(event(later, Feed::domain(1, {}).uuid, u"two"_s));
    QCOMPARE(inserted.size(), 2);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, EventModel::TextColumn).data().toString(), u"two"_s);
    QCOMPARE(model.index(0, EventModel::ObjectColumn).data().toString(), u"web01"_s);
    QCOMPARE(model.index(1, EventModel::ObjectColumn).data().toString(), u"before"_s);
    QVERIFY(model.index(1, EventModel::TimeColumn).data().toString().contains(u':'));
}

void TestListModels::eventsOfOneSubject()
{
    Feed feed;
    const virt::HostId a = feed.addHost(u"a"_s);
    const virt::HostId b = feed.addHost(u"b"_s);
    const QUuid domain = Feed::domain(1, {}).uuid;
    EventLog log(feed.hosts, nullptr);
    EventModel model(log);
    Tester tester(&model, FatalMode);
    log.append(event(a, domain, u"domain on a"_s));
    log.append(event(b, domain, u"domain on b"_s));
    log.append(event(a, {}, u"host a"_s));
    model.setSubject(a, {});
    QCOMPARE(model.rowCount(), 2);
    model.setSubject(a, domain);
    QCOMPARE(model.rowCount(), 1);
    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    log.append(event(b, domain, u"other"_s));
    QCOMPARE(inserted.size(), 0);
    log.append(event(a, domain, u"mine"_s));
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(model.index(0, EventModel::TextColumn).data().toString(), u"mine"_s);
    model.setSubject({}, {});
    QCOMPARE(model.rowCount(), 5);
}

void TestListModels::eventsAreTrimmed()
{
    Feed feed;
    const virt::HostId a = feed.addHost(u"a"_s);
    const virt::HostId b = feed.addHost(u"b"_s);
    EventLog log(feed.hosts, nullptr);
    for (int i = 0; i < EventLog::Capacity; ++i) {
        log.append(event(i % 2 == 0 ? a : b, {}, QString::number(i)));
    }
    EventModel all(log);
    EventModel ofB(log);
    ofB.setSubject(b, {});
    Tester testAll(&all, FatalMode);
    Tester testB(&ofB, FatalMode);
    QSignalSpy trimmed(&log, &EventLog::trimmed);
    log.append(event(a, {}, u"newest"_s)); // drops the first, which was about a
    QCOMPARE(trimmed.size(), 1);
    QCOMPARE(trimmed.at(0).at(0).toInt(), 1);
    QCOMPARE(log.events().size(), EventLog::Capacity);
    QCOMPARE(all.rowCount(), EventLog::Capacity);
    QCOMPARE(all.index(all.rowCount() - 1, EventModel::TextColumn).data().toString(), u"1"_s);
    QCOMPARE(ofB.rowCount(), EventLog::Capacity / 2);
    log.append(event(a, {}, u"newest"_s));
    QCOMPARE(ofB.rowCount(), EventLog::Capacity / 2 - 1);
    QCOMPARE(ofB.index(ofB.rowCount() - 1, EventModel::TextColumn).data().toString(), u"3"_s);
}

void TestListModels::jobsBecomeEvents()
{
    Feed feed;
    const job::StepRegistry steps = registry();
    job::JobManager jobs(steps, feed.hosts.provider());
    EventLog log(feed.hosts, &jobs);
    jobs.run(plan(u"work"_s, 1));
    QTRY_COMPARE(log.events().size(), 1);
    QCOMPARE(log.events().at(0).severity, virt::EventRecord::Severity::Info);
    QCOMPARE(log.events().at(0).domainName, u"vm1"_s);
    QVERIFY(log.events().at(0).text.startsWith(u"Job 1"_s));
    jobs.run(plan(u"fail"_s, 2));
    QTRY_COMPARE(log.events().size(), 2);
    QCOMPARE(log.events().at(1).severity, virt::EventRecord::Severity::Error);
    QVERIFY(log.events().at(1).text.contains(u"<no> space"_s));
    jobs.cancel(jobs.run(plan(u"wait"_s, 3)));
    QTRY_COMPARE(log.events().size(), 3);
    QCOMPARE(log.events().at(2).severity, virt::EventRecord::Severity::Warning);
}

void TestListModels::jobRows()
{
    Feed feed;
    const job::StepRegistry steps = registry();
    job::JobManager jobs(steps, feed.hosts.provider());
    const job::JobId first = jobs.run(plan(u"work"_s, 1));
    QTRY_VERIFY(jobs.job(first)->isFinished());
    JobModel model(jobs);
    Tester tester(&model, FatalMode);
    QCOMPARE(model.rowCount(), 1);

    QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy removed(&model, &QAbstractItemModel::rowsRemoved);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    const job::JobId waiting = jobs.run(plan(u"wait"_s, 2));
    const QPersistentModelIndex row = model.indexOf(waiting);
    QCOMPARE(inserted.size(), 1);
    QCOMPARE(row.row(), 0); // newest first
    QCOMPARE(model.indexOf(first).row(), 1);
    QTRY_COMPARE(row.data(JobModel::StateRole).toInt(), int(JobState::Running));
    QVERIFY(row.data(JobModel::CancellableRole).toBool());
    QCOMPARE(row.data().toString(), u"Job 2"_s);
    QCOMPARE(row.data(JobModel::StatusRole).toString(), jobs.job(waiting)->statusLine());
    QCOMPARE(row.data(JobModel::DomainRole).toUuid(), Feed::domain(2, {}).uuid);
    jobs.cancel(waiting);
    QVERIFY(!row.data(JobModel::CancellableRole).toBool());
    QTRY_COMPARE(row.data(JobModel::StateRole).toInt(), int(JobState::Cancelled));
    QCOMPARE(row.data(JobModel::ErrorRole).toString(), QString());
    QVERIFY(!changed.isEmpty());
    for (const QList<QVariant> &arguments : changed) {
        QCOMPARE(arguments.at(0).toModelIndex(), row);
        QCOMPARE(arguments.at(1).toModelIndex(), row);
    }

    const job::JobId failing = jobs.run(plan(u"fail"_s, 3));
    QTRY_COMPARE(model.indexOf(failing).data(JobModel::StateRole).toInt(), int(JobState::Failed));
    QVERIFY(model.indexOf(failing).data(JobModel::ErrorRole).toString().contains(u"<no> space"_s));
    QVERIFY(!model.indexOf(failing).data(Qt::ToolTipRole).toString().contains(u"<no>"_s));

    jobs.clearFinished();
    QCOMPARE(model.rowCount(), 0);
    QCOMPARE(removed.size(), 3);
    QCOMPARE(reset.size(), 0);
}

void TestListModels::findings()
{
    FindingModel model;
    Tester tester(&model, FatalMode);
    model.setFindings({{Severity::Ok, u"fits"_s, {}, {}}, {Severity::Note, u"note"_s, {}, {}},
        {Severity::Blocker, u"no pool"_s, u"cause"_s, u"fix"_s}, {Severity::Ok, u"reachable"_s, {}, {}},
        {Severity::Warning, u"slow"_s, u"cause"_s, {}}});
    QStringList rows;
    for (int row = 0; row < model.rowCount(); ++row) {
        rows << u"%1 %2"_s.arg(model.index(row, 0).data().toString()).arg(model.rowCount(model.index(row, 0)));
    }
    QCOMPARE(rows, (QStringList{u"no pool 2"_s, u"slow 1"_s, u"note 0"_s, u"2 checks passed 2"_s}));
    const QModelIndex blocker = model.index(0, 0);
    QCOMPARE(blocker.data(FindingModel::SeverityRole).toInt(), int(Severity::Blocker));
    QCOMPARE(blocker.data(FindingModel::FixRole).toString(), u"fix"_s);
    QCOMPARE(blocker.data(Qt::AccessibleTextRole).toString(), u"Blocker: no pool"_s);
    QCOMPARE(model.index(1, 0, blocker).data().toString(), u"fix"_s);
    QCOMPARE(model.index(1, 0, model.index(3, 0)).data().toString(), u"reachable"_s);
    model.setFindings({{Severity::Ok, u"fits"_s, {}, {}}});
    QCOMPARE(model.index(0, 0).data().toString(), u"1 check passed"_s);
    model.setFindings({});
    QCOMPARE(model.rowCount(), 0);
}

void TestListModels::steps()
{
    Plan plan = TestListModels::plan(u"upload"_s, 1);
    plan.steps[0].object = u"web01.qcow2"_s;
    plan.steps[0].bytes = 3U << 30U;
    plan.steps[0].undo = u"Delete it"_s;
    Step define;
    define.title = u"Define"_s;
    plan.steps << define;
    StepModel model;
    Tester tester(&model, FatalMode);
    model.setPlan(plan);
    const auto text = [&](int row, int column) {
        return model.index(row, column).data().toString();
    };
    QCOMPARE(text(0, StepModel::StepColumn), u"upload"_s);
    QCOMPARE(text(0, StepModel::ObjectColumn), u"web01.qcow2"_s);
    QCOMPARE(text(0, StepModel::SizeColumn), u"3 GiB"_s);
    QCOMPARE(text(0, StepModel::UndoColumn), u"Delete it"_s);
    QCOMPARE(text(1, StepModel::SizeColumn), QString());
    QCOMPARE(text(0, StepModel::TimeColumn), QString());

    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
    job::JobRecord job;
    job.plan = plan;
    job.steps = QList<job::JobRecord::StepRecord>(2);
    model.setJob(job);
    QCOMPARE(changed.size(), 0);
    job.steps[0] = {StepState::Failed, 1, 4, QDateTime::fromSecsSinceEpoch(100), QDateTime::fromSecsSinceEpoch(300),
        u"disk full"_s};
    model.setJob(job);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.at(0).at(0).toModelIndex(), model.index(0, 0));
    QCOMPARE(changed.at(0).at(1).toModelIndex(), model.index(0, StepModel::ColumnCount - 1));
    QCOMPARE(text(0, StepModel::TimeColumn), u"3 min 20 s"_s);
    QCOMPARE(model.index(0, 0).data(StepModel::FractionRole).toDouble(), 0.25);
    QCOMPARE(model.index(0, 0).data(StepModel::StateRole).toInt(), int(StepState::Failed));
    QCOMPARE(model.index(0, 0).data(StepModel::ErrorRole).toString(), u"disk full"_s);
    QCOMPARE(reset.size(), 0);
    job.plan.steps.removeLast();
    job.steps.removeLast();
    model.setJob(job); // another plan
    QCOMPARE(reset.size(), 1);
    QCOMPARE(model.rowCount(), 1);
}

QTEST_GUILESS_MAIN(TestListModels)
#include "tst_listmodels.moc"
