// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QTest>

#include "backend/xml/devices/bootorder.h"
#include "backend/xml/devices/devicekind.h"
#include "backend/xml/devices/devicenames.h"
#include "backend/xml/document.h"
#include "backend/xml/domaincapabilities.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::xml::devices;
using xml::ElementPath;
using xml::XmlText;
using Kind = DeviceField::Kind;

namespace {

QString fromFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QStringList documents()
{
    const QDir directory(QStringLiteral(VIREO_TEST_DATA "/domain"));
    QStringList paths;
    for (const QString &name : directory.entryList({u"*.xml"_s})) {
        paths.append(directory.filePath(name));
    }
    return paths;
}

XmlText parsed(const QString &text)
{
    auto document = XmlText::parse(text);
    if (!document) {
        qFatal("%s", qPrintable(document.error().message));
    }
    return *document;
}

XmlText q35()
{
    return parsed(uR"(<domain type='kvm'>
  <name>web</name>
  <memory unit='MiB'>2048</memory>
  <currentMemory unit='MiB'>2048</currentMemory>
  <vcpu>4</vcpu>
  <os>
    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <boot dev='cdrom'/>
    <boot dev='hd'/>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/images/web.qcow2'/>
      <target dev='vda' bus='virtio'/>
      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>
    </disk>
    <disk type='file' device='cdrom'>
      <source file='/iso/debian.iso'/>
      <target dev='sda' bus='sata'/>
      <readonly/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:00:00:01'/>
      <source network='default' portgroup='eng'/>
      <model type='virtio'/>
    </interface>
    <graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'>
      <listen type='address' address='127.0.0.1'/>
    </graphics>
    <video>
      <model type='qxl' ram='65536' vram='65536' vgamem='16384' heads='1'/>
    </video>
  </devices>
</domain>
)"_s);
}

/** A host that knows a few things. */
HostFacts knownHost()
{
    HostFacts host;
    host.vocabulary.networks = {u"apart"_s, u"default"_s};
    host.vocabulary.bridges = {u"br0"_s};
    host.vocabulary.interfaces = {u"eth0"_s};
    host.vocabulary.pools = {u"images"_s};
    host.vocabulary.volumes = {{u"images"_s, {u"data.qcow2"_s, u"web.qcow2"_s}}};
    host.volumes = {{u"images"_s, u"web.qcow2"_s, u"/images/web.qcow2"_s, u"qcow2"_s, 1},
        {u"images"_s, u"data.img"_s, u"/images/data.img"_s, u"raw"_s, 1}};
    host.diskUsers = {{u"/images/taken.qcow2"_s, {u"db01"_s}}};
    host.takenMacs = {u"52:54:00:00:00:99"_s};
    host.hostCpus = 8;
    host.hostMemoryKiB = 16ULL * 1024 * 1024;
    return host;
}

/** What every field may be set to, other than what it is. */
QString otherValue(const DeviceField &field, const DeviceContext &context)
{
    const QString now = field.read(context);
    switch (field.kind) {
    case Kind::Choice:
        if (field.offer) {
            const Offer offer = field.offer(context);
            for (const QString &value : offer.values) {
                if (value != now && !value.isEmpty()) {
                    return value;
                }
            }
        }
        return now.isEmpty() ? u"x"_s : QString();
    case Kind::Switch:
        return now == "yes"_L1 ? u"no"_s : u"yes"_s;
    case Kind::Number:
        return now == QString::number(field.minimum + 1) ? QString::number(field.minimum + 2)
                                                         : QString::number(field.minimum + 1);
    default:
        return now + u"x<&'\""_s;
    }
}

/** The text before and behind what differs. */
std::pair<QStringView, QStringView> surroundings(const QString &before, const QString &after)
{
    qsizetype head = 0;
    const qsizetype shorter = std::min(before.size(), after.size());
    while (head < shorter && before.at(head) == after.at(head)) {
        ++head;
    }
    qsizetype tail = 0;
    while (tail < shorter - head && before.at(before.size() - 1 - tail) == after.at(after.size() - 1 - tail)) {
        ++tail;
    }
    return {QStringView(before).left(head), QStringView(before).right(tail)};
}

} // namespace

