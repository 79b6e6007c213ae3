// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/create/create.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
namespace storage = virt::storage;

/** Storage calls, facts and the whole creation against libvirt's test driver: no daemon, no data. */
class TestCreateTestDriver final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    virt::ConnectionPtr m_connection;
    virt::HostId m_host = QUuid::createUuid();
    std::unique_ptr<job::JobManager> m_jobs;
    QTemporaryDir m_directory;

    job::JobRecord run(const job::Plan &plan)
    {
        QSignalSpy finished(m_jobs.get(), &job::JobManager::finished);
        const job::JobId id = m_jobs->run(plan);
        while (finished.isEmpty() || finished.constLast().at(0).toUuid() != id) {
            if (!finished.wait(20000)) {
                break;
            }
        }
        const job::JobRecord *record = m_jobs->job(id);
        return record ? *record : job::JobRecord{};
    }

    operation::CreateDraft draft(const QString &name) const
    {
        operation::CreateDraft draft;
        draft.host = u"test:///default"_s;
        draft.name = name;
        draft.path = m_directory.filePath(u"image.raw"_s);
        draft.memoryMiB = 64;
        draft.pool = u"default-pool"_s;
        draft.nics = {{operation::CreateDraft::NicKind::Network, u"default"_s, {}, {}}};
        return draft;
    }

    job::Plan plan(const operation::CreateDraft &draft)
    {
        const auto facts = operation::readCreateFacts(*m_connection, m_host, draft);
        return facts ? operation::planCreate(draft, *facts) : job::Plan();
    }

    QStringList volumeNames(const QString &pool)
    {
        QStringList names;
        const auto volumes = storage::volumes(*m_connection, pool);
        for (const storage::Volume &volume : volumes.value_or(QList<storage::Volume>())) {
            names << volume.name;
        }
        return names;
    }

