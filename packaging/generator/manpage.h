// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace vireo::packaging {

/** vireo(1) as roff, from the table of verbs and options. */
QString manPage(const QString &version);

} // namespace vireo::packaging
