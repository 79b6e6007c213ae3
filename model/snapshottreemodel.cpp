// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/snapshottreemodel.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <QDateTime>
#include <QLocale>
#include <QSet>

#include "model/format.h"
#include "model/snapshottexts.h"

using namespace Qt::StringLiterals;

namespace vireo::model {

using snapshot::Snapshot;

/** What one row shows. */
struct SnapshotTreeModel::Row {
    Snapshot snapshot; ///< of "now": only the state
    bool isNow = false;
    bool inNow = false;
    quint64 bytes = 0;
    bool isSizeUnknown = false;
    QStringList problems;
    bool isFatal = false;
    bool hasPicture = false;
    friend bool operator==(const Row &, const Row &) = default;
};

struct SnapshotTreeModel::Node {
    QString key; ///< the snapshot's name; of "now" empty
    Node *parent = nullptr;
    std::vector<std::unique_ptr<Node>> children;
    Row content;
    int row = 0; ///< among its siblings
    int lane = 0;
    bool isLast = true;

    void number(size_t from)
    {
        for (size_t i = from; i < children.size(); ++i) {
            children[i]->row = static_cast<int>(i);
        }
    }
};

/** The tree as it shall be. */
struct SnapshotTreeModel::Wanted {
    QHash<QString, QStringList> children; ///< by name; the roots under the empty one, which is also that of "now"
    QHash<QString, Row> rows;
    Row now;
};

SnapshotTreeModel::SnapshotTreeModel(QObject *parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Node>())
{}

SnapshotTreeModel::~SnapshotTreeModel() = default;

SnapshotTreeModel::Node *SnapshotTreeModel::nodeAt(const QModelIndex &index) const
{
    return index.isValid() ? static_cast<Node *>(index.internalPointer()) : m_root.get();
}

QModelIndex SnapshotTreeModel::indexOf(const Node *node, int column) const
{
    return node == m_root.get() ? QModelIndex() : createIndex(node->row, column, node);
}

QModelIndex SnapshotTreeModel::indexOf(const QString &snapshot) const
{
    const Node *node = m_nodes.value(snapshot);
    return node ? indexOf(node) : QModelIndex();
}

SnapshotTreeModel::Wanted SnapshotTreeModel::wantedOf(
    const snapshot::Facts &facts, const QList<snapshot::Discrepancy> &discrepancies) const
{
    Wanted wanted;
    QHash<QString, const Snapshot *> known;
    for (const Snapshot &snapshot : facts.snapshots) {
        known.insert(snapshot.name, &snapshot);
    }
    const Snapshot *current = nullptr;
    for (const Snapshot &snapshot : facts.snapshots) {
        current = snapshot.current ? &snapshot : current;
    }
    QSet<QString> inNow;
    for (const Snapshot *each = current; each && !inNow.contains(each->name); each = known.value(each->parent)) {
        inNow.insert(each->name);
    }
    for (const Snapshot &snapshot : facts.snapshots) {
        Row row;
        row.snapshot = snapshot;
        row.inNow = inNow.contains(snapshot.name);
        row.bytes = snapshotBytes(facts, snapshot);
        row.isSizeUnknown = isSizeUnknown(facts, snapshot);
        row.hasPicture = m_pictures.contains(snapshot.name);
        wanted.rows.insert(snapshot.name, row);
        // One whose parent is not there (somebody removed its metadata by hand) begins a tree of its own.
        wanted.children[known.contains(snapshot.parent) ? snapshot.parent : QString()].append(snapshot.name);
    }
    wanted.now.isNow = true;
    wanted.now.inNow = true;
    wanted.now.snapshot.state = facts.domain.state;
    for (const snapshot::Discrepancy &each : discrepancies) {
        const auto found = wanted.rows.find(each.snapshot);
        Row &row = each.snapshot.isEmpty() || found == wanted.rows.end() ? wanted.now : *found;
        row.problems.append(each.text);
        row.isFatal = row.isFatal || each.isFatal;
    }
    for (QStringList &siblings : wanted.children) {
        std::stable_sort(siblings.begin(), siblings.end(), [&](const QString &one, const QString &other) {
            if (inNow.contains(one) != inNow.contains(other)) {
                return inNow.contains(other);
            }
            return known.value(one)->created < known.value(other)->created;
        });
    }
    // Without a snapshot there is nothing that "now" could be told apart from.
    if (!facts.snapshots.isEmpty()) {
        wanted.children[current ? current->name : QString()].append(QString());
    }
    return wanted;
}

void SnapshotTreeModel::setFacts(const snapshot::Facts &facts, const QList<snapshot::Discrepancy> &discrepancies)
{
    const bool first = m_root->children.empty();
    m_facts = facts;
    const Wanted wanted = wantedOf(facts, discrepancies);
    if (first) {
        beginResetModel();
        m_filling = true;
    }
    place(m_root.get(), wanted);
    removeRest(m_root.get(), wanted);
    m_lanes = 0;
    for (const auto &root : m_root->children) {
        updateLanes(root.get(), 0);
    }
    if (first) {
        m_filling = false;
        endResetModel();
    }
}

void SnapshotTreeModel::clear()
{
    beginResetModel();
    m_root = std::make_unique<Node>();
    m_nodes.clear();
    m_facts = {};
    m_pictures.clear();
    m_hasPictures = false;
    m_lanes = 0;
    endResetModel();
}

/**
 * Brings the children of `parent` into place, then theirs: inserts what is new, fetches from elsewhere what stands
 * under another parent now. Parents are placed before their children, so that nothing ever moves below itself, and what
 * shall go is left at the ends, without anything below it that stays.
 */
void SnapshotTreeModel::place(Node *root, const Wanted &wanted)
{
    std::vector<Node *> open{root}; // a loop: chains may be hundreds deep
    while (!open.empty()) {
        Node *parent = open.back();
        open.pop_back();
        const QStringList names = wanted.children.value(parent == m_root.get() ? QString() : parent->key);
        for (qsizetype at = 0; at < names.size(); ++at) {
            Node *node = placeOne(parent, names.at(at), static_cast<int>(at));
            const Row &content = names.at(at).isEmpty() ? wanted.now : *wanted.rows.constFind(names.at(at));
            if (node->content != content) {
                node->content = content;
                if (!m_filling) {
                    Q_EMIT dataChanged(indexOf(node, NameColumn), indexOf(node, ColumnCount - 1));
                }
            }
            if (!node->key.isEmpty()) {
                open.push_back(node);
            }
        }
    }
}

SnapshotTreeModel::Node *SnapshotTreeModel::placeOne(Node *parent, const QString &key, int row)
{
    const QModelIndex above = indexOf(parent);
    if (Node *known = m_nodes.value(key)) {
        if (known->parent != parent || known->row != row) {
            Node *from = known->parent;
            const int at = known->row;
            beginMoveRows(indexOf(from), at, at, above, row); // within one parent always upwards
            auto moved = std::move(from->children[static_cast<size_t>(at)]);
            from->children.erase(from->children.begin() + at);
            from->number(static_cast<size_t>(at));
            moved->parent = parent;
            parent->children.insert(parent->children.begin() + row, std::move(moved));
            parent->number(static_cast<size_t>(row));
            endMoveRows();
        }
        return known;
    }
    auto made = std::make_unique<Node>();
    Node *node = made.get();
    node->key = key;
    node->parent = parent;
    if (!m_filling) {
        beginInsertRows(above, row, row);
    }
    m_nodes.insert(key, node);
    parent->children.insert(parent->children.begin() + row, std::move(made));
    parent->number(static_cast<size_t>(row));
    if (!m_filling) {
        endInsertRows();
    }
    return node;
}

void SnapshotTreeModel::removeRest(Node *root, const Wanted &wanted)
{
    std::vector<Node *> open{root};
    while (!open.empty()) {
        Node *parent = open.back();
        open.pop_back();
        const auto kept =
            static_cast<size_t>(wanted.children.value(parent == m_root.get() ? QString() : parent->key).size());
        if (parent->children.size() > kept) {
            beginRemoveRows(indexOf(parent), static_cast<int>(kept), static_cast<int>(parent->children.size()) - 1);
            for (size_t at = kept; at < parent->children.size(); ++at) {
                forget(parent->children[at].get());
            }
            parent->children.resize(kept);
            endRemoveRows();
        }
        for (const auto &child : parent->children) {
            if (!child->key.isEmpty()) {
                open.push_back(child.get());
            }
        }
    }
}

void SnapshotTreeModel::forget(const Node *node)
{
    std::vector<const Node *> open{node};
    while (!open.empty()) {
        const Node *each = open.back();
        open.pop_back();
        m_nodes.remove(each->key);
        for (const auto &child : each->children) {
            open.push_back(child.get());
        }
    }
}

/** The last child goes on in its parent's lane, the others branch off to the right. */
void SnapshotTreeModel::updateLanes(Node *root, int first)
{
    std::vector<std::pair<Node *, int>> open{{root, first}};
    while (!open.empty()) {
        const auto [node, lane] = open.back();
        open.pop_back();
        const bool isLast = node == node->parent->children.back().get();
        if (std::exchange(node->lane, lane) != lane || std::exchange(node->isLast, isLast) != isLast) {
            node->isLast = isLast;
            if (!m_filling) {
                Q_EMIT dataChanged(indexOf(node), indexOf(node), {LaneRole, IsLastRole});
            }
        }
        m_lanes = std::max(m_lanes, lane);
        for (const auto &child : node->children) {
            open.emplace_back(child.get(), child == node->children.back() ? lane : lane + 1);
        }
    }
}

void SnapshotTreeModel::setPictures(const QStringList &snapshots)
{
    m_pictures = snapshots;
    m_hasPictures = !snapshots.isEmpty();
    for (Node *node : std::as_const(m_nodes)) {
        const bool has = !node->key.isEmpty() && m_pictures.contains(node->key);
        if (node->content.hasPicture != has) {
            node->content.hasPicture = has;
            Q_EMIT dataChanged(indexOf(node), indexOf(node), {PictureRole, Qt::SizeHintRole});
        }
    }
}

QModelIndex SnapshotTreeModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent)) {
        return {};
    }
    return createIndex(row, column, nodeAt(parent)->children[static_cast<size_t>(row)].get());
}

