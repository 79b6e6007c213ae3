// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/planicons.h"

#include <QPainter>
#include <QPainterPath>
#include <QPalette>

namespace vireo::ui::planicons {

namespace {

constexpr int Side = 16;

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Window).lightness() < 128;
}

struct Colors {
    QColor red;
    QColor amber;
    QColor blue;
    QColor green;
    QColor grey;
};

Colors colorsFor(const QPalette &palette)
{
    if (isDark(palette)) {
        return {QColor(0xff, 0x8a, 0x80), QColor(0xff, 0xc0, 0x4d), QColor(0x82, 0xb8, 0xff), QColor(0x7c, 0xd9, 0x8b),
            QColor(0xb8, 0xb8, 0xb8)};
    }
    return {QColor(0xb0, 0x00, 0x20), QColor(0x8a, 0x55, 0x00), QColor(0x0b, 0x57, 0xb8), QColor(0x1b, 0x6e, 0x2f),
        QColor(0x60, 0x60, 0x60)};
}

/** Draws at 1x, 2x and 3x, so that the sign is sharp on every screen. */
template<typename Draw>
QIcon drawn(const Draw &draw)
{
    QIcon icon;
    for (const int scale : {1, 2, 3}) {
        QPixmap pixmap(Side * scale, Side * scale);
        pixmap.setDevicePixelRatio(scale);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        draw(painter);
        painter.end();
        // Disabled must look the same: a sign that says "done" doesn't fade.
        icon.addPixmap(pixmap, QIcon::Normal);
        icon.addPixmap(pixmap, QIcon::Disabled);
    }
    return icon;
}

QPen stroke(const QColor &color, qreal width = 2)
{
    return QPen(color, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
}

void tick(QPainter &painter, const QColor &color)
{
    painter.setPen(stroke(color));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(QPolygonF{{3.5, 8.5}, {6.8, 12}, {12.5, 4.5}});
}

void cross(QPainter &painter, const QColor &color)
{
    painter.setPen(stroke(color));
    painter.drawLine(QPointF(4, 4), QPointF(12, 12));
    painter.drawLine(QPointF(12, 4), QPointF(4, 12));
}

void ring(QPainter &painter, const QColor &color, qreal radius = 6)
{
    painter.setPen(stroke(color, 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(QPointF(8, 8), radius, radius);
}

void warning(QPainter &painter, const QColor &color)
{
    painter.setPen(stroke(color, 1.5));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolygon(QPolygonF{{8, 2}, {14.5, 13.5}, {1.5, 13.5}});
    painter.drawLine(QPointF(8, 6.5), QPointF(8, 9.3));
    painter.drawPoint(QPointF(8, 11.6));
}

void note(QPainter &painter, const QColor &color)
{
    ring(painter, color, 6.5);
    painter.setPen(stroke(color, 1.8));
    painter.drawPoint(QPointF(8, 4.9));
    painter.drawLine(QPointF(8, 7.6), QPointF(8, 11.3));
}

void undoArrow(QPainter &painter, const QColor &color)
{
    painter.setPen(stroke(color, 1.6));
    painter.setBrush(Qt::NoBrush);
    QPainterPath path(QPointF(3, 6));
    path.lineTo(9.5, 6);
    path.arcTo(QRectF(6.5, 6, 6.5, 6.5), 90, -180);
    path.lineTo(6, 12.5);
    painter.drawPath(path);
    painter.drawPolyline(QPolygonF{{5.8, 3.2}, {3, 6}, {5.8, 8.8}});
}

} // namespace

QColor problemColor(const QPalette &palette)
{
    return colorsFor(palette).red;
}

QColor hintColor(const QPalette &palette)
{
    return colorsFor(palette).grey;
}

QIcon severity(job::Finding::Severity severity, const QPalette &palette)
{
    const Colors colors = colorsFor(palette);
    return drawn([&](QPainter &painter) {
        switch (severity) {
        case job::Finding::Severity::Ok:
            return tick(painter, colors.green);
        case job::Finding::Severity::Note:
            return note(painter, colors.blue);
        case job::Finding::Severity::Warning:
            return warning(painter, colors.amber);
        case job::Finding::Severity::Blocker:
            return cross(painter, colors.red);
        }
    });
}

QIcon step(job::StepState state, const QPalette &palette)
{
    const Colors colors = colorsFor(palette);
    return drawn([&](QPainter &painter) {
        switch (state) {
        case job::StepState::Waiting:
            return ring(painter, colors.grey, 5);
        case job::StepState::Running:
            painter.setPen(Qt::NoPen);
            painter.setBrush(colors.blue);
            painter.drawPolygon(QPolygonF{{4, 2.5}, {13, 8}, {4, 13.5}});
            return;
        case job::StepState::Done:
            return tick(painter, colors.green);
        case job::StepState::Failed:
            return cross(painter, colors.red);
        case job::StepState::Undone:
            return undoArrow(painter, colors.grey);
        case job::StepState::UndoFailed:
            return warning(painter, colors.red);
        }
    });
}

QIcon wizardStep(int number, bool done, bool current, const QPalette &palette)
{
    const Colors colors = colorsFor(palette);
    return drawn([&](QPainter &painter) {
        if (done && !current) {
            return tick(painter, colors.green);
        }
        const QColor text = palette.color(QPalette::Active, QPalette::WindowText);
        ring(painter, current ? text : colors.grey, 7);
        QFont font = painter.font();
        font.setPixelSize(10);
        font.setBold(current);
        painter.setFont(font);
        painter.setPen(current ? text : colors.grey);
        painter.drawText(QRectF(0, 0, Side, Side), Qt::AlignCenter, QString::number(number));
    });
}

} // namespace vireo::ui::planicons
