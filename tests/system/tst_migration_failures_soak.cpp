// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "migrationscene.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using migration::Diagnosis;
using test::MigrationHosts;
using test::MigrationScene;
using virt::migration::Options;

/** Links that are cut for longer than libvirt waits (five times 5 s). */
class TestMigrationFailuresSoak final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<MigrationScene> m_scene;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    static QString said(const Result<> &result) { return result ? QString() : result.error().message; }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void init() { m_scene = std::make_unique<MigrationScene>(*m_hosts); }
    void cleanup() { m_scene.reset(); }
    void cleanupTestCase() { m_hosts.reset(); }

    void staysWhenTheLinkIsLost() // S12
    {
        QVERIFY(m_scene->makeGuest());
        QVERIFY(m_scene->begin(m_scene->endless()));
        QVERIFY(m_hosts->bed.cutLink(m_b));
        const Result<> ended = m_scene->end();
        QVERIFY(!ended);
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->runsOn(), m_a, 60000);
        QCOMPARE(m_hosts->wentOn(), QString());
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->existsOn(), m_a, 60000); // the destination notices by itself
        QVERIFY(m_hosts->bed.joinLink(m_b));
        QVERIFY(m_hosts->sees());
        const Diagnosis found = m_scene->diagnosis();
        QVERIFY2(found.kind == Diagnosis::Kind::NotBegun || found.kind == Diagnosis::Kind::RolledBack,
            qPrintable(found.text));
        QCOMPARE(said(m_scene->migrate(m_scene->options())), QString());
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
    }

    void arrivesWhenTheLinkComesBackInPostCopy() // S14
    {
        QVERIFY(m_scene->makeGuest());
        Options chosen = m_scene->endless();
        chosen.postCopy = true;
        chosen.postCopyBandwidth = MigrationScene::mebibyte;
        QVERIFY(m_scene->begin(chosen));
        QVERIFY(m_scene->switchOver());
        QVERIFY(m_hosts->bed.cutLink(m_b));
        QVERIFY(!m_scene->end()); // libvirt gave up; QEMU did not
        QCOMPARE(m_hosts->existsOn(), u"A B"_s);
        QCOMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(m_hosts->bed.joinLink(m_b));
        QTRY_COMPARE_WITH_TIMEOUT(m_hosts->state(m_a), u"shut off"_s, 60000);
        QTRY_COMPARE(m_scene->diagnosis(true).kind, Diagnosis::Kind::Completed);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
    }
};

QTEST_GUILESS_MAIN(TestMigrationFailuresSoak)
#include "tst_migration_failures_soak.moc"
