// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"

/** Files that hold a guest's memory and devices, made by saving it; domains::restore() reads them. Blocking; any worker
 *  thread. */
namespace vireo::virt::savedstate {

/** virDomainSaveFlags: the guest goes off, and the host has its memory in `file` (mode 0600, overwritten if it is
 *  there). A domain's job meanwhile, so it has progress and can be aborted; then the guest runs on. */
Result<> save(Connection &connection, const QUuid &uuid, const QString &file);
/** virDomainSaveImageGetXMLDesc: the definition of the guest in the file. `secure` adds passwords: never log or show
 *  such a document. Error also for a file that is not complete. */
Result<QString> definition(Connection &connection, const QString &file, bool secure);

/** virDomainManagedSaveGetXMLDesc: the same of a domain's managed save. NotFound: it has none. */
Result<QString> managedDefinition(Connection &connection, const QUuid &uuid, bool secure);
/** virDomainManagedSave of a guest that stands still; `running`: at its next start it goes on, else it stays paused. */
Result<> saveManaged(Connection &connection, const QUuid &uuid, bool running);

} // namespace vireo::virt::savedstate
