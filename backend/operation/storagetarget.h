// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <optional>
#include <type_traits>

#include "backend/job/step.h"
#include "backend/virt/storage.h"

/** What the steps on pools and volumes share. Private to backend/operation; a job's thread. */
namespace vireo::operation {

inline QString text(const job::Step &step, const QString &key)
{
    return step.parameters.value(key).toString();
}
inline quint64 number(const job::Step &step, const QString &key)
{
    return static_cast<quint64>(std::max(0.0, step.parameters.value(key).toDouble()));
}
/** Create steps call it name, all others volume. */
QString volumeName(const job::Step &step);
/** Under which the results hold what this job made of the volume (a job has one other host at most). */
QString volumeKey(const job::Step &step);
QString poolKey(const job::Step &step);
/** The host that a step works on: its parameter "host", else the plan's. */
virt::HostId hostOf(const job::Step &step, const job::StepContext &context);
Result<virt::ConnectionPtr> hostConnection(const job::Step &step, const job::StepContext &context);
/** How an undo ended. What a step made on another host than the plan's is no ground that earlier steps stand on: while
 *  that host is away it remains, and is said, and all else is taken back (Error::Kind::Unsupported). */
Result<> passingOverAway(const job::Step &step, const job::StepContext &context, Result<> undone);
/** The same volume on two hosts is two volumes: `key` for a table of all hosts. */
QString globalKey(const job::Step &step, const job::StepContext &context, const QString &key);
/** Other jobs may need the same volume. */
bool isShared(const job::Step &step);

/** Whether the results hold a mark of the volume or pool. */
bool noted(const job::StepContext &context, const QString &key, const QString &what);
/** Sets such a mark; on disk before it returns. */
Result<> note(job::StepContext &context, const QString &key, const QString &what, const QJsonValue &value = true);

/** Nothing there is not an error for what only wants to know. */
template<typename T>
Result<std::optional<T>> optional(Result<T> result)
{
    if (result) {
        return std::optional<T>(std::move(*result));
    }
    if (result.error().kind == Error::Kind::NotFound) {
        return std::optional<T>();
    }
    return fail(result.error());
}

/** Whether another volume of the pool is an overlay of it, or a domain has it as a disk. */
Result<bool> isInUse(virt::Connection &connection, const virt::storage::Volume &volume);

/** Repeats a call while the host still holds the volume for a client that has just died, for 20 s at most. */
Result<> whileBusy(const std::function<Result<>()> &call, std::stop_token stop);

/** What is there of a step's effect: storagelooks.cpp. */
Result<job::Reality> lookAtPool(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtCreated(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtUploaded(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtResized(const job::Step &step, job::StepContext &context);
Result<job::Reality> lookAtDeleted(const job::Step &step, job::StepContext &context);

} // namespace vireo::operation
