// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/sharedvolumes.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/**
 * The steps on storage pools. What a step made is noted in the job's results under "pool:NAME", so that running it
 * again finds its own work, and undoing takes back only that.
 */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using job::Step;
using job::StepContext;
using Shared = std::shared_ptr<SharedVolumes>;

struct PoolstepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_poolSteps)
};

/** Refreshes a pool; with a volume, checks that libvirt sees in it what was uploaded and nothing behind it. */
Result<> refreshPool(const Step &step, StepContext &context)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const QString pool = text(step, u"pool"_s);
    if (const Result<> refreshed = storage::refreshPool(**connection, pool, context.stop()); !refreshed) {
        return refreshed;
    }
    if (volumeName(step).isEmpty()) {
        return {};
    }
    const auto volume = storage::volume(**connection, pool, volumeName(step));
    if (!volume) {
        return fail(volume.error());
    }
    if (!volume->backingPath.isEmpty()) {
        return fail(Error::failed(PoolstepsText::tr("The volume “%1” needs another file, “%2”; it must not be used.")
                .arg(volume->name, volume->backingPath)));
    }
    // Raw data can look like many things to libvirt; only for the others is its opinion worth a check.
    const QString format = text(step, u"format"_s);
    if (format == "qcow2"_L1 && volume->format != format) {
        return fail(Error::failed(PoolstepsText::tr("The host takes the volume “%1” for “%2” instead of “%3”.")
                .arg(volume->name, volume->format, format)));
    }
    return {};
}

/** The UUID that this job gave or would give to the pool; null when it did not define it. */
QUuid ownPool(const Step &step, const StepContext &context)
{
    return QUuid::fromString(context.results().value(poolKey(step)).toObject().value(u"defined"_s).toString());
}

/** Defines the pool with a UUID that is noted before, so that it can be told from another of the same name. */
Result<> definePool(const Step &step, StepContext &context, virt::Connection &connection)
{
    if (text(step, u"xml"_s).isEmpty()) {
        return fail(Error{Error::Kind::NotFound,
            PoolstepsText::tr("The storage pool “%1” is gone.").arg(text(step, u"pool"_s)), {}, 0, 0});
    }
    auto document = xml::Document::parse(text(step, u"xml"_s));
    if (!document) {
        return fail(document.error());
    }
    xml::Element element = document->root().ensure(u"uuid"_s);
    QUuid uuid = QUuid::fromString(element.text().trimmed());
    if (uuid.isNull()) {
        uuid = ownPool(step, context);
    }
    if (uuid.isNull()) {
        uuid = QUuid::createUuid();
    }
    element.setText(uuid.toString(QUuid::WithoutBraces));
    if (const Result<> known = note(context, poolKey(step), u"defined"_s, uuid.toString(QUuid::WithoutBraces));
        !known) {
        return known;
    }
    return storage::definePool(connection, document->toString());
}

Result<> startPool(const Step &step, StepContext &context, virt::Connection &connection, bool own)
{
    const QString pool = text(step, u"pool"_s);
    if (own) {
        if (const Result<> built = storage::buildPool(connection, pool); !built) {
            return built;
        }
    }
    if (const Result<> known = note(context, poolKey(step), u"started"_s); !known) {
        return known;
    }
    return storage::startPool(connection, pool);
}

/** Each of its calls looks first whether it is needed: it may have been interrupted between any two of them. */
Result<> ensurePool(const Step &step, StepContext &context, const Shared &shared)
{
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const QString pool = text(step, u"pool"_s);
    const QString key = globalKey(step, context, poolKey(step));
    const auto guard = shared->lock(key, context.stop());
    if (!guard) {
        return fail(guard.error());
    }
    shared->use(key);
    auto existing = optional(storage::pool(**connection, pool));
    if (!existing) {
        return fail(existing.error());
    }
    if (!*existing) {
        if (const Result<> defined = definePool(step, context, **connection); !defined) {
            return defined;
        }
        existing = optional(storage::pool(**connection, pool));
        if (!existing) {
            return fail(existing.error());
        }
    }
    const bool own = *existing && (*existing)->uuid == ownPool(step, context);
    if (!*existing || !(*existing)->active) {
        if (const Result<> started = startPool(step, context, **connection, own); !started) {
            return started;
        }
    }
    if (own && !(*existing)->autostart) {
        const Result<> autostart = storage::setPoolAutostart(**connection, pool, true);
        if (!autostart && autostart.error().kind != Error::Kind::Unsupported) {
            return autostart;
        }
    }
    return {};
}

/** Stops and undefines what this job started and defined, unless somebody has put volumes there. */
Result<> takePoolBack(const Step &step, StepContext &context, virt::Connection &connection, const storage::Pool &pool)
{
    const bool own = pool.uuid == ownPool(step, context);
    const bool started = noted(context, poolKey(step), u"started"_s);
    if (own && pool.active) {
        // Files that were there before, or that others put there meanwhile: a pool that shows them does no harm.
        const auto volumes = storage::volumes(connection, pool.name);
        if (volumes && !volumes->isEmpty()) {
            context.log(PoolstepsText::tr("The storage pool “%1” is kept: it holds volumes.").arg(pool.name));
            return {};
        }
    }
    if (started && pool.active) {
        if (const Result<> stopped = storage::stopPool(connection, pool.name); !stopped) {
            return stopped;
        }
    }
    if (own) {
        const Result<> gone = storage::undefinePool(connection, pool.name);
        return !gone && gone.error().kind == Error::Kind::NotFound ? Result<>{} : gone;
    }
    return {};
}

Result<> dropPool(const Step &step, StepContext &context, const Shared &shared)
{
    const QString pool = text(step, u"pool"_s);
    const QString key = globalKey(step, context, poolKey(step));
    const auto guard = shared->lock(key, {});
    const bool unused = shared->giveUp(key);
    if (!context.results().contains(poolKey(step))) {
        return {};
    }
    const auto connection = hostConnection(step, context);
    if (!connection) {
        return fail(connection.error());
    }
    const auto existing = optional(storage::pool(**connection, pool));
    if (!existing) {
        return fail(existing.error());
    }
    if (*existing && !unused) {
        context.log(PoolstepsText::tr("The storage pool “%1” is kept: others use it.").arg(pool));
    } else if (*existing) {
        if (const Result<> back = takePoolBack(step, context, **connection, **existing); !back) {
            return back;
        }
    }
    return context.note(poolKey(step), QJsonValue(QJsonValue::Undefined));
}

} // namespace

void registerPoolSteps(job::StepRegistry &registry, const Shared &shared)
{
    const auto ensure = [shared](const Step &step, StepContext &context) {
        return ensurePool(step, context, shared);
    };
    const auto drop = [shared](const Step &step, StepContext &context) {
        return dropPool(step, context, shared);
    };
    registry.add(u"pool.ensure"_s, {ensure, drop, lookAtPool});
    registry.add(u"pool.refresh"_s, {refreshPool, {}});
}

} // namespace vireo::operation
