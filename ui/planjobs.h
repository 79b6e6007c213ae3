// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "backend/job/jobmanager.h"

class QLabel;
class QProgressBar;
class QTreeWidget;

namespace vireo::ui {

/** Several jobs of one wizard: a line for each VM, and a bar for all. GUI thread. */
class PlanJobs final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PlanJobs)

public:
    explicit PlanJobs(QWidget *parent = nullptr);

    /** In the order of their plans. */
    void setJobs(const QList<job::JobRecord> &jobs);
    QString text() const; ///< the line above the list

    /**
     * One plan that speaks for all of them: the first, the blockers and warnings of the others under their names, and
     * a note that says which VMs there will be. `draft` is the document of the whole. Of one plan: that plan. Pure.
     */
    static job::Plan summary(const QList<job::Plan> &plans, const QJsonObject &draft);

private:
    QLabel *m_text;
    QProgressBar *m_bar;
    QTreeWidget *m_list;
};

} // namespace vireo::ui
