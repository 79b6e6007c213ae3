// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/domaindelegate.h"

#include <algorithm>

#include <QApplication>
#include <QPainter>
#include <QStyle>

#include "backend/virt/inventory.h"
#include "model/domaintreemodel.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using model::DomainTreeModel;

namespace {

constexpr int Margin = 5;
constexpr int MinimumSparkWidth = 20;
/** Disk and network lines are drawn against their own maximum, but a few bytes shall not look like a storm. */
constexpr float RateFloor = 64 * 1024;

bool isFigure(int column)
{
    return column == DomainTreeModel::CpuColumn || column == DomainTreeModel::MemoryColumn
        || column == DomainTreeModel::DiskColumn || column == DomainTreeModel::NetworkColumn;
}

QFont smallFont(const QFont &font)
{
    QFont small = font;
    if (font.pointSizeF() > 0) {
        small.setPointSizeF(std::max(6.0, font.pointSizeF() * 0.88));
    }
    return small;
}

} // namespace

/** What a cell is painted with, chosen once per cell. */
struct DomainDelegate::Ink {
    QPalette palette;
    QFont font;
    QColor text;
    QColor muted;
    bool selected = false;
    bool stale = false;
};

DomainDelegate::DomainDelegate(const virt::Inventory &inventory, QObject *parent)
    : QStyledItemDelegate(parent)
    , m_inventory(inventory)
{}

QSize DomainDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const int height = option.fontMetrics.height() + QFontMetrics(smallFont(option.font)).height() + 2 * Margin;
    // Only asked when a column is fitted to its contents (a double click on the header's edge).
    const QString text = index.data(Qt::DisplayRole).toString();
    int width = option.fontMetrics.horizontalAdvance(text) + 4 * Margin;
    if (index.column() == DomainTreeModel::NameColumn) {
        width = std::max(
                    width, option.fontMetrics.horizontalAdvance(index.data(DomainTreeModel::SecondLineRole).toString()))
            + option.fontMetrics.height() * 2;
        if (const QString badge = index.data(DomainTreeModel::BadgeRole).toString(); !badge.isEmpty()) {
            width = std::max(width,
                option.fontMetrics.horizontalAdvance(text) + option.fontMetrics.horizontalAdvance(badge)
                    + option.fontMetrics.height() * 2 + 6 * Margin);
        }
    } else if (isFigure(index.column())) {
        width += 60;
    } else if (index.column() == DomainTreeModel::TagsColumn) {
        width += 5 * Margin * int(index.data(DomainTreeModel::TagsRole).toStringList().size());
    }
    return {width, height};
}

void DomainDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget);

    Ink ink;
    ink.palette = option.palette;
    ink.font = option.font;
    ink.selected = option.state.testFlag(QStyle::State_Selected);
    ink.stale = index.data(DomainTreeModel::StaleRole).toBool();
    if (!option.state.testFlag(QStyle::State_Active) && ink.selected) {
        ink.palette.setCurrentColorGroup(QPalette::Inactive);
    }
    ink.muted = mutedColor(ink.palette, ink.selected);
    ink.text = ink.stale ? ink.muted : ink.palette.color(ink.selected ? QPalette::HighlightedText : QPalette::Text);

    painter->save();
    painter->setClipRect(option.rect);
    const QRect rect = option.rect.adjusted(Margin, 0, -Margin, 0);
    if (index.column() == DomainTreeModel::NameColumn) {
        paintName(*painter, rect, ink, index);
    } else if (isFigure(index.column())) {
        paintFigure(*painter, rect, ink, index);
    } else if (index.column() == DomainTreeModel::TagsColumn) {
        paintTags(*painter, rect, ink, index);
    } else {
        painter->setFont(ink.font);
        painter->setPen(ink.text);
        const QVariant aligned = index.data(Qt::TextAlignmentRole);
        const Qt::Alignment alignment =
            aligned.isValid() ? Qt::Alignment(aligned.toInt()) : Qt::AlignLeft | Qt::AlignVCenter;
        const QString text = QFontMetrics(ink.font).elidedText(index.data().toString(), Qt::ElideRight, rect.width());
        painter->drawText(
            rect, int((alignment & Qt::AlignHorizontal_Mask) | Qt::AlignVCenter) | Qt::TextSingleLine, text);
    }
    painter->restore();

    if (option.state.testFlag(QStyle::State_HasFocus)) {
        QStyleOptionFocusRect focus;
        focus.QStyleOption::operator=(option);
        focus.state |= QStyle::State_KeyboardFocusChange | QStyle::State_Item;
        focus.backgroundColor = option.palette.color(ink.selected ? QPalette::Highlight : QPalette::Window);
        style->drawPrimitive(QStyle::PE_FrameFocusRect, &focus, painter, option.widget);
    }
}

