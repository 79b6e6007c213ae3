// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create/createdraft.h"
#include "backend/operation/migrate/migrate.h"
#include "backend/operation/snapshot/snapshotexport.h"

/**
 * The draft document of "migrate". Private to backend/operation; any thread. Keys, with what they are when missing:
 *
 * - to: URI of the destination, as this computer reaches it. Needed.
 * - mode [live], paused (the guest stands still from the beginning), offline (its definition alone), cold (it is shut
 *   down, moves with its files, and is started there).
 * - timeout_s [180], force [false]: of cold: how long the guest may take to shut down; then it is switched off.
 * - start [as it was], true, false: of cold. verify [false]: of cold; what was copied is read back and compared.
 * - storage [auto], shared, copy.
 * - p2p ["auto"], true, false; tunnelled [false]: through the daemons' own connection. p2p "through-this-computer": for
 *   hosts that can't reach each other. The guest is saved, its memory and disks pass through this process, and it is
 *   restored there: it stands still all the while. Never chosen by "auto".
 * - destination_uri [derived or remembered]: as the source's daemon reaches the destination.
 * - migrate_uri, listen_address [libvirt's choice]: where QEMU connects to, and listens.
 * - postcopy [false]: permitted.
 * - at_once [2]: how many migrations between these hosts run at a time; further ones wait for their turn.
 * - parallel [0]: connections; 0: one, as ever.
 * - compress [none], xbzrle, mt, zlib, zstd.
 * - auto_converge [false]; throttle_initial, throttle_increment [QEMU's]: percent.
 * - tls [false].
 * - bandwidth_mib_s, postcopy_bandwidth_mib_s [0: no limit].
 * - policy [steady], minimal-downtime, nova, post-copy, patient; or an object, see migration::Policy.
 * - downtime_ms [the policy's]: the longest pause that is consented to; not beside a policy as an object.
 * - persistent [true]: it stays defined there. undefine_source [true].
 * - delete_source_disks [true]: of those that were copied.
 * - flatten [false]: copied disks become one file each.
 * - set_time [true]: of the guest, through its agent.
 * - map {networks, pools, paths}: objects of names here -> there.
 * - xml, persistent_xml [rewritten by Vireo]: the definition there, and that of its next start. Texts; not of cold.
 */
namespace vireo::operation {

class DraftReader;

/** All but operation, host and domain. Notes what is wrong in the reader and in `errors`. */
MigrateDraft readMigrateDraft(DraftReader &reader, QList<DraftError> &errors);
/** Its "map" alone, and back. */
void readMigrateMap(DraftReader &reader, MigrateDraft::Map &map, QList<DraftError> &errors);
QJsonObject migrateMapToJson(const MigrateDraft::Map &map);
/** Reads the facts from both hosts and plans. Blocking: a worker thread. */
Result<QList<job::Plan>> planMigrateDraft(virt::Connection &connection, const virt::HostId &host,
    const virt::DomainRecord &domain, const MigrateDraft &draft, const OtherHosts &others, const std::stop_token &stop);

} // namespace vireo::operation
