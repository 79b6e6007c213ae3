// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/migration/forecast.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <QCoreApplication>
#include <QMap>

#include "backend/base/sizetext.h"
#include "backend/migration/texts.h"

namespace vireo::migration {

namespace {

struct ForecastText {
    Q_DECLARE_TR_FUNCTIONS(migration_Forecast)
};

constexpr double mebibyte = 1024.0 * 1024;
constexpr double gibibyte = 1024 * mebibyte;
constexpr double pagesPerGiB = 512;               // QEMU's sample
constexpr double sigmas = 2;                      // how sure a range is
constexpr double blankRate = 2 * gibibyte;        // bytes per second: blank pages cost a look and nine bytes
constexpr double processOverhead = 64 * mebibyte; // of QEMU itself, in the resident set
constexpr double modelError = 0.03;               // page headers, and how QEMU measures its bandwidth
constexpr double fastestStopMs = 15;              // a pause of nothing but the devices' state
constexpr double slowestStopMs = 120;
constexpr double fastestSetUpMs = 300; // what libvirt does before and after
constexpr double slowestSetUpMs = 2000;
constexpr double longPauseMs = 3000;  // felt: nobody calls that live
constexpr double longLimitMs = 60000; // a limit that nobody should set
constexpr int mostRounds = 1000;

/** Unique bytes that are written to within a window, by its length in seconds. */
class Curve final
{
public:
    void add(double seconds, double bytes)
    {
        // it never falls
        m_points.append({seconds, m_points.isEmpty() ? bytes : std::max(bytes, m_points.last().second)});
    }
    /** Below the shortest window: bytes x (share of the window) ^ bend. 1: pages are always new ones, 0: the same few
     *  are written to all the time. */
    void setBend(double bend) { m_bend = bend; }

    /** How the curve bends between its first two windows; nothing when only one was measured. */
    double bendMeasured(double fallback) const
    {
        if (m_points.size() < 2 || m_points.at(0).second <= 0) {
            return fallback;
        }
        const auto &[t1, d1] = m_points.at(0);
        const auto &[t2, d2] = m_points.at(1);
        return std::clamp(std::log(d2 / d1) / std::log(t2 / t1), 0.0, 1.0);
    }

