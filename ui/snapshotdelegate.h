// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QPixmap>
#include <QStyledItemDelegate>

class QTreeView;

namespace vireo::ui {

/**
 * Paints the tree of snapshots: branches as lines with nodes, beside them the picture of the screen, name and what it
 * is. A chain goes straight down, so that a hundred snapshots stand below each other; what branched off stands to the
 * right. Holds the pictures. GUI thread; owned by its view.
 */
class SnapshotDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotDelegate)

public:
    static constexpr int PictureWidth = 96;
    static constexpr int PictureHeight = 60;

    explicit SnapshotDelegate(QTreeView *view);

    /** By snapshot; none: no room is kept for them. */
    void setPictures(const QHash<QString, QPixmap> &pictures) { m_pictures = pictures; }
    /** Room is kept before they are there, so that nothing jumps. */
    void setPicturesExpected(bool expected) { m_picturesExpected = expected; }
    /** The width of the name column at which nothing of the usual is cut off. */
    int nameWidth(int lanes) const;

    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    struct Ink;
    int laneWidth() const;
    void paintLanes(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index) const;
    void paintName(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index) const;
    void paintPicture(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index) const;
    static void paintText(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index);

    QTreeView *m_view;
    QHash<QString, QPixmap> m_pictures;
    bool m_picturesExpected = false;
};

} // namespace vireo::ui
