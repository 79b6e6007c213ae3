// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/operation/layerfiles.h"
#include "backend/operation/snapshot/guestfreeze.h"
#include "backend/operation/snapshot/snapshotcreation.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/snapshot/snapshotxml.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/blockjobs.h"
#include "backend/virt/snapshots.h"

using namespace Qt::StringLiterals;

/**
 * How a snapshot that was just taken is taken back, so that the VM has the files that it had before and nothing else is
 * left. By looking at what is there: it may have come to any point of it, and be repeated from there.
 */
namespace vireo::operation {

namespace {

namespace blockjobs = virt::blockjobs;
namespace domains = virt::domains;
namespace snapshots = virt::snapshots;
using Kind = snapshot::SnapshotDisk::Kind;

struct SnapshotCreateUndoText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotCreateUndo)
};

Result<> unlessGone(const Result<> &outcome)
{
    return !outcome && outcome.error().kind == Error::Kind::NotFound ? Result<>() : outcome;
}

/** The length of an overlay of qcow2's usual cluster size to which nothing has been written: header, table and first
 *  block of reference counts, L1 table. The first write adds two clusters. */
quint64 emptyOverlay(quint64 capacity)
{
    constexpr quint64 cluster = 64 << 10;
    constexpr quint64 perEntry = cluster / 8 * cluster;
    const quint64 table = (capacity + perEntry - 1) / perEntry * 8;
    return (3 + (table + cluster - 1) / cluster) * cluster;
}

/** A later step of this job has let libvirt go back to another snapshot. */
bool hasGoneBack(const job::StepContext &context)
{
    const QStringList keys = context.results().keys();
    return std::ranges::any_of(keys, [&context](const QString &key) {
        return key.startsWith("snapshot.revert:"_L1)
            && context.results().value(key).toObject().value("begun"_L1).toBool();
    });
}

} // namespace

Error SnapshotCreation::startedError() const
{
    return {Error::Kind::Failed,
        SnapshotCreateUndoText::tr("%1 has been started since: it is left as it is.").arg(m_target->name),
        SnapshotCreateUndoText::tr("Its former state is in the snapshot “%1”.").arg(m_name), 0, 0};
}

Result<> SnapshotCreation::undo()
{
    if (!noted(m_context, key(), u"begun"_s)) {
        return {}; // it never came to that
    }
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    auto state = m_target->state();
    if (!state) {
        return fail(state.error());
    }
    if (state->exists) {
        if (const Result<> thawed = GuestFreeze::thawLeftovers(*m_target, m_context); !thawed) {
            return thawed;
        }
        if (const Result<> ended = awaitEarlierRun(true); !ended) {
            return ended;
        }
        state = m_target->state();
        if (!state) {
            return fail(state.error());
        }
        const Result<> back = isExternal() ? takeBack(*state) : takeBackInternal(*state);
        if (!back) {
            return back;
        }
        if (const Result<> forgotten = forget(); !forgotten) {
            return forgotten;
        }
    }
    if (const Result<> deleted = deleteFiles(); !deleted) {
        return deleted;
    }
    return note(m_context, key(), u"begun"_s, false);
}

Result<> SnapshotCreation::takeBackInternal(const domains::StateInfo &state)
{
    const auto there = exists();
    if (!there || !*there) {
        return there ? Result<>() : fail(there.error());
    }
    if (flag(u"halt"_s)) {
        const int before = m_context.results().value(key()).toObject().value("id"_L1).toInt(-1);
        if (!hasGoneBack(m_context) && isActive(state) && state.id != before) {
            return fail(startedError());
        }
        // Nothing was lost: it goes on from the very moment in which it was halted.
        const bool isThere = !hasGoneBack(m_context) && state.id == before;
        const Result<> back =
            isThere ? Result<>() : snapshots::revert(connection(), uuid(), m_name, snapshots::After::AsThen, true);
        if (!back) {
            return back;
        }
    }
    return unlessGone(snapshots::remove(connection(), uuid(), m_name, false));
}

