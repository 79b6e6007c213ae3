// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <thread>

#include <QtTest>

#include "backend/xml/elementdocs.h"
#include "tests/unit/schemanames.h"

using namespace Qt::StringLiterals;
using vireo::xml::documentationOf;
using vireo::xml::documentedKeys;
using vireo::xml::DocumentKind;

namespace {

const QList<DocumentKind> AllKinds = {
    DocumentKind::Domain,
    DocumentKind::DomainSnapshot,
    DocumentKind::DomainCheckpoint,
    DocumentKind::StoragePool,
    DocumentKind::StorageVolume,
    DocumentKind::Network,
    DocumentKind::NetworkFilter,
    DocumentKind::NodeDevice,
    DocumentKind::Interface,
    DocumentKind::Secret,
    DocumentKind::Capabilities,
    DocumentKind::DomainCapabilities,
};

/** Elements with a text that libvirt 9.0 does not know yet. */
const QSet<QString> NewerElements = {u"crypto"_s, u"pstore"_s};

struct Key {
    QStringList path;
    QString attribute;
};

Key split(const QString &key)
{
    const qsizetype at = key.indexOf(u'@');
    return {(at < 0 ? key : key.left(at)).split(u'/'), at < 0 ? QString() : key.mid(at + 1)};
}

QString localName(const QString &name)
{
    return name.mid(name.indexOf(u':') + 1);
}

} // namespace

