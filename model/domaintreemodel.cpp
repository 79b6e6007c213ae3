// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/domaintreemodel.h"

#include <algorithm>

#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"
#include "model/domaintreemodel_p.h"

namespace vireo::model {

using namespace Qt::StringLiterals;

DomainTreeModel::Private::Private(DomainTreeModel &model, virt::Inventory &domains, job::JobManager *jobManager)
    : q(model)
    , inventory(domains)
    , jobs(jobManager)
{}

DomainTreeModel::DomainTreeModel(virt::Inventory &inventory, job::JobManager *jobs, QObject *parent)
    : QAbstractItemModel(parent)
    , m_d(std::make_unique<Private>(*this, inventory, jobs))
{
    Private *d = m_d.get();
    for (virt::Host *host : inventory.hosts().all()) {
        d->watchHost(host);
    }
    d->rebuild();

    const virt::Hosts *hosts = &inventory.hosts();
    connect(hosts, &virt::Hosts::added, this, [d](const QUuid &id) { d->addHost(id); });
    connect(hosts, &virt::Hosts::aboutToRemove, this, [d](const QUuid &id) { d->removeHost(id); });
    connect(hosts, &virt::Hosts::settingsChanged, this, [d] { d->settingsChanged(); });

    using virt::Inventory;
    using Ids = QList<QUuid>;
    connect(&inventory, &Inventory::domainsAdded, this,
        [d](const QUuid &host, const Ids &ids) { d->domainsAdded(host, ids); });
    connect(&inventory, &Inventory::domainsAboutToBeRemoved, this,
        [d](const QUuid &host, const Ids &ids) { d->domainsGone(host, ids); });
    connect(&inventory, &Inventory::domainsRemoved, this, [d](const QUuid &host, const Ids &ids) {
        d->domainsGone(host, ids); // those that came back in between
        d->countsChanged(host);
    });
    connect(&inventory, &Inventory::domainsChanged, this,
        [d](const QUuid &host, const Ids &ids) { d->domainsChanged(host, ids); });
    connect(&inventory, &Inventory::figuresChanged, this, [d](const QUuid &host) { d->figuresChanged(host); });

    if (jobs) {
        connect(jobs, &job::JobManager::added, this, [d](const QUuid &id) { d->jobChanged(id); });
        connect(jobs, &job::JobManager::changed, this, [d](const QUuid &id) { d->jobChanged(id); });
        connect(jobs, &job::JobManager::finished, this, [d](const QUuid &id) { d->jobGone(id); });
        connect(jobs, &job::JobManager::removed, this, [d](const QUuid &id) { d->jobGone(id); });
        for (const QUuid &id : jobs->jobs()) {
            d->jobChanged(id);
        }
    }
}

DomainTreeModel::~DomainTreeModel() = default;

void DomainTreeModel::setQuery(const DomainQuery &query)
{
    if (query == m_d->query) {
        return;
    }
    m_d->query = query;
    for (const auto &[id, host] : m_d->hosts) {
        for (const auto &[uuid, row] : host.rows) {
            m_d->refreshVerdict(*row, host);
        }
    }
    m_d->reconcileAll();
}

const DomainQuery &DomainTreeModel::query() const
{
    return m_d->query;
}

void DomainTreeModel::setGrouping(Grouping grouping)
{
    if (grouping == m_d->grouping) {
        return;
    }
    beginResetModel();
    m_d->grouping = grouping;
    m_d->rebuild();
    endResetModel();
}

DomainTreeModel::Grouping DomainTreeModel::grouping() const
{
    return m_d->grouping;
}

void DomainTreeModel::setAddresses(const virt::DomainKey &key, const QStringList &addresses)
{
    DomainRow *row = m_d->findRow(key);
    const virt::InventoryEntry *entry = m_d->inventory.entry(key);
    if (!row || !entry || row->addresses == addresses) {
        return;
    }
    m_d->changeRow(*row, AddressesColumn, AddressesColumn, [&] {
        row->addresses = addresses;
        m_d->order.refresh(*row, *entry, m_d->hostState(key.host)->name);
    });
}

void DomainTreeModel::setBadges(const QHash<virt::DomainKey, Badge> &badges)
{
    QList<virt::DomainKey> changed;
    for (auto it = badges.cbegin(); it != badges.cend(); ++it) {
        if (m_d->badges.value(it.key()) != it.value()) {
            changed.append(it.key());
        }
    }
    for (auto it = m_d->badges.cbegin(); it != m_d->badges.cend(); ++it) {
        if (!badges.contains(it.key())) {
            changed.append(it.key());
        }
    }
    m_d->badges = badges;
    m_d->showName(changed, {BadgeRole, Qt::ToolTipRole, Qt::AccessibleTextRole});
}

void DomainTreeModel::sort(int column, Qt::SortOrder order)
{
    if (!m_d->order.set(column, order)) {
        return;
    }
    for (const auto &[id, host] : m_d->hosts) {
        for (const auto &[uuid, row] : host.rows) {
            if (const virt::InventoryEntry *entry = m_d->inventory.entry(row->key)) {
                m_d->order.refresh(*row, *entry, host.name);
            }
        }
    }
    std::vector<Private::Target> orders;
    for (const auto &group : m_d->groups) {
        if (!m_d->order.isSorted(group->rows)) {
            RowList sorted = group->rows;
            std::sort(sorted.begin(), sorted.end(), std::cref(m_d->order));
            group->sorted = false;
            orders.emplace_back(group.get(), std::move(sorted));
        }
    }
    m_d->reorder(orders);
    for (const Private::Target &target : orders) {
        target.first->sorted = true;
    }
}

QModelIndex DomainTreeModel::indexOf(const virt::DomainKey &key, int column) const
{
    const DomainRow *row = m_d->findRow(key);
    if (!row || !row->shown) {
        return {};
    }
    for (const Private::Group *group : m_d->groupsOf(*row)) {
        if (const int at = m_d->order.find(group->rows, row, group->sorted); at >= 0) {
            return index(at, column, m_d->groupIndex(*group));
        }
    }
    return {};
}

QModelIndex DomainTreeModel::indexOfHost(const virt::HostId &host) const
{
    const Private::Group *group = m_d->hostGroup(host);
    return group ? m_d->groupIndex(*group) : QModelIndex();
}

virt::DomainKey DomainTreeModel::keyAt(const QModelIndex &index) const
{
    const DomainRow *row = m_d->rowAt(index);
    return row ? row->key : virt::DomainKey();
}

virt::HostId DomainTreeModel::hostAt(const QModelIndex &index) const
{
    if (const DomainRow *row = m_d->rowAt(index)) {
        return row->key.host;
    }
    const Private::Group *group = m_d->groupAt(index);
    return group ? group->host : virt::HostId();
}

DomainTreeModel::Kind DomainTreeModel::kindAt(const QModelIndex &index) const
{
    const Private::Group *group = m_d->groupAt(index);
    return group ? group->kind : Kind::Domain;
}

int DomainTreeModel::shownDomainCount() const
{
    int count = 0;
    for (const auto &[id, host] : m_d->hosts) {
        count += static_cast<int>(
            std::count_if(host.rows.begin(), host.rows.end(), [](const auto &each) { return each.second->shown; }));
    }
    return count;
}

QModelIndex DomainTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (row < 0 || column < 0 || column >= ColumnCount || row >= rowCount(parent)) {
        return {};
    }
    return createIndex(row, column, parent.isValid() ? m_d->groupAt(parent) : nullptr);
}

