// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/reservations.h"

#include <map>
#include <mutex>
#include <thread>
#include <tuple>
#include <vector>

namespace vireo::operation {

struct Reservations::Book {
    using Key = std::tuple<QString, QUuid, std::thread::id>;
    std::mutex mutex;
    std::map<Key, Promise> promises;

    void giveBack(const Key &key)
    {
        const std::lock_guard lock(mutex);
        promises.erase(key);
    }
};

/** What the running job holds; ends with its thread. */
struct Reservations::Leases {
    Q_DISABLE_COPY_MOVE(Leases)

    Leases() = default;
    ~Leases()
    {
        for (const auto &[book, key] : held) {
            if (const auto alive = book.lock()) {
                alive->giveBack(key);
            }
        }
    }
    static Leases &ofThisThread()
    {
        static thread_local Leases leases;
        return leases;
    }

    std::vector<std::pair<std::weak_ptr<Book>, Book::Key>> held;
};

Reservations::Reservations()
    : m_book(std::make_shared<Book>())
{}
Reservations::~Reservations() = default;

void Reservations::hold(const QString &hostUri, const QUuid &domain, const Promise &promise)
{
    const Book::Key key{hostUri, domain, std::this_thread::get_id()};
    {
        const std::lock_guard lock(m_book->mutex);
        m_book->promises.insert_or_assign(key, promise);
    }
    Leases::ofThisThread().held.emplace_back(m_book, key);
}

void Reservations::giveBack(const QString &hostUri, const QUuid &domain)
{
    m_book->giveBack({hostUri, domain, std::this_thread::get_id()});
}

Reservations::Promise Reservations::promised(const QString &hostUri) const
{
    const std::lock_guard lock(m_book->mutex);
    Promise sum;
    for (const auto &[key, promise] : m_book->promises) {
        if (std::get<0>(key) == hostUri && std::get<2>(key) != std::this_thread::get_id()) {
            sum.memory += promise.memory;
            sum.vcpus += promise.vcpus;
        }
    }
    return sum;
}

} // namespace vireo::operation
