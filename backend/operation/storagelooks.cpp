// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/base/sizetext.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

/** What a host shows of the storage steps' effects, for an interrupted job. */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct StoragelooksText {
    Q_DECLARE_TR_FUNCTIONS(operation_storageLooks)
};

Result<std::optional<storage::Volume>> volumeOf(const Step &step, StepContext &context)
{
    const auto connection = hostConnection(step, context);
    return connection ? optional(storage::volume(**connection, text(step, u"pool"_s), volumeName(step)))
                      : fail(connection.error());
}

Reality missing(const Step &step)
{
    return {Effect::Absent,
        StoragelooksText::tr("The pool “%1” has no volume “%2”.").arg(text(step, u"pool"_s), volumeName(step))};
}

} // namespace

Result<Reality> lookAtPool(const Step &step, StepContext &context)
{
    const QString name = text(step, u"pool"_s);
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const auto pool = optional(storage::pool(**connection, name));
    if (!pool) {
        return fail(pool.error());
    }
    if (!*pool) {
        return Reality{Effect::Absent, StoragelooksText::tr("There is no storage pool “%1”.").arg(name)};
    }
    return (*pool)->active
        ? Reality{Effect::Present, StoragelooksText::tr("The storage pool “%1” is there and active.").arg(name)}
        : Reality{Effect::Partial, StoragelooksText::tr("The storage pool “%1” is there, but not active.").arg(name)};
}

Result<Reality> lookAtCreated(const Step &step, StepContext &context)
{
    const auto volume = volumeOf(step, context);
    if (!volume) {
        return fail(volume.error());
    }
    if (!*volume) {
        return missing(step);
    }
    return Reality{Effect::Present, StoragelooksText::tr("The volume “%1” is there.").arg(volumeName(step))};
}

Result<Reality> lookAtUploaded(const Step &step, StepContext &context)
{
    const auto volume = volumeOf(step, context);
    if (!volume) {
        return fail(volume.error());
    }
    if (!*volume) {
        return missing(step);
    }
    const quint64 length = (*volume)->physical;
    // A file that another step makes has its length in that step's note.
    const QString from = text(step, u"from"_s);
    const double noted = context.results().value(from).toObject().value("size"_L1).toDouble();
    const quint64 wanted = from.isEmpty() ? number(step, u"size"_s) : static_cast<quint64>(noted);
    if (wanted > 0 && length == wanted) {
        return Reality{Effect::Present, StoragelooksText::tr("The volume “%1” is complete.").arg(volumeName(step))};
    }
    if (length == 0) {
        return Reality{Effect::Absent, StoragelooksText::tr("The volume “%1” is empty.").arg(volumeName(step))};
    }
    return Reality{Effect::Partial,
        StoragelooksText::tr("The volume “%1” has %2 of %3.")
            .arg(volumeName(step), sizeText(length), sizeText(wanted))};
}

Result<Reality> lookAtResized(const Step &step, StepContext &context)
{
    const auto volume = volumeOf(step, context);
    if (!volume) {
        return fail(volume.error());
    }
    if (!*volume) {
        return missing(step);
    }
    return Reality{(*volume)->capacity >= number(step, u"capacity"_s) ? Effect::Present : Effect::Absent,
        StoragelooksText::tr("The volume “%1” has %2.").arg(volumeName(step), sizeText((*volume)->capacity))};
}

Result<Reality> lookAtDeleted(const Step &step, StepContext &context)
{
    const auto volume = volumeOf(step, context);
    if (!volume) {
        return fail(volume.error());
    }
    if (!*volume) {
        return Reality{Effect::Present, StoragelooksText::tr("The volume “%1” is gone.").arg(volumeName(step))};
    }
    return Reality{Effect::Absent, StoragelooksText::tr("The volume “%1” is still there.").arg(volumeName(step))};
}

} // namespace vireo::operation