QModelIndex DomainTreeModel::parent(const QModelIndex &child) const
{
    const auto *group = static_cast<const Private::Group *>(child.internalPointer());
    return child.isValid() && group ? m_d->groupIndex(*group) : QModelIndex();
}

int DomainTreeModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid()) {
        return static_cast<int>(m_d->groups.size());
    }
    const Private::Group *group = parent.column() == 0 ? m_d->groupAt(parent) : nullptr;
    return group ? static_cast<int>(group->rows.size()) : 0;
}

int DomainTreeModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

bool DomainTreeModel::hasChildren(const QModelIndex &parent) const
{
    return rowCount(parent) > 0;
}

Qt::ItemFlags DomainTreeModel::flags(const QModelIndex &index) const
{
    if (!index.isValid()) {
        return Qt::NoItemFlags;
    }
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable;
    if (index.internalPointer()) {
        flags |= Qt::ItemNeverHasChildren;
        flags.setFlag(Qt::ItemIsDragEnabled, m_d->isWritable(hostAt(index)));
    }
    const bool onHost = kindAt(index) == Kind::Host || (index.internalPointer() && m_d->grouping == Grouping::Host);
    flags.setFlag(Qt::ItemIsDropEnabled, onHost && m_d->isWritable(hostAt(index)));
    return flags;
}

