// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/plan.h"
#include "backend/virt/definitions.h"

/**
 * Changing the stored definition of a storage pool, a virtual network or a network filter ("definition.edit"). Those of
 * domains: edit.h.
 */
namespace vireo::operation {

/** Whether definitions of a kind can be changed at all. The others say what is, not what shall be. */
bool isEditable(virt::DefinitionKey::Kind kind);
/** Why not, in a sentence; empty: it can. */
QString readOnlyReason(virt::DefinitionKey::Kind kind);
/** "virtual network", as in sentences. */
QString kindName(virt::DefinitionKey::Kind kind);

/** What planDefinitionEdit() must know. */
struct ObjectFacts {
    virt::DefinitionEntry object;
    QString stored; ///< its definition for the next start
};
/** Blocking: a worker thread. NotFound: it is gone. */
Result<ObjectFacts> readObjectFacts(virt::Connection &connection, const virt::DefinitionKey &key);

/** What the user wants. */
struct ObjectEdit {
    QString base;   ///< the definition that the edit began with
    QString wanted; ///< the whole definition as it is to be
};

/** True when what is stored now is what the edit began with, in meaning. Pure; any thread. */
bool isCurrent(const ObjectFacts &facts, const ObjectEdit &edit);

/**
 * The plan: define the new definition (validated) in place of the stored one, and read it back. Blocked: another name
 * or UUID, an object that is gone when it stops, a definition that is no longer `edit.base`, nothing that differs, a
 * password. What is active goes on as it is; a finding says so. Pure; any thread.
 */
job::Plan planDefinitionEdit(const virt::HostId &host, const ObjectFacts &facts, const ObjectEdit &edit);

} // namespace vireo::operation
