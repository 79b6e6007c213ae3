// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/jobrow.h"

#include <cmath>

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

#include "model/jobmodel.h"
#include "ui/jobsteps.h"
#include "ui/stateicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using job::JobState;

namespace {

constexpr int BarSteps = 1000;
constexpr int Margin = 8;
constexpr int IndentOfMember = 32;

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
    , m_decision(new QWidget(this))
    , m_finish(new QPushButton(tr("Finish"), m_decision))
    , m_undo(new QPushButton(tr("Undo"), m_decision))
    , m_connect(new QPushButton(m_decision))
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
    m_cancel->setMinimumWidth(QPushButton(tr("Cancel all")).sizeHint().width()); // bars stay below each other
    m_more->setObjectName(u"jobMore"_s);
    m_more->setAutoRaise(true);
    m_more->setText(tr("Details"));
    m_more->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_error->setObjectName(u"jobError"_s);
    m_error->setTextFormat(Qt::PlainText);
    m_error->setWordWrap(true);
    m_error->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);

    m_finish->setObjectName(u"jobFinish"_s);
    m_undo->setObjectName(u"jobUndo"_s);
    m_connect->setObjectName(u"jobConnect"_s);
    auto *decision = new QHBoxLayout(m_decision);
    decision->setContentsMargins(0, 0, 0, 0);
    decision->addWidget(m_connect);
    decision->addWidget(m_finish);
    decision->addWidget(m_undo);

    auto *layout = new QGridLayout(this);
    layout->setContentsMargins(Margin, 3, Margin, 3);
    layout->setHorizontalSpacing(12);
    layout->setVerticalSpacing(2);
    layout->addWidget(m_title, 0, 0);
    layout->addWidget(m_status, 0, 1);
    layout->addWidget(m_more, 0, 2);
    auto *bar = new QHBoxLayout; // where an item spans its column and the next, a grid drops the space between them
    bar->setContentsMargins(0, 0, layout->horizontalSpacing(), 0);
    bar->addWidget(m_bar);
    layout->addLayout(bar, 0, 3);
    layout->addWidget(m_cancel, 0, 4);
    layout->addWidget(m_decision, 0, 3, 1, 2, Qt::AlignRight);
    layout->addWidget(m_error, 1, 0, 1, 5);
    layout->setColumnStretch(1, 1);
    for (QWidget *widget : {static_cast<QWidget *>(m_bar), static_cast<QWidget *>(m_cancel)}) {
        QSizePolicy policy = widget->sizePolicy();
        policy.setRetainSizeWhenHidden(true); // rows stay aligned when a job ends
        widget->setSizePolicy(policy);
    }

    connect(m_cancel, &QPushButton::clicked, this, [this] { Q_EMIT cancelWanted(jobId()); });
    connect(m_finish, &QPushButton::clicked, this, [this] { Q_EMIT recoverWanted(jobId(), job::Recovery::Finish); });
    connect(m_undo, &QPushButton::clicked, this, [this] { Q_EMIT recoverWanted(jobId(), job::Recovery::Undo); });
    connect(m_connect, &QPushButton::clicked, this, [this] { Q_EMIT connectWanted(m_missingHost); });
    connect(m_more, &QToolButton::clicked, this, [this] {
        const bool wanted = !m_open;
        m_open = wanted;
        update(m_missingHost); // a group's row shows what the model says: it follows
        Q_EMIT openChanged(wanted);
    });
}

QUuid JobRow::jobId() const
{
    return m_index.data(model::JobModel::JobIdRole).toUuid();
}

void JobRow::update(const QString &missingHost)
{
    m_missingHost = missingHost;
    if (!m_index.isValid()) {
        return;
    }
    const auto state = static_cast<JobState>(m_index.data(model::JobModel::StateRole).toInt());
    const bool isGroup = m_index.data(model::JobModel::IsGroupRole).toBool();
    if (isGroup) {
        m_open = m_index.data(model::JobModel::IsOpenRole).toBool();
    }
    const bool inGroup = m_index.data(model::JobModel::InGroupRole).toBool();
    layout()->setContentsMargins(inGroup ? IndentOfMember : Margin, 3, Margin, 3);
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
    const bool finish = m_index.data(model::JobModel::CanFinishRole).toBool();
    const bool undo = m_index.data(model::JobModel::CanUndoRole).toBool();
    m_cancel->setText(isGroup ? tr("Cancel all") : tr("Cancel"));
    m_more->setText(isGroup ? tr("Jobs") : tr("Details"));
    m_more->setVisible(isGroup || !error.isEmpty() || finish || undo);
    m_more->setArrowType(m_open ? Qt::DownArrow : Qt::RightArrow);
    m_error->setText(error);
    m_error->setVisible(m_open && !error.isEmpty());
    updateRecovery(finish, undo);
    setAccessibleName(m_title->text());
    setAccessibleDescription(status);
}

void JobRow::updateRecovery(bool finish, bool undo)
{
    const bool ready = m_missingHost.isEmpty();
    m_decision->setVisible(finish || undo);
    m_finish->setVisible(finish && ready);
    m_finish->setToolTip(tr("Runs the interrupted step again, and the rest."));
    m_undo->setVisible(undo && ready);
    const QString lines = m_index.data(model::JobModel::UndoTextRole).toString();
    const QString tip = lines.isEmpty() ? tr("There is nothing to take back.") : tr("Takes back:") + u'\n' + lines;
    m_undo->setToolTip(u"<p style='white-space:pre-wrap'>%1</p>"_s.arg(tip.toHtmlEscaped()));
    m_undo->setAccessibleDescription(tip);
    m_connect->setVisible(!ready && (finish || undo));
    m_connect->setText(tr("Connect to %1 first").arg(m_missingHost).replace(u'&', u"&&"_s));
    m_connect->setAccessibleName(tr("Connect to %1 first").arg(m_missingHost));

    const bool stepsWanted = m_open && (finish || undo);
    if (stepsWanted && !m_steps) {
        m_steps = new JobSteps(this);
        connect(m_steps, &JobSteps::refreshWanted, this, [this] { Q_EMIT lookWanted(jobId()); });
        qobject_cast<QGridLayout *>(layout())->addWidget(m_steps, 2, 0, 1, 5);
        m_steps->show();
        Q_EMIT lookWanted(jobId());
    } else if (!stepsWanted && m_steps) {
        m_steps->hide();
        m_steps->deleteLater();
        m_steps = nullptr;
    }
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
    if (m_steps) {
        height += m_steps->heightForWidth(width - 16) + 4;
    }
    return height;
}

} // namespace vireo::ui
