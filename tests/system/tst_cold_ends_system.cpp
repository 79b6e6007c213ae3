// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <mutex>

#include <QSignalSpy>
#include <QTest>

#include "backend/operation/kept/keptconfirmer.h"
#include "backend/operation/kept/keptfeed.h"
#include "backend/virt/hosts.h"
#include "coldmoves.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using operation::KeptState;
using operation::ResizeDraft;
using operation::ResizeEnd;
using operation::ResizeEndDraft;
using test::MigrationHosts;

namespace {

/** Connections of which some are refused at once, as those of hosts that Vireo has lost. Any thread. */
class Losing final
{
    Q_DISABLE_COPY_MOVE(Losing)

public:
    explicit Losing(virt::ConnectionProvider provider)
        : m_provider(std::move(provider))
    {}
    void lose(const virt::HostId &host)
    {
        const std::lock_guard lock(m_mutex);
        m_lost = host;
    }
    Result<virt::ConnectionPtr> get(const virt::HostId &host)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (host == m_lost) {
                return fail({Error::Kind::Disconnected, u"It is not connected."_s, {}, 0, 0});
            }
        }
        return m_provider(host);
    }

private:
    std::mutex m_mutex;
    virt::ConnectionProvider m_provider;
    virt::HostId m_lost;
};

} // namespace

/** A VM that has moved waits for its user: it is confirmed, or goes back, also when one of its hosts is away. */
class TestColdEnds final : public QObject, private test::ColdMoves
{
    Q_OBJECT

    static bool isLong() { return qEnvironmentVariableIsSet("VIREO_MIGRATE_ALWAYS"); }
    bool moved(const ResizeDraft &wished, Way way = Way::HostToHost, bool running = false)
    {
        return make(u"qcow2"_s, way) && (!running || m_hosts->start()) && isDone(move(wished, way));
    }
    std::shared_ptr<Losing> losing() const
    {
        return std::make_shared<Losing>([this](const virt::HostId &id) -> Result<virt::ConnectionPtr> {
            const virt::ConnectionPtr found = m_hosts->connection(id == m_hosts->id(m_a) ? m_a : m_b);
            return found ? Result<virt::ConnectionPtr>(found) : fail(Error::failed(u"no answer"_s));
        });
    }
    std::unique_ptr<job::JobManager> jobsBy(const std::shared_ptr<Losing> &hosts) const
    {
        return std::make_unique<job::JobManager>(
            registry(), [hosts](const virt::HostId &id) { return hosts->get(id); });
    }
    static JobRecord ended(job::JobManager &jobs, const job::JobId &id)
    {
        const bool is = QTest::qWaitFor([&] { return jobs.job(id) && jobs.job(id)->isFinished(); }, 120000);
        return is ? *jobs.job(id) : JobRecord();
    }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    void cleanupTestCase() { m_hosts.reset(); }
    void init() { QVERIFY(clear()); }

    void isConfirmed_data()
    {
        QTest::addColumn<Way>("way");
        QTest::addColumn<bool>("keepSource");
        QTest::newRow("host to host") << Way::HostToHost << false;
        QTest::newRow("through here") << Way::ThroughHere << false;
        QTest::newRow("shared") << Way::Shared << false;
        QTest::newRow("the source's files stay") << Way::HostToHost << true;
    }
    /** Asked for, while it runs there and has written since. */
    void isConfirmed()
    {
        QFETCH(const Way, way);
        QFETCH(const bool, keepSource);
        QVERIFY(moved(resized(), way, true));
        QCOMPARE(states().size(), 1);
        QCOMPARE(states().constFirst().wasRunning, true);
        QVERIFY(!states().constFirst().confirmAt.isValid());
        const QStringList waiting = m_hosts->files(m_a, poolOf(way));
        QVERIFY(waiting.contains(u"vm-hda.qcow2"_s)); // untouched until then
        const QString old = fileOf(u"qcow2"_s, way);
        QCOMPARE(test::DiskModel::difference(m_hosts->content(old, u"qcow2"_s), expected(false), old), QString());
        QCOMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(m_hosts->writes(u"hda"_s, 10, 1, 7));
        ResizeEndDraft wished;
        wished.keepSource = keepSource;
        QVERIFY(isDone(end(ResizeEnd::Confirm, wished)));
        QVERIFY(states().isEmpty() && aside().isEmpty());
        QVERIFY(!m_hosts->xml(m_b, true).contains(u":resize "_s));
        QVERIFY(!m_hosts->xml(m_b).contains(u":resize "_s));
        QCOMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(m_hosts->sees());
        QCOMPARE(m_hosts->existsOn(), m_b);
        if (way != Way::Shared) {
            QCOMPARE(m_hosts->files(m_a), keepSource ? waiting : QStringList());
            QCOMPARE(m_hosts->files(m_b), QStringList{u"vm-hda.qcow2"_s});
        } else {
            QCOMPARE(m_hosts->files(m_a, u"shared"_s), QStringList{u"vm-hda.qcow2"_s}); // merged
        }
        QVERIFY(m_hosts->stop(u"vm"_s, m_b));
        const QByteArray is = m_hosts->content(m_hosts->path(u"hda"_s, m_b), u"qcow2"_s, {}, m_b);
        QByteArray should = expected(true);
        should.replace(10 << 20, 1 << 20, is.mid(10 << 20, 1 << 20)); // which the guest has read already
        QCOMPARE(test::DiskModel::difference(is, should, old), QString());
    }

