// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QFileInfo>

#include "backend/base/sizetext.h"
#include "backend/operation/createlayout.h"
#include "backend/operation/lifecycle.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using job::Finding;
using job::Plan;
using job::Step;
using Kind = CreateDraft::SourceKind;
using Severity = Finding::Severity;

// A new qcow2 file with its first tables; what the guest writes comes later.
constexpr quint64 emptyOverlayBytes = 1024 * 1024;

struct CreateText {
    Q_DECLARE_TR_FUNCTIONS(operation_planCreate)
};

/** Builds the plan's findings and steps; one object per plan. */
class Planner final
{
    Q_DISABLE_COPY_MOVE(Planner)

public:
    Planner(const CreateDraft &draft, const CreateFacts &facts)
        : m_draft(draft)
        , m_facts(facts)
        , m_layout(layoutOf(draft, facts))
    {}

    Plan plan()
    {
        m_plan.operation = u"create"_s;
        m_plan.title = CreateText::tr("Create %1").arg(m_draft.name);
        m_plan.host = m_facts.host;
        m_plan.domainName = m_draft.name;
        m_plan.draft = m_draft.toJson();
        checkHost();
        checkName();
        checkSource();
        checkPool();
        checkSpace();
        checkCompute();
        checkNetworks();
        if (m_plan.isBlocked()) {
            return std::move(m_plan);
        }
        m_plan.xmlAfter = createDomainXml(m_draft, m_facts);
        addSteps();
        m_plan.verdict = verdict();
        return std::move(m_plan);
    }

private:
    void find(Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {})
    {
        m_plan.findings.append({severity, text, cause, fix});
    }
    void block(const QString &text, const QString &cause, const QString &fix)
    {
        find(Severity::Blocker, text, cause, fix);
    }

    void checkHost()
    {
        const QString hypervisor = m_facts.hostInfo.hypervisor;
        if (m_facts.hostInfo.readOnly) {
            block(CreateText::tr("The connection is read-only"), CreateText::tr("Nothing can be created through it."),
                CreateText::tr("Connect with write access."));
        }
        if (hypervisor != "QEMU"_L1 && hypervisor != "TEST"_L1) {
            block(CreateText::tr("Virtual machines can't be created on %1 hosts yet").arg(hypervisor), {},
                CreateText::tr("Choose a QEMU/KVM host."));
        }
        if (hypervisor == "QEMU"_L1 && !m_facts.kvm) {
            find(Severity::Note, CreateText::tr("Runs in software emulation, which is slow"),
                m_facts.kvmProblem.isEmpty() ? CreateText::tr("The host does not offer KVM.") : m_facts.kvmProblem);
        } else if (hypervisor == "QEMU"_L1) {
            find(Severity::Ok, CreateText::tr("KVM acceleration is available"));
        }
    }

    void checkName()
    {
        const QString problem = nameProblem(m_draft.name);
        if (!problem.isEmpty()) {
            block(CreateText::tr("The name can't be used"), problem, CreateText::tr("Choose another name."));
        } else if (m_facts.domainNames.contains(m_draft.name)) {
            block(CreateText::tr("The name “%1” is taken").arg(m_draft.name),
                CreateText::tr("The host has a virtual machine of that name."),
                CreateText::tr("Choose another name, for example “%1”.")
                    .arg(freeName(m_draft.name, m_facts.domainNames)));
        } else {
            find(Severity::Ok, CreateText::tr("The name “%1” is free").arg(m_draft.name));
        }
    }