Result<> SnapshotCreation::takeBack(const domains::StateInfo &state)
{
    const int before = m_context.results().value(key()).toObject().value("id"_L1).toInt(-1);
    const auto there = exists();
    if (!there) {
        return fail(there.error());
    }
    const bool halted = flag(u"halt"_s) && flag(u"active"_s) && state.id != before;
    const bool returning = noted(m_context, key(), u"returning"_s) && !isActive(state);
    if (*there && (halted || returning)) {
        return goBackToHalted();
    }
    if (isActive(state)) {
        for (const Disk &disk : std::as_const(m_disks)) {
            if (const Result<> back = disk.kind == Kind::External ? commitBack(disk) : Result<>(); !back) {
                return isPaused(state) && *there ? restorePaused(back.error()) : back;
            }
        }
        return restoreStored();
    }
    // It may have written something between the snapshot and its end.
    const auto untouched = flag(u"active"_s) && *there ? Result<bool>(false) : isUntouched();
    if (!untouched) {
        return fail(untouched.error());
    }
    if (!*untouched) {
        return fail({Error::Kind::Failed,
            SnapshotCreateUndoText::tr("%1 has run since: what it wrote is in the overlays of “%2”.")
                .arg(m_target->name, m_name),
            SnapshotCreateUndoText::tr("Delete the snapshot instead: that merges them."), 0, 0});
    }
    return restoreStored();
}

/** It was saved and stopped by the snapshot: it goes on from there, on the files that it had. */
Result<> SnapshotCreation::goBackToHalted()
{
    const auto state = m_target->state();
    const auto now = sources();
    if (!state || !now) {
        return fail(!state ? state.error() : now.error());
    }
    bool isBack = isActive(*state);
    for (const Disk &disk : std::as_const(m_disks)) {
        isBack = isBack && (disk.kind != Kind::External || now->value(disk.target) == disk.before.path);
    }
    if (isBack) {
        return {}; // by an earlier run of this undo
    }
    if (isActive(*state)) {
        const Result<> off = hasGoneBack(m_context) ? destroy() : fail(startedError());
        if (!off) {
            return off;
        }
    }
    const auto untouched = isUntouched();
    if (!untouched) {
        return fail(untouched.error());
    }
    if (!*untouched) {
        return fail({Error::Kind::Failed,
            SnapshotCreateUndoText::tr("%1 has run since: it is left as it is.").arg(m_target->name),
            SnapshotCreateUndoText::tr("Its former state is in the snapshot “%1”.").arg(m_name), 0, 0});
    }
    const auto metadata = snapshots::xml(connection(), uuid(), m_name, true);
    if (!metadata) {
        return fail(metadata.error());
    }
    const auto made = snapshot::parseSnapshot(*metadata);
    const auto stored = snapshotxml::definition(*metadata, snapshotxml::Which::ForNextStart);
    const auto live = snapshotxml::definition(*metadata, snapshotxml::Which::Then);
    if (!made || !stored || !live) {
        return fail(!made ? made.error() : (!stored ? stored.error() : live.error()));
    }
    if (const auto defined = domains::define(connection(), *stored); !defined) {
        return fail(defined.error());
    }
    return domains::restore(
        connection(), text(m_step, u"memoryFile"_s), *live, made->state == virt::DomainState::Paused);
}

/** QEMU writes to no disk of a guest whose memory was saved while it was paused, until it goes on: there the memory
 * that was just saved is the way back. `why` the disks could not be merged. */
Result<> SnapshotCreation::restorePaused(const Error &why)
{
    const auto untouched = isUntouched();
    if (!untouched || !*untouched || text(m_step, u"memoryFile"_s).isEmpty()) {
        return fail(untouched ? why : untouched.error());
    }
    if (const Result<> known = note(m_context, key(), u"returning"_s); !known) {
        return known;
    }
    const Result<> off = destroy();
    return off ? goBackToHalted() : off;
}

