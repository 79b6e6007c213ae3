// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/migration/texts.h"

#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QLocale>

#include "backend/base/sizetext.h"

using namespace Qt::StringLiterals;

namespace vireo::migration {

namespace {

struct Text {
    Q_DECLARE_TR_FUNCTIONS(migration_Text)
};

enum class Unit { Milliseconds, Seconds, Minutes, Hours };

Unit unitOf(qint64 ms)
{
    constexpr qint64 second = 1000;
    constexpr qint64 minute = 60 * second;
    if (ms < second) {
        return Unit::Milliseconds;
    }
    if (ms < 100 * second) {
        return Unit::Seconds;
    }
    return ms < 100 * minute ? Unit::Minutes : Unit::Hours;
}

QString number(qint64 ms, Unit unit)
{
    static constexpr std::array<double, 4> units{1, 1000, 60.0 * 1000, 3600.0 * 1000};
    const double value = static_cast<double>(ms) / units.at(static_cast<size_t>(unit));
    if (unit == Unit::Milliseconds) {
        return QLocale().toString(value < 100 ? std::round(value) : std::round(value / 10) * 10, 'f', 0);
    }
    const QString text = QLocale().toString(value, 'f', value < 9.95 ? 1 : 0);
    const QString whole = QLocale().toString(std::round(value), 'f', 0);
    return text == QLocale().toString(std::round(value), 'f', 1) ? whole : text;
}

QString withUnit(const QString &value, Unit unit)
{
    switch (unit) {
    case Unit::Milliseconds:
        return Text::tr("%1 ms").arg(value);
    case Unit::Seconds:
        return Text::tr("%1 s").arg(value);
    case Unit::Minutes:
        return Text::tr("%1 min").arg(value);
    case Unit::Hours:
        return Text::tr("%1 h").arg(value);
    }
    return {};
}

} // namespace

QString durationText(qint64 ms)
{
    const Unit unit = unitOf(ms);
    return withUnit(number(ms, unit), unit);
}

QString rangeText(const Range &range)
{
    if (range.low < 0 || range.high < range.low) {
        return {};
    }
    const QString low = durationText(range.low);
    const QString high = durationText(range.high);
    if (low == high) {
        //: a time that is not known exactly
        return Text::tr("about %1").arg(high);
    }
    const Unit unit = unitOf(range.high);
    if (range.low == 0 || unitOf(range.low) == unit) {
        return withUnit(number(range.low, unit) + u'–' + number(range.high, unit), unit);
    }
    //: two times with their units, such as "500 ms – 2 s"
    return Text::tr("%1 – %2").arg(low, high);
}

QString rateText(quint64 bytesPerSecond)
{
    return Text::tr("%1/s").arg(sizeText(bytesPerSecond));
}

} // namespace vireo::migration
