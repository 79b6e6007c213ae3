// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <future>

#include <QTest>

#include "backend/migration/diagnosis.h"
#include "backend/virt/domains.h"
#include "backend/virt/migration.h"
#include "migrationhosts.h"

namespace vireo::test {

/// A guest that is migrated from A to B and would never arrive: it writes faster than its link is, and its disk is
/// shared. For tests of what becomes of it when something breaks meanwhile.
class MigrationScene final
{
    Q_DISABLE_COPY_MOVE(MigrationScene)

public:
    static constexpr quint64 mebibyte = 1024 * 1024;

    explicit MigrationScene(MigrationHosts &hosts)
        : m_hosts(hosts)
    {}

    bool makeGuest(bool withDisk = true)
    {
        QList<MigrationHosts::Disk> disks;
        if (withDisk) {
            disks.append({.pool = QStringLiteral("shared")});
        }
        return m_hosts.clear() && m_hosts.make({.disks = disks, .orders = QStringLiteral("dirty=60:12")})
            && m_hosts.start() && (!withDisk || m_hosts.writes(QStringLiteral("hda"), 1, 2, 77));
    }
    virt::migration::Options options() const
    {
        virt::migration::Options result;
        result.destinationUri = m_hosts.peerUri(MigrationHosts::b());
        result.unsafe = true; // the disk is shared
        return result;
    }
    virt::migration::Options endless() const
    {
        virt::migration::Options result = options();
        result.bandwidth = 8 * mebibyte;
        result.downtimeMs = 20;
        return result;
    }
    Result<> migrate(const virt::migration::Options &options)
    {
        const auto from = m_hosts.connection(MigrationHosts::a());
        const auto to = m_hosts.connection(MigrationHosts::b());
        return virt::migration::migrate(*from, m_hosts.uuid(), options.peerToPeer ? nullptr : to.get(), options);
    }
    /// Begins it beside this thread and waits until it is in the middle.
    bool begin(const virt::migration::Options &options)
    {
        const auto from = m_hosts.connection(MigrationHosts::a());
        m_watch = std::make_unique<virt::migration::Watch>(from, m_hosts.uuid());
        m_running = std::async(
            std::launch::async, [from, to = m_hosts.connection(MigrationHosts::b()), domain = m_hosts.uuid(), options] {
                return virt::migration::migrate(*from, domain, options.peerToPeer ? nullptr : to.get(), options);
            });
        const bool begun =
            QTest::qWaitFor([&] { return isOver() || m_watch->heard().iteration >= 2; }, 60000) && !isOver();
        if (!begun) {
            const Result<> ended = isOver() ? m_running.get() : Result<>();
            qWarning("it does not begin: %s", ended ? "" : qPrintable(ended.error().message));
        }
        return begun;
    }
    bool isOver() const { return m_running.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
    /// Its outcome.
    Result<> end() { return m_running.get(); }
    /// Lets it arrive.
    bool letGo()
    {
        const auto from = m_hosts.connection(MigrationHosts::a());
        return from && virt::migration::setMaxDowntime(*from, m_hosts.uuid(), 20000)
            && virt::migration::setBandwidth(*from, m_hosts.uuid(), 0);
    }
    /// Switches it to post-copy; it runs at B then.
    bool switchOver()
    {
        const auto from = m_hosts.connection(MigrationHosts::a());
        return virt::migration::startPostCopy(*from, m_hosts.uuid())
            && QTest::qWaitFor([&] { return m_hosts.runsOn() == MigrationHosts::b(); }, 20000);
    }
    migration::Diagnosis diagnosis(bool wasPostCopy = false) const
    {
        const auto side = [this](const QString &host) {
            const auto connection = m_hosts.connection(host);
            return connection ? migration::readSide(*connection, m_hosts.uuid()) : migration::Side();
        };
        return migration::diagnose(side(MigrationHosts::a()), side(MigrationHosts::b()), wasPostCopy);
    }
    const virt::migration::Watch &watch() const { return *m_watch; }

private:
    MigrationHosts &m_hosts;
    std::unique_ptr<virt::migration::Watch> m_watch;
    std::future<Result<>> m_running;
};

} // namespace vireo::test
