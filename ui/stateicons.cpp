// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/stateicons.h"

#include <algorithm>

#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

#include "ui/colours.h"

namespace vireo::ui {

namespace {

/** Icons of actions: painted with the palette of the moment, greyed when disabled. */
class GlyphEngine final : public QIconEngine
{
public:
    explicit GlyphEngine(Glyph glyph)
        : m_glyph(glyph)
    {}

    void paint(QPainter *painter, const QRect &rect, QIcon::Mode mode, QIcon::State) override
    {
        const QPalette palette = QGuiApplication::palette();
        QColor color = glyphColor(m_glyph, palette);
        if (mode == QIcon::Disabled) {
            color = palette.color(QPalette::Disabled, QPalette::ButtonText);
        } else if (mode == QIcon::Selected) {
            color = palette.color(QPalette::HighlightedText);
        }
        const qreal side = std::min(rect.width(), rect.height());
        QRectF square(0, 0, side, side);
        square.moveCenter(QRectF(rect).center());
        paintGlyph(*painter, square, m_glyph, color);
    }

    QPixmap pixmap(const QSize &size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine *clone() const override { return new GlyphEngine(m_glyph); }
    QString key() const override { return QStringLiteral("vireo-glyph"); }

private:
    Glyph m_glyph;
};

QPolygonF triangle(qreal left, qreal top, qreal right, qreal bottom)
{
    return QPolygonF({QPointF(left, top), QPointF(right, (top + bottom) / 2), QPointF(left, bottom)});
}

/** Two stacked units of a rack, the sign of a host. */
void paintRack(QPainter &painter, const QColor &color, bool filled)
{
    painter.setPen(QPen(color, 1.3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    for (const qreal top : {2.5, 8.7}) {
        painter.drawRoundedRect(QRectF(1.6, top, 12.8, 4.8), 1.2, 1.2);
        painter.setBrush(filled ? QBrush(color) : QBrush(Qt::NoBrush));
        painter.drawEllipse(QPointF(4.3, top + 2.4), 0.8, 0.8);
        painter.setBrush(Qt::NoBrush);
        painter.drawLine(QPointF(7.5, top + 2.4), QPointF(11.8, top + 2.4));
    }
}

} // namespace

Glyph glyphOf(virt::DomainState state, bool managedSave)
{
    switch (state) {
    case virt::DomainState::Running:
    case virt::DomainState::Blocked:
        return Glyph::Running;
    case virt::DomainState::Paused:
    case virt::DomainState::PmSuspended:
        return Glyph::Paused;
    case virt::DomainState::ShuttingDown:
        return Glyph::Busy;
    case virt::DomainState::ShutOff:
        return managedSave ? Glyph::Saved : Glyph::ShutOff;
    case virt::DomainState::Crashed:
        return Glyph::Crashed;
    case virt::DomainState::NoState:
        break;
    }
    return Glyph::Unknown;
}

Glyph glyphOf(virt::HostState state)
{
    switch (state) {
    case virt::HostState::Connected:
        return Glyph::HostConnected;
    case virt::HostState::Connecting:
    case virt::HostState::Reconnecting:
        return Glyph::HostConnecting;
    case virt::HostState::NotResponding:
        return Glyph::HostNotResponding;
    case virt::HostState::Failed:
        return Glyph::HostFailed;
    case virt::HostState::Disconnected:
        break;
    }
    return Glyph::HostDisconnected;
}

bool isDark(const QPalette &palette)
{
    return palette.color(QPalette::Base).lightnessF() < palette.color(QPalette::Text).lightnessF();
}

QColor glyphColor(Glyph glyph, const QPalette &palette)
{
    const bool dark = isDark(palette);
    switch (glyph) {
    case Glyph::Running:
    case Glyph::HostConnected:
        return dark ? QColor(0x5fd38a) : QColor(0x1a7f37);
    case Glyph::Paused:
    case Glyph::Busy:
    case Glyph::HostNotResponding:
    case Glyph::HostConnecting:
        return dark ? QColor(0xf5b942) : QColor(0x8a5a00);
    case Glyph::Saved:
        return dark ? QColor(0x82b8ff) : QColor(0x0b57d0);
    case Glyph::Crashed:
    case Glyph::HostFailed:
        return dark ? QColor(0xff938a) : QColor(0xb3261e);
    case Glyph::ShutOff:
    case Glyph::HostDisconnected:
    case Glyph::Unknown:
        return dark ? QColor(0xb4b8bd) : QColor(0x5f6368);
    case Glyph::Tag:
    case Glyph::Add:
    case Glyph::Connection:
    case Glyph::Run:
    case Glyph::Pause:
    case Glyph::Power:
    case Glyph::Search:
    case Glyph::Details:
    case Glyph::Snapshot:
    case Glyph::Migrate:
        break;
    }
    return palette.color(QPalette::ButtonText);
}

QColor mutedColor(const QPalette &palette, bool selected)
{
    const QColor text = palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
    const QColor ground = palette.color(selected ? QPalette::Highlight : QPalette::Base);
    for (const double share : {0.65, 0.75, 0.85}) {
        const QColor color = colours::blend(ground, text, share);
        if (colours::contrast(color, ground) >= 4.5) {
            return color;
        }
    }
    return text;
}

void paintGlyph(QPainter &painter, const QRectF &rect, Glyph glyph, const QColor &color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.translate(rect.topLeft());
    painter.scale(rect.width() / 16, rect.height() / 16); // all signs are drawn in a square of 16
    const QPen line(color, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    switch (glyph) {
    case Glyph::Running:
    case Glyph::Run:
        painter.setPen(QPen(color, 1.2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolygon(triangle(4, 2.8, 13, 13.2));
        break;
    case Glyph::Paused:
    case Glyph::Pause:
        painter.drawRoundedRect(QRectF(3.2, 2.5, 3.6, 11), 0.9, 0.9);
        painter.drawRoundedRect(QRectF(9.2, 2.5, 3.6, 11), 0.9, 0.9);
        break;
    case Glyph::ShutOff:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawRoundedRect(QRectF(3, 3, 10, 10), 1.2, 1.2);
        break;
    case Glyph::Saved: {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        QPainterPath box(QPointF(5, 6));
        for (const QPointF &point :
            {QPointF(2.5, 6), QPointF(2.5, 13.5), QPointF(13.5, 13.5), QPointF(13.5, 6), QPointF(11, 6)}) {
            box.lineTo(point);
        }
        painter.drawPath(box);
        painter.drawLine(QPointF(8, 1.5), QPointF(8, 9.6));
        painter.drawPolyline(QPolygonF({QPointF(5.3, 7.2), QPointF(8, 9.9), QPointF(10.7, 7.2)}));
        break;
    }
    case Glyph::Crashed:
        painter.setPen(QPen(color, 2.4, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(3.5, 3.5), QPointF(12.5, 12.5));
        painter.drawLine(QPointF(12.5, 3.5), QPointF(3.5, 12.5));
        break;
    case Glyph::Busy:
        for (const qreal x : {3.2, 8.0, 12.8}) {
            painter.drawEllipse(QPointF(x, 8), 1.6, 1.6);
        }
        break;
    case Glyph::Unknown: {
        QFont font = painter.font();
        font.setPixelSize(14);
        font.setBold(true);
        painter.setFont(font);
        painter.setPen(color);
        painter.drawText(QRectF(0, 0, 16, 16), Qt::AlignCenter, QStringLiteral("?"));
        break;
    }
    case Glyph::HostConnected:
    case Glyph::Connection:
        paintRack(painter, color, true);
        break;
    case Glyph::HostDisconnected:
        paintRack(painter, color, false);
        painter.setPen(line);
        painter.drawLine(QPointF(1.5, 14.8), QPointF(14.5, 1.2));
        break;
    case Glyph::HostConnecting:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawArc(QRectF(2.5, 2.5, 11, 11), 60 * 16, 280 * 16);
        painter.drawPolyline(QPolygonF({QPointF(10.3, 1.3), QPointF(11.2, 3.9), QPointF(8.6, 5.0)}));
        break;
    case Glyph::HostNotResponding:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawEllipse(QPointF(8, 8), 6, 6);
        painter.drawPolyline(QPolygonF({QPointF(8, 4.4), QPointF(8, 8), QPointF(10.6, 9.6)}));
        break;
    case Glyph::HostFailed:
        paintRack(painter, color, false);
        painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(9.5, 9.5), QPointF(15, 15));
        painter.drawLine(QPointF(15, 9.5), QPointF(9.5, 15));
        break;
    case Glyph::Tag:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawPolygon(
            QPolygonF({QPointF(2, 2), QPointF(8.5, 2), QPointF(14, 7.5), QPointF(7.5, 14), QPointF(2, 8.5)}));
        painter.drawEllipse(QPointF(5.2, 5.2), 0.8, 0.8);
        break;
    case Glyph::Add:
        painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(QPointF(8, 2.5), QPointF(8, 13.5));
        painter.drawLine(QPointF(2.5, 8), QPointF(13.5, 8));
        break;
    case Glyph::Power:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(color, 1.9, Qt::SolidLine, Qt::RoundCap));
        painter.drawArc(QRectF(2.7, 3.2, 10.6, 10.6), 125 * 16, 290 * 16);
        painter.drawLine(QPointF(8, 1.8), QPointF(8, 7.6));
        break;
    case Glyph::Search:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawEllipse(QPointF(6.8, 6.8), 4.4, 4.4);
        painter.drawLine(QPointF(10.2, 10.2), QPointF(14, 14));
        break;
    case Glyph::Details:
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawRoundedRect(QRectF(1.8, 2.8, 12.4, 10.4), 1.2, 1.2);
        painter.drawLine(QPointF(8, 3), QPointF(8, 13));
        break;
    case Glyph::Snapshot: // a camera
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawPolygon(QPolygonF({QPointF(1.8, 4.6), QPointF(4.8, 4.6), QPointF(6, 2.6), QPointF(10, 2.6),
            QPointF(11.2, 4.6), QPointF(14.2, 4.6), QPointF(14.2, 13.2), QPointF(1.8, 13.2)}));
        painter.drawEllipse(QPointF(8, 8.7), 2.5, 2.5);
        break;
    case Glyph::Migrate: // from one box to another
        painter.setBrush(Qt::NoBrush);
        painter.setPen(line);
        painter.drawPolyline(QPolygonF({QPointF(6, 2.5), QPointF(1.8, 2.5), QPointF(1.8, 13.5), QPointF(6, 13.5)}));
        painter.drawLine(QPointF(5.2, 8), QPointF(13.6, 8));
        painter.drawPolyline(QPolygonF({QPointF(10.4, 4.6), QPointF(13.8, 8), QPointF(10.4, 11.4)}));
        break;
    }
    painter.restore();
}

void paintJobRing(QPainter &painter, const QRectF &rect, double fraction, const QColor &color)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const qreal width = rect.width() / 7;
    const QRectF ring = rect.adjusted(width / 2, width / 2, -width / 2, -width / 2);
    QColor faint = color;
    faint.setAlphaF(0.25F);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(faint, width));
    painter.drawEllipse(ring);
    painter.setPen(QPen(color, width, Qt::SolidLine, Qt::FlatCap));
    // A job that has just begun shows a short arc, so that the ring is never mistaken for an empty circle.
    painter.drawArc(ring, 90 * 16, -int(std::clamp(fraction, 0.06, 1.0) * 360 * 16));
    painter.restore();
}

QIcon glyphIcon(Glyph glyph)
{
    return QIcon(new GlyphEngine(glyph));
}

} // namespace vireo::ui
