// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/create/createsteps.h"

#include <numeric>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/create/createdevices.h"
#include "backend/seed/seeddraft.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using job::Step;
using Kind = CreateDraft::SourceKind;
using Upload = CreateLayout::Upload;
using Role = Upload::Role;
using RootKind = CreateLayout::RootKind;

// What an installer's kernel and initrd may weigh at most: a server must not fill the disk.
constexpr qint64 fetchLimit = 1024 * 1024 * 1024;

struct CreateStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_createSteps)
};

/** Builds the list; one object per plan. */
class StepList final
{
    Q_DISABLE_COPY_MOVE(StepList)

public:
    StepList(const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout, const QString &domainXml)
        : m_draft(draft)
        , m_facts(facts)
        , m_layout(layout)
        , m_domainXml(domainXml)
    {}

    QList<Step> build()
    {
        if (m_layout.storesAnything() && (m_layout.poolMissing || m_layout.poolInactive)) {
            addPool();
        }
        for (const Upload &upload : m_layout.uploads) {
            addSource(upload);
            addUpload(upload);
        }
        addRoot();
        for (const CreateLayout::Disk &disk : m_layout.disks) {
            addDisk(disk);
        }
        addSeed();
        addDomain();
        for (const QString &key : std::as_const(m_temporary)) {
            step(
                u"work.clear"_s, CreateStepsText::tr("Remove the temporary file"), m_draft.name, {}, {{u"key"_s, key}});
        }
        return std::move(m_steps);
    }

private:
    void step(const QString &type, const QString &title, const QString &object, const QString &undo,
        QJsonObject parameters, quint64 bytes = 0)
    {
        m_steps.append({type, title, object, undo, bytes, std::move(parameters)});
    }

    void addPool()
    {
        const QString pool = m_draft.pool;
        const bool missing = m_layout.poolMissing;
        step(u"pool.ensure"_s,
            missing ? CreateStepsText::tr("Make storage pool") : CreateStepsText::tr("Start storage pool"), pool,
            missing ? CreateStepsText::tr("Remove the pool") : CreateStepsText::tr("Stop the pool"),
            {{u"pool"_s, pool}, {u"xml"_s, missing ? poolXml(pool, m_layout.target) : QString()}});
    }

    /** Makes the file that will be uploaded, where it is not there yet. */
    void addSource(const Upload &upload)
    {
        if (upload.from.isEmpty() || upload.complete || m_layout.pretend) {
            return;
        }
        const QString key = upload.from.section(u':', 1);
        if (upload.role == Role::Base || upload.role == Role::Root) {
            const image::Verdict &image = *m_facts.image;
            QJsonObject parameters{{u"path"_s, m_draft.path}, {u"size"_s, static_cast<qint64>(image.fileSize)},
                {u"modified"_s, QString::number(image.modifiedNs)}, {u"format"_s, image::driverName(image.format)},
                {u"target"_s, m_layout.convertTo}, {u"key"_s, key}};
            if (m_draft.adoptChain) {
                QJsonArray members;
                for (const image::ChainMember &member : m_facts.chain->members) {
                    members.append(member.path);
                }
                parameters.insert(u"chain"_s, members);
            }
            step(u"image.convert"_s, CreateStepsText::tr("Convert image"), m_layout.convertTo,
                CreateStepsText::tr("Remove the temporary file"), parameters, image.dataSize);
        } else {
            const QString url = upload.role == Role::Kernel ? m_facts.tree->kernel : m_facts.tree->initrd;
            step(u"tree.fetch"_s, CreateStepsText::tr("Fetch installer"), url.section(u'/', -1),
                CreateStepsText::tr("Remove the temporary file"),
                {{u"url"_s, url}, {u"key"_s, key}, {u"limit"_s, fetchLimit}});
        }
        m_temporary << key;
    }

    static QString titleOf(const Upload &upload)
    {
        switch (upload.role) {
        case Role::Base:
            return CreateStepsText::tr("Create base volume");
        case Role::Kernel:
        case Role::Initrd:
        case Role::DeviceTree:
            return CreateStepsText::tr("Create volume for the kernel");
        default:
            return CreateStepsText::tr("Create volume");
        }
    }

