// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/planjobs.h"

#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QTreeWidget>
#include <QVBoxLayout>

namespace vireo::ui {

using namespace Qt::StringLiterals;
using job::Finding;
using job::JobState;

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
    double fraction = 0;
    int done = 0;
    int failed = 0;
    int ended = 0;
    for (qsizetype i = 0; i < jobs.size(); ++i) {
        const job::JobRecord &job = jobs.at(i);
        QTreeWidgetItem *item = m_list->topLevelItem(static_cast<int>(i));
        item->setText(0, job.plan.domainName);
        item->setText(1, job.statusLine());
        item->setToolTip(1, job.error.message.toHtmlEscaped());
        fraction += job.isFinished() ? 1 : job.fraction;
        ended += job.isFinished() ? 1 : 0;
        done += job.state == JobState::Done ? 1 : 0;
        failed += job.isFinished() && job.state != JobState::Done ? 1 : 0;
    }
    m_bar->setValue(jobs.isEmpty() ? 0 : static_cast<int>(1000 * fraction / static_cast<double>(jobs.size())));
    QString text = ended < jobs.size() ? tr("Running: %1 of %2 done").arg(done).arg(jobs.size())
                                       : tr("%1 of %2 done").arg(done).arg(jobs.size());
    if (failed > 0) {
        text = tr("%1, %2 not").arg(text).arg(failed);
    }
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
