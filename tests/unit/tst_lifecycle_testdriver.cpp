// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QSignalSpy>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/deletion.h"
#include "backend/operation/lifecycle.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::Action;
using virt::DomainRecord;
using virt::DomainState;

/** The real plans and steps against libvirt's test driver, through the real job manager. */
class TestLifecycleTestDriver final : public QObject
{
    Q_OBJECT

    static constexpr auto spareXml =
        "<domain type='test'><name>spare</name><memory>8192</memory><os><type>hvm</type></os></domain>";

    std::unique_ptr<virt::EventLoop> m_loop;
    virt::ConnectionPtr m_connection;
    virt::HostId m_host = QUuid::createUuid();
    std::unique_ptr<job::JobManager> m_jobs;
    QUuid m_test; ///< the driver's own domain

    DomainRecord read(const QUuid &uuid) { return virt::domains::read(*m_connection, uuid).value_or(DomainRecord{}); }

    /** Runs the plan to its end and gives a copy of the record. */
    job::JobRecord run(const job::Plan &plan)
    {
        QSignalSpy finished(m_jobs.get(), &job::JobManager::finished);
        const job::JobId id = m_jobs->run(plan);
        while (finished.isEmpty() || finished.constLast().at(0).toUuid() != id) {
            if (!finished.wait(20000)) {
                break;
            }
        }
        const job::JobRecord *record = m_jobs->job(id);
        return record ? *record : job::JobRecord{};
    }

    job::JobRecord act(Action action, int timeout = 20)
    {
        return run(operation::planAction(action, m_host, read(m_test), timeout));
    }

    job::Plan definePlan(const QString &xml, const QString &name)
    {
        job::Plan plan;
        plan.operation = u"create"_s;
        plan.title = u"Create it"_s;
        plan.host = m_host;
        plan.domainName = name;
        plan.steps.append({u"domain.define"_s, u"Define"_s, name, u"Undefine"_s, 0, {{u"xml"_s, xml}}});
        return plan;
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
    }

    void cleanupTestCase() { m_loop.reset(); }

