// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QComboBox>
#include <QElapsedTimer>
#include <QPointer>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTreeView>

#include "tests/system/migrationhosts.h"
#include "tests/system/wholeprogram.h"
#include "ui/migratewizard.h"
#include "ui/migrationview.h"
#include "ui/planpage.h"
#include "ui/planview.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::MigrationHosts;
using test::Program;

/// An operator moves a running guest from A to B and back, with its disk, through the real window; and steers one that
/// does not want to end. The guest's heartbeat goes on, and it still reads what it wrote.
class TestMigrateWindowSystem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=20:24"_s}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 2, 77));
        m_program = std::make_unique<Program>(m_home.path() + u"/vireo.conf"_s);
        for (const QString &name : {MigrationHosts::a(), MigrationHosts::b()}) {
            virt::HostSettings settings;
            settings.uri = m_hosts->uri(name);
            settings.name = u"Host %1"_s.arg(name);
            const virt::HostId id = m_program->hosts.add(settings);
            m_program->hosts.host(id)->connectToHost();
            m_ids.insert(name, id);
        }
        QTRY_VERIFY_WITH_TIMEOUT(m_program->inventory.domain(key(u"A"_s)), 20000);
        QTRY_VERIFY_WITH_TIMEOUT(m_program->hosts.host(m_ids.value(u"B"_s))->isConnected(), 20000);
        m_program->window.resize(1400, 900);
        m_program->window.show();
        QVERIFY(QTest::qWaitForWindowActive(&m_program->window));
        m_program->window.showDomain(key(u"A"_s), ui::VmPage::Page::Overview);
        QTRY_COMPARE(shown(), key(u"A"_s));
    }
    void cleanupTestCase()
    {
        m_program.reset();
        m_hosts.reset();
    }

    void thereWithItsDisk() { STEP(move(u"A"_s, u"B"_s)); }
    void andBack()
    {
        QVERIFY(m_hosts->writes(u"hda"_s, 9, 3, 78));
        STEP(move(u"B"_s, u"A"_s));
    }

    /** More is written than a limited link can carry: nothing ends by itself, and the levers do what they say. */
    void steered()
    {
        constexpr int narrow = 12; // MiB/s
        STEP(begin(u"A"_s, u"Patient"_s, narrow));
        const QPointer<ui::MigrationView> view = running();
        QVERIFY(view);
        QTRY_VERIFY_WITH_TIMEOUT(isLive() && picture()->history.round() > 3, 20000);
        QVERIFY(picture()->history.fraction() < 1);
        const auto limits = view->findChildren<QSpinBox *>();
        const auto downtime =
            std::ranges::find_if(limits, [](const QSpinBox *box) { return box->suffix() == " ms"_L1; });
        QVERIFY(downtime != limits.end());
        (*downtime)->setValue(400);
        STEP(click(view->findChild<QPushButton *>(u"setDowntime"_s)));
        QTRY_COMPARE_WITH_TIMEOUT(picture()->maxDowntimeMs, quint64(400), 20000);
        QCOMPARE(m_hosts->runsOn(), u"A"_s);
        STEP(click(view->findChild<QPushButton *>(u"abortMigration"_s)));
        STEP(click(view->findChild<QPushButton *>(u"releaseLever"_s)));
        QTRY_VERIFY_WITH_TIMEOUT(m_program->jobs.runningCount() == 0, 60000);
        QVERIFY2(lastJob().state == job::JobState::Cancelled, MigrationHosts::text(lastJob()).constData());
        QVERIFY(lastJob().remains.isEmpty());
        QCOMPARE(m_hosts->existsOn(), u"A"_s);
        QCOMPARE(m_hosts->wentOn(), QString());
        QCOMPARE(m_hosts->orphans(), QStringList());
        QVERIFY(m_hosts->sees());
    }