QModelIndex SnapshotTreeModel::parent(const QModelIndex &child) const
{
    return child.isValid() ? indexOf(nodeAt(child)->parent) : QModelIndex();
}

int SnapshotTreeModel::rowCount(const QModelIndex &parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(nodeAt(parent)->children.size());
}

int SnapshotTreeModel::columnCount(const QModelIndex & /*parent*/) const
{
    return ColumnCount;
}

QVariant SnapshotTreeModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) {
        return {};
    }
    const Node &node = *nodeAt(index);
    const Row &row = node.content;
    switch (role) {
    case Qt::DisplayRole:
        return displayText(row, index.column());
    case Qt::ToolTipRole:
        return toolTip(row, index.column());
    case Qt::AccessibleTextRole:
        return index.column() == NameColumn ? accessibleText(row) : displayText(row, index.column());
    case Qt::TextAlignmentRole:
        return index.column() == SizeColumn ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case SnapshotRole:
        return node.key;
    case IsNowRole:
        return row.isNow;
    case InNowRole:
        return row.inNow;
    case DomainStateRole:
        return static_cast<int>(row.snapshot.state);
    case DiskOnlyRole:
        return row.snapshot.isDiskOnly;
    case MemoryRole:
        return row.snapshot.memory != Snapshot::Memory::None;
    case BytesRole:
        return row.bytes;
    case ProblemRole:
        return row.problems.join(u'\n');
    case FatalRole:
        return row.isFatal;
    case PictureRole:
        return row.hasPicture ? node.key : QString();
    case SummaryRole:
        return row.isNow ? virt::stateText(row.snapshot.state)
                         : tr("%1, %2", "kind and state of a snapshot")
                               .arg(snapshotKindText(row.snapshot), snapshotStateText(row.snapshot));
    case AgeRole:
        return row.isNow || !row.snapshot.created.isValid()
            ? QString()
            : formatAge(row.snapshot.created.secsTo(QDateTime::currentDateTimeUtc()));
    case LaneRole:
        return node.lane;
    case IsLastRole:
        return node.isLast;
    default:
        return {};
    }
}

