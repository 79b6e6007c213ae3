// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/messagebar.h"

#include <QAccessible>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QStyle>

#include "ui/colours.h"

namespace vireo::ui {

namespace {

QColor signal(MessageBar::Kind kind)
{
    switch (kind) {
    case MessageBar::Kind::Info:
        return QColor(0x2a, 0x7f, 0xd4);
    case MessageBar::Kind::Warning:
        return QColor(0xd9, 0x8a, 0x00);
    case MessageBar::Kind::Error:
        return QColor(0xd0, 0x30, 0x30);
    }
    return Qt::gray;
}

QStyle::StandardPixmap pixmapOf(MessageBar::Kind kind)
{
    switch (kind) {
    case MessageBar::Kind::Info:
        return QStyle::SP_MessageBoxInformation;
    case MessageBar::Kind::Warning:
        return QStyle::SP_MessageBoxWarning;
    case MessageBar::Kind::Error:
        return QStyle::SP_MessageBoxCritical;
    }
    return QStyle::SP_MessageBoxInformation;
}

QLabel *makeText(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setMinimumWidth(80);
    return label;
}

QColor background(const QPalette &palette, MessageBar::Kind kind)
{
    return colours::blend(palette.color(QPalette::Window), signal(kind), 0.14);
}

} // namespace

MessageBar::MessageBar(QWidget *parent)
    : QFrame(parent)
    , m_sign(new QLabel(this))
    , m_text(makeText(this))
    , m_hint(makeText(this))
    , m_buttons(new QHBoxLayout)
{
    setObjectName(QStringLiteral("messageBar"));
    m_text->setObjectName(QStringLiteral("messageText"));
    m_hint->setObjectName(QStringLiteral("messageHint"));
    auto *texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_text);
    texts->addWidget(m_hint);
    texts->addLayout(m_buttons);
    m_buttons->addStretch();
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(12, 8, 12, 8);
    row->setSpacing(10);
    row->addWidget(m_sign, 0, Qt::AlignTop);
    row->addLayout(texts, 1);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
    hide();
}

void MessageBar::showMessage(Kind kind, const QString &text, const QString &hint)
{
    const bool same = !isHidden() && kind == m_kind && text == m_text->text() && hint == m_hint->text();
    if (same) {
        return;
    }
    m_kind = kind;
    const int side = style()->pixelMetric(QStyle::PM_SmallIconSize, nullptr, this) + 4;
    m_sign->setPixmap(style()->standardIcon(pixmapOf(kind), nullptr, this).pixmap(side, side));
    m_text->setText(text);
    m_hint->setText(hint);
    m_hint->setHidden(hint.isEmpty());
    setAccessibleName(text);
    setAccessibleDescription(hint);
    updateColours();
    show();
    QAccessibleEvent alert(this, QAccessible::Alert);
    QAccessible::updateAccessibility(&alert);
}

void MessageBar::clear()
{
    hide();
    m_text->clear();
    m_hint->clear();
    for (QPushButton *button : std::as_const(m_added)) {
        button->hide();
        button->deleteLater(); // may be the one whose click led here
    }
    m_added.clear();
}

QPushButton *MessageBar::addButton(const QString &text)
{
    auto *button = new QPushButton(text, this);
    m_buttons->insertWidget(m_buttons->count() - 1, button);
    m_added.append(button);
    return button;
}

QString MessageBar::text() const
{
    return m_text->text();
}

QString MessageBar::hint() const
{
    return m_hint->text();
}

void MessageBar::updateColours()
{
    const QColor back = background(palette(), m_kind);
    const QColor ink = colours::readable(palette().color(QPalette::WindowText), back, 7.0);
    for (QLabel *label : {m_text, m_hint}) {
        QPalette own = label->palette();
        if (own.color(QPalette::WindowText) == ink) {
            continue;
        }
        own.setColor(QPalette::WindowText, ink);
        label->setPalette(own);
    }
    update();
}

void MessageBar::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colours::blend(palette().color(QPalette::Window), signal(m_kind), 0.6), 1));
    painter.setBrush(background(palette(), m_kind));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4);
}

void MessageBar::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
        updateColours();
    }
}

} // namespace vireo::ui
