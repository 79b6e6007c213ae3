// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QApplication>
#include <QMessageBox>
#include <QPointer>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTimer>
#include <QtTest>

#include "backend/job/jobmanager.h"
#include "backend/job/journal.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/eventmodel.h"
#include "ui/mainwindow.h"

using namespace vireo;
using namespace Qt::StringLiterals;
using job::JobState;

namespace {

constexpr int Patience = 20'000; ///< ms; a broken Quit must not hang the test

/** Steps that end only when they are told to: "alone" is what a peer-to-peer migration is, "direct" what ends with the
 *  process. */
job::StepRegistry registry(const std::shared_ptr<std::atomic<bool>> &over)
{
    const auto wait = [over](job::StepContext &context) -> Result<> {
        while (!context.isCancelled() && !over->load()) {
            QThread::msleep(2);
        }
        return fail(Error::cancelled());
    };
    const auto undo = [](const job::Step &, job::StepContext &context) {
        return context.note(u"undone"_s, true);
    };
    job::StepRegistry registry;
    registry.add(u"alone"_s,
        {[wait](const job::Step &, job::StepContext &context) {
             context.goesOnAlone(true);
             return wait(context);
         },
            undo});
    registry.add(u"direct"_s, {[wait](const job::Step &, job::StepContext &context) { return wait(context); }, undo});
    return registry;
}

} // namespace

/** What the main window asks when it is closed while jobs run, with a journal; and what becomes of the jobs. */
class TestQuitting final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    std::shared_ptr<std::atomic<bool>> m_over; ///< the process ends: only then what goes on alone has lost its job
    std::unique_ptr<QTemporaryDir> m_state;
    std::shared_ptr<const job::Journal> m_journal;
    std::unique_ptr<QSettings> m_settings;
    std::unique_ptr<virt::Hosts> m_hosts;
    std::unique_ptr<virt::Inventory> m_inventory;
    std::unique_ptr<job::JobManager> m_jobs;
    std::unique_ptr<model::EventLog> m_events;
    std::unique_ptr<ui::MainWindow> m_window;
    const virt::HostId m_host = QUuid::createUuid();

    job::JobId run(const QString &kind)
    {
        job::Plan plan;
        plan.operation = u"migrate"_s;
        plan.title = u"Migrate one"_s;
        plan.host = m_host;
        plan.domain = QUuid::createUuid();
        plan.steps = {{kind, u"Migrate"_s, {}, u"It stays"_s, 0, {}}};
        return m_jobs->run(plan);
    }

    bool stands(const job::JobId &id, const QString &kind) const
    {
        const job::JobRecord *job = m_jobs->job(id);
        return job->state == JobState::Running && job->currentStep == 0 && job->goesOnAlone == (kind == "alone"_L1);
    }

    QMessageBox *question() const { return m_window->findChild<QMessageBox *>(u"quitQuestion"_s); }
    static QPushButton *button(const QMessageBox &box, const QString &text)
    {
        const auto buttons = box.findChildren<QPushButton *>();
        const auto found = std::find_if(buttons.cbegin(), buttons.cend(),
            [&text](const QPushButton *each) { return each->text().remove(u'&') == text; });
        return found == buttons.cend() ? nullptr : *found;
    }

    void end()
    {
        m_window.reset();
        m_events.reset();
        m_jobs.reset();
        m_inventory.reset();
        m_hosts.reset();
    }

