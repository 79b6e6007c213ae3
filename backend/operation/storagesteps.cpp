// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/image/inspector.h"
#include "backend/image/localfile.h"
#include "backend/operation/sharedvolumes.h"
#include "backend/operation/steps.h"
#include "backend/virt/storage.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/**
 * The steps on pools and volumes. What a step made is noted in the job's results under "pool:NAME" or
 * "volume:POOL/NAME", so that running it again finds its own work, and undoing takes back only that.
 *
 * A volume that is filled from a file begins empty and grows: it is complete when it is as long as the file. So no
 * marker is needed to tell a base volume that is ready from the remains of a broken upload.
 */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using job::Step;
using job::StepContext;
using Shared = std::shared_ptr<SharedVolumes>;

// How long an upload by another program may stand still before its remains are replaced.
constexpr auto foreignUploadPatience = 3s;

struct StoragestepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_storageSteps)
};

QString text(const Step &step, const QString &key)
{
    return step.parameters.value(key).toString();
}

quint64 number(const Step &step, const QString &key)
{
    return static_cast<quint64>(std::max(0.0, step.parameters.value(key).toDouble()));
}

/** Create steps call it name, all others volume. */
QString volumeName(const Step &step)
{
    return step.parameters.value(step.parameters.contains("volume"_L1) ? "volume"_L1 : "name"_L1).toString();
}

QString volumeKey(const Step &step)
{
    return u"volume:%1/%2"_s.arg(text(step, u"pool"_s), volumeName(step));
}

QString poolKey(const Step &step)
{
    return u"pool:"_s + text(step, u"pool"_s);
}

bool isShared(const Step &step)
{
    return step.parameters.value("shared"_L1).toBool();
}

/** The same volume on two hosts is two volumes. */
QString globalKey(const StepContext &context, const QString &key)
{
    return context.plan().host.toString(QUuid::WithoutBraces) + u'/' + key;
}

bool noted(const StepContext &context, const QString &key, const QString &what)
{
    return context.results().value(key).toObject().value(what).toBool();
}

void note(StepContext &context, const QString &key, const QString &what, bool value = true)
{
    QJsonObject notes = context.results().value(key).toObject();
    notes.insert(what, value);
    context.results().insert(key, notes);
}

/** Nothing there is not an error for what only wants to know. */
template<typename T>
Result<std::optional<T>> optional(Result<T> result)
{
    if (result) {
        return std::optional<T>(std::move(*result));
    }
    if (result.error().kind == Error::Kind::NotFound) {
        return std::optional<T>();
    }
    return fail(result.error());
}

Result<> makeVolume(const Step &step, StepContext &context, virt::Connection &connection)
{
    // Noted first: a call whose answer never comes may have made it all the same.
    note(context, volumeKey(step), u"created"_s);
    const auto created = storage::createVolume(connection, text(step, u"pool"_s), text(step, u"xml"_s));
    if (created) {
        return {};
    }
    // A refusal, other than a broken connection, made nothing; somebody else may have been faster.
    if (created.error().kind != Error::Kind::Disconnected) {
        note(context, volumeKey(step), u"created"_s, false);
    }
    return fail(created.error());
}

Result<> createVolume(const Step &step, StepContext &context, const Shared &shared)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const QString key = globalKey(context, volumeKey(step));
    const auto guard = shared->lock(key, context.stop());
    if (!guard) {
        return fail(guard.error());
    }
    if (isShared(step)) {
        shared->use(key);
    }
    const auto existing = optional(storage::volume(**connection, text(step, u"pool"_s), volumeName(step)));
    if (!existing) {
        return fail(existing.error());
    }
    if (!*existing) {
        return makeVolume(step, context, **connection);
    }
    if (isShared(step) || noted(context, volumeKey(step), u"created"_s)) {
        return {};
    }
    return fail(Error::failed(
        StoragestepsText::tr("The pool “%1” already has a volume “%2”.").arg(text(step, u"pool"_s), volumeName(step))));
}

/** Whether another volume of the pool is an overlay of it, or a domain has it as a disk. */
Result<bool> isInUse(virt::Connection &connection, const storage::Volume &volume)
{
    const auto all = storage::volumes(connection, volume.pool);
    if (!all) {
        return fail(all.error());
    }
    if (std::ranges::any_of(
            *all, [&volume](const storage::Volume &other) { return other.backingPath == volume.path; })) {
        return true;
    }
    const auto uses = storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    return std::ranges::any_of(*uses, [&volume](const storage::DiskUse &use) { return use.path == volume.path; });
}

