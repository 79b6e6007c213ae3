// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/deletion.h"

#include <algorithm>
#include <optional>

#include <QCoreApplication>
#include <QFileInfo>
#include <QLocale>
#include <QSet>

#include "backend/operation/resize/resize.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Severity = job::Finding::Severity;

struct DeletionText {
    Q_DECLARE_TR_FUNCTIONS(Deletion)
};

/** A <disk> of the definition, before the host was asked about it. */
struct DiskElement {
    QString target;
    QString device; ///< disk, lun, cdrom, floppy
    QString type;   ///< file, block, volume, network …
    QString path;   ///< file, block device or directory; for network disks a text to show
    QString pool;   ///< type volume only
    QString volume;
    bool readOnly = false;
    bool shareable = false;
    bool isSeed = false; ///< the VM's own seed, of no use to others
};

DiskElement readDisk(const xml::Element &disk)
{
    DiskElement result;
    const xml::Element source = disk.child(u"source"_s);
    result.target = disk.child(u"target"_s).attribute(u"dev"_s);
    result.device = disk.attribute(u"device"_s);
    result.type = disk.attribute(u"type"_s);
    result.readOnly = !disk.child(u"readonly"_s).isNull();
    result.shareable = !disk.child(u"shareable"_s).isNull();
    result.pool = source.attribute(u"pool"_s);
    result.volume = source.attribute(u"volume"_s);
    for (const QString &attribute : {u"file"_s, u"dev"_s, u"dir"_s}) {
        if (result.path.isEmpty()) {
            result.path = source.attribute(attribute);
        }
    }
    if (result.type == "network"_L1) {
        result.path = source.attribute(u"protocol"_s) + u':' + source.attribute(u"name"_s);
    }
    return result;
}

/** What the host knows about a path: the volume, nothing, or that it could not be asked. */
Result<std::optional<storage::Volume>> lookUp(virt::Connection &connection, const DiskElement &disk)
{
    if (disk.type == "network"_L1) {
        return std::nullopt;
    }
    Result<storage::Volume> volume = disk.type == "volume"_L1 ? storage::volume(connection, disk.pool, disk.volume)
                                                              : storage::volumeByPath(connection, disk.path);
    if (volume) {
        return *std::move(volume);
    }
    if (volume.error().kind == Error::Kind::NotFound) {
        return std::nullopt;
    }
    return fail(volume.error());
}

/** Everything on the host that may depend on a disk image. */
struct Dependants {
    QList<storage::DiskUse> uses;
    QList<storage::Volume> volumes; ///< of all active pools
    QString problem;                ///< a pool that could not be read: then nothing is certain
};

Result<Dependants> readDependants(virt::Connection &connection)
{
    Dependants result;
    auto uses = storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    result.uses = *std::move(uses);
    const auto pools = storage::pools(connection);
    if (!pools) {
        return fail(pools.error());
    }
    for (const storage::Pool &pool : *pools) {
        if (!pool.active) {
            continue;
        }
        // libvirt knows an overlay that a snapshot made only after a refresh
        if (const Result<> fresh = storage::refreshPool(connection, pool.name); !fresh) {
            result.problem = fresh.error().message;
        }
        const auto volumes = storage::volumes(connection, pool.name);
        if (volumes) {
            result.volumes.append(*volumes);
        } else {
            result.problem = volumes.error().message;
        }
    }
    return result;
}

/** Why the disk must be kept; empty: it may go. */
QString refusalOf(
    const DiskElement &element, const DeletableDisk &disk, const QUuid &domain, const Dependants &dependants)
{
    if (!element.isSeed && (element.device == "cdrom"_L1 || element.device == "floppy"_L1)) {
        return DeletionText::tr("It is a medium that other VMs may need.");
    }
    if (!element.isSeed && element.readOnly) {
        return DeletionText::tr("The VM has it read-only.");
    }
    if (element.shareable) {
        return DeletionText::tr("It is marked as shared between VMs.");
    }
    QStringList users;
    for (const storage::DiskUse &use : dependants.uses) {
        if (use.domain != domain && !use.path.isEmpty() && use.path == disk.path) {
            users.append(use.domainName);
        }
    }
    users.removeDuplicates();
    if (!users.isEmpty()) {
        return DeletionText::tr("It is used by: %1.").arg(users.join(", "_L1));
    }
    QStringList overlays;
    for (const storage::Volume &volume : dependants.volumes) {
        if (!disk.path.isEmpty() && volume.backingPath == disk.path && volume.path != disk.path) {
            overlays.append(volume.name);
        }
    }
    overlays.removeDuplicates();
    if (!overlays.isEmpty()) {
        return DeletionText::tr("It is the base of: %1.").arg(overlays.join(", "_L1));
    }
    if (disk.pool.isEmpty()) {
        return DeletionText::tr("No storage pool of the host knows it.");
    }
    if (!dependants.problem.isEmpty()) {
        return DeletionText::tr("It could not be checked whether other images need it. %1").arg(dependants.problem);
    }
    return {};
}

