// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/stat.h>

#include <QElapsedTimer>
#include <QRandomGenerator>
#include <QTest>

#include "backend/virt/volumeparts.h"
#include "migrationhosts.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using test::MigrationHosts;

namespace {

constexpr qsizetype mebibyte = 1024 * 1024;

} // namespace

/** Volumes that are relayed from host to host, byte for byte, and what becomes of them when something breaks. */
class TestRelaySystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<MigrationHosts> m_hosts;
    const QString m_a = MigrationHosts::a();
    const QString m_b = MigrationHosts::b();

    static QByteArray noise(qsizetype size)
    {
        QByteArray result(size, Qt::Uninitialized);
        QRandomGenerator random(4711);
        random.generate(reinterpret_cast<quint32 *>(result.data()), // NOLINT: aligned by its allocation
            reinterpret_cast<quint32 *>(result.data() + size));     // NOLINT
        return result;
    }
    QString file(const QString &host, const QString &name, const QString &pool = u"default"_s) const
    {
        return m_hosts->directory(host, pool) + u'/' + name;
    }
    /** Writes `content` at these places of a new file; the rest are holes. */
    bool write(
        const QString &host, const QString &name, qint64 size, const QByteArray &content, const QList<qint64> &places)
    {
        QFile writer(file(host, name));
        bool ok = writer.open(QIODevice::WriteOnly | QIODevice::Truncate) && writer.resize(size);
        for (const qint64 place : places) {
            ok = ok && writer.seek(place) && writer.write(content) == content.size();
        }
        writer.close();
        return ok && m_hosts->bed.virsh(host, {u"pool-refresh"_s, u"default"_s}).ok();
    }
    bool make(const QString &name, int mebibytes, const QString &format = u"raw"_s, const QString &pool = u"default"_s)
    {
        return m_hosts->bed
            .virsh(m_b,
                {u"vol-create-as"_s, pool, name, u"%1M"_s.arg(mebibytes), u"--allocation"_s, u"0"_s, u"--format"_s,
                    format})
            .ok();
    }
    static QByteArray read(const QString &path)
    {
        QFile reader(path);
        return reader.open(QIODevice::ReadOnly) ? reader.readAll() : QByteArray();
    }
    bool isSame(const QString &name) const
    {
        const QByteArray source = read(file(m_a, name));
        return !source.isEmpty() && source == read(file(m_b, name));
    }
    static qint64 allocated(const QString &path)
    {
        struct stat status = {};
        return stat(QFile::encodeName(path).constData(), &status) == 0 ? qint64{status.st_blocks} * 512 : -1;
    }
    Result<> relay(const QString &name, const virt::storage::Progress &progress = {}, const std::stop_token &stop = {},
        const QString &toPool = u"default"_s)
    {
        const auto from = m_hosts->connection(m_a);
        const auto to = m_hosts->connection(m_b);
        return virt::storage::relayVolume(*from, u"default"_s, name, *to, toPool, name, progress, stop);
    }
    Result<std::optional<quint64>> compare(
        const QString &name, const virt::storage::Progress &progress = {}, const std::stop_token &stop = {})
    {
        const auto from = m_hosts->connection(m_a);
        const auto to = m_hosts->connection(m_b);
        return virt::storage::compareVolumes({*from, u"default"_s, name}, {*to, u"default"_s, name}, progress, stop);
    }
    static QString said(const Result<> &result) { return result ? QString() : result.error().message; }

