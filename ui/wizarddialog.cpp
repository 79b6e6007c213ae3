// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizarddialog.h"

#include <ranges>
#include <utility>

#include <QCloseEvent>
#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>

#include "backend/job/jobgroup.h"
#include "ui/messagebar.h"
#include "ui/planjobs.h"
#include "ui/planpage.h"
#include "ui/planview.h"
#include "ui/wizardpage.h"
#include "ui/wizardsteps.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using job::JobState;

namespace {

QFrame *separator(QFrame::Shape shape, QWidget *parent)
{
    auto *line = new QFrame(parent);
    line->setFrameShape(shape);
    line->setFrameShadow(QFrame::Sunken);
    return line;
}

} // namespace

WizardDialog::WizardDialog(
    const UiContext &context, const QString &title, const QString &act, const QString &key, QWidget *parent)
    : QDialog(parent)
    , m_context(context)
    , m_key(u"windows/%1/size"_s.arg(key))
    , m_steps(new WizardSteps(this))
    , m_heading(new QLabel(this))
    , m_message(new MessageBar(this))
    , m_pages(new QStackedWidget(this))
    , m_planPage(new PlanPage(this))
    , m_summary(new QLabel(this))
    , m_background(new QPushButton(tr("Run in Back&ground"), this))
    , m_back(new QPushButton(tr("&Back"), this))
    , m_next(new QPushButton(tr("&Next"), this))
    , m_review(new QPushButton(tr("Re&view"), this))
    , m_act(new QPushButton(act, this))
    , m_cancel(new QPushButton(tr("Cance&l"), this))
{
    setWindowTitle(title);
    setWindowFlag(Qt::Window);
    setWindowModality(Qt::NonModal);
    setAttribute(Qt::WA_DeleteOnClose);
    setSizeGripEnabled(true);

    QFont headingFont = font();
    headingFont.setBold(true);
    headingFont.setPointSizeF(headingFont.pointSizeF() * 1.25);
    m_heading->setFont(headingFont);
    m_heading->setTextFormat(Qt::PlainText);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setAccessibleName(tr("Summary"));
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // a long name must not widen the window
    m_summary->setMinimumHeight(fontMetrics().lineSpacing());

    auto *right = new QVBoxLayout;
    right->setContentsMargins(12, 12, 12, 8);
    right->setSpacing(8);
    right->addWidget(m_heading);
    right->addWidget(m_message);
    right->addWidget(m_pages, 1);
    auto *middle = new QHBoxLayout;
    middle->setSpacing(0);
    middle->addWidget(m_steps);
    middle->addWidget(separator(QFrame::VLine, this));
    middle->addLayout(right, 1);

    auto *buttons = new QHBoxLayout;
    buttons->setContentsMargins(12, 4, 12, 12);
    buttons->addWidget(m_summary, 1);
    for (QPushButton *button : {m_background, m_back, m_next, m_review, m_act, m_cancel}) {
        button->setAutoDefault(false);
        buttons->addWidget(button);
    }
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addLayout(middle, 1);
    layout->addWidget(separator(QFrame::HLine, this));
    layout->addLayout(buttons);

    m_pages->addWidget(m_planPage);
    m_message->hide();
    connect(m_steps, &WizardSteps::clicked, this, &WizardDialog::goTo);
    connect(m_planPage, &WizardPage::completeChanged, this, &WizardDialog::updateButtons);
    connect(m_back, &QPushButton::clicked, this, &WizardDialog::back);
    connect(m_next, &QPushButton::clicked, this, &WizardDialog::next);
    connect(m_review, &QPushButton::clicked, this, [this] { goTo(pageCount() - 1); });
    connect(m_act, &QPushButton::clicked, this, &WizardDialog::actAtOnce);
    connect(m_cancel, &QPushButton::clicked, this, &WizardDialog::cancel);
    connect(m_background, &QPushButton::clicked, this, &WizardDialog::runInBackground);
    const auto onJob = [this](const QUuid &id) {
        if (m_running && m_jobs.contains(id)) {
            updateJobs();
        }
    };
    connect(&m_context.jobs, &job::JobManager::changed, this, onJob);
    connect(&m_context.jobs, &job::JobManager::finished, this, onJob);
}

