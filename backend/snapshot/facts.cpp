// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/snapshot/facts.h"

#include <algorithm>

#include <QSet>

namespace vireo::snapshot {

const Snapshot *Facts::find(const QString &name) const
{
    const auto found = std::ranges::find(snapshots, name, &Snapshot::name);
    return found == snapshots.end() ? nullptr : &*found;
}

const Snapshot *Facts::current() const
{
    const auto found = std::ranges::find(snapshots, true, &Snapshot::current);
    return found == snapshots.end() ? nullptr : &*found;
}

QStringList Facts::childrenOf(const QString &name) const
{
    QStringList children;
    for (const Snapshot &snapshot : snapshots) {
        if (snapshot.parent == name) {
            children.append(snapshot.name);
        }
    }
    return children;
}

QStringList Facts::subtree(const QString &name) const
{
    if (!find(name)) {
        return {};
    }
    QHash<QString, QStringList> children;
    for (const Snapshot &snapshot : snapshots) {
        children[snapshot.parent].append(snapshot.name);
    }
    QStringList result{name};
    QSet<QString> seen{name}; // metadata written by hand may go in a circle
    for (qsizetype i = 0; i < result.size(); ++i) {
        const QStringList next = children.value(result[i]);
        for (const QString &child : next) {
            if (!seen.contains(child)) {
                seen.insert(child);
                result.append(child);
            }
        }
    }
    return result;
}

const DiskNow *Facts::disk(const QString &target) const
{
    const auto found = std::ranges::find(disks, target, &DiskNow::target);
    return found == disks.end() ? nullptr : &*found;
}

} // namespace vireo::snapshot
