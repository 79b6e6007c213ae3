// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace vireo::virt {
class Inventory;
}

namespace vireo::ui {

/**
 * Paints the rows of the virtual machines' tree: name with state sign and second line, figures with sparklines, tags as
 * chips, a ring while a job runs. Stateless but for the inventory, which it reads for the managed save; GUI thread.
 */
class DomainDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DomainDelegate)

public:
    explicit DomainDelegate(const virt::Inventory &inventory, QObject *parent = nullptr);

    /** The same height for every row: two lines of text. */
    QSize sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const override;
    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    struct Ink;
    void paintName(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index) const;
    /** Takes its room from the line. */
    static void paintBadge(QPainter &painter, QRect &line, const Ink &ink, const QString &whole, int nameWidth);
    static void paintFigure(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index);
    static void paintTags(QPainter &painter, const QRect &rect, const Ink &ink, const QModelIndex &index);

    const virt::Inventory &m_inventory;
};

} // namespace vireo::ui