WizardDialog::~WizardDialog() = default;

int WizardDialog::currentPage() const
{
    return m_pages->currentIndex();
}

int WizardDialog::pageCount() const
{
    return m_pages->count();
}

void WizardDialog::addPage(WizardPage *page)
{
    m_pages->insertWidget(m_pages->count() - 1, page);
    connect(page, &WizardPage::completeChanged, this, &WizardDialog::updateButtons);
}

void WizardDialog::start()
{
    QStringList titles;
    for (int i = 0; i < m_pages->count(); ++i) {
        titles.append(qobject_cast<WizardPage *>(m_pages->widget(i))->title());
    }
    m_steps->setTitles(titles);
    const QSize size = m_context.settings.value(m_key).toSize();
    resize(size.isValid() ? size : QSize(940, 640));
    showPage(0);
}

void WizardDialog::setSummary(const QString &text)
{
    m_summary->setText(text);
    m_summary->setToolTip(text.toHtmlEscaped());
}

void WizardDialog::setSummaryWraps()
{
    m_summary->setWordWrap(true);
    m_summary->setMinimumHeight(2 * fontMetrics().lineSpacing());
}

void WizardDialog::goTo(int page)
{
    if (m_running || page < 0 || page >= m_pages->count() || page == currentPage()) {
        return;
    }
    if (page < currentPage() || page <= reachablePage()) {
        showPage(page);
    }
}

/** The page before which all are complete. */
int WizardDialog::reachablePage() const
{
    int page = currentPage();
    while (page < pageCount() - 1 && qobject_cast<WizardPage *>(m_pages->widget(page))->isComplete()) {
        ++page;
    }
    return page;
}

void WizardDialog::showPage(int page)
{
    if (m_pages->currentWidget() == m_planPage && m_pages->widget(page) != m_planPage) {
        dropCheck();
        m_actWanted = false;
    }
    m_message->clear();
    m_pages->setCurrentIndex(page);
    auto *shown = qobject_cast<WizardPage *>(m_pages->widget(page));
    m_heading->setText(shown->title());
    shown->enter();
    if (shown == m_planPage) {
        m_planPage->showChecking();
        check();
    }
    updateButtons();
    if (QWidget *field = shown->firstField()) {
        field->setFocus(Qt::TabFocusReason);
    } else {
        m_cancel->setFocus(Qt::OtherFocusReason); // until the act can be pressed
    }
}

void WizardDialog::next()
{
    goTo(currentPage() + 1);
}

void WizardDialog::back()
{
    goTo(currentPage() - 1);
}

void WizardDialog::recheck()
{
    if (!m_running && m_pages->currentWidget() == m_planPage) {
        m_message->clear();
        m_planPage->showChecking();
        check();
        updateButtons();
    }
}

void WizardDialog::showNotice(const QString &text, const QString &hint)
{
    m_message->showMessage(MessageBar::Kind::Warning, text, hint);
}

void WizardDialog::showPlan(const job::Plan &plan)
{
    showPlans({plan}, {});
}

void WizardDialog::showPlans(const QList<job::Plan> &plans, const QJsonObject &draft)
{
    m_plans = plans;
    m_planPage->showPlan(PlanJobs::summary(plans, draft));
    if (m_act->isEnabled()) {
        m_act->setFocus(Qt::OtherFocusReason);
    } else {
        m_back->setFocus(Qt::OtherFocusReason);
    }
    const job::Plan *plan = m_planPage->plan();
    if (std::exchange(m_actWanted, false) && plan && plan->count(job::Finding::Severity::Warning) == 0) {
        act();
    }
}

