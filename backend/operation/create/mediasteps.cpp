// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/create/seedchange.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/steps.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/**
 * domain.changeMedia {uuid, target, path, before}: what lies in a CD-ROM drive; an empty path is an empty drive.
 * domain.setSeed {uuid, volume, before}: which volume Vireo's metadata calls the VM's seed; empty: none.
 *
 * Both change the running VM as well as its definition, whichever there are when they run. What a drive holds says by
 * itself how far a run came: `before` is changed, `path` is done, and anything else was somebody else's doing.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using domains::XmlKind;
using job::Step;
using job::StepContext;

struct MediastepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_mediaSteps)
};

QString text(const Step &step, const QString &key)
{
    return step.parameters.value(key).toString();
}

/** The definitions that the domain has now: of the running VM, and of the next start. */
Result<QList<XmlKind>> kindsOf(const DomainTarget &target)
{
    const auto record = domains::read(*target.connection, target.uuid);
    if (!record) {
        return fail(record.error().kind == Error::Kind::NotFound ? goneError(target) : record.error());
    }
    QList<XmlKind> kinds;
    if (record->isActive()) {
        kinds << XmlKind::Live;
    }
    if (record->persistent) {
        kinds << XmlKind::Inactive;
    }
    return kinds;
}

domains::Affects affects(XmlKind kind)
{
    return {kind == XmlKind::Live, kind == XmlKind::Inactive};
}

/** What a drive holds in one of the definitions. */
struct Drive {
    bool exists = false;
    QString path;
};

Result<Drive> drive(const DomainTarget &target, const QString &name, XmlKind kind)
{
    const auto xml = domains::xml(*target.connection, target.uuid, kind);
    if (!xml) {
        return fail(xml.error());
    }
    const auto document = xml::Document::parse(*xml);
    if (!document) {
        return fail(document.error());
    }
    const xml::Element disk = cdromOf(*document, name);
    return Drive{!disk.isNull(), mediumOf(disk)};
}

Result<> insert(const DomainTarget &target, const QString &name, XmlKind kind, const QString &path)
{
    const auto xml = domains::xml(*target.connection, target.uuid, kind);
    if (!xml) {
        return fail(xml.error());
    }
    const auto document = xml::Document::parse(*xml);
    if (!document) {
        return fail(document.error());
    }
    xml::Element disk = cdromOf(*document, name);
    setMedium(disk, path);
    const Result<> changed = domains::updateDevice(*target.connection, target.uuid, disk.toXml(), affects(kind));
    if (changed || kind == XmlKind::Inactive) {
        return changed;
    }
    Error error = changed.error();
    if (error.hint.isEmpty()) {
        error.hint =
            MediastepsText::tr("A guest that has the medium mounted keeps the drive locked: unmount it there first.");
    }
    return fail(error);
}

QString mediumText(const QString &path)
{
    return path.isEmpty() ? MediastepsText::tr("no medium") : u'“' + path + u'”';
}

Result<> runChange(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const QString name = text(step, u"target"_s);
    const QString path = text(step, u"path"_s);
    const auto kinds = kindsOf(*target);
    if (!kinds) {
        return fail(kinds.error());
    }
    QList<XmlKind> open;
    for (const XmlKind kind : *kinds) { // first look at both, then touch either
        const auto now = drive(*target, name, kind);
        if (!now) {
            return fail(now.error());
        }
        if (!now->exists) {
            return fail(
                Error::failed(MediastepsText::tr("%1 has no CD-ROM drive %2 any more.").arg(target->name, name)));
        }
        if (now->path != path && now->path != text(step, u"before"_s)) {
            return fail(
                Error::failed(MediastepsText::tr("The drive %1 of %2 holds %3 by now, not what was planned with.")
                        .arg(name, target->name, mediumText(now->path))));
        }
        if (now->path != path) {
            open << kind;
        }
    }
    if (!open.isEmpty()) {
        if (const Result<> noted = context.note(u"media:"_s + name, true); !noted) {
            return noted;
        }
    }
    for (const XmlKind kind : std::as_const(open)) {
        if (const Result<> changed = insert(*target, name, kind, path); !changed) {
            return changed;
        }
        const auto now = drive(*target, name, kind);
        if (!now) {
            return fail(now.error());
        }
        if (now->path != path) {
            return fail(Error::failed(MediastepsText::tr("The drive %1 of %2 holds %3 after the change.")
                    .arg(name, target->name, mediumText(now->path))));
        }
    }
    return {};
}

