// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

/// A cloud image laid out as Debian's, with Debian's cloud kernel (tests/system/cloudimage/README.md says what it
/// does). Built on first use, which takes some ten seconds and loads one package; kept in the build directory. Empty
/// paths: that failed, standard error says why. Read only: give tests a copy of what they change.
namespace vireo::test::cloudimage {

QString disk();   ///< qcow2, 512 MiB
QString kernel(); ///< the same kernel for direct boot
QString initrd(); ///< boots into the disk with root=LABEL=cloudimg-rootfs, else into a shell; README.md

} // namespace vireo::test::cloudimage
