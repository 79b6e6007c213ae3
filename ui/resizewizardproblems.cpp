// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/** What ResizeWizardState says of what was chosen. */
#include "model/format.h"
#include "ui/resizetexts.h"
#include "ui/resizewizardstate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ResizeDraft;

QString ResizeWizardState::vcpusProblem() const
{
    return wantedVcpus() > wantedMaxVcpus()
        ? tr("More than the maximum of %1 vCPUs: raise that as well.").arg(wantedMaxVcpus())
        : QString();
}

QString ResizeWizardState::memoryProblem() const
{
    return wantedMemoryKiB() > wantedMaxMemoryKiB()
        ? tr("More than the maximum of %1: raise that as well.").arg(model::formatKiB(wantedMaxMemoryKiB()))
        : QString();
}

QString ResizeWizardState::topologyProblem() const
{
    const int wanted = wantedTopology().sockets * wantedTopology().cores * wantedTopology().threads;
    if (wanted == 0 || wanted == wantedMaxVcpus() || (!m_draft.topology && !m_draft.maxVcpus)) {
        return {};
    }
    return tr("Sockets, cores and threads make %1 vCPUs, the maximum is %2: both must be the same.")
        .arg(wanted)
        .arg(wantedMaxVcpus());
}

QString ResizeWizardState::diskProblem(const QString &target) const
{
    const Disk *now = disk(target);
    const ResizeDraft::Disk wanted = wantedDisk(target);
    if (!now || wanted.capacity == 0 || now->capacity == 0 || wanted.capacity >= now->capacity
        || (m_facts && contentFate(*m_facts, wanted) == operation::ContentFate::Anew)) {
        return {};
    }
    return tr("It has %1 and can't be made smaller: whatever the guest keeps beyond %2 would be cut off. Copy what is "
              "on it to a smaller disk instead.")
        .arg(model::formatBytes(now->capacity), model::formatBytes(wanted.capacity));
}

QString ResizeWizardState::contentText(const QString &target) const
{
    const Disk *now = disk(target);
    const ResizeDraft::Disk wanted = wantedDisk(target);
    if (!now || wanted.capacity == 0) {
        return {};
    }
    const auto fate = m_facts && isCold() ? contentFate(*m_facts, wanted) : operation::ContentFate::Stays;
    if (fate == operation::ContentFate::Grows) {
        return tr("Its %1 file system grows with it, while the VM is off.").arg(now->content.name);
    }
    if (fate == operation::ContentFate::Anew) {
        return tr("It is swap: it is made anew, with its UUID and label, while the VM is off.");
    }
    if (wanted.capacity <= now->capacity) {
        return {};
    }
    if (wanted.growInGuest) {
        return tr("The guest's agent grows what is on it.");
    }
    using Kind = operation::DiskContent::Kind;
    const Kind kind = now->content.kind;
    const bool couldAgent =
        kind == Kind::Partitioned || kind == Kind::Unknown || kind == Kind::Xfs || (kind == Kind::Ext && !isCold());
    const QString text = resizetexts::insideGuest(now->content);
    return couldAgent ? tr("%1 Or have the guest agent do it: below, under “More”.").arg(text) : text;
}

QString ResizeWizardState::sizeProblem() const
{
    if (!m_vm.exists) {
        return tr("The virtual machine is not there any more.");
    }
    if (!m_problem.isEmpty()) {
        return m_problem;
    }
    if (!m_facts) {
        return tr("The virtual machine is still being read.");
    }
    for (const QString &problem : {vcpusProblem(), memoryProblem(), topologyProblem()}) {
        if (!problem.isEmpty()) {
            return problem;
        }
    }
    for (const Disk &disk : m_disks) {
        if (const QString problem = diskProblem(disk.target); !problem.isEmpty()) {
            return tr("%1: %2", "disk and problem").arg(disk.target, problem);
        }
    }
    return {};
}

QString ResizeWizardState::placeProblem() const
{
    if (!m_facts) {
        return sizeProblem();
    }
    if (!thereProblem().isEmpty()) {
        return thereProblem();
    }
    return hasChanges() ? QString() : tr("Nothing would change: choose another size, or another host.");
}

QStringList ResizeWizardState::blockers() const
{
    QStringList texts;
    if (m_facts && sizeProblem().isEmpty() && hasChanges()) {
        for (const job::Finding &finding : m_evaluation.findings) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                texts.append(finding.text);
            }
        }
    }
    return texts;
}

QString ResizeWizardState::summary() const
{
    QStringList parts{m_vm.name};
    if (!m_facts) {
        return m_vm.name;
    }
    if (m_draft.vcpus || m_draft.maxVcpus) {
        parts.append(wantedVcpus() == 1 ? tr("1 vCPU") : tr("%1 vCPUs").arg(wantedVcpus()));
    }
    if (m_draft.memoryKiB || m_draft.maxMemoryKiB) {
        parts.append(model::formatKiB(wantedMemoryKiB()));
    }
    for (const ResizeDraft::Disk &disk : m_draft.disks) {
        parts.append(disk.capacity > 0
                ? tr("%1 of %2", "disk and its size").arg(disk.target, model::formatBytes(disk.capacity))
                : tr("%1 changed", "disk").arg(disk.target));
    }
    if (const Host *to = moves() ? host(m_destination) : nullptr) {
        parts.append(tr("to %1", "host").arg(to->name));
    }
    if (!hasChanges()) {
        parts.append(tr("nothing changes"));
    } else if (m_vm.active) {
        parts.append(isCold() ? tr("is shut down for it") : tr("while it runs"));
    }
    return parts.join(u" · "_s);
}

} // namespace vireo::ui
