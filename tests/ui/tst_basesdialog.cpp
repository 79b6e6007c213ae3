// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <QSpinBox>
#include <QStackedWidget>
#include <QTreeWidget>

#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "dialogbed.h"
#include "ui/basesdialog.h"
#include "ui/emptystate.h"
#include "ui/messagebar.h"
#include "ui/plandialog.h"
#include "ui/planview.h"

using namespace vireo;
using namespace Qt::StringLiterals;

namespace {

constexpr auto Used = "vireo-base-00aa00aa00aa00aa.qcow2"_L1;
constexpr auto Unused = "vireo-base-11bb11bb11bb11bb.qcow2"_L1;
constexpr auto Kernel = "vireo-kernel-22cc22cc22cc22cc"_L1;

/** Two pools; one base that web01 needs through its overlay, two that nobody needs. */
constexpr auto NodeXml = R"(<node>
  <domain type='test'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices><disk type='file' device='disk'><source file='%2'/><target dev='vda' bus='virtio'/></disk></devices>
  </domain>
  <pool type='dir'><name>images</name><uuid>44444444-4444-4444-4444-444444444444</uuid><target><path>/images</path></target>%1</pool>
  <pool type='dir'><name>boot</name><uuid>55555555-5555-5555-5555-555555555555</uuid><target><path>/boot</path></target>
    <volume type='file'><name>plain.iso</name><capacity unit='MiB'>8</capacity><target><path>/boot/plain.iso</path><format type='iso'/></target></volume>
    %3</pool>
</node>)";

QString volume(const QString &directory, const QString &name, int mebibytes, const QString &backing = {})
{
    QString xml = u"<volume type='file'><name>%2</name><capacity unit='MiB'>%3</capacity><allocation unit='MiB'>%3"
                  "</allocation><target><path>%1/%2</path><format type='qcow2'/></target>%4</volume>"_s;
    return xml.arg(directory, name, QString::number(mebibytes),
        backing.isEmpty() ? QString()
                          : u"<backingStore><path>%1</path><format type='qcow2'/></backingStore>"_s.arg(backing));
}

QByteArray node(bool withBases, const QString &disk = u"/images/web01.qcow2"_s)
{
    QString images = volume(u"/images"_s, u"web01.qcow2"_s, 1, withBases ? u"/images/"_s + Used : QString());
    QString boot;
    if (withBases) {
        images += volume(u"/images"_s, Used, 64) + volume(u"/images"_s, Unused, 32);
        boot = volume(u"/boot"_s, Kernel, 8);
    }
    return QString::fromLatin1(NodeXml).arg(images, disk, boot).toUtf8();
}

} // namespace

