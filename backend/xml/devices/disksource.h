// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/devices/field.h"

namespace vireo::xml::devices {

/** The fields of where a disk's data is: kind, and what that kind needs. For hard disks, CD-ROMs and floppies.
 *  `frozen`: why it does not change while the VM runs; empty: it does (a medium). */
QList<DeviceField> diskSourceFields(bool mediumOptional, const QString &frozen);

/** The path, "pool/volume", or network location; empty: none. As storage::DiskUse and HostFacts name it. */
QString diskLocation(const DeviceContext &disk);

} // namespace vireo::xml::devices
