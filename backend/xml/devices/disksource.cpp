// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/devices/disksource.h"

#include <QCoreApplication>

#include "backend/xml/devices/devicenames.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

using Kind = DeviceField::Kind;

struct DiskSourceText {
    Q_DECLARE_TR_FUNCTIONS(xml_disksource)
};

QString kindOf(const DeviceContext &disk)
{
    return disk.attribute({}, u"type"_s);
}

std::function<bool(const DeviceContext &)> ifKind(const QString &kind)
{
    return [kind](const DeviceContext &disk) {
        return kindOf(disk) == kind;
    };
}

Offer kindOffer(const DeviceContext &disk)
{
    Offer offer;
    offer.add(DiskSourceText::tr("File on the host"), u"file"_s);
    offer.add(DiskSourceText::tr("Block device of the host"), u"block"_s);
    offer.add(DiskSourceText::tr("Volume of a pool"), u"volume"_s);
    offer.add(DiskSourceText::tr("Over the network"), u"network"_s);
    const QString other = kindOf(disk);
    if (!offer.values.contains(other)) {
        offer.add(other, other); // dir, nvme, vhostuser: kept as it is
    }
    return offer;
}

/** Another kind keeps what both can say, and loses what only the old one means. */
void writeKind(const DeviceEdit &edit, const QString &kind)
{
    const QString old = kindOf(edit.context());
    if (old == kind) {
        return;
    }
    const QString path = edit.context().attribute(u"source"_s, old == "block"_L1 ? u"dev"_s : u"file"_s);
    const ElementPath source = below(edit.path, u"source"_s);
    for (const QString &name : {u"file"_s, u"dev"_s, u"dir"_s, u"pool"_s, u"volume"_s, u"mode"_s, u"protocol"_s,
             u"name"_s, u"query"_s, u"tls"_s, u"tlsHostname"_s}) {
        edit.document.removeAttribute(source, name);
    }
    while (edit.document.has(below(source, u"host"_s))) {
        edit.document.remove(below(source, u"host"_s));
    }
    edit.document.remove(below(source, u"auth"_s));
    edit.document.setAttribute(edit.path, u"type"_s, kind);
    if (kind == "file"_L1 && !path.isEmpty()) {
        edit.document.setAttribute(source, u"file"_s, path);
    } else if (kind == "block"_L1 && !path.isEmpty()) {
        edit.document.setAttribute(source, u"dev"_s, path);
    } else if (kind == "network"_L1) {
        edit.document.setAttribute(source, u"protocol"_s, u"rbd"_s);
    } else if (kind == "volume"_L1) {
        // A file that a pool knows is the same as its volume.
        for (const HostVolume &volume : edit.host.volumes) {
            if (volume.path == path) {
                edit.document.setAttribute(source, u"pool"_s, volume.pool);
                edit.document.setAttribute(source, u"volume"_s, volume.name);
                return;
            }
        }
        if (!edit.host.vocabulary.pools.isEmpty()) {
            edit.document.setAttribute(source, u"pool"_s, edit.host.vocabulary.pools.constFirst());
        }
    }
    const int element = edit.document.find(source);
    if (element >= 0 && edit.document.tree().node(element).attributeCount == 0
        && edit.document.tree().children(element).isEmpty()) {
        edit.remove(u"source"_s);
    }
}

Offer pathOffer(const DeviceContext &disk)
{
    const bool block = kindOf(disk) == "block"_L1;
    Offer offer;
    for (const HostVolume &volume : disk.host.volumes) {
        if (volume.path.startsWith("/dev/"_L1) == block) {
            offer.add({volume.path});
        }
    }
    return offer;
}

/** The format of a volume follows from what its pool says: it is never left to guessing. */
void takeFormat(const DeviceEdit &edit, const QString &format)
{
    const QString known = format == "iso"_L1 ? u"raw"_s : format;
    if (known == "raw"_L1 || known == "qcow2"_L1) {
        edit.document.setAttribute(below(edit.path, u"driver"_s), u"type"_s, known);
    }
}

void writePath(const DeviceEdit &edit, const QString &attribute, const QString &path)
{
    edit.setAttribute(u"source"_s, attribute, path);
    for (const HostVolume &volume : edit.host.volumes) {
        if (volume.path == path) {
            takeFormat(edit, volume.format);
        }
    }
}

void writeVolume(const DeviceEdit &edit, const QString &name)
{
    const QString pool = edit.context().attribute(u"source"_s, u"pool"_s);
    edit.setAttribute(u"source"_s, u"volume"_s, name);
    for (const HostVolume &volume : edit.host.volumes) {
        if (volume.pool == pool && volume.name == name) {
            takeFormat(edit, volume.format);
        }
    }
}

