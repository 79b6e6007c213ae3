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

/** A file of a chain whose format somebody else has recorded, in QEMU's words. */
struct KnownMember {
    QString path;
    QString driver;
    friend bool operator==(const KnownMember &, const KnownMember &) = default;
};
/**
 * A chain that is known, topmost first, such as one that was downloaded from a host, which keeps its files elsewhere:
 * what the headers say of their backing files' names does not count. Each member must be what was recorded, by its
 * content, and safe by itself. Blocks on the file system: a worker thread only. Error: a file can't be read.
 */
Result<Chain> knownChain(const QList<KnownMember> &files);

} // namespace vireo::image
