// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/format.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>
#include <QLocale>
#include <QStringList>

using namespace Qt::StringLiterals;

namespace vireo::model {
namespace {

constexpr const char *Context = "vireo::model::format";

QString number(double value, int decimals)
{
    QLocale locale;
    locale.setNumberOptions(QLocale::OmitGroupSeparator);
    return locale.toString(value, 'f', decimals);
}

/** One decimal below 100 unless it is zero: "1.2", "20", "512". */
QString shortNumber(double value)
{
    const double tenths = std::round(value * 10) / 10;
    const bool whole = tenths >= 100 || std::floor(tenths) == tenths;
    return whole ? number(std::round(tenths >= 100 ? value : tenths), 0) : number(tenths, 1);
}

QString scaled(double value, const QString &suffix)
{
    static constexpr std::array units = {QLatin1StringView("B"), QLatin1StringView("KiB"), QLatin1StringView("MiB"),
        QLatin1StringView("GiB"), QLatin1StringView("TiB")};
    size_t unit = 0;
    // 1023.5 would be rounded to "1024 KiB"
    while (unit + 1 < units.size() && value >= 1023.5) {
        value /= 1024;
        ++unit;
    }
    return (unit == 0 ? number(std::round(value), 0) : shortNumber(value)) + u' ' + units.at(unit) + suffix;
}

/** "3 min 20 s": the second part is left out when it is zero. */
QString twoParts(qint64 big, const char *bigText, qint64 small, const char *smallText)
{
    QString text = QCoreApplication::translate(Context, bigText).arg(big);
    if (small > 0) {
        text += u' ' + QCoreApplication::translate(Context, smallText).arg(small);
    }
    return text;
}

/** English needs no translation file for its two forms; other languages get theirs through %n. */
QString ago(qint64 count, const char *one, const char *many)
{
    return count == 1 ? QCoreApplication::translate(Context, one)
                      : QCoreApplication::translate(Context, many, nullptr, static_cast<int>(count));
}

} // namespace

QString formatBytes(quint64 bytes)
{
    return scaled(static_cast<double>(bytes), {});
}

QString formatKiB(quint64 kib)
{
    return scaled(static_cast<double>(kib) * 1024, {});
}

QString formatRate(double bytesPerSecond)
{
    return bytesPerSecond >= 0 ? scaled(bytesPerSecond, u"/s"_s) : QString();
}

QString formatPercent(double percent)
{
    return percent >= 0 ? QCoreApplication::translate(Context, "%1 %").arg(number(std::round(percent), 0)) : QString();
}

QString formatDuration(qint64 milliseconds)
{
    static constexpr const char *Seconds = QT_TRANSLATE_NOOP("vireo::model::format", "%1 s");
    static constexpr const char *Minutes = QT_TRANSLATE_NOOP("vireo::model::format", "%1 min");
    static constexpr const char *Hours = QT_TRANSLATE_NOOP("vireo::model::format", "%1 h");
    static constexpr const char *Days = QT_TRANSLATE_NOOP("vireo::model::format", "%1 d");
    if (milliseconds < 0) {
        return {};
    }
    if (milliseconds < 1000) {
        return QCoreApplication::translate(Context, "%1 ms").arg(milliseconds);
    }
    const qint64 seconds = milliseconds / 1000;
    if (seconds < 60) {
        return QCoreApplication::translate(Context, Seconds).arg(seconds);
    }
    if (seconds < 3600) {
        return twoParts(seconds / 60, Minutes, seconds % 60, Seconds);
    }
    if (seconds < 86400) {
        return twoParts(seconds / 3600, Hours, seconds % 3600 / 60, Minutes);
    }
    return twoParts(seconds / 86400, Days, seconds % 86400 / 3600, Hours);
}

QString formatAge(qint64 seconds)
{
    if (seconds < 10) {
        return QCoreApplication::translate(Context, "just now");
    }
    if (seconds < 60) {
        return QCoreApplication::translate(Context, "%1 s ago").arg(seconds);
    }
    if (seconds < 3600) {
        return ago(seconds / 60, QT_TRANSLATE_NOOP("vireo::model::format", "1 minute ago"),
            QT_TRANSLATE_N_NOOP("vireo::model::format", "%n minutes ago"));
    }
    if (seconds < 86400) {
        return ago(seconds / 3600, QT_TRANSLATE_NOOP("vireo::model::format", "1 hour ago"),
            QT_TRANSLATE_N_NOOP("vireo::model::format", "%n hours ago"));
    }
    const qint64 days = seconds / 86400;
    if (days < 60) {
        return ago(days, QT_TRANSLATE_NOOP("vireo::model::format", "1 day ago"),
            QT_TRANSLATE_N_NOOP("vireo::model::format", "%n days ago"));
    }
    if (days < 730) {
        return ago(days / 30, QT_TRANSLATE_NOOP("vireo::model::format", "1 month ago"),
            QT_TRANSLATE_N_NOOP("vireo::model::format", "%n months ago"));
    }
    return ago(days / 365, QT_TRANSLATE_NOOP("vireo::model::format", "1 year ago"),
        QT_TRANSLATE_N_NOOP("vireo::model::format", "%n years ago"));
}

QString formatOs(const QString &osId)
{
    struct Name {
        QLatin1StringView id;
        QLatin1StringView text;
    };
    // Names that are not just capitalised.
    static constexpr std::array names = {
        Name{QLatin1StringView("almalinux"), QLatin1StringView("AlmaLinux")},
        Name{QLatin1StringView("centos"), QLatin1StringView("CentOS")},
        Name{QLatin1StringView("centos-stream"), QLatin1StringView("CentOS Stream")},
        Name{QLatin1StringView("freebsd"), QLatin1StringView("FreeBSD")},
        Name{QLatin1StringView("macosx"), QLatin1StringView("macOS")},
        Name{QLatin1StringView("netbsd"), QLatin1StringView("NetBSD")},
        Name{QLatin1StringView("nixos"), QLatin1StringView("NixOS")},
        Name{QLatin1StringView("openbsd"), QLatin1StringView("OpenBSD")},
        Name{QLatin1StringView("opensuse"), QLatin1StringView("openSUSE")},
        Name{QLatin1StringView("rhel"), QLatin1StringView("RHEL")},
        Name{QLatin1StringView("sles"), QLatin1StringView("SLES")},
        Name{QLatin1StringView("win"), QLatin1StringView("Windows")},
    };
    const qsizetype scheme = osId.indexOf("://"_L1);
    if (scheme < 0) {
        return osId;
    }
    const QStringList parts = osId.mid(scheme + 3).split(u'/', Qt::SkipEmptyParts);
    if (parts.size() < 3) {
        return osId;
    }
    QString family = parts.at(parts.size() - 2);
    const auto *name = std::find_if(names.begin(), names.end(), [&](const Name &each) { return each.id == family; });
    if (name != names.end()) {
        family = name->text;
    } else {
        family[0] = family.at(0).toUpper();
    }
    return family + u' ' + parts.last();
}

} // namespace vireo::model
