// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/resize/resize.h"

/** Growing what is on a disk from within its guest, by its agent. Private to backend/operation; pure. */
namespace vireo::operation {

/** A file system that its guest can grow. */
struct GuestGrowth {
    QString disk;      ///< as the guest calls it: "vda"
    QString partition; ///< its number; empty: it lies on the disk as a whole
    virt::guest::FileSystem fileSystem;
    QStringList command; ///< that grows it once its partition has grown
    friend bool operator==(const GuestGrowth &, const GuestGrowth &) = default;
};

/** Of what a guest has mounted of a domain's disk (by its target). More than one: of these, the one that lies last
 *  grows. Error: why none of it can be grown so, and what to do instead. */
Result<QList<GuestGrowth>> guestGrowths(const QList<virt::guest::FileSystem> &fileSystems, const QString &target);

/** Whether the draft asks for it, and the disk does become larger. */
bool growsInGuest(const ResizeFacts &facts, const ResizeDraft::Disk &disk);
/** What is said of it. `isCold`: while it is off the disk grows. */
job::Finding guestGrowthFinding(
    const ResizeFacts &facts, const ResizeDraft &draft, const ResizeDraft::Disk &disk, bool isCold);
/** Whether it could be asked for, so far as is known. */
bool couldGrowInGuest(const ResizeFacts &facts, const QString &target);
/** guest.grow for all disks of the draft that are grown so, and not already while the VM is off. `host`: null: the
 *  plan's. */
QList<job::Step> growInGuestSteps(
    const ResizeFacts &facts, const ResizeDraft &draft, bool isCold, const virt::HostId &host = {});

} // namespace vireo::operation
