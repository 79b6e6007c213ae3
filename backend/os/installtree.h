// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "backend/os/fetch.h"

namespace vireo::os {

class OsCatalog;

/** Where an installation tree keeps what has to be booted. */
struct InstallTree {
    QString location; ///< the tree: a URL without the last slash, or a directory
    bool isLocal = false;
    QString arch;            ///< as libvirt calls it
    QString kernel;          ///< URL or path
    QString initrd;          ///< URL or path
    quint64 kernelBytes = 0; ///< 0: not known
    quint64 initrdBytes = 0;
    QString osShortId; ///< empty: not recognised
    QString variant;   ///< "Fedora Server"; may be empty
    QString arguments; ///< for the kernel: where the tree is ("inst.repo=http://…"); empty: it asks, or finds it itself
    QString layout;    ///< how it was found: "treeinfo", "database", "debian", "suse", "fedora", "arch", "ubuntu"
    friend bool operator==(const InstallTree &, const InstallTree &) = default;
};

/** Whether `text` can be a tree at all: an http, https or ftp URL, or an absolute path. For while the user types. */
Result<> checkTreeLocation(const QString &text);

/**
 * Looks at a tree: its .treeinfo, what the database says of it, and the layouts of known distributions. Blocks for some
 * small requests; a worker thread. `arch` as libvirt calls it; `catalog` may be null. Errors: no such place, nothing to
 * boot in it, cancelled.
 */
Result<InstallTree> findInstallTree(const QString &location, const QString &arch, const OsCatalog *catalog,
    std::stop_token stop = {}, const FetchLimits &limits = {});

} // namespace vireo::os
