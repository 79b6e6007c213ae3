// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

class QLineEdit;

namespace vireo::ui {

/**
 * One question of ssh: for a password or a passphrase; whether a key of a host is the right one; whether a key may be
 * used; or a note that a security key is waiting to be touched. GUI thread. Keeps the answer only as long as it lives.
 */
class AskpassDialog final : public QDialog
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(AskpassDialog)

public:
    /** `prompt` is ssh's text, shown as plain text; `kind` its $SSH_ASKPASS_PROMPT: empty, "confirm" or "none". */
    AskpassDialog(const QString &prompt, const QString &kind, QWidget *parent = nullptr);

    /** What to tell ssh; null: nothing but that it was accepted. */
    QString answer() const;

private:
    QLineEdit *m_edit = nullptr;
    QString m_answer;
};

} // namespace vireo::ui
