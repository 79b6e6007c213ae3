// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>
#include <thread>

#include <QElapsedTimer>
#include <QTest>

#include "backend/virt/connection_p.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/migration_p.h"
#include "backend/virt/storage.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace vireo;
using namespace vireo::virt;
using migration::Figures;
using migration::Options;

/** What is asked of libvirt for a migration and what is read of it, and how the test driver refuses. */
class TestMigrationCalls final : public QObject
{
    Q_OBJECT

    std::unique_ptr<EventLoop> m_loop;
    ConnectionPtr m_connection;
    QUuid m_domain;

    static Options options()
    {
        Options result;
        result.destinationUri = u"qemu+tcp://b/system"_s;
        return result;
    }
    static QString said(const Result<> &result) { return result ? QString() : result.error().message; }
    static Error::Kind kind(const Result<> &result) { return result ? Error::Kind::Failed : result.error().kind; }

    struct Given {
        explicit Given(const Options &from, bool withXml = true) { migration::addParameters(all, from, withXml); }
        QString text(const char *name) const
        {
            const char *value = nullptr;
            return virTypedParamsGetString(all.data(), all.size(), name, &value) == 1 ? QString::fromUtf8(value)
                                                                                      : QString();
        }
        qint64 number(const char *name) const
        {
            const virTypedParameterPtr found = virTypedParamsGet(all.data(), all.size(), name);
            if (!found) {
                return -1;
            }
            return found->type == VIR_TYPED_PARAM_INT ? qint64{found->value.i} : static_cast<qint64>(found->value.ul);
        }
        QStringList texts(const QLatin1StringView &name) const
        {
            QStringList result;
            for (int i = 0; i < all.size(); ++i) {
                if (name == QLatin1StringView(all.data()[i].field)) {
                    result.append(QString::fromUtf8(all.data()[i].value.s));
                }
            }
            return result;
        }
        migration::Parameters all;
    };

    void tell(const MigrationEvent &event) { m_connection->d().hub->dispatch(event); }

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
    void cleanupTestCase()
    {
        m_connection.reset();
        QTRY_COMPARE(m_loop->handleCount(), 0);
        m_loop.reset();
    }

    // ---- figures

    void readsFigures()
    {
        migration::Parameters given;
        given.add(VIR_DOMAIN_JOB_OPERATION, int{VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT});
        given.add(VIR_DOMAIN_JOB_TIME_ELAPSED, quint64{1234});
        given.add(VIR_DOMAIN_JOB_DATA_TOTAL, quint64{300});
        given.add(VIR_DOMAIN_JOB_MEMORY_TOTAL, quint64{1} << 40);
        given.add(VIR_DOMAIN_JOB_MEMORY_REMAINING, quint64{77});
        given.add(VIR_DOMAIN_JOB_MEMORY_BPS, quint64{88});
        given.add(VIR_DOMAIN_JOB_MEMORY_DIRTY_RATE, quint64{10});
        given.add(VIR_DOMAIN_JOB_MEMORY_PAGE_SIZE, quint64{4096});
        given.add(VIR_DOMAIN_JOB_MEMORY_ITERATION, quint64{3});
        given.add(VIR_DOMAIN_JOB_MEMORY_POSTCOPY_REQS, quint64{4});
        given.add(VIR_DOMAIN_JOB_DISK_REMAINING, quint64{5});
        given.add(VIR_DOMAIN_JOB_DOWNTIME, quint64{6});
        given.add(VIR_DOMAIN_JOB_SETUP_TIME, quint64{7});
        given.add(VIR_DOMAIN_JOB_COMPRESSION_CACHE_MISSES, quint64{8});
        given.add(VIR_DOMAIN_JOB_AUTO_CONVERGE_THROTTLE, 40);
        given.add(VIR_DOMAIN_JOB_ERRMSG, u"why"_s);
        const Figures figures = migration::figuresFrom(VIR_DOMAIN_JOB_UNBOUNDED, given.data(), given.size());
        QCOMPARE(figures.type, Figures::Type::Unbounded);
        QCOMPARE(figures.operation, Figures::Operation::MigrationOut);
        QCOMPARE(figures.elapsedMs, 1234U);
        QCOMPARE(figures.dataTotal, 300U);
        QCOMPARE(figures.memoryTotal, quint64{1} << 40);
        QCOMPARE(figures.memoryRemaining, 77U);
        QCOMPARE(figures.memoryBps, 88U);
        QCOMPARE(figures.dirtyRate(), 40960U);
        QCOMPARE(figures.iteration, 3U);
        QCOMPARE(figures.postcopyRequests, 4U);
        QCOMPARE(figures.diskRemaining, 5U);
        QCOMPARE(figures.downtimeMs, 6U);
        QCOMPARE(figures.setupMs, 7U);
        QCOMPARE(figures.compressionMisses, 8U);
        QCOMPARE(figures.throttlePercent, 40);
        QCOMPARE(figures.error, u"why"_s);
        QCOMPARE(figures.memoryProcessed, 0U); // not said
    }

