// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QList>
#include <QString>

#include "backend/virt/records.h"

/** What a domain's snapshots are: values, without a host. */
namespace vireo::snapshot {

/** A file or block device of a backing chain, with the format that libvirt recorded: never one that was probed. */
struct Layer {
    QString path;
    QString format; ///< raw, qcow2 …; empty: nobody recorded it
    friend bool operator==(const Layer &, const Layer &) = default;
};
/** A backing chain, topmost first. */
using Chain = QList<Layer>;

/** What a snapshot is of one disk. */
struct SnapshotDisk {
    enum class Kind {
        None,     ///< left out: going back does not touch it
        Internal, ///< kept within the file itself
        External  ///< the file was frozen, and the guest went on in an overlay
    };
    QString target; ///< vda
    Kind kind = Kind::None;
    /** External: the overlay that was made then. It holds what was written after the snapshot. */
    Layer overlay;
    /** What the disk was then, from the domain's XML of that moment: the topmost is where the snapshot's state is. */
    Chain state;
    friend bool operator==(const SnapshotDisk &, const SnapshotDisk &) = default;
};

/** One snapshot, as libvirt's metadata says. A value. */
struct Snapshot {
    enum class Memory { None, Internal, External };
    QString name;
    QString parent; ///< empty: none
    QString description;
    QDateTime created; ///< UTC
    /** What the domain was; of one without memory of a running domain: Running, and isDiskOnly. */
    virt::DomainState state = virt::DomainState::NoState;
    bool isDiskOnly = false; ///< <state>disk-snapshot</state>: the guest ran, its memory was not kept
    Memory memory = Memory::None;
    QString memoryFile; ///< of external memory
    QList<SnapshotDisk> disks;
    bool current = false;

    bool isExternal() const; ///< some disk or the memory is external
    bool isInternal() const; ///< some disk or the memory is internal
    bool isMixed() const { return isExternal() && isInternal(); }
    const SnapshotDisk *disk(const QString &target) const;
    friend bool operator==(const Snapshot &, const Snapshot &) = default;
};

/** Reads a <domainsnapshot>. Any thread; pure. Errors: Document::parse's, or no snapshot. */
Result<Snapshot> parseSnapshot(const QString &xml);

/** A disk as the domain has it now. */
struct DiskNow {
    QString target;
    QString bus;
    bool canSnapshot = true; ///< false: CD-ROM, floppy, read-only, empty: snapshots leave it out
    QString reason;          ///< why not, as a sentence
    bool isNetwork = false;  ///< its source is no file or block device of the host
    Chain chain;             ///< of a running domain as QEMU has it open, else as recorded or as storage says
    friend bool operator==(const DiskNow &, const DiskNow &) = default;
};
/** The disks of a domain's XML with the chains that it names (<backingStore>). Any thread; pure. */
Result<QList<DiskNow>> parseDisks(const QString &domainXml);

} // namespace vireo::snapshot
