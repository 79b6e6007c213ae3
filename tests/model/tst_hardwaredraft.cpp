// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QSignalSpy>
#include <QTest>

#include "model/hardwaredraft.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using model::HardwareDraft;
using State = HardwareDraft::State;

namespace {

const QString Web = uR"(<domain type='kvm'>
  <name>web</name>
  <memory unit='MiB'>2048</memory>
  <vcpu>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
  </os>
  <devices>
    <emulator>/usr/bin/qemu</emulator>
    <disk type='file' device='disk'>
      <!-- the data -->
      <source file='/images/a.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <boot order='1'/>
    </disk>
    <disk type='file' device='disk'>
      <source file='/images/b.qcow2'/>
      <target dev='vdb' bus='virtio'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='sda' bus='sata'/>
    </disk>
    <controller type='pci' model='pcie-root'/>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default'/>
    </interface>
    <strange new='yes'/>
    <memballoon model='virtio'/>
  </devices>
</domain>
)"_s;

} // namespace

/** A definition edited device by device: the list, states, undo, and that what nobody touched stays. */
class TestHardwareDraft final : public QObject
{
    Q_OBJECT

    static QStringList titles(const HardwareDraft &draft)
    {
        QStringList all;
        for (const HardwareDraft::Entry &entry : draft.entries()) {
            all.append(entry.title);
        }
        return all;
    }
    static State stateOf(const HardwareDraft &draft, const QString &title)
    {
        for (const HardwareDraft::Entry &entry : draft.entries()) {
            if (entry.title == title) {
                return entry.state;
            }
        }
        qFatal("no %s", qPrintable(title));
    }
    static int idOf(const HardwareDraft &draft, const QString &title)
    {
        for (const HardwareDraft::Entry &entry : draft.entries()) {
            if (entry.title == title) {
                return entry.id;
            }
        }
        return -1;
    }

private Q_SLOTS:
    void theListIsOrdered()
    {
        HardwareDraft draft;
        QVERIFY(draft.isEmpty());
        QVERIFY(draft.entries().isEmpty());
        QVERIFY(draft.setBase(Web));
        QCOMPARE(titles(draft),
            (QStringList{u"Overview"_s, u"CPUs"_s, u"Memory"_s, u"Boot"_s, u"Disk vda"_s, u"Disk vdb"_s,
                u"CD-ROM sda"_s, u"Network card 52:54:00:00:00:01"_s, u"Controller PCI"_s, u"Memory balloon"_s,
                u"strange"_s}));
        QVERIFY(!draft.isEdited());
        QCOMPARE(draft.changeCount(), 0);
        QVERIFY(!draft.canUndo());
    }

