// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/jobwatch.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

constexpr auto pollPeriod = 300ms;

} // namespace

struct JobWatch::Shared {
    std::mutex mutex;
    std::condition_variable changed;
    job::StepContext *context = nullptr; ///< null: the call has ended
    bool abort = false;
};

JobWatch::JobWatch(const DomainTarget &target, job::StepContext &context)
    : m_shared(std::make_shared<Shared>())
    , m_lane(u"job-watch"_s)
    , m_onStop(context.stop(), [shared = m_shared] {
        const std::lock_guard lock(shared->mutex);
        shared->abort = true;
        shared->changed.notify_all();
    })
{
    m_shared->context = &context;
    m_lane.post([target, shared = m_shared] { watch(target, *shared); });
}

void JobWatch::end()
{
    const std::lock_guard lock(m_shared->mutex);
    m_shared->context = nullptr;
    m_shared->changed.notify_all();
}

void JobWatch::watch(const DomainTarget &target, Shared &shared)
{
    namespace domains = virt::domains;
    bool heard = false;
    bool accepted = false;
    std::unique_lock lock(shared.mutex);
    for (;;) {
        shared.changed.wait_for(lock, pollPeriod, [&] { return !shared.context || (shared.abort && !heard); });
        if (!shared.context) {
            return;
        }
        heard = shared.abort;
        lock.unlock();
        // Repeated until libvirt takes it: the first may come before its job has begun.
        if (heard && !accepted) {
            accepted = domains::abortJob(*target.connection, target.uuid).has_value();
        }
        const auto progress = domains::jobProgress(*target.connection, target.uuid);
        lock.lock();
        if (shared.context && progress && progress->total > 0) {
            shared.context->report(progress->done, progress->total);
        }
    }
}

} // namespace vireo::operation
