// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QDir>

#include "backend/operation/layerfiles.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/domains.h"
#include "backend/virt/snapshots.h"

using namespace Qt::StringLiterals;

/** layer.create and layer.delete. Notes below "layer:PATH": "created", "deleted". */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct LayerStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_layerSteps)
};

QString fileName(const QString &path)
{
    return path.sliced(path.lastIndexOf(u'/') + 1);
}

Result<> runCreate(const Step &step, StepContext &context)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const QString path = text(step, u"path"_s);
    const snapshot::Layer backing{text(step, u"backing"_s), text(step, u"format"_s)};
    const auto existing = optional(layerVolume(*connection, path));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing && noted(context, layerKey(step, context), u"created"_s)) {
        return {}; // by an earlier run of this step
    }
    quint64 capacity = number(step, u"capacity"_s);
    if (capacity == 0) {
        const auto below = layerVolume(*connection, backing.path);
        if (!below) {
            return fail(below.error());
        }
        capacity = below->capacity;
    }
    if (*existing) {
        return fail({Error::Kind::Failed, LayerStepsText::tr("There is a file “%1” already.").arg(path),
            LayerStepsText::tr("Choose another name."), 0, 0});
    }
    // Noted first: a call whose answer never comes may have made it all the same.
    if (const Result<> known = note(context, layerKey(step, context), u"created"_s); !known) {
        return known;
    }
    const Result<> created = createOverlay(*connection, path, backing, capacity);
    if (!created && created.error().kind != Error::Kind::Disconnected) {
        // A refusal made nothing, or something of somebody who was faster.
        if (const Result<> taken = note(context, layerKey(step, context), u"created"_s, false); !taken) {
            context.log(taken.error().message);
        }
    }
    return created;
}

Result<> undoCreate(const Step &step, StepContext &context)
{
    if (!noted(context, layerKey(step, context), u"created"_s)) {
        return {};
    }
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const QString path = text(step, u"path"_s);
    const auto user = layerUser(**connection, path);
    if (!user) {
        return fail(user.error());
    }
    if (!user->isEmpty()) { // the job may have been interrupted long ago
        context.log(LayerStepsText::tr("“%1” is kept: %2").arg(path, *user));
    } else if (const Result<> deleted = deleteLayer(*connection, path); !deleted) {
        return deleted;
    }
    return note(context, layerKey(step, context), u"created"_s, false);
}

Result<Reality> look(const Step &step, StepContext &context, Effect whenThere)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const QString path = text(step, u"path"_s);
    const auto existing = optional(layerVolume(*connection, path));
    if (!existing) {
        return fail(existing.error());
    }
    const Effect otherwise = whenThere == Effect::Present ? Effect::Absent : Effect::Present;
    return *existing ? Reality{whenThere, LayerStepsText::tr("“%1” is there.").arg(path)}
                     : Reality{otherwise, LayerStepsText::tr("“%1” is not there.").arg(path)};
}

Result<Reality> lookAtMadeLayer(const Step &step, StepContext &context)
{
    return look(step, context, Effect::Present);
}

Result<> deleteUnlessUsed(const Step &step, StepContext &context)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const QString path = text(step, u"path"_s);
    const auto existing = optional(layerVolume(*connection, path));
    if (!existing) {
        return fail(existing.error());
    }
    if (!*existing) {
        return {};
    }
    const auto user = layerUser(**connection, path);
    if (!user) {
        return fail(user.error());
    }
    if (!user->isEmpty()) {
        return fail(Error::failed(LayerStepsText::tr("“%1” is kept: %2").arg(path, *user)));
    }
    if (const Result<> known = note(context, layerKey(step, context), u"deleted"_s); !known) {
        return known;
    }
    return deleteLayer(*connection, path);
}

Result<> runDelete(const Step &step, StepContext &context)
{
    const Result<> deleted = deleteUnlessUsed(step, context);
    // A host that went away comes back, and nobody else would remember the file.
    const QString away = text(step, u"away"_s);
    if (!deleted && deleted.error().kind == Error::Kind::Disconnected && !away.isEmpty()) {
        const Result<> known = away == "finish"_L1 ? note(context, layerKey(step, context), u"deleted"_s) : Result<>();
        return known ? deleted : known;
    }
    // All that mattered is done: a file that stays is no reason to take it back.
    if (!deleted && step.parameters.value("optional"_L1).toBool()) {
        context.log(deleted.error().message);
        return {};
    }
    return deleted;
}

Result<> undoDelete(const Step &step, StepContext &context)
{
    if (!noted(context, layerKey(step, context), u"deleted"_s) || step.parameters.value("ours"_L1).toBool()) {
        return {};
    }
    const auto found = look(step, context, Effect::Absent);
    if (!found) {
        return fail(found.error());
    }
    if (found->effect == Effect::Absent) {
        return {}; // libvirt refused, or was never asked
    }
    return fail(Error{Error::Kind::Unsupported,
        LayerStepsText::tr("“%1” was deleted; its data are gone.").arg(text(step, u"path"_s)), {}, 0, 0});
}