void WizardDialog::showCheckError(const Error &error)
{
    m_actWanted = false;
    m_message->showMessage(MessageBar::Kind::Error, error.message, error.hint);
    m_planPage->showNothing(tr("The plan can't be made. Go back and come here again to retry."));
    m_back->setFocus(Qt::OtherFocusReason);
}

/** From a page before the plan: goes there, and on from there when the plan is fine. */
void WizardDialog::actAtOnce()
{
    if (m_pages->currentWidget() == m_planPage) {
        act();
    } else if (!m_running && reachablePage() == pageCount() - 1) {
        m_actWanted = true;
        showPage(pageCount() - 1);
    }
}

void WizardDialog::act()
{
    const job::Plan *plan = m_planPage->plan();
    if (m_running || !plan || plan->isBlocked()) {
        return;
    }
    m_message->clear();
    setRunning(true);
    m_jobs.clear();
    m_records.clear();
    job::groupTogether(m_plans, m_plans.size() > 1 ? groupTitle(m_plans) : QString());
    for (const job::Plan &each : std::as_const(m_plans)) {
        m_jobs.append(m_context.jobs.run(each));
    }
    updateJobs();
}

void WizardDialog::cancel()
{
    if (!m_running) {
        QDialog::reject();
        return;
    }
    m_cancel->setEnabled(false);
    for (const QUuid &job : m_jobs | std::views::reverse) { // those that wait first, so that none begins meanwhile
        m_context.jobs.cancel(job);
    }
}

QString WizardDialog::groupTitle(const QList<job::Plan> &plans) const
{
    return tr("%1 and %2 more").arg(plans.constFirst().title).arg(plans.size() - 1);
}

void WizardDialog::runInBackground()
{
    m_running = false; // what becomes of the job is the dock's business now
    QDialog::accept();
}

void WizardDialog::updateJobs()
{
    if (m_jobs.size() < m_plans.size()) {
        return; // they are still being queued
    }
    QList<job::JobRecord> jobs; // copies: what is called below may return to the event loop's mercy
    for (const QUuid &id : std::as_const(m_jobs)) {
        if (const job::JobRecord *record = m_context.jobs.job(id)) {
            m_records.insert(id, *record); // an ended one may be cleared from the list while others run
        }
        jobs.append(m_records.value(id));
    }
    const auto isFinished = [](const job::JobRecord &job) {
        return job.isFinished();
    };
    if (!std::all_of(jobs.cbegin(), jobs.cend(), isFinished)) {
        m_planPage->showJobs(jobs);
        const auto canStop = [](const job::JobRecord &job) {
            return !job.isFinished() && !job.cancelRequested && job.state != JobState::Undoing;
        };
        m_cancel->setEnabled(std::any_of(jobs.cbegin(), jobs.cend(), canStop));
        return;
    }
    setRunning(false);
    m_planPage->showJobs(jobs);
    if (std::all_of(jobs.cbegin(), jobs.cend(), [](const auto &job) { return job.state == JobState::Done; })) {
        succeeded(jobs);
        QDialog::accept();
    } else if (jobs.size() == 1) {
        endJob(jobs.constFirst());
    } else {
        endJobs(jobs);
    }
    m_back->setFocus(Qt::OtherFocusReason);
}

/** Some of several did not become what they should: those that did stay, the rest can be tried again. */
void WizardDialog::endJobs(const QList<job::JobRecord> &jobs)
{
    QStringList lines;
    QList<job::Plan> left;
    bool cancelled = true;
    for (qsizetype i = 0; i < jobs.size(); ++i) {
        const job::JobRecord &job = jobs.at(i);
        if (job.state == JobState::Done) {
            continue;
        }
        left.append(m_plans.at(i));
        cancelled = cancelled && job.state == JobState::Cancelled;
        const QString remains =
            job.remains.isEmpty() ? QString() : tr(" What remains: %1").arg(job.remains.join(u"; "_s));
        lines.append(tr("%1: %2").arg(job.plan.domainName, job.error.message) + remains);
    }
    const auto done = jobs.size() - left.size();
    m_plans = left;
    const QString hint = done == 0 ? tr("Everything else was undone.")
                                   : tr("What belongs to them was undone; the %1 that are done stay.").arg(done);
    if (cancelled) {
        m_message->showMessage(
            MessageBar::Kind::Info, tr("Cancelled: %1 of %2 are done.").arg(done).arg(jobs.size()), hint);
    } else {
        m_message->showMessage(MessageBar::Kind::Error, lines.join(u'\n'), hint);
    }
}

