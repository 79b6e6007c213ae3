// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QElapsedTimer>
#include <QLineEdit>
#include <QPointer>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QToolBar>

#include "model/snapshottreemodel.h"
#include "tests/system/snapshothost.h"
#include "tests/system/wholeprogram.h"
#include "ui/deletesnapshotswizard.h"
#include "ui/exportsnapshotwizard.h"
#include "ui/planpage.h"
#include "ui/revertsnapshotwizard.h"
#include "ui/snapshotspage.h"
#include "ui/snapshottreeview.h"
#include "ui/takesnapshotwizard.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::SnapshotTreeModel;
using test::Program;
using test::SnapshotHost;

/// An operator's work with snapshots, through the window, on a real host. After each act the guest's disk is compared
/// byte for byte with what it must be.
class TestSnapshotsSystem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
        QVERIFY(m_host->make({.agent = true}));
        QVERIFY(m_host->start());
        QTRY_VERIFY(m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"state='connected'"_s));
        m_program = std::make_unique<Program>(m_home.path() + u"/vireo.conf"_s);
        virt::HostSettings settings;
        settings.uri = m_host->uri();
        const virt::HostId id = m_program->hosts.add(settings);
        m_program->hosts.host(id)->connectToHost();
        const virt::DomainKey key{id, m_host->uuid()};
        QTRY_VERIFY_WITH_TIMEOUT(m_program->inventory.domain(key), 20000);
        m_program->window.resize(1400, 900);
        m_program->window.show();
        QVERIFY(QTest::qWaitForWindowActive(&m_program->window));
        m_program->window.showDomain(key, ui::VmPage::Page::Snapshots);
        QTRY_VERIFY(m_program->window.findChild<ui::SnapshotsPage *>());
        m_page = m_program->window.findChild<ui::SnapshotsPage *>();
        QTRY_VERIFY(m_page->isVisible());
        QTRY_VERIFY_WITH_TIMEOUT(m_page->isUpToDate(), 20000);
    }
    void cleanupTestCase()
    {
        m_program.reset();
        m_host.reset();
    }

    void fiveOfMixedKinds()
    {
        STEP(take(1, u"External"_s, false, false));
        STEP(take(2, u"External"_s, true, false));
        STEP(take(3, u"External"_s, false, true));
        STEP(take(4, {}, true, false));
        STEP(take(5, {}, false, false));
        QVERIFY(m_host->writes(u"hda"_s, 20, 1, 99));
        QCOMPARE(m_page->model().snapshotCount(), 5);
        QVERIFY(m_host->sees());
    }

    void backToTheSecond()
    {
        m_host->remember(u"now"_s);
        STEP(choose(u"s2"_s));
        STEP(press(u"revertSnapshotAction"_s));
        STEP(act<ui::RevertSnapshotWizard>(u"Revert"_s));
        m_host->recall(u"s2"_s);
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(m_host->sees());
        QTRY_COMPARE_WITH_TIMEOUT(m_page->model().snapshotCount(), 6, 20000); // now was kept
        QVERIFY(m_host->writes(u"hda"_s, 25, 1, 98));
    }

    void theFirstGoes()
    {
        const QString base = m_host->chain(u"hda"_s).last();
        STEP(choose(u"s1"_s));
        STEP(press(u"deleteSnapshotAction"_s));
        STEP(act<ui::DeleteSnapshotsWizard>(u"Delete"_s));
        QTRY_COMPARE_WITH_TIMEOUT(m_page->model().snapshotCount(), 5, 20000);
        QVERIFY(m_host->sees());
        QCOMPARE(m_host->chain(u"hda"_s), QStringList({m_host->path(u"hda"_s), base}));
        QCOMPARE(m_host->compare(u"hda"_s, base, u"s2"_s), QString());
        QCOMPARE(m_host->compare(u"hda"_s, m_host->path(u"hda"_s)), QString());
    }

    void theThirdIsExported()
    {
        const QString image = m_home.path() + u"/third.qcow2"_s;
        STEP(choose(u"s3"_s));
        STEP(press(u"exportSnapshotAction"_s));
        QTRY_VERIFY(opened<ui::ExportSnapshotWizard>());
        const QPointer<ui::ExportSnapshotWizard> wizard = opened<ui::ExportSnapshotWizard>();
        QTRY_VERIFY(wizard->facts().has_value());
        STEP(click(wizard, u"Next"_s));
        auto *path = field<QLineEdit>(wizard, u"File"_s);
        QVERIFY(path);
        QTRY_VERIFY(path->isVisible());
        path->setText(image);
        STEP(act<ui::ExportSnapshotWizard>(u"Export"_s));
        QCOMPARE(m_host->compare(u"hda"_s, image, u"s3"_s), QString());
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(m_host->sees());
    }

    void theRestStillHoldsWhatItHeld()
    {
        for (const QString &name : {u"s5"_s, u"s4"_s, u"s3"_s, u"s2"_s}) {
            STEP(choose(name));
            STEP(press(u"revertSnapshotAction"_s));
            QTRY_VERIFY(opened<ui::RevertSnapshotWizard>());
            const QPointer<ui::RevertSnapshotWizard> wizard = opened<ui::RevertSnapshotWizard>();
            QTRY_VERIFY(wizard->facts().has_value());
            auto *keep = field<QCheckBox>(wizard, u"Take a snapshot of now first"_s);
            QVERIFY(keep && keep->isChecked());
            keep->click();
            STEP(act<ui::RevertSnapshotWizard>(u"Revert"_s));
            m_host->recall(name);
            // Without memory it is off as the plan says, and boots.
            QCOMPARE(m_host->state(), name == "s4"_L1 || name == "s2"_L1 ? u"running"_s : u"shut off"_s);
            QVERIFY(m_host->state() == "running"_L1 || m_host->start());
            QVERIFY2(m_host->sees(), qPrintable(name));
        }
    }

