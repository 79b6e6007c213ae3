// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"

/** Blocking calls about the host itself and its virtual networks. Any worker thread. */
namespace vireo::virt::hostcalls {

/** virNodeGetInfo, GetType, GetVersion, GetLibVersion, GetHostname, GetCapabilities, virNodeGetMemoryStats. */
Result<HostInfo> info(Connection &connection);
/** One cheap round trip (virConnectGetLibVersion): is anybody there? */
Result<> ping(Connection &connection);
/** virConnectGetCapabilities. */
Result<QString> capabilities(Connection &connection);
/** virConnectGetDomainCapabilities; empty strings mean the host's own choice. Unsupported on the test driver. */
Result<QString> domainCapabilities(Connection &connection, const QString &arch, const QString &machine,
    const QString &virtType, const QString &emulator = {});

struct Network {
    QString name;
    QUuid uuid;
    bool active = false;
    bool autostart = false;
    QString bridge;
    QString forward; ///< nat, route, bridge …; empty: isolated
    friend bool operator==(const Network &, const Network &) = default;
};
Result<QList<Network>> networks(Connection &connection); // virConnectListAllNetworks

} // namespace vireo::virt::hostcalls
