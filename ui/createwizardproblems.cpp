// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What CreateWizardState says about each field: the sentences beside the fields, in one place.
#include <QDir>

#include "backend/operation/lifecycle.h"
#include "model/format.h"
#include "ui/createwizardstate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

QString CreateWizardState::pathProblem() const
{
    if (!wantsFile()) {
        return {};
    }
    const bool iso = m_origin == Origin::Iso;
    if (m_path.trimmed().isEmpty()) {
        return iso ? tr("Choose an ISO file.") : tr("Choose an image file.");
    }
    if (!QDir::isAbsolutePath(localPath())) {
        return tr("Give the whole path, beginning with “/”.");
    }
    if (m_inspecting || !m_verdict) {
        return tr("Looking at the file…");
    }
    const Result<image::Verdict> &verdict = *m_verdict;
    if (!verdict) {
        return verdict.error().message;
    }
    if (!verdict->isSafe()) {
        return verdict->refusal;
    }
    if (iso && !verdict->isInstallMedium()) {
        return tr("This is no ISO image but %1. Choose “Disk image” to boot from it.")
            .arg(image::formatName(verdict->format));
    }
    if (!iso && verdict->isInstallMedium()) {
        return tr("This is an install medium. Choose “Install medium (ISO)” to install from it.");
    }
    return {};
}

QString CreateWizardState::volumeProblem() const
{
    if (m_origin != Origin::Volume) {
        return {};
    }
    if (!m_volumesProblem.isEmpty()) {
        return m_volumesProblem;
    }
    if (m_factsKnown && m_facts.pools.isEmpty()) {
        return tr("This host has no storage pool.");
    }
    if (!m_volumesKnown) {
        return tr("Reading the volumes…");
    }
    if (m_volumes.isEmpty()) {
        return tr("This pool has no volume.");
    }
    if (!volumeRecord()) {
        return tr("Choose a volume.");
    }
    return {};
}

QString CreateWizardState::nameProblem() const
{
    if (const QString problem = operation::nameProblem(m_name); !problem.isEmpty()) {
        return problem;
    }
    if (m_taken.contains(m_name)) {
        return tr("This host already has a VM named “%1”.").arg(m_name);
    }
    return {};
}

QString CreateWizardState::problem(Field field) const
{
    switch (field) {
    case Field::Host:
        if (m_hosts.isEmpty()) {
            return tr("No host is connected. Connect to one first.");
        }
        if (!hostChoice()) {
            return tr("This host is not connected any more.");
        }
        if (!m_hostProblem.isEmpty()) {
            return m_hostProblem;
        }
        if (!m_factsKnown) {
            return tr("Reading what this host has…");
        }
        return {};
    case Field::Path:
        return pathProblem();
    case Field::Volume:
        return volumeProblem();
    case Field::Name:
        return nameProblem();
    case Field::Memory:
        if (const HostChoice *host = hostChoice();
            host && host->memoryKiB > 0 && m_memoryMiB * 1024 > host->memoryKiB) {
            return tr("More than the host has (%1).").arg(model::formatKiB(host->memoryKiB));
        }
        return {};
    case Field::Vcpus:
        return m_vcpus < 1 ? tr("At least one.") : QString();
    case Field::RootDisk:
        if (!rootFixed() && rootGiB() < minimumRootGiB()) {
            return tr("Smaller than the image (%1).").arg(model::formatBytes(imageBytes()));
        }
        return {};
    case Field::Pool:
        return {};
    case Field::Nic:
        if (m_nic && m_nic->kind == operation::CreateDraft::NicKind::Bridge && m_nic->source.trimmed().isEmpty()) {
            return tr("Give the name of the bridge on the host, for example br0.");
        }
        return {};
    }
    return {};
}

QString CreateWizardState::hint(Field field) const
{
    const HostChoice *host = hostChoice();
    switch (field) {
    case Field::Host:
        return host ? host->uri : QString();
    case Field::Path:
        return m_verdict && *m_verdict ? (*m_verdict)->summary() : QString();
    case Field::Volume:
        if (const virt::storage::Volume *volume = volumeRecord()) {
            return tr("%1, %2").arg(volume->format, model::formatBytes(volume->capacity));
        }
        return {};
    case Field::Memory:
        return host && host->memoryKiB > 0 ? tr("The host has %1.").arg(model::formatKiB(host->memoryKiB)) : QString();
    case Field::Vcpus:
        if (!host || host->cpus <= 0) {
            return {};
        }
        if (m_vcpus > host->cpus) {
            return host->cpus == 1 ? tr("The host has only 1 CPU: they will take turns.")
                                   : tr("The host has only %n CPUs: they will take turns.", nullptr, host->cpus);
        }
        return host->cpus == 1 ? tr("The host has 1 CPU.") : tr("The host has %n CPUs.", nullptr, host->cpus);
    case Field::RootDisk:
        if (rootFixed()) {
            return tr("The volume is used as it is.");
        }
        return imageBytes() > 0 ? tr("At least the size of the image, %1.").arg(model::formatBytes(imageBytes()))
                                : QString();
    case Field::Pool:
        for (const virt::storage::Pool &pool : m_facts.pools) {
            if (pool.name == m_pool) {
                return pool.active ? tr("In %1").arg(pool.targetPath) : tr("Not active: it will be started.");
            }
        }
        return m_factsKnown ? tr("The host has no pool of this name yet.") : QString();
    case Field::Nic:
        if (m_nic && m_nic->kind == operation::CreateDraft::NicKind::Network) {
            for (const virt::hostcalls::Network &network : m_facts.networks) {
                if (network.name == m_nic->source && !network.active) {
                    return tr("This network is not active; the VM can't start until it is.");
                }
            }
        }
        return {};
    case Field::Name:
        return {};
    }
    return {};
}

} // namespace vireo::ui
