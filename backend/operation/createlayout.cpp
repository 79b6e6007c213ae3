// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/createlayout.h"

#include <algorithm>
#include <cmath>

#include <QFileInfo>

#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = CreateDraft::SourceKind;

constexpr double gib = 1024.0 * 1024 * 1024;
constexpr quint64 sector = 512;

QString libvirtFormat(image::Format format)
{
    return format == image::Format::Qcow2 ? u"qcow2"_s : format == image::Format::Iso ? u"iso"_s : u"raw"_s;
}

/** web01.qcow2, then web01-2.qcow2 …: what lies in the pool is never taken over. */
QString freeVolumeName(const QString &stem, const QString &suffix, const CreateFacts &facts)
{
    const auto taken = [&facts](const QString &name) {
        return std::ranges::any_of(facts.volumes, [&name](const auto &volume) { return volume.name == name; });
    };
    QString name = stem + suffix;
    for (int number = 2; taken(name); ++number) {
        name = u"%1-%2%3"_s.arg(stem).arg(number).arg(suffix);
    }
    return name;
}

const virt::storage::Volume *volumeNamed(const QString &name, const CreateFacts &facts)
{
    const auto found = std::ranges::find(facts.volumes, name, &virt::storage::Volume::name);
    return found == facts.volumes.end() ? nullptr : &*found;
}

/** The file grows while it is uploaded, so a volume is complete when it is as long as the file. */
bool isComplete(const virt::storage::Volume &volume, const CreateLayout &layout, quint64 size)
{
    return layout.pretend || (volume.physical ? volume.physical : volume.capacity) == size;
}

/** The volume for an ISO: the same name with the same length is taken for the same medium. */
CreateLayout::Upload mediumUpload(const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
{
    const QFileInfo info(draft.path);
    QString stem = info.completeBaseName();
    while (stem.startsWith(u'.') || stem.startsWith(u'-')) {
        stem.remove(0, 1);
    }
    if (stem.isEmpty()) {
        stem = draft.name;
    }
    const QString suffix = info.suffix().isEmpty() ? QString() : u'.' + info.suffix();
    CreateLayout::Upload upload{stem + suffix, u"iso"_s, true, false};
    if (const auto *existing = volumeNamed(upload.name, facts)) {
        upload.complete = isComplete(*existing, layout, facts.image->fileSize);
        if (!upload.complete) {
            upload.name = freeVolumeName(stem, suffix, facts);
        }
    }
    return upload;
}

} // namespace

const virt::storage::Pool *poolOf(const CreateDraft &draft, const CreateFacts &facts)
{
    const auto found = std::ranges::find(facts.pools, draft.pool, &virt::storage::Pool::name);
    return found == facts.pools.end() ? nullptr : &*found;
}

quint64 sourceSize(const CreateFacts &facts)
{
    if (facts.image) {
        return facts.image->virtualSize;
    }
    return facts.sourceVolume ? facts.sourceVolume->capacity : 0;
}

CreateLayout layoutOf(const CreateDraft &draft, const CreateFacts &facts)
{
    CreateLayout layout;
    layout.pretend = facts.hostInfo.hypervisor == "TEST"_L1;
    const virt::storage::Pool *pool = poolOf(draft, facts);
    layout.poolMissing = !pool;
    layout.poolInactive = pool && !pool->active;
    layout.target = pool ? pool->targetPath : facts.defaultPoolTarget;
    while (layout.target.size() > 1 && layout.target.endsWith(u'/')) {
        layout.target.chop(1);
    }
    const auto pathOf = [&layout](const QString &name) {
        return layout.target + u'/' + name;
    };

    const bool medium = draft.source == Kind::Iso || (facts.image && facts.image->isInstallMedium());
    const quint64 wanted = draft.rootGiB ? static_cast<quint64>(std::ceil(*draft.rootGiB * gib / sector)) * sector : 0;
    const quint64 size = (sourceSize(facts) + sector - 1) / sector * sector;
    layout.rootFormat = u"qcow2"_s;
    layout.rootCapacity = medium || draft.source == Kind::None ? wanted : std::max(wanted, size);

    if (draft.source == Kind::Disk) {
        if (facts.sourceVolume) {
            layout.rootPath = facts.sourceVolume->path;
            layout.rootFormat = facts.sourceVolume->format;
        }
        return layout;
    }
    if (medium) {
        if (facts.image) {
            layout.upload = mediumUpload(draft, facts, layout);
            layout.mediumPath = pathOf(layout.upload->name);
        } else if (facts.sourceVolume) {
            layout.mediumPath = facts.sourceVolume->path;
        }
    } else if (facts.image && draft.fullCopy) {
        layout.rootFormat = libvirtFormat(facts.image->format);
        layout.rootIsUpload = true;
    } else if (facts.image) {
        const QString format = libvirtFormat(facts.image->format);
        layout.upload = CreateLayout::Upload{
            u"vireo-base-%1.%2"_s.arg(facts.imageDigest.left(16), format == "qcow2"_L1 ? u"qcow2"_s : u"img"_s), format,
            true, false};
        const auto *existing = volumeNamed(layout.upload->name, facts);
        layout.upload->complete = existing && isComplete(*existing, layout, facts.image->fileSize);
        layout.backingPath = pathOf(layout.upload->name);
        layout.backingFormat = format;
    } else if (facts.sourceVolume) {
        layout.backingPath = facts.sourceVolume->path;
        layout.backingFormat = facts.sourceVolume->format;
    }
    if (layout.rootCapacity > 0) {
        layout.rootName = freeVolumeName(draft.name, layout.rootFormat == "qcow2"_L1 ? u".qcow2"_s : u".img"_s, facts);
        layout.rootPath = pathOf(layout.rootName);
        if (layout.rootIsUpload) {
            layout.upload = CreateLayout::Upload{layout.rootName, layout.rootFormat, false, false};
        }
    }
    return layout;
}

QString volumeXml(const QString &name, const QString &format, quint64 capacity, const QString &backingPath,
    const QString &backingFormat)
{
    auto document = xml::Document::create(u"volume"_s);
    xml::Element root = document.root();
    root.setAttribute(u"type"_s, u"file"_s);
    root.append(u"name"_s, name);
    root.append(u"capacity"_s, QString::number(capacity)).setAttribute(u"unit"_s, u"bytes"_s);
    root.append(u"allocation"_s, u"0"_s).setAttribute(u"unit"_s, u"bytes"_s);
    xml::Element target = root.append(u"target"_s);
    target.append(u"format"_s).setAttribute(u"type"_s, format);
    // Images may hold secrets: nobody but the owner reads them.
    target.append(u"permissions"_s).append(u"mode"_s, u"0600"_s);
    if (!backingPath.isEmpty()) {
        xml::Element backing = root.append(u"backingStore"_s);
        backing.append(u"path"_s, backingPath);
        // Always said, never probed: a guest that writes an image header into its disk must not be believed.
        backing.append(u"format"_s).setAttribute(u"type"_s, backingFormat);
    }
    return document.toString();
}

QString poolXml(const QString &name, const QString &target)
{
    auto document = xml::Document::create(u"pool"_s);
    xml::Element root = document.root();
    root.setAttribute(u"type"_s, u"dir"_s);
    root.append(u"name"_s, name);
    root.append(u"target"_s).append(u"path"_s, target);
    return document.toString();
}

} // namespace vireo::operation
