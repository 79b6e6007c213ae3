// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <variant>

#include "backend/operation/create/create.h"
#include "backend/operation/create/createdraft.h"
#include "backend/operation/edit/devicedraft.h"
#include "backend/operation/lifecycle.h"
#include "backend/operation/migrate/migrate.h"
#include "backend/operation/resize/resizedraft.h"
#include "backend/operation/snapshot/snapshotdrafts.h"
#include "backend/operation/snapshot/snapshotexport.h"
#include "backend/seed/seeddraft.h"

namespace vireo::operation {

/** "start", "shutdown", "poweroff" … */
struct ActionDraft {
    Action action = Action::Run;
    int timeoutSeconds = 180; ///< how long the guest may take
    friend bool operator==(const ActionDraft &, const ActionDraft &) = default;
};

/** "delete" */
struct DeleteDraft {
    bool ownStorage = false; ///< also the volumes that nobody else uses
    friend bool operator==(const DeleteDraft &, const DeleteDraft &) = default;
};

/** "edit" */
struct EditDraft {
    std::optional<bool> autostart;
    TextsDraft texts;
    QString xml; ///< path of a local file with the whole definition; excludes the texts
    friend bool operator==(const EditDraft &, const EditDraft &) = default;
};

/** "seed.regenerate", or "seed.eject" without a seed */
struct SeedChangeDraft {
    std::optional<seed::SeedDraft> seed;
    friend bool operator==(const SeedChangeDraft &, const SeedChangeDraft &) = default;
};

/** A draft document of any operation: what `vireo run` reads. */
struct Draft {
    QString operation; ///< as in the document
    QString host;      ///< URI, well formed; ConnectionUri::risks() are the caller's business
    QString domain;    ///< name or UUID; empty for "create"
    std::variant<CreateDraft, ActionDraft, DeleteDraft, EditDraft, SeedChangeDraft, DeviceDraft, SnapshotDraft,
        SnapshotExportDraft, MigrateDraft, ResizeDraft, ResizeEndDocument>
        content;
    friend bool operator==(const Draft &, const Draft &) = default;
};

/** Reads a draft strictly; see createDraftFromJson(). An operation that this version lacks is an error at $.operation.
 */
std::expected<Draft, QList<DraftError>> draftFromJson(const QJsonObject &json);
/** The same from text; what is no JSON object is an error at $ with line and column. */
std::expected<Draft, QList<DraftError>> draftFromText(const QByteArray &text);

/** The draft can't be planned well without OsCatalog, which takes a second or two to load. */
bool needsCatalog(const Draft &draft);

/**
 * Reads the facts from the host and plans: one plan, or one for each VM of a "create" with a count. Blocking: a worker
 * thread. `catalog` may be null. `others` opens another host that the draft names; without it there is none. Errors:
 * the host's, no such VM, cancelled; what is wrong with the matter itself stands as a blocker in the plans.
 */
Result<QList<job::Plan>> planDraft(virt::Connection &connection, const virt::HostId &host, const Draft &draft,
    const os::OsCatalog *catalog = nullptr, const std::stop_token &stop = {}, const CreateProgress &progress = {},
    const OtherHosts &others = {});

} // namespace vireo::operation
