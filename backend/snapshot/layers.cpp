// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/layers.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>
#include <QSet>

#include "backend/snapshot/chainrecords.h"

using namespace Qt::StringLiterals;

namespace vireo::snapshot {

namespace {

using Presence = FileFacts::Presence;

struct LayerText {
    Q_DECLARE_TR_FUNCTIONS(SnapshotLayers)
};

/** Which of the domain's own other disks have a file. */
QHash<QString, QStringList> filesOfOtherDisks(const Facts &facts, const QString &target)
{
    QHash<QString, QStringList> users;
    const auto add = [&users](const QString &path, const QString &user) {
        QStringList &known = users[path];
        if (!known.contains(user)) {
            known.append(user);
        }
    };
    for (const DiskNow &disk : facts.disks) {
        for (const Layer &layer : disk.chain) {
            if (disk.target != target) {
                add(layer.path, disk.target);
            }
        }
    }
    for (const Snapshot &snapshot : facts.snapshots) {
        for (const SnapshotDisk &disk : snapshot.disks) {
            if (disk.target == target || disk.kind == SnapshotDisk::Kind::None) {
                continue;
            }
            for (const Layer &layer : disk.state) {
                add(layer.path, disk.target);
            }
        }
    }
    return users;
}

QString fileName(const QString &path)
{
    return QFileInfo(path).fileName();
}

} // namespace

LayerTree::LayerTree(const Facts &facts, const QString &target)
    : m_target(target)
{
    const ChainRecords records(facts, target);
    const QHash<QString, QStringList> others = filesOfOtherDisks(facts, target);
    m_nodes.reserve(records.paths().size());
    for (const QString &path : records.paths()) {
        Node node;
        node.layer = {path, records.formatOf(path)};
        const auto file = facts.files.constFind(path);
        node.users = file == facts.files.constEnd() ? QStringList() : file->users;
        node.users += others.value(path);
        m_index.insert(path, static_cast<int>(m_nodes.size()));
        m_nodes.append(std::move(node));
    }
    for (int i = 0; i < m_nodes.size(); ++i) {
        const int parent = indexOf(records.parentOf(m_nodes[i].layer.path));
        bool isCircle = parent == i;
        for (int at = parent; at >= 0 && !isCircle; at = m_nodes[at].parent) {
            isCircle = at == i;
        }
        if (parent >= 0 && !isCircle) {
            m_nodes[i].parent = parent;
            m_nodes[parent].children.append(i);
        }
    }
    for (const Snapshot &snapshot : facts.snapshots) {
        const SnapshotDisk *disk = snapshot.disk(target);
        const int state = disk && !disk->state.isEmpty() ? indexOf(disk->state.first().path) : -1;
        if (state >= 0 && disk->kind == SnapshotDisk::Kind::External) {
            m_nodes[state].states.append(snapshot.name);
        } else if (state >= 0 && disk->kind == SnapshotDisk::Kind::Internal) {
            m_nodes[state].internals.append(snapshot.name);
        }
        const int overlay = disk && disk->kind == SnapshotDisk::Kind::External ? indexOf(disk->overlay.path) : -1;
        if (overlay >= 0) {
            m_nodes[overlay].overlayOf = snapshot.name;
        }
    }
    const DiskNow *now = facts.disk(target);
    int at = now && !now->chain.isEmpty() ? indexOf(now->chain.first().path) : -1;
    if (at >= 0) {
        m_nodes[at].isNow = true;
    }
    for (; at >= 0; at = m_nodes[at].parent) {
        m_nodes[at].inNow = true;
    }
}

int LayerTree::indexOf(const QString &path) const
{
    return path.isEmpty() ? -1 : m_index.value(path, -1);
}

Chain LayerTree::chainOf(const QString &path) const
{
    Chain chain;
    for (int at = indexOf(path); at >= 0; at = m_nodes[at].parent) {
        chain.append(m_nodes[at].layer);
    }
    return chain;
}

namespace {

/** Collects what is wrong with one domain's files. */
class Check final
{
public:
    explicit Check(const Facts &facts)
        : m_facts(facts)
    {}

    QList<Discrepancy> run()
    {
        for (const Snapshot &snapshot : m_facts.snapshots) {
            checkMemory(snapshot);
        }
        QStringList targets;
        for (const DiskNow &disk : m_facts.disks) {
            targets.append(disk.target);
        }
        for (const Snapshot &snapshot : m_facts.snapshots) {
            for (const SnapshotDisk &disk : snapshot.disks) {
                if (disk.kind != SnapshotDisk::Kind::None && !targets.contains(disk.target)) {
                    targets.append(disk.target);
                }
            }
        }
        for (const QString &target : std::as_const(targets)) {
            checkDisk(target);
        }
        return m_found;
    }

private:
    bool isMissing(const QString &path) const
    {
        const auto file = m_facts.files.constFind(path);
        return file != m_facts.files.constEnd() && file->presence == Presence::Missing;
    }

