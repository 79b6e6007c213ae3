// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/edit/livechange.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

/** Definitions with other figures, and with other files. */
namespace vireo::operation {

namespace {

using xml::ElementPath;
using xml::XmlText;

struct ResizedXmlText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizedXml)
};

quint64 kib(const xml::Document &domain, const QString &name)
{
    return kibOf(domain.root().child(name));
}

void setKib(XmlText &text, const QString &name, quint64 value)
{
    text.setAttribute(ElementPath(name), u"unit"_s, u"KiB"_s);
    text.setText(ElementPath(name), QString::number(value));
}

bool isTopologyOf(const ResizeDraft::Topology &topology, int dies, int vcpus)
{
    return static_cast<qint64>(topology.sockets) * dies * topology.cores * topology.threads == vcpus;
}

/** One for another number of vCPUs, as near to the old one as can be. */
ResizeDraft::Topology adapted(ResizeDraft::Topology topology, int dies, int vcpus)
{
    const auto fits = [vcpus](int others) {
        return others > 0 && vcpus % others == 0;
    };
    if (fits(dies * topology.cores * topology.threads)) {
        topology.sockets = vcpus / (dies * topology.cores * topology.threads);
    } else if (fits(dies * topology.sockets * topology.threads)) {
        topology.cores = vcpus / (dies * topology.sockets * topology.threads);
    } else {
        topology = {vcpus, 1, 1};
    }
    return topology;
}

Result<> setTopology(XmlText &text, const ResizeDraft &draft, int maxVcpus)
{
    const ElementPath path(u"cpu/topology"_s);
    if (draft.topology == ResizeDraft::Topology()) {
        text.remove(path);
        return {};
    }
    if (!draft.topology && !text.has(path)) {
        return {};
    }
    const auto part = [&](const QString &name) {
        return std::max(1, text.attribute(path, name).toInt());
    };
    int dies = text.has(path) ? part(u"dies"_s) : 1;
    ResizeDraft::Topology topology = draft.topology
        ? *draft.topology
        : ResizeDraft::Topology{part(u"sockets"_s), part(u"cores"_s), part(u"threads"_s)};
    if (draft.topology) {
        if (!isTopologyOf(topology, 1, maxVcpus)) {
            return fail(Error::invalid(ResizedXmlText::tr("%1 sockets of %2 cores of %3 threads are not %4 vCPUs.")
                    .arg(topology.sockets)
                    .arg(topology.cores)
                    .arg(topology.threads)
                    .arg(maxVcpus)));
        }
        dies = 1;
    } else if (!isTopologyOf(topology, dies, maxVcpus)) {
        topology = adapted(topology, dies, maxVcpus);
        dies = isTopologyOf(topology, dies, maxVcpus) ? dies : 1;
    }
    text.setAttribute(path, u"sockets"_s, QString::number(topology.sockets));
    if (text.hasAttribute(path, u"dies"_s)) {
        text.setAttribute(path, u"dies"_s, QString::number(dies));
    }
    text.setAttribute(path, u"cores"_s, QString::number(topology.cores));
    text.setAttribute(path, u"threads"_s, QString::number(topology.threads));
    return {};
}

Result<> setVcpus(XmlText &text, const ResizeDraft &draft)
{
    if (!draft.vcpus && !draft.maxVcpus && !draft.topology) {
        return {};
    }
    const ElementPath path(u"vcpu"_s);
    const int oldMax = std::max(1, text.text(path).trimmed().toInt());
    const int old = text.hasAttribute(path, u"current"_s) ? text.attribute(path, u"current"_s).toInt() : oldMax;
    const int vcpus = draft.vcpus.value_or(draft.maxVcpus ? std::min(old, *draft.maxVcpus) : old);
    const int maxVcpus = draft.maxVcpus.value_or(std::max(oldMax, vcpus));
    if (vcpus < 1 || vcpus > maxVcpus) {
        return fail(Error::invalid(ResizedXmlText::tr("%1 vCPUs of at most %2 can't be.").arg(vcpus).arg(maxVcpus)));
    }
    if (text.find(u"cpu/numa/cell"_s) >= 0 && maxVcpus != oldMax) {
        return fail({Error::Kind::Invalid, ResizedXmlText::tr("The VM has NUMA nodes, which name its vCPUs."),
            ResizedXmlText::tr("Edit its definition: only you know to which node the new ones belong."), 0, 0});
    }
    if (maxVcpus != oldMax || vcpus != old) {
        text.remove(ElementPath(u"vcpus"_s)); // libvirt's list of each, for the former number
    }
    text.setText(path, QString::number(maxVcpus));
    if (vcpus == maxVcpus) {
        text.removeAttribute(path, u"current"_s);
    } else {
        text.setAttribute(path, u"current"_s, QString::number(vcpus));
    }
    return setTopology(text, draft, maxVcpus);
}