    double at(double seconds) const
    {
        if (seconds <= 0) {
            return 0;
        }
        if (seconds <= m_points.first().first) {
            return m_points.first().second * std::pow(seconds / m_points.first().first, m_bend);
        }
        for (qsizetype i = 1; i < m_points.size(); ++i) {
            const auto &[t1, d1] = m_points.at(i - 1);
            const auto &[t2, d2] = m_points.at(i);
            if (seconds <= t2) {
                return d1 + (d2 - d1) * (seconds - t1) / (t2 - t1);
            }
        }
        return m_points.last().second;
    }

private:
    QList<std::pair<double, double>> m_points;
    double m_bend = 1;
};

struct Curves {
    Curve low;
    Curve high;
    ByteRange rate; ///< by the shortest window
};

/** Wilson's interval of a share of which `share` was seen in `tries`: holds where nothing was seen, too. */
std::pair<double, double> interval(double share, double tries)
{
    const double z = sigmas * sigmas / tries;
    const double centre = (share + z / 2) / (1 + z);
    const double half = sigmas / (1 + z) * std::sqrt(share * (1 - share) / tries + z / tries / 4);
    return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Curves curves(const ForecastInput &input)
{
    const auto memory = static_cast<double>(input.memory);
    QMap<int, QList<double>> windows;
    for (const DirtySample &sample : input.dirty) {
        windows[std::max(sample.seconds, 1)].append(static_cast<double>(sample.bytesPerSecond));
    }
    Curves result;
    double shortest = 0;
    double highest = 0;
    for (auto it = windows.cbegin(); it != windows.cend(); ++it) {
        double mean = 0;
        for (const double rate : it.value()) {
            mean += rate / static_cast<double>(it.value().size());
        }
        const double seconds = it.key();
        const double pages = std::max(pagesPerGiB * memory / gibibyte, 1.0) * static_cast<double>(it.value().size());
        // rates come in whole MiB, rounded down
        const double least = interval(std::min(mean * seconds / memory, 1.0), pages).first * memory;
        const double most = interval(std::min((mean + mebibyte) * seconds / memory, 1.0), pages).second * memory;
        // A longer window holds no more than so many shorter ones, unless the guest has just begun to write more.
        highest = shortest > 0 ? std::max(least, std::min(most, highest * seconds / shortest)) : most;
        if (shortest <= 0) {
            result.rate = {static_cast<quint64>(least / seconds), static_cast<quint64>(most / seconds)};
        }
        shortest = seconds;
        result.low.add(seconds, std::min(least, memory));
        result.high.add(seconds, std::min(highest, memory));
    }
    result.high.setBend(std::min(result.high.bendMeasured(0.5), result.low.bendMeasured(0.5)));
    return result;
}

struct Played {
    double left = 0;  ///< what the best round leaves
    double first = 0; ///< what the first one leaves
    double sent = 0;  ///< until it got no better, or was within the limit, bytes
};

/** Rounds at a bandwidth, beginning with `start` bytes in `firstMs`: R(n+1) = D(R(n) / B). */
Played play(const Curve &curve, double firstMs, double bandwidth, double enough)
{
    Played played;
    played.first = curve.at(firstMs / 1000);
    played.left = played.first;
    bool counts = true;
    for (int round = 0; round < mostRounds; ++round) {
        const double next = std::min(curve.at(played.left / bandwidth), played.left);
        counts = counts && played.left > enough;
        if (counts) {
            played.sent += played.left;
        }
        const bool settled = next >= played.left * 0.99 || next < mebibyte / 16;
        played.left = next;
        if (settled) {
            break;
        }
    }
    return played;
}

/** What is in use of memory, from and to, bytes. */
std::pair<double, double> usedMemory(const ForecastInput &input, const Curves &dirty)
{
    const auto memory = static_cast<double>(input.memory);
    if (input.usedMemory == 0) {
        return {std::max(dirty.low.at(3600), memory * 0.1), memory};
    }
    const auto used = static_cast<double>(input.usedMemory);
    const double least = std::clamp(used - processOverhead, std::min(dirty.low.at(3600), memory), memory);
    return {least, std::clamp(used, least, memory)};
}

qint64 milliseconds(double value)
{
    return static_cast<qint64>(std::llround(std::min(value, 1e15)));
}

QString remedies(const ForecastInput &input)
{
    if (input.postCopy) {
        return ForecastText::tr("Switching to post-copy ends it.");
    }
    if (input.autoConverge) {
        return ForecastText::tr("Auto-converge will slow the guest down until it does; post-copy would not.");
    }
    return ForecastText::tr("Use post-copy, auto-converge or compression.");
}

QString sourceNote(const ForecastInput &input)
{
    using Source = ForecastInput::BandwidthSource;
    if (input.bandwidthSource == Source::Measured) {
        return u' '
            + ForecastText::tr("The connection carries %1 to %2, measured just now.")
                  .arg(rateText(input.bandwidthLow), rateText(input.bandwidthHigh));
    }
    if (input.bandwidthSource != Source::Assumed || input.bandwidthHigh == 0) {
        return {};
    }
    return u' ' + ForecastText::tr("The link's speed is assumed to be up to %1.").arg(rateText(input.bandwidthHigh));
}

} // namespace

Forecast forecast(const ForecastInput &input)
{
    Forecast result;
    if (input.memory == 0 || input.dirty.isEmpty()) {
        return result;
    }
    const Curves dirty = curves(input);
    result.dirtyPerSecond = dirty.rate;

    // The link, and what a limit leaves of it while pages are copied.
    auto slowLink = static_cast<double>(std::min(input.bandwidthLow, input.bandwidthHigh));
    auto fastLink = static_cast<double>(std::max(input.bandwidthLow, input.bandwidthHigh));
    const bool linkKnown = fastLink > 0;
    slowLink = slowLink > 0 ? slowLink : fastLink;
    const auto cap = static_cast<double>(input.bandwidthLimit);
    if (!linkKnown && cap <= 0) {
        return result;
    }
    const double slow = linkKnown ? (cap > 0 ? std::min(cap, slowLink) : slowLink) : cap;
    const double fast = linkKnown ? (cap > 0 ? std::min(cap, fastLink) : fastLink) : cap;

    const auto [leastUsed, mostUsed] = usedMemory(input, dirty);
    const auto memory = static_cast<double>(input.memory);
    const double firstLow = leastUsed / fast * 1000;
    const double firstHigh = (mostUsed / slow + (memory - mostUsed) / blankRate) * 1000;
    const auto limit = static_cast<double>(input.downtimeLimitMs > 0 ? input.downtimeLimitMs : 300);

    const Played best = play(dirty.low, firstLow, fast, limit / 1000 * fast);
    const Played worst = play(dirty.high, firstHigh, slow, limit / 1000 * slow);
    result.fixedPoint = {static_cast<quint64>(best.left), static_cast<quint64>(worst.left)};
    const double neededLow = best.left / fast * 1000 * (1 - modelError);
    const double neededHigh = worst.left / slow * 1000 * (1 + modelError);
    result.neededLimitMs = {milliseconds(neededLow), milliseconds(neededHigh)};

    // It stops as soon as what is left is within the limit, which may be more than the best round leaves.
    const double stopHigh = std::max(worst.left, std::min(worst.first, limit / 1000 * slow));
    double feltLow = 0;
    if (linkKnown) {
        feltLow = fastestStopMs + best.left / fastLink * 1000;
        result.feltPauseMs = {milliseconds(feltLow), milliseconds(slowestStopMs + stopHigh / slowLink * 1000)};
    } else {
        // At the limit it could not be longer; without it, it is shorter.
        feltLow = fastestStopMs;
    }

    if (neededHigh <= limit) {
        result.verdict = Forecast::Verdict::Converges;
    } else if (neededLow <= limit) {
        result.verdict = Forecast::Verdict::Perhaps;
    } else if (feltLow > std::max(longPauseMs, limit) || neededLow > longLimitMs) {
        result.verdict = Forecast::Verdict::NotByPreCopy;
        return result;
    } else {
        result.verdict = Forecast::Verdict::NeedsLimit;
    }
    const auto disks = static_cast<double>(input.disk);
    result.totalMs = {milliseconds(fastestSetUpMs + firstLow + (best.sent + disks) / fast * 1000),
        milliseconds(slowestSetUpMs + firstHigh + (worst.sent + worst.left + disks) / slow * 1000 * (1 + modelError))};
    return result;
}

QString forecastText(const ForecastInput &input, const Forecast &forecast)
{
    const QString limit = durationText(static_cast<qint64>(input.downtimeLimitMs > 0 ? input.downtimeLimitMs : 300));
    const QString felt = rangeText(forecast.feltPauseMs);
    const QString pause =
        felt.isEmpty() ? QString() : u' ' + ForecastText::tr("The pause that is felt is %1.").arg(felt);
    switch (forecast.verdict) {
    case Forecast::Verdict::Unknown:
        if (input.dirty.isEmpty()) {
            return ForecastText::tr("How fast the guest writes to its memory is not measured yet.")
                + (input.bandwidthSource == ForecastInput::BandwidthSource::Measured ? sourceNote(input) : QString());
        }
        return ForecastText::tr("How fast the link is is not known: measure it, or give a limit.");
    case Forecast::Verdict::Converges:
        return ForecastText::tr("Will converge: %1 in all, within the limit of %2.")
                   .arg(rangeText(forecast.totalMs), limit)
            + pause + sourceNote(input);
    case Forecast::Verdict::Perhaps:
        //: %1 is a downtime limit, %2 a range of limits
        return ForecastText::tr("May not converge with a limit of %1: it needs %2, as exactly as can be measured.")
                   .arg(limit, rangeText(forecast.neededLimitMs))
            + pause + sourceNote(input);
    case Forecast::Verdict::NeedsLimit:
        return ForecastText::tr("Needs a limit of %1; %2 is too short.").arg(rangeText(forecast.neededLimitMs), limit)
            + pause + sourceNote(input);
    case Forecast::Verdict::NotByPreCopy:
        return ForecastText::tr(
                   "Will not converge: the guest writes %1 to %2, and a round leaves at least %3, a pause of %4.")
                   .arg(rateText(forecast.dirtyPerSecond.low), rateText(forecast.dirtyPerSecond.high),
                       sizeText(forecast.fixedPoint.low), rangeText(forecast.neededLimitMs))
            + u' ' + remedies(input) + sourceNote(input);
    }
    return {};
}

} // namespace vireo::migration
