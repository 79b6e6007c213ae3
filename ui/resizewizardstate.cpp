// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizewizardstate.h"

#include <algorithm>

#include "backend/xml/document.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ResizeDraft;
using operation::ResizeEffect;

namespace {

ResizeDraft::Topology topologyOf(const operation::EditFacts &facts)
{
    const auto document = xml::Document::parse(facts.running.isEmpty() ? facts.stored : facts.running);
    if (!document) {
        return {};
    }
    const xml::Element topology = document->root().find(u"cpu/topology"_s);
    return {topology.attribute(u"sockets"_s).toInt(), topology.attribute(u"cores"_s).toInt(),
        topology.attribute(u"threads"_s).toInt()};
}

int product(const ResizeDraft::Topology &topology)
{
    return topology.sockets * topology.cores * topology.threads;
}

/** One that makes so many, as near to the old one as can be. */
ResizeDraft::Topology adapted(const ResizeDraft::Topology &old, int vcpus)
{
    const int perSocket = old.cores * old.threads;
    if (vcpus % perSocket == 0) {
        return {vcpus / perSocket, old.cores, old.threads};
    }
    const int perCore = old.sockets * old.threads;
    return vcpus % perCore == 0 ? ResizeDraft::Topology{old.sockets, vcpus / perCore, old.threads}
                                : ResizeDraft::Topology{1, vcpus, 1};
}

QList<ResizeWizardState::Disk> disksOf(const operation::ResizeFacts &facts)
{
    QList<ResizeWizardState::Disk> disks;
    for (const snapshot::DiskNow &now : facts.disks.disks) {
        if (!now.canSnapshot) { // nothing can be written to it
            continue;
        }
        ResizeWizardState::Disk disk;
        disk.target = now.target;
        disk.bus = now.bus;
        disk.layers = std::max(1, static_cast<int>(now.chain.size()));
        disk.capacity = facts.capacities.value(now.target);
        disk.content = facts.contents.value(now.target);
        if (!now.chain.isEmpty()) {
            disk.format = now.chain.constFirst().format;
            disk.pool = facts.disks.files.value(now.chain.constFirst().path).pool;
        }
        disks.append(disk);
    }
    return disks;
}

} // namespace

ResizeWizardState::ResizeWizardState(const virt::DomainKey &domain, QObject *parent)
    : QObject(parent)
    , m_domain(domain)
    , m_destination(domain.host)
{}

void ResizeWizardState::setVm(const Vm &vm)
{
    if (!(vm == m_vm)) {
        const bool other = vm.active != m_vm.active;
        m_vm = vm;
        Q_EMIT changed();
        if (other) {
            Q_EMIT draftChanged();
        }
    }
}

void ResizeWizardState::setHosts(const QList<Host> &hosts)
{
    if (hosts == m_hosts) {
        return;
    }
    m_hosts = hosts;
    const auto forget = [this](const auto &entry) {
        return !host(entry.key());
    };
    m_there.removeIf(forget);
    m_thereProblems.removeIf(forget);
    if (moves() && !host(m_destination)) {
        choose(m_domain.host);
    }
    Q_EMIT changed();
}

const ResizeWizardState::Host *ResizeWizardState::host(const virt::HostId &id) const
{
    const auto found = std::ranges::find(m_hosts, id, &Host::id);
    return found == m_hosts.cend() ? nullptr : &*found;
}

void ResizeWizardState::setFacts(const operation::ResizeFacts &facts)
{
    m_facts = facts;
    m_problem.clear();
    m_topology = topologyOf(facts.edit);
    m_disks = disksOf(facts);
    tidy(m_draft);
    Q_EMIT changed();
    Q_EMIT draftChanged();
}

void ResizeWizardState::setProblem(const QString &problem)
{
    m_problem = problem;
    Q_EMIT changed();
}

void ResizeWizardState::setEvaluation(const ResizeEvaluation &evaluation)
{
    if (!(evaluation == m_evaluation)) {
        m_evaluation = evaluation;
        Q_EMIT changed();
    }
}

const ResizeEffect *ResizeWizardState::effect(const QString &field) const
{
    const auto found = std::ranges::find(m_evaluation.effects, field, &ResizeEffect::field);
    return found == m_evaluation.effects.cend() ? nullptr : &*found;
}

