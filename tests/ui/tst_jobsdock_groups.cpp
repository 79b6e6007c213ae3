// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QLabel>
#include <QListView>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QToolButton>
#include <QtTest>

#include "backend/job/jobgroup.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/eventmodel.h"
#include "model/jobmodel.h"
#include "ui/jobsdock.h"
#include "ui/mainwindow.h"

using namespace vireo;
using namespace Qt::StringLiterals;
using job::JobState;

namespace {

constexpr quint64 Bytes = 1000;

/** Moves half of its bytes, then stands until it is cancelled or let go. */
job::StepRegistry registry(const std::shared_ptr<std::atomic<int>> &allowed)
{
    job::StepRegistry registry;
    registry.add(u"move"_s,
        {[allowed](const job::Step &step, job::StepContext &context) -> Result<> {
             context.report(Bytes / 2, Bytes);
             const int turn = step.parameters.value("turn"_L1).toInt();
             while (!context.isCancelled() && allowed->load() <= turn) {
                 QThread::msleep(2);
             }
             return context.isCancelled() ? fail(Error::cancelled()) : Result<>();
         },
            {}});
    return registry;
}

} // namespace

/** The row of several jobs that were started together, pressed as a user does. */
class TestJobsDockGroups final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    QTemporaryDir m_directory;
    std::shared_ptr<std::atomic<int>> m_allowed;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<virt::Hosts> m_hosts;
    std::unique_ptr<virt::Inventory> m_inventory;
    std::unique_ptr<job::JobManager> m_jobs;
    std::unique_ptr<model::EventLog> m_events;
    std::unique_ptr<ui::MainWindow> m_window;

    QList<job::JobId> run(int count, int atOnce)
    {
        QList<job::Plan> plans;
        for (int i = 0; i < count; ++i) {
            job::Plan plan;
            plan.operation = u"migrate"_s;
            plan.title = u"Migrate vm%1"_s.arg(i + 1);
            plan.domain = QUuid::createUuid();
            plan.domainName = u"vm%1"_s.arg(i + 1);
            plan.queue = u"pair"_s;
            plan.queueLimit = atOnce;
            plan.steps = {{u"move"_s, u"Migrate to rack-8"_s, {}, {}, Bytes, {{u"turn"_s, i}}}};
            plans.append(plan);
        }
        job::groupTogether(plans, u"Migrate %1 VMs to rack-8"_s.arg(count));
        QList<job::JobId> ids;
        for (const job::Plan &plan : plans) {
            ids.append(m_jobs->run(plan));
        }
        return ids;
    }

    QWidget *row(const QString &title) const
    {
        const auto rows = m_window->jobsDock()->findChildren<QWidget *>(u"jobRow"_s);
        const auto found = std::find_if(rows.cbegin(), rows.cend(),
            [&title](const QWidget *row) { return row->isVisible() && row->accessibleName() == title; });
        return found == rows.cend() ? nullptr : *found;
    }
    QString status(const QString &title) const
    {
        const QWidget *its = row(title);
        return its ? its->accessibleDescription() : QString();
    }
    void press(const QString &title, const QString &name)
    {
        QTRY_VERIFY2(row(title), qPrintable(title));
        auto *button = row(title)->findChild<QAbstractButton *>(name);
        QVERIFY(button);
        QTRY_VERIFY(button->isVisible() && button->isEnabled());
        QTest::mouseClick(button, Qt::LeftButton);
    }
    QMessageBox *question() const { return m_window->findChild<QMessageBox *>(u"cancelGroupQuestion"_s); }

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }
    void cleanupTestCase() { m_loop.reset(); }

    void init()
    {
        m_settings = std::make_unique<QSettings>(m_directory.filePath(u"settings.ini"_s), QSettings::IniFormat);
        m_settings->clear();
        m_allowed = std::make_shared<std::atomic<int>>(0);
        m_hosts = std::make_unique<virt::Hosts>();
        m_inventory = std::make_unique<virt::Inventory>(*m_hosts);
        m_jobs = std::make_unique<job::JobManager>(registry(m_allowed), m_hosts->provider());
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

    void oneRowForAll()
    {
        const QString all = u"Migrate 5 VMs to rack-8"_s;
        const QList<job::JobId> ids = run(5, 2);
        QTRY_VERIFY(m_window->jobsDock()->isVisible());
        QTRY_VERIFY(status(all).startsWith(u"0 of 5 done, 2 running, 3 waiting"_s));
        QVERIFY(!row(u"Migrate vm1"_s));
        QCOMPARE(m_window->jobsDock()->list()->model()->rowCount(), 1);
        QTRY_VERIFY(m_window->jobsDock()->summary().startsWith(u"5 jobs, "_s)); // all, not the rows
        auto *bar = row(all)->findChild<QProgressBar *>();
        QTRY_COMPARE(bar->value(), 200); // two halves of five
        *m_allowed = 1;                  // the first ends, the third begins
        QTRY_VERIFY(status(all).startsWith(u"1 of 5 done, 2 running, 2 waiting"_s));
        QTRY_COMPARE(bar->value(), 400);
        QVERIFY(!m_window->jobsDock()->findChild<QPushButton *>(u"jobsClear"_s)->isEnabled());

        press(all, u"jobMore"_s);
        QTRY_VERIFY(row(u"Migrate vm1"_s) && row(u"Migrate vm3"_s));
        QTRY_COMPARE(status(u"Migrate vm1"_s), u"done"_s);
        QVERIFY(status(u"Migrate vm3"_s).startsWith(u"Migrate to rack-8"_s));
        // Below it and to the right of it.
        const auto left = [](const QWidget *row) {
            return row->findChild<QLabel *>(u"jobTitle"_s)->x();
        };
        QVERIFY(left(row(u"Migrate vm1"_s)) > left(row(all)));
        QVERIFY(row(u"Migrate vm1"_s)->y() > row(all)->y());
        // One of them alone.
        press(u"Migrate vm2"_s, u"jobCancel"_s);
        QTRY_COMPARE(m_jobs->job(ids.at(1))->state, JobState::Cancelled);
        QTRY_VERIFY(status(all).startsWith(u"1 of 5 done, 2 running, 1 waiting, 1 cancelled"_s));
        press(all, u"jobMore"_s);
        QTRY_VERIFY(!row(u"Migrate vm1"_s));
        *m_allowed = 5;
        QTRY_COMPARE(status(all), u"4 of 5 done, 1 cancelled"_s);
        QTRY_VERIFY(m_window->jobsDock()->findChild<QPushButton *>(u"jobsClear"_s)->isEnabled());
        QTest::mouseClick(m_window->jobsDock()->findChild<QPushButton *>(u"jobsClear"_s), Qt::LeftButton);
        QTRY_COMPARE(m_window->jobsDock()->list()->model()->rowCount(), 0);
    }

    void cancelAllSaysWhatThatMeans()
    {
        const QString all = u"Migrate 4 VMs to rack-8"_s;
        const QList<job::JobId> ids = run(4, 2);
        *m_allowed = 1;
        QTRY_VERIFY(status(all).startsWith(u"1 of 4 done, 2 running, 1 waiting"_s));
        QCOMPARE(row(all)->findChild<QPushButton *>(u"jobCancel"_s)->text().remove(u'&'), u"Cancel all"_s);
        press(all, u"jobCancel"_s);
        QTRY_VERIFY(question() && question()->isVisible());
        QCOMPARE(question()->text(), u"Migrate 4 VMs to rack-8: 1 of 4 done, 2 running, 1 waiting."_s);
        QCOMPARE(question()->informativeText(),
            u"The 2 that run are stopped and undone. The one that waits is not begun. The one that is done stays as it "
            "is."_s);
        QTest::keyClick(question(), Qt::Key_Escape);
        QTRY_VERIFY(!question());
        QCOMPARE(m_jobs->runningCount(), 3);

        press(all, u"jobCancel"_s);
        QTRY_VERIFY(question() && question()->isVisible());
        *m_allowed = 2; // it goes on behind the question, which says so
        QTRY_VERIFY(question()->text().contains(u"2 of 4 done, 2 running"_s));
        const auto buttons = question()->findChildren<QPushButton *>();
        const auto act = std::find_if(buttons.cbegin(), buttons.cend(),
            [](const QPushButton *button) { return button->text().remove(u'&') == u"Cancel all"_s; });
        QVERIFY(act != buttons.cend());
        QTest::mouseClick(*act, Qt::LeftButton);
        QTRY_COMPARE(m_jobs->runningCount(), 0);
        QTRY_COMPARE(status(all), u"2 of 4 done, 2 cancelled"_s);
        QCOMPARE(m_jobs->job(ids.at(3))->state, JobState::Cancelled);
        QVERIFY(!row(all)->findChild<QPushButton *>(u"jobCancel"_s)->isVisible());
    }
};

QTEST_MAIN(TestJobsDockGroups)
#include "tst_jobsdock_groups.moc"
