// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// What CreateWizardState is told of hosts, and what it asks of them.
#include <algorithm>

#include "ui/createwizardstate.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::CreateDraft;

void CreateWizardState::setHosts(const QList<HostChoice> &hosts, const virt::HostId &preferred)
{
    if (m_hosts == hosts) {
        return;
    }
    const bool wasThere = hostChoice() != nullptr;
    m_hosts = hosts;
    // Never to another host by itself: the one that was chosen may come back in a second.
    if (!m_host.isNull()) {
        const bool isBack = !wasThere && hostChoice();
        Q_EMIT changed();
        if (isBack) {
            Q_EMIT hostChanged();
        }
        return;
    }
    const auto find = [&](auto &&matches) {
        const auto it = std::find_if(m_hosts.cbegin(), m_hosts.cend(), matches);
        return it == m_hosts.cend() ? virt::HostId() : it->id;
    };
    virt::HostId choice = find([&](const HostChoice &host) { return host.id == preferred; });
    if (choice.isNull()) {
        choice = find([](const HostChoice &host) { return host.local; });
    }
    if (choice.isNull() && !m_hosts.isEmpty()) {
        choice = m_hosts.constFirst().id;
    }
    if (choice.isNull()) {
        Q_EMIT changed();
    } else {
        setHost(choice);
    }
}

void CreateWizardState::setHost(const virt::HostId &host)
{
    if (m_host == host) {
        return;
    }
    m_host = host;
    m_factsKnown = false;
    m_hostProblem.clear();
    m_facts = {};
    m_taken.clear();
    m_sourcePool.clear();
    m_volume.clear();
    m_volumes.clear();
    m_poolVolumes.clear();
    m_volumesKnown = false;
    m_volumesProblem.clear();
    m_pool.clear();
    m_promisedKiB = 0;
    m_promisedVcpus = 0;
    // What one host offers another may lack.
    m_choices.nics.clear();
    m_choices.machine.clear();
    m_choices.cpu.clear();
    m_choices.customXml.reset();
    Q_EMIT changed();
    Q_EMIT hostChanged();
}

void CreateWizardState::setHostFacts(const virt::HostId &host, const HostFacts &facts, const Habits &habits)
{
    if (host != m_host) {
        return;
    }
    const bool isFirst = !m_factsKnown; // a host that comes back changes nothing that was chosen
    m_facts = facts;
    m_factsKnown = true;
    m_hostProblem.clear();
    const auto hasPool = [&](const QString &name) {
        return std::any_of(
            facts.pools.cbegin(), facts.pools.cend(), [&](const auto &pool) { return pool.name == name; });
    };
    if (m_pool.isEmpty() || (!hasPool(m_pool) && m_pool != "default"_L1)) {
        m_pool = hasPool(habits.pool) ? habits.pool : proposedPool();
    }
    if (m_sourcePool.isEmpty() && !facts.pools.isEmpty()) {
        m_sourcePool = hasPool(m_pool) ? m_pool : facts.pools.constFirst().name;
    }

    const QList<NicChoice> choices = nicChoices();
    const auto isChoice = [&](const Nic &nic) {
        return nic.kind == CreateDraft::NicKind::Bridge || nic.kind == CreateDraft::NicKind::Macvtap
            || std::any_of(
                choices.cbegin(), choices.cend(), [&](const NicChoice &choice) { return choice.nic == nic; });
    };
    if (isFirst && m_choices.nics.isEmpty()) {
        if (habits.known && (!habits.nic || isChoice(*habits.nic))) {
            m_choices.nics = habits.nic ? QList<Nic>{*habits.nic} : QList<Nic>();
        } else if (!choices.isEmpty()) {
            m_choices.nics = {choices.constFirst().nic}; // the best one comes first
        }
    }
    wantVolumes();
    look();
    Q_EMIT changed();
}

void CreateWizardState::setMachineFacts(const virt::HostId &host, const HostFacts &facts)
{
    if (host != m_host) {
        return;
    }
    m_facts.kvmCaps = facts.kvmCaps;
    m_facts.emulationCaps = facts.emulationCaps;
    Q_EMIT changed();
}

void CreateWizardState::setPromised(quint64 memoryKiB, int vcpus)
{
    if (m_promisedKiB != memoryKiB || m_promisedVcpus != vcpus) {
        m_promisedKiB = memoryKiB;
        m_promisedVcpus = vcpus;
        Q_EMIT changed();
    }
}

/** "default" as everywhere; else a pool that can hold images; else a "default" that will be made. */
QString CreateWizardState::proposedPool() const
{
    const virt::storage::Pool *other = nullptr;
    for (const virt::storage::Pool &pool : m_facts.pools) {
        if (pool.name == "default"_L1) {
            return pool.name;
        }
        if (!other && pool.active && virt::storage::isFileBased(pool)) {
            other = &pool;
        }
    }
    return other ? other->name : u"default"_s;
}

void CreateWizardState::setHostProblem(const virt::HostId &host, const QString &problem)
{
    if (host != m_host) {
        return;
    }
    m_hostProblem = problem;
    Q_EMIT changed();
}

void CreateWizardState::setTakenNames(const QStringList &names)
{
    if (m_taken == names) {
        return;
    }
    m_taken = names;
    proposeName();
    Q_EMIT changed();
}

void CreateWizardState::setVolumes(
    const virt::HostId &host, const QString &pool, const QList<virt::storage::Volume> &volumes)
{
    if (host != m_host) {
        return;
    }
    m_poolVolumes.insert(pool, volumes);
    if (pool != m_sourcePool) {
        Q_EMIT changed();
        return;
    }
    m_volumes = volumes;
    m_volumesKnown = true;
    m_volumesProblem.clear();
    if (!volumeRecord()) {
        m_volume = volumes.isEmpty() ? QString() : volumes.constFirst().name;
    }
    proposeName();
    Q_EMIT changed();
}

void CreateWizardState::setVolumesProblem(const virt::HostId &host, const QString &pool, const QString &problem)
{
    if (host != m_host || pool != m_sourcePool) {
        return;
    }
    m_volumes.clear();
    m_volumesProblem = problem;
    Q_EMIT changed();
}

void CreateWizardState::wantVolumesOf(const QString &pool)
{
    const bool known = std::ranges::any_of(m_facts.pools, [&](const auto &each) { return each.name == pool; });
    if (known && !m_poolVolumes.contains(pool)) {
        m_poolVolumes.insert(pool, {});
        Q_EMIT volumesWanted(pool);
    }
}

const CreateWizardState::HostChoice *CreateWizardState::hostChoice() const
{
    const auto it =
        std::find_if(m_hosts.cbegin(), m_hosts.cend(), [this](const HostChoice &host) { return host.id == m_host; });
    return it == m_hosts.cend() ? nullptr : &*it;
}

const virt::storage::Volume *CreateWizardState::volumeRecord() const
{
    const auto it = std::find_if(
        m_volumes.cbegin(), m_volumes.cend(), [this](const auto &volume) { return volume.name == m_volume; });
    return it == m_volumes.cend() ? nullptr : &*it;
}

void CreateWizardState::wantVolumes()
{
    if (m_origin == Origin::Volume && !m_sourcePool.isEmpty() && !m_volumesKnown) {
        Q_EMIT volumesWanted(m_sourcePool);
    }
}

} // namespace vireo::ui
