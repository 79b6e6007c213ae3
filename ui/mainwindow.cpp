// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/mainwindow.h"

#include <algorithm>
#include <chrono>

#include <QActionGroup>
#include <QApplication>
#include <QCloseEvent>
#include <QLabel>
#include <QMessageBox>
#include <QPushButton>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "model/domaintreemodel.h"
#include "ui/createwizard.h"
#include "ui/discardquestion.h"
#include "ui/domainactions.h"
#include "ui/domaintreeview.h"
#include "ui/emptystate.h"
#include "ui/filteredit.h"
#include "ui/hostactions.h"
#include "ui/hostpage.h"
#include "ui/interruptedbar.h"
#include "ui/jobsdock.h"
#include "ui/keptbadges.h"
#include "ui/migrationfollower.h"
#include "ui/nolibvirtpage.h"
#include "ui/quitquestion.h"
#include "ui/selectionsummary.h"
#include "ui/vmwindow.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using model::DomainTreeModel;

namespace {

const QString geometryKey = u"mainWindow/geometry"_s;
const QString stateKey = u"mainWindow/state1"_s;
const QString splitterKey = u"mainWindow/splitter"_s;
const QString detailsKey = u"mainWindow/details"_s;
const QString groupingKey = u"tree/grouping"_s;

bool isOnScreen(const QWidget &window)
{
    return window.isVisible() && !window.isMinimized();
}

} // namespace

MainWindow::MainWindow(const UiContext &context, QWidget *parent)
    : QMainWindow(parent)
    , m_context(context)
    , m_model(new DomainTreeModel(context.inventory, &context.jobs, this))
    , m_domainActions(new DomainActions(context, this))
    , m_hostActions(new HostActions(context, this))
{
    setObjectName(u"mainWindow"_s);
    setWindowTitle(tr("Vireo"));
    setAccessibleName(tr("Vireo"));

    createViews();
    createActions();
    createMenus();
    createToolBar();
    createStatusBar();
    watchHosts();
    restoreLayout();

    connect(m_domainActions, &DomainActions::aboutToAct, m_tree, &DomainTreeView::flushSelection);
    connect(m_domainActions, &DomainActions::openWanted, this, [this](const QList<virt::DomainKey> &domains) {
        for (const virt::DomainKey &key : domains) {
            openVmWindow(key, VmPage::Page::Overview);
        }
    });
    showSelection();
    updateEmptyState();
    updateStatusBar();
}

MainWindow::~MainWindow()
{
    for (const QPointer<VmWindow> &window : std::as_const(m_vmWindows)) {
        if (window) {
            window->disconnect(this);
        }
        delete window.data();
    }
}

