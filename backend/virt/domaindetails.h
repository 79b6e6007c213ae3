// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/records.h"

namespace vireo::virt {

/** Reads title, metadata and figures out of a domain's XML. Any thread; a document that can't be read gives empty
 * details. */
DomainDetails detailsFromXml(const QUuid &uuid, const QString &xml);

} // namespace vireo::virt
