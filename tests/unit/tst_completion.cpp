// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <atomic>
#include <thread>

#include <QTest>

#include "schemafixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using xml::Completion;
using xml::CompletionList;
using xml::SyntaxTree;

namespace {

xml::HostVocabulary host()
{
    xml::HostVocabulary host;
    auto &caps = host.capabilities;
    caps.emulator = u"/usr/bin/qemu-system-x86_64"_s;
    caps.virtType = u"kvm"_s;
    caps.arch = u"x86_64"_s;
    caps.firmwares = {u"efi"_s};
    caps.cpuHostPassthrough = xml::Support::Yes;
    caps.cpuCustom = xml::Support::Yes;
    caps.cpuHostModel = xml::Support::No;
    caps.cpuModels = {{u"old"_s, {}, xml::Support::No, false, {}}, {u"EPYC"_s, {}, xml::Support::Yes, false, {}},
        {u"qemu64"_s, {}, xml::Support::Yes, true, {}}};
    caps.parts[u"disk"_s].values = {
        {u"bus"_s, {u"virtio"_s, u"sata"_s, u"usb"_s}}, {u"diskDevice"_s, {u"disk"_s, u"cdrom"_s}}};
    caps.parts[u"video"_s].values = {{u"modelType"_s, {u"virtio"_s, u"vga"_s}}};
    caps.parts[u"graphics"_s].values = {{u"type"_s, {u"vnc"_s}}};
    caps.parts[u"tpm"_s].values = {{u"model"_s, {u"tpm-crb"_s}}, {u"backendModel"_s, {u"emulator"_s}}};
    caps.parts[u"rng"_s].values = {{u"backendModel"_s, {u"random"_s}}};
    caps.parts[u"filesystem"_s].values = {{u"driverType"_s, {u"virtiofs"_s}}};
    caps.parts[u"hostdev"_s].values = {{u"mode"_s, {u"subsystem"_s}}};
    host.machines = {u"q35"_s, u"pc"_s};
    host.networks = {u"default"_s, u"lan"_s};
    host.bridges = {u"br0"_s};
    host.interfaces = {u"eth0"_s};
    host.pools = {u"default"_s, u"fast"_s};
    host.volumes = {{u"fast"_s, {u"a.qcow2"_s, u"b.qcow2"_s}}};
    host.filters = {u"clean-traffic"_s};
    host.nodeDevices = {u"mdev_4b20d080_1b54_4048_85b3_a6a62d165c01"_s};
    return host;
}

QString inDevices(const QString &text)
{
    return test::domain(u"\n    "_s + text);
}

QString labels(const CompletionList &list)
{
    QStringList result;
    for (const Completion &item : list.items) {
        result.append(item.label);
    }
    return result.join(u' ');
}

} // namespace