QString noteOf(const DiskElement &element)
{
    if (element.isSeed) {
        return DeletionText::tr("Seed of its first boot");
    }
    if (element.device == "cdrom"_L1) {
        return DeletionText::tr("CD-ROM medium");
    }
    if (element.device == "floppy"_L1) {
        return DeletionText::tr("Floppy medium");
    }
    if (element.type == "block"_L1) {
        return DeletionText::tr("Block device");
    }
    return element.type == "network"_L1 ? DeletionText::tr("Network storage") : QString();
}

DeletableDisk readDeletable(
    virt::Connection &connection, const DiskElement &element, const QUuid &domain, const Dependants &dependants)
{
    DeletableDisk disk;
    disk.target = element.target;
    disk.path = element.path;
    disk.note = noteOf(element);
    const auto volume = lookUp(connection, element);
    if (!volume) {
        disk.refusal = volume.error().message;
        return disk;
    }
    if (*volume) {
        disk.path = (*volume)->path;
        disk.pool = (*volume)->pool;
        disk.volume = (*volume)->name;
        disk.allocation = (*volume)->allocation;
    }
    disk.refusal = refusalOf(element, disk, domain, dependants);
    return disk;
}

job::Step domainStep(const QString &type, const QString &title, const QString &undo, const virt::DomainRecord &domain)
{
    job::Step step;
    step.type = type;
    step.title = title;
    step.object = domain.name;
    step.undo = undo;
    step.parameters = {{u"uuid"_s, domain.uuid.toString(QUuid::WithoutBraces)}};
    return step;
}

job::Step volumeStep(const DeletableDisk &disk)
{
    job::Step step;
    step.type = u"volume.delete"_s;
    step.title = DeletionText::tr("Delete storage");
    step.object = disk.volume;
    step.parameters = {{u"pool"_s, disk.pool}, {u"volume"_s, disk.volume}};
    return step;
}

/** Looks again, just before anything is touched, whether the chosen storage may still go. */
job::Step checkStep(const QList<DeletableDisk> &disks, const virt::DomainRecord &domain)
{
    job::Step step =
        domainStep(u"storage.check"_s, DeletionText::tr("Check that nobody else needs the storage"), {}, domain);
    QJsonObject paths;
    for (const DeletableDisk &disk : disks) {
        paths.insert(disk.target, disk.path);
    }
    step.parameters.insert(u"paths"_s, paths);
    return step;
}

Result<> runCheck(const job::Step &step, job::StepContext &context)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const QUuid uuid = QUuid::fromString(step.parameters[u"uuid"_s].toString());
    const auto exists = virt::domains::state(**connection, uuid);
    if (!exists) {
        return fail(exists.error());
    }
    if (!exists->exists) {
        return {}; // a repeated run: the definition went already, volume.delete looks for itself
    }
    const auto facts = readDeleteFacts(**connection, uuid);
    if (!facts) {
        return fail(facts.error());
    }
    const QJsonObject paths = step.parameters[u"paths"_s].toObject();
    for (auto it = paths.constBegin(); it != paths.constEnd(); ++it) {
        const auto disk = std::ranges::find(facts->disks, it.key(), &DeletableDisk::target);
        if (disk == facts->disks.cend() || disk->path != it->toString()) {
            return fail(
                Error::failed(DeletionText::tr("The disk %1 is not what it was when this was planned.").arg(it.key())));
        }
        if (!disk->refusal.isEmpty()) {
            return fail(
                Error::failed(DeletionText::tr("The storage of %1 can't be deleted: %2").arg(it.key(), disk->refusal)));
        }
    }
    return {};
}

QString sizeText(quint64 bytes)
{
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeIecFormat);
}

} // namespace