void WizardDialog::endJob(const job::JobRecord &job)
{
    switch (job.state) {
    case JobState::Cancelled:
        m_message->showMessage(MessageBar::Kind::Info, tr("Cancelled. Everything was undone."));
        break;
    case JobState::Stuck:
        m_message->showMessage(MessageBar::Kind::Error, job.error.message,
            tr("Could not be undone in full. What remains: %1").arg(job.remains.join(u"; "_s)));
        break;
    default:
        m_message->showMessage(MessageBar::Kind::Error, job.error.message,
            job.error.hint.isEmpty() ? tr("Everything was undone.")
                                     : tr("Everything was undone. %1").arg(job.error.hint));
        break;
    }
}

void WizardDialog::setRunning(bool running)
{
    m_running = running;
    updateButtons();
    if (running) {
        m_background->setFocus(Qt::OtherFocusReason); // a stray Enter or Space must not cancel
    }
}

void WizardDialog::updateButtons()
{
    if (m_pages->count() == 0) {
        return;
    }
    auto *page = qobject_cast<WizardPage *>(m_pages->currentWidget());
    const bool last = page == m_planPage;
    const int reachable = reachablePage();
    m_steps->setCurrent(currentPage(), m_running ? -1 : reachable);
    m_background->setVisible(m_running);
    m_back->setEnabled(!m_running && currentPage() > 0);
    QPushButton *forward = last || m_actsAtOnce ? m_act : m_next;
    m_next->setVisible(!last);
    // Next is the way to the plan where it comes next.
    m_review->setVisible(currentPage() + 2 < pageCount());
    m_review->setEnabled(reachable == pageCount() - 1);
    m_review->setToolTip(m_review->isEnabled()
            ? tr("Straight to the plan (Ctrl+Enter): the other pages are fine as they are")
            : page->reason().toHtmlEscaped());
    m_act->setVisible(last || m_actsAtOnce);
    for (QPushButton *button : {last ? m_act : m_next, forward}) {
        const bool ready = button == m_act && !last ? reachable == pageCount() - 1 : page->isComplete();
        button->setEnabled(!m_running && ready);
        button->setToolTip(page->reason().toHtmlEscaped());
    }
    forward->setDefault(true);
    if (!m_running) {
        m_cancel->setEnabled(true);
    }
    m_cancel->setToolTip(m_running ? tr("Stops the job and undoes what it has done") : QString());
}

void WizardDialog::reject()
{
    if (!m_running) {
        QDialog::reject();
        return;
    }
    m_message->showMessage(MessageBar::Kind::Info,
        tr("It is still running. Cancel stops it and undoes what was done; Run in Background closes this "
           "window and goes on."));
}

void WizardDialog::done(int result)
{
    m_context.settings.setValue(m_key, size());
    if (m_pages->currentWidget() == m_planPage) {
        dropCheck();
    }
    QDialog::done(result);
}

void WizardDialog::closeEvent(QCloseEvent *event)
{
    if (m_running) {
        runInBackground();
    } else {
        QDialog::closeEvent(event);
    }
}

void WizardDialog::keyPressEvent(QKeyEvent *event)
{
    // Alt+Left as in a browser; Enter and Esc are QDialog's.
    if (event->matches(QKeySequence::Back) && m_back->isEnabled()) {
        back();
        return;
    }
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (enter && event->modifiers().testFlag(Qt::ControlModifier)) {
        if (m_review->isVisible() && m_review->isEnabled()) {
            m_review->click();
        }
        return;
    }
    QDialog::keyPressEvent(event);
}

} // namespace vireo::ui
