// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "migrationscene.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using migration::Diagnosis;
using test::MigrationHosts;
using test::MigrationScene;
using virt::migration::Options;

/** Everything that can break in the middle of a migration: what is where afterwards, and what is said of it. */
class TestMigrationFailures final : public QObject
{
    Q_OBJECT

    using Act = std::function<bool(MigrationHosts &)>;
    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<MigrationScene> m_scene;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    static QString said(const Result<> &result) { return result ? QString() : result.error().message; }
    bool bothAnswer() { return m_hosts->answers(m_a) && m_hosts->answers(m_b); }

    /** The guest goes on where it is, with its disk; and can still be migrated. */
    void checkItGoesOnAndMayStillMove()
    {
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->orphans(), QStringList());
        QTRY_VERIFY(m_hosts->connection(m_a) && m_hosts->connection(m_b));
        const Result<> again = m_scene->migrate(m_scene->options());
        QVERIFY2(again, qPrintable(said(again)));
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_scene->diagnosis().kind, Diagnosis::Kind::Completed);
        QVERIFY(m_hosts->stop(MigrationHosts::vm(), m_b));
        QCOMPARE(m_hosts->compare(u"hda"_s, m_b), QString());
        QCOMPARE(m_hosts->orphans(), QStringList());
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void init() { m_scene = std::make_unique<MigrationScene>(*m_hosts); }
    void cleanup()
    {
        m_scene.reset();
        QVERIFY(bothAnswer());
    }
    void cleanupTestCase() { m_hosts.reset(); }

    void staysAtTheSource_data()
    {
        QTest::addColumn<Act>("act");
        QTest::addColumn<bool>("peerToPeer");
        const auto row = [](const char *name, const Act &act, bool peerToPeer = true) {
            QTest::newRow(name) << act << peerToPeer;
        };
        const Act abort = [](MigrationHosts &hosts) {
            return virt::migration::abort(*hosts.connection(), hosts.uuid()).has_value();
        };
        const Act killThere = [](MigrationHosts &hosts) {
            return hosts.killQemu(MigrationHosts::b());
        };
        row("S1 aborted", abort);
        row("S1 aborted, direct", abort, false);
        row("S3 the destination's QEMU is killed", killThere);
        row("S3 the destination's QEMU is killed, direct", killThere, false);
        row("S6 the destination's daemon is killed",
            [](MigrationHosts &hosts) { return hosts.bed.killDaemon(MigrationHosts::b()); });
        row("S7 the source's daemon is killed",
            [](MigrationHosts &hosts) { return hosts.bed.killDaemon(MigrationHosts::a()); });
        row("S19 destroyed at the destination", [](MigrationHosts &hosts) {
            return hosts.bed.virsh(MigrationHosts::b(), {u"destroy"_s, MigrationHosts::vm()}).ok();
        });
    }
    void staysAtTheSource()
    {
        QFETCH(const Act, act);
        QFETCH(const bool, peerToPeer);
        QVERIFY(m_scene->makeGuest());
        const QString stored = m_hosts->xml(m_a, true);
        Options chosen = m_scene->endless();
        chosen.peerToPeer = peerToPeer;
        QVERIFY(m_scene->begin(chosen));
        QVERIFY(act(*m_hosts));
        const Result<> ended = m_scene->end();
        QVERIFY(!ended);
        QVERIFY(!said(ended).isEmpty());
        QVERIFY(bothAnswer());
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->runsOn(), m_a, 20000);
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->existsOn(), m_a, 20000);
        const Diagnosis found = m_scene->diagnosis();
        QVERIFY2(found.kind == Diagnosis::Kind::NotBegun || found.kind == Diagnosis::Kind::RolledBack,
            qPrintable(found.text));
        QCOMPARE(found.remedy, Diagnosis::Remedy::None);
        QCOMPARE(m_hosts->xml(m_a, true), stored);
        checkItGoesOnAndMayStillMove();
    }

    void isGone_data()
    {
        QTest::addColumn<Act>("act");
        QTest::addColumn<Diagnosis::Remedy>("remedy");
        QTest::newRow("S5 the source's QEMU is killed")
            << Act([](MigrationHosts &hosts) { return hosts.killQemu(MigrationHosts::a()); })
            << Diagnosis::Remedy::StartSource;
        QTest::newRow("S20 destroyed at the source")
            << Act([](MigrationHosts &hosts) { return hosts.stop(); }) << Diagnosis::Remedy::StartSource;
        QTest::newRow("S22 the guest shuts down") << Act([](MigrationHosts &hosts) {
            (void)hosts.order(u"off"_s, {}, MigrationHosts::vm(), 1000); // it can't answer
            return true;
        }) << Diagnosis::Remedy::None;
    }
    void isGone()
    {
        QFETCH(const Act, act);
        QFETCH(const Diagnosis::Remedy, remedy);
        QVERIFY(m_scene->makeGuest());
        const QString stored = m_hosts->xml(m_a, true);
        QVERIFY(m_scene->begin(m_scene->endless()));
        QVERIFY(act(*m_hosts));
        QVERIFY(!m_scene->end());
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->existsOn(), m_a, 20000);
        QCOMPARE(m_hosts->state(m_a), u"shut off"_s);
        const Diagnosis found = m_scene->diagnosis();
        QCOMPARE(found.kind, Diagnosis::Kind::GuestGone);
        QCOMPARE(found.remedy, remedy);
        QCOMPARE(m_hosts->xml(m_a, true), stored);
        QCOMPARE(m_hosts->neverWentBack(), QString());
        QCOMPARE(m_hosts->orphans(), QStringList());
        // Nothing but memory was lost.
        QCOMPARE(m_hosts->compare(u"hda"_s, m_a), QString());
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->sees());
    }

    void arrivesThoughItIsSuspended() // S18
    {
        QVERIFY(m_scene->makeGuest());
        QVERIFY(m_scene->begin(m_scene->endless()));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"suspend"_s, MigrationHosts::vm()}).ok());
        QCOMPARE(said(m_scene->end()), QString());
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->runsOn(), m_b); // libvirt lets it run there
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_scene->diagnosis().kind, Diagnosis::Kind::Completed);
    }

    void waitsForALinkThatWasCut() // S11: shorter than keep-alive
    {
        QVERIFY(m_scene->makeGuest());
        QVERIFY(m_scene->begin(m_scene->endless()));
        QVERIFY(m_hosts->bed.cutLink(m_b));
        QTest::qWait(1500);
        QVERIFY(!m_scene->isOver());
        // Back at once: what a busy machine adds to the cut, TCP waits for once more, and keep-alive ends after 25 s.
        QVERIFY(m_hosts->bed.joinLink(m_b));
        QCOMPARE(m_hosts->runsOn(), m_a);
        QCOMPARE(m_scene->diagnosis().kind, Diagnosis::Kind::Running);
        QVERIFY(m_scene->letGo());
        QCOMPARE(said(m_scene->end()), QString());
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
    }

    void isRefusedWhereItsNameIsTaken() // S24
    {
        QVERIFY(m_scene->makeGuest());
        QString another = m_hosts->xml(m_a, true);
        const QString uuid = QUuid::createUuid().toString(QUuid::WithoutBraces);
        another.replace(m_hosts->uuid().toString(QUuid::WithoutBraces), uuid);
        QVERIFY(virt::domains::define(*m_hosts->connection(m_b), another));
        const QString stored = m_hosts->xml(m_a, true);
        const Result<> refused = m_scene->migrate(m_scene->options());
        QVERIFY(!refused);
        QVERIFY2(said(refused).contains(u"already exists"_s), qPrintable(said(refused)));
        QCOMPARE(m_hosts->runsOn(), m_a);
        QCOMPARE(m_hosts->xml(m_a, true), stored);
        QCOMPARE(m_hosts->virsh({u"domuuid"_s, MigrationHosts::vm()}, m_b).trimmed(), uuid);
        QCOMPARE(m_hosts->state(m_b), u"shut off"_s);
        QCOMPARE(m_hosts->wentOn(), QString());
        QCOMPARE(m_hosts->orphans(), QStringList());
    }

    void isRefusedWhereItsDiskIsMissing() // S24
    {
        QVERIFY(m_hosts->clear());
        QVERIFY(m_hosts->make({.disks = {{}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-destroy"_s, u"default"_s}).ok());
        Options chosen = m_scene->options();
        chosen.storage = Options::Storage::Full;
        chosen.disks = {u"hda"_s};
        const Result<> refused = m_scene->migrate(chosen);
        QVERIFY(!refused);
        QCOMPARE(m_hosts->existsOn(), m_a);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-start"_s, u"default"_s}).ok());
        QCOMPARE(m_hosts->files(m_b), QStringList());
    }

    void staysWhereTheDestinationIsFull() // S23
    {
        QVERIFY(m_hosts->clear());
        QVERIFY(m_hosts->make({.disks = {{.format = u"raw"_s}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 20, 7));
        QVERIFY(m_hosts->makeSmallPool(m_b, u"small"_s, 8));
        QVERIFY(m_hosts->bed
                .virsh(m_b,
                    {u"vol-create-as"_s, u"small"_s, u"vm-hda.raw"_s, u"32M"_s, u"--allocation"_s, u"0"_s,
                        u"--format"_s, u"raw"_s})
                .ok());
        const auto elsewhere = [&](bool inactive) {
            QString xml = virt::migration::migratableXml(*m_hosts->connection(m_a), m_hosts->uuid(), inactive).value();
            return xml.replace(MigrationHosts::hostDirectory(), MigrationHosts::hostDirectory(u"small"_s));
        };
        Options chosen = m_scene->options();
        chosen.unsafe = false;
        chosen.storage = Options::Storage::Full;
        chosen.disks = {u"hda"_s};
        chosen.destinationXml = elsewhere(false);
        chosen.persistentXml = elsewhere(true);
        const Result<> refused = m_scene->migrate(chosen);
        QVERIFY(!refused);
        QTRY_COMPARE(m_hosts->existsOn(), m_a);
        QCOMPARE(m_hosts->runsOn(), m_a);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QVERIFY(m_hosts->writes(u"hda"_s, 3, 1, 9));
        const Diagnosis found = m_scene->diagnosis();
        QVERIFY2(found.kind == Diagnosis::Kind::NotBegun || found.kind == Diagnosis::Kind::RolledBack,
            qPrintable(found.text));
        // With room it goes, and takes the disk to the other path.
        QVERIFY(m_hosts->bed
                .exec(m_b, {u"mount"_s, u"-o"_s, u"remount,size=64m"_s, MigrationHosts::hostDirectory(u"small"_s)})
                .ok());
        QCOMPARE(said(m_scene->migrate(chosen)), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->path(u"hda"_s, m_b), u"/srv/local/pool-small/vm-hda.raw"_s);
        QVERIFY(m_hosts->xml(m_b, true).contains(u"/srv/local/pool-small/vm-hda.raw"_s));
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->stop(MigrationHosts::vm(), m_b));
        QCOMPARE(m_hosts->compare(u"hda"_s, m_b), QString());
    }

    // ---- after the switch to post-copy, where memory is on both hosts

    void goesOnAfterAPauseInPostCopy() // S2, S13
    {
        QVERIFY(m_scene->makeGuest());
        Options chosen = m_scene->endless();
        chosen.postCopy = true;
        chosen.postCopyBandwidth = MigrationScene::mebibyte;
        QVERIFY(m_scene->begin(chosen));
        QVERIFY(m_scene->switchOver());
        QVERIFY(!virt::migration::abort(*m_hosts->connection(), m_hosts->uuid()));
        QVERIFY(virt::migration::abort(*m_hosts->connection(), m_hosts->uuid(), true));
        QVERIFY(!m_scene->end());
        QTRY_COMPARE(m_scene->diagnosis(true).kind, Diagnosis::Kind::PostCopyBroken);
        QCOMPARE(m_scene->diagnosis(true).remedy, Diagnosis::Remedy::ResumePostCopy);
        QCOMPARE(m_hosts->existsOn(), u"A B"_s);
        QCOMPARE(m_hosts->state(m_a), u"paused"_s);
        // Neither a lost link nor daemons that start again change it.
        QVERIFY(m_hosts->bed.cutLink(m_b));
        QVERIFY(m_hosts->bed.killDaemon(m_a) && m_hosts->bed.killDaemon(m_b));
        QVERIFY(bothAnswer());
        QVERIFY(m_hosts->bed.joinLink(m_b));
        QTRY_COMPARE(m_scene->diagnosis(true).kind, Diagnosis::Kind::PostCopyBroken);
        chosen.postCopyResume = true;
        chosen.postCopyBandwidth = 100 * MigrationScene::mebibyte;
        const Result<> resumed = m_scene->migrate(chosen);
        QVERIFY2(resumed, qPrintable(said(resumed)));
        QTRY_COMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_scene->diagnosis(true).kind, Diagnosis::Kind::Completed);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->orphans(), QStringList());
    }

    void arrivesWithoutItsDaemonInPostCopy() // S15
    {
        QVERIFY(m_scene->makeGuest());
        Options chosen = m_scene->endless();
        chosen.postCopy = true;
        chosen.postCopyBandwidth = 3 * MigrationScene::mebibyte;
        QVERIFY(m_scene->begin(chosen));
        QVERIFY(m_scene->switchOver());
        QVERIFY(m_hosts->bed.killDaemon(m_a));
        QVERIFY(!m_scene->end()); // nobody knows at that moment
        QVERIFY(bothAnswer());
        // QEMU completes it by itself. libvirt then keeps the source's definition, though it was asked to undefine it.
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_a), u"shut off"_s, 30000);
        QTRY_COMPARE(m_scene->diagnosis(true).kind, Diagnosis::Kind::Completed);
        QCOMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(m_hosts->isPersistent(m_a));
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
    }

    void isLostWithTheDestinationInPostCopy() // S16
    {
        QVERIFY(m_scene->makeGuest());
        Options chosen = m_scene->endless();
        chosen.postCopy = true;
        chosen.postCopyBandwidth = MigrationScene::mebibyte;
        QVERIFY(m_scene->begin(chosen));
        QVERIFY(m_scene->switchOver());
        QVERIFY(m_hosts->killQemu(m_b));
        QVERIFY(!m_scene->end());
        QTRY_COMPARE(m_scene->diagnosis(true).kind, Diagnosis::Kind::GuestLost);
        QCOMPARE(m_scene->diagnosis(true).remedy, Diagnosis::Remedy::StartSource);
        QCOMPARE(m_hosts->runsOn(), QString()); // the old half is not let run
        QCOMPARE(m_hosts->neverWentBack(), QString());
        QVERIFY(m_hosts->stop());
        QCOMPARE(m_hosts->compare(u"hda"_s, m_a), QString());
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->sees());
    }

    void isHalfWithoutTheSourceInPostCopy() // S17
    {
        QVERIFY(m_scene->makeGuest());
        Options chosen = m_scene->endless();
        chosen.postCopy = true;
        chosen.postCopyBandwidth = MigrationScene::mebibyte;
        QVERIFY(m_scene->begin(chosen));
        QVERIFY(m_scene->switchOver());
        QVERIFY(m_hosts->killQemu(m_a));
        QVERIFY(!m_scene->end());
        QTRY_COMPARE(m_scene->diagnosis(true).kind, Diagnosis::Kind::PostCopyBroken);
        QCOMPARE(m_scene->diagnosis(true).remedy, Diagnosis::Remedy::None);
        QCOMPARE(m_hosts->state(m_a), u"shut off"_s);
        QCOMPARE(m_hosts->neverWentBack(), QString());
        QVERIFY(m_hosts->stop(MigrationHosts::vm(), m_b));
        // libvirt 9.0 may keep the source's job, and with it the domain's lock, until its daemon starts again.
        QVERIFY(m_hosts->bed.killDaemon(m_a) && bothAnswer());
        QCOMPARE(m_hosts->compare(u"hda"_s, m_a), QString());
        QVERIFY(m_hosts->start());
    }
};

QTEST_GUILESS_MAIN(TestMigrationFailures)
#include "tst_migration_failures.moc"
