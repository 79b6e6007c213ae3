// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// A create draft read from its document. Its other direction is createdraftjson.cpp.
#include "backend/operation/create/createdraft.h"

#include <cmath>
#include <limits>

#include <QCoreApplication>
#include <QRegularExpression>

#include "backend/operation/create/createwords.h"
#include "backend/operation/draftreader.h"
#include "backend/seed/seeddraft.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = CreateDraft::SourceKind;
using Errors = QList<DraftError>;

struct CreatedraftText {
    Q_DECLARE_TR_FUNCTIONS(operation_CreateDraft)
};

constexpr quint64 maxMemoryMiB = 64ULL * 1024 * 1024;
constexpr quint64 maxVcpus = 4096;
constexpr double maxGiB = 1024.0 * 1024;
constexpr double gib = 1024.0 * 1024 * 1024;
constexpr double mib = 1024.0 * 1024;

/** A word that goes into an attribute: a model, a bus, a machine. */
QString word(DraftReader &reader, const QString &key)
{
    static const QRegularExpression pattern(u"^[a-zA-Z0-9][a-zA-Z0-9_.+-]*$"_s);
    QString text = reader.text(key);
    if (!text.isEmpty() && !pattern.match(text).hasMatch()) {
        reader.error(key, CreatedraftText::tr("That can't be such a name."));
        return {};
    }
    return text;
}

std::optional<double> size(DraftReader &reader, const QString &key, double maximum, bool zeroAllowed)
{
    const QJsonValue found = reader.value(key);
    if (found.isUndefined()) {
        return {};
    }
    const double number = found.toDouble(-1);
    if (number < 0 || number > maximum || (number == 0 && !zeroAllowed)) {
        reader.error(key, CreatedraftText::tr("A number above 0 and up to %1 is needed.").arg(maximum, 0, 'f', 0));
        return {};
    }
    return number;
}

std::optional<CreateDraft::Volume> readVolume(DraftReader &reader, const QString &key, Errors &errors)
{
    const QJsonValue found = reader.value(key);
    if (found.isUndefined()) {
        return {};
    }
    if (!found.isObject()) {
        reader.error(key, CreatedraftText::tr("An object is needed."));
        return {};
    }
    DraftReader inner(found.toObject(), reader.pathOf(key), errors);
    CreateDraft::Volume volume{inner.text(u"pool"_s, true), inner.text(u"name"_s, true)};
    return volume;
}

