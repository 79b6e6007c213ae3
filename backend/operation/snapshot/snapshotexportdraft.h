// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/create/createdraft.h"
#include "backend/operation/snapshot/snapshotexport.h"

/** The draft document of "snapshot.export". Private to backend/operation; any thread. */
namespace vireo::operation {

class DraftReader;

/** All but operation, host and domain. Notes what is wrong in the reader and in `errors`. */
SnapshotExportDraft readExportDraft(DraftReader &reader, QList<DraftError> &errors);
/** What readExportDraft() reads: its members with their keys. Pure. */
QJsonObject exportDraftToJson(const SnapshotExportDraft &draft);
/** Reads the facts and plans. Blocking: a worker thread. */
Result<QList<job::Plan>> planExportDraft(virt::Connection &connection, const virt::HostId &host,
    const virt::DomainRecord &domain, const SnapshotExportDraft &draft, const OtherHosts &others);

} // namespace vireo::operation
