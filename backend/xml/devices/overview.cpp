// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/xml/devices/devicekind.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

using Kind = DeviceField::Kind;

constexpr auto osinfoNamespace = "http://libosinfo.org/xmlns/libvirt/domain/1.0"_L1;

struct OverviewText {
    Q_DECLARE_TR_FUNCTIONS(xml_overview)
};

/** The element of a namespace within the metadata; made with that prefix where it is missing. */
ElementPath ensureMetadata(XmlText &document, const QString &name, const QString &namespaceUri, const QString &prefix)
{
    const ElementPath metadata(u"metadata"_s);
    if (const auto found = document.findNamespaced(metadata, name, namespaceUri)) {
        return *found;
    }
    if (!document.has(metadata)) {
        (void)document.insert({}, Document::create(u"metadata"_s).root().toXml());
    }
    const Document made = Document::create(u"metadata"_s);
    const Result<ElementPath> at = document.insert(metadata, made.root().append(name, namespaceUri, prefix).toXml());
    return at.value_or(metadata);
}

/** "vireo:" of "vireo:domain". */
QString prefixOf(const ElementPath &path)
{
    const QString name = path.parts().constLast().name;
    return name.left(name.indexOf(u':') + 1);
}

void dropEmpty(XmlText &document, ElementPath path)
{
    for (; !path.isRoot(); path = path.parent()) {
        const int element = document.find(path);
        if (element < 0) {
            continue;
        }
        const SyntaxNode &node = document.tree().node(element);
        if (!document.tree().slice(node.content).trimmed().isEmpty()) {
            return;
        }
        document.remove(path);
    }
}

QStringList tagsOf(const XmlText &document, const ElementPath &tags)
{
    QStringList texts;
    const QList<ElementPath> all = document.children(tags);
    for (const ElementPath &tag : all) {
        texts.append(document.text(tag).trimmed());
    }
    texts.removeAll(QString());
    return texts;
}

QString readTags(const DeviceContext &domain)
{
    const auto tags =
        domain.document.findNamespaced(ElementPath(u"metadata"_s), u"tags"_s, QString::fromLatin1(MetadataNamespace));
    return tags ? tagsOf(domain.document, *tags).join(u", "_s) : QString();
}

void writeTags(const DeviceEdit &edit, const QString &value)
{
    QStringList wanted;
    const QStringList pieces = value.split(u',');
    for (const QString &piece : pieces) {
        if (const QString tag = piece.trimmed(); !tag.isEmpty() && !wanted.contains(tag)) {
            wanted.append(tag);
        }
    }
    const QString space = QString::fromLatin1(MetadataNamespace);
    XmlText &document = edit.document;
    auto tags = document.findNamespaced(ElementPath(u"metadata"_s), u"tags"_s, space);
    if (tags ? tagsOf(document, *tags) == wanted : wanted.isEmpty()) {
        return;
    }
    if (wanted.isEmpty()) {
        document.remove(*tags);
        dropEmpty(document, tags->parent());
        return;
    }
    if (!tags) {
        const ElementPath own = ensureMetadata(document, u"domain"_s, space, u"vireo"_s);
        tags = own.child(prefixOf(own) + u"tags"_s);
    }
    const QString name = prefixOf(*tags) + u"tag"_s;
    for (int i = 0; i < wanted.size(); ++i) {
        document.setText(tags->child(name, i), wanted.at(i));
    }
    while (document.has(tags->child(name, static_cast<int>(wanted.size())))) {
        document.remove(tags->child(name, static_cast<int>(wanted.size())));
    }
}

QString readOs(const DeviceContext &domain)
{
    const auto os = domain.document.findNamespaced(ElementPath(u"metadata"_s), u"os"_s, osinfoNamespace);
    return os ? domain.document.attribute(*os, u"id"_s) : QString();
}

