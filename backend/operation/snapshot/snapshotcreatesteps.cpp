// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/jobwatch.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/snapshot/guestfreeze.h"
#include "backend/operation/snapshot/snapshotcreation.h"
#include "backend/operation/snapshot/snapshotxml.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/blockjobs.h"
#include "backend/virt/snapshots.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/** How a snapshot is taken. How it is taken back: snapshotcreateundo.cpp. */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
namespace snapshots = virt::snapshots;
using Effect = job::Reality::Effect;
using Kind = snapshot::SnapshotDisk::Kind;
using job::Reality;
using job::Step;
using job::StepContext;

struct SnapshotCreateStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotCreateSteps)
};

constexpr auto agentPatience = 15s; ///< the guest may have much to write when it is frozen
constexpr auto freezeLimit = 60s;
constexpr auto pollPeriod = 200ms;
constexpr int quietPolls = 5; ///< without a job, and without the snapshot: nothing is under way

Kind kindOf(const QString &word)
{
    return word == "external"_L1 ? Kind::External : (word == "internal"_L1 ? Kind::Internal : Kind::None);
}

Error changedError(const QString &text)
{
    return {
        Error::Kind::Failed, text, SnapshotCreateStepsText::tr("Look at the VM as it is now, and try again."), 0, 0};
}

} // namespace

SnapshotCreation::SnapshotCreation(const Step &step, StepContext &context)
    : m_step(step)
    , m_context(context)
    , m_name(text(step, u"snapshot"_s))
{
    const QJsonArray disks = step.parameters.value("disks"_L1).toArray();
    for (const auto &value : disks) {
        const QJsonObject disk = value.toObject();
        m_disks.append({disk.value("target"_L1).toString(), kindOf(disk.value("kind"_L1).toString()),
            disk.value("file"_L1).toString(),
            {disk.value("before"_L1).toString(), disk.value("format"_L1).toString()}});
    }
}

Result<> SnapshotCreation::begin()
{
    auto target = domainTarget(m_step, m_context);
    if (!target) {
        return fail(target.error());
    }
    m_target = *std::move(target);
    return {};
}

bool SnapshotCreation::isExternal() const
{
    return std::ranges::any_of(m_disks, [](const Disk &disk) { return disk.kind == Kind::External; });
}

/** Those that this step makes: the overlays of a VM that is off are there before. */
QStringList SnapshotCreation::ownFiles() const
{
    QStringList files;
    for (const Disk &disk : m_disks) {
        if (disk.kind == Kind::External && flag(u"active"_s)) {
            files.append(disk.file);
        }
    }
    if (text(m_step, u"memory"_s) == "external"_L1) {
        files.append(text(m_step, u"memoryFile"_s));
    }
    return files;
}

Result<bool> SnapshotCreation::exists() const
{
    const auto names = snapshots::names(connection(), uuid());
    return names ? Result<bool>(names->contains(m_name)) : fail(names.error());
}

Result<QHash<QString, QString>> SnapshotCreation::sources(bool stored) const
{
    const auto xml = domains::xml(connection(), uuid(), stored ? domains::XmlKind::Inactive : domains::XmlKind::Live);
    if (!xml) {
        return fail(xml.error());
    }
    const auto disks = snapshot::parseDisks(*xml);
    if (!disks) {
        return fail(disks.error());
    }
    QHash<QString, QString> sources;
    for (const snapshot::DiskNow &disk : *disks) {
        const QString path = disk.chain.value(0).path;
        // "POOL/VOLUME" where the definition names a volume.
        const auto volume = path.isEmpty() || path.startsWith(u'/')
            ? fail(Error())
            : virt::storage::volume(connection(), path.section(u'/', 0, 0), path.section(u'/', 1));
        sources.insert(disk.target, volume ? volume->path : path);
    }
    return sources;
}

