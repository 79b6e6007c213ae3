// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/xmltext.h"

namespace vireo::xml::devices {

/** A device that a VM may boot from. */
struct BootItem {
    ElementPath path;
    bool on = false; ///< it is tried
    friend bool operator==(const BootItem &, const BootItem &) = default;
};

/** All of them: those that are tried, in that order, then the rest. Understands both ways of saying it: <boot order>
 *  in the devices, and the old <boot dev> in <os> (by kind: all disks, all CD-ROMs …). Pure. */
QList<BootItem> readBootOrder(const XmlText &document);

/** Writes it into the devices; <boot dev> goes, for libvirt refuses both at once. What is as it was is not touched. */
void writeBootOrder(XmlText &document, const QList<BootItem> &items);

} // namespace vireo::xml::devices
