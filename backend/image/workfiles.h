// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/base/error.h"

/** Large files that a job makes here before they go to a host. Blocking: worker threads only. */
namespace vireo::image {

/**
 * A directory of mode 0700 below the user's cache, named by `key` (letters, digits, '-', '_'; at most 80), so that a
 * job which was killed finds what it left. Made when missing. Errors: the key makes no sense; it is not ours.
 */
Result<QString> workDirectory(const QString &key);
/** Bytes that are free where these directories lie; 0: unknown. */
quint64 workRoom();
/** Removes it with all it holds; nothing there is not an error. Follows no symbolic link. */
Result<> clearWork(const QString &key);

/** Makes an empty file of mode 0600 and `size` bytes, all of it a hole. Error: it exists already, no permission … */
Result<> makeSparseFile(const QString &path, quint64 size);
/** Makes holes of all blocks (64 KiB) of a file that are zero: tools write zeros that nobody needs to move. */
Result<> digHoles(const QString &path);

} // namespace vireo::image
