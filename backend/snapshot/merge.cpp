// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/merge.h"

#include <algorithm>

#include <QCoreApplication>
#include <QFileInfo>

#include "backend/snapshot/mergesolver.h"

namespace vireo::snapshot {

namespace {

using Presence = FileFacts::Presence;

struct DeletionText {
    Q_DECLARE_TR_FUNCTIONS(SnapshotDeletion)
};

/** Those that go; unknown names become blockers. */
QSet<QString> doomedOf(const Facts &facts, const QStringList &snapshots, Scope scope, Deletion &deletion)
{
    QSet<QString> doomed;
    for (const QString &name : snapshots) {
        if (!facts.find(name)) {
            deletion.blockers.append(DeletionText::tr("%1 has no snapshot “%2”.").arg(facts.domain.name, name));
            continue;
        }
        if (scope == Scope::One) {
            doomed.insert(name);
            continue;
        }
        QStringList all = facts.subtree(name);
        if (scope == Scope::ChildrenOnly) {
            all.removeFirst();
        }
        doomed.unite(QSet<QString>(all.cbegin(), all.cend()));
    }
    if (doomed.isEmpty() && deletion.blockers.isEmpty()) {
        deletion.blockers.append(scope == Scope::ChildrenOnly ? DeletionText::tr("There is no snapshot below it.")
                                                              : DeletionText::tr("No snapshot was chosen."));
    }
    return doomed;
}

/** How an internal snapshot goes: by libvirt, at once or after the merges; or as an entry only, because its files go.
 */
void addInternal(
    const Facts &facts, const Snapshot &snapshot, const QHash<QString, QString> &nowAfter, Deletion &deletion)
{
    const auto goes = [&deletion](const QString &path) {
        return std::ranges::find(deletion.merges, path, &Merge::gone) != deletion.merges.end();
    };
    bool isThere = false;
    bool isLate = false;
    QString elsewhere;
    for (const SnapshotDisk &disk : snapshot.disks) {
        const QString path = disk.state.isEmpty() ? QString() : disk.state.first().path;
        if (disk.kind != SnapshotDisk::Kind::Internal || goes(path)
            || facts.files.value(path).presence == Presence::Missing) {
            continue;
        }
        isThere = true;
        const DiskNow *now = facts.disk(disk.target);
        if (!facts.domain.isActive() || path.isEmpty()
            || (now && !now->chain.isEmpty() && now->chain.first().path == path)) {
            continue;
        }
        isLate = isLate || nowAfter.value(disk.target) == path;
        elsewhere = nowAfter.value(disk.target) == path ? elsewhere : path;
    }
    if (!elsewhere.isEmpty()) {
        deletion.blockers.append(DeletionText::tr(
            "“%1” is within “%2”, which the running VM does not write to now. Shut the VM down first, or "
            "delete the later snapshots as well.")
                .arg(snapshot.name, QFileInfo(elsewhere).fileName()));
    } else if (isThere) {
        deletion.internals.append(snapshot.name);
        if (isLate) {
            deletion.lateInternals.append(snapshot.name);
        }
    }
}

void addMemory(const Facts &facts, const QSet<QString> &doomed, const Snapshot &snapshot, Deletion &deletion)
{
    const QString &file = snapshot.memoryFile;
    if (snapshot.memory != Snapshot::Memory::External || file.isEmpty() || deletion.memoryFiles.contains(file)) {
        return;
    }
    QStringList users = facts.files.value(file).users;
    for (const Snapshot &other : facts.snapshots) {
        if (other.memoryFile == file && !doomed.contains(other.name)) {
            users.append(other.name);
        }
    }
    if (!users.isEmpty()) {
        deletion.kept.append(
            DeletionText::tr("“%1” stays: %2 needs it.").arg(QFileInfo(file).fileName(), users.join(u", ")));
    } else if (facts.files.value(file).presence != Presence::Missing) {
        deletion.memoryFiles.append(file);
    }
}

QStringList targetsOf(const Facts &facts, const QSet<QString> &doomed)
{
    QStringList targets;
    for (const Snapshot &snapshot : facts.snapshots) {
        for (const SnapshotDisk &disk : snapshot.disks) {
            if (doomed.contains(snapshot.name) && disk.kind != SnapshotDisk::Kind::None
                && !targets.contains(disk.target)) {
                targets.append(disk.target);
            }
        }
    }
    return targets;
}

/** Each snapshot ends once, with the first merge that destroys it on any disk; from then on nobody has to tell it of
 *  files that moved. */
void settleEnds(const QSet<QString> &doomed, Deletion &deletion)
{
    QSet<QString> forgotten = doomed;
    for (const Merge &merge : std::as_const(deletion.merges)) {
        forgotten.subtract(QSet<QString>(merge.destroys.cbegin(), merge.destroys.cend()));
    }
    for (Merge &merge : deletion.merges) {
        merge.destroys.removeIf([&forgotten](const QString &name) { return forgotten.contains(name); });
        forgotten.unite(QSet<QString>(merge.destroys.cbegin(), merge.destroys.cend()));
        merge.repoints.removeIf([&forgotten](const Repoint &repoint) { return forgotten.contains(repoint.snapshot); });
    }
}

} // namespace

quint64 Deletion::bytes() const
{
    quint64 sum = 0;
    for (const Merge &merge : merges) {
        sum += merge.bytes;
    }
    return sum;
}

Deletion planDeletion(const Facts &facts, const QStringList &snapshots, Scope scope)
{
    Deletion deletion;
    const QSet<QString> doomed = doomedOf(facts, snapshots, scope, deletion);
    if (doomed.isEmpty()) {
        return deletion;
    }
    // Children first: undone in reverse, each finds its parent again.
    for (auto snapshot = facts.snapshots.crbegin(); snapshot != facts.snapshots.crend(); ++snapshot) {
        if (!doomed.contains(snapshot->name)) {
            continue;
        }
        deletion.snapshots.append(snapshot->name);
        if (snapshot->isMixed()) {
            deletion.blockers.append(
                DeletionText::tr("“%1” is kept partly within the images and partly in files of its own: libvirt can't "
                                 "delete such a snapshot as a whole.")
                    .arg(snapshot->name));
        }
        addMemory(facts, doomed, *snapshot, deletion);
    }
    const QStringList targets = targetsOf(facts, doomed);
    QHash<QString, QString> nowAfter;
    for (const QString &target : targets) {
        MergeSolver solver(facts, target, doomed);
        solver.run(deletion);
        nowAfter.insert(target, solver.nowPath());
    }
    for (const QString &name : std::as_const(deletion.snapshots)) {
        if (const Snapshot *snapshot = facts.find(name); snapshot->isInternal() && !snapshot->isMixed()) {
            addInternal(facts, *snapshot, nowAfter, deletion);
        }
    }
    settleEnds(doomed, deletion);
    if (!facts.usersProblem.isEmpty() && (!deletion.merges.isEmpty() || !deletion.memoryFiles.isEmpty())) {
        deletion.blockers.append(
            DeletionText::tr("It could not be checked who else needs the files. %1").arg(facts.usersProblem));
    }
    deletion.kept.removeDuplicates();
    deletion.blockers.removeDuplicates();
    return deletion;
}

} // namespace vireo::snapshot