    void checkSource()
    {
        if (m_draft.source == Kind::None) {
            return checkRootSize();
        }
        if (m_draft.volume) {
            return checkSourceVolume();
        }
        if (m_draft.source == Kind::Disk) {
            return block(CreateText::tr("No volume was chosen"),
                CreateText::tr("An existing disk must be a volume of the host."), CreateText::tr("Choose a volume."));
        }
        if (!m_facts.image) {
            return block(CreateText::tr("The file can't be used"),
                m_facts.imageProblem.isEmpty() ? CreateText::tr("No file was chosen.") : m_facts.imageProblem,
                CreateText::tr("Choose another file."));
        }
        const image::Verdict &image = *m_facts.image;
        if (!image.isSafe()) {
            return block(CreateText::tr("The file must not be used"), image.refusal,
                CreateText::tr("Choose another file, or convert it as said."));
        }
        if (m_draft.source == Kind::Iso && !image.isInstallMedium()) {
            return block(CreateText::tr("The file is not an ISO image"),
                CreateText::tr("It is: %1.").arg(image.summary()), CreateText::tr("Use it as a disk image."));
        }
        find(Severity::Ok, CreateText::tr("%1: %2").arg(QFileInfo(m_draft.path).fileName(), image.summary()));
        if (m_draft.source == Kind::Image && image.isInstallMedium()) {
            find(Severity::Note, CreateText::tr("The file is an installation medium"),
                CreateText::tr("It is attached as a CD-ROM with an empty disk beside it."));
        }
        if (image.internalSnapshots > 0) {
            find(Severity::Note, CreateText::tr("The image holds internal snapshots"),
                CreateText::tr("The new disk starts from its current state."));
        }
        if (!m_layout.rootIsUpload && !image.isInstallMedium() && m_facts.imageDigest.isEmpty()) {
            return block(
                CreateText::tr("The file can't be read"), m_facts.imageProblem, CreateText::tr("Choose another file."));
        }
        checkUpload();
        checkRootSize();
    }

    void checkUpload()
    {
        if (m_layout.pretend) {
            return find(Severity::Note, CreateText::tr("The demo host stores no data: nothing is uploaded"));
        }
        if (m_layout.upload && m_layout.upload->complete) {
            find(Severity::Ok,
                CreateText::tr("The pool already has it as “%1”: nothing is uploaded").arg(m_layout.upload->name));
        } else {
            find(Severity::Note,
                CreateText::tr("Uploads %1 into the pool “%2”").arg(sizeText(uploadBytes()), m_draft.pool));
        }
    }

    void checkSourceVolume()
    {
        const QString name = CreateText::tr("%1/%2").arg(m_draft.volume->pool, m_draft.volume->name);
        if (!m_facts.sourceVolume) {
            return block(CreateText::tr("The volume “%1” does not exist").arg(name), {},
                CreateText::tr("Choose another volume."));
        }
        const virt::storage::Volume &volume = *m_facts.sourceVolume;
        const bool medium = m_draft.source == Kind::Iso;
        const QStringList usable = medium ? QStringList{u"iso"_s, u"raw"_s} : QStringList{u"qcow2"_s, u"raw"_s};
        if (!usable.contains(volume.format)) {
            return block(CreateText::tr("The volume “%1” can't be used").arg(name),
                CreateText::tr("Its format is “%1”.").arg(volume.format),
                CreateText::tr("Usable formats: %1.").arg(usable.join(u", "_s)));
        }
        if (!medium && !m_facts.sourceUsedBy.isEmpty()) {
            return block(CreateText::tr("The volume “%1” is in use").arg(name),
                CreateText::tr("It is a disk of: %1. Two that write one disk destroy it.")
                    .arg(m_facts.sourceUsedBy.join(u", "_s)),
                CreateText::tr("Choose another volume."));
        }
        if (m_draft.source == Kind::Image && m_draft.fullCopy) {
            return block(CreateText::tr("A volume can't be copied in full yet"), {},
                CreateText::tr("Choose the copy-on-write overlay."));
        }
        find(Severity::Ok, CreateText::tr("%1: %2, %3").arg(name, volume.format, sizeText(volume.capacity)));
        checkRootSize();
    }

    void checkRootSize()
    {
        if (m_draft.source == Kind::Disk) {
            return;
        }
        const bool blank = m_draft.source == Kind::None || !m_layout.mediumPath.isEmpty();
        if (m_draft.rootGiB && !(*m_draft.rootGiB > 0)) {
            return block(CreateText::tr("The root disk has no size"), {}, CreateText::tr("Enter a size above 0."));
        }
        if (blank && !m_draft.rootGiB) {
            return block(CreateText::tr("The root disk has no size"),
                CreateText::tr("Nothing says how large the empty disk should be."), CreateText::tr("Enter a size."));
        }
        constexpr double gib = 1024.0 * 1024 * 1024;
        const quint64 size = sourceSize(m_facts);
        if (!blank && m_draft.rootGiB && *m_draft.rootGiB * gib < double(size)) {
            block(CreateText::tr("The root disk is smaller than the image"),
                CreateText::tr("The image's disk has %1; a smaller one would cut off its end.").arg(sizeText(size)),
                CreateText::tr("Enter at least %1 GiB.")
                    .arg(QLocale().toString(std::ceil(double(size) / gib * 100) / 100, 'g', 10)));
        }
    }

