// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <thread>

#include <QElapsedTimer>
#include <QFile>
#include <QTest>
#include <QTimer>

#include "backend/virt/hosts.h"
#include "tests/support/testbed.h"

/// What the programs that break hosts share.
namespace vireo::test {

/// The longest time during which this thread's event loop did not run, by a timer of 10 ms. Time that the thread was
/// ready to run and other processes had the processors (schedstat's second figure) is no fault of ours: it is told, and
/// taken off.
class GapMeter final : public QObject
{
    Q_DISABLE_COPY_MOVE(GapMeter)

public:
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    static constexpr double limitMs = 200;
#else
    static constexpr double limitMs = 50;
#endif

    GapMeter()
        : m_schedule(QStringLiteral("/proc/thread-self/schedstat"))
    {
        m_timer.setTimerType(Qt::PreciseTimer);
        connect(&m_timer, &QTimer::timeout, this, [this] { sample(); });
    }
    void start()
    {
        m_longest = m_longestWithWait = 0;
        m_clock.start();
        m_waited = waitedMs();
        m_timer.start(10);
    }
    /// Stops, says what was measured, and gives it in milliseconds.
    double stop(const char *what)
    {
        m_timer.stop();
        sample();
        qInfo("longest gap of the event loop, %s: %.1f ms (%.1f ms with the wait for a processor)", what, m_longest,
            m_longestWithWait);
        return m_longest;
    }

private:
    void sample()
    {
        const double wall = static_cast<double>(m_clock.nsecsElapsed()) / 1e6;
        const double waited = waitedMs();
        m_longest = std::max(m_longest, wall - (waited - m_waited));
        m_longestWithWait = std::max(m_longestWithWait, wall);
        m_waited = waited;
        m_clock.start();
    }
    /// How long this thread has waited for a processor in its life; 0 where the kernel does not say.
    double waitedMs()
    {
        QFile file(m_schedule);
        return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').value(1).toDouble() / 1e6 : 0;
    }

    const QString m_schedule;
    QTimer m_timer;
    QElapsedTimer m_clock;
    double m_waited = 0;
    double m_longest = 0;
    double m_longestWithWait = 0;
};

/// The states that a host went through, each once, in order.
class StateLog final : public QObject
{
    Q_DISABLE_COPY_MOVE(StateLog)

public:
    explicit StateLog(const virt::Host *host)
    {
        connect(host, &virt::Host::statusChanged, this, [this, host] {
            const virt::HostState now = host->status().state;
            if (m_states.isEmpty() || m_states.last() != now) {
                m_states.append(now);
            }
        });
    }
    const QList<virt::HostState> &states() const { return m_states; }
    bool contains(virt::HostState state) const { return m_states.contains(state); }

private:
    QList<virt::HostState> m_states;
};

inline virt::HostSettings settingsFor(const QString &uri)
{
    virt::HostSettings settings;
    settings.uri = uri;
    return settings;
}

/// Defines a guest from XML by virsh, and starts it. The text says what went wrong; empty: nothing.
inline QString makeGuest(TestBed &bed, const QString &host, const QString &name, const QString &xml, bool start)
{
    QFile file(bed.directory() + u'/' + name + QStringLiteral(".xml"));
    if (!file.open(QIODevice::WriteOnly) || file.write(xml.toUtf8()) < 0) {
        return file.errorString();
    }
    file.close();
    const auto defined = bed.virsh(host, {QStringLiteral("define"), file.fileName()});
    if (!defined.ok()) {
        return defined.errorText;
    }
    if (!start) {
        return {};
    }
    const auto started = bed.virsh(host, {QStringLiteral("start"), name});
    return started.ok() ? QString() : started.errorText;
}

} // namespace vireo::test
