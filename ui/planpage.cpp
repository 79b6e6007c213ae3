// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/planpage.h"

#include <QLabel>
#include <QProgressBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "ui/jobprogress.h"
#include "ui/planview.h"

namespace vireo::ui {

PlanPage::PlanPage(QWidget *parent)
    : WizardPage(tr("Plan"), parent)
    , m_stack(new QStackedWidget(this))
    , m_view(new PlanView(this))
    , m_progress(new JobProgress(this))
    , m_nothing(new QLabel(this))
{
    auto *checking = new QWidget(m_stack);
    auto *busy = new QProgressBar(checking);
    busy->setRange(0, 0);
    busy->setTextVisible(false);
    busy->setAccessibleName(tr("Checking"));
    auto *text = new QLabel(tr("Checking the host and the image…"), checking);
    text->setAlignment(Qt::AlignCenter);
    auto *checkingLayout = new QVBoxLayout(checking);
    checkingLayout->addStretch();
    checkingLayout->addWidget(text);
    checkingLayout->addWidget(busy);
    checkingLayout->addStretch();

    m_nothing->setTextFormat(Qt::PlainText);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->setWordWrap(true);

    m_stack->addWidget(checking);
    m_stack->addWidget(m_nothing);
    m_stack->addWidget(m_view);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_progress);
    m_progress->hide();
}

void PlanPage::showChecking()
{
    setStage(Stage::Checking);
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

void PlanPage::showJob(const job::JobRecord &job)
{
    m_view->setJob(job);
    m_progress->setJob(job);
    setStage(job.isFinished() ? Stage::Ended : Stage::Running);
}

const job::Plan *PlanPage::plan() const
{
    return m_stage == Stage::Checking || m_stage == Stage::Nothing ? nullptr : &m_view->plan();
}

bool PlanPage::isComplete() const
{
    return (m_stage == Stage::Ready || m_stage == Stage::Ended) && !m_view->plan().isBlocked();
}

QString PlanPage::reason() const
{
    switch (m_stage) {
    case Stage::Checking:
        return tr("The host and the image are still being checked.");
    case Stage::Nothing:
        return m_nothing->text();
    case Stage::Running:
        return tr("It is running.");
    case Stage::Ready:
    case Stage::Ended:
        break;
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
    m_stack->setCurrentIndex(stage == Stage::Checking ? 0 : stage == Stage::Nothing ? 1 : 2);
    m_progress->setVisible(stage == Stage::Running);
    Q_EMIT completeChanged();
}

} // namespace vireo::ui
