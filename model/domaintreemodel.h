// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QAbstractItemModel>
#include <QHash>

#include "backend/virt/inventory.h"
#include "model/domainquery.h"

namespace vireo::job {
class JobManager;
}

namespace vireo::model {

/**
 * Hosts or tags with their domains, filtered and sorted here: two levels. GUI thread.
 *
 * Updates are row-exact: an event on one domain touches one row; new figures give one dataChanged per group for the
 * figure columns. A change of filter or sort moves, inserts and removes rows: persistent indexes, hence selection and
 * expansion, survive. Only another grouping resets the model; views then restore selection by key. Hosts always have a
 * row; tags have one while a domain is shown under them, and the untagged come last. Nothing here blocks: values come
 * from the Inventory.
 */
class DomainTreeModel final : public QAbstractItemModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DomainTreeModel)

public:
    enum Column {
        NameColumn,
        HostColumn,
        StateColumn,
        CpuColumn,
        MemoryColumn,
        VcpusColumn,
        DiskColumn,
        NetworkColumn,
        AddressesColumn,
        OsColumn,
        TagsColumn,
        AutostartColumn,
        ColumnCount
    };
    Q_ENUM(Column)
    enum Role {
        KindRole = Qt::UserRole + 1, ///< Kind
        KeyRole,                     ///< virt::DomainKey, of a domain row
        HostIdRole,                  ///< QUuid; of host rows and domain rows
        StateRole,                   ///< int of virt::DomainState; of host rows int of virt::HostState
        SecondLineRole,              ///< state and reason in words, under the name
        HistoryRole,     ///< QList<float>, oldest first, 0..1 for CPU and memory, bytes/s for disk and network
        SortRole,        ///< raw value of the column
        TagsRole,        ///< QStringList
        JobFractionRole, ///< double 0..1 while a job of this domain runs, else invalid
        StaleRole,       ///< true: the host does not answer, show greyed
        SavedRole,       ///< true: shut off with its memory saved
        BadgeRole        ///< text to stand beside the name; invalid: none
    };
    enum class Kind { Host, Tag, Domain };
    Q_ENUM(Kind)
    enum class Grouping { Host, Tag };
    Q_ENUM(Grouping)

    DomainTreeModel(virt::Inventory &inventory, job::JobManager *jobs, QObject *parent = nullptr);
    ~DomainTreeModel() override;

    void setQuery(const DomainQuery &query);
    const DomainQuery &query() const;
    void setGrouping(Grouping grouping);
    Grouping grouping() const;
    /** Addresses are read on demand and handed in; empty forgets them. */
    void setAddresses(const virt::DomainKey &key, const QStringList &addresses);
    struct Badge {
        QString text;
        QString toolTip;
        friend bool operator==(const Badge &, const Badge &) = default;
    };
    /** Of all domains that have one. */
    void setBadges(const QHash<virt::DomainKey, Badge> &badges);

    /** The (first) row of a domain, or an invalid index when it is filtered out. */
    QModelIndex indexOf(const virt::DomainKey &key, int column = NameColumn) const;
    QModelIndex indexOfHost(const virt::HostId &host) const;
    virt::DomainKey keyAt(const QModelIndex &index) const;
    virt::HostId hostAt(const QModelIndex &index) const;
    Kind kindAt(const QModelIndex &index) const;
    int shownDomainCount() const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    bool hasChildren(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

    /** Domains are dragged onto another connected host, or onto one of its domains. Nothing moves: domainsDropped()
     *  tells of it. */
    QStringList mimeTypes() const override;
    QMimeData *mimeData(const QModelIndexList &indexes) const override;
    Qt::DropActions supportedDropActions() const override;
    bool canDropMimeData(
        const QMimeData *data, Qt::DropAction action, int row, int column, const QModelIndex &parent) const override;
    bool dropMimeData(
        const QMimeData *data, Qt::DropAction action, int row, int column, const QModelIndex &parent) override;

Q_SIGNALS:
    void domainsDropped(const QList<vireo::virt::DomainKey> &domains, const QUuid &host);

private:
    struct Private;
    std::unique_ptr<Private> m_d;
};

} // namespace vireo::model
