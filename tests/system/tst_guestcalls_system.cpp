// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The calls that ask the guest, the downloads, and what a host tells of snapshots, on a real host.
#include <sys/stat.h>

#include <QFile>
#include <QSignalSpy>

#include "backend/virt/guest.h"
#include "backend/virt/hosts.h"
#include "backend/virt/storage.h"
#include "snapshotcallsbed.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using namespace vireo::test;
using namespace vireo::virt;

class TestGuestCallsSystem final : public SnapshotCallsBed
{
    Q_OBJECT

private Q_SLOTS:
    void takesPictures();
    void freezes();
    void downloads();
    void hostTells();
};

void TestGuestCallsSystem::takesPictures()
{
    QVERIFY(m_host->make({.screen = true}) && m_host->start());
    const auto picture = guest::screenshot(*m_connection, m_host->uuid());
    VERIFY_OK(picture);
    QVERIFY2(picture->startsWith("P6") || picture->startsWith("\x89PNG\r\n"), picture->left(8).toHex().constData());
    QVERIFY(picture->size() > 1000);
    const auto tooLarge = guest::screenshot(*m_connection, m_host->uuid(), 1000);
    QVERIFY(!tooLarge);
    VERIFY_OK(guest::screenshot(*m_connection, m_host->uuid())); // the connection is as good as before
    QVERIFY(m_host->stop());
    QVERIFY(!guest::screenshot(*m_connection, m_host->uuid()));
    QVERIFY(m_host->make({}) && m_host->start());
    QVERIFY(!guest::screenshot(*m_connection, m_host->uuid())); // has no screen
    QCOMPARE(guest::hasAgent(*m_connection, m_host->uuid()).value(), false);
}

void TestGuestCallsSystem::freezes()
{
    QVERIFY(m_host->make({.agent = true}) && m_host->start());
    QTRY_VERIFY(guest::hasAgent(*m_connection, m_host->uuid()).value_or(false));
    const auto frozen = guest::freeze(*m_connection, m_host->uuid());
    VERIFY_OK(frozen);
    QVERIFY(*frozen >= 1);
    VERIFY_OK(guest::thaw(*m_connection, m_host->uuid()));

    QVERIFY(m_host->order(u"agent=hang"_s, u"AGENT OBEYS"_s));
    VERIFY_OK(guest::setAgentTimeout(*m_connection, m_host->uuid(), std::chrono::seconds(1)));
    QElapsedTimer clock;
    clock.start();
    QVERIFY(!guest::freeze(*m_connection, m_host->uuid()));
    QVERIFY2(clock.elapsed() < 8000, qPrintable(QString::number(clock.elapsed())));
    QVERIFY(m_host->hears(u"AGENT FROZEN"_s)); // all the same
    QTRY_VERIFY(guest::thaw(*m_connection, m_host->uuid()));
}

void TestGuestCallsSystem::downloads()
{
    QVERIFY(m_host->make({}));
    const QString name = u"holes.raw"_s;
    const QString source = file(name);
    QVERIFY(m_host->bed
            .virsh(u"A"_s,
                {u"vol-create-as"_s, u"default"_s, name, u"32M"_s, u"--format"_s, u"raw"_s, u"--allocation"_s, u"0"_s})
            .ok());
    QByteArray content(qsizetype(32 * mebibyte), '\0'); // ends with a hole
    std::fill_n(content.begin() + 3 * mebibyte, 2 * mebibyte, '\7');
    std::fill_n(content.begin() + 20 * mebibyte + 4711, 100, '\1');
    QVERIFY(m_host->bed
            .exec(u"A"_s,
                {u"qemu-io"_s, u"-f"_s, u"raw"_s, u"-c"_s, u"write -P 7 3M 2M"_s, u"-c"_s,
                    u"write -P 1 %1 100"_s.arg(20 * mebibyte + 4711), source})
            .ok());
    const QTemporaryDir directory;
    const QString target = directory.filePath(u"disk.raw"_s);
    quint64 last = 0;
    quint64 all = 0;
    const auto progress = [&](quint64 done, quint64 total) {
        QVERIFY(done >= last && done <= total);
        last = done;
        all = total;
    };
    VERIFY_OK(storage::downloadVolume(*m_connection, u"default"_s, name, target, progress, {}));
    QCOMPARE(last, 32 * mebibyte);
    QCOMPARE(all, 32 * mebibyte);
    QFile reader(target);
    QVERIFY(reader.open(QIODevice::ReadOnly));
    QVERIFY(reader.readAll() == content);
    QCOMPARE(m_host->mode(target), u"0600"_s);
    struct stat status = {};
    QCOMPARE(stat(QFile::encodeName(target).constData(), &status), 0);
    QVERIFY2(
        static_cast<quint64>(status.st_blocks) * 512 < 4 * mebibyte, qPrintable(QString::number(status.st_blocks)));

    // What is there stays as it is; what fails leaves nothing.
    const auto again = storage::downloadVolume(*m_connection, u"default"_s, name, target, {}, {});
    QVERIFY(!again && again.error().message.contains(target));
    QCOMPARE(QFileInfo(target).size(), qint64(32 * mebibyte));
    const QString second = directory.filePath(u"second"_s);
    QVERIFY(!storage::downloadVolume(*m_connection, u"default"_s, u"none"_s, second, {}, {}));
    QVERIFY(!QFile::exists(second));
    std::stop_source stop;
    const auto stopped = storage::downloadVolume(
        *m_connection, u"default"_s, name, second, [&](quint64, quint64) { stop.request_stop(); }, stop.get_token());
    QVERIFY(!stopped);
    QCOMPARE(stopped.error().kind, Error::Kind::Cancelled);
    QVERIFY(!QFile::exists(second));
    VERIFY_OK(storage::downloadVolume(*m_connection, u"default"_s, name, second, {}, {}));
    QVERIFY(!storage::downloadVolume(*m_connection, u"default"_s, name, u"/dev/full"_s, {}, {}));
}

