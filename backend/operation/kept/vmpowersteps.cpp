// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/domainlooks.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/kept/keptclaims.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

/**
 * vm.powerOff, vm.start: with an undo each, unlike domain.shutdown and domain.start, for jobs that leave a VM as they
 * found it. Notes: "vm.off:here" or ":there", "running" or "paused": what it was; "vm.on:…": this job has started it.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using domains::StateInfo;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct VmPowerText {
    Q_DECLARE_TR_FUNCTIONS(operation_vmPowerSteps)
};

constexpr int defaultTimeout = 180; // seconds, for the guest
constexpr auto hostTimeout = std::chrono::seconds(60);
constexpr auto askPeriod = std::chrono::seconds(10);
/** VIR_DOMAIN_PAUSED_STARTING_UP: passes by itself. */
constexpr int pausedStartingUp = 11;

std::chrono::seconds timeoutOf(const Step &step)
{
    return std::chrono::seconds(std::max(1, step.parameters["timeout"_L1].toInt(defaultTimeout)));
}

Result<DomainTarget> targetOf(const Step &step, StepContext &context)
{
    auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    return DomainTarget{*std::move(connection), context.plan().domain, context.plan().domainName};
}

QString key(const QString &what, const Step &step, const StepContext &context)
{
    return what + (hostOf(step, context) == context.plan().host ? u":here"_s : u":there"_s);
}

/** Until it is up, paused as wanted or not. */
Result<> bringUp(const DomainTarget &target, bool paused, const std::stop_token &stop)
{
    const auto now = target.state();
    if (!now) {
        return fail(now.error());
    }
    if (!now->exists) {
        return fail(goneError(target));
    }
    if (isRunning(*now) || (paused && isPaused(*now) && now->reason != pausedStartingUp)) {
        return {};
    }
    const Result<> begun = isPaused(*now) && now->reason != pausedStartingUp
        ? domains::resume(*target.connection, target.uuid)
        : isActive(*now) ? Result<>()
                         : domains::start(*target.connection, target.uuid, paused);
    if (!begun) {
        return begun;
    }
    const auto settled = domains::waitFor(
        *target.connection, target.uuid,
        [](const StateInfo &info) {
            return isRunning(info) || isOff(info) || (isPaused(info) && info.reason != pausedStartingUp);
        },
        hostTimeout, stop);
    if (!settled) {
        return fail(settled.error());
    }
    return isOff(*settled) || !settled->exists
        ? fail(Error::failed(VmPowerText::tr("%1 went off as soon as it was started.").arg(target.name)))
        : Result<>();
}

Result<> switchOff(const DomainTarget &target)
{
    const Result<> destroyed = domains::destroy(*target.connection, target.uuid);
    if (!destroyed) {
        const auto now = target.state(); // it may have gone off just now
        return now && (!now->exists || isOff(*now)) ? Result<>() : destroyed;
    }
    const auto off = domains::waitFor(*target.connection, target.uuid, isOff, hostTimeout, {});
    return off ? Result<>() : fail(off.error());
}

/** Asks again now and then: a guest that was just booting has not heard of it. */
Result<> awaitOff(const DomainTarget &target, std::chrono::seconds patience, const std::stop_token &stop)
{
    for (std::chrono::seconds left = patience;; left -= askPeriod) {
        const auto off = domains::waitFor(*target.connection, target.uuid, isOff, std::min(left, askPeriod), stop);
        if (off || off.error().kind != Error::Kind::TimedOut || left <= askPeriod) {
            return off ? Result<>() : fail(off.error());
        }
        static_cast<void>(domains::shutdown(*target.connection, target.uuid)); // it may have gone off just now
    }
}

Result<> runPowerOff(const Step &step, StepContext &context)
{
    const auto target = targetOf(step, context);
    const auto before = target ? target->state() : fail(target.error());
    if (!before) {
        return fail(before.error());
    }
    if (!before->exists) {
        return fail(goneError(*target));
    }
    if (isOff(*before)) {
        return {};
    }
    const QString noteKey = key(u"vm.off"_s, step, context);
    if (!context.results().contains(noteKey)) {
        if (const Result<> noted = context.note(noteKey, isPaused(*before) ? u"paused"_s : u"running"_s); !noted) {
            return noted;
        }
    }
    const bool force = step.parameters["force"_L1].toBool();
    if (isPaused(*before)) {
        // It can't hear of a request.
        return force
            ? switchOff(*target)
            : fail({Error::Kind::Failed, VmPowerText::tr("%1 is paused: its guest can't shut down.").arg(target->name),
                  VmPowerText::tr("Resume it first, or let it be switched off."), 0, 0});
    }
    if (const Result<> asked = domains::shutdown(*target->connection, target->uuid); !asked) {
        const auto now = target->state();
        if (now && isOff(*now)) {
            return {};
        }
        if (!force) {
            return asked;
        }
        context.log(asked.error().message);
        return switchOff(*target);
    }
    context.log(VmPowerText::tr("The guest was asked to shut down."));
    const Result<> off = awaitOff(*target, timeoutOf(step), context.stop());
    if (off || off.error().kind != Error::Kind::TimedOut) {
        return off;
    }
    if (!force) {
        return fail({Error::Kind::TimedOut,
            VmPowerText::tr("The guest did not shut down within %1 s; it may ignore the request.")
                .arg(timeoutOf(step).count()),
            VmPowerText::tr("Shut it down from within, or let it be switched off."), 0, 0});
    }
    context.log(
        VmPowerText::tr("The guest did not shut down within %1 s; it is switched off.").arg(timeoutOf(step).count()));
    return switchOff(*target);
}