private:
    template<typename Wizard>
    static Wizard *opened()
    {
        const auto windows = QApplication::topLevelWidgets();
        for (QWidget *window : windows) {
            if (auto *wizard = qobject_cast<Wizard *>(window); wizard && wizard->isVisible()) {
                return wizard;
            }
        }
        return nullptr;
    }
    template<typename Field>
    static Field *field(QWidget *parent, const QString &name)
    {
        for (Field *each : parent->findChildren<Field *>()) {
            QString text = each->accessibleName();
            if constexpr (std::is_base_of_v<QAbstractButton, Field>) {
                text = each->text();
            }
            if (text.remove(u'&') == name) {
                return each;
            }
        }
        return nullptr;
    }
    void press(const QString &name)
    {
        auto *action = m_page->findChild<QAction *>(name);
        QVERIFY(action);
        QTRY_VERIFY2_WITH_TIMEOUT(action->isEnabled(), qPrintable(action->toolTip()), 20000);
        QWidget *button = m_page->findChild<QToolBar *>()->widgetForAction(action);
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    static void click(QWidget *wizard, const QString &text)
    {
        QPushButton *button = test::button(wizard, text);
        QVERIFY(button);
        QTRY_VERIFY(button->isEnabled());
        QTest::mouseClick(button, Qt::LeftButton);
    }
    void choose(const QString &name)
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_page->isUpToDate(), 20000);
        QTRY_VERIFY_WITH_TIMEOUT(
            (m_page->tree()->selectSnapshots({name}), m_page->tree()->selectedSnapshots() == QStringList{name}), 20000);
    }
    /** Presses the act, also on the plan that follows when there is something to be told, until the wizard is gone. */
    template<typename Wizard>
    void act(const QString &text)
    {
        QTRY_VERIFY(opened<Wizard>());
        const QPointer<Wizard> wizard = opened<Wizard>();
        QTRY_VERIFY(wizard->facts().has_value());
        QElapsedTimer waited;
        waited.start();
        constexpr int endMs = 120000;
        while (wizard && waited.elapsed() < endMs) {
            QPushButton *button = wizard->isRunning() ? nullptr : test::button(wizard, text);
            if (!button || !button->isEnabled()) {
                button = wizard->isRunning() ? nullptr : test::button(wizard, u"Close"_s);
            }
            if (button && button->isVisible() && button->isEnabled()) {
                QTest::mouseClick(button, Qt::LeftButton);
            }
            QTest::qWait(50);
        }
        QVERIFY2(!wizard, wizard ? qPrintable(wizard->planPage()->reason()) : "");
        const auto jobs = m_program->jobs.jobs();
        QVERIFY(!jobs.isEmpty());
        const job::JobRecord *record = m_program->jobs.job(jobs.last());
        QVERIFY2(record->state == job::JobState::Done, SnapshotHost::text(*record).constData());
    }
    void take(int number, const QString &kind, bool memory, bool quiesce)
    {
        const QString name = u's' + QString::number(number);
        QVERIFY(m_host->writes(u"hda"_s, number, 2, quint32(70 + number)));
        m_host->remember(name);
        STEP(press(u"takeSnapshotHere"_s));
        QTRY_VERIFY(opened<ui::TakeSnapshotWizard>());
        const QPointer<ui::TakeSnapshotWizard> wizard = opened<ui::TakeSnapshotWizard>();
        QTRY_VERIFY(wizard->facts().has_value());
        field<QLineEdit>(wizard, u"Name"_s)->setText(name);
        if (!kind.isEmpty()) {
            auto *combo = field<QComboBox>(wizard, u"Kind"_s);
            int index = -1;
            for (int i = 0; i < combo->count(); ++i) {
                index = combo->itemText(i).startsWith(kind) ? i : index;
            }
            QVERIFY2(index >= 0, qPrintable(kind));
            combo->setCurrentIndex(index);
        }
        set(field<QCheckBox>(wizard, u"Keep the memory too, so that it goes on exactly where it was"_s), memory);
        set(field<QCheckBox>(wizard, u"Let the guest agent freeze the file systems for that moment"_s), quiesce);
        STEP(act<ui::TakeSnapshotWizard>(u"Take"_s));
        QTRY_COMPARE_WITH_TIMEOUT(m_page->model().snapshotCount(), number, 20000);
        QVERIFY(m_host->snapshots().contains(name));
    }
    static void set(QCheckBox *box, bool on)
    {
        QVERIFY(box);
        if (box->isChecked() != on) {
            QVERIFY(box->isEnabled() && box->isVisible());
            box->click();
        }
        QCOMPARE(box->isChecked(), on);
    }

    QTemporaryDir m_home;
    std::unique_ptr<SnapshotHost> m_host;
    std::unique_ptr<Program> m_program;
    ui::SnapshotsPage *m_page = nullptr;
};

QTEST_MAIN(TestSnapshotsSystem)
#include "tst_snapshots_system.moc"
