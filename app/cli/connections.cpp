// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/connections.h"

#include <atomic>
#include <condition_variable>
#include <optional>
#include <thread>

#include <QCoreApplication>

#include "app/cli/terminal.h"
#include "backend/base/lane.h"
#include "backend/virt/connectionuri.h"

using namespace std::chrono_literals;

namespace vireo::app::cli {

namespace {

struct ConnectionsText {
    Q_DECLARE_TR_FUNCTIONS(cli_Connections)
};

using Clock = std::chrono::steady_clock;

constexpr auto OpenLimit = 60s;   ///< not counting the time in which the user is asked
constexpr auto ReopenLimit = 15s; ///< how long a daemon may take to come back
constexpr auto ReopenPause = 500ms;
constexpr auto Look = 100ms;

/** What the opening thread and the one that waits for it share; either may be gone first. */
struct Opening {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<virt::ConnectionPtr>> answer;
    std::atomic<bool> asking = false;
    std::atomic<bool> refused = false; ///< the host asked, and nobody could answer
};

} // namespace

Connections::Connections(std::stop_token stop)
    : m_stop(std::move(stop))
{}

Result<virt::HostId> Connections::add(const QString &uri, const virt::HostId &id)
{
    const auto parsed = virt::ConnectionUri::parse(uri);
    if (!parsed) {
        return fail(parsed.error());
    }
    if (const QStringList risks = parsed->risks(); !risks.isEmpty()) {
        return fail({Error::Kind::Invalid, risks.join(u' '),
            ConnectionsText::tr(
                "On the command line nobody can agree to that. Connect to this host in Vireo's window, or "
                "leave the parameter out."),
            0, 0});
    }
    const std::lock_guard lock(m_mutex);
    const virt::HostId made = id.isNull() ? QUuid::createUuid() : id;
    m_hosts.insert(made, {uri, nullptr});
    return made;
}

QString Connections::uriOf(const virt::HostId &host) const
{
    const std::lock_guard lock(m_mutex);
    return m_hosts.value(host).uri;
}

virt::HostId Connections::hostOf(const QString &uri) const
{
    const std::lock_guard lock(m_mutex);
    for (auto it = m_hosts.cbegin(); it != m_hosts.cend(); ++it) {
        if (it->uri == uri) {
            return it.key();
        }
    }
    return {};
}

/** In a lane: a daemon that accepts and never answers must not hold us. */
Result<virt::ConnectionPtr> Connections::open(const QString &uri, std::chrono::milliseconds limit) const
{
    const auto opening = std::make_shared<Opening>();
    Lane lane(QStringLiteral("vireo-open"));
    lane.post([opening, uri, stop = m_stop] {
        auto connection = virt::Connection::open(uri, false, [&](virt::CredentialRequest &request) {
            opening->asking = true;
            const bool answered = terminal::ask(request, stop);
            opening->refused = !answered;
            opening->asking = false;
            return answered;
        });
        const std::lock_guard lock(opening->mutex);
        opening->answer = std::move(connection);
        opening->changed.notify_all();
    });
    std::unique_lock lock(opening->mutex);
    auto left = limit;
    while (!opening->answer && left > 0ms && !m_stop.stop_requested()) {
        const auto before = Clock::now();
        opening->changed.wait_for(lock, Look);
        if (!opening->asking) {
            left -= std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - before);
        }
    }
    if (!opening->answer && m_stop.stop_requested()) {
        return fail(Error::cancelled());
    }
    if (!opening->answer) {
        return fail({Error::Kind::TimedOut, ConnectionsText::tr("%1 does not answer.").arg(uri), {}, 0, 0});
    }
    auto answer = *std::move(opening->answer);
    if (!answer && opening->refused && !m_stop.stop_requested()) {
        answer.error().hint = ConnectionsText::tr(
            "The host asks for a name or a password. Run this on a terminal, or let the host accept a key.");
    }
    return answer;
}

Result<virt::ConnectionPtr> Connections::get(const virt::HostId &host)
{
    const std::lock_guard one(m_opening);
    Entry entry;
    {
        const std::lock_guard lock(m_mutex);
        entry = m_hosts.value(host);
    }
    if (entry.uri.isEmpty()) {
        return fail(
            Error{Error::Kind::NotFound, ConnectionsText::tr("The job names a host that is not known."), {}, 0, 0});
    }
    if (entry.connection && entry.connection->isAlive()) {
        return entry.connection;
    }
    const bool lost = entry.connection != nullptr;
    const auto deadline = Clock::now() + ReopenLimit;
    auto opened = open(entry.uri, lost ? ReopenLimit : OpenLimit);
    while (lost && !opened && Clock::now() < deadline) {
        std::this_thread::sleep_for(ReopenPause);
        opened = open(entry.uri, ReopenLimit);
    }
    if (opened) {
        const std::lock_guard lock(m_mutex);
        m_hosts[host].connection = *opened;
    }
    return opened;
}

virt::ConnectionProvider providerOf(const std::shared_ptr<Connections> &connections)
{
    return [connections](const virt::HostId &host) {
        return connections->get(host);
    };
}

} // namespace vireo::app::cli