/** Deletes a volume if this job made it and nobody else needs it by now. Undo of both create and upload. */
Result<> removeVolume(const Step &step, StepContext &context, const Shared &shared)
{
    const QString key = globalKey(context, volumeKey(step));
    const auto guard = shared->lock(key, {});
    const bool unused = shared->giveUp(key);
    if (!noted(context, volumeKey(step), u"created"_s)) {
        return {};
    }
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const auto existing = optional(storage::volume(**connection, text(step, u"pool"_s), volumeName(step)));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing) {
        const auto inUse = isShared(step) ? isInUse(**connection, **existing) : Result<bool>(false);
        if (!inUse) {
            return fail(inUse.error());
        }
        if (!unused || *inUse) {
            context.log(StoragestepsText::tr("“%1” is kept: others use it.").arg(volumeName(step)));
        } else if (const auto deleted = storage::deleteVolume(**connection, text(step, u"pool"_s), volumeName(step));
            !deleted && deleted.error().kind != Error::Kind::NotFound) {
            return deleted;
        }
    }
    note(context, volumeKey(step), u"created"_s, false);
    return {};
}

/** The file must still be the one that was inspected for the plan. */
Result<> checkFile(const Step &step)
{
    const QString path = text(step, u"path"_s);
    const auto file = image::LocalFile::open(path);
    if (!file) {
        return fail(file.error());
    }
    if (file->size() != number(step, u"size"_s) || QString::number(file->modifiedNs()) != text(step, u"modified"_s)) {
        return fail(Error{Error::Kind::Failed, StoragestepsText::tr("“%1” has changed since it was checked.").arg(path),
            StoragestepsText::tr("Start again with the file as it is now."), 0, 0});
    }
    return {};
}

Result<> inspectFile(const Step &step)
{
    if (const Result<> same = checkFile(step); !same) {
        return same;
    }
    const auto verdict = image::inspect(text(step, u"path"_s));
    if (!verdict) {
        return fail(verdict.error());
    }
    if (!verdict->isSafe()) {
        return fail(Error::failed(
            StoragestepsText::tr("“%1” must not be used: %2").arg(text(step, u"path"_s), verdict->refusal)));
    }
    return {};
}

/** Waits while somebody outside this process fills the volume. True: it is complete now. */
Result<bool> awaitForeignUpload(const Step &step, StepContext &context, virt::Connection &connection)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    quint64 length = 0;
    auto deadline = std::chrono::steady_clock::now() + foreignUploadPatience;
    for (bool first = true;; first = false) {
        const auto volume = optional(storage::volume(connection, text(step, u"pool"_s), volumeName(step)));
        if (!volume) {
            return fail(volume.error());
        }
        if (!*volume) {
            return false;
        }
        if ((*volume)->physical == number(step, u"size"_s)) {
            return true;
        }
        if (first || (*volume)->physical != length) {
            length = (*volume)->physical;
            deadline = std::chrono::steady_clock::now() + foreignUploadPatience;
        } else if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, context.stop(), 250ms, [] { return false; });
        if (context.isCancelled()) {
            return fail(Error::cancelled());
        }
    }
}

/** Leaves an empty volume of our own to be filled, or says (true) that nothing needs to be done. */
Result<bool> prepareUpload(const Step &step, StepContext &context, virt::Connection &connection)
{
    const QString pool = text(step, u"pool"_s);
    const auto existing = optional(storage::volume(connection, pool, volumeName(step)));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing && isShared(step) && (*existing)->physical == number(step, u"size"_s)) {
        return true;
    }
    const bool own = noted(context, volumeKey(step), u"created"_s);
    if (*existing && own) {
        return false;
    }
    if (*existing && !isShared(step)) {
        return fail(
            Error::failed(StoragestepsText::tr("The volume “%1” was not made by this job.").arg(volumeName(step))));
    }
    if (*existing) {
        context.log(StoragestepsText::tr("“%1” is incomplete: waiting for whoever fills it.").arg(volumeName(step)));
        const auto complete = awaitForeignUpload(step, context, connection);
        if (!complete || *complete) {
            return complete;
        }
        const auto deleted = storage::deleteVolume(connection, pool, volumeName(step));
        if (!deleted && deleted.error().kind != Error::Kind::NotFound) {
            return fail(deleted.error());
        }
        context.log(
            StoragestepsText::tr("“%1” was left behind by a broken upload and is replaced.").arg(volumeName(step)));
    }
    // Also when the job that made it was cancelled while this one waited.
    if (const Result<> made = makeVolume(step, context, connection); !made) {
        return fail(made.error());
    }
    return false;
}

