// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// What takes longer than half a minute: a host that stays frozen until libvirt itself gives the connection up, and a
// user who takes his time with a password.
#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>

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

class TestBadHostsSoak final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        quietLibvirt();
        m_loop = std::make_unique<EventLoop>();
    }
    void cleanupTestCase()
    {
        QTRY_COMPARE_WITH_TIMEOUT(m_loop->handleCount(), 0, 30000);
        m_loop.reset();
    }
    void frozenUntilKeepAliveEnds();
    void passwordMayTakeItsTime();

private:
    std::unique_ptr<EventLoop> m_loop;
};

void TestBadHostsSoak::frozenUntilKeepAliveEnds()
{
    TestBed bed;
    QVERIFY2(bed.isUp(), qPrintable(bed.errorText()));
    const QString problem = makeGuest(bed, u"A"_s, u"steady"_s, bed.kernelGuestXml(u"steady"_s), true);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
    Hosts hosts;
    Inventory inventory(hosts);
    Host *a = hosts.host(hosts.add(settingsFor(bed.uri(u"A"_s))));
    const HostId id = a->settings().id;
    a->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(a->isConnected(), 20000);
    QCOMPARE(inventory.count(id), 1);
    QTRY_VERIFY_WITH_TIMEOUT(inventory.domain({id, inventory.domainsOf(id).first()})->detailed, 10000);

    StateLog states(a);
    QSignalSpy added(&inventory, &Inventory::domainsAdded);
    QSignalSpy removed(&inventory, &Inventory::domainsRemoved);
    QSignalSpy changed(&inventory, &Inventory::domainsChanged);
    QVERIFY(bed.stopDaemon(u"A"_s));
    GapMeter meter;
    meter.start();
    QElapsedTimer clock;
    clock.start();
    QTRY_COMPARE_WITH_TIMEOUT(a->status().state, HostState::NotResponding, 10000);
    QTRY_COMPARE_WITH_TIMEOUT(a->status().state, HostState::Reconnecting, 45000);
    qInfo("the connection was given up after %lld ms", static_cast<long long>(clock.elapsed()));
    QVERIFY(!a->status().error.message.isEmpty());
    QVERIFY(!a->connection());
    QCOMPARE(inventory.count(id), 1);
    // It tries again by itself, and the new attempt hangs as well until its limit.
    QTRY_VERIFY_WITH_TIMEOUT(a->status().error.kind == Error::Kind::TimedOut, 40000);
    QCOMPARE(a->status().state, HostState::Reconnecting);
    const double gap = meter.stop("a host frozen for a minute");
    QVERIFY2(gap < GapMeter::limitMs, qPrintable(QString::number(gap)));

    QVERIFY(bed.contDaemon(u"A"_s));
    QTRY_VERIFY_WITH_TIMEOUT(a->isConnected(), 30000);
    QCOMPARE(inventory.count(id), 1);
    QCOMPARE(added.count() + removed.count() + changed.count(), 0);
    const QList<HostState> expected{HostState::NotResponding, HostState::Reconnecting, HostState::Connected};
    QCOMPARE(states.states(), expected);
    QCOMPARE(bed.virsh(u"A"_s, {u"domstate"_s, u"steady"_s}).output.trimmed(), u"running"_s);
}

void TestBadHostsSoak::passwordMayTakeItsTime()
{
    QTemporaryDir directory;
    QFile passwords(directory.filePath(u"auth.conf"_s)); // instead of the developer's own
    QVERIFY(passwords.open(QIODevice::WriteOnly));
    qputenv("LIBVIRT_AUTH_FILE", passwords.fileName().toLocal8Bit());
    QFile node(directory.filePath(u"node.xml"_s));
    QVERIFY(node.open(QIODevice::WriteOnly));
    node.write("<node><auth><user password='pass'>root</user></auth></node>");
    node.close();
    Hosts hosts;
    Host *host = hosts.host(hosts.add(settingsFor(u"test://"_s + node.fileName())));
    QSignalSpy needed(host, &Host::credentialsNeeded);
    StateLog states(host);
    host->connectToHost();
    QTRY_COMPARE_WITH_TIMEOUT(needed.count(), 1, 10000);
    // Longer than any limit for a host that does not answer. The condition must not come.
    QVERIFY(!QTest::qWaitFor([&] { return host->status().state != HostState::Connecting; }, 25000));
    QCOMPARE(needed.count(), 1);
    for (int asked = 1; asked <= 2; ++asked) {
        QTRY_COMPARE_WITH_TIMEOUT(needed.count(), asked, 10000);
        auto request = needed.last().first().value<CredentialRequest>();
        for (CredentialRequest::Field &field : request.fields) {
            field.answer = field.secret ? u"pass"_s : u"root"_s;
        }
        host->answerCredentials(request);
    }
    QTRY_VERIFY_WITH_TIMEOUT(host->isConnected(), 10000);
    const QList<HostState> expected{HostState::Connecting, HostState::Connected};
    QCOMPARE(states.states(), expected);
}

QTEST_GUILESS_MAIN(TestBadHostsSoak)
#include "tst_badhosts_soak.moc"
