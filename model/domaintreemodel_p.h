// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include <QHash>

#include "backend/virt/host.h"
#include "model/domainrows.h"
#include "model/domaintreemodel.h"

namespace vireo::model {

/**
 * The rows behind DomainTreeModel and all that changes them. Top-level indexes have no internal pointer, domain rows
 * that of their Group, which stays where it is while it exists: index() and parent() need no search.
 */
struct DomainTreeModel::Private {
    struct Group {
        Kind kind = Kind::Host;
        virt::HostId host;
        QString tag; ///< empty: the untagged
        int row = 0;
        RowList rows;       ///< what is shown
        bool sorted = true; ///< false for the moments in which rows are not in order
    };
    struct HashUuid {
        size_t operator()(const QUuid &id) const { return qHash(id); }
    };
    struct HostState {
        virt::Host *host = nullptr;
        QString name;
        bool stale = true;
        int active = 0; ///< as the host's row says
        int total = 0;
        std::unordered_map<QUuid, std::unique_ptr<DomainRow>, HashUuid> rows; ///< hidden ones too
    };
    using Target = std::pair<Group *, RowList>;

    Private(DomainTreeModel &model, virt::Inventory &domains, job::JobManager *jobManager);

    // what is there
    Group *groupAt(const QModelIndex &index) const;   ///< of a top-level index, else null
    DomainRow *rowAt(const QModelIndex &index) const; ///< of a domain's index, else null
    HostState *hostState(const virt::HostId &id);
    DomainRow *findRow(const virt::DomainKey &key);
    Group *hostGroup(const virt::HostId &id) const;
    std::vector<Group *> groupsOf(const DomainRow &row) const; ///< existing ones, in the current grouping
    QModelIndex groupIndex(const Group &group, int column = 0) const;
    QVariant groupData(const Group &group, int column, int role) const;
    QVariant domainData(const DomainRow &row, int column, int role) const;
    QString accessibleName(const virt::DomainKey &key, const virt::DomainRecord &domain) const;
    double jobFraction(const virt::DomainKey &key) const;    ///< -1: none
    QString migrationLine(const virt::DomainKey &key) const; ///< "migrating, 63 %"; empty: it is not
    bool isWritable(const virt::HostId &host) const;         ///< connected, and not read-only

    // what happens
    void watchHost(virt::Host *host);
    void addHost(const virt::HostId &id);
    void removeHost(const virt::HostId &id);
    void hostStatusChanged(const virt::HostId &id);
    void hostChanged(const virt::HostId &id);
    void settingsChanged();
    void domainsAdded(const virt::HostId &host, const QList<QUuid> &domains);
    void domainsGone(const virt::HostId &host, const QList<QUuid> &domains);
    void domainsChanged(const virt::HostId &host, const QList<QUuid> &domains);
    void figuresChanged(const virt::HostId &host);
    void jobChanged(const QUuid &id);
    void jobGone(const QUuid &id);
    void showJob(const QList<virt::DomainKey> &keys);
    void showName(const QList<virt::DomainKey> &keys, const QList<int> &roles);
    void countsChanged(const virt::HostId &host);

    // how rows change
    void refresh(DomainRow &row, const HostState &host); ///< reads the record anew: keys, tags, verdict
    void refreshVerdict(DomainRow &row, const HostState &host);
    void rebuild();                               ///< all groups; inside a model reset
    void reconcileHost(const virt::HostId &host); ///< after rows of a host were refreshed
    void reconcileAll();
    void apply(std::vector<Target> targets);
    void reorder(std::vector<Target> &orders);
    /** `change` may alter the row's keys, tags and verdict; the row then moves, comes or goes in each group. */
    void changeRow(DomainRow &row, int firstColumn, int lastColumn, const std::function<void()> &change);
    void showRow(DomainRow &row, Group *group, const QString &tag);
    void hideRow(Group &group, int at);
    int reposition(Group &group, int at); ///< the row's number afterwards
    bool tagLess(const QString &left, const QString &right);
    int groupPlace(const QString &tag);
    void insertGroup(std::unique_ptr<Group> group, int at);
    void removeGroup(Group &group);
    void renumberGroups();
    void emitRows(
        const Group &group, int firstColumn, int lastColumn, const QList<int> &roles, const virt::HostId &onlyHost);
    std::vector<Target> hostTargets(const std::vector<Group *> &of);

    DomainTreeModel &q;
    virt::Inventory &inventory;
    job::JobManager *jobs;
    DomainQuery query;
    Grouping grouping = Grouping::Host;
    RowOrder order;
    std::unordered_map<QUuid, HostState, HashUuid> hosts;
    std::vector<std::unique_ptr<Group>> groups;
    QHash<QString, Group *> tagGroups;
    QHash<QUuid, Group *> hostGroups;
    QHash<QUuid, QList<virt::DomainKey>> busy; ///< unfinished jobs, with the rows that show them
    QHash<virt::DomainKey, Badge> badges;
};

} // namespace vireo::model
