// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/migrate/migrateremedies_p.h"
#include "backend/virt/domains.h"
#include "backend/virt/leftovers.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using migration::Diagnosis;
using migration::Side;
using virt::DomainState;
using Kind = Diagnosis::Kind;
using Remedy = Diagnosis::Remedy;

struct MigrateRemediesText {
    Q_DECLARE_TR_FUNCTIONS(operation_MigrateRemedies)
};

bool hasJob(const Side &side)
{
    return side.job == virt::migration::Figures::Type::Bounded || side.job == virt::migration::Figures::Type::Unbounded;
}

Error changedError()
{
    return Error::failed(
        MigrateRemediesText::tr("The state of the two hosts has changed meanwhile; nothing was done. Look again."));
}

Result<> resumeDestination(virt::Connection &source, virt::Connection &destination, const RemedyOrder &order)
{
    // First the one that is to run: should it fail, the other copy is still there.
    if (const Result<> resumed = domains::resume(destination, order.domain); !resumed) {
        return resumed;
    }
    const Side there = migration::readSide(destination, order.domain);
    if (!isRunning(there)) {
        return fail(Error::failed(MigrateRemediesText::tr("%1 did not go on at the destination.").arg(order.name)));
    }
    return clearSource(source, {migration::readSide(source, order.domain), there}, order);
}

} // namespace

bool isActive(const Side &side)
{
    return side.exists && side.state != DomainState::ShutOff && side.state != DomainState::Crashed
        && side.state != DomainState::NoState;
}

bool isPaused(const Side &side)
{
    return isActive(side) && side.state == DomainState::Paused;
}

bool isRunning(const Side &side)
{
    return isActive(side) && !isPaused(side);
}

Diagnosis judge(const MigrateSides &sides, const RemedyOrder &order)
{
    if (order.offline) {
        Diagnosis offline;
        if (sides.source.asked && sides.destination.asked) {
            offline.kind = sides.destination.exists ? Kind::Completed : Kind::RolledBack;
        } else {
            offline.text = MigrateRemediesText::tr("A host does not answer.");
        }
        return offline;
    }
    Diagnosis diagnosis = migration::diagnose(sides.source, sides.destination, order.wasPostCopy);
    const bool isOnlyThere = sides.source.asked && sides.destination.asked && !isActive(sides.source)
        && isActive(sides.destination) && !hasJob(sides.destination);
    if (isOnlyThere && order.mayStayPaused && isPaused(sides.destination) && !order.wasPostCopy) {
        diagnosis.kind = Kind::Completed;
        diagnosis.remedy = Remedy::None;
    }
    const bool isOnlyHere = sides.source.asked && isActive(sides.source) && !hasJob(sides.source);
    const bool runsHere = isRunning(sides.source) || (order.mayStayPaused && !order.wasPostCopy);
    const bool isNotThere = sides.destination.asked && !isActive(sides.destination);
    if (isOnlyHere && ((isRunning(sides.source) && !sides.destination.asked) || (runsHere && isNotThere))) {
        diagnosis.kind = Kind::RolledBack;
        diagnosis.remedy = Remedy::None;
    }
    return diagnosis;
}

Result<> clearSource(virt::Connection &source, const MigrateSides &sides, const RemedyOrder &order)
{
    const bool isThere = order.offline ? sides.destination.exists : isActive(sides.destination);
    if (!sides.source.asked || !sides.destination.asked || !isThere || isRunning(sides.source)
        || (isPaused(sides.source) && !isRunning(sides.destination))) {
        return fail(changedError());
    }
    if (isPaused(sides.source)) {
        const Result<> ended = domains::destroy(source, order.domain);
        if (!ended && ended.error().kind != Error::Kind::NotFound) {
            return ended;
        }
    }
    return order.undefineSource ? virt::undefineKeepingFiles(source, order.domain) : Result<>();
}

Result<> performRemedy(Remedy remedy, virt::Connection &source, virt::Connection &destination, const RemedyOrder &order,
    job::StepContext &context)
{
    // The last look before the act: it must be the one that was agreed to.
    const MigrateSides sides{migration::readSide(source, order.domain), migration::readSide(destination, order.domain)};
    if (judge(sides, order).remedy != remedy) {
        return fail(changedError());
    }
    switch (remedy) {
    case Remedy::ResumeSource:
        if (!sides.destination.asked || isActive(sides.destination) || !isPaused(sides.source)) {
            return fail(changedError());
        }
        context.log(MigrateRemediesText::tr("%1 is resumed at the source.").arg(order.name));
        return domains::resume(source, order.domain);
    case Remedy::ResumeDestination:
        if (!sides.source.asked || isRunning(sides.source) || !isPaused(sides.destination)) {
            return fail(changedError());
        }
        context.log(MigrateRemediesText::tr("%1 is resumed at the destination.").arg(order.name));
        return resumeDestination(source, destination, order);
    case Remedy::EndSource:
        context.log(MigrateRemediesText::tr("The copy of %1 that was left at the source is ended.").arg(order.name));
        return clearSource(source, sides, order);
    case Remedy::StartSource:
        if (!sides.destination.asked || isActive(sides.destination)) {
            return fail(changedError());
        }
        if (!sides.source.persistent) {
            return fail({Error::Kind::Unsupported,
                MigrateRemediesText::tr("%1 is not defined at the source, so it can't be started there.")
                    .arg(order.name),
                MigrateRemediesText::tr("Define it again from its history, then start it."), 0, 0});
        }
        if (isActive(sides.source)) { // paused for good: half of its memory is lost
            if (const Result<> ended = domains::destroy(source, order.domain); !ended) {
                return ended;
            }
        }
        context.log(MigrateRemediesText::tr("%1 is started anew at the source.").arg(order.name));
        return domains::start(source, order.domain);
    case Remedy::None:
    case Remedy::Wait:
    case Remedy::ResumePostCopy:
        break;
    }
    return {};
}

} // namespace vireo::operation
