// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::xml;

namespace {

const QString domain = uR"(<domain type="kvm">
  <!-- ours -->
  <name>web</name>
	<vcpu placement='static'>2</vcpu>
  <devices>
    <disk type='file'   device="disk"><!-- keep -->
      <target dev='vda' bus='virtio'/>
    </disk> <!-- first -->
    <interface type='network'/>
  </devices>
  <qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'/>
</domain>
)"_s;

XmlText read(const QString &text)
{
    auto document = XmlText::parse(text);
    if (!document) {
        qFatal("%s", qPrintable(document.error().message));
    }
    return *std::move(document);
}

} // namespace

class TestXmlText final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void looksUp()
    {
        const XmlText text = read(domain);
        QCOMPARE(text.text(u"name"_s), u"web"_s);
        QCOMPARE(text.attribute(u"devices/disk"_s, u"device"_s), u"disk"_s);
        QCOMPARE(text.attribute({}, u"type"_s), u"kvm"_s);
        QCOMPARE(text.count(u"devices"_s, u"disk"_s), 1);
        QVERIFY(!text.has(u"devices/disk[1]"_s));
        QCOMPARE(text.xml(u"devices/interface"_s), u"<interface type='network'/>"_s);
        const auto found = text.findNamespaced({}, u"commandline"_s, u"http://libvirt.org/schemas/domain/qemu/1.0"_s);
        QVERIFY(found);
        QCOMPARE(found->toString(), u"qemu:commandline"_s);
        QCOMPARE(text.children(u"devices"_s).size(), 2);
        QCOMPARE(ElementPath(u"devices/disk[2]/target"_s).toString(), u"devices/disk[2]/target"_s);
    }

    void changes_data()
    {
        using Change = std::function<bool(XmlText &)>;
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("before"); // what goes, of the document above
        QTest::addColumn<QString>("after");  // what stands there instead
        const auto row = [](const char *name, const Change &change, const QString &before, const QString &after) {
            QTest::newRow(name) << change << before << after;
        };
        row(
            "attribute", [](XmlText &x) { return x.setAttribute(u"devices/disk/target"_s, u"bus"_s, u"scsi"_s); },
            u"bus='virtio'"_s, u"bus='scsi'"_s);
        row(
            "quotes", [](XmlText &x) { return x.setAttribute({}, u"type"_s, u"a\"b'<&"_s); }, u"type=\"kvm\""_s,
            u"type=\"a&quot;b'&lt;&amp;\""_s);
        row(
            "new attribute", [](XmlText &x) { return x.setAttribute(u"devices/disk"_s, u"snapshot"_s, u"no"_s); },
            u"device=\"disk\">"_s, u"device=\"disk\" snapshot=\"no\">"_s);
        row(
            "first attribute", [](XmlText &x) { return x.setAttribute(u"name"_s, u"x"_s, u"1"_s); }, u"<name>"_s,
            u"<name x=\"1\">"_s);
        row(
            "no attribute", [](XmlText &x) { return x.removeAttribute(u"devices/disk"_s, u"device"_s); },
            u"   device=\"disk\""_s, QString());
        row("text", [](XmlText &x) { return x.setText(u"name"_s, u"a<b"_s); }, u">web<"_s, u">a&lt;b<"_s);
        row(
            "text into empty", [](XmlText &x) { return x.setText(u"devices/interface"_s, u"t"_s); },
            u"<interface type='network'/>"_s, u"<interface type='network'>t</interface>"_s);
        row(
            "new element", [](XmlText &x) { return x.setText(u"title"_s, u"T"_s); }, u"<name>web</name>"_s,
            u"<name>web</name>\n  <title>T</title>"_s);
        row(
            "before all", [](XmlText &x) { return x.setText(u"devices/emulator"_s, u"/q"_s); }, u"    <disk"_s,
            u"    <emulator>/q</emulator>\n    <disk"_s);
        row(
            "deep", [](XmlText &x) { return x.setAttribute(u"devices/interface/source"_s, u"network"_s, u"n"_s); },
            u"<interface type='network'/>"_s,
            u"<interface type='network'>\n      <source network=\"n\"/>\n    </interface>"_s);
        row(
            "insert",
            [](XmlText &x) {
                return x.insert(u"devices"_s, u"<disk type='block'><target dev='vdb'/></disk>"_s)->toString()
                    == u"devices/disk[1]"_s;
            },
            u"<!-- first -->"_s, u"<!-- first -->\n    <disk type='block'>\n      <target dev='vdb'/>\n    </disk>"_s);
        row(
            "insert before",
            [](XmlText &x) { return x.insertBefore(u"devices/disk"_s, u"<disk/>"_s)->toString() == u"devices/disk"_s; },
            u"    <disk type"_s, u"    <disk/>\n    <disk type"_s);
        row(
            "unknown goes last", [](XmlText &x) { return static_cast<bool>(x.insert({}, u"<newer/>"_s)); }, u"1.0'/>"_s,
            u"1.0'/>\n  <newer/>"_s);
        row(
            "remove", [](XmlText &x) { return x.remove(u"devices/interface"_s); },
            u"    <interface type='network'/>\n"_s, QString());
        row(
            "remove beside a comment", [](XmlText &x) { return x.remove(u"devices/disk"_s); },
            domain.sliced(domain.indexOf(u"<disk"_s), domain.indexOf(u" <!-- first"_s) - domain.indexOf(u"<disk"_s)),
            QString());
        row(
            "replace",
            [](XmlText &x) {
                return static_cast<bool>(
                    x.replace(u"devices/interface"_s, u"<interface type='user'>\n  <mac/>\n</interface>"_s));
            },
            u"<interface type='network'/>"_s, u"<interface type='user'>\n      <mac/>\n    </interface>"_s);
        row(
            "dedented",
            [](XmlText &x) {
                return static_cast<bool>(x.insert(u"devices"_s, u"<rng>\n        <a/>\n\n      </rng>"_s));
            },
            u"<interface type='network'/>"_s, u"<interface type='network'/>\n    <rng>\n      <a/>\n\n    </rng>"_s);
    }

    /// All but the change stays byte for byte.
    void changes()
    {
        QFETCH(const std::function<bool(XmlText &)>, change);
        QFETCH(const QString, before);
        QFETCH(const QString, after);
        XmlText text = read(domain);
        QVERIFY(change(text));
        QString expected = domain;
        const qsizetype at = expected.indexOf(before);
        QVERIFY(at >= 0);
        expected.replace(at, before.size(), after);
        QCOMPARE(text.toString(), expected);
        QVERIFY(text.tree().isWellFormed());
    }

    void nothingToDo()
    {
        XmlText text = read(domain);
        QVERIFY(!text.setAttribute(u"devices/disk"_s, u"type"_s, u"file"_s));
        QVERIFY(!text.setText(u"name"_s, u"web"_s));
        QVERIFY(!text.removeAttribute(u"devices/disk"_s, u"none"_s));
        QVERIFY(!text.remove(u"devices/none"_s));
        QVERIFY(!text.remove({}));
        QCOMPARE(text.toString(), domain);
    }

    void oneLineStaysOneLine()
    {
        XmlText text = read(u"<domain><name>a</name><devices/></domain>"_s);
        QVERIFY(text.insert(u"devices"_s, u"<disk><target dev='a'/></disk>"_s));
        QVERIFY(text.setText(u"title"_s, u"t"_s));
        QCOMPARE(text.toString(),
            u"<domain><name>a</name><title>t</title><devices><disk><target dev='a'/></disk></devices></domain>"_s);
    }

    void lineEndsAreTheDocuments()
    {
        XmlText text = read(u"<a>\r\n  <b/>\r\n</a>\r\n"_s);
        QVERIFY(text.insert({}, u"<c>\n  <d/>\n</c>"_s));
        QVERIFY(text.insert(u"b"_s, u"<e/>"_s));
        QCOMPARE(text.toString(), u"<a>\r\n  <b>\r\n    <e/>\r\n  </b>\r\n  <c>\r\n    <d/>\r\n  </c>\r\n</a>\r\n"_s);
        QVERIFY(text.remove(u"c"_s));
        QCOMPARE(text.toString(), u"<a>\r\n  <b>\r\n    <e/>\r\n  </b>\r\n</a>\r\n"_s);
    }

    void prunes()
    {
        XmlText text = read(u"<a>\n  <b>\n    <c>\n      <d x='1'/>\n    </c>\n  </b>\n  <e/>\n</a>"_s);
        QVERIFY(text.removeAttribute(u"b/c/d"_s, u"x"_s, true));
        QCOMPARE(text.toString(), u"<a>\n  <e/>\n</a>"_s);
        QVERIFY(text.remove(u"e"_s, true));
        QCOMPARE(text.toString(), u"<a>\n</a>"_s);
    }

    void refuses()
    {
        QVERIFY(!XmlText::parse(u"<a>"_s));
        QVERIFY(!XmlText::parse(u"<!DOCTYPE a><a/>"_s));
        XmlText text = read(domain);
        QVERIFY(!text.insert(u"devices"_s, u"<a/><b/>"_s));
        QVERIFY(!text.insert(u"devices"_s, u"text"_s));
        QVERIFY(!text.insert(u"none"_s, u"<a/>"_s));
        QVERIFY(!text.replace(u"none"_s, u"<a/>"_s));
        QVERIFY(!text.insertBefore(u"none"_s, u"<a/>"_s));
        QCOMPARE(text.toString(), domain);
    }

    void controlCharactersAreLeftOut()
    {
        XmlText text = read(domain);
        QVERIFY(text.setText(u"name"_s, u"a"_s + QChar(u'\1') + QChar(0xd800) + u"b😀"_s));
        QCOMPARE(text.text(u"name"_s), u"ab😀"_s);
        QVERIFY(text.setAttribute(u"name"_s, u"n"_s, u"line\nline"_s));
        QCOMPARE(text.attribute(u"name"_s, u"n"_s), u"line\nline"_s);
    }

    void lines_data()
    {
        QTest::addColumn<QString>("text"); // the range is between "[" and "]"
        QTest::addColumn<QString>("expected");
        QTest::newRow("whole") << u"[<a><b><c/></b>\n\n\n\n<d>t</d></a>]"_s
                               << u"<a>\n  <b>\n    <c/>\n  </b>\n\n  <d>t</d>\n</a>"_s;
        QTest::newRow("inside") << u"<a>\n <x/>\n     [<b><c/></b>]\n <y/>\n</a>"_s
                                << u"<a>\n <x/>\n  <b>\n    <c/>\n  </b>\n <y/>\n</a>"_s;
        QTest::newRow("on one line") << u"<a>[<b/><c/>]</a>"_s << u"<a>\n  <b/>\n  <c/>\n</a>"_s;
        QTest::newRow("mixed stays") << u"<a>[t<b/>]</a>"_s << u"<a>t<b/></a>"_s;
        QTest::newRow("comment stays") << u"[<a><!-- x\n y --><b/></a>]"_s << u"<a>\n  <!-- x\n y -->\n  <b/>\n</a>"_s;
        QTest::newRow("broken") << u"[<a>\n<b>\n<c/>\n</a>]"_s << u"<a>\n  <b>\n    <c/>\n</a>"_s;
        QTest::newRow("nothing") << u"<a/>\n[]"_s << u"<a/>\n"_s;
    }

    void lines()
    {
        QFETCH(QString, text);
        QFETCH(const QString, expected);
        const qsizetype from = text.indexOf(u'[');
        text.remove(from, 1);
        const qsizetype to = text.indexOf(u']');
        text.remove(to, 1);
        const SyntaxTree tree = SyntaxTree::parse(text);
        const Formatted formatted = formatLines(tree, {from, to});
        text.replace(formatted.range.from, formatted.range.length(), formatted.text);
        QCOMPARE(text, expected);
        const SyntaxTree again = SyntaxTree::parse(text); // once is enough
        const Formatted twice = formatLines(again, {0, text.size()});
        QString second = text;
        second.replace(twice.range.from, twice.range.length(), twice.text);
        if (from == 0 && to > 5) {
            QCOMPARE(second, text);
        }
    }
};

QTEST_GUILESS_MAIN(TestXmlText)
#include "tst_xmltext.moc"
