// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <future>

#include <QSignalSpy>
#include <QTest>

#include "backend/operation/migrate/migrationobserver.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using migration::Phase;
using operation::MigrationCommand;
using operation::MigrationFeed;
using operation::MigrationObserver;
using operation::MigrationPicture;
using test::MigrationHosts;

namespace {

constexpr quint64 mib = 1024 * 1024;

/** What the program has: hosts, what is on them, and the observer. */
struct Program {
    virt::Hosts hosts;
    virt::Inventory inventory{hosts};
    MigrationFeed feed;
    MigrationObserver observer{hosts, inventory, feed};
    QList<double> fractions;
    bool fell = false;

    Program(const MigrationHosts &bed, const QStringList &names)
    {
        for (const QString &name : names) {
            virt::HostSettings settings;
            settings.id = bed.id(name);
            settings.uri = bed.uri(name);
            settings.name = name;
            hosts.add(settings);
            hosts.host(settings.id)->connectToHost();
        }
        QObject::connect(&feed, &MigrationFeed::changed, &feed, [this](const virt::DomainKey &domain) {
            const double fraction = feed.picture(domain)->history.fraction();
            fell = fell || (!fractions.isEmpty() && fraction < fractions.last());
            fractions.append(fraction);
        });
    }

    bool isConnected() const { return hosts.connectedCount() == hosts.all().size(); }
};

/** A migration by virsh. One whose end nobody waited for, as a test failed, is aborted. */
class Virsh final
{
    Q_DISABLE_COPY_MOVE(Virsh)

public:
    Virsh(MigrationHosts &hosts, const QStringList &more)
        : m_hosts(hosts)
        , m_outcome(std::async(std::launch::async, [&hosts, more] {
            return hosts.bed.virsh(u"A"_s,
                QStringList{u"migrate"_s, u"--live"_s, u"--p2p"_s, u"--persistent"_s, u"--undefinesource"_s, u"vm"_s,
                    hosts.peerUri(u"B"_s)}
                    + more);
        }))
    {}
    ~Virsh()
    {
        if (m_outcome.valid()) {
            m_hosts.bed.virsh(u"A"_s, {u"domjobabort"_s, u"vm"_s});
        }
    }
    /** Waits for its end. */
    bool succeeded() { return m_outcome.get().ok(); }

private:
    MigrationHosts &m_hosts;
    std::future<test::TestBed::Outcome> m_outcome;
};

} // namespace

/** Migrations by virsh: nobody told this process of them. */
class TestMigrationObserver final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<Program> m_program;

    virt::DomainKey key() const { return {m_hosts->id(u"A"_s), m_hosts->uuid()}; }
    const MigrationPicture *picture() const { return m_program->feed.picture(key()); }
    Phase phase() const { return picture() ? picture()->history.phase() : Phase::Preparing; }

    /** A guest that writes 24 of its 64 MiB again and again. */
    bool startGuest()
    {
        m_program.reset();
        return m_hosts->clear() && m_hosts->make({.orders = u"fill=40 dirty=96:24"_s}) && m_hosts->start();
    }

    bool open(const QStringList &names = {u"A"_s, u"B"_s})
    {
        m_program = std::make_unique<Program>(*m_hosts, names);
        return QTest::qWaitFor([this] { return m_program->isConnected(); }, 10000);
    }

    void send(MigrationCommand::Kind kind, quint64 value = 0)
    {
        m_program->feed.send(key(), {.kind = kind, .value = value, .policy = {}});
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void cleanupTestCase()
    {
        m_program.reset();
        m_hosts.reset();
    }

    void isShownAndAborted();
    void leversMakeItEnd();
    void isFoundWhenTheProgramStarts();
    void postCopy();
    void destinationIsNotConnected();
    void leavesOursAlone();
    void savingIsNoMigration();
};

