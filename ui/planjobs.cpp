// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/planjobs.h"

#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QTreeWidget>
#include <QVBoxLayout>

#include "backend/job/jobgroup.h"
#include "model/jobmodel.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using job::Finding;

PlanJobs::PlanJobs(QWidget *parent)
    : QWidget(parent)
    , m_text(new QLabel(this))
    , m_bar(new QProgressBar(this))
    , m_list(new QTreeWidget(this))
{
    QFont bold = font();
    bold.setBold(true);
    m_text->setFont(bold);
    m_text->setTextFormat(Qt::PlainText);
    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Progress of all"));
    m_list->setColumnCount(2);
    m_list->setHeaderLabels({tr("VM"), tr("State")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->setAlternatingRowColors(true);
    m_list->setAccessibleName(tr("VMs"));
    m_list->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_text);
    layout->addWidget(m_bar);
    layout->addWidget(m_list, 1);
}

void PlanJobs::setJobs(const QList<job::JobRecord> &jobs)
{
    while (m_list->topLevelItemCount() > jobs.size()) {
        delete m_list->takeTopLevelItem(m_list->topLevelItemCount() - 1);
    }
    while (m_list->topLevelItemCount() < jobs.size()) {
        m_list->addTopLevelItem(new QTreeWidgetItem);
    }
    QList<const job::JobRecord *> records;
    for (qsizetype i = 0; i < jobs.size(); ++i) {
        const job::JobRecord &job = jobs.at(i);
        QTreeWidgetItem *item = m_list->topLevelItem(static_cast<int>(i));
        item->setText(0, job.plan.domainName);
        item->setText(1, job.statusLine());
        item->setToolTip(1, job.error.message.toHtmlEscaped());
        records.append(&job);
    }
    const job::JobGroup all = job::JobGroup::of(records);
    m_bar->setValue(static_cast<int>(1000 * all.fraction));
    const QString text = model::groupText(all);
    m_text->setText(text);
    setAccessibleDescription(text);
}

QString PlanJobs::text() const
{
    return m_text->text();
}

job::Plan PlanJobs::summary(const QList<job::Plan> &plans, const QJsonObject &draft)
{
    job::Plan plan = plans.value(0);
    if (!draft.isEmpty()) {
        plan.draft = draft;
    }
    if (plans.size() <= 1) {
        return plan;
    }
    QStringList names;
    QList<Finding> more;
    for (const job::Plan &each : plans) {
        names.append(each.domainName);
        for (const Finding &finding : each.findings) {
            const bool grave =
                finding.severity == Finding::Severity::Blocker || finding.severity == Finding::Severity::Warning;
            const auto same = [&](const Finding &known) {
                return known.severity == finding.severity && known.text == finding.text;
            };
            if (grave && std::none_of(plan.findings.cbegin(), plan.findings.cend(), same)
                && std::none_of(more.cbegin(), more.cend(), same)) {
                more.append(finding);
                more.last().cause = tr("%1: %2").arg(each.domainName, finding.cause);
            }
        }
    }
    plan.findings += more;
    if (plan.operation == "migrate"_L1) {
        plan.findings.append({Finding::Severity::Note,
            tr("%1 VMs move: %2").arg(plans.size()).arg(names.join(tr(", "))),
            tr("The steps and the XML are those of the first. Each has a job of its own, and they wait for each other "
               "as far as the limit for the two hosts says."),
            {}});
        if (!plan.verdict.isEmpty()) {
            plan.verdict = plans.size() == 2 ? tr("%1 One more moves with it.").arg(plan.verdict)
                                             : tr("%1 %2 more move with it.").arg(plan.verdict).arg(plans.size() - 1);
        }
        return plan;
    }
    plan.findings.append({Finding::Severity::Note,
        tr("%1 VMs are made: %2").arg(plans.size()).arg(names.join(tr(", "))),
        tr("The steps and the XML are those of the first. The others do the same with their own names; what they share "
           "is uploaded once."),
        {}});
    if (!plan.verdict.isEmpty()) {
        plan.verdict = tr("%1 The same for %2 more.").arg(plan.verdict).arg(plans.size() - 1);
    }
    return plan;
}

} // namespace vireo::ui
