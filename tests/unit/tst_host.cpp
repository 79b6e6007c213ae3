// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/hosts.h"
#include "backend/virt/inventory.h"

using namespace vireo;
using namespace vireo::virt;

/** A Host and the Inventory on libvirt's in-process test driver. */
class TestHost final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<EventLoop> m_loop;

    static HostSettings settings(const char *uri)
    {
        HostSettings result;
        result.uri = QString::fromUtf8(uri);
        return result;
    }

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<EventLoop>(); }
    void cleanupTestCase()
    {
        QTRY_COMPARE(m_loop->handleCount(), 0);
        m_loop.reset();
    }

    void connectListEventsDisconnect()
    {
        Hosts hosts;
        Inventory inventory(hosts);
        const HostId id = hosts.add(settings("test:///default"));
        Host *host = hosts.host(id);
        QCOMPARE(host->status().state, HostState::Disconnected);
        QVERIFY(!hosts.provider()(id));

        QSignalSpy added(&inventory, &Inventory::domainsAdded);
        host->connectToHost();
        QCOMPARE(host->status().state, HostState::Connecting);
        QTRY_COMPARE(host->status().state, HostState::Connected);
        QCOMPARE(added.count(), 1);
        QCOMPARE(inventory.count(id), 1);
        const DomainKey key{id, inventory.domainsOf(id).first()};
        QCOMPARE(inventory.domain(key)->name, QStringLiteral("test"));
        QCOMPARE(inventory.domain(key)->state, DomainState::Running);
        QTRY_VERIFY(inventory.domain(key)->detailed);
        QCOMPARE(inventory.domain(key)->maxMemoryKiB, quint64(8 * 1024 * 1024));
        QTRY_COMPARE(host->info().hypervisor, QStringLiteral("TEST"));

        // An event changes exactly this domain.
        QSignalSpy changed(&inventory, &Inventory::domainsChanged);
        const auto connection = hosts.provider()(id);
        QVERIFY(connection);
        QVERIFY(domains::suspend(**connection, key.domain));
        QTRY_COMPARE(inventory.domain(key)->state, DomainState::Paused);
        QCOMPARE(changed.count(), 1);
        QCOMPARE(changed.first().at(1).value<QList<QUuid>>(), QList<QUuid>{key.domain});

        // The same list again is no change.
        host->refresh();
        QTest::qWait(200);
        QCOMPARE(changed.count(), 1);

        // Defined by others: appears. Undefined: goes.
        const auto uuid = domains::define(**connection,
            QStringLiteral("<domain type='test'><name>n2</name><memory>1024</memory>"
                           "<os><type>hvm</type></os></domain>"));
        QVERIFY2(uuid, uuid ? "" : qPrintable(uuid.error().message));
        QTRY_COMPARE(inventory.count(id), 2);
        QCOMPARE(inventory.activeCount(id), 1);
        QVERIFY(domains::undefine(**connection, *uuid));
        QTRY_COMPARE(inventory.count(id), 1);

        QSignalSpy removed(&inventory, &Inventory::domainsRemoved);
        host->disconnectFromHost();
        QCOMPARE(host->status().state, HostState::Disconnected);
        QCOMPARE(removed.count(), 1);
        QCOMPARE(inventory.totalCount(), 0);
    }

    void figuresOnlyWhileWanted()
    {
        Hosts hosts;
        Inventory inventory(hosts);
        const HostId id = hosts.add(settings("test:///default"));
        Host *host = hosts.host(id);
        QSignalSpy stats(host, &Host::statsRead);
        host->connectToHost();
        QTRY_VERIFY(host->isConnected());
        QTest::qWait(300);
        QCOMPARE(stats.count(), 0);
        QSignalSpy figures(&inventory, &Inventory::figuresChanged);
        host->setFiguresWanted(true);
        QTRY_VERIFY(figures.count() >= 1);
        const InventoryEntry *entry = inventory.entry({id, inventory.domainsOf(id).first()});
        QVERIFY(entry->history);
        QVERIFY(entry->figures.cpuPercent >= 0);
        QVERIFY(entry->figures.cpuPercent <= 100);
    }

    void askAnswersAndTimesOut()
    {
        Hosts hosts;
        Inventory inventory(hosts);
        Host *host = hosts.host(hosts.add(settings("test:///default")));
        int answers = 0;
        Error error;
        // Not connected: an answer all the same.
        host->ask<QString>(this, hostcalls::capabilities, [&](const Result<QString> &result) {
            ++answers;
            error = result ? Error() : result.error();
        });
        QTRY_COMPARE(answers, 1);
        QCOMPARE(error.kind, Error::Kind::Disconnected);

        host->connectToHost();
        QTRY_VERIFY(host->isConnected());
        QString text;
        host->ask<QString>(
            this, hostcalls::capabilities, [&](const Result<QString> &result) { text = result.value_or(QString()); });
        QTRY_VERIFY(text.contains(QStringLiteral("<capabilities>")));

        // Work that hangs: the deadline answers, the late answer is dropped.
        std::atomic<bool> release = false;
        std::atomic<bool> ended = false;
        answers = 0;
        QElapsedTimer clock;
        clock.start();
        host->ask<int>(
            this,
            [&](Connection &) -> Result<int> {
                while (!release) {
                    QThread::msleep(1);
                }
                ended = true;
                return 1;
            },
            [&](const Result<int> &result) {
                ++answers;
                error = result ? Error() : result.error();
            },
            std::chrono::milliseconds(200));
        QTRY_COMPARE(answers, 1);
        QCOMPARE(error.kind, Error::Kind::TimedOut);
        QVERIFY(clock.elapsed() < 2000);
        release = true;
        QTRY_VERIFY(ended);
        QTest::qWait(50); // a wrong second delivery would come now
        QCOMPARE(answers, 1);

        // The one who asked is gone: nobody is called.
        auto context = std::make_unique<QObject>();
        bool called = false;
        host->ask<QString>(context.get(), hostcalls::capabilities, [&](const Result<QString> &) { called = true; });
        context.reset();
        bool after = false;
        host->ask<QString>(this, hostcalls::capabilities, [&](const Result<QString> &) { after = true; });
        QTRY_VERIFY(after);
        QVERIFY(!called);
    }

    void failures_data()
    {
        QTest::addColumn<QString>("uri");
        QTest::newRow("nonsense") << QStringLiteral("nonsense");
        QTest::newRow("no driver") << QStringLiteral("nosuch:///system");
        QTest::newRow("no node file") << QStringLiteral("test:///no/such/file.xml");
        QTest::newRow("no daemon") << QStringLiteral("qemu+unix:///system?socket=/no/such/socket");
        QTest::newRow("nobody listens") << QStringLiteral("qemu+tcp://127.0.0.1:1/system");
        QTest::newRow("needs consent") << QStringLiteral("qemu+ext:///system?command=/bin/true");
    }
    void failures()
    {
        QFETCH(QString, uri);
        Hosts hosts;
        HostSettings own;
        own.uri = uri;
        Host *host = hosts.host(hosts.add(own));
        host->connectToHost();
        QTRY_COMPARE_WITH_TIMEOUT(host->status().state, HostState::Failed, 15000);
        QVERIFY(!host->status().sentence.isEmpty());
        QVERIFY2(!host->status().error.message.isEmpty(), "libvirt's text must be kept");
        QVERIFY2(!host->status().error.hint.isEmpty() || uri.contains(u"file.xml"),
            qPrintable(host->status().error.message));
    }

    /** An ssh that says what OpenSSH says; libvirt runs whichever comes first in PATH. */
    void sshRefusals_data()
    {
        QTest::addColumn<QByteArray>("words");
        QTest::addColumn<QString>("hint");
        QTest::newRow("host key unknown") << QByteArray("Host key verification failed.") << QStringLiteral("SSH key");
        QTest::newRow("no such host") << QByteArray("ssh: Could not resolve hostname rack-7: Name or service not known")
                                      << QStringLiteral("name");
        QTest::newRow("auth refused") << QByteArray("root@rack-7: Permission denied (publickey,password).")
                                      << QStringLiteral("ssh-add");
        QTest::newRow("nobody listens") << QByteArray("ssh: connect to host rack-7 port 22: Connection refused")
                                        << QStringLiteral("listens");
    }
    void sshRefusals()
    {
        QFETCH(QByteArray, words);
        QFETCH(QString, hint);
        QTemporaryDir dir;
        QFile script(dir.filePath(QStringLiteral("ssh")));
        QVERIFY(script.open(QIODevice::WriteOnly));
        // It ends when libvirt has spoken: else libvirt may find nobody to speak to, and not listen to the reason.
        script.write("#!/bin/sh\nhead -c 1 >/dev/null\necho '" + words + "' >&2\nexit 255\n");
        script.close();
        QVERIFY(script.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        const QByteArray path = qgetenv("PATH");
        qputenv("PATH", dir.path().toLocal8Bit() + ':' + path);
        Hosts hosts;
        Host *host = hosts.host(hosts.add(settings("qemu+ssh://root@rack-7/system")));
        host->connectToHost();
        const bool failed = QTest::qWaitFor([host] { return host->status().state == HostState::Failed; }, 15000);
        qputenv("PATH", path);
        QVERIFY(failed);
        const Error &error = host->status().error;
        QVERIFY2(error.message.contains(QString::fromUtf8(words)), qPrintable(error.message)); // ssh's words, unchanged
        QVERIFY2(error.hint.contains(hint), qPrintable(error.hint));
    }

    void removedWhileConnecting()
    {
        for (int i = 0; i < 20; ++i) {
            Hosts hosts;
            Inventory inventory(hosts);
            const HostId id = hosts.add(settings("test:///default"));
            hosts.host(id)->connectToHost();
            if (i % 2) {
                QCoreApplication::processEvents(QEventLoop::AllEvents, i);
            }
            hosts.remove(id);
            QVERIFY(hosts.all().isEmpty());
        }
        QTRY_COMPARE(m_loop->handleCount(), 0);
    }

    void waitForReachesAndTimesOut()
    {
        const auto connection = Connection::open(QStringLiteral("test:///default"), false, {});
        QVERIFY(connection);
        const auto uuid = domains::find(**connection, QStringLiteral("test"));
        QVERIFY(uuid);
        const auto is = [](DomainState wanted) {
            return [wanted](const domains::StateInfo &info) {
                return info.state == wanted;
            };
        };
        QVERIFY(domains::waitFor(**connection, *uuid, is(DomainState::Running), std::chrono::seconds(1), {}));
        const auto late =
            domains::waitFor(**connection, *uuid, is(DomainState::Paused), std::chrono::milliseconds(50), {});
        QVERIFY(!late);
        QCOMPARE(late.error().kind, Error::Kind::TimedOut);
        std::stop_source stop;
        stop.request_stop();
        const auto cancelled =
            domains::waitFor(**connection, *uuid, is(DomainState::Paused), std::chrono::seconds(5), stop.get_token());
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().kind, Error::Kind::Cancelled);
        // An event wakes the waiter long before its next look.
        std::thread later([&] {
            QThread::msleep(100);
            (void)domains::suspend(**connection, *uuid);
        });
        QElapsedTimer clock;
        clock.start();
        QVERIFY(domains::waitFor(**connection, *uuid, is(DomainState::Paused), std::chrono::seconds(10), {}));
        later.join();
        QVERIFY2(clock.elapsed() < 900, qPrintable(QString::number(clock.elapsed())));
    }
};

QTEST_GUILESS_MAIN(TestHost)
#include "tst_host.moc"
