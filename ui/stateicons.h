// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QPalette>
#include <QRectF>

#include "backend/virt/records.h"

class QPainter;

namespace vireo::ui {

/** The signs that Vireo paints itself, so that they are sharp at any scale and right in light and dark. */
enum class Glyph {
    Running,
    Paused,
    ShutOff,
    Saved,
    Crashed,
    Busy,
    Unknown,
    HostConnected,
    HostConnecting,
    HostNotResponding,
    HostFailed,
    HostDisconnected,
    Tag,
    Add,
    Connection,
    Run,
    Pause,
    Power,
    Search,
    Details,
    Snapshot,
    Migrate
};

/** The sign of a domain's state; a shut off domain with a managed save is "saved". */
Glyph glyphOf(virt::DomainState state, bool managedSave);
Glyph glyphOf(virt::HostState state);

/** True when the palette's views are light on dark. */
bool isDark(const QPalette &palette);
/** The colour of a sign on the palette's view background: at least 4.5:1 in the usual light and dark palettes. */
QColor glyphColor(Glyph glyph, const QPalette &palette);
/** For second lines: weaker than the text, but still at least 4.5:1 on its ground. */
QColor mutedColor(const QPalette &palette, bool selected);

/** Fills `rect` (square) with the sign, in `color`. */
void paintGlyph(QPainter &painter, const QRectF &rect, Glyph glyph, const QColor &color);
/** A ring that is closed clockwise up to `fraction` (0 to 1), over a faint whole ring. */
void paintJobRing(QPainter &painter, const QRectF &rect, double fraction, const QColor &color);
/** For actions and labels; takes its colours from the application's palette when painted. */
QIcon glyphIcon(Glyph glyph);

} // namespace vireo::ui
