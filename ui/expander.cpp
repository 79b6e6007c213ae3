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
    m_button->setFocusPolicy(Qt::StrongFocus);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    layout->addWidget(m_button, 0, Qt::AlignLeft);
    layout->addWidget(m_content);
    setExpanded(false);
    connect(m_button, &QToolButton::clicked, this, [this] { setExpanded(!isExpanded()); });
}

void Expander::setExpanded(bool expanded)
{
    m_button->setArrowType(expanded ? Qt::DownArrow : Qt::RightArrow);
    m_button->setAccessibleDescription(expanded ? tr("Expanded") : tr("Collapsed"));
    m_content->setVisible(expanded);
}

bool Expander::isExpanded() const
{
    return m_content->isVisibleTo(this);
}

} // namespace vireo::ui
