// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "model/snapshotchains.h"

#include <QCoreApplication>

using namespace Qt::StringLiterals;

namespace vireo::model {

using snapshot::Chain;
using snapshot::DiskNow;
using snapshot::FileFacts;
using snapshot::Layer;
using snapshot::LayerTree;
using snapshot::Snapshot;
using snapshot::SnapshotDisk;

namespace {

struct SnapshotChains {
    Q_DECLARE_TR_FUNCTIONS(SnapshotChains)
};

QString joined(const QStringList &names)
{
    return names.join(SnapshotChains::tr(", ", "between names"));
}

QStringList notesOf(const LayerTree::Node &node)
{
    QStringList notes;
    if (node.isNow) {
        notes.append(SnapshotChains::tr("The virtual machine writes to it now."));
    }
    if (node.states.size() == 1) {
        notes.append(SnapshotChains::tr("Holds the state of %1.").arg(node.states.constFirst()));
    } else if (!node.states.isEmpty()) {
        notes.append(SnapshotChains::tr("Holds the states of %1.").arg(joined(node.states)));
    }
    if (!node.internals.isEmpty()) {
        notes.append(SnapshotChains::tr("Within it: %1.", "names of internal snapshots").arg(joined(node.internals)));
    }
    if (!node.overlayOf.isEmpty()) {
        notes.append(SnapshotChains::tr("Overlay that %1 made: what was written after it.").arg(node.overlayOf));
    }
    if (node.children.size() > 1) {
        notes.append(SnapshotChains::tr("%n overlays stand on it.", nullptr, static_cast<int>(node.children.size())));
    }
    if (!node.users.isEmpty()) {
        notes.append(SnapshotChains::tr("Others need it too: %1.").arg(joined(node.users)));
    }
    return notes;
}

ChainRow rowOf(const snapshot::Facts &facts, const LayerTree &tree, const Layer &layer)
{
    ChainRow row;
    row.path = layer.path;
    row.name = layer.path.section(u'/', -1);
    row.format = layer.format;
    const FileFacts file = facts.files.value(layer.path);
    row.isSizeKnown = file.presence == FileFacts::Presence::Present;
    row.isMissing = file.presence == FileFacts::Presence::Missing;
    row.bytes = file.allocation;
    if (row.isMissing) {
        row.notes.append(SnapshotChains::tr("It is missing."));
    } else if (!file.format.isEmpty() && !layer.format.isEmpty() && file.format != layer.format) {
        row.notes.append(SnapshotChains::tr("Storage takes it for %1.").arg(file.format));
    }
    if (layer.format.isEmpty()) {
        row.notes.append(SnapshotChains::tr("Its format was never recorded."));
    }
    if (const int at = tree.indexOf(layer.path); at >= 0) {
        row.notes += notesOf(tree.nodes().at(at));
    }
    return row;
}

QString textOf(const SnapshotDisk &disk)
{
    switch (disk.kind) {
    case SnapshotDisk::Kind::None:
        return SnapshotChains::tr("left out: going back does not touch it");
    case SnapshotDisk::Kind::Internal:
        return SnapshotChains::tr("kept within the image");
    case SnapshotDisk::Kind::External:
        return SnapshotChains::tr("kept as a file of its own");
    }
    return {};
}

} // namespace

QList<ChainDisk> snapshotChains(const snapshot::Facts &facts, const QString &snapshot)
{
    QList<ChainDisk> disks;
    const auto add = [&](const QString &target, const QString &text, const Chain &chain) {
        const LayerTree tree(facts, target);
        ChainDisk disk{target, text, {}};
        for (const Layer &layer : chain) {
            disk.rows.append(rowOf(facts, tree, layer));
        }
        disks.append(disk);
    };
    if (snapshot.isEmpty()) {
        for (const DiskNow &disk : facts.disks) {
            add(disk.target, disk.canSnapshot ? QString() : disk.reason, disk.chain);
        }
    } else if (const Snapshot *found = facts.find(snapshot)) {
        for (const SnapshotDisk &disk : found->disks) {
            add(disk.target, textOf(disk), disk.kind == SnapshotDisk::Kind::None ? Chain() : disk.state);
        }
    }
    return disks;
}

} // namespace vireo::model
