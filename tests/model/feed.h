// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"

namespace vireo::test {

/** Hosts that are never connected, and an Inventory that is fed through their signals as a connection would. */
class Feed final
{
    Q_DISABLE_COPY_MOVE(Feed)

public:
    Feed() = default;

    virt::HostId addHost(const QString &name)
    {
        virt::HostSettings settings;
        settings.name = name;
        settings.uri = QStringLiteral("test:///nowhere/%1.xml").arg(name);
        return hosts.add(settings);
    }
    virt::Host *host(const virt::HostId &id) const { return hosts.host(id); }

    static virt::DomainRecord domain(
        int number, const QString &name, virt::DomainState state = virt::DomainState::ShutOff)
    {
        virt::DomainRecord record;
        record.uuid = QUuid(static_cast<uint>(number), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
        record.name = name;
        record.state = state;
        record.id = record.isActive() ? number : -1;
        record.memoryKiB = 1024 * 1024;
        record.maxMemoryKiB = 2 * record.memoryKiB;
        record.vcpus = 2;
        record.maxVcpus = 4;
        record.detailed = true;
        return record;
    }
    /** vm0 … vm(count-1), running. */
    static QList<virt::DomainRecord> running(int count)
    {
        QList<virt::DomainRecord> records;
        for (int i = 0; i < count; ++i) {
            records << domain(i, QStringLiteral("vm%1").arg(i), virt::DomainState::Running);
        }
        return records;
    }
    void list(const virt::HostId &id, const QList<virt::DomainRecord> &records) const
    {
        Q_EMIT host(id)->domainsListed(records);
    }
    void read(const virt::HostId &id, const QList<virt::DomainRecord> &records) const
    {
        Q_EMIT host(id)->domainsRead(records);
    }
    void gone(const virt::HostId &id, const QList<QUuid> &domains) const { Q_EMIT host(id)->domainsGone(domains); }
    /** One second after the last call; the domain at i has used `cpuPercent(i)` of its two vCPUs since then. */
    template<typename Percent>
    void stats(const virt::HostId &id, const QList<QUuid> &domains, Percent cpuPercent)
    {
        m_now += 1'000'000'000;
        QList<virt::DomainStats> stats;
        for (int i = 0; i < domains.size(); ++i) {
            quint64 &cpu = m_cpu[domains.at(i)];
            cpu += static_cast<quint64>(cpuPercent(i)) * 20'000'000;
            virt::DomainStats one;
            one.uuid = domains.at(i);
            one.cpuTimeNs = cpu;
            one.vcpus = 2;
            one.maxMemoryKiB = 2 * 1024 * 1024;
            one.usedMemoryKiB = 512 * 1024;
            one.diskReadBytes = static_cast<quint64>(m_now / 1000);
            stats << one;
        }
        Q_EMIT host(id)->statsRead(stats, m_now);
    }

    virt::Hosts hosts;
    virt::Inventory inventory{hosts};

private:
    qint64 m_now = 0;
    QHash<QUuid, quint64> m_cpu;
};

} // namespace vireo::test
