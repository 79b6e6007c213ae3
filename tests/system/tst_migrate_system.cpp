// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTest>

#include "backend/operation/migrate/migraterecovery.h"
#include "migratejobs.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using operation::MigrationCommand;
using test::MigrateWish;
using test::MigrationHosts;

/**
 * The steps of a migration on real hosts, through the job manager: the guest goes on, its disks hold what it wrote,
 * definitions are where they belong, and nothing is left over; and when it fails or is aborted, all is as it was.
 */
class TestMigrate final : public QObject, private test::MigrateJobs
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void init() { QVERIFY(m_hosts->clear()); }
    void cleanupTestCase() { m_hosts.reset(); }

    void thereAndBackWithItsDisk_data()
    {
        QTest::addColumn<bool>("peerToPeer");
        QTest::newRow("peer to peer") << true;
        QTest::newRow("direct") << false;
    }
    void thereAndBackWithItsDisk()
    {
        QFETCH(bool, peerToPeer);
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=20:8"_s}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 2, 77));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"autostart"_s, u"vm"_s}).ok());
        for (const QString &from : {m_a, m_b}) {
            const QString to = MigrationHosts::other(from);
            MigrateWish wanted = copying(from);
            wanted.options.peerToPeer = peerToPeer;
            wanted.autostart = true;
            const JobRecord record = m_hosts->run(migratePlan(wanted));
            QVERIFY(isDone(record));
            QCOMPARE(amiss(to), QString());
            QVERIFY(m_hosts->isPersistent(to));
            QVERIFY(
                m_hosts->virsh({u"dominfo"_s, u"vm"_s}, to).contains(QRegularExpression(u"Autostart:\\s+enable"_s)));
            QVERIFY(m_hosts->files(from).isEmpty());
            QVERIFY(m_hosts->writes(u"hda"_s, from == m_a ? 2 : 5, 1, 78));
            const QJsonObject shown = record.results.value("migration"_L1).toObject();
            QVERIFY(shown.value("totalMs"_L1).toDouble() > 0);
            QVERIFY(shown.value("bytes"_L1).toDouble() > 1 << 20);
            QVERIFY(shown.value("rounds"_L1).toDouble() >= 1);
            QVERIFY(!shown.contains("problems"_L1));
        }
        QVERIFY(m_hosts->sees());
        QVERIFY(m_hosts->stop());
        QCOMPARE(m_hosts->compare(u"hda"_s, m_a), QString());
    }

    void onSharedStorage()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}, .orders = u"dirty=20:8"_s}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 7));
        // An internal snapshot goes along: it is in the file, and libvirt would refuse.
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"s1"_s}).ok());
        const QString before = m_hosts->virsh({u"snapshot-dumpxml"_s, u"vm"_s, u"s1"_s}, m_a);
        MigrateWish wanted = wish(m_a);
        wanted.options.unsafe = true;
        wanted.snapshots = true;
        QVERIFY(moves(wanted));
        QCOMPARE(amiss(m_b), QString());
        QCOMPARE(m_hosts->virsh({u"snapshot-dumpxml"_s, u"vm"_s, u"s1"_s}, m_b), before);
        QCOMPARE(m_hosts->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}, m_b).trimmed(), u"s1"_s);
    }

    void overlayOnABase()
    {
        QVERIFY(m_hosts->bed
                .virsh(m_a, {u"vol-create-as"_s, u"default"_s, u"base.qcow2"_s, u"32M"_s, u"--format"_s, u"qcow2"_s})
                .ok());
        QVERIFY(m_hosts->make({.disks = {{.base = u"base.qcow2"_s}}}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 3, 1, 9));
        MigrateWish wanted = wish(m_a);
        wanted.options.storage = Storage::Incremental;
        wanted.options.disks = {u"hda"_s};
        wanted.volumes = {
            {.name = u"base.qcow2"_s, .relay = true}, {.name = u"vm-hda.qcow2"_s, .backing = u"base.qcow2"_s}};
        QVERIFY(moves(wanted));
        QCOMPARE(amiss(m_b), QString());
        QCOMPARE(m_hosts->files(m_b), (QStringList{u"base.qcow2"_s, u"vm-hda.qcow2"_s}));
        QVERIFY(m_hosts->files(m_a).isEmpty());
        QVERIFY(m_hosts->stop(u"vm"_s, m_b));
        QCOMPARE(m_hosts->compare(u"hda"_s, m_b), QString());
    }

    void chainOfExternalSnapshots()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 1));
        for (const QString &name : {u"s1"_s, u"s2"_s}) {
            QVERIFY(m_hosts->bed
                    .virsh(m_a,
                        {u"snapshot-create-as"_s, u"vm"_s, name, u"--disk-only"_s, u"--diskspec"_s,
                            u"hda,file="_s + test::poolPath(u"vm-%1.qcow2"_s.arg(name))})
                    .ok());
            QVERIFY(m_hosts->writes(u"hda"_s, name == "s1"_L1 ? 2 : 3, 1, 2));
        }
        QVERIFY(m_hosts->bed.virsh(m_a, {u"pool-refresh"_s, u"default"_s}).ok());
        QHash<QString, QString> before;
        for (const QString &name : {u"s1"_s, u"s2"_s}) {
            before.insert(name, m_hosts->virsh({u"snapshot-dumpxml"_s, u"vm"_s, name}, m_a));
        }
        MigrateWish wanted = wish(m_a);
        wanted.options.storage = Storage::Incremental;
        wanted.options.disks = {u"hda"_s};
        wanted.snapshots = true;
        wanted.volumes = {{.name = u"vm-hda.qcow2"_s, .relay = true},
            {.name = u"vm-s1.qcow2"_s, .backing = u"vm-hda.qcow2"_s, .relay = true},
            {.name = u"vm-s2.qcow2"_s, .backing = u"vm-s1.qcow2"_s}};
        QVERIFY(moves(wanted));
        QCOMPARE(amiss(m_b), QString());
        for (const QString &name : {u"s1"_s, u"s2"_s}) {
            QCOMPARE(m_hosts->virsh({u"snapshot-dumpxml"_s, u"vm"_s, name}, m_b), before.value(name));
        }
        QCOMPARE(m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--name"_s, u"--topological"_s}, m_b).simplified(),
            u"s1 s2"_s);
        QCOMPARE(m_hosts->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}, m_b).trimmed(), u"s2"_s);
        QVERIFY(m_hosts->files(m_a).isEmpty());
    }

    void standsStillThere()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}) && m_hosts->start());
        QVERIFY(m_hosts->bed.virsh(m_a, {u"suspend"_s, u"vm"_s}).ok());
        QVERIFY(moves(copying(m_a)));
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->state(m_b), u"paused"_s);
        QVERIFY(m_hosts->bed.virsh(m_b, {u"resume"_s, u"vm"_s}).ok());
        QCOMPARE(amiss(m_b), QString());
        // The guest stands still on the way, and runs on by itself.
        MigrateWish wanted = copying(m_b);
        wanted.options.live = false;
        wanted.options.downtimeMs = 0;
        QVERIFY(moves(wanted));
        QCOMPARE(amiss(m_a), QString());
    }

    void itsDefinitionAlone()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}}));
        MigrateWish wanted = wish(m_a);
        wanted.options.live = false;
        wanted.options.offline = true;
        wanted.options.abortOnError = false;
        wanted.options.downtimeMs = 0;
        QVERIFY(moves(wanted));
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->runsOn(), QString());
        QVERIFY(m_hosts->start(u"vm"_s, m_b));
        // Who has started it meanwhile is not overtaken.
        const JobRecord record = m_hosts->run(migratePlan([&] {
            MigrateWish back = wanted;
            std::swap(back.from, back.to);
            back.options.destinationUri = m_hosts->peerUri(m_a);
            return back;
        }()));
        QCOMPARE(record.state, JobState::Failed);
        QCOMPARE(m_hosts->existsOn(), m_b);
    }

    void postCopy()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}, .orders = u"dirty=60:24"_s}) && m_hosts->start());
        MigrateWish wanted = endlessOnShared(m_a);
        wanted.options.postCopy = true;
        const job::JobId id = m_hosts->jobs->run(migratePlan(wanted));
        QVERIFY(copies(m_a));
        QVERIFY(picture(m_a)->canPostCopy);
        send(m_a, MigrationCommand::Kind::StartPostCopy);
        QVERIFY(m_hosts->wait(id));
        QVERIFY(isDone(*m_hosts->jobs->job(id)));
        QVERIFY(m_hosts->jobs->job(id)->results.value("migrate"_L1).toObject().value("postCopy"_L1).toBool());
        QCOMPARE(amiss(m_b), QString());
    }

    void postCopyBreaksAndGoesOn()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}, .orders = u"dirty=20:24"_s}) && m_hosts->start());
        MigrateWish wanted = endlessOnShared(m_a);
        wanted.options.postCopy = true;
        wanted.options.postCopyBandwidth = 4 << 20;
        const job::JobId id = m_hosts->jobs->run(migratePlan(wanted));
        QVERIFY(copies(m_a));
        send(m_a, MigrationCommand::Kind::StartPostCopy);
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_b), u"running"_s, 30000);
        m_hosts->jobs->cancel(id); // too late
        QVERIFY(m_hosts->bed.virsh(m_a, {u"domjobabort"_s, u"vm"_s, u"--postcopy"_s}).ok());
        QTRY_COMPARE_WITH_TIMEOUT(picture(m_a)->diagnosis.kind, migration::Diagnosis::Kind::PostCopyBroken, 30000);
        QCOMPARE(picture(m_a)->history.phase(), migration::Phase::NeedsHelp);
        QVERIFY(picture(m_a)->isOurs);
        QCOMPARE(picture(m_a)->diagnosis.remedy, migration::Diagnosis::Remedy::ResumePostCopy);
        QVERIFY(!m_hosts->jobs->job(id)->isFinished());
        send(m_a, MigrationCommand::Kind::Remedy);
        QVERIFY(m_hosts->wait(id));
        QVERIFY(isDone(*m_hosts->jobs->job(id)));
        QCOMPARE(amiss(m_b), QString());
    }

    void recoveredWithoutAJob()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}, .orders = u"dirty=20:24"_s}) && m_hosts->start());
        QVERIFY(m_hosts->bed
                .exec(m_a,
                    {u"sh"_s, u"-c"_s,
                        u"setsid virsh migrate --live --p2p --unsafe --persistent --undefinesource --postcopy "
                        "--bandwidth 4 --postcopy-bandwidth 4 vm %1 >/dev/null 2>&1 </dev/null &"_s.arg(
                            m_hosts->peerUri(m_b))})
                .ok());
        QTRY_VERIFY_WITH_TIMEOUT(m_hosts->bed.virsh(m_a, {u"migrate-postcopy"_s, u"vm"_s}).ok(), 30000);
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_b), u"running"_s, 30000);
        QVERIFY(m_hosts->bed.virsh(m_a, {u"domjobabort"_s, u"vm"_s, u"--postcopy"_s}).ok());
        operation::MigrationRecovery recovery;
        recovery.domain = {m_hosts->id(m_a), m_hosts->uuid()};
        recovery.domainName = u"vm"_s;
        recovery.destination = m_hosts->id(m_b);
        recovery.destinationUri = m_hosts->peerUri(m_b);
        recovery.wasPostCopy = true;
        const auto diagnosis = [&] {
            return migration::diagnose(migration::readSide(*m_hosts->connection(m_a), m_hosts->uuid()),
                migration::readSide(*m_hosts->connection(m_b), m_hosts->uuid()), true);
        };
        QTRY_COMPARE_WITH_TIMEOUT(diagnosis().kind, migration::Diagnosis::Kind::PostCopyBroken, 30000);
        recovery.diagnosis = diagnosis();
        QVERIFY(isDone(m_hosts->run(planMigrationRecovery(recovery))));
        QCOMPARE(amiss(m_b), QString());
    }

    void cancelledTooLate()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}) && m_hosts->start());
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"s1"_s}).ok());
        MigrateWish wanted = copying(m_a);
        wanted.snapshots = true;
        wanted.autostart = true;
        wanted.setTime = true; // it has no agent, which is waited for
        const job::JobId id = m_hosts->jobs->run(migratePlan(wanted));
        QTRY_VERIFY_WITH_TIMEOUT(
            m_hosts->jobs->job(id)->results.value("migrate"_L1).toObject().value("moved"_L1).toBool(), 20000);
        m_hosts->jobs->cancel(id);
        QVERIFY(m_hosts->wait(id));
        QVERIFY(isDone(*m_hosts->jobs->job(id)));
        QCOMPARE(amiss(m_b), QString());
        QCOMPARE(m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--name"_s}, m_b).simplified(), u"s1"_s);
        QVERIFY(m_hosts->files(m_a).isEmpty());
    }

    void levers()
    {
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=60:24"_s}) && m_hosts->start());
        const job::JobId id = m_hosts->jobs->run(migratePlan(endless(m_a)));
        QVERIFY(copies(m_a));
        QTRY_COMPARE_WITH_TIMEOUT(picture(m_a)->maxDowntimeMs, 100U, 30000);
        QTRY_VERIFY_WITH_TIMEOUT(picture(m_a)->history.round() >= 2, 60000);
        send(m_a, MigrationCommand::Kind::SetMaxDowntime, 1500);
        send(m_a, MigrationCommand::Kind::SetBandwidth, 1 << 30);
        QVERIFY(m_hosts->wait(id));
        QVERIFY(isDone(*m_hosts->jobs->job(id)));
        QCOMPARE(amiss(m_b), QString());
        QTRY_COMPARE(picture(m_a)->history.phase(), migration::Phase::Done);
        QVERIFY(!picture(m_a)->isOurs);
        QVERIFY(picture(m_a)->completed.has_value());
    }

    void aborted_data()
    {
        QTest::addColumn<bool>("peerToPeer");
        QTest::addColumn<bool>("byLever");
        QTest::newRow("peer to peer, cancelled") << true << false;
        QTest::newRow("peer to peer, by the lever") << true << true;
        QTest::newRow("direct, cancelled") << false << false;
    }
    void aborted()
    {
        QFETCH(bool, peerToPeer);
        QFETCH(bool, byLever);
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=60:24"_s}) && m_hosts->start());
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"s1"_s}).ok());
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"s2"_s}).ok());
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"s3"_s}).ok());
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-current"_s, u"vm"_s, u"s2"_s}).ok());
        const auto standing = [this] {
            QString all = m_hosts->xml(m_a, true) + m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--tree"_s}, m_a)
                + m_hosts->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}, m_a);
            for (const QString &name : {u"s1"_s, u"s2"_s, u"s3"_s}) {
                all += m_hosts->virsh({u"snapshot-dumpxml"_s, u"vm"_s, name}, m_a);
            }
            return all;
        };
        const QString before = standing();
        MigrateWish wanted = endless(m_a);
        wanted.options.peerToPeer = peerToPeer;
        wanted.snapshots = true;
        const job::JobId id = m_hosts->jobs->run(migratePlan(wanted));
        QVERIFY(copies(m_a));
        if (byLever) {
            send(m_a, MigrationCommand::Kind::Abort);
        } else {
            m_hosts->jobs->cancel(id);
        }
        QElapsedTimer timer;
        timer.start();
        QVERIFY(m_hosts->wait(id));
        QVERIFY(timer.elapsed() < 20000);
        const JobRecord record = *m_hosts->jobs->job(id);
        QCOMPARE(record.state, JobState::Cancelled);
        QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QCOMPARE(amiss(m_a), QString());
        QVERIFY(m_hosts->files(m_b).isEmpty());
        QCOMPARE(standing(), before);
        QTRY_COMPARE(picture(m_a)->history.phase(), migration::Phase::Failed);
    }

    void refusedThere()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}) && m_hosts->start());
        QVERIFY(m_hosts->make({.name = u"two"_s}, m_b));
        MigrateWish wanted = copying(m_a);
        wanted.options.destinationName = u"two"_s; // taken
        const JobRecord record = m_hosts->run(migratePlan(wanted));
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"already"_s), MigrationHosts::text(record).constData());
        QVERIFY(record.remains.isEmpty());
        QCOMPARE(amiss(m_a), QString());
        QVERIFY(m_hosts->files(m_b).isEmpty());
    }

    void daemonKilled_data()
    {
        QTest::addColumn<QString>("host");
        QTest::newRow("source") << m_a;
        QTest::newRow("destination") << m_b;
    }
    void daemonKilled()
    {
        QFETCH(QString, host);
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=60:24"_s}) && m_hosts->start());
        const job::JobId id = m_hosts->jobs->run(migratePlan(endless(m_a)));
        QVERIFY(copies(m_a));
        QVERIFY(m_hosts->bed.killDaemon(host));
        QVERIFY(m_hosts->wait(id));
        const JobRecord record = *m_hosts->jobs->job(id);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QVERIFY(m_hosts->answers(m_a) && m_hosts->answers(m_b));
        QCOMPARE(amiss(m_a), QString());
        QVERIFY(m_hosts->files(m_b).isEmpty());
        QVERIFY(moves(copying(m_a))); // nothing stands in the way of another try
        QCOMPARE(amiss(m_b), QString());
    }

    void guestEnds()
    {
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=60:24"_s}) && m_hosts->start());
        const job::JobId id = m_hosts->jobs->run(migratePlan(endless(m_a)));
        QVERIFY(copies(m_a));
        QVERIFY(m_hosts->killQemu(m_a));
        QVERIFY(m_hosts->wait(id));
        const JobRecord record = *m_hosts->jobs->job(id);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QCOMPARE(m_hosts->existsOn(), m_a);
        QCOMPARE(m_hosts->state(m_a), u"shut off"_s);
        QVERIFY(m_hosts->files(m_b).isEmpty());
        QVERIFY(m_hosts->start());
    }

    void manyTimes()
    {
        QVERIFY(m_hosts->make({.disks = {{.mebibytes = 4}}, .mebibytes = 16}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 5));
        const int times = qEnvironmentVariableIsSet("VIREO_MIGRATE_ALWAYS") ? 20 : 6;
        QString from = m_a;
        for (int i = 0; i < times; ++i) {
            MigrateWish wanted = copying(from);
            wanted.volumes[0].bytes = 4 << 20;
            wanted.options.peerToPeer = i % 4 < 2;
            QVERIFY(moves(wanted));
            from = MigrationHosts::other(from);
            QCOMPARE(m_hosts->runsOn(), from);
            QVERIFY(m_hosts->writes(u"hda"_s, 2, 1, 100 + static_cast<quint32>(i)));
        }
        QCOMPARE(amiss(from), QString());
        QVERIFY(m_hosts->stop(u"vm"_s, from));
        QCOMPARE(m_hosts->compare(u"hda"_s, from), QString());
    }
};

QTEST_GUILESS_MAIN(TestMigrate)
#include "tst_migrate_system.moc"
