// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QToolButton;

namespace vireo::ui {

/** A line with an arrow that shows and hides what most users never need. Closed at first. GUI thread. */
class Expander final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Expander)

public:
    /** `title` with mnemonic. Takes `content` as its child. */
    Expander(const QString &title, QWidget *content, QWidget *parent = nullptr);

    void setExpanded(bool expanded);
    bool isExpanded() const;

private:
    QToolButton *m_button;
    QWidget *m_content;
};

} // namespace vireo::ui
