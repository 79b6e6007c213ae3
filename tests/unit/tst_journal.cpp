// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QProcess>
#include <QRandomGenerator>

#include "tests/unit/journalbench.h"

using namespace vireo;
using namespace vireo::test;

namespace {

int childMain(const QStringList &arguments)
{
    const QString directory = arguments.value(3);
    if (arguments.value(2) == u"hold") {
        const auto file = Journal(directory).create(recordOf(abc()), {});
        QFile output;
        QFile input;
        if (!file || !output.open(stdout, QIODevice::WriteOnly) || !input.open(stdin, QIODevice::ReadOnly)) {
            return 2;
        }
        output.write("held\n");
        output.flush();
        input.readAll(); // until we are killed
        return 3;
    }
    std::signal(SIGXFSZ, SIG_IGN); // writing then fails, as on a full disk
    if (arguments.contains(u"crowd"_s)) {
        const rlimit small{16384, RLIM_INFINITY};
        if (setrlimit(RLIMIT_FSIZE, &small) != 0) {
            return 2;
        }
    }
    const auto diary = std::make_shared<Diary>();
    JobManager jobs(registryOf(diary), noHost(), {std::make_shared<const Journal>(directory), {}, {}});
    const job::JobId id =
        jobs.run(planOf({step(u"work"_s, u"a"_s), step(arguments.value(4), u"b"_s), step(u"work"_s, u"c"_s)}));
    if (!QTest::qWaitFor([&] { return jobs.job(id)->isFinished(); }, 20000)) {
        return 2;
    }
    const JobRecord end = *jobs.job(id);
    const QByteArray text = diary->take().join(u", "_s).toUtf8() + "|" + format::stateName(end.state).toUtf8() + "|"
        + end.error.message.toUtf8() + "|" + QByteArray::number(end.log.filter(u"can't be written"_s).size());
    fputs(text.constData(), stdout);
    return 0;
}

} // namespace

/** The journal's files: format, damage, locks, modes, history. */
class TestJournal final : public QObject, private JournalBench
{
    Q_OBJECT

private Q_SLOTS:
    void init() { reset(); }

    void onlyTheUserMayRead()
    {
        const job::JobId id = interrupted(abc(), {});
        QCOMPARE(modeOf(fileOf(id)), mode_t(0600));
        QCOMPARE(modeOf(path), mode_t(0700));
        QCOMPARE(modeOf(root->filePath(u"state"_s)), mode_t(0700));
        QCOMPARE(chmod(QFile::encodeName(path).constData(), 0755), 0);
        QVERIFY(!interrupted(abc(), {}).isNull());
        QCOMPARE(modeOf(path), mode_t(0700));
    }

    void eachRecordIsOneLine()
    {
        Plan plan = abc();
        plan.xmlAfter = u"<a>\n</a>"_s;
        const job::JobId id = interrupted(plan, stoppedInB());
        const QList<QByteArray> lines = contentOf(fileOf(id)).split('\n');
        QCOMPARE(lines.size(), 7);
        QVERIFY(lines.constLast().isEmpty());
        const QJsonObject header = QJsonDocument::fromJson(lines.constFirst()).object();
        QCOMPARE(header[u"t"_s].toString(), u"header"_s);
        QCOMPARE(header[u"format"_s].toInt(), 1);
        QCOMPARE(QUuid::fromString(header[u"id"_s].toString()), id);
        QCOMPARE(header[u"hosts"_s].toObject()[theirHost.toString(QUuid::WithoutBraces)].toString(), uri);
        QCOMPARE(Plan::fromJson(header[u"plan"_s].toObject()), plan);
        for (const QByteArray &line : lines.mid(1, 5)) {
            QVERIFY(QJsonDocument::fromJson(line).object().contains(u"at"_s));
        }
        const JournalEntry read = entry(id);
        QCOMPARE(read.standing, Standing::Interrupted);
        QCOMPARE(read.record.state, JobState::Interrupted);
        QCOMPARE(read.record.plan, plan);
        QCOMPARE(read.record.currentStep, 1);
        QCOMPARE(read.reached, 1);
        QCOMPARE(read.record.steps.at(0).state, StepState::Done);
        QVERIFY(read.record.steps.at(0).finished >= read.record.steps.at(0).started);
        QCOMPARE(read.record.steps.at(1).state, StepState::Running);
        QCOMPARE(read.record.steps.at(2).state, StepState::Waiting);
        QCOMPARE(read.record.results, (QJsonObject{{u"a"_s, true}, {u"b"_s, true}}));
        QVERIFY(read.record.canFinish && read.record.canUndo);
        QCOMPARE(read.record.statusLine(), u"interrupted at: Do"_s);
    }

