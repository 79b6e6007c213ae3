// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QtTest>

#include "backend/xml/document.h"
#include "tests/unit/schemanames.h"

using namespace Qt::StringLiterals;
using vireo::xml::Document;
using vireo::xml::Element;

namespace {

/** Device elements that libvirt 9.0 knows. */
const QStringList DeviceElements =
    u"audio channel console controller disk emulator filesystem graphics hostdev hub "
    "input interface iommu lease memballoon memory nvram panic parallel redirdev "
    "redirfilter rng serial shmem smartcard sound tpm video vsock watchdog"_s.split(u' ');

/** Elements of a domain beside its devices. */
const QStringList DomainElements =
    u"blkiotune bootloader bootloader_args clock cpu cputune currentMemory defaultiothread description devices "
    "features genid idmap iothreadids iothreads keywrap launchSecurity maxMemory memory memoryBacking memtune metadata "
    "name numatune on_crash on_lockfailure on_poweroff on_reboot os perf pm resource seclabel sysinfo title uuid vcpu "
    "vcpus commandline capabilities override deprecation namespace datacenterpath"_s.split(u' ');

QDir dataDirectory(const QString &folder)
{
    return QDir(QStringLiteral(VIREO_TEST_DATA "/") + folder);
}

QByteArray readAll(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/** Everything with a meaning in a node and those behind it, in a form that can be compared. */
QString meaning(const _xmlNode *node)
{
    QString result;
    for (; node; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) {
            QStringList attributes;
            for (const xmlAttr *attribute = node->properties; attribute; attribute = attribute->next) {
                xmlChar *value = xmlNodeListGetString(node->doc, attribute->children, 1);
                attributes << QString::fromUtf8(reinterpret_cast<const char *>(attribute->name)) + u'='
                        + QString::fromUtf8(reinterpret_cast<const char *>(value));
                xmlFree(value);
            }
            attributes.sort();
            const char *space = node->ns ? reinterpret_cast<const char *>(node->ns->href) : "";
            result += u"<{%1}%2 %3>"_s.arg(QString::fromUtf8(space),
                QString::fromUtf8(reinterpret_cast<const char *>(node->name)), attributes.join(u'|'));
            result += meaning(node->children) + u"</>"_s;
        } else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
            // White space between elements is layout.
            const QString text = QString::fromUtf8(reinterpret_cast<const char *>(node->content));
            result += text.trimmed().isEmpty() ? QString() : text;
        } else if (node->type == XML_COMMENT_NODE) {
            result += u"<!--%1-->"_s.arg(QString::fromUtf8(reinterpret_cast<const char *>(node->content)));
        }
    }
    return result;
}

QString meaningOf(const QByteArray &xml)
{
    const schemanames::DocumentPtr document{
        xmlReadMemory(xml.constData(), static_cast<int>(xml.size()), nullptr, nullptr, XML_PARSE_NONET), &xmlFreeDoc};
    if (!document) {
        return {};
    }
    xmlNode *root = xmlDocGetRootElement(document.get());
    // A Document is its root element: what stands before and behind it is not kept.
    xmlUnlinkNode(root);
    xmlDocSetRootElement(document.get(), root);
    while (root->next) {
        xmlNode *other = root->next;
        xmlUnlinkNode(other);
        xmlFreeNode(other);
    }
    return meaning(root);
}

void collectNames(const Element &element, QSet<QString> &names)
{
    names.insert(element.name());
    const QList<Element> children = element.children();
    for (const Element &child : children) {
        collectNames(child, names);
    }
}

} // namespace

