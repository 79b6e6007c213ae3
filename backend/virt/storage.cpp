// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/storage.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <unistd.h>

#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QDir>
#include <QStandardPaths>

#include "backend/virt/connection_p.h"
#include "backend/virt/connectionuri.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::virt::storage {

namespace {

struct StorageText {
    Q_DECLARE_TR_FUNCTIONS(virt_storage)
};

/** libvirt's units: bytes unless the attribute says otherwise; binary for "KiB" and "K", decimal for "KB". */
quint64 sizeOf(const xml::Element &element)
{
    const quint64 number = element.text().trimmed().toULongLong();
    const QString unit = element.attribute(u"unit"_s);
    if (unit.isEmpty() || unit == "bytes"_L1 || unit == "B"_L1) {
        return number;
    }
    const qsizetype power = QStringView(u"KMGTPE").indexOf(unit.front().toUpper()) + 1;
    const quint64 base = unit.endsWith(u'B') && !unit.contains(u'i') ? 1000 : 1024;
    quint64 factor = 1;
    for (qsizetype i = 0; i < power; ++i) {
        factor *= base;
    }
    return number * factor;
}

Result<PoolHandle> lookupPool(Connection &connection, const QString &name)
{
    PoolHandle handle(virStoragePoolLookupByName(connection.d().handle, name.toUtf8().constData()));
    if (!handle) {
        return fail(lastError(StorageText::tr("Can't find the storage pool “%1”").arg(name)));
    }
    return handle;
}

Result<VolumeHandle> lookupVolume(Connection &connection, const QString &pool, const QString &name)
{
    const auto owner = lookupPool(connection, pool);
    if (!owner) {
        return fail(owner.error());
    }
    VolumeHandle handle(virStorageVolLookupByName(owner->get(), name.toUtf8().constData()));
    if (!handle) {
        return fail(lastError(StorageText::tr("Can't find the volume “%1” in the pool “%2”").arg(name, pool)));
    }
    return handle;
}

Result<Pool> describePool(virStoragePoolPtr handle)
{
    Pool pool;
    pool.name = QString::fromUtf8(virStoragePoolGetName(handle));
    const auto error = [&pool] {
        return fail(lastError(StorageText::tr("Can't read the storage pool “%1”").arg(pool.name)));
    };
    const QString text = takeString(virStoragePoolGetXMLDesc(handle, 0));
    if (text.isEmpty()) {
        return error();
    }
    const auto document = xml::Document::parse(text);
    if (!document) {
        return fail(document.error());
    }
    const xml::Element root = document->root();
    pool.uuid = QUuid::fromString(root.child(u"uuid"_s).text());
    pool.type = root.attribute(u"type"_s);
    pool.targetPath = root.find(u"target/path"_s).text();
    virStoragePoolInfo info = {};
    if (virStoragePoolGetInfo(handle, &info) != 0) {
        return error();
    }
    pool.active = info.state != VIR_STORAGE_POOL_INACTIVE;
    pool.capacity = info.capacity;
    pool.allocation = info.allocation;
    pool.available = info.available;
    int autostart = 0;
    if (virStoragePoolGetAutostart(handle, &autostart) == 0) {
        pool.autostart = autostart != 0;
    }
    return pool;
}

Result<Volume> describeVolume(virStorageVolPtr handle, const QString &pool)
{
    Volume volume;
    volume.pool = pool;
    volume.name = QString::fromUtf8(virStorageVolGetName(handle));
    const QString text = takeString(virStorageVolGetXMLDesc(handle, 0));
    if (text.isEmpty()) {
        return fail(lastError(StorageText::tr("Can't read the volume “%1”").arg(volume.name)));
    }
    const auto document = xml::Document::parse(text);
    if (!document) {
        return fail(document.error());
    }
    const xml::Element root = document->root();
    volume.path = root.find(u"target/path"_s).text();
    volume.format = root.find(u"target/format"_s).attribute(u"type"_s);
    volume.backingPath = root.find(u"backingStore/path"_s).text();
    volume.backingFormat = root.find(u"backingStore/format"_s).attribute(u"type"_s);
    volume.capacity = sizeOf(root.child(u"capacity"_s));
    volume.allocation = sizeOf(root.child(u"allocation"_s));
    volume.physical = sizeOf(root.child(u"physical"_s));
    const xml::Element times = root.find(u"target/timestamps"_s);
    volume.changed = times.child(u"mtime"_s).text().trimmed() + u' ' + times.child(u"ctime"_s).text().trimmed();
    for (const QString &time : {u"atime"_s, u"mtime"_s, u"ctime"_s}) {
        // Seconds and nanoseconds since the epoch, with a point between.
        if (const qint64 seconds = times.child(time).text().section(u'.', 0, 0).toLongLong(); seconds > 0) {
            const QDateTime when = QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC);
            volume.lastUsed = volume.lastUsed.isValid() ? std::max(volume.lastUsed, when) : when;
        }
    }
    return volume;
}

} // namespace

