// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// The real program on a display of its own, driven through AT-SPI as a screen reader does (drive.py), against a real
// host. Brings display, session bus and home itself: nothing of the session in which the test runs is used.
#include <csignal>
#include <cstdio>
#include <memory>
#include <sys/prctl.h>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/testbed.h"

using namespace Qt::StringLiterals;
using vireo::test::TestBed;

namespace {

constexpr int startMs = 30000;
constexpr int driveMs = 240000;

/// Ends a child when the test is killed: a display must not outlive it.
void dieWithTest(QProcess &process)
{
    process.setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
}

} // namespace

class TestAtspi final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void makesAndStartsVm();
    void cleanupTestCase();

private:
    QTemporaryDir m_home;
    QProcessEnvironment m_environment;
    QProcess m_display;
    std::unique_ptr<TestBed> m_bed;
};

void TestAtspi::initTestCase()
{
    QVERIFY(m_home.isValid());
    m_environment = QProcessEnvironment::systemEnvironment();
    for (const char *name :
        {"XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "HOME"}) {
        const QString path = m_home.filePath(QLatin1String(name));
        QVERIFY(QDir().mkpath(path));
        QVERIFY(QFile::setPermissions(path, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        m_environment.insert(QLatin1String(name), path);
    }
    for (const char *name :
        {"DBUS_SESSION_BUS_ADDRESS", "AT_SPI_BUS_ADDRESS", "WAYLAND_DISPLAY", "QT_ACCESSIBILITY", "NO_AT_BRIDGE"}) {
        m_environment.remove(QLatin1String(name));
    }
    m_environment.insert(u"QT_LINUX_ACCESSIBILITY_ALWAYS_ON"_s, u"1"_s);
    m_environment.insert(u"QT_QPA_PLATFORM"_s, u"xcb"_s);
    m_environment.insert(u"LC_ALL"_s, u"C.UTF-8"_s); // names are compared
    // libxkbcommon-x11 copies parts of X replies by strndup(), which strict checks take for whole strings.
    m_environment.insert(u"ASAN_OPTIONS"_s, m_environment.value(u"ASAN_OPTIONS"_s) + u":strict_string_checks=0"_s);

    m_display.setProcessEnvironment(m_environment);
    m_display.setStandardErrorFile(m_home.filePath(u"Xvfb.log"_s));
    dieWithTest(m_display);
    // A free number is chosen by the server, which says it when it is ready. Without -noreset it would begin anew, and
    // refuse connections meanwhile, whenever its last client leaves (at-spi's programs come and go).
    m_display.start(u"Xvfb"_s,
        {u"-displayfd"_s, u"1"_s, u"-screen"_s, u"0"_s, u"1280x800x24"_s, u"-noreset"_s, u"-nolisten"_s, u"tcp"_s});
    QVERIFY2(m_display.waitForStarted(), "Xvfb is needed");
    QTRY_VERIFY_WITH_TIMEOUT(m_display.canReadLine(), startMs);
    m_environment.insert(u"DISPLAY"_s, u':' + QString::fromLatin1(m_display.readLine()).trimmed());

    m_bed = std::make_unique<TestBed>();
    QVERIFY2(m_bed->isUp(), qPrintable(m_bed->errorText()));
}

void TestAtspi::cleanupTestCase()
{
    m_bed.reset();
    m_display.terminate();
    if (!m_display.waitForFinished()) {
        m_display.kill();
    }
}

void TestAtspi::makesAndStartsVm()
{
    QVERIFY(!TestBed::guestDisk().isEmpty());
    QProcess driver;
    driver.setProcessEnvironment(m_environment);
    driver.setProcessChannelMode(QProcess::MergedChannels);
    dieWithTest(driver);
    // The system's Python, for which pyatspi is installed.
    driver.start(u"dbus-run-session"_s,
        {u"--"_s, u"/usr/bin/python3"_s, QStringLiteral(VIREO_ATSPI_DRIVER), QStringLiteral(VIREO_BINARY),
            m_bed->uri(u"A"_s), TestBed::guestDisk(), u"web01"_s});
    const bool ended = driver.waitForFinished(driveMs);
    const QByteArray output = driver.readAll();
    if (!ended) {
        driver.terminate();
    }
    const bool passed = ended && driver.exitStatus() == QProcess::NormalExit && driver.exitCode() == 0;
    if (!passed) {
        std::fputs(output.constData(), stderr); // the whole tree of what is on screen; Qt Test would cut it
    }
    QVERIFY(passed);
    QCOMPARE(m_bed->virsh(u"A"_s, {u"domstate"_s, u"web01"_s}).output.trimmed(), u"running"_s);
    const QString info = m_bed->virsh(u"A"_s, {u"dominfo"_s, u"web01"_s}).output;
    QVERIFY2(info.contains(QRegularExpression(u"Max memory:\\s+65536 KiB"_s)), qPrintable(info));
}

QTEST_GUILESS_MAIN(TestAtspi)
#include "tst_atspi.moc"
