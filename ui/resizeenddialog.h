// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/operation/kept/keptplanner.h"
#include "ui/uicontext.h"

class QCheckBox;
class QPushButton;
class QStackedWidget;

namespace vireo::ui {

class MessageBar;
class PlanView;

/**
 * Confirms a change that waits, or takes it back: shows what that would do, asks, and starts the job. Opened, never
 * executed; deletes itself when closed. GUI thread.
 */
class ResizeEndDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ResizeEndDialog)

public:
    ResizeEndDialog(const UiContext &context, const operation::KeptState &kept, operation::ResizeEnd end,
        QWidget *parent, const operation::ResizeEndServices &services = {});

    void accept() override;

private:
    void makePlan();
    void showPlan(const job::Plan &plan);

    UiContext m_context;
    operation::KeptState m_kept;
    operation::ResizeEnd m_end;
    operation::KeptPlanner m_planner;
    MessageBar *m_message;
    QStackedWidget *m_stack;
    PlanView *m_view;
    QCheckBox *m_choice;
    QPushButton *m_act;
};

} // namespace vireo::ui
