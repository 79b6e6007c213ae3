// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/devices/field.h"

/** Names and numbers of devices: disk targets, MAC addresses, memory sizes. Pure, but for the fresh address. */
namespace vireo::xml::devices {

/** All devices of that element, in order: "devices/disk[0]" … */
QList<ElementPath> devicesOf(const XmlText &document, const QString &element);

/** "vd" for virtio, "sd" for SATA, SCSI and USB, "hd" for IDE, "fd" … */
QString targetPrefix(const QString &bus);
/** The first free one, as "vdb". */
QString nextTarget(const XmlText &document, const QString &bus);

/** Six groups of two hexadecimal digits, of one device (not a group of them). */
bool isUsableMac(const QString &mac);
/** A random one of QEMU's (52:54:00) that is not taken, neither in the domain nor on the host. */
QString freshMac(const XmlText &document, const HostFacts &host);
/** How often an address stands in the domain; upper and lower case are the same. */
int countMac(const XmlText &document, const QString &mac);

/** An amount with libvirt's unit ("KiB" when empty, "MB" …) in KiB, rounded up. 0: it is no amount. */
quint64 toKiB(const QString &amount, const QString &unit);

/** A controller of that type; makes one, with that model, where there is none. */
void ensureController(XmlText &document, const QString &type, const QString &model);

} // namespace vireo::xml::devices
