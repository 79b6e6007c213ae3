// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>

#include "backend/operation/domaintarget.h"
#include "backend/operation/storagetarget.h"
#include "backend/snapshot/snapshot.h"
#include "backend/virt/blockjobs.h"

namespace vireo::operation {

/**
 * One "merge.run", on a job's thread. Private to mergesteps.cpp, which runs and undoes it, and mergechain.cpp, which
 * reads chains back and lets definitions and snapshots follow.
 */
class MergeStep final
{
    Q_DISABLE_COPY_MOVE(MergeStep)

public:
    MergeStep(const job::Step &step, job::StepContext &context);

    Result<> run();
    Result<> undo();
    Result<job::Reality> look();

private:
    /** Where a chain stands. */
    enum class Position { Before, Done, Other };

    Result<> begin();
    Result<> once();
    Result<> runLive();
    Result<> runInWorkDomain();
    /** Runs the block job of a domain's disk to its end. `whenReady` is called once before the switch of a commit. */
    Result<> drive(const QUuid &domain, const QString &disk, const std::function<Result<>()> &whenReady);
    Result<> start(const QUuid &domain, const QString &disk, bool active);
    Result<> finished(virt::blockjobs::Outcome outcome) const;
    Result<> verify(const QUuid &domain, const QString &disk) const;
    Result<QStringList> layers(const QUuid &domain, const QString &disk, virt::domains::XmlKind kind) const;
    Result<Position> livePosition(const QUuid &domain, const QString &disk) const;
    Result<Position> storedPosition() const;
    Position position(const QStringList &chain) const;
    Result<> updateDefinition() const;
    Result<> updateRecords() const;
    Result<> tellLost(bool atBegin);
    bool reconnect();
    Error otherError() const;
    QString workKey() const { return m_key + QStringLiteral(":work"); }
    virt::Connection &connection() const { return *m_target->connection; }
    bool hasNote(const QString &what) const { return noted(m_context, m_key, what); }

    const job::Step &m_step;
    job::StepContext &m_context;
    QString m_disk;
    snapshot::Layer m_top;
    snapshot::Layer m_base;
    snapshot::Chain m_chain;
    bool m_isCommit = true;
    bool m_inNow = false;
    QString m_key;
    std::optional<DomainTarget> m_target;
};

} // namespace vireo::operation
