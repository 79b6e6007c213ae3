// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/definitiontree.h"

#include <algorithm>
#include <array>
#include <vector>

#include <QLocale>
#include <QSet>

using namespace Qt::StringLiterals;

namespace vireo::model {

using virt::DefinitionEntry;
using virt::DefinitionKey;
using Kind = DefinitionKey::Kind;
using State = DefinitionEntry::State;

namespace {

constexpr std::array kinds{Kind::Capabilities, Kind::DomainCapabilities, Kind::Pool, Kind::Network, Kind::NetworkFilter,
    Kind::NodeDevice, Kind::SnapshotDomain, Kind::Secret};

QString titleOf(Kind kind)
{
    switch (kind) {
    case Kind::Capabilities:
        return DefinitionTreeModel::tr("Capabilities");
    case Kind::DomainCapabilities:
        return DefinitionTreeModel::tr("Domain capabilities");
    case Kind::Pool:
        return DefinitionTreeModel::tr("Storage pools");
    case Kind::Network:
        return DefinitionTreeModel::tr("Networks");
    case Kind::NetworkFilter:
        return DefinitionTreeModel::tr("Network filters");
    case Kind::NodeDevice:
        return DefinitionTreeModel::tr("Node devices");
    case Kind::SnapshotDomain:
        return DefinitionTreeModel::tr("Snapshots");
    case Kind::Secret:
        return DefinitionTreeModel::tr("Secrets");
    case Kind::Volume:
    case Kind::Snapshot:
        break;
    }
    return {};
}

/** What is listed below an object. */
std::optional<DefinitionGroup> groupBelow(const DefinitionEntry &entry)
{
    if (entry.key.kind == Kind::Pool && entry.state == State::Active) {
        return DefinitionGroup{Kind::Volume, entry.key.id};
    }
    if (entry.key.kind == Kind::SnapshotDomain) {
        return DefinitionGroup{Kind::Snapshot, entry.key.id};
    }
    return std::nullopt;
}

QList<DefinitionEntry> withoutDoubles(QList<DefinitionEntry> entries)
{
    QSet<DefinitionKey> seen;
    entries.removeIf([&seen](const DefinitionEntry &entry) {
        const bool known = seen.contains(entry.key);
        seen.insert(entry.key);
        return known;
    });
    return entries;
}

} // namespace

/** The root, a kind, or an object. */
struct DefinitionTreeModel::Node {
    Node *parent = nullptr;
    bool isKind = false;
    DefinitionEntry entry; ///< of a kind: its name, and its key when it is a definition itself
    std::optional<DefinitionGroup> group;
    bool asked = false;
    bool listed = false;
    Error error;
    bool failed = false;
    std::vector<std::unique_ptr<Node>> children;
    int row = 0; ///< among its siblings

    void number(size_t from)
    {
        for (size_t i = from; i < children.size(); ++i) {
            children[i]->row = static_cast<int>(i);
        }
    }
};

DefinitionTreeModel::DefinitionTreeModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Node>())
{
    for (const Kind kind : kinds) {
        auto node = std::make_unique<Node>();
        node->parent = m_root.get();
        node->isKind = true;
        node->entry.name = titleOf(kind);
        if (kind == Kind::Capabilities) {
            node->entry.key.kind = kind;
        } else {
            node->group = DefinitionGroup{kind, {}};
        }
        m_root->children.push_back(std::move(node));
    }
    m_root->number(0);
}

DefinitionTreeModel::~DefinitionTreeModel() = default;

DefinitionTreeModel::Node *DefinitionTreeModel::nodeAt(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Node *>(index.internalPointer()) : m_root.get();
}

QModelIndex DefinitionTreeModel::indexOf(const Node *node, int column) const
{
    return node == m_root.get() ? QModelIndex() : createIndex(node->row, column, node);
}

DefinitionTreeModel::Node *DefinitionTreeModel::nodeOf(const DefinitionGroup &group) const
{
    if (!group.owner.isEmpty()) {
        const Kind kind = group.kind == Kind::Volume ? Kind::Pool : Kind::SnapshotDomain;
        Node *owner = m_nodes.value({kind, {}, group.owner});
        return owner && owner->group == group ? owner : nullptr;
    }
    const auto found = std::ranges::find_if(
        m_root->children, [&group](const std::unique_ptr<Node> &node) { return node->group == group; });
    return found == m_root->children.end() ? nullptr : found->get();
}

