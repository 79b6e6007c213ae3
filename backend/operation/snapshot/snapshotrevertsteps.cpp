// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QHash>
#include <QJsonArray>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/history.h"
#include "backend/operation/jobwatch.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/snapshot/snapshotxml.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/snapshots.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

/**
 * snapshot.revert {snapshot, state, kept}: libvirt goes back by itself. Else, by our own plan:
 * snapshot.restoreDefinition {snapshot, layers}: the definition of then, over other files;
 * domain.restoreMemory {snapshot, layers, file, paused}: from the memory of then, or booted when `file` is empty.
 * `layers` [{target, path, format}]: what each disk is from now on. Documents with passwords stay within the steps.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
namespace snapshots = virt::snapshots;
using Effect = job::Reality::Effect;
using Layers = QHash<QString, snapshot::Layer>;
using domains::StateInfo;
using job::Reality;
using job::Step;
using job::StepContext;

struct RevertStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotRevertSteps)
};

constexpr std::chrono::seconds hostTimeout(60);
/** VIR_DOMAIN_PAUSED_STARTING_UP: passes by itself. */
constexpr int pausedStartingUp = 11;

Layers layersOf(const Step &step)
{
    Layers layers;
    const QJsonArray array = step.parameters.value("layers"_L1).toArray();
    for (const auto &value : array) {
        const QJsonObject layer = value.toObject();
        layers.insert(layer.value("target"_L1).toString(),
            {layer.value("path"_L1).toString(), layer.value("format"_L1).toString()});
    }
    return layers;
}

/** It may have been renamed since; libvirt takes a definition by UUID and name. */
Result<QString> named(const QString &definition, const QString &name)
{
    auto document = xml::Document::parse(definition);
    if (!document) {
        return fail(document.error());
    }
    document->root().ensure(u"name"_s).setText(name);
    return document->toString();
}

Result<QString> definitionOf(const Step &step, const DomainTarget &target, snapshotxml::Which which)
{
    const auto record = domains::read(*target.connection, target.uuid);
    if (!record) {
        return fail(record.error());
    }
    const auto metadata = snapshots::xml(*target.connection, target.uuid, text(step, u"snapshot"_s), true);
    if (!metadata) {
        return fail(metadata.error());
    }
    const auto then = snapshotxml::definition(*metadata, which, layersOf(step));
    return then ? named(*then, record->name) : then;
}

QString keyOf(const Step &step)
{
    return step.type + u':' + text(step, u"snapshot"_s);
}

QJsonValue notedValue(const Step &step, const StepContext &context, const QString &what)
{
    return context.results().value(keyOf(step)).toObject().value(what);
}

// ---- snapshot.revert

std::optional<snapshots::After> afterOf(const QString &word)
{
    using snapshots::After;
    if (word == "as then"_L1) {
        return After::AsThen;
    }
    if (word == "running"_L1) {
        return After::Running;
    }
    return word == "paused"_L1 ? std::optional(After::Paused) : std::nullopt;
}

Result<> runRevert(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const QString name = text(step, u"snapshot"_s);
    const auto after = afterOf(text(step, u"state"_s));
    if (!after) {
        return fail(Error::invalid(RevertStepsText::tr("“%1” is no state.").arg(text(step, u"state"_s))));
    }
    if (context.isCancelled()) {
        return fail(Error::cancelled());
    }
    if (const Result<> known = note(context, keyOf(step), u"begun"_s); !known) {
        return known;
    }
    // By force: libvirt may have to start another emulator, since the memory of then wants the machine of then.
    const Result<> back = snapshots::revert(*target->connection, target->uuid, name, *after, true);
    if (!back) {
        return back;
    }
    const auto current = snapshots::current(*target->connection, target->uuid);
    if (!current) {
        return fail(current.error());
    }
    return *current == name
        ? Result<>()
        : fail(Error::failed(RevertStepsText::tr("libvirt has not made “%1” the current snapshot.").arg(name)));
}

Result<> undoRevert(const Step &step, StepContext &context)
{
    if (!notedValue(step, context, u"begun"_s).toBool() || step.parameters.value("kept"_L1).toBool()) {
        return {}; // what was kept is gone back to by the step that took it
    }
    return fail({Error::Kind::Unsupported,
        RevertStepsText::tr("%1 was taken back to a snapshot, and what it was before was not kept.").arg(step.object),
        {}, 0, 0});
}

// ---- snapshot.restoreDefinition

class DefinitionReturn final
{
    Q_DISABLE_COPY_MOVE(DefinitionReturn)

public:
    DefinitionReturn(const Step &step, StepContext &context, QString directory)
        : m_step(step)
        , m_context(context)
        , m_history(std::move(directory))
    {}
    Result<> run();
    Result<> undo();
    Result<Reality> look();

private:
    Result<> begin();
    Result<QString> read(bool secure) const
    {
        return domains::xml(*m_target->connection, m_target->uuid, domains::XmlKind::Inactive, secure);
    }
    Result<bool> isOurs() const;
    Result<> keepPrevious();