    void addUpload(const Upload &upload)
    {
        const QString pool = m_draft.pool;
        // An empty raw file that grows as it is filled: its length says how far the upload got, and a qcow2 image ends
        // where the file does. The demo driver gets the final size at once.
        const quint64 capacity = m_layout.pretend && m_facts.image ? m_facts.image->virtualSize : 0;
        const QString xml = m_layout.pretend ? volumeXml(upload.name, upload.format, capacity, {}, {})
                                             : volumeXml(upload.name, u"raw"_s, 0, {}, {});
        const QString undo =
            upload.shared ? CreateStepsText::tr("Delete it unless others use it") : CreateStepsText::tr("Delete it");
        if (!upload.complete) {
            step(u"volume.create"_s, titleOf(upload), upload.name, undo,
                {{u"pool"_s, pool}, {u"name"_s, upload.name}, {u"xml"_s, xml}, {u"shared"_s, upload.shared}});
        }
        if (m_layout.pretend) {
            return;
        }
        const bool converted = !upload.marker.isEmpty() && upload.complete;
        if (!converted) { // that one is there, and nothing here could be compared with it
            QJsonObject parameters{
                {u"pool"_s, pool}, {u"volume"_s, upload.name}, {u"xml"_s, xml}, {u"shared"_s, upload.shared}};
            if (upload.from.isEmpty()) {
                parameters.insert(u"path"_s, upload.path);
                parameters.insert(u"size"_s, static_cast<qint64>(upload.fileSize));
                parameters.insert(u"modified"_s, QString::number(upload.modifiedNs));
            } else {
                parameters.insert(u"from"_s, upload.from);
            }
            if (!upload.marker.isEmpty()) {
                parameters.insert(u"marker"_s, upload.marker);
            }
            const bool kernel = upload.role >= Role::Kernel;
            if (kernel) {
                parameters.insert(u"opaque"_s, true); // a kernel is no disk image: nothing to judge
            }
            step(u"volume.upload"_s,
                upload.complete ? CreateStepsText::tr("Use what is already there")
                    : kernel    ? CreateStepsText::tr("Upload kernel")
                                : CreateStepsText::tr("Upload image"),
                upload.name, undo, parameters, upload.complete ? 0 : upload.dataSize);
        }
        step(u"pool.refresh"_s, CreateStepsText::tr("Check volume"), upload.name, {},
            {{u"pool"_s, pool}, {u"volume"_s, upload.name}, {u"format"_s, upload.format}});
    }

    void addRoot()
    {
        const QString pool = m_draft.pool;
        const QString name = m_layout.rootName;
        if (name.isEmpty()) {
            return;
        }
        if (m_layout.rootKind == RootKind::Clone) {
            step(u"volume.clone"_s, CreateStepsText::tr("Copy volume"), name, CreateStepsText::tr("Delete it"),
                {{u"pool"_s, pool}, {u"volume"_s, name},
                    {u"xml"_s, volumeXml(name, m_layout.rootFormat, sourceSize(m_facts), {}, {})},
                    {u"fromPool"_s, m_draft.volume->pool}, {u"fromVolume"_s, m_draft.volume->name},
                    {u"fromFormat"_s, m_facts.sourceVolume->format},
                    {u"fromBacking"_s, m_facts.sourceVolume->backingPath}},
                m_facts.sourceVolume->allocation);
        } else if (m_layout.rootKind != RootKind::Upload) {
            step(u"volume.create"_s,
                m_layout.backingPath.isEmpty() ? CreateStepsText::tr("Create disk")
                                               : CreateStepsText::tr("Create copy-on-write disk"),
                name, CreateStepsText::tr("Delete it"),
                {{u"pool"_s, pool}, {u"name"_s, name},
                    {u"xml"_s,
                        volumeXml(name, m_layout.rootFormat, m_layout.rootCapacity, m_layout.backingPath,
                            m_layout.backingFormat)}});
            return;
        }
        if (m_layout.rootCapacity > sourceSize(m_facts)) {
            step(u"volume.resize"_s, CreateStepsText::tr("Resize disk"), name, {},
                {{u"pool"_s, pool}, {u"volume"_s, name}, {u"capacity"_s, static_cast<qint64>(m_layout.rootCapacity)}});
        }
    }

    void addDisk(const CreateLayout::Disk &disk)
    {
        if (disk.name.isEmpty()) {
            return;
        }
        const CreateDraft::Disk &wanted = disk.wanted;
        const QString undo = CreateStepsText::tr("Delete it");
        if (wanted.kind == CreateDraft::DiskKind::Blank || m_layout.pretend) {
            step(u"volume.create"_s, CreateStepsText::tr("Create disk"), disk.name, undo,
                {{u"pool"_s, m_draft.pool}, {u"name"_s, disk.name},
                    {u"xml"_s, volumeXml(disk.name, disk.format, wanted.bytes, {}, {})}});
            return;
        }
        const bool swap = wanted.kind == CreateDraft::DiskKind::Swap;
        step(u"volume.format"_s,
            swap ? CreateStepsText::tr("Create swap disk") : CreateStepsText::tr("Create formatted disk"), disk.name,
            undo,
            {{u"pool"_s, m_draft.pool}, {u"volume"_s, disk.name}, {u"xml"_s, volumeXml(disk.name, u"raw"_s, 0, {}, {})},
                {u"bytes"_s, static_cast<qint64>(wanted.bytes)}, {u"fs"_s, swap ? u"swap"_s : wanted.fs},
                {u"label"_s, labelOf(wanted)}});
    }