Result<> SnapshotCreation::destroy()
{
    const Result<> off = domains::destroy(connection(), uuid());
    if (!off && off.error().kind != Error::Kind::NotFound) {
        return off;
    }
    return awaitOff();
}

/** What the guest wrote since goes down into the file that it had, while it runs. */
Result<> SnapshotCreation::commitBack(const Disk &disk)
{
    const auto now = sources();
    if (!now) {
        return fail(now.error());
    }
    if (now->value(disk.target) != disk.file) {
        return {};
    }
    blockjobs::Watch watch(connection(), uuid(), disk.target);
    const auto running = blockjobs::info(connection(), uuid(), disk.target);
    if (!running) {
        return fail(running.error());
    }
    if (!*running) { // else an earlier run of this undo has begun it
        const Result<> begun = blockjobs::commit(connection(), uuid(), disk.target, disk.file, disk.before.path, true);
        if (!begun) {
            return begun;
        }
    }
    const auto outcome = watch.wait({}, {});
    if (!outcome) {
        return fail(outcome.error());
    }
    if (*outcome == blockjobs::Outcome::Ready) {
        if (const Result<> pivoted = blockjobs::finish(connection(), uuid(), disk.target, true); !pivoted) {
            return pivoted;
        }
    }
    const auto after = sources();
    if (!after) {
        return fail(after.error());
    }
    if (after->value(disk.target) != disk.before.path) {
        return fail(Error::failed(SnapshotCreateUndoText::tr("The disk %1 could not be merged back: it still is “%2”.")
                .arg(disk.target, after->value(disk.target))));
    }
    return {};
}

/** The definition for the next start names the files from before again. */
Result<> SnapshotCreation::restoreStored()
{
    const auto record = domains::read(connection(), uuid());
    if (!record) {
        return fail(record.error());
    }
    if (!record->persistent) {
        return {};
    }
    const auto now = sources(true);
    if (!now) {
        return fail(now.error());
    }
    QHash<QString, snapshot::Layer> layers;
    for (const Disk &disk : std::as_const(m_disks)) {
        if (disk.kind == Kind::External && now->value(disk.target) == disk.file) {
            layers.insert(disk.target, disk.before);
        }
    }
    if (layers.isEmpty()) {
        return {};
    }
    const auto secure = domains::xml(connection(), uuid(), domains::XmlKind::Inactive, true);
    const auto changed = secure ? snapshotxml::withLayers(*secure, layers) : fail(secure.error());
    if (!changed) {
        return fail(changed.error());
    }
    const auto defined = domains::define(connection(), *changed);
    return defined ? Result<>() : fail(defined.error());
}

/** Whether nobody wrote to the overlays of a VM that is off. */
Result<bool> SnapshotCreation::isUntouched() const
{
    for (const Disk &disk : m_disks) {
        if (disk.kind != Kind::External) {
            continue;
        }
        const auto overlay = optional(layerVolume(m_target->connection, disk.file));
        if (!overlay) {
            return fail(overlay.error());
        }
        if (*overlay && (*overlay)->physical > emptyOverlay((*overlay)->capacity)) {
            return false;
        }
    }
    return true;
}

/** Its state is the VM's again: only libvirt's knowledge of it goes. */
Result<> SnapshotCreation::forget()
{
    const auto there = exists();
    if (!there || !*there) {
        return there ? Result<>() : fail(there.error());
    }
    return unlessGone(snapshots::remove(connection(), uuid(), m_name, true));
}

Result<> SnapshotCreation::deleteFiles()
{
    const QStringList files = ownFiles();
    for (const QString &file : files) {
        const auto user = layerUser(connection(), file);
        if (!user) {
            return fail(user.error());
        }
        if (!user->isEmpty()) {
            m_context.log(SnapshotCreateUndoText::tr("“%1” is kept: %2").arg(file, *user));
            continue;
        }
        if (const Result<> deleted = deleteLayer(m_target->connection, file); !deleted) {
            return deleted;
        }
    }
    return {};
}

} // namespace vireo::operation
