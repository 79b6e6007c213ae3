// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What CreateWizardState says about each field: the sentences beside the fields, in one place.
#include <QDir>
#include <QRegularExpression>

#include "backend/operation/lifecycle.h"
#include "model/format.h"
#include "ui/createsystem.h"
#include "ui/createwizardstate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

QString CreateWizardState::pathProblem() const
{
    const QString text = path().trimmed();
    if (m_origin == Origin::Tree) {
        if (text.isEmpty()) {
            return tr("Give the address of an installation tree.");
        }
        if (const Result<> checked = os::checkTreeLocation(text); !checked) {
            return checked.error().message;
        }
        const auto &tree = m_system->tree();
        return m_system->isLooking() ? tr("Looking at the tree…") : tree && !*tree ? tree->error().message : QString();
    }
    if (m_origin == Origin::Xml) {
        if (text.isEmpty()) {
            return tr("Choose a file with a domain definition.");
        }
        return QDir::isAbsolutePath(localPath()) ? QString() : tr("Give the whole path, beginning with “/”.");
    }
    if (!wantsFile()) {
        return {};
    }
    const bool iso = m_origin == Origin::Iso;
    if (text.isEmpty()) {
        return iso ? tr("Choose an ISO file.") : tr("Choose an image file.");
    }
    if (!QDir::isAbsolutePath(localPath())) {
        return tr("Give the whole path, beginning with “/”.");
    }
    if (m_image->isInspecting() || !m_image->verdict()) {
        return tr("Looking at the file…");
    }
    const Result<image::Verdict> &verdict = *m_image->verdict();
    if (!verdict) {
        return verdict.error().message;
    }
    if (canAdopt() && m_choices.adoptChain) {
        return chain() ? chain()->refusal : QString();
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

QString CreateWizardState::kernelProblem() const
{
    if (m_origin != Origin::Kernel) {
        return {};
    }
    const CreateDraft::Kernel &kernel = m_choices.kernel;
    if (kernel.kernel.isEmpty()) {
        return tr("Choose a kernel.");
    }
    for (const QString &file : {kernel.kernel, kernel.initrd, kernel.dtb}) {
        if (!file.isEmpty() && !QDir::isAbsolutePath(file)) {
            return tr("Give the whole path of each file, beginning with “/”.");
        }
    }
    return {};
}

QString CreateWizardState::nameProblem() const
{
    const QStringList all = names();
    for (const QString &name : all) {
        if (const QString problem = operation::nameProblem(name); !problem.isEmpty()) {
            return problem;
        }
        if (m_taken.contains(name)) {
            return tr("This host already has a VM named “%1”.").arg(name);
        }
    }
    return {};
}

QString CreateWizardState::countProblem() const
{
    if (m_choices.count > 1 && m_origin == Origin::Volume && !m_keepVolume && !isVolumeMedium()) {
        return tr("A volume that is used as it is goes to one VM only.");
    }
    const bool existing = std::any_of(m_choices.disks.cbegin(), m_choices.disks.cend(),
        [](const CreateDraft::Disk &disk) { return disk.kind == CreateDraft::DiskKind::Volume; });
    if (m_choices.count > 1 && existing) {
        return tr("An existing volume goes to one VM only.");
    }
    return {};
}

QString CreateWizardState::memoryProblem() const
{
    if (m_origin == Origin::Xml) {
        return {};
    }
    const HostChoice *host = hostChoice();
    if (host && host->memoryKiB > 0 && memoryMiB() * 1024 > host->memoryKiB) {
        return tr("More than the host has (%1).").arg(model::formatKiB(host->memoryKiB));
    }
    if (m_choices.maxMemoryMiB > 0 && m_choices.maxMemoryMiB < memoryMiB()) {
        return tr("The maximum is below the memory.");
    }
    return {};
}

QString CreateWizardState::vcpusProblem() const
{
    if (m_choices.maxVcpus > 0 && m_choices.maxVcpus < vcpus()) {
        return tr("The maximum is below the number of vCPUs.");
    }
    const CreateDraft::Topology &topology = m_choices.topology;
    const int most = std::max(vcpus(), m_choices.maxVcpus);
    if (topology.isSet() && topology.sockets * topology.cores * topology.threads != most) {
        return tr("The topology makes %1 vCPUs, not %2.")
            .arg(topology.sockets * topology.cores * topology.threads)
            .arg(most);
    }
    return {};
}

QString CreateWizardState::disksProblem() const
{
    int number = 1;
    for (const CreateDraft::Disk &disk : m_choices.disks) {
        ++number;
        if (disk.kind == CreateDraft::DiskKind::Volume && disk.volume.name.isEmpty()) {
            return tr("Choose the volume of disk %1.").arg(number);
        }
        const qsizetype longest = disk.kind != CreateDraft::DiskKind::Ephemeral ? 15
            : disk.fs == "ext4"_L1                                              ? 16
            : disk.fs == "xfs"_L1                                               ? 12
                                                                                : 11;
        if (disk.label.toUtf8().size() > longest) {
            return tr("The label of disk %1 is too long: %2 characters at most.").arg(number).arg(longest);
        }
        static const QRegularExpression serial(u"\\A[a-zA-Z0-9][a-zA-Z0-9_.+-]{0,35}\\z"_s);
        if (!disk.serial.isEmpty() && !serial.match(disk.serial).hasMatch()) {
            return tr("The serial number of disk %1 takes letters, digits and hyphens.").arg(number);
        }
    }
    return {};
}

QString CreateWizardState::nicProblem() const
{
    static const QRegularExpression address(u"\\A([0-9a-f]{2}:){5}[0-9a-f]{2}\\z"_s);
    QStringList macs;
    for (const Nic &nic : m_choices.nics) {
        if (nic.kind != CreateDraft::NicKind::User && nic.source.trimmed().isEmpty()) {
            return nic.kind == CreateDraft::NicKind::Macvtap
                ? tr("Give the name of the host's network device, for example eth0.")
                : tr("Give the name of the bridge on the host, for example br0.");
        }
        if (nic.mac.isEmpty()) {
            continue;
        }
        if (!address.match(nic.mac).hasMatch()) {
            return tr("A MAC address has six bytes, as in 52:54:00:12:34:56.");
        }
        if (nic.mac.left(2).toInt(nullptr, 16) & 1) {
            return tr("A network card can't have a multicast address.");
        }
        if (macs.contains(nic.mac)) {
            return tr("Two network cards have the same MAC address.");
        }
        macs.append(nic.mac);
    }
    if (m_origin == Origin::Pxe && m_choices.nics.isEmpty()) {
        return tr("There is no network to start from: add a network card.");
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
        return m_factsKnown ? QString() : tr("Reading what this host has…");
    case Field::Path:
        return pathProblem();
    case Field::Volume:
        return volumeProblem();
    case Field::Kernel:
        return kernelProblem();
    case Field::Name:
        return nameProblem();
    case Field::Count:
        return countProblem();
    case Field::Memory:
        return memoryProblem();
    case Field::Vcpus:
        return vcpusProblem();
    case Field::RootDisk:
        if (m_origin != Origin::Xml && !rootFixed() && rootGiB() < minimumRootGiB()) {
            return tr("Smaller than the image (%1).").arg(model::formatBytes(imageBytes()));
        }
        return {};
    case Field::Disks:
        return disksProblem();
    case Field::Nic:
        return nicProblem();
    case Field::Pool:
    case Field::System:
        return {};
    }
    return {};
}

QString CreateWizardState::memoryHint() const
{
    const HostChoice *host = hostChoice();
    if (!host || host->memoryKiB == 0) {
        return {};
    }
    const QString total = model::formatKiB(host->memoryKiB);
    if (m_promisedKiB == 0) {
        return tr("The host has %1.").arg(total);
    }
    return tr("The host has %1; running VMs may use %2 of it.").arg(total, model::formatKiB(m_promisedKiB));
}

QString CreateWizardState::vcpusHint() const
{
    const HostChoice *host = hostChoice();
    if (!host || host->cpus <= 0) {
        return {};
    }
    if (vcpus() > host->cpus) {
        return host->cpus == 1 ? tr("The host has only 1 CPU: they will take turns.")
                               : tr("The host has only %n CPUs: they will take turns.", nullptr, host->cpus);
    }
    const QString total = host->cpus == 1 ? tr("The host has 1 CPU") : tr("The host has %n CPUs", nullptr, host->cpus);
    return m_promisedVcpus > 0 ? tr("%1; running VMs have %2 vCPUs.").arg(total).arg(m_promisedVcpus)
                               : tr("%1.").arg(total);
}

QString CreateWizardState::hint(Field field) const
{
    const HostChoice *host = hostChoice();
    switch (field) {
    case Field::Host:
        return host ? host->uri : QString();
    case Field::Path: {
        const auto &tree = m_system->tree();
        if (m_origin == Origin::Tree) {
            return tree && *tree ? tr("Found: %1, kernel %2")
                                       .arg((*tree)->variant.isEmpty() ? (*tree)->layout : (*tree)->variant,
                                           (*tree)->kernel.section(u'/', -1))
                                 : QString();
        }
        const auto &verdict = m_image->verdict();
        if (!wantsFile() || !verdict || !*verdict) {
            return {};
        }
        const QString summary = (*verdict)->summary();
        return (*verdict)->needsConversion() && m_origin == Origin::Image
            ? tr("%1. It is converted to qcow2 on this computer.").arg(summary)
            : summary;
    }
    case Field::Volume:
        if (const virt::storage::Volume *volume = volumeRecord()) {
            return tr("%1, %2").arg(volume->format, model::formatBytes(volume->capacity));
        }
        return {};
    case Field::System:
        return m_system->hint();
    case Field::Count:
        if (m_choices.count > 1) {
            const QStringList all = names();
            return all.size() <= 3 ? all.join(tr(", ")) : tr("%1, %2 … %3").arg(all.at(0), all.at(1), all.constLast());
        }
        return {};
    case Field::Memory:
        return memoryHint();
    case Field::Vcpus:
        return vcpusHint();
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
        for (const Nic &nic : m_choices.nics) {
            for (const virt::hostcalls::Network &network : m_facts.networks) {
                if (nic.kind == CreateDraft::NicKind::Network && network.name == nic.source && !network.active) {
                    return tr("“%1” is not active; the VM can't start until it is.").arg(network.name);
                }
            }
        }
        return {};
    case Field::Kernel:
    case Field::Name:
    case Field::Disks:
        return {};
    }
    return {};
}

} // namespace vireo::ui
