// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include "backend/base/error.h"

namespace vireo::xml {

/** A disk of a domain, as its XML says. Empty where it says nothing. */
struct DiskDevice {
    QString target; ///< vda
    QString device; ///< disk, cdrom, floppy, lun
    QString bus;    ///< virtio, sata …
    QString format; ///< qcow2, raw …
    QString source; ///< a path, "pool/volume", or a network location; empty: no medium
    bool readOnly = false;
    bool shareable = false;
    friend bool operator==(const DiskDevice &, const DiskDevice &) = default;
};

/** A network interface of a domain, as its XML says. */
struct NicDevice {
    QString kind;   ///< network, bridge, user, direct …
    QString source; ///< the network, bridge or device it hangs on
    QString model;  ///< virtio, e1000e …
    QString mac;
    QString target; ///< its device on the host while it runs
    friend bool operator==(const NicDevice &, const NicDevice &) = default;
};

/** What a domain is built of, for showing. */
struct DomainDevices {
    QString arch;
    QString machine;
    QString virtType; ///< kvm, qemu, xen …
    QString firmware; ///< "UEFI", "BIOS"; empty: not said
    QString cpuMode;  ///< host-passthrough, host-model, or the custom model's name
    QList<DiskDevice> disks;
    QList<NicDevice> nics;
    friend bool operator==(const DomainDevices &, const DomainDevices &) = default;
};

/** Reads a domain's XML; elements that it does not know are passed over. Any thread. Errors: Document::parse's, or no
 * domain. */
Result<DomainDevices> readDevices(const QString &domainXml);

} // namespace vireo::xml
