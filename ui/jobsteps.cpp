// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobsteps.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/stateicons.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

namespace {

enum Column { StepColumn, JournalColumn, RealityColumn };

QString journalText(job::StepState state)
{
    switch (state) {
    case job::StepState::Waiting:
        return JobSteps::tr("not begun");
    case job::StepState::Running:
        return JobSteps::tr("begun");
    case job::StepState::Done:
        return JobSteps::tr("done");
    case job::StepState::Failed:
        return JobSteps::tr("failed");
    case job::StepState::Undone:
        return JobSteps::tr("undone");
    case job::StepState::UndoFailed:
        return JobSteps::tr("not undone");
    }
    return {};
}

QString realityText(const job::Reality &reality)
{
    if (!reality.text.isEmpty()) {
        return reality.text;
    }
    switch (reality.effect) {
    case job::Reality::Effect::Absent:
        return JobSteps::tr("Nothing is there.");
    case job::Reality::Effect::Present:
        return JobSteps::tr("It is there.");
    case job::Reality::Effect::Partial:
        return JobSteps::tr("A part of it is there.");
    case job::Reality::Effect::Unknown:
        return JobSteps::tr("Not known.");
    }
    return {};
}

} // namespace

JobSteps::JobSteps(QWidget *parent)
    : QWidget(parent)
    , m_grid(new QGridLayout)
    , m_note(new QLabel(this))
    , m_refresh(new QPushButton(tr("Refresh"), this))
{
    setObjectName(u"jobSteps"_s);
    m_note->setObjectName(u"jobStepsNote"_s);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    m_refresh->setObjectName(u"jobStepsRefresh"_s);
    m_grid->setHorizontalSpacing(18);
    m_grid->setVerticalSpacing(2);
    m_grid->setColumnStretch(RealityColumn, 1);
    connect(m_refresh, &QPushButton::clicked, this, &JobSteps::refreshWanted);

    auto *bottom = new QHBoxLayout;
    bottom->addWidget(m_note, 1);
    bottom->addWidget(m_refresh);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 2, 0, 2);
    layout->addLayout(m_grid);
    layout->addLayout(bottom);
    const QStringList heads{tr("Step"), tr("By the journal"), tr("On the host now")};
    for (int column = 0; column < heads.size(); ++column) {
        QLabel *head = cell(0, column);
        head->setText(heads.at(column));
        QPalette colours = palette();
        for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text}) {
            colours.setColor(role, mutedColor(palette(), false));
        }
        head->setPalette(colours);
    }
}

QLabel *JobSteps::cell(int row, int column)
{
    QLayoutItem *item = m_grid->itemAtPosition(row, column);
    if (auto *label = item ? qobject_cast<QLabel *>(item->widget()) : nullptr) {
        return label;
    }
    auto *label = new QLabel(this);
    label->setObjectName(u"jobStep%1_%2"_s.arg(row).arg(column));
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(column == RealityColumn);
    m_grid->addWidget(label, row, column, Qt::AlignTop);
    return label;
}

void JobSteps::setJob(const job::JobRecord &job)
{
    m_steps = static_cast<int>(job.plan.steps.size());
    for (int i = 0; i < m_steps; ++i) {
        const job::Step &step = job.plan.steps.at(i);
        const QString name = step.object.isEmpty() ? step.title : tr("%1: %2").arg(step.title, step.object);
        cell(i + 1, StepColumn)->setText(u"%1. %2"_s.arg(i + 1).arg(name));
        cell(i + 1, JournalColumn)->setText(journalText(job.steps.value(i).state));
    }
}

void JobSteps::setReality(const QList<job::StepComparison> &comparison)
{
    for (int i = 0; i < m_steps; ++i) {
        cell(i + 1, JournalColumn)->setText(journalText(comparison.value(i).journal));
        cell(i + 1, RealityColumn)->setText(realityText(comparison.value(i).reality));
    }
    m_note->clear();
    m_refresh->setEnabled(true);
}

void JobSteps::setNote(const QString &text)
{
    for (int i = 0; i < m_steps; ++i) {
        cell(i + 1, RealityColumn)->setText(u"–"_s);
    }
    m_note->setText(text);
}

} // namespace vireo::ui
