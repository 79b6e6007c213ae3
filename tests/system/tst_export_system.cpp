// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <condition_variable>
#include <mutex>

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QStandardPaths>
#include <QTest>

#include "backend/operation/create/create.h"
#include "backend/operation/draft.h"
#include "backend/operation/snapshot/snapshotexport.h"
#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/operation/steps.h"
#include "tests/support/serialconsole.h"
#include "tests/system/snapshothost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::SnapshotExportDraft;
using test::SnapshotHost;

/** Each way of exporting, byte for byte against what the guest wrote. */
class TestExportSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<SnapshotHost> m_host;
    QTemporaryDir m_user; ///< the user's files

    QString file(const QString &name) const { return m_user.filePath(name); }
    SnapshotExportDraft toVolume(const QString &name) const
    {
        SnapshotExportDraft draft;
        draft.pool = u"default"_s;
        draft.volume = name;
        return draft;
    }
    SnapshotExportDraft toFile(const QString &name) const
    {
        SnapshotExportDraft draft;
        draft.path = file(name);
        return draft;
    }
    job::Plan plan(const SnapshotExportDraft &draft, const QString &onto = u"A"_s)
    {
        const auto facts = snapshot::readFacts(*m_host->connection(), m_host->uuid());
        const auto target = operation::readExportTarget(m_host->connection(onto).get(), m_host->id(onto), draft);
        if (!facts || !target) {
            qWarning("%s", qPrintable(facts ? target.error().message : facts.error().message));
            return {};
        }
        return operation::planSnapshotExport(m_host->id(), *facts, draft, *target);
    }
    /** Whether it ended well, with nothing temporary left anywhere. */
    bool exports(const SnapshotExportDraft &draft, const QString &onto = u"A"_s)
    {
        const job::Plan made = plan(draft, onto);
        if (!SnapshotHost::canRun(made)) {
            return false;
        }
        const job::JobRecord record = m_host->run(made);
        if (record.state != JobState::Done) {
            qWarning("%s", SnapshotHost::text(record).constData());
        }
        return record.state == JobState::Done && isClean();
    }
    bool isClean()
    {
        const QString work = QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s;
        const QStringList left = m_host->files().filter(u"vireo-export"_s)
            + m_host->files(u"B"_s).filter(u"vireo-export"_s)
            + QDir(m_user.path()).entryList(QDir::AllEntries | QDir::Hidden).filter(u"vireo-export"_s)
            + QDir(work).entryList(QDir::AllEntries | QDir::NoDotAndDotDot)
            + m_host->virsh({u"list"_s, u"--all"_s, u"--name"_s}).split(u'\n', Qt::SkipEmptyParts).filter(u"work"_s)
            + m_host->virsh({u"blockjob"_s, u"vm"_s, u"hda"_s}).split(u'\n').filter(u"Copy"_s);
        if (!left.isEmpty()) {
            qWarning("left: %s", qPrintable(left.join(u' ')));
        }
        return left.isEmpty();
    }
    QString blocker(const job::Plan &made)
    {
        for (const job::Finding &finding : made.findings) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                return finding.text;
            }
        }
        return {};
    }
    QString inPool(const QString &name, const QString &host = u"A"_s) const
    {
        return m_host->directory(host) + u'/' + name;
    }
    bool external(const QString &name)
    {
        const auto made = m_host->bed.virsh(u"A"_s, {u"snapshot-create-as"_s, u"vm"_s, name, u"--disk-only"_s});
        m_host->remember(name);
        return made.ok();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<SnapshotHost>(QStringList{u"A"_s, u"B"_s});
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }
    void cleanupTestCase() { m_host.reset(); }

    void liveToVolume()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 4, 7));
        const int before = m_host->heartbeat();
        QVERIFY(exports(toVolume(u"copy.qcow2"_s)));
        QCOMPARE(m_host->compare(u"hda"_s, inPool(u"copy.qcow2"_s)), QString());
        QCOMPARE(SnapshotHost::mode(inPool(u"copy.qcow2"_s)), u"0600"_s);
        QVERIFY(m_host->virsh({u"vol-list"_s, u"default"_s}).contains(u"copy.qcow2"_s));
        QVERIFY(m_host->heartbeat() > before);      // the same run of it
        QVERIFY(m_host->writes(u"hda"_s, 2, 1, 8)); // to where it always did
        QVERIFY(!m_host->compare(u"hda"_s, inPool(u"copy.qcow2"_s)).isEmpty());
        QCOMPARE(m_host->compare(u"hda"_s, m_host->path(u"hda"_s)), QString());
    }

    void liveToFile_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<bool>("compressed");
        QTest::newRow("qcow2") << u"qcow2"_s << false;
        QTest::newRow("compressed") << u"qcow2"_s << true;
        QTest::newRow("raw") << u"raw"_s << false;
    }
    void liveToFile()
    {
        QFETCH(const QString, format);
        QFETCH(const bool, compressed);
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 0, 3, 9));
        SnapshotExportDraft draft = toFile(u"copy."_s + QString::fromLatin1(QTest::currentDataTag()));
        draft.format = format;
        draft.compressed = compressed;
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hda"_s, draft.path, {}, format), QString());
        QCOMPARE(SnapshotHost::mode(draft.path), u"0600"_s);
        QCOMPARE(m_host->state(), u"running"_s);
    }

    /** What the guest had written before is in it, and of what it wrote meanwhile a beginning. */
    void guestGoesOnWriting()
    {
        QVERIFY(m_host->make({.disks = {{.mebibytes = 64}}, .agent = true}) && m_host->start());
        QTRY_VERIFY(m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"state='connected'"_s));
        QVERIFY(m_host->writes(u"hda"_s, 0, 8, 9));
        QVERIFY(m_host->order(u"log=hda:32:32:5"_s, u"LOGGING"_s));
        const int before = m_host->logged();
        QVERIFY(before > 0);
        QVERIFY(exports(toVolume(u"copy.qcow2"_s)));
        const int after = m_host->logged();
        QVERIFY(after > before); // thawed
        const QByteArray said = m_host->said();
        QVERIFY(said.contains("AGENT FROZEN") && said.lastIndexOf("AGENT THAWED") > said.lastIndexOf("AGENT FROZEN"));

        const QByteArray content = m_host->content(inPool(u"copy.qcow2"_s), u"qcow2"_s);
        const QByteArray first = m_host->expected(u"hda"_s);
        constexpr qsizetype logAt = 32 * 1024 * 1024;
        QVERIFY(content.first(logAt) == first.first(logAt));
        QVERIFY(m_host->order(u"log=0"_s, u"LOGGING ENDED"_s));
        const QByteArray now = m_host->content(m_host->path(u"hda"_s), u"qcow2"_s);
        constexpr qsizetype record = 4096;
        qsizetype records = 0;
        while (content.sliced(logAt + records * record, record).count('\0') < record) {
            ++records;
        }
        QVERIFY2(records * 4 >= before && records * 4 <= after + 4, qPrintable(QString::number(records)));
        QVERIFY(content.sliced(logAt, records * record) == now.sliced(logAt, records * record));
        QCOMPARE(content.sliced(logAt + records * record).count('\0'), content.size() - logAt - records * record);
    }

    /** A guest that does not answer is copied all the same, and thawed. */
    void agentHangs()
    {
        QVERIFY(m_host->make({.agent = true, .orders = u"agent=hang"_s}) && m_host->start());
        QTRY_VERIFY(m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"state='connected'"_s));
        QVERIFY(m_host->writes(u"hda"_s, 1, 2, 9));
        QVERIFY(exports(toVolume(u"copy.qcow2"_s)));
        QCOMPARE(m_host->compare(u"hda"_s, inPool(u"copy.qcow2"_s)), QString());
        QVERIFY(m_host->hears(u"AGENT FROZEN"_s) && m_host->hears(u"AGENT THAWED"_s));
    }

    void shallow()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 4, 7));
        const QString base = m_host->path(u"hda"_s);
        QVERIFY(external(u"s1"_s));
        QVERIFY(m_host->writes(u"hda"_s, 2, 1, 8));
        SnapshotExportDraft draft = toVolume(u"top.qcow2"_s);
        draft.flatten = false;
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hda"_s, inPool(u"top.qcow2"_s)), QString());
        const QString info =
            m_host->bed.exec(u"A"_s, {u"qemu-img"_s, u"info"_s, u"-U"_s, inPool(u"top.qcow2"_s)}).output;
        QVERIFY2(info.contains(u"backing file: "_s + base) && info.contains(u"backing file format: qcow2"_s),
            qPrintable(info));
        QVERIFY(QFileInfo(inPool(u"top.qcow2"_s)).size() < 3 * 1024 * 1024); // no more than what is above

        // for others it would be of no use
        SnapshotExportDraft elsewhere = toFile(u"top.qcow2"_s);
        elsewhere.flatten = false;
        QVERIFY(blocker(plan(elsewhere)).contains(u"only be on the VM's host"_s));
    }

    void staticLeavesItAsItWas_data()
    {
        QTest::addColumn<bool>("paused");
        QTest::addColumn<bool>("here");
        QTest::newRow("running, to a volume") << false << false;
        QTest::newRow("running, to a file") << false << true;
        QTest::newRow("paused, to a volume") << true << false;
    }
    void staticLeavesItAsItWas()
    {
        QFETCH(const bool, paused);
        QFETCH(const bool, here);
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 2, 7));
        const int before = m_host->heartbeat();
        if (paused) {
            QVERIFY(m_host->bed.virsh(u"A"_s, {u"suspend"_s, u"vm"_s}).ok());
        }
        SnapshotExportDraft draft = here ? toFile(u"static.qcow2"_s) : toVolume(u"static.qcow2"_s);
        draft.live = false;
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hda"_s, here ? draft.path : inPool(u"static.qcow2"_s)), QString());
        QCOMPARE(m_host->state(), paused ? u"paused"_s : u"running"_s);
        if (paused) {
            QVERIFY(m_host->bed.virsh(u"A"_s, {u"resume"_s, u"vm"_s}).ok());
        }
        QVERIFY(m_host->heartbeat() > before); // it did not boot again
        QVERIFY(m_host->writes(u"hda"_s, 2, 1, 8) && m_host->sees());
        QVERIFY(!m_host->virsh({u"dominfo"_s, u"vm"_s}).contains(QRegularExpression(u"Managed save:\\s+yes"_s)));
    }

    void ofOneThatIsOff()
    {
        QVERIFY(
            m_host->make({.disks = {{}, {.target = u"hdb"_s, .format = u"raw"_s, .mebibytes = 8}}}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 2, 7) && m_host->writes(u"hdb"_s, 3, 2, 8));
        QVERIFY(m_host->stop());
        SnapshotExportDraft draft = toFile(u"off.qcow2"_s);
        draft.disk = u"hdb"_s;
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hdb"_s, draft.path), QString());
        QCOMPARE(m_host->state(), u"shut off"_s);
    }

    /** The state of an external snapshot, while the VM runs on top of it. */
    void ofExternalSnapshot()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 4, 7) && external(u"s1"_s));
        QVERIFY(m_host->writes(u"hda"_s, 2, 1, 8) && external(u"s2"_s));
        QVERIFY(m_host->writes(u"hda"_s, 3, 1, 9));
        const int before = m_host->heartbeat();
        const QStringList chain = m_host->chain(u"hda"_s);

        SnapshotExportDraft draft = toVolume(u"second.qcow2"_s);
        draft.snapshot = u"s2"_s;
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hda"_s, inPool(u"second.qcow2"_s), u"s2"_s), QString());
        draft = toFile(u"first.raw"_s);
        draft.snapshot = u"s1"_s;
        draft.format = u"raw"_s;
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hda"_s, draft.path, u"s1"_s, u"raw"_s), QString());
        draft = toVolume(u"shallow.qcow2"_s);
        draft.snapshot = u"s2"_s;
        draft.flatten = false;
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hda"_s, inPool(u"shallow.qcow2"_s), u"s2"_s), QString());

        QCOMPARE(m_host->chain(u"hda"_s), chain);
        QVERIFY(m_host->heartbeat() > before);
        QVERIFY(m_host->sees());
    }

    void ofInternalSnapshot()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 4, 7));
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"snapshot-create-as"_s, u"vm"_s, u"in it"_s}).ok());
        m_host->remember(u"in it"_s);
        QVERIFY(m_host->writes(u"hda"_s, 2, 2, 8));

        SnapshotExportDraft draft = toFile(u"internal.qcow2"_s);
        draft.snapshot = u"in it"_s;
        QVERIFY(blocker(plan(draft)).contains(u"within a file that vm writes to"_s));
        draft.live = false; // so it is saved meanwhile
        const int before = m_host->heartbeat();
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hda"_s, draft.path, u"in it"_s), QString());
        QVERIFY(m_host->heartbeat() > before);

        QVERIFY(m_host->stop());
        SnapshotExportDraft compressed = toVolume(u"internal.qcow2"_s);
        compressed.snapshot = u"in it"_s;
        compressed.compressed = true;
        QVERIFY(exports(compressed));
        QCOMPARE(m_host->compare(u"hda"_s, inPool(u"internal.qcow2"_s), u"in it"_s), QString());
        QVERIFY(m_host->virsh({u"vol-dumpxml"_s, u"internal.qcow2"_s, u"default"_s}).contains(u"type='qcow2'"_s));
        QCOMPARE(SnapshotHost::mode(inPool(u"internal.qcow2"_s)), u"0600"_s);
    }

    /** Above a base, whose file has to come along. */
    void ofInternalSnapshotWithBase()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 4, 7) && external(u"s1"_s));
        QVERIFY(m_host->writes(u"hda"_s, 2, 1, 8));
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"snapshot-create-as"_s, u"vm"_s, u"s2"_s}).ok());
        m_host->remember(u"s2"_s);
        QVERIFY(m_host->writes(u"hda"_s, 3, 1, 9) && m_host->stop());
        SnapshotExportDraft draft = toFile(u"based.raw"_s);
        draft.snapshot = u"s2"_s;
        draft.format = u"raw"_s;
        QVERIFY(exports(draft));
        QCOMPARE(m_host->compare(u"hda"_s, draft.path, u"s2"_s, u"raw"_s), QString());
    }

    void anotherBlockJobIsLeftAlone()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 1, 7));
        const job::Plan made = plan(toVolume(u"copy.qcow2"_s));
        QVERIFY(SnapshotHost::canRun(made));
        const QStringList theirs{u"blockcopy"_s, u"vm"_s, u"hda"_s, inPool(u"theirs.qcow2"_s), u"--transient-job"_s};
        QVERIFY(m_host->bed.virsh(u"A"_s, theirs).ok());
        const job::JobRecord record = m_host->run(made);
        QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record).constData());
        QVERIFY(record.error.message.contains(u"Another block job"_s));
        QVERIFY(!m_host->files().contains(u"copy.qcow2"_s));
        QVERIFY(m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"theirs.qcow2"_s)); // still mirrored
    }

    void goesOffMeanwhile()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 1, 7));
        SnapshotExportDraft saved = toVolume(u"copy.qcow2"_s);
        saved.live = false;
        const QList<job::Plan> plans{plan(toVolume(u"copy.qcow2"_s)), plan(saved)};
        QVERIFY(m_host->stop());
        for (const job::Plan &made : plans) {
            QVERIFY(SnapshotHost::canRun(made));
            const job::JobRecord record = m_host->run(made);
            QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record).constData());
            QVERIFY(isClean() && !m_host->files().contains(u"copy.qcow2"_s));
            QCOMPARE(m_host->state(), u"shut off"_s);
        }
    }

    /** Somebody migrates the VM between the plan and the job: nothing is made on the host that it left. */
    void migratesMeanwhile()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        const auto facts = snapshot::readFacts(*m_host->connection(), m_host->uuid());
        QVERIFY(facts);
        operation::SnapshotCreateDraft taken;
        taken.name = u"s1"_s;
        const QList<job::Plan> plans{
            operation::planSnapshotCreate(m_host->id(), *facts, taken), plan(toVolume(u"copy.qcow2"_s))};
        const QStringList before = m_host->files();
        QStringList migrate{u"migrate"_s, u"--live"_s, u"--p2p"_s, u"--unsafe"_s, u"--persistent"_s,
            u"--undefinesource"_s, u"vm"_s, m_host->bed.peerUri(u"B"_s)};
        if (!m_host->bed.hostsAreIsolated()) {
            migrate << u"--migrateuri"_s << u"tcp:127.0.0.1"_s;
        }
        const auto migrated = m_host->bed.virsh(u"A"_s, migrate);
        QVERIFY2(migrated.ok(), qPrintable(migrated.errorText));
        for (const job::Plan &made : plans) {
            QVERIFY(SnapshotHost::canRun(made));
            const job::JobRecord record = m_host->run(made);
            QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record).constData());
            QCOMPARE(m_host->files(), before);
        }
        QVERIFY(m_host->virsh({u"domstate"_s, u"vm"_s}, u"B"_s).contains(u"running"_s));
        QVERIFY(m_host->virsh({u"snapshot-list"_s, u"vm"_s, u"--name"_s}, u"B"_s).trimmed().isEmpty());
        m_host->virsh({u"destroy"_s, u"vm"_s}, u"B"_s);
        m_host->virsh({u"undefine"_s, u"vm"_s}, u"B"_s);
    }

    void toAnotherHost()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 4, 7));
        SnapshotExportDraft draft = toVolume(u"there.qcow2"_s);
        draft.host = m_host->uri(u"B"_s);
        QVERIFY(exports(draft, u"B"_s));
        QCOMPARE(m_host->compare(u"hda"_s, inPool(u"there.qcow2"_s, u"B"_s)), QString());
        QVERIFY(m_host->virsh({u"vol-dumpxml"_s, u"there.qcow2"_s, u"default"_s}, u"B"_s).contains(u"type='qcow2'"_s));
        QVERIFY(!m_host->files().contains(u"there.qcow2"_s));
    }

    void cancel_data()
    {
        QTest::addColumn<QString>("step");
        QTest::addColumn<bool>("live");
        QTest::newRow("the block copy") << u"export.copy"_s << true;
        QTest::newRow("the copy of one that is saved") << u"export.copy"_s << false;
        QTest::newRow("saving") << u"export.save"_s << false;
        QTest::newRow("the download") << u"export.fetch"_s << true;
        QTest::newRow("compressing") << u"export.convert"_s << true;
        QTest::newRow("the upload") << u"export.upload"_s << true;
    }
    /** The step has begun what it does when it hears that it is stopped. */
    void cancel()
    {
        QFETCH(const QString, step);
        QFETCH(const bool, live);
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 4, 7));
        const int before = m_host->heartbeat();
        const QStringList files = m_host->files();
        SnapshotExportDraft draft = toVolume(u"cancelled.qcow2"_s);
        draft.live = live;
        draft.compressed = true;
        const job::Plan made = plan(draft);
        QVERIFY(SnapshotHost::canRun(made));

        job::StepRegistry registry;
        operation::registerSteps(registry);
        const job::StepRegistry::Kind kind = *registry.find(step);
        registry.add(step,
            {[run = kind.run](const job::Step &what, job::StepContext &context) {
                 std::mutex mutex;
                 std::condition_variable_any never;
                 std::unique_lock lock(mutex);
                 never.wait(lock, context.stop(), [] { return false; });
                 return run(what, context);
             },
                kind.undo, kind.look});
        const auto jobs = m_host->makeJobs(registry);
        const job::JobId id = jobs->run(made);
        QTRY_VERIFY(
            jobs->job(id)->currentStep >= 0 && jobs->job(id)->plan.steps.at(jobs->job(id)->currentStep).type == step);
        jobs->cancel(id);
        QTRY_VERIFY_WITH_TIMEOUT(jobs->job(id)->isFinished(), 60000);
        QVERIFY2(jobs->job(id)->state == JobState::Cancelled, SnapshotHost::text(*jobs->job(id)).constData());
        QVERIFY(isClean());
        QCOMPARE(m_host->files(), files);
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(m_host->heartbeat() > before);
        QVERIFY(m_host->sees());
    }

    void nothingIsOverwritten()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        const job::Plan toTheFile = plan(toFile(u"mine"_s));
        const job::Plan toTheVolume = plan(toVolume(u"mine.qcow2"_s));
        QVERIFY(SnapshotHost::canRun(toTheFile) && SnapshotHost::canRun(toTheVolume));
        for (const QString &name : {file(u"mine"_s), inPool(u"mine.qcow2"_s)}) { // after the plan was made
            QFile mine(name);
            QVERIFY(mine.open(QIODevice::WriteOnly) && mine.write("mine") == 4);
        }
        for (const job::Plan &made : {toTheFile, toTheVolume}) {
            const job::JobRecord record = m_host->run(made);
            QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record).constData());
            QVERIFY(isClean());
        }
        for (const QString &name : {file(u"mine"_s), inPool(u"mine.qcow2"_s)}) {
            QFile mine(name);
            QVERIFY(mine.open(QIODevice::ReadOnly));
            QCOMPARE(mine.readAll(), QByteArray("mine"));
        }
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"pool-refresh"_s, u"default"_s}).ok());
        QVERIFY(blocker(plan(toFile(u"mine"_s))).contains(u"exists already"_s));
        QVERIFY(blocker(plan(toVolume(u"mine.qcow2"_s))).contains(u"already has a volume"_s));
    }

    void poolIsFull()
    {
        if (!m_host->bed.hostsAreIsolated()) { // nothing can be mounted
            return;
        }
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 8, 7));
        const QString small = m_host->bed.directory() + u"/small"_s;
        for (const QStringList &command : {QStringList{u"mkdir"_s, u"-p"_s, small},
                 QStringList{u"mount"_s, u"-t"_s, u"tmpfs"_s, u"-o"_s, u"size=5m"_s, u"none"_s, small}}) {
            QVERIFY(m_host->bed.exec(u"A"_s, command).ok());
        }
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"pool-create-as"_s, u"small"_s, u"dir"_s, u"--target"_s, small}).ok());
        SnapshotExportDraft draft = toVolume(u"copy.qcow2"_s);
        draft.pool = u"small"_s;
        QVERIFY(blocker(plan(draft)).contains(u"no room"_s));

        // somebody else was faster than the check
        const auto facts = snapshot::readFacts(*m_host->connection(), m_host->uuid());
        auto target = operation::readExportTarget(m_host->connection().get(), m_host->id(), draft);
        QVERIFY(facts && target);
        target->available = 1ULL << 40;
        const int before = m_host->heartbeat();
        const job::JobRecord record = m_host->run(operation::planSnapshotExport(m_host->id(), *facts, draft, *target));
        QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record).constData());
        QVERIFY(isClean());
        QVERIFY(!m_host->virsh({u"vol-list"_s, u"small"_s}).contains(u"copy"_s));
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(m_host->heartbeat() > before);
        QVERIFY(m_host->writes(u"hda"_s, 4, 1, 8) && m_host->sees());
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"pool-destroy"_s, u"small"_s}).ok());
        QVERIFY(m_host->bed.exec(u"A"_s, {u"umount"_s, small}).ok());
    }

    /** What is exported boots in a new VM: a volume as its disk, a file as its image. */
    void newVmBootsFromIt()
    {
        QVERIFY(m_host->make({.disks = {{.mebibytes = 64}}}));
        const QString disk = m_host->path(u"hda"_s);
        QVERIFY(QFile::remove(disk) && QFile::copy(test::TestBed::guestDisk(), disk));
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"pool-refresh"_s, u"default"_s}).ok());
        QVERIFY(m_host->start());
        QVERIFY(exports(toVolume(u"boots.qcow2"_s)));
        SnapshotExportDraft compressed = toFile(u"boots.qcow2"_s);
        compressed.compressed = true;
        QVERIFY(exports(compressed));

        operation::CreateDraft fromVolume;
        fromVolume.host = m_host->uri();
        fromVolume.name = u"from-volume"_s;
        fromVolume.source = operation::CreateDraft::SourceKind::Disk;
        fromVolume.volume = {u"default"_s, u"boots.qcow2"_s};
        fromVolume.memoryMiB = 32;
        fromVolume.virtType = operation::CreateDraft::VirtType::Qemu;
        operation::CreateDraft fromFile = fromVolume;
        fromFile.name = u"from-file"_s;
        fromFile.source = operation::CreateDraft::SourceKind::Image;
        fromFile.volume.reset();
        fromFile.path = compressed.path;
        for (const operation::CreateDraft &draft : {fromVolume, fromFile}) {
            const auto facts = operation::readCreateFacts(*m_host->connection(), m_host->id(), draft);
            QVERIFY(facts);
            const job::Plan made = operation::planCreate(draft, *facts);
            QVERIFY(SnapshotHost::canRun(made));
            const job::JobRecord record = m_host->run(made);
            QVERIFY2(record.state == JobState::Done, SnapshotHost::text(record).constData());
            test::SerialConsole console(m_host->uri(), draft.name);
            QVERIFY2(console.waitFor(u"HB "_s, 30000), qPrintable(console.transcript()));
        }
    }

    void byDraft()
    {
        QVERIFY(m_host->make({}) && m_host->start());
        QVERIFY(m_host->writes(u"hda"_s, 1, 2, 7) && external(u"s1"_s));
        QVERIFY(m_host->writes(u"hda"_s, 1, 2, 8));
        const QJsonObject json{{u"operation"_s, u"snapshot.export"_s}, {u"host"_s, m_host->uri()},
            {u"domain"_s, u"vm"_s}, {u"snapshot"_s, u"s1"_s}, {u"disk"_s, u"hda"_s},
            {u"target"_s, QJsonObject{{u"path"_s, file(u"draft.qcow2"_s)}}}};
        const auto draft = operation::draftFromJson(json);
        QVERIFY(draft);
        const auto plans = operation::planDraft(*m_host->connection(), m_host->id(), *draft);
        QVERIFY(plans && plans->size() == 1 && SnapshotHost::canRun(plans->constFirst()));
        const job::JobRecord record = m_host->run(plans->constFirst());
        QVERIFY2(record.state == JobState::Done, SnapshotHost::text(record).constData());
        QCOMPARE(m_host->compare(u"hda"_s, file(u"draft.qcow2"_s), u"s1"_s), QString());

        QJsonObject elsewhere = json;
        elsewhere.insert(u"target"_s,
            QJsonObject{{u"host"_s, m_host->uri(u"B"_s)}, {u"pool"_s, u"default"_s}, {u"name"_s, u"draft.qcow2"_s}});
        const auto other = operation::draftFromJson(elsewhere);
        QVERIFY(other);
        QVERIFY(!operation::planDraft(*m_host->connection(), m_host->id(), *other)); // nobody opens it
        const auto open = [this](const QString &uri) -> Result<std::pair<virt::HostId, virt::ConnectionPtr>> {
            return uri == m_host->uri(u"B"_s) ? std::pair{m_host->id(u"B"_s), m_host->connection(u"B"_s)}
                                              : std::pair{m_host->id(), m_host->connection()};
        };
        const auto onto = operation::planDraft(*m_host->connection(), m_host->id(), *other, nullptr, {}, {}, open);
        QVERIFY(onto && onto->size() == 1 && SnapshotHost::canRun(onto->constFirst()));
        QCOMPARE(m_host->run(onto->constFirst()).state, JobState::Done);
        QCOMPARE(m_host->compare(u"hda"_s, inPool(u"draft.qcow2"_s, u"B"_s), u"s1"_s), QString());
    }
};

QTEST_GUILESS_MAIN(TestExportSystem)
#include "tst_export_system.moc"