/** Settings of devices: reading, patching, offers and problems; with every document of the test data. */
class TestDevices final : public QObject
{
    Q_OBJECT

    const HostFacts m_host = knownHost();

    QString read(const XmlText &document, const QString &kind, const QString &path, const QString &field) const
    {
        return findKind(kind)->field(field)->read({document, ElementPath(path), m_host, false});
    }
    void write(XmlText &document, const QString &kind, const QString &path, const QString &field, const QString &value)
    {
        findKind(kind)->field(field)->write({document, ElementPath(path), m_host}, value);
    }
    QString problem(const XmlText &document, const QString &kind, const QString &path, const QString &field) const
    {
        return findKind(kind)->field(field)->problem({document, ElementPath(path), m_host, false});
    }

private Q_SLOTS:
    void idsAreUniqueAndLabelsSaid()
    {
        QStringList kinds;
        for (const DeviceKind &kind : allKinds()) {
            QVERIFY2(!kinds.contains(kind.id), qPrintable(kind.id));
            kinds.append(kind.id);
            QVERIFY(!kind.name.isEmpty());
            QStringList fields;
            for (const DeviceField &field : kind.fields) {
                const QString where = kind.id + u'/' + field.id;
                QVERIFY2(!fields.contains(field.id), qPrintable(where));
                fields.append(field.id);
                QVERIFY2(!field.label.isEmpty(), qPrintable(where));
                QVERIFY2(field.kind != Kind::Choice || field.offer, qPrintable(where));
                QVERIFY2(field.kind != Kind::Number || field.minimum < field.maximum, qPrintable(where));
            }
        }
    }

    void roundTrip_data()
    {
        QTest::addColumn<QString>("path");
        const QStringList all = documents();
        for (const QString &path : all) {
            QTest::newRow(qPrintable(QFileInfo(path).fileName())) << path;
        }
    }

    /** One field changed on each page: the rest is equal, byte for byte outside the change; and it can be read back. */
    void roundTrip()
    {
        QFETCH(QString, path);
        const QString text = fromFile(path);
        const auto document = XmlText::parse(text);
        QVERIFY2(document, document ? "" : qPrintable(document.error().message));
        QCOMPARE(document->toString(), text);
        QList<std::pair<const DeviceKind *, ElementPath>> pages;
        for (const DeviceKind &kind : allKinds()) {
            if (!kind.parts.isEmpty()) {
                pages.emplaceBack(&kind, ElementPath());
            }
        }
        const QList<ElementPath> devices = document->children(ElementPath(u"devices"_s));
        for (const ElementPath &device : devices) {
            pages.emplaceBack(&kindAt(*document, device), device);
        }
        int changes = 0;
        for (const auto &[kind, device] : std::as_const(pages)) {
            const DeviceContext before{*document, device, m_host, false};
            for (const DeviceField &field : kind->fields) {
                if (!field.isShown(before) || !field.isEditable()) {
                    continue;
                }
                const QString where = device.toString() + u' ' + field.id;
                // Writing what is there already changes nothing at all.
                XmlText same = *document;
                if (field.kind != Kind::Button) {
                    field.write({same, device, m_host}, field.read(before));
                    QVERIFY2(same.toString() == text, qPrintable(where));
                }
                XmlText changed = *document;
                const QString value = otherValue(field, before);
                field.write({changed, device, m_host}, value);
                const QString result = changed.toString();
                QVERIFY2(XmlText::parse(result), qPrintable(where));
                if (result == text) {
                    QVERIFY2(value.isEmpty() || field.kind == Kind::Button, qPrintable(where));
                    continue;
                }
                ++changes;
                if (field.kind != Kind::Button && field.kind != Kind::Secret && field.id != "tags"_L1) {
                    QVERIFY2(field.read({changed, device, m_host, false}) == value,
                        qPrintable(where + u": "_s + field.read({changed, device, m_host, false}) + u" / "_s + value));
                }
                // All elements that stood before the first and behind the last change are as they were.
                checkOutside(*document, changed, device, *kind, where);
            }
        }
        QVERIFY(changes > 5);
    }