    void readsOddFigures()
    {
        // Other types than documented, negative ones, a text for a number and a number for a text.
        virTypedParameterPtr items = nullptr;
        int count = 0;
        int room = 0;
        QCOMPARE(virTypedParamsAddLLong(&items, &count, &room, VIR_DOMAIN_JOB_TIME_ELAPSED, -5), 0);
        QCOMPARE(virTypedParamsAddInt(&items, &count, &room, VIR_DOMAIN_JOB_MEMORY_TOTAL, -1), 0);
        QCOMPARE(virTypedParamsAddUInt(&items, &count, &room, VIR_DOMAIN_JOB_MEMORY_BPS, 9), 0);
        QCOMPARE(virTypedParamsAddDouble(&items, &count, &room, VIR_DOMAIN_JOB_DOWNTIME, 12.7), 0);
        QCOMPARE(virTypedParamsAddDouble(&items, &count, &room, VIR_DOMAIN_JOB_SETUP_TIME, 1e300), 0);
        QCOMPARE(virTypedParamsAddString(&items, &count, &room, VIR_DOMAIN_JOB_DISK_TOTAL, "12"), 0);
        QCOMPARE(virTypedParamsAddInt(&items, &count, &room, VIR_DOMAIN_JOB_ERRMSG, 12), 0);
        QCOMPARE(virTypedParamsAddInt(&items, &count, &room, VIR_DOMAIN_JOB_OPERATION, 4711), 0);
        QCOMPARE(virTypedParamsAddULLong(&items, &count, &room, VIR_DOMAIN_JOB_AUTO_CONVERGE_THROTTLE, ~0ULL), 0);
        const Figures figures = migration::figuresFrom(VIR_DOMAIN_JOB_BOUNDED, items, count);
        QCOMPARE(figures.type, Figures::Type::Bounded);
        QCOMPARE(figures.elapsedMs, 0U);
        QCOMPARE(figures.memoryTotal, 0U);
        QCOMPARE(figures.memoryBps, 9U);
        QCOMPARE(figures.downtimeMs, 12U);
        QCOMPARE(figures.setupMs, 0U);
        QCOMPARE(figures.diskTotal, 0U);
        QCOMPARE(figures.error, QString());
        QCOMPARE(figures.operation, Figures::Operation::Other);
        QCOMPARE(figures.throttlePercent, 100);
        // No job: no figures, whatever is there.
        QCOMPARE(migration::figuresFrom(VIR_DOMAIN_JOB_NONE, items, count), Figures());
        QCOMPARE(migration::figuresFrom(99, items, count).type, Figures::Type::None);
        QCOMPARE(migration::figuresFrom(VIR_DOMAIN_JOB_FAILED, nullptr, 0).type, Figures::Type::Failed);
        virTypedParamsFree(items, count);
    }

    // ---- options

