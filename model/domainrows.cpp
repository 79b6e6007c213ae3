// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/domainrows.h"

#include <algorithm>

#include "model/domaintreemodel.h"
#include "model/format.h"

using namespace Qt::StringLiterals;

namespace vireo::model {
namespace {

QCollator naturalCollator()
{
    // The C locale has no collation, hence no natural order of numbers either.
    const QLocale locale = QLocale().language() == QLocale::C ? QLocale(QLocale::English) : QLocale();
    QCollator collator(locale);
    collator.setNumericMode(true);
    collator.setCaseSensitivity(Qt::CaseInsensitive);
    return collator;
}

/** The ranges of equal `true` answers of `test` over 0..count-1. */
template<typename Test>
QList<RowRange> rangesWhere(int count, Test test)
{
    QList<RowRange> ranges;
    for (int row = 0; row < count; ++row) {
        if (!test(row)) {
            continue;
        }
        if (!ranges.isEmpty() && ranges.constLast().first + ranges.constLast().count == row) {
            ++ranges.last().count;
        } else {
            ranges << RowRange{row, 1};
        }
    }
    return ranges;
}

} // namespace

RowOrder::RowOrder()
    : m_collator(naturalCollator())
    , m_emptyKey(m_collator.sortKey(QString()))
{}

bool RowOrder::set(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= DomainTreeModel::ColumnCount) {
        column = DomainTreeModel::NameColumn; // a view's "unsorted"
        order = Qt::AscendingOrder;
    }
    if (column == m_column && order == m_order) {
        return false;
    }
    m_column = column;
    m_order = order;
    m_textKeys.clear();
    switch (column) {
    case DomainTreeModel::NameColumn:
        m_kind = Kind::Name;
        break;
    case DomainTreeModel::HostColumn:
    case DomainTreeModel::AddressesColumn:
    case DomainTreeModel::OsColumn:
    case DomainTreeModel::TagsColumn:
        m_kind = Kind::Text;
        break;
    default:
        m_kind = Kind::Number;
    }
    return true;
}

bool RowOrder::isByFigure() const
{
    return m_column >= DomainTreeModel::CpuColumn && m_column <= DomainTreeModel::NetworkColumn;
}

QCollatorSortKey RowOrder::textKey(const QString &text)
{
    const auto known = m_textKeys.constFind(text);
    return known != m_textKeys.constEnd() ? *known : *m_textKeys.insert(text, m_collator.sortKey(text));
}

void RowOrder::refresh(DomainRow &row, const virt::InventoryEntry &entry, const QString &hostName)
{
    const virt::DomainRecord &domain = entry.record;
    if (row.name != domain.displayName()) {
        row.name = domain.displayName();
        row.nameKey = m_collator.sortKey(row.name);
    }
    row.textKey.reset();
    row.number = 0;
    switch (m_column) {
    case DomainTreeModel::HostColumn:
        row.textKey = textKey(hostName);
        break;
    case DomainTreeModel::StateColumn:
        row.number = stateRank(domain);
        break;
    case DomainTreeModel::CpuColumn:
        row.number = domain.isActive() ? static_cast<double>(entry.figures.cpuPercent) : -1;
        break;
    case DomainTreeModel::MemoryColumn:
        row.number = static_cast<double>(domain.memoryKiB);
        break;
    case DomainTreeModel::VcpusColumn:
        row.number = domain.vcpus;
        break;
    case DomainTreeModel::DiskColumn:
        row.number = domain.isActive() ? static_cast<double>(entry.figures.diskBytesPerSecond) : -1;
        break;
    case DomainTreeModel::NetworkColumn:
        row.number = domain.isActive() ? static_cast<double>(entry.figures.netBytesPerSecond) : -1;
        break;
    case DomainTreeModel::AddressesColumn:
        row.textKey = textKey(row.addresses.join(u' '));
        break;
    case DomainTreeModel::OsColumn:
        row.textKey = textKey(formatOs(domain.osId));
        break;
    case DomainTreeModel::TagsColumn:
        row.textKey = textKey(row.tags.join(u' '));
        break;
    case DomainTreeModel::AutostartColumn:
        row.number = domain.autostart ? 0 : 1;
        break;
    default:
        break;
    }
}

bool RowOrder::operator()(const DomainRow *left, const DomainRow *right) const
{
    const bool descending = m_order == Qt::DescendingOrder;
    if (m_kind == Kind::Number) {
        if (left->number != right->number) {
            return (left->number < right->number) != descending;
        }
    } else if (m_kind == Kind::Text && left->textKey && right->textKey) {
        if (const int compared = left->textKey->compare(*right->textKey); compared != 0) {
            return (compared < 0) != descending;
        }
    }
    if (const int compared = left->nameKey.compare(right->nameKey); compared != 0) {
        return (compared < 0) != (descending && m_kind == Kind::Name);
    }
    if (left->key.domain != right->key.domain) {
        return left->key.domain < right->key.domain;
    }
    return left->key.host < right->key.host;
}