Result<QList<Pool>> pools(Connection &connection)
{
    virStoragePoolPtr *handles = nullptr;
    const int count = virConnectListAllStoragePools(connection.d().handle, &handles, 0);
    if (count < 0) {
        return fail(lastError(StorageText::tr("Can't list the storage pools")));
    }
    QList<Pool> result;
    for (int i = 0; i < count; ++i) {
        const PoolHandle handle(handles[i]);
        // A pool that vanishes while it is read is no reason to show none.
        if (auto pool = describePool(handle.get())) {
            result.append(std::move(*pool));
        }
    }
    free(handles);
    std::ranges::sort(result, {}, &Pool::name);
    return result;
}

Result<Pool> pool(Connection &connection, const QString &name)
{
    const auto handle = lookupPool(connection, name);
    return handle ? describePool(handle->get()) : fail(handle.error());
}

Result<Pool> poolByTarget(Connection &connection, const QString &targetPath)
{
    // virStoragePoolLookupByTargetPath knows active pools only, and the test driver not at all.
    const auto all = pools(connection);
    if (!all) {
        return fail(all.error());
    }
    const QString wanted = QDir::cleanPath(targetPath);
    for (const Pool &candidate : *all) {
        if (!candidate.targetPath.isEmpty() && QDir::cleanPath(candidate.targetPath) == wanted) {
            return candidate;
        }
    }
    return fail(Error{
        Error::Kind::NotFound, StorageText::tr("No storage pool has its volumes in “%1”.").arg(targetPath), {}, 0, 0});
}

Result<> definePool(Connection &connection, const QString &xml)
{
    const PoolHandle handle(virStoragePoolDefineXML(connection.d().handle, xml.toUtf8().constData(), 0));
    if (!handle) {
        return fail(lastError(StorageText::tr("Can't define the storage pool")));
    }
    return {};
}

Result<> createPool(Connection &connection, const QString &xml)
{
    const PoolHandle handle(virStoragePoolCreateXML(connection.d().handle, xml.toUtf8().constData(), 0));
    if (!handle) {
        return fail(lastError(StorageText::tr("Can't start a storage pool")));
    }
    return {};
}

Result<> buildPool(Connection &connection, const QString &name)
{
    const auto handle = lookupPool(connection, name);
    if (!handle) {
        return fail(handle.error());
    }
    if (virStoragePoolBuild(handle->get(), 0) != 0) {
        return fail(lastError(StorageText::tr("Can't make the directory of the storage pool “%1”").arg(name)));
    }
    return {};
}

Result<> startPool(Connection &connection, const QString &name)
{
    const auto handle = lookupPool(connection, name);
    if (!handle) {
        return fail(handle.error());
    }
    if (virStoragePoolCreate(handle->get(), 0) != 0) {
        const Error error = lastError(StorageText::tr("Can't start the storage pool “%1”").arg(name));
        if (virStoragePoolIsActive(handle->get()) == 1) {
            return {};
        }
        return fail(error);
    }
    return {};
}

Result<> stopPool(Connection &connection, const QString &name)
{
    const auto handle = lookupPool(connection, name);
    if (!handle) {
        return fail(handle.error());
    }
    if (virStoragePoolDestroy(handle->get()) != 0) {
        const Error error = lastError(StorageText::tr("Can't stop the storage pool “%1”").arg(name));
        if (virStoragePoolIsActive(handle->get()) == 0) {
            return {};
        }
        return fail(error);
    }
    return {};
}

Result<> setPoolAutostart(Connection &connection, const QString &name, bool on)
{
    const auto handle = lookupPool(connection, name);
    if (!handle) {
        return fail(handle.error());
    }
    if (virStoragePoolSetAutostart(handle->get(), on ? 1 : 0) != 0) {
        return fail(lastError(StorageText::tr("Can't change the autostart of the storage pool “%1”").arg(name)));
    }
    return {};
}

Result<> undefinePool(Connection &connection, const QString &name)
{
    const auto handle = lookupPool(connection, name);
    if (!handle) {
        return fail(handle.error());
    }
    if (virStoragePoolUndefine(handle->get()) != 0) {
        return fail(lastError(StorageText::tr("Can't remove the storage pool “%1”").arg(name)));
    }
    return {};
}

