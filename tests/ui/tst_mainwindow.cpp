// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QCheckBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QTemporaryDir>
#include <QToolBar>
#include <QToolButton>
#include <QTreeWidget>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/domaintreemodel.h"
#include "model/eventmodel.h"
#include "ui/colours.h"
#include "ui/deletedialog.h"
#include "ui/domainactions.h"
#include "ui/domaintreeview.h"
#include "ui/emptystate.h"
#include "ui/filteredit.h"
#include "ui/jobsdock.h"
#include "ui/mainwindow.h"
#include "ui/renamedialog.h"
#include "ui/stateicons.h"
#include "ui/vmwindow.h"

using namespace vireo;
using namespace Qt::StringLiterals;
using model::DomainTreeModel;
using operation::Action;
using virt::DomainState;

namespace {

constexpr auto NodeXml = R"(<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid><title>Shop front</title>
    <metadata><vireo:domain xmlns:vireo='https://vireo-vm.github.io/xmlns/domain/1'>
      <vireo:tags><vireo:tag>web</vireo:tag></vireo:tags></vireo:domain></metadata>
    <memory unit='MiB'>2048</memory><vcpu>2</vcpu><os><type arch='i686'>hvm</type></os>
    <devices><interface type='network'><mac address='52:54:00:11:22:33'/><source network='default'/><target dev='testnet0'/></interface></devices>
    <test:runstate>1</test:runstate></domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>web02</name><uuid>22222222-2222-2222-2222-222222222222</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <test:runstate>1</test:runstate></domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>db01</name><uuid>33333333-3333-3333-3333-333333333333</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices><disk type='file' device='disk'><source file='/images/db01.qcow2'/><target dev='vda' bus='virtio'/></disk></devices>
    <test:runstate>5</test:runstate></domain>
  <network><name>default</name><uuid>55555555-5555-5555-5555-555555555555</uuid><bridge name='virbr0'/><forward/>
    <ip address='192.168.122.1' netmask='255.255.255.0'><dhcp><range start='192.168.122.128' end='192.168.122.253'/></dhcp></ip></network>
  <pool type='dir'><name>images</name><uuid>44444444-4444-4444-4444-444444444444</uuid><target><path>/images</path></target>
    <volume type='file'><name>db01.qcow2</name><capacity unit='MiB'>64</capacity><allocation unit='MiB'>8</allocation>
      <target><path>/images/db01.qcow2</path><format type='qcow2'/></target></volume></pool>
</node>)";

const QUuid Web01(u"11111111-1111-1111-1111-111111111111"_s);
const QUuid Web02(u"22222222-2222-2222-2222-222222222222"_s);
const QUuid Db01(u"33333333-3333-3333-3333-333333333333"_s);

/** Lists the texts of a menu, separators as "-". */
QStringList texts(const QMenu &menu)
{
    QStringList found;
    const auto actions = menu.actions();
    for (const QAction *action : actions) {
        found.append(action->isSeparator() ? u"-"_s : action->text().remove(u'&').remove(u'…'));
    }
    return found;
}

} // namespace