    void init()
    {
        const auto connection = virt::Connection::open(u"test:///default"_s, false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
        const auto found = virt::domains::find(*m_connection, u"test"_s);
        QVERIFY(found);
        m_test = *found;
        if (read(m_test).state != DomainState::Running) { // test:///default may be shared by the process
            QVERIFY(virt::domains::start(*m_connection, m_test));
        }
        job::StepRegistry registry;
        operation::registerSteps(registry);
        m_jobs = std::make_unique<job::JobManager>(registry,
            [connection = m_connection, host = m_host](const virt::HostId &id) -> Result<virt::ConnectionPtr> {
                if (id != host) {
                    return fail(Error::failed(u"There is no such host."_s));
                }
                return connection;
            });
    }

    void cleanup()
    {
        m_jobs.reset();
        if (const auto spare = virt::domains::find(*m_connection, u"spare"_s)) {
            QVERIFY(virt::domains::destroy(*m_connection, *spare));
            QVERIFY(virt::domains::undefine(*m_connection, *spare));
        }
        m_connection.reset();
    }

    void pauseResumeShutDownStart()
    {
        QCOMPARE(act(Action::Pause).state, JobState::Done);
        QCOMPARE(read(m_test).state, DomainState::Paused);
        QCOMPARE(act(Action::Pause).state, JobState::Failed); // a blocker
        QCOMPARE(act(Action::Run).state, JobState::Done);     // on a paused one: resume
        QCOMPARE(read(m_test).state, DomainState::Running);
        QCOMPARE(act(Action::ShutDown).state, JobState::Done);
        QCOMPARE(read(m_test).state, DomainState::ShutOff);
        QCOMPARE(act(Action::Run).state, JobState::Done);
        QCOMPARE(read(m_test).state, DomainState::Running);
    }

    void repeatedStepsAreContent()
    {
        const auto running = operation::planAction(Action::Pause, m_host, read(m_test));
        QCOMPARE(run(running).state, JobState::Done);
        QCOMPARE(run(running).state, JobState::Done); // the plan is out of date; what it wants is so
        QCOMPARE(read(m_test).state, DomainState::Paused);
        QCOMPARE(act(Action::Resume).state, JobState::Done);
    }

    void saveAndRestore()
    {
        const job::JobRecord saved = act(Action::Save);
        QVERIFY2(saved.state == JobState::Done, qPrintable(saved.statusLine()));
        DomainRecord now = read(m_test);
        QCOMPARE(now.state, DomainState::ShutOff);
        QVERIFY(now.managedSave);
        const job::Plan restore = operation::planAction(Action::Restore, m_host, now);
        QCOMPARE(run(restore).state, JobState::Done);
        now = read(m_test);
        QCOMPARE(now.state, DomainState::Running);
        QVERIFY(!now.managedSave);
    }

    void rebootIsOnlyRequested()
    {
        const job::JobRecord record = act(Action::Reboot);
        QCOMPARE(record.state, JobState::Done);
        QVERIFY2(record.log.join(u' ').contains(u"requested"_s), qPrintable(record.log.join(u' ')));
    }

    void forceOffAndHardReboot()
    {
        const int before = read(m_test).id;
        const job::JobRecord rebooted = act(Action::HardReboot);
        QVERIFY2(rebooted.state == JobState::Done, qPrintable(rebooted.statusLine()));
        QCOMPARE(read(m_test).state, DomainState::Running);
        QVERIFY(read(m_test).id != before); // really another run
        QCOMPARE(act(Action::ForceOff).state, JobState::Done);
        QCOMPARE(read(m_test).state, DomainState::ShutOff);
    }

    void libvirtsErrorIsShown()
    {
        const auto stale = operation::planAction(Action::Pause, m_host, read(m_test));
        QVERIFY(virt::domains::destroy(*m_connection, m_test));
        const job::JobRecord record = run(stale);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"not running"_s), qPrintable(record.error.message));
        QVERIFY(record.error.code != 0);
    }

    void autostartAndRenameAndBack()
    {
        QCOMPARE(run(operation::planAutostart(m_host, read(m_test), true)).state, JobState::Done);
        QVERIFY(read(m_test).autostart);
        QCOMPARE(act(Action::ForceOff).state, JobState::Done);

        job::Plan rename = operation::planRename(m_host, read(m_test), u"网页 01"_s, {u"test"_s});
        QCOMPARE(run(rename).state, JobState::Done);
        QCOMPARE(read(m_test).name, u"网页 01"_s);

        // What fails afterwards takes the new name back, and the autostart as well.
        job::Plan both = operation::planAutostart(m_host, read(m_test), false);
        both.steps.append(operation::planRename(m_host, read(m_test), u"test"_s, {}).steps);
        both.steps.append({u"no.such.step"_s, u"Fail"_s, {}, {}, 0, {}});
        const job::JobRecord failed = run(both);
        QCOMPARE(failed.state, JobState::Failed);
        QVERIFY(failed.remains.isEmpty());
        QCOMPARE(read(m_test).name, u"网页 01"_s);
        QVERIFY(read(m_test).autostart);

        QCOMPARE(run(operation::planRename(m_host, read(m_test), u"test"_s, {})).state, JobState::Done);
        QCOMPARE(run(operation::planAutostart(m_host, read(m_test), false)).state, JobState::Done);
        QVERIFY(!read(m_test).autostart);
    }

    void definesAndUndoesDefinition()
    {
        job::Plan plan = definePlan(QLatin1StringView(spareXml), u"spare"_s);
        const job::JobRecord made = run(plan);
        QVERIFY2(made.state == JobState::Done, qPrintable(made.statusLine()));
        const auto uuid = virt::domains::find(*m_connection, u"spare"_s);
        QVERIFY(uuid);
        QCOMPARE(made.results[u"uuid"_s].toString(), uuid->toString(QUuid::WithoutBraces));
        QVERIFY(virt::domains::undefine(*m_connection, *uuid));

        // Started, and then a later step fails: nothing may stay behind.
        plan.steps.append({u"domain.start"_s, u"Start"_s, u"spare"_s, {}, 0, {}});
        plan.steps.append({u"no.such.step"_s, u"Fail"_s, {}, {}, 0, {}});
        const job::JobRecord undone = run(plan);
        QCOMPARE(undone.state, JobState::Failed);
        QCOMPARE(undone.steps.at(1).state, job::StepState::Done); // it did run
        QVERIFY(!virt::domains::find(*m_connection, u"spare"_s));
    }

    void neverDefinesOverAnotherDomain()
    {
        const auto xml = virt::domains::xml(*m_connection, m_test, virt::domains::XmlKind::Inactive);
        QVERIFY(xml);
        const job::JobRecord record = run(definePlan(*xml, u"test"_s));
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(
            record.error.message.contains(m_test.toString(QUuid::WithoutBraces)), qPrintable(record.error.message));
        QVERIFY(virt::domains::find(*m_connection, u"test"_s)); // and its undo did not take the other one away
    }

    void deletesWithoutStorage()
    {
        const auto uuid = virt::domains::define(*m_connection, QLatin1StringView(spareXml));
        QVERIFY(uuid);
        QVERIFY(virt::domains::start(*m_connection, *uuid));
        const auto facts = operation::readDeleteFacts(*m_connection, *uuid);
        QVERIFY2(facts, facts ? "" : qPrintable(facts.error().message));
        QVERIFY(facts->disks.isEmpty());
        const job::JobRecord record = run(operation::planDelete(m_host, *facts, {}));
        QVERIFY2(record.state == JobState::Done, qPrintable(record.statusLine()));
        QVERIFY(!virt::domains::find(*m_connection, u"spare"_s));
    }

    void startedMeanwhileIsNotUndefined()
    {
        const auto uuid = virt::domains::define(*m_connection, QLatin1StringView(spareXml));
        QVERIFY(uuid);
        const auto facts = operation::readDeleteFacts(*m_connection, *uuid);
        QVERIFY(facts);
        const job::Plan plan = operation::planDelete(m_host, *facts, {});
        QVERIFY(virt::domains::start(*m_connection, *uuid));
        QCOMPARE(run(plan).state, JobState::Failed);
        QVERIFY(read(*uuid).persistent);
    }
};

QTEST_GUILESS_MAIN(TestLifecycleTestDriver)
#include "tst_lifecycle_testdriver.moc"
