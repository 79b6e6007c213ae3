// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDir>
#include <QTest>

#include "backend/operation/snapshot/snapshotplans.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "snapshothost.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobState;
using operation::SnapshotCreateDraft;
using operation::SnapshotEditDraft;
using operation::SnapshotRevertDraft;
using test::SnapshotHost;
using virt::snapshots::After;
using Kind = SnapshotCreateDraft::Kind;
using Memory = SnapshotCreateDraft::Memory;

namespace {

constexpr auto hda = "hda"_L1;

SnapshotCreateDraft draft(const QString &name, Kind kind = Kind::External, Memory memory = Memory::Auto)
{
    SnapshotCreateDraft result;
    result.name = name;
    result.kind = kind;
    result.memory = memory;
    result.picture = false;
    return result;
}

SnapshotRevertDraft back(const QString &name, bool keepNow = false, After state = After::AsThen)
{
    SnapshotRevertDraft result;
    result.snapshot = name;
    result.keepNow = keepNow;
    result.keepName = u"kept"_s;
    result.state = state;
    return result;
}

} // namespace

/** Snapshots are taken and gone back to on a real host; what is on the disks afterwards is compared byte by byte. */
class TestSnapshotSystem final : public QObject
{
    Q_OBJECT

    /** What must be as it was when something is taken back. */
    struct Before {
        QString state;
        QString disks;
        QString stored;
        QStringList files;
        QStringList snapshots;
        friend bool operator==(const Before &, const Before &) = default;
    };

    std::unique_ptr<SnapshotHost> m_host;

    [[nodiscard]] snapshot::Facts facts() const
    {
        const auto read = snapshot::readFacts(*m_host->connection(), m_host->uuid());
        if (!read) {
            qWarning("%s", qPrintable(read.error().message));
        }
        return read.value_or(snapshot::Facts());
    }
    [[nodiscard]] job::Plan plan(const SnapshotCreateDraft &wanted) const
    {
        return planSnapshotCreate(m_host->id(), facts(), wanted);
    }
    [[nodiscard]] job::Plan plan(const SnapshotRevertDraft &wanted) const
    {
        return planSnapshotRevert(m_host->id(), facts(), wanted);
    }
    /** Empty: done. */
    template<typename Draft>
    QByteArray run(const Draft &wanted)
    {
        const job::Plan made = plan(wanted);
        if (!SnapshotHost::canRun(made)) {
            return "blocked";
        }
        const job::JobRecord record = m_host->run(made);
        return record.state == JobState::Done ? QByteArray() : SnapshotHost::text(record);
    }
    Before before()
    {
        return {m_host->state(), m_host->virsh({u"domblklist"_s, u"vm"_s}),
            m_host->virsh({u"dumpxml"_s, u"vm"_s, u"--inactive"_s}), m_host->files(), m_host->snapshots()};
    }
    static QByteArray text(const Before &one)
    {
        return (one.state + u'\n' + one.disks + one.files.join(u' ') + u'\n' + one.snapshots.join(u' ')).toUtf8();
    }
    QString file(const QString &name) { return QDir(m_host->directory()).filePath(name); }
    /** All that the job made, but for the images from before. */
    QStringList openFiles()
    {
        QStringList open;
        for (const QString &name : m_host->files()) {
            if (name.startsWith(u"vm."_s) && SnapshotHost::mode(file(name)) != "0600"_L1) {
                open.append(name + u' ' + SnapshotHost::mode(file(name)));
            }
        }
        return open;
    }
    QString compare(const QString &remembered) { return m_host->compare(hda, m_host->path(hda), remembered); }
    /** Runs a plan that fails at `at` (-1: at its end), and so is undone. */
    job::JobRecord runFailing(job::Plan made, qsizetype at = -1)
    {
        job::Step failing;
        failing.type = u"test.fail"_s;
        made.steps.insert(at < 0 ? made.steps.size() : at, failing);
        job::StepRegistry registry;
        operation::registerSteps(registry);
        registry.add(u"test.fail"_s,
            {[](const job::Step &, job::StepContext &) -> Result<> { return fail(Error::failed(u"on purpose"_s)); },
                {}});
        const auto jobs = m_host->makeJobs(registry);
        const job::JobId id = jobs->run(made);
        return QTest::qWaitFor([&] { return jobs->job(id) && jobs->job(id)->isFinished(); }, 60000) ? *jobs->job(id)
                                                                                                    : job::JobRecord();
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_host = std::make_unique<SnapshotHost>();
        QVERIFY2(m_host->problem().isEmpty(), qPrintable(m_host->problem()));
    }
    void cleanupTestCase() { m_host.reset(); }

