// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "backend/image/filesystem.h"
#include "backend/image/tool.h"
#include "backend/image/workfiles.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace vireo;
using image::FilesystemKind;
using image::ToolCall;

namespace {

constexpr quint64 mib = 1024 * 1024;

ToolCall callOf(const QString &program)
{
    ToolCall call;
    call.program = program;
    return call;
}

bool isAlive(pid_t pid)
{
    QFile status(u"/proc/%1/stat"_s.arg(pid));
    // A zombie waits for whoever inherited it.
    return status.open(QIODevice::ReadOnly) && !status.readAll().contains(") Z ");
}

} // namespace

/** Helper programs: scripts of this test stand in for them, as each shows what it was given. */
class TestImageTool final : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;

    QString file(const QString &name) const { return m_directory.filePath(name); }

    ToolCall script(const QByteArray &body) const
    {
        QFile out(file(u"script"_s));
        if (!out.open(QIODevice::WriteOnly) || out.write("#!/bin/sh\n" + body) < 0) {
            qFatal("can't write a script");
        }
        out.close();
        out.setPermissions(QFile::ReadOwner | QFile::ExeOwner);
        ToolCall call;
        call.program = out.fileName();
        return call;
    }

    QByteArray read(const QString &name) const
    {
        QFile in(file(name));
        return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
    }

