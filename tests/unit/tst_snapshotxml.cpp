// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/snapshot/snapshotxml.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;
using snapshot::Snapshot;
using snapshot::SnapshotDisk;

namespace {

/** Taken while it ran, on base <- one <- two; its own overlay is three. */
constexpr auto metadata = R"(<domainsnapshot>
  <name>s3</name><description>old &amp; grey</description><state>running</state>
  <creationTime>1795291794</creationTime><parent><name>s2</name></parent>
  <memory snapshot='external' file='/d/s3.mem'/>
  <disks><disk name='vda' snapshot='external' type='file'><driver type='qcow2'/><source file='/d/three'/></disk></disks>
  <domain type='qemu' id='4' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
    <name>web01</name>
    <devices>
      <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/d/two' index='2'/>
        <backingStore type='file' index='3'><format type='qcow2'/><source file='/d/one'/>
          <backingStore type='file' index='4'><format type='raw'/><source file='/d/base'/><backingStore/></backingStore>
        </backingStore><target dev='vda' bus='virtio'/></disk>
      <graphics type='vnc' passwd='secret'/>
    </devices>
    <qemu:commandline><qemu:arg value='-snapshot'/></qemu:commandline>
  </domain>
  <inactiveDomain type='qemu'><name>web01</name><title>next</title>
    <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/d/two'/>
      <target dev='vda' bus='virtio'/></disk></devices></inactiveDomain>
</domainsnapshot>)";

QStringList paths(const snapshot::Chain &chain)
{
    QStringList result;
    for (const snapshot::Layer &layer : chain) {
        result.append(layer.path + u':' + layer.format);
    }
    return result;
}

/** What is recorded of vda after a file went. */
QStringList after(const LayerMove &move)
{
    const auto changed = snapshotxml::changed(QString::fromLatin1(metadata), {u"s3"_s, {}, {}, {move}});
    const auto parsed = changed ? snapshot::parseSnapshot(*changed) : fail(changed.error());
    return parsed ? paths(parsed->disk(u"vda"_s)->state) : QStringList{parsed.error().message};
}

} // namespace

