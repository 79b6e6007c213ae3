// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/job/jobmanager.h"
#include "ui/wizardpage.h"

class QLabel;
class QProgressBar;
class QStackedWidget;
class QVBoxLayout;

namespace vireo::ui {

class JobProgress;
class PlanJobs;
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
    /** What takes time while it is checked. `total` 0: not known. */
    void showProgress(const QString &what, quint64 done, quint64 total);
    void showPlan(const job::Plan &plan);
    /** The facts could not be read; the wizard's message bar says why. */
    void showNothing(const QString &reason);
    /** The jobs of the plan that is shown: one, or one for each VM. */
    void showJobs(const QList<job::JobRecord> &jobs);
    /** Puts a widget of the wizard's own below the plan. */
    void addBar(QWidget *bar);
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
    PlanJobs *m_jobs;
    JobProgress *m_progress;
    QLabel *m_nothing;
    QLabel *m_checking;
    QProgressBar *m_busy;
    QVBoxLayout *m_layout;
    Stage m_stage = Stage::Checking;
    bool m_several = false; ///< jobs are shown in place of the plan
};

} // namespace vireo::ui
