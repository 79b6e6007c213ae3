// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/createwizardstate.h"

class QComboBox;
class QDoubleSpinBox;
class QLineEdit;

namespace vireo::ui {

class Expander;
class FieldGrid;
class FieldNote;

/** The fields of one further disk of the new VM. GUI thread. */
class DiskEditor final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DiskEditor)

public:
    explicit DiskEditor(CreateWizardState &state, QWidget *parent = nullptr);
    /** Shows that one of the state's disks, as it is now. */
    void show(qsizetype index);
    void focusFirst();

private:
    void connectFields();
    void edit(const std::function<void(operation::CreateDraft::Disk &)> &change);
    void refreshVolumes(const operation::CreateDraft::Disk &disk);

    CreateWizardState &m_state;
    qsizetype m_index = -1;
    FieldGrid *m_grid;
    QDoubleSpinBox *m_size;
    QComboBox *m_fs;
    QLineEdit *m_label;
    QComboBox *m_pool;
    QComboBox *m_volume;
    FieldGrid *m_moreGrid;
    Expander *m_more = nullptr;
    QComboBox *m_bus;
    QComboBox *m_format;
    QComboBox *m_cache;
    QComboBox *m_discard;
    QLineEdit *m_serial;
    FieldNote *m_busNote = nullptr;
    FieldNote *m_sizeNote = nullptr;
    FieldNote *m_volumeNote = nullptr;
};

/** The fields of one network card of the new VM. GUI thread. */
class NicEditor final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(NicEditor)

public:
    explicit NicEditor(CreateWizardState &state, QWidget *parent = nullptr);
    void show(qsizetype index);
    void focusFirst();

private:
    void choose(int row);
    void edit(const std::function<void(operation::CreateDraft::Nic &)> &change);

    CreateWizardState &m_state;
    qsizetype m_index = -1;
    QComboBox *m_network;
    QLineEdit *m_device;
    QComboBox *m_model;
    QLineEdit *m_mac;
    FieldNote *m_networkNote;
    FieldNote *m_modelNote;
    FieldNote *m_macNote;
    FieldGrid *m_grid;
};

} // namespace vireo::ui
