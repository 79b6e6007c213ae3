// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/snapshot/mergesteps.h"

#include <algorithm>

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QFileInfo>
#include <QJsonArray>

#include "backend/base/pause.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/snapshot/mergestep_p.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/snapshot/snapshotxml.h"
#include "backend/operation/storagetarget.h"
#include "backend/operation/workdomain.h"
#include "backend/snapshot/chainxml.h"
#include "backend/virt/blockjobs.h"
#include "backend/virt/snapshots.h"

using namespace Qt::StringLiterals;

/**
 * merge.run. Notes below "merge:TARGET:TOP:BASE:FIRST": "begun" before the block job, "done" when the chain was read
 * back; ":work" behind it is the WorkDomain's. Never takes the absence of a job for its success.
 */
namespace vireo::operation {

namespace {

namespace blockjobs = virt::blockjobs;
namespace domains = virt::domains;
using namespace std::chrono_literals;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;
using snapshot::Chain;
using snapshot::Layer;

struct MergeStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_mergeSteps)
};

constexpr auto reconnectPatience = 60s;
constexpr auto lookAgain = 100ms;
constexpr int attempts = 5;

QString fileName(const QString &path)
{
    return QFileInfo(path).fileName();
}

QJsonObject toJson(const Layer &layer)
{
    return {{u"path"_s, layer.path}, {u"format"_s, layer.format}};
}

Layer layerOf(const QJsonValue &value)
{
    const QJsonObject object = value.toObject();
    return {object.value("path"_L1).toString(), object.value("format"_L1).toString()};
}

QString keyOf(const QString &target, const Layer &top, const Layer &base, const Chain &chain)
{
    return u"merge:%1:%2:%3:%4"_s.arg(target, top.path, base.path, chain.isEmpty() ? QString() : chain.first().path);
}

} // namespace

MergeStep::MergeStep(const Step &step, StepContext &context)
    : m_step(step)
    , m_context(context)
    , m_disk(text(step, u"target"_s))
    , m_top(layerOf(step.parameters.value("top"_L1)))
    , m_base(layerOf(step.parameters.value("base"_L1)))
    , m_isCommit(text(step, u"kind"_s) == "commit"_L1)
    , m_inNow(step.parameters.value("inNow"_L1).toBool())
{
    const QJsonArray chain = step.parameters.value("chain"_L1).toArray();
    for (const auto &value : chain) {
        m_chain.append(layerOf(value));
    }
    m_key = keyOf(m_disk, m_top, m_base, m_chain);
}

Result<> MergeStep::begin()
{
    auto target = domainTarget(m_step, m_context);
    if (!target) {
        return fail(target.error());
    }
    m_target = *std::move(target);
    return {};
}

Result<> MergeStep::tellLost(bool atBegin)
{
    if (atBegin != m_isCommit) {
        return {};
    }
    const QJsonArray names = m_step.parameters.value("destroys"_L1).toArray();
    for (const auto &name : names) {
        if (const Result<> known = m_context.note(lostKey(name.toString()), true); !known) {
            return known;
        }
    }
    return {};
}

Result<> MergeStep::start(const QUuid &domain, const QString &disk, bool active)
{
    // On disk before the call: from then on nobody may take the files for untouched.
    if (const Result<> known = note(m_context, m_key, u"begun"_s); !known) {
        return known;
    }
    if (const Result<> told = tellLost(true); !told) {
        return told;
    }
    // Only where it could slow down a guest.
    const quint64 speed = domain == m_target->uuid ? number(m_step, u"speed"_s) : 0;
    if (m_isCommit) {
        Result<> begun = blockjobs::commit(connection(), domain, disk, m_top.path, m_base.path, active, speed);
        // QEMU closes the disks of a paused VM when its memory is saved, and opens them when it goes on.
        if (const auto state = m_target->state(); !begun && domain == m_target->uuid && state && isPaused(*state)) {
            begun.error().hint = MergeStepsText::tr(
                "The emulator can't merge the disks of a VM that was paused while its memory was saved. Resume the VM "
                "once, then try again; it may be paused again.");
        }
        return begun;
    }
    const auto base = std::ranges::find(m_chain, m_base.path, &Layer::path);
    const bool isLast = base == m_chain.end() || std::next(base) == m_chain.end();
    return blockjobs::pull(connection(), domain, disk, isLast ? QString() : std::next(base)->path, speed);
}

