// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/objectapplydialog.h"

#include <algorithm>

#include <QDialogButtonBox>
#include <QLabel>
#include <QPushButton>
#include <QTabWidget>
#include <QVBoxLayout>

#include "ui/diffview.h"
#include "ui/messagebar.h"
#include "ui/planview.h"

using namespace Qt::StringLiterals;

namespace vireo::ui {

using job::Finding;

ObjectApplyDialog::ObjectApplyDialog(
    const job::Plan &plan, const QString &stored, const QString &wanted, QWidget *parent)
    : QDialog(parent)
    , m_plan(new PlanView(this))
{
    setObjectName(u"objectApplyDialog"_s);
    setWindowTitle(plan.title);
    m_plan->setPlan(plan);
    auto *message = new MessageBar(this);
    auto *diff = new DiffView(this);
    diff->setTitles(tr("Stored now"), tr("As edited"));
    diff->setTexts(stored, wanted);
    auto *tabs = new QTabWidget(this);
    tabs->setDocumentMode(true);
    tabs->addTab(diff, tr("&Difference"));
    tabs->addTab(m_plan, tr("&Plan"));
    auto *when = new QLabel(this);
    when->setTextFormat(Qt::PlainText);
    when->setWordWrap(true);
    when->setObjectName(u"applyWhen"_s);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
    QPushButton *act = buttons->addButton(tr("&Apply"), QDialogButtonBox::AcceptRole);
    act->setObjectName(u"planAct"_s);
    act->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &ObjectApplyDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &ObjectApplyDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(message);
    layout->addWidget(when);
    layout->addWidget(tabs, 1);
    layout->addWidget(buttons);
    resize(fontMetrics().averageCharWidth() * 125, fontMetrics().height() * 34);

    act->setEnabled(!plan.isBlocked());
    const auto blocker = std::ranges::find(plan.findings, Finding::Severity::Blocker, &Finding::severity);
    if (blocker != plan.findings.end()) {
        message->showMessage(
            MessageBar::Kind::Error, blocker->text, QStringList{blocker->cause, blocker->fix}.join(u' ').trimmed());
        act->setToolTip(blocker->text);
        when->hide();
        return;
    }
    // What the user should know without looking for it.
    QStringList sentences{plan.verdict};
    for (const Finding &finding : plan.findings) {
        sentences << (finding.cause.isEmpty() ? tr("%1.").arg(finding.text)
                                              : tr("%1. %2").arg(finding.text, finding.cause));
    }
    when->setText(sentences.join(u' '));
}

const job::Plan &ObjectApplyDialog::plan() const
{
    return m_plan->plan();
}

} // namespace vireo::ui
