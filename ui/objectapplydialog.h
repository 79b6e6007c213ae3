// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

#include "backend/job/plan.h"

namespace vireo::ui {

class MessageBar;
class PlanView;

/**
 * Shows what storing an edited definition of a pool, network or network filter would do before it is done: the
 * difference to what is stored, and the plan. Accepted means: run plan(). Opened, never executed. GUI thread; owned by
 * its parent.
 */
class ObjectApplyDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ObjectApplyDialog)

public:
    /** `stored`: what the host has now. `wanted`: as edited. */
    ObjectApplyDialog(const job::Plan &plan, const QString &stored, const QString &wanted, QWidget *parent);

    const job::Plan &plan() const;

private:
    PlanView *m_plan;
};

} // namespace vireo::ui
