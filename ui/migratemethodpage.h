// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/migratewizardstate.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QLineEdit;
class QSpinBox;
class QTreeWidget;
class QTreeWidgetItem;

namespace vireo::ui {

class Expander;
class FieldGrid;
class FieldNote;
class MigrateColdFields;
class MigrateMaps;

/** How it moves: method, connection, what becomes of each disk, mappings, and what most users never need. GUI thread.
 */
class MigrateMethodPage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateMethodPage)

public:
    explicit MigrateMethodPage(MigrateWizardState &state, QWidget *parent = nullptr);

    void enter() override;
    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    QWidget *makeOptions();
    void connectFields();
    void refresh();
    void refreshNotes();
    void fillDisks();
    void fillMaps();
    void mapPath(QTreeWidgetItem *item);
    MigrateWizardState::Pair pair() const;

    MigrateWizardState &m_state;
    FieldGrid *m_grid;
    QComboBox *m_mode;
    QComboBox *m_path;
    QLineEdit *m_uri;
    QComboBox *m_storage;
    FieldNote *m_modeNote = nullptr;
    FieldNote *m_pathNote = nullptr;
    FieldNote *m_uriNote = nullptr;
    FieldNote *m_storageNote = nullptr;
    MigrateColdFields *m_cold;
    QTreeWidget *m_disks;
    MigrateMaps *m_maps;
    QCheckBox *m_persistent;
    QCheckBox *m_undefine;
    QCheckBox *m_deleteDisks;
    QCheckBox *m_flatten;
    QCheckBox *m_postCopy;
    QCheckBox *m_autoConverge;
    QCheckBox *m_tls;
    QCheckBox *m_setTime;
    QComboBox *m_compress;
    QSpinBox *m_parallel;
    QSpinBox *m_atOnce;
    QSpinBox *m_bandwidth;
    QSpinBox *m_postCopyBandwidth;
    QLineEdit *m_migrateUri;
    QLineEdit *m_listen;
    FieldNote *m_parallelNote = nullptr;
    FieldGrid *m_optionGrid = nullptr;
    Expander *m_options = nullptr;
    bool m_filling = false;
};

} // namespace vireo::ui
