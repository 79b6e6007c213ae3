// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QTest>

#include "backend/migration/clocks.h"

using namespace vireo::migration;
using vireo::virt::storage::ClockStamp;

namespace {

constexpr qint64 ms = 1'000'000;
constexpr qint64 second = 1000 * ms;
constexpr qint64 epoch = 1'700'000'000 * second + 1'234'567; // no whole second by chance

/** Of a host whose clock is `ahead`, asked at `at`, with an answer after `took`; its file is made `share` of the way.
 */
ClockStamp stamp(qint64 at, qint64 took, qint64 ahead, double share = 0.5)
{
    const qint64 truth = epoch + at + static_cast<qint64>(static_cast<double>(took) * share);
    return {epoch + at, epoch + at + took, truth + ahead};
}

} // namespace

/** The clocks of two hosts by the times of their files. */
class TestClocks final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void difference_data()
    {
        QTest::addColumn<qint64>("here");
        QTest::addColumn<qint64>("there");
        QTest::addColumn<qint64>("took");
        QTest::addColumn<qint64>("takenThere");
        QTest::newRow("the same") << 0 * ms << 0 * ms << 2 * ms << 2 * ms;
        QTest::newRow("both wrong alike") << -3600 * second << -3600 * second << 2 * ms << 30 * ms;
        QTest::newRow("destination ahead") << 0 * ms << 7 * second << 2 * ms << 2 * ms;
        QTest::newRow("destination behind") << 250 * ms << -2 * second << 2 * ms << 150 * ms;
        QTest::newRow("source ahead") << 90 * second << 1 * ms << 700 * ms << 3 * ms;
        QTest::newRow("slow hosts") << 0 * ms << 400 * ms << 4 * second << 6 * second;
    }
    void difference()
    {
        QFETCH(const qint64, here);
        QFETCH(const qint64, there);
        QFETCH(const qint64, took);
        QFETCH(const qint64, takenThere);
        // Wherever in the meantime the files were made, the truth is within what is said.
        for (const double first : {0.0, 0.3, 1.0}) {
            for (const double other : {0.0, 0.5, 1.0}) {
                const auto result =
                    clockDifference(stamp(1 * ms, took, here, first), stamp(20 * second, takenThere, there, other));
                const qint64 truth = (there - here) / ms;
                QVERIFY2(qAbs(result.ms - truth) <= result.uncertainty,
                    qPrintable(QStringLiteral("%1 ± %2").arg(result.ms).arg(result.uncertainty)));
                QVERIFY(result.atLeast() <= qAbs(truth) && qAbs(truth) <= result.atMost());
                // Half of what both took, and ten milliseconds of stamping; no more.
                QVERIFY(result.uncertainty <= (took + takenThere) / 2 / ms + 11);
            }
        }
    }

    void coarseStamps()
    {
        // A file system that knows seconds only: the truth may be up to one later.
        for (const qint64 into : {0 * ms, 400 * ms, 990 * ms}) {
            ClockStamp here = stamp(into, 2 * ms, 0, 0);
            here.host -= here.host % second;
            const auto result = clockDifference(here, stamp(3 * second + 7 * ms, 2 * ms, 0));
            QVERIFY(result.atLeast() == 0);
            QVERIFY(result.uncertainty >= 500 && result.uncertainty < 520);
        }
    }

    void signAndBounds()
    {
        const auto ahead = clockDifference(stamp(0, 2 * ms, 0), stamp(0, 2 * ms, 6 * second));
        QVERIFY(ahead.ms > 5900 && ahead.ms < 6100);
        QVERIFY(ahead.atLeast() > 5000 && ahead.atMost() < 6100);
        const auto behind = clockDifference(stamp(0, 2 * ms, 6 * second), stamp(0, 2 * ms, 0));
        QVERIFY(behind.ms < -5900 && behind.atLeast() > 5000);
        QCOMPARE((ClockDifference{-20, 50}.atLeast()), 0);
        QCOMPARE((ClockDifference{-20, 50}.atMost()), 70);
    }

    void aClockThatWasSetMeanwhile()
    {
        // This computer's went back between the two readings: nothing negative comes out.
        const auto result = clockDifference({epoch + second, epoch, epoch}, stamp(0, 2 * ms, 0));
        QVERIFY(result.uncertainty > 0);
    }
};

QTEST_APPLESS_MAIN(TestClocks)
#include "tst_clocks.moc"
