// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/factlist.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>

namespace vireo::ui {

FactList::FactList(QWidget *parent)
    : QWidget(parent)
    , m_grid(new QGridLayout(this))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(14);
    m_grid->setVerticalSpacing(5);
    m_grid->setColumnStretch(1, 1);
}

int FactList::addFact(const QString &label, QWidget *extra)
{
    const int row = static_cast<int>(m_rows.size());
    auto *name = new QLabel(label, this);
    name->setForegroundRole(QPalette::WindowText);
    auto *value = new QLabel(this);
    value->setTextFormat(Qt::PlainText);
    value->setWordWrap(true);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_grid->addWidget(name, row, 0, Qt::AlignTop | Qt::AlignLeft);
    QFont quiet = name->font();
    quiet.setWeight(QFont::DemiBold);
    name->setFont(quiet);
    if (extra) {
        extra->setParent(this);
        extra->setFixedHeight(fontMetrics().height()); // the row is as high as the others
        value->setWordWrap(false);
        auto *line = new QHBoxLayout;
        line->addWidget(value);
        line->addWidget(extra, 0, Qt::AlignTop);
        line->addStretch();
        m_grid->addLayout(line, row, 1, Qt::AlignTop);
    } else {
        m_grid->addWidget(value, row, 1, Qt::AlignTop);
    }
    m_rows.append({name, value, extra});
    setValue(row, {});
    return row;
}

void FactList::setValue(int row, const QString &value)
{
    const Row &fact = m_rows[row];
    if (fact.value->text() != value) {
        fact.value->setText(value);
    }
    const bool hidden = value.isEmpty();
    fact.label->setHidden(hidden);
    fact.value->setHidden(hidden);
    if (fact.extra) {
        fact.extra->setHidden(hidden);
    }
}

QString FactList::value(int row) const
{
    return m_rows[row].value->text();
}

void FactList::clearValues()
{
    for (int row = 0; row < m_rows.size(); ++row) {
        setValue(row, {});
    }
}

} // namespace vireo::ui
