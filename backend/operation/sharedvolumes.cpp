// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/sharedvolumes.h"

#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace vireo::operation {

struct SharedVolumes::State {
    std::mutex mutex;
    std::condition_variable_any changed;
    std::set<QString> busy;
    std::map<QString, std::set<std::thread::id>> users;

    bool giveUp(const QString &key, std::thread::id user)
    {
        const std::lock_guard lock(mutex);
        const auto found = users.find(key);
        if (found == users.end()) {
            return true;
        }
        found->second.erase(user);
        if (!found->second.empty()) {
            return false;
        }
        users.erase(found);
        return true;
    }
};

/** What the running job relies on; ends with its thread. */
struct SharedVolumes::Leases {
    Q_DISABLE_COPY_MOVE(Leases)

    Leases() = default;
    ~Leases()
    {
        for (const auto &[state, key] : held) {
            if (const auto alive = state.lock()) {
                alive->giveUp(key, std::this_thread::get_id());
            }
        }
    }
    static Leases &ofThisThread()
    {
        static thread_local Leases leases;
        return leases;
    }

    std::vector<std::pair<std::weak_ptr<State>, QString>> held;
};

SharedVolumes::SharedVolumes()
    : m_state(std::make_shared<State>())
{}
SharedVolumes::~SharedVolumes() = default;

Result<SharedVolumes::Guard> SharedVolumes::lock(const QString &key, std::stop_token stop)
{
    std::unique_lock lock(m_state->mutex);
    if (!m_state->changed.wait(lock, std::move(stop), [&] { return !m_state->busy.contains(key); })) {
        return fail(Error::cancelled());
    }
    m_state->busy.insert(key);
    return Guard(*this, key);
}

void SharedVolumes::unlock(const QString &key)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->busy.erase(key);
    }
    m_state->changed.notify_all();
}

void SharedVolumes::use(const QString &key)
{
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->users[key].insert(std::this_thread::get_id());
    }
    Leases::ofThisThread().held.emplace_back(m_state, key);
}

bool SharedVolumes::giveUp(const QString &key)
{
    return m_state->giveUp(key, std::this_thread::get_id());
}

} // namespace vireo::operation
