// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRegularExpression>
#include <QTest>

#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::MigrationHosts;

/** The fixture itself: one that could not be wrong would prove nothing. */
class TestMigrationHosts final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    bool migrate(const QString &from, const QStringList &more = {})
    {
        const auto moved = m_hosts->bed.virsh(from,
            QStringList{u"migrate"_s, u"--live"_s, u"--p2p"_s, u"--persistent"_s, u"--undefinesource"_s, u"vm"_s,
                m_hosts->peerUri(MigrationHosts::other(from))}
                + more);
        if (!moved.ok()) {
            qWarning("%s", qPrintable(moved.errorText));
        }
        return moved.ok();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void init() { QVERIFY(m_hosts->clear()); }
    void cleanupTestCase() { m_hosts.reset(); }

    void followsAGuestToTheOtherHostAndBack()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}, .orders = u"dirty=20:8"_s}));
        QCOMPARE(m_hosts->runsOn(), QString());
        QCOMPARE(m_hosts->existsOn(), m_a);
        QVERIFY(m_hosts->start());
        QCOMPARE(m_hosts->runsOn(), m_a);
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 2, 7));
        const int before = m_hosts->heartbeat();
        QVERIFY(migrate(m_a, {u"--unsafe"_s}));
        QCOMPARE(m_hosts->runsOn(), m_b);
        QCOMPARE(m_hosts->existsOn(), m_b);
        QVERIFY(m_hosts->heartbeat() > before);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QVERIFY(m_hosts->writes(u"hda"_s, 2, 1, 8));
        QVERIFY(migrate(m_b, {u"--unsafe"_s}));
        QCOMPARE(m_hosts->runsOn(), m_a);
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->stop());
        QCOMPARE(m_hosts->neverWentBack(), QString());
        QCOMPARE(m_hosts->compare(u"hda"_s, m_a), QString());
        QCOMPARE(m_hosts->orphans(), QStringList());
        QVERIFY(m_hosts->isPersistent(m_a));
        QVERIFY(!m_hosts->isPersistent(m_b));
    }

    /** A kernel with all its timers and caches, and not one of ours. */
    void aRealKernelGoesOn()
    {
        QVERIFY(m_hosts->make({.mebibytes = 96, .realKernel = true}));
        QVERIFY(m_hosts->start());
        for (const QString &from : {m_a, m_b}) {
            QVERIFY(migrate(from));
            QCOMPARE(m_hosts->runsOn(), MigrationHosts::other(from));
            QVERIFY(m_hosts->hears(u"MEMORY AS IT WAS"_s));
            QCOMPARE(m_hosts->wentOn(), QString());
        }
        const QString said = QString::fromLatin1(m_hosts->said());
        QVERIFY2(!said.contains(u"MEMORY CHANGED"_s) && !said.contains(u"Call Trace"_s), qPrintable(said));
        static const QRegularExpression beat(u"HB \\d+ t=(\\d+\\.\\d+)"_s);
        double last = 0;
        for (const QRegularExpressionMatch &match : beat.globalMatch(said)) {
            const double uptime = match.capturedView(1).toDouble();
            QVERIFY2(uptime > last, qPrintable(u"%1 s follows %2 s"_s.arg(uptime).arg(last)));
            last = uptime;
        }
    }

    void noticesWhatIsWrong()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 7));
        QVERIFY(m_hosts->order(u"reset"_s, u"READY"_s));
        QVERIFY(m_hosts->heartbeat() > 0);
        QVERIFY(m_hosts->wentOn().contains(u"heartbeat 1 follows"_s));
        // A disk that is not what the guest wrote, and a file that nobody knows.
        QVERIFY(m_hosts->stop());
        QFile strange(m_hosts->directory(m_a) + u"/strange"_s);
        QVERIFY(strange.open(QIODevice::WriteOnly));
        QCOMPARE(m_hosts->orphans(), QStringList{u"A: /srv/local/pool/strange"_s});
        QVERIFY(m_hosts->bed
                .exec(m_a,
                    {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"/srv/local/pool/vm-hda.qcow2"_s,
                        u"32M"_s})
                .ok());
        QVERIFY(m_hosts->compare(u"hda"_s, m_a).contains(u"differs at byte 1048576"_s));
        QVERIFY(m_hosts->files(m_b).isEmpty());
    }

    void breaksThings()
    {
        QVERIFY(m_hosts->make({}));
        QVERIFY(m_hosts->make({.name = u"two"_s, .agent = true}, m_b));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->start(u"two"_s, m_b));
        QCOMPARE(m_hosts->runsOn(u"two"_s), m_b);
        QVERIFY(m_hosts->bed.cutLink(m_b));
        QVERIFY(!m_hosts->bed.exec(m_a, {u"ping"_s, u"-c1"_s, u"-W1"_s, u"vireo-b"_s}).ok());
        QVERIFY(m_hosts->bed.joinLink(m_b));
        QTRY_VERIFY(m_hosts->bed.exec(m_a, {u"bash"_s, u"-c"_s, u": < /dev/tcp/vireo-b/16509"_s}).ok());
        QVERIFY(m_hosts->bed.rateLink(m_b, u"50mbit"_s));
        QVERIFY(m_hosts->makeSmallPool(m_b, u"small"_s, 4));
        QVERIFY(m_hosts->virsh({u"pool-list"_s, u"--name"_s}, m_b).contains(u"small"_s));

        const auto before = m_hosts->connection(m_a);
        QVERIFY(before && before == m_hosts->connection(m_a));
        QVERIFY(m_hosts->bed.killDaemon(m_a));
        QVERIFY(m_hosts->answers(m_a));
        QTRY_VERIFY(m_hosts->connection(m_a) && m_hosts->connection(m_a) != before);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->killQemu(m_a));
        QTRY_COMPARE(m_hosts->state(m_a), u"shut off"_s);
        QVERIFY(!m_hosts->killQemu(m_a));
        QCOMPARE(m_hosts->wentOn(u"two"_s), QString());
    }
};

QTEST_GUILESS_MAIN(TestMigrationHosts)
#include "tst_migrationhosts_system.moc"
