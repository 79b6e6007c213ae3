// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/vocabulary.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hostlists.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;
using namespace vireo;

namespace {

constexpr auto NodeXml = R"(<node>
  <domain type='test'><name>web01</name><uuid>11111111-1111-1111-1111-111111111111</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'><source file='/images/web01.qcow2'/><target dev='vda' bus='virtio'/></disk>
      <disk type='volume' device='disk'><source pool='images' volume='b.img'/><target dev='vdb' bus='virtio'/></disk>
      <disk type='file' device='cdrom'><target dev='hda' bus='ide'/></disk>
      <interface type='network'><mac address='52:54:00:AA:BB:01'/><source network='default'/></interface>
    </devices></domain>
  <domain type='test'><name>db01</name><uuid>22222222-2222-2222-2222-222222222222</uuid>
    <memory unit='MiB'>512</memory><vcpu>1</vcpu><os><type arch='i686'>hvm</type></os>
    <devices>
      <disk type='file' device='disk'><source file='/images/web01.qcow2'/><target dev='vda' bus='virtio'/></disk>
    </devices></domain>
  <network><name>default</name><uuid>33333333-3333-3333-3333-333333333333</uuid><bridge name='virbr7'/><forward/>
    <ip address='192.168.122.1' netmask='255.255.255.0'/></network>
  <network><name>apart</name><uuid>33333333-3333-3333-3333-333333333334</uuid><bridge name='virbr8'/></network>
  <pool type='dir'><name>images</name><uuid>44444444-4444-4444-4444-444444444444</uuid>
    <target><path>/images</path></target>
    <volume><name>b.img</name><capacity unit='MiB'>100</capacity></volume>
    <volume><name>a.img</name><capacity unit='MiB'>50</capacity></volume></pool>
  <interface type='ethernet' name='eth1'><start mode='onboot'/></interface>
  <device><name>computer</name><capability type='system'><hardware><uuid>55555555-5555-5555-5555-555555555555</uuid></hardware><firmware/></capability></device>
  <device><name>net_eth9</name><parent>computer</parent>
    <capability type='net'><interface>eth9</interface><address>00:11:22:33:44:55</address></capability></device>
  <device><name>net_vnet0</name><parent>computer</parent>
    <capability type='net'><interface>vnet0</interface><address>00:11:22:33:44:56</address></capability></device>
</node>)";

} // namespace

/** What exists on a host, read from libvirt's test driver: it has pools and networks, but no filters or secrets. */
class TestVocabulary final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    virt::ConnectionPtr m_connection;
    QTemporaryDir m_directory;

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        QFile node(m_directory.filePath(u"node.xml"_s));
        QVERIFY(node.open(QIODevice::WriteOnly));
        node.write(NodeXml);
        node.close();
        auto connection = virt::Connection::open(u"test://"_s + node.fileName(), false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
    }

    void cleanupTestCase()
    {
        m_connection.reset();
        m_loop.reset();
    }

    void whatExistsIsListed()
    {
        const auto vocabulary = operation::readVocabulary(*m_connection, {});
        QVERIFY2(vocabulary, vocabulary ? "" : qPrintable(vocabulary.error().message));
        QCOMPARE(vocabulary->networks, (QStringList{u"apart"_s, u"default"_s}));
        QCOMPARE(vocabulary->bridges, (QStringList{u"virbr7"_s, u"virbr8"_s}));
        QCOMPARE(vocabulary->pools, QStringList{u"images"_s});
        QCOMPARE(vocabulary->volumes.value(u"images"_s), (QStringList{u"a.img"_s, u"b.img"_s}));
        QVERIFY(vocabulary->nodeDevices.contains(u"net_eth9"_s));
        QCOMPARE(vocabulary->interfaces, QStringList{u"eth9"_s}); // a guest's own device is none to choose
    }

    void whatTheDriverLacksIsEmptyAndNoError()
    {
        QVERIFY(!virt::hostlists::networkFilters(*m_connection));
        QVERIFY(!virt::hostlists::secrets(*m_connection));
        const auto vocabulary = operation::readVocabulary(*m_connection, u"<domain type='test'/>"_s);
        QVERIFY(vocabulary);
        QVERIFY(vocabulary->filters.isEmpty());
        QVERIFY(vocabulary->secrets.isEmpty());
        QVERIFY(vocabulary->capabilities.emulator.isEmpty());
    }

    void anUnreadableDefinitionIsAsNone()
    {
        const auto none = operation::readVocabulary(*m_connection, {});
        const auto broken = operation::readVocabulary(*m_connection, u"<domain"_s);
        QVERIFY(none && broken);
        QVERIFY(*none == *broken);
    }

    void volumesHaveTheirPaths()
    {
        const auto facts = operation::readHostFacts(*m_connection, {});
        QVERIFY(facts);
        QCOMPARE(facts->volumes.size(), 2);
        for (const xml::devices::HostVolume &volume : facts->volumes) {
            QCOMPARE(volume.path, u"/images/"_s + volume.name);
            QVERIFY(volume.capacity > 0);
        }
        QVERIFY(facts->hostCpus > 0);
        QVERIFY(facts->diskUsers.isEmpty());
    }

    void neighboursAreTheOthersAlone()
    {
        const QUuid web(u"11111111-1111-1111-1111-111111111111"_s);
        const QUuid db(u"22222222-2222-2222-2222-222222222222"_s);
        const auto all = operation::readNeighbours(*m_connection, {});
        QVERIFY(all);
        QStringList users = all->diskUsers.value(u"/images/web01.qcow2"_s);
        users.sort();
        QCOMPARE(users, (QStringList{u"db01"_s, u"web01"_s}));
        QCOMPARE(all->diskUsers.value(u"images/b.img"_s), QStringList{u"web01"_s});
        QVERIFY(!all->diskUsers.contains({}));
        const auto ofDb = operation::readNeighbours(*m_connection, db);
        QVERIFY(ofDb);
        QCOMPARE(ofDb->diskUsers.value(u"/images/web01.qcow2"_s), QStringList{u"web01"_s});
        QCOMPARE(ofDb->macs, QStringList{u"52:54:00:aa:bb:01"_s});
        const auto ofWeb = operation::readNeighbours(*m_connection, web);
        QVERIFY(ofWeb);
        QVERIFY(!ofWeb->macs.contains(u"52:54:00:aa:bb:01"_s));
    }
};

QTEST_GUILESS_MAIN(TestVocabulary)
#include "tst_vocabulary.moc"
