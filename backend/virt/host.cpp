// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/host.h"

#include <QPointer>

#include "backend/virt/connectionuri.h"
#include "backend/virt/hostsession.h"

namespace vireo::virt {

QString HostSettings::displayName() const
{
    if (!name.isEmpty()) {
        return name;
    }
    const auto parsed = ConnectionUri::parse(uri);
    return parsed ? parsed->label() : uri;
}

Result<ConnectionPtr> ConnectionSlot::get() const
{
    const std::lock_guard lock(m_mutex);
    if (m_connection) {
        return m_connection;
    }
    return fail({Error::Kind::Disconnected, Host::tr("%1 is not connected.").arg(m_hostName), {}, 0, 0});
}

void ConnectionSlot::set(ConnectionPtr connection, const QString &hostName)
{
    const std::lock_guard lock(m_mutex);
    m_connection = std::move(connection);
    m_hostName = hostName;
}

ConnectionPtr ConnectionSlot::take()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_connection, nullptr);
}

Host::Host(HostSettings settings, QObject *parent)
    : QObject(parent)
    , m_settings(std::move(settings))
    , m_d(std::make_unique<Private>(*this))
{
    m_d->setStatus(HostState::Disconnected, tr("Not connected"));
}

Host::~Host()
{
    // The returned lane finishes the closing by itself.
    shutDown();
}

std::unique_ptr<Lane> Host::shutDown()
{
    return m_d->shutDown();
}

void Host::setSettings(const HostSettings &settings)
{
    const bool reconnect = m_settings.uri != settings.uri || m_settings.readOnly != settings.readOnly;
    const bool wasUp = m_status.state != HostState::Disconnected && m_status.state != HostState::Failed;
    if (reconnect && wasUp) {
        disconnectFromHost();
    }
    m_settings = settings;
    Q_EMIT statusChanged(); // the name may have changed
    if (reconnect && wasUp) {
        connectToHost();
    }
}

void Host::connectToHost()
{
    switch (m_status.state) {
    case HostState::Connecting:
    case HostState::Connected:
    case HostState::NotResponding:
        return;
    case HostState::Disconnected:
    case HostState::Failed:
    case HostState::Reconnecting:
        break;
    }
    const auto uri = ConnectionUri::parse(m_settings.uri);
    if (!uri) {
        m_d->setStatus(HostState::Failed, tr("The address of this connection is wrong."), uri.error());
        return;
    }
    if (const QStringList risks = uri->risks(); !risks.isEmpty() && !m_settings.riskAccepted) {
        m_d->setStatus(HostState::Failed, tr("This connection needs your consent."),
            {Error::Kind::Invalid, risks.join(u' '),
                tr("Edit the connection and accept this if you trust whoever wrote the address."), 0, 0});
        return;
    }
    m_d->open();
}

void Host::disconnectFromHost()
{
    if (m_status.state == HostState::Disconnected) {
        return;
    }
    shutDown();
    m_d->forget();
    m_d->setStatus(HostState::Disconnected, tr("Not connected"));
}

void Host::refresh()
{
    if (isConnected()) {
        m_d->list();
    }
}

void Host::setFiguresWanted(bool wanted)
{
    m_d->setFiguresWanted(wanted);
}

void Host::readDetails(const QList<QUuid> &domains)
{
    m_d->queueDetails(domains, true);
}

void Host::readDomains(const QList<QUuid> &domains)
{
    m_d->queueChanged(domains);
}

Result<ConnectionPtr> Host::connection() const
{
    return connectionSlot()->get();
}

std::shared_ptr<ConnectionSlot> Host::connectionSlot() const
{
    return m_d->slot();
}

void Host::answerCredentials(const std::optional<CredentialRequest> &answer)
{
    m_d->answerCredentials(answer);
}

void Host::askUntyped(QObject *context, Untyped work, std::chrono::milliseconds deadline)
{
    m_d->ask(context, std::move(work), deadline);
}

} // namespace vireo::virt
