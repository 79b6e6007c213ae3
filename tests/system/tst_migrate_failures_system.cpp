// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/operation/migrate/migrate.h"
#include "migratejobs.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using operation::MigrationCommand;
using test::MigrateWish;
using test::MigrationHosts;

/** What breaks while a job migrates a VM: all that was done is undone, and the VM goes on where it was. */
class TestMigrateFailures final : public QObject, private test::MigrateJobs
{
    Q_OBJECT

    static bool isLong() { return qEnvironmentVariableIsSet("VIREO_MIGRATE_ALWAYS"); }
    /** With all checks before; no steps: facts could not be read. */
    job::Plan planned(operation::MigrateDraft draft = {})
    {
        using namespace operation;
        const auto from = m_hosts->connection(m_a);
        const auto to = m_hosts->connection(m_b);
        draft.to = m_hosts->uri(m_b);
        draft.destinationUri = m_hosts->peerUri(m_b);
        const auto source = readMigrateSource(*from, m_hosts->uuid(), {});
        const auto there = readMigrateDestination(*to, {});
        const auto pair = source && there ? readMigratePair(from, to, *source, *there, draft, true, {})
                                          : fail(Error::failed(u"no facts"_s));
        return pair ? planMigrate(m_hosts->id(m_a), m_hosts->id(m_b), MigrateFacts{*source, *there, *pair}, draft)
                    : job::Plan();
    }
    /** Failed or, by a person, cancelled; and nothing of it is left. */
    QString traces(const JobRecord &record, const QString &stored)
    {
        const bool isUndone = record.state == JobState::Failed || record.state == JobState::Cancelled;
        if (!isUndone || !record.remains.isEmpty()) {
            return u"the job: "_s + QString::fromUtf8(MigrationHosts::text(record));
        }
        const QString wrong = amiss(m_a);
        return wrong.isEmpty() && m_hosts->xml(m_a, true) != stored ? u"its definition has changed"_s : wrong;
    }
    /** Gives a host a certificate for its migrations, by an authority of that name; empty: takes all away. */
    bool certify(const QString &host, const QString &signer)
    {
        // It believes that authority alone.
        static const QString script = uR"sh(
set -e
cd /etc/libvirt/pki
rm -f *.pem
[ -n "$2" ] || exit 0
new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
for name in ours other; do
    [ -e "$1/$name.pem" ] || openssl req -x509 $new -days 2 -subj "/CN=$name" \
        -addext keyUsage=critical,keyCertSign -keyout "$1/$name.key" -out "$1/$name.pem"
done
openssl req $new -subj "/CN=$(hostname)" -keyout server-key.pem -out request
printf '%s\n' 'basicConstraints=CA:FALSE' 'keyUsage=critical,digitalSignature,keyEncipherment' \
    'extendedKeyUsage=serverAuth,clientAuth' "subjectAltName=DNS:$(hostname)" >extensions
openssl x509 -req -in request -days 2 -CA "$1/$2.pem" -CAkey "$1/$2.key" -CAcreateserial -extfile extensions \
    -out server-cert.pem
cp server-key.pem client-key.pem
cp server-cert.pem client-cert.pem
cp "$1/$2.pem" ca-cert.pem
)sh"_s;
        const auto made =
            m_hosts->bed.exec(host, {u"sh"_s, u"-c"_s, script, u"certify"_s, m_hosts->bed.directory(), signer});
        if (!made.ok()) {
            qWarning("%s", qPrintable(made.errorText));
        }
        return made.ok();
    }
    void letGo()
    {
        send(m_a, MigrationCommand::Kind::SetMaxDowntime, 20000);
        send(m_a, MigrationCommand::Kind::SetBandwidth, quint64(1) << 30);
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void init() { QVERIFY(m_hosts->clear()); }
    void cleanupTestCase() { m_hosts.reset(); }

    /** There was room when it was planned; somebody else has filled it meanwhile. S23 */
    void theDestinationRunsFull()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 20, 7));
        QVERIFY(m_hosts->makeSmallPool(m_b, u"small"_s, 64));
        const QString stored = m_hosts->xml(m_a, true);
        operation::MigrateDraft draft;
        draft.map.pools.insert(u"default"_s, u"small"_s);
        const job::Plan plan = planned(draft);
        QVERIFY(MigrationHosts::canRun(plan));
        const QString there = MigrationHosts::hostDirectory(u"small"_s);
        const QString filler = there + u"/filler"_s;
        QVERIFY(m_hosts->bed.exec(m_b, {u"fallocate"_s, u"-l"_s, u"56M"_s, filler}).ok());
        const JobRecord record = m_hosts->run(plan);
        QCOMPARE(traces(record, stored), QString());
        QVERIFY2(record.error.message.contains(u"space"_s), MigrationHosts::text(record).constData());
        QCOMPARE(m_hosts->bed.exec(m_b, {u"ls"_s, there}).output.trimmed(), u"filler"_s);
        QVERIFY(m_hosts->writes(u"hda"_s, 3, 1, 9)); // no mirror is left that would stop it
        if (!isLong()) {
            return;
        }
        // With room it goes.
        QVERIFY(m_hosts->bed.exec(m_b, {u"rm"_s, filler}).ok());
        QVERIFY(isDone(m_hosts->run(planned(draft))));
        QCOMPARE(amiss(m_b), QString());
        QCOMPARE(m_hosts->path(u"hda"_s, m_b), there + u"/vm-hda.qcow2"_s);
        QVERIFY(m_hosts->stop(u"vm"_s, m_b));
        QCOMPARE(m_hosts->compare(u"hda"_s, m_b), QString());
    }

    /** Shorter (S11) and longer (S12) than libvirt waits. */
    void theLinkIsCut_data()
    {
        QTest::addColumn<bool>("isLost");
        QTest::addColumn<bool>("peerToPeer");
        QTest::addColumn<bool>("copiesDisk");
        QTest::newRow("for a while") << false << true << true;
        if (isLong()) {
            QTest::newRow("for a while, direct") << false << false << true;
            QTest::newRow("lost") << true << true << false;
            QTest::newRow("lost, direct") << true << false << false;
            QTest::newRow("lost with a disk") << true << true << true;
        }
    }
    void theLinkIsCut()
    {
        QFETCH(bool, isLost);
        QFETCH(bool, peerToPeer);
        QFETCH(bool, copiesDisk);
        const QString pool = copiesDisk ? u"default"_s : u"shared"_s;
        QVERIFY(m_hosts->make({.disks = {{.pool = pool}}, .orders = u"dirty=60:24"_s}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 2, 7));
        const QString stored = m_hosts->xml(m_a, true);
        MigrateWish wanted = copiesDisk ? endless(m_a) : endlessOnShared(m_a);
        wanted.options.peerToPeer = peerToPeer;
        const job::JobId id = m_hosts->jobs->run(migratePlan(wanted));
        QVERIFY(copies(m_a));
        QVERIFY(m_hosts->bed.cutLink(m_b));
        // It is told, and nothing else happens.
        QTRY_VERIFY_WITH_TIMEOUT(!picture(m_a)->note.isEmpty(), 20000);
        QVERIFY(!m_hosts->jobs->job(id)->isFinished());
        QCOMPARE(m_hosts->runsOn(), m_a);
        if (isLost) {
            if (peerToPeer) {
                QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_b), QString(), 90000); // libvirt has given it up
            } else {
                send(m_a, MigrationCommand::Kind::Abort); // nobody but a person would: both daemons are reached
            }
            if (copiesDisk) {
                // QEMU 7.2 flushes the copy that it takes away, and stands still until the link is back.
                QVERIFY(m_hosts->bed.joinLink(m_b));
            }
            QVERIFY(m_hosts->wait(id));
            QCOMPARE(traces(*m_hosts->jobs->job(id), stored), QString());
            QVERIFY(m_hosts->files(m_b).isEmpty());
            QVERIFY(copiesDisk || m_hosts->bed.joinLink(m_b));
            QVERIFY(m_hosts->order(u"dirty=0"_s, u"DIRTY 0"_s));
            wanted.options.bandwidth = 0;
            QVERIFY(moves(wanted));
        } else {
            QVERIFY(m_hosts->bed.joinLink(m_b));
            QTRY_VERIFY_WITH_TIMEOUT(picture(m_a)->note.isEmpty(), 20000);
            letGo();
            QVERIFY(m_hosts->wait(id));
            QVERIFY(isDone(*m_hosts->jobs->job(id)));
        }
        QCOMPARE(amiss(m_b), QString());
    }

    /** The destination's QEMU dies when the guest stands still already, for the last pages. S4 */
    void theDestinationDiesAtTheSwitchOver_data()
    {
        QTest::addColumn<bool>("peerToPeer");
        QTest::newRow("peer to peer") << true;
        if (isLong()) {
            QTest::newRow("direct") << false;
        }
    }
    void theDestinationDiesAtTheSwitchOver()
    {
        QFETCH(bool, peerToPeer);
        QVERIFY(m_hosts->make({.disks = {{}}, .orders = u"dirty=60:12"_s}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 2, 7));
        const QString stored = m_hosts->xml(m_a, true);
        MigrateWish wanted = endless(m_a);
        wanted.options.peerToPeer = peerToPeer;
        const job::JobId id = m_hosts->jobs->run(migratePlan(wanted));
        QVERIFY(copies(m_a));
        QVERIFY(m_hosts->bed.rateLink(m_b, u"16mbit"_s)); // for 12 MiB, in which the guest stands
        letGo();
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_a), u"paused"_s, 20000);
        QVERIFY(m_hosts->killQemu(m_b));
        QVERIFY(m_hosts->wait(id));
        QCOMPARE(traces(*m_hosts->jobs->job(id), stored), QString());
        QVERIFY(m_hosts->files(m_b).isEmpty());
        if (isLong()) {
            QVERIFY(m_hosts->bed.rateLink(m_b, u"off"_s));
            QVERIFY(moves(copying(m_a)));
            QCOMPARE(amiss(m_b), QString());
        }
    }

    /** What libvirt would refuse is found before, with its reason. S24 */
    void theChecksFindIt_data()
    {
        using Path = operation::MigrateDraft::Path;
        QTest::addColumn<bool>("isEncrypted");
        QTest::addColumn<QString>("signer"); // of the destination's certificate; empty: no certificates
        QTest::addColumn<int>("path");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("cause");
        const auto row = [](const char *name, bool isEncrypted, const QString &signer, Path path, const QString &text,
                             const QString &cause) {
            QTest::newRow(name) << isEncrypted << signer << int(path) << text << cause;
        };
        row("the port is in use", false, {}, Path::PeerToPeer, u"is in use on"_s, u"Address already in use"_s);
        row("no certificates", true, {}, Path::PeerToPeer, u"(TLS)"_s, u"ca-cert.pem"_s);
        row("a certificate of somebody else", true, u"other"_s, Path::PeerToPeer, u"(TLS)"_s, u"certificate"_s);
        row("certificates that fit", true, u"ours"_s, Path::PeerToPeer, {}, {});
        if (isLong()) {
            row("the port is in use, auto", false, {}, Path::Auto, u"is in use on"_s, u"Address already in use"_s);
            row("no certificates, auto", true, {}, Path::Auto, u"(TLS)"_s, u"ca-cert.pem"_s);
            row("a certificate of somebody else, direct", true, u"other"_s, Path::Direct, u"(TLS)"_s, u"certificate"_s);
        }
    }
    void theChecksFindIt()
    {
        QFETCH(bool, isEncrypted);
        QFETCH(QString, signer);
        QFETCH(int, path);
        QFETCH(QString, text);
        QFETCH(QString, cause);
        QVERIFY(certify(m_a, signer.isEmpty() ? QString() : u"ours"_s) && certify(m_b, signer));
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}}) && m_hosts->start());
        operation::MigrateDraft draft;
        draft.tls = isEncrypted;
        draft.path = static_cast<operation::MigrateDraft::Path>(path);
        if (!isEncrypted) {
            draft.migrateUri = u"tcp://vireo-b:16509"_s; // the daemon's own
        }
        const job::Plan plan = planned(draft);
        if (text.isEmpty()) {
            QVERIFY(MigrationHosts::canRun(plan));
            QVERIFY(isDone(m_hosts->run(plan)));
            QCOMPARE(amiss(m_b), QString());
            return;
        }
        QStringList blockers;
        for (const job::Finding &finding : plan.findings) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                blockers.append(finding.text + u" | "_s + finding.cause);
            }
        }
        QVERIFY2(blockers.size() == 1 && blockers[0].section(u" | "_s, 0, 0).contains(text)
                && blockers[0].section(u" | "_s, 1).contains(cause),
            qPrintable(blockers.join(u'\n')));
        // Nothing of it is left, and it goes by another way.
        QCOMPARE(amiss(m_a), QString());
        QCOMPARE(m_hosts->virsh({u"list"_s, u"--all"_s, u"--name"_s}, m_b).trimmed(), QString());
    }
};

QTEST_GUILESS_MAIN(TestMigrateFailures)
#include "tst_migrate_failures_system.moc"
