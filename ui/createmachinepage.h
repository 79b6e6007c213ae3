// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/createwizardstate.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QLineEdit;

namespace vireo::ui {

class FieldGrid;
class FieldNote;
struct CreateOffer;

/** What kind of machine the new VM is: all automatic at first, each saying what that means here. GUI thread. */
class CreateMachinePage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateMachinePage)

public:
    explicit CreateMachinePage(CreateWizardState &state, QWidget *parent = nullptr);

    bool isComplete() const override { return true; }
    QString reason() const override { return {}; }
    QWidget *firstField() const override;

private:
    void connectFields();
    void refresh();
    void show(QComboBox *combo, FieldNote *note, const CreateOffer &offer, const QString &current);

    CreateWizardState &m_state;
    QComboBox *m_acceleration;
    QComboBox *m_machine;
    QComboBox *m_firmware;
    QComboBox *m_tpm;
    QComboBox *m_cpu;
    QComboBox *m_graphics;
    QLineEdit *m_listen;
    QCheckBox *m_agent;
    QCheckBox *m_rng;
    QCheckBox *m_balloon;
    FieldNote *m_accelerationNote = nullptr;
    FieldNote *m_machineNote = nullptr;
    FieldNote *m_firmwareNote = nullptr;
    FieldNote *m_tpmNote = nullptr;
    FieldNote *m_cpuNote = nullptr;
    FieldNote *m_graphicsNote = nullptr;
    QWidget *m_fields = nullptr;
    QWidget *m_imported = nullptr;
};

} // namespace vireo::ui