    void goesBackAfterAFailedBoot_data()
    {
        QTest::addColumn<Way>("way");
        QTest::newRow("host to host") << Way::HostToHost;
        QTest::newRow("shared") << Way::Shared;
    }
    /** Its file is lost there. */
    void goesBackAfterAFailedBoot()
    {
        QFETCH(const Way, way);
        QVERIFY(make(u"qcow2"_s, way));
        const QString before = world();
        QVERIFY(isDone(move(resized(), way)));
        const QString path = m_hosts->path(u"hda"_s, m_b);
        QVERIFY(QFile::remove(m_hosts->directory(m_b, poolOf(way)) + u'/' + QFileInfo(path).fileName()));
        QVERIFY(!m_hosts->bed.virsh(m_b, {u"start"_s, u"vm"_s}).ok());
        QVERIFY(isDone(end(ResizeEnd::Revert)));
        QCOMPARE(world(), before);
        QCOMPARE(amissAt(m_a, u"qcow2"_s, false, false), QString());
        QVERIFY(states().isEmpty() && aside().isEmpty());
        QVERIFY(m_hosts->start());
    }

    void aHostIsAway_data()
    {
        QTest::addColumn<ResizeEnd>("how");
        QTest::addColumn<QString>("away");
        QTest::addColumn<bool>("hangs"); // its daemon answers no more; else it is known to be lost
        for (const bool hangs : {false, true}) {
            for (const QString &host : {m_a, m_b}) {
                if (!hangs || isLong()) {
                    QTest::addRow("revert, %s%s", qPrintable(host), hangs ? ", hangs" : "")
                        << ResizeEnd::Revert << host << hangs;
                }
                if (!hangs || isLong() || host == m_a) {
                    QTest::addRow("confirm, %s%s", qPrintable(host), hangs ? ", hangs" : "")
                        << ResizeEnd::Confirm << host << hangs;
                }
            }
        }
    }
    /** When its end was planned both hosts were there. It runs on, nothing is given up, and later the same works. */
    void aHostIsAway()
    {
        QFETCH(const ResizeEnd, how);
        QFETCH(const QString, away);
        QFETCH(const bool, hangs);
        QVERIFY(moved(resized(), Way::HostToHost, true));
        const QString before = world();
        const job::Plan plan = end(how);
        QVERIFY2(MigrationHosts::canRun(plan), qPrintable(blockers(plan)));
        const auto hosts = losing();
        const auto jobs = jobsBy(hosts);
        if (hangs) {
            QVERIFY(m_hosts->bed.stopDaemon(away));
        } else {
            hosts->lose(m_hosts->id(away));
        }
        const JobRecord record = ended(*jobs, jobs->run(plan));
        if (hangs) {
            QVERIFY(m_hosts->bed.contDaemon(away));
            QVERIFY(m_hosts->answers(away));
        } else {
            hosts->lose({});
        }
        QVERIFY2(
            record.state == JobState::Failed && record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QVERIFY2(record.error.message.contains(m_hosts->uri(away)), MigrationHosts::text(record).constData());
        QVERIFY2(!record.error.hint.isEmpty(), MigrationHosts::text(record).constData());
        QCOMPARE(world(), before);
        QVERIFY(m_hosts->heartbeat() >= 0);
        QCOMPARE(m_hosts->said().count("VIREO GUEST READY"), 2); // once at each host: it was never touched
        const JobRecord again = ended(*jobs, jobs->run(end(how)));
        QVERIFY2(again.state == JobState::Done, MigrationHosts::text(again).constData());
        QVERIFY(states().isEmpty() && aside().isEmpty());
        QCOMPARE(m_hosts->runsOn(), how == ResizeEnd::Confirm ? m_b : m_a);
        QCOMPARE(m_hosts->existsOn(), m_hosts->runsOn());
        QCOMPARE(m_hosts->files(how == ResizeEnd::Confirm ? m_a : m_b), QStringList());
    }

    void somebodyWasFaster_data()
    {
        QTest::addColumn<ResizeEnd>("how");
        QTest::addColumn<QString>("where");
        QTest::newRow("confirm, changed where it is") << ResizeEnd::Confirm << m_b;
        QTest::newRow("confirm, defined where it was") << ResizeEnd::Confirm << m_a;
        QTest::newRow("revert, defined where it was") << ResizeEnd::Revert << m_a;
    }
    /** Between plan and job somebody else changes it: nothing is given up, and nothing overwritten. */
    void somebodyWasFaster()
    {
        QFETCH(const ResizeEnd, how);
        QFETCH(const QString, where);
        QVERIFY(moved(resized()));
        const job::Plan plan = end(how);
        QVERIFY2(MigrationHosts::canRun(plan), qPrintable(blockers(plan)));
        QString other = m_hosts->xml(m_b, true);
        other.replace(u"<on_reboot>restart"_s, u"<on_reboot>destroy"_s);
        QVERIFY(virt::domains::define(*m_hosts->connection(where), other));
        const QString before = world();
        const JobRecord record = m_hosts->run(plan);
        QVERIFY2(
            record.state == JobState::Failed && record.remains.isEmpty(), MigrationHosts::text(record).constData());
        QVERIFY2(record.error.message.contains(where == m_a ? u"where it was"_s : u"Somebody else"_s),
            MigrationHosts::text(record).constData());
        QCOMPARE(world(), before);
    }

    /** Already when it is to be planned. */
    void theQuestionNamesTheHost()
    {
        QVERIFY(moved(resized()));
        const KeptState state = states().constFirst();
        for (const QString &away : {m_a, m_b}) {
            const auto a = m_hosts->connection(m_a);
            const auto b = m_hosts->connection(m_b);
            QVERIFY(m_hosts->bed.killDaemon(away));
            QTRY_VERIFY(!(away == m_a ? a : b)->isAlive());
            const auto known = readResizeEndFacts(state, a, b, m_hosts->id(m_a), m_hosts->id(m_b), {});
            QVERIFY(!known);
            QVERIFY2(known.error().message.contains(m_hosts->uri(away)), qPrintable(known.error().message));
            QVERIFY(m_hosts->answers(away));
        }
    }

    /** It confirms by itself when its time has come; while a host is away it waits, and nothing is given up. */
    void confirmsItselfWhenBothAreThere()
    {
        ResizeDraft wished = resized();
        wished.confirm = ResizeDraft::Confirm::Auto;
        wished.confirmHours = 1;
        QVERIFY(moved(wished, Way::HostToHost, true));
        QCOMPARE(states().size(), 1);
        const QString before = world();
        virt::Hosts hosts;
        for (const QString &name : {m_a, m_b}) {
            virt::HostSettings settings;
            settings.id = m_hosts->id(name);
            settings.uri = m_hosts->uri(name);
            settings.name = name;
            hosts.host(hosts.add(settings))->connectToHost();
        }
        QTRY_VERIFY_WITH_TIMEOUT(hosts.connectedCount() == 2, 20000);
        const auto provider = std::make_shared<Losing>(hosts.provider());
        const auto jobs = jobsBy(provider);
        operation::KeptFeed feed(hosts, *jobs, m_kept.path());
        QTRY_COMPARE(feed.all().size(), 1);
        QDateTime now = QDateTime::currentDateTimeUtc();
        operation::KeptConfirmer confirmer(feed, hosts, *jobs, {}, [&now] { return now; });
        confirmer.look();
        QVERIFY(jobs->jobs().isEmpty());         // not yet
        for (const QString &away : {m_a, m_b}) { // between its look and its job
            provider->lose(m_hosts->id(away));
            now = now.addSecs(7200);
            confirmer.look();
            const int count = away == m_a ? 1 : 2;
            QTRY_COMPARE_WITH_TIMEOUT(jobs->jobs().size(), count, 20000);
            const JobRecord record = ended(*jobs, jobs->jobs().constLast());
            QVERIFY2(
                record.state == JobState::Failed && record.remains.isEmpty(), MigrationHosts::text(record).constData());
            QCOMPARE(world(), before);
            QCOMPARE(states().constFirst().ending, KeptState::Ending::None);
            provider->lose({});
        }
        now = now.addSecs(7200);
        confirmer.look();
        QTRY_COMPARE_WITH_TIMEOUT(jobs->jobs().size(), 3, 20000);
        const JobRecord record = ended(*jobs, jobs->jobs().constLast());
        QVERIFY2(record.state == JobState::Done, MigrationHosts::text(record).constData());
        QVERIFY(states().isEmpty() && aside().isEmpty());
        QCOMPARE(m_hosts->files(m_a), QStringList());
        QCOMPARE(m_hosts->runsOn(), m_b);
    }
};

QTEST_GUILESS_MAIN(TestColdEnds)
#include "tst_cold_ends_system.moc"
