// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/job/plan.h"

class QPushButton;

namespace vireo::ui {

class PlanView;

/**
 * Shows what a small operation would do and asks whether it shall: accepted means yes, and whoever opened it runs the
 * plan. A blocked plan can only be read. Opened, never executed. GUI thread; owned by its parent.
 */
class PlanDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(PlanDialog)

public:
    /** `act`: the verb on the button that runs it. */
    PlanDialog(const job::Plan &plan, const QString &act, QWidget *parent);

    const job::Plan &plan() const;

private:
    PlanView *m_view;
    QPushButton *m_act;
};

} // namespace vireo::ui
