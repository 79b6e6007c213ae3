// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPalette>

/** Colours that stay readable on light and dark palettes. Pure functions, GUI thread. */
namespace vireo::ui::colours {

/** `share` of `over` on `base`, 0 to 1. */
QColor blend(const QColor &base, const QColor &over, double share);
/** WCAG contrast ratio, 1 to 21. */
double contrast(const QColor &one, const QColor &other);
/** `wanted`, moved towards black or white until it has at least `ratio` on `background`. */
QColor readable(const QColor &wanted, const QColor &background, double ratio = 4.5);

/** The palette with disabled text that is weaker than the rest, but can still be read: for last known data. */
QPalette readableWhenDisabled(QPalette palette);

} // namespace vireo::ui::colours
