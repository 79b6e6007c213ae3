// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QByteArray>
#include <QList>

#include "backend/base/error.h"

namespace vireo::image {

/** A file that can only be read piece by piece, such as one on a host. Of the format that somebody recorded. */
struct LayerSource {
    QString format; ///< "raw" or "qcow2"
    /** Up to `length` bytes; fewer at the end of the file. */
    std::function<Result<QByteArray>(quint64 offset, quint64 length)> read;
};

/**
 * The bytes of a disk as its guest sees them, read from its files (topmost first) without opening more of them than
 * takes: the maps of a qcow2 file are followed, never what it says of other files. For a few hundred KiB. Blocking as
 * `read` is. Errors: those of `read`; Unsupported: encrypted, compressed, of unknown features, or damaged.
 */
Result<QByteArray> readLayered(const QList<LayerSource> &layers, quint64 offset, quint64 length);

} // namespace vireo::image
