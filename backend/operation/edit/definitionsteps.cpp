// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/edit/definitionkinds.h"
#include "backend/operation/edit/edit.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

/**
 * definition.define {kind, id, xml, before}: the stored definition of a pool, network or network filter, by UUID.
 *
 * Notes under "definition:ID", before the call that it was begun, and after it the digest of what libvirt made of it.
 * So what is stored says how far a run came: `before`, ours, or somebody else's, which is never touched.
 */
namespace vireo::operation {

namespace {

namespace definitions = virt::definitions;
using job::Reality;
using job::Step;
using job::StepContext;
using virt::DefinitionEntry;
using virt::DefinitionKey;

struct DefinitionstepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_definitionSteps)
};

constexpr qsizetype maxLogged = 20;

enum class Standing { Base, Ours, Other };

/** The object of a step, and what is stored of it now. */
struct Target {
    virt::ConnectionPtr connection;
    DefinitionEntry object;
    QString stored;
};

QString noteKey(const Step &step)
{
    return u"definition:"_s + text(step, u"id"_s);
}

Result<Target> targetOf(const Step &step, StepContext &context)
{
    const auto kind = kindOfWord(text(step, u"kind"_s));
    if (!kind) {
        return fail(
            Error::invalid(DefinitionstepsText::tr("“%1” is no kind of definition.").arg(text(step, u"kind"_s))));
    }
    const auto connection = context.connection();
    if (!connection) {
        return fail(connection.error());
    }
    const DefinitionKey key{*kind, {}, text(step, u"id"_s)};
    const auto object = definitions::entry(**connection, key);
    if (!object) {
        return fail(object.error());
    }
    if (!object->persistent) {
        return fail(
            Error::failed(DefinitionstepsText::tr("“%1” has no stored definition any more.").arg(object->name)));
    }
    const auto stored = definitions::xml(**connection, key);
    return stored ? Result<Target>(Target{*connection, *object, *stored}) : fail(stored.error());
}

bool isSame(const QString &left, const QString &right)
{
    return left == right || xml::compareDocuments(left, right).isEmpty();
}

/** Ours also when it was killed before it could note what libvirt made of it: all that was sent is there. */
Standing standingOf(const Step &step, const StepContext &context, const QString &stored)
{
    const QJsonObject notes = context.results().value(noteKey(step)).toObject();
    const QString made = notes.value(u"made"_s).toString();
    if (!made.isEmpty() && definitionDigest(stored) == made) {
        return Standing::Ours;
    }
    if (isSame(text(step, u"before"_s), stored)) {
        return Standing::Base;
    }
    if (!notes.contains(u"begun"_s) || !made.isEmpty()) {
        return Standing::Other;
    }
    const ReadBack differences = readBack(text(step, u"xml"_s), stored);
    return differences.dropped.isEmpty() && differences.changed.isEmpty() ? Standing::Ours : Standing::Other;
}

Result<> define(const Target &target, const QString &xml)
{
    return definitions::define(*target.connection, target.object.key.kind, xml);
}

void logDifferences(const QString &sent, const QString &stored, const StepContext &context)
{
    const ReadBack differences = readBack(sent, stored);
    qsizetype left = maxLogged;
    for (const xml::DocumentChange &change : differences.dropped) {
        if (left-- > 0) {
            context.log(DefinitionstepsText::tr("Warning: libvirt dropped %1 (%2).").arg(change.path, change.before));
        }
    }
    for (const xml::DocumentChange &change : differences.changed) {
        if (left-- > 0) {
            context.log(DefinitionstepsText::tr("libvirt changed %1 from “%2” to “%3”.")
                    .arg(change.path, change.before, change.after));
        }
    }
    if (left < 0) {
        context.log(DefinitionstepsText::tr("… and %n more", nullptr, static_cast<int>(-left)));
    }
    if (!differences.added.isEmpty()) {
        QStringList paths;
        for (const xml::DocumentChange &change : differences.added) {
            paths << change.path;
        }
        context.log(DefinitionstepsText::tr("libvirt added: %1.").arg(paths.join(u", "_s)));
    }
}

/** The object as it is stored after a call. */
Result<QString> stored(const Target &target)
{
    return definitions::xml(*target.connection, target.object.key);
}

Result<> run(const Step &step, StepContext &context)
{
    const auto target = targetOf(step, context);
    if (!target) {
        return fail(target.error());
    }
    const QString key = noteKey(step);
    switch (standingOf(step, context, target->stored)) {
    case Standing::Ours: // by an earlier run of this step
        return note(context, key, u"made"_s, definitionDigest(target->stored));
    case Standing::Other:
        return fail({Error::Kind::Failed,
            DefinitionstepsText::tr("Somebody else has changed “%1” meanwhile.").arg(target->object.name),
            DefinitionstepsText::tr("Nothing was overwritten. Open it again, and merge the two changes."), 0, 0});
    case Standing::Base:
        break;
    }
    if (const Result<> known = note(context, key, u"begun"_s); !known) {
        return known;
    }
    if (const Result<> defined = define(*target, text(step, u"xml"_s)); !defined) {
        return defined;
    }
    const auto after = stored(*target);
    if (!after) {
        return fail(after.error());
    }
    logDifferences(text(step, u"xml"_s), *after, context);
    return note(context, key, u"made"_s, definitionDigest(*after));
}

Result<> undo(const Step &step, StepContext &context)
{
    if (!noted(context, noteKey(step), u"begun"_s)) {
        return {};
    }
    const auto target = optional(targetOf(step, context));
    if (!target) {
        return fail(target.error());
    }
    if (*target) {
        const QString before = text(step, u"before"_s);
        switch (standingOf(step, context, (*target)->stored)) {
        case Standing::Base:
            break;
        case Standing::Other:
            return fail({Error::Kind::Failed,
                DefinitionstepsText::tr("Somebody else has changed “%1” since: its definition is left as it is.")
                    .arg((*target)->object.name),
                {}, 0, 0});
        case Standing::Ours:
            if (const Result<> defined = define(**target, before); !defined) {
                return defined;
            }
            const auto after = stored(**target);
            if (!after) {
                return fail(after.error());
            }
            if (!isSame(before, *after)) {
                return fail(Error::failed(
                    DefinitionstepsText::tr("libvirt stored the previous definition of “%1” otherwise than it was.")
                        .arg((*target)->object.name)));
            }
        }
    }
    return context.note(noteKey(step), QJsonValue(QJsonValue::Undefined));
}

Result<Reality> look(const Step &step, StepContext &context)
{
    const auto target = optional(targetOf(step, context));
    if (!target) {
        return fail(target.error());
    }
    if (!*target) {
        return Reality{Reality::Effect::Unknown, DefinitionstepsText::tr("It does not exist any more.")};
    }
    switch (standingOf(step, context, (*target)->stored)) {
    case Standing::Base:
        return Reality{Reality::Effect::Absent, DefinitionstepsText::tr("The definition is the previous one.")};
    case Standing::Ours:
        return Reality{Reality::Effect::Present, DefinitionstepsText::tr("The definition is the new one.")};
    case Standing::Other:
        break;
    }
    return Reality{Reality::Effect::Unknown, DefinitionstepsText::tr("Somebody else has changed the definition.")};
}

} // namespace

void registerDefinitionSteps(job::StepRegistry &registry)
{
    registry.add(u"definition.define"_s, {run, undo, look});
}

} // namespace vireo::operation