Result<Reality> lookAtGoneLayer(const Step &step, StepContext &context)
{
    return look(step, context, Effect::Absent);
}

bool needs(const snapshot::Snapshot &snapshot, const QString &path)
{
    return snapshot.memoryFile == path
        || std::ranges::any_of(snapshot.disks, [&path](const snapshot::SnapshotDisk &disk) {
               return std::ranges::find(disk.state, path, &snapshot::Layer::path) != disk.state.cend();
           });
}

Result<QString> snapshotUser(virt::Connection &connection, const virt::DomainRecord &domain, const QString &path)
{
    const auto stored = virt::snapshots::list(connection, domain.uuid);
    if (!stored) {
        const bool isGone =
            stored.error().kind == Error::Kind::NotFound || stored.error().kind == Error::Kind::Unsupported;
        return isGone ? Result<QString>(QString()) : fail(stored.error());
    }
    for (const virt::snapshots::Stored &each : *stored) {
        const auto snapshot = snapshot::parseSnapshot(each.xml);
        if (!snapshot) { // what can't be read might need it
            return fail(snapshot.error());
        }
        if (needs(*snapshot, path)) {
            return LayerStepsText::tr("the snapshot “%1” of %2 needs it.").arg(each.name, domain.name);
        }
    }
    return QString();
}

/** A file of the pool that lies on `path`; empty: none. What libvirt found when it last looked may be outdated. */
Result<QString> overlayIn(virt::Connection &connection, const QString &pool, const QString &path, bool isNear)
{
    for (bool fresh = false;; fresh = true) {
        if (isNear || fresh) {
            const Result<> refreshed = storage::refreshPool(connection, pool);
            if (!refreshed && refreshed.error().kind != Error::Kind::NotFound) {
                return fail(refreshed.error());
            }
        }
        const auto volumes = optional(storage::volumes(connection, pool));
        if (!volumes) {
            return fail(volumes.error());
        }
        const QList<storage::Volume> listed = volumes->value_or(QList<storage::Volume>());
        const auto above = std::ranges::find(listed, path, &storage::Volume::backingPath);
        if (above == listed.cend()) {
            return QString();
        }
        if (isNear || fresh) {
            return above->path;
        }
    }
}

} // namespace

QString layerKey(const Step &step, const StepContext &context)
{
    return (hostOf(step, context) == context.plan().host ? u"layer:"_s : u"layer:there:"_s) + text(step, u"path"_s);
}

Result<QString> layerUser(virt::Connection &connection, const QString &path)
{
    const auto uses = storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    if (const auto use = std::ranges::find(*uses, path, &storage::DiskUse::path); use != uses->cend()) {
        return LayerStepsText::tr("%1 uses it.").arg(use->domainName);
    }
    const auto pools = storage::pools(connection);
    if (!pools) {
        return fail(pools.error());
    }
    const QString directory = QDir::cleanPath(path.first(std::max<qsizetype>(path.lastIndexOf(u'/'), 1)));
    for (const storage::Pool &pool : *pools) {
        const auto above = pool.active
            ? overlayIn(connection, pool.name, path, QDir::cleanPath(pool.targetPath) == directory)
            : Result<QString>(QString());
        if (!above) {
            return fail(above.error());
        }
        if (!above->isEmpty()) {
            return LayerStepsText::tr("“%1” is an overlay of it.").arg(*above);
        }
    }
    const auto domains = virt::domains::list(connection);
    if (!domains) {
        return fail(domains.error());
    }
    for (const virt::DomainRecord &domain : *domains) {
        const auto user = snapshotUser(connection, domain, path);
        if (!user || !user->isEmpty()) {
            return user;
        }
    }
    return QString();
}

Step createLayerStep(const QString &path, const snapshot::Layer &backing, quint64 capacity)
{
    Step step;
    step.type = u"layer.create"_s;
    step.title = LayerStepsText::tr("Make an overlay");
    step.object = fileName(path);
    step.undo = LayerStepsText::tr("Delete the overlay");
    step.parameters = {{u"path"_s, path}, {u"backing"_s, backing.path}, {u"format"_s, backing.format},
        {u"capacity"_s, static_cast<double>(capacity)}};
    return step;
}

Step deleteLayerStep(const QString &path, bool ours)
{
    Step step;
    step.type = u"layer.delete"_s;
    step.title = LayerStepsText::tr("Delete a file that nothing needs any more");
    step.object = fileName(path);
    step.parameters = {{u"path"_s, path}};
    if (ours) {
        step.parameters.insert(u"ours"_s, true);
    }
    return step;
}

void registerLayerSteps(job::StepRegistry &registry)
{
    registry.add(u"layer.create"_s,
        {runCreate,
            [](const Step &step, StepContext &context) {
                return passingOverAway(step, context, undoCreate(step, context));
            },
            lookAtMadeLayer});
    registry.add(u"layer.delete"_s, {runDelete, undoDelete, lookAtGoneLayer});
}

} // namespace vireo::operation
