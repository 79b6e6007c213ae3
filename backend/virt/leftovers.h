// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"

/** What a domain leaves behind on a host that it has moved away from. Blocking; any worker thread. */
namespace vireo::virt {

/** virDomainUndefineFlags(SNAPSHOTS_METADATA | CHECKPOINTS_METADATA | KEEP_NVRAM | KEEP_TPM where known): the
 *  definition alone. Its firmware variables may be in use elsewhere. Not there: fine. */
Result<> undefineKeepingFiles(Connection &connection, const QUuid &domain);

/** virDomainUndefineFlags(TPM): the definition, and the state of its emulated TPM. Not there: fine. */
Result<> undefineWithTpm(Connection &connection, const QUuid &domain);

} // namespace vireo::virt
