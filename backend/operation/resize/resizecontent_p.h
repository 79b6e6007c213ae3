// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/operation/resize/resize.h"

/** What becomes of the content of disks that change their size. Private to backend/operation; pure. */
namespace vireo::operation {

/** What is done to a disk's content while its VM is off. */
struct ContentChange {
    enum class Kind {
        None,
        Filesystem, ///< its ext file system grows with it
        Swap        ///< it is swap: made anew in the new size
    } kind = Kind::None;
    quint64 bytes = 0; ///< to be read through this computer
    QString obstacle;  ///< an ext file system that can't be grown: why; empty: it can, or there is none
};
/** Of a disk whose size changes, wherever it comes to be. */
ContentChange contentChange(const ResizeFacts &facts, const ResizeDraft::Disk &disk);
/** The same, as by now nothing but its files is chosen: swap becomes a new file, instead of one that was copied. */
bool isRemadeSwap(const ResizeFacts &facts, const ResizeDraft::Disk &disk);

/** What is said of it; also of what its user has to do in the guest. */
QList<job::Finding> contentFindings(const ResizeFacts &facts, const ResizeDraft &draft, const ResizeDraft::Disk &disk);

/** filesystem.grow, upon a layer that layer.create made of `path` upon `chain`. `object`: for the plan's reader. */
job::Step growFilesystemStep(const ContentChange &change, const QString &object, const snapshot::Chain &chain,
    const QString &path, quint64 capacity);
/** The same into a file that this job made, the topmost of `chain`, and that has the new size already: by a layer upon
 *  it that goes again. `like` as in disk.grow; may be empty. */
QList<job::Step> growFilesystemWithin(const ContentChange &change, const QString &object, const snapshot::Chain &chain,
    const QString &token, quint64 capacity, const QString &like);
/** swap.make: `old`, a chain of `before` bytes; `made`, with what is beneath it, empty: nothing. */
job::Step makeSwapStep(const QString &object, const snapshot::Chain &old, quint64 before, const snapshot::Layer &made,
    const snapshot::Layer &beneath, quint64 capacity);

} // namespace vireo::operation
