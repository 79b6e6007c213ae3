// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"

/** Small parts of volumes, held in memory, and volumes of ours that tell something. Blocking; any worker thread. */
namespace vireo::virt::storage {

/** At most 16 MiB from `offset` on; less at the volume's end (virStorageVolDownload). */
Result<QByteArray> readVolumePart(
    Connection &connection, const QString &pool, const QString &name, quint64 offset, quint64 length);
/** Over what is there; the volume must reach so far (virStorageVolUpload). */
Result<> writeVolumePart(
    Connection &connection, const QString &pool, const QString &name, quint64 offset, const QByteArray &bytes);

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
