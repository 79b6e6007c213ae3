// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/createwizardstate.h"
#include "ui/wizardpage.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace vireo::ui {

class CreateTemplates;
class Expander;
class FieldGrid;
class FieldNote;
class SystemField;
class TemplateField;

/** Where the new VM runs and what it boots from. Shows and changes the state, keeps nothing. GUI thread. */
class CreateSourcePage final : public WizardPage
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(CreateSourcePage)

public:
    CreateSourcePage(CreateWizardState &state, CreateTemplates &templates, QWidget *parent = nullptr);

    bool isComplete() const override;
    QString reason() const override;
    QWidget *firstField() const override;

private:
    void makeFields();
    void makeAdvanced();
    void connectFields();
    void refresh();
    void refreshHosts();
    void refreshKind();
    void refreshNotes();

    CreateWizardState &m_state;
    FieldGrid *m_grid;
    QComboBox *m_host;
    TemplateField *m_template;
    QComboBox *m_origin;
    QLineEdit *m_path;
    QLineEdit *m_location;
    QLineEdit *m_definition;
    QComboBox *m_pool;
    QComboBox *m_volume;
    QCheckBox *m_keep;
    QLineEdit *m_kernel;
    QLineEdit *m_initrd;
    QLineEdit *m_cmdline;
    QLineEdit *m_dtb;
    QCheckBox *m_adopt;
    QLabel *m_chain;
    SystemField *m_system;
    Expander *m_advanced;
    FieldGrid *m_advancedGrid;
    QComboBox *m_format;
    QComboBox *m_copy;
    FieldNote *m_hostNote = nullptr;
    FieldNote *m_originNote = nullptr;
    FieldNote *m_pathNote = nullptr;
    FieldNote *m_locationNote = nullptr;
    FieldNote *m_definitionNote = nullptr;
    FieldNote *m_volumeNote = nullptr;
    FieldNote *m_kernelNote = nullptr;
    FieldNote *m_systemNote = nullptr;
};

} // namespace vireo::ui
