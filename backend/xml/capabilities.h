// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QStringList>

#include "backend/base/error.h"

namespace vireo::xml {

/** A board that an emulator offers. */
struct MachineType {
    QString name;      ///< q35
    QString canonical; ///< pc-q35-7.2; the name itself unless that is an alias
    int maxCpus = 0;   ///< 0: not said
    friend bool operator==(const MachineType &, const MachineType &) = default;
};

/** A virtualization type of a guest kind, with its own emulator and boards where they differ. */
struct GuestDomain {
    QString type; ///< kvm, qemu, xen, lxc …
    QString emulator;
    QList<MachineType> machines; ///< never empty unless the guest has none: inherited ones are filled in
    friend bool operator==(const GuestDomain &, const GuestDomain &) = default;
};

/** A kind of guest that a host can run. */
struct GuestKind {
    QString osType; ///< hvm, xen, exe …
    QString arch;
    int wordSize = 0;
    QList<GuestDomain> domains;
    QStringList features; ///< acpi, apic, pae, disksnapshot … that are on or can be switched
    const GuestDomain *domain(const QString &type) const;
    friend bool operator==(const GuestKind &, const GuestKind &) = default;
};

/** virConnectGetCapabilities: the host and the kinds of guests it runs. A value. */
struct Capabilities {
    QString hostArch;
    QString hostCpuModel;
    QString hostCpuVendor;
    bool iommu = false;
    QStringList securityModels; ///< apparmor, selinux, dac
    QList<GuestKind> guests;
    /** null: this host runs no such guest. */
    const GuestKind *guest(const QString &osType, const QString &arch) const;
    QStringList architectures(const QString &osType = QStringLiteral("hvm")) const; ///< the host's own first
    friend bool operator==(const Capabilities &, const Capabilities &) = default;
};

/** Any thread. Errors: Document::parse's, or another document. */
Result<Capabilities> readCapabilities(const QString &xml);

} // namespace vireo::xml
