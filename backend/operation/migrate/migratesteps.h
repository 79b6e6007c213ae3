// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>

#include "backend/operation/migrate/migrate.h"

/**
 * The kinds of step that a migration's plan is made of, and their parameters: what planMigrate() writes and the steps
 * read. "host" is the id of the host that a step works on; without it that is the plan's, the source. "to" is the
 * destination's id. Files are paths on their host. Bytes.
 *
 * - volume.create, as ever, with "host": a volume at the destination, of the recorded format and capacity, with its
 *   backing file where it is an overlay. Undo: deleted, unless a domain uses it.
 * - volume.relay: "host", "pool", "volume" (to), "fromPath" (the source's file): what nobody writes to, streamed
 *   through this computer. "backing": where the file beneath is at the destination, for a layer whose own header names
 *   another path (withBackingPath()); missing: the bytes as they are. Undo: none; that of volume.create deletes it.
 * - volume.compare: "host", "path" (to), "fromPath" (the source's file): both are read whole; an error where they
 *   differ. What was compared in this process and not touched since is not read again. Undo: none; nothing is changed.
 * - domain.reserve: "to", "memory", "vcpus": promised to this job until it ends (Xen's reservation); nothing is changed
 *   on the host. Undo: given back.
 * - migrate.stash: "to", "rewrite": keeps the definition (DefinitionHistory) and the snapshots' metadata aside, and
 *   forgets the latter at the source. Undo: the snapshots are there again.
 * - domain.migrate: "to", "options" (optionsToJson), "rewrite", "policy": the migration itself. "xml", "persistentXml":
 *   definitions that were edited by hand, without secrets; see destinationXml(). Undo: nothing, once the guest runs at
 *   the destination.
 * - migrate.save: "to", "file": the guest's memory into that file of the source, which goes off; for a guest that
 * passes through this computer. Undo: it goes on at the source, and the file is deleted.
 * - migrate.restore: as domain.migrate, without "policy"; "file" of migrate.save, "fileThere" (where its copy is at the
 *   destination; missing: the same file): defined there, and goes on there; then both files are deleted. Undo: nothing
 *   of it is at the destination, unless it runs there.
 * - migrate.snapshots: "to", "rewrite": the snapshots at the destination, from what was kept. Never fails the job.
 * - migrate.settle: "to", "persistent", "autostart", "setTime", "rewrite", "uri" (given by hand, to be remembered):
 * reads back, puts right, notes what is not.
 * - migrate.cleanSource: "volumes": paths of the source that were copied; those that anybody uses stay.
 *
 * What the result page shows stands in the job's results under "migration": totalMs, downtimeMs, bytes, rounds,
 * problems (a list of sentences).
 */
namespace vireo::operation {

/** The options as a plan carries them: all but the XML, which may hold secrets and is made in the step. */
QJsonObject optionsToJson(const virt::migration::Options &options);
virt::migration::Options optionsFromJson(const QJsonObject &json);

} // namespace vireo::operation
