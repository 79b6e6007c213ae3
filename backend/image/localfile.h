// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include <QByteArray>
#include <QString>

#include "backend/base/error.h"

namespace vireo::image {

/**
 * A regular file opened for reading, with what QFile lacks: holes and allocated blocks. Blocks on the file system:
 * worker threads only. Move-only; closes the file.
 */
class LocalFile final
{
public:
    /** Errors: missing, not allowed, a directory, a device, a pipe; never blocks on a pipe. */
    static Result<LocalFile> open(const QString &path);
    LocalFile(LocalFile &&other) noexcept;
    LocalFile &operator=(LocalFile &&other) noexcept;
    ~LocalFile();
    Q_DISABLE_COPY(LocalFile)

    quint64 size() const { return m_size; }
    quint64 allocated() const { return m_allocated; } ///< bytes in allocated blocks
    quint64 inode() const { return m_inode; }
    quint64 device() const { return m_device; }
    qint64 modifiedNs() const { return m_modifiedNs; } ///< since the epoch

    /** Up to `length` bytes; fewer at the end of the file, none on an error. */
    QByteArray read(quint64 offset, qsizetype length) const;

    /** A stretch of the file that holds data, by SEEK_DATA and SEEK_HOLE. Without holes: the whole file. */
    struct Extent {
        quint64 offset = 0;
        quint64 length = 0;
    };
    /** The first extent that ends behind `from`, cut to start there; length 0: only a hole is left. */
    Extent nextData(quint64 from) const;

private:
    LocalFile() = default;
    int m_fd = -1;
    quint64 m_size = 0;
    quint64 m_allocated = 0;
    quint64 m_inode = 0;
    quint64 m_device = 0;
    qint64 m_modifiedNs = 0;
};

/**
 * A name for the file's content: BLAKE2b-256 (hex) over its blocks of 64 KiB that are not all zero, each with its
 * offset, and its size; the same for a sparse file and its copy without holes. Reads data extents only; results are
 * remembered in memory by path, size, time and inode. Blocking: a worker thread. `progress` is told the position in the
 * file and its size, now and then. Errors: unreadable, cancelled by `stop`.
 */
Result<QString> contentDigest(const QString &path,
    const std::function<void(quint64 done, quint64 total)> &progress = {}, std::stop_token stop = {});

} // namespace vireo::image