Result<> refreshPool(Connection &connection, const QString &name, std::stop_token stop)
{
    using namespace std::chrono_literals;
    const auto handle = lookupPool(connection, name);
    if (!handle) {
        return fail(handle.error());
    }
    // While another job makes a volume in this pool, libvirt refuses ("asynchronous jobs running").
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    std::mutex mutex;
    std::condition_variable_any wake;
    for (;;) {
        if (virStoragePoolRefresh(handle->get(), 0) == 0) {
            return {};
        }
        const Error error = lastError(StorageText::tr("Can't refresh the storage pool “%1”").arg(name));
        const bool busy = error.code == VIR_ERR_INTERNAL_ERROR && error.message.contains("asynchronous jobs"_L1);
        if (!busy || std::chrono::steady_clock::now() > deadline) {
            return fail(error);
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, 100ms, [] { return false; });
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
    }
}

bool isFileBased(const Pool &pool)
{
    return pool.type == "dir"_L1 || pool.type == "fs"_L1 || pool.type == "netfs"_L1;
}

Result<QString> defaultPoolTarget(Connection &connection)
{
    const auto all = pools(connection);
    if (!all) {
        return fail(all.error());
    }
    for (const Pool &candidate : *all) {
        if (candidate.name == "default"_L1 && isFileBased(candidate) && !candidate.targetPath.isEmpty()) {
            return candidate.targetPath;
        }
    }
    const auto uri = ConnectionUri::parse(connection.uri());
    const bool session = uri && uri->path == "/session"_L1;
    // For root, qemu:///session is served by the system daemon.
    if (!session || (uri->isLocal() && geteuid() == 0)) {
        return u"/var/lib/libvirt/images"_s;
    }
    if (uri->isLocal()) {
        return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + u"/libvirt/images"_s;
    }
    return fail(Error{Error::Kind::Unsupported,
        StorageText::tr("Can't tell where the storage pool of a remote user session would be."),
        StorageText::tr("Make a storage pool on that host first."), 0, 0});
}

Result<QList<Volume>> volumes(Connection &connection, const QString &pool)
{
    const auto owner = lookupPool(connection, pool);
    if (!owner) {
        return fail(owner.error());
    }
    virStorageVolPtr *handles = nullptr;
    const int count = virStoragePoolListAllVolumes(owner->get(), &handles, 0);
    if (count < 0) {
        return fail(lastError(StorageText::tr("Can't list the volumes of the storage pool “%1”").arg(pool)));
    }
    QList<Volume> result;
    for (int i = 0; i < count; ++i) {
        const VolumeHandle handle(handles[i]);
        if (auto volume = describeVolume(handle.get(), pool)) {
            result.append(std::move(*volume));
        }
    }
    free(handles);
    std::ranges::sort(result, {}, &Volume::name);
    return result;
}

Result<Volume> volume(Connection &connection, const QString &pool, const QString &name)
{
    const auto handle = lookupVolume(connection, pool, name);
    return handle ? describeVolume(handle->get(), pool) : fail(handle.error());
}

Result<Volume> volumeByPath(Connection &connection, const QString &path)
{
    const VolumeHandle handle(virStorageVolLookupByPath(connection.d().handle, path.toUtf8().constData()));
    if (!handle) {
        return fail(lastError(StorageText::tr("No storage pool knows “%1”").arg(path)));
    }
    const PoolHandle owner(virStoragePoolLookupByVolume(handle.get()));
    if (!owner) {
        return fail(lastError(StorageText::tr("Can't find the storage pool of “%1”").arg(path)));
    }
    return describeVolume(handle.get(), QString::fromUtf8(virStoragePoolGetName(owner.get())));
}

Result<Volume> createVolume(Connection &connection, const QString &pool, const QString &xml)
{
    const auto owner = lookupPool(connection, pool);
    if (!owner) {
        return fail(owner.error());
    }
    const VolumeHandle handle(virStorageVolCreateXML(owner->get(), xml.toUtf8().constData(), 0));
    if (!handle) {
        return fail(lastError(StorageText::tr("Can't create a volume in the storage pool “%1”").arg(pool)));
    }
    return describeVolume(handle.get(), pool);
}

Result<> deleteVolume(Connection &connection, const QString &pool, const QString &name)
{
    const auto handle = lookupVolume(connection, pool, name);
    if (!handle) {
        return fail(handle.error());
    }
    if (virStorageVolDelete(handle->get(), VIR_STORAGE_VOL_DELETE_NORMAL) != 0) {
        return fail(lastError(StorageText::tr("Can't delete the volume “%1”").arg(name)));
    }
    return {};
}

