// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace vireo::test {

/// Path of `name` in the build directory, made by `sources`/`script` (its argument is the path) unless it is there and
/// newer than all files of `sources`. Test programs that run side by side build once. Empty on failure, which the
/// script explains on standard error. Blocks for at most `timeoutMs`.
QString built(const QString &name, const QString &sources, const QString &script, int timeoutMs);

} // namespace vireo::test
