// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/step.h"
#include "backend/snapshot/snapshot.h"

namespace vireo::operation {

/**
 * A transient domain that never runs: QEMU is started paused with one backing chain as its only disk, so that block
 * jobs can merge or copy the layers of a VM that is off, or that its running chain does not contain. Nothing needs to
 * be installed on the host for it, and QEMU's own locks keep it off files that others write to.
 *
 * The XML names the whole chain with recorded formats, so that nothing is probed. Its UUID is noted in the job's
 * results under `key` before it is started: whoever runs the step again finds it, and ends it. A job's thread.
 */
class WorkDomain final
{
    Q_DISABLE_COPY_MOVE(WorkDomain)

public:
    /** Target of its disk. */
    static constexpr auto diskTarget = "vda";
    /** Its name begins so: it is no VM of anybody. */
    static constexpr auto namePrefix = "vireo-work-";
    /** How it opens the chain. */
    struct Options {
        bool readOnly = false; ///< for copying files that others read too
        bool zeroes = false;   ///< what is written of zeroes becomes holes, also in a copy
    };
    /** `like`: the VM's XML, of which it takes architecture, machine and emulator. `host`: where; null: the plan's. */
    WorkDomain(job::StepContext &context, QString key, QString like, QString vmName, const virt::HostId &host = {});
    /** Ends it, if it was started. */
    ~WorkDomain();

    /** Ends what an earlier run of the step left, then starts. */
    Result<> start(const snapshot::Chain &chain, const Options &options);
    /** Destroys it; also one of an earlier run that was noted. Gone already is fine. */
    Result<> end();
    QUuid uuid() const;
    /** Its XML. Pure. */
    static Result<QString> xmlFor(const QString &like, const QString &name, const QUuid &uuid,
        const snapshot::Chain &chain, const Options &options);

private:
    Result<virt::ConnectionPtr> connection() const;

    job::StepContext &m_context;
    QString m_key;
    QString m_like;
    QString m_vmName;
    virt::HostId m_host;
    bool m_started = false;
};

} // namespace vireo::operation
