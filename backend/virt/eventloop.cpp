// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/eventloop.h"

#include <csignal>
#include <map>
#include <mutex>
#include <utility>

#include <libvirt/libvirt.h>

#include <QDeadlineTimer>
#include <QObject>
#include <QSocketNotifier>
#include <QThread>
#include <QTimer>

#include "backend/xml/document.h"

namespace vireo::virt {

namespace {

/** How long the destructor lets libvirt take back its last watches. */
constexpr int drainMs = 500;

struct HandleRecord {
    int fd;
    int events;
    virEventHandleCallback callback;
    void *opaque;
    virFreeCallback free;
    bool syncing = false; ///< a syncHandle() is on its way, and will see the latest events
};

struct TimeoutRecord {
    int intervalMs;
    virEventTimeoutCallback callback;
    void *opaque;
    virFreeCallback free;
};

} // namespace

/**
 * Records are guarded by the mutex and changed by any thread; notifiers and timers live on the loop thread alone and
 * follow the records by posted functors. No lock is held while a callback or a free function runs.
 */
struct EventLoop::Private {
    std::mutex mutex;
    std::map<int, HandleRecord> handles;
    std::map<int, TimeoutRecord> timeouts;
    int nextId = 1;
    bool ended = false;

    QThread thread;
    QObject *target = nullptr; ///< lives on `thread`

    struct Notifiers {
        std::unique_ptr<QSocketNotifier> read;
        std::unique_ptr<QSocketNotifier> write;
    };
    std::map<int, Notifiers> notifiers;            ///< loop thread only
    std::map<int, std::unique_ptr<QTimer>> timers; ///< loop thread only

    /** Called with the mutex held, so that posts keep the order of the changes. */
    template<typename Functor>
    void post(Functor &&functor)
    {
        if (!ended) {
            QMetaObject::invokeMethod(target, std::forward<Functor>(functor), Qt::QueuedConnection);
        }
    }

