// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/snapshot/snapshot.h"
#include "backend/xml/document.h"

/** Backing chains as libvirt's XML has them: a <disk>, a <mirror> or a snapshot's <disk>, with <backingStore> within.
 *  Pure; any thread that owns the document. */
namespace vireo::snapshot::chainxml {

/** Where a layer is: a path; "pool/volume"; of network storage "protocol://host/name". Empty: it has no storage. */
QString sourceOf(const xml::Element &layer);
/** A <disk>'s layers as far as they are named, topmost first. Format: of <driver> for the topmost, then of <format>. */
Chain chainOf(const xml::Element &disk);
/** Whether the XML says that the chain ends (<backingStore/>), so that nothing is looked up below it. */
bool isTerminated(const xml::Element &disk);

/**
 * Wherever `disk` has the layer `from`, it has `to` instead, as after a merge that moved what was in `from` to `to`.
 * Where `to` is next to it already, `from` is cut out of the chain. `disk` may be a domain's <disk>, one of a
 * snapshot's <domain> or <inactiveDomain>, or of a snapshot's <disks> (then `from` is its overlay). False: it had no
 * such layer.
 */
bool moveLayer(xml::Element disk, const QString &from, const Layer &to);

} // namespace vireo::snapshot::chainxml
