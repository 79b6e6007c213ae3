// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/layers.h"

namespace vireo::model {

/** One file of a disk's backing chain, as the details of a snapshot show it. */
struct ChainRow {
    QString path;
    QString name;   ///< of the file, without its directory
    QString format; ///< as recorded; empty: nobody did
    quint64 bytes = 0;
    bool isSizeKnown = false;
    bool isMissing = false;
    QStringList notes; ///< sentences: what is in it, what made it, who else needs it, what is wrong
    friend bool operator==(const ChainRow &, const ChainRow &) = default;
};
/** One disk. */
struct ChainDisk {
    QString target;
    QString text;         ///< how the snapshot holds it: "in an overlay", "within the image", "left out"
    QList<ChainRow> rows; ///< topmost first: the one that holds the state
    friend bool operator==(const ChainDisk &, const ChainDisk &) = default;
};

/**
 * The backing chains of all disks, as the domain has them now (empty name), or as they hold a snapshot's state. Pure;
 * any thread.
 */
QList<ChainDisk> snapshotChains(const snapshot::Facts &facts, const QString &snapshot);

} // namespace vireo::model
