// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QSignalSpy>
#include <QTest>

#include "backend/virt/blockjobs.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/guest.h"
#include "backend/virt/hosts.h"
#include "backend/virt/snapshothints.h"
#include "backend/virt/snapshots.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::virt;

/** The calls on snapshots and what belongs to them, on libvirt's test driver; and when hints become looks. */
class TestSnapshotCalls final : public QObject
{
    Q_OBJECT

    std::unique_ptr<EventLoop> m_loop;
    ConnectionPtr m_connection;
    QUuid m_domain;

    static QString snapshotXml(const QString &name)
    {
        return u"<domainsnapshot><name>%1</name><description>about %1</description></domainsnapshot>"_s.arg(name);
    }
    Result<QString> take(const QString &name, const snapshots::CreateOptions &options = {})
    {
        return snapshots::create(*m_connection, m_domain, snapshotXml(name), options);
    }
    Result<QStringList> names() { return snapshots::names(*m_connection, m_domain); }
    DomainState state() { return domains::state(*m_connection, m_domain).value_or(domains::StateInfo()).state; }
    static QString parentIn(const QString &xml)
    {
        const auto document = xml::Document::parse(xml);
        return document ? document->root().find(u"parent/name"_s).text() : u"unreadable"_s;
    }

private Q_SLOTS:
    void initTestCase()
    {
        quietLibvirt();
        m_loop = std::make_unique<EventLoop>();
        const auto connection = Connection::open(u"test:///default"_s, false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
        m_domain = domains::find(*m_connection, u"test"_s).value();
    }
    void cleanup()
    {
        const QStringList all = names().value();
        for (const QString &name : all) {
            QVERIFY(snapshots::remove(*m_connection, m_domain, name, false));
        }
        if (state() == DomainState::ShutOff) {
            QVERIFY(domains::start(*m_connection, m_domain));
        } else if (state() == DomainState::Paused) {
            QVERIFY(domains::resume(*m_connection, m_domain));
        }
    }
    void cleanupTestCase()
    {
        m_connection.reset();
        QTRY_COMPARE(m_loop->handleCount(), 0);
        m_loop.reset();
    }

    void listsParentsFirst()
    {
        QCOMPARE(names().value(), QStringList());
        QCOMPARE(snapshots::list(*m_connection, m_domain).value(), QList<snapshots::Stored>());
        QCOMPARE(snapshots::current(*m_connection, m_domain).value(), QString());
        // By name, children would come first: z is the root.
        QCOMPARE(take(u"z"_s).value(), u"z"_s);
        QVERIFY(take(u"m"_s));
        QVERIFY(take(u"a"_s));
        QVERIFY(snapshots::revert(*m_connection, m_domain, u"z"_s, snapshots::After::AsThen));
        QCOMPARE(snapshots::current(*m_connection, m_domain).value(), u"z"_s);
        QVERIFY(take(u"b"_s));

        const auto all = snapshots::list(*m_connection, m_domain);
        QVERIFY(all);
        QHash<QString, QString> parents;
        QStringList seen;
        int current = 0;
        for (const snapshots::Stored &stored : *all) {
            const QString parent = parentIn(stored.xml);
            QVERIFY2(parent.isEmpty() || seen.contains(parent), qPrintable(stored.name));
            parents.insert(stored.name, parent);
            seen.append(stored.name);
            current += stored.current;
            QCOMPARE(stored.current, stored.name == "b"_L1);
            QCOMPARE(stored.xml, snapshots::xml(*m_connection, m_domain, stored.name).value());
        }
        QCOMPARE(current, 1);
        QCOMPARE(seen, names().value());
        QCOMPARE(
            parents, (QHash<QString, QString>{{u"z"_s, {}}, {u"m"_s, u"z"_s}, {u"a"_s, u"m"_s}, {u"b"_s, u"z"_s}}));
    }

    void removesOne()
    {
        QVERIFY(take(u"s1"_s) && take(u"s2"_s) && take(u"s3"_s));
        QVERIFY(snapshots::remove(*m_connection, m_domain, u"s2"_s, false));
        QCOMPARE(names().value(), (QStringList{u"s1"_s, u"s3"_s}));
        QCOMPARE(parentIn(snapshots::xml(*m_connection, m_domain, u"s3"_s).value()), u"s1"_s);
        for (const bool metadataOnly : {false, true}) {
            const auto again = snapshots::remove(*m_connection, m_domain, u"s2"_s, metadataOnly);
            QVERIFY(!again);
            QCOMPARE(again.error().kind, Error::Kind::NotFound);
        }
        QVERIFY(snapshots::remove(*m_connection, m_domain, u"s3"_s, false));
        QCOMPARE(snapshots::current(*m_connection, m_domain).value(), u"s1"_s);
    }

    void redefines()
    {
        QVERIFY(take(u"s1"_s) && take(u"s2"_s));
        auto document = xml::Document::parse(snapshots::xml(*m_connection, m_domain, u"s1"_s, true).value());
        QVERIFY(document);
        document->root().child(u"description"_s).setText(u"new & <better>"_s);
        // Without CURRENT the current one stays.
        QCOMPARE(snapshots::create(*m_connection, m_domain, document->toString(), {.redefine = true}).value(), u"s1"_s);
        QCOMPARE(snapshots::current(*m_connection, m_domain).value(), u"s2"_s);
        QVERIFY(
            snapshots::create(*m_connection, m_domain, document->toString(), {.redefine = true, .makeCurrent = true}));
        QCOMPARE(snapshots::current(*m_connection, m_domain).value(), u"s1"_s);
        const auto changed = xml::Document::parse(snapshots::xml(*m_connection, m_domain, u"s1"_s).value());
        QCOMPARE(changed->root().child(u"description"_s).text(), u"new & <better>"_s);
        QCOMPARE(names().value(), (QStringList{u"s1"_s, u"s2"_s}));
        QCOMPARE(parentIn(snapshots::xml(*m_connection, m_domain, u"s2"_s).value()), u"s1"_s);
    }

    void reverts_data()
    {
        QTest::addColumn<snapshots::After>("after");
        QTest::addColumn<DomainState>("expected");
        QTest::newRow("as then") << snapshots::After::AsThen << DomainState::Running;
        QTest::newRow("running") << snapshots::After::Running << DomainState::Running;
        QTest::newRow("paused") << snapshots::After::Paused << DomainState::Paused;
    }
    void reverts()
    {
        QFETCH(const snapshots::After, after);
        QVERIFY(take(u"s1"_s));
        QVERIFY(domains::destroy(*m_connection, m_domain));
        const auto done = snapshots::revert(*m_connection, m_domain, u"s1"_s, after);
        QVERIFY2(done, done ? "" : qPrintable(done.error().message));
        QTEST(state(), "expected");
    }

    void revertsToOff()
    {
        QVERIFY(domains::destroy(*m_connection, m_domain));
        QVERIFY(take(u"off"_s));
        QVERIFY(domains::start(*m_connection, m_domain));
        QVERIFY(snapshots::revert(*m_connection, m_domain, u"off"_s, snapshots::After::AsThen));
        QCOMPARE(state(), DomainState::ShutOff);
    }

    void halts()
    {
        QVERIFY(take(u"s1"_s, {.halt = true}));
        QCOMPARE(state(), DomainState::ShutOff);
    }

    void saysWhatFailed()
    {
        const QUuid nobody = QUuid::createUuid();
        QCOMPARE(snapshots::list(*m_connection, nobody).error().kind, Error::Kind::NotFound);
        QCOMPARE(snapshots::names(*m_connection, nobody).error().kind, Error::Kind::NotFound);
        QCOMPARE(snapshots::current(*m_connection, nobody).error().kind, Error::Kind::NotFound);
        QCOMPARE(snapshots::xml(*m_connection, m_domain, u"none"_s).error().kind, Error::Kind::NotFound);
        QCOMPARE(snapshots::create(*m_connection, nobody, snapshotXml(u"s"_s), {}).error().kind, Error::Kind::NotFound);
        const auto reverted = snapshots::revert(*m_connection, m_domain, u"none"_s, snapshots::After::AsThen);
        QCOMPARE(reverted.error().kind, Error::Kind::NotFound);
        QVERIFY2(reverted.error().message.contains(u"“none”"_s), qPrintable(reverted.error().message));
        const auto broken = snapshots::create(*m_connection, m_domain, u"<domainsnapshot><name>x"_s, {});
        QVERIFY(!broken);
        QVERIFY2(broken.error().message.startsWith(u"Can't take a snapshot of test: "_s),
            qPrintable(broken.error().message));
        QVERIFY(take(u"twice"_s));
        QVERIFY(!take(u"twice"_s));
        QCOMPARE(names().value(), QStringList{u"twice"_s});
        // What this driver lacks is an error, and nothing waits for it.
        blockjobs::Watch watch(*m_connection, m_domain, u"vda"_s);
        QVERIFY(!watch.wait({}, {}));
        QCOMPARE(guest::freeze(*m_connection, nobody).error().kind, Error::Kind::NotFound);
        QCOMPARE(guest::hasAgent(*m_connection, m_domain).value(), false);
    }

    void readOnlyReads()
    {
        QVERIFY(take(u"s1"_s));
        const auto opened = Connection::open(u"test:///default"_s, true, {});
        QVERIFY(opened);
        Connection &reader = **opened;
        const auto all = snapshots::list(reader, m_domain);
        QVERIFY2(all, all ? "" : qPrintable(all.error().message));
        QCOMPARE(all->size(), 1);
        QVERIFY(all->constFirst().current);
        QCOMPARE(snapshots::names(reader, m_domain).value(), QStringList{u"s1"_s});
        QCOMPARE(snapshots::current(reader, m_domain).value(), u"s1"_s);
        QVERIFY(snapshots::xml(reader, m_domain, u"s1"_s));
        QVERIFY(!snapshots::xml(reader, m_domain, u"s1"_s, true)); // no passwords for readers
        QVERIFY(!snapshots::create(reader, m_domain, snapshotXml(u"s2"_s), {}));
        QVERIFY(!snapshots::revert(reader, m_domain, u"s1"_s, snapshots::After::AsThen));
        QVERIFY(!snapshots::remove(reader, m_domain, u"s1"_s, true));
        QVERIFY(!guest::freeze(reader, m_domain));
        QVERIFY(!guest::screenshot(reader, m_domain));
        QCOMPARE(names().value(), QStringList{u"s1"_s});
    }

    void fiveHundred()
    {
        for (int i = 0; i < 500; ++i) {
            QVERIFY(take(u"s%1"_s.arg(i)));
            if (i % 50 == 49) {
                QVERIFY(snapshots::revert(*m_connection, m_domain, u"s%1"_s.arg(i / 2), snapshots::After::AsThen));
            }
        }
        const auto all = snapshots::list(*m_connection, m_domain);
        QVERIFY(all);
        QCOMPARE(all->size(), 500);
        QSet<QString> seen{QString()};
        for (const snapshots::Stored &stored : *all) {
            QVERIFY2(seen.contains(parentIn(stored.xml)), qPrintable(stored.name));
            seen.insert(stored.name);
        }
    }

    void managedSaves()
    {
        QVERIFY(domains::removeManagedSave(*m_connection, m_domain)); // none is fine
        QVERIFY(domains::managedSave(*m_connection, m_domain));
        QVERIFY(domains::read(*m_connection, m_domain)->managedSave);
        QVERIFY(domains::removeManagedSave(*m_connection, m_domain));
        QVERIFY(!domains::read(*m_connection, m_domain)->managedSave);
    }

    void makesTransientThings()
    {
        const auto uuid = domains::createTransient(*m_connection,
            u"<domain type='test'><name>work</name><memory>1024</memory><os><type>hvm</type></os></domain>"_s, false);
        QVERIFY2(uuid, uuid ? "" : qPrintable(uuid.error().message));
        const auto record = domains::read(*m_connection, *uuid);
        QVERIFY(record && !record->persistent);
        QVERIFY(domains::destroy(*m_connection, *uuid));
        QVERIFY(!domains::state(*m_connection, *uuid)->exists);

        QVERIFY(storage::createPool(
            *m_connection, u"<pool type='dir'><name>work</name><target><path>/work</path></target></pool>"_s));
        const auto pool = storage::pool(*m_connection, u"work"_s);
        QVERIFY(pool && pool->active);
        QVERIFY(storage::stopPool(*m_connection, u"work"_s));
        QCOMPARE(storage::pool(*m_connection, u"work"_s).error().kind, Error::Kind::NotFound);
        QVERIFY(!storage::createPool(*m_connection, u"<pool"_s));
    }

    void hostTells()
    {
        Hosts hosts;
        HostSettings settings;
        settings.uri = u"test:///default"_s;
        Host *host = hosts.host(hosts.add(settings));
        QSignalSpy hints(host, &Host::snapshotsMayHaveChanged);
        host->connectToHost();
        QTRY_VERIFY(host->isConnected());
        QVERIFY(take(u"s1"_s));
        QVERIFY(snapshots::revert(*m_connection, m_domain, u"s1"_s, snapshots::After::AsThen));
        QVERIFY(hints.wait(1000));
        QCOMPARE(hints.constFirst().constFirst().toUuid(), m_domain);
    }

    void hintsBecomeLooks()
    {
        SnapshotHints hints;
        QList<std::pair<QUuid, qint64>> looks;
        QElapsedTimer clock;
        connect(
            &hints, &SnapshotHints::due, this, [&](const QUuid &domain) { looks.append({domain, clock.elapsed()}); });
        const QUuid first = QUuid::createUuid();
        const QUuid second = QUuid::createUuid();
        clock.start();
        for (int i = 0; i < 100; ++i) { // a burst is one
            hints.hear(first);
        }
        hints.hear(second);
        QTRY_COMPARE(looks.size(), 2);
        QVERIFY(looks.constFirst().first != looks.constLast().first);
        QVERIFY(looks.constFirst().second >= SnapshotHints::Soon.count());
        QTRY_COMPARE(looks.size(), 4);
        QVERIFY(looks.constLast().second >= SnapshotHints::Late.count());
        // A steady stream does not put the looks off.
        looks.clear();
        clock.start();
        while (looks.isEmpty() && clock.elapsed() < 5000) {
            hints.hear(first);
            QTest::qWait(10);
        }
        QCOMPARE(looks.size(), 1);
        hints.clear();
        looks.clear();
        hints.hear(second);
        hints.clear();
        QTest::qWait(static_cast<int>(SnapshotHints::Soon.count()) * 2);
        QVERIFY(looks.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestSnapshotCalls)
#include "tst_snapshotcalls.moc"