    void anotherBusMovesTheDisk()
    {
        XmlText document = q35();
        write(document, u"disk"_s, u"devices/disk"_s, u"bus"_s, u"sata"_s);
        QCOMPARE(document.attribute(u"devices/disk/target"_s, u"dev"_s), u"sdb"_s); // sda is the CD-ROM
        QVERIFY(!document.has(u"devices/disk/address"_s));
        write(document, u"disk"_s, u"devices/disk"_s, u"bus"_s, u"scsi"_s);
        QCOMPARE(document.attribute(u"devices/disk/target"_s, u"dev"_s), u"sdb"_s);
        QCOMPARE(document.attribute(u"devices/controller"_s, u"model"_s), u"virtio-scsi"_s);
        write(document, u"disk"_s, u"devices/disk"_s, u"bus"_s, u"virtio"_s);
        QCOMPARE(document.attribute(u"devices/disk/target"_s, u"dev"_s), u"vda"_s);
        QCOMPARE(document.count(u"devices"_s, u"controller"_s), 1);
    }

    void anotherSourceKeepsWhatBothSay()
    {
        XmlText document = q35();
        const QString disk = u"devices/disk"_s;
        write(document, u"disk"_s, disk, u"source"_s, u"volume"_s);
        QCOMPARE(document.attribute(u"devices/disk/source"_s, u"pool"_s), u"images"_s);
        QCOMPARE(document.attribute(u"devices/disk/source"_s, u"volume"_s), u"web.qcow2"_s);
        QVERIFY(!document.hasAttribute(u"devices/disk/source"_s, u"file"_s));
        write(document, u"disk"_s, disk, u"source"_s, u"network"_s);
        QCOMPARE(document.attribute(u"devices/disk/source"_s, u"protocol"_s), u"rbd"_s);
        QVERIFY(!problem(document, u"disk"_s, disk, u"location"_s).isEmpty());
        write(document, u"disk"_s, disk, u"location"_s, u"pool/image"_s);
        write(document, u"disk"_s, disk, u"host"_s, u"mon1"_s);
        write(document, u"disk"_s, disk, u"port"_s, u"6789"_s);
        QCOMPARE(document.attribute(u"devices/disk/source/host"_s, u"port"_s), u"6789"_s);
        QVERIFY(problem(document, u"disk"_s, disk, u"location"_s).isEmpty());
        write(document, u"disk"_s, disk, u"source"_s, u"file"_s);
        QVERIFY(!document.has(u"devices/disk/source"_s)); // nothing of the old one is left to be misread
        write(document, u"disk"_s, disk, u"file"_s, u"/images/data.img"_s);
        QCOMPARE(document.attribute(u"devices/disk/driver"_s, u"type"_s), u"raw"_s); // as the pool says
        write(document, u"disk"_s, disk, u"source"_s, u"block"_s);
        QCOMPARE(document.attribute(u"devices/disk/source"_s, u"dev"_s), u"/images/data.img"_s);
    }

