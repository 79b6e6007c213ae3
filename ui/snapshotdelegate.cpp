// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/snapshotdelegate.h"

#include <algorithm>

#include <QApplication>
#include <QPainter>
#include <QPainterPath>
#include <QTreeView>

#include "backend/job/plan.h"
#include "model/snapshottreemodel.h"
#include "ui/colours.h"
#include "ui/planicons.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using model::SnapshotTreeModel;

namespace {

constexpr int Margin = 5;
constexpr qreal LineWidth = 2;
/** Branches beyond these are drawn at the edge: the text must stay in sight. */
constexpr int MostLanes = 12;

QFont smallFont(const QFont &font)
{
    QFont small = font;
    if (font.pointSizeF() > 0) {
        small.setPointSizeF(std::max(6.0, font.pointSizeF() * 0.88));
    }
    return small;
}

QString elided(const QFontMetrics &metrics, const QString &text, int width)
{
    return metrics.elidedText(text.simplified(), Qt::ElideRight, width);
}

/** The row of the same tree that stands in the leftmost lane: whose line passes a row further right. */
bool leadsToNow(QModelIndex index)
{
    while (index.isValid() && index.data(SnapshotTreeModel::LaneRole).toInt() > 0) {
        index = index.parent();
    }
    return index.data(SnapshotTreeModel::InNowRole).toBool();
}

} // namespace

/** What a row is painted with, chosen once per cell. */
struct SnapshotDelegate::Ink {
    QPalette palette;
    QFont font;
    QColor text;
    QColor muted;
    QColor accent; ///< the branch of "now"
    QColor line;   ///< the others
    QColor ground;
    bool selected = false;
};

SnapshotDelegate::SnapshotDelegate(QTreeView *view)
    : QStyledItemDelegate(view)
    , m_view(view)
{}

int SnapshotDelegate::laneWidth() const
{
    return m_view->fontMetrics().height() + 2;
}

int SnapshotDelegate::nameWidth(int lanes) const
{
    const int picture = m_picturesExpected ? PictureWidth + 2 * Margin : 0;
    return (std::min(lanes, MostLanes) + 1) * laneWidth() + picture + m_view->fontMetrics().averageCharWidth() * 34;
}

QSize SnapshotDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const int text = option.fontMetrics.height() + QFontMetrics(smallFont(option.font)).height() + 2 * Margin + 2;
    const int height = m_picturesExpected ? std::max(text, PictureHeight + 2 * Margin) : text;
    if (index.column() == SnapshotTreeModel::NameColumn) {
        return {nameWidth(index.data(SnapshotTreeModel::LaneRole).toInt()), height};
    }
    return {option.fontMetrics.horizontalAdvance(index.data().toString()) + 4 * Margin, height};
}

void SnapshotDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawPrimitive(QStyle::PE_PanelItemViewItem, &option, painter, option.widget);

    Ink ink;
    ink.palette = option.palette;
    ink.font = option.font;
    ink.selected = option.state.testFlag(QStyle::State_Selected);
    if (!option.state.testFlag(QStyle::State_Active) && ink.selected) {
        ink.palette.setCurrentColorGroup(QPalette::Inactive);
    }
    if (!option.state.testFlag(QStyle::State_Enabled)) {
        ink.palette.setCurrentColorGroup(QPalette::Disabled);
    }
    ink.muted = mutedColor(ink.palette, ink.selected);
    ink.text = ink.palette.color(ink.selected ? QPalette::HighlightedText : QPalette::Text);
    ink.ground = ink.palette.color(ink.selected ? QPalette::Highlight : QPalette::Base);
    ink.accent = ink.selected ? ink.text : colours::readable(ink.palette.color(QPalette::Highlight), ink.ground, 3.0);
    ink.line = colours::readable(colours::blend(ink.ground, ink.text, 0.4), ink.ground, 3.0);

    painter->save();
    painter->setClipRect(option.rect);
    if (index.column() == SnapshotTreeModel::NameColumn) {
        paintName(*painter, option.rect, ink, index);
    } else {
        paintText(*painter, option.rect.adjusted(Margin, 0, -Margin, 0), ink, index);
    }
    painter->restore();

    if (option.state.testFlag(QStyle::State_HasFocus)) {
        QStyleOptionFocusRect focus;
        focus.QStyleOption::operator=(option);
        focus.state |= QStyle::State_KeyboardFocusChange | QStyle::State_Item;
        focus.backgroundColor = ink.ground;
        style->drawPrimitive(QStyle::PE_FrameFocusRect, &focus, painter, option.widget);
    }
}