/** Error: it did not do what it was for. */
Result<> MergeStep::finished(blockjobs::Outcome outcome) const
{
    switch (outcome) {
    case blockjobs::Outcome::Cancelled:
        return fail(m_context.isCancelled()
                ? Error::cancelled()
                : Error::failed(MergeStepsText::tr("Somebody else cancelled the merge of the disk %1.").arg(m_disk)));
    case blockjobs::Outcome::Failed:
        return fail({Error::Kind::Failed,
            MergeStepsText::tr("The emulator could not finish the merge of the disk %1.").arg(m_disk),
            MergeStepsText::tr("The storage may be full. The VM and all other snapshots are as they were."), 0, 0});
    default:
        return {};
    }
}

Result<> MergeStep::drive(const QUuid &domain, const QString &disk, const std::function<Result<>()> &whenReady)
{
    blockjobs::Watch watch(connection(), domain, disk); // before the job, so that it hears of all
    // Before the chain: a job of an earlier run that ends in between has changed the chain by the time it is read.
    const auto present = blockjobs::info(connection(), domain, disk);
    if (!present) {
        return fail(present.error());
    }
    const auto before = livePosition(domain, disk);
    if (!before) {
        return fail(before.error());
    }
    if (*before == Position::Done) {
        return {};
    }
    if (*before == Position::Other) {
        return fail(otherError());
    }
    if (*present && !hasNote(u"begun"_s)) {
        return fail(
            {Error::Kind::Failed, MergeStepsText::tr("Another block job is running on the disk %1.").arg(m_disk),
                MergeStepsText::tr("Wait for its end, or cancel it."), 0, 0});
    }
    if (!*present) {
        const auto chain = layers(domain, disk, domains::XmlKind::Live);
        if (!chain) {
            return fail(chain.error());
        }
        const bool active = chain->value(0) == m_top.path;
        if (!m_isCommit && !active) {
            return fail(otherError());
        }
        if (const Result<> started = start(domain, disk, active); !started) {
            return started;
        }
    }
    const auto report = [this](quint64 done, quint64 total) {
        m_context.report(done, total);
    };
    for (int attempt = 1;; ++attempt) {
        const auto outcome = watch.wait(report, m_context.stop());
        if (!outcome) {
            return fail(outcome.error());
        }
        if (*outcome != blockjobs::Outcome::Ready) {
            if (const Result<> ended = finished(*outcome); !ended) {
                return ended;
            }
            break;
        }
        if (const Result<> prepared = whenReady(); !prepared) {
            static_cast<void>(blockjobs::finish(connection(), domain, disk, false));
            return prepared;
        }
        // Refused when the guest has written just now: then it is ready again in a moment.
        const Result<> switched = blockjobs::finish(connection(), domain, disk, true);
        if (switched) {
            break;
        }
        const auto still = blockjobs::info(connection(), domain, disk);
        if (!still || !*still) {
            break; // what became of it the chain tells
        }
        if (attempt == attempts) {
            static_cast<void>(blockjobs::finish(connection(), domain, disk, false));
            return switched;
        }
        pauseFor(lookAgain, m_context.stop());
    }
    return verify(domain, disk);
}

Result<> MergeStep::runLive()
{
    const Result<> driven = drive(m_target->uuid, m_disk, [] { return Result<>(); });
    // What was pulled may still be in the emulator's memory alone, and the file that it came from goes next. (A work
    // domain writes it when it ends.)
    return driven && !m_isCommit ? blockjobs::flush(connection(), m_target->uuid) : driven;
}

