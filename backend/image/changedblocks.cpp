// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/changedblocks.h"

#include <algorithm>

#include <QCryptographicHash>

#include "backend/image/localfile.h"

namespace vireo::image {

Result<ChangedBlocks::Digests> ChangedBlocks::digests(
    const QString &path, const Progress &progress, const std::stop_token &stop)
{
    const auto file = LocalFile::open(path);
    if (!file) {
        return fail(file.error());
    }
    Digests found;
    constexpr quint64 reportEach = 256 * blockSize;
    quint64 reported = 0;
    for (quint64 at = 0; at < file->size();) {
        const LocalFile::Extent extent = file->nextData(at);
        if (extent.length == 0) {
            break;
        }
        const quint64 end = extent.offset + extent.length;
        for (at = extent.offset / blockSize * blockSize; at < end; at += blockSize) {
            if (stop.stop_requested()) {
                return fail(Error::cancelled());
            }
            QByteArray block = file->read(at, qsizetype(blockSize));
            if (quint64(block.size()) < std::min(blockSize, file->size() - at)) {
                return fail(Error::failed(path));
            }
            if (block.count('\0') == block.size()) {
                continue;
            }
            block.append(qsizetype(blockSize) - block.size(), '\0'); // the last one may grow
            const QByteArray digest = QCryptographicHash::hash(block, QCryptographicHash::Blake2b_160);
            Digest &each = found[at / blockSize];
            std::ranges::copy(digest, each.begin());
            if (progress && at - reported >= reportEach) {
                reported = at;
                progress(at, file->size());
            }
        }
    }
    return found;
}

Result<ChangedBlocks> ChangedBlocks::remember(const QString &path, const Progress &progress, std::stop_token stop)
{
    auto found = digests(path, progress, stop);
    if (!found) {
        return fail(found.error());
    }
    ChangedBlocks blocks;
    blocks.m_before = *std::move(found);
    return blocks;
}

Result<QList<quint64>> ChangedBlocks::changed(const QString &path, const Progress &progress, std::stop_token stop) const
{
    const auto now = digests(path, progress, stop);
    if (!now) {
        return fail(now.error());
    }
    QList<quint64> numbers;
    for (const auto &[number, digest] : *now) {
        const auto before = m_before.find(number);
        if (before == m_before.end() || before->second != digest) {
            numbers.append(number);
        }
    }
    for (const auto &[number, digest] : m_before) {
        if (!now->contains(number)) { // zeroes by now
            numbers.append(number);
        }
    }
    std::ranges::sort(numbers);
    return numbers;
}

} // namespace vireo::image
