// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include "backend/snapshot/schedule.h"

using namespace Qt::StringLiterals;
using namespace vireo;
using snapshot::Schedule;
using snapshot::ScheduleFile;

namespace {

const QDateTime noon(QDate(2026, 11, 21), QTime(12, 0), Qt::UTC);

Schedule daily()
{
    Schedule schedule;
    schedule.hostUri = u"qemu:///system"_s;
    schedule.domain = QUuid(u"6ba7b810-9dad-11d1-80b4-00c04fd430c8"_s);
    schedule.domainName = u"web01"_s;
    schedule.since = noon;
    return schedule;
}

} // namespace

class TestSchedule final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void isDueOneIntervalAfterTheLast()
    {
        Schedule schedule = daily();
        QCOMPARE(schedule.dueAt(), noon.addDays(1));
        QVERIFY(!schedule.isDue(noon.addDays(1).addSecs(-1), false));
        QVERIFY(schedule.isDue(noon.addDays(1), false));
        schedule.taken = noon.addDays(1).addSecs(5);
        QCOMPARE(schedule.dueAt(), noon.addDays(2).addSecs(5));
        schedule.every = 6;
        schedule.unit = Schedule::Unit::Hours;
        QCOMPARE(schedule.dueAt(), noon.addDays(1).addSecs(6 * 3600 + 5));
        schedule.enabled = false;
        QVERIFY(!schedule.isDue(noon.addYears(1), false));
    }

    void countsFromItsLastChange()
    {
        Schedule schedule = daily();
        schedule.taken = noon.addDays(-30);
        QCOMPARE(schedule.dueAt(), noon.addDays(1));
    }

    void isMissedOnlyOnce()
    {
        Schedule schedule = daily();
        const QDateTime later = noon.addDays(10); // Vireo was closed
        QVERIFY(schedule.isDue(later, false));
        schedule.taken = later;
        QVERIFY(!schedule.isDue(later.addSecs(3600), false));
    }

    void failuresAreRepeatedSoonButNotAtOnce()
    {
        Schedule schedule = daily();
        schedule.tried = noon.addDays(1);
        schedule.problem = u"The pool is full."_s;
        QCOMPARE(schedule.dueAt(), noon.addDays(1).addSecs(900));
        schedule.every = 1;
        schedule.unit = Schedule::Unit::Hours;
        schedule.tried = noon.addSecs(3600);
        QCOMPARE(schedule.dueAt(), noon.addSecs(3600 + 900));
        schedule.problem.clear();
        QCOMPARE(schedule.dueAt(), noon.addSecs(3600));
    }

    /** Else a VM that is off for a week would push out all the snapshots that differ. */
    void nothingNewOfAVmThatStaysOff()
    {
        Schedule schedule = daily();
        QVERIFY(schedule.isDue(noon.addDays(1), true));
        schedule.taken = noon.addDays(1);
        schedule.tookWhileOff = true;
        QVERIFY(!schedule.isDue(noon.addDays(3), true));
        QVERIFY(schedule.isDue(noon.addDays(3), false));
    }

    void theOldestAreTooMany()
    {
        Schedule schedule = daily();
        schedule.keep = 2;
        schedule.names = {u"a"_s, u"b"_s};
        QVERIFY(schedule.superfluous().isEmpty());
        schedule.names << u"c"_s << u"d"_s;
        QCOMPARE(schedule.superfluous(), QStringList({u"a"_s, u"b"_s}));
    }

    void namesDoNotClash()
    {
        const QString first = Schedule::nameFor(noon, {});
        QVERIFY(first.startsWith("auto-2026-11-2"_L1));
        QCOMPARE(Schedule::nameFor(noon, {first}), QString(first + u"-2"_s));
        QCOMPARE(Schedule::nameFor(noon, {first, first + u"-2"_s}), QString(first + u"-3"_s));
    }

    void isKeptInAFile()
    {
        QTemporaryDir directory;
        const QString path = directory.path() + u"/a/b/schedules.json"_s;
        const ScheduleFile file(path);
        QVERIFY(file.load().value_or(QList{daily()}).isEmpty());
        Schedule hourly = daily();
        hourly.unit = Schedule::Unit::Hours;
        hourly.enabled = false;
        hourly.taken = noon;
        hourly.tried = noon;
        hourly.problem = u"“x”"_s;
        hourly.names = {u"a"_s, u"b \u2603"_s};
        hourly.memory = hourly.quiesce = hourly.tookWhileOff = true;
        const QList<Schedule> both{daily(), hourly};
        QVERIFY(file.save(both));
        const auto read = file.load();
        QVERIFY(read);
        QCOMPARE(*read, both);
        QCOMPARE(
            QFile::permissions(path) & (QFileDevice::ReadGroup | QFileDevice::ReadOther), QFileDevice::Permissions());
    }

    void badFilesAreRefused_data()
    {
        QTest::addColumn<QByteArray>("content");
        const QByteArray good = QJsonDocument(daily().toJson()).toJson();
        const auto whole = [](const QByteArray &entry) {
            return QByteArray("{\"version\":1,\"schedules\":[" + entry + "]}");
        };
        QTest::newRow("no JSON") << QByteArray("every day");
        QTest::newRow("another version") << QByteArray("{\"version\":2,\"schedules\":[]}");
        QTest::newRow("no interval") << whole(QByteArray(good).replace("\"every\": 1", "\"every\": 0"));
        QTest::newRow("keeps none") << whole(QByteArray(good).replace("\"keep\": 7", "\"keep\": 0"));
        QTest::newRow("unknown unit") << whole(QByteArray(good).replace("days", "weeks"));
        QTest::newRow("no VM") << whole(QByteArray(good).replace("6ba7b810", "nonsense"));
        QTest::newRow("no host") << whole(QByteArray(good).replace("qemu:///system", ""));
    }
    void badFilesAreRefused()
    {
        QFETCH(QByteArray, content);
        QTemporaryDir directory;
        const QString path = directory.path() + u"/s.json"_s;
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        const auto read = ScheduleFile(path).load();
        QVERIFY(!read);
        QVERIFY(read.error().message.contains(path));
        QVERIFY(!read.error().hint.isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestSchedule)
#include "tst_schedule.moc"
