// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/deviceicons.h"

#include <functional>

#include <QHash>
#include <QPainter>
#include <QPalette>

namespace vireo::ui::deviceicons {

using namespace Qt::StringLiterals;

namespace {

constexpr int Side = 20;

void chip(QPainter &p)
{
    p.drawRoundedRect(QRectF(5, 5, 10, 10), 1, 1);
    p.drawRect(QRectF(8, 8, 4, 4));
    for (const qreal at : {7.0, 10.0, 13.0}) {
        p.drawLine(QPointF(at, 2), QPointF(at, 5));
        p.drawLine(QPointF(at, 15), QPointF(at, 18));
        p.drawLine(QPointF(2, at), QPointF(5, at));
        p.drawLine(QPointF(15, at), QPointF(18, at));
    }
}

void memory(QPainter &p)
{
    p.drawRoundedRect(QRectF(2, 6, 16, 8), 1, 1);
    for (const qreal at : {4.5, 8.5, 12.5}) {
        p.drawRect(QRectF(at, 8, 3, 4));
    }
    for (const qreal at : {5.0, 8.0, 12.0, 15.0}) {
        p.drawLine(QPointF(at, 14), QPointF(at, 16));
    }
}

void boot(QPainter &p)
{
    p.drawArc(QRectF(4, 4, 12, 12), 120 * 16, 300 * 16);
    p.drawLine(QPointF(10, 2.5), QPointF(10, 9));
}

void overview(QPainter &p)
{
    p.drawEllipse(QRectF(3, 3, 14, 14));
    p.drawLine(QPointF(10, 9), QPointF(10, 14));
    p.drawPoint(QPointF(10, 6.2));
}

void disk(QPainter &p)
{
    p.drawRoundedRect(QRectF(3, 4, 14, 12), 1.5, 1.5);
    p.drawLine(QPointF(3, 12), QPointF(17, 12));
    p.drawPoint(QPointF(14, 14));
}

void cdrom(QPainter &p)
{
    p.drawEllipse(QRectF(3, 3, 14, 14));
    p.drawEllipse(QRectF(8, 8, 4, 4));
}

void floppy(QPainter &p)
{
    p.drawRect(QRectF(3, 3, 14, 14));
    p.drawRect(QRectF(6, 3, 8, 5));
    p.drawRect(QRectF(6, 11, 8, 6));
}

void nic(QPainter &p)
{
    p.drawRect(QRectF(7, 3, 6, 5));
    p.drawRect(QRectF(2.5, 13, 5, 4));
    p.drawRect(QRectF(12.5, 13, 5, 4));
    p.drawLine(QPointF(10, 8), QPointF(10, 10.5));
    p.drawPolyline(QPolygonF({QPointF(5, 13), QPointF(5, 10.5), QPointF(15, 10.5), QPointF(15, 13)}));
}

void screen(QPainter &p)
{
    p.drawRoundedRect(QRectF(2, 4, 16, 10), 1, 1);
    p.drawLine(QPointF(10, 14), QPointF(10, 17));
    p.drawLine(QPointF(6, 17), QPointF(14, 17));
}

void video(QPainter &p)
{
    p.drawRoundedRect(QRectF(2, 5, 16, 9), 1, 1);
    p.drawEllipse(QRectF(9, 7, 5, 5));
    p.drawLine(QPointF(4.5, 14), QPointF(4.5, 17));
    p.drawLine(QPointF(4.5, 8), QPointF(6.5, 8));
    p.drawLine(QPointF(4.5, 11), QPointF(6.5, 11));
}

void keyboard(QPainter &p)
{
    p.drawRoundedRect(QRectF(2, 6, 16, 9), 1, 1);
    for (const qreal at : {5.0, 8.3, 11.6, 15.0}) {
        p.drawPoint(QPointF(at, 9));
    }
    p.drawLine(QPointF(6, 12), QPointF(14, 12));
}

void sound(QPainter &p)
{
    p.drawPolygon(
        QPolygonF({QPointF(3, 8), QPointF(6, 8), QPointF(10, 4), QPointF(10, 16), QPointF(6, 12), QPointF(3, 12)}));
    p.drawArc(QRectF(9, 6, 6, 8), -60 * 16, 120 * 16);
    p.drawArc(QRectF(9, 3.5, 9, 13), -60 * 16, 120 * 16);
}

void port(QPainter &p)
{
    p.drawPolygon(QPolygonF({QPointF(2, 7), QPointF(18, 7), QPointF(15.5, 14), QPointF(4.5, 14)}));
    for (const qreal at : {6.0, 10.0, 14.0}) {
        p.drawPoint(QPointF(at, 10));
    }
}

void plug(QPainter &p)
{
    p.drawRoundedRect(QRectF(6, 8, 8, 7), 1, 1);
    p.drawLine(QPointF(8, 8), QPointF(8, 4));
    p.drawLine(QPointF(12, 8), QPointF(12, 4));
    p.drawLine(QPointF(10, 15), QPointF(10, 18));
}

void folder(QPainter &p)
{
    p.drawPolygon(QPolygonF(
        {QPointF(2.5, 5), QPointF(8, 5), QPointF(10, 7), QPointF(17.5, 7), QPointF(17.5, 15.5), QPointF(2.5, 15.5)}));
}

void lock(QPainter &p)
{
    p.drawRoundedRect(QRectF(4.5, 9, 11, 8), 1, 1);
    p.drawArc(QRectF(6.5, 3, 7, 11), 0, 180 * 16);
}

void dice(QPainter &p)
{
    p.drawRoundedRect(QRectF(4, 4, 12, 12), 2, 2);
    for (const QPointF at : {QPointF(7, 7), QPointF(10, 10), QPointF(13, 13), QPointF(13, 7), QPointF(7, 13)}) {
        p.drawPoint(at);
    }
}

void plain(QPainter &p)
{
    p.drawRoundedRect(QRectF(4, 6, 12, 9), 1, 1);
    p.drawLine(QPointF(7, 15), QPointF(7, 17));
    p.drawLine(QPointF(13, 15), QPointF(13, 17));
}

using Drawing = void (*)(QPainter &);

Drawing drawingOf(const QString &kind)
{
    static const QHash<QString, Drawing> drawings{{u"overview"_s, overview}, {u"cpu"_s, chip}, {u"memory"_s, memory},
        {u"boot"_s, boot}, {u"disk"_s, disk}, {u"cdrom"_s, cdrom}, {u"floppy"_s, floppy}, {u"nic"_s, nic},
        {u"graphics"_s, screen}, {u"video"_s, video}, {u"input"_s, keyboard}, {u"sound"_s, sound}, {u"audio"_s, sound},
        {u"serial"_s, port}, {u"parallel"_s, port}, {u"console"_s, port}, {u"channel"_s, port}, {u"hostdev"_s, plug},
        {u"redirdev"_s, plug}, {u"hub"_s, plug}, {u"controller"_s, chip}, {u"filesystem"_s, folder}, {u"tpm"_s, lock},
        {u"smartcard"_s, lock}, {u"lease"_s, lock}, {u"rng"_s, dice}, {u"memballoon"_s, memory}, {u"shmem"_s, memory},
        {u"dimm"_s, memory}};
    return drawings.value(kind, plain);
}

} // namespace

QIcon icon(const QString &kind, const QPalette &palette)
{
    QIcon icon;
    for (const int scale : {1, 2, 3}) {
        for (const auto &[mode, role] :
            {std::pair(QIcon::Normal, QPalette::Text), std::pair(QIcon::Selected, QPalette::HighlightedText)}) {
            QPixmap pixmap(Side * scale, Side * scale);
            pixmap.setDevicePixelRatio(scale);
            pixmap.fill(Qt::transparent);
            QPainter painter(&pixmap);
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(QPen(palette.color(role), 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
            drawingOf(kind)(painter);
            painter.end();
            icon.addPixmap(pixmap, mode);
        }
    }
    return icon;
}

} // namespace vireo::ui::deviceicons
