// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"
#include "backend/virt/migration_p.h"

/** Libvirt's callbacks, turned into values at once on the event thread. No handle leaves this file. */
namespace vireo::virt {

namespace {

using HubPtr = std::shared_ptr<EventHub>;

struct DomaineventsText {
    Q_DECLARE_TR_FUNCTIONS(virt_events)
};

void freeHub(void *opaque)
{
    delete static_cast<HubPtr *>(opaque);
}

void tell(void *opaque, virDomainPtr domain, DomainEvent event)
{
    event.uuid = uuidOf(domain);
    event.name = QString::fromUtf8(virDomainGetName(domain));
    (*static_cast<HubPtr *>(opaque))->dispatch(event);
}

void tellOther(void *opaque, virDomainPtr domain, const QString &text)
{
    DomainEvent event;
    event.kind = DomainEvent::Kind::Other;
    event.text = text;
    tell(opaque, domain, event);
}

QString stoppedText(int detail)
{
    switch (detail) {
    case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN:
        return DomaineventsText::tr("Shut down");
    case VIR_DOMAIN_EVENT_STOPPED_DESTROYED:
        return DomaineventsText::tr("Forced off");
    case VIR_DOMAIN_EVENT_STOPPED_CRASHED:
        return DomaineventsText::tr("Crashed");
    case VIR_DOMAIN_EVENT_STOPPED_MIGRATED:
        return DomaineventsText::tr("Migrated to another host");
    case VIR_DOMAIN_EVENT_STOPPED_SAVED:
        return DomaineventsText::tr("Saved");
    case VIR_DOMAIN_EVENT_STOPPED_FAILED:
        return DomaineventsText::tr("Stopped: the hypervisor failed");
    case VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT:
        return DomaineventsText::tr("Stopped by a snapshot");
    default:
        return DomaineventsText::tr("Stopped");
    }
}

QString lifecycleText(int event, int detail)
{
    switch (event) {
    case VIR_DOMAIN_EVENT_DEFINED:
        return detail == VIR_DOMAIN_EVENT_DEFINED_ADDED        ? DomaineventsText::tr("Defined")
            : detail == VIR_DOMAIN_EVENT_DEFINED_RENAMED       ? DomaineventsText::tr("Renamed")
            : detail == VIR_DOMAIN_EVENT_DEFINED_FROM_SNAPSHOT ? DomaineventsText::tr("Went back to a snapshot")
                                                               : DomaineventsText::tr("Definition changed");
    case VIR_DOMAIN_EVENT_UNDEFINED:
        return detail == VIR_DOMAIN_EVENT_UNDEFINED_RENAMED ? QString() : DomaineventsText::tr("Undefined");
    case VIR_DOMAIN_EVENT_STARTED:
        return detail == VIR_DOMAIN_EVENT_STARTED_RESTORED     ? DomaineventsText::tr("Restored")
            : detail == VIR_DOMAIN_EVENT_STARTED_MIGRATED      ? DomaineventsText::tr("Arrived by migration")
            : detail == VIR_DOMAIN_EVENT_STARTED_FROM_SNAPSHOT ? DomaineventsText::tr("Started from a snapshot")
                                                               : DomaineventsText::tr("Started");
    case VIR_DOMAIN_EVENT_SUSPENDED:
        return detail == VIR_DOMAIN_EVENT_SUSPENDED_IOERROR ? DomaineventsText::tr("Paused: disk I/O error")
            : detail == VIR_DOMAIN_EVENT_SUSPENDED_FROM_SNAPSHOT
            ? DomaineventsText::tr("Paused as in the snapshot that it was put back to")
            : DomaineventsText::tr("Paused");
    case VIR_DOMAIN_EVENT_RESUMED:
        return detail == VIR_DOMAIN_EVENT_RESUMED_FROM_SNAPSHOT ? DomaineventsText::tr("Runs on from a snapshot")
                                                                : DomaineventsText::tr("Resumed");
    case VIR_DOMAIN_EVENT_STOPPED:
        return stoppedText(detail);
    case VIR_DOMAIN_EVENT_SHUTDOWN:
        return DomaineventsText::tr("Shutting down");
    case VIR_DOMAIN_EVENT_PMSUSPENDED:
        return DomaineventsText::tr("The guest went to sleep");
    case VIR_DOMAIN_EVENT_CRASHED:
        return DomaineventsText::tr("The guest crashed");
    default:
        return {};
    }
}

/*
 * libvirt has no event for snapshots. What it tells of one that is made, deleted or gone back to, found by trying with
 * libvirt 9.0 and QEMU 7.2; on the left what virsh did:
 *
 *   running: create, internal                Suspended Paused, MIGRATION_ITERATION …, Resumed Unpaused
 *            create, external with memory    the same and JOB_COMPLETED(snapshot); with --live Suspended comes late
 *            create --halt                   Suspended Paused, MIGRATION_ITERATION …, Stopped Snapshot
 *            create --disk-only              nothing, with or without metadata
 *            delete, internal or metadata    nothing
 *            blockcommit, blockpull, pivot   BLOCK_JOB_2
 *            revert                          Stopped, Started, Resumed or Suspended, Defined: all of them Snapshot
 *   paused:  create, internal                MIGRATION_ITERATION …
 *            create, external with memory    MIGRATION_ITERATION …, JOB_COMPLETED(snapshot)
 *   off:     create, delete                  nothing
 *            revert                          Defined Snapshot
 *            revert to a running one         Resumed Unpaused, Started Snapshot, Defined Snapshot
 *   any:     redefine, make current          nothing
 *
 * Each comes before the snapshot's metadata is written or gone: see SnapshotHints. Suspended alone is only a beginning.
 * What is told by nothing is seen when somebody looks anew.
 */
bool hintsAtSnapshot(int event, int detail)
{
    switch (event) {
    case VIR_DOMAIN_EVENT_DEFINED:
        return detail != VIR_DOMAIN_EVENT_DEFINED_RENAMED;
    case VIR_DOMAIN_EVENT_RESUMED:
        return detail == VIR_DOMAIN_EVENT_RESUMED_UNPAUSED || detail == VIR_DOMAIN_EVENT_RESUMED_FROM_SNAPSHOT;
    case VIR_DOMAIN_EVENT_SUSPENDED:
        return detail == VIR_DOMAIN_EVENT_SUSPENDED_FROM_SNAPSHOT;
    case VIR_DOMAIN_EVENT_STARTED:
        return detail == VIR_DOMAIN_EVENT_STARTED_FROM_SNAPSHOT;
    case VIR_DOMAIN_EVENT_STOPPED:
        return detail == VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT;
    default:
        return false;
    }
}

void hint(void *opaque, virDomainPtr domain)
{
    (*static_cast<HubPtr *>(opaque))->dispatch(SnapshotHint{uuidOf(domain)});
}

bool isPostCopyFailure(int event, int detail)
{
    return (event == VIR_DOMAIN_EVENT_SUSPENDED && detail == VIR_DOMAIN_EVENT_SUSPENDED_POSTCOPY_FAILED)
        || (event == VIR_DOMAIN_EVENT_RESUMED && detail == VIR_DOMAIN_EVENT_RESUMED_POSTCOPY_FAILED);
}

int onLifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void *opaque)
{
    const auto kind =
        isPostCopyFailure(event, detail) ? MigrationEvent::Kind::PostCopyFailed : MigrationEvent::Kind::Lifecycle;
    (*static_cast<HubPtr *>(opaque))->dispatch(MigrationEvent{.kind = kind, .domain = uuidOf(domain)});
    if (hintsAtSnapshot(event, detail)) {
        hint(opaque, domain);
    }
    tell(opaque, domain, {DomainEvent::Kind::Lifecycle, {}, {}, event, detail, lifecycleText(event, detail)});
    return 0;
}

void onReboot(virConnectPtr, virDomainPtr domain, void *opaque)
{
    tellOther(opaque, domain, DomaineventsText::tr("Rebooted"));
}

void onMetadata(virConnectPtr, virDomainPtr domain, int, const char *, void *opaque)
{
    tellOther(opaque, domain, DomaineventsText::tr("Title, description or metadata changed"));
}

void onDevice(virConnectPtr, virDomainPtr domain, const char *alias, void *opaque)
{
    tellOther(opaque, domain, DomaineventsText::tr("Device added: %1").arg(QString::fromUtf8(alias)));
}

void onDeviceRemoved(virConnectPtr, virDomainPtr domain, const char *alias, void *opaque)
{
    const QString name = QString::fromUtf8(alias);
    (*static_cast<HubPtr *>(opaque))->dispatch(DeviceEvent{DeviceEvent::Kind::Removed, uuidOf(domain), name});
    tellOther(opaque, domain, DomaineventsText::tr("Device removed: %1").arg(name));
}

void onRemovalFailed(virConnectPtr, virDomainPtr domain, const char *alias, void *opaque)
{
    const QString name = QString::fromUtf8(alias);
    (*static_cast<HubPtr *>(opaque))->dispatch(DeviceEvent{DeviceEvent::Kind::RemovalFailed, uuidOf(domain), name});
    tellOther(opaque, domain, DomaineventsText::tr("The guest refused to release a device: %1").arg(name));
}

void onBalloon(virConnectPtr, virDomainPtr domain, unsigned long long, void *opaque)
{
    tellOther(opaque, domain, {});
}

void onWatchdog(virConnectPtr, virDomainPtr domain, int, void *opaque)
{
    tellOther(opaque, domain, DomaineventsText::tr("The watchdog fired"));
}

void onIoError(
    virConnectPtr, virDomainPtr domain, const char *source, const char *, int, const char *reason, void *opaque)
{
    tellOther(opaque, domain,
        DomaineventsText::tr("Disk I/O error on %1: %2").arg(QString::fromUtf8(source), QString::fromUtf8(reason)));
}

void onBlockJob(virConnectPtr, virDomainPtr domain, const char *disk, int, int status, void *opaque)
{
    const QString target = QString::fromUtf8(disk);
    BlockJobEvent event{BlockJobEvent::Status::Completed, uuidOf(domain), target};
    QString text;
    switch (status) {
    case VIR_DOMAIN_BLOCK_JOB_COMPLETED:
        text = DomaineventsText::tr("The block job of the disk %1 is done").arg(target);
        break;
    case VIR_DOMAIN_BLOCK_JOB_FAILED:
        event.status = BlockJobEvent::Status::Failed;
        text = DomaineventsText::tr("The block job of the disk %1 failed").arg(target);
        break;
    case VIR_DOMAIN_BLOCK_JOB_CANCELED:
        event.status = BlockJobEvent::Status::Cancelled;
        text = DomaineventsText::tr("The block job of the disk %1 was cancelled").arg(target);
        break;
    case VIR_DOMAIN_BLOCK_JOB_READY:
        event.status = BlockJobEvent::Status::Ready;
        text = DomaineventsText::tr("The disk %1 and its copy are in step").arg(target);
        break;
    default:
        return; // of a later libvirt
    }
    (*static_cast<HubPtr *>(opaque))->dispatch(event);
    hint(opaque, domain);
    tellOther(opaque, domain, text);
}

void onJobCompleted(virConnectPtr, virDomainPtr domain, virTypedParameterPtr parameters, int count, void *opaque)
{
    int operation = VIR_DOMAIN_JOB_OPERATION_UNKNOWN;
    int success = 1; // where it is not said
    virTypedParamsGetInt(parameters, count, VIR_DOMAIN_JOB_OPERATION, &operation);
    virTypedParamsGetBoolean(parameters, count, VIR_DOMAIN_JOB_SUCCESS, &success);
    if (operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT || operation == VIR_DOMAIN_JOB_OPERATION_MIGRATION_IN) {
        const int type = success ? VIR_DOMAIN_JOB_COMPLETED : VIR_DOMAIN_JOB_FAILED;
        (*static_cast<HubPtr *>(opaque))
            ->dispatch(MigrationEvent{.kind = MigrationEvent::Kind::Ended,
                .domain = uuidOf(domain),
                .figures = migration::figuresFrom(type, parameters, count)});
    }
    if (operation != VIR_DOMAIN_JOB_OPERATION_SNAPSHOT && operation != VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_REVERT
        && operation != VIR_DOMAIN_JOB_OPERATION_SNAPSHOT_DELETE) {
        return;
    }
    hint(opaque, domain);
    if (operation == VIR_DOMAIN_JOB_OPERATION_SNAPSHOT && success) {
        tellOther(opaque, domain, DomaineventsText::tr("The memory was saved for a snapshot"));
    }
}

void onIteration(virConnectPtr, virDomainPtr domain, int iteration, void *opaque)
{
    (*static_cast<HubPtr *>(opaque))
        ->dispatch(MigrationEvent{.kind = MigrationEvent::Kind::Iteration,
            .domain = uuidOf(domain),
            .iteration = iteration > 0 ? static_cast<quint64>(iteration) : 0});
    hint(opaque, domain);
}

void onClose(virConnectPtr, int reason, void *opaque)
{
    QString text;
    switch (reason) {
    case VIR_CONNECT_CLOSE_REASON_KEEPALIVE:
        text = DomaineventsText::tr("the host stopped answering");
        break;
    case VIR_CONNECT_CLOSE_REASON_EOF:
        text = DomaineventsText::tr("the daemon closed the connection");
        break;
    case VIR_CONNECT_CLOSE_REASON_CLIENT:
        return; // we closed it ourselves
    default:
        text = DomaineventsText::tr("an I/O error on the connection");
    }
    (*static_cast<HubPtr *>(opaque))->dispatchClosed(text);
}

} // namespace

