// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migratelayout_p.h"

/** A guest that passes through this computer: where its memory lies meanwhile. Private to backend/operation; pure. */
namespace vireo::operation {

/** The file that the source saves the guest into, and its copy. */
struct SavedMemory {
    QString pool; ///< of the source; empty: none was found
    QString path;
    bool isShared = false; ///< the destination sees the same file
    QString poolThere;     ///< empty: none was found, or it is shared
    QString volumeThere;
    QString pathThere;
    quint64 bytes = 0; ///< as much as it may become
    friend bool operator==(const SavedMemory &, const SavedMemory &) = default;
};
/** In the pool of the VM's first disk, or the roomiest one. */
SavedMemory savedMemory(const MigrateFacts &facts, const MigrateDraft &draft, const MigrateLayout &layout);

} // namespace vireo::operation
