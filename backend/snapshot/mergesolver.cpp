// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/mergesolver.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>

#include "backend/snapshot/chainrecords.h"

namespace vireo::snapshot {

namespace {

using Presence = FileFacts::Presence;

struct MergeText {
    Q_DECLARE_TR_FUNCTIONS(SnapshotMerge)
};

QString fileName(const QString &path)
{
    return QFileInfo(path).fileName();
}

} // namespace

MergeSolver::MergeSolver(const Facts &facts, const QString &target, const QSet<QString> &doomed)
    : m_facts(facts)
    , m_target(target)
    , m_doomed(doomed)
    , m_tree(facts, target)
    , m_running(facts.domain.isActive())
{
    const QList<LayerTree::Node> &nodes = m_tree.nodes();
    for (const LayerTree::Node &from : nodes) {
        Node node;
        node.layer = from.layer;
        node.parent = from.parent;
        node.children = from.children;
        node.users = from.users;
        node.isNow = from.isNow;
        node.inNow = from.inNow;
        node.allocation = m_facts.files.value(from.layer.path).allocation;
        for (const QString &name : from.states) {
            if (m_doomed.contains(name)) {
                node.touched = true;
                node.doomed.append(name);
            } else {
                node.states.append(name);
            }
        }
        for (const QString &name : from.internals) {
            node.touched = node.touched || m_doomed.contains(name);
            node.keepsInternal = node.keepsInternal || !m_doomed.contains(name);
        }
        node.touched = node.touched || m_doomed.contains(from.overlayOf);
        const bool liesOnState = from.parent >= 0 && !nodes[from.parent].states.isEmpty();
        node.isOurs = from.parent >= 0 && (!from.overlayOf.isEmpty() || liesOnState);
        m_nodes.append(std::move(node));
    }
    for (const Snapshot &snapshot : facts.snapshots) {
        const SnapshotDisk *disk = snapshot.disk(target);
        if (!disk) {
            continue;
        }
        QStringList mentions;
        for (const Layer &layer : disk->state) {
            mentions.append(layer.path);
        }
        if (disk->kind == SnapshotDisk::Kind::External) {
            mentions.append(disk->overlay.path);
        }
        m_records.append({snapshot.name, mentions});
    }
}

QString MergeSolver::nowPath() const
{
    const auto now = std::ranges::find(m_nodes, true, &Node::isNow);
    return now == m_nodes.end() ? QString() : now->layer.path;
}

bool MergeSolver::isFree(const Node &node) const
{
    return node.states.isEmpty() && !node.isNow && !node.keepsInternal && node.users.isEmpty();
}

bool MergeSolver::isConnected(int index) const
{
    int root = index;
    while (m_nodes[root].parent >= 0) {
        root = m_nodes[root].parent;
    }
    const auto now = std::ranges::find(m_nodes, true, &Node::isNow);
    if (now == m_nodes.end()) {
        return false;
    }
    int at = static_cast<int>(now - m_nodes.begin());
    while (m_nodes[at].parent >= 0) {
        at = m_nodes[at].parent;
    }
    return at == root;
}

int MergeSolver::depth(int index) const
{
    int result = 0;
    for (int at = m_nodes[index].parent; at >= 0; at = m_nodes[at].parent) {
        ++result;
    }
    return result;
}

Chain MergeSolver::chainFrom(int index) const
{
    Chain chain;
    for (int at = index; at >= 0; at = m_nodes[at].parent) {
        chain.append(m_nodes[at].layer);
    }
    return chain;
}

void MergeSolver::run(Deletion &deletion)
{
    const bool concerned = std::ranges::any_of(m_nodes, &Node::touched);
    if (!concerned) {
        return;
    }
    if (!m_facts.disk(m_target)) {
        deletion.kept.append(
            MergeText::tr("The VM has no disk %1 any more: its files stay as they are.").arg(m_target));
        return;
    }
    forgetMissing();
    drop(deletion);
    while (mergeOne(deletion)) {}
    tellKept(deletion);
}

/** Overlays that are still on record although they went, as after going back, are in nobody's way. */
void MergeSolver::forgetMissing()
{
    for (bool again = true; again;) {
        again = false;
        for (int i = 0; i < m_nodes.size(); ++i) {
            Node &node = m_nodes[i];
            if (!node.gone && node.parent >= 0 && node.children.isEmpty() && isFree(node)
                && m_facts.files.value(node.layer.path).presence == Presence::Missing) {
                node.gone = true;
                m_nodes[node.parent].children.removeAll(i);
                again = true;
            }
        }
    }
}

void MergeSolver::drop(Deletion &deletion)
{
    for (bool again = true; again;) {
        again = false;
        for (int i = 0; i < m_nodes.size(); ++i) {
            Node &node = m_nodes[i];
            if (node.gone || !node.touched || !node.children.isEmpty() || !node.isOurs || !isFree(node)
                || !isConnected(i)) {
                continue;
            }
            Merge merge;
            merge.kind = Merge::Kind::Drop;
            merge.target = m_target;
            merge.top = node.layer;
            merge.gone = node.layer.path;
            merge.freed = node.allocation;
            deletion.merges.append(merge);
            node.gone = true;
            m_nodes[node.parent].children.removeAll(i);
            m_nodes[node.parent].touched = true;
            again = true;
        }
    }
}

QString MergeSolver::obstacle(int upper) const
{
    const ChainRecords records(m_facts, m_target);
    const Chain chain = chainFrom(upper);
    if (m_nodes[upper].inNow && !m_running && m_facts.domain.managedSave) {
        return MergeText::tr("%1 has a saved state that needs its disks as they are. Start the VM or discard the saved "
                             "state first.")
            .arg(m_facts.domain.name);
    }
    for (qsizetype i = 0; i < chain.size(); ++i) {
        const QString &path = chain[i].path;
        if (i < 2 && !isLocalFile(path)) {
            return MergeText::tr("“%1” is on network storage, where nothing can be merged.").arg(path);
        }
        if (i < 2 && chain[i].format.isEmpty()) {
            return MergeText::tr("Nobody recorded of which format “%1” is, and guessing it would be dangerous.")
                .arg(path);
        }
        const auto file = m_facts.files.constFind(path);
        if (file == m_facts.files.constEnd()) {
            continue;
        }
        if (file->presence == Presence::Missing) {
            return MergeText::tr("The file “%1” is missing.").arg(path);
        }
        if (file->presence == Presence::Present && records.isContradicted(path, file->backingPath)) {
            return MergeText::tr("“%1” does not lie on the file that was recorded: the chain was changed by hand.")
                .arg(path);
        }
    }
    return {};
}

QString MergeSolver::whyNoCommit(int lower, int upper) const
{
    const Node &base = m_nodes[lower];
    const Node &top = m_nodes[upper];
    if (!base.users.isEmpty()) {
        return MergeText::tr("“%1” stays as it is: %2 needs it.")
            .arg(fileName(base.layer.path), base.users.join(u", "));
    }
    if (!top.users.isEmpty()) {
        return MergeText::tr("“%1” stays as it is: %2 needs it.").arg(fileName(top.layer.path), top.users.join(u", "));
    }
    if (top.keepsInternal) {
        return MergeText::tr("“%1” stays: an internal snapshot within it stays, too.").arg(fileName(top.layer.path));
    }
    if (!top.isOurs) {
        return MergeText::tr("“%1” stays: no snapshot made it.").arg(fileName(top.layer.path));
    }
    if (m_running && top.inNow) {
        // The emulator's commit changes the chain in use alone; what the other branches need of the layer is copied
        // into them, which internal snapshots would not survive if it failed half-way.
        const bool mixed = std::ranges::any_of(
            top.children, [this](int child) { return !m_nodes[child].inNow && m_nodes[child].keepsInternal; });
        if (mixed) {
            return MergeText::tr("“%1” stays while the VM runs: internal snapshots of another branch lie on it.")
                .arg(fileName(top.layer.path));
        }
    }
    return {};
}

bool MergeSolver::canPull(int lower, int upper) const
{
    const Node &base = m_nodes[lower];
    const Node &top = m_nodes[upper];
    // The lowest file never goes; and without a file beneath it, the pull would be of the whole disk.
    if (base.parent < 0 || !base.isOurs || base.keepsInternal || !base.users.isEmpty() || top.keepsInternal
        || !top.users.isEmpty()) {
        return false;
    }
    // A paused guest makes the emulator write nothing down: what was pulled would be in its memory alone.
    const bool runs = m_facts.domain.state == virt::DomainState::Running;
    return !m_running || !top.inNow || (top.isNow && runs);
}

bool MergeSolver::mergeOne(Deletion &deletion)
{
    // From the lowest on: so each layer's content moves once, however many of them go.
    int lower = -1;
    for (int i = 0; i < m_nodes.size(); ++i) {
        const Node &node = m_nodes[i];
        if (!node.gone && node.touched && node.states.isEmpty() && !node.isNow && node.children.size() == 1
            && !m_settled.contains(i) && isConnected(i) && (lower < 0 || depth(i) < depth(lower))) {
            lower = i;
        }
    }
    if (lower < 0) {
        return false;
    }
    const int upper = m_nodes[lower].children.first();
    const QString why = whyNoCommit(lower, upper);
    const bool pullable = canPull(lower, upper);
    if (!why.isEmpty() && !pullable) {
        deletion.kept.append(why);
        m_settled.insert(lower);
        return true;
    }
    if (const QString problem = obstacle(upper); !problem.isEmpty()) {
        deletion.blockers.append(problem);
        m_settled.insert(lower);
        return true;
    }
    if (pullable && (!why.isEmpty() || m_nodes[lower].allocation < m_nodes[upper].allocation)) {
        pull(lower, upper, deletion);
    } else {
        commit(lower, upper, deletion);
    }
    return true;
}

Merge MergeSolver::merge(Merge::Kind kind, int top, int base, int from) const
{
    Merge result;
    result.kind = kind;
    result.target = m_target;
    result.top = m_nodes[top].layer;
    result.base = m_nodes[base].layer;
    result.chain = chainFrom(from);
    result.inNow = m_nodes[from].inNow;
    result.isActive = m_nodes[top].isNow;
    result.bytes = m_nodes[kind == Merge::Kind::Pull ? base : top].allocation;
    return result;
}

QList<Repoint> MergeSolver::repoints(const Layer &from, const Layer &to)
{
    QList<Repoint> result;
    for (auto &[name, mentions] : m_records) {
        if (mentions.contains(from.path)) {
            std::ranges::replace(mentions, from.path, to.path);
            result.append({name, m_target, from.path, to.path, to.format});
        }
    }
    return result;
}

void MergeSolver::commit(int lower, int upper, Deletion &deletion)
{
    Node &base = m_nodes[lower];
    Node &top = m_nodes[upper];
    const bool live = m_running && top.inNow;
    QList<Merge> parts;
    if (top.children.isEmpty()) {
        parts.append(merge(Merge::Kind::Commit, upper, lower, upper));
    } else {
        QList<int> children = top.children;
        std::ranges::stable_partition(children, [this](int child) { return m_nodes[child].inNow; });
        const int first = children.takeFirst();
        int from = first;
        const auto now = std::ranges::find(m_nodes, true, &Node::isNow);
        if (live && now != m_nodes.end()) {
            from = static_cast<int>(now - m_nodes.begin());
        }
        parts.append(merge(Merge::Kind::Commit, upper, lower, from));
        for (const int child : std::as_const(children)) {
            if (live) {
                // The running emulator holds the lower file, so that nobody else can write to it; but what another
                // branch needs of the layer can be read into that branch. Before the commit, so that it is never
                // without it; after it, both say the same.
                parts.insert(parts.size() - 1, merge(Merge::Kind::Pull, child, upper, child));
            } else {
                // The same content once more: only the branch's own backing file changes by it.
                parts.append(merge(Merge::Kind::Commit, upper, lower, child));
            }
        }
    }
    parts.last().gone = top.layer.path;
    parts.last().freed = top.allocation;
    parts.last().repoints = repoints(top.layer, base.layer);
    for (Merge &part : parts) {
        if (part.kind == Merge::Kind::Commit) {
            part.destroys = base.doomed;
        }
        if (part.kind == Merge::Kind::Pull) {
            part.inNow = false;
            m_nodes[m_tree.indexOf(part.top.path)].allocation += top.allocation;
        }
    }
    deletion.merges.append(parts);

    base.children = top.children;
    for (const int child : std::as_const(base.children)) {
        m_nodes[child].parent = lower;
    }
    base.states = top.states;
    base.doomed = top.doomed; // the next merge into it is their end
    base.isNow = top.isNow;
    base.allocation += top.allocation;
    base.touched = true;
    top.gone = true;
    top.isNow = false;
}

void MergeSolver::pull(int lower, int upper, Deletion &deletion)
{
    Node &base = m_nodes[lower];
    Node &top = m_nodes[upper];
    Merge part = merge(Merge::Kind::Pull, upper, lower, upper);
    part.gone = base.layer.path;
    part.freed = base.allocation;
    part.destroys = base.doomed;
    part.repoints = repoints(base.layer, top.layer);
    deletion.merges.append(part);

    QList<int> &siblings = m_nodes[base.parent].children;
    siblings.replace(siblings.indexOf(lower), upper);
    top.parent = base.parent;
    top.isOurs = top.isOurs || base.isOurs;
    top.allocation += base.allocation;
    top.touched = true;
    base.gone = true;
}

void MergeSolver::tellKept(Deletion &deletion) const
{
    for (int i = 0; i < m_nodes.size(); ++i) {
        const Node &node = m_nodes[i];
        if (node.gone || !node.touched || !node.states.isEmpty() || node.isNow || m_settled.contains(i)) {
            continue;
        }
        const QString name = fileName(node.layer.path);
        if (!isConnected(i)) {
            deletion.kept.append(
                MergeText::tr("“%1” stays: it is no part of what the disk %2 is now.").arg(name, m_target));
        } else if (!node.users.isEmpty()) {
            deletion.kept.append(MergeText::tr("“%1” stays as it is: %2 needs it.").arg(name, node.users.join(u", ")));
        } else if (node.children.size() > 1) {
            deletion.kept.append(MergeText::tr("“%1” stays: several branches lie on it.").arg(name));
        } else if (node.children.isEmpty() && node.keepsInternal) {
            deletion.kept.append(MergeText::tr("“%1” stays: an internal snapshot within it stays, too.").arg(name));
        }
    }
}

} // namespace vireo::snapshot
