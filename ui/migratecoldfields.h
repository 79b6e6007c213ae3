// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/migratewizardstate.h"

class QCheckBox;
class QComboBox;
class QSpinBox;

namespace vireo::ui {

class FieldGrid;
class FieldNote;

/** What only a VM has that is shut down on its way: how long its guest may take, and what comes then. GUI thread. */
class MigrateColdFields final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateColdFields)

public:
    explicit MigrateColdFields(MigrateWizardState &state, QWidget *parent = nullptr);

    /** To be aligned with another one. */
    FieldGrid *grid() const { return m_grid; }

private:
    void refresh();

    MigrateWizardState &m_state;
    FieldGrid *m_grid;
    QSpinBox *m_timeout;
    QCheckBox *m_force;
    QComboBox *m_start;
    QCheckBox *m_verify;
    FieldNote *m_timeoutNote = nullptr;
};

} // namespace vireo::ui
