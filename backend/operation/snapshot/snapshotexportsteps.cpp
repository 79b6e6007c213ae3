// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <chrono>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/domaintarget.h"
#include "backend/operation/jobwatch.h"
#include "backend/operation/snapshot/guestfreeze.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/operation/workdomain.h"
#include "backend/virt/blockjobs.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/**
 * The steps of an export on the VM's host. The copy is written into a volume that an earlier step has made; it is begun
 * anew when the step is run again, as the copying of what was there before covers all of it.
 */
namespace vireo::operation {

namespace {

namespace blockjobs = virt::blockjobs;
namespace domains = virt::domains;
using Effect = job::Reality::Effect;
using blockjobs::Outcome;
using job::Reality;
using job::Step;
using job::StepContext;
using snapshot::Chain;

struct ExportstepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_exportSteps)
};

constexpr auto agentPatience = 10s;
constexpr auto freezeLimit = 30s; ///< of a frozen guest
constexpr auto startLimit = 60s;
const QString savedNote = u"export:saved"_s;   ///< {was}: the VM's state was saved, or was about to be
const QString copiedNote = u"export:copied"_s; ///< the copy is whole
const QString workNoteKey = u"export:domain"_s;

// ---- saving, and going on

/** Exactly as it was. What is there already, by us or by others, is fine. */
Result<> goOn(const DomainTarget &target, bool paused, StepContext &context)
{
    const auto state = target.state();
    if (!state) {
        return fail(state.error());
    }
    if (isActive(*state)) {
        // A save that was broken off may leave it paused.
        return isPaused(*state) && !paused ? domains::resume(*target.connection, target.uuid) : Result<>();
    }
    const auto record = domains::read(*target.connection, target.uuid);
    if (!record) {
        return fail(record.error());
    }
    if (!record->managedSave) {
        return fail(Error{Error::Kind::Unsupported,
            ExportstepsText::tr("%1 is off, and its host has no saved state of it any more.").arg(target.name), {}, 0,
            0});
    }
    if (const Result<> started = domains::start(*target.connection, target.uuid, paused); !started) {
        return started;
    }
    const auto reached = domains::waitFor(*target.connection, target.uuid,
        [paused](const auto &info) { return paused ? isPaused(info) : isRunning(info); }, startLimit, {});
    if (!reached) {
        return fail(reached.error());
    }
    context.log(ExportstepsText::tr("%1 goes on where it was.").arg(target.name));
    return {};
}

bool wasPaused(const Step &step)
{
    return step.parameters.value("paused"_L1).toBool();
}

Result<> runSave(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto before = target->state();
    if (!before) {
        return fail(before.error());
    }
    if (isActive(*before)) {
        if (isPaused(*before) != wasPaused(step) && !context.results().contains(savedNote)) {
            return fail(Error::failed(ExportstepsText::tr("%1 is %2 by now.").arg(target->name, describe(*before))));
        }
        if (const Result<> noted = context.note(savedNote, true); !noted) {
            return noted;
        }
        Result<> saved;
        {
            JobWatch watch(*target, context);
            saved = domains::managedSave(*target->connection, target->uuid);
            watch.end();
        }
        if (!saved) {
            return context.isCancelled() ? fail(Error::cancelled()) : saved;
        }
    } else if (!context.results().contains(savedNote)) {
        return fail(Error::failed(ExportstepsText::tr("%1 is off by now.").arg(target->name)));
    }
    const auto record = domains::read(*target->connection, target->uuid);
    if (!record) {
        return fail(record.error());
    }
    if (!record->managedSave) {
        return fail(
            Error::failed(ExportstepsText::tr("%1 is off, and its host has no saved state of it.").arg(target->name)));
    }
    return {};
}

Result<> undoSave(const Step &step, StepContext &context)
{
    if (!context.results().contains(savedNote)) {
        return {};
    }
    const auto target = domainTarget(step, context);
    return target ? goOn(*target, wasPaused(step), context) : fail(target.error());
}

Result<> runResume(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    return target ? goOn(*target, wasPaused(step), context) : fail(target.error());
}

Result<Reality> lookAtSaved(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto record = domains::read(*target->connection, target->uuid);
    if (!record) {
        return fail(record.error());
    }
    if (record->isActive()) { // not yet, or it goes on since
        return Reality{Effect::Unknown, ExportstepsText::tr("%1 is running.").arg(target->name)};
    }
    return record->managedSave
        ? Reality{Effect::Present, ExportstepsText::tr("%1 is off, and its state is saved.").arg(target->name)}
        : Reality{Effect::Absent, ExportstepsText::tr("The host has no saved state of %1.").arg(target->name)};
}

// ---- copying

