// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/volumeparts.h"

namespace vireo::migration {

/** How far one clock is ahead of another, in ms. */
struct ClockDifference {
    qint64 ms = 0;          ///< above 0: the destination's is ahead
    qint64 uncertainty = 0; ///< the truth lies within ms - uncertainty and ms + uncertainty
    /** What it is at least, whatever its sign; 0: they may agree. */
    qint64 atLeast() const { return qMax<qint64>(0, qAbs(ms) - uncertainty); }
    qint64 atMost() const { return qAbs(ms) + uncertainty; }
    friend bool operator==(const ClockDifference &, const ClockDifference &) = default;
};

/**
 * The clocks of two hosts by way of this computer's: each host's moment is taken to be in the middle of the time that
 * its answer took; half of that time is the uncertainty, and how coarsely files are stamped. Pure.
 */
ClockDifference clockDifference(const virt::storage::ClockStamp &source, const virt::storage::ClockStamp &destination);

} // namespace vireo::migration