    void aWholeJobIsKeptAsHistory()
    {
        auto jobs = manager();
        const job::JobId id = jobs->run(abc());
        QVERIFY(end(*jobs, id));
        QCOMPARE(jobs->job(id)->state, JobState::Done);
        const JournalEntry read = entry(id);
        QCOMPARE(read.standing, Standing::Finished);
        QCOMPARE(read.record.state, JobState::Done);
        QCOMPARE(read.record.log, jobs->job(id)->log);
        QVERIFY(!read.record.log.isEmpty());
        QCOMPARE(read.record.results, jobs->job(id)->results);
        QCOMPARE(read.record.fraction, 1.0);
        QVERIFY(read.record.finished.isValid());
        QVERIFY(!read.record.canFinish && !read.record.canUndo);

        const job::JobId failing =
            jobs->run(planOf({step(u"work"_s, u"a"_s), step(u"nailed"_s, u"b"_s), step(u"fail"_s, u"c"_s)}));
        QVERIFY(end(*jobs, failing));
        const JournalEntry stuck = entry(failing);
        QCOMPARE(stuck.record.state, JobState::Stuck);
        QCOMPARE(stuck.record.error, jobs->job(failing)->error);
        QCOMPARE(stuck.record.remains, jobs->job(failing)->remains);
        QCOMPARE(stuck.record.steps.at(1).state, StepState::UndoFailed);
        QCOMPARE(stuck.record.steps.at(1).error, u"It is nailed down."_s);
        QVERIFY(stuck.record.canUndo);

        jobs = manager();
        QVERIFY(load(*jobs));
        QCOMPARE(jobs->jobs(), (QList<job::JobId>{id, failing}));
        QCOMPARE(jobs->job(id)->state, JobState::Done);
        jobs->clearFinished();
        QVERIFY(jobs->jobs().isEmpty());
        QTRY_VERIFY(!QFileInfo::exists(fileOf(id)) && !QFileInfo::exists(fileOf(failing)));
    }

    /** Intent before the step, note before the step goes on, and nothing of it on the manager's thread. */
    void writtenAhead()
    {
        struct Seen {
            QList<QByteArray> records;
            bool onGuiThread = false;
        };
        const auto seen = std::make_shared<Seen>();
        const Qt::HANDLE gui = QThread::currentThreadId();
        journal =
            std::make_shared<const Journal>(path, [seen, gui](JournalFile::Moment moment, int, QByteArrayView line) {
                seen->onGuiThread = seen->onGuiThread || QThread::currentThreadId() == gui;
                if (moment == JournalFile::Moment::After) {
                    seen->records.append(line.toByteArray());
                }
            });
        job::StepRegistry registry;
        QStringList onDisk; // what the step finds in the file while it runs
        registry.add(u"look"_s,
            {[&](const Step &, StepContext &context) -> Result<> {
                 const auto kinds = [&] {
                     QStringList names;
                     const QList<JournalEntry> all = *journal->list();
                     const auto lines = contentOf(path + u'/' + all.constFirst().fileName).trimmed().split('\n');
                     for (const QByteArray &line : lines) {
                         names.append(QJsonDocument::fromJson(line).object()[u"t"_s].toString());
                     }
                     return names.join(u' ');
                 };
                 onDisk.append(kinds());
                 const Result<> noted = context.note(u"x"_s, 1);
                 onDisk.append(kinds());
                 return noted;
             },
                {}});
        JobManager jobs(registry, noHost(), {journal, {}, {}});
        const job::JobId id = jobs.run(planOf({step(u"look"_s, u"a"_s)}));
        QVERIFY(end(jobs, id));
        QCOMPARE(jobs.job(id)->state, JobState::Done);
        QCOMPARE(onDisk, (QStringList{u"header intent"_s, u"header intent note"_s}));
        QVERIFY(!seen->onGuiThread);
        QCOMPARE(seen->records.size(), 5);
    }

