// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create/createdraft.h"
#include "backend/operation/resize/resize.h"
#include "backend/operation/snapshot/snapshotexport.h"

/**
 * The draft documents "resize", "resize.confirm" and "resize.revert". Private to backend/operation; any thread. Keys of
 * "resize", with what they are when missing:
 *
 * - vcpus, max_vcpus, memory_mib, max_memory_mib [as it is]; topology {sockets, cores, threads} [as it is; all 0:
 * none].
 * - disks [none]: {target, gib or mib or bytes [as it is], format raw or qcow2 [as it is], pool [where it is], bus [as
 * it is], flatten [false], sparsify [false], grow_filesystem [where it can be], grow_in_guest [false]}.
 * - to: URI of another host, as this computer reaches it [stays]; map {networks, pools, paths}: names here -> there;
 *   flatten [false]: all disks become one file each on the way; keep_source [false]; verify [false]: copies are read
 *   back and compared.
 * - when [auto], live, cold. timeout_s [180]: for the guest to shut down; force [false]: then it is switched off.
 * - after [as-before], running, off.
 * - confirm [ask], auto; confirm_hours [0]: with auto, so long afterwards.
 *
 * "resize.confirm": keep_source [as was said when it moved]. "resize.revert": timeout_s [180], force [true], start
 * [true]. Their `host` may be any that the VM is or was on.
 */
namespace vireo::operation {

class DraftReader;

/** "resize.confirm", "resize.revert" */
struct ResizeEndDocument {
    ResizeEnd end = ResizeEnd::Confirm;
    ResizeEndDraft draft;
    bool keepsAsKept = false; ///< it does not say whether the source's files stay: as was said when it moved
    friend bool operator==(const ResizeEndDocument &, const ResizeEndDocument &) = default;
};

/** All but operation, host and domain. Notes what is wrong in the reader and in `errors`. */
ResizeDraft readResizeDraft(DraftReader &reader, QList<DraftError> &errors);
ResizeEndDocument readResizeEndDraft(DraftReader &reader, ResizeEnd end);
QJsonObject resizeEndDraftToJson(const QString &host, const QString &domain, const ResizeEndDocument &document);

/** Read the facts and plan. Blocking: a worker thread. */
Result<QList<job::Plan>> planResizeDraft(virt::Connection &connection, const virt::HostId &host,
    const virt::DomainRecord &domain, const ResizeDraft &draft, const OtherHosts &others, const std::stop_token &stop);
/** `domain`: name or UUID. NotFound: nothing of that waits. */
Result<QList<job::Plan>> planResizeEndDraft(virt::Connection &connection, const virt::HostId &host,
    const QString &domain, const ResizeEndDocument &document, const OtherHosts &others, const std::stop_token &stop);

} // namespace vireo::operation
