// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/steps.h"
#include "backend/seed/seedimage.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "tests/support/testbed.h"
#include "tests/unit/seedfixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
namespace storage = virt::storage;

/** seed.upload on a real libvirtd: what is in the volume is read by other programs. */
class TestSeedSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<test::TestBed> m_bed;
    virt::ConnectionPtr m_connection;
    virt::HostId m_host = QUuid::createUuid();
    job::StepRegistry m_registry;
    std::unique_ptr<job::JobManager> m_jobs;

    static job::Step step(const QString &volume = u"web01-seed.iso"_s)
    {
        return {u"seed.upload"_s, u"Make the seed"_s, volume, u"Delete it"_s, 0,
            {{u"pool"_s, u"default"_s}, {u"volume"_s, volume},
                {u"xml"_s, operation::volumeXml(volume, u"raw"_s, 0, {}, {})},
                {u"seed"_s, seed::test::fullDraft().toJson()}, {u"instanceId"_s, u"iid-1"_s}}};
    }

    job::Plan plan(const QList<job::Step> &steps) const
    {
        job::Plan plan;
        plan.operation = u"create"_s;
        plan.host = m_host;
        plan.domainName = u"web01"_s;
        plan.steps = steps;
        return plan;
    }

    job::JobRecord run(const job::Plan &plan)
    {
        const job::JobId id = m_jobs->run(plan);
        const bool finished = QTest::qWaitFor([&] { return m_jobs->job(id) && m_jobs->job(id)->isFinished(); }, 60000);
        return finished ? *m_jobs->job(id) : job::JobRecord{};
    }

    /** Runs or undoes one step by itself, as a journal does, with notes of before. */
    Result<> once(const job::Step &what, QJsonObject &notes, bool undo = false)
    {
        const job::Plan whole = plan({what});
        job::StepContext context(
            whole, [this](const virt::HostId &) -> Result<virt::ConnectionPtr> { return m_connection; }, {}, notes,
            [](quint64, quint64) {}, [](const QString &) {});
        const auto *kind = m_registry.find(what.type);
        return undo ? kind->undo(what, context) : kind->run(what, context);
    }

    QStringList volumes()
    {
        QStringList names;
        if (const auto fresh = storage::refreshPool(*m_connection, u"default"_s); !fresh) {
            qWarning("%s", qPrintable(fresh.error().message));
        }
        for (const storage::Volume &volume :
            storage::volumes(*m_connection, u"default"_s).value_or(QList<storage::Volume>())) {
            names << volume.name;
        }
        return names;
    }

    QByteArray download(const QString &volume)
    {
        const QString path = m_bed->directory() + u"/downloaded"_s;
        QFile::remove(path);
        const auto done = m_bed->virsh(u"A"_s, {u"vol-download"_s, volume, path, u"--pool"_s, u"default"_s});
        QFile file(path);
        if (!done.ok() || !file.open(QIODevice::ReadOnly)) {
            qWarning("%s", qPrintable(done.errorText));
        }
        return file.readAll();
    }

    static QByteArray expected()
    {
        return seed::makeIso(seed::seedFiles(seed::test::fullDraft(), u"iid-1"_s).value_or(seed::SeedFiles()))
            .value_or(QByteArray());
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        m_bed = std::make_unique<test::TestBed>();
        QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
        const auto connection = virt::Connection::open(m_bed->uri(u"A"_s), false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
        operation::registerSteps(m_registry);
        m_jobs = std::make_unique<job::JobManager>(
            m_registry, [c = m_connection](const virt::HostId &) -> Result<virt::ConnectionPtr> { return c; });
    }

    void init()
    {
        QVERIFY2(m_bed->wipe(), qPrintable(m_bed->errorText()));
        const auto target = storage::defaultPoolTarget(*m_connection);
        QVERIFY(target);
        QVERIFY(storage::definePool(*m_connection, operation::poolXml(u"default"_s, *target)));
        QVERIFY(storage::buildPool(*m_connection, u"default"_s));
        QVERIFY(storage::startPool(*m_connection, u"default"_s));
    }

    void cleanupTestCase()
    {
        m_jobs.reset();
        m_connection.reset();
        m_bed.reset();
        m_loop.reset();
    }

    void uploads()
    {
        const job::JobRecord record = run(plan({step()}));
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        const QByteArray image = download(u"web01-seed.iso"_s);
        QVERIFY(!image.isEmpty());
        QVERIFY(image == expected());

        const QString to = m_bed->directory() + u"/read"_s;
        QProcess xorriso;
        xorriso.start(u"xorriso"_s,
            {u"-no_rc"_s, u"-osirrox"_s, u"on"_s, u"-indev"_s, m_bed->directory() + u"/downloaded"_s, u"-extract"_s,
                u"/"_s, to});
        QVERIFY(xorriso.waitForFinished(60000));
        QVERIFY2(xorriso.exitCode() == 0, xorriso.readAllStandardError().constData());
        QFile metaData(to + u"/meta-data"_s);
        QVERIFY(metaData.open(QIODevice::ReadOnly));
        QVERIFY(metaData.readAll().contains("instance-id: \"iid-1\"\n"));
        QCOMPARE(QDir(to).entryList(QDir::Files), (QStringList{u"meta-data"_s, u"network-config"_s, u"user-data"_s}));

        const auto volume = storage::volume(*m_connection, u"default"_s, u"web01-seed.iso"_s);
        QVERIFY(volume);
        QCOMPARE(m_bed->exec(u"A"_s, {u"stat"_s, u"-c"_s, u"%a %s"_s, volume->path}).output.trimmed(),
            u"600 %1"_s.arg(image.size()));
    }

    /** A guest that has it in its drive runs. */
    void isACdrom()
    {
        QCOMPARE(run(plan({step()})).state, JobState::Done);
        const auto volume = storage::volume(*m_connection, u"default"_s, u"web01-seed.iso"_s);
        QVERIFY(volume);
        QString xml = m_bed->kernelGuestXml(u"web01"_s);
        xml.replace(u"</devices>"_s,
            u"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='%1'/>"
            "<target dev='sda' bus='sata'/><readonly/></disk></devices>"_s.arg(volume->path));
        QFile file(m_bed->directory() + u"/web01.xml"_s);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(xml.toUtf8()) > 0);
        file.close();
        const auto started = m_bed->virsh(u"A"_s, {u"create"_s, file.fileName()});
        QVERIFY2(started.ok(), qPrintable(started.errorText));
        QVERIFY(QTest::qWaitFor([&] { return !m_bed->read(u"web01.txt"_s).isEmpty(); }, 60000));
    }

    void runTwice()
    {
        QJsonObject notes;
        const Result<> first = once(step(), notes);
        QVERIFY2(first, first ? "" : qPrintable(first.error().message));
        QVERIFY(once(step(), notes));
        QVERIFY(download(u"web01-seed.iso"_s) == expected());
        QVERIFY(once(step(), notes, true));
        QCOMPARE(volumes(), QStringList());
        QVERIFY(once(step(), notes, true)); // undone twice as well
        QVERIFY(once(step(), notes));
        QCOMPARE(volumes(), QStringList{u"web01-seed.iso"_s});
    }

    /** Killed after the volume was made, or while it was filled: the note tells whose it is. */
    void goesOnAfterAKill()
    {
        QJsonObject notes{{u"volume:default/web01-seed.iso"_s, QJsonObject{{u"created"_s, true}}}};
        QVERIFY(storage::createVolume(*m_connection, u"default"_s, step().parameters.value("xml"_L1).toString()));
        QVERIFY(once(step(), notes));
        QVERIFY(download(u"web01-seed.iso"_s) == expected());
        // Noted, but never made: both ways go.
        QVERIFY(storage::deleteVolume(*m_connection, u"default"_s, u"web01-seed.iso"_s));
        QVERIFY(once(step(), notes, true));
        notes = {{u"volume:default/web01-seed.iso"_s, QJsonObject{{u"created"_s, true}}}};
        QVERIFY(once(step(), notes));
        QCOMPARE(volumes(), QStringList{u"web01-seed.iso"_s});
    }

    void foreignVolumeIsLeftAlone()
    {
        QVERIFY(storage::createVolume(
            *m_connection, u"default"_s, operation::volumeXml(u"web01-seed.iso"_s, u"raw"_s, 4096, {}, {})));
        const job::JobRecord record = run(plan({step()}));
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"already has a volume"_s), qPrintable(record.error.message));
        QCOMPARE(download(u"web01-seed.iso"_s), QByteArray(4096, '\0'));
    }

    /** A later step fails: nothing is left. */
    void undoLeavesNothing()
    {
        job::Step bad = step(u"other-seed.iso"_s);
        bad.parameters.insert(u"pool"_s, u"none"_s);
        const job::JobRecord record = run(plan({step(), bad}));
        QCOMPARE(record.state, JobState::Failed);
        QCOMPARE(record.remains, QStringList());
        QCOMPARE(volumes(), QStringList());
    }

    void nonsenseMakesNothing()
    {
        job::Step bad = step();
        bad.parameters.insert(u"instanceId"_s, u"a b"_s);
        QCOMPARE(run(plan({bad})).state, JobState::Failed);
        bad = step();
        bad.parameters.insert(u"seed"_s, QJsonObject{{u"hostname"_s, u"a b"_s}});
        const job::JobRecord record = run(plan({bad}));
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.startsWith("seed.hostname: "_L1), qPrintable(record.error.message));
        QCOMPARE(volumes(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestSeedSystem)
#include "tst_seed_system.moc"
