// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QPointer>
#include <QSpinBox>
#include <QTabWidget>
#include <QToolButton>
#include <QWheelEvent>

#include "backend/virt/eventloop.h"
#include "backend/xml/domaincapabilities.h"
#include "dialogbed.h"
#include "ui/addhardwaredialog.h"
#include "ui/customisedialog.h"
#include "ui/deviceform.h"
#include "ui/hardwareeditor.h"
#include "ui/hardwarelist.h"
#include "ui/hardwarepage.h"
#include "ui/messagebar.h"
#include "ui/planview.h"
#include "ui/xmleditor.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using ui::AddHardwareDialog;
using ui::DeviceForm;
using ui::HardwareEditor;
using ui::HardwareList;
using ui::HardwarePage;
using ui::XmlEditor;
using State = model::HardwareDraft::State;

namespace {

const QString Web = uR"(<domain type='kvm'>
  <name>web</name>
  <memory unit='MiB'>2048</memory>
  <vcpu>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='hd'/>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <source file='/images/a.qcow2'/>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <source file='/iso/debian.iso'/>
      <target dev='sda' bus='sata'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
      <model type='virtio'/>
    </interface>
    <graphics type='vnc' port='-1' autoport='yes'/>
    <watchdog model='itco' action='reset'/>
  </devices>
</domain>
)"_s;

constexpr auto NodeXml = R"(<node>
  <domain type='test'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'><source file='/images/web01.qcow2'/><target dev='vda' bus='virtio'/></disk>
      <interface type='network'><mac address='52:54:00:11:22:33'/><source network='default'/></interface>
    </devices></domain>
  <domain type='test'><name>db01</name><uuid>22222222-2222-2222-2222-222222222222</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'><source file='/images/db01.qcow2'/><target dev='vda' bus='virtio'/></disk>
      <interface type='network'><mac address='52:54:00:aa:bb:cc'/><source network='default'/></interface>
    </devices></domain>
  <network><name>default</name><uuid>33333333-3333-3333-3333-333333333333</uuid><bridge name='virbr0'/><forward/>
    <ip address='192.168.122.1' netmask='255.255.255.0'/></network>
  <pool type='dir'><name>images</name><uuid>44444444-4444-4444-4444-444444444444</uuid>
    <target><path>/images</path></target>
    <volume><name>db01.qcow2</name><capacity unit='MiB'>100</capacity></volume>
    <volume><name>free.img</name><capacity unit='MiB'>100</capacity></volume></pool>
</node>)";

const QUuid Web01(u"11111111-1111-1111-1111-111111111111"_s);
const QUuid Db01(u"22222222-2222-2222-2222-222222222222"_s);

xml::devices::HostFacts knownHost()
{
    xml::devices::HostFacts host;
    QFile file(QStringLiteral(VIREO_TEST_DATA "/capabilities/q35-tcg.xml"));
    if (file.open(QIODevice::ReadOnly)) {
        host.vocabulary.capabilities =
            xml::readDomainCapabilities(QString::fromUtf8(file.readAll())).value_or(xml::DomainCapabilities());
    }
    host.vocabulary.networks = {u"apart"_s, u"default"_s};
    host.vocabulary.pools = {u"images"_s};
    host.volumes = {{u"images"_s, u"taken.qcow2"_s, u"/images/taken.qcow2"_s, u"qcow2"_s, 1},
        {u"images"_s, u"free.img"_s, u"/images/free.img"_s, u"raw"_s, 1}};
    host.diskUsers = {{u"/images/taken.qcow2"_s, {u"db01"_s}}};
    return host;
}

template<typename T>
T *button(const QWidget &parent, const QString &text)
{
    const auto buttons = parent.findChildren<T *>();
    for (T *each : buttons) {
        if (each->text().remove(u'&') == text && each->isVisible()) {
            return each;
        }
    }
    return nullptr;
}

