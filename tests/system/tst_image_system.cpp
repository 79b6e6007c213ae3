// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QProcess>
#include <QRandomGenerator>
#include <QStandardPaths>
#include <QTest>

#include "backend/image/chain.h"
#include "backend/image/filesystem.h"
#include "backend/image/localfile.h"
#include "backend/image/workfiles.h"
#include "backend/job/jobmanager.h"
#include "backend/operation/create/basecache.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/steps.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "tests/support/testbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using job::Step;
using operation::volumeXml;
using test::TestBed;
namespace storage = virt::storage;

namespace {

constexpr quint64 mib = 1024 * 1024;

Step step(const QString &type, const QJsonObject &parameters)
{
    Step result;
    result.type = type;
    result.title = type;
    result.object = parameters.value(u"volume"_s).toString();
    result.undo = u"undo"_s;
    result.parameters = parameters;
    return result;
}

/** Always fails: what a job does before it is undone. */
Step failing()
{
    return step(u"volume.format"_s, {{u"pool"_s, u"default"_s}, {u"volume"_s, u"none"_s}, {u"fs"_s, u"nonsense"_s}});
}

Step formatStep(const QString &volume, const QString &fs, quint64 bytes, const QString &label)
{
    return step(u"volume.format"_s,
        {{u"pool"_s, u"default"_s}, {u"volume"_s, volume}, {u"xml"_s, volumeXml(volume, u"raw"_s, 0, {}, {})},
            {u"bytes"_s, double(bytes)}, {u"fs"_s, fs}, {u"label"_s, label}});
}

Step cloneStep(const QString &volume, const QString &format, quint64 capacity, const QString &from)
{
    return step(u"volume.clone"_s,
        {{u"pool"_s, u"default"_s}, {u"volume"_s, volume}, {u"xml"_s, volumeXml(volume, format, capacity, {}, {})},
            {u"fromPool"_s, u"default"_s}, {u"fromVolume"_s, from}});
}

QByteArray program(const QString &name, const QStringList &arguments)
{
    QProcess process;
    process.start(name, arguments);
    if (!process.waitForFinished(60000) || process.exitCode() != 0) {
        return "FAILED: " + process.readAllStandardError() + process.readAllStandardOutput();
    }
    return process.readAllStandardOutput();
}

} // namespace