    void conflictsOfDisksAreFound()
    {
        XmlText document = q35();
        const QString disk = u"devices/disk"_s;
        QVERIFY(problem(document, u"disk"_s, disk, u"file"_s).isEmpty());
        write(document, u"disk"_s, disk, u"file"_s, u"/images/taken.qcow2"_s);
        QVERIFY(problem(document, u"disk"_s, disk, u"file"_s).contains(u"db01"_s));
        write(document, u"disk"_s, disk, u"shareable"_s, u"yes"_s);
        QVERIFY(problem(document, u"disk"_s, disk, u"file"_s).isEmpty());
        write(document, u"disk"_s, disk, u"file"_s, u"relative.img"_s);
        QVERIFY(!problem(document, u"disk"_s, disk, u"file"_s).isEmpty());
        write(document, u"disk"_s, disk, u"target"_s, u"sda"_s);
        QVERIFY(problem(document, u"disk"_s, disk, u"target"_s).contains(u"sda"_s));
        write(document, u"disk"_s, disk, u"target"_s, {});
        QVERIFY(!problem(document, u"disk"_s, disk, u"target"_s).isEmpty());
    }

    void aMediumIsEjected()
    {
        XmlText document = q35();
        const QString cdrom = u"devices/disk[1]"_s;
        QCOMPARE(kindAt(document, ElementPath(cdrom)).id, u"cdrom"_s);
        QVERIFY(!read(document, u"cdrom"_s, cdrom, u"eject"_s).isEmpty());
        write(document, u"cdrom"_s, cdrom, u"eject"_s, {});
        QVERIFY(!document.has(u"devices/disk[1]/source"_s));
        QVERIFY(problem(document, u"cdrom"_s, cdrom, u"file"_s).isEmpty()); // empty is fine for a drive
        QVERIFY(read(document, u"cdrom"_s, cdrom, u"eject"_s).isEmpty());
        write(document, u"cdrom"_s, cdrom, u"file"_s, u"/iso/other.iso"_s);
        QCOMPARE(document.attribute(u"devices/disk[1]/source"_s, u"file"_s), u"/iso/other.iso"_s);
        // Media change at once, drives don't.
        QVERIFY(findKind(u"cdrom"_s)->field(u"file"_s)->frozen.isEmpty());
        QVERIFY(!findKind(u"disk"_s)->field(u"file"_s)->frozen.isEmpty());
    }

    void limitsAreWholeMiB()
    {
        XmlText document = q35();
        const QString disk = u"devices/disk"_s;
        write(document, u"disk"_s, disk, u"read_bytes_sec"_s, u"10"_s);
        QCOMPARE(document.text(u"devices/disk/iotune/read_bytes_sec"_s), u"10485760"_s);
        write(document, u"disk"_s, disk, u"total_bytes_sec"_s, u"20"_s);
        QVERIFY(!problem(document, u"disk"_s, disk, u"read_bytes_sec"_s).isEmpty());
        write(document, u"disk"_s, disk, u"total_bytes_sec"_s, {});
        write(document, u"disk"_s, disk, u"read_bytes_sec"_s, {});
        QCOMPARE(document.toString(), q35().toString()); // the empty <iotune> went with it
    }

    void anotherConnectionOfACard()
    {
        XmlText document = q35();
        const QString nic = u"devices/interface"_s;
        write(document, u"nic"_s, nic, u"type"_s, u"direct"_s);
        QCOMPARE(document.attribute(u"devices/interface/source"_s, u"dev"_s), u"eth0"_s);
        QCOMPARE(document.attribute(u"devices/interface/source"_s, u"mode"_s), u"bridge"_s);
        QVERIFY(!document.hasAttribute(u"devices/interface/source"_s, u"portgroup"_s));
        write(document, u"nic"_s, nic, u"type"_s, u"user"_s);
        QVERIFY(!document.has(u"devices/interface/source"_s));
        write(document, u"nic"_s, nic, u"type"_s, u"network"_s);
        QCOMPARE(document.attribute(u"devices/interface/source"_s, u"network"_s), u"default"_s);
        QCOMPARE(document.attribute(u"devices/interface/mac"_s, u"address"_s), u"52:54:00:00:00:01"_s);
        write(document, u"nic"_s, nic, u"network"_s, {});
        QVERIFY(!problem(document, u"nic"_s, nic, u"network"_s).isEmpty());
    }

