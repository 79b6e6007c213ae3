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
#include "backend/operation/create/createlayout.h"
#include "backend/operation/sharedvolumes.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/**
 * The steps on volumes (those on pools: poolsteps.cpp). What a step made is noted in the job's results under
 * "volume:POOL/NAME", so that running it again finds its own work, and undoing takes back only that.
 *
 * A volume that is filled from a file begins empty and grows: it is complete when it is as long as the file. So no
 * marker is needed to tell a base volume that is ready from the remains of a broken upload; except for what is
 * converted on the way, whose length nobody knows beforehand.
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

Result<> makeVolume(const Step &step, StepContext &context, virt::Connection &connection)
{
    // Noted first: a call whose answer never comes may have made it all the same.
    if (const Result<> known = note(context, volumeKey(step), u"created"_s); !known) {
        return known;
    }
    const auto created = storage::createVolume(connection, text(step, u"pool"_s), text(step, u"xml"_s));
    if (created) {
        return {};
    }
    // A refusal, other than a broken connection, made nothing; somebody else may have been faster.
    if (created.error().kind != Error::Kind::Disconnected) {
        if (const Result<> taken = note(context, volumeKey(step), u"created"_s, false); !taken) {
            context.log(taken.error().message);
        }
    }
    return fail(created.error());
}

/** Before it waits for its turn: the job before it may be undone, and must leave what this one stands on. */
void rely(const Step &step, const StepContext &context, const Shared &shared)
{
    shared->use(globalKey(step, context, poolKey(step)));
    if (isShared(step)) {
        shared->use(globalKey(step, context, volumeKey(step)));
    }
}

Result<> createVolume(const Step &step, StepContext &context, const Shared &shared)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const QString key = globalKey(step, context, volumeKey(step));
    rely(step, context, shared);
    const auto guard = shared->lock(key, context.stop());
    if (!guard) {
        return fail(guard.error());
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

Result<> dropVolume(const Step &step, virt::Connection &connection, std::stop_token stop)
{
    return whileBusy(
        [&] { return storage::deleteVolume(connection, text(step, u"pool"_s), volumeName(step)); }, std::move(stop));
}

Result<> dropMarker(const Step &step, virt::Connection &connection);

/** Deletes a volume if this job made it and nobody else needs it by now. Undo of both create and upload. */
Result<> removeVolume(const Step &step, StepContext &context, const Shared &shared)
{
    const QString key = globalKey(step, context, volumeKey(step));
    const auto guard = shared->lock(key, {});
    const bool unused = shared->giveUp(key);
    if (!noted(context, volumeKey(step), u"created"_s)) {
        return {};
    }
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const auto existing = optional(storage::volume(**connection, text(step, u"pool"_s), volumeName(step)));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing) {
        // Also one of our own: the job may have been interrupted long ago, and the volume found a use since.
        const auto inUse = isInUse(**connection, **existing);
        if (!inUse) {
            return fail(inUse.error());
        }
        if (!unused || *inUse) {
            context.log(StoragestepsText::tr("“%1” is kept: others use it.").arg(volumeName(step)));
        } else if (const Result<> unmarked = dropMarker(step, **connection); !unmarked) {
            return unmarked;
        } else if (const auto deleted = dropVolume(step, **connection, {});
            !deleted && deleted.error().kind != Error::Kind::NotFound) {
            return deleted;
        }
    }
    return note(context, volumeKey(step), u"created"_s, false);
}

/** What is uploaded: the file of the plan, or one that an earlier step of this job made (parameter "from"). */
struct SourceFile {
    QString path;
    quint64 size = 0;
    QString modified; ///< nanoseconds since the epoch
};

SourceFile sourceOf(const Step &step, const StepContext &context)
{
    const QString from = text(step, u"from"_s);
    const QJsonObject values = from.isEmpty() ? step.parameters : context.results().value(from).toObject();
    return {values.value("path"_L1).toString(), static_cast<quint64>(std::max(0.0, values.value("size"_L1).toDouble())),
        values.value("modified"_L1).toString()};
}

