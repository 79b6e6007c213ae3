// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <semaphore>

#include <QCoreApplication>
#include <QElapsedTimer>
#include <QProcess>
#include <QTest>
#include <QThread>

#include "backend/base/courier.h"
#include "backend/base/lane.h"

using namespace vireo;

class TestLane final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void runsInOrder()
    {
        std::vector<int> order; // written by the lane only, read after finish()
        Lane lane(QStringLiteral("order"));
        for (int i = 0; i < 100; ++i) {
            lane.post([&order, i] { order.push_back(i); });
        }
        QVERIFY(lane.finish(std::chrono::seconds(10)));
        QCOMPARE(order.size(), size_t(100));
        QVERIFY(std::ranges::is_sorted(order));
    }

    void aHangingLaneIsLeftBehind()
    {
        const auto gate = std::make_shared<std::binary_semaphore>(0);
        const auto started = std::make_shared<std::atomic<bool>>(false);
        const auto dropped = std::make_shared<std::atomic<bool>>(true);
        const auto ended = std::make_shared<std::atomic<bool>>(false);
        auto lane = std::make_unique<Lane>(QStringLiteral("hang"));
        lane->post([=] {
            *started = true;
            gate->acquire();
            *ended = true;
        });
        lane->post([=] { *dropped = false; });
        QTRY_VERIFY(started->load());
        QTRY_VERIFY(lane->busyFor().count() > 0);
        QCOMPARE(lane->pending(), 2);
        QElapsedTimer clock;
        clock.start();
        lane.reset();
        QVERIFY2(clock.elapsed() < 1000, "destroying a hanging lane must not wait for it");
        gate->release();
        QTRY_VERIFY(ended->load()); // the thread outlives its lane and ends by itself
        QVERIFY(dropped->load());
    }

    /// Its thread has ended before anything static is destroyed.
    void aComputingLaneIsWaitedForAtTheEnd()
    {
        QProcess inner; // another program: this one has its application object already
        inner.start(QCoreApplication::applicationFilePath(), {QStringLiteral("-computing")});
        QVERIFY(inner.waitForFinished(20000));
        QCOMPARE(inner.exitStatus(), QProcess::NormalExit);
        QCOMPARE(inner.exitCode(), 7); // the lane's work had the last word
    }

    void drainRunsWhatIsQueued()
    {
        const auto count = std::make_shared<std::atomic<int>>(0);
        {
            Lane lane(QStringLiteral("drain"));
            for (int i = 0; i < 10; ++i) {
                lane.post([count] { ++*count; });
            }
            lane.drain();
            lane.post([count] { *count += 100; }); // too late
        }
        QTRY_COMPARE(count->load(), 10);
    }

    void courierDropsWhatIsForTheDead()
    {
        auto target = std::make_unique<QObject>();
        const auto courier = std::make_shared<Courier>(target.get());
        int delivered = 0;
        QVERIFY(courier->post([&] { ++delivered; }));
        QTRY_COMPARE(delivered, 1);
        QVERIFY(courier->post([&] { ++delivered; }));
        courier->close();
        target.reset();
        QVERIFY(!courier->post([&] { ++delivered; }));
        QCoreApplication::processEvents();
        QCOMPARE(delivered, 1);
    }

    void courierFromManyThreads()
    {
        QObject target;
        const auto courier = std::make_shared<Courier>(&target);
        int sum = 0; // GUI thread only
        std::vector<std::unique_ptr<Lane>> lanes;
        for (int i = 0; i < 4; ++i) {
            lanes.push_back(std::make_unique<Lane>(QStringLiteral("many")));
            lanes.back()->post([courier, &sum] {
                for (int n = 0; n < 500; ++n) {
                    courier->post([&sum] { ++sum; });
                }
            });
        }
        QTRY_COMPARE(sum, 2000);
        courier->close();
    }
};

namespace {

/// Ends while a lane computes; 7: the work was waited for.
int endWhileComputing(int &argc, char **argv)
{
    static std::atomic<int> result = 0;
    {
        const QCoreApplication application(argc, argv);
        static std::binary_semaphore started(0);
        auto lane = std::make_unique<Lane>(QStringLiteral("compute"), Lane::Kind::Computing);
        lane->post([] {
            started.release();
            QThread::msleep(300);
            result = 7;
        });
        started.acquire();
        lane.reset(); // left behind
    }
    return result;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && QByteArray(argv[1]) == "-computing") {
        return endWhileComputing(argc, argv);
    }
    QCoreApplication application(argc, argv);
    TestLane test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_lane.moc"
