// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/snapshot/snapshotxml.h"

#include <algorithm>

#include <QCoreApplication>

#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation::snapshotxml {

namespace {

using Kind = snapshot::SnapshotDisk::Kind;
using snapshot::Layer;
using xml::Element;

struct SnapshotXmlText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotXml)
};

/** A <source> names its file by an attribute that depends on the disk's type. */
QString pathOf(const Element &source)
{
    return source.hasAttribute(u"file"_s) ? source.attribute(u"file"_s) : source.attribute(u"dev"_s);
}

bool isDevice(const QString &path)
{
    return path.startsWith("/dev/"_L1);
}

/** Makes what holds a <source> (a <disk> or a <backingStore>) name that file. */
void setSource(Element holder, const QString &path)
{
    const bool device = isDevice(path);
    holder.setAttribute(u"type"_s, device ? u"block"_s : u"file"_s);
    Element source = holder.ensure(u"source"_s);
    for (const QString &name :
        {u"file"_s, u"dev"_s, u"index"_s, u"startupPolicy"_s, u"pool"_s, u"volume"_s, u"mode"_s}) {
        source.removeAttribute(name);
    }
    source.setAttribute(device ? u"dev"_s : u"file"_s, path);
}

QString targetOf(const Element &disk)
{
    return disk.child(u"target"_s).attribute(u"dev"_s);
}

void useLayer(Element disk, const Layer &layer)
{
    setSource(disk, layer.path);
    if (!layer.format.isEmpty()) {
        disk.ensure(u"driver"_s).setAttribute(u"type"_s, layer.format);
    }
}

void dropChains(const Element &domain)
{
    const QList<Element> disks = domain.find(u"devices"_s).children(u"disk"_s);
    for (const Element &disk : disks) {
        for (const QString &name : {u"backingStore"_s, u"mirror"_s}) {
            if (Element chain = disk.child(name)) {
                chain.remove();
            }
        }
    }
}

/** In place of an element what is in another: its children, and its type. */
void takeOver(Element disk, Element below)
{
    const QString path = pathOf(below.child(u"source"_s));
    const QString format = below.child(u"format"_s).attribute(u"type"_s);
    useLayer(disk, {path, format});
    const Element rest = below.child(u"backingStore"_s);
    // A copy first: what is removed takes its children with it.
    auto kept = xml::Document::create(u"kept"_s);
    const Element copy = rest ? kept.root().appendCopy(rest) : Element();
    below.remove();
    if (copy) {
        disk.appendCopy(copy);
    }
}

/** Takes a file out of the chain that a disk of a domain's XML names. */
void moveLayer(const Element &domain, const LayerMove &move)
{
    const QList<Element> disks = domain.find(u"devices"_s).children(u"disk"_s);
    for (const Element &disk : disks) {
        if (targetOf(disk) != move.target) {
            continue;
        }
        if (pathOf(disk.child(u"source"_s)) == move.from) {
            const Element below = disk.child(u"backingStore"_s);
            if (below && pathOf(below.child(u"source"_s)) == move.to.path) {
                takeOver(disk, below);
            } else {
                useLayer(disk, move.to);
            }
            return;
        }
        Element above = disk;
        for (Element layer = disk.child(u"backingStore"_s); layer; layer = above.child(u"backingStore"_s)) {
            if (pathOf(layer.child(u"source"_s)) != move.from) {
                above = layer;
                continue;
            }
            // Whether its content went up or down, what stays of it is its neighbour.
            const Element below = layer.child(u"backingStore"_s);
            const bool upwards = pathOf(above.child(u"source"_s)) == move.to.path;
            const bool downwards = below && pathOf(below.child(u"source"_s)) == move.to.path;
            if (upwards || downwards) {
                auto kept = xml::Document::create(u"kept"_s);
                const Element copy = below ? kept.root().appendCopy(below) : Element();
                layer.remove();
                if (copy) {
                    above.appendCopy(copy);
                }
            } else {
                setSource(layer, move.to.path);
                layer.ensure(u"format"_s).setAttribute(u"type"_s, move.to.format);
            }
            return;
        }
        return;
    }
}

void moveOverlay(const Element &snapshot, const LayerMove &move)
{
    const QList<Element> disks = snapshot.find(u"disks"_s).children(u"disk"_s);
    for (const Element &disk : disks) {
        if (disk.attribute(u"name"_s) == move.target && pathOf(disk.child(u"source"_s)) == move.from) {
            useLayer(disk, move.to);
        }
    }
}