void MainWindow::createViews()
{
    m_tree = new DomainTreeView(m_context, *m_model);
    m_noHost = new EmptyState(Glyph::Connection, tr("No hosts yet"),
        tr("Connect to libvirt on this computer or on another one to see its virtual machines here."));
    QPushButton *add = m_noHost->setButton(tr("Add a connection…"));
    add->setObjectName(u"emptyAddConnection"_s);
    connect(add, &QPushButton::clicked, this, &MainWindow::addConnection);
    m_nothingFound = new EmptyState(Glyph::Search, tr("Nothing found"), QString());
    m_nothingFound->setObjectName(u"nothingFound"_s);
    QPushButton *clear = m_nothingFound->setButton(tr("Clear filter"));
    clear->setObjectName(u"clearFilter"_s);
    connect(clear, &QPushButton::clicked, this, [this] {
        m_filter->clear();
        m_tree->setFocus();
    });
    m_list = new QStackedWidget;
    for (QWidget *each :
        {static_cast<QWidget *>(m_tree), static_cast<QWidget *>(m_noHost), static_cast<QWidget *>(m_nothingFound)}) {
        m_list->addWidget(each);
    }

    m_nothingSelected = new EmptyState(
        Glyph::Details, tr("Nothing selected"), tr("Select a virtual machine or a host to see it here."));
    m_noLibvirt = new NoLibvirtPage(m_context);
    connect(m_noLibvirt, &NoLibvirtPage::wantedChanged, this, &MainWindow::showSelection);
    connect(m_noLibvirt, &NoLibvirtPage::addConnectionRequested, this, &MainWindow::addConnection);
    m_vmPage = new VmPage(m_context);
    connect(m_vmPage, &VmPage::newVmRequested, this, &MainWindow::createFromImage);
    m_hostPage = new HostPage(m_context);
    connect(m_hostPage, &HostPage::connectRequested, m_hostActions, &HostActions::connectTo);
    connect(m_hostPage, &HostPage::editRequested, m_hostActions, &HostActions::editConnection);
    connect(m_hostPage, &HostPage::basesRequested, m_hostActions, &HostActions::showBaseImages);
    m_summary = new SelectionSummary(m_context);
    m_details = new QStackedWidget;
    m_details->setObjectName(u"details"_s);
    for (QWidget *each : {static_cast<QWidget *>(m_nothingSelected), static_cast<QWidget *>(m_noLibvirt),
             static_cast<QWidget *>(m_vmPage), static_cast<QWidget *>(m_hostPage), static_cast<QWidget *>(m_summary)}) {
        m_details->addWidget(each);
    }

    m_splitter = new QSplitter(Qt::Horizontal, this);
    m_splitter->addWidget(m_list);
    m_splitter->addWidget(m_details);
    m_splitter->setCollapsible(0, false);
    m_splitter->setCollapsible(1, false); // hidden by its action, so that the menu always tells the truth
    m_splitter->setStretchFactor(0, 1);
    m_splitter->setStretchFactor(1, 0);
    m_interrupted = new InterruptedBar(m_context, this);
    auto *centre = new QWidget(this);
    auto *layout = new QVBoxLayout(centre);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_interrupted);
    layout->addWidget(m_splitter, 1);
    setCentralWidget(centre);

    m_jobsDock = new JobsDock(m_context, this);
    addDockWidget(Qt::BottomDockWidgetArea, m_jobsDock);
    watchInterrupted();
    watchMigrations();

    connect(m_tree, &DomainTreeView::selectedChanged, this, &MainWindow::showSelection);
    connect(&m_context.inventory, &virt::Inventory::domainsAdded, this,
        [this](const QUuid &host, const QList<QUuid> &domains) {
            if (!m_awaitedDomain.isNull() && host == m_awaitedDomain.host && domains.contains(m_awaitedDomain.domain)) {
                showDomain(virt::DomainKey(m_awaitedDomain), m_vmPage->page()); // a copy: showing it ends the wait
            } else if (host == m_shownDomain.host && domains.contains(m_shownDomain.domain)
                && m_details->currentWidget() == m_vmPage && m_tree->selectedDomains().isEmpty()
                && m_tree->selectedHosts().isEmpty()) {
                // It had vanished while its page was shown, perhaps for a moment, and nothing else was selected since.
                m_tree->selectDomain(m_shownDomain);
            }
        });
    connect(m_tree, &DomainTreeView::domainActivated, this,
        [this](const virt::DomainKey &key) { openVmWindow(key, VmPage::Page::Overview); });
    connect(m_tree, &DomainTreeView::hostActivated, this, &MainWindow::activateHost);
    connect(m_tree, &DomainTreeView::menuWanted, this, &MainWindow::showContextMenu);
    // Once per turn of the event loop: rows come and go one by one.
    m_emptyTimer.setSingleShot(true);
    m_emptyTimer.setInterval(0);
    connect(&m_emptyTimer, &QTimer::timeout, this, &MainWindow::updateEmptyState);
    const auto recheck = [this] {
        m_emptyTimer.start();
    };
    connect(m_model, &QAbstractItemModel::rowsInserted, this, recheck);
    connect(
        m_model, &QAbstractItemModel::rowsInserted, this,
        [this] {
            const virt::DomainKey awaited = m_awaitedDomain;
            if (!awaited.isNull() && m_context.inventory.domain(awaited) && m_tree->selectDomain(awaited)) {
                m_awaitedDomain = {};
            }
        },
        Qt::QueuedConnection);
    connect(m_model, &QAbstractItemModel::rowsRemoved, this, recheck);
    connect(m_model, &QAbstractItemModel::modelReset, this, recheck);
}