Result<> uploadVolume(const Step &step, StepContext &context, const Shared &shared)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    if (const Result<> safe = inspectFile(step); !safe) {
        return safe;
    }
    const QString key = globalKey(context, volumeKey(step));
    const auto guard = shared->lock(key, context.stop());
    if (!guard) {
        return fail(guard.error());
    }
    if (isShared(step)) {
        shared->use(key);
    }
    const auto ready = prepareUpload(step, context, **connection);
    if (!ready) {
        return fail(ready.error());
    }
    if (*ready) {
        context.log(StoragestepsText::tr("“%1” is already there: nothing was uploaded.").arg(volumeName(step)));
        return {};
    }
    const quint64 total = step.bytes;
    const auto report = [&context, total](quint64 done, quint64 size) {
        // The user was told the data's size; holes cost nothing but count in the file's length.
        const double part = size > 0 ? double(done) / double(size) : 1.0;
        context.report(total > 0 ? static_cast<quint64>(part * double(total)) : done, total > 0 ? total : size);
    };
    const Result<> sent = storage::uploadVolume(
        **connection, text(step, u"pool"_s), volumeName(step), text(step, u"path"_s), report, context.stop());
    if (!sent) {
        return sent;
    }
    if (const Result<> same = checkFile(step); !same) {
        return same;
    }
    const auto volume = storage::volume(**connection, text(step, u"pool"_s), volumeName(step));
    if (!volume) {
        return fail(volume.error());
    }
    if (volume->physical != 0 && volume->physical != number(step, u"size"_s)) {
        return fail(Error::failed(StoragestepsText::tr("The volume “%1” has %2 after the upload instead of %3.")
                .arg(volumeName(step), sizeText(volume->physical), sizeText(number(step, u"size"_s)))));
    }
    return {};
}

/** Refreshes a pool; with a volume, checks that libvirt sees in it what was uploaded and nothing behind it. */
Result<> refreshPool(const Step &step, StepContext &context)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const QString pool = text(step, u"pool"_s);
    if (const Result<> refreshed = storage::refreshPool(**connection, pool, context.stop()); !refreshed) {
        return refreshed;
    }
    if (volumeName(step).isEmpty()) {
        return {};
    }
    const auto volume = storage::volume(**connection, pool, volumeName(step));
    if (!volume) {
        return fail(volume.error());
    }
    if (!volume->backingPath.isEmpty()) {
        return fail(Error::failed(StoragestepsText::tr("The volume “%1” needs another file, “%2”; it must not be used.")
                .arg(volume->name, volume->backingPath)));
    }
    // Raw data can look like many things to libvirt; only for the others is its opinion worth a check.
    const QString format = text(step, u"format"_s);
    if (format == "qcow2"_L1 && volume->format != format) {
        return fail(Error::failed(StoragestepsText::tr("The host takes the volume “%1” for “%2” instead of “%3”.")
                .arg(volume->name, volume->format, format)));
    }
    return {};
}

Result<> ensurePool(const Step &step, StepContext &context, const Shared &shared)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const QString pool = text(step, u"pool"_s);
    const QString key = globalKey(context, poolKey(step));
    const auto guard = shared->lock(key, context.stop());
    if (!guard) {
        return fail(guard.error());
    }
    shared->use(key);
    auto existing = optional(storage::pool(**connection, pool));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing && (*existing)->active) {
        return {};
    }
    if (!*existing) {
        if (text(step, u"xml"_s).isEmpty()) {
            return fail(Error{
                Error::Kind::NotFound, StoragestepsText::tr("The storage pool “%1” is gone.").arg(pool), {}, 0, 0});
        }
        if (const Result<> defined = storage::definePool(**connection, text(step, u"xml"_s)); !defined) {
            return defined;
        }
        note(context, poolKey(step), u"defined"_s);
        if (const Result<> built = storage::buildPool(**connection, pool); !built) {
            return built;
        }
    }
    if (const Result<> started = storage::startPool(**connection, pool); !started) {
        return started;
    }
    note(context, poolKey(step), u"started"_s);
    if (noted(context, poolKey(step), u"defined"_s)) {
        const Result<> autostart = storage::setPoolAutostart(**connection, pool, true);
        if (!autostart && autostart.error().kind != Error::Kind::Unsupported) {
            return autostart;
        }
    }
    return {};
}

