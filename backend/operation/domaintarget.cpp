// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/domaintarget.h"

#include <QCoreApplication>

#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

using virt::DomainState;
using virt::domains::StateInfo;

namespace {

struct DomainTargetText {
    Q_DECLARE_TR_FUNCTIONS(DomainTarget)
};

} // namespace

Result<DomainTarget> domainTarget(const job::Step &step, job::StepContext &context)
{
    auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    DomainTarget target{*std::move(connection), QUuid::fromString(step.parameters[u"uuid"_s].toString()), step.object};
    if (target.uuid.isNull()) {
        target.uuid = QUuid::fromString(context.results()[u"uuid"_s].toString());
    }
    if (target.uuid.isNull()) {
        target.uuid = context.plan().domain;
    }
    if (target.name.isEmpty()) {
        target.name = context.plan().domainName;
    }
    if (target.uuid.isNull()) {
        return fail(Error::invalid(DomainTargetText::tr("The step \"%1\" names no VM.").arg(step.title)));
    }
    return target;
}

bool isActive(const StateInfo &info)
{
    return info.exists
        && (info.id >= 0
            || (info.state != DomainState::ShutOff && info.state != DomainState::Crashed
                && info.state != DomainState::NoState));
}

bool isRunning(const StateInfo &info)
{
    return isActive(info)
        && (info.state == DomainState::Running || info.state == DomainState::Blocked
            || info.state == DomainState::NoState);
}

bool isPaused(const StateInfo &info)
{
    return isActive(info) && info.state == DomainState::Paused;
}

bool isOff(const StateInfo &info)
{
    return !isActive(info);
}

/** "paused (I/O error)". */
QString describe(const StateInfo &info)
{
    if (!info.exists) {
        return DomainTargetText::tr("gone");
    }
    const QString reason = virt::reasonText(info.state, info.reason);
    const QString state = virt::stateText(info.state);
    return reason.isEmpty() ? state : DomainTargetText::tr("%1 (%2)").arg(state, reason);
}

Error goneError(const DomainTarget &target)
{
    return {Error::Kind::NotFound, DomainTargetText::tr("%1 does not exist any more.").arg(target.name), {}, 0, 0};
}

} // namespace vireo::operation
