// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QList>

#include "backend/migration/forecast.h"

namespace vireo::migration {

/** How much had arrived at a moment. */
struct LinkPoint {
    qint64 ms = 0;
    quint64 bytes = 0;
};

/**
 * Bytes per second of a copy that was watched: without its first third, in which connections are opened and find their
 * pace; the slowest and the fastest part of the rest, and at least a tenth apart. Wider where it was over too soon.
 * None: nothing was seen to arrive. Pure.
 */
std::optional<ByteRange> linkSpeed(const QList<LinkPoint> &points);

} // namespace vireo::migration
