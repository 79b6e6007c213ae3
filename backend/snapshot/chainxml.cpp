// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/chainxml.h"

using namespace Qt::StringLiterals;

namespace vireo::snapshot::chainxml {

namespace {

QString formatOf(const xml::Element &layer)
{
    return layer.name() == "backingStore"_L1 ? layer.child(u"format"_s).attribute(u"type"_s)
                                             : layer.child(u"driver"_s).attribute(u"type"_s);
}

/** The layer beneath; null: none, or unknown. */
xml::Element beneath(const xml::Element &layer)
{
    const xml::Element next = layer.child(u"backingStore"_s);
    return next.child(u"source"_s).isNull() ? xml::Element() : next;
}

void setFormat(xml::Element layer, const QString &format)
{
    const bool isTop = layer.name() != "backingStore"_L1;
    if (format.isEmpty()) {
        return;
    }
    layer.ensure(isTop ? u"driver"_s : u"format"_s).setAttribute(u"type"_s, format);
}

/** A layer of a file becomes another file; what else is said of it (security labels, encryption) was of the first. */
void setSource(xml::Element layer, const Layer &to)
{
    xml::Element source = layer.child(u"source"_s);
    const bool isDevice = to.path.startsWith("/dev/"_L1);
    layer.setAttribute(u"type"_s, isDevice ? u"block"_s : u"file"_s);
    for (const QString &name : {u"file"_s, u"dev"_s, u"pool"_s, u"volume"_s, u"index"_s}) {
        source.removeAttribute(name);
    }
    source.setAttribute(isDevice ? u"dev"_s : u"file"_s, to.path);
    setFormat(layer, to.format);
}

/** `layer` becomes what the layer beneath it is. */
void replaceByBeneath(xml::Element layer)
{
    const xml::Element lower = beneath(layer);
    setFormat(layer, formatOf(lower));
    layer.setAttribute(u"type"_s, lower.attribute(u"type"_s));
    layer.child(u"source"_s).remove();
    layer.appendCopy(lower.child(u"source"_s));
    const xml::Element rest = lower.child(u"backingStore"_s);
    if (!rest.isNull()) {
        layer.appendCopy(rest);
    }
    layer.child(u"backingStore"_s).remove(); // the first of them: lower itself
}

/** What is beneath the layer beneath `layer` comes directly beneath it. */
void cutBeneath(xml::Element layer)
{
    const xml::Element rest = beneath(layer).child(u"backingStore"_s);
    if (!rest.isNull()) {
        layer.appendCopy(rest);
    }
    layer.child(u"backingStore"_s).remove();
}

} // namespace

QString sourceOf(const xml::Element &layer)
{
    const xml::Element source = layer.child(u"source"_s);
    for (const QString &name : {u"file"_s, u"dev"_s, u"dir"_s, u"path"_s}) {
        if (QString path = source.attribute(name); !path.isEmpty()) {
            return path;
        }
    }
    if (const QString volume = source.attribute(u"volume"_s); !volume.isEmpty()) {
        return source.attribute(u"pool"_s) + u'/' + volume;
    }
    if (const QString protocol = source.attribute(u"protocol"_s); !protocol.isEmpty()) {
        const QString host = source.child(u"host"_s).attribute(u"name"_s);
        return protocol + u"://"_s + host + u'/' + source.attribute(u"name"_s);
    }
    return {};
}

Chain chainOf(const xml::Element &disk)
{
    Chain chain;
    for (xml::Element layer = disk; !layer.isNull(); layer = beneath(layer)) {
        QString path = sourceOf(layer);
        if (path.isEmpty()) {
            break;
        }
        chain.append({std::move(path), formatOf(layer)});
    }
    return chain;
}

bool isTerminated(const xml::Element &disk)
{
    xml::Element layer = disk;
    for (xml::Element next = beneath(layer); !next.isNull(); next = beneath(layer)) {
        layer = next;
    }
    return !layer.child(u"backingStore"_s).isNull();
}

bool moveLayer(xml::Element disk, const QString &from, const Layer &to)
{
    bool moved = false;
    xml::Element above;
    for (xml::Element layer = disk; !layer.isNull();) {
        if (sourceOf(layer) != from) {
            above = layer;
            layer = beneath(layer);
            continue;
        }
        moved = true;
        if (sourceOf(beneath(layer)) == to.path) {
            replaceByBeneath(layer); // merged down: the lower one is there already
        } else if (!above.isNull() && sourceOf(above) == to.path) {
            cutBeneath(above); // merged up: the upper one holds both
        } else {
            setSource(layer, to);
            // What is beneath may be `to` itself under its pool's name: libvirt looks into the files then.
            if (xml::Element below = beneath(layer); !below.isNull() && !sourceOf(below).startsWith(u'/')) {
                below.remove();
            }
        }
        break;
    }
    return moved;
}

} // namespace vireo::snapshot::chainxml
