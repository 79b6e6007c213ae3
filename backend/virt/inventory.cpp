// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/inventory.h"

#include <algorithm>

#include <QSet>

#include "backend/virt/hosts.h"

namespace vireo::virt {

namespace {

/** Two samples closer than this would only magnify noise. */
constexpr qint64 minSampleDistanceNs = 200'000'000;

/** A listing knows nothing of title and tags, and on some drivers nothing of memory: what was known stays. */
DomainRecord keepDetails(DomainRecord fresh, const DomainRecord &known)
{
    if (fresh.detailed || !known.detailed) {
        return fresh;
    }
    DomainDetails details;
    details.title = known.title;
    details.description = known.description;
    details.osId = known.osId;
    details.tags = known.tags;
    details.group = known.group;
    details.memoryKiB = known.memoryKiB;
    details.maxMemoryKiB = known.maxMemoryKiB;
    details.vcpus = known.vcpus;
    details.maxVcpus = known.maxVcpus;
    details.applyTo(fresh);
    return fresh;
}

/** A counter that fell belongs to a domain that was started anew. */
float rate(quint64 before, quint64 now, double seconds)
{
    return now >= before ? static_cast<float>(static_cast<double>(now - before) / seconds) : -1.0F;
}

} // namespace

void FigureHistory::append(const DomainFigures &figures)
{
    if (m_size < Capacity) {
        m_ring[static_cast<size_t>((m_first + m_size) % Capacity)] = figures;
        ++m_size;
    } else {
        m_ring[static_cast<size_t>(m_first)] = figures;
        m_first = (m_first + 1) % Capacity;
    }
}

Inventory::Inventory(Hosts &hosts, QObject *parent)
    : QObject(parent)
    , m_hosts(hosts)
{
    const auto all = hosts.all();
    for (Host *host : all) {
        watch(host);
    }
    connect(&hosts, &Hosts::added, this, [this](const QUuid &id) { watch(m_hosts.host(id)); });
    connect(&hosts, &Hosts::aboutToRemove, this, [this](const QUuid &id) {
        applyGone(id, domainsOf(id));
        m_entries.remove(id);
    });
}

Inventory::~Inventory() = default;

void Inventory::watch(Host *host)
{
    const HostId id = host->settings().id;
    connect(host, &Host::domainsListed, this, [this, id](const QList<DomainRecord> &list) { applyList(id, list); });
    connect(host, &Host::domainsRead, this, [this, id](const QList<DomainRecord> &list) { applyRecords(id, list); });
    connect(host, &Host::detailsRead, this, [this, id](const QList<DomainDetails> &list) { applyDetails(id, list); });
    connect(host, &Host::domainsGone, this, [this, id](const QList<QUuid> &list) { applyGone(id, list); });
    connect(host, &Host::statsRead, this,
        [this, id](const QList<DomainStats> &list, qint64 ns) { applyStats(id, list, ns); });
    connect(host, &Host::statusChanged, this, [this, id, host] {
        if (host->status().state == HostState::Disconnected) {
            applyGone(id, domainsOf(id));
        }
    });
}

const InventoryEntry *Inventory::entry(const DomainKey &key) const
{
    const auto host = m_entries.constFind(key.host);
    if (host == m_entries.cend()) {
        return nullptr;
    }
    const auto domain = host->domains.constFind(key.domain);
    return domain == host->domains.cend() ? nullptr : domain->get();
}

const DomainRecord *Inventory::domain(const DomainKey &key) const
{
    const InventoryEntry *found = entry(key);
    return found ? &found->record : nullptr;
}

QList<QUuid> Inventory::domainsOf(const HostId &host) const
{
    const auto found = m_entries.constFind(host);
    return found == m_entries.cend() ? QList<QUuid>() : found->domains.keys();
}

int Inventory::count(const HostId &host) const
{
    const auto found = m_entries.constFind(host);
    return found == m_entries.cend() ? 0 : static_cast<int>(found->domains.size());
}

int Inventory::activeCount(const HostId &host) const
{
    const auto found = m_entries.constFind(host);
    return found == m_entries.cend() ? 0 : found->active;
}

int Inventory::totalCount() const
{
    int total = 0;
    for (const HostEntries &host : m_entries) {
        total += static_cast<int>(host.domains.size());
    }
    return total;
}

int Inventory::totalActiveCount() const
{
    int total = 0;
    for (const HostEntries &host : m_entries) {
        total += host.active;
    }
    return total;
}

void Inventory::applyList(const HostId &host, const QList<DomainRecord> &records)
{
    QSet<QUuid> listed;
    listed.reserve(records.size());
    for (const DomainRecord &record : records) {
        listed.insert(record.uuid);
    }
    QList<QUuid> gone = domainsOf(host);
    gone.removeIf([&](const QUuid &uuid) { return listed.contains(uuid); });
    applyGone(host, gone);
    applyRecords(host, records);
}

void Inventory::applyRecords(const HostId &host, const QList<DomainRecord> &records)
{
    HostEntries &entries = m_entries[host];
    QList<QUuid> addedOnes;
    QList<QUuid> changedOnes;
    for (const DomainRecord &record : records) {
        std::shared_ptr<InventoryEntry> &entry = entries.domains[record.uuid];
        if (!entry) {
            entry = std::make_shared<InventoryEntry>();
            entry->record = record;
            entries.active += record.isActive() ? 1 : 0;
            addedOnes.append(record.uuid);
            continue;
        }
        DomainRecord merged = keepDetails(record, entry->record);
        if (merged == entry->record) {
            continue;
        }
        entries.active += (merged.isActive() ? 1 : 0) - (entry->record.isActive() ? 1 : 0);
        if (!merged.isActive() || merged.id != entry->record.id) {
            entry->figures = {};
            entry->lastStatsNs = 0;
        }
        entry->record = std::move(merged);
        changedOnes.append(record.uuid);
    }
    if (!addedOnes.isEmpty()) {
        Q_EMIT domainsAdded(host, addedOnes);
    }
    if (!changedOnes.isEmpty()) {
        Q_EMIT domainsChanged(host, changedOnes);
    }
}

void Inventory::applyDetails(const HostId &host, const QList<DomainDetails> &details)
{
    const auto entries = m_entries.constFind(host);
    if (entries == m_entries.cend()) {
        return;
    }
    QList<QUuid> changedOnes;
    for (const DomainDetails &detail : details) {
        const auto found = entries->domains.constFind(detail.uuid);
        if (found == entries->domains.cend()) {
            continue;
        }
        const DomainRecord before = found->get()->record;
        detail.applyTo(found->get()->record);
        if (found->get()->record != before) {
            changedOnes.append(detail.uuid);
        }
    }
    if (!changedOnes.isEmpty()) {
        Q_EMIT domainsChanged(host, changedOnes);
    }
}

void Inventory::applyGone(const HostId &host, const QList<QUuid> &domains)
{
    const auto entries = m_entries.find(host);
    if (entries == m_entries.end()) {
        return;
    }
    QList<QUuid> known;
    std::ranges::copy_if(
        domains, std::back_inserter(known), [&](const QUuid &uuid) { return entries->domains.contains(uuid); });
    if (known.isEmpty()) {
        return;
    }
    Q_EMIT domainsAboutToBeRemoved(host, known);
    for (const QUuid &uuid : known) {
        const auto entry = entries->domains.take(uuid);
        entries->active -= entry->record.isActive() ? 1 : 0;
    }
    Q_EMIT domainsRemoved(host, known);
}

void Inventory::applyStats(const HostId &host, const QList<DomainStats> &stats, qint64 nowNs)
{
    const auto entries = m_entries.constFind(host);
    if (entries == m_entries.cend()) {
        return;
    }
    bool any = false;
    for (const DomainStats &now : stats) {
        const auto found = entries->domains.constFind(now.uuid);
        if (found == entries->domains.cend()) {
            continue;
        }
        InventoryEntry &entry = **found;
        const qint64 distance = nowNs - entry.lastStatsNs;
        if (entry.lastStatsNs > 0 && distance >= minSampleDistanceNs) {
            const double seconds = static_cast<double>(distance) / 1e9;
            const DomainStats &before = entry.lastStats;
            DomainFigures figures;
            const float cpu = rate(before.cpuTimeNs, now.cpuTimeNs, seconds);
            const int vcpus = std::max(1, entry.record.vcpus);
            figures.cpuPercent = cpu < 0 ? cpu : std::min(100.0F, cpu / 1e7F / static_cast<float>(vcpus));
            if (now.usedMemoryKiB > 0 && now.maxMemoryKiB > 0) {
                const double percent =
                    100.0 * static_cast<double>(now.usedMemoryKiB) / static_cast<double>(now.maxMemoryKiB);
                figures.memoryPercent = static_cast<float>(std::min(100.0, percent));
            }
            if (before.hasDisk && now.hasDisk) {
                figures.diskBytesPerSecond =
                    rate(before.diskReadBytes + before.diskWriteBytes, now.diskReadBytes + now.diskWriteBytes, seconds);
            }
            if (before.hasNet && now.hasNet) {
                figures.netBytesPerSecond =
                    rate(before.netRxBytes + before.netTxBytes, now.netRxBytes + now.netTxBytes, seconds);
            }
            entry.figures = figures;
            if (!entry.history) {
                entry.history = std::make_unique<FigureHistory>();
            }
            entry.history->append(figures);
            any = true;
        }
        entry.lastStats = now;
        entry.lastStatsNs = nowNs;
    }
    if (any) {
        Q_EMIT figuresChanged(host);
    }
}

} // namespace vireo::virt