class TestDomainDocuments final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_domain = std::make_unique<schemanames::Validator>(u"domain.rng"_s);
        QVERIFY2(m_domain->isLoaded(), "libvirt's schemas are not installed");
        m_known = schemanames::namesIn(QDir(schemanames::directory()).entryList({u"*.rng"_s}, QDir::Files)).elements;
        QVERIFY(m_known.size() > 400);
    }

    void enough() { QVERIFY(dataDirectory(u"domain"_s).entryList({u"*.xml"_s}, QDir::Files).size() >= 65); }

    void domain_data()
    {
        QTest::addColumn<QString>("path");
        const QFileInfoList files = dataDirectory(u"domain"_s).entryInfoList({u"*.xml"_s}, QDir::Files);
        for (const QFileInfo &file : files) {
            QTest::newRow(qPrintable(file.fileName())) << file.filePath();
        }
    }

    void domain()
    {
        QFETCH(QString, path);
        const QByteArray bytes = readAll(path);
        QVERIFY(!bytes.isEmpty());
        const auto document = Document::parse(bytes);
        QVERIFY2(document.has_value(), document ? "" : qPrintable(document.error().message));
        QCOMPARE(document->root().name(), u"domain"_s);
        const QString before = meaningOf(bytes);
        QVERIFY(!before.isEmpty());
        QCOMPARE(meaningOf(document->toString().toUtf8()), before);
        // Writing again changes nothing more.
        const auto again = Document::parse(document->toString());
        QVERIFY(again.has_value());
        QCOMPARE(again->toString(), document->toString());

        const QString name = QFileInfo(path).fileName();
        if (name.startsWith(u"x-"_s)) {
            return; // not for libxml2's validator, which needs time without end for them
        }
        const QString problem = m_domain->check(path);
        if (!name.startsWith(u"newer-"_s)) {
            QVERIFY2(problem.isEmpty(), qPrintable(problem));
            return;
        }
        // Invalid as long as the installed schema is older than the document.
        QSet<QString> names;
        collectNames(document->root(), names);
        if (!m_known.contains(names)) {
            QVERIFY2(!problem.isEmpty(), "valid with elements that the schema does not define");
        }
    }

    void eachElementOccurs()
    {
        QSet<QString> devices;
        QSet<QString> others;
        const QFileInfoList files = dataDirectory(u"domain"_s).entryInfoList({u"*.xml"_s}, QDir::Files);
        for (const QFileInfo &file : files) {
            const auto document = Document::parse(readAll(file.filePath()));
            QVERIFY(document.has_value());
            const QList<Element> children = document->root().children();
            for (const Element &child : children) {
                others.insert(child.name());
            }
            const QList<Element> ofDevices = document->root().child(u"devices"_s).children();
            for (const Element &child : ofDevices) {
                devices.insert(child.name());
            }
        }
        for (const QString &name : DeviceElements) {
            QVERIFY2(devices.contains(name), qPrintable(name));
        }
        const schemanames::DocumentPtr schema =
            schemanames::readDocument(schemanames::directory() + u"/domaincommon.rng"_s);
        QVERIFY(schema.get());
        const QStringList ofSchema = schemanames::elementsBelow(schema.get(), u"devices"_s);
        QVERIFY(ofSchema.size() >= DeviceElements.size());
        for (const QString &name : ofSchema) {
            QVERIFY2(devices.contains(name), qPrintable(name));
        }
        for (const QString &name : DomainElements) {
            QVERIFY2(others.contains(name), qPrintable(name));
        }
    }

    /** Nearly each element of the schema is in a document. Those left belong to volumes and to host processors. */
    void coverageOfTheSchema()
    {
        QSet<QString> names;
        const QFileInfoList files = dataDirectory(u"domain"_s).entryInfoList({u"*.xml"_s}, QDir::Files);
        for (const QFileInfo &file : files) {
            const auto document = Document::parse(readAll(file.filePath()));
            QVERIFY(document.has_value());
            collectNames(document->root(), names);
        }
        const schemanames::Names known = schemanames::namesIn({u"domaincommon.rng"_s});
        QStringList missing;
        for (const QString &name : known.elements) {
            if (!names.contains(name)) {
                missing << name;
            }
        }
        QVERIFY2(known.elements.size() > 300, "the schema was not read");
        // A newer libvirt than 9.0 has some more.
        QVERIFY2(missing.size() * 8 < known.elements.size(), qPrintable(missing.join(u' ')));
    }

    void definition_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("schema");
        const QHash<QString, QString> schemas = {
            {u"pool"_s, u"storagepool.rng"_s},
            {u"volume"_s, u"storagevol.rng"_s},
            {u"network"_s, u"network.rng"_s},
            {u"filter"_s, u"nwfilter.rng"_s},
            {u"device"_s, u"nodedev.rng"_s},
            {u"snapshot"_s, u"domainsnapshot.rng"_s},
            {u"checkpoint"_s, u"domaincheckpoint.rng"_s},
            {u"interface"_s, u"interface.rng"_s},
            {u"secret"_s, u"secret.rng"_s},
            {u"capabilities"_s, u"capability.rng"_s},
            {u"domaincapabilities"_s, u"domaincaps.rng"_s},
        };
        QSet<QString> seen;
        const QFileInfoList files = dataDirectory(u"definitions"_s).entryInfoList({u"*.xml"_s}, QDir::Files);
        for (const QFileInfo &file : files) {
            const QString kind = file.fileName().section(u'-', 0, 0).section(u'.', 0, 0);
            QTest::newRow(qPrintable(file.fileName())) << file.filePath() << schemas.value(kind);
            seen.insert(kind);
        }
        for (auto schema = schemas.cbegin(); schema != schemas.cend(); ++schema) {
            QVERIFY2(seen.contains(schema.key()), qPrintable(schema.key()));
        }
    }

    void definition()
    {
        QFETCH(QString, path);
        QFETCH(QString, schema);
        QVERIFY(!schema.isEmpty());
        const QByteArray bytes = readAll(path);
        const auto document = Document::parse(bytes);
        QVERIFY2(document.has_value(), document ? "" : qPrintable(document.error().message));
        QCOMPARE(meaningOf(document->toString().toUtf8()), meaningOf(bytes));
        const schemanames::Validator validator(schema);
        QVERIFY(validator.isLoaded());
        const QString problem = validator.check(path);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }

private:
    std::unique_ptr<schemanames::Validator> m_domain;
    QSet<QString> m_known;
};

QTEST_GUILESS_MAIN(TestDomainDocuments)
#include "tst_domaindocuments.moc"
