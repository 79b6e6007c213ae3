// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

class QHBoxLayout;
class QLabel;
class QPushButton;

namespace vireo::ui {

/**
 * A message inside the page that it concerns: sign, text in full (selectable, never interpreted as markup), what the
 * user can do, and buttons. Hidden while there is nothing to say. Colours follow the palette; the kind is told by the
 * sign too. GUI thread; owned by its parent.
 */
class MessageBar final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MessageBar)

public:
    enum class Kind { Info, Warning, Error };
    Q_ENUM(Kind)

    explicit MessageBar(QWidget *parent = nullptr);

    /** Shows the bar. Buttons stay; the same message again changes nothing. */
    void showMessage(Kind kind, const QString &text, const QString &hint = {});
    /** Hides the bar and removes its buttons. */
    void clear();
    /** Adds a button at the end; the bar owns it until clear(). */
    QPushButton *addButton(const QString &text);
    bool hasButtons() const { return !m_added.isEmpty(); }

    Kind kind() const { return m_kind; }
    QString text() const;
    QString hint() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void updateColours();

    Kind m_kind = Kind::Info;
    QLabel *m_sign;
    QLabel *m_text;
    QLabel *m_hint;
    QHBoxLayout *m_buttons;
    QList<QPushButton *> m_added;
};

} // namespace vireo::ui
