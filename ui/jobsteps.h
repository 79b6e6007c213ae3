// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "backend/job/compare.h"

class QGridLayout;
class QLabel;
class QPushButton;

namespace vireo::ui {

/** The steps of an interrupted job: what its journal says of each, and what is there on the host now. GUI thread. */
class JobSteps final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(JobSteps)

public:
    explicit JobSteps(QWidget *parent = nullptr);

    /** What the journal says. */
    void setJob(const job::JobRecord &job);
    /** What the hosts say, a line for each step. */
    void setReality(const QList<job::StepComparison> &comparison);
    /** A sentence instead of what the hosts say. */
    void setNote(const QString &text);

Q_SIGNALS:
    void refreshWanted();

private:
    QLabel *cell(int row, int column);

    QGridLayout *m_grid;
    QLabel *m_note;
    QPushButton *m_refresh;
    int m_steps = 0;
};

} // namespace vireo::ui
