// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <functional>

#include <QTest>

#include "backend/migration/linkspeed.h"

using namespace vireo::migration;

namespace {

constexpr quint64 mib = 1024 * 1024;

/** A copy of `size` bytes that begins after `quietMs`, looked at every `everyMs`; `rate` in bytes per second by ms. */
QList<LinkPoint> copied(quint64 size, qint64 quietMs, qint64 everyMs, const std::function<double(qint64)> &rate)
{
    QList<LinkPoint> points;
    double done = 0;
    for (qint64 ms = 0; ms < 60000; ++ms) {
        if (ms >= quietMs) {
            done += rate(ms - quietMs) / 1000;
        }
        // The hypervisor counts in whole MiB.
        const quint64 bytes = std::min(size, static_cast<quint64>(done)) / mib * mib;
        if (ms % everyMs == 0) {
            points.append({ms, bytes});
            if (bytes == size) {
                break;
            }
        }
    }
    return points;
}

} // namespace

/** What is made of a copy that was watched. */
class TestLinkSpeed final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void steady_data()
    {
        QTest::addColumn<quint64>("rate");
        QTest::addColumn<quint64>("size");
        QTest::newRow("slow") << 8 * mib << 64 * mib;
        QTest::newRow("gigabit") << 112 * mib << 200 * mib;
        QTest::newRow("fast") << 900 * mib << 512 * mib;
    }
    void steady()
    {
        QFETCH(const quint64, rate);
        QFETCH(const quint64, size);
        const auto speed = linkSpeed(copied(size, 400, 50, [rate](qint64) { return static_cast<double>(rate); }));
        QVERIFY(speed);
        QVERIFY2(speed->low <= rate && rate <= speed->high,
            qPrintable(QStringLiteral("%1 to %2").arg(speed->low / mib).arg(speed->high / mib)));
        QVERIFY(speed->low > rate / 2 && speed->high < rate * 2);
    }

    void theBeginningIsNotCounted()
    {
        // It finds its pace within the first second of three.
        const auto speed =
            linkSpeed(copied(100 * mib, 200, 50, [](qint64 ms) { return ms < 900 ? 4.0 * mib : 50.0 * mib; }));
        QVERIFY(speed);
        QVERIFY2(speed->low > 40 * mib && speed->high < 60 * mib,
            qPrintable(QStringLiteral("%1 to %2").arg(speed->low / mib).arg(speed->high / mib)));
    }

    void thatItVariesIsSaid()
    {
        const auto speed =
            linkSpeed(copied(200 * mib, 0, 50, [](qint64 ms) { return ms / 700 % 2 == 0 ? 20.0 * mib : 60.0 * mib; }));
        QVERIFY(speed);
        QVERIFY(speed->low < 40 * mib && speed->high > 40 * mib && speed->high - speed->low > 5 * mib);
    }

    void tooSoonOver()
    {
        const auto speed = linkSpeed({{0, 0}, {50, 0}, {100, 32 * mib}, {150, 64 * mib}});
        QVERIFY(speed);
        QVERIFY(speed->low <= 640 * mib && speed->high >= 640 * mib);
        QVERIFY(speed->high - speed->low > 300 * mib); // nobody knows better
    }

    void nothingArrived()
    {
        QVERIFY(!linkSpeed({}));
        QVERIFY(!linkSpeed({{0, 0}, {3000, 0}}));
        QVERIFY(!linkSpeed({{5, 64 * mib}})); // one look says nothing of time
    }

    void stoodStillAtTheEnd()
    {
        // What comes after all has arrived is no part of it.
        QList<LinkPoint> points = copied(64 * mib, 0, 50, [](qint64) { return 32.0 * mib; });
        points.append({60000, 64 * mib});
        const auto speed = linkSpeed(points);
        QVERIFY(speed && speed->low > 28 * mib && speed->high < 36 * mib);
    }
};

QTEST_APPLESS_MAIN(TestLinkSpeed)
#include "tst_linkspeed.moc"
