// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QJsonArray>
#include <QScopeGuard>

#include "backend/base/sizetext.h"
#include "backend/image/filesystem.h"
#include "backend/image/localfile.h"
#include "backend/image/qemuimg.h"
#include "backend/image/workfiles.h"
#include "backend/operation/create/basecache.h"
#include "backend/operation/sharedvolumes.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/operation/workkey.h"

using namespace Qt::StringLiterals;

/**
 * Steps that make the content of volumes. What they made is noted as the storage steps do it, under
 * "volume:POOL/NAME": "created" before the call that creates, "ready" when the content is whole. A run that finds
 * "created" without "ready" is one that was broken off: it begins anew, as old data could shine through the holes of a
 * sparse upload.
 */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using job::Reality;
using job::Step;
using job::StepContext;
using Shared = std::shared_ptr<SharedVolumes>;

struct ImagestepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_imageSteps)
};

quint64 numberIn(const QJsonObject &object, const QString &key)
{
    return static_cast<quint64>(std::max(0.0, object.value(key).toDouble()));
}

/** Waits, as long as the user does, for libvirt to end what it does for a client that has gone. */
Result<> deleteVolume(virt::Connection &connection, const Step &step, const std::stop_token &stop)
{
    for (;;) {
        const Result<> deleted =
            whileBusy([&] { return storage::deleteVolume(connection, text(step, u"pool"_s), volumeName(step)); }, stop);
        if (deleted || deleted.error().kind == Error::Kind::NotFound) {
            return {};
        }
        if (!storage::isBusy(deleted.error()) || !stop.stop_possible() || stop.stop_requested()) {
            return deleted;
        }
    }
}

/** True: this job has made it already and it is whole. Else nothing is in the way afterwards. */
Result<bool> makeRoom(virt::Connection &connection, const Step &step, StepContext &context)
{
    const auto existing = optional(storage::volume(connection, text(step, u"pool"_s), volumeName(step)));
    if (!existing) {
        return fail(existing.error());
    }
    if (!*existing) {
        return false;
    }
    const QString key = volumeKey(step);
    if (!noted(context, key, u"created"_s)) {
        return fail(Error::failed(ImagestepsText::tr("The pool “%1” already has a volume “%2”.")
                .arg(text(step, u"pool"_s), volumeName(step))));
    }
    if (noted(context, key, u"ready"_s)) {
        return true;
    }
    if (const Result<> deleted = deleteVolume(connection, step, context.stop()); !deleted) {
        return fail(deleted.error());
    }
    return false;
}

/** Undo of format and clone: deletes the volume if this job made it and nobody has begun to use it since. */
Result<> removeVolume(const Step &step, StepContext &context)
{
    const QString key = volumeKey(step);
    if (!noted(context, key, u"created"_s)) {
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
        const auto used = isInUse(**connection, **existing);
        if (!used) {
            return fail(used.error());
        }
        if (*used) {
            context.log(ImagestepsText::tr("“%1” is kept: others use it.").arg(volumeName(step)));
        } else if (const Result<> deleted = deleteVolume(**connection, step, {}); !deleted) {
            return deleted;
        }
    }
    return context.note(key, QJsonValue::Undefined);
}

/** Before the call that creates: it may have done so although its answer never comes. */
Result<> noteBegin(const Step &step, StepContext &context)
{
    return context.note(volumeKey(step), QJsonObject{{u"created"_s, true}});
}

Result<> noteReady(const Step &step, StepContext &context)
{
    return note(context, volumeKey(step), u"ready"_s);
}

/** After a call that creates: what failed for sure has made nothing. */
Result<> notMade(const Step &step, StepContext &context, const Error &error)
{
    if (error.kind != Error::Kind::Disconnected) {
        if (const Result<> unnoted = context.note(volumeKey(step), QJsonValue::Undefined); !unnoted) {
            context.log(unnoted.error().message);
        }
    }
    return fail(error);
}

Result<Reality> lookAtMade(const Step &step, StepContext &context)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const auto volume = optional(storage::volume(**connection, text(step, u"pool"_s), volumeName(step)));
    if (!volume) {
        return fail(volume.error());
    }
    if (!*volume) {
        return Reality{Reality::Effect::Absent,
            ImagestepsText::tr("The pool “%1” has no volume “%2”.").arg(text(step, u"pool"_s), volumeName(step))};
    }
    return noted(context, volumeKey(step), u"ready"_s)
        ? Reality{Reality::Effect::Present, ImagestepsText::tr("The volume “%1” is complete.").arg(volumeName(step))}
        : Reality{Reality::Effect::Partial,
              ImagestepsText::tr("The volume “%1” is there, but perhaps not complete.").arg(volumeName(step))};
}