void writeOs(const DeviceEdit &edit, const QString &uri)
{
    XmlText &document = edit.document;
    const auto os = document.findNamespaced(ElementPath(u"metadata"_s), u"os"_s, osinfoNamespace);
    if (uri.isEmpty()) {
        if (os) {
            document.remove(*os);
            dropEmpty(document, os->parent());
        }
        return;
    }
    if (os) {
        document.setAttribute(*os, u"id"_s, uri);
        return;
    }
    const ElementPath own = ensureMetadata(document, u"libosinfo"_s, osinfoNamespace, u"libosinfo"_s);
    document.setAttribute(own.child(prefixOf(own) + u"os"_s), u"id"_s, uri);
}

QString readFirmware(const DeviceContext &domain)
{
    QString automatic = domain.attribute(u"os"_s, u"firmware"_s);
    QString loader = domain.text(u"os/loader"_s);
    if (automatic == "efi"_L1 || domain.attribute(u"os/loader"_s, u"type"_s) == "pflash"_L1) {
        return domain.attribute(u"os/loader"_s, u"secure"_s) == "yes"_L1 ? OverviewText::tr("UEFI with secure boot")
                                                                         : OverviewText::tr("UEFI");
    }
    if (!automatic.isEmpty() && automatic != "bios"_L1) {
        return automatic;
    }
    if (!loader.isEmpty()) {
        return loader;
    }
    return domain.isX86() ? OverviewText::tr("BIOS") : OverviewText::tr("The machine's own");
}

} // namespace

DeviceKind overviewKind()
{
    DeviceKind kind;
    kind.id = u"overview"_s;
    kind.name = OverviewText::tr("Overview");
    kind.parts = {u"name"_s, u"title"_s, u"description"_s, u"metadata"_s};
    kind.subtitle = [](const DeviceContext &domain) {
        return domain.text(u"name"_s);
    };
    kind.fields = {
        FieldMaker(Kind::Text, u"name"_s, OverviewText::tr("&Name"), u"name"_s)
            .writes([](const DeviceEdit &edit, const QString &value) { edit.document.setText(u"name"_s, value); })
            .lockedBy([](const DeviceContext &domain) {
                return domain.running ? OverviewText::tr("Only a VM that is shut off can be renamed.") : QString();
            })
            .checked([](const DeviceContext &domain) {
                const QString name = domain.document.text(u"name"_s);
                return name.trimmed().isEmpty() || name.contains(u'/') || name.contains(u'\n')
                    ? OverviewText::tr("A name is one line without a slash.")
                    : QString();
            }),
        FieldMaker(Kind::Text, u"title"_s, OverviewText::tr("&Title"), u"title"_s)
            .unset(OverviewText::tr("None: the name is shown"))
            .checked([](const DeviceContext &domain) {
                return domain.document.text(u"title"_s).contains(u'\n') ? OverviewText::tr("A title is one line.")
                                                                        : QString();
            }),
        FieldMaker(Kind::Lines, u"description"_s, OverviewText::tr("&Description"), u"description"_s)
            .reads([](const DeviceContext &domain) { return domain.document.text(u"description"_s); }),
        FieldMaker(Kind::Text, u"tags"_s, OverviewText::tr("T&ags"))
            .unset(OverviewText::tr("None; several with commas"))
            .reads(readTags)
            .writes(writeTags),
        FieldMaker(Kind::System, u"os"_s, OverviewText::tr("Operating s&ystem")).reads(readOs).writes(writeOs),
        FieldMaker(Kind::Fact, u"uuid"_s, OverviewText::tr("UUID"), u"uuid"_s),
        FieldMaker(Kind::Fact, u"machine"_s, OverviewText::tr("Machine")).reads([](const DeviceContext &domain) {
            QStringList parts{domain.attribute({}, u"type"_s), domain.arch(), domain.machine()};
            parts.removeAll(QString());
            return parts.join(u", "_s);
        }),
        FieldMaker(Kind::Fact, u"firmware"_s, OverviewText::tr("Firmware")).reads(readFirmware),
        FieldMaker(Kind::Fact, u"emulator"_s, OverviewText::tr("Emulator"), u"devices/emulator"_s)
            .shownIf([](const DeviceContext &domain) { return domain.has(u"devices/emulator"_s); }),
    };
    return kind;
}

} // namespace vireo::xml::devices
