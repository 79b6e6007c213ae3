// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/domains.h"

/** Blocking calls that change a running domain's devices and figures. Any worker thread. domains.h has updateDevice().
 */
namespace vireo::virt::domains {

/** virDomainAttachDeviceFlags. */
Result<> attachDevice(Connection &connection, const QUuid &uuid, const QString &deviceXml, Affects affects);

/** How patient detachAndWait() is. As nova: eight times 20 s. */
struct DetachPatience {
    std::chrono::milliseconds perTry{20000};
    int tries = 8;
};
/** "Try 2 of 8": counted from 1. Called on the calling thread before each try. */
using DetachProgress = std::function<void(int attempt, int tries)>;

/**
 * Takes a device out of a running domain: virDomainDetachDeviceAlias(LIVE), then waits until the guest has let go of it
 * (the events DEVICE_REMOVED and DEVICE_REMOVAL_FAILED of that alias; the running definition is re-read at least once a
 * second) and asks again when it has not. A device that is gone already, or goes because the domain stops, is fine; one
 * that is "already in the process of unplug" is waited for. Errors: TimedOut when the guest did not answer, Failed when
 * it refused, Cancelled by `stop` (it may still go), libvirt's.
 */
Result<> detachAndWait(Connection &connection, const QUuid &uuid, const QString &alias, DetachPatience patience,
    const std::stop_token &stop, const DetachProgress &progress = {});

Result<> setVcpus(Connection &connection, const QUuid &uuid, int count, Affects affects);    // virDomainSetVcpusFlags
Result<> setMemory(Connection &connection, const QUuid &uuid, quint64 kib, Affects affects); // virDomainSetMemoryFlags

/** libvirt's own elements; an empty text removes them. */
enum class TextKind { Title, Description };
Result<> setText(Connection &connection, const QUuid &uuid, TextKind kind, const QString &text,
    Affects affects); // virDomainSetMetadata

} // namespace vireo::virt::domains
