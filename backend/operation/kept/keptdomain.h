// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"

/** What a host knows of a domain that is off, out of libvirt and back. Private to backend/operation; a job's thread. */
namespace vireo::operation {

/** With its passwords: into private files only. */
struct KeptDomain {
    QString definition;
    QStringList snapshots; ///< parents before children; the current one says <active>1</active>
    bool autostart = false;
};
Result<KeptDomain> readKeptDomain(virt::Connection &connection, const QUuid &domain);
/** All as it was; what is so already stays untouched. */
Result<> writeKeptDomain(virt::Connection &connection, const QUuid &domain, const KeptDomain &content);
/** Those of them that are missing; then the current one is that again. */
Result<> writeKeptSnapshots(virt::Connection &connection, const QUuid &domain, const QStringList &snapshots);
/** Takes the mark of withKeptMark() out of the definition, and out of what runs. A domain that is gone: fine. */
Result<> removeKeptMark(virt::Connection &connection, const QUuid &domain);

} // namespace vireo::operation
