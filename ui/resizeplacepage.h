// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/resizewizardstate.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QSpinBox;

namespace vireo::ui {

class FieldGrid;
class FieldNote;
class MigrateMaps;

/** Where it is to be, when that is done, and what comes afterwards. GUI thread. */
class ResizePlacePage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ResizePlacePage)

public:
    explicit ResizePlacePage(ResizeWizardState &state, QWidget *parent = nullptr);

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    void fillChoices();
    void connectFields();
    void refresh();
    void refreshDestination();
    void refreshNotes();

    ResizeWizardState &m_state;
    FieldGrid *m_grid;
    QComboBox *m_destination;
    QComboBox *m_when;
    QSpinBox *m_timeout;
    QCheckBox *m_force;
    QComboBox *m_after;
    QComboBox *m_confirm;
    QSpinBox *m_hours;
    QCheckBox *m_flatten;
    QCheckBox *m_keep;
    QCheckBox *m_verify;
    MigrateMaps *m_maps;
    FieldNote *m_destinationNote = nullptr;
    FieldNote *m_whenNote = nullptr;
    FieldNote *m_timeoutNote = nullptr;
    FieldNote *m_afterNote = nullptr;
    FieldNote *m_confirmNote = nullptr;
};

} // namespace vireo::ui