/** libvirt goes on with a call whose client was killed. */
Result<> SnapshotCreation::awaitEarlierRun(bool abort)
{
    std::mutex mutex;
    std::condition_variable_any wake;
    for (int quiet = 0; quiet < quietPolls;) {
        const auto there = exists();
        if (!there) {
            return fail(there.error());
        }
        if (*there) {
            return {};
        }
        const auto job = domains::jobProgress(connection(), uuid());
        quiet = job && job->total > 0 ? 0 : quiet + 1;
        if (quiet == 0) {
            m_context.report(job->done, job->total);
        }
        if (quiet == 0 && (abort || m_context.isCancelled())) {
            static_cast<void>(domains::abortJob(connection(), uuid()));
        }
        std::unique_lock lock(mutex);
        wake.wait_for(lock, pollPeriod, [] { return false; });
    }
    return {};
}

Result<> SnapshotCreation::check(const domains::StateInfo &state) const
{
    if (!state.exists) {
        return fail(goneError(*m_target));
    }
    if (isActive(state) != flag(u"active"_s)) {
        return fail(changedError(SnapshotCreateStepsText::tr("%1 is %2 by now.").arg(m_target->name, describe(state))));
    }
    const auto now = sources();
    if (!now) {
        return fail(now.error());
    }
    for (const Disk &disk : m_disks) {
        if (disk.kind == Kind::None) {
            continue;
        }
        if (now->value(disk.target) != disk.before.path) {
            return fail(changedError(SnapshotCreateStepsText::tr("The disk %1 of %2 is another file by now: “%3”.")
                    .arg(disk.target, m_target->name, now->value(disk.target))));
        }
        const auto job = isActive(state) ? virt::blockjobs::info(connection(), uuid(), disk.target)
                                         : Result<std::optional<virt::blockjobs::Job>>(std::nullopt);
        if (job && *job) {
            return fail(
                {Error::Kind::Failed, SnapshotCreateStepsText::tr("A block job works on the disk %1.").arg(disk.target),
                    SnapshotCreateStepsText::tr("Wait until it ends, or cancel it."), 0, 0});
        }
    }
    return {};
}

/** What a daemon that was killed in the middle left of our files. */
Result<> SnapshotCreation::clearLeftovers()
{
    const auto now = sources();
    if (!now) {
        return fail(now.error());
    }
    for (const Disk &disk : m_disks) {
        if (disk.kind == Kind::External && now->value(disk.target) == disk.file) {
            return fail(changedError(SnapshotCreateStepsText::tr(
                "The snapshot was taken by halves: the disk %1 writes to its overlay, but libvirt does not know it.")
                    .arg(disk.target)));
        }
    }
    return deleteFiles();
}

Result<> SnapshotCreation::run()
{
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const bool ours = noted(m_context, key(), u"begun"_s);
    if (ours) {
        if (const Result<> thawed = GuestFreeze::thawLeftovers(*m_target, m_context); !thawed) {
            return thawed;
        }
        if (const Result<> ended = awaitEarlierRun(false); !ended) {
            return ended;
        }
    }
    const auto there = exists();
    if (!there) {
        return fail(there.error());
    }
    if (*there) {
        return ours ? verify()
                    : fail({Error::Kind::Failed,
                          SnapshotCreateStepsText::tr("%1 has a snapshot “%2” already.").arg(m_target->name, m_name),
                          SnapshotCreateStepsText::tr("Choose another name."), 0, 0});
    }
    if (m_context.isCancelled()) {
        return fail(Error::cancelled());
    }
    const auto state = m_target->state();
    if (!state) {
        return fail(state.error());
    }
    if (ours) {
        if (const Result<> cleared = clearLeftovers(); !cleared) {
            return cleared;
        }
    }
    if (const Result<> possible = check(*state); !possible) {
        return possible;
    }
    const QStringList files = ownFiles();
    for (const QString &file : files) {
        const auto present = optional(layerVolume(m_target->connection, file));
        if (!present) {
            return fail(present.error());
        }
        if (*present) {
            return fail({Error::Kind::Failed, SnapshotCreateStepsText::tr("There is a file “%1” already.").arg(file),
                SnapshotCreateStepsText::tr("Choose another name."), 0, 0});
        }
    }
    // From here on what is found under these names is ours.
    if (const Result<> known = note(m_context, key(), u"begun"_s); !known) {
        return known;
    }
    if (const Result<> known = note(m_context, key(), u"id"_s, state->id); !known) {
        return known;
    }
    return take();
}

