// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <variant>

#include "backend/operation/snapshot/snapshotplans.h"

namespace vireo::operation {

class DraftReader;

/** The drafts on snapshots (snapshotplans.h), but the export. Private to backend/operation. */
using SnapshotDraft = std::variant<SnapshotCreateDraft, SnapshotRevertDraft, SnapshotDeleteDraft, SnapshotEditDraft>;

/** "snapshot.create", "snapshot.revert", "snapshot.delete", "snapshot.edit". */
QStringList snapshotDraftWords();
/** The members beside "operation", "host" and "domain". */
SnapshotDraft readSnapshotDraft(DraftReader &reader, const QString &operation);
/** Reads the facts from the host and plans. Blocking: a worker thread. */
Result<job::Plan> planSnapshotDraft(
    virt::Connection &connection, const virt::HostId &host, const QUuid &domain, const SnapshotDraft &draft);

} // namespace vireo::operation
