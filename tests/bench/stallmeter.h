// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <ctime>

#include <QElapsedTimer>
#include <QTimer>

namespace vireo::bench {

/** The longest time that the GUI event loop did not come round. */
class StallMeter final : public QObject
{
public:
    StallMeter()
    {
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] {
            m_longest = std::max(m_longest, m_clock.nsecsElapsed());
            m_clock.restart();
            const double now = processorMs();
            m_longestBusy = std::max(m_longestBusy, now - m_busy);
            m_busy = now;
        });
        m_clock.start();
        m_timer.start(1);
    }
    double takeMs()
    {
        const double ms = static_cast<double>(std::max(m_longest, m_clock.nsecsElapsed())) / 1e6;
        m_longest = 0;
        m_longestBusy = 0;
        m_busy = processorMs();
        m_clock.restart();
        return ms;
    }
    /** The longest time that the thread computed without the loop coming round: what a busy machine does not change.
     *  Of the time since takeMs(). */
    double busyMs() const { return std::max(m_longestBusy, processorMs() - m_busy); }

private:
    static double processorMs()
    {
        timespec time{};
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
    }

    QTimer m_timer;
    QElapsedTimer m_clock;
    qint64 m_longest = 0;
    double m_busy = processorMs();
    double m_longestBusy = 0;
};

} // namespace vireo::bench
