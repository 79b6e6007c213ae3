// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/os/os.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace vireo::os {

namespace {

void fill(Resources &resources, const Resources &from)
{
    if (resources.memoryBytes == 0) {
        resources.memoryBytes = from.memoryBytes;
    }
    if (resources.cpus == 0) {
        resources.cpus = from.cpus;
    }
    if (resources.storageBytes == 0) {
        resources.storageBytes = from.storageBytes;
    }
}

} // namespace

Needs::Support Needs::starts(const QString &type, const QString &arch) const
{
    Support support = Support::Unknown;
    for (const Firmware &entry : firmware) {
        if (entry.type != type || (entry.arch != arch && entry.arch != "all"_L1)) {
            continue;
        }
        // What is said of this very architecture counts more than what is said of all.
        if (entry.arch == arch) {
            return entry.supported ? Support::Yes : Support::No;
        }
        support = entry.supported ? Support::Yes : Support::No;
    }
    return support;
}

ArchResources Os::resourcesFor(const QString &arch) const
{
    ArchResources result;
    result.arch = arch;
    for (const QString &wanted : {arch, u"all"_s}) {
        for (const ArchResources &entry : resources) {
            if (entry.arch != wanted) {
                continue;
            }
            fill(result.minimum, entry.minimum);
            fill(result.recommended, entry.recommended);
            fill(result.maximum, entry.maximum);
            fill(result.networkInstall, entry.networkInstall);
        }
    }
    // The database often repeats only what differs from the minimum.
    fill(result.recommended, result.minimum);
    return result;
}

} // namespace vireo::os