void DomainDelegate::paintName(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index) const
{
    const auto kind = index.data(DomainTreeModel::KindRole).value<DomainTreeModel::Kind>();
    const QFont small = smallFont(ink.font);
    QFont first = ink.font;
    first.setBold(kind != DomainTreeModel::Kind::Domain);
    const QFontMetrics firstMetrics(first);
    const QFontMetrics smallMetrics(small);
    const int top = rect.top() + (rect.height() - firstMetrics.height() - smallMetrics.height()) / 2;

    const int side = firstMetrics.height();
    const QRectF sign(rect.left(), rect.center().y() - side / 2.0, side, side);
    Glyph glyph = Glyph::Tag;
    const int state = index.data(DomainTreeModel::StateRole).toInt();
    if (kind == DomainTreeModel::Kind::Domain) {
        const virt::DomainRecord *record =
            m_inventory.domain(index.data(DomainTreeModel::KeyRole).value<virt::DomainKey>());
        glyph = glyphOf(static_cast<virt::DomainState>(state), record && record->managedSave);
    } else if (kind == DomainTreeModel::Kind::Host) {
        glyph = glyphOf(static_cast<virt::HostState>(state));
    }
    const QVariant job = index.data(DomainTreeModel::JobFractionRole);
    const QColor accent = ink.palette.color(ink.selected ? QPalette::HighlightedText : QPalette::Highlight);
    if (job.isValid()) {
        paintJobRing(painter, sign.adjusted(1, 1, -1, -1), job.toDouble(), accent);
    } else {
        paintGlyph(painter, sign.adjusted(1, 1, -1, -1), glyph,
            ink.selected                                             ? ink.palette.color(QPalette::HighlightedText)
                : ink.stale && kind == DomainTreeModel::Kind::Domain ? ink.muted
                                                                     : glyphColor(glyph, ink.palette));
    }

    QRect line(rect.left() + side + 2 * Margin, top, rect.width() - side - 2 * Margin, firstMetrics.height());
    const QString badge = index.data(DomainTreeModel::BadgeRole).toString();
    if (!badge.isEmpty()) {
        paintBadge(painter, line, ink, badge, firstMetrics.horizontalAdvance(index.data().toString()));
    }
    painter.setFont(first);
    painter.setPen(ink.text);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        firstMetrics.elidedText(index.data().toString(), Qt::ElideRight, line.width()));
    line = QRect(line.left(), line.bottom() + 1, rect.right() - line.left(), smallMetrics.height());
    painter.setFont(small);
    painter.setPen(ink.muted);
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        smallMetrics.elidedText(index.data(DomainTreeModel::SecondLineRole).toString(), Qt::ElideRight, line.width()));
}

