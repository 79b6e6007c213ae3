// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>

#include "backend/operation/storagetarget.h"

/**
 * What the steps of one migration tell each other through the job's results, and how they reach its hosts. Private to
 * backend/operation; a job's thread.
 *
 * "migrate": begun, moved, postCopy, paused, offline, history, remedy. "migration": what the result page shows, and
 * "bytesPerSecond" of a migration that the link alone limited. "pastUndo": the guest runs at the destination, so a
 * cancel comes too late (job/jobrun.cpp knows it).
 */
namespace vireo::operation::migratenotes {

inline const QString state = QStringLiteral("migrate");
inline const QString outcome = QStringLiteral("migration");
inline const QString pastUndo = QStringLiteral("pastUndo");

/** The guest is at the destination: nothing may be taken back any more. */
bool hasMoved(const job::StepContext &context);
/** One of `state`. */
QJsonValue noted(const job::StepContext &context, const QString &what);

/** One more sentence for the result page, and into the log. Never fails: by then it must not. */
void addProblem(job::StepContext &context, const QString &sentence);

/** The destination's id, of parameter "to". */
virt::HostId destinationId(const job::Step &step);
/** A connection that answers. Waits for it, at most `patience`, while the host is connected again. */
Result<virt::ConnectionPtr> reach(const job::StepContext &context, const virt::HostId &host,
    std::chrono::milliseconds patience, const std::stop_token &stop);

/** The source's stored definition, with its secrets, goes into the DefinitionHistory of `directory`, once for the job.
 * A VM that has none: nothing. */
Result<> keepDefinition(job::StepContext &context, const QUuid &domain, virt::Connection &source,
    const virt::Connection &destination, const QString &directory);

} // namespace vireo::operation::migratenotes
