// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/migrate/migraterecovery.h"

#include <QCoreApplication>

#include "backend/base/pause.h"
#include "backend/operation/migrate/migratenotes_p.h"
#include "backend/operation/migrate/migrateremedies_p.h"
#include "backend/operation/migrate/migratestep_p.h"
#include "backend/virt/domains.h"
#include "backend/virt/migration.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

namespace calls = virt::migration;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;
using migration::Diagnosis;
using Remedy = Diagnosis::Remedy;
using Kind = Diagnosis::Kind;

struct MigrateRecoveryText {
    Q_DECLARE_TR_FUNCTIONS(operation_MigrateRecovery)
};

constexpr auto patience = 60s;
constexpr auto lookAgain = 500ms;

struct RemedyWord {
    Remedy remedy;
    QLatin1StringView word;
};
constexpr RemedyWord words[] = {{Remedy::None, "none"_L1}, {Remedy::Wait, "wait"_L1},
    {Remedy::ResumePostCopy, "resume-post-copy"_L1}, {Remedy::ResumeSource, "resume-source"_L1},
    {Remedy::ResumeDestination, "resume-destination"_L1}, {Remedy::EndSource, "end-source"_L1},
    {Remedy::StartSource, "start-source"_L1}};

QString wordOf(Remedy remedy)
{
    for (const RemedyWord &each : words) {
        if (each.remedy == remedy) {
            return each.word;
        }
    }
    return {};
}

Remedy remedyOf(const QString &word)
{
    for (const RemedyWord &each : words) {
        if (each.word == word) {
            return each.remedy;
        }
    }
    return Remedy::None;
}

QString titleOf(Remedy remedy)
{
    switch (remedy) {
    case Remedy::Wait:
        return MigrateRecoveryText::tr("Wait for the migration");
    case Remedy::ResumePostCopy:
        return MigrateRecoveryText::tr("Resume the migration");
    case Remedy::ResumeSource:
        return MigrateRecoveryText::tr("Resume at the source");
    case Remedy::ResumeDestination:
        return MigrateRecoveryText::tr("Resume at the destination");
    case Remedy::EndSource:
        return MigrateRecoveryText::tr("End the copy at the source");
    case Remedy::StartSource:
        return MigrateRecoveryText::tr("Start anew at the source");
    case Remedy::None:
        break;
    }
    return MigrateRecoveryText::tr("Nothing");
}

/** The migration goes on where it broke off, with what it was begun with. */
Result<> resumePostCopy(const Step &step, virt::Connection &source, virt::Connection &destination, const QUuid &domain)
{
    calls::Options options;
    options.destinationUri = text(step, u"destinationUri"_s);
    options.peerToPeer = !options.destinationUri.isEmpty();
    options.undefineSource = step.parameters.value("undefineSource"_L1).toBool();
    options.postCopy = true;
    options.postCopyResume = true;
    return calls::migrate(source, domain, options.peerToPeer ? nullptr : &destination, options);
}

Result<> run(const Step &step, StepContext &context)
{
    const Remedy remedy = remedyOf(text(step, u"remedy"_s));
    auto source = migratenotes::reach(context, context.plan().host, patience, context.stop());
    auto destination = migratenotes::reach(context, migratenotes::destinationId(step), patience, context.stop());
    if (!source || !destination) {
        return fail(!source ? source.error() : destination.error());
    }
    RemedyOrder order;
    order.domain = context.plan().domain;
    order.name = context.plan().domainName;
    order.undefineSource = step.parameters.value("undefineSource"_L1).toBool();
    order.wasPostCopy = step.parameters.value("postCopy"_L1).toBool();
    for (bool done = false;;) {
        const MigrateSides sides{
            migration::readSide(**source, order.domain), migration::readSide(**destination, order.domain)};
        const Diagnosis diagnosis = judge(sides, order);
        if (diagnosis.kind == Kind::Completed || diagnosis.kind == Kind::RolledBack
            || diagnosis.kind == Kind::NotBegun) {
            return {}; // by us, or by itself
        }
        if (diagnosis.kind == Kind::Running) {
            pauseFor(lookAgain, context.stop());
            if (context.isCancelled()) { // watching, not the migration, is what ends
                return fail(Error::cancelled());
            }
            continue;
        }
        if (done || diagnosis.remedy != remedy) {
            return fail(Error{Error::Kind::Failed, diagnosis.text, diagnosis.advice, 0, 0});
        }
        if (const Result<> known = note(context, migratenotes::state, u"remedy"_s, text(step, u"remedy"_s)); !known) {
            return known;
        }
        const Result<> acted = remedy == Remedy::ResumePostCopy
            ? resumePostCopy(step, **source, **destination, order.domain)
            : performRemedy(remedy, **source, **destination, order, context);
        if (!acted) {
            return acted;
        }
        done = true;
    }
}

Result<Reality> look(const Step &step, StepContext &context)
{
    const auto source = context.connection();
    const auto destination = context.connection(migratenotes::destinationId(step));
    if (!source || !destination) {
        return fail(!source ? source.error() : destination.error());
    }
    RemedyOrder order;
    order.domain = context.plan().domain;
    order.wasPostCopy = step.parameters.value("postCopy"_L1).toBool();
    const MigrateSides sides{
        migration::readSide(**source, order.domain), migration::readSide(**destination, order.domain)};
    const Diagnosis diagnosis = judge(sides, order);
    const bool isWhole =
        diagnosis.kind == Kind::Completed || diagnosis.kind == Kind::RolledBack || diagnosis.kind == Kind::NotBegun;
    return Reality{isWhole ? Effect::Present : Effect::Absent,
        diagnosis.text.isEmpty() ? MigrateRecoveryText::tr("The VM is on one host alone.") : diagnosis.text};
}

} // namespace

job::Plan planMigrationRecovery(const MigrationRecovery &recovery)
{
    const Remedy remedy = recovery.diagnosis.remedy;
    job::Plan plan;
    plan.operation = u"migrate"_s;
    plan.title = MigrateRecoveryText::tr("Recover the migration of %1").arg(recovery.domainName);
    plan.host = recovery.domain.host;
    plan.domain = recovery.domain.domain;
    plan.domainName = recovery.domainName;
    plan.alsoHosts = {recovery.destination};
    plan.verdict = recovery.diagnosis.advice;
    if (remedy == Remedy::None) {
        plan.findings.append({job::Finding::Severity::Blocker,
            MigrateRecoveryText::tr("There is nothing that could safely be done."), recovery.diagnosis.text, {}});
        return plan;
    }
    Step step;
    step.type = u"migrate.remedy"_s;
    step.title = titleOf(remedy);
    step.object = recovery.domainName;
    step.parameters = {{u"to"_s, recovery.destination.toString(QUuid::WithoutBraces)}, {u"remedy"_s, wordOf(remedy)},
        {u"undefineSource"_s, recovery.undefineSource}, {u"postCopy"_s, recovery.wasPostCopy}};
    if (!recovery.destinationUri.isEmpty()) {
        step.parameters.insert(u"destinationUri"_s, recovery.destinationUri);
    }
    plan.steps.append(step);
    return plan;
}

void registerMigrateRecoverySteps(job::StepRegistry &registry)
{
    registry.add(u"migrate.remedy"_s, {run, {}, look});
}

} // namespace vireo::operation
