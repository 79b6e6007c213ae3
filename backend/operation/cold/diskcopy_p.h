// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/step.h"
#include "backend/snapshot/snapshot.h"

/** What diskcopysteps.cpp and diskcomparesteps.cpp share; a job's thread. */
namespace vireo::operation {

/** A chain that nobody writes to, into an existing file of the same host. */
struct DiskCopy {
    virt::HostId host;
    QString workKey; ///< of the WorkDomain
    snapshot::Chain from;
    snapshot::Layer to;
    bool zeroes = false;
    quint64 bytes = 0; ///< to be reported; 0: as QEMU counts
};
/** `like`: the XML of a machine that the host can run. */
Result<> copyDisk(job::StepContext &context, const DiskCopy &copy, const QString &like);
/** The size of a chain's disk, as a guest sees it. */
Result<quint64> capacityOf(job::StepContext &context, const virt::HostId &host, const QString &workKey,
    const snapshot::Chain &chain, const QString &like);
/** Such an XML: parameter "like", the VM's where the host knows it, else what the plan makes of it. */
Result<QString> modelOf(const job::Step &step, job::StepContext &context, const virt::HostId &host);
/** "chain" [{path, format}] */
snapshot::Chain chainOf(const job::Step &step, const QString &key);

/** disk.compare */
void registerDiskCompareSteps(job::StepRegistry &registry);

} // namespace vireo::operation
