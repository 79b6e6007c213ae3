// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/cold/disksend.h"
#include "backend/operation/migrate/migratesteps.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/domains.h"

using namespace Qt::StringLiterals;

/** disk.send. Notes below "send:VOLUME": "uuid" of the machine that carries it; "sent". */
namespace vireo::operation {

namespace {

namespace storage = virt::storage;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct DiskSendStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_diskSendSteps)
};

QString sendKey(const Step &step)
{
    return u"send:"_s + volumeKey(step);
}

snapshot::Chain chainOf(const Step &step, const QString &key)
{
    snapshot::Chain chain;
    const QJsonArray layers = step.parameters.value(key).toArray();
    for (const auto &each : layers) {
        chain.append({each["path"_L1].toString(), each["format"_L1].toString()});
    }
    return chain;
}

SentDisk diskOf(const Step &step)
{
    SentDisk disk;
    disk.chain = chainOf(step, u"chain"_s);
    disk.topOnly = step.parameters.value("top"_L1).toBool();
    disk.to = {text(step, u"path"_s), text(step, u"format"_s)};
    disk.beneath = chainOf(step, u"beneath"_s);
    return disk;
}

/** What an earlier run left: its migration may even go on without us. */
Result<> endEarlier(const Step &step, StepContext &context)
{
    const auto uuid = QUuid::fromString(context.results().value(sendKey(step)).toObject().value("uuid"_L1).toString());
    if (uuid.isNull()) {
        return {};
    }
    const auto source = context.connection();
    const auto destination = hostConnection(step, context);
    if (!source || !destination) {
        return fail(!source ? source.error() : destination.error());
    }
    static_cast<void>(virt::migration::abort(**source, uuid)); // most often there is none any more
    if (const Result<> ended = DiskSend(*source, *destination, {}, uuid).end(); !ended) {
        return ended;
    }
    return context.note(sendKey(step), QJsonValue(QJsonValue::Undefined));
}

Result<> send(const Step &step, StepContext &context)
{
    if (noted(context, sendKey(step), u"sent"_s)) {
        return {};
    }
    if (const Result<> ended = endEarlier(step, context); !ended) {
        return ended;
    }
    const auto source = context.connection();
    const auto destination = hostConnection(step, context);
    if (!source || !destination) {
        return fail(!source ? source.error() : destination.error());
    }
    if (!noted(context, volumeKey(step), u"created"_s)) {
        return fail(
            Error::failed(DiskSendStepsText::tr("The volume “%1” was not made by this job: it is not written to.")
                    .arg(volumeName(step))));
    }
    const auto like = virt::domains::xml(**source, context.plan().domain, virt::domains::XmlKind::Inactive);
    if (!like) {
        return fail(like.error());
    }
    const QUuid uuid = QUuid::createUuid();
    // Before the call: whoever comes after a kill has to find it.
    if (const Result<> known = note(context, sendKey(step), u"uuid"_s, uuid.toString(QUuid::WithoutBraces)); !known) {
        return known;
    }
    DiskSend machine(*source, *destination, *like, uuid);
    const quint64 bytes = step.bytes;
    const Result<> sent = machine.send(
        diskOf(step), optionsFromJson(step.parameters.value("options"_L1).toObject()),
        [&context, bytes](quint64 done, quint64 total) {
            const double part = static_cast<double>(done) / static_cast<double>(total);
            context.report(
                bytes > 0 ? static_cast<quint64>(part * static_cast<double>(bytes)) : done, bytes > 0 ? bytes : total);
        },
        context.stop());
    const Result<> ended = machine.end();
    if (!sent || !ended) {
        return fail(!sent ? sent.error() : ended.error());
    }
    // Libvirt looks at what it has become.
    if (const Result<> fresh = storage::refreshPool(**destination, text(step, u"pool"_s), context.stop()); !fresh) {
        return fresh;
    }
    return context.note(sendKey(step), QJsonObject{{u"sent"_s, true}});
}

Result<> undoSend(const Step &step, StepContext &context)
{
    return passingOverAway(step, context, endEarlier(step, context));
}

Result<Reality> look(const Step &step, StepContext &context)
{
    const auto created = lookAtCreated(step, context);
    if (!created || created->effect != Effect::Present) {
        return created;
    }
    return noted(context, sendKey(step), u"sent"_s)
        ? Reality{Effect::Present, DiskSendStepsText::tr("The volume “%1” is complete.").arg(volumeName(step))}
        : Reality{Effect::Partial,
              DiskSendStepsText::tr("The volume “%1” is there, but not complete.").arg(volumeName(step))};
}

} // namespace

void registerDiskSendSteps(job::StepRegistry &registry)
{
    // Its volume is somebody else's to delete.
    registry.add(u"disk.send"_s, {send, undoSend, look});
}

} // namespace vireo::operation
