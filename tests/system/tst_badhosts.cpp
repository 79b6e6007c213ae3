// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Hosts that hang, die and refuse: each is told as it is, slows nobody else, and comes back by itself.
#include <sys/fsuid.h>
#include <unistd.h>

#include <QDir>
#include <QSignalSpy>

#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"
#include "backend/virt/virerror.h"
#include "badhostsfixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::virt;
using vireo::test::GapMeter;
using vireo::test::makeGuest;
using vireo::test::settingsFor;
using vireo::test::StateLog;
using vireo::test::TestBed;

namespace {

constexpr int connectMs = 20000;

} // namespace

class TestBadHosts final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init() { QVERIFY(m_bed->contDaemon(u"A"_s)); }
    void cleanup()
    {
        QVERIFY(m_bed->contDaemon(u"A"_s));
        for (const QString &guest : {u"late"_s, u"doomed"_s}) { // of a test that failed half-way, too
            m_bed->virsh(u"A"_s, {u"destroy"_s, guest});
            m_bed->virsh(u"A"_s, {u"undefine"_s, guest});
        }
    }
    void cleanupTestCase();

    void frozenHostHarmsNobodyElse();
    void frozenWhileOpening();
    void leavingAFrozenHost_data();
    void leavingAFrozenHost();
    void killedDaemonComesBack();
    void refusals_data();
    void refusals();

private:
    QString domainState(const QString &host, const QString &guest)
    {
        return m_bed->virsh(host, {u"domstate"_s, guest}).output.trimmed();
    }
    QUuid uuidOf(const QString &host, const QString &guest)
    {
        return QUuid::fromString(m_bed->virsh(host, {u"domuuid"_s, guest}).output.trimmed());
    }

    std::unique_ptr<EventLoop> m_loop;
    std::unique_ptr<TestBed> m_bed;
};