/** The copy, as the <disk> that libvirt wants to know. */
QString diskXml(const Step &step, const Chain &chain)
{
    auto document = xml::Document::create(u"disk"_s);
    xml::Element root = document.root();
    root.setAttribute(u"type"_s, u"file"_s);
    root.append(u"source"_s).setAttribute(u"file"_s, text(step, u"path"_s));
    xml::Element driver = root.append(u"driver"_s);
    driver.setAttribute(u"name"_s, u"qemu"_s);
    driver.setAttribute(u"type"_s, text(step, u"format"_s));
    // All that lies beneath is said, so that nothing is probed.
    xml::Element above = root.append(u"backingStore"_s);
    const bool shallow = step.parameters.value("shallow"_L1).toBool();
    for (qsizetype i = 1; shallow && i < chain.size(); ++i) {
        above.setAttribute(u"type"_s, u"file"_s);
        above.append(u"format"_s).setAttribute(u"type"_s, chain.at(i).format);
        above.append(u"source"_s).setAttribute(u"file"_s, chain.at(i).path);
        above = above.append(u"backingStore"_s);
    }
    return document.toString();
}

Chain chainOf(const Step &step)
{
    Chain chain;
    const QJsonArray layers = step.parameters.value("chain"_L1).toArray();
    for (const auto &layer : layers) {
        chain.append({layer.toObject().value("path"_L1).toString(), layer.toObject().value("format"_L1).toString()});
    }
    return chain;
}

/** The file that a running copy of the disk goes to; empty: there is none. */
Result<QString> mirrorOf(const DomainTarget &target, const QString &disk)
{
    const auto text = domains::xml(*target.connection, target.uuid, domains::XmlKind::Live);
    if (!text) {
        return fail(text.error());
    }
    const auto document = xml::Document::parse(*text);
    if (!document) {
        return fail(document.error());
    }
    const auto disks = document->root().child(u"devices"_s).children(u"disk"_s);
    for (const xml::Element &each : disks) {
        if (each.child(u"target"_s).attribute(u"dev"_s) == disk) {
            const xml::Element mirror = each.child(u"mirror"_s);
            const QString file = mirror.child(u"source"_s).attribute(u"file"_s);
            return file.isEmpty() ? mirror.attribute(u"file"_s) : file;
        }
    }
    return QString();
}

/** Ends a copy of ours that an earlier run, or this one, has begun. */
Result<> endMirror(const DomainTarget &target, const Step &step)
{
    const auto state = target.state();
    if (!state) {
        return fail(state.error());
    }
    if (!isActive(*state)) {
        return {};
    }
    const QString disk = text(step, u"disk"_s);
    const auto mirror = mirrorOf(target, disk);
    if (!mirror) {
        return fail(mirror.error());
    }
    if (*mirror != text(step, u"path"_s)) {
        return {};
    }
    blockjobs::Watch watch(*target.connection, target.uuid, disk);
    std::stop_source stopped;
    stopped.request_stop();
    const auto ended = watch.wait({}, stopped.get_token());
    return ended ? Result<>() : fail(ended.error());
}

/** What became of a copy that is not ready. */
Error failure(Outcome outcome, const Step &step, const StepContext &context)
{
    if (context.isCancelled()) {
        return Error::cancelled();
    }
    const QString disk = text(step, u"disk"_s);
    switch (outcome) {
    case Outcome::Failed:
        return {Error::Kind::Failed, ExportstepsText::tr("The copying of the disk %1 failed.").arg(disk),
            ExportstepsText::tr("Perhaps there is no more room. The VM's log on its host may say more."), 0, 0};
    case Outcome::Cancelled:
        return Error::failed(ExportstepsText::tr("Somebody else has ended the copying of the disk %1.").arg(disk));
    case Outcome::Completed:
        return Error::failed(
            ExportstepsText::tr("Somebody else has made the VM use the copy of its disk %1.").arg(disk));
    default:
        return Error::failed(ExportstepsText::tr("The copying of the disk %1 has vanished.").arg(disk));
    }
}

