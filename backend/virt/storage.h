// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <stop_token>

#include <QDateTime>

#include "backend/virt/connection.h"

/** Blocking calls on storage pools and volumes. Any worker thread. Sizes in bytes. */
namespace vireo::virt::storage {

struct Pool {
    QString name;
    QUuid uuid;
    QString type;       ///< dir, fs, netfs, logical …
    QString targetPath; ///< where its volumes are on the host
    bool active = false;
    bool autostart = false;
    quint64 capacity = 0;
    quint64 allocation = 0;
    quint64 available = 0;
    friend bool operator==(const Pool &, const Pool &) = default;
};

struct Volume {
    QString pool;
    QString name;
    QString path;        ///< the volume's key to libvirt's domain XML
    QString format;      ///< as libvirt reports; raw, qcow2, iso …
    QString backingPath; ///< backing store, if any
    QString backingFormat;
    quint64 capacity = 0;
    quint64 allocation = 0;
    quint64 physical = 0; ///< length of the file or device; 0: unknown
    QDateTime lastUsed;   ///< UTC; the latest of its file's times on the host (read, written, changed); may be invalid
    QString changed;      ///< when its file was last written and changed, as the host says it; nothing to be read from
    friend bool operator==(const Volume &, const Volume &) = default;
};

Result<QList<Pool>> pools(Connection &connection);              // virConnectListAllStoragePools
Result<Pool> pool(Connection &connection, const QString &name); // NotFound when there is none
Result<Pool> poolByTarget(Connection &connection, const QString &targetPath);
Result<> definePool(Connection &connection, const QString &xml); // virStoragePoolDefineXML
Result<> createPool(Connection &connection, const QString &xml); // virStoragePoolCreateXML: transient
Result<> buildPool(Connection &connection, const QString &name); // virStoragePoolBuild
Result<> startPool(Connection &connection, const QString &name); // virStoragePoolCreate
Result<> stopPool(Connection &connection, const QString &name);  // virStoragePoolDestroy
Result<> setPoolAutostart(Connection &connection, const QString &name, bool on);
Result<> undefinePool(Connection &connection, const QString &name);
/** virStoragePoolRefresh; waits a while when libvirt is busy with one of the pool's volumes, or until `stop`. */
Result<> refreshPool(Connection &connection, const QString &name, std::stop_token stop = {});
/** Whether libvirt's storage type keeps volumes as plain files in the pool's target directory. */
bool isFileBased(const Pool &pool);
/** The directory that virt-manager uses on this host: /var/lib/libvirt/images, or the session user's own images
 *  directory, taken from an existing "default" pool where there is one. Never looked up in the local file system
 *  for a remote host. */
Result<QString> defaultPoolTarget(Connection &connection);

Result<QList<Volume>> volumes(Connection &connection, const QString &pool); // virStoragePoolListAllVolumes + XML
Result<Volume> volume(Connection &connection, const QString &pool, const QString &name);
/** virStorageVolLookupByPath, and the pool that holds it. NotFound: no pool knows that path. */
Result<Volume> volumeByPath(Connection &connection, const QString &path);
Result<Volume> createVolume(Connection &connection, const QString &pool, const QString &xml); // virStorageVolCreateXML
Result<> deleteVolume(Connection &connection, const QString &pool, const QString &name);
/** Whether a call was refused only because libvirt is still busy with that volume for somebody, maybe a client that has
 *  just died: it may be repeated. */
bool isBusy(const Error &error);
Result<> resizeVolume(Connection &connection, const QString &pool, const QString &name, quint64 capacity);

/** Bytes handled so far (holes included) and in all. Called on the calling thread, at most every 50 ms. */
using Progress = std::function<void(quint64 done, quint64 total)>;
/**
 * virStorageVolUpload of the local file `path`, sparse where the host can (holes found by SEEK_HOLE stay holes).
 * Cancelled through `stop`: the stream is aborted and the volume's content is undefined.
 */
Result<> uploadVolume(Connection &connection, const QString &pool, const QString &name, const QString &path,
    const Progress &progress, std::stop_token stop);

/**
 * virStorageVolDownload into a new local file of mode 0600, sparse where the host can: holes stay holes. On an error or
 * a stop the file is removed.
 */
Result<> downloadVolume(Connection &connection, const QString &pool, const QString &name, const QString &path,
    const Progress &progress, std::stop_token stop);

/**
 * The bytes of one host's volume into an existing volume of another host, or of the same, through this process and
 * without a file in between: virStorageVolDownload and virStorageVolUpload at once, sparse where both can. What the
 * destination held before is gone; afterwards its file has exactly the source's bytes and length (a block device may be
 * longer). Nobody may write to either meanwhile. Cancelled through `stop`, or when it fails: the destination's content
 * is undefined. A host that hangs is given up by keep-alive. The error says which host it was.
 */
Result<> relayVolume(Connection &from, const QString &fromPool, const QString &fromName, Connection &to,
    const QString &toPool, const QString &toName, const Progress &progress, const std::stop_token &stop);

/**
 * virStorageVolCreateXMLFrom: a full copy of a host's volume, made on the host, in the format that `xml` says; libvirt
 * runs qemu-img there with explicit formats, those that it took the volumes for when it last looked. Progress by the
 * new volume's allocation against the old one's. libvirt can't cancel it: after a stop this waits for its end and
 * deletes the copy. Error: libvirt's, or cancelled.
 */
Result<Volume> cloneVolume(Connection &connection, const QString &pool, const QString &xml, const QString &fromPool,
    const QString &fromVolume, const Progress &progress, std::stop_token stop);
/** For each local domain disk, kernel, initrd and device tree: which domain uses the file. Reads the XML of all
 * domains; used before deleting. */
struct DiskUse {
    QUuid domain;
    QString domainName;
    QString target;
    QString path;
    bool isBase = false; ///< lies beneath the domain's disk, or is booted directly: it is read, not written
};
Result<QList<DiskUse>> diskUses(Connection &connection);

} // namespace vireo::virt::storage
