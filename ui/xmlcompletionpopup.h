// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFrame>

#include "backend/xml/completion.h"

class QLabel;
class QListWidget;

namespace vireo::ui {

/**
 * The list of what may be typed, and beside it what the chosen one is. Never takes the focus: the text gets the keys
 * and moves the choice. GUI thread; owned by its parent.
 */
class XmlCompletionPopup final : public QFrame
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlCompletionPopup)

public:
    explicit XmlCompletionPopup(QWidget *parent);

    /** Shows them at a line of text, given in global coordinates; the chosen one stays chosen when it is among them. */
    void open(const QList<xml::Completion> &items, const QRect &line);
    const QList<xml::Completion> &items() const { return m_items; }
    int current() const;
    void move(int rows);
    void movePage(int pages);

Q_SIGNALS:
    /** By the mouse. */
    void chosen();

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void showCurrent();

    QListWidget *m_list;
    QLabel *m_title;
    QLabel *m_text;
    QList<xml::Completion> m_items;
};

} // namespace vireo::ui
