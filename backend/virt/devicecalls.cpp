// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/devicecalls.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QDeadlineTimer>

#include "backend/virt/connection_p.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::virt::domains {

namespace {

struct DevicecallsText {
    Q_DECLARE_TR_FUNCTIONS(virt_deviceCalls)
};

/** An event may get lost; then the definition says it. */
constexpr std::chrono::milliseconds lookPeriod{1000};

template<typename Call>
Result<> onDomain(Connection &connection, const QUuid &uuid, const QString &what, Call &&call)
{
    const auto domain = connection.d().lookup(uuid);
    if (!domain) {
        return fail(domain.error());
    }
    const QString name = QString::fromUtf8(virDomainGetName(domain->get())); // later it would reset libvirt's error
    if (call(domain->get()) < 0) {
        return fail(lastError(what.arg(name)));
    }
    return {};
}

unsigned impactOf(Affects affects)
{
    return (affects.live ? unsigned(VIR_DOMAIN_AFFECT_LIVE) : 0)
        | (affects.config ? unsigned(VIR_DOMAIN_AFFECT_CONFIG) : 0);
}

/** Hears what becomes of one device, from construction to destruction. */
class RemovalWatch final
{
    Q_DISABLE_COPY_MOVE(RemovalWatch)

public:
    RemovalWatch(Connection &connection, const QUuid &uuid, const QString &alias)
        : m_hub(connection.d().hub)
    {
        const std::lock_guard lock(m_hub->mutex);
        m_id = m_hub->nextSubscription++;
        m_hub->deviceSubscribers.emplace(m_id, [shared = m_shared, uuid, alias](const DeviceEvent &event) {
            if (event.domain != uuid || event.alias != alias) {
                return;
            }
            const std::lock_guard guard(shared->mutex);
            shared->outcome = event.kind;
            shared->changed.notify_all();
        });
    }
    ~RemovalWatch()
    {
        const std::lock_guard lock(m_hub->mutex);
        m_hub->deviceSubscribers.erase(m_id);
    }
    /** What was heard since the last call; nothing after `time` or when stopped. */
    std::optional<DeviceEvent::Kind> wait(std::chrono::milliseconds time, const std::stop_token &stop)
    {
        std::unique_lock lock(m_shared->mutex);
        m_shared->changed.wait_for(lock, stop, time, [this] { return m_shared->outcome.has_value(); });
        return std::exchange(m_shared->outcome, std::nullopt);
    }

private:
    struct Shared {
        std::mutex mutex;
        std::condition_variable_any changed;
        std::optional<DeviceEvent::Kind> outcome;
    };
    std::shared_ptr<EventHub> m_hub;
    std::shared_ptr<Shared> m_shared = std::make_shared<Shared>();
    Connection::Subscription m_id = 0;
};

/** A domain that is gone or does not run holds no device. */
Result<bool> holdsDevice(Connection &connection, const QUuid &uuid, const QString &alias)
{
    const auto info = state(connection, uuid);
    if (!info) {
        return fail(info.error());
    }
    if (!info->exists || info->id < 0) {
        return false;
    }
    const auto text = xml(connection, uuid, XmlKind::Live);
    if (!text) {
        return text.error().kind == Error::Kind::NotFound ? Result<bool>(false) : fail(text.error());
    }
    const auto document = xml::Document::parse(*text);
    if (!document) {
        return fail(document.error());
    }
    const auto devices = document->root().child(u"devices"_s).children();
    return std::ranges::any_of(devices,
        [&alias](const xml::Element &device) { return device.child(u"alias"_s).attribute(u"name"_s) == alias; });
}

enum class Asked { Taken, Pending, Gone };

Result<Asked> askToDetach(Connection &connection, const QUuid &uuid, const QString &alias)
{
    const Result<> asked = onDomain(connection, uuid,
        DevicecallsText::tr("Can't remove the device “%1” of %2").arg(alias), [&](virDomainPtr domain) {
            return virDomainDetachDeviceAlias(domain, alias.toUtf8().constData(), VIR_DOMAIN_AFFECT_LIVE);
        });
    if (asked) {
        return Asked::Taken;
    }
    const Error &error = asked.error();
    if (error.kind == Error::Kind::NotFound || error.code == VIR_ERR_DEVICE_MISSING) {
        return Asked::Gone;
    }
    // QEMU's words; libvirt hands them on as an internal error or as a failed operation.
    if (error.message.contains(u"already in the process of unplug"_s)) {
        return Asked::Pending;
    }
    const auto still = holdsDevice(connection, uuid, alias);
    return still && !*still ? Result<Asked>(Asked::Gone) : fail(error);
}

/** One try. True: it is gone. */
Result<bool> waitForRemoval(Connection &connection, const QUuid &uuid, const QString &alias, RemovalWatch &watch,
    std::chrono::milliseconds time, const std::stop_token &stop)
{
    const QDeadlineTimer deadline(time);
    for (;;) {
        const auto left =
            std::clamp(std::chrono::milliseconds(deadline.remainingTime()), std::chrono::milliseconds(1), lookPeriod);
        const auto heard = watch.wait(left, stop);
        const auto still = holdsDevice(connection, uuid, alias);
        if (!still || !*still) {
            return still ? Result<bool>(true) : fail(still.error());
        }
        if (heard == DeviceEvent::Kind::RemovalFailed) {
            return fail(
                {Error::Kind::Failed, DevicecallsText::tr("The guest refused to release the device “%1”.").arg(alias),
                    DevicecallsText::tr("Stop using it in the guest, or remove it for the next boot only."), 0, 0});
        }
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (deadline.hasExpired()) {
            return false;
        }
    }
}

} // namespace