/** The file must still be the one that was inspected for the plan. */
Result<> checkFile(const SourceFile &source)
{
    const QString &path = source.path;
    const auto file = image::LocalFile::open(path);
    if (!file) {
        return fail(file.error());
    }
    if (file->size() != source.size || QString::number(file->modifiedNs()) != source.modified) {
        return fail(Error{Error::Kind::Failed, StoragestepsText::tr("“%1” has changed since it was checked.").arg(path),
            StoragestepsText::tr("Start again with the file as it is now."), 0, 0});
    }
    return {};
}

Result<> inspectFile(const Step &step, const SourceFile &source)
{
    if (const Result<> same = checkFile(source); !same) {
        return same;
    }
    if (step.parameters.value("opaque"_L1).toBool()) {
        return {}; // no disk image: nobody will look for a format in it
    }
    const auto verdict = image::inspect(source.path);
    if (!verdict) {
        return fail(verdict.error());
    }
    if (!verdict->isSafe()) {
        return fail(
            Error::failed(StoragestepsText::tr("“%1” must not be used: %2").arg(source.path, verdict->refusal)));
    }
    if (verdict->needsConversion()) {
        return fail(Error::failed(StoragestepsText::tr("“%1” must be converted before it can be used: %2.")
                .arg(source.path, verdict->summary())));
    }
    return {};
}

/** By its length, or by the volume that says so where the length is not known beforehand (parameter "marker"). */
Result<bool> isComplete(
    const Step &step, const SourceFile &source, virt::Connection &connection, const storage::Volume &volume)
{
    const QString marker = text(step, u"marker"_s);
    if (marker.isEmpty()) {
        return volume.physical == source.size;
    }
    const auto found = optional(storage::volume(connection, text(step, u"pool"_s), marker));
    return found ? Result<bool>(found->has_value()) : fail(found.error());
}

/** Says that the volume is complete; last of all. */
Result<> setMarker(const Step &step, virt::Connection &connection)
{
    const QString marker = text(step, u"marker"_s);
    if (marker.isEmpty()) {
        return {};
    }
    const QString pool = text(step, u"pool"_s);
    const auto made = storage::createVolume(connection, pool, volumeXml(marker, u"raw"_s, 0, {}, {}));
    return made || storage::volume(connection, pool, marker) ? Result<>{} : fail(made.error());
}

Result<> dropMarker(const Step &step, virt::Connection &connection)
{
    const QString marker = text(step, u"marker"_s);
    if (marker.isEmpty()) {
        return {};
    }
    const Result<> deleted = storage::deleteVolume(connection, text(step, u"pool"_s), marker);
    return !deleted && deleted.error().kind != Error::Kind::NotFound ? deleted : Result<>{};
}

