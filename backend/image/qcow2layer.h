// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include <QByteArray>
#include <QList>
#include <QString>

#include "backend/base/error.h"

namespace vireo::image {

/** A qcow2 file that holds a few clusters of a disk, and leaves the rest to what it lies on. */
struct Qcow2Layer {
    static constexpr quint64 clusterSize = 64ULL * 1024;

    quint64 capacity = 0;    ///< bytes, as a guest sees it
    QString backing;         ///< path of what it lies on, where it will be; empty: nothing, the rest is zeroes
    QString backingFormat;   ///< recorded; needed with `backing`
    QList<quint64> clusters; ///< numbers, ascending
    /** The content of a cluster. Shorter: zeroes follow. */
    std::function<Result<QByteArray>(quint64 cluster)> read;
};

/**
 * Writes such a file (version 3, mode 0600, without holes, so that it can be uploaded over another one). What is all
 * zeroes in it takes no room. Blocks: a worker thread. Errors: the file exists; no room; those of `read`; then no file
 * is left.
 */
Result<> writeQcow2Layer(const QString &path, const Qcow2Layer &layer);

} // namespace vireo::image
