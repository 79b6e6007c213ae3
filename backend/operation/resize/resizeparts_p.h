// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/resize/resize.h"

/** What the plans of resizes that can be taken back share. Private to backend/operation; pure. */
namespace vireo::operation {

/** The half of planResize() for a VM that is off meanwhile. */
job::Plan planColdResize(const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft);

/** A disk with other files: topmost first, all of which there is, with formats; what is not recorded is left to
 *  libvirt. */
Result<QString> withDiskFiles(const QString &domainXml, const QString &target, const snapshot::Chain &chain);

/** Why a disk can't be kept by a layer upon it; nothing: it can, or need not. */
std::optional<job::Finding> keepingObstacle(const snapshot::DiskNow &disk, const QString &domainXml);
/** Whether the guest can write to it at all, so that it has to be kept. */
bool isWritable(const snapshot::DiskNow &disk, const QString &domainXml);

/** vm.powerOff, kept.check …: a step of these, without parameters of its own. */
job::Step keptStep(const QString &type, const QString &title, const QString &object, const QString &undo = {});

/** Of a host that an end of a change needs, before anything was changed: says which it is. */
Error awayError(const QString &uri, Error error);

/** How a change is confirmed where the VM is now. */
struct Confirmation {
    KeptState kept;
    virt::HostId from;                     ///< of a VM that moved: where files of before are; null: the plan's host
    virt::HostId at;                       ///< where it is; null: the plan's host
    QMap<QString, snapshot::Chain> chains; ///< of disks as they are now, by target
    QMap<QString, quint64> bytes;          ///< what is in the overlays, by target
    bool keepSource = false;
    /** A part of the job that made the change: files that stay, as their host is away, are no reason to take that back.
     */
    bool isWithin = false;
};
/** kept.decide, merges, files of before, kept.end. */
QList<job::Step> confirmationSteps(const Confirmation &confirmation);

} // namespace vireo::operation