    void checkPool()
    {
        if (m_draft.source == Kind::Disk) {
            return;
        }
        const virt::storage::Pool *pool = poolOf(m_draft, m_facts);
        if (m_draft.pool.isEmpty() || m_draft.pool.contains(u'/')) {
            return block(CreateText::tr("No storage pool was chosen"), {}, CreateText::tr("Choose a pool."));
        }
        if (!pool) {
            if (m_layout.target.isEmpty()) {
                return block(CreateText::tr("The storage pool “%1” does not exist").arg(m_draft.pool),
                    CreateText::tr("Vireo can't tell where on this host it should be."),
                    CreateText::tr("Make a storage pool first."));
            }
            const auto same = std::ranges::find(m_facts.pools, m_layout.target, &virt::storage::Pool::targetPath);
            if (same != m_facts.pools.end()) {
                return block(CreateText::tr("The storage pool “%1” does not exist").arg(m_draft.pool),
                    CreateText::tr("Its place, %1, belongs to the pool “%2”.").arg(m_layout.target, same->name),
                    CreateText::tr("Choose the pool “%1”.").arg(same->name));
            }
            return find(Severity::Note,
                CreateText::tr("The storage pool “%1” will be made in %2").arg(m_draft.pool, m_layout.target));
        }
        if (!virt::storage::isFileBased(*pool) || pool->targetPath.isEmpty()) {
            return block(CreateText::tr("The storage pool “%1” can't hold images").arg(pool->name),
                CreateText::tr("It is of the type “%1”; images need a directory.").arg(pool->type),
                CreateText::tr("Choose another pool."));
        }
        if (!pool->active) {
            find(Severity::Note, CreateText::tr("The storage pool “%1” will be started").arg(pool->name));
        }
    }

    quint64 uploadBytes() const
    {
        const bool needed = m_layout.upload && !m_layout.upload->complete && !m_layout.pretend && m_facts.image;
        return needed ? std::min(m_facts.image->dataSize, m_facts.image->fileSize) : 0;
    }

    void checkSpace()
    {
        const virt::storage::Pool *pool = poolOf(m_draft, m_facts);
        if (!pool || !pool->active || pool->capacity == 0 || m_draft.source == Kind::Disk) {
            return;
        }
        const quint64 needed = uploadBytes() + (m_layout.rootCapacity > 0 ? emptyOverlayBytes : 0);
        const quint64 later = uploadBytes() + m_layout.rootCapacity;
        if (needed > pool->available) {
            block(CreateText::tr("The storage pool “%1” has no space").arg(pool->name),
                CreateText::tr("At least %1 are needed, %2 are free.").arg(sizeText(needed), sizeText(pool->available)),
                CreateText::tr("Free some space, or choose another pool."));
        } else if (later > pool->available) {
            find(Severity::Warning, CreateText::tr("The disk can outgrow the storage pool “%1”").arg(pool->name),
                CreateText::tr("It may grow to %1; %2 are free.")
                    .arg(sizeText(m_layout.rootCapacity), sizeText(pool->available)),
                CreateText::tr("Choose a smaller disk or another pool, or keep an eye on it."));
        } else {
            find(Severity::Ok,
                CreateText::tr("The storage pool “%1” has %2 free").arg(pool->name, sizeText(pool->available)));
        }
    }

