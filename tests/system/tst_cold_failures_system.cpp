// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QElapsedTimer>
#include <QTest>

#include "backend/operation/cold/coldmigration.h"
#include "backend/virt/domains.h"
#include "coldmoves.h"
#include "killpair.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using job::JobRecord;
using job::JobState;
using job::Recovery;
using operation::ResizeDraft;
using test::KillPair;
using test::MigrationHosts;

/**
 * What breaks while a VM moves to another host: all that was done is undone, as soon as its hosts answer, and the VM is
 * where it was and what it was. And what is no harm: disks whose content lies.
 */
class TestColdFailures final : public QObject, private test::ColdMoves
{
    Q_OBJECT

    std::unique_ptr<KillPair> m_pair;

    static bool isLong() { return qEnvironmentVariableIsSet("VIREO_MIGRATE_ALWAYS"); }
    /** All of it is data. */
    bool makeFull(const QString &format)
    {
        return m_hosts->make({.disks = {{.format = format, .mebibytes = mebibytes}}})
            && fill(m_a, fileOf(format), format, {u"write -P 7 0 24M"_s});
    }
    QString amissOfFull(const QString &format)
    {
        const QByteArray content = m_hosts->content(fileOf(format), format);
        return content == QByteArray(mebibytes << 20, '\7') ? QString() : u"its disk has changed"_s;
    }
    /** Failed, and nothing of it is left; by its remains where hosts did not answer. */
    QString traces(const JobRecord &record, const QString &before)
    {
        if (record.state != JobState::Failed || !record.remains.isEmpty()) {
            return u"the job: "_s + QString::fromUtf8(MigrationHosts::text(record));
        }
        if (const QString now = world(); now != before) {
            return u"now:%1\nbefore:%2"_s.arg(now, before);
        }
        return aside().isEmpty() ? QString() : u"something is left aside"_s;
    }
    static bool isSending(const JobRecord &record, qsizetype step)
    {
        return record.steps.at(step).state == job::StepState::Running && record.steps.at(step).done > 0;
    }
    /** A step does something else after its work. */
    std::unique_ptr<job::JobManager> jobsWith(const QString &type, const std::function<void()> &after)
    {
        job::StepRegistry steps = registry();
        job::StepRegistry::Kind kind = *steps.find(type);
        kind.run = [run = kind.run, after](const job::Step &step, job::StepContext &context) {
            const Result<> outcome = run(step, context);
            after();
            return outcome;
        };
        steps.add(type, kind);
        return m_hosts->makeJobs(steps);
    }
    static JobRecord ended(job::JobManager &jobs, const job::Plan &plan)
    {
        const job::JobId id = jobs.run(plan);
        const bool is = QTest::qWaitFor([&] { return jobs.job(id)->isFinished(); }, 120000);
        return is ? *jobs.job(id) : JobRecord();
    }
    QString copyOf(const QString &format) const { return m_hosts->directory(m_b) + u"/vm-hda."_s + format; }

private Q_SLOTS:
    void initTestCase()
    {
        const QString problem = setUp();
        QVERIFY2(problem.isEmpty(), qPrintable(problem));
        m_pair = std::make_unique<KillPair>(*m_hosts, m_kept.path());
    }
    void cleanupTestCase()
    {
        m_pair.reset();
        m_hosts.reset();
    }
    void init() { QVERIFY(clear()); }

