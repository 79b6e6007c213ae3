// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/credentialdialog.h"

#include <QDialogButtonBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace vireo::ui {

CredentialDialog::CredentialDialog(const virt::CredentialRequest &request, QWidget *parent)
    : QDialog(parent)
    , m_request(request)
{
    setWindowTitle(tr("Authentication"));
    auto *intro = new QLabel(tr("%1 asks who you are.").arg(request.uri), this);
    intro->setTextFormat(Qt::PlainText);
    intro->setWordWrap(true);
    auto *form = new QFormLayout;
    for (const virt::CredentialRequest::Field &field : request.fields) {
        QString prompt = field.prompt.trimmed();
        while (prompt.endsWith(QLatin1Char(':'))) {
            prompt.chop(1);
        }
        auto *label = new QLabel(tr("%1:", "label of a field").arg(prompt), this);
        label->setTextFormat(Qt::PlainText); // the host's words
        auto *edit = new QLineEdit(field.defaultValue, this);
        edit->setAccessibleName(prompt);
        if (field.secret) {
            edit->setEchoMode(QLineEdit::Password);
            edit->setInputMethodHints(Qt::ImhHiddenText | Qt::ImhSensitiveData | Qt::ImhNoPredictiveText);
        }
        label->setBuddy(edit);
        form->addRow(label, edit);
        m_edits.append(edit);
    }
    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    buttons->button(QDialogButtonBox::Ok)->setText(tr("Log In"));
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(intro);
    layout->addLayout(form);
    layout->addStretch();
    layout->addWidget(buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 56);
    for (QLineEdit *edit : std::as_const(m_edits)) {
        if (edit->text().isEmpty()) {
            edit->setFocus(); // the first that is still to be answered
            break;
        }
    }
}

virt::CredentialRequest CredentialDialog::answer() const
{
    virt::CredentialRequest result = m_request;
    for (qsizetype index = 0; index < m_edits.size(); ++index) {
        result.fields[index].answer = m_edits[index]->text();
    }
    return result;
}

} // namespace vireo::ui
