// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/deviceidentity.h"
#include "backend/operation/edit/devicedraft.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

/** What the drafts "attach", "detach" and "edit" make of a definition. */
namespace vireo::operation {

namespace {

struct DeviceChangeText {
    Q_DECLARE_TR_FUNCTIONS(operation_deviceChange)
};

using xml::Element;
using xml::ElementPath;
using xml::XmlText;

QString prefixOf(const QString &bus)
{
    if (bus == "virtio"_L1) {
        return u"vd"_s;
    }
    if (bus == "ide"_L1) {
        return u"hd"_s;
    }
    if (bus == "fdc"_L1) {
        return u"fd"_s;
    }
    return bus == "xen"_L1 ? u"xvd"_s : u"sd"_s;
}

/** What a target's name stands for, when the draft names no bus. */
QString busOf(const QString &target)
{
    for (const QString &bus : {u"virtio"_s, u"ide"_s, u"fdc"_s, u"xen"_s}) {
        if (target.startsWith(prefixOf(bus))) {
            return bus;
        }
    }
    return {};
}

/** vda … vdz, vdaa … */
QString targetName(const QString &prefix, int index)
{
    constexpr int letters = 26;
    QString name;
    for (int i = index; i >= 0; i = i / letters - 1) {
        name.prepend(QChar(u'a' + static_cast<char16_t>(i % letters)));
    }
    return prefix + name;
}

QString defaultBus(const xml::Document &domain, const QList<DevicePart> &devices, bool cdrom)
{
    const QString function = cdrom ? u"cdrom"_s : u"disk"_s;
    const auto like = std::ranges::find_if(devices, [&function](const DevicePart &device) {
        return device.kind == "disk"_L1 && device.function == function && !device.bus.isEmpty();
    });
    if (like != devices.end()) {
        return like->bus;
    }
    const Element type = domain.root().find(u"os/type"_s);
    if (domain.root().attribute(u"type"_s) == "xen"_L1 && type.text() != "hvm"_L1) {
        return u"xen"_s;
    }
    if (!cdrom) {
        return u"virtio"_s;
    }
    const QString machine = type.attribute(u"machine"_s);
    return machine.contains("q35"_L1) ? u"sata"_s : machine.contains("virt"_L1) ? u"scsi"_s : u"ide"_s;
}

QString sourceElement(Element disk, const DiskDraft &draft)
{
    using Source = DiskDraft::Source;
    if (draft.source == Source::None) {
        return u"file"_s; // an empty drive
    }
    Element source = disk.append(u"source"_s);
    switch (draft.source) {
    case Source::File:
        source.setAttribute(u"file"_s, draft.path);
        return u"file"_s;
    case Source::Block:
        source.setAttribute(u"dev"_s, draft.path);
        return u"block"_s;
    case Source::Volume:
        source.setAttribute(u"pool"_s, draft.pool);
        source.setAttribute(u"volume"_s, draft.volume);
        return u"volume"_s;
    case Source::None:
    case Source::Network:
        break;
    }
    source.setAttribute(u"protocol"_s, draft.protocol);
    if (!draft.name.isEmpty()) {
        source.setAttribute(u"name"_s, draft.name);
    }
    if (!draft.socket.isEmpty()) {
        Element host = source.append(u"host"_s);
        host.setAttribute(u"transport"_s, u"unix"_s);
        host.setAttribute(u"socket"_s, draft.socket);
    } else if (!draft.host.isEmpty()) {
        Element host = source.append(u"host"_s);
        host.setAttribute(u"name"_s, draft.host);
        if (draft.port > 0) {
            host.setAttribute(u"port"_s, QString::number(draft.port));
        }
    }
    return u"network"_s;
}

QString diskXml(const DiskDraft &draft, const QString &target, const QString &bus)
{
    const auto document = xml::Document::create(u"disk"_s);
    Element disk = document.root();
    disk.setAttribute(u"type"_s, {});
    disk.setAttribute(u"device"_s, draft.cdrom ? u"cdrom"_s : u"disk"_s);
    Element driver = disk.append(u"driver"_s);
    driver.setAttribute(u"name"_s, u"qemu"_s);
    driver.setAttribute(u"type"_s, draft.format.isEmpty() ? u"raw"_s : draft.format);
    if (!draft.cache.isEmpty()) {
        driver.setAttribute(u"cache"_s, draft.cache);
    }
    disk.setAttribute(u"type"_s, sourceElement(disk, draft));
    Element place = disk.append(u"target"_s);
    place.setAttribute(u"dev"_s, target);
    place.setAttribute(u"bus"_s, bus);
    if (draft.readOnly) {
        disk.append(u"readonly"_s);
    }
    if (draft.shareable) {
        disk.append(u"shareable"_s);
    }
    if (!draft.serial.isEmpty()) {
        disk.append(u"serial"_s, draft.serial);
    }
    return disk.toXml();
}

QString nicXml(const NicDraft &draft, const QList<DevicePart> &devices)
{
    const auto document = xml::Document::create(u"interface"_s);
    Element nic = document.root();
    const QString type = draft.user ? u"user"_s : draft.bridge.isEmpty() ? u"network"_s : u"bridge"_s;
    nic.setAttribute(u"type"_s, type);
    if (!draft.mac.isEmpty()) {
        nic.append(u"mac"_s).setAttribute(u"address"_s, draft.mac);
    }
    if (!draft.user) {
        nic.append(u"source"_s).setAttribute(type, draft.bridge.isEmpty() ? draft.network : draft.bridge);
    }
    QString model = draft.model;
    if (model.isEmpty()) {
        const auto like = std::ranges::find_if(
            devices, [](const DevicePart &device) { return device.kind == "interface"_L1 && !device.model.isEmpty(); });
        model = like == devices.end() ? u"virtio"_s : like->model;
    }
    nic.append(u"model"_s).setAttribute(u"type"_s, model);
    return nic.toXml();
}

bool hasScsiController(const QList<DevicePart> &devices)
{
    return std::ranges::any_of(
        devices, [](const DevicePart &device) { return device.kind == "controller"_L1 && device.type == "scsi"_L1; });
}

Result<QString> withDisk(const xml::Document &domain, XmlText text, const DiskDraft &draft)
{
    const QList<DevicePart> devices = devicesOf(domain);
    const auto isTaken = [&devices](const QString &target) {
        return std::ranges::any_of(devices,
            [&target](const DevicePart &device) { return device.kind == "disk"_L1 && device.identity == target; });
    };
    QString bus = draft.bus.isEmpty() ? busOf(draft.target) : draft.bus;
    if (bus.isEmpty()) {
        bus = defaultBus(domain, devices, draft.cdrom);
        if (!draft.target.isEmpty() && prefixOf(bus) != "sd"_L1) { // "sdb" is no virtio disk
            bus = u"scsi"_s;
        }
    }
    QString target = draft.target;
    for (int i = 0; target.isEmpty(); ++i) {
        const QString next = targetName(prefixOf(bus), i);
        target = isTaken(next) ? QString() : next;
    }
    if (isTaken(target) && !draft.target.isEmpty()) {
        return fail({Error::Kind::Invalid, DeviceChangeText::tr("The target %1 is used already.").arg(target),
            DeviceChangeText::tr("Leave it out: the next free one is taken."), 0, 0});
    }
    if (bus == "scsi"_L1 && !hasScsiController(devices)) {
        const auto controller = xml::Document::create(u"controller"_s);
        Element root = controller.root();
        root.setAttribute(u"type"_s, u"scsi"_s);
        root.setAttribute(u"index"_s, u"0"_s);
        root.setAttribute(u"model"_s, u"virtio-scsi"_s);
        if (const auto added = text.insert(u"devices"_s, root.toXml()); !added) {
            return fail(added.error());
        }
    }
    if (const auto added = text.insert(u"devices"_s, diskXml(draft, target, bus)); !added) {
        return fail(added.error());
    }
    return text.toString();
}

bool matches(const Element &disk, const DiskDraft &draft)
{
    const Element source = disk.child(u"source"_s);
    if (!draft.target.isEmpty() && disk.child(u"target"_s).attribute(u"dev"_s) != draft.target) {
        return false;
    }
    switch (draft.source) {
    case DiskDraft::Source::None:
        return true;
    case DiskDraft::Source::File:
    case DiskDraft::Source::Block:
        return source.attribute(u"file"_s) == draft.path || source.attribute(u"dev"_s) == draft.path;
    case DiskDraft::Source::Volume:
        return source.attribute(u"pool"_s) == draft.pool && source.attribute(u"volume"_s) == draft.volume;
    case DiskDraft::Source::Network:
        return source.attribute(u"protocol"_s) == draft.protocol && source.attribute(u"name"_s) == draft.name;
    }
    return false;
}

bool matches(const Element &nic, const NicDraft &draft)
{
    const Element source = nic.child(u"source"_s);
    return (draft.mac.isEmpty() || nic.child(u"mac"_s).attribute(u"address"_s).toLower() == draft.mac)
        && (draft.network.isEmpty() || source.attribute(u"network"_s) == draft.network)
        && (draft.bridge.isEmpty() || source.attribute(u"bridge"_s) == draft.bridge)
        && (!draft.user || nic.attribute(u"type"_s) == "user"_L1)
        && (draft.model.isEmpty() || nic.child(u"model"_s).attribute(u"type"_s) == draft.model);
}

/** Vireo's own metadata element, made when it is missing. */
ElementPath ownMetadata(XmlText &text)
{
    const QString uri = QString::fromLatin1(xml::MetadataNamespace);
    const ElementPath metadata(u"metadata"_s);
    if (const auto found = text.findNamespaced(metadata, u"domain"_s, uri)) {
        return *found;
    }
    const ElementPath own = metadata.child(u"vireo:domain"_s);
    text.setAttribute(own, u"xmlns:vireo"_s, uri);
    return own;
}

void setTags(XmlText &text, const QStringList &tags)
{
    const ElementPath own = ownMetadata(text);
    const QString name = own.parts().constLast().name;
    const QString prefix = name.contains(u':') ? name.section(u':', 0, 0) + u':' : QString();
    const ElementPath list = own.child(prefix + u"tags"_s);
    text.remove(list);
    for (qsizetype i = 0; i < tags.size(); ++i) {
        text.setText(list.child(prefix + u"tag"_s, static_cast<int>(i)), tags.at(i));
    }
}

} // namespace

Result<QString> withDevice(const QString &definition, const DeviceDraft &draft)
{
    const auto domain = xml::Document::parse(definition);
    auto text = XmlText::parse(definition);
    if (!domain || !text) {
        return fail(domain ? text.error() : domain.error());
    }
    if (draft.disk) {
        return withDisk(*domain, *std::move(text), *draft.disk);
    }
    const auto added = text->insert(u"devices"_s, nicXml(draft.nic.value_or(NicDraft()), devicesOf(*domain)));
    return added ? Result<QString>(text->toString()) : fail(added.error());
}

Result<QString> withoutDevice(const QString &definition, const DeviceDraft &draft)
{
    const auto domain = xml::Document::parse(definition);
    auto text = XmlText::parse(definition);
    if (!domain || !text) {
        return fail(domain ? text.error() : domain.error());
    }
    const QString kind = draft.disk ? u"disk"_s : u"interface"_s;
    const QList<Element> devices = domain->root().child(u"devices"_s).children(kind);
    QList<int> found;
    for (int i = 0; i < devices.size(); ++i) {
        if (draft.disk ? matches(devices.at(i), *draft.disk) : matches(devices.at(i), draft.nic.value_or(NicDraft()))) {
            found << i;
        }
    }
    if (found.size() != 1) {
        const QString what = draft.disk ? DeviceChangeText::tr("disk") : DeviceChangeText::tr("network card");
        return fail(found.isEmpty()
                ? Error{Error::Kind::NotFound, DeviceChangeText::tr("The VM has no such %1.").arg(what), {}, 0, 0}
                : Error{Error::Kind::Invalid, DeviceChangeText::tr("The VM has several such devices: %1.").arg(what),
                      DeviceChangeText::tr("Name its target or its MAC address."), 0, 0});
    }
    text->remove(ElementPath(u"devices"_s).child(kind, found.constFirst()));
    return text->toString();
}

Result<QString> withTexts(const QString &definition, const TextsDraft &texts)
{
    auto text = XmlText::parse(definition);
    if (!text) {
        return fail(text.error());
    }
    const auto set = [&text](const QString &name, const std::optional<QString> &value) {
        if (value && value->isEmpty()) {
            text->remove(name);
        } else if (value) {
            text->setText(name, *value);
        }
    };
    set(u"title"_s, texts.title);
    set(u"description"_s, texts.description);
    if (texts.tags) {
        setTags(*text, *texts.tags);
    }
    return text->toString();
}

} // namespace vireo::operation
