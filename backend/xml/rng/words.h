// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/xml/rng/matcher.h"

namespace vireo::xml::rng {

/** Of `candidates` what somebody may have meant by `typed`; empty: nothing is near. */
QString nearest(const QString &typed, const QStringList &candidates);

/** "a, b, c" and, beyond `limit`, "… (7 more)". */
QString joined(const QStringList &words, int limit = 20);

/** "“long value…”", short enough for a sentence. */
QString quoted(QStringView value);

/** Names of elements or attributes as they are written: "<disk>" or "type"; sorted, wildcards left out. */
QStringList namesOf(const Matcher &matcher, const QList<int> &nameClasses);

/** "Allowed here: a, b, c." or "Allowed: a MAC address such as …."; empty: anything. */
QString describeValues(const Matcher::Values &values);

} // namespace vireo::xml::rng
