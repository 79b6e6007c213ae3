// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

namespace vireo::ui {

class XmlTextEdit;

/**
 * The column at the left of an XML text: signs of problems, line numbers, and arrows that fold. GUI thread; owned by
 * its text, which places and scrolls it.
 */
class XmlMargin final : public QWidget
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(XmlMargin)

public:
    explicit XmlMargin(XmlTextEdit *text);
    /** In pixels, for the text's number of lines and font. */
    int neededWidth() const;

protected:
    void paintEvent(QPaintEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;
    bool event(QEvent *event) override;

private:
    int unit() const;
    XmlTextEdit *m_text;
};

} // namespace vireo::ui
