// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "backend/base/error.h"

namespace vireo::image {

enum class Format { Raw, Qcow2, Iso, Vmdk, Vdi, Vhdx, Vpc, Qed, Luks };

/** What an image file is, by its content alone: its name and what anybody says of it do not count. Sizes in bytes. */
struct Verdict {
    Format format = Format::Raw;
    quint64 fileSize = 0; ///< apparent length
    quint64 dataSize = 0; ///< allocated blocks: what a sparse upload moves
    quint64 virtualSize = 0;
    qint64 modifiedNs = 0; ///< last change, since the epoch: says whether the file is still the one that was judged
    QString backingFile;   ///< as the header says
    QString dataFile;
    bool encrypted = false;
    int internalSnapshots = 0;
    bool partitioned = false; ///< raw with an MBR or GPT
    QString refusal;          ///< why it must not be used; empty: safe

    bool isSafe() const { return refusal.isEmpty(); }
    bool isInstallMedium() const { return format == Format::Iso; }
    /** "qcow2, 10 GiB, no backing file, safe": one line for the wizard. */
    QString summary() const;
};

QString formatName(Format format);

/**
 * Reads the headers of a local file (read-only, never through qemu-img) and judges it. Blocks on the file system: a
 * worker thread only. Error: the file can't be read. A file that is readable but must not be used gives a Verdict with
 * a refusal: backing or data file, unknown incompatible bits, more than one format at once, unsupported formats.
 */
Result<Verdict> inspect(const QString &path);

} // namespace vireo::image
