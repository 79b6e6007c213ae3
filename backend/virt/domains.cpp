// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/domains.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QDeadlineTimer>

#include "backend/virt/connection_p.h"
#include "backend/virt/domaindetails.h"
#include "backend/virt/validation.h"

namespace vireo::virt::domains {

namespace {

struct DomainsText {
    Q_DECLARE_TR_FUNCTIONS(virt_domains)
};

/** Looks the domain up and makes one call on it; a negative return value is libvirt's error under `what`. */
template<typename Call>
Result<> onDomain(Connection &connection, const QUuid &uuid, const char *what, Call &&call)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain->get())); // later it would reset libvirt's error
    if (call(domain->get()) < 0) {
        return fail(lastError(DomainsText::tr(what).arg(name)));
    }
    return {};
}

unsigned impactOf(Affects affects)
{
    return (affects.live ? unsigned(VIR_DOMAIN_AFFECT_LIVE) : 0)
        | (affects.config ? unsigned(VIR_DOMAIN_AFFECT_CONFIG) : 0);
}

bool stateOf(virDomainPtr domain, StateInfo &info)
{
    int state = 0;
    int reason = 0;
    if (virDomainGetState(domain, &state, &reason, 0) < 0) {
        return false;
    }
    info.state = static_cast<DomainState>(state);
    info.reason = reason;
    const unsigned id = virDomainGetID(domain);
    info.id = id == static_cast<unsigned>(-1) ? -1 : static_cast<int>(id);
    return true;
}

Result<DomainRecord> readHandle(virDomainPtr domain)
{
    DomainRecord record;
    record.uuid = uuidOf(domain);
    record.name = QString::fromUtf8(virDomainGetName(domain));
    StateInfo info;
    virDomainInfo figures{};
    const bool known = stateOf(domain, info) && virDomainGetInfo(domain, &figures) == 0;
    char *xml = known ? virDomainGetXMLDesc(domain, 0) : nullptr;
    if (!xml) {
        return fail(lastError(DomainsText::tr("Can't read %1").arg(record.name)));
    }
    record.state = info.state;
    record.reason = info.reason;
    record.id = info.id;
    record.memoryKiB = figures.memory;
    record.maxMemoryKiB = figures.maxMem;
    record.vcpus = figures.nrVirtCpu;
    int autostart = 0;
    record.autostart = virDomainGetAutostart(domain, &autostart) == 0 && autostart;
    record.persistent = virDomainIsPersistent(domain) != 0;
    record.managedSave = virDomainHasManagedSaveImage(domain, 0) == 1;
    detailsFromXml(record.uuid, takeString(xml)).applyTo(record);
    return record;
}

QString leaseText(const virDomainIPAddress &address)
{
    return QStringLiteral("%1/%2").arg(QString::fromUtf8(address.addr)).arg(address.prefix);
}

} // namespace

Result<DomainRecord> read(Connection &connection, const QUuid &uuid)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    return readHandle(domain->get());
}

Result<QList<DomainRecord>> readMany(Connection &connection, const QList<QUuid> &uuids)
{
    QList<DomainRecord> result;
    for (const QUuid &uuid : uuids) {
        auto record = read(connection, uuid);
        if (record) {
            result.append(*std::move(record));
        } else if (record.error().kind != Error::Kind::NotFound) {
            return fail(record.error());
        }
    }
    return result;
}

Result<QList<DomainDetails>> details(Connection &connection, const QList<QUuid> &uuids)
{
    QList<DomainDetails> result;
    result.reserve(uuids.size());
    for (const QUuid &uuid : uuids) {
        auto text = xml(connection, uuid, XmlKind::Live);
        if (text) {
            result.append(detailsFromXml(uuid, *text));
        } else if (text.error().kind == Error::Kind::Disconnected) {
            return fail(text.error());
        }
    }
    return result;
}

Result<QUuid> find(Connection &connection, const QString &nameOrUuidOrId)
{
    virConnectPtr handle = connection.d().handle;
    const QByteArray text = nameOrUuidOrId.toUtf8();
    DomainHandle domain(virDomainLookupByName(handle, text.constData()));
    if (!domain) {
        domain.reset(virDomainLookupByUUIDString(handle, text.constData()));
    }
    bool isNumber = false;
    const int id = nameOrUuidOrId.toInt(&isNumber);
    if (!domain && isNumber) {
        domain.reset(virDomainLookupByID(handle, id));
    }
    if (!domain) {
        return fail({Error::Kind::NotFound, DomainsText::tr("There is no VM “%1” on this host.").arg(nameOrUuidOrId),
            {}, VIR_ERR_NO_DOMAIN, 0});
    }
    return uuidOf(domain.get());
}