private Q_SLOTS:
    void init() { QFile::remove(file(u"out"_s)); }

    void findsOnlyWhereItMay()
    {
        QCOMPARE(image::findTool(u"sh"_s), u"/usr/bin/sh"_s);
        qputenv("PATH", m_directory.path().toUtf8());
        QVERIFY(QFile::exists(script("exit 0").program));
        QCOMPARE(image::findTool(u"script-that-is-not-there"_s), QString());
        QVERIFY(!image::findTool(u"script"_s).startsWith(m_directory.path()));
        QCOMPARE(image::findTool(u"script"_s, {u"relative"_s, m_directory.path()}), file(u"script"_s));
        QCOMPARE(image::findTool(u"../bin/sh"_s), QString());
        QCOMPARE(image::findTool({}), QString());
        QVERIFY(QFile::setPermissions(file(u"script"_s), QFile::ReadOwner));
        QCOMPARE(image::findTool(u"script"_s, {m_directory.path()}), QString());
        QVERIFY(!image::runTool(callOf(u"sh"_s)));
    }

    void argumentsAreNotInterpreted()
    {
        ToolCall call = script("for a in \"$@\"; do printf '<%s>' \"$a\"; done");
        call.arguments = {u"$(id)"_s, u"a b"_s, u""_s, u"'; rm -rf /"_s, u"*"_s, u"ä"_s};
        const auto outcome = image::runTool(call);
        QVERIFY(outcome);
        QCOMPARE(QString::fromUtf8(outcome->output), u"<$(id)><a b><><'; rm -rf /><*><ä>"_s);
        call.arguments = {u"a"_s + QChar(0) + u"b"_s};
        QVERIFY(!image::runTool(call));
    }

    void environmentAndFilesAreClean()
    {
        qputenv("VIREO_SECRET", "password");
        const int left = open("/etc/passwd", O_RDONLY); // NOLINT(android-cloexec-open): what others forget
        QVERIFY(left > 2);
        signal(SIGPIPE, SIG_IGN);
        const auto outcome = image::runTool(
            script("/usr/bin/env | grep -v '^_=\\|^PWD=\\|^OLDPWD=\\|^SHLVL=' | sort; cat; ls /proc/$$/fd | wc -l;"
                   "ulimit -c; grep SigIgn /proc/self/status; grep SigBlk /proc/self/status;"
                   "[ \"$(cut -d' ' -f5 /proc/$$/stat)\" = $$ ] && echo own group"));
        close(left);
        signal(SIGPIPE, SIG_DFL);
        QVERIFY(outcome);
        // 0, 1, 2 and the script itself
        QCOMPARE(outcome->output.simplified(),
            "LC_ALL=C.UTF-8 PATH=/usr/bin:/bin:/usr/sbin:/sbin 4 0 SigIgn: 0000000000000000 SigBlk: 0000000000000000 "
            "own group");
    }

    void outcomes()
    {
        const auto failed = image::runTool(script("echo out; echo one >&2; echo last >&2; exit 3"));
        QVERIFY(failed);
        QVERIFY(!failed->ok());
        QCOMPARE(failed->exitCode, 3);
        QCOMPARE(failed->output, "out\n");
        QCOMPARE(failed->reason(), u"last"_s);
        const auto silent = image::runTool(script("exit 4"));
        QVERIFY(silent);
        QVERIFY(silent->reason().contains(u"code 4"_s));
        const auto killed = image::runTool(script("kill -9 $$"));
        QVERIFY(killed);
        QCOMPARE(killed->exitCode, -1);
        QCOMPARE(killed->signal, SIGKILL);
        QVERIFY(killed->reason().contains(u"signal 9"_s));

        const auto missing = image::runTool(callOf(file(u"no such program"_s)));
        QVERIFY(!missing);
        QVERIFY(missing.error().message.contains(u"No such file"_s));
        const QString text = script("exit 0").program;
        QFile::setPermissions(text, QFile::ReadOwner);
        const auto closed = image::runTool(callOf(text));
        QVERIFY(!closed);
        QVERIFY(closed.error().message.contains(u"Permission denied"_s));
    }

    void linesAndBounds()
    {
        QStringList lines;
        ToolCall call = script("printf '1\\r2\\r\\n3\\n\\n4'");
        call.onLine = [&lines](QByteArrayView line) {
            lines << QString::fromUtf8(line);
        };
        QVERIFY(image::runTool(call));
        QCOMPARE(lines, (QStringList{u"1"_s, u"2"_s, u"3"_s, u"4"_s}));

        const auto much = image::runTool(script("head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2"));
        QVERIFY(much);
        QVERIFY(much->ok());
        QCOMPARE(much->output.size(), 256 * 1024);
        QCOMPARE(much->errors.size(), 256 * 1024);
    }

    void limits()
    {
        ToolCall call = script("while :; do :; done");
        call.limits.cpu = 1s;
        const auto busy = image::runTool(call);
        QVERIFY(busy);
        QCOMPARE(busy->signal, SIGXCPU);
        QVERIFY(busy->reason().contains(u"processor time"_s));

        call = script("ulimit -v; ulimit -f; exec head -c 100000 /dev/zero > \"$1\"");
        call.arguments = {file(u"out"_s)};
        call.limits = {.addressSpace = 512 * mib, .fileSize = 65536, .cpu = 30s, .wall = {}};
        const auto large = image::runTool(call);
        QVERIFY(large);
        QCOMPARE(large->signal, SIGXFSZ);
        QVERIFY(large->output.startsWith("524288\n128\n"));
        QCOMPARE(QFileInfo(file(u"out"_s)).size(), 65536);

        call = script("echo started; sleep 100");
        call.limits.wall = 1s;
        const auto late = image::runTool(call);
        QVERIFY(!late);
        QCOMPARE(late.error().kind, Error::Kind::TimedOut);
    }

    void cancelEndsTheWholeGroup_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("obeys") << QByteArray("sleep 100 & echo $! > \"$1\"; echo ready; wait");
        QTest::newRow("does not listen") << QByteArray(
            "trap '' TERM; sh -c 'trap \"\" TERM; while :; do sleep 1; done' & echo $! > \"$1\";"
            "echo ready; while :; do wait; done");
        QTest::newRow("closes its output")
            << QByteArray("sleep 100 >&- 2>&- & echo $! > \"$1\"; echo ready; exec >&- 2>&-; wait");
    }

    void cancelEndsTheWholeGroup()
    {
        QFETCH(QByteArray, body);
        ToolCall call = script(body);
        call.arguments = {file(u"out"_s)};
        call.grace = 200ms;
        std::stop_source stop;
        std::jthread canceller;
        call.onLine = [&](QByteArrayView) {
            canceller = std::jthread([&stop] { stop.request_stop(); });
        };
        const auto outcome = image::runTool(call, stop.get_token());
        QVERIFY(!outcome);
        QCOMPARE(outcome.error().kind, Error::Kind::Cancelled);
        const auto child = static_cast<pid_t>(read(u"out"_s).trimmed().toInt());
        QVERIFY(child > 1);
        QTRY_VERIFY(!isAlive(child));
        std::stop_source before;
        before.request_stop();
        QFile::remove(file(u"out"_s));
        QVERIFY(!image::runTool(call, before.get_token()));
        QVERIFY(!QFile::exists(file(u"out"_s)));
    }

    /** A child that outlives the program and holds its output open does not hold us up, and is ended. */
    void leavesNobodyBehind()
    {
        ToolCall call = script("sleep 100 & echo $! > \"$1\"; echo done");
        call.arguments = {file(u"out"_s)};
        QElapsedTimer timer;
        timer.start();
        const auto outcome = image::runTool(call);
        QVERIFY(outcome);
        QVERIFY(outcome->ok());
        QCOMPARE(outcome->output, "done\n");
        QVERIFY(timer.elapsed() < 50000);
        const auto child = static_cast<pid_t>(read(u"out"_s).trimmed().toInt());
        QTRY_VERIFY(child > 1 && !isAlive(child));
    }

    void dieWithUs()
    {
        ToolCall call = script("echo $$ > \"$1\"; exec sleep 100");
        call.arguments = {file(u"out"_s)};
        const pid_t process = fork();
        if (process == 0) {
            const auto outcome = image::runTool(call);
            _exit(outcome ? 0 : 1);
        }
        QTRY_VERIFY(read(u"out"_s).trimmed().toInt() > 1);
        const auto tool = static_cast<pid_t>(read(u"out"_s).trimmed().toInt());
        QVERIFY(isAlive(tool));
        QCOMPARE(kill(process, SIGKILL), 0);
        QTRY_VERIFY(!isAlive(tool));
    }

    void manyAtOnce()
    {
        const ToolCall call = script("head -c 100000 /dev/zero");
        std::atomic_int good = 0;
        {
            std::vector<std::jthread> threads;
            threads.reserve(8);
            for (int i = 0; i < 8; ++i) {
                threads.emplace_back([&] {
                    for (int round = 0; round < 5; ++round) {
                        const auto outcome = image::runTool(call);
                        good += outcome && outcome->ok() && outcome->output.size() == 100000;
                    }
                });
            }
        }
        QCOMPARE(good, 40);
    }

    void workDirectories()
    {
        QStandardPaths::setTestModeEnabled(true);
        const auto path = image::workDirectory(u"test-1_a"_s);
        QVERIFY2(path, path ? "" : qPrintable(path.error().message));
        struct stat status = {};
        QCOMPARE(stat(QFile::encodeName(*path).constData(), &status), 0);
        QCOMPARE(status.st_mode & 0777, 0700U);
        QCOMPARE(image::workDirectory(u"test-1_a"_s), path);
        QVERIFY(image::makeSparseFile(*path + u"/file"_s, 1ULL << 40));
        QCOMPARE(stat(QFile::encodeName(*path + u"/file"_s).constData(), &status), 0);
        QCOMPARE(status.st_mode & 0777, 0600U);
        QCOMPARE(status.st_size, 1LL << 40);
        QCOMPARE(status.st_blocks, 0);
        QVERIFY(!image::makeSparseFile(*path + u"/file"_s, 1));
        QVERIFY(image::clearWork(u"test-1_a"_s));
        QVERIFY(!QFileInfo::exists(*path));
        QVERIFY(image::clearWork(u"test-1_a"_s));
        for (const QString &key : {QString(), u"a/b"_s, u".."_s, u"a b"_s, u"ä"_s, QString(81, u'a')}) {
            QVERIFY(!image::workDirectory(key));
            QVERIFY(!image::clearWork(key));
        }
        // A link in its place is neither used nor followed.
        QVERIFY(QFile::link(m_directory.path(), *path));
        QVERIFY(!image::workDirectory(u"test-1_a"_s));
        QVERIFY(image::clearWork(u"test-1_a"_s));
        QVERIFY(QFileInfo::exists(m_directory.path()));
        QVERIFY(!QFileInfo(*path).isSymLink());
        // One that is open to others is closed.
        QVERIFY(QDir().mkpath(*path));
        QCOMPARE(chmod(QFile::encodeName(*path).constData(), 0777), 0);
        QVERIFY(image::workDirectory(u"test-1_a"_s));
        QCOMPARE(stat(QFile::encodeName(*path).constData(), &status), 0);
        QCOMPARE(status.st_mode & 0777, 0700U);
        QVERIFY(image::clearWork(u"test-1_a"_s));
    }

    void fileSystems_data()
    {
        QTest::addColumn<FilesystemKind>("kind");
        QTest::addColumn<quint64>("size");
        QTest::addColumn<QString>("label");
        QTest::newRow("ext4") << FilesystemKind::Ext4 << 1024 * mib << u"sixteen bytes la"_s;
        QTest::newRow("ext4 small") << FilesystemKind::Ext4 << 2 * mib << QString();
        QTest::newRow("xfs") << FilesystemKind::Xfs << 1024 * mib << u"twelve-bytes"_s;
        QTest::newRow("vfat") << FilesystemKind::Vfat << 1024 * mib << u"ELEVEN BYTE"_s;
        QTest::newRow("vfat small") << FilesystemKind::Vfat << 64 * quint64(1024) << QString();
        QTest::newRow("swap") << FilesystemKind::Swap << 1024 * mib << u"fifteen bytes l"_s;
        QTest::newRow("swap small") << FilesystemKind::Swap << 40 * quint64(1024) << u"s"_s;
    }

    void fileSystems()
    {
        QFETCH(FilesystemKind, kind);
        QFETCH(quint64, size);
        QFETCH(QString, label);
        QCOMPARE(image::missingTool(kind), QString());
        const QString path = file(u"filesystem"_s);
        QFile::remove(path);
        const Result<> made = image::makeFilesystem(path, size, kind, label);
        QVERIFY2(made, made ? "" : qPrintable(made.error().message));
        struct stat status = {};
        QCOMPARE(stat(QFile::encodeName(path).constData(), &status), 0);
        QCOMPARE(status.st_mode & 0777, 0600U);
        QCOMPARE(quint64(status.st_size), size);
        if (size >= 1024 * mib) {
            QVERIFY2(quint64(status.st_blocks) * 512 < size / 16, QByteArray::number(qint64(status.st_blocks)));
        }
        QProcess blkid;
        blkid.start(u"/usr/sbin/blkid"_s, {u"-p"_s, u"-o"_s, u"export"_s, path});
        QVERIFY(blkid.waitForFinished());
        const QString found = QString::fromUtf8(blkid.readAllStandardOutput());
        QVERIFY2(found.contains(u"TYPE=%1\n"_s.arg(image::filesystemName(kind))), qPrintable(found));
        QCOMPARE(found.contains(u"\nLABEL="_s), !label.isEmpty());
        QString escaped = label;
        escaped.replace(u' ', u"\\ "_s);
        QVERIFY2(label.isEmpty() || found.contains(u"LABEL=%1\n"_s.arg(escaped)), qPrintable(found));
        // What is there is not written over.
        QVERIFY(!image::makeFilesystem(path, size, kind, label));
        QVERIFY(QFile::exists(path));
    }

    void fileSystemProblems_data()
    {
        QTest::addColumn<FilesystemKind>("kind");
        QTest::addColumn<quint64>("size");
        QTest::addColumn<QString>("label");
        QTest::addColumn<QString>("reason");
        const quint64 gib = 1024 * mib;
        QTest::newRow("ext4 label") << FilesystemKind::Ext4 << gib << QString(17, u'a') << u"16 byte"_s;
        QTest::newRow("ext4 label in bytes") << FilesystemKind::Ext4 << gib << QString(9, u'ä') << u"16 byte"_s;
        QTest::newRow("xfs label") << FilesystemKind::Xfs << gib << QString(13, u'a') << u"12 byte"_s;
        QTest::newRow("xfs label with space") << FilesystemKind::Xfs << gib << u"a b"_s << u"can't be a label"_s;
        QTest::newRow("vfat label") << FilesystemKind::Vfat << gib << QString(12, u'A') << u"11 byte"_s;
        QTest::newRow("vfat label sign") << FilesystemKind::Vfat << gib << u"A/B"_s << u"can't be a label"_s;
        QTest::newRow("vfat label letter") << FilesystemKind::Vfat << gib << u"Ä"_s << u"can't be a label"_s;
        QTest::newRow("swap label") << FilesystemKind::Swap << gib << QString(16, u'a') << u"15 byte"_s;
        QTest::newRow("option") << FilesystemKind::Ext4 << gib << u"-F"_s << u"can't be a label"_s;
        QTest::newRow("control") << FilesystemKind::Ext4 << gib << u"a\nb"_s << u"can't be a label"_s;
        QTest::newRow("ext4 size") << FilesystemKind::Ext4 << mib << QString() << u"needs between 2 MiB"_s;
        QTest::newRow("xfs size") << FilesystemKind::Xfs << 15 * mib << QString() << u"needs between 16 MiB"_s;
        QTest::newRow("vfat size") << FilesystemKind::Vfat << (1ULL << 42) << QString() << u"needs between"_s;
        QTest::newRow("swap size") << FilesystemKind::Swap << quint64(9 * 4096) << QString() << u"between 40 KiB"_s;
        QTest::newRow("odd size") << FilesystemKind::Ext4 << gib + 1 << QString() << u"multiple of 512"_s;
        QTest::newRow("xfs too small for mkfs.xfs")
            << FilesystemKind::Xfs << 32 * mib << QString() << u"Can't make a file system xfs"_s;
    }

    void fileSystemProblems()
    {
        QFETCH(FilesystemKind, kind);
        QFETCH(quint64, size);
        QFETCH(QString, label);
        QFETCH(QString, reason);
        const QString path = file(u"none"_s);
        const Result<> made = image::makeFilesystem(path, size, kind, label);
        QVERIFY(!made);
        QVERIFY2(made.error().message.contains(reason), qPrintable(made.error().message));
        QVERIFY(!QFile::exists(path));
    }

    void fileSystemWithoutTool()
    {
        const QStringList nowhere{m_directory.path()};
        QVERIFY(image::missingTool(FilesystemKind::Xfs, nowhere).contains(u"install xfsprogs"_s));
        const Result<> made = image::makeFilesystem(file(u"none"_s), 1024 * mib, FilesystemKind::Xfs, {}, {}, nowhere);
        QVERIFY(!made);
        QCOMPARE(made.error().kind, Error::Kind::Unsupported);
        for (const auto kind :
            {FilesystemKind::Ext4, FilesystemKind::Xfs, FilesystemKind::Vfat, FilesystemKind::Swap}) {
            QVERIFY(image::filesystemByName(image::filesystemName(kind)) == kind);
        }
        QVERIFY(!image::filesystemByName(u"ntfs"_s));
    }
};

QTEST_GUILESS_MAIN(TestImageTool)
#include "tst_imagetool.moc"