Result<> MergeStep::runInWorkDomain()
{
    const auto record = domains::read(connection(), m_target->uuid);
    if (!record) {
        return fail(record.error());
    }
    if (m_inNow && record->managedSave) {
        return fail({Error::Kind::Failed,
            MergeStepsText::tr("%1 has a saved state by now, which needs its disks as they are.").arg(m_target->name),
            MergeStepsText::tr("Start the VM, or discard its saved state."), 0, 0});
    }
    // Before anything is looked at: what an earlier run left may just be writing.
    const auto like = domains::xml(connection(), m_target->uuid, domains::XmlKind::Inactive);
    if (!like) {
        return fail(like.error());
    }
    WorkDomain work(m_context, workKey(), *like, m_target->name, hostOf(m_step, m_context));
    if (const Result<> ended = work.end(); !ended) {
        return ended;
    }
    const auto now = storedPosition();
    if (!now) {
        return fail(now.error());
    }
    if (*now == Position::Other) {
        return fail(otherError());
    }
    const bool isTop = m_isCommit && m_chain.first().path == m_top.path;
    if (*now == Position::Before) {
        if (const Result<> started = work.start(m_chain, {}); !started) {
            return started;
        }
        // While both files are still locked by the work domain: nobody can start the VM on a file that just went out of
        // use. What is ready is complete, as nothing writes to it any more.
        const auto whenReady = [this, isTop] {
            return m_inNow && isTop ? updateDefinition() : Result<>();
        };
        if (const Result<> driven = drive(work.uuid(), QString::fromLatin1(WorkDomain::diskTarget), whenReady);
            !driven) {
            return driven;
        }
        if (const Result<> ended = work.end(); !ended) {
            return ended;
        }
    }
    return m_inNow ? updateDefinition() : Result<>(); // where it names the chain
}

Result<> MergeStep::once()
{
    const auto state = m_target->state();
    if (!state) {
        return fail(state.error());
    }
    if (!state->exists) {
        return fail(goneError(*m_target));
    }
    const Result<> outcome = m_inNow && isActive(*state) ? runLive() : runInWorkDomain();
    if (!outcome) {
        return outcome;
    }
    if (const Result<> told = tellLost(false); !told) {
        return told;
    }
    return note(m_context, m_key, u"done"_s);
}

/** Whether the host came back within some time. */
bool MergeStep::reconnect()
{
    m_context.log(MergeStepsText::tr("The connection was lost; waiting for it."));
    const QDeadlineTimer deadline(reconnectPatience);
    while (!deadline.hasExpired() && !m_context.isCancelled()) {
        if (begin() && m_target->state()) {
            return true;
        }
        pauseFor(lookAgain * 3, m_context.stop());
    }
    return false;
}

Result<> MergeStep::run()
{
    if (hasNote(u"done"_s)) {
        return {};
    }
    if (m_context.isCancelled()) {
        return fail(Error::cancelled());
    }
    if (m_chain.isEmpty()) {
        return fail(Error::invalid(MergeStepsText::tr("The step names no chain.")));
    }
    Result<> begun = begin();
    for (int attempt = 1;; ++attempt) {
        Result<> outcome = begun ? once() : begun;
        if (outcome || attempt == attempts || m_context.isCancelled()) {
            return outcome;
        }
        if (outcome.error().kind == Error::Kind::Disconnected) {
            if (!reconnect()) {
                return outcome;
            }
            begun = {};
            continue;
        }
        const auto state = m_target ? m_target->state() : fail(outcome.error());
        const bool wentOff = m_inNow && state && state->exists && isOff(*state) && attempt == 1 && hasNote(u"begun"_s)
            && m_context.results().value(workKey()).isUndefined();
        if (!wentOff) {
            return outcome;
        }
        m_context.log(MergeStepsText::tr("%1 went off; the merge goes on without it.").arg(m_target->name));
    }
}

