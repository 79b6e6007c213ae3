// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/migratewizardstate.h"
#include "ui/wizardpage.h"

class QComboBox;
class QLabel;
class QPushButton;
class QTableView;

namespace vireo::ui {

class FieldGrid;
class FieldNote;
class MigrateReader;

/** Where to: the matrix of VMs and hosts with the reason in each cell. Choosing a column chooses the destination. GUI
 *  thread. */
class MigrateTargetPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateTargetPage)

public:
    MigrateTargetPage(MigrateWizardState &state, MigrateReader &reader, QWidget *parent = nullptr);

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    void refresh();
    void fillHosts();
    void showCell();

    MigrateWizardState &m_state;
    MigrateReader &m_reader;
    FieldGrid *m_grid;
    QComboBox *m_destination;
    FieldNote *m_note = nullptr;
    QTableView *m_matrix;
    QLabel *m_details;
    QLabel *m_progress;
    QPushButton *m_again;
};

} // namespace vireo::ui
