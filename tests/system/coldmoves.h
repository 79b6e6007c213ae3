// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>

#include "backend/job/step.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/resize/resize.h"
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
    QString setUp();
    [[nodiscard]] job::StepRegistry registry() const;
    /// Nothing is left of the test before.
    bool clear();

    // ---- the VM
    static QString poolOf(Way way) { return way == Way::Shared ? QStringLiteral("shared") : QStringLiteral("default"); }
    static QString fileOf(const QString &format, Way way = Way::HostToHost);
    /// Writes into an image of a host, by qemu-io.
    bool fill(const QString &host, const QString &path, const QString &format, const QStringList &orders);
    bool make(const QString &format = QStringLiteral("qcow2"), Way way = Way::HostToHost);
    /// What the guest reads from it.
    static QByteArray expected(bool grown);
    /// Where it is, with that content and nothing wrong; empty: all is well. `format`: of what its disk is there.
    QString amissAt(const QString &host, const QString &format, bool grown, bool running);

    // ---- plans
    [[nodiscard]] operation::ResizeDraft draft() const;
    [[nodiscard]] operation::ResizeDraft resized() const;
    [[nodiscard]] operation::MigrateFacts facts(const operation::ResizeDraft &wished, Way way) const;
    [[nodiscard]] job::Plan move(const operation::ResizeDraft &wished, const operation::MigrateFacts &known) const;
    [[nodiscard]] job::Plan move(const operation::ResizeDraft &wished, Way way) const
    {
        return move(wished, facts(wished, way));
    }
    [[nodiscard]] Result<operation::ResizeEndFacts> endFacts() const;
    [[nodiscard]] job::Plan end(operation::ResizeEnd how, const operation::ResizeEndDraft &wished = {}) const;
    static QString blockers(const job::Plan &plan);
    static qsizetype indexOf(const job::Plan &plan, const QString &type);
    bool isDone(const job::Plan &plan) const;

    // ---- what is there
    operation::KeptStates kept() const { return operation::KeptStates(m_kept.path()); }
    QList<operation::KeptState> states() const { return kept().list().value_or(QList<operation::KeptState>()); }
    /// What was set aside by jobs, and by none of them taken back.
    QStringList aside() const;
    /// Of both hosts, to see that nothing has changed: domains, definitions, snapshots, files.
    QString world();

    std::unique_ptr<MigrationHosts> m_hosts;
    QTemporaryDir m_kept;                    // NOLINT: never assigned
    const QString m_a = MigrationHosts::a(); // NOLINT: never assigned
    const QString m_b = MigrationHosts::b(); // NOLINT: never assigned
};

} // namespace vireo::test