Result<> setMemory(XmlText &text, const xml::Document &domain, const ResizeDraft &draft)
{
    if (!draft.memoryKiB && !draft.maxMemoryKiB) {
        return {};
    }
    const quint64 oldMax = kib(domain, u"memory"_s);
    const quint64 old = domain.root().child(u"currentMemory"_s) ? kib(domain, u"currentMemory"_s) : oldMax;
    const quint64 memory = draft.memoryKiB.value_or(draft.maxMemoryKiB ? std::min(old, *draft.maxMemoryKiB) : old);
    const quint64 most = draft.maxMemoryKiB.value_or(std::max(oldMax, memory));
    if (memory == 0 || memory > most) {
        return fail(Error::invalid(ResizedXmlText::tr("The VM can't have more memory than its maximum, or none.")));
    }
    if (most != oldMax && text.find(u"cpu/numa/cell"_s) >= 0) {
        return fail({Error::Kind::Invalid, ResizedXmlText::tr("The VM has NUMA nodes, which divide its memory."),
            ResizedXmlText::tr("Edit its definition: only you know to which node the new memory belongs."), 0, 0});
    }
    quint64 devices = 0;
    const auto all = domain.root().child(u"devices"_s).children(u"memory"_s);
    for (const xml::Element &device : all) {
        devices += kibOf(device.find(u"target/size"_s));
    }
    if (most <= devices) {
        return fail({Error::Kind::Invalid, ResizedXmlText::tr("The VM's memory devices alone have more."),
            ResizedXmlText::tr("Take memory devices out of the VM first."), 0, 0});
    }
    if (const quint64 limit = kib(domain, u"maxMemory"_s); limit > 0 && limit < most) {
        setKib(text, u"maxMemory"_s, most);
    }
    if (most != oldMax) {
        setKib(text, u"memory"_s, most);
    }
    if (memory != old || domain.root().child(u"currentMemory"_s)) {
        setKib(text, u"currentMemory"_s, memory);
    }
    return {};
}

/** The path of a disk; nothing: there is none. */
std::optional<ElementPath> diskPath(const XmlText &text, const QString &target)
{
    const ElementPath devices(u"devices"_s);
    const int count = text.count(devices, u"disk"_s);
    for (int i = 0; i < count; ++i) {
        ElementPath disk = devices.child(u"disk"_s, i);
        if (text.attribute(disk.child(u"target"_s), u"dev"_s) == target) {
            return disk;
        }
    }
    return std::nullopt;
}

void setSource(xml::Element layer, const QString &path)
{
    const bool isDevice = path.startsWith("/dev/"_L1);
    layer.setAttribute(u"type"_s, isDevice ? u"block"_s : u"file"_s);
    layer.append(u"source"_s).setAttribute(isDevice ? u"dev"_s : u"file"_s, path);
}

Result<> drop(const Result<ElementPath> &inserted)
{
    return inserted ? Result<>() : fail(inserted.error());
}

/** As far as formats are recorded: below that libvirt follows what the files say of each other. */
xml::Document backingStore(const snapshot::Chain &chain)
{
    auto document = xml::Document::create(u"backingStore"_s);
    xml::Element layer = document.root();
    for (qsizetype i = 1; i < chain.size() && !chain.at(i).format.isEmpty(); ++i) {
        if (i > 1) {
            layer = layer.append(u"backingStore"_s);
        }
        layer.append(u"format"_s).setAttribute(u"type"_s, chain.at(i).format);
        setSource(layer, chain.at(i).path);
        if (i == chain.size() - 1 && chain.at(i).format == "raw"_L1) {
            layer.append(u"backingStore"_s); // whatever its guest wrote into it: nothing is beneath
        }
    }
    return document;
}

} // namespace

Result<QString> resizedXml(const QString &domainXml, const ResizeDraft &draft)
{
    const auto domain = xml::Document::parse(domainXml);
    auto text = domain ? XmlText::parse(domainXml) : fail(domain.error());
    if (!text) {
        return fail(text.error());
    }
    for (const Result<> &set : {setVcpus(*text, draft), setMemory(*text, *domain, draft)}) {
        if (!set) {
            return fail(set.error());
        }
    }
    for (const ResizeDraft::Disk &disk : draft.disks) {
        const auto path = diskPath(*text, disk.target);
        if (!path || disk.bus.isEmpty() || text->attribute(path->child(u"target"_s), u"bus"_s) == disk.bus) {
            continue;
        }
        text->setAttribute(path->child(u"target"_s), u"bus"_s, disk.bus);
        text->remove(path->child(u"address"_s)); // of the former bus; libvirt chooses another
    }
    return text->toString();
}

Result<QString> withDiskFiles(const QString &domainXml, const QString &target, const snapshot::Chain &chain)
{
    auto text = XmlText::parse(domainXml);
    if (!text) {
        return fail(text.error());
    }
    const auto disk = diskPath(*text, target);
    if (!disk || chain.isEmpty()) {
        return fail(Error::invalid(ResizedXmlText::tr("The VM has no disk “%1”.").arg(target)));
    }
    const snapshot::Layer &top = chain.first();
    const bool isDevice = top.path.startsWith("/dev/"_L1);
    text->setAttribute(*disk, u"type"_s, isDevice ? u"block"_s : u"file"_s);
    if (!text->hasAttribute(disk->child(u"driver"_s), u"name"_s)) {
        text->setAttribute(disk->child(u"driver"_s), u"name"_s, u"qemu"_s);
    }
    text->setAttribute(disk->child(u"driver"_s), u"type"_s, top.format);
    text->remove(disk->child(u"backingStore"_s));
    auto source = xml::Document::create(u"source"_s);
    source.root().setAttribute(isDevice ? u"dev"_s : u"file"_s, top.path);
    const ElementPath sourcePath = disk->child(u"source"_s);
    const Result<> replaced = text->has(sourcePath)
        ? text->replace(sourcePath, source.root().toXml())
        : drop(text->insertBefore(disk->child(u"target"_s), source.root().toXml()));
    if (!replaced) {
        return fail(replaced.error());
    }
    const xml::Document below = backingStore(chain);
    if (chain.size() > 1 && below.root().child(u"source"_s)) {
        if (const auto added = text->insertBefore(disk->child(u"target"_s), below.root().toXml()); !added) {
            return fail(added.error());
        }
    }
    return text->toString();
}

} // namespace vireo::operation
