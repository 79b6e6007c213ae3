// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/jobmanager.h"
#include "ui/wizardpage.h"

class QLabel;
class QStackedWidget;

namespace vireo::ui {

class JobProgress;
class PlanView;

/**
 * The last page of every wizard: "Checking…" while the facts are read, then the plan, then its progress. GUI thread.
 * Complete when a plan is shown that nothing blocks and that is not running.
 */
class PlanPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PlanPage)

public:
    explicit PlanPage(QWidget *parent = nullptr);

    void showChecking();
    void showPlan(const job::Plan &plan);
    /** The facts could not be read; the wizard's message bar says why. */
    void showNothing(const QString &reason);
    void showJob(const job::JobRecord &job);
    /** Null while there is none. Valid until the next call that shows something. */
    const job::Plan *plan() const;
    PlanView *view() const { return m_view; }

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    enum class Stage { Checking, Nothing, Ready, Running, Ended };
    void setStage(Stage stage);

    QStackedWidget *m_stack;
    PlanView *m_view;
    JobProgress *m_progress;
    QLabel *m_nothing;
    Stage m_stage = Stage::Checking;
};

} // namespace vireo::ui
