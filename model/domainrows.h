// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <vector>

#include <QCollator>
#include <QHash>
#include <QStringList>

#include "backend/virt/inventory.h"
#include "model/domainquery.h"

/** What stands behind the rows of DomainTreeModel, without Qt's model classes: order, and how one list of rows becomes
 * another. */
namespace vireo::model {

/** A domain as the list keeps it: what ordering and filtering need, made once per change. Texts shown come from the
 * Inventory. */
struct DomainRow {
    DomainRow(const virt::DomainKey &rowKey, const QCollatorSortKey &emptyName)
        : key(rowKey)
        , nameKey(emptyName)
    {}

    virt::DomainKey key;
    QString name; ///< that nameKey was made from
    QCollatorSortKey nameKey;
    std::optional<QCollatorSortKey> textKey; ///< when sorted by a column of text
    double number = 0;                       ///< when sorted by any other
    QStringList tags;                        ///< no empty ones, each once
    QStringList addresses;
    std::optional<DomainQuery::Folded> folded; ///< only while there is a filter
    bool shown = false;
    int scratch = 0; ///< for one function's own use
};
using RowList = std::vector<DomainRow *>;

/**
 * A total order of rows: the column's value, then the name in natural order ("vm2" before "vm10", accents and case as
 * the language has it), then the key. Reads only what refresh() noted in the row, so that it holds until the next
 * refresh().
 */
class RowOrder final
{
public:
    RowOrder();

    /** A column of DomainTreeModel. False: it is that already. All rows need a refresh() afterwards. */
    bool set(int column, Qt::SortOrder order);
    int column() const { return m_column; }
    Qt::SortOrder order() const { return m_order; }
    /** Whether new figures may change the order. */
    bool isByFigure() const;

    DomainRow makeRow(const virt::DomainKey &key) const { return {key, m_emptyKey}; }
    void refresh(DomainRow &row, const virt::InventoryEntry &entry, const QString &hostName);
    QCollatorSortKey textKey(const QString &text);

    bool operator()(const DomainRow *left, const DomainRow *right) const;
    bool isSorted(const RowList &rows) const;
    /** The row number, or -1. `sorted`: the list is in this order; else it is searched from the start. */
    int find(const RowList &rows, const DomainRow *row, bool sorted) const;
    /** Where a row that is not in the list belongs. */
    int placeFor(const RowList &rows, const DomainRow *row) const;

private:
    enum class Kind { Name, Text, Number };
    Kind m_kind = Kind::Name;
    int m_column = 0;
    Qt::SortOrder m_order = Qt::AscendingOrder;
    QCollator m_collator;
    QCollatorSortKey m_emptyKey;
    QHash<QString, QCollatorSortKey> m_textKeys; ///< tags, hosts and systems repeat
};

/** `count` rows from `first` on. */
struct RowRange {
    int first = 0;
    int count = 0;
    friend bool operator==(const RowRange &, const RowRange &) = default;
};

/**
 * How to get from one list of rows to another in few steps that a view understands: reorder (layoutChanged), remove,
 * insert, in this order. Few scattered rows go and come one range at a time; many are first gathered at the end.
 */
struct RowsPlan {
    RowList reordered;          ///< all present rows in their new order; empty: the order stays
    QList<RowRange> removals;   ///< last first, in numbers after reordering
    QList<RowRange> insertions; ///< first first, in numbers of the target; with reorderAtEnd one range at the end
    RowList appended; ///< with reorderAtEnd: what is inserted at the end, before the last reordering to the target
    bool reorderAtEnd = false;

    static constexpr int MaxRanges = 16;
    bool isEmpty() const { return reordered.empty() && removals.isEmpty() && insertions.isEmpty(); }
    /** Uses DomainRow::scratch. */
    static RowsPlan make(const RowList &present, const RowList &target);
};

/** `wanted` in the given order; rows that are in `present` and still in order are not sorted anew. Uses
 * DomainRow::scratch. */
RowList sortedTarget(const RowList &present, const RowList &wanted, const RowOrder &order);

/** The row that a state takes when sorted by state: running first, shut off last. */
int stateRank(const virt::DomainRecord &domain);

} // namespace vireo::model
