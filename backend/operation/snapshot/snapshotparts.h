// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/snapshot/snapshotplans.h"

/** What the plans on snapshots share. Private to backend/operation; pure. */
namespace vireo::operation {

job::Plan snapshotPlan(
    const QString &operation, const QString &title, const virt::HostId &host, const snapshot::Facts &facts);
job::Step snapshotStep(const QString &type, const QString &title, const QString &object, const snapshot::Facts &facts);
job::Finding finding(
    job::Finding::Severity severity, const QString &text, const QString &cause = {}, const QString &fix = {});

/** Why neither kind of snapshot can be taken now (a saved state, a block job …), as blockers. */
QList<job::Finding> presentObstacles(const snapshot::Facts &facts);
/** Why no internal snapshot can be taken, whatever would be wise; empty: one can. */
QString internalObstacle(const snapshot::Facts &facts);

/** A SnapshotCreateDraft in which nothing is left open. */
struct SnapshotChoice {
    struct Disk {
        QString target;
        snapshot::SnapshotDisk::Kind kind = snapshot::SnapshotDisk::Kind::None;
        QString file;           ///< External: the overlay
        snapshot::Layer before; ///< what the disk is now
        friend bool operator==(const Disk &, const Disk &) = default;
    };
    QString name;
    QString description;
    bool internal = false;
    bool memory = false;
    QString memoryFile; ///< of external memory
    bool live = true;
    bool quiesce = false;
    bool halt = false; ///< the VM is off afterwards, with nothing lost in between; taking it back goes back to it
    QList<Disk> disks; ///< all that the VM has
    friend bool operator==(const SnapshotChoice &, const SnapshotChoice &) = default;
};
/** Appends to `findings` what is wrong with it, and what one should know. */
SnapshotChoice resolveCreate(
    const snapshot::Facts &facts, const SnapshotCreateDraft &draft, QList<job::Finding> &findings);
/** The steps that take it. */
QList<job::Step> createSteps(const snapshot::Facts &facts, const SnapshotChoice &choice, bool picture);

} // namespace vireo::operation
