// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <csignal>
#include <memory>

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/testbed.h"

using namespace Qt::StringLiterals;
using vireo::test::TestBed;

namespace {

constexpr qint64 mib = 1024 * 1024;
constexpr int EndMs = 150000;
/** Enough that an upload of it takes a while, on any machine. */
constexpr qint64 LargeMiB = 500;

/** One `vireo VERB …` as a script would run it, read line by line. */
class Command final
{
    Q_DISABLE_COPY_MOVE(Command)

public:
    Command(const QProcessEnvironment &environment, const QStringList &arguments, const QByteArray &input = {})
    {
        m_process.setProcessEnvironment(environment);
        m_process.start(QStringLiteral(VIREO_BINARY), arguments);
        if (m_process.waitForStarted()) {
            m_process.write(input);
            m_process.closeWriteChannel();
        }
    }
    ~Command()
    {
        m_process.kill();
        m_process.waitForFinished();
    }

    /** The exit status; -1: it did not end by itself. */
    int wait()
    {
        const bool ended = m_process.state() == QProcess::NotRunning || m_process.waitForFinished(EndMs);
        read();
        return ended && m_process.exitStatus() == QProcess::NormalExit ? m_process.exitCode() : -1;
    }

    /** Reads on until a line of output says this; false: it ended before. */
    bool waitFor(const std::function<bool(const QJsonObject &)> &wanted)
    {
        QElapsedTimer waited;
        waited.start();
        qsizetype looked = 0;
        for (;;) {
            read();
            for (; looked < lines.size(); ++looked) {
                if (wanted(QJsonDocument::fromJson(lines.at(looked)).object())) {
                    return true;
                }
            }
            if (m_process.state() == QProcess::NotRunning || waited.elapsed() > EndMs) {
                return false;
            }
            m_process.waitForReadyRead(100);
        }
    }
    /** Until some of the image has arrived at the host. */
    bool waitForUpload()
    {
        int step = -1;
        return waitFor([&](const QJsonObject &line) {
            if (line["type"_L1] == "step"_L1 && line["kind"_L1] == "volume.upload"_L1) {
                step = line["index"_L1].toInt();
            }
            return step >= 0 && line["type"_L1] == "progress"_L1 && line["step"_L1].toInt(-1) == step
                && line["done"_L1].toInteger() > mib;
        });
    }

    void signal(int number) const
    {
        if (const auto process = static_cast<pid_t>(m_process.processId()); process > 0) { // 0 would be all of us
            ::kill(process, number);
        }
    }
    /** As the kernel would: no handler runs. */
    void killHard()
    {
        signal(SIGKILL);
        m_process.waitForFinished();
        read();
    }

    QList<QJsonObject> objects() const
    {
        QList<QJsonObject> all;
        for (const QByteArray &line : lines) {
            const QJsonDocument document = QJsonDocument::fromJson(line);
            all.append(document.isObject() ? document.object() : QJsonObject{{u"type"_s, u"no JSON"_s}});
        }
        return all;
    }
    QList<QJsonObject> objects(const QString &type) const
    {
        QList<QJsonObject> some = objects();
        some.removeIf([&](const QJsonObject &each) { return each["type"_L1].toString() != type; });
        return some;
    }
    QJsonObject last() const { return objects().isEmpty() ? QJsonObject() : objects().constLast(); }
    QString output() const { return QString::fromUtf8(lines.join('\n')); }

    QByteArrayList lines;
    QByteArray errors;

private:
    void read()
    {
        m_rest += m_process.readAllStandardOutput();
        errors += m_process.readAllStandardError();
        for (qsizetype end = m_rest.indexOf('\n'); end >= 0; end = m_rest.indexOf('\n')) {
            lines.append(m_rest.left(end));
            m_rest.remove(0, end + 1);
        }
    }

    QProcess m_process;
    QByteArray m_rest;
};

QString why(const Command &command)
{
    return command.output().right(3000) + u"\n"_s + QString::fromUtf8(command.errors).right(3000);
}

} // namespace

/** The real program without a window, on a real libvirtd with QEMU; read back with virsh and from the disk. */
class TestRunSystem final : public QObject
{
    Q_OBJECT

    std::unique_ptr<TestBed> m_bed;
    std::unique_ptr<QTemporaryDir> m_state;
    QString m_large;
    QString m_small;

