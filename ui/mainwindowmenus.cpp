// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
/** The main window's actions, menus and toolbar. */
#include <QActionGroup>
#include <QApplication>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QStackedWidget>
#include <QStyle>
#include <QToolBar>
#include <QToolButton>

#include "ui/domainactions.h"
#include "ui/domaintreeview.h"
#include "ui/emptystate.h"
#include "ui/filteredit.h"
#include "ui/hostactions.h"
#include "ui/jobsdock.h"
#include "ui/mainwindow.h"
#include "ui/stateicons.h"
#include "ui/vmwindow.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::Action;

void MainWindow::createActions()
{
    m_newVm = new QAction(glyphIcon(Glyph::Add), tr("&New virtual machine…"), this);
    m_newVm->setObjectName(u"newVm"_s);
    m_newVm->setIconText(tr("New VM"));
    m_newVm->setShortcut(QKeySequence::New);
    m_newVm->setToolTip(tr("Make a new virtual machine (asks first)"));
    connect(m_newVm, &QAction::triggered, this, [this] { openCreateWizard(); });

    m_properties = new QAction(tr("De&tails"), this);
    m_properties->setObjectName(u"showDetailsPage"_s);
    m_properties->setShortcut(Qt::ALT | Qt::Key_Return);
    connect(m_properties, &QAction::triggered, this, [this] { showDetails(VmPage::Page::Overview); });

    m_showXml = new QAction(tr("&XML"), this);
    m_showXml->setObjectName(u"showXml"_s);
    m_showXml->setShortcut(Qt::CTRL | Qt::Key_E);
    connect(m_showXml, &QAction::triggered, this, [this] {
        showDetails(VmPage::Page::Xml);
        m_vmPage->focusPage();
    });

    m_showSnapshots = new QAction(tr("&Snapshots"), this);
    m_showSnapshots->setObjectName(u"showSnapshots"_s);
    connect(m_showSnapshots, &QAction::triggered, this, [this] {
        showDetails(VmPage::Page::Snapshots);
        m_vmPage->focusPage();
    });

    m_find = new QAction(tr("&Find…"), this);
    m_find->setObjectName(u"find"_s);
    m_find->setShortcut(QKeySequence::Find);
    connect(m_find, &QAction::triggered, this, [this] {
        m_filter->setFocus(Qt::ShortcutFocusReason);
        m_filter->selectAll();
    });

    m_refresh = new QAction(tr("&Refresh"), this);
    m_refresh->setObjectName(u"refresh"_s);
    m_refresh->setShortcut(Qt::Key_F5);
    connect(m_refresh, &QAction::triggered, this, &MainWindow::refresh);

    m_showDetails = new QAction(tr("&Details pane"), this);
    m_showDetails->setObjectName(u"detailsPane"_s);
    m_showDetails->setCheckable(true);
    m_showDetails->setChecked(true);
    m_showDetails->setShortcut(Qt::Key_F9);
    connect(m_showDetails, &QAction::toggled, this, [this](bool shown) {
        m_details->setVisible(shown && m_list->currentWidget() != m_noHost);
        m_context.settings.setValue(u"mainWindow/details"_s, shown);
    });

    m_showJobs = m_jobsDock->toggleViewAction();
    m_showJobs->setText(tr("&Jobs"));
    m_showJobs->setShortcut(Qt::CTRL | Qt::Key_J);

    m_grouping = new QActionGroup(this);
    m_grouping->addAction(tr("&Host"))->setCheckable(true);
    m_grouping->addAction(tr("&Tag"))->setCheckable(true);

    // Only where the list has the focus: elsewhere these keys belong to text.
    for (QAction *action : {m_domainActions->remove(), m_domainActions->rename()}) {
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        m_tree->addAction(action);
    }
}

void MainWindow::createMenus()
{
    createFileMenu();
    createEditMenu();
    createViewMenu();
    QMenu *machine = menuBar()->addMenu(tr("Virtual &Machine"));
    machine->setObjectName(u"machineMenu"_s);
    m_domainActions->fillMenu(machine);
    machine->addAction(m_properties);
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    QAction *about = help->addAction(tr("&About Vireo"));
    about->setMenuRole(QAction::AboutRole);
    connect(about, &QAction::triggered, this, &MainWindow::showAbout);
}