    void mapsFlags()
    {
        const unsigned usual = VIR_MIGRATE_LIVE | VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_PERSIST_DEST
            | VIR_MIGRATE_UNDEFINE_SOURCE | VIR_MIGRATE_ABORT_ON_ERROR;
        QCOMPARE(migration::flagsOf(options()), usual);

        Options direct = options();
        direct.peerToPeer = direct.persistent = direct.undefineSource = direct.abortOnError = direct.live = false;
        QCOMPARE(migration::flagsOf(direct), 0U);
        direct.storage = Options::Storage::Incremental;
        direct.paused = direct.postCopy = direct.autoConverge = direct.tls = direct.unsafe = true;
        direct.parallel = 2;
        direct.compression = Options::Compression::Zstd;
        QCOMPARE(migration::flagsOf(direct),
            unsigned{VIR_MIGRATE_NON_SHARED_INC | VIR_MIGRATE_PAUSED | VIR_MIGRATE_POSTCOPY | VIR_MIGRATE_AUTO_CONVERGE
                | VIR_MIGRATE_TLS | VIR_MIGRATE_UNSAFE | VIR_MIGRATE_PARALLEL | VIR_MIGRATE_COMPRESSED});
        direct.storage = Options::Storage::Full;
        QVERIFY(migration::flagsOf(direct) & VIR_MIGRATE_NON_SHARED_DISK);

        Options tunnelled = options();
        tunnelled.tunnelled = true;
        QCOMPARE(migration::flagsOf(tunnelled), usual | VIR_MIGRATE_TUNNELLED);
        Options resumed = options();
        resumed.postCopyResume = true;
        QCOMPARE(migration::flagsOf(resumed), usual | VIR_MIGRATE_POSTCOPY | VIR_MIGRATE_POSTCOPY_RESUME);
        // What only concerns a guest that runs is not asked for when the definition alone is moved.
        Options offline = options();
        offline.offline = offline.paused = offline.autoConverge = offline.tls = true;
        offline.parallel = 2;
        QCOMPARE(migration::flagsOf(offline),
            unsigned{
                VIR_MIGRATE_OFFLINE | VIR_MIGRATE_PEER2PEER | VIR_MIGRATE_PERSIST_DEST | VIR_MIGRATE_UNDEFINE_SOURCE});
    }

    void mapsParameters()
    {
        QCOMPARE(Given(options()).all.size(), 0);
        Options all = options();
        all.destinationName = u"other"_s;
        all.destinationXml = u"<live/>"_s;
        all.persistentXml = u"<stored/>"_s;
        all.migrateUri = u"tcp://10.0.0.2"_s;
        all.listenAddress = u"10.0.0.2"_s;
        all.graphicsUri = u"vnc://b:5900"_s;
        all.bandwidth = 3 * 1024 * 1024 + 1;
        all.postCopyBandwidth = 1;
        all.postCopy = true;
        all.storage = Options::Storage::Full;
        all.disks = {u"vda"_s, u"vdb"_s};
        all.disksPort = 49200;
        all.parallel = 4;
        all.compression = Options::Compression::Xbzrle;
        all.xbzrleCache = 64 * 1024 * 1024;
        all.autoConverge = true;
        all.throttleInitial = 30;
        all.throttleIncrement = 20;
        const Given given(all);
        QVERIFY(given.all.isComplete());
        QCOMPARE(given.text(VIR_MIGRATE_PARAM_DEST_NAME), u"other"_s);
        QCOMPARE(given.text(VIR_MIGRATE_PARAM_DEST_XML), u"<live/>"_s);
        QCOMPARE(given.text(VIR_MIGRATE_PARAM_PERSIST_XML), u"<stored/>"_s);
        QCOMPARE(given.text(VIR_MIGRATE_PARAM_URI), u"tcp://10.0.0.2"_s);
        QCOMPARE(given.text(VIR_MIGRATE_PARAM_LISTEN_ADDRESS), u"10.0.0.2"_s);
        QCOMPARE(given.text(VIR_MIGRATE_PARAM_GRAPHICS_URI), u"vnc://b:5900"_s);
        QCOMPARE(given.number(VIR_MIGRATE_PARAM_BANDWIDTH), 4);
        QCOMPARE(given.number(VIR_MIGRATE_PARAM_BANDWIDTH_POSTCOPY), 1);
        QCOMPARE(given.texts(VIR_MIGRATE_PARAM_MIGRATE_DISKS ""_L1), (QStringList{u"vda"_s, u"vdb"_s}));
        QCOMPARE(given.number(VIR_MIGRATE_PARAM_DISKS_PORT), 49200);
        QCOMPARE(given.number(VIR_MIGRATE_PARAM_PARALLEL_CONNECTIONS), 4);
        QCOMPARE(given.text(VIR_MIGRATE_PARAM_COMPRESSION), u"xbzrle"_s);
        QCOMPARE(given.number(VIR_MIGRATE_PARAM_COMPRESSION_XBZRLE_CACHE), 64 * 1024 * 1024);
        QCOMPARE(given.number(VIR_MIGRATE_PARAM_AUTO_CONVERGE_INITIAL), 30);
        QCOMPARE(given.number(VIR_MIGRATE_PARAM_AUTO_CONVERGE_INCREMENT), 20);

        QVERIFY(!virTypedParamsGet(given.all.data(), given.all.size(), migration::detectZeroesParameter));
        all.detectZeroes = true;
        QCOMPARE(Given(all).texts(QLatin1StringView(migration::detectZeroesParameter)), all.disks);

        // Whoever only asks gives no XML; a domain that will not be stored has no stored definition.
        QCOMPARE(Given(all, false).text(VIR_MIGRATE_PARAM_DEST_XML), QString());
        all.persistent = false;
        QCOMPARE(Given(all).text(VIR_MIGRATE_PARAM_PERSIST_XML), QString());
        QCOMPARE(Given(all).text(VIR_MIGRATE_PARAM_DEST_XML), u"<live/>"_s);
        // Nothing for what is not done.
        all.storage = Options::Storage::None;
        all.postCopy = all.autoConverge = false;
        all.compression = Options::Compression::None;
        const Given less(all);
        for (const char *name : {VIR_MIGRATE_PARAM_MIGRATE_DISKS, VIR_MIGRATE_PARAM_DISKS_PORT,
                 VIR_MIGRATE_PARAM_BANDWIDTH_POSTCOPY, VIR_MIGRATE_PARAM_COMPRESSION,
                 VIR_MIGRATE_PARAM_COMPRESSION_XBZRLE_CACHE, VIR_MIGRATE_PARAM_AUTO_CONVERGE_INITIAL}) {
            QVERIFY2(!virTypedParamsGet(less.all.data(), less.all.size(), name), name);
        }
        Options offline = options();
        offline.offline = true;
        offline.migrateUri = u"tcp://10.0.0.2"_s;
        offline.bandwidth = 1;
        offline.destinationName = u"other"_s;
        QCOMPARE(Given(offline).all.size(), 1);
    }