Result<> upload(virt::Connection &connection, const Step &step, StepContext &context, const QString &path)
{
    const QString pool = text(step, u"pool"_s);
    const QString volume = text(step, u"volume"_s);
    const quint64 size = number(step, u"bytes"_s);
    const quint64 total = step.bytes > 0 ? step.bytes : size;
    const auto report = [&context, total](quint64 done, quint64 of) {
        context.report(of > 0 ? static_cast<quint64>(double(done) / double(of) * double(total)) : total, total);
    };
    if (const Result<> sent = storage::uploadVolume(connection, pool, volume, path, report, context.stop()); !sent) {
        return sent;
    }
    const auto made = storage::volume(connection, pool, volume);
    if (!made) {
        return fail(made.error());
    }
    if (made->physical != 0 && made->physical < size) {
        return fail(Error::failed(ImagestepsText::tr("The volume “%1” has %2 after the upload instead of %3.")
                .arg(volume, sizeText(made->physical), sizeText(size))));
    }
    return {};
}

/** Removes the directory that this job's steps call `key`, and what is noted of it. */
Result<> endWork(StepContext &context, const QString &key)
{
    const QString work = knownWork(context, key);
    if (work.isEmpty()) {
        return {};
    }
    if (const Result<> cleared = image::clearWork(work); !cleared) {
        return cleared;
    }
    return context.note(workNote(key), QJsonValue::Undefined);
}

/** An empty directory for `key`. */
Result<QString> emptyWork(StepContext &context, const QString &key)
{
    const auto work = beginWork(context, key);
    if (!work) {
        return fail(work.error());
    }
    if (const Result<> cleared = image::clearWork(*work); !cleared) {
        return fail(cleared.error());
    }
    return image::workDirectory(*work);
}

QString formatKey(const Step &step)
{
    const QByteArray digest = QCryptographicHash::hash(volumeKey(step).toUtf8(), QCryptographicHash::Sha256);
    return u"format-"_s + QString::fromLatin1(digest.toHex().first(16));
}

Result<> formatVolume(const Step &step, StepContext &context)
{
    const auto kind = image::filesystemByName(text(step, u"fs"_s));
    if (!kind) {
        return fail(Error::invalid(ImagestepsText::tr("“%1” is not a known file system.").arg(text(step, u"fs"_s))));
    }
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const auto done = makeRoom(**connection, step, context);
    if (!done) {
        return fail(done.error());
    }
    if (*done) { // killed between its last note and clearing up
        return endWork(context, formatKey(step));
    }
    // First here, where a failure costs nothing.
    const auto directory = emptyWork(context, formatKey(step));
    if (!directory) {
        return fail(directory.error());
    }
    // What is left by a failure here is cleared by the undo as well.
    const auto clear = qScopeGuard([&] { (void)endWork(context, formatKey(step)); });
    const QString path = *directory + u"/filesystem"_s;
    if (const Result<> made =
            image::makeFilesystem(path, number(step, u"bytes"_s), *kind, text(step, u"label"_s), context.stop());
        !made) {
        return made;
    }
    if (const Result<> begun = noteBegin(step, context); !begun) {
        return begun;
    }
    if (const auto created = storage::createVolume(**connection, text(step, u"pool"_s), text(step, u"xml"_s));
        !created) {
        return notMade(step, context, created.error());
    }
    if (const Result<> sent = upload(**connection, step, context, path); !sent) {
        return sent;
    }
    return noteReady(step, context);
}

Result<> undoFormat(const Step &step, StepContext &context)
{
    const Result<> cleared = endWork(context, formatKey(step));
    const Result<> removed = removeVolume(step, context);
    return removed ? cleared : removed;
}