Result<> dropPool(const Step &step, StepContext &context, const Shared &shared)
{
    const QString pool = text(step, u"pool"_s);
    const QString key = globalKey(context, poolKey(step));
    const auto guard = shared->lock(key, {});
    const bool unused = shared->giveUp(key);
    const bool defined = noted(context, poolKey(step), u"defined"_s);
    const bool started = noted(context, poolKey(step), u"started"_s);
    if (!defined && !started) {
        return {};
    }
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const auto existing = optional(storage::pool(**connection, pool));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing && !unused) {
        context.log(StoragestepsText::tr("The storage pool “%1” is kept: others use it.").arg(pool));
    } else if (*existing) {
        if (defined && (*existing)->active) {
            // Files that were there before, or that others put there meanwhile: a pool that shows them does no harm.
            const auto volumes = storage::volumes(**connection, pool);
            if (volumes && !volumes->isEmpty()) {
                context.log(StoragestepsText::tr("The storage pool “%1” is kept: it holds volumes.").arg(pool));
                context.results().remove(poolKey(step));
                return {};
            }
        }
        if (started && (*existing)->active) {
            if (const Result<> stopped = storage::stopPool(**connection, pool); !stopped) {
                return stopped;
            }
        }
        if (defined) {
            if (const Result<> gone = storage::undefinePool(**connection, pool); !gone) {
                return gone;
            }
        }
    }
    context.results().remove(poolKey(step));
    return {};
}

Result<> resizeVolume(const Step &step, StepContext &context)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const auto volume = storage::volume(**connection, text(step, u"pool"_s), volumeName(step));
    if (!volume) {
        return fail(volume.error());
    }
    if (volume->capacity >= number(step, u"capacity"_s)) { // never smaller: that would cut data off
        return {};
    }
    return storage::resizeVolume(**connection, text(step, u"pool"_s), volumeName(step), number(step, u"capacity"_s));
}

/** The plan found nobody who needs the volume; between preview and run somebody may have begun to. */
Result<> checkUnneeded(virt::Connection &connection, const storage::Volume &volume, StepContext &context)
{
    if (const Result<> fresh = storage::refreshPool(connection, volume.pool, context.stop()); !fresh) {
        return fresh;
    }
    const auto used = isInUse(connection, volume);
    if (!used) {
        return fail(used.error());
    }
    if (*used) {
        return fail(Error::failed(
            StoragestepsText::tr("“%1” is kept: another VM or image has begun to use it.").arg(volume.name)));
    }
    return {};
}

Result<> deleteVolume(const Step &step, StepContext &context)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const auto volume = optional(storage::volume(**connection, text(step, u"pool"_s), volumeName(step)));
    if (!volume) {
        return fail(volume.error());
    }
    if (*volume) {
        if (const Result<> unneeded = checkUnneeded(**connection, **volume, context); !unneeded) {
            return unneeded;
        }
    }
    const Result<> deleted = storage::deleteVolume(**connection, text(step, u"pool"_s), volumeName(step));
    if (!deleted && deleted.error().kind != Error::Kind::NotFound) {
        return deleted;
    }
    note(context, volumeKey(step), u"deleted"_s);
    return {};
}

Result<> undeleteVolume(const Step &step, StepContext &context)
{
    if (!noted(context, volumeKey(step), u"deleted"_s)) {
        return {};
    }
    return fail(Error{Error::Kind::Unsupported,
        StoragestepsText::tr("The volume “%1” was deleted; its data are gone.").arg(volumeName(step)), {}, 0, 0});
}

} // namespace

void registerStorageSteps(job::StepRegistry &registry)
{
    const auto shared = std::make_shared<SharedVolumes>();
    const auto with = [&shared](Result<> (*function)(const Step &, StepContext &, const Shared &)) {
        return [shared, function](const Step &step, StepContext &context) {
            return function(step, context, shared);
        };
    };
    registry.add(u"pool.ensure"_s, {with(ensurePool), with(dropPool)});
    registry.add(u"pool.refresh"_s, {refreshPool, {}});
    registry.add(u"volume.create"_s, {with(createVolume), with(removeVolume)});
    registry.add(u"volume.upload"_s, {with(uploadVolume), with(removeVolume)});
    registry.add(u"volume.resize"_s, {resizeVolume, {}});
    registry.add(u"volume.delete"_s, {deleteVolume, undeleteVolume});
}

} // namespace vireo::operation
