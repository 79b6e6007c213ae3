// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include "backend/snapshot/snapshot.h"
#include "backend/virt/migration.h"

namespace vireo::operation {

/** A disk of a VM that is off, on its way to another host. */
struct SentDisk {
    /** On the source, as recorded. Nobody writes to it. */
    snapshot::Chain chain;
    /** Only the topmost layer goes: what is beneath it is at the destination, as `beneath`. false: it becomes one file.
     */
    bool topOnly = false;
    /** At the destination, of the disk's capacity; what it had is gone. Its format may be another one. */
    snapshot::Layer to;
    snapshot::Chain beneath;
    friend bool operator==(const SentDisk &, const SentDisk &) = default;
};

/**
 * Sends a disk from host to host, without this computer in between and without a file in between: a machine of ours
 * that never runs has the disk, and migrates with its storage. QEMU writes the copy with explicit formats; what reads
 * as zeroes takes no room there, and all is on the destination's disk when its copy of the machine has ended.
 *
 * Blocking; one worker thread. Its name begins with WorkDomain::namePrefix: it is no VM of anybody.
 */
class DiskSend final
{
    Q_DISABLE_COPY_MOVE(DiskSend)

public:
    /** `like`: XML of the VM, of which it takes architecture, machine and emulator. `uuid` identifies its work, also
     *  after a kill. */
    DiskSend(virt::ConnectionPtr source, virt::ConnectionPtr destination, const QString &like, const QUuid &uuid);

    using Progress = std::function<void(quint64 done, quint64 total)>;
    /**
     * `options`: how QEMU reaches the other host (destinationUri, migrateUri, listenAddress, tls, bandwidth, and
     * peerToPeer; without that the connections of this process are used). What it is to move with is its own business.
     * Errors: the hosts', Cancelled. Whatever comes of it, end() has to be called.
     */
    Result<> send(const SentDisk &disk, const virt::migration::Options &options, const Progress &progress,
        const std::stop_token &stop);
    /** Nothing of it is on either host any more; also of one that another process began. Nothing there is fine. */
    Result<> end();

    /** Its definition: at the source, and there. Pure. */
    static Result<QString> xmlFor(const QString &like, const QUuid &uuid, const snapshot::Chain &chain);
    static Result<QString> xmlThere(const QString &like, const QUuid &uuid, const SentDisk &disk, const QString &cache);

private:
    Result<> migrate(const virt::migration::Options &options, const Progress &progress, const std::stop_token &stop);

    virt::ConnectionPtr m_source;
    virt::ConnectionPtr m_destination;
    const QString m_like;
    const QUuid m_uuid;
};

} // namespace vireo::operation
