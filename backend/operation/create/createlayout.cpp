// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create/createlayout.h"

#include <algorithm>
#include <cmath>

#include <QFileInfo>

#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = CreateDraft::SourceKind;
using Upload = CreateLayout::Upload;
using RootKind = CreateLayout::RootKind;

constexpr double gib = 1024.0 * 1024 * 1024;
constexpr quint64 sector = 512;
// 64 bits of the digest: enough for names in one pool, short enough to be read out.
constexpr qsizetype digestChars = 16;

QString libvirtFormat(image::Format format)
{
    return format == image::Format::Qcow2 ? u"qcow2"_s : format == image::Format::Iso ? u"iso"_s : u"raw"_s;
}

QString suffixOf(const QString &format)
{
    return format == "qcow2"_L1 ? u".qcow2"_s : u".img"_s;
}

const virt::storage::Volume *volumeNamed(const QString &name, const CreateFacts &facts)
{
    const auto found = std::ranges::find(facts.volumes, name, &virt::storage::Volume::name);
    return found == facts.volumes.end() ? nullptr : &*found;
}

/** Works the layout out step by step; the volumes named so far count as taken. */
class Builder final
{
    Q_DISABLE_COPY_MOVE(Builder)

public:
    Builder(const CreateDraft &draft, const CreateFacts &facts)
        : m_draft(draft)
        , m_facts(facts)
    {}

    CreateLayout build()
    {
        placePool();
        if (m_draft.source == Kind::Xml) {
            return m_layout;
        }
        if (m_draft.source == Kind::Disk) {
            useExisting();
        } else {
            placeSource();
            placeRoot();
        }
        placeKernel();
        placeDisks();
        if (m_draft.seed) {
            m_layout.seedName = freeName(m_draft.name + u"-seed"_s, u".iso"_s);
            m_layout.seedPath = pathOf(m_layout.seedName);
        }
        return m_layout;
    }

private:
    QString pathOf(const QString &name) const { return m_layout.target + u'/' + name; }

    /** web01.qcow2, then web01-2.qcow2 …: what lies in the pool is never taken over. */
    QString freeName(const QString &stem, const QString &suffix)
    {
        QString name = stem + suffix;
        for (int number = 2; m_named.contains(name) || volumeNamed(name, m_facts); ++number) {
            name = u"%1-%2%3"_s.arg(stem).arg(number).arg(suffix);
        }
        m_named << name;
        return name;
    }

    /** A volume that is filled from a file grows meanwhile, so it is complete when it is as long as the file. */
    bool isComplete(const Upload &upload) const
    {
        const auto *existing = volumeNamed(upload.name, m_facts);
        if (!existing || m_layout.pretend) {
            return existing;
        }
        if (!upload.marker.isEmpty()) {
            return volumeNamed(upload.marker, m_facts);
        }
        return (existing->physical ? existing->physical : existing->capacity) == upload.fileSize;
    }

    void placePool()
    {
        m_layout.pretend = m_facts.hostInfo.hypervisor == "TEST"_L1;
        const virt::storage::Pool *pool = poolOf(m_draft, m_facts);
        m_layout.poolMissing = !pool;
        m_layout.poolInactive = pool && !pool->active;
        m_layout.target = pool ? pool->targetPath : m_facts.defaultPoolTarget;
        while (m_layout.target.size() > 1 && m_layout.target.endsWith(u'/')) {
            m_layout.target.chop(1);
        }
    }

    void useExisting()
    {
        if (!m_facts.sourceVolume) {
            return;
        }
        m_layout.rootKind = RootKind::Existing;
        m_layout.rootPath = m_facts.sourceVolume->path;
        m_layout.rootFormat = m_facts.sourceVolume->format;
    }

    void placeSource()
    {
        if (m_draft.source != Kind::Image && m_draft.source != Kind::Iso) {
            m_layout.rootKind = RootKind::Blank;
        } else if (m_draft.source == Kind::Iso || (m_facts.image && m_facts.image->isInstallMedium())) {
            m_layout.rootKind = RootKind::Blank;
            placeMedium();
        } else if (m_facts.image) {
            placeImage(*m_facts.image);
        } else if (m_facts.sourceVolume) {
            m_layout.rootKind = m_draft.fullCopy ? RootKind::Clone : RootKind::Overlay;
            m_layout.backingPath = m_facts.sourceVolume->path;
            m_layout.backingFormat = m_facts.sourceVolume->format;
        }
    }