void ResizeWizardState::setNetworks(const QStringList &networks)
{
    if (networks != m_networks) {
        m_networks = networks;
        Q_EMIT changed();
    }
}

void ResizeWizardState::setThere(const virt::HostId &host, const operation::MigrateDestination &there)
{
    m_there.insert(host, there);
    m_thereProblems.remove(host);
    Q_EMIT changed();
}

void ResizeWizardState::setThereProblem(const virt::HostId &host, const QString &problem)
{
    m_thereProblems.insert(host, problem);
    Q_EMIT changed();
}

const operation::MigrateDestination *ResizeWizardState::there() const
{
    const auto found = m_there.constFind(m_destination);
    return found == m_there.constEnd() ? nullptr : &*found;
}

bool ResizeWizardState::knowsOf(const virt::HostId &host) const
{
    return m_there.contains(host);
}

int ResizeWizardState::vcpus() const
{
    return m_facts ? m_facts->edit.domain.vcpus : 0;
}

int ResizeWizardState::maxVcpus() const
{
    return m_facts ? std::max(m_facts->edit.domain.maxVcpus, m_facts->edit.domain.vcpus) : 0;
}

quint64 ResizeWizardState::memoryKiB() const
{
    return m_facts ? m_facts->edit.domain.memoryKiB : 0;
}

quint64 ResizeWizardState::maxMemoryKiB() const
{
    return m_facts ? std::max(m_facts->edit.domain.maxMemoryKiB, m_facts->edit.domain.memoryKiB) : 0;
}

const ResizeWizardState::Disk *ResizeWizardState::disk(const QString &target) const
{
    const auto found = std::ranges::find(m_disks, target, &Disk::target);
    return found == m_disks.cend() ? nullptr : &*found;
}

QStringList ResizeWizardState::pools() const
{
    const operation::MigrateDestination *other = there();
    const QList<virt::storage::Pool> pools = moves() ? (other ? other->pools : QList<virt::storage::Pool>())
        : m_facts                                    ? m_facts->pools
                                                     : QList<virt::storage::Pool>();
    QStringList names;
    for (const virt::storage::Pool &pool : pools) {
        if (pool.active) {
            names.append(pool.name);
        }
    }
    names.sort();
    return names;
}

int ResizeWizardState::wantedVcpus() const
{
    return m_draft.vcpus.value_or(vcpus());
}

int ResizeWizardState::wantedMaxVcpus() const
{
    return m_draft.maxVcpus.value_or(maxVcpus());
}

quint64 ResizeWizardState::wantedMemoryKiB() const
{
    return m_draft.memoryKiB.value_or(memoryKiB());
}

quint64 ResizeWizardState::wantedMaxMemoryKiB() const
{
    return m_draft.maxMemoryKiB.value_or(maxMemoryKiB());
}

ResizeWizardState::Topology ResizeWizardState::wantedTopology() const
{
    return m_draft.topology.value_or(m_topology);
}

ResizeDraft::Disk ResizeWizardState::wantedDisk(const QString &target) const
{
    if (const ResizeDraft::Disk *known = m_draft.disk(target)) {
        return *known;
    }
    ResizeDraft::Disk disk;
    disk.target = target;
    return disk;
}

void ResizeWizardState::setVcpus(int vcpus)
{
    change([&](ResizeDraft &draft) {
        draft.vcpus = vcpus;
        // A maximum that went up for the vCPUs alone comes down with them again.
        const bool own = draft.maxVcpus && *draft.maxVcpus == wantedVcpus() && *draft.maxVcpus > maxVcpus();
        if (vcpus > wantedMaxVcpus() || own) {
            draft.maxVcpus = std::max(vcpus, maxVcpus());
        }
        fitTopology(draft);
    });
}

void ResizeWizardState::fitTopology(ResizeDraft &draft) const
{
    const Topology wanted = draft.topology.value_or(m_topology);
    const int maximum = draft.maxVcpus.value_or(maxVcpus());
    if (product(wanted) > 0 && product(wanted) != maximum) {
        draft.topology = adapted(product(m_topology) > 0 ? m_topology : wanted, maximum);
    }
}

