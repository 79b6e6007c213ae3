// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <future>

#include <QElapsedTimer>
#include <QTest>

#include "backend/virt/domains.h"
#include "backend/virt/migration.h"
#include "backend/virt/storage.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace vireo;
using test::MigrationHosts;
using virt::migration::CpuComparison;
using virt::migration::Figures;
using virt::migration::Options;

namespace {

constexpr quint64 mebibyte = 1024 * 1024;

} // namespace

/** The calls on migrations, on two real hosts. */
class TestMigrationCallsSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    QUuid vm() const { return m_hosts->uuid(); }
    virt::Connection &on(const QString &host) const { return *m_hosts->connection(host); }
    Options options() const
    {
        Options result;
        result.destinationUri = m_hosts->peerUri(m_b);
        return result;
    }
    Result<> migrate(const Options &options)
    {
        return virt::migration::migrate(on(m_a), vm(), options.peerToPeer ? nullptr : &on(m_b), options);
    }
    /** Beside this thread; its connections are held until it is done. */
    std::future<Result<>> begin(const Options &options)
    {
        return std::async(std::launch::async,
            [from = m_hosts->connection(m_a), to = m_hosts->connection(m_b), domain = vm(), options] {
                return virt::migration::migrate(*from, domain, options.peerToPeer ? nullptr : to.get(), options);
            });
    }
    /** What never ends by itself: a guest that is faster than its link. */
    static Options endless(Options options)
    {
        options.bandwidth = 8 * mebibyte;
        options.downtimeMs = 20;
        return options;
    }
    bool makeBusy() { return m_hosts->make({.orders = u"dirty=60:12"_s}) && m_hosts->start(); }
    Figures figures() const { return virt::migration::figures(on(m_a), vm()).value_or(Figures()); }
    static bool isOver(std::future<Result<>> &migration) { return migration.wait_for(0s) == std::future_status::ready; }
    static QString said(const Result<> &result) { return result ? QString() : result.error().message; }

    QString refusal(const Options &options)
    {
        const auto said = virt::migration::refusal(on(m_a), vm(), options);
        return said ? *said : u"error: "_s + said.error().message;
    }
    bool makeVolumeThere(const QString &name, const QString &format, const QStringList &more = {})
    {
        return m_hosts->bed
            .virsh(m_b, QStringList{u"vol-create-as"_s, u"default"_s, name, u"32M"_s, u"--format"_s, format} + more)
            .ok();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void init() { QVERIFY(m_hosts->clear()); }
    void cleanupTestCase() { m_hosts.reset(); }

    void movesAGuest_data()
    {
        using Change = std::function<void(Options &)>;
        QTest::addColumn<Change>("change");
        const auto row = [](const char *name, const Change &change) {
            QTest::newRow(name) << change;
        };
        row("peer to peer", [](Options &) {});
        row("direct", [](Options &o) { o.peerToPeer = false; });
        row("tunnelled", [](Options &o) { o.tunnelled = true; });
        row("standing still", [](Options &o) { o.live = false; });
        row("parallel", [](Options &o) { o.parallel = 2; });
        row("xbzrle", [](Options &o) {
            o.compression = Options::Compression::Xbzrle;
            o.xbzrleCache = 16 * mebibyte;
        });
        row("multi-threaded compression", [](Options &o) { o.compression = Options::Compression::Mt; });
        row("auto-converge",
            [](Options &o) { o.autoConverge = true, o.throttleInitial = 30, o.throttleIncrement = 20; });
        row("temporary", [](Options &o) { o.persistent = false; });
        row("kept at the source", [](Options &o) { o.undefineSource = false; });
        row("address and limits", [](Options &o) {
            o.migrateUri = u"tcp://vireo-b:49321"_s;
            o.listenAddress = u"0.0.0.0"_s;
            o.bandwidth = 200 * mebibyte;
            o.downtimeMs = 700;
        });
    }
    void movesAGuest()
    {
        QFETCH(const std::function<void(Options &)>, change);
        QVERIFY(m_hosts->make({.orders = u"dirty=20:8"_s}));
        QVERIFY(m_hosts->start());
        Options chosen = options();
        change(chosen);
        const virt::migration::Watch watch(m_hosts->connection(m_a), vm());
        const Result<> moved = migrate(chosen);
        QVERIFY2(moved, qPrintable(said(moved)));
        QCOMPARE(m_hosts->runsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
        QCOMPARE(m_hosts->isPersistent(m_b), chosen.persistent);
        QCOMPARE(m_hosts->isPersistent(m_a), !chosen.undefineSource);
        // The figures of the whole, told at the source and kept at the destination.
        QTRY_VERIFY(watch.heard().completed);
        const Figures told = *watch.heard().completed;
        QCOMPARE(told.type, Figures::Type::Completed);
        QCOMPARE(told.operation, Figures::Operation::MigrationOut);
        QVERIFY(told.memoryTotal >= 64 * mebibyte);
        QVERIFY(told.elapsedMs > 0);
        QVERIFY(watch.heard().lifecycleEvents >= 1);
        if (chosen.live && !chosen.tunnelled) {
            QVERIFY(watch.heard().iteration >= 1);
        }
        const auto kept = virt::migration::completed(on(m_b), vm());
        QVERIFY2(kept, kept ? "" : qPrintable(kept.error().message));
        QCOMPARE(kept->type, Figures::Type::Completed);
        QCOMPARE(kept->memoryTotal, told.memoryTotal);
        QCOMPARE(virt::migration::figures(on(m_b), vm())->type, Figures::Type::None);
    }

    void leavesItPausedWhenAsked()
    {
        QVERIFY(m_hosts->make({}));
        QVERIFY(m_hosts->start());
        Options paused = options();
        paused.paused = true;
        paused.destinationName = u"other"_s;
        QCOMPARE(said(migrate(paused)), QString());
        QCOMPARE(m_hosts->state(m_b, u"other"_s), u"paused"_s);
        QVERIFY(virt::domains::resume(on(m_b), vm()));
        QCOMPARE(m_hosts->wentOn(), QString());
    }

    void movesADefinition()
    {
        QVERIFY(m_hosts->make({.disks = {{.pool = u"shared"_s}}}));
        Options offline = options();
        offline.offline = true;
        QCOMPARE(refusal(offline), QString());
        QCOMPARE(said(migrate(offline)), QString());
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->state(m_b), u"shut off"_s);
        QVERIFY(m_hosts->start(MigrationHosts::vm(), m_b));
        QVERIFY(!virt::migration::figures(on(m_a), vm())); // gone there
    }

    void copiesTheDisksThatAreNamed()
    {
        QVERIFY(m_hosts->make(
            {.disks = {{}, {.target = u"hdb"_s, .format = u"raw"_s}, {.target = u"hdc"_s, .pool = u"shared"_s}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 3, 7));
        QVERIFY(m_hosts->writes(u"hdb"_s, 2, 2, 8));
        QVERIFY(m_hosts->writes(u"hdc"_s, 3, 1, 9));
        QVERIFY(makeVolumeThere(u"vm-hda.qcow2"_s, u"qcow2"_s));
        QVERIFY(makeVolumeThere(u"vm-hdb.raw"_s, u"raw"_s));
        Options copying = options();
        copying.unsafe = true; // of the shared one
        copying.storage = Options::Storage::Full;
        copying.disks = {u"hda"_s, u"hdb"_s};
        copying.disksPort = 49400;
        const virt::migration::Watch watch(m_hosts->connection(m_a), vm());
        QCOMPARE(said(migrate(copying)), QString());
        QCOMPARE(m_hosts->runsOn(), m_b);
        QTRY_VERIFY(watch.heard().completed);
        QVERIFY2(watch.heard().completed->diskTotal >= 32 * mebibyte,
            QByteArray::number(watch.heard().completed->diskTotal).constData());
        QVERIFY(m_hosts->sees());
        QVERIFY(m_hosts->writes(u"hda"_s, 5, 1, 10));
        QVERIFY(m_hosts->stop(MigrationHosts::vm(), m_b));
        for (const QString &disk : {u"hda"_s, u"hdb"_s, u"hdc"_s}) {
            QCOMPARE(m_hosts->compare(disk, m_b), QString());
        }
        QCOMPARE(m_hosts->neverWentBack(), QString());
    }

    void copiesOverlaysOnTheSameBase()
    {
        QVERIFY(m_hosts->bed
                .virsh(m_a, {u"vol-create-as"_s, u"default"_s, u"base.qcow2"_s, u"32M"_s, u"--format"_s, u"qcow2"_s})
                .ok());
        QVERIFY(m_hosts->make({.disks = {{.base = u"base.qcow2"_s}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 3, 7));
        QVERIFY(makeVolumeThere(u"base.qcow2"_s, u"qcow2"_s));
        const auto relayed = virt::storage::relayVolume(
            on(m_a), u"default"_s, u"base.qcow2"_s, on(m_b), u"default"_s, u"base.qcow2"_s, {}, {});
        QCOMPARE(said(relayed), QString());
        QVERIFY(makeVolumeThere(u"vm-hda.qcow2"_s, u"qcow2"_s,
            {u"--backing-vol"_s, u"base.qcow2"_s, u"--backing-vol-format"_s, u"qcow2"_s}));
        Options copying = options();
        copying.storage = Options::Storage::Incremental;
        copying.disks = {u"hda"_s};
        QCOMPARE(said(migrate(copying)), QString());
        QVERIFY(m_hosts->sees());
        QVERIFY(m_hosts->stop(MigrationHosts::vm(), m_b));
        QCOMPARE(m_hosts->compare(u"hda"_s, m_b), QString());
    }

    void isAborted()
    {
        QVERIFY(makeBusy());
        const quint64 limit = virt::migration::maxDowntime(on(m_a), vm()).value();
        QVERIFY(limit > 20);
        for (const bool peerToPeer : {true, false}) {
            Options chosen = endless(options());
            chosen.peerToPeer = peerToPeer;
            const virt::migration::Watch watch(m_hosts->connection(m_a), vm());
            auto migration = begin(chosen);
            QTRY_VERIFY_WITH_TIMEOUT(isOver(migration) || watch.heard().iteration >= 2, 60000);
            QVERIFY2(!isOver(migration), qPrintable(isOver(migration) ? said(migration.get()) : QString()));
            const Figures now = figures();
            QCOMPARE(now.type, Figures::Type::Unbounded);
            QCOMPARE(now.operation, Figures::Operation::MigrationOut);
            QVERIFY(now.iteration >= 2);
            QVERIFY(now.memoryRemaining > 0 && now.memoryProcessed > 0 && now.pageSize == 4096);
            QTRY_VERIFY(figures().dirtyRate() > 0);
            QCOMPARE(virt::migration::bandwidth(on(m_a), vm()).value(), 8 * mebibyte);
            QCOMPARE(virt::migration::maxDowntime(on(m_a), vm()).value(), 20U);
            QCOMPARE(refusal(options()), u"Another job of the VM is running"_s);
            QVERIFY(virt::migration::abort(on(m_a), vm()));
            const Result<> ended = migration.get();
            QVERIFY(!ended);
            QCOMPARE(ended.error().kind, Error::Kind::Cancelled);
            QCOMPARE(m_hosts->runsOn(), m_a);
            QTRY_COMPARE(m_hosts->existsOn(), m_a);
            QCOMPARE(m_hosts->wentOn(), QString());
            QCOMPARE(figures().type, Figures::Type::None);
            QVERIFY(!watch.heard().completed || watch.heard().completed->type != Figures::Type::Completed);
            // What was set for it alone is as before.
            QCOMPARE(virt::migration::maxDowntime(on(m_a), vm()).value(), limit);
        }
        // Nothing of the limits is left over for the next.
        QCOMPARE(said(migrate(options())), QString());
        QCOMPARE(m_hosts->wentOn(), QString());
    }

    void obeysItsLevers()
    {
        QVERIFY(makeBusy());
        Options chosen = endless(options());
        chosen.compression = Options::Compression::Xbzrle;
        chosen.xbzrleCache = 4 * mebibyte;
        const virt::migration::Watch watch(m_hosts->connection(m_a), vm());
        auto migration = begin(chosen);
        QTRY_VERIFY_WITH_TIMEOUT(isOver(migration) || watch.heard().iteration >= 2, 60000);
        QVERIFY2(!isOver(migration), qPrintable(isOver(migration) ? said(migration.get()) : QString()));
        QCOMPARE(figures().compressionCache, 4 * mebibyte);
        QVERIFY(virt::migration::setCompressionCache(on(m_a), vm(), 16 * mebibyte));
        QTRY_COMPARE(figures().compressionCache, 16 * mebibyte);
        QVERIFY(virt::migration::setBandwidth(on(m_a), vm(), 9 * mebibyte));
        QCOMPARE(virt::migration::bandwidth(on(m_a), vm()).value(), 9 * mebibyte);
        QVERIFY(!isOver(migration));
        QVERIFY(virt::migration::setMaxDowntime(on(m_a), vm(), 20000));
        QVERIFY(virt::migration::setBandwidth(on(m_a), vm(), 0));
        const Result<> ended = migration.get();
        QCOMPARE(said(ended), QString());
        QCOMPARE(m_hosts->runsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
    }

    void switchesToPostCopy()
    {
        QVERIFY(makeBusy());
        Options chosen = endless(options());
        const virt::migration::Watch watch(m_hosts->connection(m_a), vm());
        {
            auto migration = begin(chosen);
            QTRY_VERIFY_WITH_TIMEOUT(isOver(migration) || watch.heard().iteration >= 2, 60000);
            const Result<> refused = virt::migration::startPostCopy(on(m_a), vm()); // was not permitted
            QVERIFY(!refused);
            QVERIFY(virt::migration::abort(on(m_a), vm()));
            QVERIFY(!migration.get());
        }
        chosen.postCopy = true;
        chosen.postCopyBandwidth = 100 * mebibyte;
        const virt::migration::Watch second(m_hosts->connection(m_a), vm());
        auto migration = begin(chosen);
        QTRY_VERIFY_WITH_TIMEOUT(isOver(migration) || second.heard().iteration >= 2, 60000);
        QVERIFY2(!isOver(migration), qPrintable(isOver(migration) ? said(migration.get()) : QString()));
        QCOMPARE(virt::migration::bandwidth(on(m_a), vm(), true).value(), 100 * mebibyte);
        QCOMPARE(said(virt::migration::startPostCopy(on(m_a), vm())), QString());
        const Result<> ended = migration.get();
        QCOMPARE(said(ended), QString());
        QCOMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
        QTRY_VERIFY(second.heard().completed);
        QVERIFY(!second.heard().postCopyFailed);
    }

    void resumesAPostCopyThatWasPaused()
    {
        QVERIFY(makeBusy());
        Options chosen = endless(options());
        chosen.postCopy = true;
        chosen.postCopyBandwidth = mebibyte; // slow enough to be caught
        const virt::migration::Watch source(m_hosts->connection(m_a), vm());
        const virt::migration::Watch destination(m_hosts->connection(m_b), vm());
        auto migration = begin(chosen);
        QTRY_VERIFY_WITH_TIMEOUT(isOver(migration) || source.heard().iteration >= 2, 60000);
        QCOMPARE(said(virt::migration::startPostCopy(on(m_a), vm())), QString());
        QTRY_COMPARE(m_hosts->runsOn(), m_b);
        QVERIFY(!virt::migration::abort(on(m_a), vm())); // a plain one would lose the guest
        QCOMPARE(said(virt::migration::abort(on(m_a), vm(), true)), QString());
        QVERIFY(!migration.get());
        QTRY_VERIFY(source.heard().postCopyFailed && destination.heard().postCopyFailed);
        QCOMPARE(m_hosts->existsOn(), u"A B"_s);
        QCOMPARE(m_hosts->runsOn(), m_b);
        chosen.postCopyResume = true;
        chosen.postCopyBandwidth = 100 * mebibyte;
        QCOMPARE(said(migrate(chosen)), QString());
        QTRY_COMPARE(m_hosts->existsOn(), m_b);
        QCOMPARE(m_hosts->wentOn(), QString());
    }

    void measuresTheDirtyRate()
    {
        QVERIFY(m_hosts->make({.orders = u"dirty=60:200"_s, .mebibytes = 256}));
        QVERIFY(m_hosts->start());
        QList<quint64> samples;
        for (int i = 0; i < 3; ++i) {
            const auto rate = virt::migration::dirtyRate(on(m_a), vm(), 1, {});
            QVERIFY2(rate, rate ? "" : qPrintable(rate.error().message));
            samples.append(*rate / mebibyte);
        }
        std::ranges::sort(samples);
        // 60 MiB/s of 256 MiB, 128 samples: 37 to 83 within three times sigma, less where the guest is held up.
        QVERIFY2(samples.at(1) >= 20 && samples.at(1) <= 90, QByteArray::number(samples.at(1)).constData());
        QVERIFY(m_hosts->order(u"dirty=0"_s, u"DIRTY 0"_s));
        const auto idle = virt::migration::dirtyRate(on(m_a), vm(), 1, {});
        QVERIFY(idle && *idle < samples.at(1) * mebibyte / 2);

        std::stop_source stop;
        QElapsedTimer timer;
        timer.start();
        auto stopped = std::async(std::launch::async, [&, connection = m_hosts->connection(m_a)] {
            return virt::migration::dirtyRate(*connection, vm(), 30, stop.get_token());
        });
        QVERIFY(stopped.wait_for(500ms) == std::future_status::timeout);
        stop.request_stop();
        const auto result = stopped.get();
        QVERIFY(!result);
        QCOMPARE(result.error().kind, Error::Kind::Cancelled);
        QVERIFY(timer.elapsed() < 15000);
        QVERIFY(m_hosts->stop());
        QVERIFY(!virt::migration::dirtyRate(on(m_a), vm(), 1, {}));
    }

    void comparesProcessors()
    {
        const auto compare = [&](const QString &xml) {
            return virt::migration::compareCpu(on(m_b), {}, u"x86_64"_s, u"pc"_s, u"qemu"_s, xml);
        };
        QVERIFY(m_hosts->make({.cpu = u"qemu64"_s}));
        const auto fits = compare(u"<cpu mode='custom' match='exact'><model>Nehalem</model></cpu>"_s);
        QVERIFY2(fits, fits ? "" : qPrintable(fits.error().message));
        QCOMPARE(fits->verdict, CpuComparison::Verdict::Superset);
        QCOMPARE(fits->reason, QString());
        // TCG has no transactional memory.
        const auto foreign = compare(u"<cpu mode='custom' match='exact'><model>Nehalem</model>"
                                     "<feature policy='require' name='rtm'/></cpu>"_s);
        QVERIFY2(foreign, foreign ? "" : qPrintable(foreign.error().message));
        QCOMPARE(foreign->verdict, CpuComparison::Verdict::Incompatible);
        QVERIFY2(foreign->reason.contains(u"rtm"_s), qPrintable(foreign->reason));
        QVERIFY(!compare(u"<cpu"_s));
        QVERIFY(!compare(u"<cpu mode='custom'><model>NoSuchModel</model></cpu>"_s));

        const auto baseline = virt::migration::baselineCpu(on(m_b), {}, u"x86_64"_s, u"pc"_s, u"qemu"_s,
            {u"<cpu><model>Nehalem</model></cpu>"_s, u"<cpu><model>Westmere</model></cpu>"_s});
        QVERIFY2(baseline, baseline ? "" : qPrintable(baseline.error().message));
        QVERIFY2(baseline->contains(u"Nehalem"_s), qPrintable(*baseline));
        QVERIFY(compare(*baseline).value_or(CpuComparison()).verdict != CpuComparison::Verdict::Incompatible);
        QVERIFY(!virt::migration::baselineCpu(on(m_b), {}, u"x86_64"_s, u"pc"_s, u"qemu"_s, {}));
    }

    void tellsWhyADomainMayNotGo()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}));
        QVERIFY(m_hosts->start());
        const QString before = m_hosts->xml(m_a);
        Options chosen = options();
        QVERIFY2(refusal(chosen).contains(u"without shared storage is unsafe"_s), qPrintable(refusal(chosen)));
        chosen.unsafe = true;
        QElapsedTimer timer;
        timer.start();
        QCOMPARE(refusal(chosen), QString());
        QVERIFY(timer.elapsed() < 5000);
        chosen.unsafe = false;
        chosen.storage = Options::Storage::Full;
        chosen.disks = {u"hda"_s};
        QCOMPARE(refusal(chosen), QString());
        chosen.peerToPeer = false; // is asked in the same way
        chosen.destinationUri.clear();
        QCOMPARE(refusal(chosen), QString());

        // A block job.
        QVERIFY(m_hosts->bed
                .virsh(m_a,
                    {u"blockcopy"_s, u"vm"_s, u"hda"_s, u"/srv/local/pool/copy"_s, u"--transient-job"_s, u"--wait"_s})
                .ok());
        QVERIFY2(refusal(chosen).contains(u"block job"_s), qPrintable(refusal(chosen)));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"blockjob"_s, u"vm"_s, u"hda"_s, u"--abort"_s}).ok());
        QTRY_COMPARE(refusal(chosen), QString());

        // A snapshot.
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"s1"_s}).ok());
        QVERIFY2(refusal(chosen).contains(u"snapshot"_s), qPrintable(refusal(chosen)));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-delete"_s, u"vm"_s, u"s1"_s}).ok());
        QCOMPARE(refusal(chosen), QString());

        // Off: not without "offline".
        QCOMPARE(m_hosts->xml(m_a), before);
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(m_hosts->stop());
        QVERIFY(!refusal(chosen).isEmpty());
        QCOMPARE(m_hosts->existsOn(), m_a);
        QCOMPARE(m_hosts->existsOn(), m_a);
        QVERIFY(virt::migration::refusal(on(m_a), QUuid::createUuid(), chosen).error().kind == Error::Kind::NotFound);
    }

    void readsWhatMayBeRewritten()
    {
        QVERIFY(m_hosts->make({.disks = {{}}, .devices = u"<graphics type='vnc' passwd='secret12'/>"_s}));
        const auto stored = virt::migration::migratableXml(on(m_a), vm(), true);
        QVERIFY2(stored, stored ? "" : qPrintable(stored.error().message));
        QVERIFY(stored->contains(u"secret12"_s));
        QVERIFY(m_hosts->start());
        const auto live = virt::migration::migratableXml(on(m_a), vm());
        QVERIFY(live && live->contains(u"secret12"_s) && live->contains(u"<domain"_s));
    }

    void failsClearly()
    {
        QVERIFY(m_hosts->make({}));
        QVERIFY(m_hosts->start());
        Options nowhere = options();
        nowhere.destinationUri = u"qemu+tcp://vireo-nobody/system"_s;
        const Result<> failed = migrate(nowhere);
        QVERIFY(!failed);
        QVERIFY2(failed.error().message.startsWith(u"Can't migrate vm: "_s), qPrintable(said(failed)));
        Options compressed = options();
        compressed.compression = Options::Compression::Zstd;
        compressed.parallel = 2;
        const Result<> modern = migrate(compressed);
        QVERIFY(modern || modern.error().kind == Error::Kind::Unsupported);
        if (!modern) {
            QCOMPARE(m_hosts->runsOn(), m_a);
            QCOMPARE(m_hosts->existsOn(), m_a);
        }
        QCOMPARE(m_hosts->wentOn(), QString());
        QVERIFY(!virt::migration::startPostCopy(on(m_a), vm())); // nothing is under way
        QVERIFY(!virt::migration::abort(on(m_a), vm()));
    }
};

QTEST_GUILESS_MAIN(TestMigrationCallsSystem)
#include "tst_migrationcalls_system.moc"
