// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "model/format.h"

using namespace Qt::StringLiterals;
using namespace vireo::model;

class TestFormat final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale::c()); }
    void bytes_data();
    void bytes();
    void rate_data();
    void rate();
    void percent();
    void duration_data();
    void duration();
    void age_data();
    void age();
    void os_data();
    void os();
    void decimalPointOfTheLocale();
};

void TestFormat::bytes_data()
{
    QTest::addColumn<quint64>("bytes");
    QTest::addColumn<QString>("text");
    constexpr quint64 KiB = 1024;
    constexpr quint64 MiB = KiB * 1024;
    constexpr quint64 GiB = MiB * 1024;
    QTest::newRow("zero") << quint64(0) << u"0 B"_s;
    QTest::newRow("bytes") << quint64(1000) << u"1000 B"_s;
    QTest::newRow("almost 1 KiB") << quint64(1023) << u"1023 B"_s;
    QTest::newRow("1 KiB") << KiB << u"1 KiB"_s;
    QTest::newRow("1.5 KiB") << KiB * 3 / 2 << u"1.5 KiB"_s;
    QTest::newRow("512 MiB") << 512 * MiB << u"512 MiB"_s;
    QTest::newRow("1.2 GiB") << GiB * 12 / 10 << u"1.2 GiB"_s;
    QTest::newRow("20 GiB") << 20 * GiB << u"20 GiB"_s;
    QTest::newRow("20.5 GiB") << 20 * GiB + GiB / 2 << u"20.5 GiB"_s;
    QTest::newRow("99.96 GiB is 100") << GiB * 9996 / 100 << u"100 GiB"_s;
    QTest::newRow("no decimals above 100") << 100 * GiB + GiB / 4 << u"100 GiB"_s;
    QTest::newRow("never 1024 MiB") << GiB - 1 << u"1 GiB"_s;
    QTest::newRow("TiB") << 3 * 1024 * GiB << u"3 TiB"_s;
    QTest::newRow("nothing above TiB") << 2000 * 1024 * GiB << u"2000 TiB"_s;
    QTest::newRow("largest") << std::numeric_limits<quint64>::max() << u"16777216 TiB"_s;
}

void TestFormat::bytes()
{
    QFETCH(quint64, bytes);
    QTEST(formatBytes(bytes), "text");
    if (bytes % 1024 == 0) {
        QTEST(formatKiB(bytes / 1024), "text");
    }
}

void TestFormat::rate_data()
{
    QTest::addColumn<double>("rate");
    QTest::addColumn<QString>("text");
    QTest::newRow("unknown") << -1.0 << QString();
    QTest::newRow("idle") << 0.0 << u"0 B/s"_s;
    QTest::newRow("less than one") << 0.4 << u"0 B/s"_s;
    QTest::newRow("1.2 MiB/s") << 1.2 * 1024 * 1024 << u"1.2 MiB/s"_s;
}

void TestFormat::rate()
{
    QFETCH(double, rate);
    QTEST(formatRate(rate), "text");
}

void TestFormat::percent()
{
    QCOMPARE(formatPercent(-1), QString());
    QCOMPARE(formatPercent(0), u"0 %"_s);
    QCOMPARE(formatPercent(6.5), u"7 %"_s);
    QCOMPARE(formatPercent(100), u"100 %"_s);
}

void TestFormat::duration_data()
{
    QTest::addColumn<qint64>("ms");
    QTest::addColumn<QString>("text");
    QTest::newRow("negative") << qint64(-5) << QString();
    QTest::newRow("0") << qint64(0) << u"0 ms"_s;
    QTest::newRow("450 ms") << qint64(450) << u"450 ms"_s;
    QTest::newRow("1 s") << qint64(1999) << u"1 s"_s;
    QTest::newRow("59 s") << qint64(59'999) << u"59 s"_s;
    QTest::newRow("1 min") << qint64(60'000) << u"1 min"_s;
    QTest::newRow("3 min 20 s") << qint64(200'000) << u"3 min 20 s"_s;
    QTest::newRow("2 h 5 min") << qint64(7'500'000) << u"2 h 5 min"_s;
    QTest::newRow("3 d 1 h") << qint64(3 * 86'400'000 + 3'600'000) << u"3 d 1 h"_s;
}

void TestFormat::duration()
{
    QFETCH(qint64, ms);
    QTEST(formatDuration(ms), "text");
}

void TestFormat::age_data()
{
    QTest::addColumn<qint64>("seconds");
    QTest::addColumn<QString>("text");
    QTest::newRow("clock went back") << qint64(-100) << u"just now"_s;
    QTest::newRow("now") << qint64(3) << u"just now"_s;
    QTest::newRow("seconds") << qint64(12) << u"12 s ago"_s;
    QTest::newRow("a minute") << qint64(60) << u"1 minute ago"_s;
    QTest::newRow("minutes") << qint64(59 * 60) << u"59 minutes ago"_s;
    QTest::newRow("an hour") << qint64(3600) << u"1 hour ago"_s;
    QTest::newRow("hours") << qint64(23 * 3600) << u"23 hours ago"_s;
    QTest::newRow("a day") << qint64(86400) << u"1 day ago"_s;
    QTest::newRow("days") << qint64(2 * 86400) << u"2 days ago"_s;
    QTest::newRow("months") << qint64(70 * 86400) << u"2 months ago"_s;
    QTest::newRow("years") << qint64(800 * 86400) << u"2 years ago"_s;
}

void TestFormat::age()
{
    QFETCH(qint64, seconds);
    QTEST(formatAge(seconds), "text");
}

void TestFormat::os_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("text");
    QTest::newRow("debian") << u"http://debian.org/debian/12"_s << u"Debian 12"_s;
    QTest::newRow("windows") << u"http://microsoft.com/win/11"_s << u"Windows 11"_s;
    QTest::newRow("rhel") << u"http://redhat.com/rhel/9.3"_s << u"RHEL 9.3"_s;
    QTest::newRow("trailing slash") << u"http://ubuntu.com/ubuntu/24.04/"_s << u"Ubuntu 24.04"_s;
    QTest::newRow("none") << QString() << QString();
    QTest::newRow("no URL") << u"my own os"_s << u"my own os"_s;
    QTest::newRow("too short") << u"http://debian.org/12"_s << u"http://debian.org/12"_s;
}

void TestFormat::os()
{
    QFETCH(QString, id);
    QTEST(formatOs(id), "text");
}

void TestFormat::decimalPointOfTheLocale()
{
    QLocale::setDefault(QLocale(QLocale::German));
    QCOMPARE(formatBytes(1536), u"1,5 KiB"_s);
    QLocale::setDefault(QLocale::c());
}

QTEST_GUILESS_MAIN(TestFormat)
#include "tst_format.moc"
