// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/hostlists.h"

#include <functional>

#include <libvirt/libvirt.h>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"
#include "backend/xml/document.h"

namespace vireo::virt::hostlists {

namespace {

struct HostlistsText {
    Q_DECLARE_TR_FUNCTIONS(virt_hostlists)
};

using InterfaceHandle = std::unique_ptr<virInterface, HandleDeleter<virInterfaceFree>>;

/** Owns a list that libvirt allocated, takes a text from each object and leaves the empty ones out. */
template<typename Handle, typename Pointer>
QStringList textsOf(Pointer *list, int count, const std::function<QString(Pointer)> &text)
{
    QStringList texts;
    for (int i = 0; i < count; ++i) {
        const Handle handle(list[i]);
        if (const QString each = text(handle.get()); !each.isEmpty()) {
            texts.append(each);
        }
    }
    std::free(list);
    texts.sort();
    texts.removeDuplicates();
    return texts;
}

} // namespace

Result<QStringList> nodeDevices(Connection &connection)
{
    virNodeDevicePtr *list = nullptr;
    const int count = virConnectListAllNodeDevices(connection.d().handle, &list, 0);
    if (count < 0) {
        return fail(lastError(HostlistsText::tr("Can't list the host's devices")));
    }
    return textsOf<NodeDeviceHandle, virNodeDevicePtr>(
        list, count, [](virNodeDevicePtr device) { return QString::fromUtf8(virNodeDeviceGetName(device)); });
}

Result<QStringList> networkDevices(Connection &connection)
{
    virNodeDevicePtr *list = nullptr;
    const int count = virConnectListAllNodeDevices(connection.d().handle, &list, VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET);
    if (count < 0) {
        return fail(lastError(HostlistsText::tr("Can't list the host's network devices")));
    }
    return textsOf<NodeDeviceHandle, virNodeDevicePtr>(list, count, [](virNodeDevicePtr device) -> QString {
        char *text = virNodeDeviceGetXMLDesc(device, 0);
        if (!text) {
            return {}; // unplugged meanwhile
        }
        const auto document = xml::Document::parse(takeString(text));
        if (!document) {
            return {};
        }
        const auto capabilities = document->root().children(QStringLiteral("capability"));
        for (const xml::Element &capability : capabilities) {
            if (capability.attribute(QStringLiteral("type")) == QLatin1String("net")) {
                return capability.child(QStringLiteral("interface")).text();
            }
        }
        return {};
    });
}

Result<QStringList> bridges(Connection &connection)
{
    virInterfacePtr *list = nullptr;
    const int count = virConnectListAllInterfaces(connection.d().handle, &list, 0);
    if (count < 0) {
        return fail(lastError(HostlistsText::tr("Can't list the host's bridges")));
    }
    return textsOf<InterfaceHandle, virInterfacePtr>(list, count, [](virInterfacePtr interface) -> QString {
        char *text = virInterfaceGetXMLDesc(interface, 0);
        const auto document = text ? xml::Document::parse(takeString(text)) : fail(Error{});
        const bool bridge = document && document->root().attribute(QStringLiteral("type")) == QLatin1String("bridge");
        return bridge ? QString::fromUtf8(virInterfaceGetName(interface)) : QString();
    });
}

Result<QStringList> networkFilters(Connection &connection)
{
    virNWFilterPtr *list = nullptr;
    const int count = virConnectListAllNWFilters(connection.d().handle, &list, 0);
    if (count < 0) {
        return fail(lastError(HostlistsText::tr("Can't list the network filters")));
    }
    return textsOf<FilterHandle, virNWFilterPtr>(
        list, count, [](virNWFilterPtr filter) { return QString::fromUtf8(virNWFilterGetName(filter)); });
}

Result<QStringList> secrets(Connection &connection)
{
    virSecretPtr *list = nullptr;
    const int count = virConnectListAllSecrets(connection.d().handle, &list, 0);
    if (count < 0) {
        return fail(lastError(HostlistsText::tr("Can't list the secrets")));
    }
    return textsOf<SecretHandle, virSecretPtr>(list, count, [](virSecretPtr secret) -> QString {
        unsigned char raw[VIR_UUID_BUFLEN];
        return virSecretGetUUID(secret, raw) == 0 ? fromRaw(raw).toString(QUuid::WithoutBraces) : QString();
    });
}

} // namespace vireo::virt::hostlists
