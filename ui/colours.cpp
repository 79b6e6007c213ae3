// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/colours.h"

#include <algorithm>
#include <cmath>

namespace vireo::ui::colours {

namespace {

double linear(double channel)
{
    return channel <= 0.03928 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

double luminance(const QColor &colour)
{
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

} // namespace

QColor blend(const QColor &base, const QColor &over, double share)
{
    const auto mix = [share](int from, int to) {
        return static_cast<int>(std::lround(from + (to - from) * share));
    };
    return QColor(mix(base.red(), over.red()), mix(base.green(), over.green()), mix(base.blue(), over.blue()));
}

double contrast(const QColor &one, const QColor &other)
{
    const auto [dark, light] = std::minmax({luminance(one), luminance(other)});
    return (light + 0.05) / (dark + 0.05);
}

QColor readable(const QColor &wanted, const QColor &background, double ratio)
{
    const QColor end =
        contrast(Qt::white, background) > contrast(Qt::black, background) ? QColor(Qt::white) : QColor(Qt::black);
    QColor result = wanted;
    for (int step = 1; step <= 20 && contrast(result, background) < ratio; ++step) {
        result = blend(wanted, end, step / 20.0);
    }
    return result;
}

QPalette readableWhenDisabled(QPalette palette)
{
    using Role = QPalette::ColorRole;
    for (const auto &[text, ground] :
        {std::pair<Role, Role>{QPalette::WindowText, QPalette::Window}, {QPalette::Text, QPalette::Base}}) {
        const QColor paper = palette.color(QPalette::Active, ground);
        const QColor weak = blend(paper, palette.color(QPalette::Active, text), 0.55);
        palette.setColor(QPalette::Disabled, text, readable(weak, paper));
    }
    return palette;
}

} // namespace vireo::ui::colours
