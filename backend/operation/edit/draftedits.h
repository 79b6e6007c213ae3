// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/plan.h"
#include "backend/operation/draft.h"

/** The plans of the drafts "edit", "attach" and "detach". Private to backend/operation. Blocking: a worker thread. */
namespace vireo::operation {

Result<QList<job::Plan>> planEditDraft(
    virt::Connection &connection, const virt::HostId &host, const virt::DomainRecord &domain, const EditDraft &draft);
Result<QList<job::Plan>> planDeviceDraft(
    virt::Connection &connection, const virt::HostId &host, const virt::DomainRecord &domain, const DeviceDraft &draft);

} // namespace vireo::operation
