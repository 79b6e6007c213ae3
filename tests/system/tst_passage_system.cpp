// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <condition_variable>
#include <mutex>

#include <QJsonObject>
#include <QTest>

#include "backend/operation/migrate/migrate.h"
#include "backend/operation/migrate/migrationfeed.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using job::Step;
using job::StepContext;
using test::MigrationHosts;

/**
 * A guest passes through this computer between two hosts whose link is cut. It goes on where it stood still, and is
 * never on both; what breaks on the way leaves it where it was.
 */
class TestPassageSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    job::Plan planned(operation::MigrateDraft draft = {})
    {
        using namespace operation;
        draft.path = MigrateDraft::Path::ThisComputer;
        draft.to = m_hosts->uri(m_b);
        const auto from = m_hosts->connection(m_a);
        const auto to = m_hosts->connection(m_b);
        const auto source = readMigrateSource(*from, m_hosts->uuid(), {});
        const auto there = readMigrateDestination(*to, {});
        const auto pair = source && there ? readMigratePair(from, to, *source, *there, draft, true, {})
                                          : fail(Error::failed(u"no facts"_s));
        return pair ? planMigrate(m_hosts->id(m_a), m_hosts->id(m_b), MigrateFacts{*source, *there, *pair}, draft)
                    : job::Plan();
    }
    /** A registry in which a kind of step does something else first. */
    static job::StepRegistry registry(
        const QString &type, const std::function<Result<>(const Step &, StepContext &)> &first)
    {
        job::StepRegistry result;
        operation::registerSteps(result);
        job::StepRegistry::Kind kind = *result.find(type);
        kind.run = [first, run = kind.run](const Step &step, StepContext &context) {
            const Result<> done = first(step, context);
            return done ? run(step, context) : done;
        };
        result.add(type, kind);
        return result;
    }
    bool make(const QString &pool = u"default"_s)
    {
        return m_hosts->make({.disks = {{.pool = pool}}, .orders = u"dirty=10:8"_s}) && m_hosts->start()
            && m_hosts->writes(u"hda"_s, 1, 2, 77);
    }
    QString amiss(const QString &host)
    {
        if (m_hosts->existsOn() != host || m_hosts->runsOn() != host || !m_hosts->isPersistent(host)) {
            return u"it is on %1, and runs on %2"_s.arg(m_hosts->existsOn(), m_hosts->runsOn());
        }
        if (const QString wrong = m_hosts->wentOn(); !wrong.isEmpty()) {
            return wrong;
        }
        if (!m_hosts->sees()) {
            return u"it does not see what it wrote"_s;
        }
        const QStringList orphans = m_hosts->orphans();
        return orphans.isEmpty() ? QString() : u"orphans: "_s + orphans.join(u' ');
    }
    JobRecord run(job::JobManager &jobs, const job::Plan &plan)
    {
        const job::JobId id = jobs.run(plan);
        return QTest::qWaitFor([&] { return jobs.job(id)->isFinished(); }, 60000) ? *jobs.job(id) : JobRecord();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void init()
    {
        QVERIFY(m_hosts->clear());
        QVERIFY(m_hosts->bed.cutLink(m_b));
    }
    void cleanupTestCase()
    {
        m_hosts->clear();
        m_hosts.reset();
    }

    void arrives()
    {
        QVERIFY(make());
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"s1"_s}).ok());
        // No other way is left.
        const QStringList knock{u"timeout"_s, u"1"_s, u"bash"_s, u"-c"_s, u"echo >/dev/tcp/vireo-b/16509"_s};
        QVERIFY(m_hosts->bed.joinLink(m_b));
        QTRY_VERIFY_WITH_TIMEOUT(m_hosts->bed.exec(m_a, knock).ok(), 20000);
        QVERIFY(m_hosts->bed.cutLink(m_b) && !m_hosts->bed.exec(m_a, knock).ok());
        const job::Plan plan = planned();
        QVERIFY(MigrationHosts::canRun(plan));
        operation::MigrationFeed feed;
        operation::StepOptions options;
        options.migrations = feed.sink();
        job::StepRegistry kinds;
        operation::registerSteps(kinds, options);
        const auto jobs = m_hosts->makeJobs(kinds);
        const JobRecord record = run(*jobs, plan);
        QVERIFY2(record.state == JobState::Done, MigrationHosts::text(record).constData());
        const virt::DomainKey key{m_hosts->id(m_a), m_hosts->uuid()};
        QTRY_VERIFY(feed.picture(key)); // the selection goes along
        QCOMPARE(feed.picture(key)->history.phase(), migration::Phase::Done);
        QCOMPARE(feed.picture(key)->destination, m_hosts->id(m_b));
        QVERIFY(feed.picture(key)->completed->memoryProcessed > 0);
        QCOMPARE(amiss(m_b), QString());
        QCOMPARE(m_hosts->files(m_a), QStringList());
        QCOMPARE(m_hosts->files(m_b), QStringList{u"vm-hda.qcow2"_s});
        QCOMPARE(m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--name"_s}, m_b).simplified(), u"s1"_s);
        const QJsonObject shown = record.results.value("migration"_L1).toObject();
        QVERIFY(!shown.contains("problems"_L1));
        QVERIFY(shown.value("downtimeMs"_L1).toDouble() > 0);
        QVERIFY(m_hosts->stop(u"vm"_s, m_b));
        QCOMPARE(m_hosts->compare(u"hda"_s, m_b), QString());
    }

    /** It stood still before, so it stands there as well; and only its memory's file is between the hosts. */
    void pausedOnSharedStorage()
    {
        QVERIFY(make(u"shared"_s));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"suspend"_s, u"vm"_s}).ok());
        const job::Plan plan = planned();
        QVERIFY(MigrationHosts::canRun(plan));
        QVERIFY(std::ranges::none_of(plan.steps, [](const Step &step) { return step.type == "volume.relay"_L1; }));
        const JobRecord record = m_hosts->run(plan);
        QVERIFY2(record.state == JobState::Done, MigrationHosts::text(record).constData());
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->state(m_b), u"paused"_s);
        QVERIFY(m_hosts->bed.virsh(m_b, {u"resume"_s, u"vm"_s}).ok());
        QCOMPARE(amiss(m_b), QString());
    }

    /** While its memory is on its way. Nobody but the owner reads that. */
    void cancelled()
    {
        QVERIFY(make());
        std::atomic_bool between = false;
        const auto jobs =
            m_hosts->makeJobs(registry(u"volume.relay"_s, [&](const Step &step, StepContext &context) -> Result<> {
                if (step.object.endsWith(u".save"_s)) {
                    between = true;
                    std::mutex mutex;
                    std::unique_lock lock(mutex);
                    std::condition_variable_any().wait(lock, context.stop(), [] { return false; });
                }
                return {};
            }));
        const job::Plan plan = planned();
        QVERIFY(MigrationHosts::canRun(plan));
        const job::JobId id = jobs->run(plan);
        QTRY_VERIFY_WITH_TIMEOUT(between || jobs->job(id)->isFinished(), 30000);
        QVERIFY2(between, MigrationHosts::text(*jobs->job(id)).constData());
        QCOMPARE(m_hosts->runsOn(), QString());
        for (const QString &host : {m_a, m_b}) {
            const QStringList saved = m_hosts->files(host).filter(u".save"_s);
            QCOMPARE(saved.size(), 1);
            QCOMPARE(MigrationHosts::mode(m_hosts->directory(host) + u'/' + saved.constFirst()), u"0600"_s);
        }
        jobs->cancel(id);
        QTRY_VERIFY_WITH_TIMEOUT(jobs->job(id)->isFinished(), 60000);
        QVERIFY2(jobs->job(id)->state == JobState::Cancelled, MigrationHosts::text(*jobs->job(id)).constData());
        QCOMPARE(amiss(m_a), QString());
        QCOMPARE(m_hosts->files(m_b), QStringList());
        QCOMPARE(m_hosts->files(m_a), QStringList{u"vm-hda.qcow2"_s});
        QVERIFY(m_hosts->writes(u"hda"_s, 4, 1, 78));
    }

    /** Somebody has made a VM of that name there meanwhile. */
    void theNameIsTaken()
    {
        QVERIFY(make());
        const auto jobs = m_hosts->makeJobs(registry(u"migrate.restore"_s, [this](const Step &, StepContext &) {
            const auto made = virt::domains::define(*m_hosts->connection(m_b),
                u"<domain type='qemu'><name>vm</name><memory unit='MiB'>16</memory><os><type>hvm</type></os></domain>"_s);
            return made ? Result<>() : fail(made.error());
        }));
        const job::Plan plan = planned();
        QVERIFY(MigrationHosts::canRun(plan));
        const JobRecord record = run(*jobs, plan);
        QVERIFY2(
            record.state == JobState::Failed && record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QCOMPARE(m_hosts->runsOn(), m_a);
        QVERIFY(m_hosts->bed.virsh(m_b, {u"undefine"_s, u"vm"_s}).ok());
        QCOMPARE(amiss(m_a), QString());
        QCOMPARE(m_hosts->files(m_b), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestPassageSystem)
#include "tst_passage_system.moc"
