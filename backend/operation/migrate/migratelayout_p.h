// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migrate.h"
#include "backend/operation/migrate/migratexml.h"

/** Where a VM's files go: what facts, pre-flight and plan of a migration share. Private to backend/operation; pure. */
namespace vireo::operation {

/** A <disk>, as far as a migration cares. */
struct MigrateDisk {
    QString target;
    QString device; ///< disk, cdrom, floppy, lun
    QString type;   ///< file, block, volume, network …
    QString path;   ///< file or device; of a volume empty
    QString pool;
    QString volume;
    QString protocol;
    QString format;
    QString secret; ///< UUID of the secret that opens it; empty: none, or not said by UUID
    bool encrypted = false;
    bool readOnly = false;
    bool shareable = false;
    bool transient = false;
    bool isMedium() const { return device == QLatin1String("cdrom") || device == QLatin1String("floppy"); }
    friend bool operator==(const MigrateDisk &, const MigrateDisk &) = default;
};
/** Ill-formed XML has none. */
QList<MigrateDisk> migrateDisks(const QString &domainXml);

/** It is off: its definition moves, unless it moves cold. */
bool movesOffline(const MigrateSource &source);
/** It moves with its files while it is off. */
inline bool movesCold(const MigrateDraft &draft)
{
    return draft.mode == MigrateDraft::Mode::Cold;
}
/** What will be known of it once it is shut down: its stored definition counts. A transient one stays as it is. */
MigrateSource asShutOff(MigrateSource source);
MigrateFacts asShutOff(MigrateFacts facts);

/** A guest that goes through this computer: saved here, restored there. */
bool passesThrough(const MigrateSource &source, const MigrateDraft &draft);

/** The key of map.pools for a file: its pool's name, or its directory where no pool has it. */
QString poolKeyOf(const MigrateSource &source, const QString &path);

/** A place for a file's copy. */
struct FilePlace {
    QString pool; ///< empty: none was found
    QString path;
    QString volume;
    QString reason; ///< why there is none; or how it was found
    bool isFileBased = true;
};
/** The medium that holds the VM's seed, which Vireo made for it alone and its metadata name; empty: none does. */
QString seedMedium(const MigrateSource &source);
/** For each file that could be copied (disks with their layers, snapshots with theirs, memory of snapshots, the seed),
 *  by path on the source. No two have one place. */
QMap<QString, FilePlace> filePlaces(
    const MigrateSource &source, const MigrateDestination &destination, const MigrateDraft &draft);

/** All files of the host that the VM needs and that are looked for at the destination: those, media, firmware. */
QStringList neededFiles(const MigrateSource &source);
/** Where a file is looked for there: the mapped path, or the same. */
QString samePlace(const MigrateDraft &draft, const QString &path);

/** A file that nobody writes to, and that must be at the destination before the guest is. */
struct FileMove {
    QString target; ///< its disk; empty: memory of a snapshot
    QString from;
    QString to;
    QString pool;
    QString volume;
    QString format;
    QString backing; ///< there; empty: none
    QString backingFormat;
    quint64 capacity = 0;
    quint64 bytes = 0;       ///< to be relayed
    bool relay = true;       ///< false: the same content is there
    bool namesOther = false; ///< its header names another path than `backing`
    bool isMemory = false;
    bool whileSaved = false; ///< the guest writes to it: not before it was saved, or is off
    bool isSeed = false;
    friend bool operator==(const FileMove &, const FileMove &) = default;
};

/** A file that a disk will lie on at the destination as it is there, since it looks like the one here. */
struct AlikeFile {
    QString from;
    QString to;
    quint64 bytes = 0;
    friend bool operator==(const AlikeFile &, const AlikeFile &) = default;
};

/** Everything about files that a plan needs. */
struct MigrateLayout {
    QList<DiskMove> disks;
    QList<FileMove> files;  ///< beneath others first
    QList<AlikeFile> alike; ///< to be compared whole before a guest depends on it: another base breaks the disk
    QList<job::Finding> findings;
    bool incremental = false; ///< libvirt copies topmost layers alone, of all disks that it copies
    QStringList live;         ///< targets that QEMU copies while the guest runs
    const DiskMove *disk(const QString &target) const;
};
MigrateLayout migrateLayout(const MigrateFacts &facts, const MigrateDraft &draft);

/** What compares them: volume.compare. `host`: the destination's name. */
QList<job::Step> compareSteps(const MigrateLayout &layout, const virt::HostId &destination, const QString &host);

/** What the destination's XML says differently. */
MigrateRewrite migrateRewrite(const MigrateFacts &facts, const MigrateDraft &draft, const MigrateLayout &layout);
virt::migration::Options migrateOptions(
    const MigrateFacts &facts, const MigrateDraft &draft, const MigrateLayout &layout);
/** Whether the source's daemon drives it. */
bool isPeerToPeer(const MigrateFacts &facts, const MigrateDraft &draft);

} // namespace vireo::operation
