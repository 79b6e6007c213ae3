// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/planpage.h"

#include <QLabel>
#include <QProgressBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "model/format.h"
#include "ui/jobprogress.h"
#include "ui/planjobs.h"
#include "ui/planview.h"

namespace vireo::ui {

PlanPage::PlanPage(QWidget *parent)
    : WizardPage(tr("Plan"), parent)
    , m_stack(new QStackedWidget(this))
    , m_view(new PlanView(this))
    , m_jobs(new PlanJobs(this))
    , m_progress(new JobProgress(this))
    , m_nothing(new QLabel(this))
    , m_checking(new QLabel(this))
    , m_busy(new QProgressBar(this))
    , m_layout(new QVBoxLayout(this))
{
    auto *checking = new QWidget(m_stack);
    m_busy->setTextVisible(false);
    m_busy->setAccessibleName(tr("Checking"));
    m_checking->setTextFormat(Qt::PlainText);
    m_checking->setAlignment(Qt::AlignCenter);
    auto *checkingLayout = new QVBoxLayout(checking);
    checkingLayout->addStretch();
    checkingLayout->addWidget(m_checking);
    checkingLayout->addWidget(m_busy);
    checkingLayout->addStretch();

    m_nothing->setTextFormat(Qt::PlainText);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);

    m_stack->addWidget(checking);
    m_stack->addWidget(m_nothing);
    m_stack->addWidget(m_view);
    m_stack->addWidget(m_jobs);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->addWidget(m_stack, 1);
    m_layout->addWidget(m_progress);
    m_progress->hide();
    connect(m_view, &PlanView::editingChanged, this, &WizardPage::completeChanged);
}

void PlanPage::addBar(QWidget *bar)
{
    m_layout->addWidget(bar);
}

void PlanPage::showChecking()
{
    m_several = false;
    m_checking->setText(tr("Checking the host and the image…"));
    m_busy->setRange(0, 0);
    setStage(Stage::Checking);
}

void PlanPage::showProgress(const QString &what, quint64 done, quint64 total)
{
    if (m_stage != Stage::Checking) {
        return;
    }
    constexpr int steps = 1000;
    m_checking->setText(
        total > 0 ? tr("%1: %2 of %3").arg(what, model::formatBytes(done), model::formatBytes(total)) : what);
    m_busy->setRange(0, total > 0 ? steps : 0);
    m_busy->setValue(total > 0 ? static_cast<int>(static_cast<double>(done) / static_cast<double>(total) * steps) : 0);
}

void PlanPage::showPlan(const job::Plan &plan)
{
    m_view->setPlan(plan);
    setStage(Stage::Ready);
}

void PlanPage::showNothing(const QString &reason)
{
    m_nothing->setText(reason);
    setStage(Stage::Nothing);
}

void PlanPage::showJobs(const QList<job::JobRecord> &jobs)
{
    m_several = jobs.size() > 1;
    if (m_several) {
        m_jobs->setJobs(jobs);
    } else {
        m_view->setJob(jobs.constFirst());
        m_progress->setJob(jobs.constFirst());
    }
    const bool finished =
        std::all_of(jobs.cbegin(), jobs.cend(), [](const job::JobRecord &job) { return job.isFinished(); });
    setStage(finished ? Stage::Ended : Stage::Running);
}

const job::Plan *PlanPage::plan() const
{
    return m_stage == Stage::Checking || m_stage == Stage::Nothing ? nullptr : &m_view->plan();
}

bool PlanPage::isComplete() const
{
    return (m_stage == Stage::Ready || m_stage == Stage::Ended) && !m_view->plan().isBlocked()
        && !m_view->hasUnappliedXml();
}

QString PlanPage::reason() const
{
    switch (m_stage) {
    case Stage::Checking:
        return tr("It is still being checked.");
    case Stage::Nothing:
        return m_nothing->text();
    case Stage::Running:
        return tr("It is running.");
    case Stage::Ready:
    case Stage::Ended:
        break;
    }
    if (m_view->hasUnappliedXml()) {
        return tr("Apply or discard the changes to the XML first.");
    }
    for (const job::Finding &finding : m_view->plan().findings) {
        if (finding.severity == job::Finding::Severity::Blocker) {
            return finding.text;
        }
    }
    return {};
}

QWidget *PlanPage::firstField() const
{
    return nullptr;
}

void PlanPage::setStage(Stage stage)
{
    m_stage = stage;
    int shown = m_several ? 3 : 2;
    if (stage == Stage::Checking || stage == Stage::Nothing) {
        shown = stage == Stage::Checking ? 0 : 1;
    }
    m_stack->setCurrentIndex(shown);
    m_view->setLocked(stage == Stage::Running);
    m_progress->setVisible(stage == Stage::Running && !m_several);
    Q_EMIT completeChanged();
}

} // namespace vireo::ui
