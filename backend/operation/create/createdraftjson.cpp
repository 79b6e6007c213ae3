// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// A create draft written as its document; what has its default is left out where that reads better.
#include <QJsonArray>

#include "backend/operation/create/createwords.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

constexpr quint64 mib = 1024 * 1024;
constexpr quint64 gib = 1024 * mib;

void put(QJsonObject &json, QLatin1StringView key, const QString &text)
{
    if (!text.isEmpty()) {
        json.insert(key, text);
    }
}

QJsonObject volumeToJson(const CreateDraft::Volume &volume)
{
    return {{u"pool"_s, volume.pool}, {u"name"_s, volume.name}};
}

QJsonObject sourceToJson(const CreateDraft &draft)
{
    QJsonObject json{{u"kind"_s, wordOf(sourceWords, draft.source)}};
    if (draft.volume) {
        json.insert("volume"_L1, volumeToJson(*draft.volume));
    } else {
        put(json, "path"_L1, draft.path);
    }
    put(json, "kernel"_L1, draft.kernel.kernel);
    put(json, "initrd"_L1, draft.kernel.initrd);
    put(json, "cmdline"_L1, draft.kernel.cmdline);
    put(json, "dtb"_L1, draft.kernel.dtb);
    put(json, "format"_L1, draft.imageFormat);
    if (draft.adoptChain) {
        json.insert("adopt_chain"_L1, true);
    }
    return json;
}

QJsonObject diskToJson(const CreateDraft::Disk &disk)
{
    QJsonObject json{{u"kind"_s, wordOf(diskWords, disk.kind)}};
    if (disk.kind == CreateDraft::DiskKind::Volume) {
        json.insert("volume"_L1, volumeToJson(disk.volume));
    } else if (disk.bytes % gib == 0) {
        json.insert("gib"_L1, static_cast<qint64>(disk.bytes / gib));
    } else {
        json.insert("mib"_L1, double(disk.bytes) / double(mib));
    }
    put(json, "fs"_L1, disk.fs);
    put(json, "label"_L1, disk.label);
    put(json, "format"_L1, disk.format);
    put(json, "bus"_L1, disk.bus);
    put(json, "cache"_L1, disk.cache);
    put(json, "discard"_L1, disk.discard);
    put(json, "serial"_L1, disk.serial);
    return json;
}

QJsonObject nicToJson(const CreateDraft::Nic &nic)
{
    QJsonObject json;
    switch (nic.kind) {
    case CreateDraft::NicKind::Network:
        json.insert("network"_L1, nic.source);
        break;
    case CreateDraft::NicKind::Bridge:
        json.insert("bridge"_L1, nic.source);
        break;
    case CreateDraft::NicKind::Macvtap:
        json.insert("macvtap"_L1, nic.source);
        break;
    case CreateDraft::NicKind::User:
        json.insert("user"_L1, true);
        break;
    }
    put(json, "model"_L1, nic.model);
    put(json, "mac"_L1, nic.mac);
    return json;
}

void putHardware(QJsonObject &json, const CreateDraft &draft)
{
    json.insert("memory_mib"_L1, static_cast<qint64>(draft.memoryMiB));
    json.insert("vcpus"_L1, draft.vcpus);
    json.insert("copy"_L1, draft.fullCopy ? u"full"_s : u"overlay"_s);
    json.insert("graphics"_L1, wordOf(graphicsWords, draft.graphics));
    if (draft.maxMemoryMiB > 0) {
        json.insert("max_memory_mib"_L1, static_cast<qint64>(draft.maxMemoryMiB));
    }
    if (draft.maxVcpus > 0) {
        json.insert("max_vcpus"_L1, draft.maxVcpus);
    }
    if (draft.topology.isSet()) {
        json.insert("topology"_L1,
            QJsonObject{{u"sockets"_s, draft.topology.sockets}, {u"cores"_s, draft.topology.cores},
                {u"threads"_s, draft.topology.threads}});
    }
    put(json, "cpu"_L1, draft.cpu);
    if (draft.rootGiB) {
        json.insert("root_gib"_L1, *draft.rootGiB);
    }
    put(json, "root_bus"_L1, draft.rootBus);
    QJsonArray disks;
    for (const CreateDraft::Disk &disk : draft.disks) {
        disks.append(diskToJson(disk));
    }
    if (!disks.isEmpty()) {
        json.insert("disks"_L1, disks);
    }
    QJsonArray nics;
    for (const CreateDraft::Nic &nic : draft.nics) {
        nics.append(nicToJson(nic));
    }
    if (!nics.isEmpty()) {
        json.insert("nics"_L1, nics);
    }
    if (draft.virtType != CreateDraft::VirtType::Auto) {
        json.insert("virt"_L1, wordOf(virtWords, draft.virtType));
    }
    put(json, "machine"_L1, draft.machine);
    if (draft.firmware != CreateDraft::Firmware::Auto) {
        json.insert("firmware"_L1, wordOf(firmwareWords, draft.firmware));
    }
    if (draft.tpm) {
        json.insert("tpm"_L1, *draft.tpm);
    }
    put(json, "listen"_L1, draft.listen);
    const std::initializer_list<std::pair<QLatin1StringView, bool>> devices{
        {"agent"_L1, draft.agent}, {"rng"_L1, draft.rng}, {"balloon"_L1, draft.balloon}};
    for (const auto &[key, on] : devices) {
        if (!on) {
            json.insert(key, false);
        }
    }
    put(json, "os"_L1, draft.os);
    if (draft.seed) {
        json.insert("seed"_L1, *draft.seed);
    }
    if (draft.customXml) {
        json.insert("custom_xml"_L1, *draft.customXml);
    }
}

} // namespace

QJsonObject CreateDraft::toJson() const
{
    QJsonObject json{{u"operation"_s, u"create"_s}, {u"host"_s, host}, {u"name"_s, name},
        {u"source"_s, sourceToJson(*this)}, {u"pool"_s, pool}, {u"start"_s, start}, {u"autostart"_s, autostart}};
    if (count > 1) {
        json.insert("count"_L1, count);
    }
    if (source != SourceKind::Xml) {
        putHardware(json, *this);
    }
    if (paused) {
        json.insert("paused"_L1, true);
    }
    put(json, "title"_L1, title);
    put(json, "description"_L1, description);
    if (!tags.isEmpty()) {
        json.insert("tags"_L1, QJsonArray::fromStringList(tags));
    }
    return json;
}

} // namespace vireo::operation
