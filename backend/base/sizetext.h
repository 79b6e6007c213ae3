// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocale>
#include <QString>

namespace vireo {

/** A size for the user: "10 GiB", "1.4 GiB", "512 KiB" in the user's locale; exact sizes lose their ".0". */
inline QString sizeText(quint64 bytes)
{
    constexpr quint64 kib = 1024;
    quint64 unit = 1;
    while (unit < kib * kib * kib * kib * kib && bytes / unit >= kib) {
        unit *= kib;
    }
    const int decimals = bytes % unit == 0 ? 0 : 1;
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), decimals, QLocale::DataSizeIecFormat);
}

} // namespace vireo
