// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/hosts.h"

#include <algorithm>
#include <mutex>
#include <vector>

#include <QCoreApplication>
#include <QDeadlineTimer>

#include "backend/base/lane.h"

namespace vireo::virt {

namespace {

/** How long the program's end waits for the daemons to take leave. */
constexpr std::chrono::milliseconds closeGrace{2000};

} // namespace

/** What provider() shares with job threads: the connections as the hosts publish them, behind a lock. */
struct Hosts::Registry {
    std::mutex mutex;
    QHash<HostId, std::shared_ptr<ConnectionSlot>> slots;
};

Hosts::Hosts(QObject *parent)
    : QObject(parent)
    , m_registry(std::make_shared<Registry>())
{}

Hosts::~Hosts()
{
    {
        const std::lock_guard lock(m_registry->mutex);
        m_registry->slots.clear();
    }
    // Close all at once; a host that hangs costs the grace period once and is left behind.
    std::vector<std::unique_ptr<Lane>> closing;
    for (Host *host : std::as_const(m_hosts)) {
        closing.push_back(host->shutDown());
    }
    const QDeadlineTimer deadline(closeGrace);
    for (const auto &lane : closing) {
        if (lane) {
            lane->finish(std::chrono::milliseconds(deadline.remainingTime()));
        }
    }
    qDeleteAll(m_hosts);
}

HostId Hosts::add(HostSettings settings)
{
    if (const Host *existing = findUri(settings.uri)) {
        return existing->settings().id;
    }
    if (settings.id.isNull()) {
        settings.id = QUuid::createUuid();
    }
    auto *host = new Host(settings, this);
    m_hosts.append(host);
    {
        const std::lock_guard lock(m_registry->mutex);
        m_registry->slots.insert(settings.id, host->connectionSlot());
    }
    Q_EMIT added(settings.id);
    Q_EMIT settingsChanged();
    return settings.id;
}

void Hosts::edit(const HostSettings &settings)
{
    Host *edited = host(settings.id);
    if (!edited || edited->settings() == settings) {
        return;
    }
    edited->setSettings(settings);
    Q_EMIT settingsChanged();
}

void Hosts::remove(const HostId &id)
{
    Host *gone = host(id);
    if (!gone) {
        return;
    }
    Q_EMIT aboutToRemove(id);
    {
        const std::lock_guard lock(m_registry->mutex);
        m_registry->slots.remove(id);
    }
    m_hosts.removeOne(gone);
    delete gone;
    Q_EMIT removed(id);
    Q_EMIT settingsChanged();
}

Host *Hosts::host(const HostId &id) const
{
    for (Host *candidate : m_hosts) {
        if (candidate->settings().id == id) {
            return candidate;
        }
    }
    return nullptr;
}

Host *Hosts::findUri(const QString &uri) const
{
    for (Host *candidate : m_hosts) {
        if (candidate->settings().uri == uri) {
            return candidate;
        }
    }
    return nullptr;
}

ConnectionProvider Hosts::provider() const
{
    return [registry = m_registry](const HostId &id) -> Result<ConnectionPtr> {
        std::shared_ptr<ConnectionSlot> slot;
        {
            const std::lock_guard lock(registry->mutex);
            slot = registry->slots.value(id);
        }
        if (slot) {
            return slot->get();
        }
        return fail({Error::Kind::Disconnected,
            QCoreApplication::translate("virt::Hosts", "That host is no longer among the connections."), {}, 0, 0});
    };
}

int Hosts::connectedCount() const
{
    return static_cast<int>(std::ranges::count_if(m_hosts, [](const Host *host) { return host->isConnected(); }));
}

} // namespace vireo::virt