    Upload uploadOf(Upload::Role role, const LocalContent &content) const
    {
        Upload upload;
        upload.role = role;
        upload.path = content.path;
        upload.fileSize = content.fileSize;
        upload.dataSize = std::min(content.dataSize, content.fileSize);
        upload.modifiedNs = content.modifiedNs;
        return upload;
    }

    /** The same name with the same length is taken for the same medium. */
    void placeMedium()
    {
        if (!m_facts.image) {
            m_layout.mediumPath = m_facts.sourceVolume ? m_facts.sourceVolume->path : QString();
            return;
        }
        const QFileInfo info(m_draft.path);
        QString stem = info.completeBaseName();
        while (stem.startsWith(u'.') || stem.startsWith(u'-')) {
            stem.remove(0, 1);
        }
        if (stem.isEmpty()) {
            stem = m_draft.name;
        }
        const QString suffix = info.suffix().isEmpty() ? QString() : u'.' + info.suffix();
        Upload upload = uploadOf(Upload::Role::Medium, contentOf(*m_facts.image));
        upload.name = stem + suffix;
        upload.format = u"iso"_s;
        upload.shared = true;
        upload.complete = isComplete(upload);
        if (!upload.complete) {
            upload.name = freeName(stem, suffix);
        }
        m_layout.mediumPath = pathOf(upload.name);
        m_layout.uploads << upload;
    }

    LocalContent contentOf(const image::Verdict &image) const
    {
        return {m_draft.path, m_facts.imageDigest, {}, image.fileSize, image.dataSize, image.modifiedNs};
    }

    void placeImage(const image::Verdict &image)
    {
        const QString own = libvirtFormat(image.format);
        const QString wanted = !m_draft.imageFormat.isEmpty() ? m_draft.imageFormat
            : image.needsConversion()                         ? u"qcow2"_s
                                                              : own;
        const bool convert = image.needsConversion() || m_draft.adoptChain || wanted != own;
        Upload upload = uploadOf(Upload::Role::Base, contentOf(image));
        upload.format = wanted;
        if (convert) {
            m_layout.convertTo = wanted;
            upload.from = u"convert:root"_s;
            upload.path.clear();
            upload.fileSize = 0;
            upload.modifiedNs = 0;
        }
        if (m_draft.fullCopy) {
            m_layout.rootKind = RootKind::Upload;
            m_layout.rootFormat = wanted;
            upload.role = Upload::Role::Root; // its name follows with the root disk
            m_layout.uploads << upload;
            return;
        }
        // What another version of the converter makes may have another length, so its name says the source.
        const QString digest = m_facts.imageDigest.left(digestChars);
        upload.name = u"vireo-base-"_s + digest + (convert ? u"-c"_s : QString()) + suffixOf(wanted);
        upload.marker = convert ? upload.name + u".complete"_s : QString();
        upload.shared = true;
        upload.complete = isComplete(upload);
        if (upload.complete) {
            m_layout.convertTo.clear();
        }
        m_layout.rootKind = RootKind::Overlay;
        m_layout.backingPath = pathOf(upload.name);
        m_layout.backingFormat = wanted;
        m_layout.uploads << upload;
    }

    void placeRoot()
    {
        const bool blank = m_layout.rootKind == RootKind::Blank;
        const quint64 chosen =
            m_draft.rootGiB ? static_cast<quint64>(std::ceil(*m_draft.rootGiB * gib / sector)) * sector : 0;
        const quint64 size = (sourceSize(m_facts) + sector - 1) / sector * sector;
        m_layout.rootCapacity = blank ? chosen : std::max(chosen, size);
        if (m_layout.rootCapacity == 0) {
            m_layout.rootKind = RootKind::None;
            return;
        }
        if (m_layout.rootKind == RootKind::Clone) {
            const QString own = m_facts.sourceVolume->format;
            m_layout.rootFormat = m_draft.imageFormat.isEmpty() ? own : m_draft.imageFormat;
        } else if (m_layout.rootKind != RootKind::Upload) {
            m_layout.rootFormat = u"qcow2"_s;
        }
        m_layout.rootName = freeName(m_draft.name, suffixOf(m_layout.rootFormat));
        m_layout.rootPath = pathOf(m_layout.rootName);
        if (m_layout.rootKind == RootKind::Upload) {
            m_layout.uploads.last().name = m_layout.rootName;
        }
    }