/** The steps that make the content of volumes, on a real libvirtd; read back with virsh, blkid and qemu-img. */
class TestImageSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<TestBed> m_bed;
    virt::ConnectionPtr m_connection;
    virt::HostId m_host = QUuid::createUuid();
    job::StepRegistry m_registry;
    std::unique_ptr<job::JobManager> m_jobs;
    int m_number = 0;

    QString virsh(const QStringList &arguments) { return m_bed->virsh(u"A"_s, arguments).output; }
    QString file(const QString &name) const { return m_bed->directory() + u'/' + name; }

    job::Plan plan(const QList<Step> &steps) const
    {
        job::Plan plan;
        plan.operation = u"test"_s;
        plan.title = u"Test"_s;
        plan.host = m_host;
        plan.domainName = u"guest"_s;
        plan.steps = steps;
        return plan;
    }
    job::JobRecord run(const job::Plan &plan)
    {
        const job::JobId id = m_jobs->run(plan);
        const bool ended = QTest::qWaitFor([&] { return m_jobs->job(id) && m_jobs->job(id)->isFinished(); }, 90000);
        return ended ? *m_jobs->job(id) : job::JobRecord{};
    }
    job::JobRecord run(const QList<Step> &steps) { return run(plan(steps)); }

    /** One step by itself, with what an earlier run noted. */
    Result<> runAlone(const Step &what, QJsonObject &results)
    {
        const job::Plan whole = plan({what});
        job::StepContext context(
            whole, [this](const virt::HostId &) -> Result<virt::ConnectionPtr> { return m_connection; }, {}, results,
            [](quint64, quint64) {}, [](const QString &) {});
        return m_registry.find(what.type)->run(what, context);
    }

    QStringList volumes(const QString &pool = u"default"_s)
    {
        m_bed->virsh(u"A"_s, {u"pool-refresh"_s, pool});
        QStringList names;
        const auto all = storage::volumes(*m_connection, pool);
        for (const storage::Volume &volume : all ? *all : QList<storage::Volume>()) {
            names << volume.name;
        }
        return names;
    }

    QString download(const QString &volume)
    {
        QString path = file(u"download-%1"_s.arg(++m_number));
        const auto outcome =
            m_bed->virsh(u"A"_s, {u"vol-download"_s, u"--pool"_s, u"default"_s, volume, path, u"--sparse"_s});
        if (!outcome.ok()) {
            qWarning("%s", qPrintable(outcome.errorText));
        }
        return path;
    }

    static QStringList leftovers()
    {
        return QDir(QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s)
            .entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
    }

    /** A raw file with data that does not compress. */
    QString randomFile(const QString &name, quint64 size, quint64 data)
    {
        QFile out(file(name));
        if (!out.open(QIODevice::WriteOnly) || !out.resize(static_cast<qint64>(size))) {
            return {};
        }
        QByteArray block(static_cast<qsizetype>(mib), '\0');
        for (quint64 at = 0; at < data; at += mib) {
            QRandomGenerator::global()->fillRange(
                reinterpret_cast<quint32 *>(block.data()), block.size() / qsizetype(sizeof(quint32)));
            out.write(block);
        }
        return out.fileName();
    }

    static QJsonObject converted(const QString &path, const QString &target)
    {
        const auto chain = image::inspectChain(path);
        if (!chain || !chain->isSafe()) {
            return {};
        }
        const image::Verdict &verdict = chain->members.first().verdict;
        return {{u"path"_s, path}, {u"size"_s, double(verdict.fileSize)},
            {u"modified"_s, QString::number(verdict.modifiedNs)}, {u"format"_s, image::driverName(verdict.format)},
            {u"target"_s, target}, {u"key"_s, u"root"_s}};
    }

    void makePool(const QString &name)
    {
        const QString target = file(name);
        QVERIFY(QDir().mkpath(target));
        QVERIFY(storage::definePool(*m_connection, operation::poolXml(name, target)));
        QVERIFY(storage::startPool(*m_connection, name));
    }

    void makeVolume(const QString &pool, const QString &name, const QString &format, const QString &backing = {})
    {
        const auto made = storage::createVolume(*m_connection, pool, volumeXml(name, format, mib, backing, u"qcow2"_s));
        QVERIFY2(made, made ? "" : qPrintable(made.error().message));
    }

    QString pathOf(const QString &pool, const QString &name)
    {
        const auto found = storage::volume(*m_connection, pool, name);
        return found ? found->path : QString();
    }

    void define(const QString &xml)
    {
        const QString path = file(u"domain-%1.xml"_s.arg(++m_number));
        QFile out(path);
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(xml.toUtf8()) > 0);
        out.close();
        const auto outcome = m_bed->virsh(u"A"_s, {u"define"_s, path});
        QVERIFY2(outcome.ok(), qPrintable(outcome.errorText));
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        m_bed = std::make_unique<TestBed>();
        QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
        const auto connection = virt::Connection::open(m_bed->uri(u"A"_s), false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
        operation::registerSteps(m_registry);
        m_jobs = std::make_unique<job::JobManager>(
            m_registry, [c = m_connection](const virt::HostId &) -> Result<virt::ConnectionPtr> { return c; });
        QVERIFY(!TestBed::guestDisk().isEmpty());
    }

    void init() { makePool(u"default"_s); }

    void cleanup()
    {
        QVERIFY2(m_bed->wipe(), qPrintable(m_bed->errorText()));
        QDir(file(u"default"_s)).removeRecursively();
        QDir(file(u"other"_s)).removeRecursively();
        QCOMPARE(leftovers(), QStringList());
    }

    void cleanupTestCase()
    {
        m_jobs.reset();
        m_connection.reset();
        m_bed.reset();
        m_loop.reset();
    }

    void formats_data()
    {
        QTest::addColumn<QString>("fs");
        QTest::addColumn<QString>("label");
        QTest::newRow("ext4") << u"ext4"_s << u"ephemeral0"_s;
        QTest::newRow("xfs") << u"xfs"_s << u"data"_s;
        QTest::newRow("vfat") << u"vfat"_s << u"TRANSFER"_s;
        QTest::newRow("swap") << u"swap"_s << u"swap0"_s;
    }

    void formats()
    {
        QFETCH(QString, fs);
        QFETCH(QString, label);
        constexpr quint64 size = 1024 * mib;
        const job::JobRecord record = run({formatStep(u"disk.img"_s, fs, size, label)});
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        const auto volume = storage::volume(*m_connection, u"default"_s, u"disk.img"_s);
        QVERIFY(volume);
        QCOMPARE(volume->physical, size);
        QVERIFY2(volume->allocation < size / 16, QByteArray::number(volume->allocation));
        const QString copy = download(u"disk.img"_s);
        QCOMPARE(quint64(QFileInfo(copy).size()), size);
        const QByteArray found = program(u"/usr/sbin/blkid"_s, {u"-p"_s, u"-o"_s, u"export"_s, copy});
        QVERIFY2(found.contains("TYPE=" + fs.toUtf8() + '\n'), found.constData());
        QVERIFY2(found.contains("LABEL=" + label.toUtf8() + '\n'), found.constData());
        QVERIFY(!found.contains("PTTYPE"));
        if (fs == "ext4"_L1) {
            const QByteArray checked = program(u"/usr/sbin/e2fsck"_s, {u"-fn"_s, copy});
            QVERIFY2(!checked.startsWith("FAILED"), checked.constData());
        }
        QFile::remove(copy);
    }

    /** After a kill: a volume of ours with half of an older try in it is made anew; a whole one is left alone. */
    void formatsAgain()
    {
        const quint64 size = 64 * mib;
        makeVolume(u"default"_s, u"disk.img"_s, u"raw"_s);
        const QString rubbish = randomFile(u"rubbish"_s, size, size);
        QVERIFY(storage::uploadVolume(*m_connection, u"default"_s, u"disk.img"_s, rubbish, {}, {}));
        const Step format = formatStep(u"disk.img"_s, u"ext4"_s, size, u"a"_s);
        const QByteArray digest = QCryptographicHash::hash("volume:default/disk.img", QCryptographicHash::Sha256);
        const QString key = u"work:format-"_s + QString::fromLatin1(digest.toHex().first(16));
        const auto left = image::workDirectory(u"left-behind"_s);
        QVERIFY(left && image::makeSparseFile(*left + u"/filesystem"_s, size));
        QJsonObject results{{u"volume:default/disk.img"_s, QJsonObject{{u"created"_s, true}}}, {key, u"left-behind"_s}};
        const Result<> first = runAlone(format, results);
        QVERIFY2(first, first ? "" : qPrintable(first.error().message));
        const QString copy = download(u"disk.img"_s);
        const QByteArray checked = program(u"/usr/sbin/e2fsck"_s, {u"-fn"_s, copy});
        QVERIFY2(!checked.startsWith("FAILED"), checked.constData());
        const auto volume = storage::volume(*m_connection, u"default"_s, u"disk.img"_s);
        QVERIFY(volume && volume->allocation < size / 2);

        QVERIFY(runAlone(format, results));
        const QString again = download(u"disk.img"_s);
        QVERIFY(image::contentDigest(again) == image::contentDigest(copy));
    }

    void formatLeavesOthersAlone()
    {
        makeVolume(u"default"_s, u"disk.img"_s, u"raw"_s);
        const job::JobRecord record = run({formatStep(u"disk.img"_s, u"ext4"_s, 64 * mib, {})});
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"already has a volume"_s), qPrintable(record.error.message));
        QCOMPARE(volumes(), QStringList{u"disk.img"_s});
        QCOMPARE(storage::volume(*m_connection, u"default"_s, u"disk.img"_s)->capacity, mib);
    }

    void formatIsUndone()
    {
        const job::JobRecord record = run({formatStep(u"disk.img"_s, u"swap"_s, 64 * mib, {}), failing()});
        QCOMPARE(record.state, JobState::Failed);
        QCOMPARE(volumes(), QStringList());
        // What the tool refuses leaves nothing either.
        const job::JobRecord refused = run({formatStep(u"disk.img"_s, u"xfs"_s, 32 * mib, {})});
        QCOMPARE(refused.state, JobState::Failed);
        QVERIFY2(refused.error.message.contains(u"xfs"_s), qPrintable(refused.error.message));
        QCOMPARE(volumes(), QStringList());
    }

    void convertsAndUploads()
    {
        const QString source = file(u"guest.vmdk"_s);
        program(u"qemu-img"_s,
            {u"convert"_s, u"-f"_s, u"qcow2"_s, u"-O"_s, u"vmdk"_s, u"-o"_s, u"subformat=streamOptimized"_s,
                TestBed::guestDisk(), source});
        const QString xml = volumeXml(u"base.qcow2"_s, u"raw"_s, 0, {}, {});
        const QJsonObject volume{{u"pool"_s, u"default"_s}, {u"volume"_s, u"base.qcow2"_s}, {u"xml"_s, xml}};
        QJsonObject upload = volume;
        upload.insert(u"from"_s, u"convert:root"_s);
        const Step clear = step(u"work.clear"_s, {{u"key"_s, u"root"_s}});
        const job::JobRecord record = run({step(u"image.convert"_s, converted(source, u"qcow2"_s)),
            step(u"volume.create"_s, volume), step(u"volume.upload"_s, upload), clear});
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        const QString copy = download(u"base.qcow2"_s);
        const QByteArray compared =
            program(u"qemu-img"_s, {u"compare"_s, u"-f"_s, u"vmdk"_s, u"-F"_s, u"qcow2"_s, source, copy});
        QVERIFY2(compared.contains("identical"), compared.constData());
        QCOMPARE(leftovers(), QStringList());
        QVERIFY(!record.results.contains(u"convert:root"_s));
    }

    /** One step clears what any step of the job called by that name. */
    void clearsWhatWasFetched()
    {
        const QString tree = file(u"vmlinuz"_s);
        QVERIFY(!randomFile(u"vmlinuz"_s, mib, mib).isEmpty());
        QJsonObject results;
        const Result<> fetched = runAlone(step(u"tree.fetch"_s, {{u"url"_s, tree}, {u"key"_s, u"kernel"_s}}), results);
        QVERIFY2(fetched, fetched ? "" : qPrintable(fetched.error().message));
        QVERIFY(results.contains(u"file:kernel"_s));
        QCOMPARE(leftovers().size(), 1);
        QVERIFY(runAlone(step(u"work.clear"_s, {{u"key"_s, u"kernel"_s}}), results));
        QCOMPARE(leftovers(), QStringList());
        QCOMPARE(results, QJsonObject());
    }

    void convertRefuses()
    {
        // Another file than the one that was inspected, and a chain that nobody adopted.
        const QString source = file(u"source.qcow2"_s);
        QVERIFY(QFile::copy(TestBed::guestDisk(), source));
        const QJsonObject before = converted(source, u"raw"_s);
        program(u"qemu-img"_s,
            {u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"qcow2"_s, u"-b"_s, TestBed::guestDisk(), source});
        const job::JobRecord changed = run({step(u"image.convert"_s, before)});
        QCOMPARE(changed.state, JobState::Failed);
        QVERIFY2(changed.error.message.contains(u"must not be used"_s), qPrintable(changed.error.message));
        QJsonObject adopted = converted(source, u"raw"_s);
        adopted.insert(u"chain"_s, QJsonArray{source, u"/somewhere/else.qcow2"_s});
        const job::JobRecord other = run({step(u"image.convert"_s, adopted)});
        QCOMPARE(other.state, JobState::Failed);
        QVERIFY2(other.error.message.contains(u"has changed"_s), qPrintable(other.error.message));
        QCOMPARE(leftovers(), QStringList());

        adopted.insert(u"chain"_s,
            QJsonArray{QFileInfo(source).canonicalFilePath(), QFileInfo(TestBed::guestDisk()).canonicalFilePath()});
        QJsonObject results;
        const Result<> done = runAlone(step(u"image.convert"_s, adopted), results);
        QVERIFY2(done, done ? "" : qPrintable(done.error().message));
        const QString made = results.value(u"convert:root"_s).toObject().value(u"path"_s).toString();
        const QByteArray compared =
            program(u"qemu-img"_s, {u"compare"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, u"raw"_s, TestBed::guestDisk(), made});
        QVERIFY2(compared.contains("identical"), compared.constData());
        QVERIFY(runAlone(step(u"work.clear"_s, {{u"key"_s, u"root"_s}}), results));
        QCOMPARE(leftovers(), QStringList());
    }

    void cancelledConversionLeavesNothing()
    {
        const QString source = file(u"large.vdi"_s);
        const QString raw = randomFile(u"large.raw"_s, 768 * mib, 768 * mib);
        program(u"qemu-img"_s, {u"convert"_s, u"-f"_s, u"raw"_s, u"-O"_s, u"vdi"_s, raw, source});
        const job::JobId id = m_jobs->run(plan({step(u"image.convert"_s, converted(source, u"qcow2"_s))}));
        QTRY_VERIFY_WITH_TIMEOUT(m_jobs->job(id)->isFinished() || !m_jobs->job(id)->steps.isEmpty(), 30000);
        QTRY_VERIFY_WITH_TIMEOUT(m_jobs->job(id)->isFinished() || m_jobs->job(id)->steps.first().done > 0, 30000);
        QVERIFY(!m_jobs->job(id)->isFinished());
        QVERIFY(!leftovers().isEmpty());
        m_jobs->cancel(id);
        QTRY_VERIFY_WITH_TIMEOUT(m_jobs->job(id)->isFinished(), 30000);
        QCOMPARE(m_jobs->job(id)->state, JobState::Cancelled);
        QCOMPARE(leftovers(), QStringList());
        QFile::remove(raw);
        QFile::remove(source);
    }

    void clones()
    {
        makeVolume(u"default"_s, u"source.qcow2"_s, u"raw"_s);
        QVERIFY(storage::uploadVolume(*m_connection, u"default"_s, u"source.qcow2"_s, TestBed::guestDisk(), {}, {}));
        QVERIFY(storage::refreshPool(*m_connection, u"default"_s));
        const auto source = storage::volume(*m_connection, u"default"_s, u"source.qcow2"_s);
        QVERIFY(source);
        QCOMPARE(source->format, u"qcow2"_s);
        const Step toRaw = cloneStep(u"copy.img"_s, u"raw"_s, source->capacity, u"source.qcow2"_s);
        const Step toQcow2 = cloneStep(u"copy.qcow2"_s, u"qcow2"_s, source->capacity, u"source.qcow2"_s);
        const job::JobRecord record = run({toRaw, toQcow2});
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        for (const auto &[name, format] :
            {std::pair(u"copy.img"_s, u"raw"_s), std::pair(u"copy.qcow2"_s, u"qcow2"_s)}) {
            const QByteArray compared = program(u"qemu-img"_s,
                {u"compare"_s, u"-f"_s, u"qcow2"_s, u"-F"_s, format, TestBed::guestDisk(), download(name)});
            QVERIFY2(compared.contains("identical"), compared.constData());
        }
        // Not over what is there; undone when what follows fails; a remainder of our own is replaced.
        QCOMPARE(run({toRaw}).state, JobState::Failed);
        QCOMPARE(run({cloneStep(u"third.img"_s, u"raw"_s, source->capacity, u"source.qcow2"_s), failing()}).state,
            JobState::Failed);
        QCOMPARE(volumes(), (QStringList{u"copy.img"_s, u"copy.qcow2"_s, u"source.qcow2"_s}));
        QJsonObject results{{u"volume:default/copy.img"_s, QJsonObject{{u"created"_s, true}}}};
        const Result<> again = runAlone(toRaw, results);
        QVERIFY2(again, again ? "" : qPrintable(again.error().message));
        QVERIFY(runAlone(toRaw, results));

        // The guest wrote another header into it meanwhile.
        Step careful = cloneStep(u"fourth.img"_s, u"raw"_s, source->capacity, u"source.qcow2"_s);
        careful.parameters.insert(u"fromFormat"_s, u"raw"_s);
        const job::JobRecord refused = run({careful});
        QCOMPARE(refused.state, JobState::Failed);
        QVERIFY2(refused.error.message.contains(u"something else"_s), qPrintable(refused.error.message));
        QCOMPARE(run({cloneStep(u"fifth.img"_s, u"raw"_s, mib, u"missing"_s)}).state, JobState::Failed);
        QVERIFY(!volumes().contains(u"fourth.img"_s));
        std::stop_source stop;
        stop.request_stop();
        const auto cancelled = storage::cloneVolume(*m_connection, u"default"_s,
            volumeXml(u"sixth.img"_s, u"raw"_s, source->capacity, {}, {}), u"default"_s, u"source.qcow2"_s, {},
            stop.get_token());
        QVERIFY(!cancelled);
        QCOMPARE(cancelled.error().kind, Error::Kind::Cancelled);
        QVERIFY(!volumes().contains(u"sixth.img"_s));
    }

    void agesOutWhatNobodyNeeds()
    {
        makePool(u"other"_s);
        const auto base = [](int number) {
            return u"vireo-base-%1.qcow2"_s.arg(number, 16, 10, QChar(u'0'));
        };
        const QString unused = base(1), overlaid = base(2), twice = base(3), late = base(4), direct = base(5);
        for (const QString &name : {unused, overlaid, twice, late, direct}) {
            makeVolume(u"default"_s, name, u"qcow2"_s);
        }
        makeVolume(u"default"_s, unused + u".complete"_s, u"raw"_s);
        const QString kernel = u"vireo-kernel-0123456789abcdef"_s;
        makeVolume(u"default"_s, kernel, u"raw"_s);
        makeVolume(u"default"_s, u"plain.qcow2"_s, u"qcow2"_s);
        // An overlay that no domain has; one in another pool, with another on it that a domain has.
        makeVolume(u"default"_s, u"overlay.qcow2"_s, u"qcow2"_s, pathOf(u"default"_s, overlaid));
        makeVolume(u"other"_s, u"middle.qcow2"_s, u"qcow2"_s, pathOf(u"default"_s, twice));
        makeVolume(u"other"_s, u"top.qcow2"_s, u"qcow2"_s, pathOf(u"other"_s, u"middle.qcow2"_s));
        define(m_bed->diskGuestXml(u"web01"_s, pathOf(u"other"_s, u"top.qcow2"_s)));
        define(m_bed->diskGuestXml(u"web02"_s, pathOf(u"default"_s, direct)));
        QString booted = m_bed->kernelGuestXml(u"web03"_s);
        booted.replace(TestBed::guestKernel(), pathOf(u"default"_s, kernel));
        define(booted);

        const auto bases = operation::readBases(*m_connection, u"default"_s);
        QVERIFY2(bases, bases ? "" : qPrintable(bases.error().message));
        QCOMPARE(bases->unseen, QStringList());
        QHash<QString, operation::BaseImage> found;
        for (const operation::BaseImage &each : bases->bases) {
            found.insert(each.name, each);
            QVERIFY(each.lastUsed.isValid());
            QVERIFY(qAbs(each.lastUsed.secsTo(QDateTime::currentDateTimeUtc())) < 300);
        }
        QCOMPARE(found.size(), 6);
        QVERIFY(!found.value(unused).isUsed());
        QVERIFY(!found.value(late).isUsed());
        QCOMPARE(found.value(overlaid).overlays, QStringList{u"default/overlay.qcow2"_s});
        QCOMPARE(found.value(twice).overlays, (QStringList{u"other/middle.qcow2"_s, u"other/top.qcow2"_s}));
        QCOMPARE(found.value(twice).domains, QStringList{u"web01"_s});
        QCOMPARE(found.value(direct).domains, QStringList{u"web02"_s});
        QCOMPARE(found.value(kernel).domains, QStringList{u"web03"_s});

        // All are too young.
        QVERIFY(operation::planAgeOut(m_host, *bases, {.chosen = {}, .olderThanDays = 1}).isBlocked());
        const job::Plan all = operation::planAgeOut(m_host, *bases, {});
        QCOMPARE(all.steps.size(), 2);
        // Between plan and run somebody makes an overlay, in another pool.
        makeVolume(u"other"_s, u"new.qcow2"_s, u"qcow2"_s, pathOf(u"default"_s, late));
        const job::JobRecord record = run(all);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QVERIFY2(record.log.join(u'\n').contains(late + u"” is kept"_s), qPrintable(record.log.join(u'\n')));
        QCOMPARE(volumes(), (QStringList{u"overlay.qcow2"_s, u"plain.qcow2"_s, overlaid, twice, late, direct, kernel}));
        // Whatever a plan says: only bases.
        QCOMPARE(run({step(u"base.delete"_s, {{u"pool"_s, u"default"_s}, {u"volume"_s, u"plain.qcow2"_s}})}).state,
            JobState::Failed);
        // A run again finds nothing to do.
        QCOMPARE(run(all).state, JobState::Done);
    }

    void unseenDisksAreNamed()
    {
        makeVolume(u"default"_s, u"vireo-base-0000000000000001.qcow2"_s, u"qcow2"_s);
        const QString outside = file(u"outside.qcow2"_s);
        program(u"qemu-img"_s, {u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, outside, u"1M"_s});
        define(m_bed->diskGuestXml(u"db01"_s, outside));
        const auto bases = operation::readBases(*m_connection, u"default"_s);
        QVERIFY(bases);
        QCOMPARE(bases->unseen, QStringList{u"db01: "_s + outside});
        QVERIFY(operation::planAgeOut(m_host, *bases, {}).isBlocked());
    }
};

QTEST_GUILESS_MAIN(TestImageSystem)
#include "tst_image_system.moc"