    void theLinkIsCut_data()
    {
        QTest::addColumn<bool>("peerToPeer");
        QTest::newRow("by the source's libvirt") << true;
        if (isLong()) {
            QTest::newRow("driven from here") << false;
        }
    }
    /** While a disk goes from host to host. Both still answer this computer. */
    void theLinkIsCut()
    {
        QFETCH(const bool, peerToPeer);
        QVERIFY(makeFull(u"qcow2"_s));
        const ResizeDraft wished = draft();
        operation::MigrateFacts known = facts(wished, Way::HostToHost);
        operation::MigrateDraft way = operation::migrateDraftOf(wished);
        if (!peerToPeer) {
            way.path = operation::MigrateDraft::Path::Direct;
            known.pair.direct.state = operation::MigratePair::Reach::State::Yes;
        }
        const QString before = world();
        const job::Plan plan = operation::planColdMove(
            m_hosts->id(m_a), m_hosts->id(m_b), operation::resizeFactsOf(known), known, wished, way);
        QVERIFY2(MigrationHosts::canRun(plan), qPrintable(blockers(plan)));
        const qsizetype sending = indexOf(plan, u"disk.send"_s);
        QVERIFY(sending >= 0);
        QVERIFY(m_hosts->bed.rateLink(m_b, u"16mbit"_s));
        const job::JobId id = m_hosts->jobs->run(plan);
        QTRY_VERIFY_WITH_TIMEOUT(isSending(*m_hosts->jobs->job(id), sending), 30000);
        QVERIFY(m_hosts->bed.cutLink(m_b));
        QElapsedTimer timer;
        timer.start();
        QVERIFY(m_hosts->wait(id));
        qInfo("ended %lld s after the cut", static_cast<long long>(timer.elapsed() / 1000));
        const JobRecord record = *m_hosts->jobs->job(id);
        QCOMPARE(traces(record, before), QString());
        QVERIFY2(!record.error.hint.isEmpty(), MigrationHosts::text(record).constData());
        QVERIFY2(timer.elapsed() < 90000, qPrintable(QString::number(timer.elapsed())));
        QCOMPARE(amissOfFull(u"qcow2"_s), QString());
        QVERIFY(m_hosts->start());
        QVERIFY(m_hosts->stop());
        // With the link it goes.
        QVERIFY(m_hosts->bed.joinLink(m_b) && m_hosts->bed.rateLink(m_b, u"off"_s));
        QVERIFY(isDone(move(wished, Way::HostToHost)));
        QCOMPARE(m_hosts->existsOn(), m_b);
    }

