// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/askpassdialog.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace vireo::ui {

AskpassDialog::AskpassDialog(const QString &prompt, const QString &kind, QWidget *parent)
    : QDialog(parent)
{
    setWindowTitle(tr("SSH"));
    auto *label = new QLabel(prompt.trimmed(), this);
    label->setObjectName(u"prompt"_s);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(
        Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard); // fingerprints are compared
    auto *buttons = new QDialogButtonBox(this);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto *layout = new QVBoxLayout(this);
    layout->addWidget(label);
    // ssh wants this one answered by a word, not by the exit status.
    const bool hostKey = kind.isEmpty() && prompt.contains(u"(yes/no"_s);
    if (kind == u"none"_s) {
        buttons->addButton(QDialogButtonBox::Close); // ssh ends this process when the key was touched
    } else if (hostKey || kind == u"confirm"_s) {
        if (hostKey) {
            m_answer = u"yes"_s;
        }
        buttons->addButton(QDialogButtonBox::Yes);
        // What does no harm is what the Return key does.
        QPushButton *no = buttons->addButton(QDialogButtonBox::No);
        no->setDefault(true);
        no->setFocus();
    } else {
        m_edit = new QLineEdit(this);
        m_edit->setAccessibleName(prompt.trimmed());
        m_edit->setEchoMode(QLineEdit::Password);
        m_edit->setInputMethodHints(Qt::ImhHiddenText | Qt::ImhSensitiveData | Qt::ImhNoPredictiveText);
        layout->addWidget(m_edit);
        buttons->setStandardButtons(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
        m_edit->setFocus();
    }
    layout->addStretch();
    layout->addWidget(buttons);
    setMinimumWidth(fontMetrics().averageCharWidth() * 60);
}

QString AskpassDialog::answer() const
{
    // An empty password is an answer, no answer is none.
    return m_edit && m_edit->text().isNull() ? u""_s : m_edit ? m_edit->text() : m_answer;
}

} // namespace vireo::ui
