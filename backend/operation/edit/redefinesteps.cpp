// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/domaintarget.h"
#include "backend/operation/edit/edit.h"
#include "backend/operation/history.h"
#include "backend/operation/steps.h"

using namespace Qt::StringLiterals;

/**
 * domain.redefine {uuid, xml, base, cause, restores}: `base` is the digest of the definition that is replaced,
 * `restores` the history's entry whose passwords come back.
 *
 * Notes: "history", the entry that holds the previous definition, and "redefined", the digest of what libvirt made of
 * ours. Passwords go from libvirt to libvirt and into the history, never through the plan or the journal.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using domains::XmlKind;
using job::Reality;
using job::Step;
using job::StepContext;

struct RedefineText {
    Q_DECLARE_TR_FUNCTIONS(operation_redefineSteps)
};

constexpr qsizetype maxLogged = 20;

class Redefinition final
{
    Q_DISABLE_COPY_MOVE(Redefinition)

public:
    Redefinition(const Step &step, StepContext &context, QString directory)
        : m_step(step)
        , m_context(context)
        , m_history(std::move(directory))
    {}

    Result<> run();
    Result<> undo();
    Result<Reality> look();

private:
    enum class Standing { Base, Ours, Other };

    QString parameter(const QString &key) const { return m_step.parameters.value(key).toString(); }
    QString noted(const QString &key) const { return m_context.results().value(key).toString(); }
    const QString &uri() const { return m_uri; }

    Result<> begin();
    Result<QString> read(bool secure = false) const
    {
        return domains::xml(*m_target->connection, m_target->uuid, XmlKind::Inactive, secure);
    }
    Standing standing(const QString &now) const;
    Result<> keepPrevious(const QString &secure);
    Result<QString> completed(const QString &now, const QString &secure) const;
    void logDifferences(const QString &stored) const;

    const Step &m_step;
    StepContext &m_context;
    DefinitionHistory m_history;
    std::optional<DomainTarget> m_target;
    QString m_uri;
};

Result<> Redefinition::begin()
{
    auto target = domainTarget(m_step, m_context);
    if (!target) {
        return fail(target.error());
    }
    m_target = *std::move(target);
    m_uri = m_target->connection->uri();
    const auto record = domains::read(*m_target->connection, m_target->uuid);
    if (!record) {
        return fail(record.error().kind == Error::Kind::NotFound ? goneError(*m_target) : record.error());
    }
    return record->persistent
        ? Result<>()
        : fail(Error::failed(RedefineText::tr("%1 has no stored definition any more.").arg(m_target->name)));
}

/** Ours also when it was killed before it could note what libvirt made of it: all that was sent is there. */
Redefinition::Standing Redefinition::standing(const QString &now) const
{
    const QString digest = definitionDigest(now);
    if (digest == noted(u"redefined"_s)) {
        return Standing::Ours;
    }
    if (digest == parameter(u"base"_s)) {
        return Standing::Base;
    }
    if (noted(u"history"_s).isEmpty() || !noted(u"redefined"_s).isEmpty()) {
        return Standing::Other;
    }
    const ReadBack differences = readBack(withoutSecrets(parameter(u"xml"_s)), now);
    return differences.dropped.isEmpty() && differences.changed.isEmpty() ? Standing::Ours : Standing::Other;
}

Result<> Redefinition::keepPrevious(const QString &secure)
{
    QString id = noted(u"history"_s);
    if (id.isEmpty()) {
        id = DefinitionHistory::newId();
        if (const Result<> known = m_context.note(u"history"_s, id); !known) {
            return known;
        }
    }
    return m_history.add(
        uri(), m_target->uuid, {id, QDateTime::currentDateTimeUtc(), parameter(u"cause"_s), m_target->name, secure});
}

/** The wanted definition with the passwords that it does not mention. */
Result<QString> Redefinition::completed(const QString &now, const QString &secure) const
{
    QString wanted = parameter(u"xml"_s);
    const QString restores = parameter(u"restores"_s);
    if (const QString id = restores.isEmpty() ? parameter(u"aside"_s) : restores; !id.isEmpty()) {
        const auto entry = m_history.read(uri(), m_target->uuid, id);
        if (!entry) {
            return fail(entry.error());
        }
        auto completed = withSecrets(wanted, withoutSecrets(entry->xml), entry->xml);
        if (!completed || !restores.isEmpty()) {
            return completed;
        }
        wanted = *std::move(completed);
    }
    return withSecrets(wanted, now, secure);
}

