// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
// How DomainTreeModel's rows follow the inventory, the filter and the order.
#include <algorithm>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "model/domaintreemodel_p.h"

namespace vireo::model {

namespace {

/** Up to so many domains are handled one by one; more are compared as a whole. */
constexpr qsizetype FewDomains = 4;

const QList<int> &figureRoles()
{
    static const QList<int> roles{Qt::DisplayRole, Qt::ToolTipRole, Qt::AccessibleTextRole,
        DomainTreeModel::HistoryRole, DomainTreeModel::SortRole};
    return roles;
}

} // namespace

void DomainTreeModel::Private::watchHost(virt::Host *host)
{
    const virt::HostId id = host->settings().id;
    HostState &state = hosts[id];
    state.host = host;
    state.name = host->settings().displayName();
    state.stale = !host->isConnected();
    state.active = inventory.activeCount(id);
    state.total = inventory.count(id);
    connect(host, &virt::Host::statusChanged, &q, [this, id] { hostStatusChanged(id); });
    connect(host, &virt::Host::infoChanged, &q, [this, id] { hostChanged(id); });
    for (const QUuid &domain : inventory.domainsOf(id)) {
        auto row = std::make_unique<DomainRow>(order.makeRow({id, domain}));
        refresh(*row, state);
        state.rows.emplace(domain, std::move(row));
    }
}

void DomainTreeModel::Private::addHost(const virt::HostId &id)
{
    virt::Host *host = inventory.hosts().host(id);
    if (!host || hosts.contains(id)) {
        return;
    }
    watchHost(host);
    if (grouping == Grouping::Tag) {
        reconcileAll();
        return;
    }
    // In the user's order: after those known ones that stand before it.
    int place = 0;
    for (const virt::Host *other : inventory.hosts().all()) {
        if (other == host) {
            break;
        }
        place += hostGroups.contains(other->settings().id) ? 1 : 0;
    }
    auto group = std::make_unique<Group>();
    group->host = id;
    RowList wanted;
    for (const auto &[uuid, row] : hosts[id].rows) {
        if (row->shown) {
            wanted.push_back(row.get());
        }
    }
    group->rows = sortedTarget({}, wanted, order);
    insertGroup(std::move(group), place);
}

void DomainTreeModel::Private::removeHost(const virt::HostId &id)
{
    HostState *state = hostState(id);
    if (!state) {
        return;
    }
    if (state->host) {
        state->host->disconnect(&q);
    }
    if (Group *group = hostGroup(id)) {
        removeGroup(*group);
    } else {
        for (const auto &[uuid, row] : state->rows) {
            row->shown = false;
        }
        reconcileAll();
    }
    hosts.erase(id);
}

void DomainTreeModel::Private::hostStatusChanged(const virt::HostId &id)
{
    HostState *state = hostState(id);
    if (!state) {
        return;
    }
    const bool stale = !state->host->isConnected();
    const bool flipped = stale != state->stale;
    state->stale = stale;
    hostChanged(id);
    if (flipped) {
        for (const auto &group : groups) {
            emitRows(*group, 0, ColumnCount - 1, {StaleRole, Qt::DisplayRole}, id);
        }
    }
}

void DomainTreeModel::Private::hostChanged(const virt::HostId &id)
{
    if (const Group *group = hostGroup(id)) {
        Q_EMIT q.dataChanged(groupIndex(*group), groupIndex(*group, ColumnCount - 1));
    }
}

void DomainTreeModel::Private::settingsChanged()
{
    for (auto &[id, state] : hosts) {
        const QString name = state.host->settings().displayName();
        if (name == state.name) {
            continue;
        }
        state.name = name;
        for (const auto &[uuid, row] : state.rows) {
            refresh(*row, state);
        }
        reconcileHost(id);
        hostChanged(id);
        for (const auto &group : groups) {
            emitRows(*group, HostColumn, HostColumn, {}, id);
        }
    }
}

void DomainTreeModel::Private::domainsAdded(const virt::HostId &host, const QList<QUuid> &domains)
{
    addHost(host); // when its domains are told before itself
    HostState *state = hostState(host);
    if (!state) {
        return;
    }
    std::vector<DomainRow *> fresh;
    state->rows.reserve(state->rows.size() + static_cast<size_t>(domains.size()));
    for (const QUuid &domain : domains) {
        if (!state->rows.contains(domain) && inventory.entry({host, domain})) {
            auto row = std::make_unique<DomainRow>(order.makeRow({host, domain}));
            refresh(*row, *state);
            fresh.push_back(row.get());
            state->rows.emplace(domain, std::move(row));
        }
    }
    if (domains.size() > FewDomains) {
        reconcileHost(host);
    } else {
        for (DomainRow *row : fresh) {
            if (!row->shown) {
                continue;
            }
            if (grouping == Grouping::Host) {
                showRow(*row, hostGroup(host), {});
                continue;
            }
            for (const QString &tag : row->tags.isEmpty() ? QStringList{QString()} : row->tags) {
                showRow(*row, tagGroups.value(tag), tag);
            }
        }
    }
    countsChanged(host);
}

void DomainTreeModel::Private::domainsGone(const virt::HostId &host, const QList<QUuid> &domains)
{
    HostState *state = hostState(host);
    if (!state) {
        return;
    }
    std::vector<std::unique_ptr<DomainRow>> gone; // alive until no list holds them
    for (const QUuid &domain : domains) {
        const auto found = state->rows.find(domain);
        if (found == state->rows.end()) {
            continue;
        }
        gone.push_back(std::move(found->second));
        state->rows.erase(found);
    }
    const bool few = domains.size() <= FewDomains;
    for (const auto &row : gone) {
        if (few && row->shown) {
            for (Group *group : groupsOf(*row)) {
                hideRow(*group, order.find(group->rows, row.get(), group->sorted));
            }
        }
        row->shown = false;
    }
    if (!few && !gone.empty()) {
        reconcileHost(host);
    }
}

void DomainTreeModel::Private::domainsChanged(const virt::HostId &host, const QList<QUuid> &domains)
{
    HostState *state = hostState(host);
    if (!state) {
        return;
    }
    if (domains.size() > FewDomains && static_cast<size_t>(domains.size()) * 2 > state->rows.size()) {
        for (const auto &group : groups) {
            group->sorted = false; // until apply() is through
        }
        for (const QUuid &domain : domains) {
            if (DomainRow *row = findRow({host, domain})) {
                refresh(*row, *state);
            }
        }
        reconcileHost(host);
        for (const auto &group : groups) {
            group->sorted = true;
            emitRows(*group, 0, ColumnCount - 1, {}, host);
        }
    } else {
        for (const QUuid &domain : domains) {
            if (DomainRow *row = findRow({host, domain})) {
                changeRow(*row, 0, ColumnCount - 1, [&] { refresh(*row, *state); });
            }
        }
    }
    countsChanged(host);
}

void DomainTreeModel::Private::changeRow(
    DomainRow &row, int firstColumn, int lastColumn, const std::function<void()> &change)
{
    struct Place {
        Group *group;
        int row;
    };
    std::vector<Place> before;
    if (row.shown) {
        for (Group *group : groupsOf(row)) {
            before.push_back({group, order.find(group->rows, &row, group->sorted)});
            group->sorted = false; // a key changes now
        }
    }
    change();

    QStringList tags;
    if (row.shown) {
        tags = grouping == Grouping::Host || row.tags.isEmpty() ? QStringList{QString()} : row.tags;
    }
    for (const Place &place : before) {
        if (place.row < 0) {
            continue;
        }
        if (!tags.removeOne(place.group->tag)) {
            place.group->sorted = true; // once the row has gone
            hideRow(*place.group, place.row);
            continue;
        }
        const int at = reposition(*place.group, place.row);
        place.group->sorted = true;
        const QModelIndex parent = groupIndex(*place.group);
        Q_EMIT q.dataChanged(q.index(at, firstColumn, parent), q.index(at, lastColumn, parent));
    }
    for (const QString &tag : tags) {
        showRow(row, grouping == Grouping::Host ? hostGroup(row.key.host) : tagGroups.value(tag), tag);
    }
}

void DomainTreeModel::Private::figuresChanged(const virt::HostId &host)
{
    HostState *state = hostState(host);
    if (!state) {
        return;
    }
    if (order.isByFigure()) {
        for (const auto &[uuid, row] : state->rows) {
            if (const virt::InventoryEntry *entry = inventory.entry(row->key)) {
                order.refresh(*row, *entry, state->name);
            }
        }
        std::vector<Target> orders;
        for (const auto &group : groups) {
            if (!order.isSorted(group->rows)) {
                RowList sorted = group->rows;
                std::sort(sorted.begin(), sorted.end(), std::cref(order));
                group->sorted = false;
                orders.emplace_back(group.get(), std::move(sorted));
            }
        }
        reorder(orders);
        for (const Target &target : orders) {
            target.first->sorted = true;
        }
    }
    for (const auto &group : groups) {
        emitRows(*group, CpuColumn, NetworkColumn, figureRoles(), host);
    }
}

void DomainTreeModel::Private::jobChanged(const QUuid &id)
{
    const job::JobRecord *job = jobs->job(id);
    if (!job || job->isFinished()) {
        jobGone(id);
        return;
    }
    if (job->plan.domain.isNull()) {
        return;
    }
    QList<virt::DomainKey> &keys = busy[id];
    if (keys.isEmpty()) {
        keys.append({job->plan.host, job->plan.domain});
        for (const virt::HostId &also : job->plan.alsoHosts) {
            keys.append({also, job->plan.domain});
        }
    }
    showJob(keys);
}

void DomainTreeModel::Private::jobGone(const QUuid &id)
{
    showJob(busy.take(id));
}

void DomainTreeModel::Private::showJob(const QList<virt::DomainKey> &keys)
{
    showName(keys, {JobFractionRole, SecondLineRole});
}

void DomainTreeModel::Private::showName(const QList<virt::DomainKey> &keys, const QList<int> &roles)
{
    for (const virt::DomainKey &key : keys) {
        const DomainRow *row = findRow(key);
        if (!row || !row->shown) {
            continue;
        }
        for (const Group *group : groupsOf(*row)) {
            const QModelIndex index =
                q.index(order.find(group->rows, row, group->sorted), NameColumn, groupIndex(*group));
            Q_EMIT q.dataChanged(index, index.siblingAtColumn(StateColumn), roles);
        }
    }
}

void DomainTreeModel::Private::countsChanged(const virt::HostId &host)
{
    HostState *state = hostState(host);
    const int active = inventory.activeCount(host);
    const int total = inventory.count(host);
    if (!state || (state->active == active && state->total == total)) {
        return;
    }
    state->active = active;
    state->total = total;
    hostChanged(host);
}

} // namespace vireo::model
