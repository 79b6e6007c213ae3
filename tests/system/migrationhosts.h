// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>

#include "diskmodel.h"
#include "planbed.h"

namespace vireo::test {

/// Two private hosts A and B that can migrate to each other, and VMs with our guest in them, whose heartbeats tell
/// whether it went on. For tests of migrations; isolated hosts only; one per test program, on its main thread.
///
/// Each host has the pool "default" (/srv/local/pool: the same path, other files) and both have "shared"
/// (/srv/shared/pool: the same files). What a guest says goes to one file, wherever it runs. VMs are named; most
/// functions mean "vm".
///
///     MigrationHosts hosts;
///     QVERIFY(hosts.make({.disks = {{}}, .orders = u"dirty=20:24"_s}) && hosts.start());
///     QVERIFY(hosts.writes(u"hda"_s, 1, 2, 77));
///     …                                              // migrate
///     QCOMPARE(hosts.runsOn(), u"B"_s);
///     QCOMPARE(hosts.wentOn(), QString());           // heartbeats: it beats, never booted again, never went back
///     QVERIFY(hosts.sees());                         // it reads what it wrote
///     QCOMPARE(hosts.compare(u"hda"_s, u"B"_s), QString());
///     QCOMPARE(hosts.orphans(), QStringList());
class MigrationHosts final : public PlanBed
{
    Q_DISABLE_COPY_MOVE(MigrationHosts)

public:
    struct Disk {
        QString target = QStringLiteral("hda"); ///< hda to hdd
        QString format = QStringLiteral("qcow2");
        int mebibytes = 32;
        QString pool = QStringLiteral("default");
        QString base = {};  ///< name of a qcow2 volume of the same pool that it lies on
        QString cache = {}; ///< none, writeback …; empty: the hypervisor's
    };
    struct Guest {
        QString name = QStringLiteral("vm");
        QList<Disk> disks = {};
        QString orders = {};     ///< the guest's command line, such as "dirty=20:24" (MiB/s over MiB)
        int mebibytes = 64;      ///< memory
        bool agent = false;      ///< has a guest agent
        QString cpu = {};        ///< name of a CPU model; empty: the hypervisor's
        QString devices = {};    ///< XML of more devices
        bool realKernel = false; ///< a small Linux that only beats (needs 96 MiB), with its uptime; knows no orders
    };
    using Name = const QString &;
    static QString vm() { return QStringLiteral("vm"); }
    static QString a() { return QStringLiteral("A"); }
    static QString b() { return QStringLiteral("B"); }
    static QString other(Name host) { return host == a() ? b() : a(); }

    MigrationHosts();
    ~MigrationHosts();

    /// Ends and removes all VMs, and all files of the pools, on both hosts; joins links and lifts their limits.
    bool clear();

    // ---- VMs
    /// Makes the disks and defines the VM, beside those that are there.
    bool make(const Guest &guest, Name host = a());
    QUuid uuid(Name name = vm()) const { return m_guests.value(name).uuid; }
    bool start(Name name = vm(), Name host = a()); ///< and waits until the guest runs
    bool stop(Name name = vm(), Name host = a());  ///< destroys it
    QString state(Name host, Name name = vm());    ///< as virsh has it: running, paused, shut off; empty: no such VM
    bool isPersistent(Name host, Name name = vm());
    QString xml(Name host, bool inactive = false, Name name = vm());
    /// Where it runs: "A", "B", "A B", or empty.
    QString runsOn(Name name = vm());
    /// Where it is defined or active, in the same way.
    QString existsOn(Name name = vm());
    QString path(Name disk, Name host, Name name = vm()); ///< what the disk is there now, by virsh

    // ---- guests
    /// Sends a line to the guest on the host where it runs and waits until it says `answer`; empty: does not wait.
    bool order(Name line, Name answer, Name name = vm(), int timeoutMs = 60000);
    /// Waits until the guest says it from now on.
    bool hears(Name text, Name name = vm(), int timeoutMs = 20000);
    /// Number of the next heartbeat. -1: there is none.
    int heartbeat(Name name = vm(), int timeoutMs = 20000);
    /// All that the guest ever said, on both hosts.
    QByteArray said(Name name = vm()) const { return bed.read(name + QStringLiteral(".txt")); }
    /// Empty: it beats now, and from its start each beat followed the one before. Else what is wrong.
    QString wentOn(Name name = vm());
    /// The same without waiting for another beat, of a guest that is off or paused.
    QString neverWentBack(Name name = vm()) const;
    /// The guest writes MiB `at` to `at` + `size` of a disk, and flushes; the model knows.
    bool writes(Name disk, int at, int size, quint32 pattern, Name name = vm());
    /// The guest reads back from all places that were ever written exactly what the model says.
    bool sees(Name name = vm());

    // ---- files
    /// Compares a disk's image on that host (with what lies beneath it) with what the guest wrote; empty: equal.
    QString compare(Name disk, Name host, Name name = vm());
    /// A pool's directory as this process sees it, and as the host does.
    QString directory(Name host, Name pool = QStringLiteral("default")) const;
    static QString hostDirectory(Name pool = QStringLiteral("default"));
    QStringList files(Name host, Name pool = QStringLiteral("default")) const;
    /// Files of pools that no definition and no snapshot of a host names, as "A: /srv/local/pool/x".
    QStringList orphans();
    /// Makes a pool that holds no more than this. Only the host sees what is in it. Goes with clear().
    bool makeSmallPool(Name host, Name pool, int mebibytes);

    // ---- breaking things
    /// URI by which the other host reaches this one.
    QString peerUri(Name host) const { return bed.peerUri(host); }
    bool killQemu(Name host, Name name = vm());
    bool stopQemu(Name host, Name name = vm()); ///< SIGSTOP
    bool contQemu(Name host, Name name = vm());
    /// Waits until virsh gets an answer from the host's daemon.
    bool answers(Name host, int timeoutMs = 20000);

private:
    struct Made {
        Guest guest;
        QUuid uuid;
        DiskModel model;
    };
    QString guestXml(const Guest &guest, Name host) const;
    bool makeDisk(const Disk &disk, const QString &volume, Name host);
    bool signalQemu(Name host, Name name, Name signal);
    QString where(Name name, const std::function<bool(const QString &)> &holds);

    QHash<QString, Made> m_guests;
    QHash<QString, QStringList> m_smallPools; // by host
};

} // namespace vireo::test