void MainWindow::watchInterrupted()
{
    connect(m_interrupted, &InterruptedBar::showWanted, m_jobsDock, &JobsDock::showInterrupted);
    connect(m_jobsDock, &JobsDock::connectWanted, this, [this](const QString &uri) {
        virt::HostSettings settings;
        settings.uri = uri;
        m_hostActions->connectTo(m_context.hosts.add(settings)); // asks when the address is risky
    });
    connect(m_jobsDock, &JobsDock::problem, this, [this](const QString &text) {
        auto *box = new QMessageBox(QMessageBox::Warning, tr("Vireo"), QString(), QMessageBox::Ok, this);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->setTextFormat(Qt::PlainText);
        box->setText(text);
        box->open();
    });
}

void MainWindow::watchMigrations()
{
    m_follower = new MigrationFollower(m_context, this);
    connect(m_follower, &MigrationFollower::arrived, this, &MainWindow::followDomain);
    new KeptBadges(m_context.kept, *m_model, this);
    connect(m_vmPage, &VmPage::recoverRequested, m_follower, &MigrationFollower::recover);
    // Queued: the drag that dropped them has to end first.
    connect(m_model, &DomainTreeModel::domainsDropped, m_domainActions, &DomainActions::openMigrateWizard,
        Qt::QueuedConnection);
}

/** Whoever looks at a VM goes on looking at it when it has moved. */
void MainWindow::followDomain(const virt::DomainKey &source, const virt::DomainKey &destination)
{
    for (const QPointer<VmWindow> &window : std::as_const(m_vmWindows)) {
        if (window && window->domain() == source) {
            window->follow(destination);
        }
    }
    const QList<virt::DomainKey> selected = m_tree->selectedDomains();
    const bool alone = selected.isEmpty() ? m_tree->selectedHosts().isEmpty() : selected == QList{source};
    // One that left the source's list some time before has taken its selection with it.
    const QWidget *page = m_details->currentWidget();
    if ((page == m_vmPage || page == m_nothingSelected || page == m_noLibvirt) && m_shownDomain == source && alone) {
        showDomain(destination, m_vmPage->page());
    }
}

void MainWindow::createStatusBar()
{
    const auto label = [this](const QString &name) {
        auto *made = new QLabel(this);
        made->setObjectName(name);
        made->setTextFormat(Qt::PlainText);
        made->setContentsMargins(6, 0, 6, 0);
        return made;
    };
    m_hostCount = label(u"hostCount"_s);
    m_domainCount = label(u"domainCount"_s);
    m_jobCount = label(u"jobCount"_s);
    statusBar()->addWidget(m_hostCount);
    statusBar()->addWidget(m_domainCount);
    statusBar()->addPermanentWidget(m_jobCount);

    // Counted at most 10 times a second: a host with thousands of domains reports them in many pieces.
    m_countTimer.setSingleShot(true);
    m_countTimer.setInterval(std::chrono::milliseconds(100));
    connect(&m_countTimer, &QTimer::timeout, this, &MainWindow::updateStatusBar);
    const auto soon = [this] {
        if (!m_countTimer.isActive()) {
            m_countTimer.start();
        }
    };
    connect(&m_context.inventory, &virt::Inventory::domainsAdded, this, soon);
    connect(&m_context.inventory, &virt::Inventory::domainsRemoved, this, soon);
    connect(&m_context.inventory, &virt::Inventory::domainsChanged, this, soon);
    connect(m_jobsDock, &JobsDock::summaryChanged, this, soon);
    // Libvirt tells nobody about some changes (autostart): what jobs have touched is read again.
    connect(&m_context.jobs, &job::JobManager::finished, this, [this](const QUuid &id) {
        const job::JobRecord *record = m_context.jobs.job(id);
        virt::Host *host = record && !record->plan.domain.isNull() ? m_context.hosts.host(record->plan.host) : nullptr;
        if (host && host->isConnected()) {
            host->readDomains({record->plan.domain});
        }
    });
}

