// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/xml/hostcheck.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using xml::SyntaxTree;

/** What only a look at the host, or at the other devices, tells. */
class HostCheckTest : public QObject
{
    Q_OBJECT

    static xml::HostVocabulary host()
    {
        xml::HostVocabulary host;
        host.machines = {u"q35"_s};
        host.networks = {u"default"_s};
        host.bridges = {u"br0"_s};
        host.interfaces = {u"eth0"_s};
        host.pools = {u"images"_s};
        host.volumes = {{u"images"_s, {u"a.qcow2"_s}}};
        host.filters = {u"clean-traffic"_s};
        host.capabilities.parts[u"disk"_s].values = {{u"bus"_s, {u"virtio"_s, u"sata"_s}}};
        host.capabilities.parts[u"video"_s].values = {{u"modelType"_s, {u"virtio"_s}}};
        host.capabilities.cpuModels = {
            {u"EPYC"_s, {}, xml::Support::Yes, false, {}}, {u"Old"_s, {}, xml::Support::No, false, {}}};
        return host;
    }

private Q_SLOTS:
    void warnings_data()
    {
        QTest::addColumn<QString>("xml");
        QTest::addColumn<QString>("where"); // empty: nothing to say
        QTest::addColumn<QString>("words");
        const auto device = [](const QString &text) {
            return u"<domain><devices>"_s + text + u"</devices></domain>"_s;
        };
        const auto row = [](const char *name, const QString &text, const QString &where = {},
                             const QString &words = {}) {
            QTest::newRow(name) << text << where << words;
        };
        row("network", device(u"<interface type='network'><source network='defualt'/></interface>"_s), u"defualt"_s,
            u"This host has no network “defualt”.|Did you mean “default”"_s);
        row("network there", device(u"<interface type='network'><source network='default'/></interface>"_s));
        row("bridge", device(u"<interface type='bridge'><source bridge='vmbr9'/></interface>"_s), u"vmbr9"_s,
            u"no bridge “vmbr9”|It has: br0"_s);
        row("macvtap", device(u"<interface type='direct'><source dev='eth9'/></interface>"_s), u"eth9"_s,
            u"no network device|Did you mean “eth0”"_s);
        row("filter", device(u"<interface type='user'><filterref filter='x-y-z'/></interface>"_s), u"x-y-z"_s,
            u"no network filter"_s);
        row("pool", device(u"<disk type='volume'><source pool='isos' volume='x'/></disk>"_s), u"isos"_s,
            u"no storage pool “isos”"_s);
        row("volume", device(u"<disk type='volume'><source pool='images' volume='b.qcow2'/></disk>"_s), u"b.qcow2"_s,
            u"no volume “b.qcow2”|Did you mean “a.qcow2”"_s);
        row("machine", u"<domain><os><type machine='pc-q36'>hvm</type></os></domain>"_s, u"pc-q36"_s,
            u"no machine type “pc-q36”"_s);
        row("CPU model", u"<domain><cpu><model>EPIC</model></cpu></domain>"_s, u"EPIC"_s,
            u"no CPU model “EPIC”|Did you mean “EPYC”"_s);
        row("CPU model unusable", u"<domain><cpu><model>Old</model></cpu></domain>"_s, u"Old"_s,
            u"not usable on this host"_s);
        row("CPU model usable", u"<domain><cpu><model>EPYC</model></cpu></domain>"_s);
        row("bus", device(u"<disk><target dev='hda' bus='ide'/></disk>"_s), u"ide"_s,
            u"no disk bus “ide”|It has: virtio, sata"_s);
        row("video", device(u"<video><model type='qxl'/></video>"_s), u"qxl"_s, u"no video model “qxl”"_s);
        row("target twice", device(u"<disk><target dev='vda'/></disk><disk><target dev='vda'/></disk>"_s), u"vda"_s,
            u"Another disk has the target “vda” already.|The first is in line 1"_s);
        row("targets differ", device(u"<disk><target dev='vda'/></disk><disk><target dev='vdb'/></disk>"_s));
        row("MAC twice",
            device(
                u"<interface><mac address='52:54:00:AA:00:01'/></interface><interface><mac address='52:54:00:aa:00:01'/></interface>"_s),
            u"52:54:00:aa:00:01"_s, u"Another network card has the MAC address"_s);
        row("alias twice", device(u"<disk><alias name='ua-x'/></disk><rng><alias name='ua-x'/></rng>"_s), u"ua-x"_s,
            u"has the alias"_s);
        row("PCI address twice",
            device(
                u"<disk><address type='pci' bus='0x01' slot='0x02'/></disk><rng><address slot='2' type='pci' domain='0x0000' bus='1' function='0x0'/></rng>"_s),
            u"<address slot='2' type='pci' domain='0x0000' bus='1' function='0x0'/>"_s,
            u"Another device has this address"_s);
        row("PCI addresses differ",
            device(
                u"<disk><address type='pci' bus='0x01' slot='0x02'/></disk><rng><address type='pci' bus='0x10' slot='0x02'/></rng>"_s));
        row("the host's PCI address is another matter",
            device(
                u"<hostdev><source><address type='pci' bus='0x01' slot='0x02'/></source><address type='pci' bus='0x01' slot='0x02'/></hostdev>"_s));
        row("drive address twice",
            device(
                u"<disk><target dev='sda' bus='sata'/><address type='drive' unit='0'/></disk><disk><target dev='sdb' bus='sata'/><address type='drive' unit='0'/></disk>"_s),
            u"<address type='drive' unit='0'/>"_s, u"has this address"_s);
        row("drive addresses of two buses",
            device(
                u"<disk><target dev='sda' bus='sata'/><address type='drive' unit='0'/></disk><disk><target dev='sdb' bus='virtio'/><address type='drive' unit='0'/></disk>"_s));
        row("no domain", u"<network><bridge name='x'/></network>"_s);
        row("empty", u""_s);
        row("two at the top", u"<domain/><address/><mac/><model/>"_s);
        row("broken", u"<domain><devices><disk><target dev='vda"_s);
    }
    void warnings()
    {
        QFETCH(QString, xml);
        QFETCH(QString, where);
        QFETCH(QString, words);
        const auto found = checkAgainstHost(SyntaxTree::parse(xml), host());
        QCOMPARE(found.size(), where.isEmpty() ? 0 : 1);
        if (!found.isEmpty()) {
            QCOMPARE(found[0].severity, xml::Diagnostic::Severity::Warning);
            QCOMPARE(xml.mid(found[0].range.from, found[0].range.length()), where);
            for (const QString &word : words.split(u'|')) {
                QVERIFY2(
                    (found[0].message + found[0].hint).contains(word), qPrintable(found[0].message + found[0].hint));
            }
        }
    }

    void unknownHostDeniesNothing()
    {
        const auto tree =
            SyntaxTree::parse(u"<domain><os><type machine='x'>hvm</type></os><cpu><model>y</model></cpu><devices>"
                              "<interface type='network'><source network='z'/></interface></devices></domain>"_s);
        QVERIFY(checkAgainstHost(tree, {}).isEmpty());
    }

    void bounded()
    {
        const auto tree = SyntaxTree::parse(
            u"<domain><devices>"_s + u"<disk><target dev='vda'/></disk>"_s.repeated(50'000) + u"</devices></domain>"_s);
        QCOMPARE(checkAgainstHost(tree, host()).size(), 200);
    }
};

QTEST_GUILESS_MAIN(HostCheckTest)
#include "tst_hostcheck.moc"
