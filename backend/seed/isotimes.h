// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

namespace vireo::seed {

/**
 * Rewrites in an ISO 9660 image what libarchive leaves no choice about, so that the same files always give the same
 * bytes: every time in volume descriptors, directories and Rock Ridge becomes `time` (UTC), and its note of when and
 * how it was made is blanked. The name in the primary descriptor becomes `volumeId` as it is, with the small letters
 * and hyphens that guests look for and mkisofs writes too. False: that is no such image; it may be half rewritten.
 */
bool normaliseIso(QByteArray &image, qint64 time, const QByteArray &volumeId);

} // namespace vireo::seed
