// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/domainlooks.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/jobwatch.h"

using namespace Qt::StringLiterals;

/**
 * The steps that start, stop and save a domain. Each may be repeated: it looks at what is there first and is content
 * when that is what was wanted. Each ends when the state was read back, not when libvirt took the order.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using domains::StateInfo;
using job::Step;
using job::StepContext;

struct PowerStepsText {
    Q_DECLARE_TR_FUNCTIONS(PowerSteps)
};

using Predicate = bool (*)(const StateInfo &);

constexpr int defaultTimeout = 60; // seconds
constexpr int defaultShutdownTimeout = 180;
/** VIR_DOMAIN_PAUSED_STARTING_UP: passes by itself. */
constexpr int pausedStartingUp = 11;

std::chrono::seconds timeoutOf(const Step &step, int otherwise = defaultTimeout)
{
    return std::chrono::seconds(std::max(1, step.parameters[u"timeout"_s].toInt(otherwise)));
}

QString durationText(std::chrono::seconds duration)
{
    const auto seconds = duration.count();
    return seconds % 60 == 0 ? PowerStepsText::tr("%1 min").arg(seconds / 60) : PowerStepsText::tr("%1 s").arg(seconds);
}

/** Waits until `reached`; then it must be `wanted`, or the error says what it became instead. */
Result<> settle(const DomainTarget &target, const Step &step, StepContext &context, Predicate wanted,
    const std::function<bool(const StateInfo &)> &reached)
{
    const auto info = domains::waitFor(*target.connection, target.uuid, reached, timeoutOf(step), context.stop());
    if (!info) {
        return fail(info.error());
    }
    if (!wanted(*info)) {
        return fail(Error::failed(
            PowerStepsText::tr("%1 did not stay as asked: it is now %2.").arg(target.name, describe(*info))));
    }
    return {};
}

Result<> runStart(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = target->state();
    if (!before) {
        return fail(before.error());
    }
    if (!before->exists) {
        return fail(goneError(*target));
    }
    if (isRunning(*before)) {
        context.log(PowerStepsText::tr("%1 was running already.").arg(target->name));
        return {};
    }
    const bool paused = step.parameters[u"paused"_s].toBool();
    if (paused && isPaused(*before)) {
        return {}; // by an earlier run of this step
    }
    // libvirt itself restores from a managed save when there is one
    const Result<> started = isPaused(*before) ? domains::resume(*target->connection, target->uuid)
                                               : domains::start(*target->connection, target->uuid, paused);
    if (!started) {
        return started;
    }
    const auto settled = [](const StateInfo &info) {
        return isRunning(info) || isOff(info) || (isPaused(info) && info.reason != pausedStartingUp);
    };
    const auto upOrPaused = [](const StateInfo &info) {
        return isRunning(info) || isPaused(info);
    };
    if (const Result<> outcome = settle(*target, step, context, upOrPaused, settled); !outcome) {
        return outcome;
    }
    if (const auto now = target->state(); now && isPaused(*now) && !paused) {
        context.log(PowerStepsText::tr("%1 came up paused, not running.").arg(target->name));
    }
    return {};
}

Result<> runResume(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = target->state();
    if (!before) {
        return fail(before.error());
    }
    if (!isRunning(*before)) {
        if (const Result<> resumed = domains::resume(*target->connection, target->uuid); !resumed) {
            return resumed;
        }
    }
    return settle(
        *target, step, context, isRunning, [](const StateInfo &info) { return isRunning(info) || isOff(info); });
}

Result<> runSuspend(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = target->state();
    if (!before) {
        return fail(before.error());
    }
    if (!isPaused(*before)) {
        if (const Result<> suspended = domains::suspend(*target->connection, target->uuid); !suspended) {
            return suspended;
        }
    }
    return settle(
        *target, step, context, isPaused, [](const StateInfo &info) { return isPaused(info) || isOff(info); });
}

Result<> runShutdown(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = target->state();
    if (!before) {
        return fail(before.error());
    }
    if (isOff(*before)) {
        return {};
    }
    if (const Result<> asked = domains::shutdown(*target->connection, target->uuid); !asked) {
        return asked;
    }
    context.log(PowerStepsText::tr("The guest was asked to shut down."));
    const auto timeout = timeoutOf(step, defaultShutdownTimeout);
    const auto info = domains::waitFor(*target->connection, target->uuid, isOff, timeout, context.stop());
    if (info) {
        return {};
    }
    if (info.error().kind == Error::Kind::TimedOut) {
        return fail({Error::Kind::TimedOut,
            PowerStepsText::tr("The guest did not shut down within %1; it may ignore the request.")
                .arg(durationText(timeout)),
            PowerStepsText::tr("Force off, or try again."), 0, 0});
    }
    if (info.error().kind == Error::Kind::Cancelled) {
        context.log(PowerStepsText::tr("The request can't be taken back: the guest may still shut down."));
    }
    return fail(info.error());
}