void ResizeWizardState::setMaxVcpus(int vcpus)
{
    change([&](ResizeDraft &draft) {
        draft.maxVcpus = vcpus;
        fitTopology(draft);
    });
}

void ResizeWizardState::setMemoryKiB(quint64 kib)
{
    change([&](ResizeDraft &draft) {
        draft.memoryKiB = kib;
        const bool own =
            draft.maxMemoryKiB && *draft.maxMemoryKiB == wantedMemoryKiB() && *draft.maxMemoryKiB > maxMemoryKiB();
        if (kib > wantedMaxMemoryKiB() || own) {
            draft.maxMemoryKiB = std::max(kib, maxMemoryKiB());
        }
    });
}

void ResizeWizardState::setMaxMemoryKiB(quint64 kib)
{
    change([&](ResizeDraft &draft) { draft.maxMemoryKiB = kib; });
}

void ResizeWizardState::setTopology(const Topology &topology)
{
    change([&](ResizeDraft &draft) { draft.topology = topology; });
}

void ResizeWizardState::changeDisk(const QString &target, const std::function<void(ResizeDraft::Disk &)> &edit)
{
    change([&](ResizeDraft &draft) {
        const auto found = std::ranges::find(draft.disks, target, &ResizeDraft::Disk::target);
        ResizeDraft::Disk wanted = wantedDisk(target);
        edit(wanted);
        if (found == draft.disks.end()) {
            draft.disks.append(wanted);
        } else {
            *found = wanted;
        }
    });
}

void ResizeWizardState::change(const std::function<void(ResizeDraft &)> &edit)
{
    ResizeDraft edited = m_draft;
    edit(edited);
    tidy(edited);
    if (!(edited == m_draft)) {
        m_draft = edited;
        Q_EMIT changed();
        Q_EMIT draftChanged();
    }
}

/** What is as it is anyway is not said. */
void ResizeWizardState::tidy(ResizeDraft &draft) const
{
    if (!m_facts) {
        return;
    }
    const auto drop = [](auto &wanted, const auto &now) {
        if (wanted && *wanted == now) {
            wanted.reset();
        }
    };
    drop(draft.vcpus, vcpus());
    drop(draft.maxVcpus, maxVcpus());
    drop(draft.memoryKiB, memoryKiB());
    drop(draft.maxMemoryKiB, maxMemoryKiB());
    drop(draft.topology, m_topology);
    for (ResizeDraft::Disk &wanted : draft.disks) {
        if (const Disk *now = disk(wanted.target)) {
            wanted.capacity = wanted.capacity == now->capacity ? 0 : wanted.capacity;
            wanted.format = wanted.format == now->format ? QString() : wanted.format;
            wanted.bus = wanted.bus == now->bus ? QString() : wanted.bus;
            wanted.pool = !moves() && wanted.pool == now->pool ? QString() : wanted.pool;
        }
    }
    draft.disks.removeIf([this](const ResizeDraft::Disk &wanted) {
        ResizeDraft::Disk nothing;
        nothing.target = wanted.target;
        return wanted == nothing || !disk(wanted.target);
    });
}

void ResizeWizardState::choose(const virt::HostId &host)
{
    const Host *to = this->host(host);
    if (host == m_destination || (!to && host != m_domain.host)) {
        return;
    }
    m_destination = host;
    change([&](ResizeDraft &draft) {
        draft.to = moves() && to ? to->uri : QString();
        draft.map = {}; // for another host, as are its pools
        for (ResizeDraft::Disk &disk : draft.disks) {
            disk.pool.clear();
        }
    });
}

bool ResizeWizardState::hasChanges() const
{
    return moves() || m_draft.vcpus || m_draft.maxVcpus || m_draft.topology || m_draft.memoryKiB || m_draft.maxMemoryKiB
        || !m_draft.disks.isEmpty();
}

bool ResizeWizardState::isCold() const
{
    return moves() || !m_vm.active || m_draft.when == ResizeDraft::When::Cold
        || (m_draft.when == ResizeDraft::When::Auto && m_evaluation.powerOff);
}

} // namespace vireo::ui