    void roundsUpToMebibytes()
    {
        QCOMPARE(migration::mebibytes(0), 0U);
        QCOMPARE(migration::mebibytes(1), 1U);
        QCOMPARE(migration::mebibytes(1024 * 1024), 1U);
        QCOMPARE(migration::mebibytes(1024 * 1024 + 1), 2U);
        QCOMPARE(migration::mebibytes(~quint64{0}), quint64{1} << 44);
        QCOMPARE(migration::driverOf(u"qemu+tcp://b/system"_s), "qemu"_ba);
        QCOMPARE(migration::driverOf(u"test:///default"_s), "test"_ba);
    }

    void refusesNonsense_data()
    {
        using Change = std::function<void(Options &)>;
        QTest::addColumn<Change>("change");
        QTest::addColumn<Error::Kind>("expected");
        const auto row = [](const char *name, const Change &change, Error::Kind expected = Error::Kind::Invalid) {
            QTest::newRow(name) << change << expected;
        };
        constexpr auto Unsupported = Error::Kind::Unsupported;
        row("no address", [](Options &o) { o.destinationUri.clear(); });
        row("storage without disks", [](Options &o) { o.storage = Options::Storage::Full; });
        row("incremental without disks", [](Options &o) { o.storage = Options::Storage::Incremental; });
        row("tunnelled, direct", [](Options &o) { o.tunnelled = true, o.peerToPeer = false; });
        row(
            "tunnelled with disks",
            [](Options &o) {
                o.tunnelled = true;
                o.storage = Options::Storage::Full;
                o.disks = {u"vda"_s};
            },
            Unsupported);
        row("tunnelled, parallel", [](Options &o) { o.tunnelled = true, o.parallel = 2; }, Unsupported);
        row("tunnelled, post-copy", [](Options &o) { o.tunnelled = o.postCopy = true; }, Unsupported);
        row("tunnelled with an address", [](Options &o) { o.tunnelled = true, o.migrateUri = u"tcp://b"_s; });
        row("offline, temporary", [](Options &o) { o.offline = true, o.persistent = false; });
        row("offline with disks", [](Options &o) {
            o.offline = true;
            o.storage = Options::Storage::Full;
            o.disks = {u"vda"_s};
        });
        row("one definition", [](Options &o) { o.destinationXml = u"<domain/>"_s; });
        row("the other definition", [](Options &o) { o.persistentXml = u"<domain/>"_s; });
        row("zlib alone", [](Options &o) { o.compression = Options::Compression::Zlib; });
        row("xbzrle, parallel", [](Options &o) { o.compression = Options::Compression::Xbzrle, o.parallel = 2; });
        row(
            "zstd, too old", [](Options &o) { o.compression = Options::Compression::Zstd, o.parallel = 2; },
            Unsupported);
        row("too many connections", [](Options &o) { o.parallel = 256; });
        row("too slow", [](Options &o) { o.throttleInitial = 100; });
        row("no port", [](Options &o) { o.disksPort = 65536; });
    }
    void refusesNonsense()
    {
        QFETCH(const std::function<void(Options &)>, change);
        QFETCH(const Error::Kind, expected);
        Options wrong = options();
        QCOMPARE(said(migration::check(wrong, 9000000)), QString());
        change(wrong);
        const Result<> checked = migration::check(wrong, 9000000);
        QVERIFY(!checked);
        QCOMPARE(checked.error().kind, expected);
        QVERIFY(checked.error().message.endsWith(u'.'));
        // Before libvirt is asked for anything: the test driver could not even be asked.
        const Result<> migrated = migration::migrate(*m_connection, m_domain, m_connection.get(), wrong);
        QVERIFY(!migrated);
        if (expected == Error::Kind::Invalid) {
            QCOMPARE(migrated.error(), checked.error());
        }
    }