Result<QString> xml(Connection &connection, const QUuid &uuid, XmlKind kind, bool secure)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    unsigned flags = 0;
    if (kind == XmlKind::Inactive) {
        flags |= VIR_DOMAIN_XML_INACTIVE;
    }
    if (secure) {
        flags |= VIR_DOMAIN_XML_SECURE;
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain->get())); // later it would reset libvirt's error
    char *text = virDomainGetXMLDesc(domain->get(), flags);
    if (!text) {
        return fail(lastError(DomainsText::tr("Can't read the XML of %1").arg(name)));
    }
    return takeString(text);
}

Result<QUuid> define(Connection &connection, const QString &xml)
{
    virConnectPtr handle = connection.d().handle;
    const QByteArray text = xml.toUtf8();
    const unsigned flags = mayBeValidated(xml) ? unsigned{VIR_DOMAIN_DEFINE_VALIDATE} : 0U;
    const DomainHandle domain(virDomainDefineXMLFlags(handle, text.constData(), flags));
    if (!domain) {
        return fail(lastError(DomainsText::tr("Can't define the VM")));
    }
    return uuidOf(domain.get());
}

Result<StateInfo> state(Connection &connection, const QUuid &uuid)
{
    StateInfo info;
    const auto domain = connection.d().lookup(uuid);
    if (domain && stateOf(domain->get(), info)) {
        return info;
    }
    const Error error = domain ? lastError(DomainsText::tr("Can't read the VM's state")) : domain.error();
    if (error.kind != Error::Kind::NotFound) {
        return fail(error);
    }
    info.exists = false;
    return info;
}

Result<> start(Connection &connection, const QUuid &uuid, bool paused)
{
    return onDomain(
        connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't start %1"), [paused](virDomainPtr domain) {
            return virDomainCreateWithFlags(domain, paused ? VIR_DOMAIN_START_PAUSED : 0);
        });
}

Result<> suspend(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't pause %1"), virDomainSuspend);
}

Result<> resume(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't resume %1"), virDomainResume);
}

Result<> shutdown(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't shut down %1"), virDomainShutdown);
}

Result<> reboot(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't reboot %1"),
        [](virDomainPtr domain) { return virDomainReboot(domain, 0); });
}

Result<> reset(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't reset %1"),
        [](virDomainPtr domain) { return virDomainReset(domain, 0); });
}

Result<> destroy(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't force off %1"), [](virDomainPtr domain) {
        // nova's rule: "not running" while it is shut off already is what was wanted.
        return virDomainIsActive(domain) == 0 ? 0 : virDomainDestroy(domain);
    });
}

Result<> managedSave(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't save %1"),
        [](virDomainPtr domain) { return virDomainManagedSave(domain, 0); });
}

Result<> removeManagedSave(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't discard the saved state of %1"),
        [](virDomainPtr domain) {
            // None is what was wanted.
            return virDomainHasManagedSaveImage(domain, 0) == 0 ? 0 : virDomainManagedSaveRemove(domain, 0);
        });
}

Result<QUuid> createTransient(Connection &connection, const QString &xml, bool paused)
{
    const unsigned flags = paused ? unsigned{VIR_DOMAIN_START_PAUSED} : 0U;
    const DomainHandle domain(virDomainCreateXML(connection.d().handle, xml.toUtf8().constData(), flags));
    if (!domain) {
        return fail(lastError(DomainsText::tr("Can't start a transient VM")));
    }
    return uuidOf(domain.get());
}

Result<> restore(Connection &connection, const QString &file, const QString &xml, bool paused)
{
    const QByteArray text = xml.toUtf8();
    if (virDomainRestoreFlags(connection.d().handle, file.toUtf8().constData(),
            text.isEmpty() ? nullptr : text.constData(), paused ? VIR_DOMAIN_SAVE_PAUSED : VIR_DOMAIN_SAVE_RUNNING)
        < 0) {
        return fail(lastError(DomainsText::tr("Can't restore a VM from “%1”").arg(file)));
    }
    return {};
}

Result<> setAutostart(Connection &connection, const QUuid &uuid, bool on)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't change the autostart of %1"),
        [on](virDomainPtr domain) { return virDomainSetAutostart(domain, on ? 1 : 0); });
}

Result<> rename(Connection &connection, const QUuid &uuid, const QString &name)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't rename %1"),
        [&name](virDomainPtr domain) { return virDomainRename(domain, name.toUtf8().constData(), 0); });
}

Result<> undefine(Connection &connection, const QUuid &uuid)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't undefine %1"), [](virDomainPtr domain) {
        constexpr unsigned all = VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
            | VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA | VIR_DOMAIN_UNDEFINE_NVRAM;
        int result = virDomainUndefineFlags(domain, all);
        const virError *error = result < 0 ? virGetLastError() : nullptr;
        if (error
            && (error->code == VIR_ERR_INVALID_ARG
                || error->code == VIR_ERR_NO_SUPPORT)) { // a driver without firmware or checkpoints
            result = virDomainUndefineFlags(
                domain, VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA);
        }
        return result;
    });
}

