// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>

#include "backend/virt/storage.h"

/** Parts of volumes, what is in them, and volumes of ours that tell something. Blocking; any worker thread. */
namespace vireo::virt::storage {

/** At most 16 MiB from `offset` on; less at the volume's end (virStorageVolDownload). */
Result<QByteArray> readVolumePart(
    Connection &connection, const QString &pool, const QString &name, quint64 offset, quint64 length);
/** Over what is there; the volume must reach so far (virStorageVolUpload). */
Result<> writeVolumePart(
    Connection &connection, const QString &pool, const QString &name, quint64 offset, const QByteArray &bytes);

struct VolumeAt {
    Connection &connection;
    QString pool;
    QString name;
};
/**
 * Whether two volumes, maybe of two hosts, hold the same bytes, wherever they have holes: both are read whole and at
 * once (virStorageVolDownload, sparse where the hosts can), through this process and without a file in between. The
 * offset of the first difference, which may be the end of the shorter one; none: they are equal. Nobody may write to
 * either meanwhile. Error: libvirt's, or cancelled.
 */
Result<std::optional<quint64>> compareVolumes(
    const VolumeAt &left, const VolumeAt &right, const Progress &progress, const std::stop_token &stop);

/**
 * A moment by two clocks, in nanoseconds since the epoch: the host's lies somewhere between the two of this computer.
 */
struct ClockStamp {
    qint64 before = 0; ///< this computer's clock before the host was asked
    qint64 after = 0;  ///< and when it had answered
    qint64 host = 0;   ///< the host's
    friend bool operator==(const ClockStamp &, const ClockStamp &) = default;
};
/**
 * Makes an empty raw volume and takes the host's time from it: libvirt has no call that asks for it, but a new file has
 * the time of its making (virStorageVolCreateXML, <timestamps>). That is the host's time only in a directory of its
 * own: a file server has a clock of its own. The volume stays, and may be there after an error too: the caller deletes
 * it. Error: libvirt's, also where the name is taken; Unsupported: the volume has no time.
 */
Result<ClockStamp> createStampedVolume(Connection &connection, const QString &pool, const QString &xml);

/**
 * Makes a volume (whose XML has all of its capacity allocated) and has its host write all of it (virStorageVolWipe with
 * zeros, which are data to the host's file system): nothing of it comes from here. Takes as long as the host's disk
 * does, and may become a little longer. The volume may be there after an error too: the caller deletes it.
 */
Result<> createWrittenVolume(Connection &connection, const QString &pool, const QString &xml);

} // namespace vireo::virt::storage
