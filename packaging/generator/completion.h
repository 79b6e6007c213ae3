// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace vireo::packaging {

// What the shells complete after "vireo", from the table of verbs and options.

QString bashCompletion();
QString zshCompletion();
QString fishCompletion();

} // namespace vireo::packaging