Result<> cloneVolume(const Step &step, StepContext &context)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const auto done = makeRoom(**connection, step, context);
    if (!done || *done) {
        return done ? Result<>() : fail(done.error());
    }
    const auto source = storage::volume(**connection, text(step, u"fromPool"_s), text(step, u"fromVolume"_s));
    if (!source) {
        return fail(source.error());
    }
    // libvirt takes a raw disk for whatever its guest wrote into its first sector, and would copy another file of the
    // host along with it. So it must still be what the plan took it for.
    const bool changed = (step.parameters.contains("fromFormat"_L1) && source->format != text(step, u"fromFormat"_s))
        || (step.parameters.contains("fromBacking"_L1) && source->backingPath != text(step, u"fromBacking"_s));
    if (changed) {
        return fail(Error::failed(ImagestepsText::tr("The host takes the volume “%1” for something else than before "
                                                     "(“%2”, backing file “%3”); it must not be copied.")
                .arg(source->name, source->format, source->backingPath)));
    }
    if (const Result<> begun = noteBegin(step, context); !begun) {
        return begun;
    }
    const quint64 total = step.bytes > 0 ? step.bytes : source->allocation;
    const auto report = [&context, total](quint64 part, quint64 of) {
        context.report(of > 0 ? static_cast<quint64>(double(part) / double(of) * double(total)) : 0, total);
    };
    const auto made = storage::cloneVolume(**connection, text(step, u"pool"_s), text(step, u"xml"_s),
        text(step, u"fromPool"_s), text(step, u"fromVolume"_s), report, context.stop());
    if (!made) {
        return notMade(step, context, made.error());
    }
    if (!made->backingPath.isEmpty()) {
        return fail(Error::failed(ImagestepsText::tr("The copy “%1” needs another file, “%2”; it must not be used.")
                .arg(made->name, made->backingPath)));
    }
    return noteReady(step, context);
}

QString convertKey(const Step &step)
{
    return u"convert:"_s + text(step, u"key"_s);
}

image::Format formatOf(const QString &driver)
{
    return driver == "raw"_L1 ? image::Format::Raw : image::Format::Qcow2;
}

/** Whether the chain is the one that the plan was made for; "chain" names all its members when it was adopted. */
Result<> checkChain(const Step &step, const image::Chain &chain)
{
    const QString path = text(step, u"path"_s);
    if (chain.members.isEmpty() || (!step.parameters.contains("chain"_L1) && chain.members.size() > 1)) {
        return fail(Error::failed(ImagestepsText::tr("“%1” must not be used: %2")
                .arg(path, chain.members.isEmpty() ? QString() : chain.members.first().verdict.refusal)));
    }
    if (!chain.isSafe()) {
        return fail(Error::failed(ImagestepsText::tr("“%1” must not be used: %2").arg(path, chain.refusal)));
    }
    const image::Verdict &top = chain.members.first().verdict;
    bool same = top.fileSize == number(step, u"size"_s) && QString::number(top.modifiedNs) == text(step, u"modified"_s)
        && image::driverName(top.format) == text(step, u"format"_s);
    if (const QJsonArray wanted = step.parameters.value("chain"_L1).toArray(); !wanted.isEmpty()) {
        same = same
            && std::ranges::equal(wanted, chain.members, [](const QJsonValue &name, const image::ChainMember &member) {
                   return name.toString() == member.path;
               });
    }
    if (!same) {
        return fail(Error{Error::Kind::Failed, ImagestepsText::tr("“%1” has changed since it was checked.").arg(path),
            ImagestepsText::tr("Start again with the file as it is now."), 0, 0});
    }
    return {};
}

Result<> convertImage(const Step &step, StepContext &context)
{
    const auto chain = image::inspectChain(text(step, u"path"_s));
    if (!chain) {
        return fail(chain.error());
    }
    if (const Result<> same = checkChain(step, *chain); !same) {
        return same;
    }
    const auto directory = emptyWork(context, text(step, u"key"_s));
    if (!directory) {
        return fail(directory.error());
    }
    auto clear = qScopeGuard([&] { (void)endWork(context, text(step, u"key"_s)); });
    image::QemuImg::Conversion conversion;
    conversion.source = *chain;
    conversion.format = formatOf(text(step, u"target"_s));
    conversion.target = *directory + (conversion.format == image::Format::Raw ? u"/image.img"_s : u"/image.qcow2"_s);
    conversion.compressed = step.parameters.value("compressed"_L1).toBool();
    const quint64 total = step.bytes > 0 ? step.bytes : chain->virtualSize();
    const auto report = [&context, total](quint64 part, quint64 of) {
        context.report(static_cast<quint64>(double(part) / double(std::max<quint64>(of, 1)) * double(total)), total);
    };
    const auto made = image::QemuImg().convert(conversion, report, context.stop());
    if (!made) {
        return fail(made.error());
    }
    const Result<> noted = context.note(convertKey(step),
        QJsonObject{{u"path"_s, conversion.target}, {u"size"_s, double(made->fileSize)},
            {u"modified"_s, QString::number(made->modifiedNs)}, {u"dataSize"_s, double(made->dataSize)},
            {u"virtualSize"_s, double(made->virtualSize)}, {u"format"_s, image::driverName(made->format)}});
    if (noted) {
        clear.dismiss();
    }
    return noted;
}