    void syncHandle(int id);
    void syncTimeout(int id);
    void fireHandle(int id, int event);
    void fireTimeout(int id);
};

namespace {

/** Libvirt's C functions carry no pointer of ours: the registration is process-wide, and so is this. */
std::shared_ptr<EventLoop::Private> &registered()
{
    static std::shared_ptr<EventLoop::Private> loop;
    return loop;
}

int addHandle(int fd, int events, virEventHandleCallback callback, void *opaque, virFreeCallback free)
{
    const auto d = registered();
    const std::lock_guard lock(d->mutex);
    const int id = d->nextId++;
    d->handles.emplace(id, HandleRecord{fd, events, callback, opaque, free, true});
    d->post([d = d.get(), id] { d->syncHandle(id); });
    return id;
}

void updateHandle(int id, int events)
{
    const auto d = registered();
    const std::lock_guard lock(d->mutex);
    const auto it = d->handles.find(id);
    if (it == d->handles.end() || it->second.events == events) {
        return;
    }
    it->second.events = events;
    // Every call that waits for an answer switches its handle off and on again: most of that cancels out.
    if (!std::exchange(it->second.syncing, true)) {
        d->post([d = d.get(), id] { d->syncHandle(id); });
    }
}

int removeHandle(int id)
{
    const auto d = registered();
    const std::lock_guard lock(d->mutex);
    const auto it = d->handles.find(id);
    if (it == d->handles.end()) {
        return -1;
    }
    const HandleRecord record = it->second;
    d->handles.erase(it);
    d->post([d = d.get(), id, record] {
        d->notifiers.erase(id);
        if (record.free) {
            record.free(record.opaque);
        }
    });
    return 0;
}

int addTimeout(int intervalMs, virEventTimeoutCallback callback, void *opaque, virFreeCallback free)
{
    const auto d = registered();
    const std::lock_guard lock(d->mutex);
    const int id = d->nextId++;
    d->timeouts.emplace(id, TimeoutRecord{intervalMs, callback, opaque, free});
    d->post([d = d.get(), id] { d->syncTimeout(id); });
    return id;
}

void updateTimeout(int id, int intervalMs)
{
    const auto d = registered();
    const std::lock_guard lock(d->mutex);
    const auto it = d->timeouts.find(id);
    if (it == d->timeouts.end()) {
        return;
    }
    it->second.intervalMs = intervalMs;
    d->post([d = d.get(), id] { d->syncTimeout(id); });
}

int removeTimeout(int id)
{
    const auto d = registered();
    const std::lock_guard lock(d->mutex);
    const auto it = d->timeouts.find(id);
    if (it == d->timeouts.end()) {
        return -1;
    }
    const TimeoutRecord record = it->second;
    d->timeouts.erase(it);
    d->post([d = d.get(), id, record] {
        d->timers.erase(id);
        if (record.free) {
            record.free(record.opaque);
        }
    });
    return 0;
}

} // namespace

void EventLoop::Private::syncHandle(int id)
{
    int fd = -1;
    int events = 0;
    {
        const std::lock_guard lock(mutex);
        const auto it = handles.find(id);
        if (it == handles.end()) {
            return;
        }
        fd = it->second.fd;
        events = it->second.events;
        it->second.syncing = false;
    }
    Notifiers &own = notifiers[id];
    const auto follow = [&](std::unique_ptr<QSocketNotifier> &notifier, QSocketNotifier::Type type, int event) {
        const bool wanted = events & event;
        if (!notifier && wanted) {
            notifier = std::make_unique<QSocketNotifier>(fd, type);
            QObject::connect(
                notifier.get(), &QSocketNotifier::activated, target, [this, id, event] { fireHandle(id, event); });
        }
        if (notifier) {
            notifier->setEnabled(wanted);
        }
    };
    follow(own.read, QSocketNotifier::Read, VIR_EVENT_HANDLE_READABLE);
    follow(own.write, QSocketNotifier::Write, VIR_EVENT_HANDLE_WRITABLE);
}

void EventLoop::Private::syncTimeout(int id)
{
    int interval = -1;
    {
        const std::lock_guard lock(mutex);
        const auto it = timeouts.find(id);
        if (it == timeouts.end()) {
            return;
        }
        interval = it->second.intervalMs;
    }
    std::unique_ptr<QTimer> &timer = timers[id];
    if (!timer) {
        timer = std::make_unique<QTimer>();
        QObject::connect(timer.get(), &QTimer::timeout, target, [this, id] { fireTimeout(id); });
    }
    if (interval < 0) {
        timer->stop();
    } else {
        timer->start(interval);
    }
}

void EventLoop::Private::fireHandle(int id, int event)
{
    HandleRecord record{};
    {
        const std::lock_guard lock(mutex);
        const auto it = handles.find(id);
        if (it == handles.end() || !(it->second.events & event)) {
            return; // removed or switched off since the notifier fired
        }
        record = it->second;
    }
    // A remove() from another thread now only posts: the opaque pointer lives until this callback is back.
    record.callback(id, record.fd, event, record.opaque);
}

void EventLoop::Private::fireTimeout(int id)
{
    TimeoutRecord record{};
    {
        const std::lock_guard lock(mutex);
        const auto it = timeouts.find(id);
        if (it == timeouts.end() || it->second.intervalMs < 0) {
            return;
        }
        record = it->second;
    }
    record.callback(id, record.opaque);
}

EventLoop::EventLoop()
    : m_d(std::make_shared<Private>())
{
    Q_ASSERT(!registered());
    // Libvirt writes to its ssh with write(): one that has just ended must be an error of that call, not our end.
    std::signal(SIGPIPE, SIG_IGN);
    xml::initialize();
    m_d->thread.setObjectName(QStringLiteral("libvirt-events"));
    m_d->target = new QObject;
    m_d->target->moveToThread(&m_d->thread);
    registered() = m_d;
    m_d->thread.start();
    virEventRegisterImpl(addHandle, updateHandle, removeHandle, addTimeout, updateTimeout, removeTimeout);
    virInitialize();
}

EventLoop::~EventLoop()
{
    // Connections that were just closed still have removals under way; one that hangs is not waited for.
    const QDeadlineTimer deadline(drainMs);
    while ((handleCount() > 0 || timeoutCount() > 0) && !deadline.hasExpired()) {
        QThread::msleep(5);
    }
    // Whatever was posted until now runs before this does.
    QMetaObject::invokeMethod(m_d->target, [] {}, Qt::BlockingQueuedConnection);
    {
        const std::lock_guard lock(m_d->mutex);
        m_d->ended = true;
    }
    QMetaObject::invokeMethod(
        m_d->target,
        [d = m_d.get()] {
            d->notifiers.clear();
            d->timers.clear();
        },
        Qt::BlockingQueuedConnection);
    m_d->thread.quit();
    m_d->thread.wait();
    delete m_d->target;
    m_d->target = nullptr;
}

int EventLoop::handleCount() const
{
    const std::lock_guard lock(m_d->mutex);
    return static_cast<int>(m_d->handles.size());
}

int EventLoop::timeoutCount() const
{
    const std::lock_guard lock(m_d->mutex);
    return static_cast<int>(m_d->timeouts.size());
}

bool EventLoop::isLoopThread() const
{
    return QThread::currentThread() == &m_d->thread;
}

} // namespace vireo::virt
