// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/migration/history.h"

namespace vireo::migration {

/** A time with two digits that mean something: "50 ms", "1.6 s", "35 s", "4 min", "2.5 h". */
QString durationText(qint64 ms);
/** "20–35 s", "about 50 ms" where both ends read the same; empty for an unknown one. */
QString rangeText(const Range &range);
/** "16 MiB/s" */
QString rateText(quint64 bytesPerSecond);

} // namespace vireo::migration