/** Copies a disk of a domain that is there until copy and disk are the same, and lets go of the copy. */
Result<> copyDisk(const DomainTarget &target, const QString &disk, const Step &step, StepContext &context, bool quiesce)
{
    blockjobs::Watch watch(*target.connection, target.uuid, disk);
    blockjobs::CopyOptions options;
    options.shallow = step.parameters.value("shallow"_L1).toBool();
    options.reuseFile = true;
    if (const Result<> begun =
            blockjobs::copy(*target.connection, target.uuid, disk, diskXml(step, chainOf(step)), options);
        !begun) {
        return begun;
    }
    const auto report = [&context, &step](quint64 done, quint64 total) {
        const double part = total > 0 ? double(done) / double(total) : 0;
        context.report(step.bytes > 0 ? static_cast<quint64>(part * double(step.bytes)) : done,
            step.bytes > 0 ? step.bytes : total);
    };
    const auto outcome = watch.wait(report, context.stop());
    if (!outcome) {
        return fail(outcome.error());
    }
    if (*outcome != Outcome::Ready) {
        return fail(failure(*outcome, step, context));
    }
    if (!quiesce) {
        return blockjobs::finish(*target.connection, target.uuid, disk, false);
    }
    // Where it can: a guest that does not answer is copied as it is.
    GuestFreeze freeze(target, context);
    const Result<> frozen = freeze.freeze(agentPatience, freezeLimit);
    const Result<> finished = blockjobs::finish(*target.connection, target.uuid, disk, false);
    const Result<> thawed = freeze.thaw();
    if (!frozen || (!thawed && thawed.error().kind == Error::Kind::TimedOut)) {
        context.log(ExportstepsText::tr("The copy is as after a power failure: %1")
                .arg((frozen ? thawed : frozen).error().message));
        return finished;
    }
    return finished ? thawed : finished;
}

Result<> copyLive(const DomainTarget &target, const Step &step, StepContext &context)
{
    const QString disk = text(step, u"disk"_s);
    const auto state = target.state();
    if (!state) {
        return fail(state.error());
    }
    if (!isActive(*state)) {
        return fail(Error::failed(ExportstepsText::tr("%1 is off by now.").arg(target.name)));
    }
    for (const Result<> &ready : {GuestFreeze::thawLeftovers(target, context), endMirror(target, step)}) {
        if (!ready) {
            return ready;
        }
    }
    const auto other = blockjobs::info(*target.connection, target.uuid, disk);
    if (!other) {
        return fail(other.error());
    }
    if (*other) {
        return fail(Error{Error::Kind::Failed,
            ExportstepsText::tr("Another block job is running on the disk %1 of %2.").arg(disk, target.name),
            ExportstepsText::tr("Wait for its end, then try again."), 0, 0});
    }
    return copyDisk(target, disk, step, context, step.parameters.value("quiesce"_L1).toBool());
}

Result<> copyFrozen(const DomainTarget &target, const Step &step, StepContext &context)
{
    const auto like = domains::xml(*target.connection, target.uuid, domains::XmlKind::Inactive);
    if (!like) {
        return fail(like.error());
    }
    WorkDomain work(context, workNoteKey, *like, target.name);
    if (const Result<> started = work.start(chainOf(step), {.readOnly = true}); !started) {
        return started;
    }
    const DomainTarget copier{target.connection, work.uuid(), target.name};
    const Result<> copied = copyDisk(copier, QString::fromLatin1(WorkDomain::diskTarget), step, context, false);
    const Result<> ended = work.end();
    return copied ? ended : copied;
}

Result<> runCopy(const Step &step, StepContext &context)
{
    if (context.results().value(copiedNote).toString() == text(step, u"path"_s)) {
        return {};
    }
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const bool live = step.parameters.value("live"_L1).toBool();
    const Result<> copied = live ? copyLive(*target, step, context) : copyFrozen(*target, step, context);
    return copied ? context.note(copiedNote, text(step, u"path"_s)) : copied;
}

Result<> undoCopy(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    if (const Result<> unnoted = context.note(copiedNote, QJsonValue::Undefined); !unnoted) {
        return unnoted;
    }
    if (!step.parameters.value("live"_L1).toBool()) {
        return WorkDomain(context, workNoteKey, {}, target->name).end();
    }
    const Result<> thawed = GuestFreeze::thawLeftovers(*target, context);
    const Result<> ended = endMirror(*target, step);
    return ended ? thawed : ended;
}

Result<Reality> lookAtCopied(const Step &step, StepContext &context)
{
    if (context.results().value(copiedNote).toString() == text(step, u"path"_s)) {
        return Reality{Effect::Present, ExportstepsText::tr("The disk has been copied.")};
    }
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto state = target->state();
    if (!state) {
        return fail(state.error());
    }
    if (step.parameters.value("live"_L1).toBool() && isActive(*state)) {
        const auto mirror = mirrorOf(*target, text(step, u"disk"_s));
        if (mirror && *mirror == text(step, u"path"_s)) {
            return Reality{Effect::Partial, ExportstepsText::tr("The disk is being copied.")};
        }
    }
    return Reality{Effect::Partial, ExportstepsText::tr("The copy is not whole.")};
}

} // namespace

void registerExportSteps(job::StepRegistry &registry)
{
    registry.add(u"export.save"_s, {runSave, undoSave, lookAtSaved});
    registry.add(u"export.resume"_s, {runResume, {}});
    registry.add(u"export.copy"_s, {runCopy, undoCopy, lookAtCopied});
    registerExportFileSteps(registry);
}

} // namespace vireo::operation
