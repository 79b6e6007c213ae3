// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QScopeGuard>

#include "backend/base/sizetext.h"
#include "backend/image/localfile.h"
#include "backend/image/qemuimg.h"
#include "backend/image/workfiles.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/operation/workkey.h"

using namespace Qt::StringLiterals;

/**
 * The steps of an export on this computer. What is on its way lies in a directory of ours in the user's cache
 * (parameter "key"), or, when it only needs its name to be the result, in one beside it ("beside", "token").
 */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct ExportfilesText {
    Q_DECLARE_TR_FUNCTIONS(operation_exportFiles)
};

const QString placedNote = u"export:placed"_s;  ///< inode of the file that was about to get its name
const QString readyPrefix = u"export:ready:"_s; ///< of a file here: it is whole

Error systemError(const QString &what)
{
    return Error::failed(u"%1: %2"_s.arg(what, QString::fromLocal8Bit(std::strerror(errno))));
}

// ---- where

/** The directory beside the result. */
QString besidePath(const QString &result, const QString &token)
{
    return QFileInfo(result).path() + u"/.vireo-export-"_s + token;
}

QString besideOf(const Step &step)
{
    const QString result = text(step, u"beside"_s);
    return result.isEmpty() ? QString() : besidePath(result, text(step, u"token"_s));
}