    /** nova's ephemeral disks are called ephemeral0, ephemeral1 … */
    QString labelOf(const CreateDraft::Disk &wanted)
    {
        if (wanted.kind != CreateDraft::DiskKind::Ephemeral) {
            return wanted.label;
        }
        const QString label = u"ephemeral%1"_s.arg(m_ephemerals++);
        return wanted.label.isEmpty() ? label : wanted.label;
    }

    void addSeed()
    {
        if (m_layout.seedName.isEmpty()) {
            return;
        }
        if (m_layout.pretend) {
            step(u"volume.create"_s, CreateStepsText::tr("Create cloud-init seed"), m_layout.seedName,
                CreateStepsText::tr("Delete it"),
                {{u"pool"_s, m_draft.pool}, {u"name"_s, m_layout.seedName},
                    {u"xml"_s, volumeXml(m_layout.seedName, u"raw"_s, fetchLimit / 1024, {}, {})}});
            return;
        }
        step(u"seed.upload"_s, CreateStepsText::tr("Create cloud-init seed"), m_layout.seedName,
            CreateStepsText::tr("Delete it"),
            {{u"pool"_s, m_draft.pool}, {u"volume"_s, m_layout.seedName},
                {u"xml"_s, volumeXml(m_layout.seedName, u"raw"_s, 0, {}, {})}, {u"seed"_s, seedWithMacs()},
                {u"instanceId"_s, m_facts.instanceId}});
    }

    /** The guest tells its cards apart by their addresses. */
    QJsonObject seedWithMacs() const
    {
        const auto seed = seed::seedDraftFromJson(*m_draft.seed, u"$.seed"_s);
        return seed ? seed::withMacs(*seed, macsOf(m_draft, m_facts)).toJson() : *m_draft.seed;
    }

    void addDomain()
    {
        const QString name = m_draft.name;
        step(u"domain.define"_s, CreateStepsText::tr("Define virtual machine"), name,
            CreateStepsText::tr("Remove its definition"), {{u"xml"_s, m_domainXml}});
        if (m_draft.autostart) {
            step(u"domain.setAutostart"_s, CreateStepsText::tr("Start with the host"), name,
                CreateStepsText::tr("Turn it off"), {{u"uuid"_s, QString()}, {u"on"_s, true}, {u"before"_s, false}});
        }
        if (!m_draft.start) {
            return;
        }
        QJsonObject parameters{{u"uuid"_s, QString()}};
        if (m_draft.paused) {
            parameters.insert(u"paused"_s, true);
        }
        step(u"domain.start"_s, m_draft.paused ? CreateStepsText::tr("Start paused") : CreateStepsText::tr("Start"),
            name, CreateStepsText::tr("Force it off"), parameters);
        if (!m_layout.kernelOnce || m_draft.customXml) {
            return;
        }
        step(u"domain.endInstall"_s, CreateStepsText::tr("Boot from the disk from the next start on"), name,
            CreateStepsText::tr("Take it back"), {{u"uuid"_s, QString()}});
        for (const Upload &upload : m_layout.uploads) {
            if (upload.role >= Role::Kernel && !upload.shared && !m_layout.pretend) {
                // QEMU has read it into the guest's memory.
                step(u"volume.delete"_s, CreateStepsText::tr("Delete what only the installation needed"), upload.name,
                    {}, {{u"pool"_s, m_draft.pool}, {u"volume"_s, upload.name}, {u"temporary"_s, true}});
            }
        }
    }

    const CreateDraft &m_draft;
    const CreateFacts &m_facts;
    const CreateLayout &m_layout;
    const QString &m_domainXml;
    QList<Step> m_steps;
    QStringList m_temporary;
    int m_ephemerals = 0;
};

} // namespace

QList<job::Step> createSteps(
    const CreateDraft &draft, const CreateFacts &facts, const CreateLayout &layout, const QString &domainXml)
{
    return StepList(draft, facts, layout, domainXml).build();
}

quint64 uploadBytes(const CreateLayout &layout)
{
    if (layout.pretend) {
        return 0;
    }
    return std::accumulate(layout.uploads.begin(), layout.uploads.end(), quint64{0},
        [](quint64 sum, const Upload &upload) { return sum + (upload.complete ? 0 : upload.dataSize); });
}

} // namespace vireo::operation