void readSource(const QJsonValue &value, CreateDraft &draft, Errors &errors)
{
    const QString path = u"$.source"_s;
    if (!value.isObject()) {
        errors.append({path, CreatedraftText::tr("An object is needed.")});
        return;
    }
    DraftReader reader(value.toObject(), path, errors);
    const QString kind = reader.choice(u"kind"_s, wordsOf(sourceWords), {});
    draft.path = reader.text(u"path"_s);
    draft.volume = readVolume(reader, u"volume"_s, errors);
    draft.kernel.kernel = reader.text(u"kernel"_s);
    draft.kernel.initrd = reader.text(u"initrd"_s);
    draft.kernel.cmdline = reader.text(u"cmdline"_s);
    draft.kernel.dtb = reader.text(u"dtb"_s);
    draft.adoptChain = reader.flag(u"adopt_chain"_s, false);
    draft.imageFormat = reader.choice(u"format"_s, {u"auto"_s, u"qcow2"_s, u"raw"_s}, u"auto"_s);
    if (draft.imageFormat == "auto"_L1) {
        draft.imageFormat.clear();
    }
    if (kind.isEmpty()) {
        return;
    }
    draft.source = fromWord(sourceWords, kind, Kind::Image);
    const bool hasVolume = reader.has(u"volume"_s);
    const int given = int(!draft.path.isEmpty()) + int(hasVolume);
    const bool bare = draft.source == Kind::None || draft.source == Kind::Pxe || draft.source == Kind::Kernel;
    if (bare && given > 0) {
        reader.error(u"kind"_s, CreatedraftText::tr("“%1” goes with neither path nor volume.").arg(kind));
    } else if (draft.source == Kind::Disk && !draft.path.isEmpty()) {
        reader.error(u"path"_s, CreatedraftText::tr("An existing disk must be a volume of the host."));
    } else if ((draft.source == Kind::Tree || draft.source == Kind::Xml) && hasVolume) {
        reader.error(u"volume"_s, CreatedraftText::tr("“%1” needs a path.").arg(kind));
    } else if (!bare && given != 1) {
        reader.error(CreatedraftText::tr("Either path or volume is needed."));
    }
    const bool kernels = draft.source == Kind::Kernel;
    if (kernels && draft.kernel.kernel.isEmpty()) {
        reader.error(u"kernel"_s, CreatedraftText::tr("A value is needed."));
    }
    for (const QString &key : {u"kernel"_s, u"initrd"_s, u"dtb"_s, u"cmdline"_s}) {
        const bool fits = kernels || (draft.source == Kind::Tree && key == "cmdline"_L1);
        if (!fits && reader.has(key)) {
            reader.error(key, CreatedraftText::tr("It goes only with the kind “kernel”."));
        }
    }
    if (draft.source != Kind::Image || hasVolume) {
        if (draft.adoptChain) {
            reader.error(u"adopt_chain"_s, CreatedraftText::tr("It goes only with a local image."));
        }
        if (!draft.imageFormat.isEmpty() && draft.source != Kind::Image) {
            reader.error(u"format"_s, CreatedraftText::tr("It goes only with the kind “image”."));
        }
    }
}

void readDisk(const QJsonObject &object, const QString &path, CreateDraft &draft, Errors &errors)
{
    using DiskKind = CreateDraft::DiskKind;
    DraftReader reader(object, path, errors);
    CreateDraft::Disk disk;
    const QString kind = reader.choice(u"kind"_s, wordsOf(diskWords), {});
    disk.kind = fromWord(diskWords, kind, DiskKind::Blank);
    const auto inGiB = size(reader, u"gib"_s, maxGiB, false);
    const auto inMiB = size(reader, u"mib"_s, maxGiB * 1024, false);
    disk.bytes = static_cast<quint64>(std::ceil(inGiB.value_or(0) * gib + inMiB.value_or(0) * mib));
    disk.fs = reader.choice(u"fs"_s, {u"none"_s, u"ext4"_s, u"xfs"_s, u"vfat"_s}, u"none"_s);
    disk.label = reader.text(u"label"_s);
    disk.format = reader.choice(u"format"_s, {u"auto"_s, u"qcow2"_s, u"raw"_s}, u"auto"_s);
    const auto volume = readVolume(reader, u"volume"_s, errors);
    disk.volume = volume.value_or(CreateDraft::Volume{});
    disk.bus = word(reader, u"bus"_s);
    disk.cache = reader.choice(
        u"cache"_s, {u"auto"_s, u"none"_s, u"writeback"_s, u"writethrough"_s, u"directsync"_s, u"unsafe"_s}, u"auto"_s);
    disk.discard = reader.choice(u"discard"_s, {u"auto"_s, u"unmap"_s, u"ignore"_s}, u"auto"_s);
    disk.serial = word(reader, u"serial"_s);
    for (QString *text : {&disk.format, &disk.cache, &disk.discard}) {
        if (*text == "auto"_L1) {
            text->clear();
        }
    }
    if (disk.fs == "none"_L1) {
        disk.fs = disk.kind == DiskKind::Ephemeral ? u"ext4"_s : QString();
    }
    if (kind.isEmpty()) {
        return;
    }
    if (inGiB && inMiB) {
        reader.error(u"mib"_s, CreatedraftText::tr("Either gib or mib can be given."));
    }
    const bool existing = disk.kind == DiskKind::Volume;
    if (existing && !reader.has(u"volume"_s)) {
        reader.error(u"volume"_s, CreatedraftText::tr("A value is needed."));
    } else if (!existing && volume) {
        reader.error(u"volume"_s, CreatedraftText::tr("It goes only with the kind “volume”."));
    }
    if (existing && (inGiB || inMiB)) {
        reader.error(inGiB ? u"gib"_s : u"mib"_s, CreatedraftText::tr("An existing volume has its size."));
    } else if (!existing && disk.bytes == 0) {
        reader.error(u"gib"_s, CreatedraftText::tr("A value is needed."));
    }
    if (!disk.fs.isEmpty() && disk.kind != DiskKind::Ephemeral) {
        reader.error(u"fs"_s, CreatedraftText::tr("It goes only with the kind “ephemeral”."));
    }
    if (!disk.label.isEmpty() && disk.kind != DiskKind::Ephemeral && disk.kind != DiskKind::Swap) {
        reader.error(u"label"_s, CreatedraftText::tr("It goes only with the kinds “ephemeral” and “swap”."));
    }
    if (!disk.format.isEmpty() && disk.kind != DiskKind::Blank) {
        reader.error(u"format"_s, CreatedraftText::tr("It goes only with the kind “blank”."));
    }
    draft.disks.append(disk);
}

