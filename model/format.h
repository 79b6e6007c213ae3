// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

/** Figures in words, the same everywhere: sizes in KiB to TiB, rates in MiB/s, times as "3 min 20 s", ages as "2 days
 * ago". */
namespace vireo::model {

QString formatBytes(quint64 bytes); ///< "1.2 GiB", "512 MiB", "0 B"
QString formatKiB(quint64 kib);
QString formatRate(double bytesPerSecond);   ///< "1.2 MiB/s"; empty below zero
QString formatPercent(double percent);       ///< "7 %"; empty below zero
QString formatDuration(qint64 milliseconds); ///< "3 min 20 s", "450 ms"; empty below zero
QString formatAge(qint64 seconds);           ///< "2 days ago", "just now"
/** A libosinfo id in short: "Debian 12" for http://debian.org/debian/12; what is no such id comes back as it is. */
QString formatOs(const QString &osId);

} // namespace vireo::model
