// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/domaintarget.h"
#include "backend/operation/steps.h"
#include "backend/virt/devicecalls.h"

using namespace Qt::StringLiterals;

/**
 * domain.setVcpus {uuid, count, before}, domain.setMemory {uuid, kib, before}, domain.setText {uuid, what, text,
 * before}, domain.setMetadata {uuid, uri, prefix}: of the running VM alone; the stored definition is domain.redefine's.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using domains::XmlKind;
using job::Step;
using job::StepContext;

struct FigureStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_figureSteps)
};

constexpr domains::Affects live{true, false};

/** The step's domain while it runs; nothing to do when it does not. */
Result<> whileRunning(
    const Step &step, StepContext &context, const std::function<Result<>(const DomainTarget &)> &change)
{
    const auto target = domainTarget(step, context);
    const auto state = target ? target->state() : fail(target.error());
    if (!state) {
        return fail(state.error());
    }
    return isActive(*state) ? change(*target) : Result<>();
}

Result<> setVcpus(const DomainTarget &target, int count)
{
    const auto record = domains::read(*target.connection, target.uuid);
    if (!record) {
        return fail(record.error());
    }
    return record->vcpus == count ? Result<>() : domains::setVcpus(*target.connection, target.uuid, count, live);
}

Result<> runVcpus(const Step &step, StepContext &context)
{
    return whileRunning(step, context,
        [&step](const DomainTarget &target) { return setVcpus(target, step.parameters["count"_L1].toInt()); });
}

Result<> undoVcpus(const Step &step, StepContext &context)
{
    return whileRunning(step, context, [&step](const DomainTarget &target) {
        const Result<> back = setVcpus(target, step.parameters["before"_L1].toInt());
        return back ? back
                    : fail({Error::Kind::Unsupported,
                          FigureStepsText::tr("The guest keeps the vCPUs that it was given."), {}, 0, 0});
    });
}

Result<> setMemory(const Step &step, StepContext &context, const QString &key)
{
    return whileRunning(step, context, [&](const DomainTarget &target) {
        const auto kib = static_cast<quint64>(step.parameters[key].toDouble());
        return domains::setMemory(*target.connection, target.uuid, kib, live);
    });
}

Result<> setText(const Step &step, StepContext &context, const QString &key)
{
    return whileRunning(step, context, [&](const DomainTarget &target) {
        const auto kind = step.parameters["what"_L1].toString() == "title"_L1 ? domains::TextKind::Title
                                                                              : domains::TextKind::Description;
        return domains::setText(*target.connection, target.uuid, kind, step.parameters[key].toString(), live);
    });
}

QString noteKey(const Step &step)
{
    return u"metadata:"_s + step.parameters["uri"_L1].toString();
}

Result<> writeMetadata(const Step &step, const DomainTarget &target, const QString &element)
{
    return domains::setMetadata(*target.connection, target.uuid, element, step.parameters["prefix"_L1].toString(),
        step.parameters["uri"_L1].toString(), live);
}

/** What the new definition says, in the form in which libvirt takes it. */
Result<> runMetadata(const Step &step, StepContext &context)
{
    return whileRunning(step, context, [&](const DomainTarget &target) -> Result<> {
        const QString uri = step.parameters["uri"_L1].toString();
        const auto before = domains::metadata(*target.connection, target.uuid, uri, XmlKind::Live);
        const auto after = domains::metadata(*target.connection, target.uuid, uri, XmlKind::Inactive);
        if (!before || !after) {
            return fail(before ? after.error() : before.error());
        }
        if (*before == *after) {
            return {};
        }
        if (!context.results().value(noteKey(step)).isString()) {
            if (const Result<> noted = context.note(noteKey(step), *before); !noted) {
                return noted;
            }
        }
        return writeMetadata(step, target, *after);
    });
}

Result<> undoMetadata(const Step &step, StepContext &context)
{
    const QJsonValue known = context.results().value(noteKey(step));
    if (!known.isString()) {
        return {};
    }
    return whileRunning(step, context, [&](const DomainTarget &target) -> Result<> {
        const auto now =
            domains::metadata(*target.connection, target.uuid, step.parameters["uri"_L1].toString(), XmlKind::Live);
        return now && *now == known.toString() ? Result<>() : writeMetadata(step, target, known.toString());
    });
}

} // namespace

void registerFigureSteps(job::StepRegistry &registry)
{
    registry.add(u"domain.setVcpus"_s, {runVcpus, undoVcpus});
    registry.add(u"domain.setMemory"_s,
        {[](const Step &step, StepContext &context) { return setMemory(step, context, u"kib"_s); },
            [](const Step &step, StepContext &context) {
                return setMemory(step, context, u"before"_s);
            }});
    registry.add(u"domain.setText"_s,
        {[](const Step &step, StepContext &context) { return setText(step, context, u"text"_s); },
            [](const Step &step, StepContext &context) {
                return setText(step, context, u"before"_s);
            }});
    registry.add(u"domain.setMetadata"_s, {runMetadata, undoMetadata});
}

} // namespace vireo::operation
