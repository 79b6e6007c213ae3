// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migratelayout_p.h"

/** The parts of readMigratePair(). Private to backend/operation; blocking, worker threads. */
namespace vireo::operation {

/** files and places of `pair`: markers, existence, contents. They leave nothing behind. Error: cancelled.
 * migratefilesthere.cpp */
Result<> readFilesThere(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination,
    const MigrateSource &vm, const MigrateDestination &there, const MigrateDraft &draft, MigratePair &pair,
    const std::stop_token &stop);

/** reach and direct of `pair`, by domains of ours that migrate. migrateprobe.cpp */
void probe(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination, const MigrateSource &vm,
    const MigrateDraft &draft, MigratePair &pair, const std::stop_token &stop);

/** The clocks of `pair`, by a small volume on each host that is gone afterwards. migrateclocks.cpp */
void compareClocks(virt::Connection &source, virt::Connection &destination, const MigrateDestination &there,
    MigratePair &pair, const std::stop_token &stop);

/** How a probe migrates under that draft: without a definition that stays. migrateprobe.cpp */
virt::migration::Options probeOptions(const MigrateDraft &draft);

/** Where the source's daemon shall look for the destination's; empty: nobody knows. migratepair.cpp */
QString reachUri(const virt::Connection &source, const virt::Connection &destination, const MigrateDraft &draft,
    const MigrateSource &vm, const MigrateDestination &there);

} // namespace vireo::operation
