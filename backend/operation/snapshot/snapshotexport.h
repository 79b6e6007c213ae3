// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <utility>

#include "backend/job/plan.h"
#include "backend/snapshot/facts.h"

namespace vireo::operation {

/** "snapshot.export": a disk's content, as it is now or as it was in a snapshot, to an image. */
struct SnapshotExportDraft {
    QString snapshot;    ///< empty: as it is now
    QString disk;        ///< target; empty: the first
    bool live = true;    ///< of a running VM: by block copy; false: saved, copied, and as it was before again
    bool quiesce = true; ///< the agent freezes the file systems for the moment in which the copy ends, where it can
    QString path;        ///< a local file of the user; excludes pool and volume
    QString host;        ///< URI of another connected host; empty: the VM's
    QString pool;
    QString volume;
    QString format = QStringLiteral("qcow2"); ///< or raw
    bool compressed = false;                  ///< qcow2
    bool flatten = true;                      ///< false: only what is above the base image, which the result then needs
    friend bool operator==(const SnapshotExportDraft &, const SnapshotExportDraft &) = default;
};

/** Opens a host by its URI; any thread, blocking. */
using OtherHosts = std::function<Result<std::pair<virt::HostId, virt::ConnectionPtr>>(const QString &uri)>;

/** What is known of where it goes. Read in a worker thread. Bytes. */
struct ExportTarget {
    virt::HostId host;         ///< of the volume; null: a local file
    quint64 available = 0;     ///< free there
    quint64 workAvailable = 0; ///< free on this computer, where files that are on their way are kept
    bool exists = false;       ///< something of that name is there
    QString directory;         ///< the pool's, on its host
    bool isSameHost = false;   ///< the host that the VM is on
    QString problem;           ///< why it can't be used (no such pool …), as a sentence; empty: it can
    QString token;             ///< for the names of temporary files: letters and digits, never used before
    friend bool operator==(const ExportTarget &, const ExportTarget &) = default;
};
/** For a volume `connection` is to the host that holds the pool; for a file it is not used and may be null. */
Result<ExportTarget> readExportTarget(
    virt::Connection *connection, const virt::HostId &host, const SnapshotExportDraft &draft);

/**
 * Pure. The plan's host is the VM's.
 *
 * What is exported is read by QEMU on the VM's host: of a running VM as it is now by block copy; what nobody writes to
 * (a VM that is off or saved, the layers of external snapshots) by a work domain. It goes straight into a volume of
 * that host; for other targets, and for compression, it is staged in a volume there and goes through this computer. An
 * internal snapshot's state is read here, by qemu-img, from a download of the files that hold it.
 */
job::Plan planSnapshotExport(const virt::HostId &host, const snapshot::Facts &facts, const SnapshotExportDraft &draft,
    const ExportTarget &target);

} // namespace vireo::operation
