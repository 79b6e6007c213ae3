// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <QCoreApplication>

#include "backend/image/localfile.h"
#include "backend/image/workfiles.h"
#include "backend/operation/steps.h"
#include "backend/operation/workkey.h"
#include "backend/os/fetch.h"

using namespace Qt::StringLiterals;

/**
 * The step that fetches kernel and initrd of an installation tree to this computer, from where they are uploaded.
 *
 * tree.fetch: url (or an absolute path), key ("kernel"), limit (bytes; 0: as os::FetchLimits). The file lies in the
 * user's cache (image/workfiles.h), in a directory that is noted under "work:KEY" before it is there, so that undo and
 * work.clear find what a killed run left. Results under "file:KEY": path, size, modified (ns since the epoch, as text).
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
    if (isFetched(context.results().value(noteKey(step)).toObject())) {
        return {};
    }
    const auto work = beginWork(context, keyOf(step));
    const auto directory = work ? image::workDirectory(*work) : fail(work.error());
    if (!directory) {
        return fail(directory.error());
    }
    QJsonObject note{{u"path"_s, *directory + u"/file"_s}};
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
    const QString work = knownWork(context, keyOf(step));
    if (work.isEmpty()) {
        return {}; // it never came to that
    }
    if (const Result<> cleared = image::clearWork(work); !cleared) {
        return cleared;
    }
    for (const QString &key : {noteKey(step), workNote(keyOf(step))}) {
        if (const Result<> unnoted = context.note(key, QJsonValue(QJsonValue::Undefined)); !unnoted) {
            return unnoted;
        }
    }
    return {};
}

} // namespace

void registerTreeSteps(job::StepRegistry &registry)
{
    registry.add(u"tree.fetch"_s, {runFetch, undoFetch});
}

} // namespace vireo::operation