void DefinitionTreeModel::clear()
{
    for (const auto &kind : m_root->children) {
        removeMissing(kind.get(), {});
        kind->asked = false;
        kind->listed = false;
        kind->failed = false;
        kind->error = {};
        announce(kind.get());
    }
}

QList<DefinitionGroup> DefinitionTreeModel::groups() const
{
    QList<DefinitionGroup> all;
    for (const auto &kind : m_root->children) {
        if (kind->group) {
            all.append(*kind->group);
        }
        for (const auto &object : kind->children) {
            if (object->asked && object->group) {
                all.append(*object->group);
            }
        }
    }
    return all;
}

void DefinitionTreeModel::setEntries(const DefinitionGroup &group, const Result<QList<DefinitionEntry>> &entries)
{
    Node *parent = nodeOf(group);
    if (!parent) {
        return;
    }
    parent->asked = true;
    parent->failed = !entries;
    parent->error = entries ? Error() : entries.error();
    if (entries) {
        const QList<DefinitionEntry> distinct = withoutDoubles(*entries);
        parent->listed = true;
        removeMissing(parent, distinct);
        placeAll(parent, distinct);
    } else if (parent->error.kind == Error::Kind::Unsupported || parent->error.kind == Error::Kind::NotFound) {
        parent->listed = false;
        removeMissing(parent, {});
    }
    announce(parent);
}

void DefinitionTreeModel::announce(const Node *node)
{
    Q_EMIT dataChanged(indexOf(node, NameColumn), indexOf(node, ColumnCount - 1));
}

void DefinitionTreeModel::forget(const Node *node)
{
    for (const auto &child : node->children) {
        forget(child.get());
    }
    m_nodes.remove(node->entry.key);
}

void DefinitionTreeModel::removeMissing(Node *parent, const QList<DefinitionEntry> &entries)
{
    QSet<DefinitionKey> kept;
    kept.reserve(entries.size());
    for (const DefinitionEntry &entry : entries) {
        kept.insert(entry.key);
    }
    auto &children = parent->children;
    for (auto last = static_cast<qsizetype>(children.size()) - 1; last >= 0; --last) {
        const auto isKept = [&](qsizetype at) {
            return kept.contains(children[static_cast<size_t>(at)]->entry.key);
        };
        if (isKept(last)) {
            continue;
        }
        qsizetype first = last;
        while (first > 0 && !isKept(first - 1)) {
            --first;
        }
        beginRemoveRows(indexOf(parent), static_cast<int>(first), static_cast<int>(last));
        for (qsizetype at = first; at <= last; ++at) {
            forget(children[static_cast<size_t>(at)].get());
        }
        children.erase(children.begin() + first, children.begin() + last + 1);
        parent->number(static_cast<size_t>(first));
        endRemoveRows();
        last = first;
    }
}

/** Inserts what is new, moves what has another name now, and tells of the rest what changed. */
void DefinitionTreeModel::placeAll(Node *parent, const QList<DefinitionEntry> &entries)
{
    auto &children = parent->children;
    const QModelIndex above = indexOf(parent);
    for (qsizetype at = 0; at < entries.size(); ++at) {
        const int row = static_cast<int>(at);
        const DefinitionEntry &entry = entries.at(at);
        Node *known = m_nodes.value(entry.key);
        if (!known) {
            qsizetype end = at + 1;
            while (end < entries.size() && !m_nodes.contains(entries.at(end).key)) {
                ++end;
            }
            std::vector<std::unique_ptr<Node>> fresh;
            for (qsizetype each = at; each < end; ++each) {
                auto node = std::make_unique<Node>();
                node->parent = parent;
                node->entry = entries.at(each);
                node->group = groupBelow(node->entry);
                m_nodes.insert(node->entry.key, node.get());
                fresh.push_back(std::move(node));
            }
            beginInsertRows(above, row, row + static_cast<int>(fresh.size()) - 1);
            children.insert(
                children.begin() + at, std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()));
            parent->number(static_cast<size_t>(at));
            endInsertRows();
            at = end - 1;
            continue;
        }
        if (known->row != row) {
            const int from = known->row;
            beginMoveRows(above, from, from, above, row); // always upwards: those above are placed
            std::rotate(children.begin() + row, children.begin() + from, children.begin() + from + 1);
            parent->number(static_cast<size_t>(row));
            endMoveRows();
        }
        if (known->entry != entry) {
            known->entry = entry;
            const auto group = groupBelow(entry);
            if (known->group != group) { // stopped, or started
                removeMissing(known, {});
                known->group = group;
                known->asked = false;
                known->listed = false;
                known->failed = false;
            }
            announce(known);
        }
    }
}