/** Makes it when missing; only we may write there. */
Result<QString> makeBeside(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    if (mkdir(name.constData(), 0700) != 0 && errno != EEXIST) {
        return fail(systemError(ExportfilesText::tr("Can't make “%1”").arg(path)));
    }
    struct stat status = {};
    if (lstat(name.constData(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != geteuid()
        || (status.st_mode & 0077) != 0) {
        return fail(Error::failed(ExportfilesText::tr("“%1” is not a directory of our own.").arg(path)));
    }
    return path;
}

/** Its name holds a token of this job, so nothing in it is anybody else's. */
Result<> clearBeside(const QString &path)
{
    struct stat status = {};
    if (path.isEmpty() || (lstat(QFile::encodeName(path).constData(), &status) != 0 && errno == ENOENT)) {
        return {};
    }
    if (!S_ISDIR(status.st_mode) || !QDir(path).removeRecursively()) {
        return fail(Error::failed(ExportfilesText::tr("Can't remove “%1”.").arg(path)));
    }
    return {};
}

Result<QString> cacheDirectory(const Step &step, StepContext &context)
{
    const auto work = beginWork(context, text(step, u"key"_s));
    return work ? image::workDirectory(*work) : fail(work.error());
}

/** Where the step writes. */
Result<QString> directoryOf(const Step &step, StepContext &context)
{
    const QString beside = besideOf(step);
    return beside.isEmpty() ? cacheDirectory(step, context) : makeBeside(beside);
}

/** Nothing there is fine. */
Result<> removeFile(const QString &path)
{
    if (unlink(QFile::encodeName(path).constData()) != 0 && errno != ENOENT) {
        return fail(systemError(ExportfilesText::tr("Can't remove “%1”").arg(path)));
    }
    return {};
}

std::function<void(quint64, quint64)> scaled(const StepContext &context, quint64 before, quint64 share, quint64 total)
{
    return [&context, before, share, total](quint64 done, quint64 of) {
        const double part = of > 0 ? std::min(1.0, double(done) / double(of)) : 0;
        context.report(before + static_cast<quint64>(part * double(share)), total);
    };
}

// ---- fetching

struct Fetched {
    QString pool;
    QString volume;
    QString format;
    QString name; ///< of the file here
};

QList<Fetched> filesOf(const Step &step)
{
    QList<Fetched> files;
    const QJsonArray array = step.parameters.value("files"_L1).toArray();
    for (const auto &value : array) {
        const QJsonObject file = value.toObject();
        files.append({file.value("pool"_L1).toString(), file.value("volume"_L1).toString(),
            file.value("format"_L1).toString(), file.value("name"_L1).toString()});
    }
    return files;
}

/** A file that somebody writes to can't be read. */
Result<> checkOff(const Step &step, StepContext &context)
{
    if (!step.parameters.value("mustBeOff"_L1).toBool()) {
        return {};
    }
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto state = target->state();
    if (!state) {
        return fail(state.error());
    }
    return isOff(*state)
        ? Result<>()
        : fail(Error{Error::Kind::Failed, ExportfilesText::tr("%1 was started meanwhile.").arg(target->name),
              ExportfilesText::tr("Export it while it is off."), 0, 0});
}

Result<> fetch(const Step &step, StepContext &context)
{
    if (context.results().contains(readyPrefix + u"fetch"_s)) {
        return {};
    }
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    if (const Result<> off = checkOff(step, context); !off) {
        return off;
    }
    const auto directory = directoryOf(step, context);
    if (!directory) {
        return fail(directory.error());
    }
    const QList<Fetched> files = filesOf(step);
    const quint64 share = step.bytes / static_cast<quint64>(std::max<qsizetype>(1, files.size()));
    quint64 before = 0;
    for (const Fetched &file : files) {
        const QString path = *directory + u'/' + file.name;
        if (const Result<> removed = removeFile(path); !removed) {
            return removed;
        }
        const auto report = scaled(context, before, share, step.bytes);
        const Result<> loaded = whileBusy(
            [&] { return storage::downloadVolume(**connection, file.pool, file.volume, path, report, context.stop()); },
            context.stop());
        if (!loaded) {
            return loaded;
        }
        before += share;
    }
    if (const Result<> off = checkOff(step, context); !off) {
        return off;
    }
    return context.note(readyPrefix + u"fetch"_s, true);
}

/** The cache is this job's alone as well. */
Result<> removeWork(const Step &step, StepContext &context, const QString &note)
{
    if (const Result<> unnoted = context.note(readyPrefix + note, QJsonValue::Undefined); !unnoted) {
        return unnoted;
    }
    const Result<> beside = clearBeside(besideOf(step));
    const QString work = knownWork(context, text(step, u"key"_s));
    if (!work.isEmpty()) {
        if (const Result<> cleared = image::clearWork(work); !cleared) {
            return cleared;
        }
        if (const Result<> unnoted = context.note(workNote(text(step, u"key"_s)), QJsonValue::Undefined); !unnoted) {
            return unnoted;
        }
    }
    return beside;
}

Result<> undoFetch(const Step &step, StepContext &context)
{
    return removeWork(step, context, u"fetch"_s);
}

// ---- converting

Result<> convert(const Step &step, StepContext &context)
{
    if (context.results().contains(readyPrefix + u"convert"_s)) {
        return {};
    }
    const auto cache = cacheDirectory(step, context);
    if (!cache) {
        return fail(cache.error());
    }
    const auto directory = directoryOf(step, context);
    if (!directory) {
        return fail(directory.error());
    }
    QList<image::KnownMember> members;
    const QList<Fetched> files = filesOf(step);
    for (const Fetched &file : files) {
        members.append({*cache + u'/' + file.name, file.format});
    }
    const auto chain = image::knownChain(members);
    if (!chain) {
        return fail(chain.error());
    }
    image::QemuImg::Conversion conversion;
    conversion.source = *chain;
    conversion.known = true;
    conversion.snapshot = text(step, u"snapshot"_s);
    conversion.target = *directory + u'/' + text(step, u"name"_s);
    conversion.format = text(step, u"format"_s) == "raw"_L1 ? image::Format::Raw : image::Format::Qcow2;
    conversion.compressed = step.parameters.value("compressed"_L1).toBool();
    if (const Result<> removed = removeFile(conversion.target); !removed) {
        return removed;
    }
    const auto made = image::QemuImg().convert(conversion, scaled(context, 0, step.bytes, step.bytes), context.stop());
    if (!made) {
        return fail(made.error());
    }
    if (const Result<> noted = context.note(readyPrefix + u"convert"_s, true); !noted) {
        return noted;
    }
    for (const image::KnownMember &member : std::as_const(members)) { // not needed any more
        if (const Result<> removed = removeFile(member.path); !removed) {
            context.log(removed.error().message);
        }
    }
    return {};
}

Result<> undoConvert(const Step &step, StepContext &context)
{
    return removeWork(step, context, u"convert"_s);
}

Result<Reality> lookAtNote(const Step &step, StepContext &context)
{
    const QString note = readyPrefix + (step.type == "export.fetch"_L1 ? u"fetch"_s : u"convert"_s);
    return context.results().contains(note)
        ? Reality{Effect::Present, ExportfilesText::tr("The file on this computer is whole.")}
        : Reality{Effect::Partial, ExportfilesText::tr("The file on this computer is not whole.")};
}

// ---- a file of the user

std::optional<quint64> inodeOf(const QString &path)
{
    struct stat status = {};
    if (lstat(QFile::encodeName(path).constData(), &status) != 0) {
        return std::nullopt;
    }
    return static_cast<quint64>(status.st_ino);
}

Result<> syncFile(const QString &path)
{
    const int file = open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    const auto closer = qScopeGuard([file] {
        if (file >= 0) {
            close(file);
        }
    });
    return file >= 0 && fsync(file) == 0
        ? Result<>()
        : fail(systemError(ExportfilesText::tr("Can't write “%1” to the disk").arg(path)));
}

/** Never over what is there, even if it came this moment. */
Result<> giveName(const QString &from, const QString &to)
{
    const QByteArray source = QFile::encodeName(from);
    const QByteArray target = QFile::encodeName(to);
    if (renameat2(AT_FDCWD, source.constData(), AT_FDCWD, target.constData(), RENAME_NOREPLACE) == 0) {
        return {};
    }
    if (errno == EINVAL || errno == ENOSYS) { // a file system that lacks it
        if (link(source.constData(), target.constData()) == 0) {
            return removeFile(from);
        }
    }
    if (errno == EEXIST) {
        return fail(Error{Error::Kind::Failed, ExportfilesText::tr("“%1” exists already.").arg(to),
            ExportfilesText::tr("Choose another name."), 0, 0});
    }
    return fail(systemError(ExportfilesText::tr("Can't make “%1”").arg(to)));
}

bool isPlaced(const Step &step, const StepContext &context)
{
    const QString inode = context.results().value(placedNote).toString();
    const auto there = inodeOf(text(step, u"path"_s));
    return !inode.isEmpty() && there && QString::number(*there) == inode;
}

Result<> place(const Step &step, StepContext &context)
{
    const QString path = text(step, u"path"_s);
    const QString directory = besidePath(path, text(step, u"token"_s));
    const QString from = directory + u'/' + text(step, u"name"_s);
    if (!isPlaced(step, context) || QFileInfo::exists(from)) {
        const auto inode = inodeOf(from);
        if (!inode) {
            return fail(systemError(ExportfilesText::tr("There is no “%1”").arg(from)));
        }
        if (const Result<> written = syncFile(from); !written) {
            return written;
        }
        if (const Result<> noted = context.note(placedNote, QString::number(*inode)); !noted) {
            return noted;
        }
        // Killed between link and unlink, it has both names.
        const Result<> named = isPlaced(step, context) ? removeFile(from) : giveName(from, path);
        if (!named) {
            return named;
        }
    }
    return clearBeside(directory);
}

Result<> undoPlace(const Step &step, StepContext &context)
{
    if (isPlaced(step, context)) {
        if (const Result<> removed = removeFile(text(step, u"path"_s)); !removed) {
            return removed;
        }
    }
    if (const Result<> cleared = clearBeside(besidePath(text(step, u"path"_s), text(step, u"token"_s))); !cleared) {
        return cleared;
    }
    return context.note(placedNote, QJsonValue::Undefined);
}

Result<Reality> lookAtPlaced(const Step &step, StepContext &context)
{
    const QString path = text(step, u"path"_s);
    return isPlaced(step, context) ? Reality{Effect::Present, ExportfilesText::tr("“%1” is there.").arg(path)}
                                   : Reality{Effect::Absent, ExportfilesText::tr("“%1” is not there.").arg(path)};
}

// ---- a volume of another host, or of this one

QString uploadNote(const Step &step)
{
    return u"export:"_s + volumeKey(step);
}

/** Deletes it if this job made it and nobody has begun to use it. */
Result<> undoUpload(const Step &step, StepContext &context)
{
    if (!context.results().contains(uploadNote(step))) {
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
        const auto used = isInUse(**connection, **existing);
        if (!used) {
            return fail(used.error());
        }
        if (*used) {
            context.log(ExportfilesText::tr("“%1” is kept: others use it.").arg(volumeName(step)));
        } else {
            const Result<> deleted = whileBusy(
                [&] { return storage::deleteVolume(**connection, text(step, u"pool"_s), volumeName(step)); }, {});
            if (!deleted && deleted.error().kind != Error::Kind::NotFound) {
                return deleted;
            }
        }
    }
    return context.note(uploadNote(step), QJsonValue::Undefined);
}

/** An empty volume of ours. */
Result<> makeVolume(const Step &step, StepContext &context, virt::Connection &connection)
{
    const auto existing = optional(storage::volume(connection, text(step, u"pool"_s), volumeName(step)));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing && !context.results().contains(uploadNote(step))) {
        return fail(Error::failed(ExportfilesText::tr("The pool “%1” already has a volume “%2”.")
                .arg(text(step, u"pool"_s), volumeName(step))));
    }
    if (const Result<> noted = context.note(uploadNote(step), u"created"_s); !noted) {
        return noted;
    }
    if (*existing) { // begun by an earlier run: old data could shine through holes
        const Result<> deleted = whileBusy(
            [&] { return storage::deleteVolume(connection, text(step, u"pool"_s), volumeName(step)); }, context.stop());
        if (!deleted && deleted.error().kind != Error::Kind::NotFound) {
            return deleted;
        }
    }
    const auto made = storage::createVolume(connection, text(step, u"pool"_s), text(step, u"xml"_s));
    if (!made && made.error().kind != Error::Kind::Disconnected) { // it has made nothing
        (void)context.note(uploadNote(step), QJsonValue::Undefined);
    }
    return made ? Result<>() : fail(made.error());
}

Result<> upload(const Step &step, StepContext &context)
{
    if (context.results().value(uploadNote(step)).toString() == "ready"_L1) {
        return {};
    }
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const auto directory = cacheDirectory(step, context);
    if (!directory) {
        return fail(directory.error());
    }
    const QString path = *directory + u'/' + text(step, u"name"_s);
    const auto file = image::LocalFile::open(path);
    if (!file) {
        return fail(file.error());
    }
    if (const Result<> made = makeVolume(step, context, **connection); !made) {
        return made;
    }
    const QString pool = text(step, u"pool"_s);
    const Result<> sent = whileBusy(
        [&] {
            return storage::uploadVolume(
                **connection, pool, volumeName(step), path, scaled(context, 0, step.bytes, step.bytes), context.stop());
        },
        context.stop());
    if (!sent) {
        return sent;
    }
    // Libvirt looks at what it has become.
    if (const Result<> fresh = storage::refreshPool(**connection, pool, context.stop()); !fresh) {
        return fresh;
    }
    const auto made = storage::volume(**connection, pool, volumeName(step));
    if (!made) {
        return fail(made.error());
    }
    if (made->physical != 0 && made->physical != file->size()) {
        return fail(Error::failed(ExportfilesText::tr("The volume “%1” has %2 after the upload instead of %3.")
                .arg(made->name, sizeText(made->physical), sizeText(file->size()))));
    }
    return context.note(uploadNote(step), u"ready"_s);
}

Result<Reality> lookAtUpload(const Step &step, StepContext &context)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const auto volume = optional(storage::volume(**connection, text(step, u"pool"_s), volumeName(step)));
    if (!volume) {
        return fail(volume.error());
    }
    if (!*volume) {
        return Reality{Effect::Absent,
            ExportfilesText::tr("The pool “%1” has no volume “%2”.").arg(text(step, u"pool"_s), volumeName(step))};
    }
    return context.results().value(uploadNote(step)).toString() == "ready"_L1
        ? Reality{Effect::Present, ExportfilesText::tr("The volume “%1” is complete.").arg(volumeName(step))}
        : Reality{Effect::Partial,
              ExportfilesText::tr("The volume “%1” is there, but not complete.").arg(volumeName(step))};
}

} // namespace

void registerExportFileSteps(job::StepRegistry &registry)
{
    registry.add(u"export.fetch"_s, {fetch, undoFetch, lookAtNote});
    registry.add(u"export.convert"_s, {convert, undoConvert, lookAtNote});
    registry.add(u"export.place"_s, {place, undoPlace, lookAtPlaced});
    registry.add(u"export.upload"_s, {upload, undoUpload, lookAtUpload});
}

} // namespace vireo::operation
