// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/virt/domaindetails.h"
#include "backend/xml/document.h"

using namespace vireo;
using vireo::xml::Document;

class TestDocument final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void refusesWhatIsDangerous_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("doctype") << QByteArray("<!DOCTYPE a><a/>");
        QTest::newRow("internal entity") << QByteArray("<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>");
        QTest::newRow("file entity") << QByteArray("<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>");
        QTest::newRow("bomb") << QByteArray("<!DOCTYPE a [<!ENTITY b 'bbbbbbbbbb'><!ENTITY c "
                                            "'&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;'>]><a>&d;</a>");
        QTest::newRow("parameter entity")
            << QByteArray("<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/x'>%p;]><a/>");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("not closed") << QByteArray("<a><b></a>");
        QTest::newRow("two roots") << QByteArray("<a/><b/>");
        QTest::newRow("unknown entity") << QByteArray("<a>&nope;</a>");
        QTest::newRow("control character") << QByteArray("<a>\x01</a>");
        QTest::newRow("NUL") << QByteArray("<a>\0</a>", 8);
        QTest::newRow("bad UTF-8") << QByteArray("<a>\xff\xfe</a>");
        QTest::newRow("deep") << QByteArray("<a>").repeated(10000) + QByteArray("</a>").repeated(10000);
        QTest::newRow("rather deep") << QByteArray("<a>").repeated(257) + QByteArray("</a>").repeated(257);
        QTest::newRow("large") << QByteArray("<a>") + QByteArray(17 * 1024 * 1024, 'x') + QByteArray("</a>");
    }
    void refusesWhatIsDangerous()
    {
        QFETCH(QByteArray, text);
        const auto document = Document::parse(text);
        QVERIFY(!document);
        QVERIFY(!document.error().message.isEmpty());
    }

    void errorsHaveLineAndColumn()
    {
        const auto document = Document::parse(QByteArray("<a>\n  <b>\n</a>"));
        QVERIFY(!document);
        QVERIFY2(document.error().message.startsWith(QStringLiteral("Line 3, column ")),
            qPrintable(document.error().message));
    }

    void buildsAndEscapes()
    {
        Document document = Document::create(QStringLiteral("domain"));
        xml::Element root = document.root();
        root.setAttribute(QStringLiteral("type"), QStringLiteral("a\"<&>'b"));
        root.append(QStringLiteral("name"), QStringLiteral("x &amp; <y> 中文 \x01"));
        xml::Element own =
            root.append(QStringLiteral("metadata"))
                .append(QStringLiteral("domain"), QLatin1StringView(xml::MetadataNamespace), QStringLiteral("vireo"));
        own.append(QStringLiteral("tags")).append(QStringLiteral("tag"), QStringLiteral("web"));
        const auto again = Document::parse(document.toString());
        QVERIFY2(again, again ? "" : qPrintable(again.error().message));
        QCOMPARE(again->root().attribute(QStringLiteral("type")), QStringLiteral("a\"<&>'b"));
        QCOMPARE(again->root().child(QStringLiteral("name")).text(), QStringLiteral("x &amp; <y> 中文 "));
        QCOMPARE(again->root().find(QStringLiteral("metadata/domain/tags/tag")).text(), QStringLiteral("web"));
        QCOMPARE(again->root().find(QStringLiteral("metadata/domain/tags")).namespaceUri(),
            QLatin1StringView(xml::MetadataNamespace));
        QVERIFY(again->root().find(QStringLiteral("no/such/thing")).isNull());
    }

    void unknownContentStays()
    {
        const QByteArray text(
            "<domain>\n  <!-- mine -->\n  <x:y xmlns:x=\"urn:x\" a=\"1\"/>\n  <name>old</name>\n</domain>");
        auto document = Document::parse(text);
        QVERIFY(document);
        document->root().child(QStringLiteral("name")).setText(QStringLiteral("new"));
        QCOMPARE(document->toString().toUtf8().trimmed(), QByteArray(text).replace("old", "new"));
    }

    void details()
    {
        const QUuid uuid = QUuid::createUuid();
        const auto details = virt::detailsFromXml(uuid,
            QString::fromUtf8(
                "<domain type='test'>"
                "  <name>web01</name><title>Web &amp; more</title><description>两行</description>"
                "  <metadata>"
                "    <vireo:domain "
                "xmlns:vireo=\"https://vireo-vm.github.io/xmlns/domain/1\"><vireo:tags><vireo:tag>web</"
                "vireo:tag><vireo:tag>prod</vireo:tag></vireo:tags><vireo:group>shop</vireo:group></vireo:domain>"
                "    <libosinfo:libosinfo "
                "xmlns:libosinfo=\"http://libosinfo.org/xmlns/libvirt/domain/1.0\"><libosinfo:os "
                "id=\"http://debian.org/debian/12\"/></libosinfo:libosinfo>"
                "  </metadata>"
                "  <memory unit='GiB'>2</memory><currentMemory>1048576</currentMemory><vcpu "
                "current='2'>4</vcpu></domain>"));
        ;
        QCOMPARE(details.title, QStringLiteral("Web & more"));
        QCOMPARE(details.description, QString::fromUtf8("两行"));
        QCOMPARE(details.tags, QStringList({QStringLiteral("web"), QStringLiteral("prod")}));
        QCOMPARE(details.group, QStringLiteral("shop"));
        QCOMPARE(details.osId, QStringLiteral("http://debian.org/debian/12"));
        QCOMPARE(details.maxMemoryKiB, quint64(2 * 1024 * 1024));
        QCOMPARE(details.memoryKiB, quint64(1024 * 1024));
        QCOMPARE(details.vcpus, 2);
        QCOMPARE(details.maxVcpus, 4);
        virt::DomainRecord record;
        record.memoryKiB = 5;
        details.applyTo(record);
        QVERIFY(record.detailed);
        QCOMPARE(record.memoryKiB, quint64(5)); // what the bulk call said stays
        QCOMPARE(record.vcpus, 2);
        QCOMPARE(virt::detailsFromXml(uuid, QStringLiteral("<broken")).title, QString());
    }

    void otherScriptsStayReadable()
    {
        const auto document =
            Document::parse(QStringLiteral("<disk><source file='/镜像/ä.raw'/><name>ä</name></disk>"));
        QVERIFY(document.has_value());
        QVERIFY(document->toString().contains(QStringLiteral("file=\"/镜像/ä.raw\"")));
        Document created = Document::create(QStringLiteral("pool"));
        created.root().setAttribute(QStringLiteral("name"), QStringLiteral("Übung"));
        QVERIFY(created.toString().contains(QStringLiteral("name=\"Übung\"")));
    }
};

QTEST_APPLESS_MAIN(TestDocument)
#include "tst_document.moc"
