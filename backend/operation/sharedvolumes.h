// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>
#include <utility>

#include <QString>

#include "backend/base/error.h"

namespace vireo::operation {

/**
 * Which of this process's jobs work with which shared volume or pool. Two jobs that create VMs from the same image need
 * the same base volume: one uploads while the other waits, and neither takes away on undo what the other relies on.
 *
 * A job is known by its thread: all its steps run on one (job/step.h), and what it relies on is given up when that
 * thread ends. By then its domain and its disks exist and speak for themselves. Thread-safe; shared by the storage
 * steps' functions.
 */
class SharedVolumes final
{
    Q_DISABLE_COPY_MOVE(SharedVolumes)

public:
    SharedVolumes();
    ~SharedVolumes();

    /** Keeps others from working on the same volume while it lives. */
    class Guard final
    {
        Q_DISABLE_COPY(Guard)

    public:
        Guard(SharedVolumes &owner, QString key)
            : m_owner(&owner)
            , m_key(std::move(key))
        {}
        Guard(Guard &&other) noexcept
            : m_owner(std::exchange(other.m_owner, nullptr))
            , m_key(std::move(other.m_key))
        {}
        Guard &operator=(Guard &&) = delete;
        ~Guard()
        {
            if (m_owner) {
                m_owner->unlock(m_key);
            }
        }

    private:
        SharedVolumes *m_owner;
        QString m_key;
    };

    /** Waits until nobody else works on `key`. Error: cancelled. */
    Result<Guard> lock(const QString &key, std::stop_token stop);

    /** The calling job relies on `key` from now on. */
    void use(const QString &key);
    /** It does no longer; true when no other job does. */
    bool giveUp(const QString &key);

private:
    struct State;
    struct Leases;
    void unlock(const QString &key);

    std::shared_ptr<State> m_state;
};

} // namespace vireo::operation
