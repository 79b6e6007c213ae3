// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QFileInfo>

#include "backend/operation/create/createlayout.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

/** nvram.carry. Notes below "nvram:PATH": "created", "carried". */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct NvramStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_nvramSteps)
};

QString nvramKey(const Step &step)
{
    return u"nvram:"_s + text(step, u"path"_s);
}

Result<> undoCarry(const Step &step, StepContext &context)
{
    if (!noted(context, nvramKey(step), u"created"_s)) {
        return {};
    }
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    if (const Result<> deleted = deleteLayer(*connection, text(step, u"path"_s)); !deleted) {
        return deleted;
    }
    return context.note(nvramKey(step), QJsonValue(QJsonValue::Undefined));
}

Result<> carry(const Step &step, StepContext &context)
{
    if (noted(context, nvramKey(step), u"carried"_s)) {
        return {};
    }
    if (const Result<> cleaned = undoCarry(step, context); !cleaned) { // of an earlier run
        return cleaned;
    }
    const auto source = context.connection();
    const auto destination = hostConnection(step, context);
    if (!source || !destination) {
        return fail(!source ? source.error() : destination.error());
    }
    const QFileInfo from(text(step, u"fromPath"_s));
    const QFileInfo to(text(step, u"path"_s));
    const auto present = optional(layerVolume(*source, from.filePath()));
    if (!present) {
        return fail(present.error());
    }
    if (!*present) {
        context.log(NvramStepsText::tr("There is no “%1” yet: nothing is copied.").arg(from.filePath()));
        return {};
    }
    const auto taken = optional(layerVolume(*destination, to.filePath()));
    if (!taken) {
        return fail(taken.error());
    }
    if (*taken) {
        return fail(
            {Error::Kind::Failed, NvramStepsText::tr("The destination has a file “%1” already.").arg(to.filePath()),
                NvramStepsText::tr("Delete or rename it there if nobody needs it."), 0, 0});
    }
    const auto here = DirectoryPool::open(*source, from.path());
    const auto there = here ? DirectoryPool::open(*destination, to.path()) : fail(here.error());
    if (!there) {
        return fail(there.error());
    }
    // Noted first: a call whose answer never comes may have made it all the same.
    if (const Result<> known = note(context, nvramKey(step), u"created"_s); !known) {
        return known;
    }
    const auto made =
        storage::createVolume(**destination, (*there)->name(), volumeXml(to.fileName(), u"raw"_s, 0, {}, {}));
    if (!made) {
        return fail(made.error());
    }
    const Result<> sent = storage::relayVolume(
        **source, (*here)->name(), from.fileName(), **destination, (*there)->name(), to.fileName(), {}, context.stop());
    return sent ? note(context, nvramKey(step), u"carried"_s) : sent;
}

Result<Reality> look(const Step &step, StepContext &context)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const auto present = optional(layerVolume(*connection, text(step, u"path"_s)));
    if (!present) {
        return fail(present.error());
    }
    return *present ? Reality{Effect::Present, NvramStepsText::tr("The firmware's variables are there.")}
                    : Reality{Effect::Absent, NvramStepsText::tr("The firmware's variables are not there.")};
}

} // namespace

void registerNvramSteps(job::StepRegistry &registry)
{
    registry.add(u"nvram.carry"_s, {carry, undoCarry, look});
}

} // namespace vireo::operation
