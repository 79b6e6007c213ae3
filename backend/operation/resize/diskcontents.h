// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/image/diskcontent.h"
#include "backend/image/layeredcontent.h"
#include "backend/snapshot/snapshot.h"
#include "backend/virt/connection.h"

/** Private to backend/operation. Blocking. */
namespace vireo::operation {

/** A volume as readLayered() needs it; the connection outlives it. */
image::LayerSource volumeSource(
    virt::Connection &connection, const QString &pool, const QString &volume, const QString &format);

/**
 * What lies on a disk of these files, which libvirt's pools know, by the formats that are recorded. Also of a VM that
 * runs: then it is what was written down by now. Errors: a file is in no active pool (NotFound); readLayered()'s.
 */
Result<image::DiskContent> readDiskContent(
    virt::Connection &connection, const snapshot::Chain &chain, quint64 capacity);

} // namespace vireo::operation
