// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/domaintarget.h"
#include "backend/operation/snapshot/mergesteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/snapshots.h"

using namespace Qt::StringLiterals;

/** merge.check and snapshot.delete. The latter notes "begun" below "snapshot:NAME". */
namespace vireo::operation {

namespace {

namespace snapshots = virt::snapshots;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct DeleteStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_deleteSteps)
};

QJsonArray chainJson(const snapshot::Chain &chain)
{
    QJsonArray array;
    for (const snapshot::Layer &layer : chain) {
        array.append(layer.path + u' ' + layer.format);
    }
    return array;
}

/** All of a deletion that must not have changed: figures may have. */
QJsonObject signatureOf(const snapshot::Deletion &deletion)
{
    QJsonArray merges;
    for (const snapshot::Merge &merge : deletion.merges) {
        QJsonArray repoints;
        for (const snapshot::Repoint &repoint : merge.repoints) {
            repoints.append(QJsonArray{repoint.snapshot, repoint.from, repoint.to});
        }
        merges.append(QJsonObject{{u"kind"_s, static_cast<int>(merge.kind)}, {u"target"_s, merge.target},
            {u"top"_s, merge.top.path}, {u"base"_s, merge.base.path}, {u"chain"_s, chainJson(merge.chain)},
            {u"inNow"_s, merge.inNow}, {u"gone"_s, merge.gone}, {u"repoints"_s, repoints}});
    }
    return {{u"snapshots"_s, QJsonArray::fromStringList(deletion.snapshots)},
        {u"internals"_s, QJsonArray::fromStringList(deletion.internals)},
        {u"memory"_s, QJsonArray::fromStringList(deletion.memoryFiles)}, {u"merges"_s, merges}};
}

Result<> runCheck(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto facts = snapshot::readFacts(*target->connection, target->uuid);
    if (!facts) {
        return fail(facts.error());
    }
    QStringList names;
    const QJsonArray chosen = step.parameters.value("snapshots"_L1).toArray();
    for (const auto &name : chosen) {
        names.append(name.toString());
    }
    const auto scope = static_cast<snapshot::Scope>(step.parameters.value("scope"_L1).toInt());
    const snapshot::Deletion now = snapshot::planDeletion(*facts, names, scope);
    if (!now.blockers.isEmpty()) {
        return fail(Error::failed(now.blockers.join(u' ')));
    }
    if (signatureOf(now) != step.parameters.value("planned"_L1).toObject()) {
        return fail({Error::Kind::Failed,
            DeleteStepsText::tr("The snapshots or disks of %1 are not what they were when this was planned.")
                .arg(target->name),
            DeleteStepsText::tr("Look at the snapshots again, and plan anew."), 0, 0});
    }
    return {};
}

QString keyOf(const Step &step)
{
    return u"snapshot:"_s + text(step, u"snapshot"_s);
}

Result<bool> isThere(const Step &step, const DomainTarget &target)
{
    const auto names = snapshots::names(*target.connection, target.uuid);
    return names ? Result<bool>(names->contains(text(step, u"snapshot"_s))) : fail(names.error());
}

Result<> runDelete(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto present = isThere(step, *target);
    if (!present || !*present) {
        return present ? Result<>() : fail(present.error()); // gone: by an earlier run, or somebody else
    }
    if (const Result<> known = note(context, keyOf(step), u"begun"_s); !known) {
        return known;
    }
    const Result<> removed = snapshots::remove(*target->connection, target->uuid, text(step, u"snapshot"_s), false);
    return !removed && removed.error().kind == Error::Kind::NotFound ? Result<>() : removed;
}

Result<> undoDelete(const Step &step, StepContext &context)
{
    if (!noted(context, keyOf(step), u"begun"_s)) {
        return {};
    }
    const auto target = domainTarget(step, context);
    const auto present = target ? isThere(step, *target) : fail(target.error());
    if (!present) {
        return fail(present.error());
    }
    if (*present) {
        return {}; // libvirt refused, or was never asked
    }
    return fail({Error::Kind::Unsupported,
        DeleteStepsText::tr("The snapshot “%1” was deleted; what it held is gone.").arg(text(step, u"snapshot"_s)), {},
        0, 0});
}

Result<Reality> lookAtSnapshot(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    const auto present = target ? isThere(step, *target) : fail(target.error());
    if (!present) {
        return fail(present.error());
    }
    const QString name = text(step, u"snapshot"_s);
    return *present ? Reality{Effect::Absent, DeleteStepsText::tr("The snapshot “%1” is there.").arg(name)}
                    : Reality{Effect::Present, DeleteStepsText::tr("The snapshot “%1” is gone.").arg(name)};
}

} // namespace

Step checkMergesStep(const SnapshotDeleteDraft &draft, const snapshot::Deletion &deletion)
{
    Step step;
    step.type = u"merge.check"_s;
    step.title = DeleteStepsText::tr("Check that nothing has changed, and that nobody else needs the files");
    step.parameters = {{u"snapshots"_s, QJsonArray::fromStringList(draft.snapshots)},
        {u"scope"_s, static_cast<int>(draft.scope)}, {u"planned"_s, signatureOf(deletion)}};
    return step;
}

Step deleteSnapshotStep(const QString &snapshot)
{
    Step step;
    step.type = u"snapshot.delete"_s;
    step.title = DeleteStepsText::tr("Delete what the images hold of a snapshot");
    step.object = snapshot;
    step.parameters = {{u"snapshot"_s, snapshot}};
    return step;
}

void registerSnapshotDeleteSteps(job::StepRegistry &registry)
{
    registry.add(u"merge.check"_s, {runCheck, {}, {}});
    registry.add(u"snapshot.delete"_s, {runDelete, undoDelete, lookAtSnapshot});
}

} // namespace vireo::operation
