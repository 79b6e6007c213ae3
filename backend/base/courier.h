// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include <QMetaObject>
#include <QObject>

namespace vireo {

/**
 * The one place where work crosses from a worker or event thread to a QObject's thread.
 *
 * Made on the target's thread and shared (by shared_ptr) with the threads that report to it. post() may be called
 * from any thread at any time; once close() has run, or the target is gone, it drops what it is given, so that a
 * worker which outlives its owner (a lane that hangs in a libvirt call) harms nobody.
 */
class Courier final
{
    Q_DISABLE_COPY_MOVE(Courier)

public:
    explicit Courier(QObject *target)
        : m_target(target)
    {}

    /** Runs `work` later on the target's thread, in the order of the calls. False: the target is gone. */
    bool post(std::function<void()> work)
    {
        const std::lock_guard lock(m_mutex);
        return m_target && QMetaObject::invokeMethod(m_target, std::move(work), Qt::QueuedConnection);
    }

    /** Stops delivery. Called on the target's thread, at the latest in its destructor. */
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_target = nullptr;
    }

private:
    std::mutex m_mutex;
    QObject *m_target;
};

} // namespace vireo
