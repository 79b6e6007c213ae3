// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <stop_token>

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include "schemafixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::domain;
using xml::Diagnostic;
using xml::DocumentKind;
using xml::Schema;

/** Verdicts, and the sentences about what is wrong. */
class SchemaTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKindLoads()
    {
        for (int kind = 0; kind <= static_cast<int>(DocumentKind::DomainCapabilities); ++kind) {
            const auto loaded = Schema::load(static_cast<DocumentKind>(kind));
            QVERIFY2(loaded, loaded ? "" : qPrintable(loaded.error().message));
            QCOMPARE(static_cast<int>((*loaded)->kind()), kind);
        }
        // Kept: the same again.
        QCOMPARE(Schema::load(DocumentKind::Domain)->get(), Schema::load(DocumentKind::Domain)->get());
    }

    void missingSchemas()
    {
        const QTemporaryDir empty;
        const auto loaded = Schema::loadFrom(empty.path(), DocumentKind::Domain);
        QVERIFY(!loaded);
        QCOMPARE(loaded.error().kind, Error::Kind::NotFound);
    }

    void brokenSchema_data()
    {
        QTest::addColumn<QByteArray>("schema");
        const QByteArray head = "<grammar xmlns='http://relaxng.org/ns/structure/1.0'>";
        QTest::newRow("not XML") << QByteArray("<grammar");
        QTest::newRow("other XML") << QByteArray("<html/>");
        QTest::newRow("no start") << QByteArray(head + "</grammar>");
        QTest::newRow("undefined") << QByteArray(head + "<start><ref name='x'/></start></grammar>");
        QTest::newRow("endless") << QByteArray(
            head + "<start><ref name='x'/></start><define name='x'><ref name='x'/></define></grammar>");
        QTest::newRow("includes itself") << QByteArray(head + "<include href='domain.rng'/></grammar>");
        QTest::newRow("bad pattern") << QByteArray(head
            + "<start><element name='a'><data type='string'><param "
              "name='pattern'>(</param></data></element></start></grammar>");
        QTest::newRow("unknown") << QByteArray(head + "<start><nonsense/></start></grammar>");
        QTest::newRow("deep") << QByteArray(
            head + "<start>" + QByteArray("<optional>").repeated(5000) + "</start></grammar>");
    }
    void brokenSchema()
    {
        QFETCH(QByteArray, schema);
        const QTemporaryDir dir;
        QFile file(dir.filePath(u"domain.rng"_s));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(schema);
        file.close();
        QVERIFY(!Schema::loadFrom(dir.path(), DocumentKind::Domain));
    }

    /** include with overrides, combine, div, nested grammars: what libvirt's files use, in small. */
    void ownSchema()
    {
        const QTemporaryDir dir(QDir::tempPath() + u"/a schema XXXXXX"_s); // the space is on purpose
        const auto write = [&dir](const QString &name, const QByteArray &text) {
            QFile file(dir.filePath(name));
            return file.open(QIODevice::WriteOnly) && file.write(text) > 0;
        };
        const QByteArray head = "<grammar xmlns='http://relaxng.org/ns/structure/1.0' "
                                "datatypeLibrary='http://www.w3.org/2001/XMLSchema-datatypes'>";
        QVERIFY(write(u"base.rng"_s,
            head
                + "<define name='a'><value>one</value></define><define name='b'><value>x</value></define>"
                  "<define name='c' combine='choice'><element name='p'><empty/></element></define></grammar>"));
        QVERIFY(write(u"domain.rng"_s,
            head
                + "<include href='base.rng'><define name='a'><value>two</value></define></include>"
                  "<div><define name='c' combine='choice'><element name='q'><text/></element></define></div>"
                  "<start><element name='r'><interleave><element name='s'><attribute name='t'><ref "
                  "name='a'/></attribute>"
                  "<attribute name='u'><list><oneOrMore><data type='int'><param "
                  "name='maxInclusive'>9</param></data></oneOrMore></list></attribute></element>"
                  "<zeroOrMore><ref "
                  "name='c'/></zeroOrMore><mixed><optional><element><choice><name>m</name><name>n</name></"
                  "choice><empty/></element></optional></mixed></interleave></element></start></grammar>"));
        const auto schema = Schema::loadFrom(dir.path(), DocumentKind::Domain);
        QVERIFY2(schema, schema ? "" : qPrintable(schema.error().message));
        const auto good = [&schema](const QString &text) {
            return (*schema)->check(text).isEmpty();
        };
        QVERIFY(good(u"<r><s t='two' u='1 2'/></r>"_s));
        QVERIFY(!good(u"<r><s t='one' u='1 2'/></r>"_s)); // overridden
        QVERIFY(!good(u"<r><s t='two' u='1 20'/></r>"_s));
        QVERIFY(good(u"<r>text<p/><s t='two' u='1'/><q>more</q><n/><p/></r>"_s));
        QVERIFY(!good(u"<r><s t='two' u='1'/><n/><m/></r>"_s));
        QVERIFY(!good(u"<r/>"_s));
    }

    void directoriesFollowTheEnvironment()
    {
        qputenv("VIREO_SCHEMA_DIR", "/first/of/all");
        const QByteArray before = qgetenv("XDG_DATA_DIRS");
        qputenv("XDG_DATA_DIRS", "/opt/share:relative");
        const QStringList found = Schema::directories();
        qunsetenv("VIREO_SCHEMA_DIR");
        before.isEmpty() ? qunsetenv("XDG_DATA_DIRS") : qputenv("XDG_DATA_DIRS", before);
        QCOMPARE(found.value(0), u"/first/of/all"_s);
        QCOMPARE(found.value(1), u"/opt/share/libvirt/schemas"_s);
        QVERIFY(found.contains(u"/usr/share/libvirt/schemas"_s));
        QVERIFY(!found.contains(u"relative/libvirt/schemas"_s));
    }

    void goodDomains()
    {
        const auto schema = test::schema();
        const QStringList files = test::domainFiles();
        QVERIFY(files.size() >= 40);
        for (const QString &file : files) {
            const auto found = schema->check(test::readText(file));
            QVERIFY2(found.isEmpty(),
                found.isEmpty() ? ""
                                : qPrintable(u"%1:%2: %3"_s.arg(file).arg(found[0].place.line).arg(found[0].message)));
        }
        QVERIFY(schema->check(domain()).isEmpty());
    }

    void messages_data()
    {
        QTest::addColumn<QString>("from"); // in domain(), replaced by `to`
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("where"); // what is underlined
        QTest::addColumn<QString>("words"); // in the message, or the hint; separated by "|"
        const auto row = [](const char *name, const QString &from, const QString &to, const QString &where,
                             const QString &words) {
            QTest::newRow(name) << from << to << where << words;
        };
        row("value misspelt", u"bus='virtio'"_s, u"bus='virtoi'"_s, u"virtoi"_s,
            u"“virtoi” is not allowed as “bus” of <target>|Did you mean “virtio”|Allowed here:|scsi"_s);
        row("no number", u"<vcpu>2"_s, u"<vcpu>two"_s, u"two"_s, u"“two” is not a whole number.|from 1 to 65535"_s);
        row("zero", u"<vcpu>2"_s, u"<vcpu>0"_s, u"0"_s, u"“0” is not allowed|from 1 to 65535"_s);
        row("fraction", u"<vcpu>2"_s, u"<vcpu>1.5"_s, u"1.5"_s, u"“1.5” is not a whole number"_s);
        row("number with space", u"<vcpu>2"_s, u"<vcpu> 2 "_s, u"2"_s, u"is not allowed"_s);
        row("attribute misspelt", u"<disk type="_s, u"<disk typ="_s, u"typ"_s,
            u"<disk> has no attribute “typ”.|Did you mean “type”"_s);
        row("attribute unknown", u"<vcpu>"_s, u"<vcpu colour='red'>"_s, u"colour"_s,
            u"<vcpu> has no attribute “colour”|placement"_s);
        row("attribute of another type", u"file='/srv"_s, u"dev='/srv"_s, u"dev"_s,
            u"<source> in <disk> of type “file” has no attribute “dev”.|file, index"_s);
        row("attribute in capitals", u"bus='virtio'"_s, u"BUS='virtio'"_s, u"BUS"_s, u"Did you mean “bus”"_s);
        row("attribute missing", u"<interface type='network'>"_s, u"<interface>"_s, u"interface"_s,
            u"<interface> needs the attribute “type”."_s);
        row("attribute missing inside", u"network='default'"_s, u""_s, u"source"_s,
            u"<source> in <interface> of type “network” needs the attribute “network”."_s);
        row("two attributes missing", u"<model type='virtio'/>"_s, u"<mac/>"_s, u"mac"_s,
            u"<mac> in <interface> of type “network” needs the attribute “address”"_s);
        row("element missing", u"<source network='default'/>"_s, u""_s, u"interface"_s,
            u"<interface> of type “network” needs <source>."_s);
        row("target missing", u"<target dev='vda' bus='virtio'/>"_s, u""_s, u"disk"_s,
            u"<disk> of type “file” needs <target>."_s);
        row("name missing", u"<name>vm</name>"_s, u""_s, u"domain"_s, u"<domain> needs <name>."_s);
        row("name empty", u"<name>vm</name>"_s, u"<name/>"_s, u"name"_s, u"<name> is empty.|name on one line"_s);
        row("vcpu empty", u"<vcpu>2"_s, u"<vcpu>"_s, u"vcpu"_s, u"<vcpu> is empty.|whole number"_s);
        row("element misspelt", u"<video>"_s, u"<vidoe/><video>"_s, u"vidoe"_s,
            u"<devices> can't hold <vidoe>.|Did you mean “video”"_s);
        row("element begun", u"<video>"_s, u"<inter/><video>"_s, u"inter"_s, u"Did you mean “interface”"_s);
        row("element unknown", u"<video>"_s, u"<florb/><video>"_s, u"florb"_s,
            u"<devices> can't hold <florb>.|Allowed here: <audio>"_s);
        row("element too far out", u"<vcpu>"_s, u"<disk type='file'><target dev='vdb'/></disk><vcpu>"_s, u"disk"_s,
            u"<domain> can't hold <disk>.|<disk> belongs into <devices>."_s);
        row("element too far in", u"<video>"_s, u"<vcpu>1</vcpu><video>"_s, u"vcpu"_s,
            u"<devices> can't hold <vcpu>.|<vcpu> belongs into <domain>, further out."_s);
        row("element belongs further out", u"<source file"_s, u"<graphics type='vnc'/><source file"_s, u"graphics"_s,
            u"<disk> of type “file” can't hold <graphics>.|belongs into <devices>, further out"_s);
        row("element twice", u"<vcpu>2</vcpu>"_s, u"<vcpu>2</vcpu><vcpu>3</vcpu>"_s, u"vcpu"_s,
            u"<vcpu> may stand only once in <domain>.|The first is in line 4."_s);
        row("source twice", u"<source file='/srv/a.qcow2'/>"_s, u"<source file='/srv/a.qcow2'/><source file='/b'/>"_s,
            u"source"_s, u"<source> may stand only once in <disk>"_s);
        row("text between", u"<devices>"_s, u"<devices>hello"_s, u"hello"_s, u"<devices> can't hold text."_s);
        row("text in CDATA", u"<devices>"_s, u"<devices><![CDATA[hello]]>"_s, u"<![CDATA[hello]]>"_s,
            u"<devices> can't hold text."_s);
        row("text in empty", u"<target dev='vda' bus='virtio'/>"_s, u"<target dev='vda' bus='virtio'>x</target>"_s,
            u"x"_s, u"<target> must be empty."_s);
        row("text in one with children", u"<model type='vga'/>"_s, u"<model type='vga'>x</model>"_s, u"x"_s,
            u"can't hold text"_s);
        row("unknown type", u"<interface type='network'"_s, u"<interface type='nework'"_s, u"nework"_s,
            u"Did you mean “network”|bridge"_s);
        row("unknown hypervisor", u"type='kvm'"_s, u"type='kwm'"_s, u"kwm"_s,
            u"“kwm” is not allowed as “type” of <domain>|Did you mean “kvm”"_s);
        row("unknown architecture", u"x86_64"_s, u"x86-64"_s, u"x86-64"_s, u"Did you mean “x86_64”"_s);
        row("unknown guest type", u">hvm<"_s, u">hwm<"_s, u"hwm"_s,
            u"“hwm” is not allowed as the text of <type>|Did you mean “hvm”"_s);
        row("unknown unit", u"MiB"_s, u"MBB"_s, u"MBB"_s, u"unit of size such as"_s);
        row("MAC too short", u"<model type='virtio'/>"_s, u"<mac address='52:54:00'/>"_s, u"52:54:00"_s,
            u"“address” of <mac>|MAC address"_s);
        row("MAC of a group", u"<model type='virtio'/>"_s, u"<mac address='53:54:00:11:22:33'/>"_s,
            u"53:54:00:11:22:33"_s, u"MAC address of one device"_s);
        row("UUID", u"<name>vm</name>"_s, u"<name>vm</name><uuid>123</uuid>"_s, u"123"_s,
            u"“123” is not allowed as the text of <uuid>|It must be a UUID"_s);
        row("name with line break", u"<name>vm</name>"_s, u"<name>a\nb</name>"_s, u"a\nb"_s, u"on one line"_s);
        row("target's name", u"dev='vda'"_s, u"dev='xyz'"_s, u"xyz"_s, u"such as vda"_s);
        row("boot device", u"<os>"_s, u"<os><boot dev='hdd'/>"_s, u"hdd"_s, u"Did you mean “hd”"_s);
        row("PCI slot", u"<model type='virtio'/>"_s, u"<address type='pci' slot='0x40'/>"_s, u"0x40"_s,
            u"It must be a PCI slot from 0x00 to 0x1f"_s);
        row("PCI function", u"<model type='virtio'/>"_s, u"<address type='pci' function='9'/>"_s, u"9"_s,
            u"PCI function from 0 to 7"_s);
        row("port", u"<video>"_s, u"<graphics type='vnc' port='70000'/><video>"_s, u"70000"_s,
            u"a port from 1 to 65535"_s);
        row("yes or no", u"<video>"_s, u"<graphics type='vnc' autoport='true'/><video>"_s, u"true"_s,
            u"Allowed here: |yes|no"_s);
        row("CPU list", u"<vcpu>"_s, u"<vcpu cpuset='1-'>"_s, u"1-"_s, u"a list of CPUs such as"_s);
        row("empty value", u"bus='virtio'"_s, u"bus=''"_s, u"bus=''"_s, u"A value is missing: “bus” of <target>."_s);
        row("namespace's attribute", u"<vcpu>"_s,
            u"<q:commandline xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'><q:arg valu='-s'/></q:commandline><vcpu>"_s,
            u"valu"_s, u"<q:arg> has no attribute “valu”|Did you mean “value”"_s);
        row("unknown namespace", u"<vcpu>"_s, u"<x:y xmlns:x='urn:x'/><vcpu>"_s, u"x:y"_s,
            u"<domain> can't hold <x:y>"_s);
        row("attribute with namespace", u"<vcpu>"_s, u"<vcpu xmlns:x='urn:x' x:y='1'>"_s, u"x:y"_s,
            u"<vcpu> has no attribute “x:y”"_s);
        row("metadata twice the same", u"<vcpu>"_s, u"<metadata/><metadata/><vcpu>"_s, u"metadata"_s, u"only once"_s);
        row("entity kept as text", u"<name>vm</name>"_s, u"<uuid>&lt;x&gt;</uuid><name>vm</name>"_s, u"&lt;x&gt;"_s,
            u"“<x>” is not allowed"_s);
        row("root", u"domain"_s, u"domian"_s, u"domian"_s, u"The document can't be a <domian>.|It must be <domain>."_s);
        row("spinlocks", u"<devices>"_s,
            u"<features><hyperv mode='custom'><spinlocks state='on' retries='few'/></hyperv></features><devices>"_s,
            u"few"_s, u"“few” is not a whole number"_s);
        row("long value", u"dev='vda'"_s, u"dev='%1'"_s.arg(QString(5000, u'z')), QString(5000, u'z'), u"zzz…”"_s);
    }
    void messages()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, where);
        QFETCH(QString, words);
        QVERIFY(domain().contains(from));
        QString text = domain();
        if (from == u"domain") {
            text.replace(from, to);
        } else {
            text.replace(text.indexOf(from), from.size(), to);
        }
        const auto found = test::schema()->check(text);
        QVERIFY(!found.isEmpty());
        QStringList underlined;
        QString said;
        for (const Diagnostic &diagnostic : found) {
            underlined.append(text.mid(diagnostic.range.from, diagnostic.range.length()));
            said += diagnostic.message + u'\n' + diagnostic.hint + u'\n';
            QVERIFY(!diagnostic.range.isEmpty());
            QVERIFY(diagnostic.range.to <= text.size());
            QVERIFY(diagnostic.message.endsWith(u'.'));
            const QString before = text.first(diagnostic.range.from);
            QCOMPARE(diagnostic.place.line, static_cast<int>(before.count(u'\n')) + 1);
            QCOMPARE(diagnostic.place.column, static_cast<int>(before.size() - before.lastIndexOf(u'\n')));
            QCOMPARE(diagnostic.severity, Diagnostic::Severity::Error);
        }
        QVERIFY2(underlined.contains(where), qPrintable(underlined.join(u"; "_s)));
        for (const QString &word : words.split(u'|')) {
            QVERIFY2(said.contains(word), qPrintable(u"“%1” not in:\n%2"_s.arg(word, said)));
        }
        QVERIFY2(found.size() <= 2, qPrintable(said)); // one fault is not told over and over
    }

    void severalAtOnce()
    {
        QString text = domain();
        text.replace(u"bus='virtio'"_s, u"bus='virtoi'"_s).replace(u"<vcpu>2"_s, u"<vcpu>two"_s);
        text.replace(u"<model type='vga'/>"_s, u"<model type='vga'/><modle/>"_s);
        const auto found = test::schema()->check(text);
        QCOMPARE(found.size(), 3);
        QVERIFY(found[0].message.contains(u"two"_s));
        QVERIFY(found[1].message.contains(u"virtoi"_s));
        QVERIFY(found[2].message.contains(u"modle"_s));
    }

    void otherKinds_data()
    {
        QTest::addColumn<DocumentKind>("kind");
        QTest::addColumn<QString>("good");
        QTest::addColumn<QString>("bad");
        QTest::addColumn<QString>("words");
        QTest::newRow("network")
            << DocumentKind::Network
            << u"<network><name>n</name><forward mode='nat'/><ip address='192.0.2.1' prefix='24'/></network>"_s
            << u"<network><name>n</name><forward mode='nut'/></network>"_s << u"Did you mean “nat”"_s;
        QTest::newRow("pool") << DocumentKind::StoragePool
                              << u"<pool type='dir'><name>p</name><target><path>/p</path></target></pool>"_s
                              << u"<pool type='dir'><name>p</name></pool>"_s << u"needs <target>"_s;
        QTest::newRow("volume") << DocumentKind::StorageVolume
                                << u"<volume><name>v</name><capacity>1</capacity><target/></volume>"_s
                                << u"<volume><name>v</name><capacity>big</capacity><target/></volume>"_s
                                << u"“big” is not a whole number"_s;
        QTest::newRow("filter") << DocumentKind::NetworkFilter
                                << u"<filter name='f'><rule action='drop' direction='in'><ip/></rule></filter>"_s
                                << u"<filter name='f'><rule action='drap' direction='in'/></filter>"_s
                                << u"Did you mean “drop”"_s;
        QTest::newRow("secret") << DocumentKind::Secret << u"<secret ephemeral='no' private='yes'/>"_s
                                << u"<secret ephemeral='maybe'/>"_s << u"“maybe” is not allowed"_s;
        QTest::newRow("snapshot") << DocumentKind::DomainSnapshot
                                  << u"<domainsnapshot><name>s</name></domainsnapshot>"_s
                                  << u"<domainsnapshot><nam>s</nam></domainsnapshot>"_s << u"Did you mean “name”"_s;
        QTest::newRow("checkpoint") << DocumentKind::DomainCheckpoint
                                    << u"<domaincheckpoint><name>s</name></domaincheckpoint>"_s
                                    << u"<domaincheckpoint><disks/></domaincheckpoint>"_s << u"<disks>"_s;
        QTest::newRow("device")
            << DocumentKind::NodeDevice
            << u"<device><name>d</name><capability type='net'><interface>eth0</interface><address>52:54:00:00:00:01</address></capability></device>"_s
            << u"<device><name>d</name><capability type='nothing'/></device>"_s << u"“nothing” is not allowed"_s;
        QTest::newRow("interface") << DocumentKind::Interface
                                   << u"<interface type='ethernet' name='eth0'><start mode='onboot'/></interface>"_s
                                   << u"<interface type='ethernet'><start mode='onboot'/></interface>"_s
                                   << u"attribute “name”"_s;
        QTest::newRow("domain capabilities")
            << DocumentKind::DomainCapabilities
            << test::readText(QStringLiteral(VIREO_TEST_DATA "/capabilities/q35-tcg.xml")) << u"<domainCapabilities/>"_s
            << u"needs <"_s;
    }
    void otherKinds()
    {
        QFETCH(DocumentKind, kind);
        QFETCH(QString, good);
        QFETCH(QString, bad);
        QFETCH(QString, words);
        const auto schema = test::schema(kind);
        const auto none = schema->check(good);
        QVERIFY2(none.isEmpty(), none.isEmpty() ? "" : qPrintable(none[0].message + none[0].hint));
        const auto found = schema->check(bad);
        QVERIFY(!found.isEmpty());
        QString said;
        for (const Diagnostic &diagnostic : found) {
            said += diagnostic.message + u' ' + diagnostic.hint + u'\n';
        }
        QVERIFY2(said.contains(words), qPrintable(said));
    }

    void hostile_data()
    {
        QTest::addColumn<QString>("text");
        const QString good = domain();
        const auto with = [&good](const QString &what) {
            return QString(good).replace(u"<vcpu>"_s, what + u"<vcpu>"_s);
        };
        QTest::newRow("empty") << QString();
        QTest::newRow("white space") << u"  \n "_s;
        QTest::newRow("no XML") << u"hello"_s;
        QTest::newRow("NUL") << with(QString(QChar(0)));
        QTest::newRow("replaced bytes") << with(QString(QChar(0xfffd)));
        QTest::newRow("lone surrogate") << with(QString(QChar(0xd800)));
        QTest::newRow("low surrogate first") << with(QString(QChar(0xdc00)) + QChar(0xd800));
        QTest::newRow("control character") << with(QString(QChar(1)));
        QTest::newRow("DOCTYPE") << u"<!DOCTYPE domain SYSTEM 'file:///etc/passwd'>"_s + good;
        QTest::newRow("entity bomb")
            << u"<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>"_s
                + with(u"<title>&c;</title>"_s);
        QTest::newRow("unknown entity") << with(u"<title>&nbsp;</title>"_s);
        QTest::newRow("bad reference") << with(u"<title>&#0;</title>"_s);
        QTest::newRow("huge reference") << with(u"<title>&#99999999999999999999;</title>"_s);
        QTest::newRow("CDATA unclosed") << with(u"<title><![CDATA[x</title>"_s);
        QTest::newRow("comment unclosed") << with(u"<!-- x"_s);
        QTest::newRow("end tag missing") << with(u"<title>x"_s);
        QTest::newRow("end tags crossed") << with(u"<a><b></a></b>"_s);
        QTest::newRow("attribute twice") << with(u"<title a='1' a='2'/>"_s);
        QTest::newRow("two roots") << good + good;
        QTest::newRow("quote missing") << with(u"<title a='1/>"_s);
        QTest::newRow("half a tag") << good.first(good.size() / 2);
        QTest::newRow("10,000 deep") << u"<a>"_s.repeated(10'000) + u"</a>"_s.repeated(10'000);
        QTest::newRow("10,000 devices deep") << u"<domain>"_s + u"<devices>"_s.repeated(10'000);
        QTest::newRow("deep metadata") << with(u"<metadata><x:a xmlns:x='u:x'>"_s + u"<b>"_s.repeated(260)
            + u"</b>"_s.repeated(260) + u"</x:a></metadata>"_s);
        QTest::newRow("10 MB of text") << with(u"<vcpus>"_s + QString(10'000'000, u'x') + u"</vcpus>"_s);
        QTest::newRow("5 MB of ampersands")
            << with(u"<title a='"_s + QString(2'500'000, u'&') + u"'>"_s + QString(2'500'000, u'&') + u"</title>"_s);
        QTest::newRow("many open quotes") << with(u"<title a='"_s.repeated(300'000));
        QTest::newRow("many open comments") << with(u"<!--"_s.repeated(300'000));
        QTest::newRow("many elements without entities") << with(u"<a b='c'>d</a>"_s.repeated(100'000));
        QTest::newRow("20 MB") << with(u"<title>"_s + QString(20'000'000, u'x') + u"</title>"_s);
        QTest::newRow("10 MB of attribute") << with(u"<vcpus a='"_s + QString(10'000'000, u'x') + u"'/>"_s);
        QTest::newRow("20,000 attributes") << with([] {
            QString tag = u"<title"_s;
            for (int i = 0; i < 20'000; ++i) {
                tag += u" a%1='x'"_s.arg(i);
            }
            return tag + u"/>"_s;
        }());
        QTest::newRow("20,000 namespaces") << with([] {
            QString tag = u"<title"_s;
            for (int i = 0; i < 20'000; ++i) {
                tag += u" xmlns:a%1='u:%1' a%1:b=''"_s.arg(i);
            }
            return tag + u"/>"_s;
        }());
        QTest::newRow("200,000 siblings") << with(u"<x/>"_s.repeated(200'000));
        QTest::newRow("200,000 different siblings") << with([] {
            QString tags;
            for (int i = 0; i < 200'000; ++i) {
                tags += u"<x%1/>"_s.arg(i);
            }
            return tags;
        }());
        QTest::newRow("many values") << QString(good).replace(u"<disk type"_s,
            u"<disk type='file' device='floppyy'><target dev='vdz' bus='nobus'/></disk>"_s.repeated(20'000)
                + u"<disk type"_s);
        QTest::newRow("all orders of elements") << [] {
            const QStringList names{u"memory"_s, u"vcpu"_s, u"os"_s, u"features"_s, u"cpu"_s, u"clock"_s, u"devices"_s,
                u"pm"_s, u"title"_s, u"description"_s, u"metadata"_s, u"iothreads"_s, u"cputune"_s, u"numatune"_s,
                u"resource"_s, u"perf"_s};
            QString text = u"<domain type='kvm'>"_s;
            quint32 seed = 1;
            for (int i = 0; i < 3000; ++i) {
                seed = seed * 1664525 + 1013904223;
                text += u"<%1/>"_s.arg(names[static_cast<qsizetype>((seed >> 16U) % 16)]);
            }
            return text + u"</domain>"_s;
        }();
    }
    void hostile()
    {
        QFETCH(QString, text);
        const auto schema = test::schema();
        QElapsedTimer clock;
        clock.start();
        const auto found = schema->check(text);
        // Under a sanitizer, on a machine with other work; without it is some hundred milliseconds.
        QVERIFY2(clock.elapsed() < 20'000, qPrintable(QString::number(clock.elapsed())));
        QVERIFY(!found.isEmpty());
        QVERIFY(found.size() <= 200);
        for (const Diagnostic &diagnostic : found) {
            QVERIFY(!diagnostic.message.isEmpty());
            QVERIFY(diagnostic.message.size() < 2000);
            QVERIFY(diagnostic.hint.size() < 3000);
            QVERIFY(diagnostic.range.from >= 0 && diagnostic.range.to <= text.size());
            QVERIFY(text.isEmpty() || !diagnostic.range.isEmpty());
        }
    }

    void largeButGood()
    {
        QString disks;
        for (int i = 0; i < 20'000; ++i) {
            disks += u"<disk type='file'><source file='/d%1'/><target dev='sd%1' bus='scsi'/></disk>"_s.arg(i);
        }
        QVERIFY(test::schema()->check(domain(disks)).isEmpty());
    }

    /** What sends libxml2's own validation away for minutes: optional attributes, many at once. */
    void manyAttributes()
    {
        const QString driver =
            u"<driver name='qemu' type='qcow2' cache='writeback' error_policy='stop' rerror_policy='report' "
            "io='io_uring' ioeventfd='on' event_idx='on' copy_on_read='off' discard='unmap' iothread='1' "
            "detect_zeroes='on' queues='4' queue_size='256' iommu='on' ats='on' packed='on' page_per_vq='off'/>"_s;
        QString text = domain();
        text.replace(u"<source file"_s, driver + u"<source file"_s);
        QElapsedTimer clock;
        clock.start();
        QVERIFY(test::schema()->check(text).isEmpty());
        QVERIFY(clock.elapsed() < 5000);
    }

    void stops()
    {
        std::stop_source source;
        source.request_stop();
        QVERIFY(test::schema()->check(domain().replace(u"<vcpu>2"_s, u"<vcpu>two"_s), source.get_token()).isEmpty());
    }

    void wellFormedAlone()
    {
        QVERIFY(xml::checkWellFormed(u"<a><b/></a>"_s).isEmpty());
        const auto found = xml::checkWellFormed(u"<a>\n<b></a>"_s);
        QVERIFY(!found.isEmpty());
        QCOMPARE(found[0].place.line, 2);
        QVERIFY(!xml::checkWellFormed(u"<!DOCTYPE a><a/>"_s).isEmpty());
        QVERIFY(!xml::checkWellFormed(QString(17 * 1024 * 1024, u' ')).isEmpty());
    }
};

QTEST_GUILESS_MAIN(SchemaTest)
#include "tst_schema.moc"
