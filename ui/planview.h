// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "backend/job/jobmanager.h"

class QLabel;
class QPushButton;
class QTabWidget;
class QTreeView;
class QHBoxLayout;

namespace vireo::model {
class FindingModel;
class StepModel;
} // namespace vireo::model

namespace vireo::ui {

class PlanXml;
struct PlanText;

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

    /** Puts a button of the wizard's own beside "Copy as JSON". */
    void addButton(QPushButton *button);
    /** Adds a page of the wizard's own; index 0 is the plan. Takes it as its child. */
    void insertTab(int index, QWidget *page, const QString &title);
    /** Hides its tab, or shows it; whoever reads another one goes on. */
    void setTabShown(QWidget *page, bool shown);
    void bringToFront(QWidget *page);
    /** Offers to edit the XML before it is used; `customise`: also by the hardware pages. */
    void setXmlEditable(bool editable, bool customise = true);
    /** Several definitions in place of the plan's one, until the next plan; then xmlChosen() says which. */
    void setXmlTexts(const QList<PlanText> &texts);
    /** Another definition in place of the plan's, as if it had been edited here. */
    void chooseXml(const QString &xml);
    /** It was changed and neither applied nor discarded: what is shown is not what would be made. */
    bool hasUnappliedXml() const;
    /** While a job runs nothing can be edited. */
    void setLocked(bool locked);

    /** "Can't start: 2 blockers", "Ready: …": the verdict of a plan that nobody runs. */
    static QString sentence(const job::Plan &plan);
    /** The same for a job that runs or has run. */
    static QString sentence(const job::JobRecord &job);

Q_SIGNALS:
    /** The definition is to be edited device by device; answer with chooseXml(). */
    void customiseRequested(const QString &xml);
    /** The XML as the user wants it; empty: as it would be made. A new plan is wanted. `index`: among several. */
    void xmlChosen(const QString &xml, int index = 0);
    void editingChanged();

protected:
    void changeEvent(QEvent *event) override;

private:
    QWidget *makePlanTab();
    void updateXml();
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
    PlanXml *m_xml;
    QPushButton *m_copy;
    QHBoxLayout *m_corner;
    QPushButton *m_customise;
    bool m_locked = false;
};

} // namespace vireo::ui
