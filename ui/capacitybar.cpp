// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/capacitybar.h"

#include <QPainter>

#include "ui/colours.h"

namespace vireo::ui {

namespace {
constexpr int Thickness = 10;
}

CapacityBar::CapacityBar(QWidget *parent)
    : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void CapacityBar::setValues(double total, double used, double promised, const QString &title, const QString &text)
{
    m_total = total;
    m_used = used;
    m_promised = promised;
    m_title = title;
    m_text = text;
    setAccessibleName(title);
    setAccessibleDescription(text);
    setToolTip(text);
    update();
}

QSize CapacityBar::sizeHint() const
{
    return {fontMetrics().averageCharWidth() * 50, fontMetrics().height() + Thickness + 8};
}

QSize CapacityBar::minimumSizeHint() const
{
    return {fontMetrics().averageCharWidth() * 20, sizeHint().height()};
}

void CapacityBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette::ColorGroup group = isEnabled() ? QPalette::Active : QPalette::Disabled;
    const QColor paper = palette().color(QPalette::Active, QPalette::Window);
    const QColor ink = palette().color(group, QPalette::WindowText);
    const QColor accent = isEnabled() ? colours::readable(palette().color(QPalette::Highlight), paper, 3.0) : ink;

    const int line = fontMetrics().height();
    painter.setPen(ink);
    const int titleWidth = std::min(fontMetrics().horizontalAdvance(m_title) + 12, width() / 3);
    painter.drawText(QRect(0, 0, titleWidth, line), Qt::AlignLeft | Qt::AlignVCenter,
        fontMetrics().elidedText(m_title, Qt::ElideRight, titleWidth - 8));
    painter.drawText(QRect(titleWidth, 0, width() - titleWidth, line), Qt::AlignRight | Qt::AlignVCenter,
        fontMetrics().elidedText(m_text, Qt::ElideRight, width() - titleWidth));

    const QRectF bar(0.5, line + 3.5, width() - 1, Thickness);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colours::blend(paper, ink, 0.16));
    painter.drawRoundedRect(bar, 3, 3);
    // Promised beyond the total: the scale grows, and the total gets the mark's place.
    const double scale = std::max({m_total, m_promised, 1.0});
    if (m_used > 0) {
        QRectF filled = bar;
        filled.setWidth(std::max(3.0, bar.width() * std::min(1.0, m_used / scale)));
        painter.setBrush(accent);
        painter.drawRoundedRect(filled, 3, 3);
    }
    const auto mark = [&](double value, Qt::PenStyle style) {
        const double x = bar.left() + bar.width() * std::min(1.0, value / scale);
        painter.setPen(QPen(ink, 1.5, style));
        painter.drawLine(QPointF(x, bar.top() - 2), QPointF(x, bar.bottom() + 2));
    };
    if (m_promised >= 0) {
        mark(m_promised, Qt::SolidLine);
    }
    if (m_promised > m_total) {
        mark(m_total, Qt::DotLine);
    }
}

} // namespace vireo::ui
