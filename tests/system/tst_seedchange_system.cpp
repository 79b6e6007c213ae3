// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QRegularExpression>
#include <QTest>

#include "backend/job/jobmanager.h"
#include "backend/operation/create/createlayout.h"
#include "backend/operation/create/seedchange.h"
#include "backend/operation/deletion.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"
#include "backend/virt/virerror.h"
#include "tests/support/testbed.h"
#include "tests/unit/seedfixture.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::SeedFacts;
namespace domains = virt::domains;
namespace storage = virt::storage;

/** A seed's later life on a real QEMU: what virsh sees in the running VM, its definition and the pool. */
class TestSeedChangeSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<virt::EventLoop> m_loop;
    std::unique_ptr<test::TestBed> m_bed;
    virt::ConnectionPtr m_connection;
    virt::HostId m_host = QUuid::createUuid();
    job::StepRegistry m_registry;
    std::unique_ptr<job::JobManager> m_jobs;
    QString m_directory; ///< of the pool
    QUuid m_domain;

    QString virsh(const QStringList &arguments)
    {
        const auto outcome = m_bed->virsh(u"A"_s, arguments);
        if (!outcome.ok()) {
            qWarning("virsh %s: %s", qPrintable(arguments.join(u' ')), qPrintable(outcome.errorText));
        }
        return outcome.output;
    }
    xml::Document dump(bool inactive)
    {
        QStringList arguments{u"dumpxml"_s, u"web01"_s};
        if (inactive) {
            arguments << u"--inactive"_s;
        }
        auto document = xml::Document::parse(virsh(arguments));
        return document ? *std::move(document) : xml::Document::create(u"none"_s);
    }
    /** What the drive holds and what the metadata say: of the running VM, then of its definition. */
    QStringList media()
    {
        QStringList list;
        for (const bool inactive : {false, true}) {
            const xml::Document document = dump(inactive);
            const xml::Element disk = operation::cdromOf(document, u"sda"_s);
            list << (disk ? operation::mediumOf(disk).section(u'/', -1) : u"no drive"_s)
                 << document.root().find(u"metadata/domain/seed"_s).text();
        }
        return list;
    }
    static QStringList both(const QString &medium, const QString &seed) { return {medium, seed, medium, seed}; }
    QStringList volumes()
    {
        if (const auto fresh = storage::refreshPool(*m_connection, u"default"_s); !fresh) {
            qWarning("%s", qPrintable(fresh.error().message));
        }
        QStringList names;
        for (const auto &volume : storage::volumes(*m_connection, u"default"_s).value_or(QList<storage::Volume>())) {
            names << volume.name;
        }
        names.sort();
        return names;
    }
    Result<SeedFacts> facts() { return operation::readSeedFacts(*m_connection, m_domain); }
    job::Plan regenerate(const seed::SeedDraft &draft = seed::test::fullDraft())
    {
        const auto read = facts();
        return read ? operation::planRegenerateSeed(m_host, *read, draft, u"iid-2"_s) : job::Plan();
    }
    job::Plan eject()
    {
        const auto read = facts();
        return read ? operation::planEjectSeed(m_host, *read) : job::Plan();
    }
    static QStringList types(const job::Plan &plan)
    {
        QStringList list;
        for (const job::Step &step : plan.steps) {
            list << step.type;
        }
        return list;
    }
    static QString blocker(const job::Plan &plan)
    {
        for (const job::Finding &finding : plan.findings) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                return finding.text;
            }
        }
        return {};
    }

    job::JobRecord run(const job::Plan &plan)
    {
        const job::JobId id = m_jobs->run(plan);
        const bool finished = QTest::qWaitFor([&] { return m_jobs->job(id) && m_jobs->job(id)->isFinished(); }, 60000);
        return finished ? *m_jobs->job(id) : job::JobRecord{};
    }

    /** Runs or undoes one step by itself, as a journal does, with notes of before. */
    Result<> once(const job::Plan &plan, const job::Step &step, QJsonObject &notes, bool undo = false)
    {
        job::StepContext context(
            plan, [this](const virt::HostId &) -> Result<virt::ConnectionPtr> { return m_connection; }, {}, notes,
            [](quint64, quint64) {}, [](const QString &) {});
        const auto *kind = m_registry.find(step.type);
        return undo && !kind->undo ? Result<>() : undo ? kind->undo(step, context) : kind->run(step, context);
    }

    /** A file in the pool that is no seed of ours. */
    QString otherMedium()
    {
        const auto made = storage::createVolume(
            *m_connection, u"default"_s, operation::volumeXml(u"other.iso"_s, u"raw"_s, 65536, {}, {}));
        return made ? m_directory + u"/other.iso"_s : QString();
    }

    bool define(const QString &name, const QString &medium, const QString &seed)
    {
        QString xml = m_bed->kernelGuestXml(name);
        const QString source = medium.isEmpty() ? QString() : u"<source file='%1'/>"_s.arg(medium);
        xml.replace(u"</devices>"_s,
            u"<disk type='file' device='cdrom'><driver name='qemu' type='raw'/>%1"
            "<target dev='sda' bus='sata'/><readonly/><boot order='7'/><serial>SEED</serial></disk></devices>"_s.arg(
                source));
        xml.remove(QRegularExpression(u"<boot dev=[^>]*>"_s));
        if (!seed.isEmpty()) {
            xml.replace(u"<devices>"_s,
                u"<metadata><vireo:domain xmlns:vireo='%1'><vireo:tags><vireo:tag>prod</vireo:tag></vireo:tags>"
                "<vireo:seed>%2</vireo:seed></vireo:domain></metadata><devices>"_s.arg(
                    QString::fromLatin1(xml::MetadataNamespace), seed));
        }
        const auto uuid = domains::define(*m_connection, xml);
        if (!uuid) {
            qWarning("%s", qPrintable(uuid.error().message));
        }
        return uuid.has_value();
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

    /** web01 with its seed, shut off. */
    void init()
    {
        QVERIFY2(m_bed->wipe(), qPrintable(m_bed->errorText()));
        const auto target = storage::defaultPoolTarget(*m_connection);
        QVERIFY(target);
        m_directory = *target;
        QVERIFY(storage::definePool(*m_connection, operation::poolXml(u"default"_s, m_directory)));
        QVERIFY(storage::buildPool(*m_connection, u"default"_s));
        QVERIFY(storage::startPool(*m_connection, u"default"_s));
        QVERIFY(storage::createVolume(
            *m_connection, u"default"_s, operation::volumeXml(u"web01-seed.iso"_s, u"raw"_s, 65536, {}, {})));
        QVERIFY(define(u"web01"_s, m_directory + u"/web01-seed.iso"_s, u"web01-seed.iso"_s));
        const auto uuid = domains::find(*m_connection, u"web01"_s);
        QVERIFY(uuid);
        m_domain = *uuid;
        QCOMPARE(media(), both(u"web01-seed.iso"_s, u"web01-seed.iso"_s));
    }

    void cleanupTestCase()
    {
        m_jobs.reset();
        m_connection.reset();
        m_bed.reset();
        m_loop.reset();
    }

    void regenerates_data()
    {
        QTest::addColumn<bool>("running");
        QTest::newRow("running") << true;
        QTest::newRow("shut off") << false;
    }

    void regenerates()
    {
        QFETCH(const bool, running);
        if (running) {
            QVERIFY(domains::start(*m_connection, m_domain));
        }
        const job::Plan plan = regenerate();
        QVERIFY2(!plan.isBlocked(), qPrintable(blocker(plan)));
        QCOMPARE(types(plan),
            (QStringList{u"seed.upload"_s, u"domain.changeMedia"_s, u"domain.setSeed"_s, u"volume.delete"_s}));
        QVERIFY(plan.xmlBefore.contains(u"/web01-seed.iso"_s) && !plan.xmlBefore.contains(u"seed-2"_s));
        QVERIFY(!plan.xmlAfter.contains(u"/web01-seed.iso"_s) && plan.xmlAfter.contains(u"/web01-seed-2.iso"_s));
        const job::JobRecord record = run(plan);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(media(), both(u"web01-seed-2.iso"_s, u"web01-seed-2.iso"_s));
        QCOMPARE(volumes(), QStringList{u"web01-seed-2.iso"_s});
        QCOMPARE(virsh({u"domstate"_s, u"web01"_s}).trimmed(), running ? u"running"_s : u"shut off"_s);
        // The rest of the drive and of the metadata is as it was.
        for (const bool inactive : {false, true}) {
            const xml::Document document = dump(inactive);
            const xml::Element disk = operation::cdromOf(document, u"sda"_s);
            QCOMPARE(disk.child(u"serial"_s).text(), u"SEED"_s);
            QCOMPARE(disk.child(u"boot"_s).attribute(u"order"_s), u"7"_s);
            QCOMPARE(document.root().find(u"metadata/domain/tags/tag"_s).text(), u"prod"_s);
        }
        const auto details = domains::read(*m_connection, m_domain);
        QVERIFY(details);
        QCOMPARE(details->tags, QStringList{u"prod"_s});
        // And once more.
        QCOMPARE(run(regenerate()).state, JobState::Done);
        QCOMPARE(media(), both(u"web01-seed-3.iso"_s, u"web01-seed-3.iso"_s));
        QCOMPARE(volumes(), QStringList{u"web01-seed-3.iso"_s});
    }

    void ejects_data() { regenerates_data(); }

    void ejects()
    {
        QFETCH(const bool, running);
        if (running) {
            QVERIFY(domains::start(*m_connection, m_domain));
        }
        const job::Plan plan = eject();
        QVERIFY2(!plan.isBlocked(), qPrintable(blocker(plan)));
        const job::JobRecord record = run(plan);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(media(), both({}, {}));
        QCOMPARE(volumes(), QStringList());
        // There is nothing more to eject, and what has no seed is not touched.
        QVERIFY2(blocker(eject()).contains(u"has no seed"_s), qPrintable(blocker(eject())));
        QVERIFY(regenerate().isBlocked());
        if (!running) {
            QVERIFY(domains::start(*m_connection, m_domain)); // with an empty drive
        }
    }

    void startedAfterThePlan()
    {
        const job::Plan plan = regenerate();
        QVERIFY(domains::start(*m_connection, m_domain));
        const job::JobRecord record = run(plan);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(media(), both(u"web01-seed-2.iso"_s, u"web01-seed-2.iso"_s));
    }

    void shutOffAfterThePlan()
    {
        QVERIFY(domains::start(*m_connection, m_domain));
        const job::Plan plan = eject();
        QVERIFY(domains::destroy(*m_connection, m_domain));
        const job::JobRecord record = run(plan);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(media(), both({}, {}));
    }

    /** Somebody put something else into the drive: it stays there, and our new seed goes away again. */
    void anotherMediumAfterThePlan()
    {
        QVERIFY(domains::start(*m_connection, m_domain));
        const job::Plan plan = regenerate();
        virsh({u"change-media"_s, u"web01"_s, u"sda"_s, otherMedium(), u"--live"_s});
        const job::JobRecord record = run(plan);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"/other.iso”"_s), qPrintable(record.error.message));
        QCOMPARE(record.remains, QStringList());
        QCOMPARE(media(), (QStringList{u"other.iso"_s, u"web01-seed.iso"_s, u"web01-seed.iso"_s, u"web01-seed.iso"_s}));
        QCOMPARE(volumes(), (QStringList{u"other.iso"_s, u"web01-seed.iso"_s}));
        QVERIFY2(blocker(eject()).contains(u"something else"_s), qPrintable(blocker(eject())));
        virsh({u"change-media"_s, u"web01"_s, u"sda"_s, m_directory + u"/other.iso"_s, u"--config"_s});
        QVERIFY2(blocker(eject()).contains(u"in no drive"_s), qPrintable(blocker(eject())));
    }

    void driveGone()
    {
        const job::Plan plan = eject();
        QVERIFY(!plan.isBlocked());
        virsh({u"detach-disk"_s, u"web01"_s, u"sda"_s, u"--config"_s});
        const job::JobRecord record = run(plan);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"has no CD-ROM drive sda"_s), qPrintable(record.error.message));
        QCOMPARE(volumes(), QStringList{u"web01-seed.iso"_s});
        QVERIFY2(blocker(regenerate()).contains(u"in no drive"_s), qPrintable(blocker(regenerate())));
    }

    void volumeGone()
    {
        QVERIFY(storage::deleteVolume(*m_connection, u"default"_s, u"web01-seed.iso"_s));
        const job::Plan plan = regenerate();
        QVERIFY2(!plan.isBlocked(), qPrintable(blocker(plan)));
        QVERIFY(!types(plan).contains(u"volume.delete"_s));
        QVERIFY(plan.findings.first().text.contains(u"gone already"_s));
        const job::JobRecord record = run(plan);
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(media(), both(u"web01-seed-2.iso"_s, u"web01-seed-2.iso"_s));
        QVERIFY(domains::start(*m_connection, m_domain));
    }

    void volumeOfOthersIsKept()
    {
        QVERIFY(define(u"web02"_s, m_directory + u"/web01-seed.iso"_s, {}));
        const job::Plan plan = eject();
        QVERIFY(!types(plan).contains(u"volume.delete"_s));
        QVERIFY2(plan.findings.first().cause.contains(u"web02"_s), qPrintable(plan.findings.first().cause));
        QCOMPARE(run(plan).state, JobState::Done);
        QCOMPARE(media(), both({}, {}));
        QCOMPARE(volumes(), QStringList{u"web01-seed.iso"_s});
    }

    void vmGone()
    {
        const job::Plan plan = regenerate();
        QVERIFY(domains::undefine(*m_connection, m_domain));
        const job::JobRecord record = run(plan);
        QCOMPARE(record.state, JobState::Failed);
        QVERIFY2(record.error.message.contains(u"does not exist any more"_s), qPrintable(record.error.message));
        QCOMPARE(record.remains, QStringList());
        QCOMPARE(volumes(), QStringList{u"web01-seed.iso"_s});
        QVERIFY(!facts());
        QCOMPARE(facts().error().kind, Error::Kind::NotFound);
    }

    /** A last step that can't be done: the drive, the metadata and the pool are as before. */
    void undo()
    {
        QVERIFY(domains::start(*m_connection, m_domain));
        job::Plan plan = regenerate();
        plan.steps.last() = plan.steps.first();
        plan.steps.last().parameters.insert(u"pool"_s, u"none"_s);
        const job::JobRecord record = run(plan);
        QCOMPARE(record.state, JobState::Failed);
        QCOMPARE(record.remains, QStringList());
        QCOMPARE(media(), both(u"web01-seed.iso"_s, u"web01-seed.iso"_s));
        QCOMPARE(volumes(), QStringList{u"web01-seed.iso"_s});
    }

    /** Each step twice, then each undone twice: as a journal that doesn't know how far it came. */
    void repeats()
    {
        QVERIFY(domains::start(*m_connection, m_domain));
        job::Plan plan = regenerate();
        plan.steps.removeLast(); // deleting can't be undone
        QJsonObject notes;
        for (const job::Step &step : std::as_const(plan.steps)) {
            for (int i = 0; i < 2; ++i) {
                const Result<> done = once(plan, step, notes);
                QVERIFY2(done, done ? "" : qPrintable(done.error().message));
            }
        }
        QCOMPARE(media(), both(u"web01-seed-2.iso"_s, u"web01-seed-2.iso"_s));
        for (auto step = plan.steps.crbegin(); step != plan.steps.crend(); ++step) {
            for (int i = 0; i < 2; ++i) {
                const Result<> done = once(plan, *step, notes, true);
                QVERIFY2(done, done ? "" : qPrintable(done.error().message));
            }
        }
        QCOMPARE(media(), both(u"web01-seed.iso"_s, u"web01-seed.iso"_s));
        QCOMPARE(volumes(), QStringList{u"web01-seed.iso"_s});
    }

    /** Killed between the running VM's change and the definition's: both ways end whole. */
    void halfChanged()
    {
        QVERIFY(domains::start(*m_connection, m_domain));
        const job::Plan plan = regenerate();
        for (const bool undo : {true, false}) {
            QJsonObject notes;
            QVERIFY(once(plan, plan.steps.at(0), notes));
            notes.insert(u"media:sda"_s, true);
            virsh({u"change-media"_s, u"web01"_s, u"sda"_s, m_directory + u"/web01-seed-2.iso"_s, u"--live"_s});
            QCOMPARE(media().first(), u"web01-seed-2.iso"_s);
            QVERIFY(once(plan, plan.steps.at(1), notes, undo));
            const QString expected = undo ? u"web01-seed.iso"_s : u"web01-seed-2.iso"_s;
            QCOMPARE(media(), both(expected, u"web01-seed.iso"_s));
            if (undo) {
                QVERIFY(once(plan, plan.steps.at(0), notes, true));
            }
        }
    }

    void savedVmIsRefused()
    {
        QVERIFY(domains::start(*m_connection, m_domain));
        QVERIFY(domains::managedSave(*m_connection, m_domain));
        QVERIFY2(blocker(eject()).contains(u"is saved"_s), qPrintable(blocker(eject())));
    }

    /** A VM's own seed may go with it; the same medium in another VM's drive is no seed of that one. */
    void isDeletedWithItsVm()
    {
        auto read = operation::readDeleteFacts(*m_connection, m_domain);
        QVERIFY(read);
        QCOMPARE(read->disks.size(), 1);
        QCOMPARE(read->disks.first().refusal, QString());
        QVERIFY(define(u"web02"_s, m_directory + u"/web01-seed.iso"_s, {}));
        read = operation::readDeleteFacts(*m_connection, m_domain);
        QVERIFY(read);
        QVERIFY2(read->disks.first().refusal.contains(u"web02"_s), qPrintable(read->disks.first().refusal));
        const auto other = domains::find(*m_connection, u"web02"_s);
        QVERIFY(other);
        read = operation::readDeleteFacts(*m_connection, *other);
        QVERIFY(read);
        QVERIFY2(read->disks.first().refusal.contains(u"medium"_s), qPrintable(read->disks.first().refusal));
        QVERIFY(domains::undefine(*m_connection, *other));
        read = operation::readDeleteFacts(*m_connection, m_domain);
        QVERIFY(read);
        const job::JobRecord record = run(operation::planDelete(m_host, *read, {u"sda"_s}));
        QVERIFY2(record.state == JobState::Done, qPrintable(record.error.message));
        QCOMPARE(volumes(), QStringList());
    }

    void badDrafts()
    {
        seed::SeedDraft draft;
        draft.hostname = u"a b"_s;
        const job::Plan plan = regenerate(draft);
        QVERIFY(plan.isBlocked());
        QCOMPARE(plan.steps.size(), 0);
        // A card without an address of its own takes that of the VM's; there is no second one.
        draft = {};
        draft.network = {{{}, {}, true, {}, {}, {}, {}, {}, {}}, {{}, {}, true, {}, {}, {}, {}, {}, {}}};
        QVERIFY(regenerate(draft).isBlocked());
    }
};

QTEST_GUILESS_MAIN(TestSeedChangeSystem)
#include "tst_seedchange_system.moc"
