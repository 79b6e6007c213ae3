// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/hostcalls.h"

#include <cstring>
#include <vector>

#include <libvirt/libvirt.h>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"
#include "backend/xml/document.h"

namespace vireo::virt::hostcalls {

namespace {

struct HostcallsText {
    Q_DECLARE_TR_FUNCTIONS(virt_hostcalls)
};

/** libvirt packs versions as major * 1,000,000 + minor * 1,000 + release. */
QString versionText(unsigned long version)
{
    return QStringLiteral("%1.%2.%3").arg(version / 1000000).arg(version / 1000 % 1000).arg(version % 1000);
}

void readMemory(virConnectPtr handle, HostInfo &info)
{
    int count = 0;
    if (virNodeGetMemoryStats(handle, VIR_NODE_MEMORY_STATS_ALL_CELLS, nullptr, &count, 0) < 0 || count <= 0) {
        info.freeMemoryKiB = virNodeGetFreeMemory(handle) / 1024;
        return;
    }
    std::vector<virNodeMemoryStats> stats(static_cast<size_t>(count));
    if (virNodeGetMemoryStats(handle, VIR_NODE_MEMORY_STATS_ALL_CELLS, stats.data(), &count, 0) < 0) {
        return;
    }
    for (const virNodeMemoryStats &stat : stats) {
        // nova's rule: free is what is free, buffered or cached.
        if (std::strcmp(stat.field, VIR_NODE_MEMORY_STATS_FREE) == 0
            || std::strcmp(stat.field, VIR_NODE_MEMORY_STATS_BUFFERS) == 0
            || std::strcmp(stat.field, VIR_NODE_MEMORY_STATS_CACHED) == 0) {
            info.freeMemoryKiB += stat.value;
        }
    }
}

void readCapabilities(Connection &connection, HostInfo &info)
{
    const auto text = capabilities(connection);
    if (!text) {
        return;
    }
    const auto document = xml::Document::parse(*text);
    if (!document) {
        return;
    }
    const xml::Element cpu = document->root().find(QStringLiteral("host/cpu"));
    info.arch = cpu.child(QStringLiteral("arch")).text();
    const QString model = cpu.child(QStringLiteral("model")).text();
    const QString vendor = cpu.child(QStringLiteral("vendor")).text();
    if (!model.isEmpty()) {
        info.cpuModel = vendor.isEmpty() ? model : QStringLiteral("%1 (%2)").arg(model, vendor);
    }
    const auto features = cpu.children(QStringLiteral("feature"));
    for (const xml::Element &feature : features) {
        info.features.append(feature.attribute(QStringLiteral("name")));
    }
}

} // namespace

Result<HostInfo> info(Connection &connection)
{
    virConnectPtr handle = connection.d().handle;
    HostInfo info;
    virNodeInfo node{};
    if (virNodeGetInfo(handle, &node) < 0) {
        return fail(lastError(HostcallsText::tr("Can't read what the host is")));
    }
    info.uri = connection.uri();
    info.readOnly = connection.isReadOnly();
    info.cpuModel = QString::fromLatin1(node.model);
    info.cpus = static_cast<int>(node.cpus);
    info.cpuMhz = static_cast<int>(node.mhz);
    info.sockets = static_cast<int>(node.sockets * node.nodes);
    info.cores = static_cast<int>(node.cores);
    info.threads = static_cast<int>(node.threads);
    info.memoryKiB = node.memory;
    info.hostname = takeString(virConnectGetHostname(handle));
    info.hypervisor = QString::fromUtf8(virConnectGetType(handle));
    unsigned long version = 0;
    if (virConnectGetVersion(handle, &version) == 0) {
        info.hypervisorVersion = versionText(version);
    }
    if (virConnectGetLibVersion(handle, &version) == 0) {
        info.libvirtVersion = versionText(version);
    }
    readMemory(handle, info);
    readCapabilities(connection, info);
    return info;
}

Result<> ping(Connection &connection)
{
    unsigned long version = 0;
    if (virConnectGetLibVersion(connection.d().handle, &version) < 0) {
        return fail(lastError(HostcallsText::tr("The host does not answer")));
    }
    return {};
}

Result<QString> capabilities(Connection &connection)
{
    char *text = virConnectGetCapabilities(connection.d().handle);
    if (!text) {
        return fail(lastError(HostcallsText::tr("Can't read the host's capabilities")));
    }
    return takeString(text);
}

Result<QString> domainCapabilities(Connection &connection, const QString &arch, const QString &machine,
    const QString &virtType, const QString &emulator)
{
    const auto orNull = [](const QByteArray &text) {
        return text.isEmpty() ? nullptr : text.constData();
    };
    const QByteArray archText = arch.toUtf8();
    const QByteArray machineText = machine.toUtf8();
    const QByteArray typeText = virtType.toUtf8();
    const QByteArray emulatorText = emulator.toUtf8();
    char *text = virConnectGetDomainCapabilities(
        connection.d().handle, orNull(emulatorText), orNull(archText), orNull(machineText), orNull(typeText), 0);
    if (!text) {
        return fail(lastError(HostcallsText::tr("Can't read what VMs the host can run")));
    }
    return takeString(text);
}

Result<QList<Network>> networks(Connection &connection)
{
    virNetworkPtr *list = nullptr;
    const int count = virConnectListAllNetworks(connection.d().handle, &list, 0);
    if (count < 0) {
        return fail(lastError(HostcallsText::tr("Can't list the virtual networks")));
    }
    QList<Network> result;
    for (int i = 0; i < count; ++i) {
        const NetworkHandle handle(list[i]);
        Network network;
        network.name = QString::fromUtf8(virNetworkGetName(handle.get()));
        unsigned char raw[VIR_UUID_BUFLEN];
        if (virNetworkGetUUID(handle.get(), raw) == 0) {
            network.uuid = fromRaw(raw);
        }
        network.active = virNetworkIsActive(handle.get()) == 1;
        int autostart = 0;
        network.autostart = virNetworkGetAutostart(handle.get(), &autostart) == 0 && autostart;
        if (char *text = virNetworkGetXMLDesc(handle.get(), 0)) {
            if (const auto document = xml::Document::parse(takeString(text))) {
                network.bridge = document->root().child(QStringLiteral("bridge")).attribute(QStringLiteral("name"));
                const xml::Element forward = document->root().child(QStringLiteral("forward"));
                const QString mode = forward.attribute(QStringLiteral("mode"));
                network.forward = forward && mode.isEmpty() ? QStringLiteral("nat") : mode;
            }
        }
        result.append(network);
    }
    std::free(list);
    return result;
}

} // namespace vireo::virt::hostcalls
