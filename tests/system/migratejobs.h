// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>

#include "backend/operation/migrate/migrationfeed.h"
#include "backend/operation/steps.h"
#include "migratehelpers.h"
#include "migrationhosts.h"

namespace vireo::test {

/// Two hosts, and jobs that migrate between them as the program's do: with a feed, whose commands they obey. Base of
/// tests; one per test program, on its main thread.
class MigrateJobs
{
    Q_DISABLE_COPY_MOVE(MigrateJobs)

protected:
    using Storage = virt::migration::Options::Storage;

    MigrateJobs() = default;
    ~MigrateJobs() = default;

    /// Starts the hosts. What is wrong; empty: nothing.
    QString setUp()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        if (!m_hosts->problem().isEmpty()) {
            return m_hosts->problem();
        }
        m_feed = std::make_unique<operation::MigrationFeed>();
        job::StepRegistry registry;
        operation::StepOptions options;
        options.migrations = m_feed->sink();
        operation::registerSteps(registry, options);
        m_hosts->jobs = m_hosts->makeJobs(registry);
        return {};
    }

    // ---- what is wished
    [[nodiscard]] MigrateWish wish(const QString &from) const
    {
        MigrateWish wish;
        const QString to = MigrationHosts::other(from);
        wish.from = m_hosts->id(from);
        wish.to = m_hosts->id(to);
        wish.domain = m_hosts->uuid();
        wish.options.destinationUri = m_hosts->peerUri(to);
        wish.options.downtimeMs = 300;
        return wish;
    }
    [[nodiscard]] MigrateWish copying(const QString &from) const
    {
        MigrateWish copied = wish(from);
        copied.options.storage = Storage::Full;
        copied.options.disks = {QStringLiteral("hda")};
        copied.volumes = {{.name = QStringLiteral("vm-hda.qcow2")}};
        return copied;
    }
    /// It would never converge by itself, as its guest writes faster.
    static MigrateWish slowed(MigrateWish slow)
    {
        slow.options.bandwidth = 8 << 20;
        slow.options.downtimeMs = 100;
        slow.policy.kind = migration::Policy::Kind::Patient;
        slow.policy.initialDowntimeMs = 100;
        slow.policy.maxDowntimeMs = 100;
        return slow;
    }
    [[nodiscard]] MigrateWish endless(const QString &from) const { return slowed(copying(from)); }
    /// The same of a guest whose disk both hosts see.
    [[nodiscard]] MigrateWish endlessOnShared(const QString &from) const
    {
        MigrateWish shared = slowed(wish(from));
        shared.options.unsafe = true;
        return shared;
    }

    // ---- jobs
    static bool isDone(const job::JobRecord &record)
    {
        if (record.state != job::JobState::Done) {
            qWarning("%s", MigrationHosts::text(record).constData());
        }
        return record.state == job::JobState::Done;
    }
    bool moves(const MigrateWish &wish) { return isDone(m_hosts->run(migratePlan(wish))); }
    [[nodiscard]] const operation::MigrationPicture *picture(const QString &from) const
    {
        return m_feed->picture({m_hosts->id(from), m_hosts->uuid()});
    }
    void send(const QString &from, operation::MigrationCommand::Kind kind, quint64 value = 0)
    {
        operation::MigrationCommand command;
        command.kind = kind;
        command.value = value;
        m_feed->send({m_hosts->id(from), m_hosts->uuid()}, command);
    }
    /// Waits until a job copies the guest's memory.
    bool copies(const QString &from)
    {
        return QTest::qWaitFor(
            [&] {
                const operation::MigrationPicture *shown = picture(from);
                return shown && shown->isOurs && shown->history.phase() == migration::Phase::CopyingMemory;
            },
            60000);
    }

    // ---- what is there
    /// What a person would see amiss after it ran to the other host.
    QString amiss(const QString &host, const QString &disk = QStringLiteral("hda"))
    {
        if (m_hosts->existsOn() != host || m_hosts->runsOn() != host) {
            return QStringLiteral("it is on %1, and runs on %2").arg(m_hosts->existsOn(), m_hosts->runsOn());
        }
        if (const QString wrong = m_hosts->wentOn(); !wrong.isEmpty()) {
            return wrong;
        }
        if (!disk.isEmpty() && !m_hosts->sees()) {
            return QStringLiteral("it does not see what it wrote");
        }
        const QStringList orphans = m_hosts->orphans();
        return orphans.isEmpty() ? QString() : QStringLiteral("orphans: ") + orphans.join(u' ');
    }

    std::unique_ptr<MigrationHosts> m_hosts;
    std::unique_ptr<operation::MigrationFeed> m_feed;
    const QString m_a = MigrationHosts::a(); // NOLINT: never assigned
    const QString m_b = MigrationHosts::b(); // NOLINT: never assigned
};

} // namespace vireo::test