/** Waits while somebody outside this process fills the volume. True: it is complete now. */
Result<bool> awaitForeignUpload(
    const Step &step, const SourceFile &source, StepContext &context, virt::Connection &connection)
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
        const auto complete = isComplete(step, source, connection, **volume);
        if (!complete || *complete) {
            return complete;
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

/** What looks like a broken upload may be something else that somebody needs. */
Result<> checkRemains(const Step &step, virt::Connection &connection)
{
    const auto volume = optional(storage::volume(connection, text(step, u"pool"_s), volumeName(step)));
    if (!volume) {
        return fail(volume.error());
    }
    const auto inUse = *volume ? isInUse(connection, **volume) : Result<bool>(false);
    if (!inUse) {
        return fail(inUse.error());
    }
    if (*inUse) {
        return fail(Error{Error::Kind::Failed,
            StoragestepsText::tr("“%1” is not the image that its name says, but VMs or other images use it.")
                .arg(volumeName(step)),
            StoragestepsText::tr("Choose another pool, or free that volume."), 0, 0});
    }
    return {};
}

/** Leaves an empty volume of our own to be filled, or says (true) that nothing needs to be done. */
Result<bool> prepareUpload(
    const Step &step, const SourceFile &source, StepContext &context, virt::Connection &connection)
{
    const QString pool = text(step, u"pool"_s);
    const auto existing = optional(storage::volume(connection, pool, volumeName(step)));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing && isShared(step)) {
        const auto complete = isComplete(step, source, connection, **existing);
        if (!complete || *complete) {
            return complete;
        }
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
        const auto complete = awaitForeignUpload(step, source, context, connection);
        if (!complete || *complete) {
            return complete;
        }
        if (const Result<> replaceable = checkRemains(step, connection); !replaceable) {
            return fail(replaceable.error());
        }
        if (const Result<> unmarked = dropMarker(step, connection); !unmarked) {
            return fail(unmarked.error());
        }
        const auto deleted = dropVolume(step, connection, context.stop());
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
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const SourceFile source = sourceOf(step, context);
    if (const Result<> safe = inspectFile(step, source); !safe) {
        return safe;
    }
    const QString key = globalKey(step, context, volumeKey(step));
    rely(step, context, shared);
    const auto guard = shared->lock(key, context.stop());
    if (!guard) {
        return fail(guard.error());
    }
    const auto ready = prepareUpload(step, source, context, **connection);
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
    const Result<> sent = whileBusy(
        [&] {
            return storage::uploadVolume(
                **connection, text(step, u"pool"_s), volumeName(step), source.path, report, context.stop());
        },
        context.stop());
    if (!sent) {
        return sent;
    }
    if (const Result<> same = checkFile(source); !same) {
        return same;
    }
    const auto volume = storage::volume(**connection, text(step, u"pool"_s), volumeName(step));
    if (!volume) {
        return fail(volume.error());
    }
    if (volume->physical != 0 && volume->physical != source.size) {
        return fail(Error::failed(StoragestepsText::tr("The volume “%1” has %2 after the upload instead of %3.")
                .arg(volumeName(step), sizeText(volume->physical), sizeText(source.size))));
    }
    return setMarker(step, **connection);
}

Result<> resizeVolume(const Step &step, StepContext &context)
{
    const auto connection = hostConnection(step, context);
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
    return whileBusy(
        [&] {
            return storage::resizeVolume(
                **connection, text(step, u"pool"_s), volumeName(step), number(step, u"capacity"_s));
        },
        context.stop());
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
    const auto connection = hostConnection(step, context);
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
    // Noted first: whoever is killed right after the call must not forget it. Undo looks for itself whether it is gone.
    if (const Result<> known = note(context, volumeKey(step), u"deleted"_s); !known) {
        return known;
    }
    const Result<> deleted = dropVolume(step, **connection, context.stop());
    return !deleted && deleted.error().kind == Error::Kind::NotFound ? Result<>{} : deleted;
}

Result<> undeleteVolume(const Step &step, StepContext &context)
{
    // What only this job itself made and needed is not missed.
    const bool temporary = step.parameters.value("temporary"_L1).toBool();
    if (temporary || !noted(context, volumeKey(step), u"deleted"_s)) {
        return {};
    }
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const auto volume = optional(storage::volume(**connection, text(step, u"pool"_s), volumeName(step)));
    if (!volume) {
        return fail(volume.error());
    }
    if (*volume) {
        return {}; // libvirt refused, or was never asked
    }
    return fail(Error{Error::Kind::Unsupported,
        StoragestepsText::tr("The volume “%1” was deleted; its data are gone.").arg(volumeName(step)), {}, 0, 0});
}

} // namespace

void registerStorageSteps(job::StepRegistry &registry, const Shared &shared)
{
    const auto with = [&shared](Result<> (*function)(const Step &, StepContext &, const Shared &)) {
        return [shared, function](const Step &step, StepContext &context) {
            return function(step, context, shared);
        };
    };
    const auto remove = [shared](const Step &step, StepContext &context) {
        return passingOverAway(step, context, removeVolume(step, context, shared));
    };
    registry.add(u"volume.create"_s, {with(createVolume), remove, lookAtCreated});
    registry.add(u"volume.upload"_s, {with(uploadVolume), remove, lookAtUploaded});
    registry.add(u"volume.resize"_s, {resizeVolume, {}, lookAtResized});
    registry.add(u"volume.delete"_s, {deleteVolume, undeleteVolume, lookAtDeleted});
}

} // namespace vireo::operation
