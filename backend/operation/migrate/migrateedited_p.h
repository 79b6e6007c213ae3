// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/migrate/migrate.h"

/** Definitions for the destination that were edited by hand. Private to backend/operation. */
namespace vireo::operation {

/**
 * What is to be said of MigrateDraft::xml and persistentXml: blocks what libvirt would refuse after volumes were made
 * for it (unreadable, of another VM), warns of what libvirt's schema does not know. Loads the schema: a worker thread.
 */
QList<job::Finding> editedXmlFindings(const MigrateFacts &facts, const MigrateDraft &draft);

} // namespace vireo::operation