class TestSnapshotXml final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void requests()
    {
        snapshotxml::Wanted wanted;
        wanted.name = u"a<b"_s;
        wanted.memory = true;
        wanted.memoryFile = u"/d/m"_s;
        wanted.disks = {
            {u"vda"_s, SnapshotDisk::Kind::External, u"/d/o&o"_s}, {u"sda"_s, SnapshotDisk::Kind::None, {}}};
        const auto document = xml::Document::parse(snapshotxml::request(wanted));
        QVERIFY(document);
        const xml::Element root = document->root();
        QCOMPARE(root.child(u"name"_s).text(), u"a<b"_s);
        QCOMPARE(root.child(u"memory"_s).attribute(u"file"_s), u"/d/m"_s);
        const auto disks = root.child(u"disks"_s).children();
        QCOMPARE(disks.size(), 2);
        QCOMPARE(disks.at(0).child(u"source"_s).attribute(u"file"_s), u"/d/o&o"_s);
        QCOMPARE(disks.at(0).child(u"driver"_s).attribute(u"type"_s), u"qcow2"_s);
        QCOMPARE(disks.at(1).attribute(u"snapshot"_s), u"no"_s);
        QVERIFY(!disks.at(1).child(u"source"_s));
    }

    void changesTexts()
    {
        const auto changed = snapshotxml::changed(QString::fromLatin1(metadata), {u"s3"_s, u"new"_s, u"<text>"_s, {}});
        QVERIFY(changed);
        const auto parsed = snapshot::parseSnapshot(*changed);
        QVERIFY(parsed);
        QCOMPARE(parsed->name, u"new"_s);
        QCOMPARE(parsed->description, u"<text>"_s);
        QCOMPARE(parsed->parent, u"s2"_s);
        QVERIFY(changed->contains(u"passwd=\"secret\""_s)); // all else stays
        QVERIFY(changed->contains(u"-snapshot"_s));
        QCOMPARE(snapshotxml::parentOf(*snapshotxml::withParent(*changed, u"other"_s)), u"other"_s);
        QCOMPARE(snapshotxml::parentOf(*snapshotxml::withParent(*changed, {})), QString());
        QVERIFY(!snapshotxml::changed(u"<domain/>"_s, {u"s3"_s, {}, {}, {}}));
    }

    /** Whichever file goes, upwards or downwards: the chain names the rest in order. */
    void movesLayers()
    {
        const QStringList before{u"/d/two:qcow2"_s, u"/d/one:qcow2"_s, u"/d/base:raw"_s};
        QCOMPARE(after({u"vdx"_s, u"/d/two"_s, {u"/d/one"_s, u"qcow2"_s}}), before); // another disk
        QCOMPARE(after({u"vda"_s, u"/d/two"_s, {u"/d/one"_s, u"qcow2"_s}}), before.mid(1));
        QCOMPARE(after({u"vda"_s, u"/d/one"_s, {u"/d/base"_s, u"raw"_s}}), QStringList({before[0], before[2]}));
        QCOMPARE(after({u"vda"_s, u"/d/one"_s, {u"/d/two"_s, u"qcow2"_s}}), QStringList({before[0], before[2]}));
        QCOMPARE(after({u"vda"_s, u"/d/base"_s, {u"/d/one"_s, u"qcow2"_s}}), before.mid(0, 2));
        QCOMPARE(after({u"vda"_s, u"/d/one"_s, {u"/d/copy"_s, u"qcow2"_s}}),
            QStringList({before[0], u"/d/copy:qcow2"_s, before[2]}));

        // Its overlay is another file by now.
        const auto changed = snapshotxml::changed(
            QString::fromLatin1(metadata), {u"s3"_s, {}, {}, {{u"vda"_s, u"/d/three"_s, {u"/d/four"_s, u"qcow2"_s}}}});
        QCOMPARE(snapshot::parseSnapshot(*changed)->disk(u"vda"_s)->overlay.path, u"/d/four"_s);
        QCOMPARE(paths(snapshot::parseSnapshot(*changed)->disk(u"vda"_s)->state), before);
    }

    void givesDefinitions()
    {
        const QHash<QString, snapshot::Layer> layers{{u"vda"_s, {u"/d/new"_s, u"qcow2"_s}}};
        const auto then = snapshotxml::definition(QString::fromLatin1(metadata), snapshotxml::Which::Then, layers);
        QVERIFY(then);
        const auto document = xml::Document::parse(*then);
        QVERIFY(document); // its namespaces are declared
        QCOMPARE(document->root().name(), u"domain"_s);
        QCOMPARE(document->root().attribute(u"type"_s), u"qemu"_s);
        QVERIFY(!document->root().hasAttribute(u"id"_s));
        const xml::Element disk = document->root().find(u"devices/disk"_s);
        QCOMPARE(disk.child(u"source"_s).attribute(u"file"_s), u"/d/new"_s);
        QVERIFY(!disk.child(u"backingStore"_s));
        QVERIFY(then->contains(u"secret"_s));
        QCOMPARE(
            document->root().child(u"commandline"_s).namespaceUri(), u"http://libvirt.org/schemas/domain/qemu/1.0"_s);

        const auto next = snapshotxml::definition(QString::fromLatin1(metadata), snapshotxml::Which::ForNextStart);
        QVERIFY(next);
        QVERIFY(next->contains(u"<title>next</title>"_s));
        QVERIFY(next->contains(u"/d/two"_s));
        QVERIFY(xml::Document::parse(*next)->root().name() == "domain"_L1);
    }
};

QTEST_GUILESS_MAIN(TestSnapshotXml)
#include "tst_snapshotxml.moc"
