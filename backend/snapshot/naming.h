// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/facts.h"

/** Names of snapshots and of their files. Pure; any thread. */
namespace vireo::snapshot {

/** Why `name` can't be a new snapshot's, as a sentence; empty: it can. Names become file names: no '/', no control
 *  character, no leading '-' or '.', at most 200 bytes, no comma, not one that the domain has. */
QString nameProblem(const QString &name, const Facts &facts);
/** "2026-11-21 19.40" or, when that is taken, with a number. */
QString suggestedName(const Facts &facts, const QDateTime &now);
/** The overlay for a disk: in the directory of its present file, named VM.SNAPSHOT[-TARGET].qcow2 with what file names
 *  bear ill replaced; none that is known to exist. */
QString overlayPath(const Facts &facts, const QString &target, const QString &snapshot);
QString memoryPath(const Facts &facts, const QString &snapshot);

} // namespace vireo::snapshot