void MainWindow::watchHosts()
{
    const auto watch = [this](const QUuid &id) {
        virt::Host *host = m_context.hosts.host(id);
        if (!host) {
            return;
        }
        connect(host, &virt::Host::statusChanged, this, [this] {
            if (!m_countTimer.isActive()) {
                m_countTimer.start();
            }
        });
        updateFiguresWanted();
        updateStatusBar();
        updateEmptyState();
    };
    connect(&m_context.hosts, &virt::Hosts::added, this, watch);
    connect(&m_context.hosts, &virt::Hosts::removed, this, [this] {
        updateStatusBar();
        updateEmptyState();
    });
    const QList<virt::Host *> hosts = m_context.hosts.all();
    for (const virt::Host *host : hosts) {
        watch(host->settings().id);
    }
}

void MainWindow::restoreLayout()
{
    const QSettings &settings = m_context.settings;
    const int ch = fontMetrics().averageCharWidth();
    if (!restoreGeometry(settings.value(geometryKey).toByteArray())) {
        resize(ch * 214, fontMetrics().height() * 50);
    }
    restoreState(settings.value(stateKey).toByteArray());
    m_jobsDock->hide(); // it opens by itself when there is something in it
    if (!m_splitter->restoreState(settings.value(splitterKey).toByteArray())) {
        m_splitter->setSizes({ch * 132, ch * 82});
    }
    m_showDetails->setChecked(settings.value(detailsKey, true).toBool());
    m_details->setVisible(m_showDetails->isChecked());
    const bool byTag = settings.value(groupingKey).toString() == u"tag"_s;
    m_grouping->actions().at(byTag ? 1 : 0)->setChecked(true);
    m_tree->setGrouping(byTag ? DomainTreeModel::Grouping::Tag : DomainTreeModel::Grouping::Host);
    connect(m_grouping, &QActionGroup::triggered, this, [this](QAction *action) {
        const bool tag = action == m_grouping->actions().at(1);
        m_context.settings.setValue(groupingKey, tag ? u"tag"_s : u"host"_s);
        m_tree->setGrouping(tag ? DomainTreeModel::Grouping::Tag : DomainTreeModel::Grouping::Host);
    });
}

void MainWindow::showSelection()
{
    const QList<virt::DomainKey> domains = m_tree->selectedDomains();
    const QList<virt::HostId> hosts = m_tree->selectedHosts();
    m_domainActions->setSelection(domains);
    m_hostActions->setSelection(hosts);
    if ((!domains.isEmpty() || !hosts.isEmpty())
        && (domains != m_besideAwaited.domains || hosts != m_besideAwaited.hosts)) {
        m_awaitedDomain = {}; // the user went on
    }
    m_properties->setEnabled(!domains.isEmpty() || !hosts.isEmpty());
    m_showXml->setEnabled(domains.size() == 1);
    m_showSnapshots->setEnabled(domains.size() == 1);
    if (domains.size() == 1) {
        m_shownDomain = domains.first();
        m_vmPage->setDomain(domains.first());
        m_details->setCurrentWidget(m_vmPage);
    } else if (domains.size() > 1) {
        m_summary->setDomains(domains);
        m_details->setCurrentWidget(m_summary);
    } else if (!hosts.isEmpty()) {
        m_hostPage->setHost(hosts.first());
        m_details->setCurrentWidget(m_hostPage);
    } else if (m_details->currentWidget() != m_vmPage || m_context.inventory.domain(m_shownDomain)) {
        // The page of a domain that has just vanished stays, and says so, until something else is selected.
        m_details->setCurrentWidget(m_noLibvirt->isWanted() ? static_cast<QWidget *>(m_noLibvirt) : m_nothingSelected);
    }
}

void MainWindow::showDetails(VmPage::Page page)
{
    m_showDetails->setChecked(true);
    m_vmPage->setPage(page);
}

void MainWindow::applyQuery(const model::DomainQuery &query)
{
    m_tree->setQuery(query);
    updateEmptyState();
}

