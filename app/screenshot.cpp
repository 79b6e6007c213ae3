// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/screenshot.h"

#include <cstdio>

#include <QPixmap>
#include <QSaveFile>
#include <QWidget>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"

namespace vireo::app {

namespace {
constexpr int LookMs = 50;
constexpr int FiguresWanted = 4; ///< so that a sparkline is a line
constexpr int QuietLooks = 10;   ///< views lay out what came last
} // namespace

Screenshot::Screenshot(QWidget &window, virt::Hosts &hosts, virt::Inventory &inventory, QString file, QObject *parent)
    : QObject(parent)
    , m_window(window)
    , m_hosts(hosts)
    , m_inventory(inventory)
    , m_file(std::move(file))
{
    m_poll.setInterval(LookMs);
    connect(&m_poll, &QTimer::timeout, this, &Screenshot::look);
    connect(&inventory, &virt::Inventory::figuresChanged, this, [this](const QUuid &host) { ++m_figures[host]; });
}

void Screenshot::begin()
{
    m_waited.start();
    m_poll.start();
}

bool Screenshot::isReady() const
{
    const auto hosts = m_hosts.all();
    for (const virt::Host *host : hosts) {
        const virt::HostState state = host->status().state;
        if (state == virt::HostState::Connecting) {
            return false;
        }
        if (state != virt::HostState::Connected) {
            continue; // it is what it is
        }
        const virt::HostId id = host->settings().id;
        const auto domains = m_inventory.domainsOf(id);
        for (const QUuid &domain : domains) {
            const virt::DomainRecord *record = m_inventory.domain({id, domain});
            if (record && !record->detailed) {
                return false;
            }
        }
        if (host->info().hypervisor.isEmpty()
            || (m_inventory.activeCount(id) > 0 && m_figures.value(id) < FiguresWanted)) {
            return false;
        }
    }
    return true;
}

void Screenshot::look()
{
    m_readyLooks = isReady() ? m_readyLooks + 1 : 0;
    if (m_readyLooks > 0 && !m_told) {
        m_told = true;
        Q_EMIT ready();
    }
    if (m_readyLooks >= QuietLooks || m_waited.hasExpired(LimitMs)) {
        m_poll.stop();
        save();
    }
}

void Screenshot::save()
{
    QSaveFile file(m_file);
    const QPixmap picture = m_window.grab();
    if (picture.isNull() || !file.open(QIODevice::WriteOnly) || !picture.save(&file, "PNG") || !file.commit()) {
        std::fprintf(
            stderr, "%s\n", qUtf8Printable(tr("Can't save the picture as %1: %2").arg(m_file, file.errorString())));
        Q_EMIT finished(1);
        return;
    }
    Q_EMIT finished(0);
}

} // namespace vireo::app
