// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDate>
#include <QList>
#include <QStringList>

#include "backend/base/error.h"

/** Operating systems as libosinfo's database describes them, and what can be installed from. */
namespace vireo::os {

/** An amount of each resource; 0: the database does not say. */
struct Resources {
    quint64 memoryBytes = 0;
    int cpus = 0;
    quint64 storageBytes = 0;
    friend bool operator==(const Resources &, const Resources &) = default;
};

/** Resources on one architecture ("all": on every one). */
struct ArchResources {
    QString arch;
    Resources minimum;
    Resources recommended;
    Resources maximum;        ///< more than this does not work
    Resources networkInstall; ///< needed while installing from the network
    friend bool operator==(const ArchResources &, const ArchResources &) = default;
};

/** Firmware on one architecture. */
struct Firmware {
    QString arch;
    QString type; ///< bios, efi
    bool supported = true;
    friend bool operator==(const Firmware &, const Firmware &) = default;
};

/** What an operating system runs with out of the box: its drivers and its demands. */
struct Needs {
    bool virtioDisk = false;
    bool virtioScsi = false;
    bool virtioNet = false;
    bool virtioGpu = false;
    bool virtioConsole = false; ///< also the channel of the guest agent
    bool virtioBalloon = false;
    bool virtioRng = false;
    bool virtioInput = false;
    bool virtioFs = false;
    bool qxl = false;
    bool usbTablet = false;
    bool usb3 = false;
    bool q35 = false;
    bool e1000e = false;
    bool ac97 = false;
    bool ich6 = false;
    bool ich9 = false;
    bool tpm = false;        ///< does not install without a TPM 2.0
    bool secureBoot = false; ///< asks for secure boot
    QList<Firmware> firmware;
    friend bool operator==(const Needs &, const Needs &) = default;

    enum class Support { Unknown, No, Yes };
    /** Whether it starts by "bios" or "efi" on `arch`; unknown where the database does not say. */
    Support starts(const QString &type, const QString &arch) const;
    bool requiresEfi(const QString &arch) const { return starts(QStringLiteral("bios"), arch) == Support::No; }
};

/** One operating system in one version. */
struct Os {
    QString shortId; ///< debian11
    QStringList aliases;
    QString id;   ///< URI: http://debian.org/debian/11; goes into the domain's libosinfo metadata. Empty: our own entry
    QString name; ///< Debian 11
    QString vendor;
    QString version;
    QString family; ///< linux, winnt, freebsd …
    QString distro; ///< debian, win …
    QString codename;
    QDate released;       ///< null: not said
    QDate endOfLife;      ///< null: not said
    bool rolling = false; ///< without versions
    QList<ArchResources> resources;
    Needs needs;
    QString
        kernelUrlArgument; ///< inst.repo, method, install: how its installer is told where the tree is; may be empty
    QString cloudUser;     ///< the user of its cloud images; may be empty
    friend bool operator==(const Os &, const Os &) = default;

    bool isLinux() const { return family == QLatin1String("linux"); }
    bool isWindows() const { return family.startsWith(QLatin1String("win")); }
    bool isEndOfLife(const QDate &today) const { return endOfLife.isValid() && endOfLife < today; }
    /** For that architecture, else for every one; parts that are not said are 0. */
    ArchResources resourcesFor(const QString &arch) const;
};

} // namespace vireo::os
