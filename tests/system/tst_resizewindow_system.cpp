// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QPointer>
#include <QSpinBox>
#include <QTemporaryDir>

#include "tests/support/ownhome.h"
#include "tests/system/migrationhosts.h"
#include "tests/system/wholeprogram.h"
#include "ui/planpage.h"
#include "ui/resizeenddialog.h"
#include "ui/resizewizard.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::MigrationHosts;
using test::Program;

/// An operator moves a VM with an overlay disk from A to B, with two more vCPUs and a disk that is 5 GiB larger,
/// through the real window; takes it back to exactly what it was; moves it again and confirms.
class TestResizeWindowSystem final : public QObject
{
    Q_OBJECT

    test::OwnHome m_ownHome;

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
        QVERIFY(m_hosts->bed
                .virsh(u"A"_s, {u"vol-create-as"_s, u"default"_s, u"base.qcow2"_s, u"32M"_s, u"--format"_s, u"qcow2"_s})
                .ok());
        MigrationHosts::Disk disk;
        disk.base = u"base.qcow2"_s;
        QVERIFY(m_hosts->make({.disks = {disk}}) && m_hosts->start());
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

    void thereAndBackAndThereForGood()
    {
        const QString before = m_hosts->virsh({u"dumpxml"_s, u"--inactive"_s, u"--security-info"_s, u"vm"_s});
        const QStringList files = m_hosts->files(u"A"_s);
        STEP(moveToB());
        STEP(end(u"revertResize"_s, u"Revert"_s, u"A"_s));
        QCOMPARE(m_hosts->virsh({u"dumpxml"_s, u"--inactive"_s, u"--security-info"_s, u"vm"_s}), before);
        QCOMPARE(m_hosts->files(u"A"_s), files);
        QCOMPARE(m_hosts->files(u"B"_s), QStringList());
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->runsOn(), u"A"_s, 20000);
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->compare(u"hda"_s, u"A"_s), QString());

        STEP(moveToB());
        STEP(end(u"confirmResize"_s, u"Confirm"_s, u"B"_s));
        QCOMPARE(m_hosts->existsOn(), u"B"_s);
        QCOMPARE(m_hosts->files(u"A"_s), QStringList());
        QCOMPARE(m_hosts->orphans(), QStringList());
        QVERIFY(m_hosts->sees());
    }

