// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <condition_variable>
#include <mutex>

#include "backend/virt/connection_p.h"

namespace vireo::virt::migration {

class Watch::Private final
{
    Q_DISABLE_COPY_MOVE(Private)

public:
    Private(ConnectionPtr connection, const QUuid &domain)
        : m_connection(std::move(connection))
        , m_hub(m_connection->d().hub)
    {
        const std::lock_guard lock(m_hub->mutex);
        m_id = m_hub->nextSubscription++;
        m_hub->migrationSubscribers.emplace(m_id, [news = m_news, domain](const MigrationEvent &event) {
            if (event.domain == domain) {
                news->take(event);
            }
        });
    }
    ~Private()
    {
        const std::lock_guard lock(m_hub->mutex);
        m_hub->migrationSubscribers.erase(m_id);
    }

    Heard heard() const
    {
        const std::lock_guard lock(m_news->mutex);
        return m_news->heard;
    }

    Heard wait(const Heard &seen, std::chrono::milliseconds timeout, const std::stop_token &stop) const
    {
        std::unique_lock lock(m_news->mutex);
        m_news->changed.wait_for(lock, stop, timeout, [&] { return m_news->heard != seen; });
        return m_news->heard;
    }

private:
    struct News {
        std::mutex mutex;
        std::condition_variable_any changed;
        Heard heard;

        void take(const MigrationEvent &event)
        {
            const std::lock_guard lock(mutex);
            switch (event.kind) {
            case MigrationEvent::Kind::Iteration:
                heard.iteration = event.iteration;
                break;
            case MigrationEvent::Kind::Ended:
                heard.completed = event.figures;
                break;
            case MigrationEvent::Kind::PostCopyFailed:
                heard.postCopyFailed = true;
                ++heard.lifecycleEvents;
                break;
            case MigrationEvent::Kind::Lifecycle:
                ++heard.lifecycleEvents;
                break;
            }
            changed.notify_all();
        }
    };

    ConnectionPtr m_connection;
    std::shared_ptr<EventHub> m_hub;
    std::shared_ptr<News> m_news = std::make_shared<News>();
    Connection::Subscription m_id = 0;
};

Watch::Watch(ConnectionPtr connection, const QUuid &domain)
    : m_d(std::make_unique<Private>(std::move(connection), domain))
{}

Watch::~Watch() = default;

Watch::Heard Watch::heard() const
{
    return m_d->heard();
}

Watch::Heard Watch::wait(const Heard &seen, std::chrono::milliseconds timeout, const std::stop_token &stop) const
{
    return m_d->wait(seen, timeout, stop);
}

} // namespace vireo::virt::migration