/** What may be typed where; "|" is the cursor. */
class CompletionTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void positions_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("has");   // labels that are there, in this order
        QTest::addColumn<QString>("lacks"); // labels that are not
        const auto row = [](const char *name, const QString &text, const QString &has, const QString &lacks = {}) {
            QTest::newRow(name) << text << has << lacks;
        };
        // The top
        row("empty document", u"|"_s, u"domain"_s, u"devices"_s);
        row("first tag", u"<|"_s, u"domain"_s);
        row("first tag begun", u"<dom|"_s, u"domain"_s);
        row("first tag, another word", u"<net|"_s, {}, u"domain"_s);
        row("behind the root", u"<domain></domain>|"_s, u"domain"_s, u"devices"_s);
        // Elements
        row("domain's children", u"<domain type='kvm'><|"_s, u"name devices os vcpu"_s, u"disk domain"_s);
        row("required first", u"<domain type='kvm'><|</domain>"_s, u"name bhyve:commandline"_s);
        row("name is there", u"<domain type='kvm'><name>x</name><|</domain>"_s, u"devices"_s, u"name"_s);
        row("name comes later", u"<domain type='kvm'><|<name>x</name></domain>"_s, u"devices"_s, u"name"_s);
        row("begun, nothing behind", u"<domain type='kvm'><dev|"_s, u"devices"_s, u"name os"_s);
        row("begun, with end tag", u"<domain type='kvm'><dev|</domain>"_s, u"devices"_s, u"name"_s);
        row("begun before others", u"<domain type='kvm'><dev|\n<os><type>hvm</type></os></domain>"_s, u"devices"_s);
        row("in capitals", u"<domain type='kvm'><DEV|"_s, u"devices"_s);
        row("devices' children", u"<domain><devices><|"_s, u"audio controller disk emulator interface watchdog"_s,
            u"name source"_s);
        row("second disk", inDevices(u"<d|"_s), u"disk"_s, u"interface"_s);
        row("emulator only once", u"<domain><devices><emulator>/q</emulator><|</devices></domain>"_s, u"disk"_s,
            u"emulator"_s);
        row("disk's children", u"<domain><devices><disk type='file'><|</disk></devices></domain>"_s,
            u"target driver source"_s, u"disk"_s);
        row("target is there", u"<domain><devices><disk type='file'><target dev='vda'/><|</disk></devices></domain>"_s,
            u"driver source"_s, u"target"_s);
        row("children by type", u"<domain><devices><interface type='network'><|</interface></devices></domain>"_s,
            u"source alias mac model"_s, u"disk"_s);
        row("children of a bridge", u"<domain><devices><interface type='bridge'><|</interface></devices></domain>"_s,
            u"mac source"_s);
        row("video", u"<domain><devices><video><|</video></devices></domain>"_s, u"model"_s, u"disk"_s);
        row("os", u"<domain><os><|</os></domain>"_s, u"type"_s, u"devices"_s);
        row("boot after type", u"<domain><os><type>hvm</type><|</os></domain>"_s,
            u"boot bootmenu kernel loader nvram"_s, u"type"_s);
        row("cpu", u"<domain><cpu><f|</cpu></domain>"_s, u"feature"_s);
        row("features", u"<domain><features><|</features></domain>"_s, u"acpi apic hyperv"_s, u"disk"_s);
        row("no children",
            u"<domain><devices><disk type='file'><target dev='vda'><|</target></disk></devices></domain>"_s, {},
            u"source target"_s);
        row("unknown parent", u"<domain><florb><|</florb></domain>"_s, {}, u"devices"_s);
        row("behind an unknown sibling", u"<domain><devices><florb/><|</devices></domain>"_s, u"disk"_s);
        row("without <", u"<domain><devices>di|</devices></domain>"_s, u"disk"_s, u"interface"_s);
        row("on an empty line", u"<domain><devices>\n  |\n</devices></domain>"_s, u"disk interface"_s);
        row("with a namespace", u"<domain><qemu|"_s, u"qemu:commandline"_s);
        row("namespace by local name", u"<domain><command|"_s, u"bhyve:commandline qemu:commandline"_s);
        row("in a namespace",
            u"<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:commandline><|</q:commandline></domain>"_s,
            u"q:arg q:env"_s);
        row("broken attribute before", u"<domain type='><devices><|"_s, {}, u"florb"_s);
        row("rename", u"<domain><devices><dis| type='file'></disk></devices></domain>"_s, u"disk"_s);
        // End tags
        row("end tag", u"<domain><devices></|"_s, u"/devices"_s, u"/domain"_s);
        row("end tag begun", u"<domain><devices></dev|"_s, u"/devices"_s);
        row("end tag of another", u"<domain><devices></x|"_s, {}, u"/devices"_s);
        row("end tag that stands", u"<domain><devices></dev|></domain>"_s, u"/devices"_s);
        row("end tag offered", u"<domain><devices><|"_s, u"/devices"_s);
        // Attributes
        row("disk's attributes", u"<domain><devices><disk |></disk></devices></domain>"_s,
            u"device model snapshot type"_s, u"bus"_s);
        row("not twice", u"<domain><devices><disk type='file' |></disk></devices></domain>"_s, u"device"_s, u"type"_s);
        row("nor when behind", u"<domain><devices><disk | type='file'></disk></devices></domain>"_s, u"device"_s,
            u"type"_s);
        row("begun", u"<domain><devices><disk dev|></disk></devices></domain>"_s, u"device"_s, u"type"_s);
        row("tag unfinished", u"<domain><devices><disk type='file' d|"_s, u"device"_s);
        row("required first", u"<domain><devices><controller |"_s, u"type index model"_s);
        row("target", u"<domain><devices><disk type='file'><target |/></disk></devices></domain>"_s, u"dev bus"_s,
            u"file"_s);
        row("source by type file", u"<domain><devices><disk type='file'><source |/></disk></devices></domain>"_s,
            u"file startupPolicy"_s, u"dev pool"_s);
        row("source by type block", u"<domain><devices><disk type='block'><source |/></disk></devices></domain>"_s,
            u"dev"_s, u"file pool"_s);
        row("source by type volume", u"<domain><devices><disk type='volume'><source |/></disk></devices></domain>"_s,
            u"pool volume"_s, u"file"_s);
        row("vcpu", u"<domain><vcpu pla|"_s, u"placement"_s);
        row("unknown element's", u"<domain><florb |/></domain>"_s, {}, u"type"_s);
        // Values
        row("hypervisors", u"<domain type='|'"_s, u"kvm lxc qemu"_s);
        row("only those begun", u"<domain type='q|'"_s, u"qemu kqemu"_s, u"kvm"_s);
        row("no closing quote", u"<domain type='|"_s, u"kvm"_s);
        row("disk types", u"<domain><devices><disk type='|'></disk></devices></domain>"_s,
            u"block dir file network volume"_s);
        row("yes and no", u"<domain><devices><graphics type='vnc' autoport='|'/></devices></domain>"_s, u"no yes"_s);
        row("values in a pattern",
            u"<domain><devices><interface type='direct'><source dev='eth0' mode='|'/></interface></devices></domain>"_s,
            u"bridge passthrough private vepa"_s);
        row("text", u"<domain><os><type>h|</type></os></domain>"_s, u"hvm"_s, u"linux"_s);
        row("free text", u"<domain><name>|</name></domain>"_s, {}, u"name"_s);
        row("pool types of another kind", u"<domain><os><boot dev='|'/></os></domain>"_s, u"cdrom fd hd network"_s);
        row("unknown attribute's", u"<domain><os><boot florb='|'/></os></domain>"_s, {}, u"hd"_s);
        // What the host says
        row("machines", u"<domain><os><type machine='|'>hvm</type></os></domain>"_s, u"q35 pc"_s);
        row("networks", inDevices(u"<interface type='network'><source network='|'/></interface>"_s), u"default lan"_s);
        row("bridges", inDevices(u"<interface type='bridge'><source bridge='|'/></interface>"_s), u"br0"_s);
        row("macvtap", inDevices(u"<interface type='direct'><source dev='|'/></interface>"_s), u"eth0"_s);
        row("filters",
            inDevices(u"<interface type='network'><source network='lan'/><filterref filter='|'/></interface>"_s),
            u"clean-traffic"_s);
        row("pools", inDevices(u"<disk type='volume'><source pool='|'/><target dev='vdb'/></disk>"_s),
            u"default fast"_s);
        row("volumes", inDevices(u"<disk type='volume'><source pool='fast' volume='|'/><target dev='vdb'/></disk>"_s),
            u"a.qcow2 b.qcow2"_s);
        row("volumes of another pool",
            inDevices(u"<disk type='volume'><source pool='default' volume='|'/><target dev='vdb'/></disk>"_s), {},
            u"a.qcow2"_s);
        row("next target", inDevices(u"<disk type='file'><target dev='|' bus='virtio'/></disk>"_s), u"vdb"_s, u"vda"_s);
        row("next target by bus", inDevices(u"<disk type='file'><target dev='|' bus='sata'/></disk>"_s), u"sda"_s,
            u"vdb"_s);
        row("buses, the host's first", inDevices(u"<disk type='file'><target dev='vdb' bus='|'/></disk>"_s),
            u"virtio sata usb fdc ide"_s);
        row("disk devices", inDevices(u"<disk type='file' device='|'><target dev='vdb'/></disk>"_s),
            u"disk cdrom floppy"_s);
        row("CPU models, usable first", u"<domain><cpu mode='custom'><model>|</model></cpu></domain>"_s,
            u"EPYC qemu64 old"_s);
        row("CPU modes", u"<domain><cpu mode='|'/></domain>"_s, u"host-passthrough custom host-model maximum"_s);
        row("video models", u"<domain><devices><video><model type='|'/></video></devices></domain>"_s,
            u"virtio vga bochs cirrus qxl"_s);
        row("displays", u"<domain><devices><graphics type='|'/></devices></domain>"_s, u"vnc sdl spice"_s);
        row("TPM models", u"<domain><devices><tpm model='|'/></devices></domain>"_s, u"tpm-crb tpm-tis"_s);
        row("TPM backends", u"<domain><devices><tpm model='tpm-crb'><backend type='|'/></tpm></devices></domain>"_s,
            u"emulator passthrough"_s);
        row("file system drivers",
            u"<domain><devices><filesystem type='mount'><driver type='|'/></filesystem></devices></domain>"_s,
            u"virtiofs path"_s);
        row("random numbers", u"<domain><devices><rng model='virtio'><backend model='|'/></rng></devices></domain>"_s,
            u"random egd"_s);
        row("firmware", u"<domain><os firmware='|'/></domain>"_s, u"efi bios"_s);
        row("emulator", u"<domain><devices><emulator>|</emulator></devices></domain>"_s,
            u"/usr/bin/qemu-system-x86_64"_s);
        row("mediated devices",
            inDevices(
                u"<hostdev mode='subsystem' type='mdev' model='vfio-pci'><source><address uuid='|'/></source></hostdev>"_s),
            u"4b20d080-1b54-4048-85b3-a6a62d165c01"_s);
        // Nowhere
        row("in a comment", u"<domain><!-- <| --></domain>"_s, {}, u"devices"_s);
        row("in CDATA", u"<domain><title><![CDATA[<|]]></title></domain>"_s, {}, u"devices"_s);
        row("in a DOCTYPE", u"<!DOCTYPE <|><domain/>"_s, {}, u"domain"_s);
    }
    void positions()
    {
        QFETCH(QString, text);
        QFETCH(QString, has);
        QFETCH(QString, lacks);
        const qsizetype cursor = text.indexOf(u'|');
        QVERIFY(cursor >= 0);
        text.remove(cursor, 1);
        const auto tree = SyntaxTree::parse(text);
        const CompletionList list = test::schema()->complete(tree, cursor, host());
        qsizetype last = -1;
        for (const QString &label : has.split(u' ', Qt::SkipEmptyParts)) {
            const auto at = std::ranges::find(list.items, label, &Completion::label);
            QVERIFY2(at != list.items.end(), qPrintable(label + u" not in: "_s + labels(list)));
            QVERIFY2(at - list.items.begin() > last, qPrintable(label + u" too early in: "_s + labels(list)));
            last = at - list.items.begin();
        }
        for (const QString &label : lacks.split(u' ', Qt::SkipEmptyParts)) {
            QVERIFY2(std::ranges::find(list.items, label, &Completion::label) == list.items.end(),
                qPrintable(label + u" in: "_s + labels(list)));
        }
        QVERIFY(has.isEmpty() == false || list.items.isEmpty() || !lacks.isEmpty());
        for (const Completion &item : list.items) {
            QVERIFY(list.word.touches(cursor));
            QVERIFY(item.cursor >= 0 && item.cursor <= item.insert.size());
            QCOMPARE(std::ranges::count(list.items, item.label, &Completion::label), 1);
        }
    }

    void inserts_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("label");
        QTest::addColumn<QString>("after");
        const auto row = [](const char *name, const QString &text, const QString &label, const QString &after) {
            QTest::newRow(name) << text << label << after;
        };
        row("element", u"<domain><dev|"_s, u"devices"_s, u"<domain><devices>|</devices>"_s);
        row("element without <", u"<domain>dev|</domain>"_s, u"devices"_s, u"<domain><devices>|</devices></domain>"_s);
        row("interface", u"<domain><devices><int|</devices>"_s, u"interface"_s,
            u"<domain><devices><interface type='|'></interface></devices>"_s);
        row("disk with its target", u"<domain><devices><di|</devices>"_s, u"disk"_s,
            u"<domain><devices><disk type='|' device='disk'><target dev='' bus=''/></disk></devices>"_s);
        row("source of a network", u"<interface type='network'><so|</interface>"_s, u"source"_s,
            u"<interface type='network'><source network='|'/></interface>"_s);
        row("source of a bridge", u"<interface type='bridge'><so|</interface>"_s, u"source"_s,
            u"<interface type='bridge'><source bridge='|'/></interface>"_s);
        row("source of a file", u"<disk type='file'><so|</disk>"_s, u"source"_s,
            u"<disk type='file'><source file='|'/></disk>"_s);
        row("mac", u"<interface type='network'><ma|</interface>"_s, u"mac"_s,
            u"<interface type='network'><mac address='|'/></interface>"_s);
        row("video", u"<domain><devices><vid|</devices>"_s, u"video"_s,
            u"<domain><devices><video>|</video></devices>"_s);
        row("flag", u"<domain><features><ac|</features>"_s, u"acpi"_s, u"<domain><features><acpi/>|</features>"_s);
        row("memory", u"<domain><mem|"_s, u"memory"_s, u"<domain><memory unit='MiB'>|</memory>"_s);
        row("CPU feature", u"<domain><cpu><fe|</cpu>"_s, u"feature"_s,
            u"<domain><cpu><feature policy='|' name=''/></cpu>"_s);
        row("attribute", u"<domain><devices><disk ty|"_s, u"type"_s, u"<domain><devices><disk type='|'"_s);
        row("attribute's name only", u"<domain><devices><disk ty|='file'/>"_s, u"type"_s,
            u"<domain><devices><disk type|='file'/>"_s);
        row("value", u"<domain type='k|'/>"_s, u"kvm"_s, u"<domain type='kvm|'/>"_s);
        row("value replaces the old", u"<domain type='|xen'/>"_s, u"kvm"_s, u"<domain type='kvm|'/>"_s);
        row("text", u"<domain><os><type>hv|</type></os>"_s, u"hvm"_s, u"<domain><os><type>hvm|</type></os>"_s);
        row("end tag", u"<domain><devices></d|"_s, u"/devices"_s, u"<domain><devices></devices>|"_s);
        row("end tag closed", u"<domain><devices></d|>"_s, u"/devices"_s, u"<domain><devices></devices|>"_s);
        row("end tag behind <", u"<domain><devices><|"_s, u"/devices"_s, u"<domain><devices></devices>|"_s);
        row("name only", u"<domain><devices><dis| type='file'></disk></devices></domain>"_s, u"disk"_s,
            u"<domain><devices><disk| type='file'></disk></devices></domain>"_s);
        row("with its namespace", u"<domain><qemu:c|"_s, u"qemu:commandline"_s,
            u"<domain><qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>|</qemu:commandline>"_s);
    }
    void inserts()
    {
        QFETCH(QString, text);
        QFETCH(QString, label);
        QFETCH(QString, after);
        // Devices alone stand for those in a domain.
        const bool device = !text.startsWith(u"<domain");
        const QString before = device ? u"<domain><devices>"_s : QString();
        text = before + text;
        const qsizetype cursor = text.indexOf(u'|');
        text.remove(cursor, 1);
        const CompletionList list = test::schema()->complete(SyntaxTree::parse(text), cursor, host());
        const auto item = std::ranges::find(list.items, label, &Completion::label);
        QVERIFY2(item != list.items.end(), qPrintable(labels(list)));
        text.replace(list.word.from, list.word.length(), item->insert);
        text.insert(list.word.from + item->cursor, u'|');
        QCOMPARE(text, before + after);
    }

    void details()
    {
        const auto list = [](const QString &text) {
            const qsizetype cursor = text.indexOf(u'|');
            return test::schema()->complete(SyntaxTree::parse(QString(text).remove(cursor, 1)), cursor, host());
        };
        const auto find = [](const CompletionList &from, const QString &label) {
            const auto at = std::ranges::find(from.items, label, &Completion::label);
            return at == from.items.end() ? Completion() : *at;
        };
        const auto buses = list(inDevices(u"<disk type='file'><target dev='vdb' bus='|'/></disk>"_s));
        QCOMPARE(find(buses, u"sata"_s).detail, u"on this host"_s);
        QCOMPARE(find(buses, u"ide"_s).detail, u"not on this host"_s);
        const auto models = list(u"<domain><cpu mode='custom'><model>|</model></cpu></domain>"_s);
        QCOMPARE(find(models, u"old"_s).detail, u"not usable on this host"_s);
        QCOMPARE(find(models, u"qemu64"_s).detail, u"deprecated"_s);
        const auto children = list(u"<domain type='kvm'><|</domain>"_s);
        QCOMPARE(find(children, u"name"_s).detail, u"required"_s);
        QVERIFY(find(children, u"os"_s).detail.isEmpty());
        QVERIFY(!find(children, u"devices"_s).documentation.isEmpty());
        QVERIFY(find(list(u"<domain><devices><int|"_s), u"interface"_s).completesFurther);
        QVERIFY(!find(list(u"<domain><n|"_s), u"name"_s).completesFurther);
        // The same text is offered the same address, another text another one.
        const QString nic =
            u"<domain><devices><interface type='user'><mac address='|'/></interface></devices></domain>"_s;
        const auto macs = list(nic);
        QCOMPARE(macs.items.size(), 1);
        QVERIFY(macs.items[0].label.startsWith(u"52:54:00:"));
        QCOMPARE(list(nic).items[0].label, macs.items[0].label);
        QVERIFY(list(QString(nic).replace(u"user"_s, u"ethernet"_s)).items[0].label != macs.items[0].label);
    }

    /** What is inserted is no fault where all its values are given. */
    void insertsAreValid()
    {
        const QString text = test::domain(u"<"_s);
        const qsizetype cursor = text.indexOf(u"<\n  </devices>"_s) + 1;
        const auto tree = SyntaxTree::parse(text);
        const auto list = test::schema()->complete(tree, cursor);
        QVERIFY(list.items.size() > 25);
        for (const Completion &item : list.items) {
            if (item.kind == Completion::Kind::Element) {
                QString with = text;
                with.replace(list.word.from, list.word.length(), item.insert);
                const auto after = SyntaxTree::parse(with);
                QVERIFY2(after.isWellFormed(), qPrintable(item.insert));
                for (const auto &fault : test::schema()->check(with)) {
                    QVERIFY2(!fault.message.contains(u"can't hold") && !fault.message.contains(u"has no attribute"),
                        qPrintable(item.insert + fault.message));
                }
            }
        }
    }

    void hover_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("title");
        QTest::addColumn<QString>("values");
        QTest::newRow("element") << u"<domain><devices><di|sk type='file'/></devices></domain>"_s
                                 << u"<disk> in <devices>"_s << u""_s;
        QTest::newRow("root") << u"<do|main/>"_s << u"<domain>"_s << u""_s;
        QTest::newRow("end tag") << u"<domain><devices></dev|ices></domain>"_s << u"<devices> in <domain>"_s << u""_s;
        QTest::newRow("attribute") << u"<domain><os><boot de|v='hd'/></os></domain>"_s << u"dev of <boot>"_s
                                   << u"network hd fd cdrom"_s;
        QTest::newRow("value") << u"<domain><os><boot dev='h|d'/></os></domain>"_s << u"dev of <boot>"_s
                               << u"network hd fd cdrom"_s;
        QTest::newRow("text") << u"<domain><os><type>h|vm</type></os></domain>"_s << u""_s << u""_s;
        QTest::newRow("element with values")
            << u"<domain><os><ty|pe>hvm</type></os></domain>"_s << u"<type> in <os>"_s << u"xen linux xenpvh hvm exe"_s;
        QTest::newRow("nothing") << u"  |"_s << u""_s << u""_s;
        QTest::newRow("between") << u"<domain>\n|\n</domain>"_s << u""_s << u""_s;
        QTest::newRow("unknown") << u"<domain><flo|rb/></domain>"_s << u"<florb> in <domain>"_s << u""_s;
    }
    void hover()
    {
        QFETCH(QString, text);
        QFETCH(QString, title);
        QFETCH(QString, values);
        const qsizetype cursor = text.indexOf(u'|');
        text.remove(cursor, 1);
        const auto hover = test::schema()->hover(SyntaxTree::parse(text), cursor);
        QCOMPARE(hover.has_value(), !title.isEmpty());
        if (hover) {
            QCOMPARE(hover->title, title);
            QVERIFY(hover->range.touches(cursor));
            QStringList found = hover->values;
            QStringList wanted = values.split(u' ', Qt::SkipEmptyParts);
            found.sort();
            wanted.sort();
            QCOMPARE(found, wanted);
        }
    }

    /** At every place of a document, also while it is cut off there. */
    void everywhere()
    {
        const QString text = test::readText(QStringLiteral(VIREO_TEST_DATA "/domain/minimal-kvm.xml"));
        QVERIFY(!text.isEmpty());
        const auto whole = SyntaxTree::parse(text);
        int offered = 0;
        for (qsizetype i = 0; i <= text.size(); ++i) {
            offered += test::schema()->complete(whole, i, host()).items.isEmpty() ? 0 : 1;
            const auto cut = SyntaxTree::parse(text.first(i));
            const auto list = test::schema()->complete(cut, i, host());
            QVERIFY(list.word.from >= 0 && list.word.to <= i);
        }
        QVERIFY(offered > text.size() / 4);
    }

    /** One schema, many threads: its matchers are lent. */
    void manyThreads()
    {
        const auto schema = test::schema();
        const QString bad = test::domain().replace(u"bus='virtio'"_s, u"bus='virtoi'"_s);
        const auto expected = schema->check(bad);
        QCOMPARE(expected.size(), 1);
        std::atomic<int> wrong = 0;
        {
            std::vector<std::jthread> threads;
            threads.reserve(8);
            for (int i = 0; i < 8; ++i) {
                threads.emplace_back([&, i] {
                    const QString good = test::domain(u"<disk type='file'><target dev='vd%1'/></disk>"_s.arg(i + 1));
                    const auto tree = xml::SyntaxTree::parse(good);
                    for (int round = 0; round < 20; ++round) {
                        wrong += schema->check(good).isEmpty() ? 0 : 1;
                        wrong += schema->check(bad) == expected ? 0 : 1;
                        wrong += schema->complete(tree, good.indexOf(u"<disk"_s) + 6).items.isEmpty() ? 1 : 0;
                        wrong += schema->hover(tree, good.indexOf(u"<disk"_s) + 2) ? 0 : 1;
                        wrong += xml::Schema::load(xml::DocumentKind::Domain)->get() == schema.get() ? 0 : 1;
                    }
                });
            }
        }
        QCOMPARE(wrong.load(), 0);
    }
};

QTEST_GUILESS_MAIN(CompletionTest)
#include "tst_completion.moc"
