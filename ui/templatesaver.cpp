// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/templatesaver.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>

#include "ui/createtemplates.h"

namespace vireo::ui {

TemplateSaver::TemplateSaver(CreateTemplates &templates, QWidget *parent)
    : QFrame(parent)
    , m_templates(templates)
    , m_name(new QLineEdit(this))
    , m_passwords(new QCheckBox(tr("With the password's hash"), this))
    , m_save(new QPushButton(tr("Sa&ve"), this))
    , m_cancel(new QPushButton(tr("Don't Save"), this))
    , m_note(new QLabel(this))
{
    setFrameShape(QFrame::StyledPanel);
    auto *label = new QLabel(tr("Template na&me:"), this);
    label->setBuddy(m_name);
    m_name->setAccessibleName(tr("Template name"));
    m_passwords->setToolTip(tr("Whoever can read the file can try to guess the password"));
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    auto *line = new QHBoxLayout;
    line->addWidget(label);
    line->addWidget(m_name, 1);
    line->addWidget(m_passwords);
    for (QPushButton *button : {m_save, m_cancel}) {
        button->setAutoDefault(false);
        line->addWidget(button);
    }
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 6, 8, 6);
    layout->addLayout(line);
    layout->addWidget(m_note);
    hide();
    connect(m_name, &QLineEdit::textChanged, this, &TemplateSaver::refresh);
    connect(m_save, &QPushButton::clicked, this, &TemplateSaver::save);
    connect(m_cancel, &QPushButton::clicked, this, &QWidget::hide);
    connect(&m_templates, &CreateTemplates::finished, this, [this](const QString &problem) {
        if (!m_saving) {
            return;
        }
        m_saving = false;
        if (problem.isEmpty()) {
            m_name->setEnabled(false);
            m_passwords->setEnabled(false);
            m_save->hide();
            m_cancel->setText(tr("Close"));
            m_note->setText(tr("Saved. It is offered on the first page of new wizards, and of this one."));
        } else {
            refresh();
            m_note->setText(problem);
        }
    });
}

void TemplateSaver::ask(const operation::CreateDraft &draft)
{
    m_draft = draft;
    m_saving = false;
    m_name->setEnabled(true);
    m_passwords->setEnabled(true);
    m_passwords->setVisible(operation::hasPasswords(draft));
    m_passwords->setChecked(false);
    m_save->show();
    m_cancel->setText(tr("Don't Save"));
    m_name->clear();
    refresh();
    show();
    m_name->setFocus();
}

void TemplateSaver::refresh()
{
    const QString problem = operation::templateNameProblem(m_name->text());
    m_save->setEnabled(problem.isEmpty() && !m_saving);
    QString note = tr("Kept without host, name, addresses and volumes of this VM.");
    if (!m_name->text().isEmpty() && !problem.isEmpty()) {
        note = problem;
    } else if (m_templates.contains(m_name->text())) {
        note = tr("There is one of this name: it is replaced.");
    }
    m_note->setText(note);
}

void TemplateSaver::save()
{
    if (!m_save->isEnabled()) {
        return;
    }
    m_saving = true;
    m_save->setEnabled(false);
    m_templates.save(m_name->text(), m_draft, m_passwords->isVisibleTo(this) && m_passwords->isChecked());
}

void TemplateSaver::keyPressEvent(QKeyEvent *event)
{
    // Enter saves here and nothing else; Esc closes this line, not the wizard.
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        save();
    } else if (event->key() == Qt::Key_Escape) {
        hide();
    } else {
        QFrame::keyPressEvent(event);
    }
}

} // namespace vireo::ui
