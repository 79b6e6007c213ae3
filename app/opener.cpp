// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/opener.h"

#include <QMessageBox>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/mainwindow.h"

namespace vireo::app {

namespace {
constexpr int LookMs = 100;
constexpr int LooksWhenConnected = 50; ///< 5 s for the list to come
} // namespace

QUuid findDomain(const virt::Inventory &inventory, const virt::HostId &host, const QString &text)
{
    const QString wanted = text.trimmed();
    const QList<QUuid> domains = inventory.domainsOf(host);
    for (const QUuid &domain : domains) {
        if (const virt::DomainRecord *record = inventory.domain({host, domain}); record && record->name == wanted) {
            return domain;
        }
    }
    const QUuid uuid = QUuid::fromString(wanted);
    if (!uuid.isNull()) {
        return domains.contains(uuid) ? uuid : QUuid();
    }
    bool number = false;
    const int id = wanted.toInt(&number);
    for (const QUuid &domain : domains) {
        const virt::DomainRecord *record = inventory.domain({host, domain});
        if (number && record && record->id == id) {
            return domain;
        }
    }
    return {};
}

Opener::Opener(ui::MainWindow &window, virt::Hosts &hosts, virt::Inventory &inventory, const CommandLine &line,
    const virt::HostId &host, QObject *parent)
    : QObject(parent)
    , m_window(window)
    , m_hosts(hosts)
    , m_inventory(inventory)
    , m_line(line)
    , m_host(host)
{
    m_wait.setInterval(LookMs);
    connect(&m_wait, &QTimer::timeout, this, &Opener::look);
    m_wait.start();
}

void Opener::done()
{
    m_done = true;
    m_wait.stop();
    deleteLater();
}

void Opener::say(const QString &text)
{
    auto *box = new QMessageBox(QMessageBox::Information, tr("Vireo"), text, QMessageBox::Ok, &m_window);
    box->setTextFormat(Qt::PlainText);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void Opener::look()
{
    const virt::Host *host = m_hosts.host(m_host);
    if (m_done || !host) {
        return done();
    }
    if (m_line.show == CommandLine::Show::HostSummary) {
        m_window.showHost(m_host); // whatever its state: the page tells
        return done();
    }
    if (host->status().state == virt::HostState::Failed || host->status().state == virt::HostState::Disconnected) {
        m_window.showHost(m_host);
        return done();
    }
    if (!host->isConnected()) {
        return; // the window shows that it is being connected
    }
    if (m_line.show == CommandLine::Show::Creator) {
        m_window.openCreateWizard(m_host);
        return done();
    }
    const QUuid domain = findDomain(m_inventory, m_host, m_line.domain);
    if (domain.isNull()) {
        if (++m_looks < LooksWhenConnected) {
            return;
        }
        say(tr("There is no virtual machine “%1” on %2.").arg(m_line.domain, host->settings().displayName()));
        return done();
    }
    m_window.openVmWindow({m_host, domain}, ui::VmPage::Page::Overview);
    if (m_line.show == CommandLine::Show::Console) {
        say(tr("This version of Vireo has no console yet. The window of %1 is open.").arg(m_line.domain));
    }
    done();
}

} // namespace vireo::app
