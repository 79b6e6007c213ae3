// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The bed that other system tests stand on: hosts answer, freeze, come back, and end with their test.
#include <memory>

#include <QDir>
#include <QFile>
#include <QTest>

#include "testbed.h"

using namespace Qt::StringLiterals;
using vireo::test::TestBed;

namespace {
constexpr int bootMs = 30000;
}

class TestBedTest final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void hostsAnswer();
    void guestBootsFromDisk();
    void guestOutlivesKilledDaemon();
    void stoppedDaemonIsSilent();
    void guestHonoursPowerButton();
    void guestMigrates();
    void wipeRemovesEverything();
    void directoriesVanish();

private:
    [[nodiscard]] qsizetype beats(const QString &guest) const { return m_bed->read(guest + u".txt"_s).count("\nHB "); }
    [[nodiscard]] QString state(const QString &host, const QString &guest)
    {
        return m_bed->virsh(host, {u"domstate"_s, guest}).output.trimmed();
    }
    [[nodiscard]] bool define(const QString &xml, const QString &name)
    {
        QFile file(QDir(m_bed->directory()).filePath(name + u".xml"_s));
        return file.open(QIODevice::WriteOnly) && file.write(xml.toUtf8()) > 0 && file.flush()
            && m_bed->virsh(u"A"_s, {u"define"_s, file.fileName()}).ok();
    }

    std::unique_ptr<TestBed> m_bed;
};

void TestBedTest::initTestCase()
{
    m_bed = std::make_unique<TestBed>(QStringList{u"A"_s, u"B"_s});
    QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
}

void TestBedTest::hostsAnswer()
{
    QVERIFY(m_bed->virsh(u"A"_s, {u"uri"_s}).ok());
    const auto name = m_bed->virsh(u"B"_s, {u"hostname"_s});
    QVERIFY2(name.ok(), qPrintable(name.errorText));
    QCOMPARE(name.output.trimmed() == u"vireo-b", m_bed->hostsAreIsolated());
    QVERIFY(m_bed->exec(u"A"_s, {u"true"_s}).ok());
    QCOMPARE(m_bed->exec(u"A"_s, {u"sh"_s, u"-c"_s, u"exit 7"_s}).exitCode, 7);
}

void TestBedTest::guestBootsFromDisk()
{
    const QString disk = QDir(m_bed->directory()).filePath(u"disk.qcow2"_s);
    QVERIFY(QFile::copy(TestBed::guestDisk(), disk));
    QVERIFY(QFile::setPermissions(disk, QFile::Permissions(0x6666)));
    QVERIFY(define(m_bed->diskGuestXml(u"disk"_s, disk), u"disk"_s));
    const auto started = m_bed->virsh(u"A"_s, {u"start"_s, u"disk"_s});
    QVERIFY2(started.ok(), qPrintable(started.errorText));
    QTRY_VERIFY_WITH_TIMEOUT(m_bed->read(u"disk.txt"_s).contains("VIREO GUEST READY"), bootMs);
    QTRY_VERIFY_WITH_TIMEOUT(beats(u"disk"_s) >= 3, bootMs);
}

void TestBedTest::guestOutlivesKilledDaemon()
{
    QVERIFY2(m_bed->killDaemon(u"A"_s), qPrintable(m_bed->errorText()));
    QTRY_COMPARE_WITH_TIMEOUT(state(u"A"_s, u"disk"_s), u"running"_s, bootMs);
    const qsizetype before = beats(u"disk"_s);
    QTRY_VERIFY_WITH_TIMEOUT(beats(u"disk"_s) > before, bootMs);
    QCOMPARE(m_bed->read(u"disk.txt"_s).count("GUEST READY"), 1);
}

void TestBedTest::stoppedDaemonIsSilent()
{
    QVERIFY2(m_bed->stopDaemon(u"A"_s), qPrintable(m_bed->errorText()));
    QCOMPARE(m_bed->virsh(u"A"_s, {u"list"_s}, 1000).exitCode, -1);
    QVERIFY(m_bed->virsh(u"B"_s, {u"list"_s}).ok());
    QVERIFY(m_bed->contDaemon(u"A"_s));
    QVERIFY(m_bed->virsh(u"A"_s, {u"list"_s}).ok());
}

void TestBedTest::guestHonoursPowerButton()
{
    QVERIFY(m_bed->virsh(u"A"_s, {u"shutdown"_s, u"disk"_s}).ok());
    QTRY_COMPARE_WITH_TIMEOUT(state(u"A"_s, u"disk"_s), u"shut off"_s, bootMs);
    QVERIFY(m_bed->read(u"disk.txt"_s).contains("GUEST POWERBUTTON"));
}

void TestBedTest::guestMigrates()
{
    QVERIFY(define(m_bed->kernelGuestXml(u"walker"_s, u"dirty=2:4"_s), u"walker"_s));
    QVERIFY(m_bed->virsh(u"A"_s, {u"start"_s, u"walker"_s}).ok());
    QTRY_VERIFY_WITH_TIMEOUT(beats(u"walker"_s) >= 3, bootMs);
    QStringList migrate{u"migrate"_s, u"--live"_s, u"--p2p"_s, u"walker"_s, m_bed->peerUri(u"B"_s)};
    if (!m_bed->hostsAreIsolated()) {
        migrate << u"--migrateuri"_s << u"tcp:127.0.0.1"_s;
    }
    const auto migrated = m_bed->virsh(u"A"_s, migrate);
    QVERIFY2(migrated.ok(), qPrintable(migrated.errorText));
    QCOMPARE(state(u"B"_s, u"walker"_s), u"running"_s);
    QCOMPARE(state(u"A"_s, u"walker"_s), u"shut off"_s);
    const qsizetype before = beats(u"walker"_s);
    QTRY_VERIFY_WITH_TIMEOUT(beats(u"walker"_s) > before + 2, bootMs);
    QCOMPARE(m_bed->read(u"walker.txt"_s).count("GUEST READY"), 1);
}

void TestBedTest::wipeRemovesEverything()
{
    QVERIFY2(m_bed->wipe(), qPrintable(m_bed->errorText()));
    for (const QString &host : {u"A"_s, u"B"_s}) {
        const auto left = m_bed->virsh(host, {u"list"_s, u"--all"_s, u"--name"_s});
        QVERIFY(left.ok());
        QCOMPARE(left.output.trimmed(), QString());
    }
}

void TestBedTest::directoriesVanish()
{
    const QString files = m_bed->directory();
    const QString socket = m_bed->uri(u"A"_s).section(u"socket="_s, 1);
    QVERIFY(QFile::exists(socket));
    m_bed.reset();
    QVERIFY(!QFile::exists(files));
    QVERIFY(!QFile::exists(socket));
}

QTEST_GUILESS_MAIN(TestBedTest)
#include "tst_testbed.moc"
