// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/tagstrip.h"

#include <QPainter>

#include "ui/colours.h"

namespace vireo::ui {

namespace {
constexpr int Gap = 6;
constexpr int Padding = 8;
} // namespace

TagStrip::TagStrip(QWidget *parent)
    : QWidget(parent)
{
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
    hide();
}

void TagStrip::setTags(const QStringList &tags)
{
    if (tags == m_tags) {
        return;
    }
    m_tags = tags;
    setAccessibleName(tr("Tags: %1").arg(tags.join(QStringLiteral(", "))));
    setHidden(tags.isEmpty());
    updateGeometry();
    update();
}

QList<QRect> TagStrip::place(int width) const
{
    const QFontMetrics metrics(font());
    const int height = metrics.height() + 4;
    QList<QRect> chips;
    int x = 0;
    int y = 0;
    for (const QString &tag : m_tags) {
        const int wide = std::min(metrics.horizontalAdvance(tag) + 2 * Padding, std::max(width, 3 * Padding));
        if (x > 0 && x + wide > width) {
            x = 0;
            y += height + Gap;
        }
        chips.append(QRect(x, y, wide, height));
        x += wide + Gap;
    }
    return chips;
}

QSize TagStrip::sizeHint() const
{
    return {120, heightForWidth(width() > 0 ? width() : 240)};
}

int TagStrip::heightForWidth(int width) const
{
    const QList<QRect> chips = place(width);
    return chips.isEmpty() ? 0 : chips.last().bottom() + 1;
}

void TagStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor paper = palette().color(QPalette::Window);
    const QColor chip = colours::blend(paper, palette().color(QPalette::WindowText), 0.1);
    const QColor ink = colours::readable(palette().color(QPalette::WindowText), chip);
    const QList<QRect> chips = place(width());
    for (qsizetype index = 0; index < chips.size(); ++index) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(chip);
        painter.drawRoundedRect(chips[index], chips[index].height() / 2.0, chips[index].height() / 2.0);
        painter.setPen(ink);
        painter.drawText(chips[index], Qt::AlignCenter,
            fontMetrics().elidedText(m_tags[index], Qt::ElideRight, chips[index].width() - 2 * Padding + 2));
    }
}

} // namespace vireo::ui
