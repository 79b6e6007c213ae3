// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <stop_token>

#include "backend/image/tool.h"

namespace vireo::image {

/** "resize2fs is not installed here: install e2fsprogs."; empty: all is there. Looks at the file system. */
QString missingExtTools(const QStringList &directories = toolDirectories());

/**
 * Makes a raw file with an ext2, ext3 or ext4 file system (without partitions) `bytes` long and the file system as
 * large: what was left open by its guest is put in order (e2fsck -fp), then it is grown (resize2fs). Limited helper
 * processes. Blocks: a worker thread only. Errors: the file system has errors that only a person can judge; it can't
 * be so large; a tool is missing; then the file is worth nothing any more.
 */
Result<> growExt(
    const QString &path, quint64 bytes, std::stop_token stop = {}, const QStringList &directories = toolDirectories());

} // namespace vireo::image