class TestElementDocs final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void longestEndWins()
    {
        const QStringList disk{u"domain"_s, u"devices"_s, u"disk"_s, u"driver"_s};
        const QStringList card{u"domain"_s, u"devices"_s, u"interface"_s, u"driver"_s};
        const QString ofDisk = documentationOf(DocumentKind::Domain, disk, u"queues"_s);
        const QString ofCard = documentationOf(DocumentKind::Domain, card, u"queues"_s);
        QVERIFY(ofDisk.contains(u"virtio queues"_s));
        QVERIFY(!ofCard.isEmpty());
        QVERIFY(ofDisk != ofCard);
        // What all virtio devices share has one text.
        const QString shared = documentationOf(DocumentKind::Domain, disk, u"iommu"_s);
        QVERIFY(!shared.isEmpty());
        QCOMPARE(documentationOf(DocumentKind::Domain, card, u"iommu"_s), shared);
    }

    void aDeviceAloneFindsTheSame()
    {
        const QString whole =
            documentationOf(DocumentKind::Domain, {u"domain"_s, u"devices"_s, u"disk"_s, u"driver"_s}, u"cache"_s);
        QVERIFY(!whole.isEmpty());
        QCOMPARE(documentationOf(DocumentKind::Domain, {u"disk"_s, u"driver"_s}, u"cache"_s), whole);
        // In a snapshot the domain's definition is one level deeper.
        QCOMPARE(documentationOf(DocumentKind::DomainSnapshot,
                     {u"domainsnapshot"_s, u"domain"_s, u"devices"_s, u"disk"_s, u"driver"_s}, u"cache"_s),
            whole);
    }

    void theSameNameInOtherPlaces()
    {
        const QString memory = documentationOf(DocumentKind::Domain, {u"domain"_s, u"memory"_s});
        const QString module = documentationOf(DocumentKind::Domain, {u"domain"_s, u"devices"_s, u"memory"_s});
        QVERIFY(!memory.isEmpty());
        QVERIFY(!module.isEmpty());
        QVERIFY(memory != module);
        QVERIFY(documentationOf(DocumentKind::Network, {u"network"_s, u"bridge"_s}, u"stp"_s)
            != documentationOf(DocumentKind::Domain, {u"network"_s, u"bridge"_s}, u"stp"_s));
        QVERIFY(documentationOf(DocumentKind::DomainSnapshot, {u"domainsnapshot"_s, u"name"_s})
            != documentationOf(DocumentKind::DomainSnapshot, {u"domainsnapshot"_s, u"domain"_s, u"name"_s}));
    }

    void unknownIsEmpty()
    {
        QVERIFY(documentationOf(DocumentKind::Domain, {}).isEmpty());
        QVERIFY(documentationOf(DocumentKind::Domain, {}, u"cache"_s).isEmpty());
        QVERIFY(documentationOf(DocumentKind::Domain, {QString()}).isEmpty());
        QVERIFY(documentationOf(DocumentKind::Domain, {u"nonsense"_s}).isEmpty());
        QVERIFY(documentationOf(DocumentKind::Domain, {u"disk"_s, u"nonsense"_s}).isEmpty());
        // An attribute does not fall back to its element, nor an end that is only part of a name.
        QVERIFY(!documentationOf(DocumentKind::Domain, {u"devices"_s, u"disk"_s}).isEmpty());
        QVERIFY(documentationOf(DocumentKind::Domain, {u"devices"_s, u"disk"_s}, u"nonsense"_s).isEmpty());
        QVERIFY(documentationOf(DocumentKind::Domain, {u"mydisk"_s}, u"type"_s).isEmpty());
        // Ill-formed names that stand in a half-typed document.
        QVERIFY(documentationOf(DocumentKind::Domain, {u"a/b"_s, u""_s}, u"@/"_s).isEmpty());
        QVERIFY(documentationOf(DocumentKind::Domain, {u"x"_s}, u"a/disk@type"_s).isEmpty());
    }

    void manyTexts()
    {
        qsizetype count = documentedKeys(DocumentKind::Domain).size();
        QVERIFY2(count >= 350, qPrintable(QString::number(count)));
    }

    void keys_data()
    {
        QTest::addColumn<DocumentKind>("kind");
        for (const DocumentKind kind : AllKinds) {
            QTest::addRow("kind %d", static_cast<int>(kind)) << kind;
        }
    }

    void keys()
    {
        QFETCH(DocumentKind, kind);
        const QStringList schemas = QDir(schemanames::directory()).entryList({u"*.rng"_s}, QDir::Files);
        QVERIFY2(!schemas.isEmpty(), "libvirt's schemas are not installed");
        const schemanames::Names names = schemanames::namesIn(schemas);
        QVERIFY(names.elements.contains(u"disk"_s));

        const QStringList all = documentedKeys(kind);
        QVERIFY(!all.isEmpty());
        QString previous;
        for (const QString &key : all) {
            QVERIFY2(key != previous, qPrintable(u"twice: "_s + key));
            previous = key;
            const Key parts = split(key);
            for (const QString &element : parts.path) {
                QVERIFY2(names.elements.contains(localName(element)) || NewerElements.contains(element),
                    qPrintable(key + u": no element "_s + element));
            }
            if (!parts.attribute.isEmpty()) {
                QVERIFY2(names.attributes.contains(parts.attribute),
                    qPrintable(key + u": no attribute "_s + parts.attribute));
            }
            const QString text = documentationOf(kind, parts.path, parts.attribute);
            QVERIFY2(!text.isEmpty(), qPrintable(key));
            QVERIFY2(text.endsWith(u'.'), qPrintable(key + u": "_s + text));
            QVERIFY2(text.size() < 300, qPrintable(key));
            QVERIFY2(!text.contains(u'!') && text == text.simplified(), qPrintable(key));
        }
    }

    void eachDeviceHasAText()
    {
        // The elements that the schema allows below <devices>, one level of references deep.
        const schemanames::DocumentPtr schema =
            schemanames::readDocument(schemanames::directory() + u"/domaincommon.rng"_s);
        QVERIFY(schema.get());
        const QStringList devices = schemanames::elementsBelow(schema.get(), u"devices"_s);
        QVERIFY2(devices.size() >= 25, qPrintable(devices.join(u' ')));
        for (const QString &device : devices) {
            QVERIFY2(!documentationOf(DocumentKind::Domain, {u"domain"_s, u"devices"_s, device}).isEmpty(),
                qPrintable(device));
        }
    }

    void manyThreadsAtOnce()
    {
        std::vector<std::jthread> threads;
        std::atomic<int> found = 0;
        threads.reserve(4);
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&found] {
                for (const DocumentKind kind : AllKinds) {
                    const QStringList all = documentedKeys(kind);
                    const Key key = split(all.first());
                    found += documentationOf(kind, key.path, key.attribute).isEmpty() ? 0 : 1;
                }
            });
        }
        threads.clear();
        QCOMPARE(found.load(), 4 * static_cast<int>(AllKinds.size()));
    }
};

QTEST_GUILESS_MAIN(TestElementDocs)
#include "tst_elementdocs.moc"