    void checkMemory(const Snapshot &snapshot)
    {
        if (snapshot.memory != Snapshot::Memory::External || !isMissing(snapshot.memoryFile)) {
            return;
        }
        m_found.append({snapshot.name, snapshot.memoryFile,
            LayerText::tr("The memory of “%1” is missing: “%2”.").arg(snapshot.name, snapshot.memoryFile),
            LayerText::tr("The file was deleted or moved."),
            LayerText::tr("Put it back, or go back without its memory by starting the VM afterwards."), true});
    }

    void checkDisk(const QString &target)
    {
        const LayerTree tree(m_facts, target);
        const ChainRecords records(m_facts, target);
        for (const Snapshot &snapshot : m_facts.snapshots) {
            const SnapshotDisk *disk = snapshot.disk(target);
            if (disk && disk->kind != SnapshotDisk::Kind::None && !disk->state.isEmpty()) {
                checkState(tree, snapshot, *disk);
            }
        }
        if (const DiskNow *now = m_facts.disk(target); now && !now->chain.isEmpty() && !now->isNetwork) {
            const Chain chain = tree.chainOf(now->chain.first().path);
            if (const QString missing = firstMissing(chain); !missing.isEmpty()) {
                m_found.append(
                    {{}, missing, LayerText::tr("A file of the disk %1 is missing: “%2”.").arg(target, missing),
                        LayerText::tr("It was deleted or moved. The VM can't start again without it."),
                        LayerText::tr("Put it back, or go back to a snapshot that does not need it."), true});
            }
        }
        for (const LayerTree::Node &node : tree.nodes()) {
            checkBacking(tree, records, node);
        }
    }

    QString firstMissing(const Chain &chain) const
    {
        const auto found = std::ranges::find_if(chain, [this](const Layer &layer) { return isMissing(layer.path); });
        return found == chain.end() ? QString() : found->path;
    }

    void checkState(const LayerTree &tree, const Snapshot &snapshot, const SnapshotDisk &disk)
    {
        const QString path = disk.state.first().path;
        if (const QString missing = firstMissing(tree.chainOf(path)); !missing.isEmpty()) {
            m_found.append(
                {snapshot.name, missing, LayerText::tr("A file of “%1” is missing: “%2”.").arg(snapshot.name, missing),
                    LayerText::tr("It was deleted or moved. The state of %1 is lost without it.").arg(disk.target),
                    LayerText::tr("Put it back, or remove the snapshot's entry alone."), true});
            return;
        }
        const int index = tree.indexOf(path);
        if (disk.kind == SnapshotDisk::Kind::External && index >= 0 && tree.nodes()[index].isNow) {
            m_found.append({snapshot.name, path,
                LayerText::tr("The VM writes to the state of “%1”: %2").arg(snapshot.name, path),
                LayerText::tr("Its disk %1 was set to that file by hand, or a merge was not entered.").arg(disk.target),
                LayerText::tr("Remove the snapshot's entry alone: what it was is lost."), true});
        }
    }

    void checkBacking(const LayerTree &tree, const ChainRecords &records, const LayerTree::Node &node)
    {
        const QString &path = node.layer.path;
        const auto file = m_facts.files.constFind(path);
        if (file == m_facts.files.constEnd() || file->presence != Presence::Present
            || !records.isContradicted(path, file->backingPath)) {
            return;
        }
        const QString recorded = node.parent < 0 ? QString() : tree.nodes()[node.parent].layer.path;
        QString text = file->backingPath.isEmpty()
            ? LayerText::tr("“%1” lies on no other file, but should lie on “%2”.")
                  .arg(fileName(path), fileName(recorded))
            : LayerText::tr("“%1” lies on “%2”, but should lie on “%3”.")
                  .arg(fileName(path), fileName(file->backingPath), fileName(recorded));
        if (recorded.isEmpty()) {
            text = LayerText::tr("“%1” lies on “%2”, but the VM uses it alone.")
                       .arg(fileName(path), fileName(file->backingPath));
        }
        m_found.append({node.states.isEmpty() ? QString() : node.states.first(), path, text,
            LayerText::tr("The chain was changed by another program, or by hand."),
            LayerText::tr("Merges of it are refused. Compare the files before you go back."), false});
    }

    const Facts &m_facts;
    QList<Discrepancy> m_found;
};

} // namespace

QList<Discrepancy> discrepancies(const Facts &facts)
{
    return Check(facts).run();
}

} // namespace vireo::snapshot
