// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/migrate/migraterecovery.h"
#include "migratejobs.h"
#include "migrationgaps.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using migration::Diagnosis;
using operation::MigrationCommand;
using test::MigrateWish;
using test::MigrationHosts;
using Remedy = Diagnosis::Remedy;
using Kind = Diagnosis::Kind;

/**
 * States that libvirt leaves to a person, made by breaking a real migration between two of libvirt's calls; and the one
 * act that is safe in each, done. Afterwards exactly one domain runs, and its guest never went back, unless it is said
 * that it is lost.
 */
class TestMigrationRemedies final : public QObject, private test::MigrateJobs
{
    Q_OBJECT

    Diagnosis diagnosis(bool wasPostCopy = false)
    {
        const auto source = m_hosts->connection(m_a);
        const auto destination = m_hosts->connection(m_b);
        return source && destination ? migration::diagnose(migration::readSide(*source, m_hosts->uuid()),
                                           migration::readSide(*destination, m_hosts->uuid()), wasPostCopy)
                                     : Diagnosis();
    }
    bool prepare()
    {
        return m_hosts->make({.disks = {{.pool = u"shared"_s}}, .orders = u"dirty=60:12"_s}) && m_hosts->start()
            && m_hosts->writes(u"hda"_s, 1, 2, 77);
    }
    /** Another program migrates it from A to B, and is in the middle; killed by killClient(). */
    bool begin(const QStringList &options)
    {
        const QString command = u"setsid virsh migrate --live --unsafe --persistent --undefinesource --bandwidth 4 %1 "
                                "vm %2 >/dev/null 2>&1 </dev/null & echo $! >/run/vireo-client.pid"_s.arg(
                                    options.join(u' '), m_hosts->peerUri(m_b));
        return m_hosts->bed.exec(m_a, {u"sh"_s, u"-c"_s, command}).ok() && isSent(*m_hosts);
    }
    bool signalClient(const QString &signal)
    {
        return m_hosts->bed.exec(m_a, {u"sh"_s, u"-c"_s, u"kill -s %1 $(cat /run/vireo-client.pid)"_s.arg(signal)})
            .ok();
    }
    bool bothAnswer() { return m_hosts->answers(m_a) && m_hosts->answers(m_b); }
    JobRecord recover(bool wasPostCopy = false)
    {
        operation::MigrationRecovery recovery;
        recovery.domain = {m_hosts->id(m_a), m_hosts->uuid()};
        recovery.domainName = u"vm"_s;
        recovery.destination = m_hosts->id(m_b);
        recovery.wasPostCopy = wasPostCopy;
        recovery.diagnosis = diagnosis(wasPostCopy);
        return m_hosts->run(planMigrationRecovery(recovery));
    }
    /** All was sent and the source stands; the destination has been asked to go on, and its daemon can't answer. */
    bool stopsAtTheEnd() { return m_hosts->bed.stopDaemon(m_b) && reachesTheGap(*m_hosts) && isAsked(*m_hosts, m_b); }
    /** Its memory is lost, and nothing else. */
    void bootedAnew()
    {
        QCOMPARE(m_hosts->runsOn(), m_a);
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->said().count("VIREO GUEST READY"), 2, 20000);
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->orphans(), QStringList());
    }
    static bool isLong() { return qEnvironmentVariableIsSet("VIREO_MIGRATE_ALWAYS"); }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void init() { QVERIFY(m_hosts->clear()); }
    void cleanup()
    {
        m_hosts->bed.contDaemon(m_b);
        QVERIFY(bothAnswer());
    }
    void cleanupTestCase() { m_hosts.reset(); }

    /** libvirt's PERFORM3_DONE: all was sent, and who drove it died before the destination was told. */
    void resumesTheSource_data()
    {
        QTest::addColumn<bool>("peerToPeer");
        QTest::newRow("peer to peer, both daemons killed") << true;
        if (isLong()) {
            QTest::newRow("direct, its client killed") << false;
        }
    }
    void resumesTheSource()
    {
        QFETCH(bool, peerToPeer);
        QVERIFY(prepare());
        if (peerToPeer) {
            QVERIFY(begin({u"--p2p"_s}));
            QVERIFY(stopsAtTheEnd());
            QVERIFY(m_hosts->bed.killDaemon(m_a) && m_hosts->bed.killDaemon(m_b));
        } else {
            QVERIFY(begin({}));
            QVERIFY(signalClient(u"STOP"_s));
            QVERIFY(reachesTheGap(*m_hosts));
            QVERIFY(signalClient(u"KILL"_s));
        }
        QVERIFY(bothAnswer());
        QTRY_COMPARE_WITH_TIMEOUT(diagnosis().kind, Kind::SourceWaits, 30000);
        QCOMPARE(diagnosis().remedy, Remedy::ResumeSource);
        QCOMPARE(m_hosts->state(m_a), u"paused"_s);
        QVERIFY(isDone(recover()));
        QCOMPARE(amiss(m_a), QString());
        QVERIFY(m_hosts->isPersistent(m_a));
    }

    /** It runs at the destination; who drove it died before the source was told. */
    void endsTheSource_data()
    {
        QTest::addColumn<bool>("peerToPeer");
        QTest::addColumn<bool>("postCopy");
        if (isLong()) {
            QTest::newRow("peer to peer, the source's daemon killed") << true << false;
        }
        QTest::newRow("direct, its client killed") << false << false;
        QTest::newRow("direct in post-copy, its client killed") << false << true;
    }
    void endsTheSource()
    {
        QFETCH(bool, peerToPeer);
        QFETCH(bool, postCopy);
        QVERIFY(prepare());
        QVERIFY(begin(postCopy ? QStringList{u"--postcopy"_s, u"--postcopy-bandwidth 1"_s}
                : peerToPeer   ? QStringList{u"--p2p"_s}
                               : QStringList()));
        if (postCopy) {
            QVERIFY(m_hosts->bed.virsh(m_a, {u"migrate-postcopy"_s, u"vm"_s}).ok());
            QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_b), u"running"_s, 30000);
            QVERIFY(signalClient(u"STOP"_s));
            const auto hasAll = [this] {
                return m_hosts->virsh({u"domstate"_s, u"--reason"_s, u"vm"_s}, m_b).contains(u"(migrated)"_s);
            };
            QTRY_VERIFY_WITH_TIMEOUT(hasAll(), 60000);
            QVERIFY(signalClient(u"KILL"_s));
        } else {
            QVERIFY(stopsAtTheEnd());
            QVERIFY(peerToPeer ? m_hosts->bed.killDaemon(m_a) : signalClient(u"KILL"_s));
            QVERIFY(m_hosts->bed.contDaemon(m_b));
        }
        QVERIFY(bothAnswer());
        QTRY_COMPARE_WITH_TIMEOUT(diagnosis(postCopy).kind, Kind::CleanUpSource, 30000);
        QCOMPARE(diagnosis(postCopy).remedy, Remedy::EndSource);
        QCOMPARE(m_hosts->state(m_a), u"paused"_s);
        QVERIFY(isDone(recover(postCopy)));
        QCOMPARE(amiss(m_b), QString());
        QVERIFY(m_hosts->isPersistent(m_b));
    }

    /** It was to stand still at the destination: whole copies stand on both hosts. */
    void resumesTheDestination()
    {
        QVERIFY(prepare());
        QVERIFY(begin({u"--suspend"_s}));
        QVERIFY(stopsAtTheEnd());
        QVERIFY(signalClient(u"KILL"_s));
        QVERIFY(m_hosts->bed.contDaemon(m_b));
        QVERIFY(bothAnswer());
        QTRY_COMPARE_WITH_TIMEOUT(diagnosis().kind, Kind::DestinationWaits, 30000);
        QTRY_COMPARE_WITH_TIMEOUT(diagnosis().remedy, Remedy::ResumeDestination, 30000);
        QCOMPARE(m_hosts->state(m_a), u"paused"_s);
        QCOMPARE(m_hosts->state(m_b), u"paused"_s);
        // What can't go on there costs nothing: its disk is in use.
        const QString image = MigrationHosts::hostDirectory(u"shared"_s) + u"/vm-hda.qcow2"_s;
        const QString holder = u"qemu-nbd --fork --persistent --pid-file=/run/vireo-holder.pid "
                               "-k /run/vireo-holder.sock -f qcow2 %1"_s.arg(image);
        QVERIFY(m_hosts->bed.exec(m_b, {u"sh"_s, u"-c"_s, holder + u" </dev/null >/dev/null 2>&1"_s}).ok());
        const JobRecord refused = recover();
        QCOMPARE(refused.state, JobState::Failed);
        QVERIFY2(refused.error.message.contains(u"lock"_s), MigrationHosts::text(refused).constData());
        QCOMPARE(m_hosts->state(m_a), u"paused"_s);
        QCOMPARE(m_hosts->state(m_b), u"paused"_s);
        QCOMPARE(diagnosis().remedy, Remedy::ResumeDestination);
        QVERIFY(m_hosts->bed.exec(m_b, {u"sh"_s, u"-c"_s, u"kill $(cat /run/vireo-holder.pid)"_s}).ok());
        QTRY_VERIFY(!m_hosts->bed.exec(m_b, {u"sh"_s, u"-c"_s, u"kill -0 $(cat /run/vireo-holder.pid)"_s}).ok());
        QVERIFY(isDone(recover()));
        QCOMPARE(amiss(m_b), QString());
        QVERIFY(m_hosts->isPersistent(m_b));
    }

    /** The guest is lost, and is booted from its disks. */
    void startsTheSource_data()
    {
        QTest::addColumn<bool>("postCopy");
        QTest::newRow("the source's QEMU was killed") << false;
        QTest::newRow("the destination's QEMU was killed in post-copy") << true;
    }
    void startsTheSource()
    {
        QFETCH(bool, postCopy);
        QVERIFY(prepare());
        QVERIFY(begin(postCopy ? QStringList{u"--p2p"_s, u"--postcopy"_s, u"--postcopy-bandwidth 1"_s}
                               : QStringList{u"--p2p"_s}));
        if (postCopy) {
            QVERIFY(m_hosts->bed.virsh(m_a, {u"migrate-postcopy"_s, u"vm"_s}).ok());
            QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_b), u"running"_s, 30000);
        }
        QVERIFY(m_hosts->killQemu(postCopy ? m_b : m_a));
        QTRY_COMPARE_WITH_TIMEOUT(diagnosis(postCopy).kind, postCopy ? Kind::GuestLost : Kind::GuestGone, 30000);
        QTRY_COMPARE_WITH_TIMEOUT(diagnosis(postCopy).remedy, Remedy::StartSource, 30000);
        QCOMPARE(m_hosts->neverWentBack(), QString());
        QVERIFY(isDone(recover(postCopy)));
        // In post-copy libvirt had defined it there by then. A job of ours takes that away.
        QCOMPARE(m_hosts->state(m_b), postCopy ? u"shut off"_s : QString());
        bootedAnew();
    }

    /** Of a job that is under way: it asks, and goes on by the answer. */
    void aJobAsks_data()
    {
        QTest::addColumn<Remedy>("remedy");
        QTest::newRow("whether to end the source") << Remedy::EndSource;
        if (isLong()) {
            QTest::newRow("whether to resume the source") << Remedy::ResumeSource;
            QTest::newRow("whether to start the source") << Remedy::StartSource;
        }
    }
    void aJobAsks()
    {
        QFETCH(Remedy, remedy);
        QVERIFY(prepare());
        MigrateWish wanted = endlessOnShared(m_a);
        wanted.options.postCopy = remedy == Remedy::StartSource;
        wanted.options.postCopyBandwidth = wanted.options.postCopy ? 1 << 20 : 0;
        const job::JobId id = m_hosts->jobs->run(migratePlan(wanted));
        QVERIFY(copies(m_a));
        Kind kind = Kind::CleanUpSource;
        if (remedy == Remedy::StartSource) {
            kind = Kind::GuestLost;
            send(m_a, MigrationCommand::Kind::StartPostCopy);
            QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_b), u"running"_s, 30000);
            QVERIFY(m_hosts->killQemu(m_b));
        } else {
            QVERIFY(stopsAtTheEnd());
            QVERIFY(m_hosts->bed.killDaemon(m_a));
            if (remedy == Remedy::ResumeSource) {
                kind = Kind::SourceWaits;
                QVERIFY(m_hosts->bed.killDaemon(m_b));
            } else {
                QVERIFY(m_hosts->bed.contDaemon(m_b));
            }
        }
        QTRY_COMPARE_WITH_TIMEOUT(picture(m_a)->diagnosis.kind, kind, 90000);
        QCOMPARE(picture(m_a)->diagnosis.remedy, remedy);
        QVERIFY(!m_hosts->jobs->job(id)->isFinished());
        send(m_a, MigrationCommand::Kind::Remedy);
        QVERIFY(m_hosts->wait(id));
        const JobRecord record = *m_hosts->jobs->job(id);
        const bool arrived = remedy == Remedy::EndSource;
        QVERIFY2(record.state == (arrived ? JobState::Done : JobState::Failed) && record.remains.isEmpty(),
            MigrationHosts::text(record).constData());
        if (remedy != Remedy::StartSource) {
            QCOMPARE(amiss(arrived ? m_b : m_a), QString());
            return;
        }
        QCOMPARE(m_hosts->existsOn(), m_a); // what libvirt had defined at the destination is gone
        bootedAnew();
    }
};

QTEST_GUILESS_MAIN(TestMigrationRemedies)
#include "tst_migrationremedies_system.moc"
