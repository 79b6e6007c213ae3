// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>

#include "tests/unit/migratefixture.h"

/** Further facts, and what a pre-flight says of them. */
namespace vireo::migratefixture {

using namespace Qt::StringLiterals;

inline QString textOf(const QList<operation::Check> &checks)
{
    QStringList lines;
    for (const operation::Check &check : checks) {
        if (check.finding.severity != job::Finding::Severity::Ok) {
            lines.append(u"%1: %2 | %3 | %4"_s.arg(
                operation::topicName(check.topic), check.finding.text, check.finding.cause, check.finding.fix));
        }
    }
    return lines.join(u'\n');
}

inline job::Finding::Severity worst(const QList<operation::Check> &checks, operation::Check::Topic topic)
{
    job::Finding::Severity result = job::Finding::Severity::Ok;
    for (const operation::Check &check : checks) {
        if (check.topic == topic) {
            result = std::max(result, check.finding.severity);
        }
    }
    return result;
}

/** vda on /a/web01.qcow2 over /a/base.qcow2. */
inline operation::MigrateFacts layered()
{
    operation::MigrateFacts made = facts();
    made.source.disks.disks.clear();
    addDisk(made, u"vda"_s, {{u"/a/web01.qcow2"_s, u"qcow2"_s}, {u"/a/base.qcow2"_s, u"qcow2"_s}});
    return made;
}

/** The same, with two external snapshots: /a/base <- /a/web01.qcow2 <- /a/s2 (now), one of them with memory. */
inline operation::MigrateFacts snapshotted()
{
    operation::MigrateFacts made = facts(diskXml(u"vda"_s, u"/a/s2"_s));
    addDisk(made, u"vda"_s, {{u"/a/s2"_s, u"qcow2"_s}, {u"/a/s1"_s, u"qcow2"_s}, {u"/a/base.qcow2"_s, u"qcow2"_s}});
    const auto add = [&made](const QString &name, const QString &parent, const snapshot::Chain &state,
                         const snapshot::Layer &overlay) {
        snapshot::Snapshot one;
        one.name = name;
        one.parent = parent;
        one.disks = {{u"vda"_s, snapshot::SnapshotDisk::Kind::External, overlay, state}};
        made.source.disks.snapshots.append(one);
    };
    add(u"first"_s, {}, {{u"/a/base.qcow2"_s, u"qcow2"_s}}, {u"/a/s1"_s, u"qcow2"_s});
    add(u"second"_s, u"first"_s, {{u"/a/s1"_s, u"qcow2"_s}, {u"/a/base.qcow2"_s, u"qcow2"_s}},
        {u"/a/s2"_s, u"qcow2"_s});
    made.source.disks.snapshots.last().memory = snapshot::Snapshot::Memory::External;
    made.source.disks.snapshots.last().memoryFile = u"/a/second.mem"_s;
    made.source.disks.snapshots.last().current = true;
    made.source.disks.files.insert(u"/a/second.mem"_s, file(u"/a/second.mem"_s, gibibyte, gibibyte));
    made.pair.files.insert(u"/a/second.mem"_s,
        {operation::FileThere::Sharing::Different, false, 0, 0, {}, operation::FileThere::Content::Unknown});
    return made;
}

} // namespace vireo::migratefixture