Result<> attachDevice(Connection &connection, const QUuid &uuid, const QString &deviceXml, Affects affects)
{
    return onDomain(connection, uuid, DevicecallsText::tr("Can't add a device to %1"), [&](virDomainPtr domain) {
        return virDomainAttachDeviceFlags(domain, deviceXml.toUtf8().constData(), impactOf(affects));
    });
}

Result<> detachAndWait(Connection &connection, const QUuid &uuid, const QString &alias, DetachPatience patience,
    const std::stop_token &stop, const DetachProgress &progress)
{
    RemovalWatch watch(connection, uuid, alias);
    for (int attempt = 1; attempt <= patience.tries; ++attempt) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (progress) {
            progress(attempt, patience.tries);
        }
        const auto asked = askToDetach(connection, uuid, alias);
        if (!asked) {
            return fail(asked.error());
        }
        if (*asked == Asked::Gone) {
            return {};
        }
        const auto gone = waitForRemoval(connection, uuid, alias, watch, patience.perTry, stop);
        if (!gone) {
            return fail(gone.error());
        }
        if (*gone) {
            return {};
        }
    }
    return fail({Error::Kind::TimedOut,
        DevicecallsText::tr(
            "The guest did not release the device “%1”; it was asked %n times.", nullptr, patience.tries)
            .arg(alias),
        DevicecallsText::tr("Stop using it in the guest and try again, or remove it for the next boot only."), 0, 0});
}

Result<> setVcpus(Connection &connection, const QUuid &uuid, int count, Affects affects)
{
    return onDomain(
        connection, uuid, DevicecallsText::tr("Can't change the number of vCPUs of %1"), [&](virDomainPtr domain) {
            return virDomainSetVcpusFlags(domain, static_cast<unsigned>(count), impactOf(affects));
        });
}

Result<> setMemory(Connection &connection, const QUuid &uuid, quint64 kib, Affects affects)
{
    return onDomain(connection, uuid, DevicecallsText::tr("Can't change the memory of %1"),
        [&](virDomainPtr domain) { return virDomainSetMemoryFlags(domain, kib, impactOf(affects)); });
}

Result<> setText(Connection &connection, const QUuid &uuid, TextKind kind, const QString &text, Affects affects)
{
    return onDomain(
        connection, uuid, DevicecallsText::tr("Can't change title or description of %1"), [&](virDomainPtr domain) {
            const QByteArray utf8 = text.toUtf8();
            return virDomainSetMetadata(domain,
                kind == TextKind::Title ? VIR_DOMAIN_METADATA_TITLE : VIR_DOMAIN_METADATA_DESCRIPTION,
                text.isEmpty() ? nullptr : utf8.constData(), nullptr, nullptr, impactOf(affects));
        });
}

} // namespace vireo::virt::domains
