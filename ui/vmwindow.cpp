// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/vmwindow.h"

#include <QApplication>
#include <QCloseEvent>
#include <QMenuBar>
#include <QSettings>
#include <QStyle>
#include <QToolBar>
#include <QToolButton>

#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "ui/discardquestion.h"
#include "ui/domainactions.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::Action;

namespace {
const QString geometryKey = u"vmWindow/geometry"_s;
}

VmWindow::VmWindow(const UiContext &context, const virt::DomainKey &domain, VmPage::Page page)
    : m_context(context)
    , m_domain(domain)
    , m_actions(new DomainActions(context, this))
    , m_page(new VmPage(context, this))
{
    setObjectName(u"vmWindow"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    setCentralWidget(m_page);
    m_page->setDomain(domain);
    m_page->setPage(page);
    m_actions->setSelection({domain});
    createMenus();
    connect(m_page, &VmPage::newVmRequested, this, &VmWindow::newVmRequested);
    connect(m_page, &VmPage::recoverRequested, this, &VmWindow::recoverRequested);

    const auto concerned = [this](const QUuid &host, const QList<QUuid> &domains) {
        if (host == m_domain.host && domains.contains(m_domain.domain)) {
            updateTitle();
        }
    };
    connect(&m_context.inventory, &virt::Inventory::domainsAdded, this, concerned);
    connect(&m_context.inventory, &virt::Inventory::domainsChanged, this, concerned);
    connect(&m_context.inventory, &virt::Inventory::domainsRemoved, this, concerned);
    connect(&m_context.hosts, &virt::Hosts::removed, this, &VmWindow::updateTitle);
    updateTitle();
    if (!restoreGeometry(m_context.settings.value(geometryKey).toByteArray())) {
        resize(fontMetrics().averageCharWidth() * 130, fontMetrics().height() * 42);
    }
}

void VmWindow::setPage(VmPage::Page page)
{
    m_page->setPage(page);
}

void VmWindow::follow(const virt::DomainKey &domain)
{
    m_domain = domain;
    m_page->setDomain(domain);
    m_actions->setSelection({domain});
    updateTitle();
}

void VmWindow::createMenus()
{
    QMenu *machine = menuBar()->addMenu(tr("Virtual &Machine"));
    machine->setToolTipsVisible(true);
    machine->addAction(m_actions->action(Action::Run));
    machine->addAction(m_actions->action(Action::Pause));
    machine->addAction(m_actions->action(Action::Resume));
    machine->addMenu(m_actions->createShutDownMenu(machine));
    machine->addSeparator();
    machine->addAction(m_actions->takeSnapshot());
    machine->addAction(m_actions->migrate());
    machine->addSeparator();
    machine->addAction(m_actions->rename());
    machine->addAction(m_actions->autostart());
    machine->addAction(m_actions->remove());
    // The page's text views use Del and F2 themselves; here the menu is enough.
    m_actions->remove()->setShortcut({});
    machine->addSeparator();
    QAction *close = machine->addAction(tr("&Close"));
    close->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_W);
    connect(close, &QAction::triggered, this, &QWidget::close);
    QAction *quit = machine->addAction(tr("&Quit Vireo"));
    quit->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_Q);
    connect(quit, &QAction::triggered, qApp, &QApplication::quit, Qt::QueuedConnection);

    QMenu *view = menuBar()->addMenu(tr("&View"));
    const auto addPage = [this, view](const QString &text, VmPage::Page page) {
        QAction *action = view->addAction(text);
        connect(action, &QAction::triggered, this, [this, page] {
            setPage(page);
            m_page->focusPage();
        });
        return action;
    };
    addPage(tr("&Overview"), VmPage::Page::Overview)->setShortcut(Qt::ALT | Qt::Key_Return);
    addPage(tr("&Hardware"), VmPage::Page::Hardware)->setShortcut(Qt::CTRL | Qt::SHIFT | Qt::Key_H);
    addPage(tr("&XML"), VmPage::Page::Xml)->setShortcut(Qt::CTRL | Qt::Key_E);
    addPage(tr("&Snapshots"), VmPage::Page::Snapshots);
    addPage(tr("&Events"), VmPage::Page::Events);
    view->addSeparator();
    QAction *refresh = view->addAction(tr("&Refresh"));
    refresh->setShortcut(Qt::Key_F5);
    connect(refresh, &QAction::triggered, this, [this] {
        if (virt::Host *host = m_context.hosts.host(m_domain.host)) {
            host->refresh();
        }
        m_page->refresh();
    });

    auto *bar = addToolBar(tr("Main toolbar"));
    bar->setObjectName(u"vmToolBar"_s);
    bar->setMovable(false);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    bar->setIconSize(QSize(side, side));
    bar->addAction(m_actions->action(Action::Run));
    bar->addAction(m_actions->action(Action::Pause));
    auto *shutDown = new QToolButton(bar);
    shutDown->setDefaultAction(m_actions->action(Action::ShutDown));
    shutDown->setMenu(m_actions->createShutDownMenu(shutDown));
    shutDown->setPopupMode(QToolButton::MenuButtonPopup);
    shutDown->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->addWidget(shutDown);
    bar->addAction(m_actions->takeSnapshot());
    bar->addAction(m_actions->migrate());
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
}

void VmWindow::updateTitle()
{
    const virt::DomainRecord *record = m_context.inventory.domain(m_domain);
    if (record) {
        m_name = record->displayName();
        if (const virt::Host *host = m_context.hosts.host(m_domain.host)) {
            m_hostName = host->settings().displayName();
        }
    }
    const QString title =
        m_hostName.isEmpty() ? m_name : tr("%1 on %2", "virtual machine and host").arg(m_name, m_hostName);
    setWindowTitle(record ? title : tr("%1 (no longer there)").arg(title));
}

void VmWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    Q_EMIT visibilityChanged();
}

void VmWindow::hideEvent(QHideEvent *event)
{
    QMainWindow::hideEvent(event);
    Q_EMIT visibilityChanged();
}

void VmWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange) {
        Q_EMIT visibilityChanged();
    }
}

void VmWindow::closeEvent(QCloseEvent *event)
{
    if (m_page->hasEdits() && !m_discardEdits) {
        event->ignore();
        askToDiscardEdits(this, [this] {
            m_discardEdits = true;
            close();
        });
        return;
    }
    m_context.settings.setValue(geometryKey, saveGeometry());
    QMainWindow::closeEvent(event);
    if (event->isAccepted()) {
        Q_EMIT closed();
    }
}

} // namespace vireo::ui