    void addressesOfCards_data()
    {
        QTest::addColumn<QString>("mac");
        QTest::addColumn<bool>("good");
        QTest::newRow("usual") << u"52:54:00:12:34:56"_s << true;
        QTest::newRow("upper case") << u"52:54:00:AB:CD:EF"_s << true;
        QTest::newRow("none: libvirt makes one") << QString() << true;
        QTest::newRow("a group") << u"01:00:5e:00:00:01"_s << false;
        QTest::newRow("all") << u"ff:ff:ff:ff:ff:ff"_s << false;
        QTest::newRow("zero") << u"00:00:00:00:00:00"_s << false;
        QTest::newRow("short") << u"52:54:00:12:34"_s << false;
        QTest::newRow("dashes") << u"52-54-00-12-34-56"_s << false;
        QTest::newRow("letters") << u"52:54:00:12:34:5g"_s << false;
        QTest::newRow("of another VM") << u"52:54:00:00:00:99"_s << false;
    }
    void addressesOfCards()
    {
        QFETCH(QString, mac);
        QFETCH(bool, good);
        XmlText document = q35();
        write(document, u"nic"_s, u"devices/interface"_s, u"mac"_s, mac);
        QCOMPARE(problem(document, u"nic"_s, u"devices/interface"_s, u"mac"_s).isEmpty(), good);
    }

    void freshAddressesAreFree()
    {
        XmlText document = q35();
        for (int i = 0; i < 50; ++i) {
            const QString mac = freshMac(document, m_host);
            QVERIFY(isUsableMac(mac));
            QVERIFY(!m_host.takenMacs.contains(mac));
            QVERIFY(mac.startsWith("52:54:00:"_L1));
            QCOMPARE(countMac(document, mac), 0);
        }
    }

    void targetsCountOn()
    {
        XmlText document = q35();
        QCOMPARE(nextTarget(document, u"virtio"_s), u"vdb"_s);
        QCOMPARE(nextTarget(document, u"sata"_s), u"sdb"_s);
        QCOMPARE(nextTarget(document, u"ide"_s), u"hda"_s);
        QCOMPARE(nextTarget(document, u"fdc"_s), u"fda"_s);
        for (int i = 0; i < 26; ++i) {
            const QString disk = findKind(u"disk"_s)->make(document, m_host);
            QVERIFY(document.insert(ElementPath(u"devices"_s), disk));
        }
        QCOMPARE(nextTarget(document, u"virtio"_s), u"vdab"_s);
    }

    void cpuModelsAndTopology()
    {
        XmlText document = q35();
        write(document, u"cpu"_s, {}, u"model"_s, u"custom:Skylake-Client"_s);
        QCOMPARE(document.attribute(u"cpu"_s, u"mode"_s), u"custom"_s);
        QCOMPARE(document.attribute(u"cpu"_s, u"match"_s), u"exact"_s);
        QCOMPARE(document.text(u"cpu/model"_s), u"Skylake-Client"_s);
        write(document, u"cpu"_s, {}, u"model"_s, u"host-passthrough"_s);
        QVERIFY(!document.has(u"cpu/model"_s));
        QVERIFY(!document.hasAttribute(u"cpu"_s, u"match"_s));
        write(document, u"cpu"_s, {}, u"topology"_s, u"yes"_s);
        QVERIFY(problem(document, u"cpu"_s, {}, u"sockets"_s).isEmpty());
        write(document, u"cpu"_s, {}, u"cores"_s, u"3"_s);
        QVERIFY(problem(document, u"cpu"_s, {}, u"sockets"_s).contains(u"12"_s));
        write(document, u"cpu"_s, {}, u"sockets"_s, u"2"_s);
        write(document, u"cpu"_s, {}, u"cores"_s, u"2"_s);
        QVERIFY(problem(document, u"cpu"_s, {}, u"sockets"_s).isEmpty());
        write(document, u"cpu"_s, {}, u"current"_s, u"5"_s);
        QVERIFY(!problem(document, u"cpu"_s, {}, u"current"_s).isEmpty());
        write(document, u"cpu"_s, {}, u"current"_s, {});
        write(document, u"cpu"_s, {}, u"topology"_s, u"no"_s);
        write(document, u"cpu"_s, {}, u"model"_s, {});
        QCOMPARE(document.toString(), q35().toString());
    }

