// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/wizardsteps.h"

#include <QEvent>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/planicons.h"

namespace vireo::ui {

WizardSteps::WizardSteps(QWidget *parent)
    : QWidget(parent)
    , m_layout(new QVBoxLayout(this))
{
    setAccessibleName(tr("Steps"));
    m_layout->setContentsMargins(8, 12, 8, 12);
    m_layout->setSpacing(4);
    m_layout->addStretch();
}

void WizardSteps::setTitles(const QStringList &titles)
{
    qDeleteAll(m_buttons);
    m_buttons.clear();
    QFont bold = font();
    bold.setBold(true);
    const QFontMetrics metrics(bold);
    int width = 0;
    for (const QString &title : titles) {
        width = std::max(width, metrics.horizontalAdvance(title));
    }
    for (qsizetype i = 0; i < titles.size(); ++i) {
        auto *button = new QToolButton(this);
        button->setText(titles.at(i));
        button->setAccessibleName(titles.at(i));
        button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        button->setIconSize(QSize(16, 16));
        button->setAutoRaise(true);
        button->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
        button->setMinimumWidth(width + 16 + 32); // the bold one must not move the pages
        connect(button, &QToolButton::clicked, this, [this, i] { Q_EMIT clicked(static_cast<int>(i)); });
        m_layout->insertWidget(static_cast<int>(i), button);
        m_buttons.append(button);
    }
    update();
}

void WizardSteps::setCurrent(int current, int reachable)
{
    m_current = current;
    m_reachable = reachable;
    update();
}

void WizardSteps::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange) {
        update();
    }
    QWidget::changeEvent(event);
}

void WizardSteps::update()
{
    const int count = static_cast<int>(m_buttons.size());
    for (int i = 0; i < count; ++i) {
        QToolButton *button = m_buttons.at(i);
        const bool isDone = i < m_current;
        const bool isCurrent = i == m_current;
        QFont stepFont = font();
        stepFont.setBold(isCurrent);
        button->setFont(stepFont);
        button->setIcon(planicons::wizardStep(i + 1, isDone, isCurrent, palette()));
        const bool canGo = !isCurrent && m_reachable >= 0 && (isDone || i <= m_reachable);
        button->setEnabled(isCurrent || canGo);
        // Greyed, and yet to be read: what comes next is no secret.
        QPalette colored = palette();
        colored.setColor(QPalette::Disabled, QPalette::ButtonText, planicons::hintColor(palette()));
        button->setPalette(colored);
        button->setFocusPolicy(canGo ? Qt::TabFocus : Qt::NoFocus);
        QString description = tr("Step %1 of %2").arg(i + 1).arg(count);
        if (isDone) {
            description = tr("%1, done").arg(description);
        } else if (isCurrent) {
            description = tr("%1, current").arg(description);
        }
        button->setAccessibleDescription(description);
        QString tip;
        if (canGo) {
            tip = isDone ? tr("Back to this step") : tr("Straight to this step: those before are fine as they are");
        }
        button->setToolTip(tip);
    }
}

} // namespace vireo::ui
