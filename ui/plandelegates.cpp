// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/plandelegates.h"

#include <QAbstractItemView>
#include <QApplication>
#include <QHelpEvent>
#include <QToolTip>

#include "model/planmodel.h"
#include "ui/planicons.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using model::FindingModel;
using model::StepModel;

namespace {

void setIcon(QStyleOptionViewItem *option, const QIcon &icon)
{
    option->features |= QStyleOptionViewItem::HasDecoration;
    option->icon = icon;
    option->decorationSize = QSize(16, 16);
}

job::StepState stepState(const QModelIndex &index)
{
    return static_cast<job::StepState>(index.data(StepModel::StateRole).toInt());
}

/** A cell whose text is cut shows all of it as its tooltip. */
bool showWholeText(QHelpEvent *event, const QAbstractItemView *view, const QStyleOptionViewItem &shown)
{
    if (event->type() != QEvent::ToolTip) {
        return false;
    }
    const int icon = shown.icon.isNull() ? 0 : shown.decorationSize.width() + 6;
    if (shown.fontMetrics.horizontalAdvance(shown.text) + icon + 8 <= shown.rect.width()) {
        return false;
    }
    QToolTip::showText(event->globalPos(), shown.text.toHtmlEscaped(), view->viewport(), shown.rect);
    return true;
}

} // namespace

bool FindingDelegate::helpEvent(
    QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    QStyleOptionViewItem shown = option;
    initStyleOption(&shown, index);
    return showWholeText(event, view, shown) || QStyledItemDelegate::helpEvent(event, view, option, index);
}

bool StepDelegate::helpEvent(
    QHelpEvent *event, QAbstractItemView *view, const QStyleOptionViewItem &option, const QModelIndex &index)
{
    QStyleOptionViewItem shown = option;
    initStyleOption(&shown, index);
    return showWholeText(event, view, shown) || QStyledItemDelegate::helpEvent(event, view, option, index);
}

void FindingDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    const QVariant severity = index.data(FindingModel::SeverityRole);
    if (!index.parent().isValid() && severity.isValid()) {
        setIcon(option, planicons::severity(static_cast<job::Finding::Severity>(severity.toInt()), option->palette));
    }
}

void StepDelegate::initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    if (index.column() == StepModel::StepColumn) {
        setIcon(option, planicons::step(stepState(index), option->palette));
    }
    const job::StepState state = stepState(index);
    if (index.column() == StepModel::StepColumn && state == job::StepState::Running) {
        option->font.setBold(true);
    }
    if (index.column() != StepModel::UndoColumn) {
        return;
    }
    const QString error = index.data(StepModel::ErrorRole).toString().simplified();
    const bool failed = state == job::StepState::Failed || state == job::StepState::UndoFailed;
    if (state == job::StepState::Undone) {
        option->text = tr("Undone");
    } else if (failed && !error.isEmpty()) {
        option->text = error;
    }
    if (failed) {
        option->palette.setColor(QPalette::Text, planicons::problemColor(option->palette));
    }
}

void StepDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const double fraction = index.data(StepModel::FractionRole).toDouble();
    if (index.column() != StepModel::TimeColumn || stepState(index) != job::StepState::Running || fraction <= 0) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem background = option;
    initStyleOption(&background, index);
    background.text.clear();
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &background, painter, option.widget);
    QStyleOptionProgressBar bar;
    bar.initFrom(option.widget);
    bar.rect = option.rect.adjusted(2, 2, -2, -2);
    bar.state = option.state | QStyle::State_Horizontal | QStyle::State_Enabled;
    bar.fontMetrics = option.fontMetrics;
    bar.minimum = 0;
    bar.maximum = 1000;
    bar.progress = static_cast<int>(fraction * 1000);
    bar.text = u"%1 %"_s.arg(static_cast<int>(fraction * 100));
    bar.textVisible = true;
    bar.textAlignment = Qt::AlignCenter;
    style->drawControl(QStyle::CE_ProgressBar, &bar, painter, option.widget);
}

} // namespace vireo::ui
