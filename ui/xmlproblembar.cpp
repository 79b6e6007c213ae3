// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/xmlproblembar.h"

#include <algorithm>

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QTimer>
#include <QToolButton>

#include "ui/xmltextedit.h"
#include "ui/xmltextforms.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using xml::Diagnostic;

namespace {

constexpr int CheckingShownAfterMs = 700;
constexpr int SignSize = 14;

QPixmap sign(Diagnostic::Severity severity, const QPalette &palette, qreal ratio)
{
    QPixmap pixmap(QSize(SignSize, SignSize) * ratio);
    pixmap.setDevicePixelRatio(ratio);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    XmlTextEdit::paintSign(painter, QRectF(1, 1, SignSize - 2, SignSize - 2), severity, palette);
    return pixmap;
}

QString kindOf(Diagnostic::Severity severity)
{
    switch (severity) {
    case Diagnostic::Severity::Error:
        return XmlProblemBar::tr("Error");
    case Diagnostic::Severity::Warning:
        return XmlProblemBar::tr("Warning");
    case Diagnostic::Severity::Note:
        break;
    }
    return XmlProblemBar::tr("Note");
}

} // namespace

XmlProblemBar::XmlProblemBar(QWidget *parent)
    : QFrame(parent)
    , m_sign(new QLabel(this))
    , m_toggle(new QToolButton(this))
    , m_summary(new QLabel(this))
    , m_list(new QListWidget(this))
    , m_checking(new QTimer(this))
{
    m_toggle->setArrowType(Qt::RightArrow);
    m_toggle->setAutoRaise(true);
    m_toggle->setCheckable(true);
    m_toggle->setAccessibleName(tr("Problems"));
    m_toggle->setToolTip(tr("Shows all problems"));
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setMinimumWidth(60);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred); // a long sentence is cut, not the window
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_summary->setObjectName(u"xmlSummary"_s);
    m_list->setAccessibleName(tr("Problems"));
    m_list->setWordWrap(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->hide();
    auto *row = new QHBoxLayout;
    row->setContentsMargins(6, 3, 6, 3);
    row->setSpacing(6);
    row->addWidget(m_sign);
    row->addWidget(m_summary, 1);
    row->addWidget(m_toggle);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(row);
    layout->addWidget(m_list);
    m_checking->setSingleShot(true);
    m_checking->setInterval(CheckingShownAfterMs);
    connect(m_checking, &QTimer::timeout, this, [this] {
        m_known = true;
        m_summary->setText(tr("Checking…"));
        m_summary->setAccessibleName(m_summary->text());
    });
    connect(m_toggle, &QToolButton::toggled, this, [this](bool open) {
        m_toggle->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
        m_list->setVisible(open && !m_problems.isEmpty());
    });
    const auto choose = [this](const QListWidgetItem *item) {
        Q_EMIT chosen(m_list->row(item));
    };
    connect(m_list, &QListWidget::itemClicked, this, choose);
    connect(m_list, &QListWidget::itemActivated, this, choose);
    setProblems({}, {}, {});
    m_known = false;
}

void XmlProblemBar::setChecking()
{
    if (!m_known) { // nothing would flicker
        m_summary->setText(tr("Checking…"));
        m_summary->setAccessibleName(m_summary->text());
    } else if (!m_checking->isActive()) {
        m_checking->start();
    }
}

void XmlProblemBar::setProblems(const QList<Diagnostic> &problems, const QString &clean, const QString &note)
{
    m_checking->stop();
    m_known = true;
    const int row = m_list->currentRow();
    if (m_problems != problems || m_list->count() == 0) {
        m_problems = problems;
        m_list->clear();
        for (const Diagnostic &problem : problems) {
            auto *item = new QListWidgetItem(m_list);
            item->setText(tr("Line %1: %2").arg(problem.place.line).arg(xmltext::sentence(problem)));
            item->setData(Qt::AccessibleTextRole, kindOf(problem.severity) + u", "_s + item->text());
        }
        m_list->setCurrentRow(std::min(row, m_list->count() - 1));
    }
    m_clean = clean;
    m_current = -1;
    say();
    m_summary->setToolTip(problems.isEmpty() ? note : QString());
    m_toggle->setVisible(!problems.isEmpty());
    m_list->setVisible(m_toggle->isChecked() && !problems.isEmpty());
    const int lines = std::min(6, std::max(1, static_cast<int>(problems.size())));
    m_list->setFixedHeight(lines * (fontMetrics().lineSpacing() + 6) + 2 * m_list->frameWidth());
    updateSign();
}

void XmlProblemBar::setCurrent(int problem)
{
    if (problem != m_current && problem < m_problems.size() && !m_checking->isActive()) {
        m_current = problem;
        if (problem >= 0) {
            m_list->setCurrentRow(problem);
        }
        say();
    }
}

void XmlProblemBar::say()
{
    const auto count = static_cast<int>(m_problems.size());
    QString text = m_clean;
    if (m_current >= 0) {
        const Diagnostic &here = m_problems.at(m_current);
        //: %1 of %2: number and count of problems; %3: line number; %4: what is wrong there
        text = tr("%1 of %2. Line %3: %4")
                   .arg(QString::number(m_current + 1), QString::number(count), QString::number(here.place.line),
                       xmltext::sentence(here));
    } else if (count > 0) {
        const bool errors = std::ranges::any_of(
            m_problems, [](Diagnostic::Severity one) { return one == Diagnostic::Severity::Error; },
            &Diagnostic::severity);
        QString many = count == 1 ? tr("1 remark") : tr("%n remarks", nullptr, count);
        if (errors) {
            many = count == 1 ? tr("1 problem") : tr("%n problems", nullptr, count);
        }
        const Diagnostic &first = m_problems.constFirst();
        //: %1: how many, as "2 problems"; %2: line number; %3: what is wrong there
        text = tr("%1. Line %2: %3").arg(many, QString::number(first.place.line), first.message);
    }
    m_summary->setText(text);
    m_summary->setAccessibleName(text);
}

void XmlProblemBar::updateSign()
{
    m_sign->setVisible(!m_problems.isEmpty());
    if (m_problems.isEmpty()) {
        return;
    }
    const auto worst = std::ranges::max(m_problems, {}, &Diagnostic::severity).severity;
    m_sign->setPixmap(sign(worst, palette(), devicePixelRatioF()));
    m_sign->setAccessibleName(kindOf(worst));
    for (int row = 0; row < m_list->count() && row < m_problems.size(); ++row) {
        m_list->item(row)->setIcon(QIcon(sign(m_problems.at(row).severity, palette(), devicePixelRatioF())));
    }
}

QString XmlProblemBar::summary() const
{
    return m_summary->text();
}

bool XmlProblemBar::isExpanded() const
{
    return m_toggle->isChecked();
}

void XmlProblemBar::setExpanded(bool expanded)
{
    m_toggle->setChecked(expanded);
}

void XmlProblemBar::changeEvent(QEvent *event)
{
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        updateSign();
    }
}

} // namespace vireo::ui
