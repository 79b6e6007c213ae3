// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/kept/keptdomain.h"

#include "backend/operation/storagetarget.h"
#include "backend/virt/domains.h"
#include "backend/virt/snapshots.h"
#include "backend/xml/document.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace domains = virt::domains;
namespace snapshots = virt::snapshots;
using domains::XmlKind;
using xml::ElementPath;
using xml::XmlText;

const ElementPath activePath(u"active"_s);

/** As libvirt's own files have it; its calls leave it out. */
Result<QString> markedCurrent(const QString &snapshot)
{
    auto text = XmlText::parse(snapshot);
    if (!text) {
        return fail(text.error());
    }
    text->setText(activePath, u"1"_s);
    return text->toString();
}

struct KeptSnapshot {
    QString name;
    QString xml;
    bool isCurrent = false;
};

Result<KeptSnapshot> parseKept(const QString &kept)
{
    auto text = XmlText::parse(kept);
    if (!text) {
        return fail(text.error());
    }
    const bool isCurrent = text->has(activePath);
    text->remove(activePath);
    return KeptSnapshot{text->text(u"name"_s), text->toString(), isCurrent};
}

Result<> redefine(virt::Connection &connection, const QUuid &domain, const KeptSnapshot &snapshot)
{
    snapshots::CreateOptions options;
    options.redefine = true;
    options.makeCurrent = snapshot.isCurrent;
    const auto made = snapshots::create(connection, domain, snapshot.xml, options);
    return made ? Result<>() : fail(made.error());
}

} // namespace

Result<KeptDomain> readKeptDomain(virt::Connection &connection, const QUuid &domain)
{
    const auto record = domains::read(connection, domain);
    if (!record) {
        return fail(record.error());
    }
    auto definition = domains::xml(connection, domain, XmlKind::Inactive, true);
    const auto names = definition ? snapshots::names(connection, domain) : fail(definition.error());
    if (!names && names.error().kind != Error::Kind::Unsupported) {
        return fail(names.error());
    }
    KeptDomain content{*std::move(definition), {}, record->autostart};
    if (!names || names->isEmpty()) {
        return content;
    }
    const auto current = snapshots::current(connection, domain);
    if (!current) {
        return fail(current.error());
    }
    for (const QString &name : *names) {
        auto xml = snapshots::xml(connection, domain, name, true);
        if (xml && name == *current) {
            xml = markedCurrent(*xml);
        }
        if (!xml) {
            return fail(xml.error());
        }
        content.snapshots.append(*std::move(xml));
    }
    return content;
}

Result<> writeKeptSnapshots(virt::Connection &connection, const QUuid &domain, const QStringList &kept)
{
    if (kept.isEmpty()) {
        return {};
    }
    const auto present = snapshots::names(connection, domain);
    if (!present) {
        return fail(present.error());
    }
    std::optional<KeptSnapshot> last;
    for (const QString &text : kept) {
        const auto snapshot = parseKept(text);
        if (!snapshot) {
            return fail(snapshot.error());
        }
        if (snapshot->isCurrent) {
            last = *snapshot;
        }
        if (present->contains(snapshot->name)) {
            continue;
        }
        if (const Result<> made = redefine(connection, domain, *snapshot); !made) {
            return made;
        }
    }
    const auto now = snapshots::current(connection, domain);
    if (!now) {
        return fail(now.error());
    }
    return last && *now != last->name ? redefine(connection, domain, *last) : Result<>();
}

Result<> writeKeptDomain(virt::Connection &connection, const QUuid &domain, const KeptDomain &content)
{
    const auto now = optional(domains::xml(connection, domain, XmlKind::Inactive, true));
    if (!now) {
        return fail(now.error());
    }
    if (!*now || **now != content.definition) {
        if (const auto made = domains::define(connection, content.definition); !made) {
            return fail(made.error());
        }
    }
    if (const Result<> made = writeKeptSnapshots(connection, domain, content.snapshots); !made) {
        return made;
    }
    const auto record = domains::read(connection, domain);
    if (!record) {
        return fail(record.error());
    }
    return record->autostart == content.autostart ? Result<>()
                                                  : domains::setAutostart(connection, domain, content.autostart);
}

Result<> removeKeptMark(virt::Connection &connection, const QUuid &domain)
{
    const auto record = optional(domains::read(connection, domain));
    if (!record || !*record) {
        return record ? Result<>() : fail(record.error());
    }
    const QString uri = QString::fromLatin1(xml::MetadataNamespace);
    const bool isActive = (*record)->isActive();
    for (const XmlKind kind : {XmlKind::Inactive, XmlKind::Live}) {
        if (kind == XmlKind::Live && !isActive) {
            continue;
        }
        const auto element = domains::metadata(connection, domain, uri, kind);
        if (!element) {
            return fail(element.error());
        }
        if (element->isEmpty()) {
            continue;
        }
        const auto document = xml::Document::parse(*element);
        if (!document) {
            return fail(document.error());
        }
        xml::Element mark = document->root().child(u"resize"_s);
        if (mark.isNull()) {
            continue;
        }
        mark.remove();
        const bool isEmpty = document->root().children().isEmpty();
        const domains::Affects affects{kind == XmlKind::Live, kind == XmlKind::Inactive};
        if (const Result<> set = domains::setMetadata(
                connection, domain, isEmpty ? QString() : document->toString(), u"vireo"_s, uri, affects);
            !set) {
            return set;
        }
    }
    return {};
}

} // namespace vireo::operation