/** Libvirt reports no state for a guest that reboots, so the job ends, and says so, with the request. */
Result<> runReboot(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    if (const Result<> asked = domains::reboot(*target->connection, target->uuid); !asked) {
        return asked;
    }
    context.log(PowerStepsText::tr("A reboot was requested; when it happens is up to the guest."));
    return {};
}

Result<> runReset(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    if (const Result<> reset = domains::reset(*target->connection, target->uuid); !reset) {
        return reset;
    }
    const auto after = target->state();
    if (!after) {
        return fail(after.error());
    }
    if (isOff(*after)) {
        return fail(Error::failed(PowerStepsText::tr("%1 is %2 after the reset.").arg(target->name, describe(*after))));
    }
    return {};
}

Result<> runDestroy(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = target->state();
    if (!before) {
        return fail(before.error());
    }
    if (isOff(*before)) {
        return {};
    }
    if (const QJsonValue run = context.results()[u"forcedOff"_s]; run.isDouble() && run.toInt() != before->id) {
        context.log(PowerStepsText::tr("%1 was forced off, and somebody has started it since.").arg(target->name));
        return {};
    }
    // Noted first, with the number of this very run of the guest: so undo can tell whether it has been ended.
    if (const Result<> known = context.note(u"forcedOff"_s, before->id); !known) {
        return known;
    }
    const Result<> destroyed = domains::destroy(*target->connection, target->uuid);
    if (!destroyed && destroyed.error().kind != Error::Kind::NotFound) {
        return destroyed;
    }
    return settle(*target, step, context, isOff, isOff);
}

Result<> undoDestroy(const Step &step, StepContext &context)
{
    const QJsonValue run = context.results()[u"forcedOff"_s];
    if (!run.isDouble()) {
        return {};
    }
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto now = target->state();
    if (!now) {
        return fail(now.error());
    }
    if (now->id == run.toInt() && isActive(*now)) {
        return {}; // it still runs: libvirt refused, or was never asked
    }
    return fail({Error::Kind::Unsupported, PowerStepsText::tr("%1 was forced off.").arg(step.object), {}, 0, 0});
}

Result<> runSave(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = target->state();
    if (!before) {
        return fail(before.error());
    }
    if (isActive(*before)) {
        Result<> saved;
        {
            JobWatch watch(*target, context);
            saved = domains::managedSave(*target->connection, target->uuid);
            watch.end();
        }
        if (!saved) {
            return context.isCancelled() ? fail(Error::cancelled()) : saved;
        }
        const auto off = domains::waitFor(*target->connection, target->uuid, isOff, timeoutOf(step), {});
        if (!off) {
            return fail(off.error());
        }
    }
    const auto record = domains::read(*target->connection, target->uuid);
    if (!record) {
        return fail(record.error());
    }
    if (!record->managedSave) {
        return fail(
            Error::failed(PowerStepsText::tr("%1 is off, and its host has no saved state of it.").arg(target->name)));
    }
    return {};
}

/** The states that domain.waitState knows; null for another. */
Predicate predicateOf(const QString &wanted)
{
    if (wanted == "running"_L1) {
        return isRunning;
    }
    if (wanted == "paused"_L1) {
        return isPaused;
    }
    if (wanted == "shutoff"_L1 || wanted == "saved"_L1) {
        return isOff;
    }
    return nullptr;
}

Result<> runWaitState(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const QString wanted = step.parameters[u"wanted"_s].toString();
    const auto predicate = predicateOf(wanted);
    if (!predicate) {
        return fail(Error::invalid(PowerStepsText::tr("Vireo can't wait for the state \"%1\".").arg(wanted)));
    }
    const auto info = domains::waitFor(*target->connection, target->uuid, predicate, timeoutOf(step), context.stop());
    if (!info) {
        return fail(info.error());
    }
    if (wanted == "saved"_L1) {
        const auto record = domains::read(*target->connection, target->uuid);
        if (!record) {
            return fail(record.error());
        }
        if (!record->managedSave) {
            return fail(Error::failed(
                PowerStepsText::tr("%1 is off, and its host has no saved state of it.").arg(target->name)));
        }
    }
    return {};
}

} // namespace

void registerPowerSteps(job::StepRegistry &registry)
{
    // Only forcing off has an undo, and that is to say that there is none: a guest that goes on, or was asked to stop,
    // can't be taken back to what it was.
    registry.add(u"domain.start"_s, {runStart, {}, lookAtStarted});
    registry.add(u"domain.resume"_s, {runResume, {}});
    registry.add(u"domain.suspend"_s, {runSuspend, {}});
    registry.add(u"domain.shutdown"_s, {runShutdown, {}});
    registry.add(u"domain.reboot"_s, {runReboot, {}});
    registry.add(u"domain.reset"_s, {runReset, {}});
    registry.add(u"domain.destroy"_s, {runDestroy, undoDestroy, lookAtDestroyed});
    registry.add(u"domain.save"_s, {runSave, {}});
    registry.add(u"domain.waitState"_s, {runWaitState, {}});
}

} // namespace vireo::operation