QString locationProblem(const DeviceContext &disk, bool optional)
{
    const QString location = diskLocation(disk);
    if (location.isEmpty() || location.endsWith(u'/')) {
        return optional && location.isEmpty() ? QString() : DiskSourceText::tr("Say where the data is.");
    }
    const QString kind = kindOf(disk);
    if ((kind == "file"_L1 || kind == "block"_L1) && !location.startsWith(u'/')) {
        return DiskSourceText::tr("A path of the host begins with /.");
    }
    const bool shared = disk.has(u"shareable"_s) || disk.has(u"readonly"_s);
    const QList<ElementPath> disks = devicesOf(disk.document, u"disk"_s);
    for (const ElementPath &other : disks) {
        const DeviceContext each{disk.document, other, disk.host, disk.running};
        if (!(other == disk.path) && !shared && diskLocation(each) == location) {
            return DiskSourceText::tr("%1 of this VM has it already.").arg(each.attribute(u"target"_s, u"dev"_s));
        }
    }
    const QStringList users = disk.host.diskUsers.value(location);
    if (!users.isEmpty() && !shared) {
        return DiskSourceText::tr(
            "%1 has this as a disk. Two VMs that write to it destroy it: choose another, or mark it shareable.")
            .arg(users.join(u", "_s));
    }
    return {};
}

} // namespace

QString diskLocation(const DeviceContext &disk)
{
    const QString kind = kindOf(disk);
    if (kind == "block"_L1) {
        return disk.attribute(u"source"_s, u"dev"_s);
    }
    if (kind == "volume"_L1) {
        const QString pool = disk.attribute(u"source"_s, u"pool"_s);
        return pool.isEmpty() ? QString() : pool + u'/' + disk.attribute(u"source"_s, u"volume"_s);
    }
    if (kind == "network"_L1) {
        const QString name = disk.attribute(u"source"_s, u"name"_s);
        const QString protocol = disk.attribute(u"source"_s, u"protocol"_s);
        return name.isEmpty() && protocol != "nbd"_L1 ? QString() : protocol + u':' + name;
    }
    return disk.attribute(u"source"_s, kind == "dir"_L1 ? u"dir"_s : u"file"_s);
}

QList<DeviceField> diskSourceFields(bool mediumOptional, const QString &frozen)
{
    const auto problem = [mediumOptional](const DeviceContext &disk) {
        return locationProblem(disk, mediumOptional);
    };
    Offer protocols;
    for (const QString &protocol : {u"rbd"_s, u"iscsi"_s, u"nbd"_s, u"nfs"_s, u"gluster"_s, u"ssh"_s, u"http"_s,
             u"https"_s, u"ftp"_s, u"ftps"_s, u"tftp"_s, u"sheepdog"_s, u"vxhs"_s}) {
        protocols.add({protocol});
    }
    const auto network = ifKind(u"network"_s);
    const auto volume = ifKind(u"volume"_s);
    return {
        FieldMaker(Kind::Choice, u"source"_s, DiskSourceText::tr("S&ource"), {}, u"type"_s)
            .offering(kindOffer)
            .writes(writeKind)
            .frozen(frozen),
        FieldMaker(Kind::Suggest, u"file"_s, DiskSourceText::tr("&File"), u"source"_s, u"file"_s)
            .offering(pathOffer)
            .writes([](const DeviceEdit &edit, const QString &value) { writePath(edit, u"file"_s, value); })
            .shownIf(ifKind(u"file"_s))
            .checked(problem)
            .frozen(frozen),
        FieldMaker(Kind::Suggest, u"block"_s, DiskSourceText::tr("&Device"), u"source"_s, u"dev"_s)
            .offering(pathOffer)
            .writes([](const DeviceEdit &edit, const QString &value) { writePath(edit, u"dev"_s, value); })
            .shownIf(ifKind(u"block"_s))
            .checked(problem)
            .frozen(frozen),
        FieldMaker(Kind::Suggest, u"pool"_s, DiskSourceText::tr("&Pool"), u"source"_s, u"pool"_s)
            .offering([](const DeviceContext &disk) {
                Offer offer;
                offer.add(disk.host.vocabulary.pools);
                return offer;
            })
            .shownIf(volume)
            .frozen(frozen),
        FieldMaker(Kind::Suggest, u"volume"_s, DiskSourceText::tr("&Volume"), u"source"_s, u"volume"_s)
            .offering([](const DeviceContext &disk) {
                Offer offer;
                offer.add(disk.host.vocabulary.volumes.value(disk.attribute(u"source"_s, u"pool"_s)));
                return offer;
            })
            .writes(writeVolume)
            .shownIf(volume)
            .checked(problem)
            .frozen(frozen),
        FieldMaker(Kind::Choice, u"protocol"_s, DiskSourceText::tr("&Protocol"), u"source"_s, u"protocol"_s)
            .offering(protocols)
            .shownIf(network)
            .frozen(frozen),
        FieldMaker(Kind::Text, u"location"_s, DiskSourceText::tr("&Name"), u"source"_s, u"name"_s)
            .hinted(DiskSourceText::tr("Pool and image, export, or path, as the protocol names it."))
            .shownIf(network)
            .checked(problem)
            .frozen(frozen),
        FieldMaker(Kind::Text, u"host"_s, DiskSourceText::tr("&Host"), u"source/host"_s, u"name"_s)
            .shownIf(network)
            .frozen(frozen),
        FieldMaker(Kind::Number, u"port"_s, DiskSourceText::tr("Por&t"), u"source/host"_s, u"port"_s)
            .range(1, 65535)
            .unset(DiskSourceText::tr("The protocol's own"))
            .shownIf(network)
            .frozen(frozen),
    };
}

} // namespace vireo::xml::devices