void readNic(const QJsonObject &object, const QString &path, CreateDraft &draft, Errors &errors)
{
    using NicKind = CreateDraft::NicKind;
    static const QRegularExpression macPattern(u"^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$"_s);
    DraftReader reader(object, path, errors);
    CreateDraft::Nic nic;
    int given = 0;
    const std::initializer_list<std::pair<QString, NicKind>> kinds{
        {u"network"_s, NicKind::Network}, {u"bridge"_s, NicKind::Bridge}, {u"macvtap"_s, NicKind::Macvtap}};
    for (const auto &[key, kind] : kinds) {
        const bool has = reader.has(key);
        const QString name = reader.text(key, has);
        if (has) {
            nic.kind = kind;
            nic.source = name;
            ++given;
        }
    }
    if (reader.flag(u"user"_s, false)) {
        nic.kind = NicKind::User;
        nic.source.clear();
        ++given;
    }
    if (given != 1) {
        reader.error(CreatedraftText::tr("Exactly one of network, bridge, macvtap and user is needed."));
    }
    nic.model = word(reader, u"model"_s);
    nic.mac = reader.text(u"mac"_s).toLower();
    if (!nic.mac.isEmpty()) {
        if (!macPattern.match(nic.mac).hasMatch()) {
            reader.error(u"mac"_s, CreatedraftText::tr("A MAC address has six bytes, as in 52:54:00:12:34:56."));
        } else if (nic.mac.left(2).toInt(nullptr, 16) & 1) {
            reader.error(u"mac"_s, CreatedraftText::tr("A network card can't have a multicast address."));
        }
    }
    draft.nics.append(nic);
}

