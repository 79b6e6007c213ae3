// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <functional>
#include <map>
#include <stop_token>

#include <QList>
#include <QString>

#include "backend/base/error.h"

namespace vireo::image {

/**
 * Remembers what a local file holds, by digests of its blocks, to find those that a tool then changed: without a second
 * copy of it. 64 bytes of memory per block that is not zero. A value; its functions block: a worker thread.
 */
class ChangedBlocks final
{
public:
    static constexpr quint64 blockSize = 64ULL * 1024;
    using Progress = std::function<void(quint64 done, quint64 total)>;

    /** Reads data extents only. Errors: unreadable, cancelled. */
    static Result<ChangedBlocks> remember(
        const QString &path, const Progress &progress = {}, std::stop_token stop = {});
    /** Numbers of the blocks that differ by now, ascending; what grew counts as zeroes before. */
    Result<QList<quint64>> changed(const QString &path, const Progress &progress = {}, std::stop_token stop = {}) const;

private:
    using Digest = std::array<char, 20>;
    using Digests = std::map<quint64, Digest>;
    static Result<Digests> digests(const QString &path, const Progress &progress, const std::stop_token &stop);

    Digests m_before; ///< a block that is not here is all zeroes
};

} // namespace vireo::image
