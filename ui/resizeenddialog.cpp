// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizeenddialog.h"

#include <QCheckBox>
#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "ui/messagebar.h"
#include "ui/planview.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::ResizeEnd;

namespace {} // namespace

ResizeEndDialog::ResizeEndDialog(const UiContext &context, const operation::KeptState &kept, ResizeEnd end,
    QWidget *parent, const operation::ResizeEndServices &services)
    : QDialog(parent)
    , m_context(context)
    , m_kept(kept)
    , m_end(end)
    , m_planner(context.hosts, services)
    , m_message(new MessageBar(this))
    , m_stack(new QStackedWidget(this))
    , m_view(new PlanView(this))
    , m_choice(new QCheckBox(this))
{
    const bool confirms = end == ResizeEnd::Confirm;
    setObjectName(u"resizeEnd"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(confirms ? tr("Confirm the change of %1").arg(kept.name) : tr("Take %1 back").arg(kept.name));
    auto *reading = new QLabel(tr("Reading the virtual machine…"), this);
    reading->setAlignment(Qt::AlignCenter);
    m_stack->addWidget(reading);
    m_stack->addWidget(m_view);
    m_choice->setObjectName(u"resizeEndChoice"_s);
    if (confirms) {
        const virt::Host *from = context.hosts.findUri(kept.fromUri);
        m_choice->setText(tr("&Keep its files on %1").arg(from ? from->settings().displayName() : kept.fromUri));
        m_choice->setChecked(kept.keepSource);
        m_choice->setVisible(kept.isMoved());
    } else {
        m_choice->setText(tr("&Start it again afterwards"));
        m_choice->setChecked(true);
        m_choice->setVisible(kept.wasRunning);
    }
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_act = buttons->addButton(confirms ? tr("Confirm") : tr("Revert"), QDialogButtonBox::AcceptRole);
    m_act->setObjectName(u"planAct"_s);
    m_act->setAutoDefault(false);
    buttons->button(QDialogButtonBox::Cancel)->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &ResizeEndDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &ResizeEndDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_message);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_choice, 0, Qt::AlignLeft);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 150, fontMetrics().height() * 26);

    connect(&m_planner, &operation::KeptPlanner::planned, this, &ResizeEndDialog::showPlan);
    connect(&m_planner, &operation::KeptPlanner::failed, this, [this](const Error &error) {
        m_message->showMessage(MessageBar::Kind::Error, error.message, error.hint);
        m_act->setToolTip(error.message);
    });
    connect(m_choice, &QCheckBox::toggled, this, &ResizeEndDialog::makePlan);
    makePlan();
}

void ResizeEndDialog::makePlan()
{
    m_message->clear();
    m_stack->setCurrentIndex(0);
    m_act->setEnabled(false);
    m_act->setToolTip(tr("The virtual machine is still being read."));
    operation::ResizeEndDraft draft;
    if (m_end == ResizeEnd::Confirm) {
        draft.keepSource = m_kept.isMoved() && m_choice->isChecked();
    } else {
        draft.start = m_choice->isChecked();
    }
    m_planner.plan(m_kept, m_end, draft);
}

void ResizeEndDialog::showPlan(const job::Plan &plan)
{
    m_view->setPlan(plan);
    m_stack->setCurrentWidget(m_view);
    m_act->setEnabled(!plan.isBlocked());
    m_act->setToolTip(plan.isBlocked() ? m_view->verdict() : QString());
}

void ResizeEndDialog::accept()
{
    if (m_act->isEnabled()) {
        m_context.jobs.run(m_view->plan());
        QDialog::accept();
    }
}

} // namespace vireo::ui
