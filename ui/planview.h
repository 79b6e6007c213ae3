// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "backend/job/jobmanager.h"

class QLabel;
class QPushButton;
class QTabWidget;
class QTreeView;

namespace vireo::model {
class FindingModel;
class StepModel;
} // namespace vireo::model

namespace vireo::ui {

class XmlView;

/**
 * A plan as every wizard and dialog shows it: the verdict in one sentence, the findings, the steps (with their progress
 * while a job runs them), the XML. GUI thread; keeps a copy of the plan, reads nothing from hosts.
 */
class PlanView final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PlanView)

public:
    explicit PlanView(QWidget *parent = nullptr);
    ~PlanView() override;

    /** Shows a plan that nobody runs yet. */
    void setPlan(const job::Plan &plan);
    /** Shows the progress of a job that runs the plan set before (or another, then that one is set first). */
    void setJob(const job::JobRecord &job);
    const job::Plan &plan() const { return m_plan; }
    /** The sentence on top. */
    QString verdict() const;
    /** The draft as a document, or the whole plan when it has none: what "Copy as JSON" copies. */
    QByteArray toJson() const;

    /** "Can't start: 2 blockers", "Ready: …": the verdict of a plan that nobody runs. */
    static QString sentence(const job::Plan &plan);
    /** The same for a job that runs or has run. */
    static QString sentence(const job::JobRecord &job);

protected:
    void changeEvent(QEvent *event) override;

private:
    QWidget *makePlanTab();
    void setVerdict(const QString &text, job::Finding::Severity severity);
    void fitFindings();
    void fitColumns();

    job::Plan m_plan;
    job::Finding::Severity m_severity = job::Finding::Severity::Ok;
    model::FindingModel *m_findingModel;
    model::StepModel *m_stepModel;
    QLabel *m_verdictIcon;
    QLabel *m_verdict;
    QTabWidget *m_tabs;
    QTreeView *m_findings;
    QTreeView *m_steps;
    XmlView *m_xml;
    QPushButton *m_copy;
};

} // namespace vireo::ui