    void noJournalNoStep()
    {
        QVERIFY(QDir().mkpath(root->filePath(u"state"_s)) && write(root->filePath(u"state/vireo"_s), "a file"));
        auto jobs = manager();
        const job::JobId id = jobs->run(abc());
        QVERIFY(end(*jobs, id));
        QCOMPARE(jobs->job(id)->state, JobState::Failed);
        QVERIFY2(jobs->job(id)->error.message.contains(path), qPrintable(jobs->job(id)->error.message));
        QVERIFY(diary->take().isEmpty());
        QVERIFY(load(*jobs)); // nothing, and no crash
    }

    void fullDisk_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<bool>("ends");
        QTest::newRow("a note does not fit")
            << u"crowd"_s << u"run a, undo b, undo a|failed|The journal can't be written"_s << true;
        QTest::newRow("nothing fits") << u"full"_s
                                      << u"run a, run b, undo c, undo b, undo a|failed|The journal can't be written"_s
                                      << false;
    }

    /** A step is not run without its intent on disk; what was done is undone all the same. */
    void fullDisk()
    {
        QFETCH(const QString, kind);
        QFETCH(const QString, expected);
        QFETCH(const bool, ends);
        QProcess child;
        child.start(QCoreApplication::applicationFilePath(), {u"--child"_s, u"run"_s, path, kind});
        QVERIFY(child.waitForFinished(30000));
        const QString output = QString::fromUtf8(child.readAllStandardOutput());
        QVERIFY2(output.startsWith(expected), qPrintable(output + QString::fromUtf8(child.readAllStandardError())));
        QVERIFY2(!output.endsWith(u"|0"_s), qPrintable(output)); // said in the log
        const QList<JournalEntry> all = *journal->list();
        QCOMPARE(all.size(), 1);
        // What could not be written left no half records: the file is whole, and shows an end only if that fitted.
        QCOMPARE(all.constFirst().standing, ends ? Standing::Finished : Standing::Interrupted);
        QVERIFY(contentOf(path + u'/' + all.constFirst().fileName).endsWith('\n'));
    }

    void tornAtEachByte()
    {
        QList<QJsonObject> records = stoppedInB();
        records << format::outcome(1, Direction::Run, fail(Error::failed(u"No."_s)))
                << format::undoing(Error::failed(u"No."_s)) << format::intent(1, Direction::Undo)
                << format::outcome(1, Direction::Undo, {});
        const job::JobId id = interrupted(abc(), records);
        const QByteArray whole = contentOf(fileOf(id));
        const qsizetype header = whole.indexOf('\n') + 1;
        for (qsizetype length = 0; length < whole.size(); ++length) {
            const QByteArray torn = whole.first(length);
            const auto read = format::parse(torn);
            QCOMPARE(read.has_value(), length >= header);
            if (read) {
                QCOMPARE(read->length, torn.lastIndexOf('\n') + 1);
                QCOMPARE(read->standing, Standing::Interrupted);
            }
        }
        // Whoever takes the job up writes behind the last whole record.
        QVERIFY(write(fileOf(id), whole.chopped(7)));
        {
            const auto opened = journal->open(id);
            QVERIFY(opened);
            QVERIFY((*opened).file->append(format::resume(Recovery::Undo, {})));
        }
        QCOMPARE(entry(id).standing, Standing::Interrupted);
        QCOMPARE(contentOf(fileOf(id)).count('\n'), whole.count('\n'));
    }

    void randomDamageIsHarmless()
    {
        const job::JobId id = interrupted(abc(), stoppedInB());
        const QByteArray whole = contentOf(fileOf(id));
        QRandomGenerator random(4711); // the same each time
        int refused = 0;
        for (int i = 0; i < 3000; ++i) {
            QByteArray bad = whole;
            for (int n = random.bounded(1, 5); n > 0; --n) {
                bad[random.bounded(static_cast<int>(bad.size()))] = static_cast<char>(random.bounded(256));
            }
            const auto read = format::parse(bad);
            refused += read ? 0 : 1;
            if (read) {
                QVERIFY(read->reached < read->record.steps.size());
                QVERIFY(read->length <= bad.size());
            }
        }
        QVERIFY(refused > 0);
    }

    void whatCantBeReadIsShownAndKept()
    {
        const job::JobId good = interrupted(abc(), {});
        const QByteArray header = contentOf(fileOf(good));
        const auto name = [this](const QString &text) {
            return path + u'/' + text + u".job"_s;
        };
        const auto fresh = [] {
            return QUuid::createUuid().toString(QUuid::WithoutBraces);
        };
        QVERIFY(write(name(fresh()), {}));
        QVERIFY(write(name(fresh()), "garbage\n"));
        QVERIFY(write(name(fresh()), header)); // another job's
        QVERIFY(write(name(u"notes"_s), "{}\n"));
        const QUuid later = QUuid::createUuid();
        QVERIFY(write(name(later.toString(QUuid::WithoutBraces)), "{\"t\":\"header\",\"format\":2}\n"));
        const QUuid odd = QUuid::createUuid();
        QByteArray text = header;
        text.replace(good.toString(QUuid::WithoutBraces).toLatin1(), odd.toString(QUuid::WithoutBraces).toLatin1());
        QVERIFY(write(name(odd.toString(QUuid::WithoutBraces)),
            text + "{\"t\":\"intent\",\"step\":99,\"direction\":\"run\"}\n{\"t\":\"note\",\"key\":\"x\"}\n"));
        QVERIFY(QDir(path).mkdir(fresh() + u".job"_s));
        QVERIFY(QFile::link(fileOf(good), name(fresh())));
        QCOMPARE(mkfifo(QFile::encodeName(name(fresh())).constData(), 0600), 0); // must not hang
        const QStringList before = QDir(path).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot);
        QCOMPARE(before.size(), 10);

        QVERIFY(journal->prune(0));
        const QList<JournalEntry> all = *journal->list();
        QCOMPARE(all.size(), 10);
        QCOMPARE(std::ranges::count(all, Standing::Unreadable, &JournalEntry::standing), 9);
        QCOMPARE(entry(later).record.error.kind, Error::Kind::Unsupported);
        QVERIFY(entry(odd).record.error.message.contains(u"line 2"_s));

        auto jobs = manager(weKnow());
        QVERIFY(load(*jobs));
        QCOMPARE(jobs->jobs().size(), 10);
        QCOMPARE(jobs->job(odd)->state, JobState::Interrupted);
        QVERIFY2(jobs->job(odd)->statusLine().startsWith(u"unreadable: "_s), qPrintable(jobs->job(odd)->statusLine()));
        QVERIFY(!jobs->recover(odd, Recovery::Undo));
        jobs->clearFinished();
        QCOMPARE(jobs->jobs().size(), 10);
        QCOMPARE(QDir(path).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot), before);
    }

    void oneJobIsRunOnce()
    {
        const JobRecord record = recordOf(abc());
        auto file = journal->create(record, {});
        QVERIFY(file);
        const Journal other(path);
        QCOMPARE(other.read(record.id)->standing, Standing::Running);
        QVERIFY(!other.read(record.id)->record.canUndo);
        const auto refused = other.open(record.id);
        QVERIFY(!refused);
        QVERIFY2(refused.error().message.contains(u"Another process"_s), qPrintable(refused.error().message));
        file->reset();
        QCOMPARE(other.read(record.id)->standing, Standing::Interrupted);
        const auto first = other.open(record.id);
        QVERIFY(first);
        QVERIFY(!journal->open(record.id));
        QCOMPARE(journal->read(record.id)->standing, Standing::Running);
    }

    void theDeathOfAProcessUnlocks()
    {
        QProcess child;
        child.start(QCoreApplication::applicationFilePath(), {u"--child"_s, u"hold"_s, path});
        QVERIFY(child.waitForReadyRead(20000));
        QCOMPARE(child.readLine(), "held\n");
        const QList<JournalEntry> all = *journal->list();
        QCOMPARE(all.size(), 1);
        QCOMPARE(all.constFirst().standing, Standing::Running);
        auto jobs = manager(weKnow());
        QVERIFY(load(*jobs));
        QVERIFY(jobs->jobs().isEmpty()); // another process's
        QVERIFY(!journal->open(all.constFirst().record.id));
        child.kill();
        QVERIFY(child.waitForFinished(20000));
        QCOMPARE(entry(all.constFirst().record.id).standing, Standing::Interrupted);
        QVERIFY(load(*jobs));
        QCOMPARE(jobs->jobs().size(), 1);
    }

    void historyIsShort()
    {
        const job::JobId waiting = interrupted(abc(), {}); // the oldest of all
        QList<job::JobId> ended;
        for (int i = 0; i < 204; ++i) {
            JobRecord record = recordOf(planOf({}));
            record.created = QDateTime::currentDateTimeUtc().addSecs(i - 1000);
            record.state = JobState::Done;
            const auto file = journal->create(record, {});
            QVERIFY(file && (*file)->append(format::end(record)));
            ended.append(record.id);
        }
        const auto held = journal->open(ended.constLast());
        QVERIFY(held); // ended and locked: stays whatever comes
        auto jobs = manager();
        QVERIFY(load(*jobs));
        QCOMPARE(journal->list()->size(), 201);
        QVERIFY(QFileInfo::exists(fileOf(waiting)));
        for (int i = 0; i < 204; ++i) {
            QCOMPARE(QFileInfo::exists(fileOf(ended.at(i))), i >= 4);
        }
        QCOMPARE(jobs->jobs().size(), 201);
        QCOMPARE(jobs->jobs().constLast(), waiting); // order of creation
        QVERIFY(journal->prune(0));
        QCOMPARE(journal->list()->size(), 2);
    }

    void hostsAreFoundByUri()
    {
        Plan plan = abc();
        const QString id = theirHost.toString(QUuid::WithoutBraces);
        plan.steps[1].parameters = {
            {u"to"_s, id}, {u"list"_s, QJsonArray{id, u"other"_s, 3}}, {u"text"_s, u"not "_s + id}};
        const auto hosts =
            job::hostsOf(plan, [](const virt::HostId &host) { return host == theirHost ? uri : QString(); });
        QCOMPARE(hosts, (QHash<virt::HostId, QString>{{theirHost, uri}}));
        const job::HostMap map = job::mapHosts(hosts, {}, weKnow());
        QCOMPARE(map.ids, (QHash<virt::HostId, virt::HostId>{{theirHost, ourHost}}));
        QVERIFY(map.unknown.isEmpty());
        JobRecord record = recordOf(plan);
        record.results = {{u"at"_s, id}};
        record.hosts = hosts;
        job::replaceHosts(record, map.ids);
        const QString ours = ourHost.toString(QUuid::WithoutBraces);
        QCOMPARE(record.plan.host, ourHost);
        QCOMPARE(record.plan.steps.at(1).parameters,
            (QJsonObject{{u"to"_s, ours}, {u"list"_s, QJsonArray{ours, u"other"_s, 3}}, {u"text"_s, u"not "_s + id}}));
        QCOMPARE(record.results[u"at"_s].toString(), ours);
        QCOMPARE(record.hosts.value(ourHost), uri);
        // An id that means the same here stays, even if another host has the same URI.
        const auto same = job::mapHosts(hosts, [](const virt::HostId &) { return uri; }, weKnow());
        QVERIFY(same.ids.isEmpty() && same.unknown.isEmpty());
        QCOMPARE(job::mapHosts(hosts, {}, [](const QString &) { return virt::HostId(); }).unknown, QStringList{uri});
    }

    void noPasswordOfAUriIsWritten()
    {
        journal = std::make_shared<const Journal>(path);
        JobManager jobs(registryOf(diary), noHost(),
            {journal, [](const virt::HostId &) { return u"esx://root:canary-4711@host/?no_verify=1"_s; }, {}});
        const job::JobId id = jobs.run(abc());
        QVERIFY(end(jobs, id));
        const QByteArray content = contentOf(fileOf(id));
        QVERIFY(content.contains("esx://root@host/"));
        QVERIFY(!content.contains("canary"));
    }
};

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    if (QCoreApplication::arguments().value(1) == u"--child") {
        return childMain(QCoreApplication::arguments());
    }
    TestJournal test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_journal.moc"