Result<> MergeStep::undo()
{
    if (!hasNote(u"begun"_s) && m_context.results().value(workKey()).isUndefined()) {
        return {};
    }
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    WorkDomain work(m_context, workKey(), {}, m_target->name, hostOf(m_step, m_context));
    if (const Result<> ended = work.end(); !ended) {
        return ended;
    }
    const auto state = m_target->state();
    if (!state) {
        return fail(state.error());
    }
    const bool live = m_inNow && state->exists && isActive(*state);
    const auto now = live ? livePosition(m_target->uuid, m_disk) : storedPosition();
    const bool isDone = hasNote(u"done"_s) || (hasNote(u"begun"_s) && now && *now == Position::Done);
    if (!isDone) {
        if (!state->exists || !isActive(*state) || !m_inNow) {
            return {};
        }
        const auto job = blockjobs::info(connection(), m_target->uuid, m_disk);
        if (!job || !*job) {
            return job ? Result<>() : fail(job.error());
        }
        return blockjobs::finish(connection(), m_target->uuid, m_disk, false);
    }
    if (const Result<> updated = updateRecords(); !updated) {
        return updated;
    }
    // What was merged away is of no use any more, unless a snapshot was not told of it in time.
    const QString gone = text(m_step, u"gone"_s);
    if (gone.isEmpty()) {
        return {};
    }
    const auto user = layerUser(connection(), gone);
    if (!user) {
        return fail(user.error());
    }
    if (!user->isEmpty()) {
        m_context.log(MergeStepsText::tr("“%1” is kept: %2").arg(gone, *user));
        return {};
    }
    return deleteLayer(m_target->connection, gone);
}

Result<Reality> MergeStep::look()
{
    if (const Result<> begun = begin(); !begun) {
        return fail(begun.error());
    }
    const auto state = m_target->state();
    if (!state) {
        return fail(state.error());
    }
    const bool live = m_inNow && state->exists && isActive(*state);
    const auto now = live ? livePosition(m_target->uuid, m_disk) : storedPosition();
    const bool isDone = hasNote(u"done"_s) || (now && *now == Position::Done);
    if (isDone) {
        return Reality{Effect::Present,
            MergeStepsText::tr("“%1” has been merged.").arg(fileName(m_isCommit ? m_top.path : m_base.path))};
    }
    if (!now) {
        return fail(now.error());
    }
    return hasNote(u"begun"_s)
        ? Reality{Effect::Partial, MergeStepsText::tr("The merge of the disk %1 has begun.").arg(m_disk)}
        : Reality{Effect::Absent, MergeStepsText::tr("The merge of the disk %1 has not begun.").arg(m_disk)};
}

QString lostKey(const QString &snapshot)
{
    return u"merge.lost:"_s + snapshot;
}

QString mergedKey(const snapshot::Merge &merge)
{
    return keyOf(merge.target, merge.top, merge.base, merge.chain);
}

Step mergeStep(const snapshot::Merge &merge)
{
    const bool isCommit = merge.kind == snapshot::Merge::Kind::Commit;
    Step step;
    step.type = u"merge.run"_s;
    step.title = isCommit
        ? MergeStepsText::tr("Merge “%1” into “%2”").arg(fileName(merge.top.path), fileName(merge.base.path))
        : MergeStepsText::tr("Merge “%1” into “%2”").arg(fileName(merge.base.path), fileName(merge.top.path));
    step.object = merge.target;
    step.undo = MergeStepsText::tr("End a merge that is under way; nothing is brought back");
    step.bytes = merge.bytes;
    QJsonArray chain;
    for (const Layer &layer : merge.chain) {
        chain.append(toJson(layer));
    }
    QJsonArray repoints;
    for (const snapshot::Repoint &repoint : merge.repoints) {
        repoints.append(QJsonObject{{u"snapshot"_s, repoint.snapshot}, {u"from"_s, repoint.from}, {u"to"_s, repoint.to},
            {u"format"_s, repoint.format}});
    }
    step.parameters = {{u"target"_s, merge.target}, {u"repoints"_s, repoints},
        {u"kind"_s, isCommit ? u"commit"_s : u"pull"_s}, {u"top"_s, toJson(merge.top)}, {u"base"_s, toJson(merge.base)},
        {u"chain"_s, chain}, {u"inNow"_s, merge.inNow}};
    if (!merge.gone.isEmpty()) {
        step.parameters.insert(u"gone"_s, merge.gone);
    }
    if (!merge.destroys.isEmpty()) {
        step.parameters.insert(u"destroys"_s, QJsonArray::fromStringList(merge.destroys));
    }
    return step;
}

void registerMergeSteps(job::StepRegistry &registry)
{
    registry.add(u"merge.run"_s,
        {[](const Step &step, StepContext &context) { return MergeStep(step, context).run(); },
            [](const Step &step, StepContext &context) { return MergeStep(step, context).undo(); },
            [](const Step &step, StepContext &context) {
                return MergeStep(step, context).look();
            }});
}

} // namespace vireo::operation
