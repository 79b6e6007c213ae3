// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include <QStringList>

#include "backend/virt/connection.h"

/**
 * What the guest agent says and does. Blocking: any worker thread. Whatever it says comes from the guest, which may say
 * anything: texts are limited in length and have no control characters, and nothing of them is run or opened on a host.
 */
namespace vireo::virt::guest {

/** A file system that the guest has mounted. */
struct FileSystem {
    QString device; ///< as the guest calls it, without "/dev/": "vda1", "dm-0"
    QString mountPoint;
    QString type;        ///< "ext4", "xfs", "NTFS" …
    quint64 bytes = 0;   ///< 0: it does not say
    QStringList targets; ///< of the domain's disks that it lies on
    friend bool operator==(const FileSystem &, const FileSystem &) = default;
};
/** virDomainGetGuestInfo(FILESYSTEM); the agent may take so long. Error: no agent answers. */
Result<QList<FileSystem>> fileSystems(Connection &connection, const QUuid &domain, std::chrono::seconds timeout);

/** Whether the agent runs programs (guest-exec): systems of the Red Hat family forbid it by default. guest-info. */
Result<bool> canExecute(Connection &connection, const QUuid &domain, std::chrono::seconds timeout);

struct Execution {
    int exitCode = 0; ///< -1: a signal ended it
    QString output;   ///< both its outputs, the newest 4096 characters
    friend bool operator==(const Execution &, const Execution &) = default;
};
/** A program in the guest and its arguments, run by the agent without a shell (guest-exec, guest-exec-status), and with
 *  `input`. Waits for its end for at most `timeout`; what was begun goes on after an error. Errors: the guest has no
 * such program (NotFound), cancelled, the agent does not answer. libvirt marks the domain as tainted
 * (custom-ga-command). */
Result<Execution> execute(Connection &connection, const QUuid &domain, const QStringList &command,
    const QByteArray &input, std::chrono::seconds timeout, const std::stop_token &stop);

// What the agent's answers say; pure, for tests.
std::optional<bool> canExecuteFrom(const QByteArray &info);
std::optional<qint64> processFrom(const QByteArray &answer);
/** Nothing: it runs yet. */
Result<std::optional<Execution>> executionFrom(const QByteArray &status);

} // namespace vireo::virt::guest
