// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "backend/operation/snapshot/snapshotscheduler.h"
#include "backend/operation/steps.h"
#include "backend/virt/hosts.h"
#include "tests/system/snapshothost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using operation::SnapshotScheduler;
using snapshot::Schedule;
using test::SnapshotHost;

namespace {

job::StepRegistry allSteps(const QString &directory)
{
    job::StepRegistry registry;
    operation::StepOptions options;
    options.historyDirectory = directory + u"/history"_s;
    options.picturesDirectory = directory + u"/pictures"_s;
    operation::registerSteps(registry, options);
    return registry;
}

/// What the program has, with a clock that the test turns.
struct Bench {
    explicit Bench(const QString &uri)
    {
        virt::HostSettings settings;
        settings.uri = uri;
        host = hosts.host(hosts.add(settings));
        host->connectToHost();
    }
    std::unique_ptr<SnapshotScheduler> scheduler()
    {
        return std::make_unique<SnapshotScheduler>(
            inventory, jobs, directory.path() + u"/schedules.json"_s, [this] { return now; });
    }
    bool idle() const { return jobs.runningCount() == 0; }

    QTemporaryDir directory;
    QDateTime now{QDate(2026, 11, 21), QTime(12, 0), Qt::UTC};
    job::StepRegistry registry = allSteps(directory.path());
    virt::Hosts hosts;
    virt::Inventory inventory{hosts};
    job::JobManager jobs{registry, hosts.provider()};
    virt::Host *host = nullptr;
};

Schedule hourly(int keep)
{
    Schedule schedule;
    schedule.unit = Schedule::Unit::Hours;
    schedule.keep = keep;
    return schedule;
}

} // namespace

