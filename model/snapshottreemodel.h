// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QAbstractItemModel>

#include "backend/snapshot/layers.h"

namespace vireo::model {

/**
 * A domain's snapshots as a tree: below each those that were taken after it, and below the current one the row "now",
 * which is the domain as it runs. Holds values, no host. The branch that leads to "now" is the last among its siblings,
 * the others stand in the order of time: so that "now" is the last row of all.
 *
 * Another state of the same domain changes exactly the rows that differ, so that selection and expansion survive. GUI
 * thread.
 */
class SnapshotTreeModel final : public QAbstractItemModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(SnapshotTreeModel)

public:
    enum Column { NameColumn, KindColumn, StateColumn, TimeColumn, SizeColumn, ColumnCount };
    Q_ENUM(Column)
    enum Role {
        SnapshotRole = Qt::UserRole + 1, ///< its name; empty: "now"
        IsNowRole,                       ///< bool
        InNowRole,                       ///< bool: an ancestor of "now", or it
        DomainStateRole,                 ///< int of virt::DomainState: at that time
        DiskOnlyRole,                    ///< bool: the guest ran, its memory was not kept
        MemoryRole,                      ///< bool: its memory was kept
        BytesRole,                       ///< quint64: of its overlays and its memory file
        ProblemRole,                     ///< what is wrong with it, sentences; empty: nothing
        FatalRole,                       ///< bool: going back to it can't work
        PictureRole,                     ///< key of the picture of its screen; empty: there is none
        SummaryRole,                     ///< "External, running, memory kept": the second line
        AgeRole,                         ///< "2 days ago"; of "now" empty
        LaneRole,                        ///< int: how many branches stand left of it
        IsLastRole                       ///< bool: the last among its siblings, which goes on in its parent's lane
    };
    Q_ENUM(Role)

    explicit SnapshotTreeModel(QObject *parent = nullptr);
    ~SnapshotTreeModel() override;

    /** `discrepancies`: of these facts; they may take long to find, so that whoever reads the facts does it. */
    void setFacts(const snapshot::Facts &facts, const QList<snapshot::Discrepancy> &discrepancies);
    /** Another domain, or none: no rows. */
    void clear();
    /** The names of snapshots of which there is a picture. */
    void setPictures(const QStringList &snapshots);

    /** The row of a snapshot; of the empty name "now". Invalid: it is not there. */
    QModelIndex indexOf(const QString &snapshot) const;
    int snapshotCount() const { return static_cast<int>(m_facts.snapshots.size()); }
    bool hasPictures() const { return m_hasPictures; }
    /** The highest LaneRole of all. */
    int laneCount() const { return m_lanes; }

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Node;
    struct Row;
    struct Wanted;
    Node *nodeAt(const QModelIndex &index) const;
    QModelIndex indexOf(const Node *node, int column = NameColumn) const;
    Wanted wantedOf(const snapshot::Facts &facts, const QList<snapshot::Discrepancy> &discrepancies) const;
    void place(Node *root, const Wanted &wanted);
    Node *placeOne(Node *parent, const QString &key, int row);
    void removeRest(Node *root, const Wanted &wanted);
    void updateLanes(Node *root, int first);
    void forget(const Node *node);
    QString displayText(const Row &row, int column) const;
    QString toolTip(const Row &row, int column) const;
    QString accessibleText(const Row &row) const;

    snapshot::Facts m_facts;
    std::unique_ptr<Node> m_root;
    QHash<QString, Node *> m_nodes; ///< by name; "now" by the empty one
    QStringList m_pictures;
    bool m_hasPictures = false;
    int m_lanes = 0;
    bool m_filling = false; ///< within a reset: rows need not be announced
};

} // namespace vireo::model
