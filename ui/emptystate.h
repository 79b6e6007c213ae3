// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

#include "ui/stateicons.h"

class QLabel;
class QPushButton;

namespace vireo::ui {

/** What a view shows instead of nothing: a sign, what belongs there, and the one button that fills it. GUI thread. */
class EmptyState final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(EmptyState)

public:
    EmptyState(Glyph glyph, const QString &title, const QString &text, QWidget *parent = nullptr);

    void setTexts(const QString &title, const QString &text);
    /** At most one; `text` with mnemonic. */
    QPushButton *setButton(const QString &text);

protected:
    void changeEvent(QEvent *event) override;

private:
    void paintSign();

    Glyph m_glyph;
    QLabel *m_sign;
    QLabel *m_title;
    QLabel *m_text;
    QPushButton *m_button = nullptr;
};

} // namespace vireo::ui
