// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/facts.h"

/** What is said of snapshots, the same everywhere. Pure; any thread. */
namespace vireo::model {

/** "External", "Internal", "Internal and external": what libvirt keeps it in. */
QString snapshotKindText(const snapshot::Snapshot &snapshot);
/** "running, with memory", "running, disks only", "shut off". */
QString snapshotStateText(const snapshot::Snapshot &snapshot);
/** Bytes of the overlays that a snapshot made and of its memory file, as far as storage knows. */
quint64 snapshotBytes(const snapshot::Facts &facts, const snapshot::Snapshot &snapshot);
/** Something of it is in a file of its own, of which no size is known. */
bool isSizeUnknown(const snapshot::Facts &facts, const snapshot::Snapshot &snapshot);
/** "/images/web01.before.qcow2: 1.2 GiB", a line for each of its files. */
QStringList snapshotFileLines(const snapshot::Facts &facts, const snapshot::Snapshot &snapshot);

} // namespace vireo::model
