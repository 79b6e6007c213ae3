// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/expander.h"

#include <QToolButton>
#include <QVBoxLayout>

namespace vireo::ui {

Expander::Expander(const QString &title, QWidget *content, QWidget *parent)
    : QWidget(parent)
    , m_button(new QToolButton(this))
    , m_content(content)
{
    m_content->setParent(this);
    m_button->setText(title);
    QString name = title;
    m_button->setAccessibleName(name.remove(u'&'));
    m_button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_button->setArrowType(Qt::RightArrow);
    m_button->setAutoRaise(true);
    m_button->setCheckable(true);
    m_button->setFocusPolicy(Qt::StrongFocus);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_button, 0, Qt::AlignLeft);
    layout->addWidget(m_content);
    m_content->hide();
    connect(m_button, &QToolButton::toggled, this, [this](bool on) {
        m_button->setArrowType(on ? Qt::DownArrow : Qt::RightArrow);
        m_content->setVisible(on);
    });
}

void Expander::setExpanded(bool expanded)
{
    m_button->setChecked(expanded);
}

bool Expander::isExpanded() const
{
    return m_button->isChecked();
}

} // namespace vireo::ui
