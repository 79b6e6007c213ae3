// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimeZone>

#include "backend/snapshot/facts.h"

/** Facts of a domain with snapshots, made by hand. */
namespace vireo::test {

inline snapshot::Snapshot snapshotOf(const QString &name, const QString &parent, int minute)
{
    snapshot::Snapshot made;
    made.name = name;
    made.parent = parent;
    made.created = QDateTime(QDate(2026, 11, 21), QTime(9, 0), QTimeZone::utc()).addSecs(60LL * minute);
    made.state = virt::DomainState::Running;
    snapshot::SnapshotDisk disk;
    disk.target = QStringLiteral("vda");
    disk.kind = snapshot::SnapshotDisk::Kind::External;
    disk.overlay = {QStringLiteral("/images/web01.%1.qcow2").arg(name), QStringLiteral("qcow2")};
    const QString below =
        parent.isEmpty() ? QStringLiteral("/images/web01.qcow2") : QStringLiteral("/images/web01.%1.qcow2").arg(parent);
    disk.state = {{below, QStringLiteral("qcow2")}};
    made.disks = {disk};
    made.isDiskOnly = true;
    return made;
}

/** "name", "name<parent"; the last one with a '*' is current. */
inline snapshot::Facts factsOf(const QStringList &snapshots)
{
    snapshot::Facts facts;
    facts.domain.uuid = QUuid(QStringLiteral("11111111-1111-1111-1111-111111111111"));
    facts.domain.name = QStringLiteral("web01");
    facts.domain.state = virt::DomainState::Running;
    facts.domain.id = 1;
    int minute = 0;
    for (QString text : snapshots) {
        const bool current = text.endsWith(u'*');
        text.remove(u'*');
        snapshot::Snapshot made = snapshotOf(text.section(u'<', 0, 0), text.section(u'<', 1, 1), ++minute);
        made.current = current;
        snapshot::FileFacts file;
        file.presence = snapshot::FileFacts::Presence::Present;
        file.allocation = quint64(minute) * 1024 * 1024;
        facts.files.insert(made.disks.constFirst().overlay.path, file);
        facts.snapshots.append(made);
    }
    snapshot::DiskNow disk;
    disk.target = QStringLiteral("vda");
    facts.disks = {disk};
    return facts;
}

/** So many in one chain, with a branch at every tenth. */
inline snapshot::Facts manySnapshots(int count)
{
    QStringList names;
    QString last;
    for (int i = 0; i < count; ++i) {
        const QString name = QStringLiteral("s%1").arg(i);
        names.append(last.isEmpty() ? name : name + u'<' + last);
        if (i % 10 != 9) {
            last = name;
        }
    }
    snapshot::Facts facts = factsOf(names);
    for (snapshot::Snapshot &each : facts.snapshots) {
        each.current = each.name == last;
    }
    return facts;
}

} // namespace vireo::test
