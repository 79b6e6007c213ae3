// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QStringList>

#include "backend/job/plan.h"
#include "backend/virt/connection.h"

/** The volumes of a pool that creation keeps for the next VM: base images and kernels, named by their content. */
namespace vireo::operation {

/** One of them, with who needs it. A value. */
struct BaseImage {
    QString pool;
    QString name; ///< vireo-base-<hex>[-c].qcow2 or .img; vireo-kernel-<hex>, -initrd-, -dtb-
    QString path; ///< on the host
    quint64 capacity = 0;
    quint64 allocation = 0; ///< bytes that deleting it frees
    QDateTime lastUsed;     ///< UTC; invalid: the host does not say
    QStringList domains;    ///< names, sorted: VMs that would not start without it, also through overlays
    QStringList overlays;   ///< "pool/volume", sorted: volumes of active pools that lie on it, also through others

    bool isUsed() const { return !domains.isEmpty() || !overlays.isEmpty(); }
    friend bool operator==(const BaseImage &, const BaseImage &) = default;
};

/** Whether creation gave a volume this name. */
bool isBaseName(const QString &volume);
/** The volume that says of a converted base that it is complete; goes with it. */
QString markerOf(const QString &base);

/** The bases of one pool or of all, sorted by name. */
struct BaseList {
    QList<BaseImage> bases;
    /** "VM: path": disks in no active pool, so that the host can't tell what they lie on while the VM is off. */
    QStringList unseen;
};

/** Refreshes all active pools first. `pool` empty: the bases of all active ones. Error: one of them can't be read.
 *  Blocking: a lane or worker thread. */
Result<BaseList> readBases(virt::Connection &connection, const QString &pool);

/** What to age out. */
struct AgeOut {
    QStringList chosen;    ///< names; empty: all that nobody uses
    int olderThanDays = 0; ///< last used at least that long ago; a base of unknown age is kept when this is above 0
};

/**
 * Deletes unused bases, oldest first. Never one in use, and each step looks again before it deletes. Pure. Findings:
 * what is kept and why, what is freed. Blockers: nothing is left to do; unseen disks, unless bases were chosen by name.
 */
job::Plan planAgeOut(const virt::HostId &host, const BaseList &bases, const AgeOut &wanted,
    const QDateTime &now = QDateTime::currentDateTimeUtc());

} // namespace vireo::operation
