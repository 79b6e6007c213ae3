// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <stop_token>

namespace vireo {

/** Blocks for so long, or until `stop`: then it gives false. Between two looks at what no event tells of. Any thread
 * but the GUI's. */
bool pauseFor(std::chrono::milliseconds time, const std::stop_token &stop);

} // namespace vireo
