// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/fieldgrid.h"

#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>

#include "ui/planicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;

FieldNote::FieldNote(QWidget *field, QWidget *parent)
    : QWidget(parent)
    , m_field(field)
    , m_icon(new QLabel(this))
    , m_text(new QLabel(this))
{
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_icon, 0, Qt::AlignTop);
    layout->addWidget(m_text, 1);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_text->setFocusPolicy(Qt::NoFocus);
    m_text->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_icon->hide();
    setMinimumHeight(fontMetrics().lineSpacing() + 2);
    applyColors();
}

void FieldNote::setText(const QString &problem, const QString &hint)
{
    m_problem = !problem.isEmpty();
    m_text->setText(m_problem ? problem : hint);
    m_field->setAccessibleDescription(m_text->text());
    applyColors();
}

QString FieldNote::text() const
{
    return m_text->text();
}

void FieldNote::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange) {
        applyColors();
    }
    QWidget::changeEvent(event);
}

void FieldNote::applyColors()
{
    // Only what differs is set: setting a palette is itself a palette change.
    const QColor color = m_problem ? planicons::problemColor(palette()) : planicons::hintColor(palette());
    if (m_text->palette().color(QPalette::WindowText) != color) {
        QPalette colored = palette();
        colored.setColor(QPalette::WindowText, color);
        m_text->setPalette(colored);
    }
    m_icon->setVisible(m_problem);
    if (m_problem) {
        m_icon->setPixmap(
            planicons::severity(job::Finding::Severity::Blocker, palette()).pixmap(QSize(16, 16), devicePixelRatioF()));
    }
}

FieldGrid::FieldGrid(QWidget *parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(12);
    m_grid->setVerticalSpacing(2);
    m_grid->setColumnStretch(1, 1);
}

FieldNote *FieldGrid::addField(const QString &label, QWidget *field, QWidget *extra)
{
    Row row;
    row.label = new QLabel(tr("%1:", "label of a field").arg(label), this);
    row.label->setTextFormat(Qt::PlainText);
    row.label->setBuddy(field);
    QString name = label;
    name.remove(u'&');
    field->setAccessibleName(name);
    row.line = new QWidget(this);
    auto *line = new QHBoxLayout(row.line);
    line->setContentsMargins(0, 0, 0, 0);
    line->addWidget(field, 1);
    if (extra) {
        line->addWidget(extra);
    }
    if (field->maximumWidth() < QWIDGETSIZE_MAX) {
        line->addStretch(); // a narrow one keeps to the left
    }
    row.note = new FieldNote(field, this);
    m_grid->addWidget(row.label, m_next, 0, Qt::AlignRight | Qt::AlignVCenter);
    m_grid->addWidget(row.line, m_next, 1);
    m_grid->addWidget(row.note, m_next + 1, 1);
    m_next += 2;
    m_rows.insert(field, row);
    return row.note;
}

void FieldGrid::addWide(QWidget *field, bool fill)
{
    Row row;
    row.line = field;
    m_grid->addWidget(field, m_next, 1, fill ? Qt::Alignment() : Qt::AlignLeft);
    m_next += 1;
    m_rows.insert(field, row);
}

void FieldGrid::setFieldVisible(QWidget *field, bool visible)
{
    const Row row = m_rows.value(field);
    if (row.label) {
        row.label->setVisible(visible);
    }
    if (row.line) {
        row.line->setVisible(visible);
    }
    if (row.note) {
        row.note->setVisible(visible);
    }
}

} // namespace vireo::ui
