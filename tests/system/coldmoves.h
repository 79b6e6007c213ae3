// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QRegularExpression>
#include <QTest>

#include "backend/operation/cold/coldmigration.h"
#include "backend/operation/steps.h"
#include "backend/virt/domains.h"
#include "migrationhosts.h"

namespace vireo::test {

/// Two hosts, and "vm", which moves between them while it is off: plans as the program makes them, with a directory of
/// their own for what is kept. Base of tests; one per test program, on its main thread.
///
/// Its disk hda has 24 MiB with known bytes at its beginning, in its middle and at its end. Where it is resized it has
/// 32 MiB afterwards, and 2 vCPUs.
class ColdMoves
{
    Q_DISABLE_COPY_MOVE(ColdMoves)

protected:
    enum class Way { Shared, HostToHost, ThroughHere };
    static constexpr int mebibytes = 24;
    static constexpr int grownMebibytes = 32;

    ColdMoves() = default;
    ~ColdMoves() = default;

    /// Starts the hosts. What is wrong; empty: nothing.
    QString setUp()
    {
        m_hosts = std::make_unique<MigrationHosts>();
        if (!m_hosts->problem().isEmpty()) {
            return m_hosts->problem();
        }
        m_hosts->jobs = m_hosts->makeJobs(registry());
        return {};
    }
    [[nodiscard]] job::StepRegistry registry() const
    {
        job::StepRegistry steps;
        operation::StepOptions options;
        options.keptDirectory = m_kept.path();
        operation::registerSteps(steps, options);
        return steps;
    }
    /// Nothing is left of the test before.
    bool clear()
    {
        for (const operation::KeptState &state : states()) {
            if (!kept().remove(state.id)) {
                return false;
            }
        }
        return m_hosts->clear();
    }

    // ---- the VM
    static QString poolOf(Way way) { return way == Way::Shared ? QStringLiteral("shared") : QStringLiteral("default"); }
    static QString fileOf(const QString &format, Way way = Way::HostToHost)
    {
        return MigrationHosts::hostDirectory(poolOf(way)) + QStringLiteral("/vm-hda.") + format;
    }
    /// Writes into an image of a host, by qemu-io.
    bool fill(const QString &host, const QString &path, const QString &format, const QStringList &orders)
    {
        QStringList command{QStringLiteral("qemu-io"), QStringLiteral("-f"), format};
        for (const QString &order : orders) {
            command += {QStringLiteral("-c"), order};
        }
        const auto outcome = m_hosts->bed.exec(host, command + QStringList{path});
        return outcome.ok() || (qWarning("%s", qPrintable(outcome.errorText)), false);
    }
    bool make(const QString &format = QStringLiteral("qcow2"), Way way = Way::HostToHost)
    {
        using namespace Qt::StringLiterals;
        return m_hosts->make({.disks = {{.format = format, .mebibytes = mebibytes, .pool = poolOf(way)}}})
            && fill(m_a, fileOf(format, way), format,
                {u"write -P 7 1M 2M"_s, u"write -P 0 4M 1M"_s, u"write -P 9 20M 1M"_s, u"write -P 5 23M 1M"_s});
    }
    /// What the guest reads from it.
    static QByteArray expected(bool grown)
    {
        constexpr qsizetype mebibyte = 1024 * 1024;
        QByteArray content((grown ? grownMebibytes : mebibytes) * mebibyte, '\0');
        std::fill_n(content.data() + 1 * mebibyte, 2 * mebibyte, '\7');
        std::fill_n(content.data() + 20 * mebibyte, mebibyte, '\11');
        std::fill_n(content.data() + 23 * mebibyte, mebibyte, '\5');
        return content;
    }
    /// Where it is, with that content and nothing wrong; empty: all is well. `format`: of what its disk is there.
    QString amissAt(const QString &host, const QString &format, bool grown, bool running)
    {
        using namespace Qt::StringLiterals;
        for (const QString &each : {m_a, m_b}) {
            const QString known = m_hosts->virsh({u"list"_s, u"--all"_s, u"--name"_s}, each).simplified();
            if (known != (each == host ? u"vm"_s : QString())) {
                return u"%1 knows \"%2\""_s.arg(each, known);
            }
        }
        if (const QString is = m_hosts->state(host); is != (running ? u"running"_s : u"shut off"_s)) {
            return u"it is %1 on %2"_s.arg(is, host);
        }
        const QString path = m_hosts->path(u"hda"_s, host);
        if (!m_hosts->xml(host, true).contains(u"type='%1'"_s.arg(format))) {
            return u"its disk is not recorded as %1: %2"_s.arg(format, m_hosts->xml(host, true));
        }
        return DiskModel::difference(m_hosts->content(path, format, {}, host), expected(grown), path);
    }