void TestGuestCallsSystem::hostTells()
{
    QVERIFY(m_host->make({}) && m_host->start());
    Hosts hosts;
    HostSettings settings;
    settings.uri = m_host->uri();
    Host *host = hosts.host(hosts.add(settings));
    QElapsedTimer clock;
    clock.start();
    qint64 told = -1;
    connect(host, &Host::snapshotsMayHaveChanged, this, [&](const QUuid &domain) {
        if (domain == m_host->uuid()) {
            told = clock.elapsed();
        }
    });
    QStringList sentences;
    connect(host, &Host::eventHappened, this, [&](const EventRecord &event) { sentences.append(event.text); });
    host->connectToHost();
    QTRY_VERIFY_WITH_TIMEOUT(host->isConnected(), 20000);

    const QString vm = u"vm"_s;
    const QString e1 = file(u"e1.over"_s);
    for (const QStringList &command : {
             QStringList{u"snapshot-create-as"_s, vm, u"i1"_s},
             {u"snapshot-create-as"_s, vm, u"e1"_s, u"--memspec"_s, file(u"e1.mem"_s), u"--diskspec"_s,
                 u"hda,file="_s + e1},
             {u"snapshot-create-as"_s, vm, u"e2"_s, u"--memspec"_s, file(u"e2.mem"_s), u"--live"_s, u"--diskspec"_s,
                 u"hda,file="_s + file(u"e2.over"_s)},
             {u"blockcommit"_s, vm, disk, u"--top"_s, e1, u"--base"_s, file(u"vm-hda.qcow2"_s), u"--wait"_s},
             {u"blockcommit"_s, vm, disk, u"--active"_s, u"--pivot"_s},
             {u"snapshot-delete"_s, vm, u"e2"_s, u"--metadata"_s}, // not told
             {u"snapshot-delete"_s, vm, u"e1"_s, u"--metadata"_s}, // not told
             {u"suspend"_s, vm},                                   // not told
             {u"snapshot-create-as"_s, vm, u"i2"_s},
             {u"snapshot-revert"_s, vm, u"i1"_s, u"--running"_s},
             {u"snapshot-create-as"_s, vm, u"i3"_s, u"--halt"_s},
             {u"snapshot-create-as"_s, vm, u"off"_s}, // not told
             {u"snapshot-revert"_s, vm, u"off"_s},
             {u"snapshot-revert"_s, vm, u"i1"_s},
         }) {
        const bool isTold = !(command.contains(u"off"_s) && command.first() == "snapshot-create-as"_L1)
            && command.first() != "snapshot-delete"_L1 && command.first() != "suspend"_L1;
        const auto outcome = m_host->bed.virsh(u"A"_s, command);
        QVERIFY2(outcome.ok(), qPrintable(command.join(u' ') + u": "_s + outcome.errorText));
        if (isTold) {
            // The last look comes when all is done, or it would not see it.
            const qint64 ended = clock.elapsed();
            QVERIFY2(QTest::qWaitFor([&] { return told >= ended; }, 1000), qPrintable(command.join(u' ')));
        }
    }
    for (const char *sentence : {"Went back to a snapshot", "Stopped by a snapshot", "Runs on from a snapshot",
             "The memory was saved for a snapshot", "The block job of the disk hda is done",
             "The disk hda and its copy are in step"}) {
        QVERIFY2(sentences.contains(QString::fromLatin1(sentence)), sentence);
    }
}

QTEST_GUILESS_MAIN(TestGuestCallsSystem)
#include "tst_guestcalls_system.moc"
