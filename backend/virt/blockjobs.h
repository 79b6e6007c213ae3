// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "backend/virt/connection.h"

/** Blocking calls on block jobs of running (or paused) domains. Any worker thread. A disk is named by its target. */
namespace vireo::virt::blockjobs {

/** virDomainBlockJobInfo. Bytes. */
struct Job {
    enum class Type { Unknown, Pull, Copy, Commit, ActiveCommit, Backup } type = Type::Unknown;
    quint64 done = 0;
    quint64 total = 0; ///< grows while a mirror copies what the guest writes
};
/** virDomainGetBlockJobInfo; nothing: the disk has no job. */
Result<std::optional<Job>> info(Connection &connection, const QUuid &domain, const QString &disk);

/** virDomainBlockCommit of all from `top` down to above `base` into `base`. `active`: top is what the domain writes to;
 *  then it stays ready until finish(). Paths as the domain's XML has them. `speed` here and below: as setSpeed(). */
Result<> commit(Connection &connection, const QUuid &domain, const QString &disk, const QString &top,
    const QString &base, bool active, quint64 speed = 0);
/** virDomainBlockRebase without COPY: fills what the domain writes to with all above `base`; empty: with all. */
Result<> pull(Connection &connection, const QUuid &domain, const QString &disk, const QString &base, quint64 speed = 0);
struct CopyOptions {
    bool shallow = false;   ///< only the topmost layer; the copy has the same backing file
    bool reuseFile = false; ///< REUSE_EXT
    quint64 speed = 0;
};
/** virDomainBlockCopy with TRANSIENT_JOB to what `diskXml` says (a <disk> with source and driver). */
Result<> copy(Connection &connection, const QUuid &domain, const QString &disk, const QString &diskXml,
    const CopyOptions &options);

/** virDomainBlockResize: what the guest sees as the disk's size becomes `capacity` bytes, of the format that the
 * domain's XML names. Smaller is possible to libvirt, and never what a user wants: that is for the caller to refuse. */
Result<> resize(Connection &connection, const QUuid &domain, const QString &disk, quint64 capacity);
/** virDomainGetBlockInfo: the size of a disk as the guest sees it, in bytes. */
Result<quint64> capacity(Connection &connection, const QUuid &domain, const QString &disk);

/** virDomainBlockJobAbort: ends a ready mirror with the domain on its old (`pivot` false) or new file, or cancels.
 * Waits for it. Error Busy kinds (VIR_ERR_BLOCK_COPY_ACTIVE) say that it is not ready yet. */
Result<> finish(Connection &connection, const QUuid &domain, const QString &disk, bool pivot);
/**
 * Makes QEMU write down what it holds of a running domain's images in memory: pauses and resumes it, a matter of
 * milliseconds. Does nothing for one that does not run.
 *
 * Needed after a pull: QEMU then says that the image has no backing file any more before it has written where in the
 * image the pulled clusters are (found with QEMU 7.2: killed then, it has lost them). Until its guest flushes, or this
 * is called, nothing beneath may be deleted. A domain that is destroyed writes it as well. Commits and copies flush by
 * themselves.
 */
Result<> flush(Connection &connection, const QUuid &domain);
/** virDomainBlockJobSetSpeed, in bytes per second; 0: as fast as it can. */
Result<> setSpeed(Connection &connection, const QUuid &domain, const QString &disk, quint64 bytesPerSecond);
/** Whether the live XML says <mirror ready='yes'>. */
Result<bool> isMirrorReady(Connection &connection, const QUuid &domain, const QString &disk);

/** How a job ended, or that it can be pivoted. */
enum class Outcome {
    Completed, ///< by libvirt's event: done
    Ready,     ///< by event or figures, and by the XML: done == total != 0 and mirror ready
    Failed,
    Cancelled,
    Vanished ///< no job and no event: what became of it only the backing chain tells
};

/** Hears what becomes of a disk's job from its construction on: make one before the job. One thread. */
class Watch final
{
    Q_DISABLE_COPY_MOVE(Watch)

public:
    Watch(Connection &connection, const QUuid &domain, const QString &disk);
    ~Watch();

    using Progress = std::function<void(quint64 done, quint64 total)>;
    /** Until the job ends, or is ready. Reads figures every 300 ms. When stopped it cancels the job (finish without
     *  pivot) and gives Cancelled once the job is gone. Errors: libvirt's; the domain went off (Failed). */
    Result<Outcome> wait(const Progress &progress, const std::stop_token &stop);

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

} // namespace vireo::virt::blockjobs