    const Step &m_step;
    StepContext &m_context;
    DefinitionHistory m_history;
    std::optional<DomainTarget> m_target;
};

Result<> DefinitionReturn::begin()
{
    auto target = domainTarget(m_step, m_context);
    if (!target) {
        return fail(target.error());
    }
    m_target = *std::move(target);
    return {};
}

/** The definition names the files that this step puts there. New overlays are nobody else's. */
Result<bool> DefinitionReturn::isOurs() const
{
    const auto now = read(false);
    const auto disks = now ? snapshot::parseDisks(*now) : fail(now.error());
    if (!disks) {
        return fail(disks.error());
    }
    const Layers layers = layersOf(m_step);
    for (const snapshot::DiskNow &disk : *disks) {
        const auto layer = layers.constFind(disk.target);
        if (layer != layers.cend() && disk.chain.value(0).path != layer->path) {
            return false;
        }
    }
    return !notedValue(m_step, m_context, u"history"_s).toString().isEmpty();
}

Result<> DefinitionReturn::keepPrevious()
{
    const auto secure = read(true);
    if (!secure) {
        return fail(secure.error());
    }
    QString id = notedValue(m_step, m_context, u"history"_s).toString();
    if (id.isEmpty()) {
        id = DefinitionHistory::newId();
        if (const Result<> known = note(m_context, keyOf(m_step), u"history"_s, id); !known) {
            return known;
        }
    }
    const QString cause = RevertStepsText::tr("Went back to the snapshot “%1”").arg(text(m_step, u"snapshot"_s));
    return m_history.add(m_target->connection->uri(), m_target->uuid,
        {id, QDateTime::currentDateTimeUtc(), cause, m_target->name, *secure});
}

Result<> DefinitionReturn::run()
{
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto state = m_target->state();
    if (!state) {
        return fail(state.error());
    }
    if (!state->exists) {
        return fail(goneError(*m_target));
    }
    const auto ours = isOurs();
    if (!ours || *ours) {
        return ours ? Result<>() : fail(ours.error()); // by an earlier run of this step
    }
    if (isActive(*state)) {
        return fail(Error::failed(
            RevertStepsText::tr("%1 is %2: it was started meanwhile.").arg(m_target->name, describe(*state))));
    }
    const auto definition = definitionOf(m_step, *m_target, snapshotxml::Which::ForNextStart);
    if (!definition) {
        return fail(definition.error());
    }
    if (const Result<> kept = keepPrevious(); !kept) {
        return kept;
    }
    const auto defined = domains::define(*m_target->connection, *definition);
    if (!defined) {
        return fail(defined.error());
    }
    const auto after = isOurs();
    if (!after) {
        return fail(after.error());
    }
    return *after ? Result<>()
                  : fail(Error::failed(RevertStepsText::tr("%1 has other disks than it should.").arg(m_target->name)));
}

Result<> DefinitionReturn::undo()
{
    const QString id = notedValue(m_step, m_context, u"history"_s).toString();
    if (id.isEmpty()) {
        return {}; // it never came to that
    }
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto state = m_target->state();
    if (!state || !state->exists) {
        return state ? Result<>() : fail(state.error());
    }
    const QString uri = m_target->connection->uri();
    const auto entry = m_history.read(uri, m_target->uuid, id);
    if (!entry) { // killed before it was written, and so before the change
        return entry.error().kind == Error::Kind::NotFound ? Result<>() : fail(entry.error());
    }
    const auto ours = isOurs();
    const auto now = read(true);
    if (!ours || !now) {
        return fail(!ours ? ours.error() : now.error());
    }
    if (*now == entry->xml) {
        return m_history.remove(uri, m_target->uuid, id);
    }
    if (!*ours) {
        return fail({Error::Kind::Failed,
            RevertStepsText::tr("Somebody else has changed %1 since: its definition is left as it is.")
                .arg(m_target->name),
            RevertStepsText::tr("The previous definition is in the VM's history."), 0, 0});
    }
    if (isActive(*state)) {
        return fail(Error::failed(
            RevertStepsText::tr("%1 is %2: it was started meanwhile.").arg(m_target->name, describe(*state))));
    }
    if (const auto defined = domains::define(*m_target->connection, entry->xml); !defined) {
        return fail(defined.error());
    }
    return m_history.remove(uri, m_target->uuid, id);
}

