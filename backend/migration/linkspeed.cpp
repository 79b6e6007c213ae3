// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/migration/linkspeed.h"

#include <algorithm>
#include <iterator>

namespace vireo::migration {

namespace {

constexpr int parts = 3;
constexpr qsizetype enoughPoints = 2 * parts;
constexpr double shortly = 0.3; ///< what is doubted of a copy that was over too soon
constexpr double exactly = 0.05;

double rate(const LinkPoint &from, const LinkPoint &to)
{
    const qint64 ms = to.ms - from.ms;
    return ms <= 0 || to.bytes <= from.bytes
        ? 0
        : static_cast<double>(to.bytes - from.bytes) * 1000 / static_cast<double>(ms);
}

ByteRange around(double low, double high, double doubt)
{
    return {static_cast<quint64>(low * (1 - doubt)), static_cast<quint64>(high * (1 + doubt))};
}

} // namespace

std::optional<ByteRange> linkSpeed(const QList<LinkPoint> &points)
{
    // From the last moment at which nothing had arrived to the first at which all had.
    const auto first = std::ranges::find_if(points, [](const LinkPoint &point) { return point.bytes > 0; });
    if (first == points.cend()) {
        return std::nullopt;
    }
    const auto all = std::ranges::find(points, points.constLast().bytes, &LinkPoint::bytes);
    const QList<LinkPoint> seen(first == points.cbegin() ? first : first - 1, all + 1);
    const double whole = rate(seen.constFirst(), seen.constLast());
    if (whole <= 0) {
        return std::nullopt;
    }
    const qint64 from = seen.constFirst().ms + (seen.constLast().ms - seen.constFirst().ms) / 3;
    QList<LinkPoint> steady;
    std::ranges::copy_if(seen, std::back_inserter(steady), [from](const LinkPoint &point) { return point.ms >= from; });
    const double mean = steady.isEmpty() ? 0 : rate(steady.constFirst(), steady.constLast());
    if (steady.size() < enoughPoints || mean <= 0) {
        return around(std::min(whole, mean > 0 ? mean : whole), std::max(whole, mean), shortly);
    }
    double low = mean;
    double high = mean;
    const qsizetype size = (steady.size() - 1) / parts;
    for (int part = 0; part < parts; ++part) {
        const qsizetype begin = part * size;
        const qsizetype end = part == parts - 1 ? steady.size() - 1 : begin + size;
        const double one = rate(steady.at(begin), steady.at(end));
        low = std::min(low, one);
        high = std::max(high, one);
    }
    return around(low, high, exactly);
}

} // namespace vireo::migration
