// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "ui/createtemplates.h"

class QComboBox;
class QLineEdit;
class QListWidget;
class QPushButton;
class QWidget;

namespace vireo::ui {

class CreateWizardState;
class FieldNote;

/**
 * The Template field of the wizard's first page: a combo box, a button that opens the panel in which saved ones are
 * renamed and deleted, and that panel. The widgets belong to the page. GUI thread.
 */
class TemplateField final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TemplateField)

public:
    TemplateField(CreateTemplates &templates, CreateWizardState &state, QWidget *page);

    QComboBox *combo() const { return m_combo; }
    QPushButton *manageButton() const { return m_manage; }
    QWidget *panel() const { return m_panel; }
    void setNote(FieldNote *note);

private:
    void makePanel();
    void refresh();
    void choose(int row);
    void refreshPanel();
    const operation::Template *selected() const;

    CreateTemplates &m_templates;
    CreateWizardState &m_state;
    QComboBox *m_combo;
    QPushButton *m_manage;
    QWidget *m_panel;
    QListWidget *m_list;
    QLineEdit *m_name;
    QPushButton *m_rename;
    QPushButton *m_remove;
    FieldNote *m_note = nullptr;
    QString m_chosen; ///< name of the one that was applied last
};

} // namespace vireo::ui