Result<Reality> DefinitionReturn::look()
{
    if (const Result<> begun = begin(); !begun) {
        return fail(begun.error());
    }
    const auto ours = isOurs();
    if (!ours) {
        return fail(ours.error());
    }
    return *ours ? Reality{Effect::Present, RevertStepsText::tr("The definition is that of the snapshot.")}
                 : Reality{Effect::Absent, RevertStepsText::tr("The definition is not that of the snapshot.")};
}

// ---- domain.restoreMemory

Result<> settle(const DomainTarget &target, const StepContext &context, bool paused)
{
    const auto settled = [](const StateInfo &info) {
        return isRunning(info) || isOff(info) || (isPaused(info) && info.reason != pausedStartingUp);
    };
    const auto info = domains::waitFor(*target.connection, target.uuid, settled, hostTimeout, context.stop());
    if (!info) {
        return fail(info.error());
    }
    const bool asAsked = paused ? isPaused(*info) : isRunning(*info);
    return asAsked
        ? Result<>()
        : fail(Error::failed(
              RevertStepsText::tr("%1 did not stay as asked: it is now %2.").arg(target.name, describe(*info))));
}

Result<> begin(const Step &step, const DomainTarget &target, bool paused)
{
    const QString file = text(step, u"file"_s);
    if (file.isEmpty()) {
        return domains::start(*target.connection, target.uuid, paused);
    }
    const auto live = definitionOf(step, target, snapshotxml::Which::Then);
    return live ? domains::restore(*target.connection, file, *live, paused) : fail(live.error());
}

Result<> runRestoreMemory(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto state = target->state();
    if (!state) {
        return fail(state.error());
    }
    if (!state->exists) {
        return fail(goneError(*target));
    }
    const bool ours = notedValue(step, context, u"begun"_s).toBool();
    if (isActive(*state) && !ours) {
        return fail(Error::failed(
            RevertStepsText::tr("%1 is %2: it was started meanwhile.").arg(target->name, describe(*state))));
    }
    const bool paused = step.parameters.value("paused"_L1).toBool();
    if (!isActive(*state)) {
        if (context.isCancelled()) {
            return fail(Error::cancelled());
        }
        if (const Result<> known = note(context, keyOf(step), u"begun"_s); !known) {
            return known;
        }
        if (const Result<> begun = begin(step, *target, paused); !begun) {
            return begun;
        }
    }
    if (const Result<> settled = settle(*target, context, paused); !settled) {
        return settled;
    }
    const auto after = target->state();
    return after ? note(context, keyOf(step), u"id"_s, after->id) : fail(after.error());
}

Result<> undoRestoreMemory(const Step &step, StepContext &context)
{
    if (!notedValue(step, context, u"begun"_s).toBool()) {
        return {};
    }
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto state = target->state();
    if (!state) {
        return fail(state.error());
    }
    const QJsonValue id = notedValue(step, context, u"id"_s);
    if (isActive(*state) && id.isDouble() && id.toInt() != state->id) {
        return fail(Error::failed(
            RevertStepsText::tr("Somebody has started %1 since: it is left as it is.").arg(target->name)));
    }
    if (isActive(*state)) {
        const Result<> off = domains::destroy(*target->connection, target->uuid);
        if (!off && off.error().kind != Error::Kind::NotFound) {
            return off;
        }
        const auto ended = domains::waitFor(*target->connection, target->uuid, isOff, hostTimeout, {});
        if (!ended) {
            return fail(ended.error());
        }
    }
    return note(context, keyOf(step), u"begun"_s, false);
}

Result<Reality> lookAtRestored(const Step &step, StepContext &context)
{
    const auto target = domainTarget(step, context);
    if (!target) {
        return fail(target.error());
    }
    const auto state = target->state();
    if (!state) {
        return fail(state.error());
    }
    return Reality{isActive(*state) ? Effect::Present : Effect::Absent,
        RevertStepsText::tr("%1 is %2.").arg(target->name, describe(*state))};
}

} // namespace

void registerSnapshotRevertSteps(job::StepRegistry &registry, const StepOptions &options)
{
    const QString directory =
        options.historyDirectory.isEmpty() ? DefinitionHistory::defaultDirectory() : options.historyDirectory;
    registry.add(u"snapshot.revert"_s, {runRevert, undoRevert});
    registry.add(u"snapshot.restoreDefinition"_s,
        {[directory](
             const Step &step, StepContext &context) { return DefinitionReturn(step, context, directory).run(); },
            [directory](
                const Step &step, StepContext &context) { return DefinitionReturn(step, context, directory).undo(); },
            [directory](const Step &step, StepContext &context) {
                return DefinitionReturn(step, context, directory).look();
            }});
    registry.add(u"domain.restoreMemory"_s, {runRestoreMemory, undoRestoreMemory, lookAtRestored});
}

} // namespace vireo::operation