void TestBadHosts::initTestCase()
{
    quietLibvirt();
    m_loop = std::make_unique<EventLoop>();
    m_bed = std::make_unique<TestBed>(QStringList{u"A"_s, u"B"_s});
    QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
    for (const QString &host : {u"A"_s, u"B"_s}) {
        const QString name = u"runs-on-"_s + host;
        const QString problem = makeGuest(*m_bed, host, name, m_bed->kernelGuestXml(name), true);
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
    }
    const QString problem = makeGuest(*m_bed, u"A"_s, u"off-on-A"_s, m_bed->kernelGuestXml(u"off-on-A"_s), false);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

void TestBadHosts::cleanupTestCase()
{
    // Every connection that was left behind ends once its host answers.
    QTRY_COMPARE_WITH_TIMEOUT(m_loop->handleCount(), 0, connectMs);
    m_bed.reset();
    m_loop.reset();
}

void TestBadHosts::frozenHostHarmsNobodyElse()
{
    Hosts hosts;
    Inventory inventory(hosts);
    Host *a = hosts.host(hosts.add(settingsFor(m_bed->uri(u"A"_s))));
    Host *b = hosts.host(hosts.add(settingsFor(m_bed->uri(u"B"_s))));
    const HostId idA = a->settings().id;
    const HostId idB = b->settings().id;
    a->setFiguresWanted(true);
    b->setFiguresWanted(true);
    QSignalSpy beatsA(a, &Host::statsRead);
    QSignalSpy beatsB(b, &Host::statsRead);
    a->connectToHost();
    b->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(beatsA.count() >= 2 && beatsB.count() >= 4, connectMs); // at its usual period by now
    QCOMPARE(inventory.count(idA), 2);
    const DomainKey keyA{idA, uuidOf(u"A"_s, u"runs-on-A"_s)};
    const DomainKey keyB{idB, uuidOf(u"B"_s, u"runs-on-B"_s)};
    QVERIFY(inventory.domain(keyA));
    QVERIFY(inventory.domain(keyB));
    const DomainRecord known = *inventory.domain(keyA);

    StateLog statesA(a);
    StateLog statesB(b);
    QSignalSpy removed(&inventory, &Inventory::domainsRemoved);
    QSignalSpy listed(a, &Host::domainsListed);
    QList<qint64> beatTimes;
    QElapsedTimer clock;
    QVERIFY(m_bed->stopDaemon(u"A"_s));
    clock.start();
    connect(b, &Host::statsRead, this, [&] { beatTimes.append(clock.elapsed()); });
    GapMeter meter;
    meter.start();

    QTRY_COMPARE_WITH_TIMEOUT(a->status().state, HostState::NotResponding, 10000);
    qInfo("not responding after %lld ms", static_cast<long long>(clock.elapsed()));
    QVERIFY(!a->status().sentence.isEmpty());
    QVERIFY(!a->status().error.message.isEmpty());
    QVERIFY(a->status().lastAnswer.isValid());

    // What is asked of A is answered in time, with the reason.
    Error asked;
    a->ask<domains::StateInfo>(
        this, [uuid = keyA.domain](Connection &connection) { return domains::state(connection, uuid); },
        [&](const Result<domains::StateInfo> &result) { asked = result ? Error() : result.error(); },
        std::chrono::seconds(1));
    // Events of B, made by a thread: this one must not wait, or the gap would be its own fault.
    std::jthread others([&] { m_bed->virsh(u"B"_s, {u"suspend"_s, u"runs-on-B"_s}); });
    QTRY_COMPARE_WITH_TIMEOUT(inventory.domain(keyB)->state, DomainState::Paused, 10000);
    QTRY_COMPARE_WITH_TIMEOUT(asked.kind, Error::Kind::TimedOut, 3000);
    const qsizetype beatsBefore = beatTimes.size();
    QTRY_VERIFY_WITH_TIMEOUT(beatTimes.size() >= beatsBefore + 2, 12000);
    const double gap = meter.stop("one host frozen");
    qint64 longest = beatTimes.first();
    for (qsizetype i = 1; i < beatTimes.size(); ++i) {
        longest = std::max(longest, beatTimes.at(i) - beatTimes.at(i - 1));
    }
    qInfo("longest wait for the other host's figures: %lld ms (period 3000 ms)", static_cast<long long>(longest));
    QVERIFY2(gap < GapMeter::limitMs, qPrintable(QString::number(gap)));
    QVERIFY2(longest < 4500, qPrintable(QString::number(longest)));
    QVERIFY(statesB.states().isEmpty() || statesB.states() == QList{HostState::Connected});

    // The last known data stay, as they were.
    QCOMPARE(a->status().state, HostState::NotResponding);
    QCOMPARE(inventory.count(idA), 2);
    QVERIFY(*inventory.domain(keyA) == known);
    QCOMPARE(removed.count(), 0);
    QCOMPARE(listed.count(), 0);

    // Somebody's request waits at the frozen host; it is carried out when the host goes on, and is seen.
    std::jthread definer([&] { makeGuest(*m_bed, u"A"_s, u"late"_s, m_bed->kernelGuestXml(u"late"_s), false); });
    QVERIFY(m_bed->contDaemon(u"A"_s));
    meter.start();
    QTRY_COMPARE_WITH_TIMEOUT(a->status().state, HostState::Connected, 10000);
    QTRY_VERIFY_WITH_TIMEOUT(listed.count() >= 1, 10000);
    QTRY_COMPARE_WITH_TIMEOUT(inventory.count(idA), 3, 10000);
    const double after = meter.stop("host back");
    QVERIFY2(after < GapMeter::limitMs, qPrintable(QString::number(after)));
    QCOMPARE(removed.count(), 0);
    const QList<HostState> expected{HostState::NotResponding, HostState::Connected};
    QCOMPARE(statesA.states(), expected);
    const qsizetype beatsNow = beatsA.count();
    QTRY_VERIFY_WITH_TIMEOUT(beatsA.count() >= beatsNow + 1, 10000);

    QVERIFY(m_bed->virsh(u"B"_s, {u"resume"_s, u"runs-on-B"_s}).ok());
    definer.join();
    QVERIFY(m_bed->virsh(u"A"_s, {u"undefine"_s, u"late"_s}).ok());
    QTRY_COMPARE_WITH_TIMEOUT(inventory.count(idA), 2, 10000);
}

void TestBadHosts::frozenWhileOpening()
{
    Hosts hosts;
    Inventory inventory(hosts);
    Host *a = hosts.host(hosts.add(settingsFor(m_bed->uri(u"A"_s))));
    StateLog states(a);
    QVERIFY(m_bed->stopDaemon(u"A"_s));
    GapMeter meter;
    meter.start();
    QElapsedTimer clock;
    clock.start();
    a->connectToHost();
    QCOMPARE(a->status().state, HostState::Connecting);
    QTRY_VERIFY_WITH_TIMEOUT(a->status().state != HostState::Connecting, 25000);
    qInfo("a host that never answers is told after %lld ms", static_cast<long long>(clock.elapsed()));
    QCOMPARE(a->status().state, HostState::Reconnecting);
    QVERIFY(!a->status().sentence.isEmpty());
    QCOMPARE(a->status().error.kind, Error::Kind::TimedOut);
    QVERIFY(a->status().error.message.contains(u"did not answer"_s));
    QVERIFY(!a->status().error.hint.isEmpty());
    QCOMPARE(inventory.totalCount(), 0);
    const double gap = meter.stop("opening a frozen host");
    QVERIFY2(gap < GapMeter::limitMs, qPrintable(QString::number(gap)));

    QVERIFY(m_bed->contDaemon(u"A"_s));
    QTRY_VERIFY_WITH_TIMEOUT(a->isConnected(), connectMs);
    QCOMPARE(inventory.totalCount(), 2);
    QVERIFY(!states.contains(HostState::Failed));
    QCOMPARE(states.states().count(HostState::Connected), 1);
}

void TestBadHosts::leavingAFrozenHost_data()
{
    QTest::addColumn<bool>("openBefore");
    QTest::addColumn<QString>("how");
    QTest::newRow("disconnect while opening") << false << u"disconnect"_s;
    QTest::newRow("remove while opening") << false << u"remove"_s;
    QTest::newRow("quit while opening") << false << u"quit"_s;
    QTest::newRow("disconnect while connected") << true << u"disconnect"_s;
    QTest::newRow("remove while connected") << true << u"remove"_s;
    QTest::newRow("quit while connected") << true << u"quit"_s;
}

void TestBadHosts::leavingAFrozenHost()
{
    QFETCH(const bool, openBefore);
    QFETCH(const QString, how);
    auto hosts = std::make_unique<Hosts>();
    auto inventory = std::make_unique<Inventory>(*hosts);
    const HostId id = hosts->add(settingsFor(m_bed->uri(u"A"_s)));
    Host *a = hosts->host(id);
    if (openBefore) {
        a->connectToHost();
        QTRY_VERIFY_WITH_TIMEOUT(a->isConnected(), connectMs);
    }
    QVERIFY(m_bed->stopDaemon(u"A"_s));
    if (openBefore) {
        a->refresh(); // a call that hangs
    } else {
        a->connectToHost();
        QTRY_VERIFY_WITH_TIMEOUT(m_loop->handleCount() > 0, 5000); // the socket is open, the question asked
    }

    QElapsedTimer clock;
    clock.start();
    if (how == "disconnect"_L1) {
        a->disconnectFromHost();
        QVERIFY2(clock.elapsed() < 100, qPrintable(QString::number(clock.elapsed())));
        QCOMPARE(a->status().state, HostState::Disconnected);
        QCOMPARE(inventory->totalCount(), 0);
        QVERIFY(!a->connection());
    } else if (how == "remove"_L1) {
        hosts->remove(id);
        QVERIFY2(clock.elapsed() < 100, qPrintable(QString::number(clock.elapsed())));
        QVERIFY(hosts->all().isEmpty());
        QCOMPARE(inventory->totalCount(), 0);
    }
    clock.start();
    inventory.reset();
    hosts.reset();
    qInfo("all hosts let go in %lld ms", static_cast<long long>(clock.elapsed()));
    QVERIFY2(clock.elapsed() < 3000, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(m_bed->contDaemon(u"A"_s));
    QTRY_COMPARE_WITH_TIMEOUT(m_loop->handleCount(), 0, connectMs);
}

void TestBadHosts::killedDaemonComesBack()
{
    // One that ends while no daemon looks: the only real change.
    const QString problem = makeGuest(*m_bed, u"A"_s, u"doomed"_s, m_bed->kernelGuestXml(u"doomed"_s), true);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    Hosts hosts;
    Inventory inventory(hosts);
    Host *a = hosts.host(hosts.add(settingsFor(m_bed->uri(u"A"_s))));
    const HostId id = a->settings().id;
    a->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(a->isConnected(), connectMs);
    const QList<QUuid> before = inventory.domainsOf(id);
    QCOMPARE(before.size(), 3);
    const DomainKey running{id, uuidOf(u"A"_s, u"runs-on-A"_s)};
    const QUuid doomed = uuidOf(u"A"_s, u"doomed"_s);
    for (const QUuid &uuid : before) {
        QTRY_VERIFY_WITH_TIMEOUT(inventory.domain({id, uuid})->detailed, 10000);
    }
    const DomainRecord known = *inventory.domain(running);

    StateLog states(a);
    QSignalSpy addedSpy(&inventory, &Inventory::domainsAdded);
    QSignalSpy removedSpy(&inventory, &Inventory::domainsRemoved);
    QSet<QUuid> changed;
    connect(&inventory, &Inventory::domainsChanged, this, [&](const QUuid &, const QList<QUuid> &domains) {
        changed.unite(QSet<QUuid>(domains.begin(), domains.end()));
    });
    QVERIFY(m_bed->stopDaemon(u"A"_s));
    QSet<QUuid> expected;
    if (m_bed->hostsAreIsolated()) {
        const auto killed = m_bed->exec(u"A"_s, {u"sh"_s, u"-c"_s, u"kill -9 $(cat /run/libvirt/qemu/doomed.pid)"_s});
        QVERIFY2(killed.ok(), qPrintable(killed.errorText));
        expected.insert(doomed);
    }
    QVERIFY(m_bed->killDaemon(u"A"_s));
    QElapsedTimer clock;
    clock.start();
    QTRY_VERIFY_WITH_TIMEOUT(states.contains(HostState::Reconnecting), 5000);
    QVERIFY(!a->status().error.message.isEmpty());
    QCOMPARE(inventory.count(id), 3); // the last known stays on the screen
    QTRY_VERIFY_WITH_TIMEOUT(a->isConnected(), connectMs);
    qInfo("connected again %lld ms after its daemon was killed", static_cast<long long>(clock.elapsed()));

    QTRY_COMPARE_WITH_TIMEOUT(changed, expected, 5000);
    QCOMPARE(addedSpy.count(), 0);
    QCOMPARE(removedSpy.count(), 0);
    const QList<QUuid> after = inventory.domainsOf(id);
    QCOMPARE(QSet<QUuid>(after.begin(), after.end()), QSet<QUuid>(before.begin(), before.end()));
    QVERIFY(*inventory.domain(running) == known);
    QCOMPARE(domainState(u"A"_s, u"runs-on-A"_s), u"running"_s);
    QVERIFY(!states.contains(HostState::Failed));
    QVERIFY(hosts.provider()(id));

    // Events come over the new connection, too.
    QVERIFY(m_bed->virsh(u"A"_s, {u"suspend"_s, u"runs-on-A"_s}).ok());
    QTRY_COMPARE_WITH_TIMEOUT(inventory.domain(running)->state, DomainState::Paused, 5000);
    QVERIFY(m_bed->virsh(u"A"_s, {u"resume"_s, u"runs-on-A"_s}).ok());
    QTRY_COMPARE_WITH_TIMEOUT(inventory.domain(running)->state, DomainState::Running, 5000);
    m_bed->virsh(u"A"_s, {u"destroy"_s, u"doomed"_s});
    QVERIFY(m_bed->virsh(u"A"_s, {u"undefine"_s, u"doomed"_s}).ok());
}

void TestBadHosts::refusals_data()
{
    QTest::addColumn<QString>("uri"); // %1: the socket of host A, %2: one behind a door that is closed to us
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("hint");
    QTest::newRow("wrong socket") << u"qemu+unix:///system?socket=/no/such/socket"_s << u"No such file or directory"_s
                                  << u"daemon does not run"_s;
    QTest::newRow("wrong path") << u"qemu+unix:///nonsense?socket=%1"_s << u"URI path '/nonsense'"_s << u"part after"_s;
    QTest::newRow("wrong driver") << u"bhyve+unix:///system?socket=%1"_s << u"bhyve"_s << u"driver"_s; // never on Linux
    QTest::newRow("permission denied") << u"qemu+unix:///system?socket=%2"_s << u"Permission denied"_s
                                       << u"group “libvirt”"_s;
    QTest::newRow("TCP refused") << u"qemu+tcp://127.0.0.1:1/system"_s << u"Connection refused"_s
                                 << u"Nothing listens"_s;
    QTest::newRow("no such host") << u"qemu+tcp://no-such-host.invalid/system"_s << u"no-such-host.invalid"_s
                                  << u"host's name"_s;
}

void TestBadHosts::refusals()
{
    QFETCH(QString, uri);
    QFETCH(const QString, text);
    QFETCH(const QString, hint);
    QTemporaryDir closed;
    QVERIFY(closed.isValid());
    QVERIFY(QDir(closed.path()).mkdir(u"door"_s));
    const QString door = closed.filePath(u"door"_s);
    QVERIFY(QFile::setPermissions(door, QFile::Permissions()));
    const bool asNobody = uri.contains(u"%2"_s) && geteuid() == 0;
    uri.replace(u"%1"_s, m_bed->uri(u"A"_s).section(u"socket="_s, 1)).replace(u"%2"_s, door + u"/libvirt-sock"_s);

    Hosts hosts;
    Host *host = hosts.host(hosts.add(settingsFor(uri)));
    // Root may open every door: the lane is started as nobody, and a thread keeps the identity of its parent.
    constexpr uid_t nobody = 65534;
    if (asNobody) {
        setfsuid(nobody);
    }
    host->connectToHost();
    if (asNobody) {
        setfsuid(0);
    }
    QTRY_COMPARE_WITH_TIMEOUT(host->status().state, HostState::Failed, 30000);
    QVERIFY(!host->status().sentence.isEmpty());
    const Error &error = host->status().error;
    qInfo().noquote() << error.message << "|" << error.hint;
    QVERIFY2(error.message.contains(uri), qPrintable(error.message));
    QVERIFY2(error.message.contains(text), qPrintable(error.message));
    QVERIFY2(error.hint.contains(hint), qPrintable(error.hint));
    QVERIFY(QFile::setPermissions(door, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
}

QTEST_GUILESS_MAIN(TestBadHosts)
#include "tst_badhosts.moc"
