// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/history.h"
#include "backend/operation/migrate/migratenotes_p.h"
#include "backend/operation/migrate/migratestep_p.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/virt/domains.h"
#include "backend/virt/snapshots.h"

using namespace Qt::StringLiterals;

/**
 * migrate.stash, migrate.snapshots: libvirt refuses to migrate a domain that has snapshots, so what it keeps of them
 * (never their files) is kept aside meanwhile. Metadata holds passwords: it lies in private files (DefinitionHistory),
 * and the results know only where, below "migrate.stash": "snapshots" (parents before children), "current".
 */
namespace vireo::operation {

namespace {

namespace snapshots = virt::snapshots;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct MigrateSnapshotText {
    Q_DECLARE_TR_FUNCTIONS(operation_migrateSnapshots)
};

const QString stashNote = u"migrate.stash"_s;

struct Kept {
    QString name;
    QString aside; ///< id of the private file
};

class Stash final
{
    Q_DISABLE_COPY_MOVE(Stash)

public:
    Stash(const Step &step, StepContext &context, const QString &directory)
        : m_context(context)
        , m_history(directory)
        , m_to(migratenotes::destinationId(step))
        , m_domain(context.plan().domain)
        , m_rewrite(MigrateRewrite::fromJson(step.parameters.value("rewrite"_L1).toObject()))
        , m_hasRewrite(!step.parameters.value("rewrite"_L1).toObject().isEmpty())
    {
        readNote();
    }

    Result<> take();
    Result<> putBack();
    Result<Reality> lookAtTaken();
    Result<> carry();
    Result<Reality> lookAtCarried();

private:
    void readNote();
    Result<> writeNote();
    Result<> keep(virt::Connection &source);
    Result<> define(virt::Connection &connection, bool rewritten);
    Result<> defineOne(virt::Connection &connection, const Kept &kept, bool rewritten);
    Result<QString> metadata(const Kept &kept, bool rewritten) const;