void Redefinition::logDifferences(const QString &stored) const
{
    const ReadBack differences = readBack(withoutSecrets(parameter(u"xml"_s)), stored);
    qsizetype left = maxLogged;
    for (const xml::DocumentChange &change : differences.dropped) {
        if (left-- > 0) {
            m_context.log(RedefineText::tr("Warning: libvirt dropped %1 (%2).").arg(change.path, change.before));
        }
    }
    for (const xml::DocumentChange &change : differences.changed) {
        if (left-- > 0) {
            m_context.log(RedefineText::tr("libvirt changed %1 from “%2” to “%3”.")
                    .arg(change.path, change.before, change.after));
        }
    }
    if (left < 0) {
        m_context.log(RedefineText::tr("… and %n more", nullptr, static_cast<int>(-left)));
    }
    if (!differences.added.isEmpty()) {
        QStringList paths;
        for (const xml::DocumentChange &change : differences.added) {
            paths << change.path;
        }
        m_context.log(RedefineText::tr("libvirt added: %1.").arg(paths.join(u", "_s)));
    }
}

Result<> Redefinition::run()
{
    if (const Result<> begun = begin(); !begun) {
        return begun;
    }
    const auto secure = read(true);
    if (!secure) {
        return fail(secure.error());
    }
    const auto now = read(); // the last look before the change
    if (!now) {
        return fail(now.error());
    }
    switch (standing(*now)) {
    case Standing::Ours: // by an earlier run of this step
        return m_context.note(u"redefined"_s, definitionDigest(*now));
    case Standing::Other:
        return fail(
            {Error::Kind::Failed, RedefineText::tr("Somebody else has changed %1 meanwhile.").arg(m_target->name),
                RedefineText::tr("Nothing was overwritten. Open it again, and merge the two changes."), 0, 0});
    case Standing::Base:
        break;
    }
    const auto text = completed(*now, *secure);
    if (!text) {
        return fail(text.error());
    }
    if (const Result<> kept = keepPrevious(*secure); !kept) {
        return kept;
    }
    const auto defined = domains::define(*m_target->connection, *text);
    if (!defined) {
        return fail(defined.error());
    }
    const auto after = read();
    if (!after) {
        return fail(after.error());
    }
    logDifferences(*after);
    return m_context.note(u"redefined"_s, definitionDigest(*after));
}

Result<> Redefinition::undo()
{
    const QString id = noted(u"history"_s);
    if (id.isEmpty()) {
        return {}; // it never came to that
    }
    if (const Result<> begun = begin(); !begun) {
        return begun.error().kind == Error::Kind::NotFound ? Result<>() : begun;
    }
    const auto now = read();
    if (!now) {
        return fail(now.error());
    }
    const Standing where = standing(*now);
    if (where == Standing::Other) {
        return fail({Error::Kind::Failed,
            RedefineText::tr("Somebody else has changed %1 since: its definition is left as it is.")
                .arg(m_target->name),
            RedefineText::tr("The previous definition is in the VM's history."), 0, 0});
    }
    const auto entry = m_history.read(uri(), m_target->uuid, id);
    if (!entry) { // killed before it was written, and so before the change
        return entry.error().kind == Error::Kind::NotFound && where == Standing::Base ? Result<>()
                                                                                      : fail(entry.error());
    }
    const auto secure = read(true); // a password alone may have changed
    if (!secure) {
        return fail(secure.error());
    }
    if (*secure != entry->xml) {
        if (const auto defined = domains::define(*m_target->connection, entry->xml); !defined) {
            return fail(defined.error());
        }
    }
    return m_history.remove(uri(), m_target->uuid, id); // it is no previous definition: it is the present one
}

Result<Reality> Redefinition::look()
{
    if (const Result<> begun = begin(); !begun) {
        return fail(begun.error());
    }
    const auto now = read();
    if (!now) {
        return fail(now.error());
    }
    switch (standing(*now)) {
    case Standing::Base:
        return Reality{Reality::Effect::Absent, RedefineText::tr("The definition is the previous one.")};
    case Standing::Ours:
        return Reality{Reality::Effect::Present, RedefineText::tr("The definition is the new one.")};
    case Standing::Other:
        break;
    }
    return Reality{Reality::Effect::Unknown, RedefineText::tr("Somebody else has changed the definition.")};
}

} // namespace

void registerRedefineSteps(job::StepRegistry &registry, const StepOptions &options)
{
    const QString directory =
        options.historyDirectory.isEmpty() ? DefinitionHistory::defaultDirectory() : options.historyDirectory;
    registry.add(u"domain.redefine"_s,
        {[directory](const Step &step, StepContext &context) { return Redefinition(step, context, directory).run(); },
            [directory](
                const Step &step, StepContext &context) { return Redefinition(step, context, directory).undo(); },
            [directory](const Step &step, StepContext &context) {
                return Redefinition(step, context, directory).look();
            }});
}

} // namespace vireo::operation