    // ---- plans
    [[nodiscard]] operation::ResizeDraft draft() const
    {
        operation::ResizeDraft draft;
        draft.to = m_hosts->uri(m_b);
        draft.confirm = operation::ResizeDraft::Confirm::Auto;
        draft.timeoutSeconds = 30;
        draft.force = true;
        return draft;
    }
    [[nodiscard]] operation::ResizeDraft resized() const
    {
        operation::ResizeDraft wished = draft();
        wished.confirm = operation::ResizeDraft::Confirm::Ask;
        wished.vcpus = 2;
        wished.maxVcpus = 2;
        operation::ResizeDraft::Disk larger;
        larger.target = QStringLiteral("hda");
        larger.capacity = quint64(grownMebibytes) << 20;
        wished.disks = {larger};
        return wished;
    }
    [[nodiscard]] operation::MigrateFacts facts(const operation::ResizeDraft &wished, Way way) const
    {
        using Reach = operation::MigratePair::Reach;
        const auto a = m_hosts->connection(m_a);
        const auto b = m_hosts->connection(m_b);
        operation::MigrateFacts facts;
        facts.source = *operation::readMigrateSource(*a, m_hosts->uuid(), {});
        facts.destination = *operation::readMigrateDestination(*b, {});
        // Without the probe, which takes seconds, and which other tests look at.
        facts.pair = *operation::readMigratePair(
            a, b, facts.source, facts.destination, operation::migrateDraftOf(wished), false, {});
        facts.pair.reach.uri = m_hosts->peerUri(m_b);
        facts.pair.reach.state = way == Way::HostToHost ? Reach::State::Yes : Reach::State::NoDaemon;
        return facts;
    }
    [[nodiscard]] job::Plan move(const operation::ResizeDraft &wished, const operation::MigrateFacts &known) const
    {
        const auto resize = operation::readResizeFacts(*m_hosts->connection(m_a), m_hosts->uuid(), kept(), {});
        return resize ? planColdMigration(m_hosts->id(m_a), m_hosts->id(m_b), *resize, known, wished) : job::Plan();
    }
    [[nodiscard]] job::Plan move(const operation::ResizeDraft &wished, Way way) const
    {
        return move(wished, facts(wished, way));
    }
    [[nodiscard]] Result<operation::ResizeEndFacts> endFacts() const
    {
        const auto state = kept().find(m_hosts->uuid());
        return state ? readResizeEndFacts(*state, m_hosts->connection(m_a), m_hosts->connection(m_b), m_hosts->id(m_a),
                           m_hosts->id(m_b), {})
                     : fail(state.error());
    }
    [[nodiscard]] job::Plan end(operation::ResizeEnd how, const operation::ResizeEndDraft &wished = {}) const
    {
        const auto known = endFacts();
        return known ? planResizeEnd(how, *known, wished) : job::Plan();
    }
    static QString blockers(const job::Plan &plan)
    {
        QStringList result;
        for (const job::Finding &finding : plan.findings) {
            if (finding.severity == job::Finding::Severity::Blocker) {
                result.append(finding.text + u' ' + finding.cause);
            }
        }
        return result.join(u' ');
    }
    static qsizetype indexOf(const job::Plan &plan, const QString &type)
    {
        const auto found = std::ranges::find(plan.steps, type, &job::Step::type);
        return found == plan.steps.cend() ? -1 : found - plan.steps.cbegin();
    }
    bool isDone(const job::Plan &plan) const
    {
        if (!MigrationHosts::canRun(plan)) {
            return false;
        }
        const job::JobRecord record = m_hosts->run(plan);
        if (record.state != job::JobState::Done) {
            qWarning("%s", MigrationHosts::text(record).constData());
        }
        return record.state == job::JobState::Done;
    }

    // ---- what is there
    operation::KeptStates kept() const { return operation::KeptStates(m_kept.path()); }
    QList<operation::KeptState> states() const { return kept().list().value_or(QList<operation::KeptState>()); }
    /// What was set aside by jobs, and by none of them taken back.
    QStringList aside() const
    {
        return QDir(m_kept.filePath(QStringLiteral("aside"))).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    }
    /// Of both hosts, to see that nothing has changed: domains, definitions, snapshots, files.
    QString world()
    {
        using namespace Qt::StringLiterals;
        QString text;
        for (const QString &host : {m_a, m_b}) {
            text += u"\n== "_s + host + m_hosts->virsh({u"list"_s, u"--all"_s, u"--name"_s}, host)
                + m_hosts->state(host) + m_hosts->xml(host, true)
                + m_hosts->virsh({u"snapshot-list"_s, u"vm"_s, u"--tree"_s}, host)
                + m_hosts->virsh({u"dominfo"_s, u"vm"_s}, host).section(u"Autostart"_s, 1, 1).section(u'\n', 0, 0)
                + m_hosts->files(host).join(u'\n') + m_hosts->files(host, u"shared"_s).join(u'\n');
        }
        for (const operation::KeptState &state : states()) {
            text += u"\nkept "_s + state.id + u' ' + QString::number(int(state.ending));
        }
        return text;
    }

    std::unique_ptr<MigrationHosts> m_hosts;
    QTemporaryDir m_kept;                    // NOLINT: never assigned
    const QString m_a = MigrationHosts::a(); // NOLINT: never assigned
    const QString m_b = MigrationHosts::b(); // NOLINT: never assigned
};

} // namespace vireo::test
