// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QLabel>
#include <QListView>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/job/journal.h"
#include "backend/operation/lifecycle.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"
#include "model/eventmodel.h"
#include "model/jobmodel.h"
#include "ui/jobsdock.h"
#include "ui/mainwindow.h"
#include "ui/messagebar.h"

using namespace vireo;
using namespace Qt::StringLiterals;
using job::Direction;
using job::JobState;

namespace {

constexpr auto NodeXml = R"(<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <test:runstate>1</test:runstate></domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>db01</name><uuid>33333333-3333-3333-3333-333333333333</uuid>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <test:runstate>5</test:runstate></domain>
</node>)";

const QUuid Web01(u"11111111-1111-1111-1111-111111111111"_s);
const QUuid Db01(u"33333333-3333-3333-3333-333333333333"_s);

} // namespace

/** The main window after a start with a journal that others have left; on libvirt's test driver. */
class TestJobsDockRecovery final : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    std::unique_ptr<virt::EventLoop> m_loop;
    job::StepRegistry m_registry;
    std::unique_ptr<QTemporaryDir> m_state;
    std::shared_ptr<const job::Journal> m_journal;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<virt::Hosts> m_hosts;
    std::unique_ptr<virt::Inventory> m_inventory;
    std::unique_ptr<job::JobManager> m_jobs;
    std::unique_ptr<model::EventLog> m_events;
    std::unique_ptr<ui::MainWindow> m_window;
    const virt::HostId m_theirs = QUuid::createUuid(); ///< the host's id in the process that wrote the journal
    qint64 m_seconds = 0;

    QString uri() const { return u"test://"_s + m_directory.filePath(u"node.xml"_s); }

    /** Turns web01's autostart on, then starts db01. */
    job::JobRecord record()
    {
        virt::DomainRecord web;
        web.uuid = Web01;
        web.name = u"web01"_s;
        web.persistent = true;
        virt::DomainRecord db;
        db.uuid = Db01;
        db.name = u"db01"_s;
        db.persistent = true;
        db.state = virt::DomainState::ShutOff;
        job::JobRecord job;
        job.id = QUuid::createUuid();
        job.created = QDateTime::currentDateTimeUtc().addSecs(-3600 + ++m_seconds);
        job.plan = operation::planAction(operation::Action::Run, m_theirs, db);
        job.plan.steps = operation::planAutostart(m_theirs, web, true).steps + job.plan.steps;
        job.plan.title = u"Prepare db01"_s;
        job.steps.resize(job.plan.steps.size());
        return job;
    }

    /** A job that stopped in its second step. Keeps the lock while `file` lives. */
    job::JobId writeInterrupted(std::unique_ptr<job::JournalFile> *file = nullptr)
    {
        const job::JobRecord job = record();
        auto made = m_journal->create(job, {{m_theirs, uri()}});
        bool fine = made.has_value();
        for (const QJsonObject &line : {job::journalformat::intent(0, Direction::Run),
                 job::journalformat::outcome(0, Direction::Run, {}), job::journalformat::intent(1, Direction::Run)}) {
            fine = fine && (*made)->append(line);
        }
        if (fine && file) {
            *file = std::move(*made);
        }
        return fine ? job.id : job::JobId();
    }

    job::JobId writeDone()
    {
        job::JobRecord job = record();
        job.plan.title = u"Long ago"_s;
        auto made = m_journal->create(job, {{m_theirs, uri()}});
        job.state = JobState::Done;
        return made && (*made)->append(job::journalformat::end(job)) ? job.id : job::JobId();
    }

    void load()
    {
        QSignalSpy loaded(m_jobs.get(), &job::JobManager::loaded);
        m_jobs->loadInterrupted();
        QVERIFY(loaded.wait());
        QCOMPARE(loaded.constFirst().constFirst().toString(), QString());
    }

    void connectHost()
    {
        virt::HostSettings settings;
        settings.uri = uri();
        settings.name = u"rack-7"_s;
        virt::Host *host = m_hosts->host(m_hosts->add(settings));
        host->connectToHost();
        QTRY_VERIFY(host->isConnected());
        // The journal says that this was done.
        const auto connection = host->connection();
        QVERIFY(connection);
        QVERIFY(virt::domains::setAutostart(**connection, Web01, true));
    }

    virt::DomainRecord read(const QUuid &domain) const
    {
        const auto connection = m_hosts->findUri(uri())->connection();
        const auto found = connection ? virt::domains::read(**connection, domain) : fail(connection.error());
        return found ? *found : virt::DomainRecord();
    }

    ui::MessageBar *bar() const
    {
        return m_window->findChild<QWidget *>(u"interruptedBar"_s)->findChild<ui::MessageBar *>();
    }
    template<typename T>
    T *inDock(const QString &name) const
    {
        return m_window->jobsDock()->findChild<T *>(name);
    }
    void press(const QString &name)
    {
        QTRY_VERIFY(inDock<QPushButton>(name) && inDock<QPushButton>(name)->isVisible());
        QTest::mouseClick(inDock<QPushButton>(name), Qt::LeftButton);
    }
    QString cell(int row, int column) const
    {
        const auto *label = inDock<QLabel>(u"jobStep%1_%2"_s.arg(row).arg(column));
        return label ? label->text() : QString();
    }
    JobState state(const job::JobId &id) const { return m_jobs->job(id)->state; }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        operation::registerSteps(m_registry);
        QFile node(m_directory.filePath(u"node.xml"_s));
        QVERIFY(node.open(QIODevice::WriteOnly));
        node.write(NodeXml);
    }
    void cleanupTestCase() { m_loop.reset(); }

    void init()
    {
        m_state = std::make_unique<QTemporaryDir>();
        m_journal = std::make_shared<const job::Journal>(m_state->filePath(u"journal"_s));
        m_settings = std::make_unique<QSettings>(m_state->filePath(u"settings.ini"_s), QSettings::IniFormat);
        m_hosts = std::make_unique<virt::Hosts>();
        m_inventory = std::make_unique<virt::Inventory>(*m_hosts);
        const job::JournalAccess access{m_journal,
            [this](const virt::HostId &id) {
                const virt::Host *host = m_hosts->host(id);
                return host ? host->settings().uri : QString();
            },
            [this](const QString &wanted) {
                const virt::Host *host = m_hosts->findUri(wanted);
                return host ? host->settings().id : virt::HostId();
            }};
        m_jobs = std::make_unique<job::JobManager>(m_registry, m_hosts->provider(), access);
        m_events = std::make_unique<model::EventLog>(*m_hosts, m_jobs.get());
        m_window =
            std::make_unique<ui::MainWindow>(ui::UiContext{*m_hosts, *m_inventory, *m_jobs, *m_events, *m_settings});
        new QAbstractItemModelTester(m_window->jobsDock()->list()->model(),
            QAbstractItemModelTester::FailureReportingMode::Fatal, m_window.get());
        m_window->resize(1300, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    void cleanup()
    {
        m_window.reset();
        m_events.reset();
        m_jobs.reset();
        m_inventory.reset();
        m_hosts.reset();
    }

    void historyDoesNotPopUp()
    {
        const job::JobId old = writeDone();
        QVERIFY(!old.isNull());
        load();
        auto *list = m_window->jobsDock()->list();
        QCOMPARE(list->model()->rowCount(), 1);
        QCOMPARE(list->model()->index(0, 0).data().toString(), u"Long ago"_s);
        QTRY_COMPARE(m_window->jobsDock()->summary(), u"all done"_s);
        QVERIFY(!m_window->jobsDock()->isVisible());
        QVERIFY(bar()->isHidden());

        // What happens now does open it, and stands above.
        connectHost();
        m_jobs->run(
            operation::planAction(operation::Action::Pause, m_hosts->all().constFirst()->settings().id, read(Web01)));
        QTRY_VERIFY(m_window->jobsDock()->isVisible());
        QCOMPARE(list->model()->index(1, 0).data().toString(), u"Long ago"_s);
        QTRY_COMPARE(m_jobs->runningCount(), 0);
    }

    void tellsOfInterruptedJobs()
    {
        connectHost();
        const job::JobId id = writeInterrupted();
        const job::JobId old = writeDone(); // newer, but it waits for nobody
        QVERIFY(!id.isNull() && !old.isNull());
        load();
        QTRY_COMPARE(bar()->text(), u"1 operation was interrupted: Prepare db01 on rack-7"_s);
        QVERIFY(bar()->isVisible());
        QVERIFY(!m_window->jobsDock()->isVisible());
        QTest::mouseClick(bar()->findChild<QPushButton *>(u"showInterrupted"_s), Qt::LeftButton);
        QVERIFY(m_window->jobsDock()->isVisible());
        QTRY_VERIFY(!bar()->isVisible());
        QTRY_COMPARE(m_window->jobsDock()->summary(), u"1 interrupted"_s);
        const auto *model = m_window->jobsDock()->list()->model();
        QCOMPARE(model->index(0, 0).data(model::JobModel::JobIdRole).toUuid(), id);
        QCOMPARE(model->index(0, 0).data(model::JobModel::StatusRole).toString(),
            u"interrupted in step 2 of 2: Start (db01)"_s);
        QTRY_VERIFY(inDock<QPushButton>(u"jobFinish"_s) && inDock<QPushButton>(u"jobFinish"_s)->isVisible());
        QCOMPARE(inDock<QPushButton>(u"jobFinish"_s)->text(), u"Finish"_s);
        QCOMPARE(inDock<QPushButton>(u"jobUndo"_s)->text(), u"Undo"_s);
        QVERIFY2(inDock<QPushButton>(u"jobUndo"_s)->toolTip().contains(u"Set autostart back: web01"),
            qPrintable(inDock<QPushButton>(u"jobUndo"_s)->toolTip()));
        QVERIFY(!inDock<QPushButton>(u"jobConnect"_s)->isVisible());
        // It waits for a decision: cleaning up does not take it away.
        m_jobs->clearFinished();
        QTRY_COMPARE(model->rowCount(), 1);
        QCOMPARE(state(id), JobState::Interrupted);
    }

    void finishes()
    {
        connectHost();
        const job::JobId id = writeInterrupted();
        const job::JobId newer = writeDone();
        load();
        m_window->jobsDock()->showInterrupted();
        const auto *model = m_window->jobsDock()->list()->model();
        QCOMPARE(model->index(0, 0).data(model::JobModel::JobIdRole).toUuid(), id);
        press(u"jobFinish"_s);
        QTRY_COMPARE(state(id), JobState::Done);
        // Nobody has to decide any more: it stands where it belongs.
        QCOMPARE(model->index(0, 0).data(model::JobModel::JobIdRole).toUuid(), newer);
        QCOMPARE(model->index(1, 0).data(model::JobModel::JobIdRole).toUuid(), id);
        QCOMPARE(read(Db01).state, virt::DomainState::Running);
        QCOMPARE(read(Web01).autostart, true);
        QTRY_VERIFY(!inDock<QPushButton>(u"jobFinish"_s)->isVisible());
        QTRY_COMPARE(m_window->jobsDock()->summary(), u"all done"_s);
        QTRY_VERIFY(bar()->isHidden());
        const auto entry = m_journal->read(id);
        QVERIFY(entry);
        QCOMPARE(entry->standing, job::JournalEntry::Standing::Finished);
    }

    void undoes()
    {
        connectHost();
        const job::JobId id = writeInterrupted();
        load();
        m_window->jobsDock()->showInterrupted();
        QCOMPARE(read(Web01).autostart, true);
        press(u"jobUndo"_s);
        QTRY_COMPARE(state(id), JobState::Cancelled);
        QCOMPARE(read(Web01).autostart, false);
        QCOMPARE(read(Db01).state, virt::DomainState::ShutOff);
        QCOMPARE(m_journal->read(id)->standing, job::JournalEntry::Standing::Finished);
    }

    void detailsCompareWithTheHost()
    {
        connectHost();
        writeInterrupted();
        load();
        m_window->jobsDock()->showInterrupted();
        QTRY_VERIFY(inDock<QToolButton>(u"jobMore"_s));
        QTest::mouseClick(inDock<QToolButton>(u"jobMore"_s), Qt::LeftButton);
        QTRY_COMPARE(cell(1, 2), u"web01 starts with its host."_s);
        QCOMPARE(cell(1, 0), u"1. Turn on autostart: web01"_s);
        QCOMPARE(cell(1, 1), u"done"_s);
        QCOMPARE(cell(2, 1), u"begun"_s);
        const QString off = cell(2, 2);
        QVERIFY2(off.contains(u"db01"), qPrintable(off));
        // Somebody starts it meanwhile.
        const auto connection = m_hosts->findUri(uri())->connection();
        QVERIFY(virt::domains::start(**connection, Db01));
        press(u"jobStepsRefresh"_s);
        QTRY_VERIFY(!cell(2, 2).isEmpty() && cell(2, 2) != off && cell(2, 2).contains(u"running"));
        QTest::mouseClick(inDock<QToolButton>(u"jobMore"_s), Qt::LeftButton);
        QTRY_VERIFY(!inDock<QWidget>(u"jobSteps"_s));
    }

    void offersToConnectFirst()
    {
        const job::JobId id = writeInterrupted();
        load();
        QTRY_VERIFY(bar()->text().startsWith(u"1 operation was interrupted: Prepare db01 on Test"));
        m_window->jobsDock()->showInterrupted();
        QTRY_VERIFY(inDock<QPushButton>(u"jobConnect"_s) && inDock<QPushButton>(u"jobConnect"_s)->isVisible());
        QCOMPARE(inDock<QPushButton>(u"jobConnect"_s)->accessibleName(), u"Connect to %1 first"_s.arg(uri()));
        QVERIFY(!inDock<QPushButton>(u"jobFinish"_s)->isVisible());
        QVERIFY(!inDock<QPushButton>(u"jobUndo"_s)->isVisible());
        press(u"jobConnect"_s);
        QTRY_VERIFY(m_hosts->findUri(uri()) && m_hosts->findUri(uri())->isConnected());
        QTRY_VERIFY(inDock<QPushButton>(u"jobUndo"_s)->isVisible());
        QVERIFY(!inDock<QPushButton>(u"jobConnect"_s)->isVisible());
        press(u"jobFinish"_s);
        QTRY_COMPARE(state(id), JobState::Done);
        QCOMPARE(read(Db01).state, virt::DomainState::Running);
    }

    void anotherProcessWasFaster()
    {
        connectHost();
        const job::JobId id = writeInterrupted();
        load();
        m_window->jobsDock()->showInterrupted();
        auto taken = m_journal->open(id);
        QVERIFY(taken);
        press(u"jobFinish"_s);
        QTRY_VERIFY(m_jobs->job(id)->error.message.contains(u"Another process"));
        QCOMPARE(state(id), JobState::Interrupted);
        QCOMPARE(read(Db01).state, virt::DomainState::ShutOff);
        // Until that one is gone.
        taken->file.reset();
        press(u"jobFinish"_s);
        QTRY_COMPARE(state(id), JobState::Done);
    }

    void jobsThatRunElsewhereAreNotOurs()
    {
        connectHost();
        std::unique_ptr<job::JournalFile> file;
        QVERIFY(!writeInterrupted(&file).isNull());
        load();
        QVERIFY(m_jobs->jobs().isEmpty());
        QVERIFY(bar()->isHidden());
    }

    void severalAreCounted()
    {
        connectHost();
        for (int i = 0; i < 5; ++i) {
            QVERIFY(!writeInterrupted().isNull());
        }
        load();
        QTRY_VERIFY(bar()->text().contains(u"5 operation"));
        QTRY_COMPARE(m_window->jobsDock()->summary(), u"5 interrupted"_s);
        // Seen is seen, until there is a new one.
        QTest::mouseClick(bar()->findChild<QPushButton *>(u"showInterrupted"_s), Qt::LeftButton);
        QTRY_VERIFY(bar()->isHidden());
        QVERIFY(!writeInterrupted().isNull());
        load();
        QTRY_VERIFY(bar()->text().contains(u"6 operation"));
    }
};

QTEST_MAIN(TestJobsDockRecovery)
#include "tst_jobsdock_recovery.moc"