    void acceptsWhatNewerHostsCan()
    {
        Options compressed = options();
        compressed.compression = Options::Compression::Zstd;
        compressed.parallel = 2;
        QCOMPARE(said(migration::check(compressed, 9004000)), QString());
        QCOMPARE(said(migration::check(compressed, 0)), QString()); // unknown: libvirt says it
        QCOMPARE(kind(migration::check(compressed, 9003000)), Error::Kind::Unsupported);
        QCOMPARE(Given(compressed).text(VIR_MIGRATE_PARAM_COMPRESSION), u"zstd"_s);
    }

    // ---- the test driver, which can nothing of it

    void refusesOnTheTestDriver()
    {
        Options direct = options();
        direct.peerToPeer = false;
        QCOMPARE(kind(migration::migrate(*m_connection, m_domain, nullptr, direct)), Error::Kind::Invalid);
        for (const Options &asked : {options(), direct}) {
            const auto migrated = migration::migrate(*m_connection, m_domain, m_connection.get(), asked);
            QVERIFY(!migrated);
            QVERIFY2(migrated.error().message.startsWith(u"Can't migrate test:"_s), qPrintable(said(migrated)));
        }
        QElapsedTimer timer;
        timer.start();
        const auto refused = migration::refusal(*m_connection, m_domain, options());
        QVERIFY(!refused); // it can't be asked
        QCOMPARE(refused.error().kind, Error::Kind::Unsupported);
        QVERIFY(timer.elapsed() < 5000);
        QCOMPARE(domains::state(*m_connection, m_domain)->state, DomainState::Running);

        const auto unsupported = [](const auto &result) {
            return !result && result.error().kind == Error::Kind::Unsupported && result.error().code != 0;
        };
        QVERIFY(unsupported(migration::figures(*m_connection, m_domain)));
        QVERIFY(unsupported(migration::completed(*m_connection, m_domain)));
        QVERIFY(unsupported(migration::setBandwidth(*m_connection, m_domain, 1)));
        QVERIFY(unsupported(migration::bandwidth(*m_connection, m_domain)));
        QVERIFY(unsupported(migration::setMaxDowntime(*m_connection, m_domain, 1)));
        QVERIFY(unsupported(migration::maxDowntime(*m_connection, m_domain)));
        QVERIFY(unsupported(migration::startPostCopy(*m_connection, m_domain)));
        QVERIFY(unsupported(migration::abort(*m_connection, m_domain)));
        QVERIFY(unsupported(migration::abort(*m_connection, m_domain, true)));
        QVERIFY(unsupported(migration::setCompressionCache(*m_connection, m_domain, 1)));
        QVERIFY(unsupported(migration::dirtyRate(*m_connection, m_domain, 1, {})));
        QVERIFY(unsupported(migration::compareCpu(*m_connection, {}, {}, {}, {}, u"<cpu/>"_s)));
        QVERIFY(unsupported(migration::baselineCpu(*m_connection, {}, {}, {}, {}, {u"<cpu/>"_s})));
        QVERIFY(migration::migratableXml(*m_connection, m_domain)->startsWith(u"<domain"_s));
        QVERIFY(migration::migratableXml(*m_connection, m_domain, true)->startsWith(u"<domain"_s));
    }

    void knowsNoOtherDomain()
    {
        const QUuid nobody = QUuid::createUuid();
        const auto missing = [](const auto &result) {
            return !result && result.error().kind == Error::Kind::NotFound;
        };
        QVERIFY(missing(migration::migrate(*m_connection, nobody, nullptr, options())));
        QVERIFY(missing(migration::refusal(*m_connection, nobody, options())));
        QVERIFY(missing(migration::figures(*m_connection, nobody)));
        QVERIFY(missing(migration::abort(*m_connection, nobody)));
        QVERIFY(missing(migration::dirtyRate(*m_connection, nobody, 1, {})));
        QVERIFY(missing(migration::migratableXml(*m_connection, nobody)));
        Options wrong = options();
        wrong.storage = Options::Storage::Full;
        QCOMPARE(migration::refusal(*m_connection, nobody, wrong).error().kind, Error::Kind::Invalid);
    }