    QString placeKernelFile(Upload::Role role, const QString &word, const QString &file)
    {
        const auto content = m_facts.files.constFind(file);
        if (file.isEmpty() || content == m_facts.files.cend()) {
            return {};
        }
        Upload upload = uploadOf(role, *content);
        upload.name = u"vireo-%1-%2"_s.arg(word, content->digest.left(digestChars));
        upload.format = u"raw"_s;
        upload.shared = true;
        upload.complete = isComplete(upload);
        m_layout.uploads << upload;
        return pathOf(upload.name);
    }

    QString placeFetched(Upload::Role role, const QString &word)
    {
        Upload upload;
        upload.role = role;
        upload.name = freeName(m_draft.name + u'-' + word, {});
        upload.format = u"raw"_s;
        upload.from = u"file:"_s + word;
        m_layout.uploads << upload;
        return pathOf(upload.name);
    }

    void placeKernel()
    {
        using Role = Upload::Role;
        m_layout.cmdline = m_draft.kernel.cmdline;
        if (m_draft.source == Kind::Kernel) {
            m_layout.kernelPath = placeKernelFile(Role::Kernel, u"kernel"_s, m_draft.kernel.kernel);
            m_layout.initrdPath = placeKernelFile(Role::Initrd, u"initrd"_s, m_draft.kernel.initrd);
            m_layout.dtbPath = placeKernelFile(Role::DeviceTree, u"dtb"_s, m_draft.kernel.dtb);
        } else if (m_draft.source == Kind::Tree && m_facts.tree) {
            m_layout.kernelOnce = true;
            m_layout.kernelPath = placeFetched(Role::Kernel, u"kernel"_s);
            m_layout.initrdPath = placeFetched(Role::Initrd, u"initrd"_s);
            m_layout.cmdline = (m_facts.tree->arguments + u' ' + m_draft.kernel.cmdline).trimmed();
        }
    }

    void placeDisks()
    {
        for (const CreateDraft::Disk &wanted : m_draft.disks) {
            CreateLayout::Disk disk{wanted, {}, {}, u"raw"_s};
            switch (wanted.kind) {
            case CreateDraft::DiskKind::Volume: {
                const auto found = m_facts.diskVolumes.constFind(wanted.volume.pool + u'/' + wanted.volume.name);
                if (found != m_facts.diskVolumes.cend()) {
                    disk.path = found->volume.path;
                    disk.format = found->volume.format;
                }
                break;
            }
            case CreateDraft::DiskKind::Blank:
                disk.format = wanted.format.isEmpty() ? u"qcow2"_s : wanted.format;
                disk.name = freeName(m_draft.name + u"-data"_s, suffixOf(disk.format));
                break;
            case CreateDraft::DiskKind::Ephemeral:
                disk.name = freeName(m_draft.name + u"-ephemeral"_s, u".img"_s);
                break;
            case CreateDraft::DiskKind::Swap:
                disk.name = freeName(m_draft.name + u"-swap"_s, u".img"_s);
                break;
            }
            if (!disk.name.isEmpty()) {
                disk.path = pathOf(disk.name);
            }
            m_layout.disks << disk;
        }
    }

    const CreateDraft &m_draft;
    const CreateFacts &m_facts;
    CreateLayout m_layout;
    QStringList m_named;
};

} // namespace

const virt::storage::Pool *poolOf(const CreateDraft &draft, const CreateFacts &facts)
{
    const auto found = std::ranges::find(facts.pools, draft.pool, &virt::storage::Pool::name);
    return found == facts.pools.end() ? nullptr : &*found;
}

quint64 sourceSize(const CreateFacts &facts)
{
    if (facts.image && !facts.image->isInstallMedium()) {
        return facts.image->virtualSize;
    }
    return facts.sourceVolume && facts.sourceVolume->format != "iso"_L1 ? facts.sourceVolume->capacity : 0;
}

const CreateLayout::Upload *CreateLayout::upload(Upload::Role role) const
{
    const auto found = std::ranges::find(uploads, role, &Upload::role);
    return found == uploads.end() ? nullptr : &*found;
}

bool CreateLayout::storesAnything() const
{
    const bool disk = std::ranges::any_of(disks, [](const Disk &one) { return !one.name.isEmpty(); });
    return disk || !uploads.isEmpty() || !rootName.isEmpty() || !seedName.isEmpty();
}

CreateLayout layoutOf(const CreateDraft &draft, const CreateFacts &facts)
{
    return Builder(draft, facts).build();
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
