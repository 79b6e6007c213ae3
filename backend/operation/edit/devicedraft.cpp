// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/edit/devicedraft.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QRegularExpression>

#include "backend/operation/draftreader.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct DeviceDraftText {
    Q_DECLARE_TR_FUNCTIONS(operation_deviceDraft)
};

using Errors = QList<DraftError>;
constexpr quint64 maxPort = 65535;

const QStringList &protocols()
{
    static const QStringList names{u"nbd"_s, u"rbd"_s, u"iscsi"_s, u"sheepdog"_s, u"gluster"_s, u"http"_s, u"https"_s,
        u"ftp"_s, u"ftps"_s, u"tftp"_s, u"ssh"_s, u"nfs"_s};
    return names;
}

/** An object within the draft; nothing when the key is missing or no object, which is said. */
std::optional<QJsonObject> object(DraftReader &reader, const QString &key)
{
    const QJsonValue found = reader.value(key);
    if (found.isUndefined()) {
        return std::nullopt;
    }
    if (!found.isObject()) {
        reader.error(key, DeviceDraftText::tr("An object is needed."));
        return std::nullopt;
    }
    return found.toObject();
}

/** "protocol:name", as nova writes it, or an object with the server. */
void readNetwork(DraftReader &reader, DiskDraft &disk, Errors &errors)
{
    const QString key = u"network"_s;
    const QJsonValue found = reader.value(key);
    if (found.isString()) {
        const QString text = found.toString();
        disk.protocol = text.section(u':', 0, 0);
        disk.name = text.section(u':', 1);
        if (!protocols().contains(disk.protocol) || disk.name.isEmpty()) {
            reader.error(key,
                DeviceDraftText::tr("PROTOCOL:NAME is needed, with one of these protocols: %1.")
                    .arg(protocols().join(u", "_s)));
        }
        return;
    }
    if (!found.isObject()) {
        reader.error(key, DeviceDraftText::tr("An object is needed."));
        return;
    }
    DraftReader inner(found.toObject(), reader.pathOf(key), errors);
    disk.protocol = inner.choice(u"protocol"_s, protocols(), {});
    disk.name = inner.text(u"name"_s);
    disk.host = inner.text(u"host"_s);
    disk.port = static_cast<int>(inner.count(u"port"_s, 0, maxPort));
    disk.socket = inner.text(u"socket"_s);
    if (!disk.socket.isEmpty() && !disk.host.isEmpty()) {
        inner.error(u"socket"_s, DeviceDraftText::tr("Either a host or a socket."));
    }
    if (disk.port != 0 && disk.host.isEmpty()) {
        inner.error(u"port"_s, DeviceDraftText::tr("A port needs a host."));
    }
}

void readPath(DraftReader &reader, const QString &key, DiskDraft &disk)
{
    disk.path = reader.text(key, true);
    if (!disk.path.isEmpty() && !disk.path.startsWith(u'/')) {
        reader.error(key, DeviceDraftText::tr("A path of the host is needed that begins with “/”."));
    }
}

