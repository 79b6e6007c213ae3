// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cstdlib>
#include <future>
#include <thread>

#include <QElapsedTimer>
#include <QTest>

#include "backend/operation/migrate/migrate.h"
#include "backend/virt/domains.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::operation;
using test::MigrationHosts;
using Kind = DiskMove::Kind;
using Reach = MigratePair::Reach;
using Severity = job::Finding::Severity;
using Sharing = FileThere::Sharing;
using Topic = Check::Topic;

/** What two real hosts say of a migration, and that asking leaves nothing behind. */
class TestMigrateFactsSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();
    QStringList m_before;

    MigrateDraft draft() const
    {
        MigrateDraft draft;
        draft.to = m_hosts->uri(m_b);
        draft.destinationUri = m_hosts->peerUri(m_b);
        return draft;
    }
    Result<MigrateFacts> read(const MigrateDraft &draft, bool probe = false, const QString &name = u"vm"_s)
    {
        const std::stop_token stop;
        auto source = readMigrateSource(*m_hosts->connection(m_a), m_hosts->uuid(name), stop);
        auto there = source ? readMigrateDestination(*m_hosts->connection(m_b), stop) : fail(source.error());
        auto pair = there
            ? readMigratePair(m_hosts->connection(m_a), m_hosts->connection(m_b), *source, *there, draft, probe, stop)
            : fail(there.error());
        if (!pair) {
            qWarning("%s", qPrintable(pair.error().message));
            return fail(pair.error());
        }
        return MigrateFacts{*source, *there, *pair};
    }
    QString said(const QList<Check> &checks, Severity severity = Severity::Blocker) const
    {
        QStringList lines;
        for (const Check &check : checks) {
            if (check.finding.severity >= severity) {
                lines.append(topicName(check.topic) + u": "_s + check.finding.text + u' ' + check.finding.cause);
            }
        }
        return lines.join(u'\n');
    }
    /** All that a host could keep of our asking. */
    QStringList leftovers()
    {
        QStringList result;
        for (const QString &host : {m_a, m_b}) {
            for (const QStringList &command : {QStringList{u"list"_s, u"--all"_s, u"--name"_s},
                     QStringList{u"pool-list"_s, u"--all"_s, u"--name"_s}}) {
                const QStringList names = m_hosts->virsh(command, host).split(u'\n', Qt::SkipEmptyParts);
                for (const QString &name : names) {
                    result.append(host + u": "_s + name.trimmed());
                }
            }
            for (const QString &pool : {u"default"_s, u"shared"_s}) {
                const QStringList files = m_hosts->files(host, pool);
                for (const QString &file : files) {
                    result.append(host + u": "_s + pool + u'/' + file);
                }
            }
        }
        return result;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void init() { QVERIFY(m_hosts->clear()); }
    void cleanupTestCase() { m_hosts.reset(); }

    void readsAHealthyPair()
    {
        QVERIFY(m_hosts->make({.disks = {{.target = u"hda"_s, .pool = u"shared"_s}, {.target = u"hdb"_s}}}));
        QVERIFY(m_hosts->start());
        const QStringList before = leftovers();
        const auto facts = read(draft(), true);
        QVERIFY(facts);
        QCOMPARE(leftovers(), before);

        QVERIFY(!facts->pair.sameHost);
        QVERIFY(!facts->source.hostUuid.isEmpty());
        QVERIFY(facts->source.hostUuid != facts->destination.hostUuid);
        QVERIFY(!facts->source.hasJob);
        QCOMPARE(facts->source.refusal, QString());
        QVERIFY(facts->source.residentMemory > 0);
        QVERIFY(!facts->source.storedXml.isEmpty());
        QCOMPARE(facts->pair.there.arch, u"x86_64"_s);
        QCOMPARE(facts->pair.files.value(m_hosts->path(u"hda"_s, m_a)).sharing, Sharing::Same);
        QCOMPARE(facts->pair.files.value(m_hosts->path(u"hdb"_s, m_a)).sharing, Sharing::Different);
        QVERIFY2(facts->pair.reach.state == Reach::State::Yes, qPrintable(facts->pair.reach.error));
        QCOMPARE(facts->pair.reach.uri, m_hosts->peerUri(m_b));
        QVERIFY(facts->pair.reach.ms > 0 && facts->pair.reach.ms < 15000);
        QCOMPARE(facts->pair.direct.state, Reach::State::NotTried);
        // Both hosts have this computer's clock.
        QVERIFY2(facts->pair.clockKnown, qPrintable(facts->pair.clockProblem));
        QVERIFY2(std::abs(facts->pair.clockDifferenceMs) <= facts->pair.clockUncertaintyMs,
            qPrintable(u"%1 ± %2"_s.arg(facts->pair.clockDifferenceMs).arg(facts->pair.clockUncertaintyMs)));
        QVERIFY(facts->pair.clockUncertaintyMs < 1000);

        const QList<Check> checks = preflight(*facts, draft());
        QCOMPARE(said(checks), QString());
        const QList<DiskMove> moves = diskMoves(*facts, draft());
        QCOMPARE(moves.at(0).kind, Kind::Shared);
        QCOMPARE(moves.at(1).kind, Kind::Copy);
        const job::Plan plan = planMigrate(m_hosts->id(m_a), m_hosts->id(m_b), *facts, draft());
        QVERIFY(!plan.isBlocked());
        QVERIFY(!plan.steps.isEmpty());
        QCOMPARE(m_hosts->wentOn(), QString()); // it was not touched
    }

    void readsAVmThatIsOff()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}}));
        const auto facts = read(draft());
        QVERIFY(facts);
        QCOMPARE(facts->source.refusal, QString());
        QCOMPARE(said(preflight(*facts, draft())), QString());
        QVERIFY(m_hosts->clear());
        QVERIFY(m_hosts->make({.disks = {{}}}));
        const auto local = read(draft());
        QVERIFY(local);
        QVERIFY(said(preflight(*local, draft())).contains(u"share the disk hda"_s));
    }

    void comparesBases()
    {
        for (const QString &host : {m_a, m_b}) {
            QVERIFY(m_hosts->bed
                    .virsh(host, {u"vol-create-as"_s, u"default"_s, u"base"_s, u"32M"_s, u"--format"_s, u"qcow2"_s})
                    .ok());
        }
        QVERIFY(m_hosts->make({.disks = {{.base = u"base"_s}}}));
        QVERIFY(m_hosts->start());
        const QStringList before = leftovers();
        const auto same = read(draft());
        QVERIFY(same);
        QCOMPARE(leftovers(), before);
        QCOMPARE(diskMoves(*same, draft()).first().kind, Kind::CopyTop);
        QCOMPARE(said(preflight(*same, draft())), QString());

        // Another one of that name: it is neither used nor overwritten.
        QVERIFY(m_hosts->bed
                .exec(m_b,
                    {u"qemu-io"_s, u"-f"_s, u"qcow2"_s, u"-c"_s, u"write -P 7 0 1M"_s,
                        MigrationHosts::hostDirectory() + u"/base"_s})
                .ok());
        const auto different = read(draft());
        QVERIFY(different);
        QVERIFY(said(preflight(*different, draft())).contains(u"already"_s));

        // None there: it goes first.
        QVERIFY(m_hosts->bed.virsh(m_b, {u"vol-delete"_s, u"base"_s, u"default"_s}).ok());
        const auto none = read(draft());
        QVERIFY(none);
        QCOMPARE(diskMoves(*none, draft()).first().kind, Kind::CopyChain);
        QCOMPARE(said(preflight(*none, draft())), QString());
    }

    void findsWhatIsTaken()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->bed
                .virsh(m_b, {u"vol-create-as"_s, u"default"_s, u"vm-hda.qcow2"_s, u"1M"_s, u"--format"_s, u"qcow2"_s})
                .ok());
        const auto facts = read(draft());
        QVERIFY(facts);
        QVERIFY2(
            said(preflight(*facts, draft())).contains(u"already has"_s), qPrintable(said(preflight(*facts, draft()))));

        QVERIFY(m_hosts->makeSmallPool(m_b, u"small"_s, 4));
        MigrateDraft wanted = draft();
        wanted.map.pools.insert(u"default"_s, u"small"_s);
        auto full = read(wanted);
        QVERIFY(full);
        full->source.disks.files[m_hosts->path(u"hda"_s, m_a)].allocation = 8ULL * 1024 * 1024;
        QVERIFY2(said(preflight(*full, wanted)).contains(u"no room"_s), qPrintable(said(preflight(*full, wanted))));
    }

    void hearsLibvirtsRefusal()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}},
            .devices = u"<shmem name='x'><model type='ivshmem-plain'/><size unit='M'>4</size></shmem>"_s}));
        QVERIFY(m_hosts->start());
        const auto facts = read(draft());
        QVERIFY(facts);
        QVERIFY(!facts->source.refusal.isEmpty());
        QVERIFY(said(preflight(*facts, draft())).contains(facts->source.refusal));
    }

    void clocksNeedADirectoryOfTheirOwn()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}}));
        QVERIFY(m_hosts->start());
        // A file server's clock would be compared with itself.
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-destroy"_s, u"default"_s}).ok());
        const QStringList before = leftovers();
        const auto shared = read(draft(), true);
        QVERIFY(shared);
        QVERIFY2(shared->pair.clockKnown, "A's own and the shared one are two directories");
        QVERIFY(m_hosts->bed.virsh(m_a, {u"pool-destroy"_s, u"default"_s}).ok());
        const auto same = read(draft(), true);
        QVERIFY(same);
        QVERIFY(!same->pair.clockKnown && !same->pair.clockProblem.isEmpty());
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-destroy"_s, u"shared"_s}).ok());
        const auto none = read(draft(), true);
        QVERIFY(none);
        QVERIFY(!none->pair.clockKnown && none->pair.clockProblem.contains(u"directory"_s));
        QCOMPARE(leftovers(), before);
        for (const QString &host : {m_a, m_b}) {
            m_hosts->bed.virsh(host, {u"pool-start"_s, u"default"_s});
        }
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-start"_s, u"shared"_s}).ok());
    }

    void measuresTheLink()
    {
        constexpr double rate = 160e6 / 8;
        QVERIFY(m_hosts->make({}));
        QVERIFY(m_hosts->start());
        const QStringList before = leftovers();
        QVERIFY(m_hosts->bed.rateLink(m_b, u"160mbit"_s));
        const auto source = readMigrateSource(*m_hosts->connection(m_a), m_hosts->uuid(), {});
        const auto there = readMigrateDestination(*m_hosts->connection(m_b), {});
        QVERIFY(source && there);
        const auto measure = [&](const MigrateDraft &wanted, const std::stop_token &stop) {
            return measureBandwidth(m_hosts->connection(m_a), m_hosts->connection(m_b), *source, *there, wanted, stop);
        };
        QElapsedTimer timer;
        timer.start();
        const auto speed = measure(draft(), {});
        QVERIFY2(speed, speed ? "" : qPrintable(speed.error().message));
        const QByteArray said = qPrintable(u"%1 to %2"_s.arg(speed->low).arg(speed->high));
        const double mean = static_cast<double>(speed->low + speed->high) / 2;
        QVERIFY2(mean > 0.75 * rate && mean < 1.25 * rate, said);
        QVERIFY2(timer.elapsed() < 110000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(leftovers(), before);
        const auto facts = read(draft());
        QVERIFY(facts && facts->pair.measured == *speed); // kept for the pair

        // Driven from here it is the same way.
        MigrateDraft wanted = draft();
        wanted.path = MigrateDraft::Path::Direct;
        std::stop_source stop;
        const std::jthread stopper([&stop, this](const std::stop_token &over) {
            // In the middle of it.
            const auto connection = m_hosts->connection(m_a);
            while (!over.stop_requested() && connection
                && virt::domains::list(*connection).value_or(QList<virt::DomainRecord>()).size() < 2) {
                std::this_thread::yield();
            }
            stop.request_stop();
        });
        const auto stopped = measure(wanted, stop.get_token());
        QVERIFY(!stopped && stopped.error().kind == Error::Kind::Cancelled);
        QTRY_COMPARE_WITH_TIMEOUT(leftovers(), before, 20000);

        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-destroy"_s, u"default"_s}).ok());
        QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-destroy"_s, u"shared"_s}).ok());
        const auto poolless = readMigrateDestination(*m_hosts->connection(m_b), {});
        QVERIFY(poolless);
        const auto none =
            measureBandwidth(m_hosts->connection(m_a), m_hosts->connection(m_b), *source, *poolless, draft(), {});
        QVERIFY(!none && none.error().kind == Error::Kind::Unsupported);
        for (const QString &pool : {u"default"_s, u"shared"_s}) {
            QVERIFY(m_hosts->bed.virsh(m_b, {u"pool-start"_s, pool}).ok());
        }
        QCOMPARE(m_hosts->wentOn(), QString());
    }

    void measuresTheDirtyRate()
    {
        QVERIFY(m_hosts->make({.orders = u"dirty=100:24"_s}));
        QVERIFY(m_hosts->start());
        std::stop_source stop;
        const auto connection = m_hosts->connection(m_a);
        QElapsedTimer timer;
        timer.start();
        auto measured = std::async(std::launch::async,
            [&] { return operation::measureDirtyRate(*connection, m_hosts->uuid(), stop.get_token()); });
        // Three of the short samples; the rest is cancelled, and what there is is kept.
        QTRY_VERIFY_WITH_TIMEOUT(timer.elapsed() > 4500, 10000);
        stop.request_stop();
        const auto samples = measured.get();
        QVERIFY2(samples && !samples->isEmpty(), samples ? "" : qPrintable(samples.error().message));
        QVERIFY(timer.elapsed() < 10000);
        double sum = 0;
        for (const migration::DirtySample &sample : *samples) {
            QCOMPARE(sample.seconds, 1);
            sum += static_cast<double>(sample.bytesPerSecond);
        }
        // In a second it writes to each of its 24 MiB, whatever it writes in all; 32 samples see that so exactly.
        const double mean = sum / static_cast<double>(samples->size()) / (1024 * 1024);
        QVERIFY2(mean > 8 && mean < 48, qPrintable(QString::number(mean)));
        QCOMPARE(m_hosts->wentOn(), QString());
    }

    void noDaemonThere()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}}));
        QVERIFY(m_hosts->start());
        const QStringList before = leftovers();
        MigrateDraft wanted = draft();
        wanted.destinationUri = u"qemu+tcp://vireo-b:1/system"_s; // nobody listens there
        const auto facts = read(wanted, true);
        QVERIFY(facts);
        QCOMPARE(facts->pair.reach.state, Reach::State::NoDaemon);
        QVERIFY(!facts->pair.reach.error.isEmpty());
        QVERIFY2(facts->pair.direct.state == Reach::State::Yes, qPrintable(facts->pair.direct.error));
        QCOMPARE(said(preflight(*facts, wanted)), QString()); // Vireo drives it then
        wanted.path = MigrateDraft::Path::PeerToPeer;
        QVERIFY(said(preflight(*facts, wanted)).contains(facts->pair.reach.error));
        QCOMPARE(leftovers(), before);
    }

    void packetsAreDropped()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}}));
        QVERIFY(m_hosts->start());
        const QStringList before = leftovers();
        QVERIFY(m_hosts->bed.cutLink(m_b));
        QElapsedTimer timer;
        timer.start();
        const auto facts = read(draft(), true);
        QVERIFY(facts);
        QVERIFY2(timer.elapsed() < 110000, qPrintable(QString::number(timer.elapsed())));
        QVERIFY(facts->pair.reach.state != Reach::State::Yes && facts->pair.reach.state != Reach::State::NotTried);
        QCOMPARE(facts->pair.direct.state, Reach::State::NoData);
        QVERIFY(!said(preflight(*facts, draft())).isEmpty());
        QCOMPARE(m_hosts->wentOn(), QString()); // and no job holds it
        QVERIFY(m_hosts->virsh({u"domjobinfo"_s, u"vm"_s}, m_a).contains(u"None"_s));
        QVERIFY(m_hosts->bed.joinLink(m_b));
        QTRY_COMPARE_WITH_TIMEOUT(leftovers(), before, 30000);
    }

    void isCancelled()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}));
        QVERIFY(m_hosts->start());
        const QStringList before = leftovers();
        const auto source = readMigrateSource(*m_hosts->connection(m_a), m_hosts->uuid(), {});
        const auto there = readMigrateDestination(*m_hosts->connection(m_b), {});
        QVERIFY(source && there);
        std::stop_source stop;
        stop.request_stop();
        const auto pair = readMigratePair(
            m_hosts->connection(m_a), m_hosts->connection(m_b), *source, *there, draft(), true, stop.get_token());
        QVERIFY(!pair);
        QCOMPARE(pair.error().kind, Error::Kind::Cancelled);
        QCOMPARE(leftovers(), before);
    }

    void oneDaemon()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}));
        const auto source = readMigrateSource(*m_hosts->connection(m_a), m_hosts->uuid(), {});
        const auto there = readMigrateDestination(*m_hosts->connection(m_a), {});
        QVERIFY(source && there);
        const auto pair =
            readMigratePair(m_hosts->connection(m_a), m_hosts->connection(m_a), *source, *there, draft(), false, {});
        QVERIFY(pair && pair->sameHost);
    }
};

QTEST_GUILESS_MAIN(TestMigrateFactsSystem)
#include "tst_migratefacts_system.moc"
