// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/storagetarget.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace storage = virt::storage;
using job::Step;
using job::StepContext;

QString volumeName(const Step &step)
{
    return step.parameters.value(step.parameters.contains("volume"_L1) ? "volume"_L1 : "name"_L1).toString();
}

namespace {

/** Not the host's id: that differs from process to process, and a journal's keys stay as they are. */
QString there(const Step &step)
{
    return step.parameters.contains("host"_L1) ? u"there:"_s : QString();
}

} // namespace

QString volumeKey(const Step &step)
{
    return u"volume:%1%2/%3"_s.arg(there(step), text(step, u"pool"_s), volumeName(step));
}

QString poolKey(const Step &step)
{
    return u"pool:"_s + there(step) + text(step, u"pool"_s);
}

virt::HostId hostOf(const Step &step, const StepContext &context)
{
    const QUuid host = QUuid::fromString(text(step, u"host"_s));
    return host.isNull() ? context.plan().host : host;
}

Result<virt::ConnectionPtr> hostConnection(const Step &step, const StepContext &context)
{
    return context.connection(hostOf(step, context));
}

Result<> passingOverAway(const Step &step, const StepContext &context, Result<> undone)
{
    if (!undone && undone.error().kind == Error::Kind::Disconnected && hostOf(step, context) != context.plan().host) {
        undone.error().kind = Error::Kind::Unsupported;
    }
    return undone;
}

QString globalKey(const Step &step, const StepContext &context, const QString &key)
{
    return hostOf(step, context).toString(QUuid::WithoutBraces) + u'/' + key;
}

bool isShared(const Step &step)
{
    return step.parameters.value("shared"_L1).toBool();
}

bool noted(const StepContext &context, const QString &key, const QString &what)
{
    return context.results().value(key).toObject().value(what).toBool();
}

Result<> note(StepContext &context, const QString &key, const QString &what, const QJsonValue &value)
{
    QJsonObject notes = context.results().value(key).toObject();
    notes.insert(what, value);
    return context.note(key, notes);
}

Result<bool> isInUse(virt::Connection &connection, const storage::Volume &volume)
{
    const auto all = storage::volumes(connection, volume.pool);
    if (!all) {
        return fail(all.error());
    }
    if (std::ranges::any_of(
            *all, [&volume](const storage::Volume &other) { return other.backingPath == volume.path; })) {
        return true;
    }
    const auto uses = storage::diskUses(connection);
    if (!uses) {
        return fail(uses.error());
    }
    return std::ranges::any_of(*uses, [&volume](const storage::DiskUse &use) { return use.path == volume.path; });
}

Result<> whileBusy(const std::function<Result<>()> &call, std::stop_token stop)
{
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    std::mutex mutex;
    std::condition_variable_any wake;
    for (;;) {
        const Result<> outcome = call();
        if (outcome || !storage::isBusy(outcome.error()) || std::chrono::steady_clock::now() > deadline) {
            return outcome;
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, stop, 100ms, [] { return false; });
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
    }
}

} // namespace vireo::operation
