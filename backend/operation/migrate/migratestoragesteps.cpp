// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QFileInfo>
#include <QJsonArray>

#include "backend/operation/migrate/migratenotes_p.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/operation/sharedvolumes.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/steps.h"
#include "backend/virt/volumeparts.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/** volume.relay, migrate.cleanSource: what of a VM's files is moved without its guest. */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;
using Shared = std::shared_ptr<SharedVolumes>;

struct MigrateStorageText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateStorage)
};

constexpr auto patience = 30s;

QString relayedKey(const Step &step)
{
    return u"relayed:"_s + volumeKey(step);
}

/** The pool may not have been looked at since the file came. */
Result<storage::Volume> sourceVolume(virt::Connection &connection, const QString &path)
{
    auto volume = storage::volumeByPath(connection, path);
    if (volume || volume.error().kind != Error::Kind::NotFound) {
        return volume;
    }
    const auto pool = storage::poolByTarget(connection, QFileInfo(path).path());
    if (!pool) {
        return volume;
    }
    const Result<> fresh = storage::refreshPool(connection, pool->name);
    return fresh ? storage::volumeByPath(connection, path) : volume;
}

// ---- volume.relay

/** What a layer's own header says of what is beneath it: hypervisors that look there must find it. */
Result<> renameBacking(virt::Connection &connection, const QString &pool, const QString &volume, const QString &backing)
{
    constexpr quint64 headSize = 64 * 1024;
    if (backing.isEmpty()) {
        return {};
    }
    const auto head = storage::readVolumePart(connection, pool, volume, 0, headSize);
    if (!head) {
        return fail(head.error());
    }
    const auto changed = withBackingPath(*head, backing);
    if (!changed) {
        return fail(changed.error());
    }
    return *changed == *head ? Result<>() : storage::writeVolumePart(connection, pool, volume, 0, *changed);
}

Result<> relay(const Step &step, StepContext &context, const Shared &shared)
{
    if (context.results().contains(relayedKey(step))) {
        return {};
    }
    const auto source = context.connection();
    const auto destination = hostConnection(step, context);
    if (!source || !destination) {
        return fail(!source ? source.error() : destination.error());
    }
    const auto guard = shared->lock(globalKey(step, context, volumeKey(step)), context.stop());
    if (!guard) {
        return fail(guard.error());
    }
    const auto from = sourceVolume(**source, text(step, u"fromPath"_s));
    if (!from) {
        return fail(from.error());
    }
    const QString pool = text(step, u"pool"_s);
    if (!noted(context, volumeKey(step), u"created"_s)) {
        return fail(
            Error::failed(MigrateStorageText::tr("The volume “%1” was not made by this job: it is not written to.")
                    .arg(volumeName(step))));
    }
    const quint64 bytes = step.bytes;
    const auto report = [&context, bytes](quint64 done, quint64 size) {
        const double part = size > 0 ? static_cast<double>(done) / static_cast<double>(size) : 1.0;
        context.report(
            bytes > 0 ? static_cast<quint64>(part * static_cast<double>(bytes)) : done, bytes > 0 ? bytes : size);
    };
    const Result<> sent = whileBusy(
        [&] {
            return storage::relayVolume(
                **source, from->pool, from->name, **destination, pool, volumeName(step), report, context.stop());
        },
        context.stop());
    if (!sent) {
        return sent;
    }
    if (const Result<> named = renameBacking(**destination, pool, volumeName(step), text(step, u"backing"_s)); !named) {
        return named;
    }
    // Libvirt looks at what it has become.
    if (const Result<> fresh = storage::refreshPool(**destination, pool, context.stop()); !fresh) {
        return fresh;
    }
    const auto made = storage::volume(**destination, pool, volumeName(step));
    if (!made) {
        return fail(made.error());
    }
    if (made->physical != 0 && from->physical != 0 && made->physical != from->physical) {
        return fail(
            Error::failed(MigrateStorageText::tr("The volume “%1” has another length than “%2” after it was sent.")
                    .arg(made->name, from->path)));
    }
    return context.note(relayedKey(step), true);
}