private Q_SLOTS:
    void initTestCase()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        QVERIFY2(m_hosts->problem().isEmpty(), qPrintable(m_hosts->problem()));
    }
    void init() { QVERIFY(m_hosts->clear()); }
    void cleanupTestCase() { m_hosts.reset(); }

    void relaysByteForByte_data()
    {
        QTest::addColumn<qint64>("size");
        QTest::addColumn<QList<qint64>>("places");
        const qint64 big = 40 * mebibyte;
        QTest::newRow("data") << qint64{mebibyte} << QList<qint64>{0};
        QTest::newRow("odd length") << qint64{3 * mebibyte + 511} << QList<qint64>{0, mebibyte, 2 * mebibyte + 511};
        QTest::newRow("hole first") << big << QList<qint64>{20 * mebibyte};
        QTest::newRow("hole last") << big << QList<qint64>{0};
        QTest::newRow("holes between") << big << QList<qint64>{0, 8 * mebibyte, 39 * mebibyte};
        QTest::newRow("only a hole") << big << QList<qint64>{};
    }
    void relaysByteForByte()
    {
        QFETCH(const qint64, size);
        QFETCH(const QList<qint64>, places);
        const QByteArray content = noise(mebibyte);
        QVERIFY(write(m_a, u"v.raw"_s, size, content, places));
        QVERIFY(make(u"v.raw"_s, 40));
        QList<quint64> seen;
        quint64 total = 0;
        const Result<> relayed = relay(u"v.raw"_s, [&](quint64 done, quint64 all) {
            seen.append(done);
            total = all;
        });
        QCOMPARE(said(relayed), QString());
        QVERIFY(isSame(u"v.raw"_s));
        QCOMPARE(total, static_cast<quint64>(size));
        QVERIFY(seen.size() >= 2 && std::ranges::is_sorted(seen));
        QCOMPARE(seen.last(), static_cast<quint64>(size));
        // Holes are holes again.
        QVERIFY(allocated(file(m_b, u"v.raw"_s)) <= places.size() * mebibyte + 256 * 1024);
    }

    void leavesNothingOfWhatWasThere()
    {
        // Longer, and full of other bytes where the source has holes: as an attempt that broke leaves it.
        const QByteArray old(8 * mebibyte, 'x');
        QVERIFY(write(m_a, u"v.raw"_s, 6 * mebibyte, noise(mebibyte), {2 * mebibyte}));
        QVERIFY(write(m_b, u"v.raw"_s, old.size(), old, {0}));
        QCOMPARE(said(relay(u"v.raw"_s)), QString());
        QVERIFY(isSame(u"v.raw"_s));
        QVERIFY(allocated(file(m_b, u"v.raw"_s)) < 2 * mebibyte);
        QCOMPARE(said(relay(u"v.raw"_s)), QString());
        QVERIFY(isSame(u"v.raw"_s));
    }

    void relaysAnImage()
    {
        QVERIFY(m_hosts->make({.disks = {{}}}));
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->writes(u"hda"_s, 1, 3, 7));
        QVERIFY(m_hosts->bed.virsh(m_a, {u"snapshot-create-as"_s, u"vm"_s, u"inside"_s}).ok());
        QVERIFY(m_hosts->stop());
        QVERIFY(make(u"vm-hda.qcow2"_s, 32, u"qcow2"_s));
        QCOMPARE(said(relay(u"vm-hda.qcow2"_s)), QString());
        QVERIFY(isSame(u"vm-hda.qcow2"_s));
        QTRY_COMPARE(
            virt::storage::volume(*m_hosts->connection(m_b), u"default"_s, u"vm-hda.qcow2"_s)->format, u"qcow2"_s);
        QVERIFY(m_hosts->bed.exec(m_b, {u"qemu-img"_s, u"check"_s, u"/srv/local/pool/vm-hda.qcow2"_s}).ok());
        // And within one host.
        QVERIFY(m_hosts->bed
                .virsh(m_b, {u"vol-create-as"_s, u"default"_s, u"second.qcow2"_s, u"32M"_s, u"--format"_s, u"qcow2"_s})
                .ok());
        const auto there = m_hosts->connection(m_b);
        QCOMPARE(said(virt::storage::relayVolume(
                     *there, u"default"_s, u"vm-hda.qcow2"_s, *there, u"default"_s, u"second.qcow2"_s, {}, {})),
            QString());
        QCOMPARE(read(file(m_b, u"second.qcow2"_s)), read(file(m_b, u"vm-hda.qcow2"_s)));
    }

    void compares_data()
    {
        QTest::addColumn<qint64>("size");
        QTest::addColumn<QList<qint64>>("places"); // where one of them has other bytes
        const qint64 big = 40 * mebibyte;
        QTest::newRow("equal") << big << QList<qint64>{};
        QTest::newRow("first byte") << big << QList<qint64>{0, mebibyte};
        QTest::newRow("last byte") << big << QList<qint64>{big - 1};
        QTest::newRow("in a hole") << big << QList<qint64>{3 * mebibyte + 77};
        QTest::newRow("in data") << big << QList<qint64>{20 * mebibyte + 5};
        QTest::newRow("behind the data") << big << QList<qint64>{21 * mebibyte};
        QTest::newRow("odd length") << qint64{21 * mebibyte + 511} << QList<qint64>{};
    }
    /** Of two hosts, whichever of them is the odd one; zeroes are what holes are. */
    void compares()
    {
        QFETCH(const qint64, size);
        QFETCH(const QList<qint64>, places);
        const QByteArray content = noise(mebibyte);
        for (const QString &odd : {m_a, m_b}) {
            QVERIFY(write(m_a, u"v.raw"_s, size, content, {20 * mebibyte}));
            QVERIFY(write(m_b, u"v.raw"_s, size, content, {20 * mebibyte}));
            QFile other(file(odd, u"v.raw"_s));
            QVERIFY(other.open(QIODevice::ReadWrite) && other.seek(8 * mebibyte));
            QVERIFY(other.write(QByteArray(mebibyte, '\0')) == mebibyte);
            for (const qint64 place : places) {
                char byte = 0;
                QVERIFY(other.seek(place) && other.getChar(&byte) && other.seek(place) && other.putChar(byte ^ 1));
            }
            other.close();
            quint64 reached = 0;
            const auto differs = compare(u"v.raw"_s, [&reached](quint64 done, quint64) { reached = done; });
            QVERIFY2(differs, differs ? "" : qPrintable(differs.error().message));
            QCOMPARE(differs->has_value(), !places.isEmpty());
            if (places.isEmpty()) {
                QCOMPARE(reached, quint64(size));
            } else {
                QCOMPARE(**differs, quint64(places.constFirst()));
            }
        }
    }

    void comparesLengths()
    {
        QVERIFY(write(m_a, u"v.raw"_s, 6 * mebibyte, noise(mebibyte), {0}));
        QVERIFY(write(m_b, u"v.raw"_s, 5 * mebibyte, noise(mebibyte), {0}));
        const auto differs = compare(u"v.raw"_s);
        QVERIFY(differs && differs->has_value());
        QCOMPARE(**differs, quint64{5 * mebibyte});
        std::stop_source stop;
        stop.request_stop();
        QCOMPARE(compare(u"v.raw"_s, {}, stop.get_token()).error().kind, Error::Kind::Cancelled);
        QVERIFY(m_hosts->bed.virsh(m_b, {u"vol-delete"_s, u"v.raw"_s, u"default"_s}).ok());
        QCOMPARE(compare(u"v.raw"_s).error().kind, Error::Kind::NotFound);
    }

    void isCancelled()
    {
        QVERIFY(write(m_a, u"v.raw"_s, 64 * mebibyte, noise(64 * mebibyte), {0}));
        QVERIFY(make(u"v.raw"_s, 64));
        std::stop_source stop;
        quint64 reached = 0;
        const Result<> relayed = relay(
            u"v.raw"_s,
            [&](quint64 done, quint64) {
                reached = done;
                if (done > 0) {
                    stop.request_stop();
                }
            },
            stop.get_token());
        QVERIFY(!relayed);
        QCOMPARE(relayed.error().kind, Error::Kind::Cancelled);
        QVERIFY(reached < 64U * mebibyte);
        const Result<> before = relay(u"v.raw"_s, {}, stop.get_token());
        QVERIFY(!before);
        QCOMPARE(before.error().kind, Error::Kind::Cancelled);
        // Both hosts are well, and it can be done again.
        QCOMPARE(said(relay(u"v.raw"_s)), QString());
        QVERIFY(isSame(u"v.raw"_s));
        QVERIFY(m_hosts->bed.virsh(m_b, {u"vol-delete"_s, u"v.raw"_s, u"default"_s}).ok());
    }

    void saysThatAPoolIsFull()
    {
        QVERIFY(m_hosts->makeSmallPool(m_b, u"small"_s, 4));
        QVERIFY(write(m_a, u"v.raw"_s, 16 * mebibyte, noise(16 * mebibyte), {0}));
        QVERIFY(make(u"v.raw"_s, 16, u"raw"_s, u"small"_s));
        const Result<> relayed = relay(u"v.raw"_s, {}, {}, u"small"_s);
        QVERIFY(!relayed);
        QVERIFY2(said(relayed).contains(u"destination host"_s), qPrintable(said(relayed)));
        // Too little by a hair: libvirt itself does not notice at the end.
        QVERIFY(write(m_a, u"w.raw"_s, 4 * mebibyte + 4096, noise(4 * mebibyte + 4096), {0}));
        QVERIFY(m_hosts->bed.virsh(m_b, {u"vol-delete"_s, u"v.raw"_s, u"small"_s}).ok());
        QVERIFY(make(u"w.raw"_s, 5, u"raw"_s, u"small"_s));
        const Result<> second = relay(u"w.raw"_s, {}, {}, u"small"_s);
        QVERIFY(!second);
        QVERIFY2(said(second).contains(u"destination host"_s), qPrintable(said(second)));
        QCOMPARE(m_hosts->orphans(), (QStringList{u"A: /srv/local/pool/v.raw"_s, u"A: /srv/local/pool/w.raw"_s}));
    }

    void survivesADaemonThatDies_data()
    {
        QTest::addColumn<QString>("host");
        QTest::addColumn<QString>("side");
        QTest::newRow("source") << m_a << u"source host"_s;
        QTest::newRow("destination") << m_b << u"destination host"_s;
    }
    void survivesADaemonThatDies()
    {
        QFETCH(const QString, host);
        QFETCH(const QString, side);
        QVERIFY(write(m_a, u"v.raw"_s, 64 * mebibyte, noise(64 * mebibyte), {0}));
        QVERIFY(make(u"v.raw"_s, 64));
        bool killed = false;
        const Result<> relayed = relay(u"v.raw"_s, [&](quint64 done, quint64) {
            if (done > 0 && !killed) {
                killed = m_hosts->bed.killDaemon(host);
            }
        });
        QVERIFY(killed);
        QVERIFY(!relayed);
        QVERIFY2(said(relayed).contains(side), qPrintable(said(relayed)));
        QVERIFY(m_hosts->answers(host));
        QTRY_VERIFY(m_hosts->connection(host));
        QCOMPARE(read(file(m_a, u"v.raw"_s)), noise(64 * mebibyte));
        QTRY_VERIFY(virt::storage::volume(*m_hosts->connection(m_b), u"default"_s, u"v.raw"_s));
        QTRY_COMPARE(said(relay(u"v.raw"_s)), QString());
        QVERIFY(isSame(u"v.raw"_s));
    }

    void aComparisonBreaksOff_data()
    {
        QTest::addColumn<QString>("killed");
        QTest::newRow("cancelled") << QString();
        QTest::newRow("one daemon dies") << m_a;
        QTest::newRow("the other daemon dies") << m_b;
    }
    /** It ends with an error, never as equal or different, and can be done again. */
    void aComparisonBreaksOff()
    {
        QFETCH(const QString, killed);
        const QByteArray content = noise(64 * mebibyte);
        QVERIFY(write(m_a, u"v.raw"_s, content.size(), content, {0}));
        QVERIFY(write(m_b, u"v.raw"_s, content.size(), content, {0}));
        std::stop_source stop;
        bool broken = false;
        const auto differs = compare(
            u"v.raw"_s,
            [&](quint64 done, quint64) {
                if (done > 0 && !broken) {
                    broken = killed.isEmpty() ? stop.request_stop() : m_hosts->bed.killDaemon(killed);
                }
            },
            stop.get_token());
        QVERIFY(broken);
        QVERIFY(!differs);
        QCOMPARE(differs.error().kind == Error::Kind::Cancelled, killed.isEmpty());
        for (const QString &host : {m_a, m_b}) {
            QVERIFY(m_hosts->answers(host));
            QTRY_VERIFY(m_hosts->connection(host));
            QTRY_VERIFY(virt::storage::volume(*m_hosts->connection(host), u"default"_s, u"v.raw"_s));
        }
        const auto again = compare(u"v.raw"_s);
        QVERIFY2(again, again ? "" : qPrintable(again.error().message));
        QVERIFY(!again->has_value());
    }
};

QTEST_GUILESS_MAIN(TestRelaySystem)
#include "tst_relay_system.moc"
