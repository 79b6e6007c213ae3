// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>

#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

#include "backend/image/inspector.h"
#include "backend/job/jobmanager.h"
#include "backend/operation/create/create.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/storage.h"
#include "backend/virt/virerror.h"
#include "backend/xml/document.h"
#include "tests/support/testbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::CreateDraft;
using test::TestBed;
namespace storage = virt::storage;

namespace {

constexpr quint64 mib = 1024 * 1024;

bool writeData(QFile &file, quint64 offset, quint64 length, char seed)
{
    if (!file.seek(static_cast<qint64>(offset))) {
        return false;
    }
    QByteArray block(static_cast<qsizetype>(mib), seed);
    for (quint64 done = 0; done < length; done += mib) {
        block[0] = static_cast<char>(done / mib); // no two blocks alike
        if (file.write(block) != block.size()) {
            return false;
        }
    }
    return true;
}

} // namespace

/** Creation on a real libvirtd with QEMU, read back with virsh: what is there, not what we think is there. */
class TestCreateSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<TestBed> m_bed;
    virt::ConnectionPtr m_connection;
    virt::HostId m_host = QUuid::createUuid();
    std::unique_ptr<job::JobManager> m_jobs;
    int m_number = 0;

    CreateDraft draft(const QString &name, const QString &path) const
    {
        CreateDraft draft;
        draft.host = m_bed->uri(u"A"_s);
        draft.name = name;
        draft.path = path;
        draft.memoryMiB = 32;
        return draft;
    }

    job::Plan plan(const CreateDraft &draft)
    {
        const auto facts = operation::readCreateFacts(*m_connection, m_host, draft);
        if (!facts) {
            qWarning("%s", qPrintable(facts.error().message));
        }
        return facts ? operation::planCreate(draft, *facts) : job::Plan();
    }

    bool wait(const job::JobId &id)
    {
        return QTest::qWaitFor([&] { return m_jobs->job(id) && m_jobs->job(id)->isFinished(); }, 90000);
    }

    job::JobRecord run(const job::Plan &plan)
    {
        const job::JobId id = m_jobs->run(plan);
        return wait(id) ? *m_jobs->job(id) : job::JobRecord{};
    }

    /** Waits until the job has sent something of its image. */
    bool waitForUpload(const job::JobId &id)
    {
        return QTest::qWaitFor(
            [&] {
                const job::JobRecord *record = m_jobs->job(id);
                const int step = record ? record->currentStep : -1;
                return step >= 0 && record->plan.steps.at(step).type == "volume.upload"_L1
                    && record->steps.at(step).done > 0;
            },
            30000);
    }

    QString virsh(const QStringList &arguments) { return m_bed->virsh(u"A"_s, arguments).output; }
    QStringList words(const QStringList &arguments)
    {
        QStringList result = virsh(arguments).simplified().split(u' ', Qt::SkipEmptyParts);
        result.sort();
        return result;
    }
    QStringList domains() { return words({u"list"_s, u"--all"_s, u"--name"_s}); }
    QStringList pools() { return words({u"pool-list"_s, u"--all"_s, u"--name"_s}); }
    /** The files themselves, whatever libvirt remembers of them. */
    QStringList files()
    {
        QStringList result =
            m_bed->exec(u"A"_s, {u"find"_s, directory(), u"-type"_s, u"f"_s}).output.split(u'\n', Qt::SkipEmptyParts);
        result.sort();
        return result;
    }
    QString directory()
    {
        const auto target = storage::defaultPoolTarget(*m_connection);
        return target ? *target : QString();
    }
    xml::Document volumeXml(const QString &name)
    {
        auto document = xml::Document::parse(virsh({u"vol-dumpxml"_s, name, u"--pool"_s, u"default"_s}));
        return document ? std::move(*document) : xml::Document::create(u"none"_s);
    }

    /** A raw image that no other test uses: `data` MiB of data in a file of `size` MiB. */
    QString rawImage(quint64 size, quint64 data)
    {
        QString path = m_bed->directory() + u"/image-%1.raw"_s.arg(++m_number);
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || !file.resize(static_cast<qint64>(size * mib))
            || !writeData(file, (size - data) / 2 * mib, data * mib, static_cast<char>(m_number))) {
            return {};
        }
        return path;
    }

    QString guestCopy()
    {
        const QString path = m_bed->directory() + u"/guest-%1.qcow2"_s.arg(++m_number);
        return QFile::copy(TestBed::guestDisk(), path) ? path : QString();
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
        job::StepRegistry registry;
        operation::registerSteps(registry);
        m_jobs = std::make_unique<job::JobManager>(
            registry, [c = m_connection](const virt::HostId &) -> Result<virt::ConnectionPtr> { return c; });
        QVERIFY(!TestBed::guestDisk().isEmpty());
    }

    void cleanup() { QVERIFY2(m_bed->wipe(), qPrintable(m_bed->errorText())); }

    void cleanupTestCase()
    {
        m_jobs.reset();
        m_connection.reset();
        m_bed.reset();
        m_loop.reset();
    }

    /** The whole way on an empty host: pool, base, overlay, domain, running; then a second one that shares the base. */
    void createsFromAnImage()
    {
        const QString image = guestCopy();
        CreateDraft wanted = draft(u"web01"_s, image);
        wanted.rootGiB = 1;
        wanted.nics = {{CreateDraft::NicKind::User, {}, {}, {}}};
        wanted.title = u"A <title> & more"_s;
        wanted.tags = {u"prod"_s};
        const job::Plan first = plan(wanted);
        QVERIFY(!first.isBlocked());
        QCOMPARE(first.steps.first().type, u"pool.ensure"_s);
        QVERIFY(first.bytes() > 0);
        const job::JobRecord record = run(first);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(record.fraction, 1.0);

        QCOMPARE(virsh({u"domstate"_s, u"web01"_s}).trimmed(), u"running"_s);
        QCOMPARE(pools(), QStringList{u"default"_s});
        QVERIFY(virsh({u"pool-info"_s, u"default"_s}).contains(QRegularExpression(u"Autostart: +yes"_s)));
        const xml::Document overlay = volumeXml(u"web01.qcow2"_s);
        const QString base = overlay.root().find(u"backingStore/path"_s).text();
        QVERIFY(base.startsWith(directory() + u"/vireo-base-"_s));
        QCOMPARE(overlay.root().find(u"backingStore/format"_s).attribute(u"type"_s), u"qcow2"_s);
        QCOMPARE(overlay.root().find(u"target/format"_s).attribute(u"type"_s), u"qcow2"_s);
        QCOMPARE(overlay.root().find(u"target/permissions/mode"_s).text(), u"0600"_s);
        QCOMPARE(overlay.root().child(u"capacity"_s).text(), QString::number(1024 * mib));

        const QString copy = m_bed->directory() + u"/downloaded"_s;
        const auto download =
            m_bed->virsh(u"A"_s, {u"vol-download"_s, QFileInfo(base).fileName(), copy, u"--pool"_s, u"default"_s});
        QVERIFY2(download.ok(), qPrintable(download.errorText));
        QFile original(image);
        QFile downloaded(copy);
        QVERIFY(original.open(QIODevice::ReadOnly) && downloaded.open(QIODevice::ReadOnly));
        QVERIFY(original.readAll() == downloaded.readAll());

        const auto uuid = virt::domains::find(*m_connection, u"web01"_s);
        QVERIFY(uuid);
        const auto details = virt::domains::read(*m_connection, *uuid);
        QVERIFY(details);
        QCOMPARE(details->title, wanted.title);
        QCOMPARE(details->tags, wanted.tags);

        // The name is taken now, and the base is there: nothing is sent for the second one.
        const job::Plan again = plan(wanted);
        QVERIFY(again.isBlocked());
        const QString stamp = volumeXml(QFileInfo(base).fileName()).root().find(u"target/timestamps/mtime"_s).text();
        wanted.name = u"web02"_s;
        const job::Plan second = plan(wanted);
        QVERIFY(!second.isBlocked());
        QCOMPARE(second.bytes(), quint64(0));
        const job::JobRecord secondRecord = run(second);
        QVERIFY2(secondRecord.state == JobState::Done, qPrintable(secondRecord.error.message));
        QCOMPARE(volumeXml(u"web02.qcow2"_s).root().find(u"backingStore/path"_s).text(), base);
        QCOMPARE(volumeXml(QFileInfo(base).fileName()).root().find(u"target/timestamps/mtime"_s).text(), stamp);
        QCOMPARE(files().size(), 3);
        const auto facts = operation::readCreateFacts(*m_connection, m_host, wanted);
        QVERIFY(facts);
        QCOMPARE(facts->promisedMemoryKiB, quint64(64 * 1024));
    }

    void sparseStaysSparse()
    {
        const QString image = rawImage(400, 8);
        QVERIFY(!image.isEmpty());
        CreateDraft wanted = draft(u"sparse"_s, image);
        const job::Plan planned = plan(wanted);
        QVERIFY(planned.bytes() < 10 * mib);
        const job::JobRecord record = run(planned);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        const xml::Document overlay = volumeXml(u"sparse.qcow2"_s);
        QCOMPARE(overlay.root().find(u"backingStore/format"_s).attribute(u"type"_s), u"raw"_s);
        const auto base = storage::volumeByPath(*m_connection, overlay.root().find(u"backingStore/path"_s).text());
        QVERIFY(base);
        QCOMPARE(base->physical, 400 * mib);
        QVERIFY2(base->allocation <= 9 * mib, qPrintable(QString::number(base->allocation)));
        QVERIFY(base->allocation >= 8 * mib);
    }

    void fullCopyIsResized()
    {
        CreateDraft wanted = draft(u"full"_s, guestCopy());
        wanted.fullCopy = true;
        wanted.rootGiB = 2;
        const job::JobRecord record = run(plan(wanted));
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(virsh({u"domstate"_s, u"full"_s}).trimmed(), u"running"_s);
        const xml::Document volume = volumeXml(u"full.qcow2"_s);
        QCOMPARE(volume.root().child(u"capacity"_s).text(), QString::number(2048 * mib));
        QVERIFY(!volume.root().child(u"backingStore"_s));
        QCOMPARE(files().size(), 1);
    }

    void isoBecomesACdrom()
    {
        const QString path = m_bed->directory() + u"/netinst.iso"_s;
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(static_cast<qint64>(mib)) && file.seek(32769));
        file.write("CD001");
        file.close();
        CreateDraft wanted = draft(u"install"_s, path);
        wanted.source = CreateDraft::SourceKind::Iso;
        wanted.rootGiB = 3;
        for (const QString &name : {u"install"_s, u"install2"_s}) {
            wanted.name = name;
            const job::JobRecord record = run(plan(wanted));
            QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
            QCOMPARE(virsh({u"domstate"_s, name}).trimmed(), u"running"_s);
            QVERIFY(virsh({u"domblklist"_s, name, u"--details"_s})
                    .contains(QRegularExpression(u"cdrom +sda +.*/netinst.iso"_s)));
        }
        QCOMPARE(files().size(), 3); // one ISO, two disks
        QVERIFY(!volumeXml(u"install.qcow2"_s).root().child(u"backingStore"_s));
    }

    void volumeBecomesABase()
    {
        QCOMPARE(run(plan(draft(u"first"_s, guestCopy()))).state, JobState::Done);
        const auto overlay = storage::volume(*m_connection, u"default"_s, u"first.qcow2"_s);
        QVERIFY(overlay);
        CreateDraft wanted = draft(u"second"_s, {});
        wanted.volume = CreateDraft::Volume{u"default"_s, QFileInfo(overlay->backingPath).fileName()};
        const job::JobRecord record = run(plan(wanted));
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(virsh({u"domstate"_s, u"second"_s}).trimmed(), u"running"_s);
        // The disk of a domain must not become a base: its owner writes to it.
        wanted.name = u"third"_s;
        wanted.volume->name = u"first.qcow2"_s;
        QVERIFY(plan(wanted).isBlocked());
    }

    void cancelWhileUploading()
    {
        const QString image = rawImage(300, 300);
        const job::Plan planned = plan(draft(u"gone"_s, image));
        QVERIFY(!planned.isBlocked());
        const job::JobId id = m_jobs->run(planned);
        QVERIFY(waitForUpload(id));
        m_jobs->cancel(id);
        QVERIFY(wait(id));
        const job::JobRecord record = *m_jobs->job(id);
        QCOMPARE(record.state, JobState::Cancelled);
        QCOMPARE(record.remains, QStringList());
        QVERIFY(record.fraction < 1);
        QCOMPARE(domains(), QStringList());
        QCOMPARE(pools(), QStringList()); // it made the pool as well
        QCOMPARE(files(), QStringList());
        // And it can be done again, as if nothing had been.
        QCOMPARE(run(plan(draft(u"gone"_s, image))).state, JobState::Done);
    }

    /** Two at once from one image: one uploads, the other waits; when the first is cancelled the second takes over. */
    void sharedUpload_data()
    {
        QTest::addColumn<bool>("cancelFirst");
        QTest::newRow("both") << false;
        QTest::newRow("first cancelled") << true;
    }

    void sharedUpload()
    {
        QFETCH(bool, cancelFirst);
        const QString image = rawImage(250, 250);
        const job::JobId first = m_jobs->run(plan(draft(u"one"_s, image)));
        QVERIFY(waitForUpload(first));
        const job::JobId second = m_jobs->run(plan(draft(u"two"_s, image)));
        QVERIFY(QTest::qWaitFor([&] { return m_jobs->job(second)->currentStep >= 0; }, 10000));
        if (cancelFirst) {
            m_jobs->cancel(first);
        }
        QVERIFY(wait(first));
        QVERIFY(wait(second));
        QCOMPARE(m_jobs->job(first)->state, cancelFirst ? JobState::Cancelled : JobState::Done);
        QVERIFY2(m_jobs->job(second)->state == JobState::Done, qPrintable(m_jobs->job(second)->error.message));
        QCOMPARE(domains(), cancelFirst ? QStringList{u"two"_s} : QStringList({u"one"_s, u"two"_s}));
        QCOMPARE(files().size(), cancelFirst ? 2 : 3);
        const auto overlay = storage::volume(*m_connection, u"default"_s, u"two.qcow2"_s);
        QVERIFY(overlay);
        QVERIFY(m_bed->exec(u"A"_s, {u"cmp"_s, image, overlay->backingPath}).ok());
    }

    /** What a killed Vireo leaves behind is seen as incomplete, and replaced. */
    void brokenUploadIsReplaced()
    {
        const QString image = rawImage(16, 16);
        const job::Plan planned = plan(draft(u"again"_s, image));
        QString base;
        for (const job::Step &step : planned.steps) {
            if (step.type == "volume.upload"_L1) {
                base = step.object;
            }
        }
        QVERIFY(!base.isEmpty());
        const QString part = m_bed->directory() + u"/part"_s;
        QFile file(part);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(QByteArray(static_cast<qsizetype>(5 * mib), 'y')) > 0);
        file.close();
        QVERIFY(storage::definePool(*m_connection,
            u"<pool type='dir'><name>default</name><target><path>%1</path></target></pool>"_s.arg(directory())));
        QVERIFY(storage::buildPool(*m_connection, u"default"_s));
        QVERIFY(storage::startPool(*m_connection, u"default"_s));
        QVERIFY(storage::createVolume(
            *m_connection, u"default"_s, u"<volume><name>%1</name><capacity>0</capacity></volume>"_s.arg(base)));
        QVERIFY(storage::uploadVolume(*m_connection, u"default"_s, base, part, {}, {}));

        const job::Plan second = plan(draft(u"again"_s, image));
        QCOMPARE(second.bytes(), planned.bytes());
        const job::JobRecord record = run(second);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QVERIFY(m_bed->exec(u"A"_s, {u"cmp"_s, image, directory() + u'/' + base}).ok());
    }

    void failureLeavesNothing_data()
    {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("failing");
        QTest::newRow("define") << u">hvm<"_s << u">no such kind<"_s << u"domain.define"_s;
        QTest::newRow("start") << u"/dev/urandom"_s << u"/dev/no-such-file"_s << u"domain.start"_s;
    }

    void failureLeavesNothing()
    {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, failing);
        job::Plan planned = plan(draft(u"broken"_s, guestCopy()));
        QVERIFY(!planned.isBlocked());
        for (job::Step &step : planned.steps) {
            if (step.type == "domain.define"_L1) {
                step.parameters.insert(u"xml"_s, step.parameters.value("xml"_L1).toString().replace(from, to));
            }
        }
        const job::JobRecord record = run(planned);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY(!record.error.message.isEmpty());
        QCOMPARE(record.remains, QStringList());
        for (qsizetype i = 0; i < record.steps.size(); ++i) {
            if (record.steps.at(i).state == job::StepState::Failed) {
                QCOMPARE(planned.steps.at(i).type, failing);
            }
        }
        QCOMPARE(domains(), QStringList());
        QCOMPARE(pools(), QStringList());
        QCOMPARE(files(), QStringList());
    }

    /** The file is judged for the plan; what is sent must be that file. */
    void changedFileIsRefused_data()
    {
        QTest::addColumn<bool>("longer");
        QTest::newRow("other content") << false;
        QTest::newRow("other length") << true;
    }

    void changedFileIsRefused()
    {
        QFETCH(bool, longer);
        const QString image = rawImage(2, 2);
        const job::Plan planned = plan(draft(u"changed"_s, image));
        QFile file(image);
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(longer ? file.size() : 0) && file.write("QFI\xfb") == 4);
        file.close();
        const job::JobRecord record = run(planned);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"has changed"_s), qPrintable(record.error.message));
        QCOMPARE(files(), QStringList());
    }

    void unsafeImagesAreRefused()
    {
        const QString path = m_bed->directory() + u"/evil.qcow2"_s;
        QFile::remove(path);
        QVERIFY(QFile::copy(TestBed::guestDisk(), path));
        QFile file(path);
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(8)
            && file.write(QByteArray("\0\0\0\0\0\0\2\0\0\0\0\x0b", 12)) == 12);
        QVERIFY(file.seek(512) && file.write("/etc/shadow") == 11);
        file.close();
        const job::Plan planned = plan(draft(u"evil"_s, path));
        QVERIFY(planned.isBlocked());
        QVERIFY(planned.steps.isEmpty());
        QCOMPARE(run(planned).state, JobState::Failed);
        QCOMPARE(pools(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestCreateSystem)
#include "tst_create_system.moc"