private Q_SLOTS:
    void initTestCase()
    {
        virt::quietLibvirt();
        m_loop = std::make_unique<virt::EventLoop>();
        const auto connection = virt::Connection::open(u"test:///default"_s, false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        m_connection = *connection;
        job::StepRegistry registry;
        operation::registerSteps(registry);
        m_jobs = std::make_unique<job::JobManager>(
            registry, [c = m_connection](const virt::HostId &) -> Result<virt::ConnectionPtr> { return c; });
        QFile image(m_directory.filePath(u"image.raw"_s));
        QVERIFY(image.open(QIODevice::WriteOnly));
        QVERIFY(image.resize(8 * 1024 * 1024));
    }

    void cleanupTestCase()
    {
        m_jobs.reset();
        m_connection.reset();
        m_loop.reset();
    }

    void poolsAreListed()
    {
        const auto pools = storage::pools(*m_connection);
        QVERIFY(pools);
        QCOMPARE(pools->size(), 1);
        QCOMPARE(pools->first().name, u"default-pool"_s);
        QCOMPARE(pools->first().type, u"dir"_s);
        QCOMPARE(pools->first().targetPath, u"/default-pool"_s);
        QVERIFY(pools->first().active);
        QVERIFY(pools->first().available > 0);
        QVERIFY(!pools->first().uuid.isNull());
        QVERIFY(storage::pool(*m_connection, u"default-pool"_s) == pools->first());
        QVERIFY(storage::poolByTarget(*m_connection, u"/default-pool/"_s) == pools->first());
    }

    void whatIsMissingIsNotFound()
    {
        const auto kind = [](const auto &result) {
            return result ? Error::Kind::Failed : result.error().kind;
        };
        QCOMPARE(kind(storage::pool(*m_connection, u"nope"_s)), Error::Kind::NotFound);
        QCOMPARE(kind(storage::poolByTarget(*m_connection, u"/nope"_s)), Error::Kind::NotFound);
        QCOMPARE(kind(storage::volumes(*m_connection, u"nope"_s)), Error::Kind::NotFound);
        QCOMPARE(kind(storage::volume(*m_connection, u"default-pool"_s, u"nope"_s)), Error::Kind::NotFound);
        QCOMPARE(kind(storage::volumeByPath(*m_connection, u"/nope"_s)), Error::Kind::NotFound);
        QCOMPARE(kind(storage::deleteVolume(*m_connection, u"default-pool"_s, u"nope"_s)), Error::Kind::NotFound);
        QCOMPARE(kind(storage::startPool(*m_connection, u"nope"_s)), Error::Kind::NotFound);
    }

    void poolLife()
    {
        QVERIFY(storage::definePool(
            *m_connection, u"<pool type='dir'><name>p</name><target><path>/p</path></target></pool>"_s));
        QVERIFY(storage::buildPool(*m_connection, u"p"_s));
        QVERIFY(!storage::pool(*m_connection, u"p"_s)->active);
        QVERIFY(storage::startPool(*m_connection, u"p"_s));
        QVERIFY(storage::startPool(*m_connection, u"p"_s)); // already running is what was wanted
        QVERIFY(storage::pool(*m_connection, u"p"_s)->active);
        QVERIFY(storage::setPoolAutostart(*m_connection, u"p"_s, true));
        QVERIFY(storage::pool(*m_connection, u"p"_s)->autostart);
        QVERIFY(storage::refreshPool(*m_connection, u"p"_s));
        const auto volume = storage::createVolume(
            *m_connection, u"p"_s, u"<volume><name>v</name><capacity unit='KiB'>4</capacity></volume>"_s);
        QVERIFY(volume);
        QCOMPARE(volume->path, u"/p/v"_s);
        QCOMPARE(volume->capacity, quint64(4096));
        QVERIFY(storage::volumeByPath(*m_connection, u"/p/v"_s) == *volume);
        const auto again =
            storage::createVolume(*m_connection, u"p"_s, u"<volume><name>v</name><capacity>4</capacity></volume>"_s);
        QVERIFY(!again);
        QVERIFY(!again.error().message.isEmpty());
        QVERIFY(storage::deleteVolume(*m_connection, u"p"_s, u"v"_s));
        QVERIFY(storage::stopPool(*m_connection, u"p"_s));
        QVERIFY(storage::stopPool(*m_connection, u"p"_s));
        QVERIFY(storage::undefinePool(*m_connection, u"p"_s));
        QCOMPARE(storage::pools(*m_connection)->size(), 1);
    }

    void uploadIsRefusedClearly()
    {
        QVERIFY(storage::createVolume(
            *m_connection, u"default-pool"_s, u"<volume><name>u</name><capacity>9</capacity></volume>"_s));
        const auto upload = storage::uploadVolume(
            *m_connection, u"default-pool"_s, u"u"_s, m_directory.filePath(u"image.raw"_s), {}, {});
        QVERIFY(!upload);
        QCOMPARE(upload.error().kind, Error::Kind::Unsupported);
        QVERIFY(upload.error().message.contains(u"“u”"_s));
        QVERIFY(storage::deleteVolume(*m_connection, u"default-pool"_s, u"u"_s));
    }

    void diskUses()
    {
        const auto domain = virt::domains::define(*m_connection,
            u"<domain type='test'><name>d</name><memory>9</memory><os><type>hvm</type></os><devices><disk type='file'>"
            "<source file='/x/y'/><target dev='vdb'/></disk></devices></domain>"_s);
        QVERIFY(domain);
        const auto uses = storage::diskUses(*m_connection);
        QVERIFY(uses);
        const auto found = std::ranges::find(*uses, u"/x/y"_s, &storage::DiskUse::path);
        QVERIFY(found != uses->end());
        QCOMPARE(found->domain, *domain);
        QCOMPARE(found->domainName, u"d"_s);
        QCOMPARE(found->target, u"vdb"_s);
        QVERIFY(virt::domains::undefine(*m_connection, *domain));
    }

    void creates()
    {
        const job::Plan first = plan(draft(u"demo1"_s));
        QVERIFY(!first.isBlocked());
        const job::JobRecord record = run(first);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        const auto uuid = virt::domains::find(*m_connection, u"demo1"_s);
        QVERIFY(uuid);
        QCOMPARE(virt::domains::state(*m_connection, *uuid)->state, virt::DomainState::Running);
        const auto overlay = storage::volume(*m_connection, u"default-pool"_s, u"demo1.qcow2"_s);
        QVERIFY(overlay);
        QVERIFY(overlay->backingPath.startsWith(u"/default-pool/vireo-base-"_s));
        QCOMPARE(overlay->capacity, quint64(8 * 1024 * 1024));
        QCOMPARE(volumeNames(u"default-pool"_s).size(), 2);

        // The second one shares the base; the first name is taken now.
        QVERIFY(plan(draft(u"demo1"_s)).isBlocked());
        QCOMPARE(run(plan(draft(u"demo2"_s))).state, JobState::Done);
        QCOMPARE(volumeNames(u"default-pool"_s).size(), 3);
    }

    void makesAMissingPool()
    {
        operation::CreateDraft wanted = draft(u"demo3"_s);
        wanted.pool = u"default"_s;
        const job::JobRecord record = run(plan(wanted));
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        const auto pool = storage::pool(*m_connection, u"default"_s);
        QVERIFY(pool);
        QVERIFY(pool->active);
        QVERIFY(pool->autostart);
        QCOMPARE(volumeNames(u"default"_s).size(), 2);
    }

    /** The last step fails: nothing of it may be left, and what others use stays. */
    void undoesEverything_data()
    {
        QTest::addColumn<QString>("pool");
        QTest::addColumn<bool>("poolStays");
        QTest::newRow("pool made by the job") << u"fresh"_s << false;
        QTest::newRow("base of others") << u"default-pool"_s << true;
    }

    void undoesEverything()
    {
        QFETCH(QString, pool);
        QFETCH(bool, poolStays);
        const QStringList before = volumeNames(pool);
        operation::CreateDraft wanted = draft(u"demo4"_s);
        wanted.pool = pool;
        auto facts = operation::readCreateFacts(*m_connection, m_host, wanted);
        QVERIFY(facts);
        if (!poolStays) {
            facts->defaultPoolTarget = u"/fresh"_s;
        }
        job::Plan broken = operation::planCreate(wanted, *facts);
        QVERIFY(!broken.isBlocked());
        broken.steps.append(
            {u"volume.resize"_s, u"Fails"_s, u"nope"_s, {}, 0, {{u"pool"_s, pool}, {u"volume"_s, u"nope"_s}}});
        const job::JobRecord record = run(broken);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.remains.isEmpty(), qPrintable(record.remains.join(u'\n')));
        QCOMPARE(volumeNames(pool), before);
        QVERIFY(!virt::domains::find(*m_connection, u"demo4"_s));
        QCOMPARE(bool(storage::pool(*m_connection, pool)), poolStays);
    }

    void neverTakesOverAVolume()
    {
        job::Plan planned = plan(draft(u"demo5"_s));
        QVERIFY(storage::createVolume(
            *m_connection, u"default-pool"_s, u"<volume><name>demo5.qcow2</name><capacity>9</capacity></volume>"_s));
        const job::JobRecord record = run(planned);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(
            record.error.message.contains(u"already has a volume “demo5.qcow2”"_s), qPrintable(record.error.message));
        QVERIFY(storage::volume(*m_connection, u"default-pool"_s, u"demo5.qcow2"_s)); // not ours to delete
        QVERIFY(storage::deleteVolume(*m_connection, u"default-pool"_s, u"demo5.qcow2"_s));
    }

    void factsFollowTheDraft()
    {
        operation::CreateDraft wanted = draft(u"demo6"_s);
        auto facts = operation::readCreateFacts(*m_connection, m_host, wanted);
        QVERIFY(facts);
        QCOMPARE(facts->hostInfo.hypervisor, u"TEST"_s);
        QVERIFY(facts->domainNames.contains(u"test"_s));
        QVERIFY(!facts->kvm);
        QVERIFY(!facts->kvmProblem.isEmpty());
        QVERIFY(!facts->caps.arch.isEmpty());
        QCOMPARE(facts->imageDigest.size(), 64);

        wanted.path = m_directory.filePath(u"nope"_s);
        facts = operation::readCreateFacts(*m_connection, m_host, wanted);
        QVERIFY(facts);
        QVERIFY(!facts->image);
        QVERIFY(facts->imageProblem.contains(u"nope"_s));

        wanted.path.clear();
        wanted.volume = operation::CreateDraft::Volume{u"default-pool"_s, u"demo1.qcow2"_s};
        facts = operation::readCreateFacts(*m_connection, m_host, wanted);
        QVERIFY(facts);
        QVERIFY(facts->sourceVolume);
        QCOMPARE(facts->sourceUsedBy, QStringList{u"demo1"_s});
        QVERIFY(operation::planCreate(wanted, *facts).isBlocked());
    }
};

QTEST_GUILESS_MAIN(TestCreateTestDriver)
#include "tst_create_testdriver.moc"