private Q_SLOTS:
    void initTestCase()
    {
        QApplication::setQuitOnLastWindowClosed(false); // only what was confirmed quits
        m_loop = std::make_unique<virt::EventLoop>();
    }
    void cleanupTestCase() { m_loop.reset(); }

    void init()
    {
        m_over = std::make_shared<std::atomic<bool>>(false);
        m_state = std::make_unique<QTemporaryDir>();
        m_journal = std::make_shared<const job::Journal>(m_state->filePath(u"journal"_s));
        m_settings = std::make_unique<QSettings>(m_state->filePath(u"settings.ini"_s), QSettings::IniFormat);
        m_hosts = std::make_unique<virt::Hosts>();
        m_inventory = std::make_unique<virt::Inventory>(*m_hosts);
        const job::JournalAccess access{m_journal, [](const virt::HostId &) { return u"test:///default"_s; },
            [this](const QString &) {
                return m_host;
            }};
        m_jobs = std::make_unique<job::JobManager>(registry(m_over), m_hosts->provider(), access);
        m_events = std::make_unique<model::EventLog>(*m_hosts, m_jobs.get());
        m_window =
            std::make_unique<ui::MainWindow>(ui::UiContext{*m_hosts, *m_inventory, *m_jobs, *m_events, *m_settings});
        m_window->show();
        QVERIFY(QTest::qWaitForWindowActive(m_window.get()));
    }
    void cleanup()
    {
        end();
        *m_over = true;
    }

    void asks_data()
    {
        QTest::addColumn<QStringList>("kinds");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("consequence");
        QTest::addColumn<QString>("act");
        const QString quit = u"Quit"_s;
        const QString cancel = u"Cancel jobs and quit"_s;
        QTest::newRow("one that goes on")
            << QStringList{u"alone"_s} << u"One job has not ended yet."_s
            << u"The host goes on with the migration without Vireo: the next start shows how it went."_s << quit;
        QTest::newRow("two that go on")
            << QStringList{u"alone"_s, u"alone"_s} << u"2 jobs have not ended yet."_s
            << u"The hosts go on with 2 migrations without Vireo: the next start shows how they went."_s << quit;
        QTest::newRow("one that ends with the program")
            << QStringList{u"direct"_s} << u"One job has not ended yet."_s
            << u"Quitting cancels it and undoes what it has done so far."_s << u"Cancel job and quit"_s;
        QTest::newRow("two that end with the program")
            << QStringList{u"direct"_s, u"direct"_s} << u"2 jobs have not ended yet."_s
            << u"Quitting cancels them and undoes what they have done so far."_s << cancel;
        QTest::newRow("one of each")
            << QStringList{u"alone"_s, u"direct"_s} << u"2 jobs have not ended yet."_s
            << u"The host goes on with the migration without Vireo: the next start shows how it went. Quitting cancels "
               "the other one and undoes what it has done so far."_s
            << u"Cancel the other and quit"_s;
        QTest::newRow("one that goes on, two that do not")
            << QStringList{u"direct"_s, u"alone"_s, u"direct"_s} << u"3 jobs have not ended yet."_s
            << u"The host goes on with the migration without Vireo: the next start shows how it went. Quitting cancels "
               "the others and undoes what they have done so far."_s
            << u"Cancel the others and quit"_s;
    }

    void asks()
    {
        QFETCH(const QStringList, kinds);
        QFETCH(const QString, text);
        QFETCH(const QString, consequence);
        QFETCH(const QString, act);
        QList<job::JobId> ids;
        for (const QString &kind : kinds) {
            ids.append(run(kind));
            QTRY_VERIFY(stands(ids.constLast(), kind));
        }

        QVERIFY(!m_window->close());
        QTRY_VERIFY(question() && question()->isVisible());
        QVERIFY(!m_window->close()); // asks once
        QCOMPARE(m_window->findChildren<QMessageBox *>().size(), 1);
        QCOMPARE(question()->text(), text);
        QCOMPARE(question()->informativeText(), consequence);
        QVERIFY(question()->defaultButton() == button(*question(), u"Keep running"_s));
        QTest::keyClick(question(), Qt::Key_Escape);
        QTRY_VERIFY(!question());
        for (qsizetype i = 0; i < ids.size(); ++i) {
            QVERIFY(stands(ids.at(i), kinds.at(i)));
        }

        QVERIFY(!m_window->close());
        QTRY_VERIFY(question() && question()->isVisible());
        QTest::mouseClick(button(*question(), u"Keep running"_s), Qt::LeftButton);
        QTRY_VERIFY(!question());
        QVERIFY(m_window->isVisible());

        QVERIFY(!m_window->close());
        QTRY_VERIFY(question() && question()->isVisible());
        const QPointer<QPushButton> quit = button(*question(), act);
        QVERIFY(quit);
        QTimer::singleShot(0, quit, [quit] { QTest::mouseClick(quit, Qt::LeftButton); });
        QTimer late;
        late.setSingleShot(true);
        connect(&late, &QTimer::timeout, qApp, [] { QCoreApplication::exit(1); });
        late.start(Patience);
        QCOMPARE(QApplication::exec(), 0); // the program ends
        late.stop();
        QVERIFY(!m_window->isVisible());
        end();

        *m_over = true;

        // What its end left behind: the next start finds those that went on, and nothing of the others.
        for (qsizetype i = 0; i < ids.size(); ++i) {
            const bool alone = kinds.at(i) == "alone"_L1;
            const auto state = [this, &ids, i] {
                const auto entry = m_journal->read(ids.at(i));
                return entry ? entry->record.state : JobState::Queued;
            };
            QTRY_COMPARE(state(), alone ? JobState::Interrupted : JobState::Cancelled);
            const auto entry = m_journal->read(ids.at(i));
            QVERIFY(entry);
            QCOMPARE(entry->record.results.contains(u"undone"_s), !alone);
        }
    }

    void whatIsSaidFollowsTheJobs()
    {
        const job::JobId first = run(u"direct"_s);
        const job::JobId second = run(u"direct"_s);
        QTRY_VERIFY(stands(first, u"direct"_s) && stands(second, u"direct"_s));
        QVERIFY(!m_window->close());
        QTRY_VERIFY(question() && question()->isVisible());
        QVERIFY(button(*question(), u"Cancel jobs and quit"_s));
        m_jobs->cancel(first);
        QTRY_COMPARE(question()->text(), u"One job has not ended yet."_s);
        QVERIFY(button(*question(), u"Cancel job and quit"_s));
        m_jobs->cancel(second);
        QTRY_COMPARE(question()->text(), u"All jobs have ended meanwhile."_s);
        QVERIFY(question()->informativeText().isEmpty());
        QTest::mouseClick(button(*question(), u"Keep running"_s), Qt::LeftButton);
        QTRY_VERIFY(!question());
    }

    void asksNothingWhenNothingRuns()
    {
        QVERIFY(m_window->close());
        QVERIFY(!question());
    }
};

QTEST_MAIN(TestQuitting)
#include "tst_quitting.moc"
