// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <stop_token>

#include "backend/image/tool.h"

namespace vireo::image {

enum class FilesystemKind { Ext4, Xfs, Vfat, Swap };

/** "ext4", "xfs", "vfat", "swap": as in drafts and as blkid says. */
QString filesystemName(FilesystemKind kind);
std::optional<FilesystemKind> filesystemByName(const QString &name);

/** Bytes of the longest label: 16, 12, 11, 15. */
int maximumLabel(FilesystemKind kind);
/** Below it no tool can make one. Newer tools may ask for more (mkfs.xfs 5.19: 300 MiB) and say so when they run. */
quint64 minimumSize(FilesystemKind kind);
/** Why size or label can't be; a sentence. Empty: they can. Pure: for findings and field errors. */
QString filesystemProblem(FilesystemKind kind, quint64 bytes, const QString &label);
/** "mkfs.xfs is not installed here: install xfsprogs."; empty: it is. Looks at the file system. */
QString missingTool(FilesystemKind kind, const QStringList &directories = toolDirectories());

/**
 * Makes `path` (must not exist; mode 0600), a sparse file of `bytes`, and a file system that fills it without a
 * partition table, as nova does for its ephemeral disks. Needs no privileges. Blocks: a worker thread only. On an
 * error or a cancel no file is left. Errors: see filesystemProblem(), missingTool(); the tool's own words.
 */
Result<> makeFilesystem(const QString &path, quint64 bytes, FilesystemKind kind, const QString &label,
    std::stop_token stop = {}, const QStringList &directories = toolDirectories());

} // namespace vireo::image