void MainWindow::suggestFilter()
{
    QStringList hosts;
    QSet<QString> tags;
    const QList<virt::Host *> all = m_context.hosts.all();
    for (const virt::Host *host : all) {
        hosts.append(host->settings().displayName());
        const QList<QUuid> domains = m_context.inventory.domainsOf(host->settings().id);
        for (const QUuid &domain : domains) {
            if (const virt::DomainRecord *record = m_context.inventory.domain({host->settings().id, domain})) {
                for (const QString &tag : record->tags) {
                    tags.insert(tag);
                }
            }
        }
    }
    QStringList sorted(tags.begin(), tags.end());
    sorted.sort(Qt::CaseInsensitive);
    m_filter->setSuggestions(hosts, sorted);
}

void MainWindow::updateEmptyState()
{
    QWidget *wanted = m_tree;
    if (m_context.hosts.all().isEmpty()) {
        wanted = m_noHost;
    } else if (!m_model->query().isEmpty() && m_model->shownDomainCount() == 0) {
        m_nothingFound->setTexts(
            tr("Nothing found"), tr("No virtual machine matches “%1”.").arg(m_filter->text().trimmed()));
        wanted = m_nothingFound;
    }
    // Without a host there is nothing to have details of: one question in the window, not two.
    m_details->setVisible(m_showDetails->isChecked() && wanted != m_noHost);
    // The focus stays where the user types; only a list that goes away hands it on.
    if (m_list->currentWidget() != wanted) {
        m_list->setCurrentWidget(wanted);
    }
}

void MainWindow::updateStatusBar()
{
    m_hostCount->setText(
        tr("Hosts: %1 of %2 connected").arg(m_context.hosts.connectedCount()).arg(m_context.hosts.all().size()));
    m_domainCount->setText(
        tr("VMs: %1 of %2 running").arg(m_context.inventory.totalActiveCount()).arg(m_context.inventory.totalCount()));
    m_jobCount->setText(tr("Jobs: %1").arg(m_jobsDock->summary()));
}

void MainWindow::updateFiguresWanted()
{
    const bool wanted = isOnScreen(*this)
        || std::any_of(m_vmWindows.cbegin(), m_vmWindows.cend(),
            [](const QPointer<VmWindow> &window) { return window && isOnScreen(*window); });
    const QList<virt::Host *> hosts = m_context.hosts.all();
    for (virt::Host *host : hosts) {
        host->setFiguresWanted(wanted);
    }
}

void MainWindow::refresh()
{
    const QList<virt::Host *> hosts = m_context.hosts.all();
    for (virt::Host *host : hosts) {
        if (host->isConnected()) {
            host->refresh();
        }
    }
    m_vmPage->refresh();
}

void MainWindow::activateHost(const virt::HostId &id)
{
    virt::Host *host = m_context.hosts.host(id);
    if (!host) {
        return;
    }
    if (host->status().state == virt::HostState::Disconnected || host->status().state == virt::HostState::Failed) {
        m_hostActions->connectTo(id);
    } else {
        m_showDetails->setChecked(true);
    }
}

virt::HostId MainWindow::preferredHost() const
{
    const QList<virt::HostId> hosts = m_tree->selectedHosts();
    if (!hosts.isEmpty()) {
        return hosts.first();
    }
    const QList<virt::DomainKey> domains = m_tree->selectedDomains();
    return domains.isEmpty() ? virt::HostId() : domains.first().host;
}

void MainWindow::showHost(const virt::HostId &host)
{
    if (!m_tree->selectHost(host)) {
        m_hostPage->setHost(host);
    }
    m_details->setCurrentWidget(m_hostPage);
    m_showDetails->setChecked(true);
}

void MainWindow::showDomain(const virt::DomainKey &key, VmPage::Page page)
{
    // One that was made just now may not be in the list yet.
    m_awaitedDomain = m_context.inventory.domain(key) ? virt::DomainKey() : key;
    m_besideAwaited = {m_tree->selectedDomains(), m_tree->selectedHosts()};
    if (m_awaitedDomain.isNull() && !m_tree->selectDomain(key)) {
        m_filter->clear(); // it may only be filtered out
        if (!m_tree->selectDomain(key)) {
            m_awaitedDomain = key; // the list is a step behind
        }
    }
    m_shownDomain = key;
    m_vmPage->setDomain(key);
    m_details->setCurrentWidget(m_vmPage);
    showDetails(page);
}

