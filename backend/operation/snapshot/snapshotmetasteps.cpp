// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>
#include <QCryptographicHash>
#include <QJsonArray>
#include <QJsonDocument>

#include "backend/operation/domaintarget.h"
#include "backend/operation/history.h"
#include "backend/operation/snapshot/snapshotsteps.h"
#include "backend/operation/snapshot/snapshotxml.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/snapshots.h"

using namespace Qt::StringLiterals;

/**
 * snapshot.forget, snapshot.redefine, snapshot.current: what libvirt keeps of snapshots, never their files.
 *
 * Each notes, before it changes anything, below a key of its own: "aside", where the metadata with passwords is kept
 * (DefinitionHistory), and what else undo needs. Metadata goes from libvirt to libvirt and never into the journal.
 */
namespace vireo::operation {

namespace {

namespace snapshots = virt::snapshots;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct SnapshotMetaText {
    Q_DECLARE_TR_FUNCTIONS(operation_snapshotMetaSteps)
};

snapshots::CreateOptions redefinition(bool current)
{
    snapshots::CreateOptions options;
    options.redefine = true;
    options.makeCurrent = current;
    return options;
}

QJsonArray toJson(const QList<LayerMove> &moves)
{
    QJsonArray array;
    for (const LayerMove &move : moves) {
        array.append(QJsonObject{{u"target"_s, move.target}, {u"from"_s, move.from}, {u"to"_s, move.to.path},
            {u"format"_s, move.to.format}});
    }
    return array;
}

SnapshotChange changeOf(const Step &step)
{
    SnapshotChange change;
    change.snapshot = text(step, u"snapshot"_s);
    if (step.parameters.contains("name"_L1)) {
        change.name = text(step, u"name"_s);
    }
    if (step.parameters.contains("description"_L1)) {
        change.description = text(step, u"description"_s);
    }
    const QJsonArray moves = step.parameters.value("moves"_L1).toArray();
    for (const auto &value : moves) {
        const QJsonObject move = value.toObject();
        change.moves.append({move.value("target"_L1).toString(), move.value("from"_L1).toString(),
            {move.value("to"_L1).toString(), move.value("format"_L1).toString()}});
    }
    return change;
}

/** What the three share: where the domain is, what it has, and the notes of this very step. */
class MetaStep final
{
    Q_DISABLE_COPY_MOVE(MetaStep)

public:
    MetaStep(const Step &step, StepContext &context, QString directory)
        : m_step(step)
        , m_context(context)
        , m_history(std::move(directory))
        , m_name(text(step, u"snapshot"_s))
    {
        // The same snapshot may be changed by several steps of one job.
        const QByteArray digest = QCryptographicHash::hash(
            QJsonDocument(step.parameters).toJson(QJsonDocument::Compact), QCryptographicHash::Sha256);
        constexpr qsizetype digits = 12;
        m_key = step.type + u':' + m_name + u':' + QString::fromLatin1(digest.toHex().first(digits));
    }

    Result<> runForget();
    Result<> undoForget();
    Result<Reality> lookAtForgotten();
    Result<> runRedefine();
    Result<> undoRedefine();
    Result<Reality> lookAtRedefined();
    Result<> runCurrent();
    Result<> undoCurrent();

private:
    Result<> begin();
    Result<QStringList> names() const { return snapshots::names(connection(), uuid()); }
    virt::Connection &connection() const { return *m_target->connection; }
    const QUuid &uuid() const { return m_target->uuid; }
    QJsonValue noted(const QString &what) const { return m_context.results().value(m_key).toObject().value(what); }
    Result<> note(const QString &what, const QJsonValue &value)
    {
        return operation::note(m_context, m_key, what, value);
    }
    Result<QStringList> children(const QString &parent) const;
    Result<> keepAside(const QString &secure);
    Result<QString> takeBack() const;
    Result<> adopt(const QStringList &children, const QString &parent) const;
    Result<> define(const QString &metadata, bool current) const;
    Result<> rename(const QString &secure, const SnapshotChange &change);
    bool isLost() const;
    Error lostError() const;

