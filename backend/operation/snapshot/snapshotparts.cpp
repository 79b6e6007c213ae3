// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/snapshot/snapshotparts.h"

#include <algorithm>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/snapshot/snapshotxml.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Kind = snapshot::SnapshotDisk::Kind;
using job::Finding;
using snapshot::DiskNow;
using snapshot::Facts;
using virt::DomainState;

struct SnapshotPartsText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotParts)
};

/** Targets of disks whose live XML speaks of a copy or commit that is under way. */
QStringList mirroredDisks(const Facts &facts)
{
    QStringList targets;
    const auto document = xml::Document::parse(facts.xml);
    if (document) {
        const QList<xml::Element> disks = document->root().find(u"devices"_s).children(u"disk"_s);
        for (const xml::Element &disk : disks) {
            if (disk.child(u"mirror"_s)) {
                targets.append(disk.child(u"target"_s).attribute(u"dev"_s));
            }
        }
    }
    return targets;
}

} // namespace

Finding finding(Finding::Severity severity, const QString &text, const QString &cause, const QString &fix)
{
    return {severity, text, cause, fix};
}

job::Plan snapshotPlan(const QString &operation, const QString &title, const virt::HostId &host, const Facts &facts)
{
    job::Plan plan;
    plan.operation = operation;
    plan.title = title.arg(facts.domain.name);
    plan.host = host;
    plan.domain = facts.domain.uuid;
    plan.domainName = facts.domain.name;
    return plan;
}

job::Step snapshotStep(const QString &type, const QString &title, const QString &object, const Facts &facts)
{
    job::Step step;
    step.type = type;
    step.title = title;
    step.object = object;
    step.parameters = {{u"uuid"_s, facts.domain.uuid.toString(QUuid::WithoutBraces)}};
    return step;
}

QList<Finding> presentObstacles(const Facts &facts)
{
    using Severity = Finding::Severity;
    const QString name = facts.domain.name;
    QList<Finding> findings;
    if (facts.domain.managedSave) {
        findings.append(finding(Severity::Blocker, SnapshotPartsText::tr("%1 has a saved state.").arg(name),
            SnapshotPartsText::tr("Its memory belongs to its disks as they are now: they must not change beneath it."),
            SnapshotPartsText::tr("Start the VM, or discard its saved state.")));
    }
    const QStringList mirrored = mirroredDisks(facts);
    for (const QString &target : mirrored) {
        findings.append(
            finding(Severity::Blocker, SnapshotPartsText::tr("A block job works on the disk %1.").arg(target), {},
                SnapshotPartsText::tr("Wait until it ends, or cancel it.")));
    }
    const DomainState state = facts.domain.state;
    if (state == DomainState::ShuttingDown || state == DomainState::PmSuspended) {
        findings.append(finding(Severity::Blocker,
            state == DomainState::ShuttingDown ? SnapshotPartsText::tr("%1 is shutting down.").arg(name)
                                               : SnapshotPartsText::tr("%1 is asleep.").arg(name),
            {},
            state == DomainState::ShuttingDown ? SnapshotPartsText::tr("Wait until it is off.")
                                               : SnapshotPartsText::tr("Wake it first.")));
    }
    return findings;
}

QString internalObstacle(const Facts &facts)
{
    QStringList others;
    bool any = false;
    for (const DiskNow &disk : facts.disks) {
        if (!disk.canSnapshot) {
            continue;
        }
        any = true;
        const QString format = disk.chain.isEmpty() ? QString() : disk.chain.constFirst().format;
        if (disk.isNetwork || format != "qcow2"_L1) {
            others.append(disk.target);
        }
    }
    if (!any) {
        return SnapshotPartsText::tr("No disk of %1 can keep a snapshot.").arg(facts.domain.name);
    }
    if (!others.isEmpty()) {
        return others.size() == 1
            ? SnapshotPartsText::tr("The disk %1 is no qcow2 file: only such keep snapshots.").arg(others.constFirst())
            : SnapshotPartsText::tr("The disks %1 are no qcow2 files: only such keep snapshots.")
                  .arg(others.join(u", "_s));
    }
    if (facts.usesUefi && !facts.isInternalUefiSafe) {
        return SnapshotPartsText::tr("%1 has UEFI firmware, whose variables this host's libvirt can't keep.")
            .arg(facts.domain.name);
    }
    if (facts.hasTpm) {
        return SnapshotPartsText::tr("%1 has a TPM, whose state would not be kept.").arg(facts.domain.name);
    }
    return {};
}

QList<job::Step> createSteps(const Facts &facts, const SnapshotChoice &choice, bool picture)
{
    const bool active = facts.domain.isActive();
    QList<job::Step> steps;
    if (picture && active) {
        job::Step step = snapshotStep(
            u"snapshot.picture"_s, SnapshotPartsText::tr("Keep a picture of the screen"), choice.name, facts);
        step.parameters.insert(u"name"_s, choice.name);
        steps.append(step);
    }
    QJsonArray disks;
    for (const SnapshotChoice::Disk &disk : choice.disks) {
        if (disk.kind == Kind::External && !active) {
            // libvirt would make it readable for everybody (before 11.10, CVE-2025-13193).
            steps.append(createLayerStep(disk.file, disk.before));
        }
        disks.append(QJsonObject{{u"target"_s, disk.target}, {u"kind"_s, snapshotxml::kindWord(disk.kind)},
            {u"file"_s, disk.file}, {u"before"_s, disk.before.path}, {u"format"_s, disk.before.format}});
    }
    job::Step step = snapshotStep(u"snapshot.create"_s, SnapshotPartsText::tr("Take the snapshot"), choice.name, facts);
    step.undo = SnapshotPartsText::tr("Take the snapshot back");
    step.parameters.insert(u"snapshot"_s, choice.name);
    step.parameters.insert(u"description"_s, choice.description);
    step.parameters.insert(u"active"_s, active);
    step.parameters.insert(u"disks"_s, disks);
    step.parameters.insert(
        u"memory"_s, !choice.memory ? u"no"_s : (choice.memoryFile.isEmpty() ? u"internal"_s : u"external"_s));
    step.parameters.insert(u"memoryFile"_s, choice.memoryFile);
    step.parameters.insert(u"live"_s, choice.live);
    step.parameters.insert(u"quiesce"_s, choice.quiesce);
    step.parameters.insert(u"halt"_s, choice.halt);
    if (choice.memory && !choice.memoryFile.isEmpty()) {
        step.bytes = facts.domain.memoryKiB * 1024;
    }
    steps.append(step);
    return steps;
}

} // namespace vireo::operation
