// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/resize/resize.h"

/**
 * Cold migration: a VM that is off moves to another host with all its files, and may be resized on its way. What
 * planColdMigration() (resize.h) stands on.
 *
 * Files go by the fastest way that is safe: none are copied where both hosts see the same; from host to host where a
 * probe proved that QEMU reaches the other host (disk.send); else through this computer (volume.relay).
 */
namespace vireo::operation {

/** The same wish in both words: a "migrate" draft of Mode::Cold, and a "resize" draft with a destination. Pure. */
MigrateDraft migrateDraftOf(const ResizeDraft &draft);
ResizeDraft resizeDraftOf(const MigrateDraft &draft);
/** As the VM will be when it moves: one that runs is shut down before. Pure. */
MigrateSource switchedOff(MigrateSource source);
/** What a migration's facts say, for a move that changes nothing else. Pure. */
ResizeFacts resizeFactsOf(const MigrateFacts &facts);

/** `way`: how the hosts are connected (path, URIs, encryption, limits); the rest is `draft`'s. Pure. */
job::Plan planColdMove(const virt::HostId &source, const virt::HostId &destination, const ResizeFacts &facts,
    const MigrateFacts &migrate, const ResizeDraft &draft, const MigrateDraft &way);

/** The facts for a draft with a destination, with a probe of how the hosts reach each other. Blocking: a worker thread;
 *  uses the connections on threads of its own. */
Result<MigrateFacts> readColdFacts(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination,
    const QUuid &domain, const ResizeDraft &draft, const std::stop_token &stop);

} // namespace vireo::operation
