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
    QString subformat;       ///< "monolithicSparse", "dynamic", "v3" …; the format's own word, not translated
    quint64 fileSize = 0;    ///< apparent length
    quint64 dataSize = 0;    ///< allocated blocks: what a sparse upload moves
    quint64 virtualSize = 0; ///< as QEMU will see the disk
    qint64 modifiedNs = 0;   ///< last change, since the epoch: says whether the file is still the one that was judged
    QString backingFile;     ///< as the header says
    QString backingFormat;   ///< as the header says, in QEMU's words; empty: it does not
    QString dataFile;
    bool encrypted = false;
    int internalSnapshots = 0;
    bool partitioned = false; ///< raw with an MBR or GPT
    QString refusal;          ///< why it must not be used; empty: safe
    bool onlyBacking = false; ///< refused for nothing but its backing file: inspectChain() (chain.h) can adopt it

    /** QEMU may open it with an explicit format. Whether a volume can be filled with it: see needsConversion(). */
    bool isSafe() const { return refusal.isEmpty(); }
    bool isInstallMedium() const { return format == Format::Iso; }
    /** A format that disks of running VMs should not have: QemuImg::convert() (qemuimg.h) makes qcow2 or raw of it. */
    bool needsConversion() const;
    /** "qcow2, 10 GiB, no backing file, safe": one line for the wizard. */
    QString summary() const;
};

/** For the user: "VMDK". */
QString formatName(Format format);
/** For QEMU and libvirt: "vmdk"; an ISO is "raw" to them. */
QString driverName(Format format);

/**
 * Reads the headers of a local file (read-only, never through qemu-img) and judges it. Blocks on the file system: a
 * worker thread only. Error: the file can't be read. A file that is readable but must not be used gives a Verdict with
 * a refusal: backing or data file, unknown incompatible bits, more than one format at once, unsupported formats and
 * kinds of them. Never reads more than some 100 KiB, whatever the file says of itself.
 */
Result<Verdict> inspect(const QString &path);

} // namespace vireo::image