QVariant SnapshotTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole && section == SizeColumn) {
        return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case NameColumn:
        return tr("Snapshot");
    case KindColumn:
        return tr("Kind");
    case StateColumn:
        return tr("State");
    case TimeColumn:
        return tr("Taken");
    case SizeColumn:
        return tr("Size");
    default:
        return {};
    }
}

QString SnapshotTreeModel::displayText(const Row &row, int column) const
{
    const Snapshot &snapshot = row.snapshot;
    switch (column) {
    case NameColumn:
        return row.isNow ? tr("Now") : snapshot.name;
    case KindColumn:
        return row.isNow ? QString() : snapshotKindText(snapshot);
    case StateColumn:
        return row.isNow ? virt::stateText(snapshot.state) : snapshotStateText(snapshot);
    case TimeColumn:
        return row.isNow || !snapshot.created.isValid()
            ? QString()
            : QLocale().toString(snapshot.created.toLocalTime(), QLocale::ShortFormat);
    case SizeColumn:
        return row.bytes > 0 ? formatBytes(row.bytes) : QString();
    default:
        return {};
    }
}

/** Tool tips are rich text where they look like it: what hosts say is escaped. */
QString SnapshotTreeModel::toolTip(const Row &row, int column) const
{
    const Snapshot &snapshot = row.snapshot;
    QStringList lines;
    if (column == TimeColumn) {
        if (!row.isNow && snapshot.created.isValid()) {
            lines = {QLocale().toString(snapshot.created.toLocalTime(), QLocale::LongFormat),
                formatAge(snapshot.created.secsTo(QDateTime::currentDateTimeUtc()))};
        }
    } else if (column == SizeColumn) {
        lines = snapshotFileLines(m_facts, snapshot);
        if (lines.isEmpty() && !row.isNow && snapshot.isInternal()) {
            lines = {tr("It is kept within the image itself.")};
        } else if (row.isSizeUnknown) {
            lines.append(tr("The size of some of its files is not known."));
        }
    } else {
        lines = QStringList{row.isNow ? tr("The virtual machine as it is now") : snapshot.name};
        if (!snapshot.description.isEmpty()) {
            lines.append(snapshot.description);
        }
        lines.append(row.problems);
    }
    return lines.join(u'\n').toHtmlEscaped().replace(u'\n', "<br>"_L1);
}

QString SnapshotTreeModel::accessibleText(const Row &row) const
{
    QStringList parts{displayText(row, NameColumn)};
    if (row.isNow) {
        parts.append(virt::stateText(row.snapshot.state));
    } else {
        parts.append(snapshotKindText(row.snapshot));
        parts.append(snapshotStateText(row.snapshot));
        parts.append(formatAge(row.snapshot.created.secsTo(QDateTime::currentDateTimeUtc())));
    }
    parts.append(displayText(row, SizeColumn));
    parts.append(row.problems);
    parts.removeAll(QString());
    return parts.join(tr(", ", "between parts of what a screen reader says"));
}

} // namespace vireo::model