private:
    virt::DomainKey key(const QString &host) const { return {m_ids.value(host), m_hosts->uuid()}; }
    virt::DomainKey shown() const { return m_program->window.findChild<ui::VmPage *>()->domain(); }
    job::JobRecord lastJob() const { return *m_program->jobs.job(m_program->jobs.jobs().last()); }

    template<typename Window>
    static Window *opened()
    {
        const auto windows = QApplication::topLevelWidgets();
        for (QWidget *window : windows) {
            if (auto *found = qobject_cast<Window *>(window); found && found->isVisible()) {
                return found;
            }
        }
        return nullptr;
    }
    template<typename Field>
    static Field *field(const QWidget *window, const QString &name)
    {
        const auto fields = window->findChildren<Field *>();
        const auto found = std::ranges::find_if(
            fields, [&name](const Field *each) { return each->isVisible() && each->accessibleName() == name; });
        return found == fields.end() ? nullptr : *found;
    }
    static void click(QPushButton *button)
    {
        QVERIFY(button);
        QTRY_VERIFY2_WITH_TIMEOUT(button->isEnabled() && button->isVisible(),
            qPrintable(button->text() + u": "_s + button->toolTip()), 30000);
        QTest::mouseClick(button, Qt::LeftButton);
    }
    static void choose(QComboBox *box, const QString &text)
    {
        QVERIFY(box);
        box->setCurrentIndex(box->findText(text));
        QCOMPARE(box->currentText(), text);
        Q_EMIT box->activated(box->currentIndex());
    }

    void moveToB()
    {
        m_program->window.activateWindow();
        QTRY_VERIFY(m_program->window.isActiveWindow());
        QTRY_COMPARE_WITH_TIMEOUT(shown(), key(u"A"_s), 20000);
        STEP(test::press(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier));
        QTRY_VERIFY(opened<ui::ResizeWizard>());
        const QPointer<ui::ResizeWizard> wizard = opened<ui::ResizeWizard>();
        QTRY_VERIFY_WITH_TIMEOUT(wizard->state().facts(), 30000);
        QTRY_VERIFY(field<QSpinBox>(wizard, u"vCPUs"_s));
        field<QSpinBox>(wizard, u"vCPUs"_s)->setValue(3);
        auto *size = wizard->findChild<QDoubleSpinBox *>(u"diskSize-hda"_s);
        QVERIFY(size);
        size->setValue(size->value() + 5);
        STEP(click(test::button(wizard, u"Next"_s)));
        STEP(choose(field<QComboBox>(wizard, u"Destination"_s), u"Host B"_s));
        STEP(click(test::button(wizard, u"Next"_s)));
        QTRY_VERIFY_WITH_TIMEOUT(wizard->planPage()->plan(), 60000);
        QVERIFY2(!wizard->planPage()->plan()->isBlocked(), qPrintable(wizard->planPage()->reason()));
        STEP(click(test::button(wizard, u"Resize"_s)));
        QTRY_VERIFY2_WITH_TIMEOUT(
            !wizard, qPrintable(m_program->jobs.jobs().isEmpty() ? QString() : lastJob().statusLine()), 120000);
        QVERIFY2(lastJob().state == job::JobState::Done, MigrationHosts::text(lastJob()).constData());
        QCOMPARE(m_hosts->existsOn(), u"B"_s);
        QCOMPARE(m_hosts->runsOn(), u"B"_s);
        const QString xml = m_hosts->xml(u"B"_s, true);
        QVERIFY2(xml.contains(u">3</vcpu>"_s), qPrintable(xml));
        constexpr quint64 grown = (5ULL << 30U) + (32ULL << 20U);
        QVERIFY(m_hosts->virsh({u"domblkinfo"_s, u"vm"_s, u"hda"_s}, u"B"_s).contains(QString::number(grown)));
        QVERIFY(m_hosts->sees());
        // The selection goes with it, and says that it waits.
        QTRY_COMPARE_WITH_TIMEOUT(shown(), key(u"B"_s), 20000);
        QTRY_VERIFY_WITH_TIMEOUT(m_program->kept.find(key(u"B"_s)), 20000);
    }

    void end(const QString &name, const QString &act, const QString &host)
    {
        QTRY_VERIFY_WITH_TIMEOUT(m_program->window.findChild<QPushButton *>(name), 20000);
        STEP(click(m_program->window.findChild<QPushButton *>(name)));
        QTRY_VERIFY(m_program->window.findChild<ui::ResizeEndDialog *>());
        const QPointer<ui::ResizeEndDialog> dialog = m_program->window.findChild<ui::ResizeEndDialog *>();
        STEP(click(test::button(dialog, act)));
        QTRY_VERIFY_WITH_TIMEOUT(m_program->jobs.runningCount() == 0 && lastJob().isFinished(), 120000);
        QVERIFY2(lastJob().state == job::JobState::Done, MigrationHosts::text(lastJob()).constData());
        QTRY_VERIFY_WITH_TIMEOUT(m_program->kept.all().isEmpty(), 20000);
        // Nor is anything left of what was set aside on the way, passwords and all.
        const auto aside = operation::KeptStates(operation::KeptStates::defaultDirectory() + u"/aside"_s).list();
        QVERIFY(
            aside && std::ranges::none_of(*aside, [this](const auto &each) { return each.domain == m_hosts->uuid(); }));
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->existsOn(), host, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(shown(), key(host), 20000);
    }

    QTemporaryDir m_home;
    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<Program> m_program;
    QHash<QString, virt::HostId> m_ids;
};

QTEST_MAIN(TestResizeWindowSystem)
#include "tst_resizewindow_system.moc"
