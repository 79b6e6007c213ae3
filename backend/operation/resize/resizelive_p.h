// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/resize/resize.h"
#include "backend/xml/document.h"

/** What the files of a resize share. Private to backend/operation; pure. */
namespace vireo::operation {

/** A <disk> by its target; an invalid element: there is none. */
xml::Element diskElement(const xml::Document &domain, const QString &target);

/** The half of planResize() for a VM that goes on running. */
job::Plan planLiveResize(const virt::HostId &host, const ResizeFacts &facts, const ResizeDraft &draft);

/** A DIMM for so much more memory of a running VM; empty `xml`: it can't have one, for `refusal`. */
struct MemoryDevice {
    QString xml;
    QString refusal;
};
MemoryDevice memoryDeviceFor(const xml::Document &running, quint64 moreKiB);

} // namespace vireo::operation