    void checkCompute()
    {
        const quint64 wanted = m_draft.memoryMiB * 1024;
        const quint64 total = m_facts.hostInfo.memoryKiB;
        const quint64 free = m_facts.hostInfo.freeMemoryKiB;
        const QString size = sizeText(wanted * 1024);
        if (m_draft.memoryMiB == 0) {
            block(CreateText::tr("The memory has no size"), {}, CreateText::tr("Enter a size."));
        } else if (total > 0 && wanted > total) {
            block(CreateText::tr("The host has less memory than that"),
                CreateText::tr("%1 are asked for, the host has %2.").arg(size, sizeText(total * 1024)),
                CreateText::tr("Choose less memory, or another host."));
        } else if (free > 0 && wanted > free) {
            find(Severity::Warning, CreateText::tr("The host may run out of memory"),
                CreateText::tr("%1 are asked for, %2 are free now.").arg(size, sizeText(free * 1024)),
                CreateText::tr("Choose less memory, or another host."));
        } else if (total > 0 && wanted + m_facts.promisedMemoryKiB > total) {
            find(Severity::Warning, CreateText::tr("More memory is promised than the host has"),
                CreateText::tr("Running virtual machines may use up to %1 of %2.")
                    .arg(sizeText(m_facts.promisedMemoryKiB * 1024), sizeText(total * 1024)));
        } else {
            find(Severity::Ok, CreateText::tr("The host has memory for it: %1").arg(size));
        }

        const int cpus = m_facts.hostInfo.cpus;
        if (m_draft.vcpus < 1) {
            block(CreateText::tr("There is no vCPU"), {}, CreateText::tr("Choose at least one."));
        } else if (cpus > 0 && m_draft.vcpus > cpus) {
            find(Severity::Warning, CreateText::tr("More vCPUs than the host has CPUs"),
                CreateText::tr("%1 vCPUs share %2 CPUs and wait for each other.").arg(m_draft.vcpus).arg(cpus),
                CreateText::tr("Choose fewer vCPUs."));
        }
    }

    void checkNetworks()
    {
        QStringList names;
        for (const auto &network : m_facts.networks) {
            names << network.name;
        }
        QStringList macs;
        for (const CreateDraft::Nic &nic : m_draft.nics) {
            if (!nic.mac.isEmpty() && macs.contains(nic.mac)) {
                block(CreateText::tr("Two network cards have the address %1").arg(nic.mac), {},
                    CreateText::tr("Leave it empty: libvirt makes one."));
            }
            macs << nic.mac;
            if (nic.kind == CreateDraft::NicKind::User) {
                continue;
            }
            if (nic.source.isEmpty()) {
                block(
                    CreateText::tr("A network card is connected to nothing"), {}, CreateText::tr("Choose a network."));
                continue;
            }
            if (nic.kind == CreateDraft::NicKind::Bridge) {
                continue;
            }
            const auto found = std::ranges::find(m_facts.networks, nic.source, &virt::hostcalls::Network::name);
            if (found == m_facts.networks.end()) {
                block(CreateText::tr("There is no virtual network “%1”").arg(nic.source), {},
                    names.isEmpty() ? CreateText::tr("Make a network on the host, or choose user networking.")
                                    : CreateText::tr("Choose one of: %1.").arg(names.join(u", "_s)));
            } else if (!found->active && m_draft.start) {
                block(CreateText::tr("The virtual network “%1” is not active").arg(nic.source),
                    CreateText::tr("The virtual machine could not be started."),
                    CreateText::tr("Start the network, or choose another one."));
            } else if (!found->active) {
                find(Severity::Warning, CreateText::tr("The virtual network “%1” is not active").arg(nic.source), {},
                    CreateText::tr("Start the network before the virtual machine."));
            }
        }
    }

    void step(const QString &type, const QString &title, const QString &object, const QString &undo,
        QJsonObject parameters, quint64 bytes = 0)
    {
        m_plan.steps.append({type, title, object, undo, bytes, std::move(parameters)});
    }

    void addSteps()
    {
        const bool storage = m_draft.source != Kind::Disk;
        const QString pool = m_draft.pool;
        if (storage && (m_layout.poolMissing || m_layout.poolInactive)) {
            step(u"pool.ensure"_s,
                m_layout.poolMissing ? CreateText::tr("Make storage pool") : CreateText::tr("Start storage pool"), pool,
                m_layout.poolMissing ? CreateText::tr("Remove the pool") : CreateText::tr("Stop the pool"),
                {{u"pool"_s, pool}, {u"xml"_s, m_layout.poolMissing ? poolXml(pool, m_layout.target) : QString()}});
        }
        if (m_layout.upload) {
            addUpload(*m_layout.upload);
        }
        if (!m_layout.rootName.isEmpty() && !m_layout.rootIsUpload) {
            step(u"volume.create"_s,
                m_layout.backingPath.isEmpty() ? CreateText::tr("Create disk")
                                               : CreateText::tr("Create copy-on-write disk"),
                m_layout.rootName, CreateText::tr("Delete it"),
                {{u"pool"_s, pool}, {u"name"_s, m_layout.rootName},
                    {u"xml"_s,
                        volumeXml(m_layout.rootName, m_layout.rootFormat, m_layout.rootCapacity, m_layout.backingPath,
                            m_layout.backingFormat)}});
        }
        if (m_layout.rootIsUpload && m_layout.rootCapacity > sourceSize(m_facts)) {
            step(u"volume.resize"_s, CreateText::tr("Resize disk"), m_layout.rootName, {},
                {{u"pool"_s, pool}, {u"volume"_s, m_layout.rootName},
                    {u"capacity"_s, static_cast<qint64>(m_layout.rootCapacity)}});
        }
        step(u"domain.define"_s, CreateText::tr("Define virtual machine"), m_draft.name,
            CreateText::tr("Remove its definition"), {{u"xml"_s, m_plan.xmlAfter}});
        if (m_draft.autostart) {
            step(u"domain.setAutostart"_s, CreateText::tr("Start with the host"), m_draft.name,
                CreateText::tr("Turn it off"), {{u"uuid"_s, QString()}, {u"on"_s, true}, {u"before"_s, false}});
        }
        if (m_draft.start) {
            step(u"domain.start"_s, CreateText::tr("Start"), m_draft.name, CreateText::tr("Force it off"),
                {{u"uuid"_s, QString()}});
        }
    }