void MainWindow::createFileMenu()
{
    QMenu *file = menuBar()->addMenu(tr("&File"));
    file->addAction(m_newVm);
    file->addSeparator();
    for (QAction *action : {m_hostActions->add(), m_hostActions->connectAction(), m_hostActions->disconnectAction(),
             m_hostActions->edit(), m_hostActions->remove()}) {
        file->addAction(action);
    }
    file->addSeparator();
    file->addAction(m_hostActions->baseImages());
    file->addSeparator();
    QAction *close = file->addAction(tr("&Close window"));
    close->setShortcut(Qt::CTRL | Qt::Key_W);
    connect(close, &QAction::triggered, this, &QWidget::close);
    QAction *quit = file->addAction(tr("&Quit"));
    quit->setShortcut(Qt::CTRL | Qt::Key_Q);
    quit->setMenuRole(QAction::QuitRole);
    // Queued: quit() asks the windows, and one of them may still be handling this very click.
    connect(quit, &QAction::triggered, qApp, &QApplication::quit, Qt::QueuedConnection);
}

void MainWindow::createEditMenu()
{
    QMenu *edit = menuBar()->addMenu(tr("&Edit"));
    edit->addAction(m_find);
    QAction *all = edit->addAction(tr("Select &all"));
    all->setShortcut(QKeySequence::SelectAll);
    all->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    m_tree->addAction(all);
    connect(all, &QAction::triggered, m_tree, &DomainTreeView::selectAll);
    edit->addSeparator();
    edit->addAction(m_domainActions->rename());
    edit->addAction(m_domainActions->remove());
}

void MainWindow::createViewMenu()
{
    QMenu *view = menuBar()->addMenu(tr("&View"));
    QMenu *grouping = view->addMenu(tr("&Group by"));
    grouping->addActions(m_grouping->actions());
    QMenu *columns = view->addMenu(tr("&Columns"));
    connect(columns, &QMenu::aboutToShow, m_tree, [this, columns] {
        columns->clear();
        m_tree->fillColumnMenu(columns);
    });
    view->addSeparator();
    view->addAction(m_showDetails);
    view->addAction(m_showJobs);
    view->addSeparator();
    view->addAction(m_showXml);
    view->addAction(m_showSnapshots);
    view->addSeparator();
    view->addAction(m_refresh);
}

void MainWindow::createToolBar()
{
    auto *bar = addToolBar(tr("Main toolbar"));
    bar->setObjectName(u"mainToolBar"_s);
    bar->setMovable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this);
    bar->setIconSize(QSize(side, side));
    bar->addAction(m_newVm);
    bar->addSeparator();
    bar->addAction(m_domainActions->action(Action::Run));
    bar->addAction(m_domainActions->action(Action::Pause));
    auto *shutDown = new QToolButton(bar);
    shutDown->setObjectName(u"shutDownButton"_s);
    shutDown->setDefaultAction(m_domainActions->action(Action::ShutDown));
    shutDown->setMenu(m_domainActions->createShutDownMenu(shutDown));
    shutDown->setPopupMode(QToolButton::MenuButtonPopup);
    shutDown->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    bar->addWidget(shutDown);
    bar->addAction(m_domainActions->takeSnapshot());
    bar->addAction(m_domainActions->migrate());

    auto *space = new QWidget(bar);
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    m_filter = new FilterEdit(bar);
    m_filter->setMinimumWidth(fontMetrics().averageCharWidth() * 30);
    m_filter->setMaximumWidth(fontMetrics().averageCharWidth() * 52);
    bar->addWidget(m_filter);
    connect(m_filter, &FilterEdit::queryChanged, this, &MainWindow::applyQuery);
    connect(m_filter, &FilterEdit::suggestionsWanted, this, &MainWindow::suggestFilter);
    connect(m_filter, &FilterEdit::leftDownwards, this, [this] {
        if (m_list->currentWidget() == m_tree) {
            m_tree->setFocus(Qt::TabFocusReason);
        }
    });
}

void MainWindow::showContextMenu(const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setObjectName(u"contextMenu"_s);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (!m_tree->selectedDomains().isEmpty()) {
        m_domainActions->fillMenu(menu);
        menu->addAction(m_properties);
    } else {
        menu->addAction(m_newVm);
        menu->addSeparator();
        if (m_tree->selectedHosts().isEmpty()) {
            menu->addAction(m_hostActions->add());
        } else {
            for (QAction *action : {m_hostActions->connectAction(), m_hostActions->disconnectAction(),
                     m_hostActions->edit(), m_hostActions->remove()}) {
                menu->addAction(action);
            }
            menu->addSeparator();
            menu->addAction(m_hostActions->baseImages());
            menu->addAction(m_properties);
        }
    }
    menu->popup(position);
}

void MainWindow::showAbout()
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About Vireo"),
        tr("Vireo %1").arg(QLatin1StringView(VIREO_VERSION)), QMessageBox::Ok, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setInformativeText(tr("Runs virtual machines on one or many libvirt hosts.\n\n"
                               "Free software under the GNU General Public License, version 3 or later."));
    box->open();
}

} // namespace vireo::ui
