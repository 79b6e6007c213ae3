// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/migration/history.h"

namespace vireo::migration {

/** A dirty rate measured by page sampling over a window: unique pages, so a longer window does not simply add up. */
struct DirtySample {
    int seconds = 1;
    quint64 bytesPerSecond = 0;
    friend bool operator==(const DirtySample &, const DirtySample &) = default;
};

/** What is known before a migration begins. Bytes, bytes per second, ms. */
struct ForecastInput {
    quint64 memory = 0;     ///< of the guest
    quint64 usedMemory = 0; ///< of which is not blank (its process's resident set); 0: unknown
    QList<DirtySample> dirty;
    quint64 bandwidthLow = 0, bandwidthHigh = 0; ///< of the link; 0: unknown
    enum class BandwidthSource {
        Unknown,
        Given,
        Remembered, ///< of an earlier migration or measurement
        Measured,   ///< in this sitting
        Assumed
    } bandwidthSource = BandwidthSource::Unknown;
    quint64 bandwidthLimit = 0; ///< set for the migration; 0: none. QEMU lifts it for the last stop
    quint64 downtimeLimitMs = 300;
    quint64 disk = 0; ///< to be mirrored
    bool postCopy = false;
    bool autoConverge = false;
    friend bool operator==(const ForecastInput &, const ForecastInput &) = default;
};

/** Bytes. */
struct ByteRange {
    quint64 low = 0;
    quint64 high = 0;
    friend bool operator==(const ByteRange &, const ByteRange &) = default;
};

struct Forecast {
    enum class Verdict {
        Unknown,      ///< too little was measured
        Converges,    ///< within the limit, for the whole range
        Perhaps,      ///< for a part of it
        NeedsLimit,   ///< not with this limit, but with neededLimitMs
        NotByPreCopy, ///< it dirties as fast as it is sent: post-copy, auto-converge or compression
    } verdict = Verdict::Unknown;
    ByteRange dirtyPerSecond; ///< with its error: 512 samples a GiB
    ByteRange fixedPoint;     ///< what is left in the best round: R = D(R / B)
    Range neededLimitMs;      ///< the downtime limit at which QEMU would switch over
    Range feltPauseMs;        ///< what the guest and its users feel: the limit on bandwidth is lifted for it
    Range totalMs;
    friend bool operator==(const Forecast &, const Forecast &) = default;
};

/**
 * Pure. Rounds are played with the measured rates: R(n+1) = D(R(n) / B), D by window length (the measured points,
 * joined; beyond them it saturates). Error of a sample: n = 512 x GiB pages, p = rate x window / memory, sigma = sqrt(p
 * (1-p) / n).
 */
Forecast forecast(const ForecastInput &input);
/** The verdict in one or two sentences. */
QString forecastText(const ForecastInput &input, const Forecast &forecast);

} // namespace vireo::migration
