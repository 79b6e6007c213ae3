// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include <QList>
#include <QTextStream>

#include "backend/base/error.h"

/// What the benchmarks share. Failure ends the program.
namespace vireo::bench {

inline QTextStream &out()
{
    static QTextStream stream(stdout);
    return stream;
}

/// 0 of nothing.
inline double median(QList<double> values)
{
    std::ranges::sort(values);
    return values.isEmpty() ? 0 : values.at(values.size() / 2);
}

inline void check(bool ok, const char *what)
{
    if (!ok) {
        qFatal("%s failed", what);
    }
}

template<typename T>
T given(Result<T> result)
{
    if (!result) {
        qFatal("%s", qPrintable(result.error().message));
    }
    return *std::move(result);
}

/// One line: our median against that of `whom`, the ratio, and whether it keeps within its limit.
inline void ratio(
    const QString &what, const QList<double> &ours, const QString &whom, const QList<double> &theirs, double limit)
{
    const double value = median(ours) / std::max(median(theirs), 1.0);
    out() << "  " << what << ": " << QString::number(median(ours), 'f', 0) << " ms, " << whom << ' '
          << QString::number(median(theirs), 'f', 0) << " ms, " << QString::number(value, 'f', 2) << "x, limit "
          << QString::number(limit, 'f', 2) << "x, " << (value <= limit ? "ok" : "MISSED") << '\n';
    out().flush();
}

} // namespace vireo::bench