Result<Reality> lookAtRelayed(const Step &step, StepContext &context)
{
    const auto created = lookAtCreated(step, context);
    if (!created || created->effect != Effect::Present) {
        return created;
    }
    return context.results().contains(relayedKey(step))
        ? Reality{Effect::Present, MigrateStorageText::tr("The volume “%1” is complete.").arg(volumeName(step))}
        : Reality{Effect::Partial,
              MigrateStorageText::tr("The volume “%1” is there, but not complete.").arg(volumeName(step))};
}

// ---- migrate.cleanSource

QStringList pathsOf(const Step &step)
{
    QStringList paths;
    const QJsonArray array = step.parameters.value("volumes"_L1).toArray();
    for (const auto &value : array) {
        paths.append(value.toString());
    }
    return paths;
}

/** Empty: it is gone. Else why it stays: somebody needs it. */
Result<QString> removeOne(virt::Connection &connection, const QString &path)
{
    const auto volume = optional(sourceVolume(connection, path));
    if (!volume) {
        return fail(volume.error());
    }
    if (!*volume) {
        return QString();
    }
    if (const Result<> fresh = storage::refreshPool(connection, (*volume)->pool); !fresh) {
        return fail(fresh.error());
    }
    const auto user = layerUser(connection, path); // also a snapshot's recorded state
    if (!user || !user->isEmpty()) {
        return user;
    }
    const Result<> deleted =
        whileBusy([&] { return storage::deleteVolume(connection, (*volume)->pool, (*volume)->name); }, {});
    if (!deleted && deleted.error().kind != Error::Kind::NotFound) {
        return fail(deleted.error());
    }
    return QString();
}

Result<> cleanSource(const Step &step, StepContext &context)
{
    if (!migratenotes::hasMoved(context)) {
        return fail(Error::invalid(MigrateStorageText::tr("The VM has not been migrated.")));
    }
    const auto source = migratenotes::reach(context, context.plan().host, patience, {});
    QStringList left = pathsOf(step);
    QMap<QString, QString> kept;
    // Whatever their order: what lies on others goes before them.
    for (qsizetype before = -1; before != left.size();) {
        before = left.size();
        QStringList again;
        for (const QString &path : std::as_const(left)) {
            const auto why = source ? removeOne(**source, path) : fail(source.error());
            if (!why) {
                const QString sentence = MigrateStorageText::tr("“%1” was left at the source: %2");
                migratenotes::addProblem(context, sentence.arg(path, why.error().message));
            } else if (!why->isEmpty()) {
                again.append(path);
                kept.insert(path, *why);
            }
        }
        left = again;
    }
    for (const QString &path : std::as_const(left)) {
        context.log(MigrateStorageText::tr("“%1” stays at the source: %2").arg(path, kept.value(path)));
    }
    return {};
}

Result<Reality> lookAtCleaned(const Step &step, StepContext &context)
{
    const auto source = context.connection();
    if (!source) {
        return fail(source.error());
    }
    qsizetype left = 0;
    const QStringList paths = pathsOf(step);
    for (const QString &path : paths) {
        const auto volume = optional(storage::volumeByPath(**source, path));
        if (!volume) {
            return fail(volume.error());
        }
        left += *volume ? 1 : 0;
    }
    if (left == 0) {
        return Reality{Effect::Present, MigrateStorageText::tr("The copied disks are gone from the source.")};
    }
    return left == paths.size()
        ? Reality{Effect::Absent, MigrateStorageText::tr("The copied disks are still at the source.")}
        : Reality{Effect::Partial, MigrateStorageText::tr("Some of the copied disks are still at the source.")};
}

} // namespace

void registerMigrateStorageSteps(job::StepRegistry &registry, const Shared &shared)
{
    registry.add(u"volume.relay"_s,
        {[shared](const Step &step, StepContext &context) { return relay(step, context, shared); }, {}, lookAtRelayed});
    registry.add(u"migrate.cleanSource"_s, {cleanSource, {}, lookAtCleaned});
}

} // namespace vireo::operation
