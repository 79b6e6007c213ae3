// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"
#include "backend/xml/devices/hostfacts.h"

namespace vireo::operation {

/**
 * What exists on a host, for completion and for the lists of the hardware pages. Blocking: a worker thread. What the
 * driver has no notion of is left empty; `domainXml` says for which emulator, architecture, machine and type the
 * capabilities are read (empty or unreadable: the host's own choice). Error: the connection broke.
 */
Result<xml::HostVocabulary> readVocabulary(virt::Connection &connection, const QString &domainXml);

/** The same with what the pages know beyond it: the volumes with their paths, and the host's size; no other VMs. */
Result<xml::devices::HostFacts> readHostFacts(virt::Connection &connection, const QString &domainXml);

/** Which disks and MAC addresses the other VMs have. One call per VM: when it is needed only. Blocking. */
struct Neighbours {
    QMap<QString, QStringList> diskUsers; ///< as in HostFacts
    QStringList macs;                     ///< lower case
};
Result<Neighbours> readNeighbours(virt::Connection &connection, const QUuid &except);

} // namespace vireo::operation