bool RowOrder::isSorted(const RowList &rows) const
{
    return std::is_sorted(rows.begin(), rows.end(), std::cref(*this));
}

int RowOrder::find(const RowList &rows, const DomainRow *row, bool sorted) const
{
    const auto at = sorted ? std::lower_bound(rows.begin(), rows.end(), row, std::cref(*this))
                           : std::find(rows.begin(), rows.end(), row);
    return at != rows.end() && *at == row ? static_cast<int>(at - rows.begin()) : -1;
}

int RowOrder::placeFor(const RowList &rows, const DomainRow *row) const
{
    return static_cast<int>(std::lower_bound(rows.begin(), rows.end(), row, std::cref(*this)) - rows.begin());
}

RowsPlan RowsPlan::make(const RowList &present, const RowList &target)
{
    RowsPlan plan;
    const int presentCount = static_cast<int>(present.size());
    const int targetCount = static_cast<int>(target.size());

    // scratch: where the row is in the target, or -1
    for (DomainRow *row : present) {
        row->scratch = -1;
    }
    for (int i = 0; i < targetCount; ++i) {
        target[static_cast<size_t>(i)]->scratch = i;
    }
    const auto goes = [&](int row) {
        return present[static_cast<size_t>(row)]->scratch < 0;
    };
    plan.removals = rangesWhere(presentCount, goes);
    RowList kept;
    kept.reserve(present.size());
    bool inOrder = true;
    for (DomainRow *row : present) {
        if (row->scratch >= 0) {
            inOrder = inOrder && (kept.empty() || kept.back()->scratch < row->scratch);
            kept.push_back(row);
        }
    }
    if (!inOrder || plan.removals.size() > MaxRanges) {
        if (!inOrder) {
            std::sort(kept.begin(), kept.end(),
                [](const DomainRow *a, const DomainRow *b) { return a->scratch < b->scratch; });
        }
        plan.reordered = kept;
        plan.reordered.reserve(present.size());
        std::copy_if(present.begin(), present.end(), std::back_inserter(plan.reordered),
            [](const DomainRow *row) { return row->scratch < 0; });
        const int keptCount = static_cast<int>(kept.size());
        plan.removals.clear();
        if (keptCount < presentCount) {
            plan.removals << RowRange{keptCount, presentCount - keptCount};
        }
    }
    std::reverse(plan.removals.begin(), plan.removals.end());

    for (DomainRow *row : kept) {
        row->scratch = -2;
    }
    plan.insertions = rangesWhere(targetCount, [&](int row) { return target[static_cast<size_t>(row)]->scratch >= 0; });
    if (plan.insertions.size() > MaxRanges) {
        std::copy_if(target.begin(), target.end(), std::back_inserter(plan.appended),
            [](const DomainRow *row) { return row->scratch >= 0; });
        plan.insertions = {RowRange{static_cast<int>(kept.size()), static_cast<int>(plan.appended.size())}};
        plan.reorderAtEnd = true;
    }
    return plan;
}

RowList sortedTarget(const RowList &present, const RowList &wanted, const RowOrder &order)
{
    for (DomainRow *row : present) {
        row->scratch = 0;
    }
    for (DomainRow *row : wanted) {
        row->scratch = 1;
    }
    RowList target;
    target.reserve(wanted.size());
    for (DomainRow *row : present) {
        if (row->scratch == 1) {
            row->scratch = 2;
            target.push_back(row);
        }
    }
    if (!order.isSorted(target)) {
        std::sort(target.begin(), target.end(), std::cref(order));
    }
    const auto middle = static_cast<RowList::difference_type>(target.size());
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(target),
        [](const DomainRow *row) { return row->scratch == 1; });
    std::sort(target.begin() + middle, target.end(), std::cref(order));
    std::inplace_merge(target.begin(), target.begin() + middle, target.end(), std::cref(order));
    return target;
}

int stateRank(const virt::DomainRecord &domain)
{
    switch (domain.state) {
    case virt::DomainState::Running:
    case virt::DomainState::Blocked:
        return 0;
    case virt::DomainState::Paused:
        return 1;
    case virt::DomainState::PmSuspended:
        return 2;
    case virt::DomainState::ShuttingDown:
        return 3;
    case virt::DomainState::Crashed:
        return 4;
    case virt::DomainState::ShutOff:
        return domain.managedSave ? 5 : 6;
    case virt::DomainState::NoState:
        break;
    }
    return 7;
}

} // namespace vireo::model
