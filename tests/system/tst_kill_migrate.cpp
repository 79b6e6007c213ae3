// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>

#include <QProcess>
#include <QTest>

#include "killpair.h"
#include "migratehelpers.h"
#include "migrationgaps.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using job::Recovery;
using test::KillPair;
using test::MigrateWish;
using test::MigrationHosts;

namespace {

constexpr int timeoutMs = 60000;

} // namespace

/**
 * Vireo is killed while it migrates: at the moments of its journal, and in the middle of the libvirt call. Another
 * process finishes or undoes the job. There is exactly one running domain, no file that nobody knows, and the guest's
 * heartbeat never went back.
 */
class TestKillMigrate final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<KillPair> m_killer;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    /** The ids are another process's. */
    job::Plan plan(bool peerToPeer, bool endless, bool postCopy = false, bool throughHere = false)
    {
        MigrateWish wish;
        wish.from = QUuid::createUuid();
        wish.to = QUuid::createUuid();
        wish.domain = m_hosts->uuid();
        wish.options.peerToPeer = peerToPeer;
        wish.options.postCopy = postCopy;
        wish.options.postCopyBandwidth = postCopy ? 1 << 20 : 0;
        wish.options.destinationUri = m_hosts->peerUri(m_b);
        wish.options.downtimeMs = 300;
        wish.options.storage = virt::migration::Options::Storage::Full;
        wish.options.disks = {u"hda"_s};
        wish.volumes = {{.name = u"vm-hda.qcow2"_s, .bytes = 4 << 20}};
        wish.snapshots = true;
        wish.throughHere = throughHere;
        if (endless) {
            wish.options.bandwidth = 8 << 20;
            wish.options.downtimeMs = 50;
            wish.policy.kind = migration::Policy::Kind::Patient;
            wish.policy.initialDowntimeMs = 50;
            wish.policy.maxDowntimeMs = 50;
        }
        return migratePlan(wish);
    }
    bool prepare(const QString &orders = {})
    {
        return m_hosts->clear()
            && m_hosts->make({.disks = {{.mebibytes = 4}}, .orders = orders, .mebibytes = orders.isEmpty() ? 16 : 64})
            && m_hosts->start() && m_hosts->writes(u"hda"_s, 1, 1, 5)
            && m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"s1"_s}).ok();
    }
    void startChild(QProcess &child, const job::Plan &wanted, const QString &journal, int killAt)
    {
        QVERIFY(m_killer->start(child,
            {.plan = wanted,
                .host = m_hosts->uri(m_a),
                .other = m_hosts->uri(m_b),
                .journal = journal,
                .killAt = killAt}));
    }
    /** What holds whatever was done. */
    QString amiss(const std::optional<JobRecord> &record, const QString &expected)
    {
        const QString where = m_hosts->runsOn();
        if (where != m_hosts->existsOn() || (where != m_a && where != m_b)) {
            return u"it is on \"%1\", and runs on \"%2\""_s.arg(m_hosts->existsOn(), where);
        }
        if (!expected.isEmpty() && where != expected) {
            return u"it runs on %1"_s.arg(where);
        }
        if (!m_hosts->isPersistent(where)) {
            return u"it is not persistent"_s;
        }
        if (const QString wrong = m_hosts->wentOn(); !wrong.isEmpty()) {
            return wrong;
        }
        if (m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--name"_s}, where).simplified() != "s1"_L1) {
            return u"its snapshot is lost"_s;
        }
        if (!m_hosts->sees()) {
            return u"it does not see what it wrote"_s;
        }
        // What an undo found in use, or a finish came too late for, is named.
        const QStringList orphans = m_hosts->orphans();
        if (!orphans.isEmpty() && !(orphans == QStringList{u"A: /srv/local/pool/vm-hda.qcow2"_s} && where == m_b)) {
            return u"orphans: "_s + orphans.join(u' ');
        }
        if (record && !record->remains.isEmpty()) {
            return u"remains: "_s + record->remains.join(u' ');
        }
        return {};
    }
    static bool isLong() { return qEnvironmentVariableIsSet("VIREO_MIGRATE_ALWAYS"); }
    static bool signal(const QProcess &process, int number)
    {
        return process.state() == QProcess::Running && ::kill(static_cast<pid_t>(process.processId()), number) == 0;
    }
    /** How many connections the host's daemon has. */
    int clientsOf(const QString &host)
    {
        const auto asked = m_hosts->bed.exec(
            host, {u"virt-admin"_s, u"-c"_s, u"libvirtd:///system"_s, u"client-list"_s, u"libvirtd"_s});
        return static_cast<int>(asked.output.count(u"unix"_s));
    }
    static QString told(const std::optional<JobRecord> &record)
    {
        return record ? QString::fromUtf8(MigrationHosts::text(*record)) : QString();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
        m_killer = std::make_unique<KillPair>(*m_hosts);
    }
    void cleanupTestCase()
    {
        m_killer.reset();
        m_hosts.reset();
    }

    void atEachMoment_data()
    {
        QTest::addColumn<bool>("throughHere");
        QTest::newRow("from host to host") << false;
        QTest::newRow("through this computer") << true;
    }
    void atEachMoment()
    {
        QFETCH(bool, throughHere);
        constexpr int few = 11; // the other row is alike in all but two steps
        const bool bothWays = qEnvironmentVariableIsSet("VIREO_KILL_ALWAYS");
        const int every = bothWays ? 1 : throughHere ? few : 4;
        int kills = 0;
        const int first = qEnvironmentVariableIntValue("VIREO_KILL_FROM"); // to repeat what failed
        for (int killAt = std::max(first, every);; killAt += every) {
            bool wasKilled = true;
            for (const Recovery recovery : {Recovery::Finish, Recovery::Undo}) {
                if (!bothWays && (recovery == Recovery::Finish) != (killAt / every % 2 == 0)) {
                    continue;
                }
                QVERIFY(prepare());
                const auto journal = m_killer->freshJournal();
                QProcess child;
                startChild(child, plan(killAt % 3 != 0, false, false, throughHere), journal->directory(), killAt);
                bool isBroken = false;
                wasKilled = m_killer->wait(child, isBroken);
                QVERIFY(!isBroken);
                kills += wasKilled ? 1 : 0;
                const auto record = m_killer->recover(journal, recovery);
                const QString expected = !record ? m_a : recovery == Recovery::Finish ? m_b : QString();
                const QString wrong = amiss(record, expected);
                QVERIFY2(wrong.isEmpty(),
                    qPrintable(u"killed at %1, then %2: %3\n%4"_s.arg(killAt).arg(
                        recovery == Recovery::Finish ? u"finished"_s : u"undone"_s, wrong, told(record))));
            }
            if (!wasKilled) {
                break;
            }
        }
        QVERIFY(kills >= (every == few ? 3 : 5));
    }

    void inTheMiddle_data()
    {
        QTest::addColumn<bool>("peerToPeer");
        QTest::addColumn<bool>("finish");
        QTest::newRow("peer to peer, adopted") << true << true;
        QTest::newRow("peer to peer, undone") << true << false;
        QTest::newRow("direct, begun anew") << false << true;
        QTest::newRow("direct, undone") << false << false;
    }
    void inTheMiddle()
    {
        QFETCH(bool, peerToPeer);
        QFETCH(bool, finish);
        QVERIFY(prepare(u"dirty=60:24"_s));
        const auto journal = m_killer->freshJournal();
        QProcess child;
        startChild(child, plan(peerToPeer, true), journal->directory(), 0);
        QVERIFY(child.waitForStarted());
        const auto info = [this] {
            return m_hosts->virsh({u"domjobinfo"_s, u"vm"_s}, m_a);
        };
        QTRY_VERIFY_WITH_TIMEOUT(info().contains(u"Iteration"_s), 20000);
        child.kill();
        QVERIFY(child.waitForFinished());
        if (peerToPeer) {
            QVERIFY(info().contains(u"Iteration"_s)); // it goes on without its client
        }
        // So that it can end. (What a guest that has been busy writes once it is quiet, QEMU 7.2 may lose on the way
        // when it translates the guest's code, also without Vireo. So a migration that goes on ends by its limit.)
        if (finish && peerToPeer) {
            QVERIFY(m_hosts->bed.virsh(m_a, {u"migrate-setmaxdowntime"_s, u"vm"_s, u"8000"_s}).ok());
        } else if (finish) {
            QTRY_VERIFY(!info().contains(u"Iteration"_s)); // it ended with its client
            QVERIFY(m_hosts->order(u"dirty=0"_s, u"DIRTY 0"_s));
        }
        const auto record = m_killer->recover(journal, finish ? Recovery::Finish : Recovery::Undo);
        QVERIFY(record.has_value());
        const QString wrong = amiss(record, finish ? m_b : m_a);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong + u'\n' + told(record)));
        QCOMPARE(record->state, finish ? JobState::Done : JobState::Cancelled);
        QVERIFY(finish || m_hosts->files(m_b).isEmpty());
    }

    /** Between two of libvirt's calls: all was sent, and nobody has told the destination. */
    void inTheGap_data()
    {
        QTest::addColumn<bool>("finish");
        QTest::newRow("to be finished") << true;
        if (isLong()) {
            QTest::newRow("undone") << false;
        }
    }
    void inTheGap()
    {
        QFETCH(bool, finish);
        QVERIFY(prepare(u"dirty=60:24"_s));
        const auto journal = m_killer->freshJournal();
        QProcess child;
        startChild(child, plan(false, true), journal->directory(), 0);
        QVERIFY(child.waitForStarted());
        QVERIFY(isSent(*m_hosts));
        QVERIFY(signal(child, SIGSTOP));
        QVERIFY(reachesTheGap(*m_hosts));
        child.kill();
        QVERIFY(child.waitForFinished());
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->existsOn(), m_a, 20000);
        QCOMPARE(m_hosts->state(m_a), u"paused"_s); // libvirt leaves it so
        const auto record = m_killer->recover(journal, finish ? Recovery::Finish : Recovery::Undo);
        QVERIFY(record.has_value());
        const QString wrong = amiss(record, m_a);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong + u'\n' + told(record)));
        // Nobody is there who could be asked, so it is taken back either way.
        QCOMPARE(record->state, finish ? JobState::Failed : JobState::Cancelled);
        QVERIFY(m_hosts->files(m_b).isEmpty());
    }

    /** It hangs, as a computer does that sleeps. S8, S10 */
    void stopped_data()
    {
        QTest::addColumn<bool>("peerToPeer");
        QTest::addColumn<bool>("forLong"); // until the daemons have dropped its connections
        QTest::addColumn<bool>("postCopy");
        QTest::newRow("peer to peer") << true << false << false;
        if (isLong()) {
            QTest::newRow("peer to peer, for long") << true << true << false;
            QTest::newRow("direct, for long") << false << true << false;
            QTest::newRow("peer to peer, for long in post-copy") << true << true << true;
            QTest::newRow("direct, for long in post-copy") << false << true << true;
        }
    }
    void stopped()
    {
        QFETCH(bool, peerToPeer);
        QFETCH(bool, forLong);
        QFETCH(bool, postCopy);
        QVERIFY(prepare(u"dirty=60:24"_s));
        const auto journal = m_killer->freshJournal();
        QProcess child;
        startChild(child, plan(peerToPeer, true, postCopy), journal->directory(), 0);
        QVERIFY(child.waitForStarted());
        QVERIFY(isSent(*m_hosts));
        if (postCopy) {
            QVERIFY(m_hosts->bed.virsh(m_a, {u"migrate-postcopy"_s, u"vm"_s}).ok());
            QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_b), u"running"_s, 30000);
        }
        const int clients = clientsOf(m_a);
        QVERIFY(clients > 1);
        QVERIFY(signal(child, SIGSTOP));
        if (forLong) {
            QTRY_VERIFY_WITH_TIMEOUT(clientsOf(m_a) < clients, 60000);
        }
        const bool arrives = peerToPeer || postCopy;
        const QString expected = arrives ? m_b : m_a;
        if (peerToPeer && !postCopy) {
            QVERIFY(isSent(*m_hosts)); // it goes on
            QVERIFY(m_hosts->bed.virsh(m_a, {u"migrate-setmaxdowntime"_s, u"vm"_s, u"8000"_s}).ok());
        }
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->runsOn(), expected, 30000);
        // In post-copy libvirt waits for it with the source's copy, and then keeps that.
        const bool isLeft = postCopy && !peerToPeer;
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->existsOn(), isLeft ? u"A B"_s : expected, 30000);
        QVERIFY(m_hosts->heartbeat() > 0); // without its client
        QVERIFY(signal(child, SIGCONT));
        QVERIFY(child.waitForFinished(timeoutMs));
        QCOMPARE(child.exitStatus(), QProcess::NormalExit);
        QCOMPARE(child.exitCode(), 0);
        const auto record = m_killer->recover(journal, Recovery::Finish); // as it ended
        QVERIFY(record.has_value());
        const JobState state = isLeft ? JobState::Stuck : arrives ? JobState::Done : JobState::Failed;
        QVERIFY2(record->state == state, qPrintable(told(record)));
        if (isLeft) { // nobody is there who could be asked
            QVERIFY2(record->error.message.contains(u"former copy"_s), qPrintable(told(record)));
            QCOMPARE(m_hosts->runsOn(), m_b);
            QCOMPARE(m_hosts->wentOn(), QString());
            QVERIFY(m_hosts->sees());
            return;
        }
        const QString wrong = amiss(record, expected);
        QVERIFY2(wrong.isEmpty(), qPrintable(wrong + u'\n' + told(record)));
        QVERIFY(arrives || m_hosts->files(m_b).isEmpty());
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killPairMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestKillMigrate test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_kill_migrate.moc"