Result<> updateDevice(Connection &connection, const QUuid &uuid, const QString &deviceXml, Affects affects)
{
    return onDomain(
        connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't change a device of %1"), [&](virDomainPtr domain) {
            return virDomainUpdateDeviceFlags(domain, deviceXml.toUtf8().constData(), impactOf(affects));
        });
}

Result<QString> metadata(Connection &connection, const QUuid &uuid, const QString &namespaceUri, XmlKind kind)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    char *text = virDomainGetMetadata(domain->get(), VIR_DOMAIN_METADATA_ELEMENT, namespaceUri.toUtf8().constData(),
        impactOf({kind == XmlKind::Live, kind == XmlKind::Inactive}));
    if (text) {
        return takeString(text);
    }
    const Error error = lastError(DomainsText::tr("Can't read the metadata of a VM"));
    return error.code == VIR_ERR_NO_DOMAIN_METADATA ? Result<QString>(QString()) : fail(error);
}

Result<> setMetadata(Connection &connection, const QUuid &uuid, const QString &elementXml, const QString &prefix,
    const QString &namespaceUri, Affects affects)
{
    return onDomain(connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't change the metadata of %1"),
        [&](virDomainPtr domain) {
            const QByteArray element = elementXml.toUtf8();
            return virDomainSetMetadata(domain, VIR_DOMAIN_METADATA_ELEMENT,
                element.isEmpty() ? nullptr : element.constData(), prefix.toUtf8().constData(),
                namespaceUri.toUtf8().constData(), impactOf(affects));
        });
}

Result<JobProgress> jobProgress(Connection &connection, const QUuid &uuid)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    virDomainJobInfo info{};
    if (virDomainGetJobInfo(domain->get(), &info) < 0) {
        return fail(lastError(DomainsText::tr("Can't read the job's progress")));
    }
    if (info.type == VIR_DOMAIN_JOB_NONE) {
        return JobProgress{};
    }
    return JobProgress{info.dataProcessed, info.dataTotal};
}

Result<> abortJob(Connection &connection, const QUuid &uuid)
{
    return onDomain(
        connection, uuid, QT_TRANSLATE_NOOP("virt_domains", "Can't cancel the job of %1"), virDomainAbortJob);
}

Result<QStringList> addresses(Connection &connection, const QUuid &uuid)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    QStringList result;
    for (const unsigned source : {VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE, VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
             VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP}) {
        virDomainInterfacePtr *interfaces = nullptr;
        const int count = virDomainInterfaceAddresses(domain->get(), &interfaces, source, 0);
        for (int i = 0; i < count; ++i) {
            const bool loopback = std::string_view(interfaces[i]->name) == "lo";
            for (unsigned j = 0; j < interfaces[i]->naddrs && !loopback; ++j) {
                result.append(leaseText(interfaces[i]->addrs[j]));
            }
            virDomainInterfaceFree(interfaces[i]);
        }
        std::free(interfaces);
        if (!result.isEmpty()) {
            break;
        }
    }
    result.removeDuplicates();
    return result;
}

Result<StateInfo> waitFor(Connection &connection, const QUuid &uuid,
    const std::function<bool(const StateInfo &)> &reached, std::chrono::milliseconds timeout, std::stop_token stop)
{
    struct Signal {
        std::mutex mutex;
        std::condition_variable_any changed;
        bool happened = false;
    };
    const auto signal = std::make_shared<Signal>();
    const auto subscription = connection.subscribe([signal, uuid](const DomainEvent &event) {
        if (event.uuid != uuid) {
            return;
        }
        const std::lock_guard lock(signal->mutex);
        signal->happened = true;
        signal->changed.notify_all();
    });
    const auto finally = std::unique_ptr<void, std::function<void(void *)>>(
        &connection, [&](void *) { connection.unsubscribe(subscription); });

    const QDeadlineTimer deadline(timeout);
    for (;;) {
        const auto info = state(connection, uuid);
        if (!info || reached(*info)) {
            return info;
        }
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (deadline.hasExpired()) {
            const QString text = info->exists ? stateText(info->state) : DomainsText::tr("gone");
            return fail({Error::Kind::TimedOut,
                DomainsText::tr("The wanted state was not reached in time; the VM is %1.").arg(text), {}, 0, 0});
        }
        std::unique_lock lock(signal->mutex);
        signal->changed.wait_for(lock, stop, std::chrono::seconds(1), [&] { return signal->happened; });
        signal->happened = false;
    }
}

} // namespace vireo::virt::domains
