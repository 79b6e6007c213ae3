// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/migrate/migrationfeed.h"

#include <utility>

namespace vireo::operation {

void MigrationSink::publish(const MigrationPicture &picture)
{
    const virt::DomainKey key = picture.domain;
    const std::lock_guard lock(m_mutex);
    if (!picture.listens()) {
        m_commands.remove(key);
    } else if (!m_commands.contains(key)) {
        m_commands.insert(key, {});
    }
    const bool isOnItsWay = m_waiting.contains(key); // it takes the newest along
    m_waiting.insert(key, picture);
    if (!isOnItsWay && m_courier) {
        m_courier->post([shown = m_shown, key] { shown(key); });
    }
}

QList<MigrationCommand> MigrationSink::take(const virt::DomainKey &domain)
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_commands.find(domain);
    return found == m_commands.end() ? QList<MigrationCommand>() : std::exchange(*found, {});
}

void MigrationSink::remove(const virt::DomainKey &domain)
{
    const std::lock_guard lock(m_mutex);
    m_waiting.remove(domain);
    m_commands.remove(domain);
    if (m_courier) {
        m_courier->post([gone = m_gone, domain] { gone(domain); });
    }
}

MigrationFeed::MigrationFeed(QObject *parent)
    : QObject(parent)
    , m_sink(std::make_shared<MigrationSink>())
{
    m_sink->m_courier = std::make_shared<Courier>(this);
    m_sink->m_shown = [this](const virt::DomainKey &domain) {
        show(domain);
    };
    m_sink->m_gone = [this](const virt::DomainKey &domain) {
        if (m_pictures.remove(domain) > 0) {
            Q_EMIT removed(domain);
        }
    };
}

MigrationFeed::~MigrationFeed()
{
    const std::lock_guard lock(m_sink->m_mutex);
    m_sink->m_courier->close();
    m_sink->m_courier.reset();
}

void MigrationFeed::show(const virt::DomainKey &domain)
{
    {
        const std::lock_guard lock(m_sink->m_mutex);
        const auto found = m_sink->m_waiting.find(domain);
        if (found == m_sink->m_waiting.end()) {
            return;
        }
        m_pictures.insert(domain, *found);
        m_sink->m_waiting.erase(found);
    }
    Q_EMIT changed(domain);
}

const MigrationPicture *MigrationFeed::picture(const virt::DomainKey &domain) const
{
    const auto found = m_pictures.constFind(domain);
    return found == m_pictures.constEnd() ? nullptr : &*found;
}

QList<virt::DomainKey> MigrationFeed::domains() const
{
    return m_pictures.keys();
}

void MigrationFeed::send(const virt::DomainKey &domain, const MigrationCommand &command)
{
    const std::lock_guard lock(m_sink->m_mutex);
    const auto found = m_sink->m_commands.find(domain);
    if (found != m_sink->m_commands.end()) {
        found->append(command);
    }
}

} // namespace vireo::operation