Result<> undoChange(const Step &step, StepContext &context)
{
    const QString name = text(step, u"target"_s);
    const QString key = u"media:"_s + name;
    if (!context.results().value(key).toBool()) {
        return {};
    }
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto kinds = kindsOf(*target);
    if (!kinds && kinds.error().kind != Error::Kind::NotFound) {
        return fail(kinds.error());
    }
    for (const XmlKind kind : kinds.value_or(QList<XmlKind>())) {
        const auto now = drive(*target, name, kind);
        if (!now) {
            return fail(now.error());
        }
        if (now->exists && now->path == text(step, u"path"_s)) {
            if (const Result<> back = insert(*target, name, kind, text(step, u"before"_s)); !back) {
                return back;
            }
        } else if (!now->exists || now->path != text(step, u"before"_s)) {
            context.log(MediastepsText::tr("The drive %1 is left as it is: somebody else changed it.").arg(name));
        }
    }
    return context.note(key, QJsonValue(QJsonValue::Undefined));
}

/** The metadata element with another seed named in it. */
Result<QString> withSeed(const QString &element, const QString &volume)
{
    auto document =
        element.isEmpty() ? Result<xml::Document>(xml::Document::create(u"domain"_s)) : xml::Document::parse(element);
    if (!document) {
        return fail(document.error());
    }
    xml::Element root = document->root();
    if (volume.isEmpty()) {
        root.child(u"seed"_s).remove();
    } else {
        root.ensure(u"seed"_s).setText(volume);
    }
    return document->toString();
}

Result<> setSeed(const Step &step, StepContext &context, const QString &from, const QString &to)
{
    const QString uri = QString::fromLatin1(xml::MetadataNamespace);
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto kinds = kindsOf(*target);
    if (!kinds) {
        return fail(kinds.error());
    }
    for (const XmlKind kind : *kinds) {
        const auto element = domains::metadata(*target->connection, target->uuid, uri, kind);
        if (!element) {
            return fail(element.error());
        }
        const auto document = xml::Document::parse(element->isEmpty() ? u"<domain/>"_s : *element);
        if (!document) {
            return fail(document.error());
        }
        const QString now = document->root().child(u"seed"_s).text();
        if (now == to || now != from) { // done, or somebody else's
            continue;
        }
        const auto changed = withSeed(*element, to);
        if (!changed) {
            return fail(changed.error());
        }
        const Result<> set =
            domains::setMetadata(*target->connection, target->uuid, *changed, u"vireo"_s, uri, affects(kind));
        if (!set) {
            return set;
        }
    }
    return {};
}

Result<> runSetSeed(const Step &step, StepContext &context)
{
    return setSeed(step, context, text(step, u"before"_s), text(step, u"volume"_s));
}

Result<> undoSetSeed(const Step &step, StepContext &context)
{
    const Result<> back = setSeed(step, context, text(step, u"volume"_s), text(step, u"before"_s));
    return !back && back.error().kind == Error::Kind::NotFound ? Result<>() : back;
}

} // namespace

void registerMediaSteps(job::StepRegistry &registry)
{
    registry.add(u"domain.changeMedia"_s, {runChange, undoChange});
    registry.add(u"domain.setSeed"_s, {runSetSeed, undoSetSeed});
}

} // namespace vireo::operation