    void memoryKeepsItsUnit()
    {
        XmlText document = q35();
        write(document, u"memory"_s, {}, u"maximum"_s, u"4096"_s);
        QCOMPARE(document.text(u"memory"_s), u"4096"_s);
        QCOMPARE(document.attribute(u"memory"_s, u"unit"_s), u"MiB"_s);
        QCOMPARE(document.text(u"currentMemory"_s), u"4096"_s); // all of it stayed all of it
        write(document, u"memory"_s, {}, u"current"_s, u"1024"_s);
        write(document, u"memory"_s, {}, u"maximum"_s, u"3072"_s);
        QCOMPARE(document.text(u"currentMemory"_s), u"1024"_s);
        write(document, u"memory"_s, {}, u"maximum"_s, u"512"_s);
        QCOMPARE(document.text(u"currentMemory"_s), u"512"_s); // never more than there is
        document.setAttribute(u"memory"_s, u"unit"_s, u"GiB"_s);
        document.setText(u"memory"_s, u"2"_s);
        write(document, u"memory"_s, {}, u"maximum"_s, u"4096"_s);
        QCOMPARE(document.text(u"memory"_s), u"4"_s);
        write(document, u"memory"_s, {}, u"maximum"_s, u"4097"_s);
        QCOMPARE(document.text(u"memory"_s), QString::number(4097 * 1024));
        QCOMPARE(document.attribute(u"memory"_s, u"unit"_s), u"KiB"_s);
    }

    void sharedMemory()
    {
        XmlText document = q35();
        write(document, u"memory"_s, {}, u"shared"_s, u"yes"_s);
        QCOMPARE(document.attribute(u"memoryBacking/source"_s, u"type"_s), u"memfd"_s);
        QCOMPARE(document.attribute(u"memoryBacking/access"_s, u"mode"_s), u"shared"_s);
        write(document, u"memory"_s, {}, u"shared"_s, u"no"_s);
        QCOMPARE(document.toString(), q35().toString());
    }

    void bootOrderOfBothKinds()
    {
        XmlText document = q35();
        QList<BootItem> items = readBootOrder(document);
        QCOMPARE(items.size(), 3);
        QCOMPARE(items.at(0), (BootItem{ElementPath(u"devices/disk[1]"_s), true}));
        QCOMPARE(items.at(1), (BootItem{ElementPath(u"devices/disk"_s), true}));
        QCOMPARE(items.at(2), (BootItem{ElementPath(u"devices/interface"_s), false}));
        writeBootOrder(document, items);
        QCOMPARE(document.toString(), q35().toString()); // as it was
        items.swapItemsAt(0, 1);
        items[2].on = true;
        writeBootOrder(document, items);
        QCOMPARE(document.count(u"os"_s, u"boot"_s), 0); // libvirt refuses both at once
        QCOMPARE(document.attribute(u"devices/disk/boot"_s, u"order"_s), u"1"_s);
        QCOMPARE(document.attribute(u"devices/disk[1]/boot"_s, u"order"_s), u"2"_s);
        QCOMPARE(document.attribute(u"devices/interface/boot"_s, u"order"_s), u"3"_s);
        QCOMPARE(readBootOrder(document), items);
        items[0].on = false;
        writeBootOrder(document, items);
        QVERIFY(!document.has(u"devices/disk/boot"_s));
        QCOMPARE(document.attribute(u"devices/disk[1]/boot"_s, u"order"_s), u"1"_s);
    }