/** The dialog of base images on libvirt's test driver, used by its buttons. */
class TestBasesDialog final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop; // one for the whole process
    std::unique_ptr<DialogBed> m_bed;
    std::unique_ptr<ui::BasesDialog> m_dialog;

    void open(const QByteArray &xml, bool readOnly = false)
    {
        m_bed = std::make_unique<DialogBed>(xml);
        QVERIFY(m_bed->connectHost(readOnly));
        m_dialog = std::make_unique<ui::BasesDialog>(m_bed->context(), m_bed->host(), nullptr);
        m_dialog->show();
        QTRY_VERIFY(button(u"refresh"_s)->isEnabled());
    }
    QPushButton *button(const QString &name) const { return m_dialog->findChild<QPushButton *>(name); }
    QTreeWidget *table() const { return m_dialog->findChild<QTreeWidget *>(u"bases"_s); }
    QSpinBox *days() const { return m_dialog->findChild<QSpinBox *>(u"days"_s); }
    ui::MessageBar *bar() const { return m_dialog->findChild<ui::MessageBar *>(); }
    QString summary() const { return m_dialog->findChild<QLabel *>(u"summary"_s)->text(); }
    QTreeWidgetItem *row(const QString &name) const { return table()->findItems(name, Qt::MatchExactly).value(0); }
    QStringList names() const
    {
        QStringList found;
        for (int i = 0; i < table()->topLevelItemCount(); ++i) {
            found.append(table()->topLevelItem(i)->text(0));
        }
        found.sort();
        return found;
    }

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }
    void cleanupTestCase() { m_loop.reset(); }

    void cleanup()
    {
        m_dialog.reset();
        m_bed.reset();
    }

    void showsBasesOfAllPools()
    {
        open(node(true));
        QCOMPARE(names(), (QStringList{Used, Unused, Kernel}));
        QCOMPARE(row(Used)->text(1), u"images"_s);
        QCOMPARE(row(Used)->text(2), u"64.0 MiB"_s.replace(u".0"_s, QString()));
        QVERIFY2(row(Used)->text(3).contains(u"web01"), qPrintable(row(Used)->text(3)));
        QCOMPARE(row(Unused)->text(3), u"Unused"_s);
        QCOMPARE(row(Kernel)->text(1), u"boot"_s);
        QVERIFY(m_dialog->windowTitle().contains(u"<b>rack</b>"));
        QVERIFY(!bar()->isVisible());
        table()->sortByColumn(2, Qt::AscendingOrder); // by size, not by text
        QCOMPARE(table()->topLevelItem(0)->text(0), QString(Kernel));
        QCOMPARE(table()->topLevelItem(2)->text(0), QString(Used));
    }

    void emptyIsSaid()
    {
        open(node(false));
        QVERIFY(m_dialog->findChild<ui::EmptyState *>(u"noBases"_s)->isVisible());
        QVERIFY(!table()->isVisible());
        QVERIFY(!button(u"removeUnused"_s)->isEnabled());
        QVERIFY(!button(u"removeSelected"_s)->isEnabled());
    }

    void ageDecides()
    {
        open(node(true));
        // The test driver does not say when a volume was used last: only "all unused" may take it.
        QCOMPARE(days()->value(), 30);
        QVERIFY(!button(u"removeUnused"_s)->isEnabled());
        QVERIFY2(summary().startsWith(u"There is nothing to remove"), qPrintable(summary()));
        days()->setValue(0);
        QVERIFY(button(u"removeUnused"_s)->isEnabled());
        QVERIFY2(summary().contains(u"2 base image") && summary().contains(u"40"), qPrintable(summary()));
    }

    void removesUnusedAfterThePlanAndReadsAnew()
    {
        open(node(true));
        days()->setValue(0);
        DialogBed::press(*m_dialog, u"removeUnused"_s);
        QTRY_VERIFY(DialogBed::opened<ui::PlanDialog>());
        const job::Plan plan = DialogBed::opened<ui::PlanDialog>()->plan();
        QCOMPARE(plan.steps.size(), 2);
        QTest::keyClick(DialogBed::opened<ui::PlanDialog>(), Qt::Key_Escape);
        QTRY_VERIFY(!DialogBed::opened<ui::PlanDialog>());
        QVERIFY(m_bed->jobs().jobs().isEmpty()); // no means no

        DialogBed::press(*m_dialog, u"removeUnused"_s);
        QTRY_VERIFY(DialogBed::opened<ui::PlanDialog>());
        DialogBed::press(*DialogBed::opened<ui::PlanDialog>(), u"planAct"_s);
        QTRY_COMPARE(m_bed->jobs().runningCount(), 0);
        QVERIFY2(!bar()->isVisible(), qPrintable(bar()->text()));
        QTRY_COMPARE(names(), QStringList{Used});
        QCOMPARE(m_bed->jobs().jobs().size(), 1);
        QCOMPARE(m_bed->jobs().job(m_bed->jobs().jobs().constFirst())->state, job::JobState::Done);
        QVERIFY(!button(u"removeUnused"_s)->isEnabled());
        QVERIFY(!bar()->isVisible());
    }

    void removesWhatIsSelectedNeverWhatIsUsed()
    {
        open(node(true));
        QVERIFY(!button(u"removeSelected"_s)->isEnabled());
        row(Used)->setSelected(true);
        DialogBed::press(*m_dialog, u"removeSelected"_s);
        QTRY_VERIFY(DialogBed::opened<ui::PlanDialog>());
        QVERIFY(DialogBed::opened<ui::PlanDialog>()->plan().isBlocked());
        QVERIFY(!DialogBed::opened<ui::PlanDialog>()->findChild<QPushButton *>(u"planAct"_s)->isEnabled());
        DialogBed::opened<ui::PlanDialog>()->reject();
        QTRY_VERIFY(!DialogBed::opened<ui::PlanDialog>());

        row(Used)->setSelected(false);
        row(Kernel)->setSelected(true);
        DialogBed::press(*m_dialog, u"removeSelected"_s);
        QTRY_VERIFY(DialogBed::opened<ui::PlanDialog>());
        DialogBed::press(*DialogBed::opened<ui::PlanDialog>(), u"planAct"_s);
        QTRY_COMPARE(names(), (QStringList{Used, Unused}));
    }

    void disksInNoPoolHoldUpAllButAChoice()
    {
        open(node(true, u"/elsewhere/web01.qcow2"_s));
        days()->setValue(0);
        QVERIFY2(summary().contains(u"/elsewhere/web01.qcow2"), qPrintable(summary()));
        DialogBed::press(*m_dialog, u"removeUnused"_s); // can be read, not run
        QTRY_VERIFY(DialogBed::opened<ui::PlanDialog>());
        QVERIFY(!DialogBed::opened<ui::PlanDialog>()->findChild<QPushButton *>(u"planAct"_s)->isEnabled());
        DialogBed::opened<ui::PlanDialog>()->reject();
        QTRY_VERIFY(!DialogBed::opened<ui::PlanDialog>());
        row(Unused)->setSelected(true);
        DialogBed::press(*m_dialog, u"removeSelected"_s);
        QTRY_VERIFY(DialogBed::opened<ui::PlanDialog>());
        QCOMPARE(DialogBed::opened<ui::PlanDialog>()->plan().count(job::Finding::Severity::Warning), 1);
        QVERIFY(DialogBed::opened<ui::PlanDialog>()->findChild<QPushButton *>(u"planAct"_s)->isEnabled());
    }

    void refreshSeesWhatOthersDid()
    {
        open(node(true));
        QVERIFY(m_bed->act(
            [](virt::Connection &connection) { return virt::storage::deleteVolume(connection, u"images"_s, Unused); }));
        QCOMPARE(names().size(), 3);
        DialogBed::press(*m_dialog, u"refresh"_s);
        QTRY_COMPARE(names(), (QStringList{Used, Kernel}));
    }

    void failuresStandInTheBar()
    {
        open(node(true));
        days()->setValue(0);
        m_bed->hosts().host(m_bed->host())->disconnectFromHost();
        QTRY_VERIFY(!m_bed->hosts().host(m_bed->host())->isConnected());
        DialogBed::press(*m_dialog, u"refresh"_s);
        QTRY_VERIFY(bar()->isVisible());
        QCOMPARE(bar()->kind(), ui::MessageBar::Kind::Error);
        QVERIFY(!bar()->text().isEmpty());
        QVERIFY(!button(u"removeUnused"_s)->isEnabled());
        QCOMPARE(names().size(), 3); // what was read stays to be read

        m_bed->hosts().remove(m_bed->host());
        DialogBed::press(*m_dialog, u"refresh"_s);
        QTRY_VERIFY2(bar()->text().contains(u"removed"), qPrintable(bar()->text()));
    }
};

QTEST_MAIN(TestBasesDialog)
#include "tst_basesdialog.moc"
