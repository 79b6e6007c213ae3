// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QPlainTextEdit>

#include "backend/virt/eventloop.h"
#include "dialogbed.h"
#include "ui/factlist.h"
#include "ui/messagebar.h"
#include "ui/plandialog.h"
#include "ui/seeddialog.h"

using namespace vireo;
using namespace Qt::StringLiterals;

namespace {

constexpr auto Password = "Canary-4711-Password"_L1;
constexpr auto Key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ann@desk"_L1;
const QUuid Web01(u"11111111-1111-1111-1111-111111111111"_s);
const QUuid Plain(u"22222222-2222-2222-2222-222222222222"_s);
const QUuid Lost(u"33333333-3333-3333-3333-333333333333"_s);

constexpr auto NodeXml = R"(<node>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>Web 01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <metadata><vireo:domain xmlns:vireo='https://vireo-vm.github.io/xmlns/domain/1'><vireo:seed>web01-seed.iso</vireo:seed></vireo:domain></metadata>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices><disk type='file' device='cdrom'><source file='/images/web01-seed.iso'/><target dev='sda' bus='sata'/><readonly/></disk></devices>
    <test:runstate>5</test:runstate></domain>
  <domain type='test'><name>plain</name><uuid>22222222-2222-2222-2222-222222222222</uuid>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os></domain>
  <domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>lost</name><uuid>33333333-3333-3333-3333-333333333333</uuid>
    <metadata><vireo:domain xmlns:vireo='https://vireo-vm.github.io/xmlns/domain/1'><vireo:seed>lost-seed.iso</vireo:seed></vireo:domain></metadata>
    <memory unit='MiB'>64</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <test:runstate>5</test:runstate></domain>
  <pool type='dir'><name>images</name><uuid>44444444-4444-4444-4444-444444444444</uuid><target><path>/images</path></target>
    <volume type='file'><name>web01-seed.iso</name><capacity unit='KiB'>366</capacity><allocation unit='KiB'>366</allocation>
      <target><path>/images/web01-seed.iso</path><format type='iso'/></target></volume></pool>
</node>)";

QStringList stepTypes(const job::Plan &plan)
{
    QStringList types;
    for (const job::Step &step : plan.steps) {
        types.append(step.type);
    }
    return types;
}

} // namespace

