// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRegularExpression>
#include <QTest>

#include "migrationhosts.h"

/// Where a migration is between two of libvirt's calls: for tests that break it just there.
namespace vireo::test {

/// How far the host's libvirt is with it by its own record, which needs no answer of the daemon: "perform3" while it
/// is sent, "perform3_done" when all was sent and the source stands. Empty: it knows of none.
inline QString phaseOf(MigrationHosts &hosts, const QString &host)
{
    static const QRegularExpression phase(QStringLiteral("async='migration (?:out|in)' phase='([a-z0-9_]+)'"));
    return phase.match(hosts.bed.exec(host, {QStringLiteral("cat"), QStringLiteral("/run/libvirt/qemu/vm.xml")}).output)
        .captured(1);
}

/// Waits until pages are sent.
inline bool isSent(MigrationHosts &hosts, const QString &from = MigrationHosts::a())
{
    return QTest::qWaitFor(
        [&] {
            return hosts.virsh({QStringLiteral("domjobinfo"), MigrationHosts::vm()}, from)
                .contains(QStringLiteral("Iteration:"));
        },
        30000);
}

/// Lets what is sent switch over, and waits until all was sent. What comes next is asked of the destination, whose
/// daemon, or who drives the migration, should have been stopped before.
inline bool reachesTheGap(MigrationHosts &hosts, const QString &from = MigrationHosts::a())
{
    using namespace Qt::StringLiterals;
    return hosts.bed.virsh(from, {u"migrate-setmaxdowntime"_s, u"vm"_s, u"20000"_s}).ok()
        && hosts.bed.virsh(from, {u"migrate-setspeed"_s, u"vm"_s, u"1000"_s}).ok()
        && QTest::qWaitFor([&] { return phaseOf(hosts, from) == "perform3_done"_L1; }, 30000);
}

/// Waits until the host's daemon, which is stopped, has got a call from another host that it has not read.
inline bool isAsked(MigrationHosts &hosts, const QString &host)
{
    using namespace Qt::StringLiterals;
    // local address:port, remote, state, sent:received in bytes that nobody has read
    static const QRegularExpression line(
        u"^\\s*\\d+: [0-9A-F]+:407D \\S+ 01 [0-9A-F]+:([0-9A-F]+)"_s, QRegularExpression::MultilineOption);
    constexpr int ofPings = 200; // those that keep a connection alive have 28 bytes
    return QTest::qWaitFor(
        [&] {
            const QString table = hosts.bed.exec(host, {u"cat"_s, u"/proc/net/tcp"_s, u"/proc/net/tcp6"_s}).output;
            auto found = line.globalMatch(table);
            while (found.hasNext()) {
                if (found.next().captured(1).toInt(nullptr, 16) > ofPings) {
                    return true;
                }
            }
            return false;
        },
        20000);
}

} // namespace vireo::test
