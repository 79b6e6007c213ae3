// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/elementdocs.h"

#include <array>
#include <span>
#include <vector>

#include <QCoreApplication>
#include <QHash>

#include "backend/xml/elementdocs_tables.h"

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

using elementdocs::Entry;

constexpr auto Kinds = std::to_array({
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
});

std::vector<std::span<const Entry>> tablesOf(DocumentKind kind)
{
    namespace tables = elementdocs;
    std::vector<std::span<const Entry>> result;
    switch (kind) {
    case DocumentKind::DomainSnapshot:
        result = {tables::snapshots()};
        break;
    case DocumentKind::DomainCheckpoint:
        result = {tables::checkpoints()};
        break;
    case DocumentKind::StoragePool:
        return {tables::pools()};
    case DocumentKind::StorageVolume:
        return {tables::volumes()};
    case DocumentKind::Network:
        return {tables::networks()};
    case DocumentKind::NetworkFilter:
        return {tables::filters()};
    case DocumentKind::NodeDevice:
        return {tables::nodeDevices()};
    case DocumentKind::Interface:
        return {tables::hostInterfaces()};
    case DocumentKind::Secret:
        return {tables::secrets()};
    case DocumentKind::Capabilities:
        return {tables::capabilities()};
    case DocumentKind::DomainCapabilities:
        return {tables::domainCapabilities()};
    case DocumentKind::Domain:
        break;
    }
    // Snapshots and checkpoints contain the definition of their domain.
    for (const auto &table : {tables::domainBasics(), tables::domainTuning(), tables::domainStorage(),
             tables::domainNetwork(), tables::domainLines(), tables::domainDisplay()}) {
        result.push_back(table);
    }
    return result;
}

/** The texts of one kind of document by key. The views point into `keys`, which never changes after the constructor. */
struct Index {
    explicit Index(DocumentKind kind)
    {
        for (const std::span<const Entry> &table : tablesOf(kind)) {
            for (const Entry &entry : table) {
                keys.append(QString::fromLatin1(entry.key));
                texts.append(entry.text);
            }
        }
        byKey.reserve(keys.size());
        for (qsizetype i = 0; i < keys.size(); ++i) {
            byKey.insert(QStringView(keys.at(i)), texts.at(i));
        }
    }

    QStringList keys;
    QList<const char *> texts;
    QHash<QStringView, const char *> byKey;
};

const Index &indexOf(DocumentKind kind)
{
    static const std::vector<Index> indices = [] {
        std::vector<Index> result;
        result.reserve(
            Kinds.size()); // never moved: views point into strings, which moving keeps, but copying would not
        for (const DocumentKind each : Kinds) {
            result.emplace_back(each);
        }
        return result;
    }();
    return indices.at(static_cast<std::size_t>(kind));
}

} // namespace

QString documentationOf(DocumentKind kind, const QStringList &path, const QString &attribute)
{
    if (path.isEmpty()) {
        return {};
    }
    const Index &index = indexOf(kind);
    QString whole = path.join(u'/');
    if (!attribute.isEmpty()) {
        whole += u'@' + attribute;
    }
    const qsizetype end = attribute.isEmpty() ? whole.size() : whole.size() - attribute.size() - 1;
    QStringView rest = whole;
    for (;;) {
        if (const char *text = index.byKey.value(rest, nullptr)) {
            return QCoreApplication::translate("xml_ElementDocs", text);
        }
        const qsizetype slash = rest.indexOf(u'/');
        if (slash < 0 || slash >= end - (whole.size() - rest.size())) {
            return {};
        }
        rest = rest.mid(slash + 1);
    }
}

QStringList documentedKeys(DocumentKind kind)
{
    QStringList keys = indexOf(kind).keys;
    keys.sort();
    return keys;
}

} // namespace vireo::xml
