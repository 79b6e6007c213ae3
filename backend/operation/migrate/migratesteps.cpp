// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/migrate/migratesteps.h"

#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/operation/history.h"
#include "backend/operation/migrate/migraterun_p.h"
#include "backend/operation/migrate/migratestep_p.h"
#include "backend/operation/steps.h"
#include "backend/virt/hostcalls.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct MigrateStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateSteps)
};

/** Never refuses: what is enough the checks before have said, and who overcommits does so knowingly. */
Result<> reserve(const Step &step, StepContext &context, Reservations &book)
{
    const auto connection = context.connection(migratenotes::destinationId(step));
    if (!connection) {
        return fail(connection.error());
    }
    const QString uri = (*connection)->uri();
    const quint64 memory = number(step, u"memory"_s);
    book.hold(uri, context.plan().domain, {memory, static_cast<int>(number(step, u"vcpus"_s))});
    const quint64 others = book.promised(uri).memory;
    const auto info = virt::hostcalls::info(**connection);
    if (info && info->freeMemoryKiB > 0 && info->freeMemoryKiB * 1024 < memory + others) {
        context.log(MigrateStepsText::tr("The destination has %1 free; %2 are needed, and %3 are promised to others.")
                .arg(sizeText(info->freeMemoryKiB * 1024), sizeText(memory), sizeText(others)));
    }
    return {};
}

Result<> giveBack(const Step &step, StepContext &context, Reservations &book)
{
    if (const auto connection = context.connection(migratenotes::destinationId(step))) {
        book.giveBack((*connection)->uri(), context.plan().domain);
    }
    return {}; // without a connection it ends with the job
}

} // namespace

void registerMigrateSteps(job::StepRegistry &registry, const StepOptions &options)
{
    const QString directory =
        options.historyDirectory.isEmpty() ? DefinitionHistory::defaultDirectory() : options.historyDirectory;
    const auto book = std::make_shared<Reservations>(options.reservations);
    registry.add(u"domain.reserve"_s,
        {[book](const Step &step, StepContext &context) { return reserve(step, context, *book); },
            [book](const Step &step, StepContext &context) { return giveBack(step, context, *book); },
            [](const Step &, StepContext &) -> Result<Reality> {
                return Reality{Effect::Unknown, MigrateStepsText::tr("It ends with the job.")};
            }});
    registry.add(u"domain.migrate"_s,
        {[directory, feed = options.migrations](
             const Step &step, StepContext &context) { return MigrateRun(step, context, feed, directory).run(); },
            [directory, feed = options.migrations](
                const Step &step, StepContext &context) { return MigrateRun(step, context, feed, directory).undo(); },
            [directory](const Step &step, StepContext &context) {
                return MigrateRun(step, context, nullptr, directory).look();
            }});
    registerMigrateSnapshotSteps(registry, directory);
    registerMigrateSavedSteps(registry, directory, options.migrations);
    registerMigrateSettleSteps(registry);
    registerMigrateRecoverySteps(registry);
}

} // namespace vireo::operation
