// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plandialog.h"

#include <QDialogButtonBox>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/planview.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

PlanDialog::PlanDialog(const job::Plan &plan, const QString &act, QWidget *parent)
    : QDialog(parent)
    , m_view(new PlanView(this))
{
    setObjectName(u"planDialog"_s);
    setWindowTitle(plan.title);
    m_view->setPlan(plan);
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    m_act = buttons->addButton(act, QDialogButtonBox::AcceptRole);
    m_act->setObjectName(u"planAct"_s);
    m_act->setAutoDefault(false);
    m_act->setEnabled(!plan.isBlocked());
    m_act->setToolTip(plan.isBlocked() ? m_view->verdict() : QString());
    buttons->button(QDialogButtonBox::Cancel)->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &PlanDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &PlanDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(m_view, 1);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 100, fontMetrics().height() * 26);
}

const job::Plan &PlanDialog::plan() const
{
    return m_view->plan();
}

} // namespace vireo::ui
