// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/host.h"

namespace vireo::app {

/** Where the demo host's node file is (to be), and the URI for it. */
QString demoHostUri();
/** Writes the node file of the built-in demo host into the cache directory, only for the user to read. */
Result<> writeDemoHost();
/** The demo host as it is put into the list: marked, connected on demand. */
virt::HostSettings demoHostSettings();

} // namespace vireo::app
