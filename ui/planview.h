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

    /** Puts a button of the wizard's own beside "Copy as JSON". */
    void addButton(QPushButton *button);
    /** Offers to edit the XML: customise before it is made. */
    void setXmlEditable(bool editable);
    /** It was changed and neither applied nor discarded: what is shown is not what would be made. */
    bool hasUnappliedXml() const;
    /** While a job runs nothing can be edited. */
    void setLocked(bool locked);

    /** "Can't start: 2 blockers", "Ready: …": the verdict of a plan that nobody runs. */
    static QString sentence(const job::Plan &plan);
    /** The same for a job that runs or has run. */
    static QString sentence(const job::JobRecord &job);

Q_SIGNALS:
    /** The XML as the user wants it; empty: as it would be made. A new plan is wanted. */
    void xmlChosen(const QString &xml);
    void editingChanged();

protected:
    void changeEvent(QEvent *event) override;

private:
    QWidget *makePlanTab();
    QWidget *makeXmlTab();
    void setEditing(bool editing);
    void updateXmlButtons();
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
    QHBoxLayout *m_corner;
    QPushButton *m_editXml;
    QPushButton *m_applyXml;
    QPushButton *m_discardXml;
    QPushButton *m_resetXml;
    QLabel *m_xmlNote;
    QWidget *m_xmlBar = nullptr;
    QString m_shownXml;
    bool m_customXml = false; ///< what is shown was edited by hand
    bool m_editing = false;
    bool m_locked = false;
};

} // namespace vireo::ui
