// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMap>

#include "backend/base/error.h"
#include "backend/seed/seeddraft.h"

/** The files of a seed, and the CD-ROM image that holds them. Pure functions, any thread; a few ms. */
namespace vireo::seed {

struct SeedFiles {
    QString volumeId;                ///< by which the guest finds it: "cidata" or "config-2"
    QMap<QString, QByteArray> files; ///< path in the image, and content
    friend bool operator==(const SeedFiles &, const SeedFiles &) = default;
};

/**
 * What the guest will read. `instanceId`: letters, digits, '-', '.', '_'; a guest that sees another one than at its
 * last boot does everything again (a UUID suits both kinds). The same draft and id give the same bytes. Error: the
 * first of problemsOf(), or an interface that still needs its MAC address (withMacs()).
 */
Result<SeedFiles> seedFiles(const SeedDraft &draft, const QString &instanceId);

/**
 * The files as ISO 9660 with Rock Ridge and Joliet, owned and readable by root only. All times are `time` (seconds
 * since 1970), so that the same files give the same image. The content passes through an unlinked temporary file
 * of libarchive's, readable by nobody else.
 */
Result<QByteArray> makeIso(const SeedFiles &files, qint64 time = 946684800);

} // namespace vireo::seed
