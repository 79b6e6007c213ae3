// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>

namespace vireo::image {

/**
 * What the first bytes of a disk say of its content, as its guest sees them. The guest wrote them, so nothing is opened
 * or followed by it: it says what may be done for the guest, and what to tell its user.
 */
struct DiskContent {
    enum class Kind {
        Unknown,     ///< not read, or none of the others
        Blank,       ///< zeroes, as far as was read
        Partitioned, ///< MBR or GPT, whatever else lies between them
        Ext,         ///< ext2, ext3 or ext4 without partitions
        Xfs,
        Swap,
        Other ///< another file system, a volume manager, encryption, a guest that sleeps
    } kind = Kind::Unknown;
    QString name = {};        ///< "ext4", "btrfs", "LVM" …, the thing's own word; empty: it has none
    quint64 size = 0;         ///< Ext: bytes that the file system says it has; 0: unknown
    bool isUnusual = false;   ///< Ext: it needs another device, or makes no sense: leave it alone
    QByteArray uuid = {};     ///< Swap: 16 bytes, as they lie there
    QByteArray label = {};    ///< Swap: up to 16 bytes
    quint32 pageSize = 0;     ///< Swap: of the machine that made it, bytes
    bool isBigEndian = false; ///< Swap

    friend bool operator==(const DiskContent &, const DiskContent &) = default;
};

/** How many bytes from the beginning of a disk diskContent() looks at. */
inline constexpr quint64 contentBytes = 256ULL * 1024;

/** Judges the first contentBytes of a disk of `capacity` bytes; fewer where it is smaller. Pure. */
DiskContent diskContent(const QByteArray &start, quint64 capacity);

/** The first page of a disk of `capacity` bytes, as mkswap writes it (version 1), for the same machine and with UUID
 *  and label of `old`. Empty: `old` is no swap, or the disk is too small (10 pages). Pure. */
QByteArray swapHeader(const DiskContent &old, quint64 capacity);

} // namespace vireo::image
