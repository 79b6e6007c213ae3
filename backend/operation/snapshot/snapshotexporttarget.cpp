// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>
#include <QStorageInfo>

#include "backend/operation/snapshot/snapshotexport.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

/** What is known of where an export goes. */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;

struct ExportTargetText {
    Q_DECLARE_TR_FUNCTIONS(operation_exportTarget)
};

/** Free space where `path` is, or where it would be made. */
quint64 freeAt(QString path)
{
    while (!QFileInfo::exists(path) && path.size() > 1) {
        path = QFileInfo(path).path();
    }
    return static_cast<quint64>(std::max<qint64>(0, QStorageInfo(path).bytesAvailable()));
}

void readFile(const QString &path, ExportTarget &target)
{
    const QFileInfo file(path);
    const QFileInfo directory(file.path());
    target.exists = file.exists() || file.isSymLink();
    target.directory = directory.filePath();
    if (!path.startsWith(u'/') || path.endsWith(u'/')) {
        target.problem = ExportTargetText::tr("“%1” is not the whole path of a file.").arg(path);
    } else if (!directory.isDir()) {
        target.problem = ExportTargetText::tr("There is no directory “%1”.").arg(directory.filePath());
    } else if (!directory.isWritable()) {
        target.problem = ExportTargetText::tr("Nothing can be written to “%1”.").arg(directory.filePath());
    } else {
        target.available = freeAt(directory.filePath());
    }
}

Result<> readVolume(virt::Connection &connection, const SnapshotExportDraft &draft, ExportTarget &target)
{
    const auto pool = optional(storage::pool(connection, draft.pool));
    if (!pool) {
        return fail(pool.error());
    }
    if (!*pool) {
        target.problem = ExportTargetText::tr("There is no storage pool “%1”.").arg(draft.pool);
        return {};
    }
    if (!(*pool)->active) {
        target.problem = ExportTargetText::tr("The storage pool “%1” is not active.").arg(draft.pool);
        return {};
    }
    if (!storage::isFileBased(**pool)) {
        target.problem =
            ExportTargetText::tr("The storage pool “%1” does not keep its volumes in files.").arg(draft.pool);
        return {};
    }
    target.directory = (*pool)->targetPath;
    target.available = (*pool)->available;
    const auto volume = optional(storage::volume(connection, draft.pool, draft.volume));
    if (!volume) {
        return fail(volume.error());
    }
    target.exists = volume->has_value();
    return {};
}

} // namespace

Result<ExportTarget> readExportTarget(
    virt::Connection *connection, const virt::HostId &host, const SnapshotExportDraft &draft)
{
    ExportTarget target;
    target.token = QUuid::createUuid().toString(QUuid::Id128).left(12);
    target.workAvailable = freeAt(QStandardPaths::writableLocation(QStandardPaths::CacheLocation));
    if (!draft.path.isEmpty()) {
        readFile(draft.path, target);
        return target;
    }
    target.host = host;
    target.isSameHost = draft.host.isEmpty();
    if (!connection) {
        target.problem = ExportTargetText::tr("The host of the volume is not connected.");
    } else if (const Result<> read = readVolume(*connection, draft, target); !read) {
        return fail(read.error());
    }
    return target;
}

} // namespace vireo::operation