void readCompute(DraftReader &reader, CreateDraft &draft, Errors &errors)
{
    draft.memoryMiB = reader.count(u"memory_mib"_s, draft.memoryMiB, maxMemoryMiB);
    draft.maxMemoryMiB = reader.count(u"max_memory_mib"_s, 0, maxMemoryMiB);
    draft.vcpus = static_cast<int>(reader.count(u"vcpus"_s, quint64(draft.vcpus), maxVcpus));
    draft.maxVcpus = static_cast<int>(reader.count(u"max_vcpus"_s, 0, maxVcpus));
    if (draft.maxMemoryMiB > 0 && draft.maxMemoryMiB < draft.memoryMiB) {
        reader.error(u"max_memory_mib"_s, CreatedraftText::tr("It can't be below memory_mib."));
    }
    if (draft.maxVcpus > 0 && draft.maxVcpus < draft.vcpus) {
        reader.error(u"max_vcpus"_s, CreatedraftText::tr("It can't be below vcpus."));
    }
    if (const QJsonValue found = reader.value(u"topology"_s); found.isObject()) {
        DraftReader inner(found.toObject(), reader.pathOf(u"topology"_s), errors);
        draft.topology.sockets = static_cast<int>(inner.count(u"sockets"_s, 1, maxVcpus));
        draft.topology.cores = static_cast<int>(inner.count(u"cores"_s, 1, maxVcpus));
        draft.topology.threads = static_cast<int>(inner.count(u"threads"_s, 1, maxVcpus));
    } else if (!found.isUndefined()) {
        reader.error(u"topology"_s, CreatedraftText::tr("An object is needed."));
    }
    draft.cpu = word(reader, u"cpu"_s);
    if (draft.cpu == "auto"_L1) {
        draft.cpu.clear();
    }
}

void readSystem(DraftReader &reader, CreateDraft &draft)
{
    draft.virtType =
        fromWord(virtWords, reader.choice(u"virt"_s, wordsOf(virtWords), u"auto"_s), CreateDraft::VirtType::Auto);
    draft.machine = word(reader, u"machine"_s);
    if (draft.machine == "auto"_L1) {
        draft.machine.clear();
    }
    draft.firmware = fromWord(
        firmwareWords, reader.choice(u"firmware"_s, wordsOf(firmwareWords), u"auto"_s), CreateDraft::Firmware::Auto);
    if (const QJsonValue tpm = reader.value(u"tpm"_s); tpm.isBool()) {
        draft.tpm = tpm.toBool();
    } else if (!tpm.isUndefined() && tpm != "auto"_L1) {
        reader.error(u"tpm"_s, CreatedraftText::tr("true, false or “auto” is needed."));
    }
    draft.graphics = fromWord(
        graphicsWords, reader.choice(u"graphics"_s, wordsOf(graphicsWords), u"auto"_s), CreateDraft::Graphics::Auto);
    static const QRegularExpression address(u"^[a-zA-Z0-9.:_-]+$"_s);
    draft.listen = reader.text(u"listen"_s);
    if (!draft.listen.isEmpty() && !address.match(draft.listen).hasMatch()) {
        reader.error(u"listen"_s, CreatedraftText::tr("An address is needed, as in 127.0.0.1 or ::1."));
    }
    draft.agent = reader.flag(u"agent"_s, true);
    draft.rng = reader.flag(u"rng"_s, true);
    draft.balloon = reader.flag(u"balloon"_s, true);
    draft.os = word(reader, u"os"_s);
    if (draft.os == "detected"_L1) {
        draft.os.clear();
    }
}

void readSeed(DraftReader &reader, CreateDraft &draft, Errors &errors)
{
    const QJsonValue found = reader.value(u"seed"_s);
    if (found.isUndefined() || found.isNull()) {
        return;
    }
    if (!found.isObject()) {
        reader.error(u"seed"_s, CreatedraftText::tr("An object is needed."));
        return;
    }
    const auto seed = seed::seedDraftFromJson(found.toObject(), reader.pathOf(u"seed"_s));
    if (seed) {
        draft.seed = seed->toJson();
        return;
    }
    for (const seed::Problem &problem : seed.error()) {
        errors.append({problem.path, problem.message});
    }
}

/** A definition from elsewhere says all of this itself. */
void refuseBesideXml(DraftReader &reader)
{
    for (const QString &key :
        {u"memory_mib"_s, u"max_memory_mib"_s, u"vcpus"_s, u"max_vcpus"_s, u"topology"_s, u"root_gib"_s, u"root_bus"_s,
            u"copy"_s, u"disks"_s, u"nics"_s, u"virt"_s, u"machine"_s, u"firmware"_s, u"tpm"_s, u"cpu"_s, u"graphics"_s,
            u"listen"_s, u"agent"_s, u"rng"_s, u"balloon"_s, u"os"_s, u"seed"_s, u"custom_xml"_s}) {
        if (reader.has(key)) {
            reader.error(key, CreatedraftText::tr("It does not go with the kind “xml”: the definition says it."));
        }
    }
}

} // namespace

