// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QTest>
#include <QtEndian>

#include "backend/operation/migrate/migratesteps.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/snapshot/snapshot.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;

namespace {

constexpr auto running = R"(<domain type='qemu' id='4'>
  <!-- by hand -->
  <name>web01</name>
  <os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type>
    <kernel>/a/vmlinuz</kernel><initrd>/a/initrd</initrd>
    <loader readonly="yes" type='pflash'>/usr/share/OVMF/CODE.fd</loader>
    <nvram template='/usr/share/OVMF/VARS.fd'>/a/web01_VARS.fd</nvram></os>
  <devices>
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none'/>
      <source file='/a/top.qcow2' index='3'/>
      <backingStore type='file' index='2'>
        <format type='qcow2'/>
        <source file='/a/mid.qcow2'/>
        <backingStore type='file' index='1'><format type='raw'/><source file='/a/base.img'/><backingStore/></backingStore>
      </backingStore>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='volume' device='disk'><driver name='qemu' type='raw'/><source pool='fast' volume='data.img'/>
      <target dev='vdb' bus='virtio'/></disk>
    <disk type="block" device='disk'><driver name='qemu' type='raw'/>
      <source dev='/dev/vg/data'><reservations managed='yes'/></source><target dev='vdc' bus='scsi'/></disk>
    <disk type='network' device='disk'><driver name='qemu' type='raw'/>
      <source protocol='rbd' name='pool/image' tls='no'><host name='mon' port='6789'/><host name='mon2'/>
        <encryption format='luks'><secret type='passphrase' uuid='0a81f5b2-8403-7b23-c8d6-21ccc2f80d6f'/></encryption>
      </source><target dev='vdd' bus='virtio'/></disk>
    <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='/iso/cd.iso' index='9'/>
      <backingStore/><target dev='sda' bus='sata'/><readonly/></disk>
    <interface type='network'><mac address='52:54:00:00:00:01'/>
      <source network='default' portid='8c1f0e3a-0000-4000-8000-000000000001' bridge='virbr0'/></interface>
    <interface type='bridge'><source bridge='br0'/></interface>
    <interface type='direct'><source dev='eno1' mode='bridge'/></interface>
    <serial type='tcp'><source mode='bind' host='192.0.2.10' service='4555'/><protocol type='raw'/></serial>
    <serial type='tcp'><source mode='connect' host='192.0.2.99' service='4555'/><protocol type='raw'/></serial>
    <graphics type='vnc' port='5900' autoport='yes' listen='192.0.2.10' passwd='canary'>
      <listen type='address' address='192.0.2.10'/>
      <listen type='address' address='127.0.0.1'/>
      <listen type='network' network='default' address='192.168.122.1'/>
    </graphics>
    <graphics type='spice' listen='0.0.0.0'><listen type='address' address='0.0.0.0'/></graphics>
  </devices>
</domain>
)";

QString rewritten(const MigrateRewrite &rewrite, const char *xml = running)
{
    const auto result = rewriteForDestination(QString::fromUtf8(xml), rewrite);
    return result ? *result : result.error().message;
}

/** What a line of the text became, by its number from 0 … only those that differ. */
QStringList changes(const QString &after, const char *before = running)
{
    const QStringList old = QString::fromUtf8(before).split(u'\n');
    const QStringList now = after.split(u'\n');
    if (old.size() != now.size()) {
        return {u"%1 lines became %2"_s.arg(old.size()).arg(now.size()), after};
    }
    QStringList result;
    for (qsizetype i = 0; i < old.size(); ++i) {
        if (old.at(i) != now.at(i)) {
            result.append(now.at(i).trimmed());
        }
    }
    return result;
}

QDir documents()
{
    return {QStringLiteral(VIREO_TEST_DATA "/domain"), u"*.xml"_s};
}

