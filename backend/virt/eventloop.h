// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QtGlobal>

namespace vireo::virt {

/**
 * Libvirt's event loop: virEventRegisterImpl over QSocketNotifier and QTimer on a thread of its own.
 *
 * Libvirt's default implementation shares GLib's default main context with Qt's GUI thread, hence this one. Made once
 * in main() before the first connection and destroyed after the last one was closed (the loop keeps running while it
 * drains). Only one may exist in a process, since libvirt's registration can't be taken back. SIGPIPE is ignored from
 * then on, in the whole process: libvirt's client leaves that to its program.
 */
class EventLoop final
{
    Q_DISABLE_COPY_MOVE(EventLoop)

public:
    EventLoop();
    /** Drains posted removals, ends the thread and joins it. */
    ~EventLoop();

    /** Watches that libvirt has added and not removed; for tests. Any thread. */
    int handleCount() const;
    int timeoutCount() const;
    /** True on the loop's own thread: where libvirt's callbacks run. */
    bool isLoopThread() const;

    struct Private;

private:
    std::shared_ptr<Private> m_d;
};

} // namespace vireo::virt
