// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstring>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QHash>
#include <QSet>

#include "backend/virt/connection_p.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"

/** The bulk calls: everything the list shows, and the live figures, without one call per domain. */
namespace vireo::virt::domains {

namespace {

struct DomainstatsText {
    Q_DECLARE_TR_FUNCTIONS(virt_domains)
};

/** Owns what virConnectGetAllDomainStats gives. */
class StatsList final
{
    Q_DISABLE_COPY_MOVE(StatsList)

public:
    StatsList() = default;
    ~StatsList()
    {
        if (records) {
            virDomainStatsRecordListFree(records);
        }
    }
    virDomainStatsRecordPtr *records = nullptr;
    int count = -1;
};

quint64 valueOf(const virTypedParameter &parameter)
{
    switch (parameter.type) {
    case VIR_TYPED_PARAM_INT:
        return static_cast<quint64>(parameter.value.i);
    case VIR_TYPED_PARAM_UINT:
        return parameter.value.ui;
    case VIR_TYPED_PARAM_LLONG:
        return static_cast<quint64>(parameter.value.l);
    case VIR_TYPED_PARAM_ULLONG:
        return parameter.value.ul;
    default:
        return 0;
    }
}

bool is(const virTypedParameter &parameter, const char *name)
{
    return std::strcmp(parameter.field, name) == 0;
}

/** "net.0.rx.bytes" and the like: `group`.<number>.`name` */
bool isIndexed(const virTypedParameter &parameter, const char *group, const char *name)
{
    const size_t length = std::strlen(group);
    if (std::strncmp(parameter.field, group, length) != 0 || parameter.field[length] != '.') {
        return false;
    }
    const char *rest = parameter.field + length + 1;
    while (*rest >= '0' && *rest <= '9') {
        ++rest;
    }
    return *rest == '.' && std::strcmp(rest + 1, name) == 0;
}

DomainRecord recordFrom(const virDomainStatsRecord &stats)
{
    DomainRecord record;
    record.uuid = uuidOf(stats.dom);
    record.name = QString::fromUtf8(virDomainGetName(stats.dom));
    const unsigned id = virDomainGetID(stats.dom);
    record.id = id == static_cast<unsigned>(-1) ? -1 : static_cast<int>(id);
    for (int i = 0; i < stats.nparams; ++i) {
        const virTypedParameter &parameter = stats.params[i];
        if (is(parameter, "state.state")) {
            record.state = static_cast<DomainState>(valueOf(parameter));
        } else if (is(parameter, "state.reason")) {
            record.reason = static_cast<int>(valueOf(parameter));
        } else if (is(parameter, "balloon.current")) {
            record.memoryKiB = valueOf(parameter);
        } else if (is(parameter, "balloon.maximum")) {
            record.maxMemoryKiB = valueOf(parameter);
        } else if (is(parameter, "vcpu.current")) {
            record.vcpus = static_cast<int>(valueOf(parameter));
        } else if (is(parameter, "vcpu.maximum")) {
            record.maxVcpus = static_cast<int>(valueOf(parameter));
        }
    }
    if (record.memoryKiB == 0) {
        record.memoryKiB = record.maxMemoryKiB;
    }
    return record;
}

/** The domains that pass libvirt's own filter; asked once instead of a call per domain. */
Result<QSet<QUuid>> filtered(virConnectPtr connection, unsigned flags)
{
    virDomainPtr *list = nullptr;
    const int count = virConnectListAllDomains(connection, &list, flags);
    if (count < 0) {
        return fail(lastError(DomainstatsText::tr("Can't list the VMs")));
    }
    QSet<QUuid> result;
    result.reserve(count);
    for (int i = 0; i < count; ++i) {
        result.insert(uuidOf(list[i]));
        virDomainFree(list[i]);
    }
    std::free(list);
    return result;
}

/** Drivers without bulk statistics (LXC of old, some remote ones): one call per domain, said so by its cost. */
Result<QList<DomainRecord>> listOneByOne(Connection &connection)
{
    virDomainPtr *list = nullptr;
    const int count = virConnectListAllDomains(connection.d().handle, &list, 0);
    if (count < 0) {
        return fail(lastError(DomainstatsText::tr("Can't list the VMs")));
    }
    QList<DomainRecord> result;
    result.reserve(count);
    for (int i = 0; i < count; ++i) {
        const DomainHandle domain(list[i]);
        DomainRecord record;
        record.uuid = uuidOf(domain.get());
        record.name = QString::fromUtf8(virDomainGetName(domain.get()));
        int state = 0;
        int reason = 0;
        if (virDomainGetState(domain.get(), &state, &reason, 0) < 0) {
            continue; // gone since the listing
        }
        record.state = static_cast<DomainState>(state);
        record.reason = reason;
        const unsigned id = virDomainGetID(domain.get());
        record.id = id == static_cast<unsigned>(-1) ? -1 : static_cast<int>(id);
        result.append(record);
    }
    std::free(list);
    return result;
}

DomainStats statsFrom(const virDomainStatsRecord &record)
{
    DomainStats stats;
    stats.uuid = uuidOf(record.dom);
    quint64 available = 0;
    quint64 usable = 0;
    quint64 rss = 0;
    for (int i = 0; i < record.nparams; ++i) {
        const virTypedParameter &parameter = record.params[i];
        switch (parameter.field[0]) {
        case 'c':
            if (is(parameter, "cpu.time")) {
                stats.cpuTimeNs = valueOf(parameter);
            }
            break;
        case 'b':
            if (is(parameter, "balloon.current")) {
                stats.memoryKiB = valueOf(parameter);
            } else if (is(parameter, "balloon.maximum")) {
                stats.maxMemoryKiB = valueOf(parameter);
            } else if (is(parameter, "balloon.available")) {
                available = valueOf(parameter);
            } else if (is(parameter, "balloon.usable")) {
                usable = valueOf(parameter);
            } else if (is(parameter, "balloon.rss")) {
                rss = valueOf(parameter);
            } else if (isIndexed(parameter, "block", "rd.bytes")) {
                stats.hasDisk = true;
                stats.diskReadBytes += valueOf(parameter);
            } else if (isIndexed(parameter, "block", "wr.bytes")) {
                stats.diskWriteBytes += valueOf(parameter);
            }
            break;
        case 'n':
            if (isIndexed(parameter, "net", "rx.bytes")) {
                stats.hasNet = true;
                stats.netRxBytes += valueOf(parameter);
            } else if (isIndexed(parameter, "net", "tx.bytes")) {
                stats.netTxBytes += valueOf(parameter);
            }
            break;
        default:
            break;
        }
    }
    stats.usedMemoryKiB = available > usable && usable > 0 ? available - usable : rss;
    return stats;
}

/** For drivers whose bulk statistics lack CPU time (the test driver): one call per domain. */
void fillFromInfo(virDomainPtr domain, DomainStats &stats)
{
    virDomainInfo info{};
    if (virDomainGetInfo(domain, &info) < 0) {
        return;
    }
    stats.cpuTimeNs = info.cpuTime;
    stats.memoryKiB = info.memory;
    stats.maxMemoryKiB = info.maxMem;
}

ConnectionPrivate::DeviceNames readDeviceNames(virDomainPtr domain)
{
    ConnectionPrivate::DeviceNames names;
    const auto document = xml::Document::parse(takeString(virDomainGetXMLDesc(domain, 0)));
    if (!document) {
        return names;
    }
    const xml::Element devices = document->root().child(QStringLiteral("devices"));
    const auto collect = [&devices](const char *kind, QList<QByteArray> &into) {
        const auto elements = devices.children(QLatin1StringView(kind));
        for (const xml::Element &element : elements) {
            into.append(element.child(QStringLiteral("target")).attribute(QStringLiteral("dev")).toUtf8());
        }
    };
    collect("disk", names.disks);
    collect("interface", names.nics);
    return names;
}

/** Memory, disk and network, a call each: only for a host with few domains. */
void fillFromDevices(ConnectionPrivate &connection, virDomainPtr domain, DomainStats &stats)
{
    ConnectionPrivate::DeviceNames names;
    {
        const std::lock_guard lock(connection.deviceNamesMutex);
        auto known = connection.deviceNames.find(stats.uuid);
        if (known == connection.deviceNames.end()) {
            known = connection.deviceNames.insert(stats.uuid, readDeviceNames(domain));
        }
        names = *known;
    }
    for (const QByteArray &disk : std::as_const(names.disks)) {
        virDomainBlockStatsStruct block{};
        if (virDomainBlockStats(domain, disk.constData(), &block, sizeof block) == 0) {
            stats.hasDisk = true;
            stats.diskReadBytes += static_cast<quint64>(block.rd_bytes);
            stats.diskWriteBytes += static_cast<quint64>(block.wr_bytes);
        }
    }
    for (const QByteArray &nic : std::as_const(names.nics)) {
        virDomainInterfaceStatsStruct net{};
        if (virDomainInterfaceStats(domain, nic.constData(), &net, sizeof net) == 0) {
            stats.hasNet = true;
            stats.netRxBytes += static_cast<quint64>(net.rx_bytes);
            stats.netTxBytes += static_cast<quint64>(net.tx_bytes);
        }
    }
    virDomainMemoryStatStruct memory[VIR_DOMAIN_MEMORY_STAT_NR];
    const int count = virDomainMemoryStats(domain, memory, VIR_DOMAIN_MEMORY_STAT_NR, 0);
    quint64 available = 0;
    quint64 unused = 0;
    for (int i = 0; i < count; ++i) {
        if (memory[i].tag == VIR_DOMAIN_MEMORY_STAT_AVAILABLE) {
            available = memory[i].val;
        } else if (memory[i].tag == VIR_DOMAIN_MEMORY_STAT_UNUSED) {
            unused = memory[i].val;
        }
    }
    stats.usedMemoryKiB = available > unused && unused > 0 ? available - unused : 0;
}

/** Above so many running domains a call per device would cost more than the figures are worth. */
constexpr int maxOneByOne = 100;

} // namespace

Result<QList<DomainRecord>> list(Connection &connection)
{
    virConnectPtr handle = connection.d().handle;
    constexpr unsigned wanted = VIR_DOMAIN_STATS_STATE | VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_VCPU;
    StatsList stats;
    stats.count = virConnectGetAllDomainStats(handle, wanted, &stats.records, VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    QList<DomainRecord> result;
    if (stats.count >= 0) {
        result.reserve(stats.count);
        for (int i = 0; i < stats.count; ++i) {
            result.append(recordFrom(*stats.records[i]));
        }
    } else {
        const Error error = lastError(DomainstatsText::tr("Can't list the VMs"));
        if (error.kind != Error::Kind::Unsupported) {
            return fail(error);
        }
        auto plain = listOneByOne(connection);
        if (!plain) {
            return plain;
        }
        result = *std::move(plain);
    }

    const auto transient = filtered(handle, VIR_CONNECT_LIST_DOMAINS_TRANSIENT);
    const auto autostarted = filtered(handle, VIR_CONNECT_LIST_DOMAINS_AUTOSTART);
    const auto saved = filtered(handle, VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE);
    for (DomainRecord &record : result) {
        record.persistent = !transient || !transient->contains(record.uuid);
        record.autostart = autostarted && autostarted->contains(record.uuid);
        record.managedSave = saved && saved->contains(record.uuid);
    }
    return result;
}

Result<QList<DomainStats>> stats(Connection &connection)
{
    constexpr unsigned wanted =
        VIR_DOMAIN_STATS_CPU_TOTAL | VIR_DOMAIN_STATS_BALLOON | VIR_DOMAIN_STATS_INTERFACE | VIR_DOMAIN_STATS_BLOCK;
    StatsList stats;
    stats.count = virConnectGetAllDomainStats(connection.d().handle, wanted, &stats.records,
        VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT);
    if (stats.count < 0) {
        return fail(lastError(DomainstatsText::tr("Can't read the VMs' figures")));
    }
    QList<DomainStats> result;
    result.reserve(stats.count);
    for (int i = 0; i < stats.count; ++i) {
        result.append(statsFrom(*stats.records[i]));
        if (stats.records[i]->nparams == 0) {
            fillFromInfo(stats.records[i]->dom, result.last());
            if (stats.count <= maxOneByOne) {
                fillFromDevices(connection.d(), stats.records[i]->dom, result.last());
            }
        }
    }
    return result;
}

} // namespace vireo::virt::domains