    void tagsAndSystemInTheMetadata()
    {
        XmlText document = q35();
        write(document, u"overview"_s, {}, u"tags"_s, u"web, production ,web,"_s);
        QCOMPARE(read(document, u"overview"_s, {}, u"tags"_s), u"web, production"_s);
        QVERIFY(document.toString().contains(QLatin1String(xml::MetadataNamespace)));
        write(document, u"overview"_s, {}, u"tags"_s, u"web"_s);
        QCOMPARE(read(document, u"overview"_s, {}, u"tags"_s), u"web"_s);
        write(document, u"overview"_s, {}, u"os"_s, u"http://debian.org/debian/12"_s);
        QCOMPARE(read(document, u"overview"_s, {}, u"os"_s), u"http://debian.org/debian/12"_s);
        QCOMPARE(read(document, u"overview"_s, {}, u"tags"_s), u"web"_s);
        const auto whole = xml::Document::parse(document.toString()); // prefixes are declared
        QVERIFY2(whole, whole ? "" : qPrintable(whole.error().message));
        write(document, u"overview"_s, {}, u"os"_s, {});
        write(document, u"overview"_s, {}, u"tags"_s, {});
        QCOMPARE(document.toString(), q35().toString());
    }

    void graphicsSayTheirAddressTwice()
    {
        XmlText document = q35();
        const QString graphics = u"devices/graphics"_s;
        write(document, u"graphics"_s, graphics, u"listen"_s, u"0.0.0.0"_s);
        QCOMPARE(document.attribute(graphics, u"listen"_s), u"0.0.0.0"_s);
        QCOMPARE(document.attribute(u"devices/graphics/listen"_s, u"address"_s), u"0.0.0.0"_s);
        write(document, u"graphics"_s, graphics, u"listen"_s, u"none"_s);
        QVERIFY(!document.hasAttribute(graphics, u"listen"_s));
        QCOMPARE(document.attribute(u"devices/graphics/listen"_s, u"type"_s), u"none"_s);
        QVERIFY(!document.hasAttribute(u"devices/graphics/listen"_s, u"address"_s));
        write(document, u"graphics"_s, graphics, u"port"_s, u"5901"_s);
        QCOMPARE(document.attribute(graphics, u"autoport"_s), u"no"_s);
        write(document, u"graphics"_s, graphics, u"port"_s, {});
        QCOMPARE(document.attribute(graphics, u"port"_s), u"-1"_s);
        QCOMPARE(document.attribute(graphics, u"autoport"_s), u"yes"_s);
        write(document, u"graphics"_s, graphics, u"password"_s, u"123456789"_s);
        QVERIFY(!problem(document, u"graphics"_s, graphics, u"password"_s).isEmpty());
        write(document, u"graphics"_s, graphics, u"type"_s, u"spice"_s);
        QVERIFY(problem(document, u"graphics"_s, graphics, u"password"_s).isEmpty());
    }

    void anotherModelLosesTheOldMemory()
    {
        XmlText document = q35();
        write(document, u"video"_s, u"devices/video"_s, u"model"_s, u"virtio"_s);
        const QString model = u"devices/video/model"_s;
        for (const QString &name : {u"ram"_s, u"vram"_s, u"vgamem"_s}) {
            QVERIFY2(!document.hasAttribute(model, name), qPrintable(name));
        }
        QCOMPARE(document.attribute(model, u"heads"_s), u"1"_s);
        write(document, u"video"_s, u"devices/video"_s, u"accel3d"_s, u"yes"_s);
        QVERIFY(document.has(u"devices/video/model/acceleration"_s));
        write(document, u"video"_s, u"devices/video"_s, u"model"_s, u"vga"_s);
        QVERIFY(!document.has(u"devices/video/model/acceleration"_s));
    }

    void aDeviceNeverVanishesByPruning()
    {
        XmlText document = parsed(u"<domain><devices><video><model type='vga'/></video></devices></domain>"_s);
        DeviceEdit{document, ElementPath(u"devices/video"_s), m_host}.setAttribute(u"model"_s, u"type"_s, {});
        QVERIFY(document.has(u"devices/video"_s));
        QVERIFY(!document.has(u"devices/video/model"_s));
    }