/** The notes go first: what they say is true as long as they are there. */
Result<> clearWork(const Step &step, StepContext &context)
{
    const QString name = text(step, u"key"_s);
    for (const QString &key : {convertKey(step), u"file:"_s + name}) {
        if (context.results().contains(key)) {
            if (const Result<> unnoted = context.note(key, QJsonValue::Undefined); !unnoted) {
                return unnoted;
            }
        }
    }
    return endWork(context, name);
}

Result<Reality> lookAtConverted(const Step &step, StepContext &context)
{
    const QJsonObject made = context.results().value(convertKey(step)).toObject();
    if (made.isEmpty()) { // not begun, not ended, or no longer needed
        return Reality{Reality::Effect::Unknown, ImagestepsText::tr("A converted image is kept only for a while.")};
    }
    const auto file = image::LocalFile::open(made.value("path"_L1).toString());
    if (file && file->size() == numberIn(made, u"size"_s)
        && QString::number(file->modifiedNs()) == made.value("modified"_L1).toString()) {
        return Reality{Reality::Effect::Present, ImagestepsText::tr("The converted image is there.")};
    }
    return Reality{Reality::Effect::Absent, ImagestepsText::tr("There is no converted image.")};
}

/** A base that somebody has begun to need since the plan was made is kept; that is no failure. */
Result<> deleteBase(const Step &step, StepContext &context, const Shared &shared)
{
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const QString pool = text(step, u"pool"_s);
    const QString name = text(step, u"volume"_s);
    if (!isBaseName(name)) {
        return fail(Error::invalid(ImagestepsText::tr("“%1” is not a base image.").arg(name)));
    }
    const QString key = context.plan().host.toString(QUuid::WithoutBraces) + u'/' + volumeKey(step);
    const auto guard = shared->lock(key, context.stop());
    if (!guard) {
        return fail(guard.error());
    }
    // Another job of ours may rely on it whose overlay does not exist yet.
    shared->use(key);
    const bool ours = shared->giveUp(key);
    const auto bases = readBases(**connection, pool);
    if (!bases) {
        return fail(bases.error());
    }
    const auto base = std::ranges::find(bases->bases, name, &BaseImage::name);
    if (base == bases->bases.end()) {
        return {};
    }
    const QDateTime limit = QDateTime::fromString(text(step, u"unusedSince"_s), Qt::ISODate);
    const bool recent = limit.isValid() && (!base->lastUsed.isValid() || base->lastUsed > limit);
    if (!ours || base->isUsed() || recent) {
        context.log(ImagestepsText::tr("“%1” is kept: it is used again.").arg(name));
        return {};
    }
    // First what says that it is complete: nobody may find that without the base.
    for (const QString &each : {markerOf(name), name}) {
        const Result<> deleted = storage::deleteVolume(**connection, pool, each);
        if (!deleted && deleted.error().kind != Error::Kind::NotFound) {
            return deleted;
        }
    }
    return {};
}

} // namespace

void registerImageSteps(job::StepRegistry &registry, const Shared &shared)
{
    registry.add(u"volume.format"_s, {formatVolume, undoFormat, lookAtMade});
    registry.add(u"volume.clone"_s, {cloneVolume, removeVolume, lookAtMade});
    registry.add(u"image.convert"_s, {convertImage, clearWork, lookAtConverted});
    registry.add(u"work.clear"_s, {clearWork, {}});
    registry.add(u"base.delete"_s,
        {[shared](const Step &step, StepContext &context) { return deleteBase(step, context, shared); }, {},
            lookAtDeleted});
}

} // namespace vireo::operation