/** Whether the plan would have kept what the VM is, and another process does so meanwhile: that works on its files. */
Result<bool> isTakenOver(const StepContext &context, const QString &directory, const KeptClaims &claims)
{
    const QList<Step> &steps = context.plan().steps;
    const auto begins = std::ranges::find(steps, u"kept.begin"_s, &Step::type);
    if (begins == steps.cend()) {
        return false;
    }
    if (claims.isOthers(context.plan().domain)) {
        return true;
    }
    const auto kept = optional(KeptStates(directory).find(context.plan().domain));
    if (!kept) {
        return fail(kept.error());
    }
    return *kept && (*kept)->id != KeptState::fromJson(begins->parameters.value("state"_L1).toObject()).id;
}

Result<> undoPowerOff(const Step &step, StepContext &context, const QString &directory, const KeptClaims &claims)
{
    const QString was = context.results().value(key(u"vm.off"_s, step, context)).toString();
    if (was.isEmpty() || isPastReturn(context)) {
        return {};
    }
    const auto taken = isTakenOver(context, directory, claims);
    if (!taken) {
        return fail(taken.error());
    }
    if (*taken) {
        context.log(VmPowerText::tr("%1 is left to another job, which changes it.").arg(context.plan().domainName));
        return {};
    }
    const auto target = targetOf(step, context);
    const auto now = target ? target->state() : fail(target.error());
    if (!now) {
        return fail(now.error());
    }
    if (!now->exists) { // what this job took away is back by now
        context.log(VmPowerText::tr("Somebody else has removed %1 meanwhile.").arg(target->name));
        return {};
    }
    return bringUp(*target, was == "paused"_L1, {});
}

Result<Reality> lookAtOff(const Step &step, StepContext &context)
{
    const auto target = targetOf(step, context);
    const auto now = target ? target->state() : fail(target.error());
    if (!now) {
        return fail(now.error());
    }
    if (isOff(*now)) {
        return Reality{Effect::Present, VmPowerText::tr("%1 is off.").arg(target->name)};
    }
    // It may run again, by a later step.
    const bool wasOff = context.results().contains(key(u"vm.on"_s, step, context));
    return Reality{
        wasOff ? Effect::Unknown : Effect::Absent, VmPowerText::tr("%1 is %2.").arg(target->name, describe(*now))};
}

Result<> runStart(const Step &step, StepContext &context)
{
    const auto target = targetOf(step, context);
    const auto before = target ? target->state() : fail(target.error());
    if (!before) {
        return fail(before.error());
    }
    const QString noteKey = key(u"vm.on"_s, step, context);
    if (isOff(*before) && !context.results().contains(noteKey)) {
        if (const Result<> noted = context.note(noteKey, true); !noted) {
            return noted;
        }
    }
    return bringUp(*target, step.parameters["paused"_L1].toBool(), context.stop());
}

Result<> undoStart(const Step &step, StepContext &context)
{
    if (!context.results().value(key(u"vm.on"_s, step, context)).toBool() || isPastReturn(context)) {
        return {};
    }
    const auto target = targetOf(step, context);
    return target ? switchOff(*target) : fail(target.error());
}

Result<Reality> lookAtOn(const Step &step, StepContext &context)
{
    auto off = lookAtOff(step, context);
    if (off) {
        off->effect = off->effect == Effect::Present ? Effect::Absent : Effect::Present;
    }
    return off;
}

} // namespace

void registerVmPowerSteps(
    job::StepRegistry &registry, const StepOptions &options, const std::shared_ptr<KeptClaims> &claims)
{
    const QString directory = options.keptDirectory.isEmpty() ? KeptStates::defaultDirectory() : options.keptDirectory;
    const auto undoOff = [directory, claims](const Step &step, StepContext &context) {
        return undoPowerOff(step, context, directory, *claims);
    };
    registry.add(u"vm.powerOff"_s, {runPowerOff, undoOff, lookAtOff});
    registry.add(u"vm.start"_s, {runStart, undoStart, lookAtOn});
}

} // namespace vireo::operation