/** Right of the name, which gives way no further than to half of the line. */
void DomainDelegate::paintBadge(QPainter &painter, QRect &line, const Ink &ink, const QString &whole, int nameWidth)
{
    const QFont font = smallFont(ink.font);
    const QFontMetrics metrics(font);
    const int room = std::max(line.width() - nameWidth - 2 * Margin, line.width() / 2);
    // "resized" alone says more than the beginning of what to do.
    const bool fits = metrics.horizontalAdvance(whole) + 3 * Margin <= room;
    const QString text = fits ? whole : whole.section(u':', 0, 0);
    const int width = std::min(metrics.horizontalAdvance(text) + 3 * Margin, room);
    const int left = line.left() + std::min(nameWidth + 2 * Margin, line.width() - width);
    const QRectF chip(left + 0.5, line.top() + 0.5, width - 1, line.height() - 1);
    const QColor edge = ink.selected ? ink.text : glyphColor(Glyph::Paused, ink.palette);
    QColor ground = edge;
    ground.setAlphaF(0.15F);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font);
    painter.setPen(QPen(edge, 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(chip, line.height() / 3.0, line.height() / 3.0);
    painter.setPen(ink.text);
    painter.drawText(chip.adjusted(Margin, 0, -Margin, 0), Qt::AlignCenter | Qt::TextSingleLine,
        metrics.elidedText(text, Qt::ElideRight, width - 2 * Margin));
    painter.setBrush(Qt::NoBrush);
    painter.setRenderHint(QPainter::Antialiasing, false);
    line.setWidth(left - line.left() - Margin);
}

void DomainDelegate::paintFigure(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index)
{
    const bool rate = index.column() == DomainTreeModel::DiskColumn || index.column() == DomainTreeModel::NetworkColumn;
    const QFontMetrics metrics(ink.font);
    const QString text = index.data().toString();
    painter.setFont(ink.font);
    painter.setPen(ink.text);
    painter.drawText(rect, Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine,
        metrics.elidedText(text, Qt::ElideRight, rect.width()));

    const auto history = index.data(DomainTreeModel::HistoryRole).value<QList<float>>();
    // Room for the longest figure, so that the line does not move when a number grows.
    const int reserved = std::max(metrics.horizontalAdvance(text),
                             metrics.horizontalAdvance(rate ? QStringLiteral("99.9 MiB/s") : QStringLiteral("100 %")))
        + 2 * Margin;
    const QRectF area(rect.left(), rect.top() + Margin + 1, rect.width() - reserved, rect.height() - 2 * Margin - 2);
    if (history.size() < 2 || area.width() < MinimumSparkWidth) {
        return;
    }
    const float highest = *std::max_element(history.begin(), history.end());
    if (highest <= 0) {
        return; // the figure says it; a row of flat lines only disturbs
    }
    const float scale = rate ? std::max(RateFloor, highest) : 1;
    QPolygonF points;
    points.reserve(history.size() + 2);
    const qreal step = area.width() / (virt::FigureHistory::Capacity - 1);
    qreal x = area.right() - step * qreal(history.size() - 1);
    for (const float value : history) {
        points.append(QPointF(x, area.bottom() - qreal(std::clamp(value / scale, 0.F, 1.F)) * area.height()));
        x += step;
    }
    QColor stroke =
        ink.selected ? ink.palette.color(QPalette::HighlightedText) : ink.palette.color(QPalette::Highlight);
    if (ink.stale) {
        stroke = ink.muted;
    }
    QColor fill = stroke;
    fill.setAlphaF(0.15F);
    painter.setRenderHint(QPainter::Antialiasing);
    QPolygonF ground = points;
    ground.append(QPointF(points.last().x(), area.bottom()));
    ground.append(QPointF(points.first().x(), area.bottom()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawPolygon(ground);
    painter.setPen(QPen(stroke, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawPolyline(points);
}

void DomainDelegate::paintTags(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index)
{
    const QStringList tags = index.data(DomainTreeModel::TagsRole).toStringList();
    if (tags.isEmpty()) {
        return;
    }
    const QFont font = smallFont(ink.font);
    const QFontMetrics metrics(font);
    painter.setFont(font);
    painter.setRenderHint(QPainter::Antialiasing);
    QColor ground = ink.text;
    ground.setAlphaF(0.10F);
    QColor edge = ink.text;
    edge.setAlphaF(0.25F);
    const int height = metrics.height() + 2;
    int x = rect.left();
    for (qsizetype i = 0; i < tags.size(); ++i) {
        const qsizetype left = tags.size() - i;
        const QString more = left > 1 ? QStringLiteral("+%1").arg(left - 1) : QString();
        const int roomForMore = more.isEmpty() ? 0 : metrics.horizontalAdvance(more) + Margin;
        int width = metrics.horizontalAdvance(tags.at(i)) + 3 * Margin;
        if (x + width + roomForMore > rect.right() && i > 0) {
            painter.setPen(ink.muted);
            painter.drawText(QRect(x, rect.top(), rect.right() - x, rect.height()), Qt::AlignLeft | Qt::AlignVCenter,
                QStringLiteral("+%1").arg(left));
            return;
        }
        width = std::min(width, rect.right() - x - roomForMore);
        const QRectF chip(x + 0.5, rect.center().y() - height / 2.0, width, height);
        painter.setPen(QPen(edge, 1));
        painter.setBrush(ground);
        painter.drawRoundedRect(chip, height / 3.0, height / 3.0);
        painter.setPen(ink.text);
        painter.drawText(chip.adjusted(Margin, 0, -Margin, 0), Qt::AlignCenter | Qt::TextSingleLine,
            metrics.elidedText(tags.at(i), Qt::ElideRight, width - 2 * Margin));
        x += width + Margin;
    }
}

} // namespace vireo::ui
