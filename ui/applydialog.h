// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/operation/edit/edit.h"

class QCheckBox;
class QLabel;
class QPushButton;
class QTabWidget;
class QTreeWidget;

namespace vireo::ui {

class DiffView;
class MessageBar;
class PlanView;

/**
 * Shows what applying an edit would do before it is done: which changes take effect now and which at the next boot and
 * why, the difference to what is stored, and the plan. Accepted means: run plan(). Opened, never executed. GUI thread;
 * owned by its parent.
 */
class ApplyDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ApplyDialog)

public:
    explicit ApplyDialog(const QString &domainName, QWidget *parent);

    /** `before`: what is stored now. `running`: the choice whether to change the running domain makes sense. */
    void setPlan(const job::Plan &plan, const QList<operation::EditEffect> &effects, const QString &before,
        const QString &wanted, bool running);
    const job::Plan &plan() const;
    /** Apply to the running domain what can be. */
    bool applyLive() const;

    /** "2 changes now, 1 at the next boot". */
    static QString summary(const QList<operation::EditEffect> &effects);

Q_SIGNALS:
    /** The user wants it otherwise: a new plan is wanted. */
    void liveChosen(bool live);

private:
    MessageBar *m_message;
    QLabel *m_summary;
    QTreeWidget *m_effects;
    QCheckBox *m_live;
    QTabWidget *m_tabs;
    DiffView *m_diff;
    PlanView *m_plan;
    QPushButton *m_apply = nullptr;
};

/** Fills a list with effects, as the dialog shows them: the change, when, and why not now. */
void showEffects(QTreeWidget *list, const QList<operation::EditEffect> &effects);

} // namespace vireo::ui
