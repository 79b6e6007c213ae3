// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QStandardPaths>

#include "backend/image/localfile.h"
#include "backend/operation/steps.h"
#include "backend/os/fetch.h"

using namespace Qt::StringLiterals;

/**
 * The step that fetches kernel and initrd of an installation tree to this computer, from where they are uploaded.
 *
 * tree.fetch: url (or an absolute path), key ("kernel"), limit (bytes; 0: as os::FetchLimits). The file lies in the
 * user's cache, below work/PLAN-KEY/, a private directory. Results under "file:KEY": path, size, modified (ns since the
 * epoch, as text); the path is noted before anything is there, so that undo finds what a killed run left.
 */
namespace vireo::operation {

namespace {

using job::Step;
using job::StepContext;

struct TreestepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_treeSteps)
};

QString keyOf(const Step &step)
{
    return step.parameters[u"key"_s].toString();
}

QString noteKey(const Step &step)
{
    return u"file:"_s + keyOf(step);
}

bool isKey(const QString &key)
{
    return !key.isEmpty() && key.size() <= 40
        && std::ranges::all_of(key, [](QChar c) { return c.unicode() < 128 && (c.isLetterOrNumber() || c == u'-'); });
}

QString workRoot()
{
    return QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s;
}

/** Jobs of one lock key run one after another, so that it names their files. */
QString workDirectory(const Step &step, const StepContext &context)
{
    const QByteArray digest =
        QCryptographicHash::hash(context.plan().lockKey().toUtf8(), QCryptographicHash::Sha256).toHex().left(16);
    return workRoot() + u'/' + QString::fromLatin1(digest) + u'-' + keyOf(step);
}

/** Ours, a directory and no link, closed to others. */
Result<> makePrivate(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    struct stat status = {};
    const bool made = ::mkdir(name.constData(), S_IRWXU) == 0 || errno == EEXIST;
    if (!made || ::lstat(name.constData(), &status) != 0) {
        return fail(Error::failed(
            TreestepsText::tr("Can't make “%1”: %2").arg(path, QString::fromLocal8Bit(std::strerror(errno)))));
    }
    if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid()
        || ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0 && ::chmod(name.constData(), S_IRWXU) != 0)) {
        return fail(Error::failed(TreestepsText::tr("“%1” is not a directory of our own.").arg(path)));
    }
    return {};
}

/** Whether the noted file is there as it was left. */
bool isFetched(const QJsonObject &note)
{
    if (!note.contains("modified"_L1)) {
        return false;
    }
    const auto file = image::LocalFile::open(note[u"path"_s].toString());
    return file && QString::number(file->modifiedNs()) == note[u"modified"_s].toString()
        && double(file->size()) == note[u"size"_s].toDouble();
}

Result<> runFetch(const Step &step, StepContext &context)
{
    if (!isKey(keyOf(step))) {
        return fail(Error::invalid(TreestepsText::tr("“%1” is not the name of a job's file.").arg(keyOf(step))));
    }
    if (isFetched(context.results().value(noteKey(step)).toObject())) {
        return {};
    }
    const QString directory = workDirectory(step, context);
    QDir().mkpath(QStandardPaths::writableLocation(QStandardPaths::CacheLocation));
    for (const QString &path : {workRoot(), directory}) {
        if (const Result<> made = makePrivate(path); !made) {
            return made;
        }
    }
    QJsonObject note{{u"path"_s, directory + u"/file"_s}};
    if (const Result<> noted = context.note(noteKey(step), note); !noted) {
        return noted;
    }
    os::FetchLimits limits;
    if (const double limit = step.parameters[u"limit"_s].toDouble(); limit > 0) {
        limits.bytes = static_cast<quint64>(limit);
    }
    const auto fetched = os::fetch(
        step.parameters[u"url"_s].toString(), note[u"path"_s].toString(),
        [&context](quint64 done, quint64 total) { context.report(done, total); }, context.stop(), limits);
    if (!fetched) {
        return fail(fetched.error());
    }
    if (fetched->bytes == 0) {
        return fail(Error::failed(TreestepsText::tr("“%1” is empty.").arg(step.parameters[u"url"_s].toString())));
    }
    note.insert(u"size"_s, double(fetched->bytes));
    note.insert(u"modified"_s, QString::number(fetched->modifiedNs));
    return context.note(noteKey(step), note);
}

Result<> undoFetch(const Step &step, StepContext &context)
{
    if (!isKey(keyOf(step)) || !context.results().contains(noteKey(step))) {
        return {}; // it never came to that
    }
    // Computed anew, not read from the journal: nothing else is ever removed.
    const QString path = workDirectory(step, context);
    struct stat status = {};
    if (::lstat(QFile::encodeName(path).constData(), &status) == 0) {
        const bool gone = S_ISDIR(status.st_mode) ? QDir(path).removeRecursively() : QFile::remove(path);
        if (!gone) {
            return fail(Error::failed(TreestepsText::tr("Can't remove “%1”.").arg(path)));
        }
    }
    return context.note(noteKey(step), QJsonValue(QJsonValue::Undefined));
}

} // namespace

void registerTreeSteps(job::StepRegistry &registry)
{
    registry.add(u"tree.fetch"_s, {runFetch, undoFetch});
}

} // namespace vireo::operation
