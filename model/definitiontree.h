// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <optional>

#include <QAbstractItemModel>

#include "backend/virt/definitions.h"

namespace vireo::model {

/** The objects of one kind, below one owner: what is listed by one question. */
struct DefinitionGroup {
    virt::DefinitionKey::Kind kind = virt::DefinitionKey::Kind::Capabilities;
    QString owner; ///< UUID of a volumes' pool, of a snapshots' domain; else empty
    friend bool operator==(const DefinitionGroup &, const DefinitionGroup &) = default;
};

/**
 * The definitions of one host as a tree: a row for each kind, objects below, and below pools and domains their volumes
 * and snapshots. Holds names, never XML. Asks for what it lacks with wanted(); whoever reads it hands it in with
 * setEntries(), which changes exactly the rows that differ, so that selection and expansion survive. Rows of kinds are
 * always there. GUI thread.
 */
class DefinitionTreeModel final : public QAbstractItemModel
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(DefinitionTreeModel)

public:
    enum Column { NameColumn, StateColumn, ColumnCount };
    Q_ENUM(Column)

    explicit DefinitionTreeModel(QObject *parent = nullptr);
    ~DefinitionTreeModel() override;

    /** Another host: only the rows of kinds stay. */
    void clear();
    /** Unknown groups (an owner that is gone meanwhile) are ignored. An error keeps the rows that are known, unless it
     *  says that the host has no such objects, or that the owner is gone. */
    void setEntries(const DefinitionGroup &group, const Result<QList<virt::DefinitionEntry>> &entries);
    /** Everything that is worth reading again: all kinds, and what was listed below objects. */
    QList<DefinitionGroup> groups() const;

    /** The object of a row; nothing for the row of a kind, but for the one that is a definition itself. */
    std::optional<virt::DefinitionEntry> entryAt(const QModelIndex &index) const;
    /** What is listed below a row; nothing: it has nothing below. */
    std::optional<DefinitionGroup> groupAt(const QModelIndex &index) const;
    /** Why what is below a row can't be listed; empty: it can. */
    Error errorAt(const QModelIndex &index) const;
    bool isListed(const QModelIndex &index) const;
    /** Invalid: not listed. */
    QModelIndex indexOf(const virt::DefinitionKey &key) const;
    QModelIndex indexOfKind(virt::DefinitionKey::Kind kind) const;

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    bool hasChildren(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    bool canFetchMore(const QModelIndex &parent) const override;
    void fetchMore(const QModelIndex &parent) override;

Q_SIGNALS:
    /** A row was opened whose objects are not known. */
    void wanted(const vireo::model::DefinitionGroup &group);

private:
    struct Node;
    Node *nodeAt(const QModelIndex &index) const;
    Node *nodeOf(const DefinitionGroup &group) const;
    QModelIndex indexOf(const Node *node, int column = NameColumn) const;
    void removeMissing(Node *parent, const QList<virt::DefinitionEntry> &entries);
    void placeAll(Node *parent, const QList<virt::DefinitionEntry> &entries);
    void forget(const Node *node);
    void announce(const Node *node);

    std::unique_ptr<Node> m_root;
    QHash<virt::DefinitionKey, Node *> m_nodes; ///< objects, without the rows of kinds
};

} // namespace vireo::model
