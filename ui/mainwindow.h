// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QMainWindow>
#include <QPointer>
#include <QTimer>

#include "backend/virt/records.h"
#include "ui/uicontext.h"
#include "ui/vmpage.h"

class QActionGroup;
class QLabel;
class QSplitter;
class QStackedWidget;

namespace vireo::model {
class DomainQuery;
class DomainTreeModel;
} // namespace vireo::model

namespace vireo::ui {

class CreateWizard;
class DomainActions;
class DomainTreeView;
class EmptyState;
class FilterEdit;
class HostActions;
class HostPage;
class InterruptedBar;
class JobsDock;
class MigrationFollower;
class NoLibvirtPage;
class SelectionSummary;
class VmWindow;

/**
 * The window `Vireo`: all hosts with their virtual machines, the details of what is selected, and the jobs. GUI thread.
 *
 * Owns the tree model, the actions and the windows of single virtual machines. Tells the hosts whether live figures are
 * looked at: only while this or one of those windows is on screen and not minimised.
 */
class MainWindow final : public QMainWindow
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MainWindow)

public:
    explicit MainWindow(const UiContext &context, QWidget *parent = nullptr);
    ~MainWindow() override;

    void showHost(const virt::HostId &host);
    void showDomain(const virt::DomainKey &key, VmPage::Page page);
    /** Raises the window that shows this domain already, or opens one. */
    void openVmWindow(const virt::DomainKey &key, VmPage::Page page);
    void openCreateWizard(const virt::HostId &preferred = {});
    /** The same for a domain's definition in a file on this computer (absolute path). */
    void createFromDefinition(const virt::HostId &host, const QString &file);
    /** … from an image on that host; `pool` empty: `name` is the path of a local file. */
    void createFromImage(const virt::HostId &host, const QString &pool, const QString &name);
    void addConnection();

    DomainTreeView *tree() const { return m_tree; }
    DomainActions *domainActions() const { return m_domainActions; }
    JobsDock *jobsDock() const { return m_jobsDock; }

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    // mainwindowmenus.cpp
    void createActions();
    void createMenus();
    void createFileMenu();
    void createEditMenu();
    void createViewMenu();
    void createToolBar();
    void showContextMenu(const QPoint &position);
    void showAbout();

    void createViews();
    void createStatusBar();
    void watchInterrupted();
    void watchMigrations();
    void followDomain(const virt::DomainKey &source, const virt::DomainKey &destination);
    void watchHosts();
    void restoreLayout();
    void showSelection();
    void showDetails(VmPage::Page page);
    void applyQuery(const model::DomainQuery &query);
    void suggestFilter();
    void updateEmptyState();
    void updateStatusBar();
    void updateFiguresWanted();
    void refresh();
    void activateHost(const virt::HostId &host);
    virt::HostId preferredHost() const;
    CreateWizard *makeCreateWizard(const virt::HostId &preferred);

    UiContext m_context;
    model::DomainTreeModel *m_model;
    DomainActions *m_domainActions;
    HostActions *m_hostActions;
    DomainTreeView *m_tree = nullptr;
    FilterEdit *m_filter = nullptr;
    InterruptedBar *m_interrupted = nullptr;
    QSplitter *m_splitter = nullptr;
    QStackedWidget *m_list = nullptr;
    QStackedWidget *m_details = nullptr;
    EmptyState *m_noHost = nullptr;
    EmptyState *m_nothingFound = nullptr;
    EmptyState *m_nothingSelected = nullptr;
    NoLibvirtPage *m_noLibvirt = nullptr;
    VmPage *m_vmPage = nullptr;
    HostPage *m_hostPage = nullptr;
    SelectionSummary *m_summary = nullptr;
    JobsDock *m_jobsDock = nullptr;
    MigrationFollower *m_follower = nullptr;
    QLabel *m_hostCount = nullptr;
    QLabel *m_domainCount = nullptr;
    QLabel *m_jobCount = nullptr;
    QAction *m_newVm = nullptr;
    QAction *m_properties = nullptr; ///< Alt+Enter
    QAction *m_showDetails = nullptr;
    QAction *m_showJobs = nullptr;
    QAction *m_find = nullptr;
    QAction *m_refresh = nullptr;
    QAction *m_showXml = nullptr;
    QAction *m_showSnapshots = nullptr;
    QActionGroup *m_grouping = nullptr;
    QList<QPointer<VmWindow>> m_vmWindows;
    QTimer m_countTimer;
    QTimer m_emptyTimer;
    virt::DomainKey m_shownDomain;
    virt::DomainKey m_awaitedDomain; ///< to be selected as soon as the list has it
    struct {
        QList<virt::DomainKey> domains;
        QList<virt::HostId> hosts;
    } m_besideAwaited; ///< what was selected when the waiting began: telling that again is no new choice
    bool m_quitConfirmed = false;
    bool m_discardEdits = false; ///< the user agreed
};

} // namespace vireo::ui
