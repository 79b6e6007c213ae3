// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <memory>
#include <vector>

#include <QHash>
#include <QObject>

#include "backend/virt/records.h"

namespace vireo::virt {

class Host;
class Hosts;

/** The last 60 samples of a domain's figures, oldest first when read with at(). One per domain with samples. */
class FigureHistory final
{
public:
    static constexpr int Capacity = 60;
    void append(const DomainFigures &figures);
    int size() const { return m_size; }
    const DomainFigures &at(int index) const { return m_ring[static_cast<size_t>((m_first + index) % Capacity)]; }

private:
    std::array<DomainFigures, Capacity> m_ring{};
    int m_first = 0;
    int m_size = 0;
};

/** A domain in the inventory: its record, and its figures while something shows them. */
struct InventoryEntry {
    DomainRecord record;
    DomainFigures figures;
    DomainStats lastStats;
    qint64 lastStatsNs = 0;
    std::unique_ptr<FigureHistory> history; ///< null until the first rates
};

/**
 * What is known about all domains of all hosts, indexed by (host, UUID). GUI thread.
 *
 * Listens to every Host and tells exactly which domains were added, removed or changed. A full list that comes again
 * (reconnect, F5) is compared with what is there, so that nothing is reported that did not change. Keeps the last known
 * data of a host whose connection is lost; drops them when it is disconnected by the user or removed.
 */
class Inventory final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Inventory)

public:
    explicit Inventory(Hosts &hosts, QObject *parent = nullptr);
    ~Inventory() override;

    Hosts &hosts() const { return m_hosts; }
    /** Null when unknown. Valid until control returns to the event loop. */
    const InventoryEntry *entry(const DomainKey &key) const;
    const DomainRecord *domain(const DomainKey &key) const;
    QList<QUuid> domainsOf(const HostId &host) const;
    int count(const HostId &host) const;
    int activeCount(const HostId &host) const;
    int totalCount() const;
    int totalActiveCount() const;

Q_SIGNALS:
    void domainsAdded(const QUuid &host, const QList<QUuid> &domains);
    /** Emitted before they go: entry() still answers. */
    void domainsAboutToBeRemoved(const QUuid &host, const QList<QUuid> &domains);
    void domainsRemoved(const QUuid &host, const QList<QUuid> &domains);
    void domainsChanged(const QUuid &host, const QList<QUuid> &domains);
    /** New figures for all active domains of the host. */
    void figuresChanged(const QUuid &host);

private:
    struct HostEntries {
        QHash<QUuid, std::shared_ptr<InventoryEntry>> domains;
        int active = 0;
    };
    void watch(Host *host);
    void applyList(const HostId &host, const QList<DomainRecord> &records);
    void applyRecords(const HostId &host, const QList<DomainRecord> &records);
    void applyDetails(const HostId &host, const QList<DomainDetails> &details);
    void applyGone(const HostId &host, const QList<QUuid> &domains);
    void applyStats(const HostId &host, const QList<DomainStats> &stats, qint64 nowNs);

    Hosts &m_hosts;
    QHash<HostId, HostEntries> m_entries;
};

} // namespace vireo::virt