void TestMigrationObserver::isShownAndAborted()
{
    QVERIFY(startGuest() && open());
    Virsh virsh(*m_hosts, {u"--bandwidth"_s, u"16"_s});
    QTRY_VERIFY_WITH_TIMEOUT(phase() == Phase::CopyingMemory && picture()->history.round() >= 2, 20000);
    QVERIFY(!picture()->isOurs);
    QVERIFY(picture()->listens());
    QCOMPARE(picture()->domainName, u"vm"_s);
    QCOMPARE(picture()->maxDowntimeMs, quint64(300));
    QCOMPARE(picture()->bandwidth, 16 * mib);
    QTRY_COMPARE(picture()->destination, m_hosts->id(u"B"_s));
    QCOMPARE(picture()->destinationName, u"B"_s);
    QTRY_VERIFY(picture()->history.bandwidth() > 8 * mib && picture()->history.bandwidth() < 20 * mib);

    send(MigrationCommand::Kind::SetBandwidth, 20 * mib);
    QTRY_COMPARE(picture()->bandwidth, 20 * mib);
    QCOMPARE(m_hosts->virsh({u"migrate-getspeed"_s, u"vm"_s}).trimmed(), u"20"_s);
    QVERIFY(!picture()->lastAction.isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(picture()->history.remainingMs(), migration::Range(), 20000); // it does not converge

    send(MigrationCommand::Kind::Abort);
    QTRY_COMPARE_WITH_TIMEOUT(phase(), Phase::Failed, 10000);
    QVERIFY(!virsh.succeeded());
    QVERIFY(!picture()->listens());
    QVERIFY(!m_program->observer.watches(key()));
    QVERIFY(picture()->history.fraction() < 1);
    QVERIFY(!m_program->fell);
    QCOMPARE(m_hosts->runsOn(), u"A"_s);
    QCOMPARE(m_hosts->wentOn(), QString());
}

void TestMigrationObserver::leversMakeItEnd()
{
    QVERIFY(startGuest() && open());
    Virsh virsh(*m_hosts, {u"--bandwidth"_s, u"16"_s});
    QTRY_VERIFY_WITH_TIMEOUT(phase() == Phase::CopyingMemory && picture()->history.round() >= 2, 20000);
    send(MigrationCommand::Kind::SetMaxDowntime, 4000);
    QTRY_COMPARE_WITH_TIMEOUT(phase(), Phase::Done, 20000);
    QVERIFY2(virsh.succeeded(), "virsh says so, too");
    QCOMPARE(picture()->history.fraction(), 1.0);
    QVERIFY(!m_program->fell);
    QVERIFY(picture()->completed);
    QVERIFY(picture()->completed->downtimeMs > 0);
    QVERIFY(picture()->history.rounds().size() >= 2);
    QCOMPARE(m_hosts->runsOn(), u"B"_s);
    QCOMPARE(m_hosts->wentOn(), QString());
}

void TestMigrationObserver::isFoundWhenTheProgramStarts()
{
    QVERIFY(startGuest());
    // 64 MiB at 4 MiB/s: nothing is told of it for a long time
    Virsh virsh(*m_hosts, {u"--bandwidth"_s, u"4"_s});
    QVERIFY(QTest::qWaitFor(
        [this] { return m_hosts->virsh({u"domjobinfo"_s, u"vm"_s}).contains(u"Memory remaining"_s); }, 10000));
    QVERIFY(open());
    QTRY_VERIFY_WITH_TIMEOUT(phase() == Phase::CopyingMemory, 5000);
    QCOMPARE(picture()->history.round(), quint64(1));
    QVERIFY(picture()->history.samples().first().atMs > 0); // it began before we looked

    // a policy of ours steers it, though somebody else began it
    migration::Policy policy = migration::Policy::preset(migration::Policy::Kind::Nova);
    policy.stepDelayMsPerGiB = 0;
    policy.maxDowntimeMs = 20000;
    m_program->feed.send(key(), {.kind = MigrationCommand::Kind::SetPolicy, .value = 0, .policy = policy});
    QTRY_COMPARE_WITH_TIMEOUT(phase(), Phase::Done, 30000);
    QVERIFY2(picture()->lastAction.contains(u"20 s"_s), qPrintable(picture()->lastAction));
    QVERIFY(virsh.succeeded());
    QCOMPARE(m_hosts->runsOn(), u"B"_s);
}

void TestMigrationObserver::postCopy()
{
    QVERIFY(startGuest() && open());
    Virsh virsh(*m_hosts, {u"--bandwidth"_s, u"16"_s, u"--postcopy"_s, u"--postcopy-bandwidth"_s, u"8"_s});
    QTRY_VERIFY_WITH_TIMEOUT(phase() == Phase::CopyingMemory && picture()->history.round() >= 2, 20000);
    send(MigrationCommand::Kind::StartPostCopy);
    QTRY_VERIFY_WITH_TIMEOUT(picture()->inPostCopy, 10000);
    QTRY_COMPARE_WITH_TIMEOUT(phase(), Phase::Done, 30000);
    QVERIFY(virsh.succeeded());
    QVERIFY(!m_program->fell);
    QCOMPARE(m_hosts->runsOn(), u"B"_s);
    QCOMPARE(m_hosts->wentOn(), QString());
}

void TestMigrationObserver::destinationIsNotConnected()
{
    QVERIFY(startGuest() && open({u"A"_s}));
    Virsh virsh(*m_hosts, {u"--bandwidth"_s, u"16"_s});
    QTRY_VERIFY_WITH_TIMEOUT(phase() == Phase::CopyingMemory && picture()->history.round() >= 2, 20000);
    QVERIFY(picture()->destination.isNull());
    send(MigrationCommand::Kind::SetMaxDowntime, 4000);
    QTRY_COMPARE_WITH_TIMEOUT(phase(), Phase::Done, 20000); // libvirt said that it was completed
    QVERIFY(virsh.succeeded());
}

void TestMigrationObserver::leavesOursAlone()
{
    QVERIFY(startGuest() && open());
    MigrationPicture ours;
    ours.domain = key();
    ours.isOurs = true;
    ours.note = u"ours"_s;
    m_program->feed.publish(ours);
    QTRY_VERIFY(picture());
    Virsh virsh(*m_hosts, {u"--bandwidth"_s, u"32"_s});
    QSignalSpy noticed(m_program->hosts.host(key().host), &virt::Host::migrationNoticed);
    QTRY_VERIFY_WITH_TIMEOUT(noticed.size() >= 3, 20000);
    QVERIFY(!m_program->observer.watches(key()));
    QCOMPARE(picture()->note, u"ours"_s);
    // and what a step takes over is let go
    m_program->feed.remove(key());
    QTRY_VERIFY_WITH_TIMEOUT(m_program->observer.watches(key()), 10000);
    m_program->feed.publish(ours);
    QTRY_VERIFY(!m_program->observer.watches(key()));
    QVERIFY(m_hosts->virsh({u"domjobabort"_s, u"vm"_s}).trimmed().isEmpty());
    QVERIFY(!virsh.succeeded());
}

void TestMigrationObserver::savingIsNoMigration()
{
    QVERIFY(startGuest() && open());
    QSignalSpy noticed(m_program->hosts.host(key().host), &virt::Host::migrationNoticed);
    const auto saved = m_hosts->bed.virsh(u"A"_s, {u"managedsave"_s, u"vm"_s});
    QVERIFY2(saved.ok(), qPrintable(saved.errorText));
    QTRY_COMPARE(m_program->inventory.domain(key())->state, virt::DomainState::ShutOff);
    QVERIFY(!picture());
}

QTEST_GUILESS_MAIN(TestMigrationObserver)
#include "tst_migrationobserver_system.moc"
