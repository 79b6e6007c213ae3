// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/preflightview.h"

#include <QHeaderView>
#include <QStyledItemDelegate>

#include "ui/planicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using model::PreflightModel;

namespace {

/** The sign of the severity beside its word. */
class PreflightDelegate final : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        const QVariant severity = index.data(PreflightModel::SeverityRole);
        if (index.column() == PreflightModel::VerdictColumn && severity.isValid()) {
            option->features |= QStyleOptionViewItem::HasDecoration;
            option->icon = planicons::severity(static_cast<job::Finding::Severity>(severity.toInt()), option->palette);
            option->decorationSize = QSize(16, 16);
        }
    }
};

} // namespace

PreflightView::PreflightView(QWidget *parent)
    : QTreeView(parent)
    , m_model(new PreflightModel(this))
{
    setModel(m_model);
    setItemDelegate(new PreflightDelegate(this));
    setAccessibleName(tr("Pre-flight"));
    setObjectName(u"preflight"_s);
    setEditTriggers(NoEditTriggers);
    setAllColumnsShowFocus(true);
    setAlternatingRowColors(true);
    header()->setSectionsMovable(false);
    header()->setSectionResizeMode(QHeaderView::ResizeToContents);
    header()->setStretchLastSection(true);
}

void PreflightView::setLines(const QList<model::PreflightLine> &lines)
{
    m_model->setLines(lines);
    for (int row = 0; row < m_model->rowCount(); ++row) {
        const QModelIndex index = m_model->index(row, 0);
        if (index.data(PreflightModel::SeverityRole).toInt() == static_cast<int>(job::Finding::Severity::Blocker)) {
            expand(index);
        }
    }
}

} // namespace vireo::ui
