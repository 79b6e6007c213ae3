// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFileInfo>
#include <QLocale>

#include "backend/base/sizetext.h"
#include "backend/image/filesystem.h"
#include "backend/operation/create/createsteps.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using job::Finding;
using Kind = CreateDraft::SourceKind;
using Severity = Finding::Severity;
using Upload = CreateLayout::Upload;
using Role = Upload::Role;
using RootKind = CreateLayout::RootKind;

// A new qcow2 file with its first tables; what the guest writes comes later.
constexpr quint64 emptyVolumeBytes = 1024 * 1024;
constexpr double gib = 1024.0 * 1024 * 1024;

struct StorageFindingsText {
    Q_DECLARE_TR_FUNCTIONS(operation_createStorageFindings)
};

class StorageFindings final
{
    Q_DISABLE_COPY_MOVE(StorageFindings)

public:
    StorageFindings(const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
        : m_draft(draft)
        , m_facts(facts)
        , m_layout(layout)
    {}

    QList<Finding> collect()
    {
        checkSource();
        checkDisks();
        if (m_layout.storesAnything()) {
            checkPool();
            checkSpace();
        }
        return std::move(m_findings);
    }

private:
    void find(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_findings.append({severity, text, cause, fix});
    }
    void block(const QString &text, const QString &cause, const QString &fix)
    {
        find(Severity::Blocker, text, cause, fix);
    }

    void checkSource()
    {
        switch (m_draft.source) {
        case Kind::Xml:
            return;
        case Kind::None:
        case Kind::Pxe:
            return checkRootSize();
        case Kind::Kernel:
            checkKernel();
            return checkRootSize();
        case Kind::Tree:
            checkTree();
            return checkRootSize();
        case Kind::Disk:
        case Kind::Image:
        case Kind::Iso:
            break;
        }
        if (m_draft.volume) {
            return checkSourceVolume();
        }
        if (m_draft.source == Kind::Disk) {
            return block(StorageFindingsText::tr("No volume was chosen"),
                StorageFindingsText::tr("An existing disk must be a volume of the host."),
                StorageFindingsText::tr("Choose a volume."));
        }
        checkFile();
    }

    void checkFile()
    {
        if (!m_facts.image) {
            return block(StorageFindingsText::tr("The file can't be used"),
                m_facts.imageProblem.isEmpty() ? StorageFindingsText::tr("No file was chosen.") : m_facts.imageProblem,
                StorageFindingsText::tr("Choose another file."));
        }
        const image::Verdict &image = *m_facts.image;
        if (!image.isSafe() && !m_draft.adoptChain) {
            return block(StorageFindingsText::tr("The file must not be used"), image.refusal,
                image.backingFile.isEmpty()
                    ? StorageFindingsText::tr("Choose another file, or convert it as said.")
                    : StorageFindingsText::tr("If the backing files are your own, adopt them: they are merged into "
                                              "one image."));
        }
        if (m_draft.source == Kind::Iso && !image.isInstallMedium()) {
            return block(StorageFindingsText::tr("The file is not an ISO image"),
                StorageFindingsText::tr("It is: %1.").arg(image.summary()),
                StorageFindingsText::tr("Use it as a disk image."));
        }
        if (m_draft.adoptChain) {
            if (!m_facts.chain || !m_facts.chain->isSafe()) {
                return block(StorageFindingsText::tr("The backing files can't be adopted"),
                    m_facts.chain ? m_facts.chain->refusal : m_facts.imageProblem,
                    StorageFindingsText::tr("Flatten the image yourself, or choose another file."));
            }
            find(Severity::Note, StorageFindingsText::tr("The image and its backing files are merged into one"),
                m_facts.chain->lines().join(u'\n'));
        } else {
            find(Severity::Ok,
                StorageFindingsText::tr("%1: %2").arg(QFileInfo(m_draft.path).fileName(), image.summary()));
        }
        if (m_draft.source == Kind::Image && image.isInstallMedium()) {
            find(Severity::Note, StorageFindingsText::tr("The file is an installation medium"),
                StorageFindingsText::tr("It is attached as a CD-ROM with an empty disk beside it."));
        }
        if (image.internalSnapshots > 0) {
            find(Severity::Note, StorageFindingsText::tr("The image holds internal snapshots"),
                StorageFindingsText::tr("The new disk starts from its current state."));
        }
        if (m_layout.upload(Role::Base) && m_facts.imageDigest.isEmpty()) {
            return block(StorageFindingsText::tr("The file can't be read"), m_facts.imageProblem,
                StorageFindingsText::tr("Choose another file."));
        }
        if (!m_layout.convertTo.isEmpty()) {
            checkConversion();
        }
        checkUpload();
        checkRootSize();
    }

    void checkConversion()
    {
        if (const QString problem = m_facts.missingTools.value(u"qemu-img"_s); !problem.isEmpty()) {
            return block(StorageFindingsText::tr("The image can't be converted"), problem,
                StorageFindingsText::tr("Install it on this computer, or choose an image in another format."));
        }
        find(Severity::Note, StorageFindingsText::tr("The image is converted to %1").arg(m_layout.convertTo),
            StorageFindingsText::tr("On this computer, in a temporary file of up to %1.")
                .arg(sizeText(m_facts.image->virtualSize)));
    }

    void checkUpload()
    {
        if (m_layout.pretend) {
            return find(Severity::Note, StorageFindingsText::tr("The demo host stores no data: nothing is uploaded"));
        }
        for (const Upload &upload : m_layout.uploads) {
            if (upload.complete) {
                find(Severity::Ok,
                    StorageFindingsText::tr("The pool already has it as “%1”: nothing is uploaded").arg(upload.name));
            }
        }
        if (const quint64 bytes = uploadBytes(m_layout); bytes > 0) {
            find(Severity::Note,
                StorageFindingsText::tr("Uploads %1 into the pool “%2”").arg(sizeText(bytes), m_draft.pool));
        }
    }

    void checkSourceVolume()
    {
        const QString name = StorageFindingsText::tr("%1/%2").arg(m_draft.volume->pool, m_draft.volume->name);
        if (!m_facts.sourceVolume) {
            return block(StorageFindingsText::tr("The volume “%1” does not exist").arg(name), {},
                StorageFindingsText::tr("Choose another volume."));
        }
        const virt::storage::Volume &volume = *m_facts.sourceVolume;
        const bool medium = m_draft.source == Kind::Iso;
        const QStringList usable = medium ? QStringList{u"iso"_s, u"raw"_s} : QStringList{u"qcow2"_s, u"raw"_s};
        if (!usable.contains(volume.format)) {
            return block(StorageFindingsText::tr("The volume “%1” can't be used").arg(name),
                StorageFindingsText::tr("Its format is “%1”.").arg(volume.format),
                StorageFindingsText::tr("Usable formats: %1.").arg(usable.join(u", "_s)));
        }
        // A copy of what somebody writes to is torn; an overlay on it is destroyed; a second writer destroys both.
        if (!medium && !m_facts.sourceUsedBy.isEmpty()) {
            return block(StorageFindingsText::tr("The volume “%1” is in use").arg(name),
                StorageFindingsText::tr("It is a disk of: %1. Two that write one disk destroy it.")
                    .arg(m_facts.sourceUsedBy.join(u", "_s)),
                StorageFindingsText::tr("Choose another volume."));
        }
        if (!m_draft.imageFormat.isEmpty() && m_draft.imageFormat != volume.format && !m_draft.fullCopy) {
            return block(StorageFindingsText::tr("An overlay is always qcow2"),
                StorageFindingsText::tr("The volume itself is not converted."),
                StorageFindingsText::tr("Choose a full copy, which can be converted."));
        }
        find(Severity::Ok, StorageFindingsText::tr("%1: %2, %3").arg(name, volume.format, sizeText(volume.capacity)));
        if (m_layout.rootKind == RootKind::Clone) {
            find(Severity::Note, StorageFindingsText::tr("The host copies the volume"),
                StorageFindingsText::tr(
                    "libvirt can't be stopped in the middle of it; Cancel takes effect afterwards."));
        }
        checkRootSize();
    }

    void checkKernel()
    {
        const std::initializer_list<std::pair<QString, QString>> files{
            {m_draft.kernel.kernel, StorageFindingsText::tr("kernel")},
            {m_draft.kernel.initrd, StorageFindingsText::tr("initial RAM disk")},
            {m_draft.kernel.dtb, StorageFindingsText::tr("device tree")}};
        for (const auto &[path, what] : files) {
            if (path.isEmpty()) {
                continue;
            }
            const LocalContent content = m_facts.files.value(path);
            if (content.digest.isEmpty()) {
                block(StorageFindingsText::tr("The %1 can't be used").arg(what), content.problem,
                    StorageFindingsText::tr("Choose another file."));
            }
        }
        if (m_draft.kernel.kernel.isEmpty()) {
            return block(
                StorageFindingsText::tr("No kernel was chosen"), {}, StorageFindingsText::tr("Choose a kernel."));
        }
        if (!m_draft.kernel.dtb.isEmpty() && m_facts.isX86()) {
            find(Severity::Warning, StorageFindingsText::tr("The device tree is of no use on this machine"),
                StorageFindingsText::tr("x86 machines describe themselves by ACPI."),
                StorageFindingsText::tr("Leave it out."));
        }
        checkUpload();
    }

    void checkTree()
    {
        if (!m_facts.tree) {
            return block(StorageFindingsText::tr("The installation tree can't be used"), m_facts.treeProblem,
                StorageFindingsText::tr("Check the address; it must lead to the tree's top directory."));
        }
        find(Severity::Ok, StorageFindingsText::tr("Installs from %1").arg(m_draft.path),
            StorageFindingsText::tr("Kernel: %1.").arg(m_facts.tree->kernel));
        if (!m_draft.start) {
            find(Severity::Warning, StorageFindingsText::tr("Each start begins the installation"),
                StorageFindingsText::tr(
                    "Without a first start here, the kernel of the installer stays in the definition."),
                StorageFindingsText::tr("Start it now, or remove the kernel after the installation."));
        }
    }

    /** Whether the source leaves the disk empty. */
    bool isBlank() const { return m_draft.source != Kind::Image || !m_layout.mediumPath.isEmpty(); }

    void checkRootSize()
    {
        if (m_draft.source == Kind::Disk) {
            return;
        }
        const bool kernel = m_draft.source == Kind::Kernel;
        if (isBlank() && !m_draft.rootGiB && !kernel) {
            return block(StorageFindingsText::tr("The root disk has no size"),
                StorageFindingsText::tr("Nothing says how large the empty disk should be."),
                StorageFindingsText::tr("Enter a size; 0 for no disk at all."));
        }
        if (m_draft.rootGiB && *m_draft.rootGiB < 0) {
            return block(StorageFindingsText::tr("The root disk has no size"), {},
                StorageFindingsText::tr("Enter a size above 0."));
        }
        if (m_draft.rootGiB && *m_draft.rootGiB == 0 && isBlank()) {
            return find(Severity::Note, StorageFindingsText::tr("It has no root disk"));
        }
        const quint64 size = sourceSize(m_facts);
        if (!isBlank() && m_draft.rootGiB && *m_draft.rootGiB * gib < double(size)) {
            return block(StorageFindingsText::tr("The root disk is smaller than the image"),
                StorageFindingsText::tr("The image's disk has %1; a smaller one would cut off its end.")
                    .arg(sizeText(size)),
                StorageFindingsText::tr("Enter at least %1 GiB.")
                    .arg(QLocale().toString(std::ceil(double(size) / gib * 100) / 100, 'g', 10)));
        }
        const quint64 minimum = m_facts.os ? m_facts.os->resourcesFor(m_facts.caps.arch).minimum.storageBytes : 0;
        if (minimum > 0 && m_layout.rootCapacity > 0 && m_layout.rootCapacity < minimum && isBlank()) {
            find(Severity::Warning, StorageFindingsText::tr("%1 needs a larger root disk").arg(m_facts.os->name),
                StorageFindingsText::tr("At least %1.").arg(sizeText(minimum)));
        }
    }

    void checkDisks()
    {
        QStringList serials;
        for (const CreateLayout::Disk &disk : m_layout.disks) {
            if (!disk.wanted.serial.isEmpty() && serials.contains(disk.wanted.serial)) {
                block(StorageFindingsText::tr("Two disks have the serial number “%1”").arg(disk.wanted.serial), {},
                    StorageFindingsText::tr("Choose another one."));
            }
            serials << disk.wanted.serial;
            if (disk.wanted.kind == CreateDraft::DiskKind::Volume) {
                checkDiskVolume(disk);
            } else if (disk.wanted.bytes == 0) {
                block(StorageFindingsText::tr("A disk has no size"), {}, StorageFindingsText::tr("Enter a size."));
            } else if (disk.wanted.kind != CreateDraft::DiskKind::Blank && !m_layout.pretend) {
                checkFormatting(disk.wanted);
            }
        }
    }

    void checkFormatting(const CreateDraft::Disk &wanted)
    {
        const QString name = wanted.kind == CreateDraft::DiskKind::Swap ? u"swap"_s : wanted.fs;
        const auto kind = image::filesystemByName(name);
        if (!kind) {
            return block(StorageFindingsText::tr("There is no file system “%1”").arg(name), {},
                StorageFindingsText::tr("Choose another one."));
        }
        if (const QString missing = m_facts.missingTools.value(name); !missing.isEmpty()) {
            block(StorageFindingsText::tr("The disk can't be formatted with %1").arg(name), missing,
                StorageFindingsText::tr("Install it on this computer, or choose another file system."));
        }
        if (const QString problem = image::filesystemProblem(*kind, wanted.bytes, wanted.label); !problem.isEmpty()) {
            block(StorageFindingsText::tr("The disk can't be formatted with %1").arg(name), problem,
                StorageFindingsText::tr("Choose another size or label."));
        }
    }

    void checkDiskVolume(const CreateLayout::Disk &disk)
    {
        const QString name = disk.wanted.volume.pool + u'/' + disk.wanted.volume.name;
        const auto found = m_facts.diskVolumes.constFind(name);
        if (found == m_facts.diskVolumes.cend()) {
            return block(StorageFindingsText::tr("The volume “%1” does not exist").arg(name), {},
                StorageFindingsText::tr("Choose another volume."));
        }
        if (!found->usedBy.isEmpty()) {
            return block(StorageFindingsText::tr("The volume “%1” is in use").arg(name),
                StorageFindingsText::tr("It is needed by: %1. Two that write one disk destroy it.")
                    .arg(found->usedBy.join(u", "_s)),
                StorageFindingsText::tr("Choose another volume."));
        }
        const bool twice = std::ranges::count(m_layout.disks, disk.path, &CreateLayout::Disk::path) > 1
            || disk.path == m_layout.rootPath;
        if (twice) {
            block(StorageFindingsText::tr("The volume “%1” was chosen twice").arg(name), {},
                StorageFindingsText::tr("Remove one of the two disks."));
        }
    }

    void checkPool()
    {
        const virt::storage::Pool *pool = poolOf(m_draft, m_facts);
        if (m_draft.pool.isEmpty() || m_draft.pool.contains(u'/')) {
            return block(
                StorageFindingsText::tr("No storage pool was chosen"), {}, StorageFindingsText::tr("Choose a pool."));
        }
        if (!pool) {
            if (m_layout.target.isEmpty()) {
                return block(StorageFindingsText::tr("The storage pool “%1” does not exist").arg(m_draft.pool),
                    StorageFindingsText::tr("Vireo can't tell where on this host it should be."),
                    StorageFindingsText::tr("Make a storage pool first."));
            }
            const auto same = std::ranges::find(m_facts.pools, m_layout.target, &virt::storage::Pool::targetPath);
            if (same != m_facts.pools.end()) {
                return block(StorageFindingsText::tr("The storage pool “%1” does not exist").arg(m_draft.pool),
                    StorageFindingsText::tr("Its place, %1, belongs to the pool “%2”.")
                        .arg(m_layout.target, same->name),
                    StorageFindingsText::tr("Choose the pool “%1”.").arg(same->name));
            }
            return find(Severity::Note,
                StorageFindingsText::tr("The storage pool “%1” will be made in %2").arg(m_draft.pool, m_layout.target));
        }
        if (!virt::storage::isFileBased(*pool) || pool->targetPath.isEmpty()) {
            return block(StorageFindingsText::tr("The storage pool “%1” can't hold images").arg(pool->name),
                StorageFindingsText::tr("It is of the type “%1”; images need a directory.").arg(pool->type),
                StorageFindingsText::tr("Choose another pool."));
        }
        if (!pool->active) {
            find(Severity::Note, StorageFindingsText::tr("The storage pool “%1” will be started").arg(pool->name));
        }
    }

    void checkSpace()
    {
        const virt::storage::Pool *pool = poolOf(m_draft, m_facts);
        if (!pool || !pool->active || pool->capacity == 0) {
            return;
        }
        const bool clone = m_layout.rootKind == RootKind::Clone;
        quint64 needed = uploadBytes(m_layout) + (m_layout.rootCapacity > 0 ? emptyVolumeBytes : 0)
            + (clone ? m_facts.sourceVolume->allocation : 0);
        quint64 grown = m_layout.rootCapacity;
        for (const CreateLayout::Disk &disk : m_layout.disks) {
            needed += disk.name.isEmpty() ? 0 : emptyVolumeBytes;
            grown += disk.name.isEmpty() ? 0 : disk.wanted.bytes;
        }
        // A full copy is the root disk: its bytes are not needed twice.
        const quint64 later = m_layout.rootKind == RootKind::Upload ? grown : uploadBytes(m_layout) + grown;
        if (needed > pool->available) {
            block(StorageFindingsText::tr("The storage pool “%1” has no space").arg(pool->name),
                StorageFindingsText::tr("At least %1 are needed, %2 are free.")
                    .arg(sizeText(needed), sizeText(pool->available)),
                StorageFindingsText::tr("Free some space, or choose another pool."));
        } else if (later > pool->available) {
            find(Severity::Warning,
                StorageFindingsText::tr("The disks can outgrow the storage pool “%1”").arg(pool->name),
                StorageFindingsText::tr("They may grow to %1; %2 are free.")
                    .arg(sizeText(grown), sizeText(pool->available)),
                StorageFindingsText::tr("Choose a smaller disk or another pool, or keep an eye on it."));
        } else {
            find(Severity::Ok,
                StorageFindingsText::tr("The storage pool “%1” has %2 free")
                    .arg(pool->name, sizeText(pool->available)));
        }
    }

    const CreateDraft &m_draft;
    const CreateFacts &m_facts;
    const CreateLayout &m_layout;
    QList<Finding> m_findings;
};

} // namespace

QList<job::Finding> createStorageFindings(
    const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout)
{
    return StorageFindings(draft, facts, layout).collect();
}

} // namespace vireo::operation
