// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/emptystate.h"

#include <QEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

namespace vireo::ui {

EmptyState::EmptyState(Glyph glyph, const QString &title, const QString &text, QWidget *parent)
    : QWidget(parent)
    , m_glyph(glyph)
    , m_sign(new QLabel(this))
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
{
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    large.setBold(true);
    m_title->setFont(large);
    for (QLabel *label : {m_title, m_text}) {
        label->setTextFormat(Qt::PlainText);
        label->setWordWrap(true);
        label->setAlignment(Qt::AlignCenter);
    }
    m_sign->setAlignment(Qt::AlignCenter);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(24, 24, 24, 24);
    layout->setSpacing(fontMetrics().height() / 2);
    layout->addStretch(2);
    layout->addWidget(m_sign);
    layout->addWidget(m_title);
    layout->addWidget(m_text);
    layout->addStretch(3);
    setTexts(title, text);
    paintSign();
}

void EmptyState::setTexts(const QString &title, const QString &text)
{
    m_title->setText(title);
    m_text->setText(text);
    m_text->setVisible(!text.isEmpty());
    setAccessibleName(title);
    setAccessibleDescription(text);
}

QPushButton *EmptyState::setButton(const QString &text)
{
    if (!m_button) {
        m_button = new QPushButton(this);
        auto *box = static_cast<QVBoxLayout *>(layout());
        box->insertWidget(box->count() - 1, m_button, 0, Qt::AlignHCenter);
    }
    m_button->setText(text);
    return m_button;
}

void EmptyState::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        paintSign();
    }
}

void EmptyState::paintSign()
{
    const int side = fontMetrics().height() * 3;
    const qreal ratio = devicePixelRatioF();
    QPixmap pixmap(QSize(side, side) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paintGlyph(painter, QRectF(0, 0, side, side), m_glyph, palette().color(QPalette::Disabled, QPalette::Text));
    painter.end();
    m_sign->setPixmap(pixmap);
}

} // namespace vireo::ui