    void brokenTextChangesNothing()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        for (const QString &bad : {u"<domain>"_s, QString(), u"<!DOCTYPE a><domain/>"_s, u"<domain>\0</domain>"_s}) {
            QVERIFY2(!draft.setBase(bad), qPrintable(bad));
            QCOMPARE(draft.base(), Web);
        }
    }

    void editsAreSeenAndUndone()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        QSignalSpy changed(&draft, &HardwareDraft::changed);
        const int disk = idOf(draft, u"Disk vdb"_s);
        draft.write(disk, u"cache"_s, u"none"_s);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(stateOf(draft, u"Disk vdb"_s), State::Changed);
        QCOMPARE(stateOf(draft, u"Disk vda"_s), State::Unchanged);
        QCOMPARE(draft.changeCount(), 1);
        draft.write(idOf(draft, u"CPUs"_s), u"maximum"_s, u"8"_s);
        QCOMPARE(draft.changeCount(), 2);
        draft.undo();
        QCOMPARE(stateOf(draft, u"CPUs"_s), State::Unchanged);
        draft.undo();
        QCOMPARE(draft.wanted(), Web);
        QVERIFY(!draft.canUndo());
        draft.redo();
        draft.redo();
        QCOMPARE(draft.changeCount(), 2);
        QVERIFY(!draft.canRedo());
        draft.discard();
        QCOMPARE(draft.wanted(), Web);
        draft.undo(); // also of discarding
        QCOMPARE(draft.changeCount(), 2);
    }

    void typingIsOneStep()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        const int overview = idOf(draft, u"Overview"_s);
        for (const QString &text : {u"S"_s, u"Sh"_s, u"Shop"_s}) {
            draft.write(overview, u"title"_s, text);
        }
        draft.write(overview, u"description"_s, u"x"_s);
        draft.undo();
        QVERIFY(draft.wanted().contains(u"<title>Shop</title>"_s));
        draft.undo();
        QCOMPARE(draft.wanted(), Web);
    }

    void writingTheSameIsNothing()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        QSignalSpy changed(&draft, &HardwareDraft::changed);
        draft.write(idOf(draft, u"Disk vda"_s), u"target"_s, u"vda"_s);
        draft.write(idOf(draft, u"Disk vda"_s), u"nosuch"_s, u"vda"_s);
        draft.write(4711, u"target"_s, u"vda"_s);
        QCOMPARE(changed.count(), 0);
        QVERIFY(!draft.canUndo());
    }

    void removedDevicesStayInTheListAndComeBack()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        const int first = idOf(draft, u"Disk vda"_s);
        const int second = idOf(draft, u"Disk vdb"_s);
        draft.remove(first);
        QCOMPARE(stateOf(draft, u"Disk vda"_s), State::Removed);
        QVERIFY(!draft.wanted().contains(u"a.qcow2"_s));
        // The sibling that moved up is still itself.
        QCOMPARE(draft.entry(second)->title, u"Disk vdb"_s);
        QCOMPARE(draft.entry(second)->state, State::Unchanged);
        draft.write(second, u"cache"_s, u"none"_s);
        QCOMPARE(draft.entry(second)->state, State::Changed);
        draft.write(first, u"cache"_s, u"none"_s); // what is removed is not edited
        QCOMPARE(draft.changeCount(), 2);
        draft.revert(first);
        QCOMPARE(stateOf(draft, u"Disk vda"_s), State::Unchanged);
        draft.revert(second);
        QCOMPARE(draft.wanted(), Web); // in its place, with its comment
    }

    void allDevicesRemovedAndBack()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        QList<int> devices;
        for (const HardwareDraft::Entry &entry : draft.entries()) {
            if (entry.kind->parts.isEmpty()) {
                devices.append(entry.id);
            }
        }
        for (const int id : devices) {
            draft.remove(id);
        }
        QCOMPARE(draft.changeCount(), devices.size());
        for (const int id : devices) {
            draft.revert(id);
        }
        QCOMPARE(draft.changeCount(), 0);
        QCOMPARE(draft.wanted(), Web);
    }

    void addedDevicesGoAgain()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        const auto id = draft.add(u"<disk type='file' device='disk'><target dev='vdc' bus='virtio'/></disk>"_s);
        QVERIFY(id);
        QCOMPARE(draft.entry(*id)->state, State::Added);
        QCOMPARE(draft.entry(*id)->title, u"Disk vdc"_s);
        QVERIFY(!draft.problems().isEmpty()); // it has no data yet
        draft.write(*id, u"file"_s, u"/images/c.raw"_s);
        QCOMPARE(draft.problems(), QStringList());
        draft.revert(*id);
        QVERIFY(!draft.entry(*id));
        QCOMPARE(draft.wanted(), Web);
        QVERIFY(!draft.add(u"<disk"_s));
        QVERIFY(!draft.add(u"<a/><b/>"_s));
        QCOMPARE(draft.wanted(), Web);
    }

    void aControllerThatComesAlongIsListed()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        draft.write(idOf(draft, u"Disk vdb"_s), u"bus"_s, u"scsi"_s);
        QCOMPARE(stateOf(draft, u"Controller SCSI 0"_s), State::Added);
        QCOMPARE(stateOf(draft, u"Disk sdb"_s), State::Changed);
        draft.undo();
        QCOMPARE(draft.wanted(), Web);
    }

    void bootOrderCountsAsBoot()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        const int nic = idOf(draft, u"Network card 52:54:00:00:00:01"_s);
        draft.change(
            nic, [](const xml::devices::DeviceEdit &edit) { edit.setAttribute(u"boot"_s, u"order"_s, u"2"_s); });
        QCOMPARE(stateOf(draft, u"Boot"_s), State::Changed);
        draft.revert(idOf(draft, u"Boot"_s));
        QCOMPARE(draft.wanted(), Web);
    }

    void partsOfTheDomainRevert()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        const int cpu = idOf(draft, u"CPUs"_s);
        draft.write(cpu, u"model"_s, u"host-model"_s);
        draft.write(cpu, u"maximum"_s, u"2"_s);
        draft.write(idOf(draft, u"Memory"_s), u"shared"_s, u"yes"_s);
        draft.revert(cpu);
        QCOMPARE(stateOf(draft, u"CPUs"_s), State::Unchanged);
        QCOMPARE(stateOf(draft, u"Memory"_s), State::Changed);
        draft.revert(idOf(draft, u"Memory"_s));
        QCOMPARE(draft.wanted(), Web);
    }

    void xmlOfADevice()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        const int disk = idOf(draft, u"Disk vda"_s);
        const QString xml = draft.xmlOf(*draft.entry(disk));
        QVERIFY(xml.contains(u"\n  <source"_s)); // not as deep as it stands in the document
        QVERIFY(draft.replaceXml(disk, xml));
        QCOMPARE(draft.wanted(), Web);
        QString other = xml;
        other.replace(u"a.qcow2"_s, u"z.qcow2"_s);
        QVERIFY(draft.replaceXml(disk, other));
        QCOMPARE(draft.wanted(), QString(Web).replace(u"a.qcow2"_s, u"z.qcow2"_s));
        QVERIFY(!draft.replaceXml(disk, u"<disk>"_s));
        QVERIFY(!draft.replaceXml(disk, u"<interface/>"_s));
        QVERIFY(!draft.replaceXml(idOf(draft, u"CPUs"_s), u"<cpu/>"_s));
        QCOMPARE(draft.wanted(), QString(Web).replace(u"a.qcow2"_s, u"z.qcow2"_s));
    }

    void onlyNewProblemsCount()
    {
        QString odd = Web;
        odd.replace(u"<target dev='vdb'"_s, u"<target dev='vda'"_s);
        HardwareDraft draft;
        QVERIFY(draft.setBase(odd));
        QVERIFY(draft.problems().isEmpty());
        draft.write(draft.idAt(xml::ElementPath(u"devices/disk[1]"_s)), u"cache"_s, u"none"_s);
        QVERIFY(draft.problems().isEmpty()); // it was so before
        draft.write(draft.idAt(xml::ElementPath(u"devices/disk[1]"_s)), u"target"_s, u"sda"_s);
        QCOMPARE(draft.problems().size(), 1);
    }

    void likeDevicesKeepTheirIds()
    {
        HardwareDraft draft;
        QVERIFY(draft.setBase(Web));
        const int second = idOf(draft, u"Disk vdb"_s);
        const int nic = idOf(draft, u"Network card 52:54:00:00:00:01"_s);
        draft.remove(idOf(draft, u"Disk vda"_s));
        const QString wanted = draft.wanted();
        QVERIFY(draft.setBase(wanted));
        QVERIFY(!draft.isEdited());
        QCOMPARE(idOf(draft, u"Disk vdb"_s), second);
        QCOMPARE(idOf(draft, u"Network card 52:54:00:00:00:01"_s), nic);
    }

    void anEditFromElsewhereIsPaired()
    {
        HardwareDraft first;
        QVERIFY(first.setBase(Web));
        first.remove(idOf(first, u"Disk vda"_s));
        first.write(idOf(first, u"Disk vdb"_s), u"cache"_s, u"none"_s);
        QVERIFY(first.add(u"<watchdog model='itco'/>"_s));
        HardwareDraft draft;
        QVERIFY(draft.setEdit(Web, first.wanted()));
        QCOMPARE(draft.wanted(), first.wanted());
        QCOMPARE(stateOf(draft, u"Disk vda"_s), State::Removed);
        QCOMPARE(stateOf(draft, u"Disk vdb"_s), State::Changed);
        QCOMPARE(stateOf(draft, u"Watchdog"_s), State::Added);
        QCOMPARE(stateOf(draft, u"CD-ROM sda"_s), State::Unchanged);
        QVERIFY(!draft.setEdit(Web, u"<domain>"_s));
        QCOMPARE(draft.wanted(), first.wanted());
    }

    void everyDocumentIsListedAndReverted_data()
    {
        QTest::addColumn<QString>("path");
        const QDir directory(QStringLiteral(VIREO_TEST_DATA "/domain"));
        const QStringList names = directory.entryList({u"*.xml"_s});
        for (const QString &name : names) {
            QTest::newRow(qPrintable(name)) << directory.filePath(name);
        }
    }

    /** Each device removed and put back, one by one: the document is the same in the end. */
    void everyDocumentIsListedAndReverted()
    {
        QFETCH(QString, path);
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString text = QString::fromUtf8(file.readAll());
        HardwareDraft draft;
        const auto based = draft.setBase(text);
        QVERIFY2(based, based ? "" : qPrintable(based.error().message));
        const QList<HardwareDraft::Entry> entries = draft.entries();
        for (const HardwareDraft::Entry &entry : entries) {
            QVERIFY(!entry.title.isEmpty());
            draft.remove(entry.id);
            QCOMPARE(draft.isEdited(), entry.kind->parts.isEmpty());
            draft.undo();
            QCOMPARE(draft.wanted(), text);
            draft.remove(entry.id);
            draft.revert(entry.id);
            QVERIFY2(draft.changeCount() == 0, qPrintable(entry.title));
            QCOMPARE(draft.entries().size(), entries.size());
            draft.discard();
        }
    }
};

QTEST_GUILESS_MAIN(TestHardwareDraft)
#include "tst_hardwaredraft.moc"
