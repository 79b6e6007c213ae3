// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domainwatch.h"

#include <QDateTime>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/format.h"

namespace vireo::ui {

DomainWatch::DomainWatch(const UiContext &context, QObject *parent)
    : QObject(parent)
    , m_context(context)
{
    const auto concerned = [this](const QUuid &host, const QList<QUuid> &domains) {
        if (host != m_key.host || m_key.isNull() || !domains.contains(m_key.domain)) {
            return;
        }
        readRecord();
        Q_EMIT changed();
    };
    connect(&context.inventory, &virt::Inventory::domainsAdded, this, concerned);
    connect(&context.inventory, &virt::Inventory::domainsChanged, this, concerned);
    connect(&context.inventory, &virt::Inventory::domainsRemoved, this, concerned);
    connect(&context.inventory, &virt::Inventory::figuresChanged, this, [this](const QUuid &host) {
        if (host == m_key.host && m_exists) {
            Q_EMIT figuresChanged();
        }
    });
    connect(&context.hosts, &virt::Hosts::removed, this, [this](const QUuid &host) {
        if (host == m_key.host && !m_key.isNull()) {
            m_exists = false;
            Q_EMIT changed();
        }
    });
}

void DomainWatch::setDomain(const virt::DomainKey &key)
{
    disconnect(m_hostConnection);
    disconnect(m_eventConnection);
    m_key = key;
    m_record = {};
    m_exists = false;
    m_hostName.clear();
    if (virt::Host *on = host()) {
        m_hostName = on->settings().displayName();
        m_hostConnection = connect(on, &virt::Host::statusChanged, this, [this] {
            if (virt::Host *still = host()) {
                m_hostName = still->settings().displayName();
            }
            Q_EMIT hostStatusChanged();
        });
        m_eventConnection = connect(on, &virt::Host::eventHappened, this, [this](const virt::EventRecord &event) {
            if (event.domain == m_key.domain) {
                Q_EMIT happened();
            }
        });
    }
    readRecord();
    if (m_exists && !m_record.detailed && host()) {
        host()->readDetails({m_key.domain});
    }
    Q_EMIT replaced();
}

virt::Host *DomainWatch::host() const
{
    return m_key.isNull() ? nullptr : m_context.hosts.host(m_key.host);
}

bool DomainWatch::isFresh() const
{
    const virt::Host *on = host();
    return m_exists && on && on->isConnected();
}

void DomainWatch::readRecord()
{
    const virt::DomainRecord *known = m_key.isNull() ? nullptr : m_context.inventory.domain(m_key);
    m_exists = known;
    if (known) {
        m_record = *known;
    }
}

QString DomainWatch::staleSentence() const
{
    if (m_key.isNull() || isFresh()) {
        return {};
    }
    const virt::Host *on = host();
    if (!on) {
        return tr("The host of this VM was removed. What was last known is shown.");
    }
    if (!m_exists) {
        const QString name = m_record.displayName();
        if (on->status().state == virt::HostState::Disconnected) {
            return tr("%1 is not connected. What was last known is shown.").arg(m_hostName);
        }
        return name.isEmpty()
            ? tr("This VM does not exist on %1.").arg(m_hostName)
            : tr("%1 does not exist on %2 any more. What was last known is shown.").arg(name, m_hostName);
    }
    const virt::HostStatus &status = on->status();
    const QString seen = status.lastAnswer.isValid()
        ? tr("last seen %1").arg(model::formatAge(status.lastAnswer.secsTo(QDateTime::currentDateTime())))
        : tr("not seen yet");
    switch (status.state) {
    case virt::HostState::NotResponding:
        return tr("%1 is not responding, %2. What was last known is shown.").arg(m_hostName, seen);
    case virt::HostState::Reconnecting:
        return tr("The connection to %1 was lost, %2. Vireo connects again by itself.").arg(m_hostName, seen);
    case virt::HostState::Connecting:
        return tr("Connecting to %1 …").arg(m_hostName);
    case virt::HostState::Failed:
        return tr("The connection to %1 failed, %2. What was last known is shown.").arg(m_hostName, seen);
    default:
        return tr("%1 is not connected. What was last known is shown.").arg(m_hostName);
    }
}

QString DomainWatch::staleHint() const
{
    const virt::Host *on = host();
    return on && !on->isConnected() ? on->status().error.message : QString();
}

} // namespace vireo::ui