    const Step &m_step;
    StepContext &m_context;
    DefinitionHistory m_history;
    QString m_name;
    QString m_key;
    std::optional<DomainTarget> m_target;
};

Result<> MetaStep::begin()
{
    auto target = domainTarget(m_step, m_context);
    if (!target) {
        return fail(target.error());
    }
    m_target = *std::move(target);
    return {};
}

Result<QStringList> MetaStep::children(const QString &parent) const
{
    const auto stored = snapshots::list(connection(), uuid());
    if (!stored) {
        return fail(stored.error());
    }
    QStringList found;
    for (const snapshots::Stored &each : *stored) {
        if (each.name != parent && snapshotxml::parentOf(each.xml) == parent) {
            found.append(each.name);
        }
    }
    return found;
}

Result<> MetaStep::keepAside(const QString &secure)
{
    if (!noted(u"aside"_s).toString().isEmpty()) {
        return {};
    }
    const auto id = m_history.setAside(connection().uri(), uuid(), secure);
    return id ? note(u"aside"_s, *id) : fail(id.error());
}

Result<QString> MetaStep::takeBack() const
{
    const auto entry = m_history.read(connection().uri(), uuid(), noted(u"aside"_s).toString());
    return entry ? Result<QString>(entry->xml) : fail(entry.error());
}

Result<> MetaStep::define(const QString &metadata, bool current) const
{
    const auto made = snapshots::create(connection(), uuid(), metadata, redefinition(current));
    return made ? Result<>() : fail(made.error());
}

/** Gives those snapshots another parent. Those that are gone meanwhile are left out. */
Result<> MetaStep::adopt(const QStringList &children, const QString &parent) const
{
    for (const QString &child : children) {
        const auto metadata = optional(snapshots::xml(connection(), uuid(), child, true));
        if (!metadata) {
            return fail(metadata.error());
        }
        if (!*metadata || snapshotxml::parentOf(**metadata) == parent) {
            continue;
        }
        const auto changed = snapshotxml::withParent(**metadata, parent);
        if (!changed) {
            return fail(changed.error());
        }
        if (const Result<> defined = define(*changed, false); !defined) {
            return defined;
        }
    }
    return {};
}

/** A merge has begun: the state that the metadata speaks of is no longer there. */
bool MetaStep::isLost() const
{
    const QString key = text(m_step, u"lostWith"_s);
    return !key.isEmpty() && m_context.results().contains(key);
}

Error MetaStep::lostError() const
{
    return {Error::Kind::Unsupported,
        SnapshotMetaText::tr("The snapshot “%1” can't be brought back: merging its files had begun.").arg(m_name), {},
        0, 0};
}

Result<> MetaStep::runForget()
{
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto secure = optional(snapshots::xml(connection(), uuid(), m_name, true));
    if (!secure) {
        return fail(secure.error());
    }
    if (!*secure) {
        return {}; // by an earlier run, or somebody else
    }
    if (noted(u"aside"_s).toString().isEmpty()) {
        const auto current = snapshots::current(connection(), uuid());
        const auto below = children(m_name);
        if (!current || !below) {
            return fail(!current ? current.error() : below.error());
        }
        if (const Result<> known = note(u"current"_s, *current == m_name); !known) {
            return known;
        }
        if (const Result<> known = note(u"children"_s, QJsonArray::fromStringList(*below)); !known) {
            return known;
        }
        if (const Result<> kept = keepAside(**secure); !kept) {
            return kept;
        }
    }
    // libvirt 9 takes even the removal of the entry alone for a merge: it would move the recorded files of all that is
    // below it, although they stay where they are. So nothing is below it any more when it goes.
    const auto below = children(m_name);
    if (!below) {
        return fail(below.error());
    }
    if (const Result<> adopted = adopt(*below, snapshotxml::parentOf(**secure)); !adopted) {
        return adopted;
    }
    const Result<> removed = snapshots::remove(connection(), uuid(), m_name, true);
    return !removed && removed.error().kind == Error::Kind::NotFound ? Result<>() : removed;
}

Result<> MetaStep::undoForget()
{
    if (noted(u"aside"_s).toString().isEmpty()) {
        return {}; // it never came to that
    }
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto present = names();
    if (!present) {
        return fail(present.error());
    }
    if (!present->contains(m_name)) {
        if (isLost()) {
            return fail(lostError());
        }
        const auto metadata = takeBack();
        if (!metadata) {
            return fail(metadata.error());
        }
        if (const Result<> defined = define(*metadata, noted(u"current"_s).toBool()); !defined) {
            return defined;
        }
    }
    QStringList below;
    const QJsonArray children = noted(u"children"_s).toArray();
    for (const auto &child : children) {
        below.append(child.toString());
    }
    if (const Result<> adopted = adopt(below, m_name); !adopted) {
        return adopted;
    }
    return m_history.remove(connection().uri(), uuid(), noted(u"aside"_s).toString());
}

Result<Reality> MetaStep::lookAtForgotten()
{
    if (const Result<> begun = begin(); !begun) {
        return fail(begun.error());
    }
    const auto present = names();
    if (!present) {
        return fail(present.error());
    }
    return present->contains(m_name)
        ? Reality{Effect::Absent, SnapshotMetaText::tr("The snapshot “%1” is there.").arg(m_name)}
        : Reality{Effect::Present, SnapshotMetaText::tr("The snapshot “%1” is gone.").arg(m_name)};
}

/** New metadata first, then its children, then the old goes: whenever it ends, none is lost. */
Result<> MetaStep::rename(const QString &secure, const SnapshotChange &change)
{
    const auto current = snapshots::current(connection(), uuid());
    const auto below = children(m_name);
    const auto present = names();
    if (!current || !below || !present) {
        return fail(!current ? current.error() : (!below ? below.error() : present.error()));
    }
    if (!present->contains(*change.name)) {
        const auto changed = snapshotxml::changed(secure, change);
        if (!changed) {
            return fail(changed.error());
        }
        if (const Result<> defined = define(*changed, *current == m_name); !defined) {
            return defined;
        }
    } else if (!noted(u"renaming"_s).toBool()) {
        return fail(
            {Error::Kind::Failed, SnapshotMetaText::tr("There is another snapshot “%1” by now.").arg(*change.name),
                SnapshotMetaText::tr("Choose another name."), 0, 0});
    } else if (*current == m_name) { // killed before the mark had moved
        const auto metadata = snapshots::xml(connection(), uuid(), *change.name, true);
        if (!metadata) {
            return fail(metadata.error());
        }
        if (const Result<> defined = define(*metadata, true); !defined) {
            return defined;
        }
    }
    if (const Result<> adopted = adopt(*below, *change.name); !adopted) {
        return adopted;
    }
    const Result<> removed = snapshots::remove(connection(), uuid(), m_name, true);
    return !removed && removed.error().kind == Error::Kind::NotFound ? Result<>() : removed;
}

Result<> MetaStep::runRedefine()
{
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const SnapshotChange change = changeOf(m_step);
    const bool renames = change.name && *change.name != m_name;
    const auto secure = optional(snapshots::xml(connection(), uuid(), m_name, true));
    if (!secure) {
        return fail(secure.error());
    }
    if (!*secure) {
        if (renames && noted(u"renaming"_s).toBool()) {
            return {}; // by an earlier run of this step
        }
        return fail(
            {Error::Kind::NotFound, SnapshotMetaText::tr("There is no snapshot “%1” any more.").arg(m_name), {}, 0, 0});
    }
    if (const Result<> kept = keepAside(**secure); !kept) {
        return kept;
    }
    if (renames) {
        const auto present = names();
        if (!present) {
            return fail(present.error());
        }
        // Only when nobody has that name is what appears under it ours.
        if (!present->contains(*change.name)) {
            if (const Result<> known = note(u"renaming"_s, true); !known) {
                return known;
            }
        }
        return rename(**secure, change);
    }
    const auto changed = snapshotxml::changed(**secure, change);
    if (!changed) {
        return fail(changed.error());
    }
    return define(*changed, false); // one that is current stays so
}

Result<> MetaStep::undoRedefine()
{
    if (noted(u"aside"_s).toString().isEmpty()) {
        return {};
    }
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const SnapshotChange change = changeOf(m_step);
    const auto present = names();
    const auto current = snapshots::current(connection(), uuid());
    if (!present || !current) {
        return fail(!present ? present.error() : current.error());
    }
    const bool renamed = noted(u"renaming"_s).toBool() && change.name && present->contains(*change.name);
    if (isLost()) {
        return {}; // what it says of the files is right as they are now
    }
    if (!renamed && !present->contains(m_name)) {
        return {}; // somebody has deleted it since
    }
    const auto metadata = takeBack();
    if (!metadata) {
        return fail(metadata.error());
    }
    if (const Result<> defined = define(*metadata, renamed && *current == *change.name); !defined) {
        return defined;
    }
    if (renamed) {
        const auto below = children(*change.name);
        if (!below) {
            return fail(below.error());
        }
        if (const Result<> adopted = adopt(*below, m_name); !adopted) {
            return adopted;
        }
        const Result<> removed = snapshots::remove(connection(), uuid(), *change.name, true);
        if (!removed && removed.error().kind != Error::Kind::NotFound) {
            return removed;
        }
    }
    return m_history.remove(connection().uri(), uuid(), noted(u"aside"_s).toString());
}

Result<Reality> MetaStep::lookAtRedefined()
{
    if (const Result<> begun = begin(); !begun) {
        return fail(begun.error());
    }
    const SnapshotChange change = changeOf(m_step);
    const auto metadata = optional(snapshots::xml(connection(), uuid(), m_name));
    if (!metadata) {
        return fail(metadata.error());
    }
    if (!*metadata) {
        return lookAtForgotten();
    }
    const auto changed = snapshotxml::changed(**metadata, change);
    const auto same = snapshotxml::changed(**metadata, {m_name, {}, {}, {}}); // by the same writer
    if (!changed || !same) {
        return fail(!changed ? changed.error() : same.error());
    }
    return *changed == *same
        ? Reality{Effect::Present, SnapshotMetaText::tr("The snapshot “%1” is changed.").arg(m_name)}
        : Reality{Effect::Absent, SnapshotMetaText::tr("The snapshot “%1” is as it was.").arg(m_name)};
}

Result<> MetaStep::runCurrent()
{
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto current = snapshots::current(connection(), uuid());
    if (!current) {
        return fail(current.error());
    }
    if (*current == m_name) {
        return {};
    }
    if (noted(u"before"_s).isUndefined()) {
        if (const Result<> known = note(u"before"_s, *current); !known) {
            return known;
        }
    }
    const auto metadata = snapshots::xml(connection(), uuid(), m_name, true);
    return metadata ? define(*metadata, true) : fail(metadata.error());
}

Result<> MetaStep::undoCurrent()
{
    if (noted(u"before"_s).isUndefined()) {
        return {};
    }
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto current = snapshots::current(connection(), uuid());
    if (!current) {
        return fail(current.error());
    }
    const QString before = noted(u"before"_s).toString();
    if (*current != m_name || before.isEmpty()) { // libvirt can't unmark one without marking another
        return {};
    }
    const auto metadata = optional(snapshots::xml(connection(), uuid(), before, true));
    if (!metadata) {
        return fail(metadata.error());
    }
    return *metadata ? define(**metadata, true) : Result<>();
}

Step metaStep(const QString &type, const QString &title, const QString &snapshot)
{
    Step step;
    step.type = type;
    step.title = title;
    step.object = snapshot;
    step.parameters = {{u"snapshot"_s, snapshot}};
    return step;
}

void setLostWith(Step &step, const QString &key)
{
    if (!key.isEmpty()) {
        step.parameters.insert(u"lostWith"_s, key);
    }
}

} // namespace

Step forgetStep(const QString &snapshot, const QString &lostWith)
{
    Step step = metaStep(u"snapshot.forget"_s, SnapshotMetaText::tr("Remove the snapshot's metadata"), snapshot);
    step.undo = SnapshotMetaText::tr("Bring the metadata back");
    setLostWith(step, lostWith);
    return step;
}

Step redefineStep(const SnapshotChange &change, const QString &lostWith)
{
    Step step =
        metaStep(u"snapshot.redefine"_s, SnapshotMetaText::tr("Change the snapshot's metadata"), change.snapshot);
    step.undo = SnapshotMetaText::tr("Change it back");
    if (change.name) {
        step.parameters.insert(u"name"_s, *change.name);
    }
    if (change.description) {
        step.parameters.insert(u"description"_s, *change.description);
    }
    if (!change.moves.isEmpty()) {
        step.parameters.insert(u"moves"_s, toJson(change.moves));
    }
    setLostWith(step, lostWith);
    return step;
}

Step currentStep(const QString &snapshot)
{
    Step step = metaStep(u"snapshot.current"_s, SnapshotMetaText::tr("Mark the snapshot as the current one"), snapshot);
    step.undo = SnapshotMetaText::tr("Mark the previous one");
    return step;
}

void registerSnapshotMetaSteps(job::StepRegistry &registry, const StepOptions &options)
{
    const QString directory =
        options.historyDirectory.isEmpty() ? DefinitionHistory::defaultDirectory() : options.historyDirectory;
    const auto with = [&directory](Result<> (MetaStep::*function)()) {
        return [directory, function](const Step &step, StepContext &context) {
            MetaStep meta(step, context, directory);
            return (meta.*function)();
        };
    };
    const auto looking = [&directory](Result<Reality> (MetaStep::*function)()) {
        return [directory, function](const Step &step, StepContext &context) {
            MetaStep meta(step, context, directory);
            return (meta.*function)();
        };
    };
    registry.add(u"snapshot.forget"_s,
        {with(&MetaStep::runForget), with(&MetaStep::undoForget), looking(&MetaStep::lookAtForgotten)});
    registry.add(u"snapshot.redefine"_s,
        {with(&MetaStep::runRedefine), with(&MetaStep::undoRedefine), looking(&MetaStep::lookAtRedefined)});
    registry.add(u"snapshot.current"_s, {with(&MetaStep::runCurrent), with(&MetaStep::undoCurrent)});
}

} // namespace vireo::operation
