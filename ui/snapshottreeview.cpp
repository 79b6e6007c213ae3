// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/snapshottreeview.h"

#include <algorithm>

#include <QAction>
#include <QDateTime>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLocale>

#include "model/snapshottreemodel.h"
#include "ui/snapshotdelegate.h"

namespace vireo::ui {

using model::SnapshotTreeModel;

SnapshotTreeView::SnapshotTreeView(SnapshotTreeModel &model, QWidget *parent)
    : QTreeView(parent)
    , m_snapshots(model)
    , m_delegate(new SnapshotDelegate(this))
{
    setObjectName(QStringLiteral("snapshotTree"));
    setAccessibleName(tr("Snapshots"));
    setModel(&model);
    setItemDelegate(m_delegate);
    setIndentation(0); // the delegate draws the branches
    setRootIsDecorated(false);
    setUniformRowHeights(true);
    setAllColumnsShowFocus(true);
    setSelectionMode(QAbstractItemView::ExtendedSelection);
    setSelectionBehavior(QAbstractItemView::SelectRows);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setFrameShape(QFrame::NoFrame);
    header()->setStretchLastSection(false);
    header()->setSectionsMovable(false);
    header()->setSectionResizeMode(SnapshotTreeModel::NameColumn, QHeaderView::Stretch);
    // The second line of the name tells them.
    hideColumn(SnapshotTreeModel::KindColumn);
    hideColumn(SnapshotTreeModel::StateColumn);
    connect(&model, &QAbstractItemModel::modelReset, this, &QTreeView::expandAll);
    connect(&model, &QAbstractItemModel::rowsInserted, this, [this](const QModelIndex &above) {
        if (above.isValid()) {
            expand(above); // what has just come shall be seen
        }
    });
    connect(&model, &QAbstractItemModel::rowsMoved, this,
        [this](const QModelIndex & /*from*/, int /*first*/, int /*last*/, const QModelIndex &to) {
            if (to.isValid() && m_snapshots.rowCount(to) == 1) {
                expand(to); // nobody has closed it: there was nothing below it
            }
        });
}

QStringList SnapshotTreeView::selectedSnapshots() const
{
    // By what stands above what on the screen.
    QModelIndexList rows = selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end(), [this](const QModelIndex &one, const QModelIndex &other) {
        return visualRect(one).top() < visualRect(other).top();
    });
    QStringList names;
    for (const QModelIndex &row : std::as_const(rows)) {
        names.append(row.data(SnapshotTreeModel::SnapshotRole).toString());
    }
    return names;
}

void SnapshotTreeView::selectSnapshots(const QStringList &names)
{
    QItemSelection selection;
    QModelIndex first;
    for (const QString &name : names) {
        const QModelIndex index = m_snapshots.indexOf(name);
        if (index.isValid()) {
            selection.select(index, index);
            first = first.isValid() ? first : index;
        }
    }
    selectionModel()->select(selection, QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    if (first.isValid()) {
        selectionModel()->setCurrentIndex(first, QItemSelectionModel::NoUpdate);
        scrollTo(first);
    }
}

void SnapshotTreeView::setPictures(const QHash<QString, QPixmap> &pictures)
{
    m_delegate->setPictures(pictures);
    viewport()->update();
}

void SnapshotTreeView::refit()
{
    m_delegate->setPicturesExpected(m_snapshots.hasPictures());
    // Widths by what the columns usually hold, so that nothing moves when a figure grows.
    const QString stamp = QLocale().toString(QDateTime(QDate(2028, 12, 28), QTime(20, 48)), QLocale::ShortFormat);
    const int margin = fontMetrics().height();
    header()->resizeSection(SnapshotTreeModel::TimeColumn, fontMetrics().horizontalAdvance(stamp) + margin);
    header()->resizeSection(
        SnapshotTreeModel::SizeColumn, fontMetrics().horizontalAdvance(QStringLiteral("1023.9 MiB")) + margin);
    scheduleDelayedItemsLayout();
}

QAction *SnapshotTreeView::actionFor(const QKeyEvent &event) const
{
    const QKeySequence pressed(event.keyCombination());
    const QList<QAction *> all = actions();
    const auto found = std::find_if(
        all.cbegin(), all.cend(), [&pressed](const QAction *action) { return action->shortcut() == pressed; });
    return found == all.cend() ? nullptr : *found;
}

bool SnapshotTreeView::event(QEvent *event)
{
    // A window may have the same keys (F2, F5): two actions with one key would both do nothing.
    if (event->type() == QEvent::ShortcutOverride && actionFor(*static_cast<QKeyEvent *>(event))) {
        event->accept();
        return true;
    }
    return QTreeView::event(event);
}

void SnapshotTreeView::keyPressEvent(QKeyEvent *event)
{
    if (QAction *action = actionFor(*event)) {
        action->trigger(); // does nothing while it is disabled
        return;
    }
    QTreeView::keyPressEvent(event);
}

void SnapshotTreeView::changeEvent(QEvent *event)
{
    QTreeView::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        refit();
    }
}

void SnapshotTreeView::showEvent(QShowEvent *event)
{
    QTreeView::showEvent(event);
    refit();
}

} // namespace vireo::ui