    /** Five of mixed kinds in a row, then to each of them and to another one. */
    void goesToAnyAndForth()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 4, 1));
        m_host->remember(u"memory"_s);
        const int then = m_host->heartbeat();
        QCOMPARE(run(draft(u"memory"_s, Kind::External, Memory::With)), QByteArray());
        QCOMPARE(m_host->state(), u"running"_s);
        QVERIFY(m_host->writes(hda, 2, 1, 2));
        m_host->remember(u"disks"_s);
        QCOMPARE(run(draft(u"disks"_s, Kind::External, Memory::Without)), QByteArray());
        QVERIFY(m_host->writes(hda, 3, 1, 3));
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"suspend"_s, u"vm"_s}).ok());
        m_host->remember(u"paused"_s);
        QCOMPARE(run(draft(u"paused"_s, Kind::External, Memory::With)), QByteArray());
        QCOMPARE(m_host->state(), u"paused"_s);
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"resume"_s, u"vm"_s}).ok());
        QVERIFY(m_host->writes(hda, 4, 1, 4));
        QVERIFY(m_host->stop());
        m_host->remember(u"off"_s);
        QCOMPARE(run(draft(u"off"_s)), QByteArray());
        QCOMPARE(m_host->state(), u"shut off"_s);
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 5, 1, 5));
        m_host->remember(u"last"_s);
        QCOMPARE(run(draft(u"last"_s)), QByteArray());
        QVERIFY(m_host->writes(hda, 6, 1, 6));
        QCOMPARE(m_host->snapshots(), QStringList({u"memory"_s, u"disks"_s, u"paused"_s, u"off"_s, u"last"_s}));
        QCOMPARE(openFiles(), QStringList());

        const QList<std::pair<QString, QString>> ways{{u"disks"_s, u"shut off"_s}, {u"memory"_s, u"running"_s},
            {u"last"_s, u"running"_s}, {u"off"_s, u"shut off"_s}, {u"paused"_s, u"paused"_s},
            {u"memory"_s, u"running"_s}};
        for (const auto &[name, state] : ways) {
            QCOMPARE(run(back(name)), QByteArray());
            QCOMPARE(m_host->state(), state);
            QCOMPARE(compare(name), QString());
            QCOMPARE(m_host->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}).trimmed(), name);
            if (state == "running"_L1) {
                m_host->recall(name);
                QVERIFY(m_host->sees());
                QVERIFY(m_host->writes(hda, 7, 1, 70)); // into the new overlay, and none of the others
            }
        }
        QVERIFY(m_host->heartbeat() >= then); // it never booted again
        QCOMPARE(openFiles(), QStringList());
        QCOMPARE(m_host->snapshots().size(), 5);
        // Each abandoned overlay has gone: base, five overlays of which "last"'s is abandoned too, three memories, now.
        QVERIFY2(m_host->files().size() <= 1 + 4 + 3 + 1, qPrintable(m_host->files().join(u' ')));
    }

    void keepsNowBeforeItGoes()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 1, 1));
        m_host->remember(u"s1"_s);
        QCOMPARE(run(draft(u"s1"_s)), QByteArray());
        QVERIFY(m_host->writes(hda, 1, 2, 2));
        m_host->remember(u"kept"_s);
        const int then = m_host->heartbeat();
        QCOMPARE(run(back(u"s1"_s, true)), QByteArray());
        QCOMPARE(m_host->state(), u"running"_s);
        QCOMPARE(compare(u"s1"_s), QString());
        QCOMPARE(m_host->snapshots().size(), 2);
        QVERIFY(!m_host->files().contains(u"vm.kept.qcow2"_s)); // empty, and nobody's
        QCOMPARE(openFiles(), QStringList());

        QCOMPARE(run(back(u"kept"_s)), QByteArray());
        QCOMPARE(compare(u"kept"_s), QString());
        m_host->recall(u"kept"_s);
        QVERIFY(m_host->sees());
        QVERIFY(m_host->heartbeat() >= then); // it went on from where it was
    }

    void internalOnes()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 1, 1));
        m_host->remember(u"i1"_s);
        QCOMPARE(run(draft(u"i1"_s, Kind::Internal)), QByteArray());
        QVERIFY(m_host->writes(hda, 1, 2, 2));
        m_host->remember(u"kept"_s);
        QCOMPARE(run(back(u"i1"_s, true)), QByteArray());
        QCOMPARE(m_host->state(), u"running"_s);
        QCOMPARE(compare(u"i1"_s), QString());
        QCOMPARE(run(back(u"kept"_s, false, After::Off)), QByteArray());
        QCOMPARE(m_host->state(), u"shut off"_s);
        QCOMPARE(compare(u"kept"_s), QString());
        QCOMPARE(run(draft(u"i2"_s, Kind::Auto)), QByteArray());
        QCOMPARE(m_host->files().size(), 1);
        QCOMPARE(run(back(u"i1"_s, false, After::Paused)), QByteArray());
        QCOMPARE(m_host->state(), u"paused"_s);
        QCOMPARE(compare(u"i1"_s), QString());

        // An external one on the same file: the internal ones must not be gone back to any more.
        QVERIFY(m_host->bed.virsh(u"A"_s, {u"resume"_s, u"vm"_s}).ok());
        QCOMPARE(run(draft(u"e"_s)), QByteArray());
        QVERIFY(plan(back(u"i1"_s)).isBlocked());
        QVERIFY(plan(back(u"i2"_s, true)).isBlocked());
        QVERIFY(plan(draft(u"i3"_s, Kind::Internal)).isBlocked());
    }

    void eachDiskByItself()
    {
        QVERIFY(m_host->make({.disks = {{}, {.target = u"hdb"_s, .format = u"raw"_s, .mebibytes = 8}}}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 1, 1));
        QVERIFY(m_host->writes(u"hdb"_s, 1, 1, 1));
        m_host->remember(u"both"_s);
        QCOMPARE(run(draft(u"both"_s)), QByteArray());
        QVERIFY(m_host->writes(hda, 1, 1, 2));
        QVERIFY(m_host->writes(u"hdb"_s, 2, 1, 2));
        m_host->remember(u"one"_s);
        SnapshotCreateDraft one = draft(u"one"_s, Kind::Auto, Memory::Without);
        one.disks = {{u"hdb"_s, true, file(u"chosen.qcow2"_s)}};
        QCOMPARE(run(one), QByteArray());
        QCOMPARE(m_host->path(u"hdb"_s), file(u"chosen.qcow2"_s));
        QCOMPARE(SnapshotHost::mode(file(u"chosen.qcow2"_s)), u"0600"_s);
        const QString first = m_host->path(hda);
        QVERIFY(m_host->writes(hda, 3, 1, 3));
        QVERIFY(m_host->writes(u"hdb"_s, 3, 1, 3));
        m_host->remember(u"now"_s);

        // Only one disk was part of it: the other stays.
        QCOMPARE(run(back(u"one"_s, false, After::Off)), QByteArray());
        QCOMPARE(m_host->path(hda), first);
        QCOMPARE(compare(u"now"_s), QString());
        QCOMPARE(m_host->compare(u"hdb"_s, m_host->path(u"hdb"_s), u"one"_s), QString());

        QCOMPARE(run(back(u"both"_s)), QByteArray());
        QCOMPARE(m_host->state(), u"running"_s);
        m_host->recall(u"both"_s);
        QVERIFY(m_host->sees());
        QCOMPARE(compare(u"both"_s), QString());
        QCOMPARE(m_host->compare(u"hdb"_s, m_host->path(u"hdb"_s), u"both"_s), QString());
        QCOMPARE(m_host->chain(u"hdb"_s).last(), file(u"vm-hdb.raw"_s));
    }

    void isTakenBack_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<int>("memory");
        QTest::addColumn<QString>("state");
        const auto row = [](const char *name, Kind kind, Memory memory, const QString &state) {
            QTest::newRow(name) << int(kind) << int(memory) << state;
        };
        row("running, with memory", Kind::External, Memory::With, u"running"_s);
        row("running, disks only", Kind::External, Memory::Without, u"running"_s);
        row("paused", Kind::External, Memory::With, u"paused"_s);
        row("off", Kind::External, Memory::Without, u"shut off"_s);
        row("running, internal", Kind::Internal, Memory::With, u"running"_s);
        row("off, internal", Kind::Internal, Memory::Without, u"shut off"_s);
    }
    void isTakenBack()
    {
        QFETCH(int, kind);
        QFETCH(int, memory);
        QFETCH(QString, state);
        QVERIFY(m_host->make({.disks = {{}, {.target = u"hdb"_s, .mebibytes = 8}}}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 1));
        int then = m_host->heartbeat();
        if (state == "paused"_L1) {
            QVERIFY(m_host->bed.virsh(u"A"_s, {u"suspend"_s, u"vm"_s}).ok());
        } else if (state == "shut off"_L1) {
            QVERIFY(m_host->stop());
            then = -1;
        }
        const Before was = before();
        const job::Plan made = plan(draft(u"s"_s, static_cast<Kind>(kind), static_cast<Memory>(memory)));
        QVERIFY(SnapshotHost::canRun(made));
        const job::JobRecord record = runFailing(made);
        QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record));
        QVERIFY2(before() == was, text(before()));
        if (state == "running"_L1) {
            QVERIFY(m_host->heartbeat() > then);
            QVERIFY(m_host->sees());
        }
        QCOMPARE(compare({}), QString());
    }

    void revertIsTakenBack_data()
    {
        QTest::addColumn<bool>("running");
        QTest::addColumn<bool>("internal");
        QTest::addColumn<int>("at");
        QTest::newRow("running, at its end") << true << false << -1;
        QTest::newRow("running, when it is halted") << true << false << 2;
        QTest::newRow("running, when it is defined") << true << false << 3;
        QTest::newRow("off, at its end") << false << false << -1;
        QTest::newRow("running, internal") << true << true << -1;
        QTest::newRow("off, internal") << false << true << -1;
    }
    /** Whatever fails on the way back: the VM goes on from where it was. */
    void revertIsTakenBack()
    {
        QFETCH(bool, running);
        QFETCH(bool, internal);
        QFETCH(int, at);
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 2, 1));
        QCOMPARE(run(draft(u"s1"_s, internal ? Kind::Internal : Kind::External)), QByteArray());
        QVERIFY(m_host->writes(hda, 2, 2, 2));
        const int then = m_host->heartbeat();
        if (!running) {
            QVERIFY(m_host->stop());
        }
        const Before was = before();
        job::Plan made = plan(back(u"s1"_s, true));
        QVERIFY(SnapshotHost::canRun(made));
        made.steps.removeIf([](const job::Step &step) { return step.type == "layer.delete"_L1; });
        const job::JobRecord record = runFailing(made, at < 0 ? -1 : at);
        QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record));
        const Before is = before();
        QCOMPARE(is.state, was.state);
        QCOMPARE(is.disks, was.disks);
        QCOMPARE(is.files, was.files);
        QCOMPARE(is.snapshots, was.snapshots);
        if (running) {
            QVERIFY(m_host->heartbeat() >= then);
            QVERIFY(m_host->sees());
        }
        QCOMPARE(compare({}), QString());
        QCOMPARE(m_host->virsh({u"snapshot-current"_s, u"vm"_s, u"--name"_s}).trimmed(), u"s1"_s);
    }

    void quiesces()
    {
        QVERIFY(m_host->make({.agent = true}));
        QVERIFY(m_host->start());
        QTRY_VERIFY(facts().hasAgent);
        SnapshotCreateDraft wanted = draft(u"frozen"_s);
        wanted.quiesce = true;
        QCOMPARE(run(wanted), QByteArray());
        QVERIFY(m_host->hears(u"AGENT FROZEN"_s));
        QVERIFY(m_host->hears(u"AGENT THAWED"_s));
        QCOMPARE(m_host->snapshots(), QStringList{u"frozen"_s});
        const Before was = before();

        QVERIFY(m_host->order(u"agent=refuse"_s, u"AGENT OBEYS"_s));
        wanted.name = u"refused"_s;
        QVERIFY(run(wanted).contains("freeze"));
        QVERIFY2(before() == was, text(before()));
    }

    void agentThatHangsIsThawed()
    {
        QVERIFY(m_host->make({.agent = true}));
        QVERIFY(m_host->start());
        QTRY_VERIFY(facts().hasAgent);
        QVERIFY(m_host->order(u"agent=hang"_s, u"AGENT OBEYS"_s));
        const Before was = before();
        SnapshotCreateDraft wanted = draft(u"hung"_s);
        wanted.quiesce = true;
        QVERIFY(!run(wanted).isEmpty());
        QVERIFY(m_host->hears(u"AGENT FROZEN"_s));
        QVERIFY(m_host->hears(u"AGENT THAWED"_s));
        QVERIFY2(before() == was, text(before()));
    }

    void fullDisk_data()
    {
        QTest::addColumn<bool>("memory");
        QTest::newRow("of the memory") << true;
        QTest::newRow("of an overlay") << false;
    }
    void fullDisk()
    {
        QFETCH(bool, memory);
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 1, 1));
        const int then = m_host->heartbeat();
        const QString small = QDir(m_host->bed.directory()).filePath(u"small"_s);
        QVERIFY(m_host->bed.exec(u"A"_s, {u"mkdir"_s, u"-p"_s, small}).ok());
        QVERIFY(
            m_host->bed.exec(u"A"_s, {u"mount"_s, u"-t"_s, u"tmpfs"_s, u"-o"_s, u"size=64k"_s, u"none"_s, small}).ok());
        const Before was = before();
        SnapshotCreateDraft wanted = draft(u"s"_s, Kind::External, memory ? Memory::With : Memory::Without);
        if (memory) {
            wanted.memoryFile = small + u"/memory"_s;
        } else {
            wanted.disks = {{hda, true, small + u"/overlay.qcow2"_s}};
        }
        const QByteArray outcome = run(wanted);
        const auto left = m_host->bed.exec(u"A"_s, {u"ls"_s, u"-A"_s, small});
        const auto pools = m_host->virsh({u"pool-list"_s, u"--all"_s, u"--name"_s});
        m_host->bed.exec(u"A"_s, {u"umount"_s, small});
        QVERIFY(!outcome.isEmpty() && outcome != "blocked");
        QCOMPARE(left.output.trimmed(), QString());
        QCOMPARE(pools.trimmed(), u"default"_s);
        QVERIFY2(before() == was, outcome + text(before()));
        QVERIFY(m_host->heartbeat() > then);
        QVERIFY(m_host->sees());
    }

    /** The second was planned over the same files: it must notice that they are no longer the VM's. */
    void twoAtOnce()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        const job::Plan first = plan(draft(u"s1"_s));
        const job::Plan second = plan(draft(u"s2"_s));
        const job::JobId one = m_host->jobs->run(first);
        const job::JobId two = m_host->jobs->run(second);
        QVERIFY(m_host->wait(one) && m_host->wait(two));
        QCOMPARE(m_host->jobs->job(one)->state, JobState::Done);
        QCOMPARE(m_host->jobs->job(two)->state, JobState::Failed);
        QCOMPARE(m_host->snapshots(), QStringList{u"s1"_s});
        QCOMPARE(m_host->files(), QStringList({u"vm-hda.qcow2"_s, u"vm.s1.mem"_s, u"vm.s1.qcow2"_s}));
    }

    void cancelled()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        const int then = m_host->heartbeat();
        const Before was = before();
        // Whenever it comes: before, within or right after libvirt's call.
        int times = 0;
        for (const int delay : {0, 20, 60, 120, 200}) {
            const job::JobId id = m_host->jobs->run(plan(draft(u"s"_s)));
            QTest::qWait(delay);
            m_host->jobs->cancel(id);
            QVERIFY(m_host->wait(id));
            const job::JobRecord record = *m_host->jobs->job(id);
            if (record.state == JobState::Done) {
                break; // it was faster; all later ones would be
            }
            QVERIFY2(record.state == JobState::Cancelled, SnapshotHost::text(record));
            QVERIFY2(before() == was, text(before()));
            ++times;
        }
        QVERIFY(times > 0);
        QVERIFY(m_host->heartbeat() > then);
    }

    void destroyedMeanwhile()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 1, 1));
        const job::Plan made = plan(draft(u"s"_s));
        QVERIFY(m_host->stop());
        const Before was = before();
        const job::JobRecord record = m_host->run(made);
        QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record));
        QVERIFY2(before() == was, text(before()));
        QCOMPARE(compare({}), QString());
    }

    void fileIsThereAlready()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        const job::Plan made = plan(draft(u"s"_s));
        QFile taken(file(u"vm.s.qcow2"_s));
        QVERIFY(taken.open(QIODevice::WriteOnly));
        taken.write("somebody's");
        taken.close();
        const Before was = before();
        const job::JobRecord record = m_host->run(made);
        QVERIFY2(record.state == JobState::Failed, SnapshotHost::text(record));
        QVERIFY2(before() == was, text(before()));
        QVERIFY(taken.open(QIODevice::ReadOnly));
        QCOMPARE(taken.readAll(), QByteArray("somebody's"));
    }

    /** A disk that the definition names by pool and volume. */
    void diskOfAPool()
    {
        QVERIFY(m_host->make({}));
        QString definition = m_host->virsh({u"dumpxml"_s, u"vm"_s, u"--inactive"_s});
        definition.replace(u"<disk type='file'"_s, u"<disk type='volume'"_s);
        definition.replace(
            u"<source file='%1'/>"_s.arg(file(u"vm-hda.qcow2"_s)), u"<source pool='default' volume='vm-hda.qcow2'/>"_s);
        QVERIFY(virt::domains::define(*m_host->connection(), definition));
        QVERIFY(m_host->virsh({u"dumpxml"_s, u"vm"_s}).contains(u"volume='vm-hda.qcow2'"_s));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 1, 1));
        m_host->remember(u"s1"_s);
        QCOMPARE(run(draft(u"s1"_s)), QByteArray());
        QVERIFY(m_host->writes(hda, 1, 2, 2));
        QCOMPARE(run(back(u"s1"_s)), QByteArray());
        QCOMPARE(compare(u"s1"_s), QString());
        QCOMPARE(m_host->chain(hda).size(), 2);
    }

    /** The state of then is there no longer: refused, before anything is stopped. */
    void layerIsMissing()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QCOMPARE(run(draft(u"s1"_s)), QByteArray());
        QCOMPARE(run(draft(u"s2"_s)), QByteArray());
        QVERIFY(QFile::remove(file(u"vm.s1.mem"_s)));
        QVERIFY(plan(back(u"s1"_s)).isBlocked());
        QVERIFY(!plan(back(u"s1"_s, false, After::Off)).isBlocked());
        QVERIFY(m_host->stop());
        QVERIFY(QFile::remove(file(u"vm-hda.qcow2"_s)));
        QVERIFY(plan(back(u"s1"_s, false, After::Off)).isBlocked());
        QVERIFY(plan(back(u"s2"_s)).isBlocked());
    }

    void edits()
    {
        QVERIFY(m_host->make({}));
        QVERIFY(m_host->start());
        QVERIFY(m_host->writes(hda, 1, 1, 1));
        m_host->remember(u"s1"_s);
        QCOMPARE(run(draft(u"s1"_s)), QByteArray());
        QCOMPARE(run(draft(u"s2"_s)), QByteArray());
        QCOMPARE(run(draft(u"s3"_s)), QByteArray());
        SnapshotEditDraft edit;
        edit.snapshot = u"s2"_s;
        edit.name = u"renamed"_s;
        edit.description = u"Zwei & drei"_s;
        const job::Plan made = planSnapshotEdit(m_host->id(), facts(), edit);
        const Before was = before();
        const job::JobRecord undone = runFailing(made);
        QVERIFY2(undone.state == JobState::Failed, SnapshotHost::text(undone));
        QVERIFY2(before() == was, text(before()));
        QCOMPARE(facts().find(u"s3"_s)->parent, u"s2"_s);

        const job::JobRecord record = m_host->run(made);
        QVERIFY2(record.state == JobState::Done, SnapshotHost::text(record));
        const snapshot::Facts now = facts();
        QVERIFY(now.find(u"renamed"_s) && !now.find(u"s2"_s));
        QCOMPARE(now.find(u"renamed"_s)->description, u"Zwei & drei"_s);
        QCOMPARE(now.find(u"renamed"_s)->parent, u"s1"_s);
        QCOMPARE(now.find(u"s3"_s)->parent, u"renamed"_s);
        QCOMPARE(now.current()->name, u"s3"_s);

        edit = {u"s3"_s, u"last"_s, {}};
        QVERIFY(m_host->run(planSnapshotEdit(m_host->id(), facts(), edit)).state == JobState::Done);
        QCOMPARE(facts().current()->name, u"last"_s);
        QCOMPARE(run(back(u"s1"_s)), QByteArray());
        QCOMPARE(compare(u"s1"_s), QString());
    }
};

QTEST_GUILESS_MAIN(TestSnapshotSystem)
#include "tst_snapshot_system.moc"