QString readAll(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

void collect(const xml::Element &element, MigrateRewrite &rewrite)
{
    for (const QString &name : {u"network"_s, u"bridge"_s, u"file"_s, u"dev"_s}) {
        const QString value = element.attribute(name);
        if (name == "network"_L1 && !value.isEmpty()) {
            rewrite.networks.insert(value, u"there-"_s + value);
        } else if (name == "bridge"_L1 && !value.isEmpty()) {
            rewrite.bridges.insert(value, u"there-"_s + value);
        } else if (value.startsWith("/dev/"_L1)) {
            rewrite.paths.insert(value, u"/dev/there/"_s + value.mid(5));
        } else if (value.startsWith(u'/')) {
            rewrite.paths.insert(value, u"/there"_s + value);
        }
    }
    const QList<xml::Element> children = element.children();
    for (const xml::Element &child : children) {
        collect(child, rewrite);
    }
}

/** Everything is somewhere else. */
MigrateRewrite everything(const QString &text)
{
    MigrateRewrite rewrite;
    rewrite.listenAddress = u"198.51.100.7"_s;
    if (const auto document = xml::Document::parse(text)) {
        collect(document->root(), rewrite);
    }
    return rewrite;
}

} // namespace

class TestMigrateXml final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void nothingToRewrite()
    {
        QCOMPARE(rewritten({}), QString::fromUtf8(running));
        // Names that it does not have.
        MigrateRewrite other;
        other.networks.insert(u"x"_s, u"y"_s);
        other.paths.insert(u"/x"_s, u"/y"_s);
        other.disks.insert(u"vdz"_s, u"/y"_s);
        other.ejected = {u"sdz"_s};
        other.flattened = {u"vdz"_s};
        QCOMPARE(rewritten(other), QString::fromUtf8(running));
    }

    void copiedDisks()
    {
        MigrateRewrite rewrite;
        rewrite.disks = {{u"vda"_s, u"/b/new & top.qcow2"_s}, {u"vdb"_s, u"/b/data.img"_s},
            {u"vdc"_s, u"/b/block.img"_s}, {u"vdd"_s, u"/b/net.img"_s}};
        rewrite.paths = {{u"/a/mid.qcow2"_s, u"/b/mid.qcow2"_s}, {u"/a/base.img"_s, u"/b/base.img"_s}};
        const QString text = rewritten(rewrite);
        const auto disks = snapshot::parseDisks(text);
        QVERIFY2(disks, qPrintable(text));
        QCOMPARE(disks->at(0).chain,
            (snapshot::Chain{
                {u"/b/new & top.qcow2"_s, u"qcow2"_s}, {u"/b/mid.qcow2"_s, u"qcow2"_s}, {u"/b/base.img"_s, u"raw"_s}}));
        QCOMPARE(disks->at(1).chain.first(), (snapshot::Layer{u"/b/data.img"_s, u"raw"_s}));
        QCOMPARE(disks->at(2).chain.first(), (snapshot::Layer{u"/b/block.img"_s, u"raw"_s}));
        QCOMPARE(disks->at(3).chain.first(), (snapshot::Layer{u"/b/net.img"_s, u"raw"_s}));
        const auto document = xml::Document::parse(text);
        QVERIFY(document);
        const auto found = document->root().child(u"devices"_s).children(u"disk"_s);
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(found.at(i).attribute(u"type"_s), u"file"_s);
        }
        QCOMPARE(found.at(0).child(u"source"_s).attribute(u"index"_s), u"3"_s);
        QCOMPARE(found.at(1).child(u"source"_s).attributeNames(), QStringList{u"file"_s});
        QVERIFY(!found.at(2).child(u"source"_s).child(u"reservations"_s));
        const xml::Element net = found.at(3).child(u"source"_s);
        QCOMPARE(net.attributeNames(), QStringList{u"file"_s});
        QVERIFY(!net.child(u"host"_s));
        QCOMPARE(net.child(u"encryption"_s).attribute(u"format"_s), u"luks"_s); // is within the content
        QCOMPARE(found.at(4).toXml(),
            u"<disk type=\"file\" device=\"cdrom\"><driver name=\"qemu\" type=\"raw\"/>"
            "<source file=\"/iso/cd.iso\" index=\"9\"/>\n      <backingStore/>"
            "<target dev=\"sda\" bus=\"sata\"/><readonly/></disk>"_s);
    }

    void onlyTheTop()
    {
        MigrateRewrite rewrite;
        rewrite.disks = {{u"vda"_s, u"/b/top.qcow2"_s}};
        QCOMPARE(changes(rewritten(rewrite)), QStringList{u"<source file='/b/top.qcow2' index='3'/>"_s});
    }

    void onADevice()
    {
        MigrateRewrite rewrite;
        rewrite.paths = {{u"/a/top.qcow2"_s, u"/dev/vg/top"_s}, {u"/dev/vg/data"_s, u"/dev/vg2/data"_s},
            {u"fast/data.img"_s, u"/b/data.img"_s}};
        const auto document = xml::Document::parse(rewritten(rewrite));
        const auto found = document->root().child(u"devices"_s).children(u"disk"_s);
        QCOMPARE(found.at(0).attribute(u"type"_s), u"block"_s);
        QCOMPARE(found.at(0).child(u"source"_s).attribute(u"dev"_s), u"/dev/vg/top"_s);
        QVERIFY(!found.at(0).child(u"source"_s).hasAttribute(u"file"_s));
        QCOMPARE(found.at(1).child(u"source"_s).attributeNames(), QStringList{u"file"_s});
        QCOMPARE(found.at(2).child(u"source"_s).attribute(u"dev"_s), u"/dev/vg2/data"_s);
        QVERIFY(found.at(2).child(u"source"_s).child(u"reservations"_s)); // still a device
    }

    void flattened()
    {
        MigrateRewrite rewrite;
        rewrite.disks = {{u"vda"_s, u"/b/one.qcow2"_s}};
        rewrite.flattened = {u"vda"_s, u"vdb"_s};
        const QString text = rewritten(rewrite);
        QCOMPARE(snapshot::parseDisks(text)->at(0).chain, (snapshot::Chain{{u"/b/one.qcow2"_s, u"qcow2"_s}}));
        QVERIFY(!text.contains("/a/mid"_L1));
        QVERIFY(!text.contains("/a/base"_L1));
        QVERIFY(text.contains("<backingStore/>\n      <target dev='vda'"_L1));
        // Where libvirt is to find the chain itself nothing is said of it.
        QVERIFY(!rewritten(rewrite,
            "<domain><devices><disk><source file='/a/x'/><target dev='vda'/></disk></devices>"
            "</domain>")
                .contains("backingStore"_L1));
    }

    void media()
    {
        MigrateRewrite rewrite;
        rewrite.paths = {{u"/iso/cd.iso"_s, u"/media/cd.iso"_s}};
        QCOMPARE(changes(rewritten(rewrite)),
            QStringList{u"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source "
                        "file='/media/cd.iso' index='9'/>"_s});
        rewrite.ejected = {u"sda"_s};
        const auto disks = snapshot::parseDisks(rewritten(rewrite));
        QCOMPARE(disks->at(4).target, u"sda"_s);
        QVERIFY(disks->at(4).chain.isEmpty());
    }

    void ejectedFromAVolume()
    {
        MigrateRewrite rewrite;
        rewrite.ejected = {u"sda"_s};
        QCOMPARE(rewritten(rewrite,
                     "<domain><devices><disk type='volume' device='cdrom'><source pool='p' volume='v'/>"
                     "<target dev='sda'/><readonly/></disk></devices></domain>"),
            u"<domain><devices><disk type='file' device='cdrom'><target dev='sda'/><readonly/></disk></devices>"
            "</domain>"_s);
    }

    void networks()
    {
        MigrateRewrite rewrite;
        rewrite.networks = {{u"default"_s, u"lab"_s}};
        rewrite.bridges = {{u"br0"_s, u"br7"_s}, {u"eno1"_s, u"enp1s0"_s}};
        QCOMPARE(changes(rewritten(rewrite)),
            (QStringList{u"<source network='lab'/></interface>"_s,
                u"<interface type='bridge'><source bridge='br7'/></interface>"_s,
                u"<interface type='direct'><source dev='enp1s0' mode='bridge'/></interface>"_s,
                u"<listen type='network' network='lab'/>"_s}));
    }

    void addresses()
    {
        MigrateRewrite rewrite;
        rewrite.listenAddress = u"198.51.100.7"_s;
        QCOMPARE(changes(rewritten(rewrite)),
            (QStringList{u"<serial type='tcp'><source mode='bind' host='198.51.100.7' service='4555'/><protocol "
                         "type='raw'/></serial>"_s,
                u"<graphics type='vnc' port='5900' autoport='yes' listen='198.51.100.7' passwd='canary'>"_s,
                u"<listen type='address' address='198.51.100.7'/>"_s,
                u"<listen type='network' network='default' address='198.51.100.7'/>"_s}));
        QVERIFY(isAddressOfHost(u"2001:db8::1"_s));
        for (const QString &any : {u""_s, u"::"_s, u"::1"_s, u"0.0.0.0"_s, u"127.0.0.1"_s, u"127.0.1.1"_s}) {
            QVERIFY2(!isAddressOfHost(any), qPrintable(any));
        }
    }

    void firmwareAndKernel()
    {
        MigrateRewrite rewrite;
        rewrite.paths = {{u"/a/vmlinuz"_s, u"/b/vmlinuz"_s}, {u"/a/initrd"_s, u"/b/initrd"_s},
            {u"/a/web01_VARS.fd"_s, u"/b/web01_VARS.fd"_s}, {u"/usr/share/OVMF/CODE.fd"_s, u"/fw/CODE.fd"_s},
            {u"/usr/share/OVMF/VARS.fd"_s, u"/fw/VARS.fd"_s}};
        QCOMPARE(changes(rewritten(rewrite)),
            (QStringList{u"<kernel>/b/vmlinuz</kernel><initrd>/b/initrd</initrd>"_s,
                u"<loader readonly=\"yes\" type='pflash'>/fw/CODE.fd</loader>"_s,
                u"<nvram template='/fw/VARS.fd'>/b/web01_VARS.fd</nvram></os>"_s}));
    }

    void name()
    {
        MigrateRewrite rewrite;
        rewrite.name = u"a<b"_s;
        QCOMPARE(changes(rewritten(rewrite)), QStringList{u"<name>a&lt;b</name>"_s});
    }

    void snapshots()
    {
        constexpr auto metadata = R"(<domainsnapshot>
  <name>s3</name>
  <memory snapshot='external' file='/a/s3.mem'/>
  <disks><disk name='vda' snapshot='external' type='file'><driver type='qcow2'/><source file='/a/three'/></disk>
    <disk name='vdb' snapshot='no'/></disks>
  <domain type='qemu'>
    <name>web01</name>
    <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a/two' index='2'/>
        <backingStore type='file' index='3'><format type='raw'/><source file='/a/base'/><backingStore/></backingStore>
        <target dev='vda' bus='virtio'/></disk>
      <interface type='network'><source network='default'/></interface></devices>
  </domain>
  <inactiveDomain type='qemu'><name>web01</name>
    <devices><disk type='file' device='disk'><source file='/a/two'/><target dev='vda' bus='virtio'/></disk></devices>
  </inactiveDomain>
</domainsnapshot>)";
        MigrateRewrite rewrite;
        rewrite.name = u"web02"_s;
        rewrite.networks = {{u"default"_s, u"lab"_s}};
        rewrite.disks = {{u"vda"_s, u"/b/three"_s}}; // what it is now, not what it was then
        rewrite.flattened = {u"vda"_s};
        rewrite.paths = {{u"/a/three"_s, u"/b/three"_s}, {u"/a/two"_s, u"/b/two"_s}, {u"/a/base"_s, u"/b/base"_s},
            {u"/a/s3.mem"_s, u"/b/s3.mem"_s}};
        const QString text = rewritten(rewrite, metadata);
        QVERIFY2(!text.contains("/a/"_L1), qPrintable(text));
        const auto parsed = snapshot::parseSnapshot(text);
        QVERIFY2(parsed, qPrintable(text));
        QCOMPARE(parsed->memoryFile, u"/b/s3.mem"_s);
        QCOMPARE(parsed->disks.first().overlay.path, u"/b/three"_s);
        QCOMPARE(parsed->disks.first().state, (snapshot::Chain{{u"/b/two"_s, u"qcow2"_s}, {u"/b/base"_s, u"raw"_s}}));
        QCOMPARE(text.count("<name>web02</name>"_L1), 2);
        QCOMPARE(text.count("<name>s3</name>"_L1), 1); // the snapshot's own
        QCOMPARE(text.count("network='lab'"_L1), 1);
        QCOMPARE(rewritten({}, metadata), QString::fromUtf8(metadata));
    }

    void otherDocuments()
    {
        for (const char *text : {"<network><name>x</name></network>", "<domain><name>x</domain>", "", "no xml"}) {
            QVERIFY2(!rewriteForDestination(QString::fromUtf8(text), {}), text);
        }
    }

    void corpus_data()
    {
        QTest::addColumn<QString>("path");
        const QDir directory = documents();
        const QStringList names = directory.entryList();
        for (const QString &name : names) {
            QTest::newRow(qPrintable(name)) << directory.filePath(name);
        }
        QVERIFY(names.size() >= 70);
        for (const QString &name : {u"snapshot-external-memory.xml"_s, u"snapshot-internal.xml"_s}) {
            QTest::newRow(qPrintable(name)) << QStringLiteral(VIREO_TEST_DATA "/definitions/") + name;
        }
    }

    /** Every real document comes through whole, and what is mapped back is what it was. */
    void corpus()
    {
        QFETCH(const QString, path);
        const QString before = readAll(path);
        QVERIFY(!before.isEmpty());
        const auto untouched = rewriteForDestination(before, {});
        QVERIFY2(untouched, qPrintable(untouched ? QString() : untouched.error().message));
        QCOMPARE(*untouched, before);

        MigrateRewrite there = everything(before);
        const auto moved = rewriteForDestination(before, there);
        QVERIFY(moved);
        const auto document = xml::Document::parse(*moved);
        QVERIFY2(document, qPrintable(*moved));
        // Doing it again changes nothing: no name there is a name here.
        QCOMPARE(*rewriteForDestination(*moved, there), *moved);
        const auto disks = document->root().child(u"devices"_s).children(u"disk"_s);
        for (const xml::Element &disk : disks) {
            const QString file = disk.child(u"source"_s).attribute(u"file"_s);
            QVERIFY2(file.isEmpty() || file.startsWith("/there/"_L1) || !file.startsWith(u'/'), qPrintable(file));
        }
        const auto interfaces = document->root().child(u"devices"_s).children(u"interface"_s);
        for (const xml::Element &interface : interfaces) {
            const QString network = interface.child(u"source"_s).attribute(u"network"_s);
            QVERIFY2(network.isEmpty() || network.startsWith("there-"_L1), qPrintable(network));
        }
        // Its elements are as they were: only values changed.
        const auto names = [](const QString &text) {
            QStringList result;
            static const QRegularExpression tag(u"</?[A-Za-z_:][^\\s/>]*"_s);
            for (const QRegularExpressionMatch &match : tag.globalMatch(text)) {
                result.append(match.captured());
            }
            return result;
        };
        QCOMPARE(names(*moved), names(before));
    }

    void editedByHand()
    {
        const QString secure = QString::fromUtf8(running);
        MigrateRewrite rewrite;
        rewrite.networks = {{u"default"_s, u"lab"_s}};
        const auto plain = destinationXml(secure, rewrite, {});
        QVERIFY(plain);
        QVERIFY(plain->contains("passwd='canary'"_L1));
        QString edited = *plain;
        edited.remove(" passwd='canary'"_L1).replace("autoport='yes'"_L1, "autoport='no'"_L1);
        const auto whole = destinationXml(secure, rewrite, edited);
        QVERIFY2(whole, qPrintable(whole ? QString() : whole.error().message));
        QVERIFY(whole->contains("canary"_L1));
        QVERIFY(whole->contains("autoport='no'"_L1));
        QVERIFY(whole->contains("network='lab'"_L1));
    }

    void backingPath()
    {
        // What qemu-img writes: the header of version 3, extensions, then the name, in a first cluster of 64 KiB.
        const QByteArray before("/srv/images/base.qcow2");
        QByteArray head(65536, '\0');
        head.replace(0, 4, "QFI\xfb");
        auto *bytes = reinterpret_cast<uchar *>(head.data());
        qToBigEndian(quint32(3), bytes + 4);
        qToBigEndian(quint64(0x1f8), bytes + 8);
        qToBigEndian(quint32(before.size()), bytes + 16);
        qToBigEndian(quint32(16), bytes + 20);
        head.replace(0x1f8, before.size(), before);
        head.replace(104, 8, "EXTENSIO");
        const auto name = [](const QByteArray &of) {
            const auto *data = reinterpret_cast<const uchar *>(of.constData());
            return of.mid(
                static_cast<qsizetype>(qFromBigEndian<quint64>(data + 8)), qFromBigEndian<quint32>(data + 16));
        };
        for (const QString &path :
            {u"/b"_s, u"/srv/images/base.qcow3"_s, u"/a/much/longer/path/to/some/bäse.qcow2"_s}) {
            const auto changed = withBackingPath(head, path);
            QVERIFY2(changed, qPrintable(changed ? QString() : changed.error().message));
            QCOMPARE(name(*changed), path.toUtf8());
            QCOMPARE(changed->size(), head.size());
            // Nothing else is different, and going back gives what it was.
            QCOMPARE(*withBackingPath(*changed, QString::fromUtf8(before)), head);
        }
        QVERIFY(!withBackingPath(head, u"/"_s + QString(1023, u'x')));
        QVERIFY(!withBackingPath(head, {}));
        QVERIFY(!withBackingPath(head.left(103), u"/b"_s));
        QVERIFY(!withBackingPath(QByteArray(65536, '\0'), u"/b"_s));
        QByteArray full = head;
        full[0x1f8 + before.size()] = 'x';
        QVERIFY(withBackingPath(full, u"/b"_s));
        QVERIFY(!withBackingPath(full, QString::fromUtf8(before) + u'2')); // something stands there
        QByteArray none = head;
        qToBigEndian(quint64(0), reinterpret_cast<uchar *>(none.data()) + 8);
        QVERIFY(!withBackingPath(none, u"/b"_s));
        qToBigEndian(quint64(-8), reinterpret_cast<uchar *>(none.data()) + 8);
        QVERIFY(!withBackingPath(none, u"/b"_s));
    }

    void options()
    {
        virt::migration::Options all;
        all.live = all.peerToPeer = all.persistent = all.undefineSource = all.abortOnError = false;
        all.offline = all.tunnelled = all.paused = all.postCopy = all.postCopyResume = all.autoConverge = all.tls =
            all.unsafe = true;
        all.storage = virt::migration::Options::Storage::Incremental;
        all.disks = {u"vda"_s, u"sdb"_s};
        all.parallel = 4;
        all.compression = virt::migration::Options::Compression::Zstd;
        all.xbzrleCache = 1ULL << 40;
        all.throttleInitial = 20;
        all.throttleIncrement = 10;
        all.bandwidth = 123456789012ULL;
        all.postCopyBandwidth = 7;
        all.downtimeMs = 300;
        all.disksPort = 49155;
        all.destinationUri = u"qemu+tls://b/system"_s;
        all.migrateUri = u"tcp://b"_s;
        all.listenAddress = u"::"_s;
        all.graphicsUri = u"vnc://b:5900"_s;
        all.destinationName = u"x"_s;
        all.destinationXml = all.persistentXml = u"<domain passwd='canary'/>"_s;
        const QByteArray text = QJsonDocument(optionsToJson(all)).toJson();
        QVERIFY(!text.contains("canary"));
        const QJsonObject json = QJsonDocument::fromJson(text).object();
        QCOMPARE(optionsToJson(optionsFromJson(json)), json);
        QCOMPARE(optionsFromJson(json).disks, all.disks);
        QCOMPARE(optionsFromJson(json).storage, all.storage);
        QCOMPARE(optionsFromJson(json).bandwidth, all.bandwidth);
        QVERIFY(!optionsFromJson(json).live);
        // Never a storage flag without a list.
        all.disks.clear();
        QCOMPARE(optionsFromJson(optionsToJson(all)).storage, virt::migration::Options::Storage::None);
        QCOMPARE(optionsToJson(optionsFromJson({})), optionsToJson({}));
    }

    void json()
    {
        MigrateRewrite all;
        all.networks = {{u"a"_s, u"b"_s}};
        all.bridges = {{u"c"_s, u"d"_s}, {u"e"_s, u"f"_s}};
        all.paths = {{u"/ä \"x\""_s, u"/b"_s}};
        all.disks = {{u"vda"_s, u"/c"_s}};
        all.flattened = {u"vda"_s, u"vdb"_s};
        all.ejected = {u"sda"_s};
        all.listenAddress = u"::5"_s;
        all.name = u"n"_s;
        const QByteArray text = QJsonDocument(all.toJson()).toJson();
        QCOMPARE(MigrateRewrite::fromJson(QJsonDocument::fromJson(text).object()), all);
        QCOMPARE(MigrateRewrite().toJson(), QJsonObject());
        QCOMPARE(MigrateRewrite::fromJson({}), MigrateRewrite());
    }
};

QTEST_GUILESS_MAIN(TestMigrateXml)
#include "tst_migratexml.moc"
