// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <atomic>
#include <cerrno>
#include <set>
#include <unistd.h>

#include <libvirt/libvirt.h>

#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include "backend/virt/connection.h"
#include "backend/virt/domains.h"
#include "backend/virt/eventloop.h"

using namespace vireo;
using namespace vireo::virt;

/** The loop as libvirt sees it. One process, one loop: the last test function tears it down. */
class TestEventLoop final : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<EventLoop> m_loop;

private Q_SLOTS:
    void initTestCase() { m_loop = std::make_unique<EventLoop>(); }

    void handleFiresOnTheLoopThread()
    {
        struct State {
            EventLoop *loop = nullptr;
            std::atomic<int> fired = 0;
            std::atomic<bool> onLoop = false;
            std::atomic<int> freed = 0;
            int fds[2] = {-1, -1};
        } state;
        state.loop = m_loop.get();
        QCOMPARE(pipe(state.fds), 0);
        const int watch = virEventAddHandle(
            state.fds[0], VIR_EVENT_HANDLE_READABLE,
            [](int, int fd, int events, void *opaque) {
                auto *own = static_cast<State *>(opaque);
                char byte = 0;
                if ((events & VIR_EVENT_HANDLE_READABLE) && read(fd, &byte, 1) == 1) {
                    ++own->fired;
                }
                own->onLoop = own->loop->isLoopThread();
            },
            &state, [](void *opaque) { ++static_cast<State *>(opaque)->freed; });
        QVERIFY(watch > 0);
        QCOMPARE(m_loop->handleCount(), 1);
        for (int i = 1; i <= 100; ++i) {
            QCOMPARE(write(state.fds[1], "x", 1), ssize_t(1));
            QTRY_COMPARE(state.fired.load(), i);
        }
        QVERIFY(state.onLoop);
        QVERIFY(!m_loop->isLoopThread());

        // Switched off: bytes wait. Switched on: they come.
        virEventUpdateHandle(watch, 0);
        QCOMPARE(write(state.fds[1], "x", 1), ssize_t(1));
        QTest::qWait(50); // gives a wrong delivery the time to happen
        QCOMPARE(state.fired.load(), 100);
        virEventUpdateHandle(watch, VIR_EVENT_HANDLE_READABLE);
        QTRY_COMPARE(state.fired.load(), 101);

        QCOMPARE(virEventRemoveHandle(watch), 0);
        QCOMPARE(m_loop->handleCount(), 0);
        QTRY_COMPARE(state.freed.load(), 1); // later, never inside remove
        QCOMPARE(virEventRemoveHandle(watch), -1);
        close(state.fds[0]);
        close(state.fds[1]);
    }

    /** Libvirt's client writes to an ssh that has just ended: that is an error, and not the end of the program. */
    void aClosedPipeIsAnError()
    {
        int fds[2] = {-1, -1};
        QCOMPARE(pipe(fds), 0);
        close(fds[0]);
        QCOMPARE(write(fds[1], "x", 1), ssize_t(-1));
        QCOMPARE(errno, EPIPE);
        close(fds[1]);
    }

    void freeRunsAfterRemoveReturned()
    {
        struct State {
            std::atomic<bool> inRemove = false;
            std::atomic<bool> freedInside = false;
            std::atomic<bool> freed = false;
        } state;
        const int timer = virEventAddTimeout(
            -1, [](int, void *) {}, &state,
            [](void *opaque) {
                auto *own = static_cast<State *>(opaque);
                own->freedInside =
                    own->inRemove.load() && QThread::currentThread() == QCoreApplication::instance()->thread();
                own->freed = true;
            });
        state.inRemove = true;
        QCOMPARE(virEventRemoveTimeout(timer), 0);
        state.inRemove = false;
        QTRY_VERIFY(state.freed);
        QVERIFY(!state.freedInside);
    }

    void timeouts()
    {
        struct State {
            std::atomic<int> fired = 0;
            std::atomic<bool> freed = false;
        } state;
        const int timer = virEventAddTimeout(
            -1, [](int, void *opaque) { ++static_cast<State *>(opaque)->fired; }, &state,
            [](void *opaque) { static_cast<State *>(opaque)->freed = true; });
        QVERIFY(timer > 0);
        QTest::qWait(30); // -1 is off: a wrong start would show
        QCOMPARE(state.fired.load(), 0);
        virEventUpdateTimeout(timer, 1);
        QTRY_VERIFY(state.fired.load() >= 3);
        virEventUpdateTimeout(timer, 0); // each turn
        const int before = state.fired.load();
        QTRY_VERIFY(state.fired.load() > before + 10);
        QCOMPARE(virEventRemoveTimeout(timer), 0);
        QCOMPARE(m_loop->timeoutCount(), 0);
        // A callback may still be running: the opaque pointer belongs to the loop until it was freed.
        QTRY_VERIFY(state.freed);
        const int last = state.fired.load();
        QTest::qWait(30); // a callback after the free would show
        QCOMPARE(state.fired.load(), last);
    }

    void changesFromManyThreads()
    {
        std::atomic<int> freed = 0;
        constexpr int perThread = 200;
        std::vector<std::unique_ptr<QThread>> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back(QThread::create([&freed] {
                for (int i = 0; i < perThread; ++i) {
                    const int timer = virEventAddTimeout(
                        i % 3, [](int, void *) {}, &freed,
                        [](void *opaque) { ++*static_cast<std::atomic<int> *>(opaque); });
                    virEventUpdateTimeout(timer, i % 2 ? -1 : 0);
                    virEventRemoveTimeout(timer);
                }
            }));
            threads.back()->start();
        }
        for (const auto &thread : threads) {
            QVERIFY(thread->wait(20000));
        }
        QTRY_COMPARE(freed.load(), 4 * perThread);
        QCOMPARE(m_loop->timeoutCount(), 0);
    }

    void libvirtEventsArrive()
    {
        const auto connection = Connection::open(QStringLiteral("test:///default"), false, {});
        QVERIFY2(connection, connection ? "" : qPrintable(connection.error().message));
        std::atomic<int> events = 0;
        std::atomic<bool> offLoop = false;
        EventLoop *loop = m_loop.get();
        (*connection)->subscribe([&, loop](const DomainEvent &event) {
            if (!loop->isLoopThread()) {
                offLoop = true;
            }
            if (event.kind == DomainEvent::Kind::Lifecycle && event.name == QStringLiteral("test")) {
                ++events;
            }
        });
        const auto uuid = domains::find(**connection, QStringLiteral("test"));
        QVERIFY(uuid);
        for (int i = 1; i <= 50; ++i) {
            QVERIFY(domains::suspend(**connection, *uuid));
            QVERIFY(domains::resume(**connection, *uuid));
        }
        QTRY_COMPARE(events.load(), 100);
        QVERIFY(!offLoop);
    }

    void cleanupTestCase()
    {
        // The connection of the last test is closed: libvirt must have taken back all its watches.
        QTRY_COMPARE(m_loop->handleCount(), 0);
        QTRY_COMPARE(m_loop->timeoutCount(), 0);
        m_loop.reset(); // joins, or the test times out
    }
};

QTEST_GUILESS_MAIN(TestEventLoop)
#include "tst_eventloop.moc"
