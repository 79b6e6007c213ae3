// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlmargin.h"

#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QTextBlock>
#include <QToolTip>

#include "ui/colours.h"
#include "ui/xmlfolding.h"
#include "ui/xmltextedit.h"

namespace vireo::ui {

XmlMargin::XmlMargin(XmlTextEdit *text)
    : QWidget(text)
    , m_text(text)
{
    setAttribute(Qt::WA_OpaquePaintEvent);
}

/** The side of a sign. */
int XmlMargin::unit() const
{
    return std::max(8, m_text->fontMetrics().ascent());
}

int XmlMargin::neededWidth() const
{
    const int digits = std::max(3, static_cast<int>(QString::number(m_text->blockCount()).size()));
    return m_text->fontMetrics().horizontalAdvance(QLatin1Char('9')) * digits + 2 * unit() + 10;
}

void XmlMargin::paintEvent(QPaintEvent *event)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette colours = m_text->palette();
    const QColor paper = colours.color(QPalette::Base);
    const QColor text = colours.color(QPalette::Text);
    const QColor margin = colours::blend(paper, text, 0.05);
    const QColor weak = colours::readable(colours::blend(margin, text, 0.5), margin);
    painter.fillRect(event->rect(), margin);
    painter.setFont(m_text->font());
    const int current = m_text->textCursor().blockNumber();
    const double side = unit();
    const double lineHeight = m_text->fontMetrics().height();
    m_text->visitVisible(event->rect(), [&](const QTextBlock &block, const QRectF &area) {
        const int line = block.blockNumber();
        painter.setPen(line == current ? text : weak);
        if (const int number = m_text->numberOf(line)) {
            painter.drawText(QRectF(side + 4, area.top(), width() - 2 * side - 10, lineHeight),
                Qt::AlignRight | Qt::AlignVCenter, QString::number(number));
        }
        const double middle = area.top() + lineHeight / 2;
        if (const auto severity = m_text->problemOf(block)) {
            XmlTextEdit::paintSign(painter, QRectF(3, middle - side / 2 + 0.5, side - 1, side - 1), *severity, colours);
        }
        if (m_text->folding().canFold(line)) {
            const bool folded = m_text->folding().isFolded(block);
            const QPointF centre(width() - side / 2 - 2, middle);
            const double arm = side * 0.28;
            QPolygonF arrow;
            if (folded) {
                arrow << centre + QPointF(-arm / 2, -arm) << centre + QPointF(arm / 2, 0)
                      << centre + QPointF(-arm / 2, arm);
            } else {
                arrow << centre + QPointF(-arm, -arm / 2) << centre + QPointF(0, arm / 2)
                      << centre + QPointF(arm, -arm / 2);
            }
            painter.setPen(QPen(folded ? text : weak, 1.5));
            painter.drawPolyline(arrow);
        }
    });
}

void XmlMargin::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton) {
        return;
    }
    const QTextBlock block = m_text->blockAt(event->position().toPoint().y());
    if (!block.isValid()) {
        return;
    }
    if (m_text->folding().canFold(block.blockNumber()) && event->position().x() >= width() - unit() - 6) {
        m_text->folding().toggle(block.blockNumber());
        return;
    }
    QTextCursor cursor(block); // the line
    cursor.movePosition(QTextCursor::NextBlock, QTextCursor::KeepAnchor);
    if (cursor.position() == block.position()) {
        cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
    }
    m_text->setTextCursor(cursor);
    m_text->setFocus(Qt::MouseFocusReason);
}

void XmlMargin::wheelEvent(QWheelEvent *event)
{
    m_text->scrollByWheel(event);
}

bool XmlMargin::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip) {
        auto *help = static_cast<QHelpEvent *>(event);
        const QTextBlock block = m_text->blockAt(help->pos().y());
        const QString tip = m_text->problemText(block);
        if (tip.isEmpty()) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), Qt::convertFromPlainText(tip, Qt::WhiteSpaceNormal), this);
        }
        return true;
    }
    return QWidget::event(event);
}

} // namespace vireo::ui
