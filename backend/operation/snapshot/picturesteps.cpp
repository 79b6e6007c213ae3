// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/domaintarget.h"
#include "backend/operation/steps.h"
#include "backend/snapshot/pictures.h"
#include "backend/virt/guest.h"

using namespace Qt::StringLiterals;

/** snapshot.picture {name}: keeps what the VM's screen shows for the snapshot that is taken next. A screen that can't
 * be read is no reason not to take it. */
namespace vireo::operation {

namespace {

using job::Step;
using job::StepContext;

struct PictureStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_pictureSteps)
};

Result<> take(const Step &step, StepContext &context, const QString &directory)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto picture = virt::guest::screenshot(*target->connection, target->uuid);
    if (!picture && picture.error().kind == Error::Kind::Disconnected) {
        return fail(picture.error());
    }
    const QString name = step.parameters[u"name"_s].toString();
    const Result<> kept = picture
        ? snapshot::PictureStore(directory).put({target->connection->uri(), target->uuid, name}, *picture)
        : Result<>(fail(picture.error()));
    if (!kept) {
        context.log(PictureStepsText::tr("No picture of the screen was kept: %1").arg(kept.error().message));
    }
    return {};
}

Result<> discard(const Step &step, StepContext &context, const QString &directory)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    snapshot::PictureStore(directory).remove(
        {target->connection->uri(), target->uuid, step.parameters[u"name"_s].toString()});
    return {};
}

Result<> rename(
    StepContext &context, const Step &step, const QString &directory, const QString &from, const QString &to)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    snapshot::PictureStore(directory).rename(
        {target->connection->uri(), target->uuid, step.parameters[from].toString()}, step.parameters[to].toString());
    return {};
}

} // namespace

void registerPictureSteps(job::StepRegistry &registry, const StepOptions &options)
{
    const QString directory =
        options.picturesDirectory.isEmpty() ? snapshot::PictureStore::defaultDirectory() : options.picturesDirectory;
    registry.add(u"snapshot.picture"_s,
        {[directory](const Step &step, StepContext &context) { return take(step, context, directory); },
            [directory](const Step &step, StepContext &context) {
                return discard(step, context, directory);
            }});
    registry.add(u"snapshot.renamePicture"_s,
        {[directory](
             const Step &step, StepContext &context) { return rename(context, step, directory, u"from"_s, u"to"_s); },
            [directory](const Step &step, StepContext &context) {
                return rename(context, step, directory, u"to"_s, u"from"_s);
            }});
}

} // namespace vireo::operation
