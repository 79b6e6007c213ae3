// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/domainlooks.h"

#include <QCoreApplication>

#include "backend/operation/domaintarget.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct DomainlooksText {
    Q_DECLARE_TR_FUNCTIONS(operation_domainLooks)
};

struct LookedAt {
    DomainTarget target;
    domains::StateInfo info;
    QString sentence; ///< "web01 is running."
};

Result<LookedAt> lookAt(const Step &step, StepContext &context)
{
    auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto info = target->state();
    if (!info) {
        return fail(info.error());
    }
    QString sentence = DomainlooksText::tr("%1 is %2.").arg(target->name, describe(*info));
    return LookedAt{*std::move(target), *info, std::move(sentence)};
}

} // namespace

Result<Reality> lookAtDefined(const Step &step, StepContext &context)
{
    if (context.results()[u"uuid"_s].toString().isEmpty()) {
        return Reality{Effect::Absent, DomainlooksText::tr("%1 was not defined.").arg(step.object)};
    }
    const auto found = lookAt(step, context);
    if (!found) {
        return fail(found.error());
    }
    return Reality{found->info.exists ? Effect::Present : Effect::Absent, found->sentence};
}

Result<Reality> lookAtUndefined(const Step &step, StepContext &context)
{
    const auto found = lookAt(step, context);
    if (!found) {
        return fail(found.error());
    }
    return Reality{found->info.exists ? Effect::Absent : Effect::Present, found->sentence};
}

Result<Reality> lookAtStarted(const Step &step, StepContext &context)
{
    const auto found = lookAt(step, context);
    if (!found) {
        return fail(found.error());
    }
    const Effect whenUp = isPaused(found->info) ? Effect::Partial : Effect::Present;
    return Reality{isActive(found->info) ? whenUp : Effect::Absent, found->sentence};
}

Result<Reality> lookAtDestroyed(const Step &step, StepContext &context)
{
    const auto found = lookAt(step, context);
    if (!found) {
        return fail(found.error());
    }
    const QJsonValue run = context.results()[u"forcedOff"_s];
    const bool again = run.isDouble() && run.toInt() != found->info.id;
    return Reality{isActive(found->info) && !again ? Effect::Absent : Effect::Present, found->sentence};
}

Result<Reality> lookAtAutostart(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto record = domains::read(*target->connection, target->uuid);
    if (!record) {
        return fail(record.error());
    }
    return Reality{record->autostart == step.parameters[u"on"_s].toBool() ? Effect::Present : Effect::Absent,
        record->autostart ? DomainlooksText::tr("%1 starts with its host.").arg(target->name)
                          : DomainlooksText::tr("%1 does not start with its host.").arg(target->name)};
}

Result<Reality> lookAtRenamed(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto record = domains::read(*target->connection, target->uuid);
    if (!record) {
        return fail(record.error());
    }
    const QString text = DomainlooksText::tr("The VM is called %1.").arg(record->name);
    if (record->name == step.parameters[u"name"_s].toString()) {
        return Reality{Effect::Present, text};
    }
    const bool before = record->name == step.parameters[u"before"_s].toString();
    return Reality{before ? Effect::Absent : Effect::Unknown, text};
}

} // namespace vireo::operation
