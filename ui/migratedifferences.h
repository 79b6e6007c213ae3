// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/migratereader.h"
#include "ui/planxml.h"

class QComboBox;
class QLabel;

namespace vireo::ui {

class DiffView;

/**
 * What is written differently on the way of a VM: its definition here, at the destination, and that of its next start
 * there; two of them side by side, or all three as two steps. For several VMs a list tells whose. GUI thread.
 */
class MigrateDifferences final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateDifferences)

public:
    explicit MigrateDifferences(QWidget *parent = nullptr);
    void setPlans(const MigratePlans &plans);

private:
    enum class Kind { Running, AllThree, Stored, There };
    void showChosen();

    MigratePlans m_plans;
    QComboBox *m_which;
    QLabel *m_upperTitle;
    QLabel *m_lowerTitle;
    DiffView *m_upper;
    DiffView *m_lower;
    QWidget *m_below; ///< holds the lower one
};

/** One of the definitions that are made at the destination: of which VM, and which of its two. */
struct MigrateText {
    virt::DomainKey vm;
    bool running = false; ///< as it runs there
    bool stored = false;  ///< that of its next start there; both: it is off, and there is one alone
};

/** The definitions that can be edited, in the order of `texts`, which are for the plan page. Pure. */
QList<MigrateText> migrateTexts(const MigratePlans &plans, const MigrateWizardState &state, QList<PlanText> &texts);

} // namespace vireo::ui