    void newDevicesAreWholeAndFree()
    {
        for (const DeviceKind &kind : allKinds()) {
            if (!kind.make) {
                continue;
            }
            XmlText document = q35();
            const auto path = document.insert(ElementPath(u"devices"_s), kind.make(document, m_host));
            QVERIFY2(path, qPrintable(kind.id));
            QCOMPARE(kindAt(document, *path).id, kind.id);
            const QList<DeviceProblem> problems = problemsOf(kind, {document, *path, m_host, false});
            for (const DeviceProblem &problem : problems) {
                // A disk must be given its data; the VM has a VNC screen already.
                QVERIFY2((kind.id == "disk"_L1 && problem.field == "file"_L1)
                        || (kind.id == "graphics"_L1 && problem.field == "type"_L1),
                    qPrintable(kind.id + u' ' + problem.text));
            }
        }
    }

    void onlyWhatTheHostCanIsOffered()
    {
        const auto capabilities =
            xml::readDomainCapabilities(fromFile(QStringLiteral(VIREO_TEST_DATA "/capabilities/q35-tcg.xml")));
        QVERIFY(capabilities);
        HostFacts host;
        host.vocabulary.capabilities = *capabilities;
        const XmlText document = q35();
        const DeviceContext disk{document, ElementPath(u"devices/disk"_s), host, false};
        const Offer buses = findKind(u"disk"_s)->field(u"bus"_s)->offer(disk);
        QVERIFY(buses.values.contains(u"virtio"_s));
        QVERIFY(!buses.values.contains(u"ide"_s)); // q35 has none
        for (const QString &bus : buses.values) {
            QVERIFY2(capabilities->diskBuses().contains(bus), qPrintable(bus));
        }
        const DeviceContext video{document, ElementPath(u"devices/video"_s), host, false};
        QCOMPARE(
            findKind(u"video"_s)->field(u"model"_s)->offer(video).values.size(), capabilities->videoModels().size());
        const DeviceContext domain{document, {}, host, false};
        const Offer models = findKind(u"cpu"_s)->field(u"model"_s)->offer(domain);
        for (const xml::CpuModel &model : capabilities->cpuModels) {
            QVERIFY(model.usable != xml::Support::No || !models.values.contains(u"custom:"_s + model.name));
        }
    }

private:
    /** Elements outside of the page are as they were, character for character. */
    static void checkOutside(const XmlText &before, const XmlText &after, const ElementPath &device,
        const DeviceKind &kind, const QString &where)
    {
        const auto [head, tail] = surroundings(before.toString(), after.toString());
        QVERIFY2(after.toString().startsWith(head) && after.toString().endsWith(tail), qPrintable(where));
        const QList<ElementPath> tops = before.children({});
        for (const ElementPath &top : tops) {
            const QString name = top.parts().constLast().name;
            if (name != "devices"_L1 && !kind.parts.contains(name)) {
                QVERIFY2(before.xml(top) == after.xml(top), qPrintable(where + u": "_s + name));
            }
        }
        const QList<ElementPath> devices = before.children(ElementPath(u"devices"_s));
        for (const ElementPath &each : devices) {
            if (!(each == device)) {
                QVERIFY2(before.xml(each) == after.xml(each), qPrintable(where + u": "_s + each.toString()));
            }
        }
        if (device.isRoot()) {
            return;
        }
        // Its own elements with namespaces and its comments stay.
        const QString element = before.xml(device);
        for (qsizetype at = element.indexOf("<!--"_L1); at >= 0; at = element.indexOf("<!--"_L1, at + 1)) {
            const QString comment = element.sliced(at, element.indexOf("-->"_L1, at) - at);
            QVERIFY2(after.xml(device).contains(comment), qPrintable(where));
        }
    }
};

QTEST_GUILESS_MAIN(TestDevices)
#include "tst_devices.moc"
