// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

#include "backend/image/inspector.h"

namespace vireo::image {

/** One file of a backing chain, with what it was found to be. */
struct ChainMember {
    QString path; ///< canonical: no symbolic link, no "..": what the user sees is what is read
    Verdict verdict;
};

/** An image with everything beneath it, topmost first. */
struct Chain {
    QList<ChainMember> members; ///< as far as they could be followed
    QString refusal;            ///< why it must not be used, naming the member; empty: safe

    bool isSafe() const { return refusal.isEmpty() && !members.isEmpty(); }
    quint64 virtualSize() const { return members.isEmpty() ? 0 : members.first().verdict.virtualSize; }
    quint64 dataSize() const; ///< of all members
    /** For each member: path, format and size, one line each: what would be merged. */
    QStringList lines() const;
};

/**
 * Follows the backing files of an image that the user explicitly adopts. Only plain local files: names with a protocol
 * ("json:", "nbd:" …) are refused, relative ones are looked up in the directory of the file that names them, as QEMU
 * does. Each member must be safe by itself, apart from its own backing file, and be what the member above says of its
 * format. Loops and chains deeper than 16 are refused. Blocks on the file system: a worker thread only.
 * Error: the first file can't be read.
 */
Result<Chain> inspectChain(const QString &path);

} // namespace vireo::image
