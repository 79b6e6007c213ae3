// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/job/jobgroup.h"
#include "backend/operation/migrate/migrate.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;
using test::MigrationHosts;

/** What is read of two hosts, planned of it, and done: the whole way. */
class TestMigratePlanSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    Result<job::Plan> plan(const QString &from, MigrateDraft draft, const QString &name = MigrationHosts::vm())
    {
        const QString to = MigrationHosts::other(from);
        draft.to = m_hosts->uri(to);
        draft.destinationUri = m_hosts->peerUri(to);
        const auto source = readMigrateSource(*m_hosts->connection(from), m_hosts->uuid(name), {});
        const auto there = readMigrateDestination(*m_hosts->connection(to), {});
        const auto pair = source && there
            ? readMigratePair(m_hosts->connection(from), m_hosts->connection(to), *source, *there, draft, true, {})
            : fail(Error::failed(u"no facts"_s));
        if (!pair) {
            return fail(pair.error());
        }
        return planMigrate(m_hosts->id(from), m_hosts->id(to), MigrateFacts{*source, *there, *pair}, draft);
    }
    /** Plans and does it; true when it is done without a problem. */
    bool migrate(const QString &from, const MigrateDraft &draft = {})
    {
        const auto made = plan(from, draft);
        if (!made) {
            qWarning("%s", qPrintable(made.error().message));
            return false;
        }
        m_types.clear();
        for (const job::Step &step : made->steps) {
            m_types.append(step.type);
        }
        if (!MigrationHosts::canRun(*made)) {
            return false;
        }
        const job::JobRecord record = m_hosts->run(*made);
        m_log = record.log.join(u'\n') + record.error.message;
        if (record.state != job::JobState::Done) {
            qWarning("%s", MigrationHosts::text(record).constData());
        }
        return record.state == job::JobState::Done;
    }
    QStringList snapshots(const QString &host)
    {
        return m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--name"_s}, host).split(u'\n', Qt::SkipEmptyParts);
    }
    QStringList m_types;
    QString m_log;

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void init() { QVERIFY(m_hosts->clear()); }
    void cleanupTestCase() { m_hosts.reset(); }

    void thereAndBackWithItsDisk()
    {
        QVERIFY(m_hosts->make(
            {.disks = {{.target = u"hda"_s}, {.target = u"hdb"_s, .pool = u"shared"_s}}, .orders = u"dirty=20:8"_s}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 2, 77));
        QVERIFY(m_hosts->writes(u"hdb"_s, 3, 1, 78));
        QVERIFY(migrate(m_a));
        QVERIFY(!m_types.contains(u"volume.relay"_s));
        QCOMPARE(m_hosts->runsOn(), m_b);
        QCOMPARE(m_hosts->existsOn(), m_b);
        QVERIFY(m_hosts->isPersistent(m_b));
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->orphans(), QStringList());
        QVERIFY(migrate(m_b));
        QCOMPARE(m_hosts->runsOn(), m_a);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QVERIFY(m_hosts->stop());
        QCOMPARE(m_hosts->compare(u"hda"_s, m_a), QString());
        QCOMPARE(m_hosts->orphans(), QStringList());
    }

    /** Into a pool of another directory, so that every layer has another path there. */
    void withSnapshotsIntoAnotherPool()
    {
        QVERIFY(
            m_hosts->bed.virsh(m_a, {u"vol-create-as"_s, u"default"_s, u"base"_s, u"32M"_s, u"--format"_s, u"qcow2"_s})
                .ok());
        QVERIFY(m_hosts->make({.disks = {{.base = u"base"_s}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 1));
        for (const QString &name : {u"one"_s, u"two"_s}) {
            QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, name, u"--disk-only"_s, u"--atomic"_s})
                    .ok());
            QVERIFY(m_hosts->writes(u"hda"_s, name == "one"_L1 ? 2 : 3, 1, 2));
        }
        QVERIFY(m_hosts->makeSmallPool(m_b, u"other"_s, 200));
        MigrateDraft draft;
        draft.map.pools.insert(u"default"_s, u"other"_s);
        QVERIFY(migrate(m_a, draft));
        QCOMPARE(m_types.count(u"volume.relay"_s), 3); // base, the first layer, the first overlay
        QCOMPARE(m_hosts->runsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
        QCOMPARE(snapshots(m_b), (QStringList{u"one"_s, u"two"_s}));
        QCOMPARE(m_hosts->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}, m_b).trimmed(), u"two"_s);
        const QString stored = m_hosts->virsh({u"snapshot-dumpxml"_s, u"vm"_s, u"one"_s}, m_b);
        QVERIFY2(!stored.contains(MigrationHosts::hostDirectory() + u'/'), qPrintable(stored));
        QCOMPARE(m_hosts->files(m_a), QStringList());

        // Off and on again: what is stored there is whole, headers of layers among it.
        QVERIFY(m_hosts->stop(u"vm"_s, m_b));
        QVERIFY(m_hosts->start(u"vm"_s, m_b));
        QVERIFY(m_hosts->sees());
    }

    /** Bases that look alike, and differ between the places that a short look sees. */
    void onAnotherBase()
    {
        const QString base = u"base"_s;
        const QString here = m_hosts->directory(m_a) + u'/' + base;
        const QString there = m_hosts->directory(m_b) + u'/' + base;
        QVERIFY(m_hosts->bed.virsh(m_a, {u"vol-create-as"_s, u"default"_s, base, u"32M"_s, u"--format"_s, u"qcow2"_s})
                .ok());
        QVERIFY(m_hosts->bed
                .exec(m_a,
                    {u"qemu-io"_s, u"-f"_s, u"qcow2"_s, u"-c"_s, u"write -P 1 8M 20M"_s,
                        MigrationHosts::hostDirectory() + u'/' + base})
                .ok());
        QVERIFY(QFile::copy(here, there));
        QFile other(there);
        const qint64 middle = other.size() * 7 / 30; // between the fourth and the fifth of sixteen places
        QVERIFY(other.open(QIODevice::ReadWrite) && other.seek(middle) && other.write("broken") == 6);
        other.close();
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-refresh"_s, u"default"_s}).ok());
        QVERIFY(m_hosts->make({.disks = {{.base = base}}}) && m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 1));

        QVERIFY(!migrate(m_a));
        QCOMPARE(m_types.constFirst(), u"volume.compare"_s);
        QVERIFY2(m_log.contains(u"not what the disk lies on: it differs"_s), qPrintable(m_log));
        QVERIFY2(m_log.contains(u"%1 bytes"_s.arg(middle)), qPrintable(m_log));
        QCOMPARE(m_hosts->existsOn(), m_a);
        QCOMPARE(m_hosts->wentOn(), QString());
        QCOMPARE(m_hosts->files(m_b), QStringList{base});

        QVERIFY(QFile::remove(there) && QFile::copy(here, there));
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-refresh"_s, u"default"_s}).ok());
        QVERIFY(migrate(m_a));
        QCOMPARE(m_types.count(u"volume.compare"_s), 1);
        QVERIFY2(!m_log.contains(u"compared before"_s), qPrintable(m_log));
        QCOMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(m_hosts->sees());
        QVERIFY(migrate(m_b));
        QVERIFY2(m_log.contains(u"compared before"_s), qPrintable(m_log));
        QCOMPARE(m_hosts->runsOn(), m_a);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->sees());
    }

    /** Four running VMs in one group, two at a time; one of them is refused on its way, and the others don't care. */
    void several()
    {
        const QStringList names{u"vm"_s, u"second"_s, u"third"_s, u"fourth"_s};
        QList<job::Plan> plans;
        MigrateDraft draft;
        draft.atOnce = 2;
        for (const QString &name : names) {
            QVERIFY(m_hosts->make({.name = name, .disks = {{}}}) && m_hosts->start(name));
            QVERIFY(m_hosts->writes(u"hda"_s, 1, 1, 5, name));
            const auto made = plan(m_a, draft, name);
            QVERIFY2(made && MigrationHosts::canRun(*made), made ? "" : qPrintable(made.error().message));
            plans.append(*made);
        }
        job::groupTogether(plans, u"Migrate 4 VMs"_s);
        // Between plan and job somebody else makes a file where a disk would go.
        const QString taken = u"third-hda.qcow2"_s;
        QVERIFY(m_hosts->bed.virsh(m_b, {u"vol-create-as"_s, u"default"_s, taken, u"1M"_s}).ok());
        job::JobManager &jobs = *m_hosts->jobs;
        qsizetype most = 0;
        QList<job::JobId> ids;
        const auto running = [&] {
            return std::ranges::count_if(ids, [&](const job::JobId &id) {
                return jobs.job(id)->state == job::JobState::Running || jobs.job(id)->state == job::JobState::Undoing;
            });
        };
        const auto watch =
            connect(&jobs, &job::JobManager::changed, this, [&] { most = std::max<qsizetype>(most, running()); });
        for (const job::Plan &each : std::as_const(plans)) {
            ids.append(jobs.run(each));
        }
        const QUuid group = job::groupOf(plans.constFirst()).id;
        QTRY_VERIFY_WITH_TIMEOUT(
            std::ranges::all_of(ids, [&](const job::JobId &id) { return jobs.job(id)->isFinished(); }), 120000);
        disconnect(watch);
        QCOMPARE(most, 2);
        const auto all = job::JobGroup::of(job::jobsOf(jobs, group));
        QCOMPARE(all.done, 3);
        QCOMPARE(all.failed, 1);
        for (const QString &name : names) {
            QCOMPARE(m_hosts->runsOn(name), name == "third"_L1 ? m_a : m_b);
            QCOMPARE(m_hosts->wentOn(name), QString());
            QVERIFY(m_hosts->sees(name));
        }
        QCOMPARE(m_hosts->orphans(), QStringList{u"B: "_s + MigrationHosts::hostDirectory() + u'/' + taken});
    }

    void itsDefinitionAlone()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}}));
        QVERIFY(migrate(m_a));
        QCOMPARE(m_hosts->existsOn(), m_b);
        QVERIFY(m_hosts->start(u"vm"_s, m_b));
        QCOMPARE(m_hosts->wentOn(), QString());
    }
};

QTEST_GUILESS_MAIN(TestMigratePlanSystem)
#include "tst_migrateplan_system.moc"