/** The real main window on libvirt's test driver, used with mouse and keys. */
class TestMainWindow final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_directory.isValid());
        m_loop = std::make_unique<virt::EventLoop>();
        operation::registerSteps(m_registry);
        QFile node(m_directory.filePath(u"node.xml"_s));
        QVERIFY(node.open(QIODevice::WriteOnly));
        node.write(NodeXml);
    }

    void cleanupTestCase() { m_loop.reset(); }

    void init()
    {
        m_settings = std::make_unique<QSettings>(m_directory.filePath(u"settings.ini"_s), QSettings::IniFormat);
        m_settings->clear();
        m_hosts = std::make_unique<virt::Hosts>();
        m_inventory = std::make_unique<virt::Inventory>(*m_hosts);
        m_jobs = std::make_unique<job::JobManager>(m_registry, m_hosts->provider());
        m_events = std::make_unique<model::EventLog>(*m_hosts, m_jobs.get());
        makeWindow();
    }

    void cleanup()
    {
        m_window.reset();
        m_events.reset();
        m_jobs.reset();
        m_inventory.reset();
        m_hosts.reset();
    }

    void hasTheFixedNames()
    {
        QCOMPARE(m_window->windowTitle(), u"Vireo"_s);
        QCOMPARE(m_window->accessibleName(), u"Vireo"_s);
        QCOMPARE(m_window->tree()->accessibleName(), u"Virtual machines"_s);
        QCOMPARE(filter()->accessibleName(), u"Filter"_s);
        QCOMPARE(m_window->jobsDock()->list()->accessibleName(), u"Jobs"_s);
    }

    void withoutHostsOffersToAddOne()
    {
        QVERIFY(!m_window->tree()->isVisible());
        auto *add = m_window->findChild<QPushButton *>(u"emptyAddConnection"_s);
        QVERIFY(add && add->isVisible());
        QVERIFY(!m_window->findChild<QStackedWidget *>(u"details"_s)->isVisible());
        QTest::mouseClick(add, Qt::LeftButton);
        QTRY_VERIFY(dialog<QDialog>());
        dialog<QDialog>()->reject();
        connectHost();
        QTRY_VERIFY(m_window->tree()->isVisible());
    }

    void showsDomainsAndCounts()
    {
        connectHost();
        QTRY_COMPARE(tree().rowCount(host()), 3);
        QTRY_COMPARE(label(u"hostCount"_s), u"Hosts: 1 of 1 connected"_s);
        QTRY_COMPARE(label(u"domainCount"_s), u"VMs: 2 of 3 running"_s);
        // Title and tags are in the XML, which is read because the row is on screen.
        QTRY_COMPARE(tree().index(web01(), DomainTreeModel::NameColumn), u"Shop front"_s);
    }

    void pausesAndResumes()
    {
        connectHost();
        select({web01()});
        QTest::mouseClick(button(u"pause"_s), Qt::LeftButton);
        QTRY_COMPARE(state(Web01), DomainState::Paused);
        QTRY_VERIFY(!button(u"pause"_s)->isEnabled());
        QTRY_VERIFY(button(u"run"_s)->isEnabled());
        QVERIFY2(button(u"run"_s)->toolTip().startsWith(u"Resume"), qPrintable(button(u"run"_s)->toolTip()));
        QCOMPARE(button(u"run"_s)->text(), u"Run"_s);
        QTest::mouseClick(button(u"run"_s), Qt::LeftButton);
        QTRY_COMPARE(state(Web01), DomainState::Running);
        QVERIFY(button(u"run"_s)->toolTip().contains(u"already running") || !button(u"run"_s)->isEnabled());
    }

    void shutsDownManyAndRunsAgain()
    {
        connectHost();
        select({web01(), key(Web02), key(Db01)});
        QTest::mouseClick(button(u"shutDownButton"_s), Qt::LeftButton, {}, QPoint(10, 10));
        QTRY_COMPARE(state(Web01), DomainState::ShutOff);
        QTRY_COMPARE(state(Web02), DomainState::ShutOff);
        QCOMPARE(m_jobs->jobs().size(), 2); // db01 was off: nothing to do for it
        QTRY_VERIFY(!button(u"shutDownButton"_s)->isEnabled());
        QTRY_VERIFY(action(u"run"_s)->isEnabled());
        QTest::keyClick(m_window->tree(), Qt::Key_R, Qt::ControlModifier);
        QTRY_COMPARE(m_inventory->activeCount(m_host), 3);
        QCOMPARE(m_window->tree()->selectedDomains().size(), 3);
    }

    void forceOffAsksOnceForAll()
    {
        connectHost();
        select({web01(), key(Web02)});
        action(u"forceOff"_s)->trigger();
        QTRY_VERIFY(dialog<QMessageBox>());
        QVERIFY(dialog<QMessageBox>()->text().contains(u"2 virtual machines"));
        QVERIFY(dialog<QMessageBox>()->informativeText().contains(u"web02"));
        QTest::keyClick(dialog<QMessageBox>(), Qt::Key_Escape);
        QTRY_VERIFY(!dialog<QMessageBox>());
        QVERIFY(m_jobs->jobs().isEmpty());
        QCOMPARE(state(Web01), DomainState::Running);

        action(u"forceOff"_s)->trigger();
        QTRY_VERIFY(dialog<QMessageBox>());
        QTest::mouseClick(dialog<QMessageBox>()->checkBox(), Qt::LeftButton, {},
            QPoint(8, dialog<QMessageBox>()->checkBox()->height() / 2));
        click(dialog<QMessageBox>(), u"Force off"_s);
        QTRY_COMPARE(state(Web01), DomainState::ShutOff);
        QTRY_COMPARE(state(Web02), DomainState::ShutOff);
        QTRY_VERIFY(action(u"run"_s)->isEnabled());

        activate();
        // "Don't ask again" is remembered, for this question alone.
        QTest::keyClick(m_window->tree(), Qt::Key_R, Qt::ControlModifier);
        QTRY_COMPARE(state(Web01), DomainState::Running);
        QTRY_VERIFY(action(u"forceOff"_s)->isEnabled());
        action(u"forceOff"_s)->trigger();
        QVERIFY(!dialog<QMessageBox>());
        QTRY_COMPARE(state(Web01), DomainState::ShutOff);
        QTRY_VERIFY(action(u"run"_s)->isEnabled());
        QTest::keyClick(m_window->tree(), Qt::Key_R, Qt::ControlModifier);
        QTRY_COMPARE(state(Web01), DomainState::Running);
        QTRY_VERIFY(action(u"reset"_s)->isEnabled());
        action(u"reset"_s)->trigger();
        QTRY_VERIFY(dialog<QMessageBox>());
        dialog<QMessageBox>()->reject();
    }

    void savesAndRestores()
    {
        connectHost();
        select({key(Web02)});
        QTRY_VERIFY(action(u"save"_s)->isEnabled());
        action(u"save"_s)->trigger();
        QTRY_VERIFY(record(Web02) && record(Web02)->managedSave);
        QTRY_COMPARE(action(u"run"_s)->text().remove(u'&'), u"Restore"_s);
        QCOMPARE(button(u"run"_s)->text(), u"Run"_s); // the toolbar does not jump
        QCOMPARE(ui::glyphOf(record(Web02)->state, true), ui::Glyph::Saved);
        QTRY_VERIFY(button(u"run"_s)->isEnabled());
        QTest::mouseClick(button(u"run"_s), Qt::LeftButton);
        QTRY_COMPARE(state(Web02), DomainState::Running);
    }

    void renamesWithLiveCheck()
    {
        connectHost();
        select({web01()});
        QVERIFY(!action(u"rename"_s)->isEnabled()); // it runs
        QVERIFY(action(u"rename"_s)->toolTip().contains(u"running"));
        select({key(Db01)});
        QVERIFY2(action(u"rename"_s)->isEnabled(), qPrintable(action(u"rename"_s)->toolTip()));
        QTest::keyClick(m_window->tree(), Qt::Key_F2);
        QTRY_VERIFY(dialog<ui::RenameDialog>());
        auto *name = dialog<ui::RenameDialog>()->findChild<QLineEdit *>(u"name"_s);
        auto *problem = dialog<ui::RenameDialog>()->findChild<QLabel *>(u"problem"_s);
        QVERIFY(!buttonIn(dialog<QDialog>(), u"Rename"_s)->isEnabled()); // the same name
        QTest::keyClicks(name, u"web02"_s);
        QVERIFY(!problem->text().isEmpty());
        QVERIFY(!buttonIn(dialog<QDialog>(), u"Rename"_s)->isEnabled());
        QTest::keyClicks(name, u"/x"_s);
        QVERIFY(!problem->text().isEmpty());
        name->clear();
        QTest::keyClicks(name, u"db-main"_s);
        QVERIFY2(problem->text().isEmpty(), qPrintable(problem->text()));
        QTest::keyClick(name, Qt::Key_Return);
        QTRY_COMPARE(record(Db01)->name, u"db-main"_s);
        QCOMPARE(m_window->tree()->selectedDomains(), QList{key(Db01)});
    }

    void deletesAndKeepsStorageUnlessTicked()
    {
        connectHost();
        select({key(Db01)});
        QTest::keyClick(m_window->tree(), Qt::Key_Delete);
        QTRY_VERIFY(dialog<ui::DeleteDialog>());
        auto *storage = dialog<ui::DeleteDialog>()->findChild<QTreeWidget *>(u"storage"_s);
        QTRY_COMPARE(storage->topLevelItem(0)->childCount(), 1);
        QCOMPARE(storage->topLevelItem(0)->child(0)->checkState(0), Qt::Unchecked);
        QTRY_VERIFY(buttonIn(dialog<QDialog>(), u"Delete"_s)->isEnabled());
        click(dialog<QDialog>(), u"Delete"_s);
        QTRY_VERIFY(!record(Db01));
        QTRY_COMPARE(m_inventory->count(m_host), 2);
        QTRY_COMPARE(m_jobs->runningCount(), 0);
        QCOMPARE(m_jobs->job(m_jobs->jobs().last())->state, job::JobState::Done);
    }

    void deletesManyWithOneQuestion()
    {
        connectHost();
        select({web01(), key(Web02)});
        action(u"delete"_s)->trigger();
        QTRY_VERIFY(dialog<ui::DeleteDialog>());
        QCOMPARE(dialog<ui::DeleteDialog>()->findChild<QTreeWidget *>(u"storage"_s)->topLevelItemCount(), 2);
        QTRY_VERIFY(buttonIn(dialog<QDialog>(), u"Delete"_s)->isEnabled());
        click(dialog<QDialog>(), u"Delete"_s);
        QTRY_COMPARE(m_inventory->count(m_host), 1);
    }

    void autostartShowsWhatIs()
    {
        connectHost();
        select({web01()});
        QVERIFY(!action(u"autostart"_s)->isChecked());
        action(u"autostart"_s)->trigger();
        QVERIFY(!action(u"autostart"_s)->isChecked()); // not yet
        QTRY_COMPARE(m_jobs->runningCount(), 0);
        QVERIFY2(m_jobs->job(m_jobs->jobs().last())->state == job::JobState::Done,
            qPrintable(m_jobs->job(m_jobs->jobs().last())->statusLine()));
        QTRY_VERIFY(action(u"autostart"_s)->isChecked());
        QVERIFY(record(Web01)->autostart);
    }

    void filtersWhileTyping()
    {
        connectHost();
        QTest::keyClick(m_window.get(), Qt::Key_F, Qt::ControlModifier);
        QTRY_VERIFY(filter()->hasFocus());
        QTest::keyClicks(filter(), u"state:off"_s);
        QTRY_COMPARE(tree().rowCount(host()), 1);
        QCOMPARE(tree().index(key(Db01), DomainTreeModel::NameColumn), u"db01"_s);
        filter()->clear();
        QTRY_COMPARE(tree().rowCount(host()), 3);

        QTest::keyClicks(filter(), u"nothing-like-this"_s);
        QTRY_VERIFY(m_window->findChild<QWidget *>(u"nothingFound"_s)->isVisible());
        QVERIFY(filter()->hasFocus());
        QTest::mouseClick(m_window->findChild<QPushButton *>(u"clearFilter"_s), Qt::LeftButton);
        QTRY_VERIFY(m_window->tree()->isVisible());
        QCOMPARE(tree().rowCount(host()), 3);

        QTest::keyClicks(filter(), u"web"_s);
        QTest::keyClick(filter(), Qt::Key_Return);
        QTRY_VERIFY(m_window->tree()->hasFocus());
        QCOMPARE(tree().rowCount(host()), 2);
        filter()->setFocus();
        QTest::keyClick(filter(), Qt::Key_Escape);
        QVERIFY(filter()->text().isEmpty());
    }

    void selectionSurvivesEventsAndResets()
    {
        connectHost();
        select({web01(), key(Db01)});
        QVERIFY(act([](virt::Connection &connection) { return virt::domains::suspend(connection, Web01); }));
        QTRY_COMPARE(state(Web01), DomainState::Paused);
        QCOMPARE(selected(), (QSet<virt::DomainKey>{web01(), key(Db01)}));

        // Another grouping resets the model.
        QSignalSpy reset(modelOf(), &QAbstractItemModel::modelReset);
        QTRY_VERIFY(record(Web01)->detailed);
        m_window->tree()->setGrouping(DomainTreeModel::Grouping::Tag);
        QCOMPARE(reset.count(), 1);
        QVERIFY(!m_window->tree()->isColumnHidden(DomainTreeModel::HostColumn));
        QCOMPARE(selected(), (QSet<virt::DomainKey>{web01(), key(Db01)}));
        QCOMPARE(modelOf()->indexOf(web01()).parent().data().toString(), u"web"_s);
        m_window->tree()->setGrouping(DomainTreeModel::Grouping::Host);
        QCOMPARE(reset.count(), 2);
        QCOMPARE(selected(), (QSet<virt::DomainKey>{web01(), key(Db01)}));
        QVERIFY(m_window->tree()->isExpanded(host()));
        QTRY_COMPARE(m_window->domainActions()->selection().size(), 2);
    }

    void selectionSurvivesSorting()
    {
        connectHost();
        select({web01(), key(Db01)});
        const QModelIndex current = m_window->tree()->currentIndex();
        const virt::DomainKey before = modelOf()->keyAt(current);
        // Sorting both ways and back moves rows; the selection goes with the domains.
        m_window->tree()->sortByColumn(DomainTreeModel::MemoryColumn, Qt::DescendingOrder);
        QCOMPARE(selected(), (QSet<virt::DomainKey>{web01(), key(Db01)}));
        m_window->tree()->sortByColumn(DomainTreeModel::NameColumn, Qt::DescendingOrder);
        QCOMPARE(selected(), (QSet<virt::DomainKey>{web01(), key(Db01)}));
        QCOMPARE(modelOf()->keyAt(m_window->tree()->currentIndex()), before);
    }

    void collapsedHostsStayCollapsed()
    {
        connectHost();
        m_window->tree()->collapse(host());
        QVERIFY(!m_window->tree()->isExpanded(host()));
        // A filter opens everything; without it the user's choice is back.
        QTest::keyClicks(filter(), u"web"_s);
        QTRY_COMPARE(tree().rowCount(host()), 2);
        QVERIFY(m_window->tree()->isExpanded(host()));
        filter()->clear();
        QTRY_COMPARE(tree().rowCount(host()), 3);
        QVERIFY(!m_window->tree()->isExpanded(host()));
        m_window.reset();
        makeWindow();
        QTRY_COMPARE(tree().rowCount(host()), 3);
        QVERIFY(!m_window->tree()->isExpanded(host()));
    }

    void remembersColumns()
    {
        connectHost();
        QVERIFY(m_window->tree()->isColumnHidden(DomainTreeModel::AddressesColumn));
        QVERIFY(m_window->tree()->isColumnHidden(DomainTreeModel::HostColumn));
        QMenu menu;
        m_window->tree()->fillColumnMenu(&menu);
        QVERIFY(!texts(menu).contains(u"Name"_s)); // can't be hidden
        const auto actions = menu.actions();
        for (QAction *each : actions) {
            if (each->data().toInt() == DomainTreeModel::AddressesColumn
                || each->data().toInt() == DomainTreeModel::VcpusColumn) {
                each->trigger();
            }
        }
        QVERIFY(!m_window->tree()->isColumnHidden(DomainTreeModel::AddressesColumn));
        QVERIFY(m_window->tree()->isColumnHidden(DomainTreeModel::VcpusColumn));
        m_window->tree()->setColumnWidth(DomainTreeModel::CpuColumn, 177);
        m_window->tree()->sortByColumn(DomainTreeModel::MemoryColumn, Qt::DescendingOrder);
        m_window.reset();
        makeWindow();
        QVERIFY(!m_window->tree()->isColumnHidden(DomainTreeModel::AddressesColumn));
        QVERIFY(m_window->tree()->isColumnHidden(DomainTreeModel::VcpusColumn));
        QCOMPARE(m_window->tree()->columnWidth(DomainTreeModel::CpuColumn), 177);
        QCOMPARE(m_window->tree()->header()->sortIndicatorSection(), int(DomainTreeModel::MemoryColumn));
        QTRY_COMPARE(tree().rowCount(host()), 3);
        QTRY_COMPARE(
            modelOf()->keyAt(modelOf()->index(0, 0, host())), web01()); // has the most memory, once that is read
    }

    void readsAddressesWhileTheirColumnIsShown()
    {
        connectHost();
        QVERIFY(tree().index(web01(), DomainTreeModel::AddressesColumn).isEmpty());
        QMenu menu;
        m_window->tree()->fillColumnMenu(&menu);
        const auto actions = menu.actions();
        for (QAction *each : actions) {
            if (each->data().toInt() == DomainTreeModel::AddressesColumn) {
                each->trigger();
            }
        }
        QTRY_VERIFY(tree().index(web01(), DomainTreeModel::AddressesColumn).contains(u"192.168.122."));
    }

    void jobsDockOpensByItself()
    {
        connectHost();
        QVERIFY(!m_window->jobsDock()->isVisible());
        select({web01()});
        QTest::mouseClick(button(u"pause"_s), Qt::LeftButton);
        QTRY_VERIFY(m_window->jobsDock()->isVisible());
        QCOMPARE(m_window->jobsDock()->list()->model()->rowCount(), 1);
        QTRY_COMPARE(state(Web01), DomainState::Paused);
        QTRY_VERIFY(rowLabel(u"jobTitle"_s).contains(u"web01"));
        QTRY_COMPARE(rowLabel(u"jobStatus"_s), u"done"_s);
        QTRY_COMPARE(m_window->jobsDock()->summary(), u"all done"_s);
        QTRY_COMPARE(label(u"jobCount"_s), u"Jobs: all done"_s);

        // Closed by the user it stays closed; Ctrl+J shows it.
        QTest::mouseClick(m_window->jobsDock()->findChild<QToolButton *>(u"jobsClose"_s), Qt::LeftButton);
        QVERIFY(!m_window->jobsDock()->isVisible());
        QTest::mouseClick(button(u"run"_s), Qt::LeftButton);
        QTRY_COMPARE(state(Web01), DomainState::Running);
        QVERIFY(!m_window->jobsDock()->isVisible());
        QTest::keyClick(m_window.get(), Qt::Key_J, Qt::ControlModifier);
        QTRY_VERIFY(m_window->jobsDock()->isVisible());

        QTest::mouseClick(m_window->jobsDock()->findChild<QToolButton *>(u"jobsToggle"_s), Qt::LeftButton);
        QVERIFY(m_window->jobsDock()->isCollapsed());
        QVERIFY(!m_window->jobsDock()->list()->isVisible());
        QTest::mouseClick(m_window->jobsDock()->findChild<QToolButton *>(u"jobsToggle"_s), Qt::LeftButton);
        QTRY_VERIFY(m_window->jobsDock()->list()->isVisible());
        QTRY_VERIFY(m_window->jobsDock()->findChild<QPushButton *>(u"jobsClear"_s)->isEnabled());
        QTest::mouseClick(m_window->jobsDock()->findChild<QPushButton *>(u"jobsClear"_s), Qt::LeftButton);
        QTRY_COMPARE(m_window->jobsDock()->list()->model()->rowCount(), 0);
    }

    void failedJobShowsItsErrorInFull()
    {
        connectHost();
        // Blocked by its findings: fails at once, with the reason.
        m_jobs->run(operation::planRename(m_host, *record(Db01), u"web01"_s, {u"web01"_s}));
        QTRY_VERIFY(m_window->jobsDock()->isVisible());
        QTRY_COMPARE(m_window->jobsDock()->summary(), u"1 failed"_s);
        QTRY_VERIFY(m_window->jobsDock()->findChild<QToolButton *>(u"jobMore"_s));
        auto *more = m_window->jobsDock()->findChild<QToolButton *>(u"jobMore"_s);
        auto *error = m_window->jobsDock()->findChild<QLabel *>(u"jobError"_s);
        QTRY_VERIFY(more->isVisible());
        QVERIFY(!error->isVisible());
        QTest::mouseClick(more, Qt::LeftButton);
        QTRY_VERIFY(error->isVisible());
        QVERIFY(error->textInteractionFlags().testFlag(Qt::TextSelectableByMouse));
        QVERIFY(error->text().contains(u"web01"));
    }

    void cancelsARunningJob()
    {
        job::StepRegistry slow;
        slow.add(u"slow"_s,
            {[](const job::Step &, job::StepContext &context) -> Result<> {
                 // Ends only when it is told to: a time limit keeps a broken Cancel from hanging the test.
                 QDeadlineTimer limit(20'000);
                 while (!context.isCancelled() && !limit.hasExpired()) {
                     QThread::msleep(5);
                 }
                 return fail(Error::cancelled());
             },
                {}});
        m_window.reset();
        m_jobs = std::make_unique<job::JobManager>(slow, m_hosts->provider());
        makeWindow();
        job::Plan plan;
        plan.operation = u"test"_s;
        plan.title = u"Wait for ever"_s;
        plan.steps = {{u"slow"_s, u"Wait"_s, {}, {}, 0, {}}};
        const job::JobId id = m_jobs->run(plan);
        QTRY_COMPARE(m_jobs->job(id)->state, job::JobState::Running);
        QTRY_VERIFY(m_window->jobsDock()->findChild<QPushButton *>(u"jobCancel"_s));
        QTRY_VERIFY(m_window->jobsDock()->findChild<QPushButton *>(u"jobCancel"_s)->isVisible());

        // Closing asks, because the job would end with the program.
        m_window->close();
        QVERIFY(m_window->isVisible());
        QTRY_VERIFY(dialog<QMessageBox>());
        click(dialog<QMessageBox>(), u"Keep running"_s);
        QTRY_VERIFY(!dialog<QMessageBox>());

        QTest::mouseClick(m_window->jobsDock()->findChild<QPushButton *>(u"jobCancel"_s), Qt::LeftButton);
        QTRY_COMPARE(m_jobs->job(id)->state, job::JobState::Cancelled);
        QTRY_VERIFY(!m_window->jobsDock()->findChild<QPushButton *>(u"jobCancel"_s)->isVisible());
        QVERIFY(m_window->close());
        m_window.reset();
        m_jobs = std::make_unique<job::JobManager>(m_registry, m_hosts->provider());
        makeWindow();
    }

    void opensAndKeepsVmWindows()
    {
        connectHost();
        select({key(Db01)});
        QTest::keyClick(m_window->tree(), Qt::Key_Return);
        QTRY_VERIFY(vmWindow());
        QTRY_COMPARE(vmWindow()->windowTitle(), u"db01 on Bed"_s);
        // Opening it again raises the same window.
        m_window->openVmWindow(key(Db01), ui::VmPage::Page::Xml);
        QCOMPARE(vmWindows().size(), 1);
        QVERIFY(act([](virt::Connection &connection) { return virt::domains::undefine(connection, Db01); }));
        QTRY_COMPARE(vmWindow()->windowTitle(), u"db01 on Bed (no longer there)"_s);
        QVERIFY(vmWindow()->isVisible());
        QTest::keyClick(vmWindow(), Qt::Key_W, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(!vmWindow());
    }

    void comesBackSelected()
    {
        connectHost();
        select({key(Db01)});
        QString xml;
        QVERIFY(act([&xml](virt::Connection &connection) -> Result<> {
            const auto read = virt::domains::xml(connection, Db01, virt::domains::XmlKind::Inactive);
            xml = read.value_or(QString());
            return read ? virt::domains::undefine(connection, Db01) : fail(read.error());
        }));
        QTRY_VERIFY(!modelOf()->indexOf(key(Db01)).isValid());
        QTRY_VERIFY(m_window->tree()->selectedDomains().isEmpty());
        QVERIFY(act([&xml](virt::Connection &connection) -> Result<> {
            const auto defined = virt::domains::define(connection, xml);
            return defined ? Result<>() : fail(defined.error());
        }));
        QTRY_COMPARE(m_window->tree()->selectedDomains(), QList{key(Db01)});
    }

    void doubleClickOpensVmWindow()
    {
        connectHost();
        const QRect row = m_window->tree()->visualRect(modelOf()->indexOf(web01()));
        QTest::mouseClick(m_window->tree()->viewport(), Qt::LeftButton, {}, row.center());
        QTest::mouseDClick(m_window->tree()->viewport(), Qt::LeftButton, {}, row.center());
        QTRY_VERIFY(vmWindow());
        vmWindow()->close();
        QTRY_VERIFY(!vmWindow());
    }

    void menusAreInVirtManagersOrder()
    {
        connectHost();
        QMenu menu;
        m_window->domainActions()->fillMenu(&menu);
        const QStringList expected{u"Run"_s, u"Pause"_s, u"Resume"_s, u"Shut down"_s, u"-"_s, u"Take Snapshot"_s,
            u"Migrate"_s, u"Resize"_s, u"Confirm Resize"_s, u"Revert Resize"_s, u"-"_s, u"Rename"_s,
            u"Start with the host"_s, u"Delete"_s, u"-"_s, u"Cloud-init seed"_s, u"-"_s, u"Open"_s};
        QCOMPARE(texts(menu), expected);
        const QStringList shutDown{
            u"Reboot"_s, u"Shut down"_s, u"Force reset"_s, u"Force off"_s, u"Hard reboot"_s, u"-"_s, u"Save"_s};
        QCOMPARE(texts(*menu.actions().at(3)->menu()), shutDown);
    }

    void detailsFollowTheSelection()
    {
        connectHost();
        auto *details = m_window->findChild<QStackedWidget *>(u"details"_s);
        select({web01()});
        QTRY_COMPARE(QLatin1StringView(details->currentWidget()->metaObject()->className()), "vireo::ui::VmPage"_L1);
        select({web01(), key(Web02)});
        QTRY_VERIFY(m_window->findChild<QLabel *>(u"summaryTitle"_s)->isVisible());
        QTRY_COMPARE(label(u"summaryTitle"_s), u"2 virtual machines selected"_s);
        m_window->showHost(m_host);
        QTRY_COMPARE(QLatin1StringView(details->currentWidget()->metaObject()->className()), "vireo::ui::HostPage"_L1);
        action(u"detailsPane"_s)->trigger();
        QVERIFY(!details->isVisible());
        m_window.reset();
        makeWindow();
        QVERIFY(!m_window->findChild<QStackedWidget *>(u"details"_s)->isVisible());
        QTRY_VERIFY(modelOf()->indexOf(web01()).isValid());
        m_window->showDomain(web01(), ui::VmPage::Page::Xml);
        QVERIFY(m_window->findChild<QStackedWidget *>(u"details"_s)->isVisible());
    }

    void actionsSayWhyNot()
    {
        QVERIFY(!action(u"run"_s)->isEnabled());
        QVERIFY(action(u"run"_s)->toolTip().contains(u"No virtual machine"));
        connectHost();
        select({web01()});
        QVERIFY(!action(u"run"_s)->isEnabled());
        QVERIFY(action(u"run"_s)->toolTip().contains(u"already running"));
        m_hosts->host(m_host)->disconnectFromHost();
        QTRY_COMPARE(m_inventory->totalCount(), 0);
        QTRY_VERIFY(action(u"run"_s)->toolTip().contains(u"No virtual machine"));
    }

    void signsHaveContrast_data()
    {
        QTest::addColumn<QColor>("base");
        QTest::addColumn<QColor>("text");
        QTest::newRow("white") << QColor(Qt::white) << QColor(Qt::black);
        QTest::newRow("breeze light") << QColor(0xfcfcfc) << QColor(0x232629);
        QTest::newRow("breeze dark") << QColor(0x1b1e20) << QColor(0xfcfcfc);
        QTest::newRow("fusion dark") << QColor(0x2d2d2d) << QColor(0xffffff);
        QTest::newRow("adwaita dark") << QColor(0x303030) << QColor(0xeeeeec);
    }
    void signsHaveContrast()
    {
        QFETCH(QColor, base);
        QFETCH(QColor, text);
        QPalette palette;
        palette.setColor(QPalette::Base, base);
        palette.setColor(QPalette::Text, text);
        palette.setColor(QPalette::ButtonText, text);
        for (int glyph = 0; glyph <= int(ui::Glyph::Snapshot); ++glyph) {
            const double ratio = ui::colours::contrast(ui::glyphColor(ui::Glyph(glyph), palette), base);
            QVERIFY2(ratio >= 4.5, qPrintable(u"glyph %1: %2"_s.arg(glyph).arg(ratio)));
        }
        QVERIFY(ui::colours::contrast(ui::mutedColor(palette, false), base) >= 4.5);
    }

private:
    struct TreeReader {
        DomainTreeModel *model;
        int rowCount(const QModelIndex &parent) const { return model->rowCount(parent); }
        QString index(const virt::DomainKey &key, int column) const
        {
            return model->indexOf(key, column).data().toString();
        }
    };

    void makeWindow()
    {
        const ui::UiContext context{*m_hosts, *m_inventory, *m_jobs, *m_events, *m_settings};
        m_window = std::make_unique<ui::MainWindow>(context);
        m_window->resize(1300, 800);
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    void connectHost()
    {
        virt::HostSettings settings;
        settings.uri = u"test://"_s + m_directory.filePath(u"node.xml"_s);
        settings.name = u"Bed"_s;
        m_host = m_hosts->add(settings);
        m_hosts->host(m_host)->connectToHost();
        QTRY_VERIFY(m_hosts->host(m_host)->isConnected());
        QTRY_COMPARE(m_inventory->count(m_host), 3);
        QTRY_COMPARE(modelOf()->rowCount(host()), 3);
        m_window->tree()->setFocus();
    }

    DomainTreeModel *modelOf() const { return qobject_cast<DomainTreeModel *>(m_window->tree()->model()); }
    TreeReader tree() const { return {modelOf()}; }
    QModelIndex host() const { return modelOf()->indexOfHost(m_host); }
    virt::DomainKey key(const QUuid &domain) const { return {m_host, domain}; }
    virt::DomainKey web01() const { return key(Web01); }
    const virt::DomainRecord *record(const QUuid &domain) const { return m_inventory->domain(key(domain)); }
    DomainState state(const QUuid &domain) const
    {
        return record(domain) ? record(domain)->state : DomainState::NoState;
    }
    ui::FilterEdit *filter() const { return m_window->findChild<ui::FilterEdit *>(); }
    QAction *action(const QString &name) const { return m_window->findChild<QAction *>(name); }
    QString label(const QString &name) const { return m_window->findChild<QLabel *>(name)->text(); }
    QString rowLabel(const QString &name) const
    {
        const auto *found = m_window->jobsDock()->findChild<QLabel *>(name);
        return found ? found->text() : QString();
    }
    QSet<virt::DomainKey> selected() const
    {
        const QList<virt::DomainKey> keys = m_window->tree()->selectedDomains();
        return QSet<virt::DomainKey>(keys.begin(), keys.end());
    }

    /** Keys of menus work in the active window only; this platform does not give it back when a dialog closes. */
    void activate() const
    {
        m_window->activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }

    /** The toolbar's button for an action, or a button by its own name. */
    QToolButton *button(const QString &name) const
    {
        if (auto *own = m_window->findChild<QToolButton *>(name)) {
            return own;
        }
        auto *bar = m_window->findChild<QToolBar *>(u"mainToolBar"_s);
        return qobject_cast<QToolButton *>(bar->widgetForAction(action(name)));
    }

    /** The open dialog of that kind. */
    template<typename T>
    T *dialog() const
    {
        const auto widgets = QApplication::topLevelWidgets();
        for (QWidget *widget : widgets) {
            if (auto *found = qobject_cast<T *>(widget); found && found->isVisible() && widget->inherits("QDialog")) {
                return found;
            }
        }
        return nullptr;
    }
    QPushButton *buttonIn(const QWidget *parent, const QString &text) const
    {
        const auto buttons = parent->findChildren<QPushButton *>();
        for (QPushButton *each : buttons) {
            if (each->text().remove(u'&') == text) {
                return each;
            }
        }
        return nullptr;
    }
    void click(const QWidget *parent, const QString &text) const
    {
        QPushButton *found = buttonIn(parent, text);
        QVERIFY2(found, qPrintable(text));
        QTest::mouseClick(found, Qt::LeftButton);
    }

    QList<ui::VmWindow *> vmWindows() const
    {
        QList<ui::VmWindow *> found;
        const auto widgets = QApplication::topLevelWidgets();
        for (QWidget *widget : widgets) {
            if (auto *window = qobject_cast<ui::VmWindow *>(widget); window && window->isVisible()) {
                found.append(window);
            }
        }
        return found;
    }
    ui::VmWindow *vmWindow() const { return vmWindows().value(0); }

    /** As a user does: the first row with a click, the others with Ctrl. */
    void select(const QList<virt::DomainKey> &keys) const
    {
        Qt::KeyboardModifiers modifiers;
        for (const virt::DomainKey &each : keys) {
            const QModelIndex index = modelOf()->indexOf(each);
            QVERIFY(index.isValid());
            m_window->tree()->scrollTo(index);
            QTest::mouseClick(
                m_window->tree()->viewport(), Qt::LeftButton, modifiers, m_window->tree()->visualRect(index).center());
            modifiers = Qt::ControlModifier;
        }
        const QSet<virt::DomainKey> wanted(keys.begin(), keys.end());
        QCOMPARE(selected(), wanted);
        QTRY_VERIFY(m_window->domainActions()->selection() == m_window->tree()->selectedDomains());
    }

    /** Does something behind the window's back, as another client would. */
    bool act(const std::function<Result<>(virt::Connection &)> &work)
    {
        std::optional<bool> done;
        m_hosts->host(m_host)->ask<bool>(
            this, [work](virt::Connection &connection) -> Result<bool> { return work(connection).has_value(); },
            [&done](const Result<bool> &result) { done = result.value_or(false); });
        return QTest::qWaitFor([&done] { return done.has_value(); }, 10'000) && *done;
    }

    QTemporaryDir m_directory;
    std::unique_ptr<virt::EventLoop> m_loop;
    job::StepRegistry m_registry;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<virt::Hosts> m_hosts;
    std::unique_ptr<virt::Inventory> m_inventory;
    std::unique_ptr<job::JobManager> m_jobs;
    std::unique_ptr<model::EventLog> m_events;
    std::unique_ptr<ui::MainWindow> m_window;
    virt::HostId m_host;
};

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