Result<> SnapshotCreation::take()
{
    Result<> taken;
    if (flag(u"quiesce"_s)) {
        GuestFreeze freeze(*m_target, m_context);
        if (const Result<> frozen = freeze.freeze(agentPatience, freezeLimit); !frozen) {
            return frozen;
        }
        taken = create();
        const Result<> thawed = freeze.thaw();
        if (taken && !thawed) {
            return thawed;
        }
    } else {
        taken = create();
    }
    if (!taken) {
        return m_context.isCancelled() ? fail(Error::cancelled()) : taken;
    }
    if (const Result<> verified = verify(); !verified) {
        return verified;
    }
    // The user wanted none, even if libvirt was faster.
    return m_context.isCancelled() ? fail(Error::cancelled()) : Result<>();
}

Result<> SnapshotCreation::create()
{
    snapshotxml::Wanted wanted;
    wanted.name = m_name;
    wanted.description = text(m_step, u"description"_s);
    wanted.memory = text(m_step, u"memory"_s) != "no"_L1;
    wanted.memoryFile = text(m_step, u"memoryFile"_s);
    for (const Disk &disk : m_disks) {
        wanted.disks.append({disk.target, disk.kind, disk.file});
    }
    snapshots::CreateOptions options;
    options.diskOnly = isExternal() && !wanted.memory;
    options.atomic = options.diskOnly;
    options.reuseFiles = isExternal() && !flag(u"active"_s);
    options.live = flag(u"live"_s) && !wanted.memoryFile.isEmpty();
    options.halt = flag(u"halt"_s) && flag(u"active"_s);
    JobWatch watch(*m_target, m_context);
    const auto made = snapshots::create(connection(), uuid(), snapshotxml::request(wanted), options);
    watch.end();
    return made ? Result<>() : fail(made.error());
}

Result<> SnapshotCreation::awaitOff() const
{
    const auto off = domains::waitFor(connection(), uuid(), isOff, 60s, {});
    return off ? Result<>() : fail(off.error());
}

/** What libvirt says it has done, read back. */
Result<> SnapshotCreation::verify() const
{
    const auto metadata = snapshots::xml(connection(), uuid(), m_name);
    const auto made = metadata ? snapshot::parseSnapshot(*metadata) : fail(metadata.error());
    if (!made) {
        return fail(made.error());
    }
    if (flag(u"halt"_s) && flag(u"active"_s)) {
        if (const Result<> off = awaitOff(); !off) {
            return off;
        }
    }
    const auto now = sources();
    if (!now) {
        return fail(now.error());
    }
    for (const Disk &disk : m_disks) {
        const snapshot::SnapshotDisk *recorded = made->disk(disk.target);
        const Kind kind = recorded ? recorded->kind : Kind::None;
        const QString &expected = disk.kind == Kind::External ? disk.file : disk.before.path;
        const bool asPlanned = kind == disk.kind && (kind != Kind::External || recorded->overlay.path == disk.file);
        if (disk.kind != Kind::None && (!asPlanned || now->value(disk.target) != expected)) {
            return fail(Error::failed(
                SnapshotCreateStepsText::tr("The disk %1 is not what the snapshot should have made of it: “%2”.")
                    .arg(disk.target, now->value(disk.target))));
        }
    }
    return {};
}

Result<Reality> SnapshotCreation::look()
{
    if (const Result<> begun = begin(); !begun) {
        return fail(begun.error());
    }
    const auto there = exists();
    if (!there) {
        return fail(there.error());
    }
    if (*there && noted(m_context, key(), u"begun"_s)) {
        return Reality{Effect::Present, SnapshotCreateStepsText::tr("The snapshot “%1” is there.").arg(m_name)};
    }
    return Reality{Effect::Absent, SnapshotCreateStepsText::tr("There is no snapshot “%1” of this job.").arg(m_name)};
}

void registerSnapshotCreateSteps(job::StepRegistry &registry)
{
    registry.add(u"snapshot.create"_s,
        {[](const Step &step, StepContext &context) { return SnapshotCreation(step, context).run(); },
            [](const Step &step, StepContext &context) { return SnapshotCreation(step, context).undo(); },
            [](const Step &step, StepContext &context) {
                return SnapshotCreation(step, context).look();
            }});
}

} // namespace vireo::operation
