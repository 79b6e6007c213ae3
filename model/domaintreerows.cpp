// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// How DomainTreeModel's groups and rows are built and moved, with the signals that views need.
#include <algorithm>

#include "backend/virt/hosts.h"
#include "model/domaintreemodel_p.h"

namespace vireo::model {

void DomainTreeModel::Private::refresh(DomainRow &row, const HostState &host)
{
    const virt::InventoryEntry *entry = inventory.entry(row.key);
    if (!entry) {
        return;
    }
    row.tags.clear();
    for (const QString &tag : entry->record.tags) {
        if (!tag.isEmpty() && !row.tags.contains(tag)) {
            row.tags << tag;
        }
    }
    if (!entry->record.isActive()) {
        row.addresses.clear(); // they were those of the last run
    }
    order.refresh(row, *entry, host.name);
    row.folded.reset();
    refreshVerdict(row, host);
}

void DomainTreeModel::Private::refreshVerdict(DomainRow &row, const HostState &host)
{
    if (query.isEmpty()) {
        row.shown = true;
        row.folded.reset();
        return;
    }
    if (!row.folded) {
        const virt::DomainRecord *domain = inventory.domain(row.key);
        if (!domain) {
            return;
        }
        row.folded = DomainQuery::fold(*domain, host.name);
    }
    row.shown = query.matches(*row.folded);
}

void DomainTreeModel::Private::rebuild()
{
    groups.clear();
    tagGroups.clear();
    hostGroups.clear();
    if (grouping == Grouping::Host) {
        for (const virt::Host *host : inventory.hosts().all()) {
            HostState *state = hostState(host->settings().id);
            if (!state) {
                continue;
            }
            auto group = std::make_unique<Group>();
            group->host = host->settings().id;
            for (const auto &[uuid, row] : state->rows) {
                if (row->shown) {
                    group->rows.push_back(row.get());
                }
            }
            hostGroups.insert(group->host, group.get());
            groups.push_back(std::move(group));
        }
    } else {
        for (const auto &[id, state] : hosts) {
            for (const auto &[uuid, row] : state.rows) {
                if (!row->shown) {
                    continue;
                }
                for (const QString &tag : row->tags.isEmpty() ? QStringList{QString()} : row->tags) {
                    Group *&group = tagGroups[tag];
                    if (!group) {
                        groups.push_back(std::make_unique<Group>());
                        group = groups.back().get();
                        group->kind = Kind::Tag;
                        group->tag = tag;
                    }
                    group->rows.push_back(row.get());
                }
            }
        }
        std::sort(
            groups.begin(), groups.end(), [this](const auto &a, const auto &b) { return tagLess(a->tag, b->tag); });
    }
    for (const auto &group : groups) {
        std::sort(group->rows.begin(), group->rows.end(), std::cref(order));
    }
    renumberGroups();
}

void DomainTreeModel::Private::reconcileHost(const virt::HostId &host)
{
    if (grouping == Grouping::Tag) {
        reconcileAll();
        return;
    }
    if (Group *group = hostGroup(host)) {
        apply(hostTargets({group}));
    }
}

std::vector<DomainTreeModel::Private::Target> DomainTreeModel::Private::hostTargets(const std::vector<Group *> &of)
{
    std::vector<Target> targets;
    for (Group *group : of) {
        RowList wanted;
        for (const auto &[uuid, row] : hosts[group->host].rows) {
            if (row->shown) {
                wanted.push_back(row.get());
            }
        }
        targets.emplace_back(group, sortedTarget(group->rows, wanted, order));
    }
    return targets;
}

void DomainTreeModel::Private::reconcileAll()
{
    if (grouping == Grouping::Host) {
        std::vector<Group *> all;
        all.reserve(groups.size());
        for (const auto &group : groups) {
            all.push_back(group.get());
        }
        apply(hostTargets(all));
        return;
    }
    QHash<QString, RowList> wanted;
    for (const auto &[id, state] : hosts) {
        for (const auto &[uuid, row] : state.rows) {
            if (!row->shown) {
                continue;
            }
            for (const QString &tag : row->tags.isEmpty() ? QStringList{QString()} : row->tags) {
                wanted[tag].push_back(row.get());
            }
        }
    }
    std::vector<Target> targets;
    for (size_t i = groups.size(); i-- > 0;) {
        Group &group = *groups[i];
        if (const auto found = wanted.constFind(group.tag); found != wanted.constEnd()) {
            targets.emplace_back(&group, sortedTarget(group.rows, *found, order));
            wanted.remove(group.tag);
        } else {
            removeGroup(group);
        }
    }
    apply(std::move(targets));
    for (auto it = wanted.cbegin(); it != wanted.cend(); ++it) {
        auto group = std::make_unique<Group>();
        group->kind = Kind::Tag;
        group->tag = it.key();
        group->rows = sortedTarget({}, it.value(), order);
        const int place = groupPlace(it.key());
        insertGroup(std::move(group), place);
    }
}

void DomainTreeModel::Private::apply(std::vector<Target> targets)
{
    struct Work {
        Group *group;
        RowList target;
        RowsPlan plan;
    };
    std::vector<Work> work;
    std::vector<Target> orders;
    for (auto &[group, target] : targets) {
        RowsPlan plan = RowsPlan::make(group->rows, target);
        if (plan.isEmpty()) {
            continue;
        }
        group->sorted = false;
        if (!plan.reordered.empty()) {
            orders.emplace_back(group, std::move(plan.reordered));
        }
        work.push_back({group, std::move(target), std::move(plan)});
    }
    reorder(orders);
    orders.clear();
    for (const auto &[group, target, plan] : work) {
        RowList &rows = group->rows;
        const QModelIndex parent = groupIndex(*group);
        for (const RowRange &range : plan.removals) {
            q.beginRemoveRows(parent, range.first, range.first + range.count - 1);
            rows.erase(rows.begin() + range.first, rows.begin() + range.first + range.count);
            q.endRemoveRows();
        }
        for (const RowRange &range : plan.insertions) {
            const RowList &source = plan.reorderAtEnd ? plan.appended : target;
            const auto from = source.begin() + (plan.reorderAtEnd ? 0 : range.first);
            q.beginInsertRows(parent, range.first, range.first + range.count - 1);
            rows.insert(rows.begin() + range.first, from, from + range.count);
            q.endInsertRows();
        }
        if (plan.reorderAtEnd) {
            orders.emplace_back(group, target);
        } else {
            group->sorted = true;
        }
    }
    reorder(orders);
    for (const Target &target : orders) {
        target.first->sorted = true;
    }
}

/** Gives groups a new order of the same rows, in one layout change; `orders` loses its row lists. */
void DomainTreeModel::Private::reorder(std::vector<Target> &orders)
{
    if (orders.empty()) {
        return;
    }
    QList<QPersistentModelIndex> parents;
    for (const Target &target : orders) {
        parents << groupIndex(*target.first);
    }
    Q_EMIT q.layoutAboutToBeChanged(parents, VerticalSortHint);

    QHash<const Group *, std::vector<int>> newRows; // of each old row
    for (auto &[group, rows] : orders) {
        for (size_t i = 0; i < rows.size(); ++i) {
            rows[i]->scratch = static_cast<int>(i);
        }
        std::vector<int> &moved = newRows[group];
        moved.reserve(rows.size());
        for (const DomainRow *row : group->rows) {
            moved.push_back(row->scratch);
        }
        group->rows.swap(rows);
    }
    const QModelIndexList before = q.persistentIndexList();
    QModelIndexList from;
    QModelIndexList to;
    for (const QModelIndex &index : before) {
        const auto *group = static_cast<const Group *>(index.internalPointer());
        const auto moved = group ? newRows.constFind(group) : newRows.constEnd();
        if (moved != newRows.constEnd()) {
            from << index;
            to << q.createIndex(moved->at(static_cast<size_t>(index.row())), index.column(), group);
        }
    }
    q.changePersistentIndexList(from, to);
    Q_EMIT q.layoutChanged(parents, VerticalSortHint);
}

void DomainTreeModel::Private::showRow(DomainRow &row, Group *group, const QString &tag)
{
    if (!group) {
        if (grouping == Grouping::Tag) {
            auto fresh = std::make_unique<Group>();
            fresh->kind = Kind::Tag;
            fresh->tag = tag;
            fresh->rows = {&row};
            const int place = groupPlace(tag);
            insertGroup(std::move(fresh), place);
        }
        return;
    }
    const int at = order.placeFor(group->rows, &row);
    q.beginInsertRows(groupIndex(*group), at, at);
    group->rows.insert(group->rows.begin() + at, &row);
    q.endInsertRows();
}

void DomainTreeModel::Private::hideRow(Group &group, int at)
{
    if (at < 0) {
        return;
    }
    if (group.kind == Kind::Tag && group.rows.size() == 1) {
        removeGroup(group);
        return;
    }
    q.beginRemoveRows(groupIndex(group), at, at);
    group.rows.erase(group.rows.begin() + at);
    q.endRemoveRows();
}

int DomainTreeModel::Private::reposition(Group &group, int at)
{
    RowList &rows = group.rows;
    const auto row = rows.begin() + at;
    auto place = row;
    if (row != rows.begin() && order(*row, *(row - 1))) {
        place = std::lower_bound(rows.begin(), row, *row, std::cref(order));
    } else if (row + 1 != rows.end() && order(*(row + 1), *row)) {
        place = std::lower_bound(row + 1, rows.end(), *row, std::cref(order));
    }
    if (place == row) {
        return at;
    }
    const int before = static_cast<int>(place - rows.begin());
    const QModelIndex parent = groupIndex(group);
    q.beginMoveRows(parent, at, at, parent, before);
    if (place < row) {
        std::rotate(place, row, row + 1);
    } else {
        std::rotate(row, row + 1, place);
    }
    q.endMoveRows();
    return before > at ? before - 1 : before;
}

bool DomainTreeModel::Private::tagLess(const QString &left, const QString &right)
{
    if (left.isEmpty() || right.isEmpty()) {
        return !left.isEmpty(); // the untagged come last
    }
    const int compared = order.textKey(left).compare(order.textKey(right));
    return compared != 0 ? compared < 0 : left < right;
}

int DomainTreeModel::Private::groupPlace(const QString &tag)
{
    const auto place =
        std::find_if(groups.begin(), groups.end(), [&](const auto &group) { return tagLess(tag, group->tag); });
    return static_cast<int>(place - groups.begin());
}

void DomainTreeModel::Private::insertGroup(std::unique_ptr<Group> group, int at)
{
    q.beginInsertRows({}, at, at);
    if (group->kind == Kind::Host) {
        hostGroups.insert(group->host, group.get());
    } else {
        tagGroups.insert(group->tag, group.get());
    }
    groups.insert(groups.begin() + at, std::move(group));
    renumberGroups();
    q.endInsertRows();
}

void DomainTreeModel::Private::removeGroup(Group &group)
{
    const int at = group.row;
    q.beginRemoveRows({}, at, at);
    hostGroups.remove(group.host);
    tagGroups.remove(group.tag);
    const std::unique_ptr<Group> gone = std::move(groups[static_cast<size_t>(at)]); // views may still ask while rows go
    groups.erase(groups.begin() + at);
    renumberGroups();
    q.endRemoveRows();
}

void DomainTreeModel::Private::renumberGroups()
{
    for (size_t i = 0; i < groups.size(); ++i) {
        groups[i]->row = static_cast<int>(i);
    }
}

void DomainTreeModel::Private::emitRows(
    const Group &group, int firstColumn, int lastColumn, const QList<int> &roles, const virt::HostId &onlyHost)
{
    const auto concerned = [&](const DomainRow *row) {
        return onlyHost.isNull() || row->key.host == onlyHost;
    };
    if (group.kind == Kind::Host && !onlyHost.isNull() && group.host != onlyHost) {
        return;
    }
    const auto first = std::find_if(group.rows.begin(), group.rows.end(), concerned);
    if (first == group.rows.end()) {
        return;
    }
    const auto last = std::find_if(group.rows.rbegin(), group.rows.rend(), concerned).base() - 1;
    const QModelIndex parent = groupIndex(group);
    Q_EMIT q.dataChanged(q.index(static_cast<int>(first - group.rows.begin()), firstColumn, parent),
        q.index(static_cast<int>(last - group.rows.begin()), lastColumn, parent), roles);
}

} // namespace vireo::model
