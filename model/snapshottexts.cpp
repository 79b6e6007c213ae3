// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/snapshottexts.h"

#include <QCoreApplication>

#include "model/format.h"

using namespace Qt::StringLiterals;

namespace vireo::model {

using snapshot::FileFacts;
using snapshot::Snapshot;
using snapshot::SnapshotDisk;

namespace {

struct SnapshotTexts {
    Q_DECLARE_TR_FUNCTIONS(SnapshotTexts)
};

/** The files that a snapshot made. */
QStringList filesOf(const Snapshot &snapshot)
{
    QStringList paths;
    for (const SnapshotDisk &disk : snapshot.disks) {
        if (disk.kind == SnapshotDisk::Kind::External && !disk.overlay.path.isEmpty()) {
            paths.append(disk.overlay.path);
        }
    }
    if (snapshot.memory == Snapshot::Memory::External && !snapshot.memoryFile.isEmpty()) {
        paths.append(snapshot.memoryFile);
    }
    paths.removeDuplicates();
    return paths;
}

} // namespace

QString snapshotKindText(const Snapshot &snapshot)
{
    if (snapshot.isMixed()) {
        return SnapshotTexts::tr("Internal and external");
    }
    if (snapshot.isExternal()) {
        return SnapshotTexts::tr("External");
    }
    return snapshot.isInternal() ? SnapshotTexts::tr("Internal") : SnapshotTexts::tr("Definition only");
}

QString snapshotStateText(const Snapshot &snapshot)
{
    const QString state = virt::stateText(snapshot.state);
    if (snapshot.memory != Snapshot::Memory::None) {
        return SnapshotTexts::tr("%1, with memory").arg(state);
    }
    return snapshot.isDiskOnly ? SnapshotTexts::tr("%1, disks only").arg(state) : state;
}

quint64 snapshotBytes(const snapshot::Facts &facts, const Snapshot &snapshot)
{
    quint64 bytes = 0;
    const QStringList paths = filesOf(snapshot);
    for (const QString &path : paths) {
        bytes += facts.files.value(path).allocation;
    }
    return bytes;
}

bool isSizeUnknown(const snapshot::Facts &facts, const Snapshot &snapshot)
{
    const QStringList paths = filesOf(snapshot);
    return std::any_of(paths.cbegin(), paths.cend(),
        [&facts](const QString &path) { return facts.files.value(path).presence != FileFacts::Presence::Present; });
}

QStringList snapshotFileLines(const snapshot::Facts &facts, const Snapshot &snapshot)
{
    QStringList lines = filesOf(snapshot);
    for (QString &line : lines) {
        const FileFacts file = facts.files.value(line);
        QString size = formatBytes(file.allocation);
        if (file.presence == FileFacts::Presence::Missing) {
            size = SnapshotTexts::tr("missing");
        } else if (file.presence == FileFacts::Presence::Unknown) {
            size = SnapshotTexts::tr("size unknown");
        }
        line = SnapshotTexts::tr("%1: %2", "path of a file and its size").arg(line, size);
    }
    return lines;
}

} // namespace vireo::model
