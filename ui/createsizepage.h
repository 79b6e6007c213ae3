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

class Expander;
class FieldGrid;
class FieldNote;

/** The new VM's name, size and storage, and how it starts. GUI thread. */
class CreateSizePage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateSizePage)

public:
    explicit CreateSizePage(CreateWizardState &state, QWidget *parent = nullptr);

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    void makeFields();
    void makeMore();
    void connectFields();
    void connectMore();
    void refresh();
    void refreshSizes();
    void refreshPools();
    void refreshMore();

    CreateWizardState &m_state;
    FieldGrid *m_grid;
    QLineEdit *m_name;
    QSpinBox *m_memory;
    QSpinBox *m_vcpus;
    QDoubleSpinBox *m_root;
    QComboBox *m_pool;
    QSpinBox *m_count;
    QCheckBox *m_start;
    QCheckBox *m_paused;
    QCheckBox *m_autostart;
    FieldGrid *m_moreGrid;
    Expander *m_more = nullptr;
    QLineEdit *m_title;
    QLineEdit *m_description;
    QLineEdit *m_tags;
    QSpinBox *m_maxMemory;
    QSpinBox *m_maxVcpus;
    QSpinBox *m_sockets;
    QSpinBox *m_cores;
    QSpinBox *m_threads;
    QCheckBox *m_topology;
    QWidget *m_topologyRow = nullptr;
    FieldNote *m_nameNote = nullptr;
    FieldNote *m_memoryNote = nullptr;
    FieldNote *m_vcpusNote = nullptr;
    FieldNote *m_rootNote = nullptr;
    FieldNote *m_poolNote = nullptr;
    FieldNote *m_countNote = nullptr;
};

} // namespace vireo::ui