std::optional<DefinitionEntry> DefinitionTreeModel::entryAt(const QModelIndex &index) const
{
    const Node *node = nodeAt(index);
    if (node == m_root.get() || (node->isKind && node->group)) {
        return std::nullopt;
    }
    return node->entry;
}

std::optional<DefinitionGroup> DefinitionTreeModel::groupAt(const QModelIndex &index) const
{
    return nodeAt(index)->group;
}

Error DefinitionTreeModel::errorAt(const QModelIndex &index) const
{
    return nodeAt(index)->error;
}

bool DefinitionTreeModel::isListed(const QModelIndex &index) const
{
    return nodeAt(index)->listed;
}

QModelIndex DefinitionTreeModel::indexOf(const DefinitionKey &key) const
{
    if (key.kind == Kind::Capabilities) {
        return indexOfKind(key.kind);
    }
    const Node *node = m_nodes.value(key);
    return node ? indexOf(node) : QModelIndex();
}

QModelIndex DefinitionTreeModel::indexOfKind(Kind kind) const
{
    const auto *const found = std::ranges::find(kinds, kind);
    return found == kinds.end() ? QModelIndex() : index(static_cast<int>(found - kinds.begin()), NameColumn);
}

QModelIndex DefinitionTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent)) {
        return {};
    }
    return createIndex(row, column, nodeAt(parent)->children[static_cast<size_t>(row)].get());
}

QModelIndex DefinitionTreeModel::parent(const QModelIndex &child) const
{
    const Node *node = nodeAt(child);
    return node->parent ? indexOf(node->parent) : QModelIndex();
}

int DefinitionTreeModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeAt(parent)->children.size());
}

int DefinitionTreeModel::columnCount(const QModelIndex & /*parent*/) const
{
    return ColumnCount;
}

bool DefinitionTreeModel::hasChildren(const QModelIndex &parent) const
{
    if (parent.column() > 0) {
        return false;
    }
    const Node *node = nodeAt(parent);
    return !node->children.empty() || (node->group && !node->listed && !node->failed); // nobody knows yet
}

bool DefinitionTreeModel::canFetchMore(const QModelIndex &parent) const
{
    const Node *node = nodeAt(parent);
    return parent.column() <= 0 && node->group && !node->asked;
}

void DefinitionTreeModel::fetchMore(const QModelIndex &parent)
{
    if (canFetchMore(parent)) {
        Node *node = nodeAt(parent);
        node->asked = true;
        Q_EMIT wanted(*node->group);
    }
}

QVariant DefinitionTreeModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Node *node = nodeAt(index);
    if (role == Qt::ToolTipRole) {
        const QString text = node->failed ? node->error.message : node->entry.name;
        return u"<qt>%1</qt>"_s.arg(text.toHtmlEscaped());
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    if (index.column() == NameColumn) {
        return node->entry.name;
    }
    if (node->failed) {
        return node->error.kind == Error::Kind::Unsupported ? tr("not supported") : tr("can't be read");
    }
    if (node->isKind) {
        return node->listed ? QLocale().toString(static_cast<int>(node->children.size())) : QString();
    }
    switch (node->entry.state) {
    case State::Active:
        return node->entry.persistent ? tr("active") : tr("active, not stored");
    case State::Inactive:
        return tr("inactive");
    case State::None:
        break;
    }
    return {};
}

QVariant DefinitionTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    return section == NameColumn ? tr("Name") : tr("State");
}

} // namespace vireo::model
