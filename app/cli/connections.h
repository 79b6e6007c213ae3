// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <stop_token>

#include <QHash>

#include "backend/virt/connection.h"

namespace vireo::app::cli {

/**
 * The hosts of a command, opened when a job first needs them and again when a connection broke: what was done must
 * be undone even after the daemon was restarted. Blocks; any thread but the event loop's. Shared with job threads.
 */
class Connections final
{
    Q_DISABLE_COPY_MOVE(Connections)

public:
    /** While `stop` is not requested, the user can be asked for passwords, and opening takes as long as that takes. */
    explicit Connections(std::stop_token stop = {});

    /** Names a host; before anybody asks for it. Error: the URI is wrong, or has risks that nobody has agreed to. */
    Result<virt::HostId> add(const QString &uri, const virt::HostId &id = {});

    QString uriOf(const virt::HostId &host) const;
    virt::HostId hostOf(const QString &uri) const;
    /** The open connection. A lost one is tried again for some seconds. */
    Result<virt::ConnectionPtr> get(const virt::HostId &host);

private:
    struct Entry {
        QString uri;
        virt::ConnectionPtr connection;
    };
    Result<virt::ConnectionPtr> open(const QString &uri, std::chrono::milliseconds limit) const;

    const std::stop_token m_stop;
    mutable std::mutex m_mutex;
    std::mutex m_opening; ///< one at a time: two prompts on one terminal help nobody
    QHash<virt::HostId, Entry> m_hosts;
};

/** For job::JobManager; keeps `connections` alive. */
virt::ConnectionProvider providerOf(const std::shared_ptr<Connections> &connections);

} // namespace vireo::app::cli