private:
    virt::DomainKey key(const QString &host) const { return {m_ids.value(host), m_hosts->uuid()}; }
    virt::DomainKey shown() const { return m_program->window.findChild<ui::VmPage *>()->domain(); }
    const operation::MigrationPicture *picture() const { return m_program->migrations.picture(key(u"A"_s)); }
    bool isLive() const { return picture() && picture()->isOurs && !picture()->history.isOver(); }
    job::JobRecord lastJob() const { return *m_program->jobs.job(m_program->jobs.jobs().last()); }

    static ui::MigrateWizard *opened()
    {
        const auto windows = QApplication::topLevelWidgets();
        for (QWidget *window : windows) {
            if (auto *wizard = qobject_cast<ui::MigrateWizard *>(window); wizard && wizard->isVisible()) {
                return wizard;
            }
        }
        return nullptr;
    }
    ui::MigrationView *running() const
    {
        QPointer<ui::MigrationView> found;
        [&] {
            QTRY_VERIFY_WITH_TIMEOUT(opened() && opened()->findChild<ui::MigrationView *>(), 20000);
            found = opened()->findChild<ui::MigrationView *>();
            QTRY_VERIFY_WITH_TIMEOUT(found && found->isVisible(), 20000);
        }();
        return found;
    }
    static void click(QPushButton *button)
    {
        QVERIFY(button);
        QTRY_VERIFY2_WITH_TIMEOUT(button->isEnabled() && button->isVisible(),
            qPrintable(button->text() + u": "_s + button->toolTip()), 30000);
        QTest::mouseClick(button, Qt::LeftButton);
    }

    /** Ctrl+M, and through the pages to the act. */
    void begin(const QString &from, const QString &policy, int mebibytesPerSecond = 0)
    {
        m_program->window.activateWindow();
        QTRY_VERIFY(m_program->window.isActiveWindow());
        QTRY_COMPARE_WITH_TIMEOUT(shown(), key(from), 20000);
        STEP(test::press(Qt::Key_M, Qt::ControlModifier));
        QTRY_VERIFY(opened());
        const QPointer<ui::MigrateWizard> wizard = opened();
        QTRY_COMPARE_WITH_TIMEOUT(wizard->state().matrix().readingCount(), 0, 30000);
        QTRY_COMPARE(wizard->state().chosen(), m_ids.value(MigrationHosts::other(from)));
        STEP(click(test::button(wizard, u"Next"_s)));
        const auto boxesOfMethod = wizard->findChildren<QSpinBox *>();
        const auto *view = wizard->findChild<ui::MigrationView *>(); // it has such a field too
        const auto bandwidth = std::ranges::find_if(boxesOfMethod, [view](const QSpinBox *box) {
            return box->accessibleName() == "Bandwidth limit"_L1 && (!view || !view->isAncestorOf(box));
        });
        QVERIFY(bandwidth != boxesOfMethod.end());
        (*bandwidth)->setValue(mebibytesPerSecond);
        QCOMPARE(wizard->state().choices().bandwidth, static_cast<quint64>(mebibytesPerSecond) << 20U);
        STEP(click(test::button(wizard, u"Next"_s)));
        const auto boxes = wizard->findChildren<QComboBox *>();
        const auto found = std::ranges::find_if(
            boxes, [](const QComboBox *box) { return box->isVisible() && box->accessibleName() == "Policy"_L1; });
        QVERIFY(found != boxes.end());
        QComboBox *policies = *found;
        policies->setCurrentIndex(policies->findText(policy));
        QCOMPARE(policies->currentText(), policy);
        Q_EMIT policies->activated(policies->currentIndex());
        STEP(click(test::button(wizard, u"Next"_s)));
        QTRY_VERIFY_WITH_TIMEOUT(wizard->planPage()->plan(), 30000);
        auto *grid = wizard->findChild<QTreeView *>(u"preflight"_s);
        QVERIFY(grid && grid->model()->rowCount() > 10);
        QVERIFY2(!wizard->planPage()->plan()->isBlocked(), qPrintable(wizard->planPage()->reason()));
        STEP(click(test::button(wizard, u"Migrate"_s)));
    }

    void move(const QString &from, const QString &to)
    {
        const int before = m_hosts->heartbeat();
        STEP(begin(from, u"Steady"_s));
        const QPointer<ui::MigrateWizard> wizard = opened();
        QTRY_VERIFY2_WITH_TIMEOUT(
            !wizard, qPrintable(m_program->jobs.jobs().isEmpty() ? QString() : lastJob().statusLine()), 90000);
        QVERIFY2(lastJob().state == job::JobState::Done, MigrationHosts::text(lastJob()).constData());
        QCOMPARE(m_hosts->runsOn(), to);
        QCOMPARE(m_hosts->existsOn(), to);
        QVERIFY(m_hosts->isPersistent(to));
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->heartbeat() > before);
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->compare(u"hda"_s, to), QString());
        QCOMPARE(m_hosts->orphans(), QStringList());
        const operation::MigrationPicture *shownLast = m_program->migrations.picture(key(from));
        QVERIFY(shownLast);
        QCOMPARE(shownLast->history.phase(), migration::Phase::Done);
        QVERIFY(shownLast->history.fraction() >= 1);
        // The selection goes with it, and its page tells how it went.
        QTRY_COMPARE_WITH_TIMEOUT(shown(), key(to), 20000);
    }

    QTemporaryDir m_home;
    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<Program> m_program;
    QHash<QString, virt::HostId> m_ids;
};

QTEST_MAIN(TestMigrateWindowSystem)
#include "tst_migratewindow_system.moc"
