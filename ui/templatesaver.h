// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "backend/operation/create/createdraft.h"

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;

namespace vireo::ui {

class CreateTemplates;

/** The line below a plan in which it is saved as a template. Hidden until it is wanted. GUI thread. */
class TemplateSaver final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(TemplateSaver)

public:
    explicit TemplateSaver(CreateTemplates &templates, QWidget *parent = nullptr);

    /** Shows the line for this draft. */
    void ask(const operation::CreateDraft &draft);

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void refresh();
    void save();

    CreateTemplates &m_templates;
    operation::CreateDraft m_draft;
    QLineEdit *m_name;
    QCheckBox *m_passwords;
    QPushButton *m_save;
    QPushButton *m_cancel;
    QLabel *m_note;
    bool m_saving = false;
};

} // namespace vireo::ui