    StepContext &m_context;
    DefinitionHistory m_history;
    virt::HostId m_to;
    QUuid m_domain;
    MigrateRewrite m_rewrite;
    bool m_hasRewrite;
    QString m_sourceUri; ///< under which they are kept aside
    QList<Kept> m_kept;
    QString m_current;
};

void Stash::readNote()
{
    const QJsonObject note = m_context.results().value(stashNote).toObject();
    m_sourceUri = note.value("uri"_L1).toString();
    m_current = note.value("current"_L1).toString();
    const QJsonArray array = note.value("snapshots"_L1).toArray();
    for (const auto &value : array) {
        m_kept.append({value.toObject().value("name"_L1).toString(), value.toObject().value("aside"_L1).toString()});
    }
}

Result<> Stash::writeNote()
{
    QJsonArray array;
    for (const Kept &kept : m_kept) {
        array.append(QJsonObject{{u"name"_s, kept.name}, {u"aside"_s, kept.aside}});
    }
    return m_context.note(
        stashNote, QJsonObject{{u"uri"_s, m_sourceUri}, {u"current"_s, m_current}, {u"snapshots"_s, array}});
}

/** All of them are on disk, and known of, before the first one goes. */
Result<> Stash::keep(virt::Connection &source)
{
    const auto present = snapshots::names(source, m_domain);
    if (!present) {
        return fail(present.error());
    }
    bool isNew = m_sourceUri.isEmpty();
    for (const QString &name : *present) {
        if (std::ranges::any_of(m_kept, [&name](const Kept &kept) { return kept.name == name; })) {
            continue; // by an earlier run
        }
        const auto secure = snapshots::xml(source, m_domain, name, true);
        if (!secure) {
            return fail(secure.error());
        }
        const auto aside = m_history.setAside(source.uri(), m_domain, *secure);
        if (!aside) {
            return fail(aside.error());
        }
        m_kept.append({name, *aside});
        isNew = true;
    }
    if (!isNew) {
        return {};
    }
    if (m_current.isEmpty()) {
        const auto current = snapshots::current(source, m_domain);
        if (!current) {
            return fail(current.error());
        }
        m_current = *current;
    }
    m_sourceUri = source.uri();
    return writeNote();
}

Result<> Stash::take()
{
    if (migratenotes::hasMoved(m_context)) {
        return {};
    }
    const auto source = m_context.connection();
    if (!source) {
        return fail(source.error());
    }
    if (const Result<> kept = keep(**source); !kept) {
        return kept;
    }
    const auto present = snapshots::names(**source, m_domain);
    if (!present) {
        return fail(present.error());
    }
    // Children first. libvirt 9 takes even the removal of the entry alone for a merge, and would move the recorded
    // files of all that is below it.
    for (qsizetype i = m_kept.size() - 1; i >= 0; --i) {
        if (!present->contains(m_kept.at(i).name)) {
            continue;
        }
        const Result<> removed = snapshots::remove(**source, m_domain, m_kept.at(i).name, true);
        if (!removed && removed.error().kind != Error::Kind::NotFound) {
            return removed;
        }
    }
    return {};
}

Result<QString> Stash::metadata(const Kept &kept, bool rewritten) const
{
    const auto entry = m_history.read(m_sourceUri, m_domain, kept.aside);
    if (!entry) {
        return fail(entry.error());
    }
    return rewritten && m_hasRewrite ? rewriteForDestination(entry->xml, m_rewrite) : Result<QString>(entry->xml);
}

Result<> Stash::defineOne(virt::Connection &connection, const Kept &kept, bool rewritten)
{
    const auto text = metadata(kept, rewritten);
    if (!text) {
        return fail(text.error());
    }
    snapshots::CreateOptions options;
    options.redefine = true;
    options.makeCurrent = kept.name == m_current;
    const auto made = snapshots::create(connection, m_domain, *text, options);
    return made ? Result<>() : fail(made.error());
}

/** Those that are not there, parents before children, the current one last. */
Result<> Stash::define(virt::Connection &connection, bool rewritten)
{
    const auto present = snapshots::names(connection, m_domain);
    const auto current = snapshots::current(connection, m_domain);
    if (!present || !current) {
        return fail(!present ? present.error() : current.error());
    }
    const Kept *last = nullptr;
    for (const Kept &kept : std::as_const(m_kept)) {
        const bool isCurrent = kept.name == m_current;
        if (isCurrent) {
            last = &kept;
        }
        if (present->contains(kept.name)) {
            continue;
        }
        if (const Result<> defined = defineOne(connection, kept, rewritten); !defined) {
            return defined;
        }
    }
    // Whatever was defined after it: the mark is where it was.
    const auto now = snapshots::current(connection, m_domain);
    if (last && now && *now != m_current
        && (current->isEmpty() || *current == m_current || !present->contains(*current)
            || std::ranges::any_of(m_kept, [&](const Kept &kept) { return kept.name == *current; }))) {
        return defineOne(connection, *last, rewritten);
    }
    return {};
}

Result<> Stash::putBack()
{
    if (m_kept.isEmpty()) {
        return {};
    }
    const bool isThere = migratenotes::hasMoved(m_context);
    const auto connection = isThere ? m_context.connection(m_to) : m_context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    return define(**connection, isThere);
}

Result<Reality> Stash::lookAtTaken()
{
    const auto source = m_context.connection();
    if (!source) {
        return fail(source.error());
    }
    const auto present = optional(snapshots::names(**source, m_domain));
    if (!present) {
        return fail(present.error());
    }
    if (!*present || (*present)->isEmpty()) {
        return Reality{Effect::Present, MigrateSnapshotText::tr("The source knows of no snapshot.")};
    }
    return m_kept.isEmpty()
            || std::ranges::all_of(m_kept, [&](const Kept &kept) { return (*present)->contains(kept.name); })
        ? Reality{Effect::Absent, MigrateSnapshotText::tr("The source knows of all snapshots.")}
        : Reality{Effect::Partial, MigrateSnapshotText::tr("The source knows of some snapshots.")};
}

/** The guest has moved: what goes wrong is told, and undoes nothing. */
Result<> Stash::carry()
{
    if (m_kept.isEmpty()) {
        return {};
    }
    const auto destination = m_context.connection(m_to);
    const Result<> defined = destination ? define(**destination, true) : fail(destination.error());
    if (!defined) {
        const QString sentence = MigrateSnapshotText::tr("Not all snapshots could be taken along: %1");
        migratenotes::addProblem(m_context, sentence.arg(defined.error().message));
    }
    return {};
}

Result<Reality> Stash::lookAtCarried()
{
    const auto destination = m_context.connection(m_to);
    if (!destination) {
        return fail(destination.error());
    }
    const auto present = optional(snapshots::names(**destination, m_domain));
    if (!present) {
        return fail(present.error());
    }
    const auto isThere = [&](const Kept &kept) {
        return *present && (*present)->contains(kept.name);
    };
    if (std::ranges::all_of(m_kept, isThere)) {
        return Reality{Effect::Present, MigrateSnapshotText::tr("The destination knows of all snapshots.")};
    }
    return std::ranges::any_of(m_kept, isThere)
        ? Reality{Effect::Partial, MigrateSnapshotText::tr("The destination knows of some snapshots.")}
        : Reality{Effect::Absent, MigrateSnapshotText::tr("The destination knows of no snapshot.")};
}

} // namespace

void registerMigrateSnapshotSteps(job::StepRegistry &registry, const QString &directory)
{
    const auto with = [&directory](Result<> (Stash::*function)()) {
        return [directory, function](const Step &step, StepContext &context) {
            Stash stash(step, context, directory);
            return (stash.*function)();
        };
    };
    const auto looking = [&directory](Result<Reality> (Stash::*function)()) {
        return [directory, function](const Step &step, StepContext &context) {
            Stash stash(step, context, directory);
            return (stash.*function)();
        };
    };
    registry.add(u"migrate.stash"_s, {with(&Stash::take), with(&Stash::putBack), looking(&Stash::lookAtTaken)});
    registry.add(u"migrate.snapshots"_s, {with(&Stash::carry), {}, looking(&Stash::lookAtCarried)});
}

} // namespace vireo::operation