Result<DeleteFacts> readDeleteFacts(virt::Connection &connection, const QUuid &domain)
{
    DeleteFacts facts;
    auto record = virt::domains::read(connection, domain);
    if (!record) {
        return fail(record.error());
    }
    facts.domain = *std::move(record);
    const auto text = virt::domains::xml(connection, domain, virt::domains::XmlKind::Inactive);
    if (!text) {
        return fail(text.error());
    }
    const auto document = xml::Document::parse(*text);
    if (!document) {
        return fail(document.error());
    }
    const xml::Element root = document->root();
    facts.hasNvram = !root.find(u"os/nvram"_s).isNull();
    facts.unconfirmed = unconfirmedFinding(*text);

    QList<DiskElement> elements;
    const QString seed = root.child(u"metadata"_s)
                             .child(u"domain"_s, QString::fromLatin1(xml::MetadataNamespace))
                             .child(u"seed"_s)
                             .text();
    const QList<xml::Element> disks = root.child(u"devices"_s).children(u"disk"_s);
    for (const xml::Element &element : disks) {
        DiskElement disk = readDisk(element);
        disk.isSeed = disk.device == "cdrom"_L1 && !seed.isEmpty() && QFileInfo(disk.path).fileName() == seed;
        if (!disk.path.isEmpty() || !disk.volume.isEmpty()) { // an empty drive holds nothing
            elements.append(std::move(disk));
        }
    }
    if (elements.isEmpty()) {
        return facts;
    }
    const auto dependants = readDependants(connection);
    if (!dependants) {
        return fail(dependants.error());
    }
    for (const DiskElement &element : std::as_const(elements)) {
        facts.disks.append(readDeletable(connection, element, domain, *dependants));
    }
    return facts;
}

job::Plan planDelete(const virt::HostId &host, const DeleteFacts &facts, const QStringList &targetsToDelete)
{
    const virt::DomainRecord &domain = facts.domain;
    job::Plan plan;
    plan.operation = u"delete"_s;
    plan.title = DeletionText::tr("Delete %1").arg(domain.name);
    plan.host = host;
    plan.domain = domain.uuid;
    plan.domainName = domain.name;
    const auto find = [&plan](
                          Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {}) {
        plan.findings.append({severity, text, cause, fix});
    };

    if (facts.unconfirmed) {
        plan.findings.append(*facts.unconfirmed);
    }
    QList<DeletableDisk> chosen;
    QSet<QString> paths; // two disks may be the same volume
    for (const QString &target : targetsToDelete) {
        const auto disk = std::find_if(
            facts.disks.cbegin(), facts.disks.cend(), [&](const DeletableDisk &d) { return d.target == target; });
        if (disk == facts.disks.cend()) {
            find(Severity::Blocker, DeletionText::tr("%1 has no disk %2.").arg(domain.name, target));
        } else if (!disk->refusal.isEmpty() || disk->pool.isEmpty() || disk->volume.isEmpty()) {
            find(Severity::Blocker, DeletionText::tr("The storage of %1 can't be deleted.").arg(target), disk->refusal,
                DeletionText::tr("Keep it."));
        } else if (!paths.contains(disk->path)) {
            paths.insert(disk->path);
            chosen.append(*disk);
        }
    }

    const bool active = domain.isActive() || domain.id >= 0;
    if (active) {
        find(Severity::Warning, DeletionText::tr("%1 is running and will be forced off.").arg(domain.name),
            DeletionText::tr("The guest gets no chance to write its data."), DeletionText::tr("Shut it down first."));
    }
    if (domain.managedSave) {
        find(Severity::Warning, DeletionText::tr("Its saved state is deleted with it."));
    }
    if (facts.hasNvram) {
        find(Severity::Note, DeletionText::tr("Its firmware variables (NVRAM) are deleted with it."));
    }
    quint64 bytes = 0;
    QStringList names;
    for (const DeletableDisk &disk : std::as_const(chosen)) {
        bytes += disk.allocation;
        names.append(disk.volume);
    }
    if (!chosen.isEmpty()) {
        find(Severity::Warning,
            DeletionText::tr("Storage will be deleted for good: %1 (%2).").arg(names.join(", "_L1), sizeText(bytes)),
            DeletionText::tr("This can't be undone."));
    } else if (!facts.disks.isEmpty()) {
        find(Severity::Note, DeletionText::tr("Its storage is kept."));
    }
    if (plan.isBlocked()) {
        return plan;
    }

    // The definition goes before its disks: when libvirt refuses that, the VM still has everything it needs.
    if (!chosen.isEmpty()) {
        plan.steps.append(checkStep(chosen, domain));
    }
    if (active) {
        plan.steps.append(domainStep(u"domain.destroy"_s, DeletionText::tr("Force off"), {}, domain));
    }
    if (domain.persistent) {
        plan.steps.append(domainStep(u"domain.undefine"_s, DeletionText::tr("Delete the definition"), {}, domain));
    }
    for (const DeletableDisk &disk : std::as_const(chosen)) {
        plan.steps.append(volumeStep(disk));
    }
    plan.verdict = chosen.isEmpty() ? DeletionText::tr("%1 will be deleted, its storage is kept.").arg(domain.name)
                                    : DeletionText::tr("%1 and its chosen storage will be deleted.").arg(domain.name);
    return plan;
}

void registerDeletionSteps(job::StepRegistry &registry)
{
    registry.add(u"storage.check"_s, {runCheck, {}});
}

} // namespace vireo::operation
