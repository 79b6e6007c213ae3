// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "backend/virt/stretches.h"

namespace vireo::virt::storage {

/** What was read and not yet written; between two threads. Each side can end it for the other. */
class Pipe final
{
    Q_DISABLE_COPY_MOVE(Pipe)

    static constexpr quint64 bufferSize = 8U << 20U; // so far may reading be ahead of writing

public:
    explicit Pipe(std::stop_token stop)
        : m_stop(std::move(stop))
    {}

    /** Waits for room. False: nobody takes it any more. */
    bool put(Stretch stretch)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, m_stop, [this] { return m_broken || m_bytes < bufferSize; });
        if (m_broken || m_stop.stop_requested()) {
            return false;
        }
        m_bytes += static_cast<quint64>(stretch.data.size());
        m_queue.push_back(std::move(stretch));
        m_changed.notify_all();
        return true;
    }
    /** The reader's last word: its error, or that it is at the end. */
    void close(Result<> how)
    {
        const std::lock_guard lock(m_mutex);
        m_end = std::move(how);
        m_changed.notify_all();
    }
    /** The writer's last word. */
    void breakOff()
    {
        const std::lock_guard lock(m_mutex);
        m_broken = true;
        m_changed.notify_all();
    }
    /** The next stretch; none: it is at the end. */
    Result<std::optional<Stretch>> take()
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, m_stop, [this] { return !m_queue.empty() || m_end; });
        if (m_stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (m_end && !*m_end) {
            return fail(m_end->error()); // what is still here is of no use any more
        }
        if (m_queue.empty()) {
            return std::optional<Stretch>();
        }
        std::optional<Stretch> next(std::move(m_queue.front()));
        m_queue.pop_front();
        m_bytes -= static_cast<quint64>(next->data.size());
        m_changed.notify_all();
        return next;
    }

private:
    std::stop_token m_stop;
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::deque<Stretch> m_queue;
    quint64 m_bytes = 0;
    bool m_broken = false;
    std::optional<Result<>> m_end;
};

} // namespace vireo::virt::storage
