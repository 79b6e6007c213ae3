// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include <QByteArray>
#include <QStringList>

#include "backend/base/error.h"

namespace vireo::image {

/** What a helper program may use; 0: as much as this process. Kept by the kernel (setrlimit). Core dumps: never. */
struct ToolLimits {
    quint64 addressSpace = 2ULL << 30; ///< bytes
    quint64 fileSize = 0;              ///< bytes, of each file it writes
    std::chrono::seconds cpu{30};
    std::chrono::seconds wall{0}; ///< time that passes; then it is ended as by a cancel. Error: TimedOut
};

/** How a helper program ended. Output is kept up to 256 KiB each; the rest is dropped. */
struct ToolOutcome {
    int exitCode = -1; ///< -1: by a signal
    int signal = 0;
    QByteArray output;
    QByteArray errors;

    bool ok() const { return exitCode == 0; }
    /** Its last words, or how it ended: one line for an error message. */
    QString reason() const;
};

/** One run of a helper program. */
struct ToolCall {
    QString program; ///< absolute path, from findTool()
    QStringList arguments;
    ToolLimits limits;
    /** For each line of its output, ended by LF or CR (progress), on the calling thread; may be empty. */
    std::function<void(QByteArrayView line)> onLine;
    std::chrono::milliseconds grace{2000}; ///< between SIGTERM and SIGKILL on a cancel
};

/** Where helper programs are looked up: fixed, never $PATH, which is not ours. */
QStringList toolDirectories();
/** Absolute path of a helper ("qemu-img"); empty: not installed. `directories` come from our own packaging or tests. */
QString findTool(const QString &name, const QStringList &directories = toolDirectories());

/**
 * Runs a helper program without a shell: arguments as they are, nothing on its standard input, an environment with
 * LC_ALL and PATH only, no file of ours left open, in a process group of its own, dying with the calling thread.
 * Blocks until it has ended; a worker thread only. Nothing of it is left when this returns. Cancelled through `stop`:
 * SIGTERM to the group, SIGKILL after `grace`. Errors: it could not be started, cancelled, timed out; how it ended
 * otherwise stands in the outcome.
 */
Result<ToolOutcome> runTool(const ToolCall &call, std::stop_token stop = {});

} // namespace vireo::image
