// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/base/lane.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <thread>

#include <QCoreApplication>

namespace vireo {

using Clock = std::chrono::steady_clock;

struct Lane::State {
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::deque<Work> queue;
    std::optional<Clock::time_point> busySince;
    bool draining = false;
    bool stopping = false;
    bool ended = false;
};

namespace {

/** The computing lanes' threads that have not ended. Never destroyed: such a thread may be the last to touch it. */
class Computing final
{
    Q_DISABLE_COPY_MOVE(Computing)

public:
    static Computing &all()
    {
        static auto *instance = new Computing;
        return *instance;
    }

    void begin()
    {
        const std::lock_guard lock(m_mutex);
        if (m_alive++ == 0) {
            qAddPostRoutine([] { all().await(); });
        }
    }
    void end()
    {
        const std::lock_guard lock(m_mutex);
        --m_alive;
        m_changed.notify_all();
    }

private:
    Computing() = default;

    void await()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, std::chrono::seconds(20), [this] { return m_alive == 0; });
    }

    std::mutex m_mutex;
    std::condition_variable m_changed;
    int m_alive = 0;
};

} // namespace

Lane::Lane(const QString &name, Kind kind)
    : m_state(std::make_shared<State>())
{
    if (kind == Kind::Computing) {
        Computing::all().begin();
    }
    std::thread thread([state = m_state, kind]() mutable {
        std::unique_lock lock(state->mutex);
        for (;;) {
            state->changed.wait(lock, [&] { return state->stopping || state->draining || !state->queue.empty(); });
            if (state->stopping || state->queue.empty()) {
                break;
            }
            {
                Work work = std::move(state->queue.front());
                state->queue.pop_front();
                state->busySince = Clock::now();
                lock.unlock();
                work();
            } // what the work captured is freed here, outside the lock
            lock.lock();
            state->busySince.reset();
            state->changed.notify_all();
        }
        state->ended = true;
        state->changed.notify_all();
        lock.unlock();
        state.reset();
        if (kind == Kind::Computing) {
            Computing::all().end();
        }
    });
    pthread_setname_np(thread.native_handle(), name.left(15).toLocal8Bit().constData());
    thread.detach();
}

Lane::~Lane()
{
    {
        const std::lock_guard lock(m_state->mutex);
        if (m_state->draining) {
            return;
        }
    }
    abandon();
}

void Lane::drain()
{
    const std::lock_guard lock(m_state->mutex);
    m_state->draining = true;
    m_state->changed.notify_all();
}

bool Lane::finish(std::chrono::milliseconds limit)
{
    drain();
    std::unique_lock lock(m_state->mutex);
    return m_state->changed.wait_for(lock, limit, [this] { return m_state->ended; });
}

void Lane::post(Work work)
{
    const std::lock_guard lock(m_state->mutex);
    if (m_state->stopping || m_state->draining) {
        return;
    }
    m_state->queue.push_back(std::move(work));
    m_state->changed.notify_all();
}

std::chrono::milliseconds Lane::busyFor() const
{
    const std::lock_guard lock(m_state->mutex);
    if (!m_state->busySince) {
        return {};
    }
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - *m_state->busySince);
}

int Lane::pending() const
{
    const std::lock_guard lock(m_state->mutex);
    return static_cast<int>(m_state->queue.size()) + (m_state->busySince ? 1 : 0);
}

void Lane::abandon()
{
    std::deque<Work> dropped;
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->stopping = true;
        dropped.swap(m_state->queue);
        m_state->changed.notify_all();
    }
}

} // namespace vireo