DiskDraft readDisk(const QJsonObject &json, const QString &path, bool attach, Errors &errors)
{
    DiskDraft disk;
    DraftReader reader(json, path, errors);
    int sources = 0;
    if (reader.has(u"path"_s)) {
        readPath(reader, u"path"_s, disk);
        // As nova: what lies in /dev is a block device.
        disk.source = disk.path.startsWith("/dev/"_L1) ? DiskDraft::Source::Block : DiskDraft::Source::File;
        ++sources;
    }
    if (reader.has(u"block"_s)) {
        readPath(reader, u"block"_s, disk);
        disk.source = DiskDraft::Source::Block;
        ++sources;
    }
    if (reader.has(u"volume"_s)) {
        if (const auto volume = object(reader, u"volume"_s)) {
            DraftReader inner(*volume, reader.pathOf(u"volume"_s), errors);
            disk.pool = inner.text(u"pool"_s, true);
            disk.volume = inner.text(u"name"_s, true);
        }
        disk.source = DiskDraft::Source::Volume;
        ++sources;
    }
    if (reader.has(u"network"_s)) {
        readNetwork(reader, disk, errors);
        disk.source = DiskDraft::Source::Network;
        ++sources;
    }
    disk.target = reader.text(u"target"_s);
    static const QRegularExpression targetForm(u"\\A[a-z]{2,4}[a-z]{1,3}\\z"_s);
    if (!disk.target.isEmpty() && !targetForm.match(disk.target).hasMatch()) {
        reader.error(u"target"_s, DeviceDraftText::tr("A name like “vdb” is needed."));
    }
    if (attach) {
        if (reader.has(u"bus"_s)) {
            disk.bus = reader.choice(
                u"bus"_s, {u"virtio"_s, u"scsi"_s, u"sata"_s, u"ide"_s, u"usb"_s, u"fdc"_s, u"sd"_s, u"xen"_s}, {});
        }
        if (reader.has(u"format"_s)) {
            disk.format = reader.choice(
                u"format"_s, {u"raw"_s, u"qcow2"_s, u"qed"_s, u"vmdk"_s, u"vdi"_s, u"vpc"_s, u"vhdx"_s}, {});
        }
        if (reader.has(u"cache"_s)) {
            disk.cache = reader.choice(u"cache"_s,
                {u"none"_s, u"writethrough"_s, u"writeback"_s, u"directsync"_s, u"unsafe"_s, u"default"_s}, {});
        }
        disk.cdrom = reader.choice(u"device"_s, {u"disk"_s, u"cdrom"_s}, u"disk"_s) == "cdrom"_L1;
        disk.serial = reader.text(u"serial"_s);
        disk.readOnly = reader.flag(u"readonly"_s, disk.cdrom);
        disk.shareable = reader.flag(u"shareable"_s, false);
    }
    if (sources > 1) {
        reader.error(DeviceDraftText::tr("Only one of these is possible: path, block, volume, network."));
    } else if (sources == 0 && attach && !disk.cdrom) {
        reader.error(DeviceDraftText::tr("One of these is needed: path, block, volume, network."));
    } else if (sources == 0 && !attach && disk.target.isEmpty()) {
        reader.error(DeviceDraftText::tr("One of these is needed: target, path, block, volume, network."));
    }
    return disk;
}

NicDraft readNic(const QJsonObject &json, const QString &path, bool attach, Errors &errors)
{
    NicDraft nic;
    DraftReader reader(json, path, errors);
    nic.network = reader.text(u"network"_s);
    nic.bridge = reader.text(u"bridge"_s);
    nic.user = reader.flag(u"user"_s, false);
    nic.model = reader.text(u"model"_s);
    nic.mac = reader.text(u"mac"_s).toLower();
    static const QRegularExpression macForm(u"\\A[0-9a-f]{2}(:[0-9a-f]{2}){5}\\z"_s);
    if (!nic.mac.isEmpty() && (!macForm.match(nic.mac).hasMatch() || nic.mac.left(2).toInt(nullptr, 16) % 2 == 1)) {
        reader.error(u"mac"_s, DeviceDraftText::tr("An address like “52:54:00:12:34:56” is needed."));
    }
    const int sources = int(!nic.network.isEmpty()) + int(!nic.bridge.isEmpty()) + int(nic.user);
    if (sources > 1 || (attach && sources == 0)) {
        reader.error(DeviceDraftText::tr("One of these is needed: network, bridge, user."));
    } else if (!attach && sources == 0 && nic.mac.isEmpty() && nic.model.isEmpty()) {
        reader.error(DeviceDraftText::tr("One of these is needed: mac, network, bridge, user, model."));
    }
    return nic;
}

} // namespace

DeviceDraft readDeviceDraft(DraftReader &reader, bool attach, Errors &errors)
{
    DeviceDraft draft;
    draft.attach = attach;
    if (const auto disk = object(reader, u"disk"_s)) {
        draft.disk = readDisk(*disk, reader.pathOf(u"disk"_s), attach, errors);
    }
    if (const auto nic = object(reader, u"nic"_s)) {
        draft.nic = readNic(*nic, reader.pathOf(u"nic"_s), attach, errors);
    }
    if (reader.has(u"disk"_s) == reader.has(u"nic"_s)) {
        reader.error(DeviceDraftText::tr("Either “disk” or “nic” is needed."));
    }
    return draft;
}

} // namespace vireo::operation
