// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <mutex>

#include <libvirt/libvirt.h>

#include <QByteArray>
#include <QHash>

#include "backend/virt/connection.h"
#include "backend/virt/handle.h"
#include "backend/virt/migration.h"
#include "backend/virt/virerror.h"

namespace vireo::virt {

/** What became of a device's removal from a running domain. */
struct DeviceEvent {
    enum class Kind { Removed, RemovalFailed } kind = Kind::Removed;
    QUuid domain;
    QString alias;
};

/** What libvirt tells of a block job; the disk by its target. */
struct BlockJobEvent {
    enum class Status { Completed, Failed, Cancelled, Ready } status = Status::Completed;
    QUuid domain;
    QString disk;
};

/** That libvirt told something which may mean that snapshots were taken, deleted or gone back to (domainevents.cpp). */
struct SnapshotHint {
    QUuid domain;
};

/** What libvirt tells of a migration, and of the state of a domain that may be migrated. */
struct MigrationEvent {
    enum class Kind {
        Iteration, ///< another pass over memory began; also while memory is saved
        Ended,     ///< a migration job, with its last figures
        PostCopyFailed,
        Lifecycle ///< anything else about its state
    } kind = Kind::Lifecycle;
    QUuid domain;
    quint64 iteration = 0;
    migration::Figures figures = {};
};

/**
 * Where libvirt's callbacks go. Shared between the connection and each registered callback (libvirt frees its share
 * when it lets go of the callback), so that a late event finds a living object. Any thread.
 */
class EventHub final
{
public:
    void dispatch(const DomainEvent &event);
    void dispatch(const DeviceEvent &event);
    void dispatch(const BlockJobEvent &event);
    void dispatch(const SnapshotHint &hint);
    void dispatch(const MigrationEvent &event);
    void dispatchClosed(const QString &reason);

    std::mutex mutex; ///< held while subscribers run: unsubscribing waits for a running callback
    std::map<Connection::Subscription, std::function<void(const DomainEvent &)>> subscribers;
    std::map<Connection::Subscription, std::function<void(const DeviceEvent &)>> deviceSubscribers;
    std::map<Connection::Subscription, std::function<void(const BlockJobEvent &)>> blockJobSubscribers;
    std::map<Connection::Subscription, std::function<void(const SnapshotHint &)>> snapshotSubscribers;
    std::map<Connection::Subscription, std::function<void(const MigrationEvent &)>> migrationSubscribers;
    Connection::Subscription nextSubscription = 1;
    std::function<void(const QString &)> closed;
};

/** What Connection hides. Used by the sources of backend/virt only. */
struct ConnectionPrivate {
    /** What a domain's disks and interfaces are called, for drivers that tell figures one by one only. */
    struct DeviceNames {
        QList<QByteArray> disks;
        QList<QByteArray> nics;
    };

    virConnectPtr handle = nullptr;
    QString uri;
    bool readOnly = false;
    std::shared_ptr<EventHub> hub = std::make_shared<EventHub>();
    QList<int> callbackIds;
    bool closeCallback = false;
    std::mutex deviceNamesMutex;
    QHash<QUuid, DeviceNames> deviceNames;

    /** virDomainLookupByUUID; NotFound with a sentence when it is gone. */
    Result<DomainHandle> lookup(const QUuid &uuid) const;
};

/** Registers `connection`'s callbacks with libvirt (domainevents.cpp). What a driver lacks is left out. */
void registerEvents(ConnectionPrivate &connection);
void unregisterEvents(ConnectionPrivate &connection);

/** Takes and frees a string that libvirt allocated. */
QString takeString(char *text);
QUuid fromRaw(const unsigned char *raw);
QUuid uuidOf(virDomainPtr domain);

} // namespace vireo::virt
