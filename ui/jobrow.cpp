// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobrow.h"

#include <cmath>

#include <QGridLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

#include "model/jobmodel.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using job::JobState;

namespace {

constexpr int BarSteps = 1000;

bool isOver(JobState state)
{
    return state == JobState::Done || state == JobState::Failed || state == JobState::Cancelled
        || state == JobState::Stuck || state == JobState::Interrupted;
}

} // namespace

JobRow::JobRow(const QModelIndex &index, bool open, QWidget *parent)
    : QWidget(parent)
    , m_index(index)
    , m_title(new QLabel(this))
    , m_status(new QLabel(this))
    , m_bar(new QProgressBar(this))
    , m_cancel(new QPushButton(tr("Cancel"), this))
    , m_more(new QToolButton(this))
    , m_error(new QLabel(this))
    , m_open(open)
{
    setObjectName(u"jobRow"_s);
    m_title->setObjectName(u"jobTitle"_s);
    m_title->setTextFormat(Qt::PlainText);
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_status->setObjectName(u"jobStatus"_s);
    m_status->setTextFormat(Qt::PlainText);
    // Long sentences are cut by the edge rather than widening the dock; the whole text is in the error below.
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_status->setMinimumWidth(fontMetrics().averageCharWidth() * 20);
    m_bar->setObjectName(u"jobBar"_s);
    m_bar->setRange(0, BarSteps);
    m_bar->setTextVisible(false);
    m_bar->setFixedWidth(fontMetrics().averageCharWidth() * 24);
    m_bar->setMaximumHeight(fontMetrics().height());
    m_cancel->setObjectName(u"jobCancel"_s);
    m_more->setObjectName(u"jobMore"_s);
    m_more->setAutoRaise(true);
    m_more->setText(tr("Details"));
    m_more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_error->setObjectName(u"jobError"_s);
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(true);
    m_error->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);

    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(8, 3, 8, 3);
    layout->setHorizontalSpacing(12);
    layout->setVerticalSpacing(2);
    layout->addWidget(m_title, 0, 0);
    layout->addWidget(m_status, 0, 1);
    layout->addWidget(m_more, 0, 2);
    layout->addWidget(m_bar, 0, 3);
    layout->addWidget(m_cancel, 0, 4);
    layout->addWidget(m_error, 1, 0, 1, 5);
    layout->setColumnStretch(1, 1);
    for (QWidget *widget : {static_cast<QWidget *>(m_bar), static_cast<QWidget *>(m_cancel)}) {
        QSizePolicy policy = widget->sizePolicy();
        policy.setRetainSizeWhenHidden(true); // rows stay aligned when a job ends
        widget->setSizePolicy(policy);
    }

    connect(m_cancel, &QPushButton::clicked, this,
        [this] { Q_EMIT cancelWanted(m_index.data(model::JobModel::JobIdRole).toUuid()); });
    connect(m_more, &QToolButton::clicked, this, [this] {
        m_open = !m_open;
        update();
        Q_EMIT openChanged(m_open);
    });
    update();
}

void JobRow::update()
{
    if (!m_index.isValid()) {
        return;
    }
    const auto state = static_cast<JobState>(m_index.data(model::JobModel::StateRole).toInt());
    const QString error = m_index.data(model::JobModel::ErrorRole).toString();
    m_title->setText(m_index.data().toString());
    const QString status = m_index.data(model::JobModel::StatusRole).toString();
    m_status->setText(status.simplified());
    m_status->setToolTip(status.toHtmlEscaped());
    // In a list's viewport labels are written in the role Text, elsewhere in WindowText.
    QPalette colours = palette();
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text}) {
        if (state == JobState::Failed || state == JobState::Stuck) {
            colours.setColor(role, glyphColor(Glyph::Crashed, palette()));
        } else if (isOver(state)) {
            colours.setColor(role, mutedColor(palette(), false));
        }
    }
    m_status->setPalette(colours);
    m_bar->setValue(int(std::lround(m_index.data(model::JobModel::FractionRole).toDouble() * BarSteps)));
    m_bar->setVisible(!isOver(state));
    m_bar->setAccessibleName(tr("Progress of %1").arg(m_title->text()));
    m_cancel->setVisible(!isOver(state));
    m_cancel->setEnabled(m_index.data(model::JobModel::CancellableRole).toBool());
    m_more->setVisible(!error.isEmpty());
    m_more->setArrowType(m_open ? Qt::DownArrow : Qt::RightArrow);
    m_error->setText(error);
    m_error->setVisible(m_open && !error.isEmpty());
    setAccessibleName(m_title->text());
    setAccessibleDescription(status);
}

bool JobRow::isInUse() const
{
    return m_error->hasSelectedText() || isAncestorOf(focusWidget());
}

int JobRow::heightAt(int width) const
{
    int height = m_cancel->sizeHint().height() + 6;
    if (m_open && !m_error->text().isEmpty()) {
        height += m_error->heightForWidth(width - 16) + 4;
    }
    return height;
}

} // namespace vireo::ui