    QProcessEnvironment environment() const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const QString &name : {u"DISPLAY"_s, u"WAYLAND_DISPLAY"_s, u"DBUS_SESSION_BUS_ADDRESS"_s, u"HOME"_s,
                 u"XDG_RUNTIME_DIR"_s, u"QT_QPA_PLATFORM"_s}) {
            environment.remove(name);
        }
        environment.insert(u"DBUS_SESSION_BUS_ADDRESS"_s, u"unix:path=/nonexistent"_s);
        environment.insert(u"QT_QPA_PLATFORM"_s, u"no-such-platform"_s);
        environment.insert(u"XDG_STATE_HOME"_s, m_state->path());
        return environment;
    }

    std::unique_ptr<Command> vireo(const QStringList &arguments, const QByteArray &input = {}) const
    {
        return std::make_unique<Command>(environment(), arguments, input);
    }
    std::unique_ptr<Command> run(const QString &draft, const QStringList &options) const
    {
        return vireo(QStringList{u"run"_s, draft} + options);
    }

    QJsonObject createDraft(const QString &name, const QString &image) const
    {
        return {{u"operation"_s, u"create"_s}, {u"host"_s, m_bed->uri(u"A"_s)}, {u"name"_s, name},
            {u"source"_s, QJsonObject{{u"kind"_s, u"image"_s}, {u"path"_s, image}}}, {u"memory_mib"_s, 32},
            {u"os"_s, u"generic"_s}};
    }
    QString save(const QJsonObject &draft) const
    {
        const QString path = m_state->filePath(u"draft-%1.json"_s.arg(QDir(m_state->path()).count()));
        QFile file(path);
        const bool saved = file.open(QIODevice::WriteOnly) && file.write(QJsonDocument(draft).toJson()) > 0;
        return saved ? path : QString();
    }

    QStringList words(const QStringList &arguments)
    {
        QStringList result = m_bed->virsh(u"A"_s, arguments).output.simplified().split(u' ', Qt::SkipEmptyParts);
        result.sort();
        return result;
    }
    QStringList domains() { return words({u"list"_s, u"--all"_s, u"--name"_s}); }
    QStringList pools() { return words({u"pool-list"_s, u"--all"_s, u"--name"_s}); }
    QString stateOf(const QString &domain) { return m_bed->virsh(u"A"_s, {u"domstate"_s, domain}).output.trimmed(); }
    /** The files themselves, whatever libvirt remembers of them. */
    QStringList files()
    {
        return m_bed->exec(u"A"_s, {u"find"_s, u"/var/lib/libvirt/images"_s, u"-type"_s, u"f"_s})
            .output.split(u'\n', Qt::SkipEmptyParts);
    }
    bool nothingIsThere() { return domains().isEmpty() && pools().isEmpty() && files().isEmpty(); }

    QStringList journals() const
    {
        return QDir(m_state->filePath(u"vireo/journal"_s)).entryList({u"*.job"_s}, QDir::Files | QDir::Hidden);
    }
    QString jobId() const { return journals().value(0).chopped(4); }
    /** The one job that `vireo jobs` knows. */
    QJsonObject job(const QStringList &options = {}) const
    {
        const auto jobs = vireo(QStringList{u"jobs"_s, u"--json"_s} + options);
        return jobs->wait() == 0 ? jobs->objects(u"job"_s).value(0) : QJsonObject();
    }

    /** Killed in the middle of an upload; the job stays interrupted. */
    bool interrupt(const QString &name)
    {
        const auto command = run(save(createDraft(name, m_large)), {u"--yes"_s, u"--json"_s});
        const bool uploading = command->waitForUpload();
        command->killHard();
        return uploading && job()["state"_L1] == "interrupted"_L1;
    }

    bool writeImage(const QString &path, qint64 dataMiB)
    {
        QFile file(path);
        // mostly holes: only the data is sent
        if (!file.open(QIODevice::WriteOnly) || !file.resize((dataMiB + 200) * mib) || !file.seek(100 * mib)) {
            return false;
        }
        QByteArray block(static_cast<qsizetype>(mib), 'x');
        for (qint64 i = 0; i < dataMiB; ++i) {
            block.replace(0, 8, QByteArray::number(i).rightJustified(8));
            if (file.write(block) != block.size()) {
                return false;
            }
        }
        return true;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_bed = std::make_unique<TestBed>();
        QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
        QVERIFY(!TestBed::guestDisk().isEmpty());
        m_small = m_bed->directory() + u"/guest.qcow2"_s;
        QVERIFY(QFile::copy(TestBed::guestDisk(), m_small));
        m_large = m_bed->directory() + u"/large.raw"_s;
        QVERIFY(writeImage(m_large, LargeMiB));
    }

    void init()
    {
        m_state = std::make_unique<QTemporaryDir>();
        QVERIFY(m_state->isValid());
    }
    void cleanup() { QVERIFY2(m_bed->wipe(), qPrintable(m_bed->errorText())); }
    void cleanupTestCase() { m_bed.reset(); }

    void dryRunDoesNothing()
    {
        const auto command = run(save(createDraft(u"web01"_s, m_small)), {u"--dry-run"_s});
        QVERIFY2(command->wait() == 0, qPrintable(why(*command)));
        QVERIFY2(command->output().contains("Create web01"_L1), qPrintable(why(*command)));
        QVERIFY(command->output().contains("1. "_L1));
        QVERIFY(nothingIsThere());
        QCOMPARE(journals(), QStringList());
    }

    void runsADraft()
    {
        const QString draft = save(createDraft(u"web01"_s, m_small));
        const auto command = run(draft, {u"--yes"_s, u"--json"_s});
        QVERIFY2(command->wait() == 0, qPrintable(why(*command)));
        const QList<QJsonObject> all = command->objects();
        const QStringList types{u"plan"_s, u"finding"_s, u"step"_s, u"progress"_s, u"log"_s, u"result"_s};
        for (const QJsonObject &each : all) {
            QVERIFY2(types.contains(each["type"_L1].toString()), qPrintable(why(*command)));
        }
        QCOMPARE(command->objects(u"plan"_s).size(), 1);
        const QJsonObject plan = command->objects(u"plan"_s).constFirst();
        QCOMPARE(plan["domain"_L1].toString(), u"web01"_s);
        QCOMPARE(plan["host"_L1].toString(), m_bed->uri(u"A"_s));
        const auto done = command->objects(u"step"_s);
        QCOMPARE(std::ranges::count_if(done, [](const QJsonObject &each) { return each["state"_L1] == "done"_L1; }),
            plan["steps"_L1].toArray().size());
        QCOMPARE(command->last()["type"_L1].toString(), u"result"_s);
        QCOMPARE(command->last()["state"_L1].toString(), u"done"_s);
        QCOMPARE(command->last()["exit"_L1].toInt(), 0);
        QCOMPARE(stateOf(u"web01"_s), u"running"_s);
        QCOMPARE(
            m_bed->virsh(u"A"_s, {u"domuuid"_s, u"web01"_s}).output.trimmed(), command->last()["uuid"_L1].toString());
        QCOMPARE(journals().size(), 1);
        QCOMPARE(job()["state"_L1].toString(), u"done"_s);

        // Its name is taken now: a blocker, and nothing is done.
        const QStringList before = files();
        const auto again = run(draft, {u"--yes"_s, u"--json"_s});
        QCOMPARE(again->wait(), 1);
        const auto findings = again->objects(u"finding"_s);
        QVERIFY(
            std::ranges::any_of(findings, [](const QJsonObject &each) { return each["severity"_L1] == "blocker"_L1; }));
        QCOMPARE(again->last()["state"_L1].toString(), u"refused"_s);
        QCOMPARE(files(), before);
        QCOMPARE(journals().size(), 1);

        // Its end, from standard input; warnings want consent.
        const QByteArray off = QJsonDocument(
            QJsonObject{{u"operation"_s, u"poweroff"_s}, {u"host"_s, m_bed->uri(u"A"_s)}, {u"domain"_s, u"web01"_s}})
                                   .toJson();
        const auto refused = vireo({u"run"_s, u"-"_s}, off);
        QCOMPARE(refused->wait(), 1);
        QVERIFY2(refused->errors.contains("--yes"), refused->errors.constData());
        QCOMPARE(stateOf(u"web01"_s), u"running"_s);
        const auto agreed = vireo({u"run"_s, u"-"_s, u"--yes"_s}, off);
        QVERIFY2(agreed->wait() == 0, qPrintable(why(*agreed)));
        QCOMPARE(stateOf(u"web01"_s), u"shut off"_s);
        const QJsonObject gone{{u"operation"_s, u"delete"_s}, {u"host"_s, m_bed->uri(u"A"_s)},
            {u"domain"_s, u"web01"_s}, {u"storage"_s, u"own"_s}};
        const auto deleted = run(save(gone), {u"--yes"_s});
        QVERIFY2(deleted->wait() == 0, qPrintable(why(*deleted)));
        QCOMPARE(domains(), QStringList());
        QCOMPARE(files().size(), 1); // the base image, for the next one
    }

    void makesSeveral()
    {
        QJsonObject draft = createDraft(u"node##"_s, m_small);
        draft.insert(u"count"_s, 2);
        const auto command = run(save(draft), {u"--yes"_s});
        QVERIFY2(command->wait() == 0, qPrintable(why(*command)));
        QCOMPARE(domains(), (QStringList{u"node01"_s, u"node02"_s}));
        QCOMPARE(stateOf(u"node02"_s), u"running"_s);
        QCOMPARE(files().size(), 3);
    }

    void invalidDrafts_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("path");
        QTest::newRow("no JSON") << QByteArray("{\"operation\": \"start\",}") << QByteArray("$: ");
        QTest::newRow("unknown key") << QByteArray("{\"operation\":\"start\",\"host\":\"qemu:///system\",\"domain\":"
                                                   "\"a\",\"forse\":true}")
                                     << QByteArray("$.forse: ");
        QTest::newRow("deep") << QByteArray("{\"operation\":\"create\",\"host\":\"qemu:///system\",\"name\":\"a\","
                                            "\"source\":{\"kind\":\"image\",\"path\":\"/x\"},"
                                            "\"nics\":[{\"user\":true,\"speed\":3}]}")
                              << QByteArray("$.nics[0].speed: ");
        QTest::newRow("not served") << QByteArray("{\"operation\":\"rescue\"}") << QByteArray("$.operation: ");
    }

    void invalidDrafts()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, path);
        const auto plain = vireo({u"run"_s, u"-"_s}, text);
        QCOMPARE(plain->wait(), 2);
        QVERIFY2(plain->errors.contains("vireo: " + path), plain->errors.constData());
        const auto json = vireo({u"run"_s, u"-"_s, u"--json"_s}, text);
        QCOMPARE(json->wait(), 2);
        QCOMPARE(json->objects(u"error"_s).size(), 1);
        QCOMPARE(json->objects(u"error"_s).constFirst()["path"_L1].toString().toUtf8() + ": ", path);
        QCOMPARE(json->last()["state"_L1].toString(), u"invalid"_s);
        QCOMPARE(json->last()["exit"_L1].toInt(), 2);
    }

    void aFileThatIsNotThere()
    {
        const auto command = vireo({u"run"_s, u"/no/such/draft.json"_s});
        QCOMPARE(command->wait(), 2);
        QVERIFY(command->errors.contains("/no/such/draft.json"));
    }

    void risksAreRefused()
    {
        const QString trap = m_state->filePath(u"trap"_s);
        QJsonObject draft{{u"operation"_s, u"start"_s}, {u"domain"_s, u"a"_s},
            {u"host"_s, u"qemu+ext:///system?command=/usr/bin/touch&netcat=%1"_s.arg(trap)}};
        const auto command = run(save(draft), {u"--yes"_s, u"--json"_s});
        QCOMPARE(command->wait(), 1);
        QVERIFY2(command->errors.contains("command="), command->errors.constData());
        QVERIFY(!QFile::exists(trap));
    }

    void controlCUndoes()
    {
        const auto command = run(save(createDraft(u"gone"_s, m_large)), {u"--yes"_s, u"--json"_s});
        QVERIFY2(command->waitForUpload(), qPrintable(why(*command)));
        QVERIFY(!files().isEmpty());
        command->signal(SIGINT);
        QVERIFY(command->waitFor(
            [](const QJsonObject &line) { return line["text"_L1].toString().startsWith("Cancelling"_L1); }));
        command->signal(SIGINT); // impatient: it must not end half-way
        command->signal(SIGTERM);
        QCOMPARE(command->wait(), 130);
        QCOMPARE(command->last()["state"_L1].toString(), u"cancelled"_s);
        QVERIFY2(nothingIsThere(), qPrintable(why(*command)));
        QCOMPARE(job()["state"_L1].toString(), u"cancelled"_s);
    }

    void aReaderThatGoesAwayKillsNothing()
    {
        // head -1 on our output
        QProcess pipe;
        QProcess head;
        pipe.setProcessEnvironment(environment());
        pipe.setStandardOutputProcess(&head);
        head.start(u"head"_s, {u"-1"_s});
        pipe.start(
            QStringLiteral(VIREO_BINARY), {u"run"_s, save(createDraft(u"piped"_s, m_small)), u"--yes"_s, u"--json"_s});
        QVERIFY(pipe.waitForFinished(EndMs));
        QVERIFY(head.waitForFinished());
        QCOMPARE(pipe.exitStatus(), QProcess::NormalExit);
        QCOMPARE(pipe.exitCode(), 0);
        QCOMPARE(stateOf(u"piped"_s), u"running"_s);
    }

    void killedAndUndone()
    {
        QVERIFY(interrupt(u"left"_s));
        QVERIFY(!files().isEmpty());
        const QJsonObject found = job({u"--compare"_s});
        QCOMPARE(found["operation"_L1].toString(), u"create"_s);
        QCOMPARE(found["domain"_L1].toString(), u"left"_s);
        QCOMPARE(found["host"_L1].toString(), m_bed->uri(u"A"_s));
        QVERIFY(found["can_finish"_L1].toBool() && found["can_undo"_L1].toBool());
        const QJsonArray comparison = found["comparison"_L1].toArray();
        const QJsonObject step = comparison.at(found["step"_L1].toObject()["index"_L1].toInt()).toObject();
        QCOMPARE(step["journal"_L1].toString(), u"running"_s);
        QCOMPARE(step["effect"_L1].toString(), u"partial"_s);
        // For people the same in columns.
        const auto table = vireo({u"jobs"_s});
        QCOMPARE(table->wait(), 0);
        QVERIFY2(table->output().contains(jobId().left(8) + "  create     interrupted"_L1), qPrintable(why(*table)));

        QCOMPARE(vireo({u"recover"_s, u"ffffffff-no"_s, u"--undo"_s})->wait(), 1);
        const auto undo = vireo({u"recover"_s, jobId().left(6), u"--undo"_s, u"--json"_s});
        QVERIFY2(undo->wait() == 0, qPrintable(why(*undo)));
        QCOMPARE(undo->last()["exit"_L1].toInt(), 0);
        QVERIFY(nothingIsThere());
        QCOMPARE(job()["state"_L1].toString(), u"cancelled"_s);
        // Once is enough.
        const auto again = vireo({u"recover"_s, jobId(), u"--undo"_s});
        QCOMPARE(again->wait(), 1);
        QVERIFY2(again->errors.contains("ended already"), again->errors.constData());
    }

    void killedAndFinished()
    {
        QVERIFY(interrupt(u"later"_s));
        const auto finish = vireo({u"recover"_s, jobId(), u"--finish"_s});
        QVERIFY2(finish->wait() == 0, qPrintable(why(*finish)));
        QCOMPARE(stateOf(u"later"_s), u"running"_s);
        QCOMPARE(job()["state"_L1].toString(), u"done"_s);
        QCOMPARE(files().size(), 2);
    }

    void oneProcessAtATime()
    {
        QVERIFY(interrupt(u"twice"_s));
        const auto first = vireo({u"recover"_s, jobId(), u"--finish"_s, u"--json"_s});
        QVERIFY2(first->waitForUpload(), qPrintable(why(*first)));
        QCOMPARE(job()["state"_L1].toString(), u"running"_s);
        const auto second = vireo({u"recover"_s, jobId(), u"--undo"_s});
        QCOMPARE(second->wait(), 1);
        QVERIFY2(second->errors.contains("Another process runs it"), second->errors.constData());
        QVERIFY2(first->wait() == 0, qPrintable(why(*first)));
        QCOMPARE(stateOf(u"twice"_s), u"running"_s);
    }

    /** The host hangs while the job is being undone: what remains is said, and can be undone later. */
    void whatCanNotBeUndoneIsSaid()
    {
        const auto command = run(save(createDraft(u"stuck"_s, m_large)), {u"--yes"_s, u"--json"_s});
        QVERIFY2(command->waitForUpload(), qPrintable(why(*command)));
        QVERIFY(m_bed->stopDaemon(u"A"_s));
        const auto says = [](const QString &beginning) {
            return [beginning](const QJsonObject &line) {
                return line["text"_L1].toString().startsWith(beginning);
            };
        };
        command->signal(SIGTERM);
        QVERIFY(command->waitFor(says(u"Cancelling"_s)));
        command->signal(SIGINT);
        QVERIFY(command->waitFor(says(u"Already undoing"_s)));
        const int status = command->wait();
        QVERIFY(m_bed->contDaemon(u"A"_s));
        QVERIFY2(status == 3, qPrintable(QString::number(status) + u'\n' + why(*command)));
        QCOMPARE(command->last()["state"_L1].toString(), u"stuck"_s);
        QVERIFY(!command->last()["remains"_L1].toArray().isEmpty());
        QVERIFY2(command->errors.contains("left behind: "), command->errors.constData());
        QCOMPARE(job()["state"_L1].toString(), u"stuck"_s);
        QVERIFY(!files().isEmpty());

        const auto undo = vireo({u"recover"_s, jobId(), u"--undo"_s});
        QVERIFY2(undo->wait() == 0, qPrintable(why(*undo)));
        QVERIFY(nothingIsThere());
    }

    /** The daemon is restarted under a running job: the job fails, and what it did is undone all the same. */
    void aRestartedDaemonIsFoundAgain()
    {
        const auto command = run(save(createDraft(u"restart"_s, m_large)), {u"--yes"_s, u"--json"_s});
        QVERIFY2(command->waitForUpload(), qPrintable(why(*command)));
        QVERIFY(m_bed->killDaemon(u"A"_s));
        QVERIFY2(command->wait() == 1, qPrintable(why(*command)));
        QCOMPARE(command->last()["state"_L1].toString(), u"failed"_s);
        QTRY_VERIFY(m_bed->virsh(u"A"_s, {u"version"_s}).ok());
        QCOMPARE(domains(), QStringList());
        QCOMPARE(files(), QStringList());
    }

    void passwordsStayHere()
    {
        const QByteArray canary = "Kanarienvogel-4711";
        QJsonObject draft = createDraft(u"secret"_s, m_large);
        draft.insert(u"seed"_s,
            QJsonObject{{u"kind"_s, u"nocloud"_s},
                {u"users"_s,
                    QJsonArray{QJsonObject{{u"name"_s, u"ada"_s}, {u"password"_s, QString::fromLatin1(canary)}}}}});
        const auto command = vireo({u"run"_s, u"-"_s, u"--yes"_s, u"--json"_s}, QJsonDocument(draft).toJson());
        QVERIFY2(command->waitForUpload(), qPrintable(why(*command)));
        QDirIterator processes(u"/proc"_s, QDir::Dirs | QDir::NoDotAndDotDot);
        while (processes.hasNext()) {
            QFile line(processes.next() + u"/cmdline"_s);
            QVERIFY(!line.open(QIODevice::ReadOnly) || !line.readAll().contains(canary));
        }
        QVERIFY2(command->wait() == 0, qPrintable(why(*command)));
        QVERIFY(!command->lines.join('\n').contains(canary));
        QVERIFY(!command->errors.contains(canary));
        QCOMPARE(journals().size(), 1);
        QFile journal(m_state->filePath(u"vireo/journal/"_s) + journals().constFirst());
        QVERIFY(journal.open(QIODevice::ReadOnly));
        const QByteArray content = journal.readAll();
        QVERIFY(content.contains("ada"));
        QVERIFY(!content.contains(canary));
        QCOMPARE(journal.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        // The hash is for the guest alone, not for whoever reads over the shoulder.
        QVERIFY(!command->output().contains("$6$"_L1) && !command->output().contains("$y$"_L1));
    }

    void listsNothingAtFirst()
    {
        const auto plain = vireo({u"jobs"_s});
        QCOMPARE(plain->wait(), 0);
        QCOMPARE(plain->lines, QByteArrayList{"There are no jobs."});
        const auto json = vireo({u"jobs"_s, u"--json"_s});
        QCOMPARE(json->wait(), 0);
        QCOMPARE(json->last()["jobs"_L1].toInt(-1), 0);
    }

    void anUnreachableHost()
    {
        const QJsonObject draft{{u"operation"_s, u"start"_s}, {u"domain"_s, u"a"_s},
            {u"host"_s, u"qemu+unix:///system?socket=/no/such/socket"_s}};
        const auto command = run(save(draft), {u"--json"_s});
        QCOMPARE(command->wait(), 1);
        QVERIFY(command->last()["error"_L1].toObject()["message"_L1].toString().contains("/no/such/socket"_L1));
        QCOMPARE(journals(), QStringList());
    }
};

QTEST_GUILESS_MAIN(TestRunSystem)
#include "tst_run_system.moc"