    void measuresForAWhileOnly()
    {
        for (const int seconds : {-1, 0, 61}) {
            const auto measured = migration::dirtyRate(*m_connection, m_domain, seconds, {});
            QVERIFY(!measured);
            QCOMPARE(measured.error().kind, Error::Kind::Invalid);
        }
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = migration::dirtyRate(*m_connection, m_domain, 1, stop.get_token());
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().kind, Error::Kind::Cancelled);
    }

    void relaysNothingHere()
    {
        const auto relay = [&](const QString &from, const QString &to) {
            return storage::relayVolume(
                *m_connection, u"default-pool"_s, from, *m_connection, u"default-pool"_s, to, {}, {});
        };
        const auto missing = relay(u"no"_s, u"no"_s);
        QVERIFY(!missing);
        QCOMPARE(missing.error().kind, Error::Kind::NotFound);
        const QString xml = u"<volume><name>%1</name><capacity>1048576</capacity></volume>"_s;
        QVERIFY(storage::createVolume(*m_connection, u"default-pool"_s, xml.arg(u"one"_s)));
        QVERIFY(storage::createVolume(*m_connection, u"default-pool"_s, xml.arg(u"two"_s)));
        QCOMPARE(kind(relay(u"one"_s, u"one"_s)), Error::Kind::Invalid);
        const auto unsupported = relay(u"one"_s, u"two"_s);
        QVERIFY(!unsupported);
        QCOMPARE(unsupported.error().kind, Error::Kind::Unsupported);
    }

    // ---- events

    void hearsOfItsDomain()
    {
        const migration::Watch watch(m_connection, m_domain);
        QCOMPARE(watch.heard(), migration::Watch::Heard());
        tell({.kind = MigrationEvent::Kind::Iteration, .domain = QUuid::createUuid(), .iteration = 9});
        tell({.kind = MigrationEvent::Kind::Iteration, .domain = m_domain, .iteration = 2});
        QCOMPARE(watch.heard().iteration, 2U);
        QVERIFY(!watch.heard().completed);
        Figures last;
        last.type = Figures::Type::Completed;
        last.downtimeMs = 12;
        tell({.kind = MigrationEvent::Kind::Ended, .domain = m_domain, .figures = last});
        QCOMPARE(watch.heard().completed, std::optional(last));
        QCOMPARE(watch.heard().lifecycleEvents, 0);
        tell({.kind = MigrationEvent::Kind::PostCopyFailed, .domain = m_domain});
        QVERIFY(watch.heard().postCopyFailed);
        QCOMPARE(watch.heard().lifecycleEvents, 1);
    }

    void hearsTheRealThing()
    {
        const migration::Watch watch(m_connection, m_domain);
        auto seen = watch.heard();
        QVERIFY(domains::suspend(*m_connection, m_domain));
        seen = watch.wait(seen, 10s, {});
        QCOMPARE(seen.lifecycleEvents, 1);
        QVERIFY(!seen.postCopyFailed);
        QVERIFY(domains::resume(*m_connection, m_domain));
        QCOMPARE(watch.wait(seen, 10s, {}).lifecycleEvents, 2);
    }

    void waitsForNews()
    {
        const migration::Watch watch(m_connection, m_domain);
        const auto seen = watch.heard();
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(watch.wait(seen, 50ms, {}), seen);
        QVERIFY(timer.elapsed() >= 45);
        std::stop_source stop;
        stop.request_stop();
        timer.start();
        QCOMPARE(watch.wait(seen, 60s, stop.get_token()), seen);
        QVERIFY(timer.elapsed() < 20000);
        std::jthread teller(
            [&] { tell({.kind = MigrationEvent::Kind::Iteration, .domain = m_domain, .iteration = 5}); });
        QCOMPARE(watch.wait(seen, 60s, {}).iteration, 5U);
        // What was heard already is not waited for.
        QCOMPARE(watch.wait(seen, 60s, {}).iteration, 5U);
    }
};

QTEST_GUILESS_MAIN(TestMigrationCalls)
#include "tst_migrationcalls.moc"