void MainWindow::openVmWindow(const virt::DomainKey &key, VmPage::Page page)
{
    m_vmWindows.removeIf([](const QPointer<VmWindow> &window) { return window.isNull(); });
    for (const QPointer<VmWindow> &window : std::as_const(m_vmWindows)) {
        if (window->domain() == key) {
            window->setPage(page);
            window->show();
            window->raise();
            window->activateWindow();
            return;
        }
    }
    auto *window = new VmWindow(m_context, key, page);
    m_vmWindows.append(window);
    connect(window, &VmWindow::visibilityChanged, this, &MainWindow::updateFiguresWanted);
    connect(window, &VmWindow::newVmRequested, this, &MainWindow::createFromImage);
    connect(window, &VmWindow::recoverRequested, m_follower, &MigrationFollower::recover);
    connect(window, &VmWindow::closed, this, [this] {
        // Vireo must not end with the last small window while jobs run unseen.
        if (!isVisible() && m_context.jobs.runningCount() > 0) {
            show();
        }
    });
    window->show();
}

void MainWindow::openCreateWizard(const virt::HostId &preferred)
{
    makeCreateWizard(preferred)->show();
}

void MainWindow::createFromImage(const virt::HostId &host, const QString &pool, const QString &name)
{
    CreateWizard *wizard = makeCreateWizard(host);
    CreateWizardState &state = wizard->state();
    if (pool.isEmpty()) {
        state.setOrigin(CreateWizardState::Origin::Image);
        state.setPath(name);
    } else {
        state.setOrigin(CreateWizardState::Origin::Volume);
        state.setSourcePool(pool);
        state.setVolume(name);
    }
    wizard->show();
}

void MainWindow::createFromDefinition(const virt::HostId &host, const QString &file)
{
    CreateWizard *wizard = makeCreateWizard(host);
    wizard->state().setOrigin(CreateWizardState::Origin::Xml);
    wizard->state().setPath(file);
    wizard->show();
}

CreateWizard *MainWindow::makeCreateWizard(const virt::HostId &preferred)
{
    auto *wizard = new CreateWizard(m_context, preferred.isNull() ? preferredHost() : preferred, this);
    wizard->setAttribute(Qt::WA_DeleteOnClose);
    connect(wizard, &CreateWizard::created, this,
        [this](const virt::DomainKey &key) { showDomain(key, VmPage::Page::Overview); });
    return wizard;
}

void MainWindow::addConnection()
{
    m_hostActions->addConnection();
}

void MainWindow::showEvent(QShowEvent *event)
{
    QMainWindow::showEvent(event);
    updateFiguresWanted();
}

void MainWindow::hideEvent(QHideEvent *event)
{
    QMainWindow::hideEvent(event);
    updateFiguresWanted();
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::WindowStateChange) {
        updateFiguresWanted();
    }
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    const bool others = std::any_of(m_vmWindows.cbegin(), m_vmWindows.cend(),
        [](const QPointer<VmWindow> &window) { return window && window->isVisible(); });
    if (m_context.jobs.runningCount() > 0 && !others && !m_quitConfirmed) {
        event->ignore();
        askToQuit(m_context.jobs, this, [this] {
            m_quitConfirmed = true;
            QMetaObject::invokeMethod(qApp, &QApplication::quit, Qt::QueuedConnection);
        });
        return;
    }
    if (m_vmPage->hasEdits() && !m_discardEdits) {
        event->ignore();
        askToDiscardEdits(this, [this] {
            m_discardEdits = true;
            close();
        });
        return;
    }
    QSettings &settings = m_context.settings;
    settings.setValue(geometryKey, saveGeometry());
    settings.setValue(stateKey, saveState());
    settings.setValue(splitterKey, m_splitter->saveState());
    QMainWindow::closeEvent(event);
}

} // namespace vireo::ui