    void addUpload(const CreateLayout::Upload &upload)
    {
        const image::Verdict &image = *m_facts.image;
        const QString pool = m_draft.pool;
        // An empty raw file that grows as it is filled: its length says how far the upload got, and a qcow2 image ends
        // where the file does. The demo driver gets the final size at once.
        const QString xml = m_layout.pretend ? volumeXml(upload.name, upload.format, image.virtualSize, {}, {})
                                             : volumeXml(upload.name, u"raw"_s, 0, {}, {});
        const bool reuse = upload.shared;
        if (!upload.complete) {
            step(u"volume.create"_s,
                reuse && upload.format != "iso"_L1 ? CreateText::tr("Create base volume")
                                                   : CreateText::tr("Create volume"),
                upload.name, CreateText::tr("Delete it unless others use it"),
                {{u"pool"_s, pool}, {u"name"_s, upload.name}, {u"xml"_s, xml}, {u"shared"_s, reuse}});
        }
        if (m_layout.pretend) {
            return;
        }
        step(u"volume.upload"_s,
            upload.complete ? CreateText::tr("Use what is already there") : CreateText::tr("Upload image"), upload.name,
            CreateText::tr("Delete it unless others use it"),
            {{u"pool"_s, pool}, {u"volume"_s, upload.name}, {u"path"_s, m_draft.path},
                {u"size"_s, static_cast<qint64>(image.fileSize)}, {u"modified"_s, QString::number(image.modifiedNs)},
                {u"xml"_s, xml}, {u"shared"_s, reuse}},
            uploadBytes());
        step(u"pool.refresh"_s, CreateText::tr("Check volume"), upload.name, {},
            {{u"pool"_s, pool}, {u"volume"_s, upload.name}, {u"format"_s, upload.format}});
    }

    QString verdict() const
    {
        QStringList acts;
        acts << CreateText::tr("Creates %1 on %2 with %3 vCPU and %4 of memory")
                    .arg(m_draft.name, m_facts.hostInfo.hostname.isEmpty() ? m_draft.host : m_facts.hostInfo.hostname)
                    .arg(m_draft.vcpus)
                    .arg(sizeText(m_draft.memoryMiB * 1024 * 1024));
        if (uploadBytes() > 0) {
            acts << CreateText::tr("uploads %1").arg(sizeText(uploadBytes()));
        }
        if (!m_layout.rootName.isEmpty()) {
            acts << CreateText::tr("makes a disk of %1 in the pool “%2”")
                        .arg(sizeText(m_layout.rootCapacity), m_draft.pool);
        }
        if (m_draft.start) {
            acts << CreateText::tr("starts it");
        }
        return CreateText::tr("%1.").arg(acts.join(CreateText::tr(", ")));
    }

    const CreateDraft &m_draft;
    const CreateFacts &m_facts;
    const CreateLayout m_layout;
    Plan m_plan;
};

} // namespace

Plan planCreate(const CreateDraft &draft, const CreateFacts &facts)
{
    return Planner(draft, facts).plan();
}

QString freeName(const QString &base, const QStringList &taken)
{
    QString name = base;
    for (int number = 2; taken.contains(name); ++number) {
        name = u"%1-%2"_s.arg(base).arg(number);
    }
    return name;
}

} // namespace vireo::operation