bool isBusy(const Error &error)
{
    return error.code == VIR_ERR_OPERATION_INVALID
        && (error.message.contains("still in use"_L1) || error.message.contains("still being allocated"_L1));
}

Result<> resizeVolume(Connection &connection, const QString &pool, const QString &name, quint64 capacity)
{
    const auto handle = lookupVolume(connection, pool, name);
    if (!handle) {
        return fail(handle.error());
    }
    if (virStorageVolResize(handle->get(), capacity, 0) != 0) {
        return fail(lastError(StorageText::tr("Can't resize the volume “%1”").arg(name)));
    }
    return {};
}

namespace {

/** The file or device of a <source>; empty for one that has none. */
QString sourcePath(Connection &connection, const xml::Element &source)
{
    for (const QString &attribute : {u"file"_s, u"dev"_s}) {
        if (source.hasAttribute(attribute)) {
            return source.attribute(attribute);
        }
    }
    if (!source.hasAttribute(u"volume"_s)) {
        return {};
    }
    const auto named = volume(connection, source.attribute(u"pool"_s), source.attribute(u"volume"_s));
    return named ? named->path : QString();
}

/** Appends what one domain uses. A domain that has gone meanwhile uses nothing. */
Result<> appendUses(Connection &connection, virDomainPtr domain, QList<DiskUse> &uses)
{
    const QString name = QString::fromUtf8(virDomainGetName(domain));
    QStringList seen;
    // What runs now and what the next start will use may differ; both count.
    for (const unsigned int flags : {0U, static_cast<unsigned int>(VIR_DOMAIN_XML_INACTIVE)}) {
        const QString text = takeString(virDomainGetXMLDesc(domain, flags));
        if (text.isEmpty()) {
            Error error = lastError(StorageText::tr("Can't read the disks of %1").arg(name));
            if (error.kind == Error::Kind::NotFound) {
                return {};
            }
            return fail(std::move(error)); // it may use anything
        }
        const auto document = xml::Document::parse(text);
        if (!document) {
            return fail(document.error());
        }
        // QEMU reads these once, when it starts: only the next start needs them.
        const QStringList parts = flags != 0 ? QStringList{u"kernel"_s, u"initrd"_s, u"dtb"_s} : QStringList();
        for (const QString &part : parts) {
            const QString path = document->root().child(u"os"_s).child(part).text();
            if (!path.isEmpty()) {
                uses.append({uuidOf(domain), name, part, path, true});
            }
        }
        const xml::Element nvram = document->root().find(u"os/nvram"_s);
        const QString file = nvram.child(u"source"_s).attribute(u"file"_s);
        if (const QString path = file.isEmpty() ? nvram.text().trimmed() : file;
            !path.isEmpty() && !seen.contains(u"disk "_s + path)) {
            seen << u"disk "_s + path;
            uses.append({uuidOf(domain), name, nvram.name(), path, false});
        }
        const auto disks = document->root().child(u"devices"_s).children(u"disk"_s);
        for (const xml::Element &disk : disks) {
            // A running domain names its overlays' bases, too: they are used as much.
            for (xml::Element layer = disk; !layer.isNull(); layer = layer.child(u"backingStore"_s)) {
                const QString path = sourcePath(connection, layer.child(u"source"_s));
                const bool isBase = layer.name() == "backingStore"_L1;
                const QString key = (isBase ? u"base "_s : u"disk "_s) + path;
                if (!path.isEmpty() && !seen.contains(key)) {
                    seen << key;
                    uses.append({uuidOf(domain), name, disk.child(u"target"_s).attribute(u"dev"_s), path, isBase});
                }
            }
        }
    }
    return {};
}

} // namespace

Result<QList<DiskUse>> diskUses(Connection &connection)
{
    virDomainPtr *handles = nullptr;
    const int count = virConnectListAllDomains(connection.d().handle, &handles, 0);
    if (count < 0) {
        return fail(lastError(StorageText::tr("Can't list the virtual machines")));
    }
    QList<DiskUse> uses;
    Result<> outcome;
    for (int i = 0; i < count; ++i) {
        const DomainHandle handle(handles[i]);
        if (outcome) {
            outcome = appendUses(connection, handle.get(), uses);
        }
    }
    free(handles);
    if (!outcome) {
        return fail(outcome.error());
    }
    return uses;
}

} // namespace vireo::virt::storage