void registerEvents(ConnectionPrivate &connection)
{
    const struct {
        int event;
        virConnectDomainEventGenericCallback callback;
    } wanted[] = {
        {VIR_DOMAIN_EVENT_ID_LIFECYCLE, VIR_DOMAIN_EVENT_CALLBACK(onLifecycle)},
        {VIR_DOMAIN_EVENT_ID_REBOOT, VIR_DOMAIN_EVENT_CALLBACK(onReboot)},
        {VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(onMetadata)},
        {VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, VIR_DOMAIN_EVENT_CALLBACK(onDevice)},
        {VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, VIR_DOMAIN_EVENT_CALLBACK(onDeviceRemoved)},
        {VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, VIR_DOMAIN_EVENT_CALLBACK(onRemovalFailed)},
        {VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(onBalloon)},
        {VIR_DOMAIN_EVENT_ID_WATCHDOG, VIR_DOMAIN_EVENT_CALLBACK(onWatchdog)},
        {VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, VIR_DOMAIN_EVENT_CALLBACK(onIoError)},
        {VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, VIR_DOMAIN_EVENT_CALLBACK(onBlockJob)},
        {VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, VIR_DOMAIN_EVENT_CALLBACK(onJobCompleted)},
        {VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION, VIR_DOMAIN_EVENT_CALLBACK(onIteration)},
    };
    for (const auto &[event, callback] : wanted) {
        auto *share = new HubPtr(connection.hub);
        const int id = virConnectDomainEventRegisterAny(connection.handle, nullptr, event, callback, share, freeHub);
        if (id < 0) {
            delete share;
        } else {
            connection.callbackIds.append(id);
        }
    }
    // Drivers without this callback answer 0 and never call a free function: the share stays ours. Unregistering waits
    // for a callback that runs.
    connection.closeCallback =
        virConnectRegisterCloseCallback(connection.handle, onClose, &connection.hub, nullptr) == 0;
}

void unregisterEvents(ConnectionPrivate &connection)
{
    for (const int id : connection.callbackIds) {
        virConnectDomainEventDeregisterAny(connection.handle, id);
    }
    connection.callbackIds.clear();
    if (connection.closeCallback) {
        virConnectUnregisterCloseCallback(connection.handle, onClose);
    }
    connection.closeCallback = false;
}

} // namespace vireo::virt
