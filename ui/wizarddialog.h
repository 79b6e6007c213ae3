// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QHash>
#include <QUuid>

#include "backend/job/jobmanager.h"
#include "ui/uicontext.h"

class QLabel;
class QPushButton;
class QStackedWidget;

namespace vireo::ui {

class MessageBar;
class PlanPage;
class WizardPage;
class WizardSteps;

/**
 * The frame of every wizard: steps at the left, one page at a time, what was chosen so far in one line at the bottom,
 * and Back, Next, Cancel and the act. The last page is always the plan; its job runs inside the wizard, which stays
 * open when it fails.
 *
 * A window of its own, not modal; deletes itself when closed. Enter is Next, Ctrl+Enter goes straight to the plan, Esc
 * is Cancel. Closing the window while a job runs leaves the job running (the jobs dock has it); Cancel cancels it with
 * undo. GUI thread.
 */
class WizardDialog : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(WizardDialog)

public:
    ~WizardDialog() override;

    int currentPage() const;
    int pageCount() const;
    /** Back to a page that was done, or on to one as long as all before it are complete. */
    void goTo(int page);
    bool isRunning() const { return m_running; }
    PlanPage *planPage() const { return m_planPage; }

    void reject() override;
    void done(int result) override;

protected:
    /** `act` is the last button's text with mnemonic; `key` names the window in the settings. */
    WizardDialog(
        const UiContext &context, const QString &title, const QString &act, const QString &key, QWidget *parent);

    const UiContext &context() const { return m_context; }
    /** Adds a page before the plan. To be called in the constructor; then start(). */
    void addPage(WizardPage *page);
    void start();
    /** The act can be had from every page: Enter goes to the plan and runs it at once, unless it is blocked or warns of
     *  something. Before start(). */
    void setActsAtOnce() { m_actsAtOnce = true; }
    /** The line at the bottom. */
    void setSummary(const QString &text);
    /** It holds sentences: two lines. */
    void setSummaryWraps();
    /** The plan page came up, or is to be evaluated anew: read facts, then call showPlan() or showCheckError(). */
    virtual void check() = 0;
    /** Has the plan made anew, if it is shown. */
    void recheck();
    /** The plan page was left: what check() started is of no use any more. */
    virtual void dropCheck() = 0;
    void showPlan(const job::Plan &plan);
    /** Several that run together, one job each. `draft`: the document of the whole. */
    void showPlans(const QList<job::Plan> &plans, const QJsonObject &draft);
    void showCheckError(const Error &error);
    /** In the wizard's message bar, until another page comes up. */
    void showNotice(const QString &text, const QString &hint = {});
    /** What several jobs that it starts are called together. */
    virtual QString groupTitle(const QList<job::Plan> &plans) const;
    /** All jobs are done and the window about to close. */
    virtual void succeeded(const QList<job::JobRecord> &jobs) = 0;

    void closeEvent(QCloseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void showPage(int page);
    int reachablePage() const;
    void next();
    void back();
    void act();
    void actAtOnce();
    void cancel();
    void runInBackground();
    void updateJobs();
    void endJob(const job::JobRecord &job);
    void endJobs(const QList<job::JobRecord> &jobs);
    void setRunning(bool running);
    void updateButtons();

    UiContext m_context;
    QString m_key;
    WizardSteps *m_steps;
    QLabel *m_heading;
    MessageBar *m_message;
    QStackedWidget *m_pages;
    PlanPage *m_planPage;
    QLabel *m_summary;
    QPushButton *m_background;
    QPushButton *m_back;
    QPushButton *m_next;
    QPushButton *m_review;
    QPushButton *m_act;
    QPushButton *m_cancel;
    QList<job::Plan> m_plans; ///< what the act runs
    QList<QUuid> m_jobs;
    QHash<QUuid, job::JobRecord> m_records; ///< of m_jobs, as last seen
    bool m_running = false;
    bool m_actsAtOnce = false;
    bool m_actWanted = false; ///< as soon as the plan is there
};

} // namespace vireo::ui