    void thisComputerIsCutOff_data()
    {
        QTest::addColumn<QString>("from");
        QTest::newRow("from the destination") << m_b;
        if (isLong()) {
            QTest::newRow("from the source") << m_a;
        }
    }
    /** While a disk goes through it, by another process that sits where the cables end. */
    void thisComputerIsCutOff()
    {
        QFETCH(const QString, from);
        QVERIFY(makeFull(u"qcow2"_s));
        QVERIFY(m_hosts->start());
        const QString before = world();
        const job::Plan plan = move(draft(), Way::ThroughHere);
        QVERIFY2(MigrationHosts::canRun(plan), qPrintable(blockers(plan)));
        QVERIFY(m_hosts->bed.rateLink(m_b, u"16mbit"_s));
        const auto journal = m_pair->freshJournal();
        QProcess child;
        QVERIFY(m_pair->start(child,
            {.plan = KillPair::foreign(plan),
                .host = m_hosts->peerUri(m_a),
                .other = m_hosts->peerUri(m_b),
                .journal = journal->directory(),
                .inside = u"client"_s}));
        const QString copy = copyOf(u"qcow2"_s);
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(copy).size() > 2 << 20, 30000);
        QVERIFY(m_hosts->bed.cutLink(from));
        QElapsedTimer timer;
        timer.start();
        bool isBroken = false;
        QVERIFY(!m_pair->wait(child, isBroken));
        QVERIFY(!isBroken);
        qInfo("ended %lld s after the cut", static_cast<long long>(timer.elapsed() / 1000));
        QVERIFY2(timer.elapsed() < 90000, qPrintable(QString::number(timer.elapsed())));
        // It says what remains; nothing of the source has been touched.
        const auto entries = journal->list();
        QVERIFY(entries && entries->size() == 1);
        const JobRecord first = entries->constFirst().record;
        QVERIFY2(first.state == JobState::Stuck && !first.remains.isEmpty(), MigrationHosts::text(first).constData());
        QVERIFY2(!first.error.message.isEmpty(), MigrationHosts::text(first).constData());
        if (from == m_b) { // only the destination has something left
            QVERIFY2(first.remains.size() == 1 && first.remains.constFirst().contains(u"vm-hda.qcow2"_s),
                MigrationHosts::text(first).constData());
            QVERIFY(states().isEmpty());
            QTRY_COMPARE(m_hosts->state(m_a), u"running"_s);
        }
        QCOMPARE(m_hosts->existsOn(), m_a);
        QCOMPARE(amissOfFull(u"qcow2"_s), QString());
        // Once the host is back it is taken back.
        QVERIFY(m_hosts->bed.joinLink(from));
        const auto record = m_pair->recover(journal, Recovery::Undo);
        QVERIFY(record && !record->steps.isEmpty());
        QVERIFY2(
            record->state == JobState::Failed && record->remains.isEmpty(), MigrationHosts::text(*record).constData());
        QVERIFY(m_hosts->heartbeat() >= 0); // it runs again
        QCOMPARE(world(), before);
        QVERIFY(states().isEmpty() && aside().isEmpty());
    }

    void theDestinationRunsFull_data()
    {
        QTest::addColumn<Way>("way");
        QTest::addColumn<QString>("format");
        QTest::newRow("host to host, raw") << Way::HostToHost << u"raw"_s;
        QTest::newRow("host to host, qcow2") << Way::HostToHost << u"qcow2"_s;
        QTest::newRow("through here, raw") << Way::ThroughHere << u"raw"_s;
        QTest::newRow("through here, qcow2") << Way::ThroughHere << u"qcow2"_s;
    }
    /** After nine tenths: there was room when it was planned. */
    void theDestinationRunsFull()
    {
        QFETCH(const Way, way);
        QFETCH(const QString, format);
        QVERIFY(makeFull(format));
        QVERIFY(m_hosts->makeSmallPool(m_b, u"small"_s, 22));
        ResizeDraft wished = draft();
        wished.map.pools.insert(u"default"_s, u"small"_s);
        operation::MigrateFacts known = facts(wished, way);
        known.pair.poolSpace.insert(u"small"_s, 1 << 30); // somebody fills it between plan and job
        const QString before = world();
        const job::Plan plan = move(wished, known);
        QVERIFY2(MigrationHosts::canRun(plan), qPrintable(blockers(plan)));
        const JobRecord record = m_hosts->run(plan);
        qInfo("%s", qPrintable(record.error.message + u" | "_s + record.error.hint));
        QCOMPARE(traces(record, before), QString());
        // There is room for nine tenths: whoever says this has written them.
        QVERIFY2(record.error.message.contains(u"No space left"_s), MigrationHosts::text(record).constData());
        const qsizetype at = indexOf(plan, way == Way::HostToHost ? u"disk.send"_s : u"volume.relay"_s);
        QCOMPARE(record.steps.at(at).state, job::StepState::Failed);
        QCOMPARE(
            m_hosts->bed.exec(m_b, {u"ls"_s, MigrationHosts::hostDirectory(u"small"_s)}).output.trimmed(), QString());
        QCOMPARE(amissOfFull(format), QString());
        QVERIFY(m_hosts->start());
    }

    void comparesWhatItCopied_data()
    {
        QTest::addColumn<Way>("way");
        QTest::newRow("host to host") << Way::HostToHost;
        QTest::newRow("through here") << Way::ThroughHere;
    }
    /** One byte of the copy differs. */
    void comparesWhatItCopied()
    {
        QFETCH(const Way, way);
        QVERIFY(make(u"raw"_s));
        const QString before = world();
        ResizeDraft wished = resized();
        wished.verify = true;
        const job::Plan plan = move(wished, way);
        QVERIFY2(MigrationHosts::canRun(plan), qPrintable(blockers(plan)));
        constexpr qint64 where = (20 << 20) + 4711;
        bool isFlipped = false;
        {
            const auto jobs = jobsWith(way == Way::HostToHost ? u"disk.send"_s : u"volume.relay"_s, [&] {
                QFile copy(copyOf(u"raw"_s));
                isFlipped = copy.open(QIODevice::ReadWrite) && copy.seek(where) && copy.write("\x08", 1) == 1;
            });
            const JobRecord record = ended(*jobs, plan);
            QVERIFY(isFlipped);
            QCOMPARE(traces(record, before), QString());
            QVERIFY2(record.error.message.contains(u"differs"_s)
                    && record.error.message.contains(QString::number(where >> 20 << 20)),
                MigrationHosts::text(record).constData());
        }
        QCOMPARE(amissAt(m_a, u"raw"_s, false, false), QString());
        QVERIFY(isDone(move(wished, way)));
        QCOMPARE(amissAt(m_b, u"raw"_s, true, false), QString());
        QCOMPARE(m_hosts->files(m_a), QStringList{u"vm-hda.raw"_s}); // nothing of the comparing is left
        QCOMPARE(m_hosts->files(m_b), QStringList{u"vm-hda.raw"_s});
    }

    void wrongFormat_data()
    {
        QTest::addColumn<Way>("way");
        QTest::newRow("host to host") << Way::HostToHost;
        QTest::newRow("through here") << Way::ThroughHere;
    }
    /** The definition says another format than the file has: nothing is guessed, and nothing is lost. */
    void wrongFormat()
    {
        QFETCH(const Way, way);
        QVERIFY(make(u"raw"_s));
        const QString file = fileOf(u"raw"_s);
        QString xml = m_hosts->virsh({u"dumpxml"_s, u"--inactive"_s, u"vm"_s});
        QVERIFY(xml.contains("type='raw'"_L1));
        QVERIFY(virt::domains::define(*m_hosts->connection(m_a), xml.replace(u"type='raw'"_s, u"type='qcow2'"_s)));
        const QString before = world();
        const job::Plan plan = move(resized(), way);
        if (!plan.isBlocked()) {
            const JobRecord record = m_hosts->run(plan);
            QVERIFY2(record.state == JobState::Failed, MigrationHosts::text(record).constData());
            QVERIFY2(record.remains.isEmpty(), MigrationHosts::text(record).constData());
        }
        QCOMPARE(world(), before);
        QCOMPARE(test::DiskModel::difference(m_hosts->content(file, u"raw"_s), expected(false), file), QString());
    }

    void rawStaysRaw_data()
    {
        QTest::addColumn<Way>("way");
        QTest::newRow("host to host") << Way::HostToHost;
        QTest::newRow("through here") << Way::ThroughHere;
        QTest::newRow("shared") << Way::Shared;
    }
    /** CVE-2026-24708: what a guest wrote into a raw disk is never taken for a format, neither there nor back. */
    void rawStaysRaw()
    {
        QFETCH(const Way, way);
        QVERIFY(make(u"raw"_s, way));
        // A qcow2 header of another size, whose backing file is a file of the host's.
        const QString trap = QDir(m_hosts->bed.directory()).filePath(u"trap.qcow2"_s);
        QVERIFY(m_hosts->bed
                .exec(m_a,
                    {u"qemu-img"_s, u"create"_s, u"-q"_s, u"-f"_s, u"qcow2"_s, u"-u"_s, u"-F"_s, u"raw"_s, u"-b"_s,
                        u"/etc/passwd"_s, trap, u"1G"_s})
                .ok());
        QFile header(trap);
        QVERIFY(header.open(QIODevice::ReadOnly));
        const QByteArray bytes = header.read(65536);
        const QString own = m_hosts->directory(m_a, poolOf(way)) + u"/vm-hda.raw"_s;
        {
            QFile disk(own);
            QVERIFY(disk.open(QIODevice::ReadWrite));
            QCOMPARE(disk.write(bytes), bytes.size());
        }
        for (const QString &host : {m_a, m_b}) { // libvirt sees it too
            QVERIFY(m_hosts->bed.virsh(host, {u"pool-refresh"_s, poolOf(way)}).ok());
        }
        QByteArray should = expected(false);
        should.replace(0, bytes.size(), bytes);
        const QString before = world();
        const job::Plan plan = move(resized(), way);
        QVERIFY2(MigrationHosts::canRun(plan), qPrintable(blockers(plan)));
        const auto isThat = [this](const QString &host, const QString &format, const QByteArray &content) {
            const QString path = m_hosts->path(u"hda"_s, host);
            return test::DiskModel::difference(m_hosts->content(path, format, {}, host), content, path);
        };
        QByteArray grown = should;
        grown.append(QByteArray((grownMebibytes - mebibytes) << 20, '\0'));
        const QString format = way == Way::Shared ? u"qcow2"_s : u"raw"_s;
        const auto there = [&] {
            if (way != Way::Shared) { // an overlay there, whose lower layer has to be opened as what is recorded
                const QString wrong = isThat(m_b, format, grown);
                return wrong.isEmpty() && QFileInfo(copyOf(u"raw"_s)).size() != grownMebibytes << 20 ? u"other length"_s
                                                                                                     : wrong;
            }
            const QString info =
                m_hosts->bed.exec(m_b, {u"qemu-img"_s, u"info"_s, u"-U"_s, m_hosts->path(u"hda"_s, m_b)}).output;
            return info.contains(u"backing file format: raw"_s) ? isThat(m_b, format, grown) : info;
        };
        QVERIFY(isDone(plan));
        QCOMPARE(there(), QString());
        QVERIFY(m_hosts->start(u"vm"_s, m_b));
        QVERIFY(m_hosts->order(u"write=hda:30:1:5"_s, u"WROTE hda:30:1:5"_s)); // in what was grown
        QVERIFY(isDone(end(operation::ResizeEnd::Revert)));
        QCOMPARE(world(), before);
        QCOMPARE(isThat(m_a, u"raw"_s, should), QString());

        QVERIFY(isDone(move(resized(), way)));
        QCOMPARE(there(), QString());
        QVERIFY(isDone(end(operation::ResizeEnd::Confirm)));
        QCOMPARE(isThat(m_b, u"raw"_s, grown), QString());
        QVERIFY(m_hosts->xml(m_b, true).contains(u"type='raw'"_s));
        QVERIFY(!m_hosts->xml(m_b, true).contains(u"/etc/passwd"_s));
        QCOMPARE(m_hosts->orphans(), QStringList());
    }

    /** From one process, which queues them, and by another that sees none of that. */
    void twoAtOnce_data()
    {
        QTest::addColumn<bool>("twoProcesses");
        QTest::addColumn<Way>("way");
        QTest::newRow("one process") << false << Way::HostToHost;
        QTest::newRow("two processes, host to host") << true << Way::HostToHost;
        QTest::newRow("two processes, through here") << true << Way::ThroughHere;
    }
    void twoAtOnce()
    {
        QFETCH(const bool, twoProcesses);
        QFETCH(const Way, way);
        QVERIFY(make());
        QVERIFY(m_hosts->start());
        QList<job::Plan> plans{move(resized(), way), move(resized(), way)};
        QList<JobRecord> records;
        if (twoProcesses) {
            std::array<QProcess, 2> children;
            QList<std::shared_ptr<const job::Journal>> journals;
            for (std::size_t i = 0; i < children.size(); ++i) {
                journals.append(m_pair->freshJournal());
                QVERIFY(m_pair->start(children.at(i),
                    {.plan = KillPair::foreign(plans.at(qsizetype(i))),
                        .host = m_hosts->uri(m_a),
                        .other = m_hosts->uri(m_b),
                        .journal = journals.constLast()->directory()}));
            }
            for (std::size_t i = 0; i < children.size(); ++i) {
                bool isBroken = false;
                QVERIFY(!m_pair->wait(children.at(i), isBroken));
                QVERIFY(!isBroken);
                records.append(journals.at(qsizetype(i))->list().value().constFirst().record);
            }
        } else {
            const job::JobId first = m_hosts->jobs->run(plans.at(0));
            const job::JobId second = m_hosts->jobs->run(plans.at(1));
            QVERIFY(m_hosts->wait(first) && m_hosts->wait(second));
            records = {*m_hosts->jobs->job(first), *m_hosts->jobs->job(second)};
        }
        QByteArray told;
        for (const JobRecord &record : std::as_const(records)) {
            told += MigrationHosts::text(record) + '\n';
        }
        const auto done = std::ranges::count(records, JobState::Done, &JobRecord::state);
        const auto failed = std::ranges::count_if(records,
            [](const JobRecord &record) { return record.state == JobState::Failed && record.remains.isEmpty(); });
        QVERIFY2(done == 1 && failed == 1, told.constData());
        QCOMPARE(states().size(), 1);
        QCOMPARE(m_hosts->files(m_b), QStringList{u"vm-hda.qcow2"_s});
        QTRY_COMPARE(m_hosts->state(m_b), u"running"_s);
        QCOMPARE(amissAt(m_b, u"qcow2"_s, true, true), QString());
        QVERIFY(isDone(end(operation::ResizeEnd::Revert)));
        QCOMPARE(amissAt(m_a, u"qcow2"_s, false, true), QString());
        QVERIFY(states().isEmpty() && aside().isEmpty());
        QCOMPARE(m_hosts->files(m_b), QStringList());
    }
};

int main(int argc, char **argv)
{
    if (const auto code = test::killPairMain(argc, argv)) {
        return *code;
    }
    QCoreApplication application(argc, argv);
    TestColdFailures test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_cold_failures_system.moc"