template<typename T>
T *field(HardwareEditor &editor, const QString &kind, const QString &id)
{
    return qobject_cast<T *>(editor.form(kind)->field(id));
}

void type(QWidget *widget, const QString &text)
{
    widget->setFocus();
    QTest::keyClick(widget, Qt::Key_A, Qt::ControlModifier);
    for (const QChar each : text) {
        QTest::keyClick(widget, each.toLatin1());
    }
}

} // namespace

/** The hardware pages with keys and clicks: on a text alone, and on libvirt's test driver. */
class TestHardware final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;

    static int select(HardwareEditor &editor, const QString &title)
    {
        for (const model::HardwareDraft::Entry &entry : editor.draft().entries()) {
            if (entry.title == title) {
                editor.setCurrentId(entry.id);
                return entry.id;
            }
        }
        return -1;
    }
    static void show(QWidget &widget)
    {
        widget.resize(900, 620);
        widget.show();
        QVERIFY(QTest::qWaitForWindowExposed(&widget));
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
    }
    void cleanupTestCase() { m_loop.reset(); }

    void theListIsWalkedByKeys()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        auto *list = editor.findChild<HardwareList *>();
        QCOMPARE(list->accessibleName(), u"Devices"_s);
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Home);
        QStringList seen;
        for (int row = 0; row < list->count(); ++row) {
            seen.append(editor.draft().entry(editor.currentId())->title);
            QTest::keyClick(list, Qt::Key_Down);
        }
        QCOMPARE(seen,
            (QStringList{u"Overview"_s, u"CPUs"_s, u"Memory"_s, u"Boot"_s, u"Disk vda"_s, u"CD-ROM sda"_s,
                u"Network card 52:54:00:00:00:01"_s, u"Graphics VNC"_s, u"Watchdog"_s}));
        QCOMPARE(editor.draft().wanted(), Web); // looking changes nothing
        QVERIFY(!editor.draft().canUndo());
        // Fields have names for those who can't see them.
        for (const QString &kind : {u"cpu"_s, u"disk"_s, u"nic"_s, u"graphics"_s}) {
            const auto combos = editor.form(kind)->findChildren<QComboBox *>();
            for (const QComboBox *combo : combos) {
                QVERIFY2(!combo->accessibleName().isEmpty(), qPrintable(kind + combo->objectName()));
            }
        }
    }

    void everyPageOfEveryDocumentOnlyShows_data()
    {
        QTest::addColumn<QString>("path");
        const QDir directory(QStringLiteral(VIREO_TEST_DATA "/domain"));
        const QStringList names = directory.entryList({u"*.xml"_s});
        for (const QString &name : names) {
            QTest::newRow(qPrintable(name)) << directory.filePath(name);
        }
    }
    /** Showing a page sets fields, and fields write: nothing of that may reach the definition. */
    void everyPageOfEveryDocumentOnlyShows()
    {
        QFETCH(QString, path);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        editor.setHost(knownHost());
        QVERIFY(editor.draft().setBase(text));
        editor.draft().setRunning(true);
        const QList<model::HardwareDraft::Entry> entries = editor.draft().entries();
        for (const model::HardwareDraft::Entry &entry : entries) {
            editor.setCurrentId(entry.id);
            QCOMPARE(editor.currentId(), entry.id);
            QVERIFY2(editor.draft().wanted() == text, qPrintable(entry.title));
        }
    }

    void severalDevicesBeforeOneApply()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        editor.setHost(knownHost());
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        auto *apply = editor.findChild<QPushButton *>(u"hardwareApply"_s);
        QVERIFY(!apply->isEnabled());
        select(editor, u"CPUs"_s);
        auto *count = field<QSpinBox>(editor, u"cpu"_s, u"maximum"_s);
        type(count, u"8"_s);
        QCOMPARE(count->value(), 8);
        select(editor, u"Overview"_s);
        type(field<QLineEdit>(editor, u"overview"_s, u"title"_s), u"Shop"_s);
        select(editor, u"Network card 52:54:00:00:00:01"_s);
        auto *network = field<QComboBox>(editor, u"nic"_s, u"network"_s);
        type(network->lineEdit(), u"apart"_s);
        QVERIFY(apply->isEnabled());
        QCOMPARE(editor.draft().changeCount(), 3);
        QString expected = Web;
        expected.replace(u"<vcpu>4"_s, u"<vcpu>8"_s).replace(u"network='default'"_s, u"network='apart'"_s);
        expected.replace(u"<name>web</name>\n"_s, u"<name>web</name>\n  <title>Shop</title>\n"_s);
        QCOMPARE(editor.edit().wanted, expected);
        QCOMPARE(editor.edit().base, Web);
        QSignalSpy requested(&editor, &HardwareEditor::applyRequested);
        QTest::mouseClick(apply, Qt::LeftButton);
        QCOMPARE(requested.count(), 1);
        QTest::mouseClick(editor.findChild<QPushButton *>(u"hardwareDiscard"_s), Qt::LeftButton);
        QCOMPARE(editor.draft().wanted(), Web);
        QVERIFY(!apply->isEnabled());
    }

    void whatIsWrongIsSaidAndBlocks()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        editor.setHost(knownHost());
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        select(editor, u"CPUs"_s);
        auto *topology = field<QCheckBox>(editor, u"cpu"_s, u"topology"_s);
        QTest::keyClick(topology, Qt::Key_Space);
        QVERIFY(topology->isChecked());
        auto *cores = field<QSpinBox>(editor, u"cpu"_s, u"cores"_s);
        QVERIFY(cores->isVisible());
        type(cores, u"3"_s);
        QVERIFY(editor.reason().contains(u"12"_s));
        QVERIFY(!editor.findChild<QPushButton *>(u"hardwareApply"_s)->isEnabled());
        QCOMPARE(editor.findChild<QLabel *>(u"hardwareSummary"_s)->text(), editor.reason());
        type(field<QSpinBox>(editor, u"cpu"_s, u"sockets"_s), u"2"_s);
        type(cores, u"2"_s);
        QCOMPARE(editor.reason(), QString());
        QTest::keyClick(cores, Qt::Key_Z, Qt::ControlModifier); // the field's own, or the page's: never more
        QVERIFY(editor.draft().isEdited());
    }

    void removedIsStruckOutAndKept()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        const int watchdog = select(editor, u"Watchdog"_s);
        auto *list = editor.findChild<HardwareList *>();
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Delete);
        QCOMPARE(editor.draft().entry(watchdog)->state, State::Removed);
        QCOMPARE(editor.currentId(), watchdog); // still there to be looked at
        QVERIFY(editor.findChild<XmlEditor *>()->isReadOnly());
        QVERIFY(!button<QPushButton>(editor, u"Remove"_s)->isEnabled());
        QTest::mouseClick(button<QPushButton>(editor, u"Keep"_s), Qt::LeftButton);
        QCOMPARE(editor.draft().wanted(), Web);
        select(editor, u"CPUs"_s);
        QVERIFY(!button<QPushButton>(editor, u"Remove"_s)->isEnabled()); // a part of the VM itself
        QTest::keyClick(list, Qt::Key_Delete);
        QCOMPARE(editor.draft().wanted(), Web);
    }

    void xmlAndPageAreOne()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        select(editor, u"Disk vda"_s);
        auto *tabs = editor.findChild<QTabWidget *>(u"deviceTabs"_s);
        tabs->setCurrentIndex(1);
        auto *xml = editor.findChild<XmlEditor *>();
        QVERIFY(xml->xml().startsWith("<disk"_L1));
        QString other = xml->xml();
        other.replace(u"a.qcow2"_s, u"b.qcow2"_s);
        xml->replaceXml(other);
        QCOMPARE(editor.draft().wanted(), QString(Web).replace(u"a.qcow2"_s, u"b.qcow2"_s));
        tabs->setCurrentIndex(0);
        auto *file = field<QComboBox>(editor, u"disk"_s, u"file"_s);
        QCOMPARE(file->currentText(), u"/images/b.qcow2"_s);
        type(file->lineEdit(), u"/images/c.qcow2"_s);
        tabs->setCurrentIndex(1);
        QVERIFY(xml->xml().contains(u"/images/c.qcow2"_s));
        // What is no element yet is kept, said, and blocks.
        const QString before = editor.draft().wanted();
        xml->replaceXml(u"<disk"_s);
        QCOMPARE(editor.draft().wanted(), before);
        QVERIFY(editor.reason().contains(u"Disk vda"_s));
        QVERIFY(!editor.findChild<QPushButton *>(u"hardwareApply"_s)->isEnabled());
        select(editor, u"CPUs"_s);
        select(editor, u"Disk vda"_s);
        QCOMPARE(xml->xml(), u"<disk"_s);
        xml->replaceXml(u"<interface type='user'/>"_s);
        QVERIFY(!editor.reason().isEmpty());
        QTest::mouseClick(button<QPushButton>(editor, u"Revert"_s), Qt::LeftButton);
        QCOMPARE(editor.reason(), QString());
        QCOMPARE(editor.draft().wanted(), Web);
        QVERIFY(xml->xml().contains(u"a.qcow2"_s));
    }

    void aKindWithoutPageShowsItsXml()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        select(editor, u"Watchdog"_s);
        auto *xml = editor.findChild<XmlEditor *>();
        QVERIFY(xml->isVisible());
        QCOMPARE(xml->xml(), u"<watchdog model='itco' action='reset'/>"_s);
        xml->replaceXml(u"<watchdog model='itco' action='pause'/>"_s);
        QCOMPARE(editor.draft().wanted(), QString(Web).replace(u"'reset'"_s, u"'pause'"_s));
        select(editor, u"CPUs"_s);
        QVERIFY(!xml->isVisible());
    }

    void aMediumIsChangedAndEjected()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        select(editor, u"CD-ROM sda"_s);
        type(field<QComboBox>(editor, u"cdrom"_s, u"file"_s)->lineEdit(), u"/iso/other.iso"_s);
        QVERIFY(editor.draft().wanted().contains(u"<source file='/iso/other.iso'/>"_s));
        auto *eject = field<QPushButton>(editor, u"cdrom"_s, u"eject"_s);
        QTest::mouseClick(eject, Qt::LeftButton);
        QVERIFY(!editor.draft().wanted().contains(u"other.iso"_s));
        QVERIFY(!eject->isEnabled());
        QCOMPARE(editor.reason(), QString());
    }

    void bootOrderByKeys()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        select(editor, u"Boot"_s);
        QListWidget *order = nullptr;
        const auto lists = editor.findChildren<QListWidget *>();
        for (QListWidget *list : lists) {
            order = list->accessibleName() == "Boot order"_L1 ? list : order;
        }
        QVERIFY(order);
        QCOMPARE(order->count(), 3);
        order->setFocus();
        QTest::keyClick(order, Qt::Key_End);
        QTest::keyClick(order, Qt::Key_Space); // the network card, too
        QVERIFY(editor.draft().wanted().contains(u"<boot order='1'/>"_s));
        QVERIFY(editor.draft().wanted().contains(u"<boot order='2'/>"_s));
        QVERIFY(!editor.draft().wanted().contains(u"<boot dev"_s));
        QVERIFY(order->item(1)->text().startsWith("Network card"_L1));
        order->setCurrentRow(1);
        QTest::mouseClick(button<QPushButton>(editor, u"Move up"_s), Qt::LeftButton);
        QVERIFY(order->item(0)->text().startsWith("Network card"_L1));
        QCOMPARE(order->currentRow(), 0);
    }

    void badgesOfARunningVm()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        select(editor, u"Network card 52:54:00:00:00:01"_s);
        const auto badges = [&editor] {
            int count = 0;
            const auto labels = editor.form(u"nic"_s)->findChildren<QLabel *>();
            for (const QLabel *label : labels) {
                count += label->text() == "at next boot"_L1 && label->isVisible() ? 1 : 0;
            }
            return count;
        };
        QCOMPARE(badges(), 0);
        editor.draft().setRunning(true);
        QCOMPARE(badges(), 3); // kind, model, address; but not network and cable
        QVERIFY(field<QComboBox>(editor, u"nic"_s, u"model"_s)->toolTip().contains(u"next boot"_s));
        QCOMPARE(field<QComboBox>(editor, u"nic"_s, u"link"_s)->toolTip(), QString());
        select(editor, u"Overview"_s);
        QVERIFY(!field<QLineEdit>(editor, u"overview"_s, u"name"_s)->isEnabled());
        QVERIFY(field<QLineEdit>(editor, u"overview"_s, u"title"_s)->isEnabled());
    }

    void theSummarySaysWhen()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        editor.draft().setRunning(true);
        using operation::EditEffect;
        editor.setEffects([](const operation::DefinitionEdit &) {
            return QList<EditEffect>{
                {EditEffect::When::Now, u"Title"_s, {}}, {EditEffect::When::NextBoot, u"vCPUs"_s, u"<b>because</b>"_s}};
        });
        show(editor);
        auto *summary = editor.findChild<QLabel *>(u"hardwareSummary"_s);
        QCOMPARE(summary->text(), u"No changes"_s);
        select(editor, u"Overview"_s);
        type(field<QLineEdit>(editor, u"overview"_s, u"title"_s), u"a"_s);
        QTRY_VERIFY(summary->text().contains(u"1 at next boot"_s));
        QCOMPARE(summary->text(), u"2 changes: 1 applies now, 1 at next boot"_s);
        auto *details = editor.findChild<QLabel *>(u"hardwareEffects"_s);
        QVERIFY(!details->isVisible());
        QTest::mouseClick(button<QToolButton>(editor, u"When"_s), Qt::LeftButton);
        QVERIFY(details->isVisible());
        QVERIFY(details->text().contains(u"<b>because</b>"_s)); // plain, whatever libvirt says
        QCOMPARE(details->textFormat(), Qt::PlainText);
    }

    void addingADisk()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        editor.setHost(knownHost());
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        QTest::mouseClick(button<QPushButton>(editor, u"Add Hardware…"_s), Qt::LeftButton);
        auto *dialog = editor.findChild<AddHardwareDialog *>();
        QVERIFY(dialog);
        QTRY_VERIFY(dialog->isVisible());
        auto *add = button<QPushButton>(*dialog, u"Add"_s);
        QVERIFY(!add->isEnabled()); // a disk without data is none
        auto *file = qobject_cast<QComboBox *>(dialog->form()->field(u"file"_s));
        QVERIFY(file->findText(u"/images/free.img"_s) >= 0);
        type(file->lineEdit(), u"/images/taken.qcow2"_s);
        QVERIFY(!add->isEnabled());
        QVERIFY(add->toolTip().contains(u"db01"_s));
        type(file->lineEdit(), u"/images/free.img"_s);
        QVERIFY2(add->isEnabled(), qPrintable(add->toolTip()));
        auto *target = qobject_cast<QLineEdit *>(dialog->form()->field(u"target"_s));
        QCOMPARE(target->text(), u"vdb"_s);
        type(target, u"vda"_s);
        QVERIFY(!add->isEnabled());
        type(target, u"vdb"_s);
        QCOMPARE(editor.draft().wanted(), Web); // not yet
        QTest::keyClick(target, Qt::Key_Return);
        const int added = editor.currentId();
        QCOMPARE(editor.draft().entry(added)->title, u"Disk vdb"_s);
        QCOMPARE(editor.draft().entry(added)->state, State::Added);
        QVERIFY(
            editor.draft().wanted().contains(u"type=\"raw\""_s) || editor.draft().wanted().contains(u"type='raw'"_s));
        editor.draft().undo(); // one step
        QCOMPARE(editor.draft().wanted(), Web);
    }

    void addingANetworkCardAndXml()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        editor.setHost(knownHost());
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        editor.addHardware();
        auto *dialog = editor.findChild<AddHardwareDialog *>();
        QTRY_VERIFY(dialog->isVisible());
        dialog->choose(u"nic"_s);
        auto *mac = qobject_cast<QLineEdit *>(dialog->form()->field(u"mac"_s));
        const QString first = mac->text();
        QVERIFY(!first.isEmpty());
        QTest::mouseClick(qobject_cast<QPushButton *>(dialog->form()->field(u"newmac"_s)), Qt::LeftButton);
        QVERIFY(mac->text() != first);
        auto *add = button<QPushButton>(*dialog, u"Add"_s);
        type(mac, u"52:54:00:00:00:01"_s); // the other card's
        QVERIFY(!add->isEnabled());
        type(mac, u"52:54:00:00:00:02"_s);
        QVERIFY(add->isEnabled());
        // Anything, by hand.
        dialog->choose(u"xml"_s);
        QVERIFY(!add->isEnabled());
        dialog->editor()->replaceXml(u"<rng model='virtio'>"_s);
        QVERIFY(!add->isEnabled());
        dialog->editor()->replaceXml(u"<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"_s);
        QVERIFY2(add->isEnabled(), qPrintable(add->toolTip()));
        QTest::mouseClick(add, Qt::LeftButton);
        QCOMPARE(editor.draft().entry(editor.currentId())->title, u"Random numbers"_s);
        QVERIFY(!editor.draft().wanted().contains(u"00:00:00:02"_s)); // the card was given up
    }

    void theVmChangesWhileSomethingIsAdded()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        editor.setHost(knownHost());
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        editor.addHardware();
        QPointer<AddHardwareDialog> dialog = editor.findChild<AddHardwareDialog *>();
        QTRY_VERIFY(dialog && dialog->isVisible());
        dialog->choose(u"nic"_s);
        const QString mac = qobject_cast<QLineEdit *>(dialog->form()->field(u"mac"_s))->text();
        // Somebody else takes the watchdog out.
        QString other = Web;
        other.remove(u"    <watchdog model='itco' action='reset'/>\n"_s);
        QVERIFY(editor.draft().setBase(other));
        QCOMPARE(qobject_cast<QLineEdit *>(dialog->form()->field(u"mac"_s))->text(), mac);
        dialog->accept();
        QVERIFY(editor.draft().wanted().contains(mac));
        QVERIFY(!editor.draft().wanted().contains(u"watchdog"_s)); // it does not come back
        // It goes altogether: there is nothing to add to.
        editor.addHardware();
        dialog = nullptr;
        const auto dialogs = editor.findChildren<AddHardwareDialog *>();
        for (AddHardwareDialog *each : dialogs) {
            dialog = each->isVisible() ? each : dialog.data();
        }
        QVERIFY(dialog);
        editor.draft().clear();
        QTRY_VERIFY(!dialog);
        QVERIFY(editor.draft().isEmpty());
    }

    void whatTheHostCantIsNotOffered()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        xml::devices::HostFacts host = knownHost();
        auto &disk = host.vocabulary.capabilities.parts[u"disk"_s];
        disk.values[u"diskDevice"_s] = {u"disk"_s};
        host.vocabulary.capabilities.parts[u"graphics"_s].values[u"type"_s] = {u"sdl"_s};
        editor.setHost(host);
        QVERIFY(editor.draft().setBase(Web));
        AddHardwareDialog dialog(editor.draft(), nullptr);
        auto *kinds = dialog.findChild<QListWidget *>();
        QStringList offered;
        for (int row = 0; row < kinds->count(); ++row) {
            const QListWidgetItem *item = kinds->item(row);
            if (item->flags() & Qt::ItemIsEnabled) {
                offered.append(item->text());
            } else {
                QVERIFY(!item->toolTip().isEmpty()); // and why
            }
        }
        QVERIFY(offered.contains(u"Disk"_s));
        QVERIFY(!offered.contains(u"CD-ROM"_s));
        QVERIFY(!offered.contains(u"Graphics"_s));
    }

    void customiseGivesTheDefinitionBack()
    {
        ui::CustomiseDialog dialog(Web, nullptr);
        dialog.setHost(knownHost());
        QSignalSpy chosen(&dialog, &ui::CustomiseDialog::chosen);
        show(dialog);
        QVERIFY(!button<QPushButton>(dialog, u"Apply…"_s));
        select(*dialog.editor(), u"CPUs"_s);
        type(field<QSpinBox>(*dialog.editor(), u"cpu"_s, u"current"_s), u"9"_s);
        dialog.accept(); // more than there are
        QVERIFY(dialog.isVisible());
        type(field<QSpinBox>(*dialog.editor(), u"cpu"_s, u"current"_s), u"2"_s);
        dialog.accept();
        QCOMPARE(chosen.count(), 1);
        QCOMPARE(chosen.at(0).at(0).toString(), QString(Web).replace(u"<vcpu>4"_s, u"<vcpu current='2'>4"_s));
    }

    void thePlanOffersToCustomise()
    {
        ui::PlanView view;
        job::Plan plan;
        plan.xmlAfter = Web;
        view.setPlan(plan);
        show(view);
        QVERIFY(!button<QPushButton>(view, u"Customise…"_s));
        view.setXmlEditable(true);
        QSignalSpy requested(&view, &ui::PlanView::customiseRequested);
        QSignalSpy chosen(&view, &ui::PlanView::xmlChosen);
        QTest::mouseClick(button<QPushButton>(view, u"Customise…"_s), Qt::LeftButton);
        QCOMPARE(requested.count(), 1);
        QCOMPARE(requested.at(0).at(0).toString(), Web);
        view.chooseXml(Web);
        QCOMPARE(chosen.count(), 0); // nothing was changed
        view.chooseXml(u"<domain/>"_s);
        QCOMPARE(chosen.count(), 1);
        view.setLocked(true);
        QVERIFY(!button<QPushButton>(view, u"Customise…"_s)->isEnabled());
        view.chooseXml(u"<domain></domain>"_s);
        QCOMPARE(chosen.count(), 1);
    }

    void theWheelChangesNoHardware()
    {
        HardwareEditor editor(HardwareEditor::Buttons::Apply);
        QVERIFY(editor.draft().setBase(Web));
        show(editor);
        select(editor, u"CPUs"_s);
        editor.findChild<HardwareList *>()->setFocus();
        for (const QString &id : {u"maximum"_s, u"model"_s}) {
            auto *widget = editor.form(u"cpu"_s)->field(id);
            QWheelEvent wheel(QPointF(5, 5), widget->mapToGlobal(QPointF(5, 5)), {}, QPoint(0, -120), Qt::NoButton,
                Qt::NoModifier, Qt::NoScrollPhase, false);
            QCoreApplication::sendEvent(widget, &wheel);
            QVERIFY2(!editor.draft().isEdited(), qPrintable(id));
        }
    }

    void aVmOfAHost()
    {
        DialogBed bed(NodeXml);
        QVERIFY(bed.connectHost());
        HardwarePage page(bed.context());
        page.setDomain({bed.host(), Web01});
        show(page);
        HardwareEditor &editor = *page.editor();
        QTRY_VERIFY(!editor.draft().isEmpty());
        QTRY_VERIFY(editor.draft().host().vocabulary.networks.contains(u"default"_s));
        const int disk = select(editor, u"Disk vda"_s);
        QVERIFY(disk >= 0);
        QVERIFY(editor.draft().isRunning()); // the test driver starts all
        // Somebody else changes it: shown at once, the selection stays.
        const auto rename = [](const QString &title) {
            return [title](virt::Connection &connection) -> Result<> {
                auto text = virt::domains::xml(connection, Web01, virt::domains::XmlKind::Inactive);
                auto document = text ? xml::XmlText::parse(*text) : fail(text.error());
                if (!document) {
                    return fail(document.error());
                }
                document->setText(u"title"_s, title);
                const auto defined = virt::domains::define(connection, document->toString());
                return defined ? Result<>() : fail(defined.error());
            };
        };
        QVERIFY(bed.act(rename(u"First"_s)));
        QTRY_VERIFY(editor.draft().wanted().contains(u"First"_s));
        QCOMPARE(editor.draft().entry(editor.currentId())->title, u"Disk vda"_s);
        // While something is edited: kept, and said.
        editor.draft().write(editor.draft().idOf(u"cpu"_s), u"maximum"_s, u"2"_s);
        QVERIFY(bed.act(rename(u"Second"_s)));
        auto *message = page.findChild<ui::MessageBar *>(QString(), Qt::FindDirectChildrenOnly);
        QTRY_VERIFY(message->text().contains(u"meanwhile"_s));
        QVERIFY(editor.draft().wanted().contains(u"First"_s));
        QVERIFY(editor.draft().isEdited());
        editor.draft().discard();
        QTRY_VERIFY(editor.draft().wanted().contains(u"Second"_s));
        QTRY_VERIFY(!message->isVisible());
        // What the neighbours have becomes known when editing begins.
        QTRY_VERIFY(editor.draft().host().takenMacs.contains(u"52:54:00:aa:bb:cc"_s));
        QVERIFY(editor.draft().host().diskUsers.contains(u"/images/db01.qcow2"_s));
        // Edits wait while another VM is looked at.
        editor.draft().write(editor.draft().idOf(u"cpu"_s), u"maximum"_s, u"3"_s);
        const QString wanted = editor.draft().wanted();
        page.setDomain({bed.host(), Db01});
        QTRY_VERIFY(editor.draft().base().contains(u"db01"_s));
        QVERIFY(!editor.draft().isEdited());
        QVERIFY(page.hasEdits());
        page.setDomain({bed.host(), Web01});
        QCOMPARE(editor.draft().wanted(), wanted);
        QVERIFY(editor.draft().isEdited());
    }

    void applyOnTheTestDriver()
    {
        DialogBed bed(NodeXml);
        QVERIFY(bed.connectHost());
        HardwarePage page(bed.context());
        page.setDomain({bed.host(), Web01});
        show(page);
        HardwareEditor &editor = *page.editor();
        QTRY_VERIFY(!editor.draft().isEmpty());
        select(editor, u"CPUs"_s);
        type(field<QSpinBox>(editor, u"cpu"_s, u"maximum"_s), u"2"_s);
        QTRY_VERIFY(editor.findChild<QLabel *>(u"hardwareSummary"_s)->text().contains(u"next boot"_s));
        QTest::mouseClick(editor.findChild<QPushButton *>(u"hardwareApply"_s), Qt::LeftButton);
        QDialog *dialog = nullptr;
        const auto opened = [&page, &dialog] {
            dialog = page.findChild<QDialog *>(u"applyDialog"_s);
            return dialog && dialog->isVisible();
        };
        QTRY_VERIFY(opened());
        QPushButton *act = dialog->findChild<QPushButton *>(u"planAct"_s);
        QTRY_VERIFY(act->isEnabled());
        QTest::mouseClick(act, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!editor.draft().isEdited(), 20'000);
        QVERIFY(editor.draft().base().contains(u">2</vcpu>"_s));
        QCOMPARE(editor.draft().entry(editor.currentId())->title, u"CPUs"_s);
    }
};

QTEST_MAIN(TestHardware)
#include "tst_hardware.moc"
