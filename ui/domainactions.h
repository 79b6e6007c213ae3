// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>

#include <QAction>
#include <QObject>
#include <QTimer>

#include "backend/operation/lifecycle.h"
#include "ui/uicontext.h"

class QMenu;
class QMessageBox;

namespace vireo::ui {

class ResizeActions;

/**
 * What can be done to the selected virtual machines, as actions for menus and toolbars of one window. GUI thread; owned
 * by the window.
 *
 * Each action knows from operation::refusal() whether it makes sense and says in its tooltip what it will do or why it
 * can't. A click builds one plan per domain that it makes sense for and hands them to the JobManager. Questions are
 * asked in dialogs that are opened, never executed.
 */
class DomainActions final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DomainActions)

public:
    /** `window`: parent of the dialogs. */
    DomainActions(const UiContext &context, QWidget *window);

    void setSelection(const QList<virt::DomainKey> &domains);
    const QList<virt::DomainKey> &selection() const { return m_selection; }

    /** Restore is a face of Run: its text changes when a managed save would be restored. */
    QAction *action(operation::Action action) const;
    QAction *rename() const { return m_rename; }
    QAction *remove() const { return m_delete; }
    QAction *autostart() const { return m_autostart; }
    QAction *seed() const { return m_seed; }
    QAction *takeSnapshot() const { return m_snapshot; }
    QAction *migrate() const { return m_migrate; }
    ResizeActions *resizing() const { return m_resize; }
    QAction *open() const { return m_open; }
    /** Opens the wizard; `to` null: it proposes a destination. Moves nothing by itself. */
    void openMigrateWizard(const QList<virt::DomainKey> &domains, const virt::HostId &to = {});

    /** Reboot, Shut down, Force reset, Force off, Hard reboot, Save. Owned by `parent`. */
    QMenu *createShutDownMenu(QWidget *parent) const;
    /** The context menu of a virtual machine in virt-manager's order, also used for the menu bar. */
    void fillMenu(QMenu *menu) const;

Q_SIGNALS:
    void openWanted(const QList<vireo::virt::DomainKey> &domains);
    /** An action was triggered: time to hand in a selection that has just changed, before it acts on the old one. */
    void aboutToAct();

private:
    struct Target {
        virt::HostId host;
        virt::DomainRecord record;
        QString migrates = {}; ///< why nothing may be changed; empty: it is not being migrated
    };
    QAction *make(operation::Action action, const QString &text, const QString &name);
    QList<Target> targets() const;
    /** Those of the selection that the action makes sense for. */
    QList<Target> targetsOf(operation::Action action) const;
    /** Why nothing can be done to this domain at all; empty: something can. */
    QString hostRefusal(const virt::DomainKey &key) const;
    void trigger(operation::Action action);
    void ask(operation::Action action, const QList<Target> &targets);
    void run(operation::Action action, const QList<Target> &targets);
    void triggerRename();
    void triggerDelete();
    void triggerAutostart(bool on);
    void triggerSeed();
    void triggerSnapshot();
    void triggerMigrate();
    QString refusalOf(operation::Action action, const Target &target) const;
    /** Why there is no host to migrate to; empty: there is one. */
    QString destinationRefusal() const;
    void update();

    UiContext m_context;
    QWidget *m_window;
    QList<virt::DomainKey> m_selection;
    std::array<QAction *, 10> m_actions{};
    QAction *m_rename = nullptr;
    QAction *m_delete = nullptr;
    QAction *m_autostart = nullptr;
    QAction *m_seed = nullptr;
    QAction *m_snapshot = nullptr;
    QAction *m_migrate = nullptr;
    ResizeActions *m_resize = nullptr;
    QAction *m_open = nullptr;
    QTimer m_updateTimer;
};

} // namespace vireo::ui