std::expected<CreateDraft, QList<DraftError>> createDraftFromJson(const QJsonObject &json)
{
    CreateDraft draft;
    Errors errors;
    {
        DraftReader reader(json, u"$"_s, errors);
        if (const QString operation = reader.text(u"operation"_s, true);
            !operation.isEmpty() && operation != "create"_L1) {
            reader.error(u"operation"_s, CreatedraftText::tr("This is not a draft of the operation “create”."));
        }
        draft.host = reader.text(u"host"_s, true);
        draft.name = reader.text(u"name"_s, true);
        draft.count = static_cast<int>(reader.count(u"count"_s, 1, 1000));
        readSource(reader.value(u"source"_s), draft, errors);
        readCompute(reader, draft, errors);
        draft.rootGiB = size(reader, u"root_gib"_s, maxGiB, true);
        draft.rootBus = word(reader, u"root_bus"_s);
        if (reader.has(u"pool"_s)) {
            draft.pool = reader.text(u"pool"_s, true);
        }
        draft.fullCopy = reader.choice(u"copy"_s, {u"overlay"_s, u"full"_s}, u"overlay"_s) == "full"_L1;
        for (const auto &[object, path] : reader.objects(u"disks"_s)) {
            readDisk(object, path, draft, errors);
        }
        for (const auto &[object, path] : reader.objects(u"nics"_s)) {
            readNic(object, path, draft, errors);
        }
        readSystem(reader, draft);
        readSeed(reader, draft, errors);
        if (reader.has(u"custom_xml"_s)) {
            draft.customXml = reader.text(u"custom_xml"_s, true);
        }
        draft.start = reader.flag(u"start"_s, draft.start);
        draft.paused = reader.flag(u"paused"_s, draft.paused);
        draft.autostart = reader.flag(u"autostart"_s, draft.autostart);
        draft.title = reader.text(u"title"_s);
        draft.description = reader.text(u"description"_s);
        draft.tags = reader.texts(u"tags"_s);
        if (draft.source == Kind::Xml) {
            refuseBesideXml(reader);
        }
        if (draft.count > 1 && draft.customXml) {
            reader.error(u"custom_xml"_s, CreatedraftText::tr("It can be given for one VM only."));
        }
    }
    if (!errors.isEmpty()) {
        return std::unexpected(errors);
    }
    return draft;
}

QList<CreateDraft> expandDraft(const CreateDraft &draft)
{
    if (draft.count <= 1) {
        return {draft};
    }
    // "web##" counts web01, web02 …; a name without such a place gets -1, -2 …
    static const QRegularExpression places(u"#+"_s);
    const auto match = places.match(draft.name);
    QList<CreateDraft> result;
    for (int number = 1; number <= draft.count; ++number) {
        CreateDraft one = draft;
        one.count = 1;
        if (match.hasMatch()) {
            one.name.replace(match.capturedStart(), match.capturedLength(),
                QString::number(number).rightJustified(match.capturedLength(), u'0'));
        } else {
            one.name += u"-%1"_s.arg(number);
        }
        if (one.seed && one.seed->value("hostname"_L1).toString() == seed::hostnameFrom(draft.name)) {
            one.seed->insert("hostname"_L1, seed::hostnameFrom(one.name)); // it follows the name
        }
        for (CreateDraft::Nic &nic : one.nics) {
            nic.mac.clear(); // one address for many would cut all of them off
        }
        for (CreateDraft::Disk &disk : one.disks) {
            disk.serial.clear();
        }
        result.append(one);
    }
    return result;
}

} // namespace vireo::operation
