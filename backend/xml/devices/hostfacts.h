// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/completion.h"

namespace vireo::xml::devices {

/** A volume that a disk may be. */
struct HostVolume {
    QString pool;
    QString name;
    QString path;
    QString format; ///< as the pool says: raw, qcow2, iso …
    quint64 capacity = 0;
    friend bool operator==(const HostVolume &, const HostVolume &) = default;
};

/** What the hardware pages know of the host. A value; empty: not known, then nothing is denied. */
struct HostFacts {
    HostVocabulary vocabulary;
    QList<HostVolume> volumes;
    QMap<QString, QStringList> diskUsers; ///< path, or "pool/volume" -> names of the other VMs that have it as a disk
    QStringList takenMacs;                ///< of other VMs, lower case
    int hostCpus = 0;
    quint64 hostMemoryKiB = 0;
    friend bool operator==(const HostFacts &, const HostFacts &) = default;
};

} // namespace vireo::xml::devices