void SnapshotDelegate::paintLanes(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index) const
{
    const int width = laneWidth();
    const auto x = [&](int lane) {
        return rect.left() + Margin + std::min(lane, MostLanes) * width + width / 2.0;
    };
    const int lane = index.data(SnapshotTreeModel::LaneRole).toInt();
    const bool isNow = index.data(SnapshotTreeModel::IsNowRole).toBool();
    const bool inNow = index.data(SnapshotTreeModel::InNowRole).toBool();
    const qreal top = rect.top();
    const qreal middle = rect.top() + rect.height() / 2.0;
    const qreal bottom = rect.bottom() + 1;
    const auto pen = [&ink](bool accent) {
        return QPen(accent ? ink.accent : ink.line, LineWidth, Qt::SolidLine, Qt::FlatCap);
    };
    painter.setRenderHint(QPainter::Antialiasing);

    // Whatever stands further left goes on below: each of those ancestors has a later child.
    for (int other = 0; other < std::min(lane, MostLanes); ++other) {
        painter.setPen(pen(other == 0 && leadsToNow(index)));
        painter.drawLine(QPointF(x(other), top), QPointF(x(other), bottom));
    }
    const bool isBranch = index.parent().isValid() && !index.data(SnapshotTreeModel::IsLastRole).toBool();
    if (isBranch) {
        QPainterPath path(QPointF(x(lane - 1), top));
        path.cubicTo(QPointF(x(lane - 1), middle), QPointF(x(lane - 1), middle), QPointF(x(lane), middle));
        painter.setPen(pen(false));
        painter.drawPath(path);
    } else if (index.parent().isValid()) {
        painter.setPen(pen(inNow));
        painter.drawLine(QPointF(x(lane), top), QPointF(x(lane), middle));
    }
    const bool hasChildren = index.model()->rowCount(index) > 0;
    const bool isOpen = m_view->isExpanded(index.siblingAtColumn(0));
    if (hasChildren && isOpen) {
        // Below the current one "now" follows in this lane, unless the branch has gone elsewhere.
        painter.setPen(pen(inNow));
        painter.drawLine(QPointF(x(lane), middle), QPointF(x(lane), bottom));
    }
    const qreal radius = width * (isNow ? 0.34 : 0.27);
    painter.setPen(QPen(inNow ? ink.accent : ink.line, LineWidth));
    painter.setBrush(isNow ? ink.accent : ink.ground);
    painter.drawEllipse(QPointF(x(lane), middle), radius, radius);
    if (hasChildren && !isOpen) { // a plus: there is more
        painter.drawLine(QPointF(x(lane) - radius / 2, middle), QPointF(x(lane) + radius / 2, middle));
        painter.drawLine(QPointF(x(lane), middle - radius / 2), QPointF(x(lane), middle + radius / 2));
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void SnapshotDelegate::paintPicture(
    QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index) const
{
    const QPixmap picture = m_pictures.value(index.data(SnapshotTreeModel::PictureRole).toString());
    if (picture.isNull()) {
        return;
    }
    const QSizeF size = QSizeF(picture.size()).scaled(rect.size(), Qt::KeepAspectRatio);
    QRectF target(QPointF(0, 0), size);
    target.moveCenter(QRectF(rect).center());
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawPixmap(target, picture, QRectF(picture.rect()));
    painter.setPen(QPen(ink.line, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5));
}

void SnapshotDelegate::paintName(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index) const
{
    paintLanes(painter, rect, ink, index);
    const int lanes = std::min(index.data(SnapshotTreeModel::LaneRole).toInt(), MostLanes) + 1;
    int left = rect.left() + Margin + lanes * laneWidth() + Margin;
    if (m_picturesExpected) {
        paintPicture(painter,
            QRect(left, rect.top() + (rect.height() - PictureHeight) / 2, PictureWidth, PictureHeight), ink, index);
        left += PictureWidth + 2 * Margin;
    }

    const bool isNow = index.data(SnapshotTreeModel::IsNowRole).toBool();
    QFont first = ink.font;
    first.setBold(isNow);
    const QFont small = smallFont(ink.font);
    const QFontMetrics firstMetrics(first);
    const QFontMetrics smallMetrics(small);
    const int top = rect.top() + (rect.height() - firstMetrics.height() - smallMetrics.height()) / 2;
    int right = rect.right() - Margin;

    if (!index.data(SnapshotTreeModel::ProblemRole).toString().isEmpty()) {
        const bool fatal = index.data(SnapshotTreeModel::FatalRole).toBool();
        const int side = firstMetrics.height();
        const QRect sign(right - side, top, side, side);
        if (ink.selected) { // the signs are made for the view's own ground
            painter.setRenderHint(QPainter::Antialiasing);
            painter.setPen(Qt::NoPen);
            painter.setBrush(ink.palette.color(QPalette::Base));
            painter.drawRoundedRect(sign.adjusted(-1, -1, 1, 1), 3, 3);
            painter.setRenderHint(QPainter::Antialiasing, false);
        }
        planicons::severity(fatal ? job::Finding::Severity::Blocker : job::Finding::Severity::Warning, ink.palette)
            .paint(&painter, sign);
        right -= side + Margin;
    }
    painter.setFont(first);
    painter.setPen(ink.text);
    painter.drawText(QRect(left, top, right - left, firstMetrics.height()),
        Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        elided(firstMetrics, index.data().toString(), right - left));

    const auto state = static_cast<virt::DomainState>(index.data(SnapshotTreeModel::DomainStateRole).toInt());
    const int side = smallMetrics.height() - 2;
    const QRect line(left, top + firstMetrics.height(), right - left, smallMetrics.height());
    const Glyph glyph = glyphOf(state, false);
    painter.save(); // glyphs set their own pens and hints
    paintGlyph(painter, QRectF(line.left(), line.top() + 1, side, side), glyph,
        ink.selected ? ink.text : glyphColor(glyph, ink.palette));
    painter.restore();
    painter.setFont(small);
    painter.setPen(ink.muted);
    const int indent = side + Margin;
    painter.drawText(line.adjusted(indent, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        elided(smallMetrics, index.data(SnapshotTreeModel::SummaryRole).toString(), line.width() - indent));
}

void SnapshotDelegate::paintText(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index)
{
    const QFontMetrics metrics(ink.font);
    const QVariant aligned = index.data(Qt::TextAlignmentRole);
    const Qt::Alignment horizontal =
        aligned.isValid() ? Qt::Alignment(aligned.toInt()) & Qt::AlignHorizontal_Mask : Qt::AlignLeft;
    const auto draw = [&](const QFont &font, const QColor &color, const QRect &line, const QString &text) {
        painter.setFont(font);
        painter.setPen(color);
        painter.drawText(line, int(horizontal | Qt::AlignVCenter) | Qt::TextSingleLine,
            elided(QFontMetrics(font), text, line.width()));
    };
    const QString age =
        index.column() == SnapshotTreeModel::TimeColumn ? index.data(SnapshotTreeModel::AgeRole).toString() : QString();
    if (age.isEmpty()) {
        draw(ink.font, ink.text, rect, index.data().toString());
        return;
    }
    // How long ago is what one looks for; the exact time stands below.
    const QFont small = smallFont(ink.font);
    const int smallHeight = QFontMetrics(small).height();
    const int top = rect.top() + (rect.height() - metrics.height() - smallHeight) / 2;
    draw(ink.font, ink.text, QRect(rect.left(), top, rect.width(), metrics.height()), age);
    draw(small, ink.muted, QRect(rect.left(), top + metrics.height(), rect.width(), smallHeight),
        index.data().toString());
}

} // namespace vireo::ui