Result<xml::Document> parse(const QString &metadata)
{
    auto document = xml::Document::parse(metadata);
    if (document && document->root().name() != "domainsnapshot"_L1) {
        return fail(Error::invalid(SnapshotXmlText::tr("This is no snapshot's metadata.")));
    }
    return document;
}

void setParent(Element root, const QString &parent)
{
    if (!parent.isEmpty()) {
        root.ensure(u"parent"_s).ensure(u"name"_s).setText(parent);
    } else if (Element present = root.child(u"parent"_s)) {
        present.remove();
    }
}

void replaceSources(const Element &domain, const QHash<QString, Layer> &layers)
{
    dropChains(domain);
    const QList<Element> disks = domain.find(u"devices"_s).children(u"disk"_s);
    for (const Element &disk : disks) {
        if (const auto layer = layers.constFind(targetOf(disk)); layer != layers.cend()) {
            useLayer(disk, *layer);
        }
    }
}

} // namespace

QString kindWord(Kind kind)
{
    switch (kind) {
    case Kind::Internal:
        return u"internal"_s;
    case Kind::External:
        return u"external"_s;
    case Kind::None:
        break;
    }
    return u"no"_s;
}

QString request(const Wanted &wanted)
{
    auto document = xml::Document::create(u"domainsnapshot"_s);
    Element root = document.root();
    root.append(u"name"_s, wanted.name);
    if (!wanted.description.isEmpty()) {
        root.append(u"description"_s, wanted.description);
    }
    Element memory = root.append(u"memory"_s);
    if (!wanted.memory) {
        memory.setAttribute(u"snapshot"_s, u"no"_s);
    } else if (wanted.memoryFile.isEmpty()) {
        memory.setAttribute(u"snapshot"_s, u"internal"_s);
    } else {
        memory.setAttribute(u"snapshot"_s, u"external"_s);
        memory.setAttribute(u"file"_s, wanted.memoryFile);
    }
    Element disks = root.append(u"disks"_s);
    for (const Wanted::Disk &each : wanted.disks) {
        Element disk = disks.append(u"disk"_s);
        disk.setAttribute(u"name"_s, each.target);
        disk.setAttribute(u"snapshot"_s, kindWord(each.kind));
        if (each.kind == Kind::External) {
            disk.append(u"driver"_s).setAttribute(u"type"_s, u"qcow2"_s);
            setSource(disk, each.file);
        }
    }
    return document.toString();
}

Result<QString> changed(const QString &metadata, const SnapshotChange &change)
{
    auto document = parse(metadata);
    if (!document) {
        return fail(document.error());
    }
    Element root = document->root();
    if (change.name) {
        root.ensure(u"name"_s).setText(*change.name);
    }
    if (change.description) {
        root.ensure(u"description"_s).setText(*change.description);
    }
    for (const LayerMove &move : change.moves) {
        moveOverlay(root, move);
        moveLayer(root.child(u"domain"_s), move);
        moveLayer(root.child(u"inactiveDomain"_s), move);
    }
    return document->toString();
}

Result<QString> withParent(const QString &metadata, const QString &parent)
{
    auto document = parse(metadata);
    if (!document) {
        return fail(document.error());
    }
    setParent(document->root(), parent);
    return document->toString();
}

QString parentOf(const QString &metadata)
{
    const auto document = parse(metadata);
    return document ? document->root().find(u"parent/name"_s).text() : QString();
}

Result<QString> definition(const QString &metadata, Which which, const QHash<QString, Layer> &layers)
{
    const auto document = parse(metadata);
    if (!document) {
        return fail(document.error());
    }
    const Element then = document->root().child(u"domain"_s);
    const Element next = document->root().child(u"inactiveDomain"_s);
    const Element found = which == Which::ForNextStart && next ? next : then;
    if (!found) {
        return fail(Error::failed(SnapshotXmlText::tr("The snapshot holds no definition of the VM.")));
    }
    // <inactiveDomain> is a <domain> under another name.
    auto result = xml::Document::create(u"domain"_s);
    Element root = result.root();
    const QStringList names = found.attributeNames();
    for (const QString &name : names) {
        if (name != "id"_L1) {
            root.setAttribute(name, found.attribute(name));
        }
    }
    const QList<Element> children = found.children();
    for (const Element &child : children) {
        root.appendCopy(child);
    }
    replaceSources(root, layers);
    return result.toString();
}

Result<QString> withLayers(const QString &definition, const QHash<QString, Layer> &layers)
{
    auto document = xml::Document::parse(definition);
    if (!document) {
        return fail(document.error());
    }
    replaceSources(document->root(), layers);
    return document->toString();
}

} // namespace vireo::operation::snapshotxml
