// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/migration/clocks.h"

#include <algorithm>

namespace vireo::migration {

namespace {

using virt::storage::ClockStamp;

constexpr qint64 second = 1'000'000'000;
constexpr qint64 millisecond = 1'000'000;
/** Kernels stamp files with the time of the last tick, and those of 100 Hz are the slowest. */
constexpr qint64 tick = 10 * millisecond;

struct Offset {
    qint64 ns = 0; ///< of the host's clock against this computer's
    qint64 uncertainty = 0;
};

Offset offsetOf(const ClockStamp &stamp)
{
    // Some file systems know whole seconds only, and cut the rest off.
    const qint64 grain = stamp.host % second == 0 ? second : tick;
    const qint64 half = std::max<qint64>(0, stamp.after - stamp.before) / 2;
    return {stamp.host + grain / 2 - (stamp.before + half), half + grain / 2};
}

} // namespace

ClockDifference clockDifference(const ClockStamp &source, const ClockStamp &destination)
{
    const Offset here = offsetOf(source);
    const Offset there = offsetOf(destination);
    // Rounded so that what is said still holds.
    return {(there.ns - here.ns) / millisecond, (here.uncertainty + there.uncertainty) / millisecond + 1};
}

} // namespace vireo::migration
