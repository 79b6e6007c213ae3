// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"

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
        return detail == VIR_DOMAIN_EVENT_DEFINED_ADDED  ? DomaineventsText::tr("Defined")
            : detail == VIR_DOMAIN_EVENT_DEFINED_RENAMED ? DomaineventsText::tr("Renamed")
                                                         : DomaineventsText::tr("Definition changed");
    case VIR_DOMAIN_EVENT_UNDEFINED:
        return detail == VIR_DOMAIN_EVENT_UNDEFINED_RENAMED ? QString() : DomaineventsText::tr("Undefined");
    case VIR_DOMAIN_EVENT_STARTED:
        return detail == VIR_DOMAIN_EVENT_STARTED_RESTORED ? DomaineventsText::tr("Restored")
            : detail == VIR_DOMAIN_EVENT_STARTED_MIGRATED  ? DomaineventsText::tr("Arrived by migration")
                                                           : DomaineventsText::tr("Started");
    case VIR_DOMAIN_EVENT_SUSPENDED:
        return detail == VIR_DOMAIN_EVENT_SUSPENDED_IOERROR ? DomaineventsText::tr("Paused: disk I/O error")
                                                            : DomaineventsText::tr("Paused");
    case VIR_DOMAIN_EVENT_RESUMED:
        return DomaineventsText::tr("Resumed");
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

int onLifecycle(virConnectPtr, virDomainPtr domain, int event, int detail, void *opaque)
{
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
    tellOther(opaque, domain, DomaineventsText::tr("Device removed: %1").arg(QString::fromUtf8(alias)));
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
        {VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, VIR_DOMAIN_EVENT_CALLBACK(onBalloon)},
        {VIR_DOMAIN_EVENT_ID_WATCHDOG, VIR_DOMAIN_EVENT_CALLBACK(onWatchdog)},
        {VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, VIR_DOMAIN_EVENT_CALLBACK(onIoError)},
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
