// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/createwizardstate.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QDoubleSpinBox;
class QLineEdit;
class QSpinBox;

namespace vireo::ui {

class FieldGrid;
class FieldNote;

/** Where the new VM runs and what it boots from. Shows and changes the state, keeps nothing. GUI thread. */
class CreateSourcePage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateSourcePage)

public:
    explicit CreateSourcePage(CreateWizardState &state, QWidget *parent = nullptr);

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    void refresh();
    void browse();

    CreateWizardState &m_state;
    FieldGrid *m_grid;
    QComboBox *m_host;
    QComboBox *m_origin;
    QLineEdit *m_path;
    QComboBox *m_pool;
    QComboBox *m_volume;
    QCheckBox *m_keep;
    FieldNote *m_hostNote;
    FieldNote *m_originNote;
    FieldNote *m_pathNote;
    FieldNote *m_volumeNote;
    QList<CreateWizardState::HostChoice> m_shownHosts;
};

/** The new VM's name, size, disk and network. GUI thread. */
class CreateResourcesPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateResourcesPage)

public:
    explicit CreateResourcesPage(CreateWizardState &state, QWidget *parent = nullptr);

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    void refresh();
    void refreshNetworks();
    void chooseNetwork(int row);

    CreateWizardState &m_state;
    QLineEdit *m_name;
    QSpinBox *m_memory;
    QSpinBox *m_vcpus;
    QDoubleSpinBox *m_root;
    QComboBox *m_pool;
    QComboBox *m_network;
    QLineEdit *m_bridge;
    QCheckBox *m_start;
    FieldNote *m_nameNote;
    FieldNote *m_memoryNote;
    FieldNote *m_vcpusNote;
    FieldNote *m_rootNote;
    FieldNote *m_poolNote;
    FieldNote *m_networkNote;
    QList<CreateWizardState::NicChoice> m_shownNics;
};

} // namespace vireo::ui
