// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/definitions.h"

#include <algorithm>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCollator>
#include <QCoreApplication>
#include <QLocale>

#include "backend/virt/connection_p.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/hostlists.h"
#include "backend/virt/validation.h"
#include "backend/xml/capabilities.h"

using namespace Qt::StringLiterals;

namespace vireo::virt {

using Kind = DefinitionKey::Kind;
using State = DefinitionEntry::State;

size_t qHash(const DefinitionKey &key, size_t seed) noexcept
{
    return qHashMulti(seed, static_cast<int>(key.kind), key.owner, key.id);
}

namespace definitions {

namespace {

struct DefinitionsText {
    Q_DECLARE_TR_FUNCTIONS(virt_definitions)
};

using Entries = QList<DefinitionEntry>;

QString idText(const unsigned char *raw)
{
    return fromRaw(raw).toString(QUuid::WithoutBraces);
}

/** All zeros until libvirt has filled it. */
struct Uuid {
    unsigned char raw[VIR_UUID_BUFLEN] = {};
};

State stateOf(int active)
{
    return active == 1 ? State::Active : State::Inactive;
}

DefinitionEntry entryOf(virStoragePoolPtr pool)
{
    Uuid uuid;
    virStoragePoolGetUUID(pool, uuid.raw);
    return {{Kind::Pool, {}, idText(uuid.raw)}, QString::fromUtf8(virStoragePoolGetName(pool)),
        stateOf(virStoragePoolIsActive(pool)), virStoragePoolIsPersistent(pool) != 0};
}

DefinitionEntry entryOf(virNetworkPtr network)
{
    Uuid uuid;
    virNetworkGetUUID(network, uuid.raw);
    return {{Kind::Network, {}, idText(uuid.raw)}, QString::fromUtf8(virNetworkGetName(network)),
        stateOf(virNetworkIsActive(network)), virNetworkIsPersistent(network) != 0};
}

DefinitionEntry entryOf(virNWFilterPtr filter)
{
    Uuid uuid;
    virNWFilterGetUUID(filter, uuid.raw);
    return {{Kind::NetworkFilter, {}, idText(uuid.raw)}, QString::fromUtf8(virNWFilterGetName(filter))};
}

/** A secret has no name: what it is for says most. */
DefinitionEntry entryOf(virSecretPtr secret)
{
    Uuid uuid;
    virSecretGetUUID(secret, uuid.raw);
    const QString id = idText(uuid.raw);
    const QString usage = QString::fromUtf8(virSecretGetUsageID(secret));
    return {{Kind::Secret, {}, id}, usage.isEmpty() ? id : usage};
}

/** Owns a list that libvirt allocated. */
template<typename Handle, typename Pointer, typename Describe>
Entries entriesOf(Pointer *list, int count, const Describe &describe)
{
    Entries entries;
    entries.reserve(count);
    for (int i = 0; i < count; ++i) {
        const Handle handle(list[i]);
        entries.append(describe(handle.get()));
    }
    std::free(list);
    return entries;
}

template<typename Handle, typename Pointer>
Result<Entries> listAll(Connection &connection, int (*call)(virConnectPtr, Pointer **, unsigned), const QString &what)
{
    Pointer *list = nullptr;
    const int count = call(connection.d().handle, &list, 0);
    if (count < 0) {
        return fail(lastError(what));
    }
    return entriesOf<Handle>(list, count, [](Pointer handle) { return entryOf(handle); });
}

/** Looks something up by the UUID in its key. */
template<typename Handle, typename Pointer>
Result<Handle> lookup(
    Connection &connection, const QString &id, Pointer (*call)(virConnectPtr, const char *), const QString &what)
{
    Handle handle(call(connection.d().handle, id.toUtf8().constData()));
    if (!handle) {
        return fail(lastError(what));
    }
    return handle;
}

Result<PoolHandle> poolOf(Connection &connection, const QString &id)
{
    return lookup<PoolHandle>(
        connection, id, virStoragePoolLookupByUUIDString, DefinitionsText::tr("Can't find the storage pool"));
}

Result<NetworkHandle> networkOf(Connection &connection, const QString &id)
{
    return lookup<NetworkHandle>(
        connection, id, virNetworkLookupByUUIDString, DefinitionsText::tr("Can't find the virtual network"));
}

Result<FilterHandle> filterOf(Connection &connection, const QString &id)
{
    return lookup<FilterHandle>(
        connection, id, virNWFilterLookupByUUIDString, DefinitionsText::tr("Can't find the network filter"));
}

Result<DomainHandle> domainOf(Connection &connection, const QString &id)
{
    return connection.d().lookup(QUuid::fromString(id));
}

Result<Entries> volumes(Connection &connection, const QString &owner)
{
    const auto pool = poolOf(connection, owner);
    if (!pool) {
        return fail(pool.error());
    }
    virStorageVolPtr *list = nullptr;
    const int count = virStoragePoolListAllVolumes(pool->get(), &list, 0);
    if (count < 0) {
        return fail(lastError(DefinitionsText::tr("Can't list the volumes of the storage pool “%1”")
                .arg(QString::fromUtf8(virStoragePoolGetName(pool->get())))));
    }
    return entriesOf<VolumeHandle>(list, count, [&owner](virStorageVolPtr volume) -> DefinitionEntry {
        const QString name = QString::fromUtf8(virStorageVolGetName(volume));
        return {{Kind::Volume, owner, name}, name};
    });
}

Result<Entries> snapshotDomains(Connection &connection)
{
    virDomainPtr *list = nullptr;
    const int count = virConnectListAllDomains(connection.d().handle, &list, VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT);
    if (count < 0) {
        return fail(lastError(DefinitionsText::tr("Can't list the VMs that have snapshots")));
    }
    return entriesOf<DomainHandle>(list, count, [](virDomainPtr domain) -> DefinitionEntry {
        return {{Kind::SnapshotDomain, {}, uuidOf(domain).toString(QUuid::WithoutBraces)},
            QString::fromUtf8(virDomainGetName(domain))};
    });
}

Result<Entries> snapshots(Connection &connection, const QString &owner)
{
    const auto domain = domainOf(connection, owner);
    if (!domain) {
        return fail(domain.error());
    }
    virDomainSnapshotPtr *list = nullptr;
    const int count = virDomainListAllSnapshots(domain->get(), &list, 0);
    if (count < 0) {
        return fail(lastError(DefinitionsText::tr("Can't list the snapshots of %1")
                .arg(QString::fromUtf8(virDomainGetName(domain->get())))));
    }
    return entriesOf<SnapshotHandle>(list, count, [&owner](virDomainSnapshotPtr snapshot) -> DefinitionEntry {
        const QString name = QString::fromUtf8(virDomainSnapshotGetName(snapshot));
        return {{Kind::Snapshot, owner, name}, name};
    });
}

/** One for each kind of machine that the host can run. */
Result<Entries> domainCapabilities(Connection &connection)
{
    const auto text = hostcalls::capabilities(connection);
    const auto capabilities = text ? xml::readCapabilities(*text) : fail(text.error());
    if (!capabilities) {
        return fail(capabilities.error());
    }
    Entries entries;
    for (const xml::GuestKind &guest : capabilities->guests) {
        for (const xml::GuestDomain &domain : guest.domains) {
            const DefinitionEntry one{{Kind::DomainCapabilities, {}, guest.arch + u'/' + domain.type},
                DefinitionsText::tr("%1, %2", "architecture and type: x86_64, kvm").arg(guest.arch, domain.type)};
            if (!entries.contains(one)) { // guests of several OS types
                entries.append(one);
            }
        }
    }
    return entries;
}

Result<Entries> nodeDevices(Connection &connection)
{
    const auto names = hostlists::nodeDevices(connection);
    if (!names) {
        return fail(names.error());
    }
    Entries entries;
    entries.reserve(names->size());
    for (const QString &name : *names) {
        entries.append({{Kind::NodeDevice, {}, name}, name});
    }
    return entries;
}

Result<Entries> unsorted(Connection &connection, Kind kind, const QString &owner)
{
    switch (kind) {
    case Kind::Capabilities:
        return Entries{{{Kind::Capabilities, {}, {}}, DefinitionsText::tr("Capabilities")}};
    case Kind::DomainCapabilities:
        return domainCapabilities(connection);
    case Kind::Pool:
        return listAll<PoolHandle>(
            connection, virConnectListAllStoragePools, DefinitionsText::tr("Can't list the storage pools"));
    case Kind::Volume:
        return volumes(connection, owner);
    case Kind::Network:
        return listAll<NetworkHandle>(
            connection, virConnectListAllNetworks, DefinitionsText::tr("Can't list the virtual networks"));
    case Kind::NetworkFilter:
        return listAll<FilterHandle>(
            connection, virConnectListAllNWFilters, DefinitionsText::tr("Can't list the network filters"));
    case Kind::NodeDevice:
        return nodeDevices(connection);
    case Kind::SnapshotDomain:
        return snapshotDomains(connection);
    case Kind::Snapshot:
        return snapshots(connection, owner);
    case Kind::Secret:
        return listAll<SecretHandle>(
            connection, virConnectListAllSecrets, DefinitionsText::tr("Can't list the secrets"));
    }
    return fail(Error::invalid(DefinitionsText::tr("There are no such definitions.")));
}

/** The text of `read(flags)`, without the flags where the driver does not know them (the test driver). */
template<typename Read>
Result<QString> textOf(const Read &read, unsigned flags, const QString &what)
{
    char *text = read(flags);
    if (!text && flags != 0 && virGetLastErrorCode() == VIR_ERR_INVALID_ARG) {
        text = read(0U);
    }
    if (!text) {
        return fail(lastError(what));
    }
    return takeString(text);
}

QString cantRead(const QString &name)
{
    return DefinitionsText::tr("Can't read the definition of “%1”").arg(name);
}

Result<QString> volumeXml(Connection &connection, const DefinitionKey &key)
{
    const auto pool = poolOf(connection, key.owner);
    if (!pool) {
        return fail(pool.error());
    }
    const VolumeHandle volume(virStorageVolLookupByName(pool->get(), key.id.toUtf8().constData()));
    if (!volume) {
        return fail(lastError(DefinitionsText::tr("Can't find the volume “%1”").arg(key.id)));
    }
    return textOf(
        [&volume](unsigned flags) { return virStorageVolGetXMLDesc(volume.get(), flags); }, 0, cantRead(key.id));
}

Result<QString> snapshotXml(Connection &connection, const DefinitionKey &key)
{
    const auto domain = domainOf(connection, key.owner);
    if (!domain) {
        return fail(domain.error());
    }
    const SnapshotHandle snapshot(virDomainSnapshotLookupByName(domain->get(), key.id.toUtf8().constData(), 0));
    if (!snapshot) {
        return fail(lastError(DefinitionsText::tr("Can't find the snapshot “%1”").arg(key.id)));
    }
    return textOf([&snapshot](unsigned flags) { return virDomainSnapshotGetXMLDesc(snapshot.get(), flags); }, 0,
        cantRead(key.id));
}

Result<QString> nodeDeviceXml(Connection &connection, const DefinitionKey &key)
{
    const NodeDeviceHandle device(virNodeDeviceLookupByName(connection.d().handle, key.id.toUtf8().constData()));
    if (!device) {
        return fail(lastError(DefinitionsText::tr("Can't find the device “%1”").arg(key.id)));
    }
    return textOf(
        [&device](unsigned flags) { return virNodeDeviceGetXMLDesc(device.get(), flags); }, 0, cantRead(key.id));
}

Result<QString> secretXml(Connection &connection, const DefinitionKey &key)
{
    const auto secret = lookup<SecretHandle>(
        connection, key.id, virSecretLookupByUUIDString, DefinitionsText::tr("Can't find the secret"));
    if (!secret) {
        return fail(secret.error());
    }
    return textOf([&secret](unsigned flags) { return virSecretGetXMLDesc(secret->get(), flags); }, 0, cantRead(key.id));
}

Result<QString> poolXml(Connection &connection, const DefinitionKey &key)
{
    const auto pool = poolOf(connection, key.id);
    if (!pool) {
        return fail(pool.error());
    }
    return textOf([&pool](unsigned flags) { return virStoragePoolGetXMLDesc(pool->get(), flags); },
        VIR_STORAGE_XML_INACTIVE, cantRead(QString::fromUtf8(virStoragePoolGetName(pool->get()))));
}

Result<QString> networkXml(Connection &connection, const DefinitionKey &key)
{
    const auto network = networkOf(connection, key.id);
    if (!network) {
        return fail(network.error());
    }
    return textOf([&network](unsigned flags) { return virNetworkGetXMLDesc(network->get(), flags); },
        VIR_NETWORK_XML_INACTIVE, cantRead(QString::fromUtf8(virNetworkGetName(network->get()))));
}

Result<QString> filterXml(Connection &connection, const DefinitionKey &key)
{
    const auto filter = filterOf(connection, key.id);
    if (!filter) {
        return fail(filter.error());
    }
    return textOf([&filter](unsigned flags) { return virNWFilterGetXMLDesc(filter->get(), flags); }, 0,
        cantRead(QString::fromUtf8(virNWFilterGetName(filter->get()))));
}

} // namespace

Result<Entries> list(Connection &connection, Kind kind, const QString &owner)
{
    auto entries = unsorted(connection, kind, owner);
    if (entries) {
        // The C locale has no collation, hence no natural order of numbers either.
        QCollator collator(QLocale().language() == QLocale::C ? QLocale(QLocale::English) : QLocale());
        collator.setNumericMode(true);
        collator.setCaseSensitivity(Qt::CaseInsensitive);
        std::ranges::sort(*entries, [&collator](const DefinitionEntry &left, const DefinitionEntry &right) {
            const int order = collator.compare(left.name, right.name);
            return order == 0 ? left.key.id < right.key.id : order < 0;
        });
    }
    return entries;
}

Result<DefinitionEntry> entry(Connection &connection, const DefinitionKey &key)
{
    const auto told = [](const auto &handle) -> Result<DefinitionEntry> {
        return handle ? Result<DefinitionEntry>(entryOf(handle->get())) : fail(handle.error());
    };
    switch (key.kind) {
    case Kind::Pool:
        return told(poolOf(connection, key.id));
    case Kind::Network:
        return told(networkOf(connection, key.id));
    case Kind::NetworkFilter:
        return told(filterOf(connection, key.id));
    default:
        return fail(Error::invalid(DefinitionsText::tr("Such objects are only listed.")));
    }
}

Result<QString> xml(Connection &connection, const DefinitionKey &key)
{
    switch (key.kind) {
    case Kind::Capabilities:
        return hostcalls::capabilities(connection);
    case Kind::DomainCapabilities:
        return hostcalls::domainCapabilities(connection, key.id.section(u'/', 0, 0), {}, key.id.section(u'/', 1));
    case Kind::Pool:
        return poolXml(connection, key);
    case Kind::Volume:
        return volumeXml(connection, key);
    case Kind::Network:
        return networkXml(connection, key);
    case Kind::NetworkFilter:
        return filterXml(connection, key);
    case Kind::NodeDevice:
        return nodeDeviceXml(connection, key);
    case Kind::Snapshot:
        return snapshotXml(connection, key);
    case Kind::Secret:
        return secretXml(connection, key);
    case Kind::SnapshotDomain:
        break;
    }
    return fail(Error::invalid(DefinitionsText::tr("This has no definition of its own.")));
}

Result<> define(Connection &connection, Kind kind, const QString &xml)
{
    virConnectPtr host = connection.d().handle;
    const QByteArray text = xml.toUtf8();
    // A host that is too old to validate ignores what it does not know; what it made of it is read back anyway.
    const auto tooOld = [] {
        const int code = virGetLastErrorCode();
        return code == VIR_ERR_NO_SUPPORT || code == VIR_ERR_INVALID_ARG; // of the call, of the flag
    };
    const bool validated = mayBeValidated(xml);
    bool done = false;
    QString what;
    switch (kind) {
    case Kind::Pool:
        what = DefinitionsText::tr("Can't define the storage pool");
        done = PoolHandle(virStoragePoolDefineXML(
                   host, text.constData(), validated ? unsigned{VIR_STORAGE_POOL_DEFINE_VALIDATE} : 0U))
                != nullptr
            || (tooOld() && PoolHandle(virStoragePoolDefineXML(host, text.constData(), 0)) != nullptr);
        break;
    case Kind::Network:
        what = DefinitionsText::tr("Can't define the virtual network");
        done = NetworkHandle(virNetworkDefineXMLFlags(
                   host, text.constData(), validated ? unsigned{VIR_NETWORK_DEFINE_VALIDATE} : 0U))
                != nullptr
            || (tooOld() && NetworkHandle(virNetworkDefineXML(host, text.constData())) != nullptr);
        break;
    case Kind::NetworkFilter:
        what = DefinitionsText::tr("Can't define the network filter");
        done = FilterHandle(virNWFilterDefineXMLFlags(
                   host, text.constData(), validated ? unsigned{VIR_NWFILTER_DEFINE_VALIDATE} : 0U))
                != nullptr
            || (tooOld() && FilterHandle(virNWFilterDefineXML(host, text.constData())) != nullptr);
        break;
    default:
        return fail(Error::invalid(DefinitionsText::tr("Such a definition can't be changed.")));
    }
    return done ? Result<>() : fail(lastError(what));
}

xml::DocumentKind documentKind(Kind kind)
{
    switch (kind) {
    case Kind::Capabilities:
        return xml::DocumentKind::Capabilities;
    case Kind::DomainCapabilities:
        return xml::DocumentKind::DomainCapabilities;
    case Kind::Pool:
        return xml::DocumentKind::StoragePool;
    case Kind::Volume:
        return xml::DocumentKind::StorageVolume;
    case Kind::Network:
        return xml::DocumentKind::Network;
    case Kind::NetworkFilter:
        return xml::DocumentKind::NetworkFilter;
    case Kind::NodeDevice:
        return xml::DocumentKind::NodeDevice;
    case Kind::SnapshotDomain:
    case Kind::Snapshot:
        return xml::DocumentKind::DomainSnapshot;
    case Kind::Secret:
        return xml::DocumentKind::Secret;
    }
    return xml::DocumentKind::Domain;
}

} // namespace definitions
} // namespace vireo::virt
