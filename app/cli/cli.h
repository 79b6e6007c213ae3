// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/commandline.h"

namespace vireo::app::cli {

/** Does what a verb of the command line asks for and gives the exit status. Needs a QCoreApplication, whose event loop
 *  it runs; no display, no D-Bus, no other Vireo. */
int run(const CommandLine &line);

} // namespace vireo::app::cli