DomainTreeModel::Private::Group *DomainTreeModel::Private::groupAt(const QModelIndex &index) const
{
    const bool top = index.isValid() && !index.internalPointer();
    return top && static_cast<size_t>(index.row()) < groups.size() ? groups[static_cast<size_t>(index.row())].get()
                                                                   : nullptr;
}

DomainRow *DomainTreeModel::Private::rowAt(const QModelIndex &index) const
{
    const auto *group = static_cast<const Group *>(index.internalPointer());
    return index.isValid() && group && static_cast<size_t>(index.row()) < group->rows.size()
        ? group->rows[static_cast<size_t>(index.row())]
        : nullptr;
}

DomainTreeModel::Private::HostState *DomainTreeModel::Private::hostState(const virt::HostId &id)
{
    const auto found = hosts.find(id);
    return found != hosts.end() ? &found->second : nullptr;
}

DomainRow *DomainTreeModel::Private::findRow(const virt::DomainKey &key)
{
    HostState *host = hostState(key.host);
    const auto found = host ? host->rows.find(key.domain) : decltype(host->rows.find(key.domain))();
    return host && found != host->rows.end() ? found->second.get() : nullptr;
}

DomainTreeModel::Private::Group *DomainTreeModel::Private::hostGroup(const virt::HostId &id) const
{
    return hostGroups.value(id);
}

std::vector<DomainTreeModel::Private::Group *> DomainTreeModel::Private::groupsOf(const DomainRow &row) const
{
    std::vector<Group *> found;
    if (grouping == Grouping::Host) {
        found.push_back(hostGroup(row.key.host));
    } else if (row.tags.isEmpty()) {
        found.push_back(tagGroups.value(QString()));
    } else {
        for (const QString &tag : row.tags) {
            found.push_back(tagGroups.value(tag));
        }
    }
    std::erase(found, nullptr);
    return found;
}

QModelIndex DomainTreeModel::Private::groupIndex(const Group &group, int column) const
{
    return q.createIndex(group.row, column, static_cast<const void *>(nullptr));
}

double DomainTreeModel::Private::jobFraction(const virt::DomainKey &key) const
{
    if (busy.isEmpty()) {
        return -1;
    }
    const job::JobRecord *job = jobs->jobOf(key);
    return job ? job->fraction : -1;
}

QString DomainTreeModel::Private::migrationLine(const virt::DomainKey &key) const
{
    const job::JobRecord *job = busy.isEmpty() ? nullptr : jobs->jobOf(key);
    if (!job || job->isFinished() || job->plan.operation != "migrate"_L1) {
        return {};
    }
    return job->state == job::JobState::Queued
        ? DomainTreeModel::tr("waits to be migrated")
        : DomainTreeModel::tr("migrating · %1 %").arg(static_cast<int>(job->fraction * 100));
}

} // namespace vireo::model
