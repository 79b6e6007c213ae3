// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection.h"

/**
 * Blocking calls that list what a host has, by name, for choosing from it. Any worker thread. Sorted. Unsupported where
 * the driver has no such objects.
 */
namespace vireo::virt::hostlists {

Result<QStringList> nodeDevices(Connection &connection);    // virConnectListAllNodeDevices
Result<QStringList> networkDevices(Connection &connection); // the same with CAP_NET: "eth0", bridges among them
Result<QStringList> bridges(Connection &connection);        // virConnectListAllInterfaces, those that are bridges
Result<QStringList> networkFilters(Connection &connection); // virConnectListAllNWFilters
Result<QStringList> secrets(Connection &connection);        // virConnectListAllSecrets: UUIDs, no values

} // namespace vireo::virt::hostlists