/** The dialog of a VM's seed on libvirt's test driver, used by its fields and buttons. */
class TestSeedDialog final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop; // one for the whole process
    std::unique_ptr<DialogBed> m_bed;
    std::unique_ptr<ui::SeedDialog> m_dialog;

    void open(const QUuid &domain)
    {
        m_bed = std::make_unique<DialogBed>(NodeXml);
        QVERIFY(m_bed->connectHost());
        m_dialog = std::make_unique<ui::SeedDialog>(m_bed->context(), virt::DomainKey{m_bed->host(), domain}, nullptr);
        m_dialog->show();
        QTRY_VERIFY(button(u"refresh"_s)->isEnabled());
    }
    QPushButton *button(const QString &name) const { return m_dialog->findChild<QPushButton *>(name); }
    QLineEdit *edit(const QString &name) const { return m_dialog->findChild<QLineEdit *>(name); }
    QPlainTextEdit *text(const QString &name) const { return m_dialog->findChild<QPlainTextEdit *>(name); }
    ui::MessageBar *bar() const { return m_dialog->findChild<ui::MessageBar *>(); }
    QString fact(int row) const { return m_dialog->findChild<ui::FactList *>()->value(row); }
    static ui::PlanDialog *planDialog() { return DialogBed::opened<ui::PlanDialog>(); }

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<virt::EventLoop>(); }
    void cleanupTestCase() { m_loop.reset(); }

    void cleanup()
    {
        m_dialog.reset();
        m_bed.reset();
    }

    void saysWhichSeedIsWhere()
    {
        open(Web01);
        QCOMPARE(fact(0), u"web01-seed.iso"_s);
        QVERIFY2(fact(1).startsWith(u"sda"), qPrintable(fact(1)));
        QVERIFY(fact(1).contains(u"/images/web01-seed.iso"));
        QCOMPARE(fact(2), u"images"_s);
        QVERIFY(!bar()->isVisible());
        QVERIFY(button(u"eject"_s)->isEnabled());
        QCOMPARE(edit(u"hostname"_s)->text(), u"web-01"_s);
    }

    void saysThatThereIsNone()
    {
        open(Plain);
        QVERIFY(bar()->isVisible());
        QCOMPARE(bar()->kind(), ui::MessageBar::Kind::Info);
        QVERIFY2(bar()->text().contains(u"plain has no seed"), qPrintable(bar()->text()));
        QVERIFY(!button(u"eject"_s)->isEnabled());
        QVERIFY(!button(u"makeAnew"_s)->isEnabled());
        QVERIFY(!edit(u"user"_s)->isEnabled());
    }

    void saysThatItsDriveIsGone()
    {
        open(Lost);
        QCOMPARE(fact(0), u"lost-seed.iso"_s);
        QCOMPARE(bar()->kind(), ui::MessageBar::Kind::Warning);
        QVERIFY(bar()->isVisible());
        QVERIFY(!button(u"eject"_s)->isEnabled());
    }

    void ejectsAfterThePlan()
    {
        open(Web01);
        DialogBed::press(*m_dialog, u"eject"_s);
        QTRY_VERIFY(planDialog());
        QCOMPARE(stepTypes(planDialog()->plan()),
            (QStringList{u"domain.changeMedia"_s, u"domain.setSeed"_s, u"volume.delete"_s}));
        planDialog()->reject();
        QTRY_VERIFY(!planDialog());
        QVERIFY(m_bed->jobs().jobs().isEmpty());

        DialogBed::press(*m_dialog, u"eject"_s);
        QTRY_VERIFY(planDialog());
        DialogBed::press(*planDialog(), u"planAct"_s);
        QTRY_COMPARE(m_bed->jobs().jobs().size(), 1);
        QTRY_COMPARE(m_bed->jobs().runningCount(), 0);
        const job::JobRecord *record = m_bed->jobs().job(m_bed->jobs().jobs().constFirst());
        QCOMPARE(record->plan.operation, u"seed.eject"_s);
        QTRY_VERIFY(button(u"refresh"_s)->isEnabled());
        if (record->state == job::JobState::Done) {
            QTRY_COMPARE(fact(0), u"None"_s);
        } else { // libvirt's test driver can't change media: the bar says what it said
            QVERIFY(bar()->isVisible());
            QCOMPARE(bar()->kind(), ui::MessageBar::Kind::Error);
            QCOMPARE(bar()->text(), record->error.message);
            QCOMPARE(fact(0), u"web01-seed.iso"_s);
        }
    }

    void problemsStandBesideTheFields_data()
    {
        QTest::addColumn<QString>("field");
        QTest::addColumn<QString>("typed");
        QTest::newRow("host name") << u"hostname"_s << u"web_01!"_s;
        QTest::newRow("user") << u"user"_s << u"Ann Smith"_s;
        QTest::newRow("password without a user") << u"password"_s << QString(Password);
        QTest::newRow("key") << u"sshKeys"_s << u"ssh-ed25519 nonsense"_s;
        QTest::newRow("second key") << u"sshKeys"_s << (Key + u"\n\nrubbish"_s);
        QTest::newRow("user-data") << u"userData"_s << u"#cloud-config\na: [1"_s;
    }

    void problemsStandBesideTheFields()
    {
        QFETCH(QString, field);
        QFETCH(QString, typed);
        open(Web01);
        QVERIFY(button(u"makeAnew"_s)->isEnabled());
        QWidget *widget = m_dialog->findChild<QWidget *>(field);
        const QString before = widget->accessibleDescription();
        if (auto *line = qobject_cast<QLineEdit *>(widget)) {
            line->setText(typed);
        } else {
            text(field)->setPlainText(typed);
        }
        QVERIFY(!button(u"makeAnew"_s)->isEnabled());
        QVERIFY(!widget->accessibleDescription().isEmpty());
        QVERIFY(widget->accessibleDescription() != before);
        QVERIFY(button(u"eject"_s)->isEnabled()); // the form is not its business
        if (auto *line = qobject_cast<QLineEdit *>(widget)) {
            line->clear();
        } else {
            text(field)->clear();
        }
        QVERIFY(button(u"makeAnew"_s)->isEnabled());
        QCOMPARE(widget->accessibleDescription(), field == u"hostname" ? QString() : before);
    }

    void makesAnewWithAHashAlone()
    {
        open(Web01);
        QTest::keyClicks(edit(u"user"_s), u"ann"_s);
        QTest::keyClicks(edit(u"password"_s), Password);
        QCOMPARE(edit(u"password"_s)->echoMode(), QLineEdit::Password);
        text(u"sshKeys"_s)->setPlainText(Key + u"\n"_s);
        text(u"userData"_s)->setPlainText(u"#cloud-config\npackages: [vim]\n"_s);
        DialogBed::press(*m_dialog, u"makeAnew"_s);
        QVERIFY(!button(u"makeAnew"_s)->isEnabled()); // hashing runs elsewhere
        QTRY_VERIFY(planDialog());
        const job::Plan plan = planDialog()->plan();
        QVERIFY(!plan.isBlocked());
        QCOMPARE(stepTypes(plan).constFirst(), u"seed.upload"_s);
        const QJsonObject user = plan.draft[u"seed"_s].toObject()[u"users"_s].toArray().at(0).toObject();
        QCOMPARE(user[u"name"_s].toString(), u"ann"_s);
        QVERIFY(user[u"password_hash"_s].toString().startsWith(u"$6$"));
        QCOMPARE(user[u"ssh_keys"_s].toArray().at(0).toString(), QString(Key));
        QCOMPARE(plan.draft[u"seed"_s].toObject()[u"hostname"_s].toString(), u"web-01"_s);
        QVERIFY(!QJsonDocument(plan.toJson()).toJson().contains(QByteArray(Password.data())));
        const auto labels = planDialog()->findChildren<QWidget *>();
        for (const QWidget *each : labels) {
            QVERIFY(!each->property("text").toString().contains(Password));
            QVERIFY(!each->toolTip().contains(Password));
        }

        DialogBed::press(*planDialog(), u"planAct"_s);
        QTRY_COMPARE(m_bed->jobs().jobs().size(), 1);
        QTRY_COMPARE(m_bed->jobs().runningCount(), 0);
        const job::JobRecord *record = m_bed->jobs().job(m_bed->jobs().jobs().constFirst());
        QCOMPARE(record->plan.operation, u"seed.regenerate"_s);
        QVERIFY(!record->error.message.contains(Password));
        QVERIFY(!record->log.join(u'\n').contains(Password));
    }

    void closingWhileHashingHarmsNobody()
    {
        open(Web01);
        edit(u"user"_s)->setText(u"ann"_s);
        edit(u"password"_s)->setText(Password);
        DialogBed::press(*m_dialog, u"makeAnew"_s);
        m_dialog.reset();
        QVERIFY(!planDialog());
        QVERIFY(m_bed->jobs().jobs().isEmpty());
    }

    void impossiblePasswordIsExplained()
    {
        open(Web01);
        edit(u"user"_s)->setText(u"ann"_s);
        edit(u"password"_s)->setText(QString(600, u'x'));
        DialogBed::press(*m_dialog, u"makeAnew"_s);
        QTRY_VERIFY(button(u"makeAnew"_s)->isEnabled());
        QVERIFY(!planDialog());
        QVERIFY2(edit(u"password"_s)->accessibleDescription().contains(u"511"),
            qPrintable(edit(u"password"_s)->accessibleDescription()));
    }
};

QTEST_MAIN(TestSeedDialog)
#include "tst_seeddialog.moc"
