// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/resize/resize.h"

#include <algorithm>

#include "backend/operation/resize/resizelive_p.h"
#include "backend/operation/resize/resizeparts_p.h"

namespace vireo::operation {

const ResizeDraft::Disk *ResizeDraft::disk(const QString &target) const
{
    const auto found = std::ranges::find(disks, target, &Disk::target);
    return found == disks.cend() ? nullptr : &*found;
}

job::Plan planResize(const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft)
{
    return needsPowerOff(facts, draft) ? planColdResize(host, facts, draft) : planLiveResize(host, facts, draft);
}

} // namespace vireo::operation