/// Schedules on a real host: what is taken, what is deleted again, and what they leave alone.
class TestScheduleSystem final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }
    void cleanupTestCase() { m_host.reset(); }
    void init()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        m_bench = std::make_unique<Bench>(m_host->uri());
        m_key = {m_bench->host->settings().id, m_host->uuid()};
        QTRY_VERIFY_WITH_TIMEOUT(
            m_bench->inventory.domain(m_key) && m_bench->inventory.domain(m_key)->isActive(), 20000);
        m_scheduler = m_bench->scheduler();
        QTRY_VERIFY(m_scheduler->isReady());
    }
    void cleanup()
    {
        m_scheduler.reset();
        m_bench.reset();
    }

    void takesAndKeepsTheLast()
    {
        m_scheduler->set(m_key, hourly(2));
        m_scheduler->look();
        QVERIFY(m_bench->idle()); // the first is due in an hour

        QStringList names;
        for (int i = 0; i < 3; ++i) {
            QVERIFY(m_host->writes(u"hda"_s, 1 + i, 2, quint32(70 + i)));
            passHour();
            QTRY_VERIFY_WITH_TIMEOUT(settled(i + 1), 60000);
            QVERIFY2(
                m_scheduler->schedule(m_key)->problem.isEmpty(), qPrintable(m_scheduler->schedule(m_key)->problem));
            names = m_scheduler->schedule(m_key)->names;
            m_host->remember(names.last());
        }
        QCOMPARE(names.size(), 2);
        QCOMPARE(m_host->snapshots(), names); // the first has been merged away
        QVERIFY(m_host->writes(u"hda"_s, 9, 1, 99));
        QVERIFY(m_host->sees());
        const QStringList chain = m_host->chain(u"hda"_s);
        QCOMPARE(chain.size(), 3);
        QCOMPARE(m_host->compare(u"hda"_s, chain[0]), QString());
        QCOMPARE(m_host->compare(u"hda"_s, chain[1], names[1]), QString());
        QCOMPARE(m_host->compare(u"hda"_s, chain[2], names[0]), QString());
    }

    void deletesOnlyItsOwn()
    {
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"snapshot-create-as"_s, u"vm"_s, u"mine"_s, u"--disk-only"_s}).ok());
        m_scheduler->set(m_key, hourly(1));
        for (int i = 0; i < 2; ++i) {
            passHour();
            QTRY_VERIFY_WITH_TIMEOUT(settled(i + 1), 60000);
        }
        QCOMPARE(m_host->snapshots(), QStringList({u"mine"_s, m_scheduler->schedule(m_key)->names.last()}));

        m_scheduler->remove(m_key);
        passHour();
        QVERIFY(m_bench->idle());
        QCOMPARE(m_host->snapshots().size(), 2);
    }

    void nothingIsTakenTwiceOfAVmThatIsOff()
    {
        m_scheduler->set(m_key, hourly(5));
        QVERIFY(m_host->stop());
        QTRY_VERIFY(!m_bench->inventory.domain(m_key)->isActive());
        passHour();
        QTRY_VERIFY_WITH_TIMEOUT(settled(1), 60000);
        QCOMPARE(m_host->snapshots().size(), 1);
        for (int i = 0; i < 3; ++i) {
            passHour();
            QVERIFY(m_bench->idle());
        }
        QVERIFY(m_host->start());
        QTRY_VERIFY(m_bench->inventory.domain(m_key)->isActive());
        m_scheduler->look();
        QTRY_VERIFY_WITH_TIMEOUT(settled(2), 60000);
        QCOMPARE(m_host->snapshots().size(), 2);
    }

    void goesOnAfterARestart()
    {
        m_scheduler->set(m_key, hourly(3));
        passHour();
        QTRY_VERIFY_WITH_TIMEOUT(settled(1), 60000);
        const auto before = m_scheduler->schedule(m_key);
        QTRY_VERIFY(written());
        m_scheduler = m_bench->scheduler();
        QTRY_VERIFY(m_scheduler->isReady());
        QCOMPARE(m_scheduler->schedule(m_key), before);
        m_bench->now = m_bench->now.addDays(3); // Vireo was closed: one is taken, not 72
        m_scheduler->look();
        QTRY_VERIFY_WITH_TIMEOUT(settled(2), 60000);
        m_scheduler->look();
        QVERIFY(m_bench->idle());
        QCOMPARE(m_host->snapshots().size(), 2);
    }

    void saysWhyNoneWasTaken()
    {
        Schedule schedule = hourly(3);
        m_scheduler->set(m_key, schedule);
        // A saved state: its memory would not fit the disks any more.
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"managedsave"_s, u"vm"_s}).ok());
        QTRY_VERIFY(!m_bench->inventory.domain(m_key)->isActive());
        passHour();
        QTRY_VERIFY_WITH_TIMEOUT(!m_scheduler->schedule(m_key)->problem.isEmpty(), 60000);
        QVERIFY(m_host->snapshots().isEmpty());
        QVERIFY(m_scheduler->schedule(m_key)->dueAt() > m_bench->now);
    }

private:
    void passHour()
    {
        m_bench->now = m_bench->now.addSecs(3600);
        m_scheduler->look();
    }
    /// So many have been taken, and nothing goes on.
    bool settled(int taken)
    {
        const auto schedule = m_scheduler->schedule(m_key);
        const bool all = m_bench->idle() && schedule && schedule->taken == m_bench->now
            && m_host->snapshots().size() >= std::min(taken, schedule->keep) && schedule->superfluous().isEmpty();
        return all || (m_bench->idle() && schedule && !schedule->problem.isEmpty());
    }
    bool written()
    {
        const auto stored = snapshot::ScheduleFile(m_bench->directory.path() + u"/schedules.json"_s).load();
        return stored && stored->size() == 1 && stored->first() == m_scheduler->schedule(m_key);
    }

    std::unique_ptr<SnapshotHost> m_host;
    std::unique_ptr<Bench> m_bench;
    std::unique_ptr<SnapshotScheduler> m_scheduler;
    virt::DomainKey m_key;
};

QTEST_GUILESS_MAIN(TestScheduleSystem)
#include "tst_schedule_system.moc"
