// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>
#include <QStringList>

#include "backend/base/error.h"

namespace vireo::xml {

/** Whether a host can do something. Unknown: its libvirt does not say, so it is neither promised nor denied. */
enum class Support { Unknown, No, Yes };

/** One part of the domain capabilities (a device, a feature) with the values each of its settings may have. */
struct CapabilityPart {
    Support support = Support::Unknown;
    QMap<QString, QStringList> values; ///< "bus" -> fdc, scsi, virtio …
    /** The values of one setting; empty: none, or not said. */
    QStringList of(const QString &setting) const { return values.value(setting); }
    bool offers(const QString &setting, const QString &value) const { return of(setting).contains(value); }
    friend bool operator==(const CapabilityPart &, const CapabilityPart &) = default;
};

/** A named CPU model. */
struct CpuModel {
    QString name;
    QString vendor;
    Support usable = Support::Unknown; ///< on this host, with what it accelerates
    bool deprecated = false;
    QStringList blockers; ///< features that keep it from running here, where libvirt says
    friend bool operator==(const CpuModel &, const CpuModel &) = default;
};

/**
 * What a host offers for one kind of domain (emulator, architecture, machine, virtualization type), as
 * virConnectGetDomainCapabilities says it. A value; what a driver does not mention stays unknown or empty.
 */
struct DomainCapabilities {
    QString emulator;
    QString virtType; ///< kvm, qemu, xen …
    QString machine;  ///< the canonical name
    QString arch;
    int maxVcpus = 0; ///< 0: not said
    Support ioThreads = Support::Unknown;

    Support autoFirmware = Support::Unknown; ///< <os firmware='…'> is understood
    QStringList firmwares; ///< values of it: efi, bios (x86's own BIOS needs none, and works unlisted)
    CapabilityPart loader; ///< settings type, readonly, secure
    QStringList loaderPaths;
    bool hasEfi() const;
    bool hasSecureBoot() const; ///< EFI firmware that checks signatures, with protected variables

    Support cpuHostPassthrough = Support::Unknown;
    Support cpuMaximum = Support::Unknown;
    Support cpuHostModel = Support::Unknown;
    Support cpuCustom = Support::Unknown;
    QString hostModel;       ///< what host-model stands for
    QString hostModelVendor; ///< Intel, AMD …
    QList<CpuModel> cpuModels;

    /** disk, graphics, video, hostdev, rng, filesystem, tpm, redirdev, channel, crypto, memoryBacking … */
    QMap<QString, CapabilityPart> parts;
    CapabilityPart part(const QString &name) const { return parts.value(name); }
    QStringList diskBuses() const { return part(QStringLiteral("disk")).of(QStringLiteral("bus")); }
    QStringList diskDevices() const { return part(QStringLiteral("disk")).of(QStringLiteral("diskDevice")); }
    QStringList graphics() const { return part(QStringLiteral("graphics")).of(QStringLiteral("type")); }
    QStringList videoModels() const { return part(QStringLiteral("video")).of(QStringLiteral("modelType")); }
    QStringList rngBackends() const { return part(QStringLiteral("rng")).of(QStringLiteral("backendModel")); }
    QStringList tpmModels() const { return part(QStringLiteral("tpm")).of(QStringLiteral("model")); }
    QStringList filesystems() const { return part(QStringLiteral("filesystem")).of(QStringLiteral("driverType")); }
    /** A TPM 2.0 that the host emulates. */
    bool hasEmulatedTpm() const;

    /** gic, genid, backup, vmcoreinfo, sev, sgx, hyperv, async-teardown … */
    QMap<QString, CapabilityPart> features;
    Support feature(const QString &name) const { return features.value(name).support; }

    friend bool operator==(const DomainCapabilities &, const DomainCapabilities &) = default;
};

/** Any thread. Errors: Document::parse's, or another document. */
Result<DomainCapabilities> readDomainCapabilities(const QString &xml);

} // namespace vireo::xml
