// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include "backend/base/error.h"

/** Files and directories that only the user may read. Blocking: worker threads. */
namespace vireo {

/** What a file is called until it is whole, behind its own name; one that is older than an hour was left by a kill. */
inline constexpr QLatin1StringView unbornSuffix(".new");

/** Makes a directory and those above it, of mode 0700; existing ones stay as they are. Error: the system's. */
Result<> makePrivatePath(const QString &path);

/** Writes a file of mode 0600 whole: synced under another name, then given its own, so that there is never half of it.
 *  Replaces one that is there. Error: the system's; then what was there still is. */
Result<> writePrivateFile(const QString &path, const QByteArray &content);

/** Removes what processes left in a directory that were killed while they wrote. */
void clearUnbornFiles(const QString &directory);

/** `directory` below $XDG_STATE_HOME/vireo, or ~/.local/state/vireo. */
QString stateDirectory(const QString &directory);

/** A name of a directory for what belongs to a host: a readable beginning of its URI and a hash, so that different URIs
 *  never share one. */
QString hostDirectoryName(const QString &hostUri);

} // namespace vireo
