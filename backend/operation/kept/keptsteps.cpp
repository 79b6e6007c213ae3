// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>
#include <QJsonArray>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/kept/keptclaims.h"
#include "backend/operation/kept/keptdomain.h"
#include "backend/operation/kept/keptstate.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/steps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/domains.h"
#include "backend/virt/leftovers.h"

using namespace Qt::StringLiterals;

/**
 * kept.*: what a domain was is kept, and comes back. Notes: "kept", the id of what this job keeps; "kept:aside:here"
 * and ":there", under which id the store "aside" has what a host knew of the domain before a step of an end took it
 * away; "kept:was:…", whether the domain was there before a step defined it. Passwords go from libvirt into the stores
 * and back, never through the plan or the journal.
 */
namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using domains::XmlKind;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

struct KeptStepsText {
    Q_DECLARE_TR_FUNCTIONS(operation_keptSteps)
};

const QString keptNote = u"kept"_s;

class Kept final
{
    Q_DISABLE_COPY_MOVE(Kept)

public:
    Kept(const Step &step, StepContext &context, const QString &directory, KeptClaims &claims)
        : m_step(step)
        , m_context(context)
        , m_states(directory)
        , m_aside(directory + u"/aside"_s)
        , m_claims(claims)
        , m_domain(context.plan().domain)
        , m_name(context.plan().domainName)
        , m_side(hostOf(step, context) == context.plan().host ? u"here"_s : u"there"_s)
    {}

    Result<> check();
    Result<> uncheck();
    Result<> begin();
    Result<> unbegin();
    Result<Reality> lookAtKept();
    Result<> leave();
    Result<> putBack();
    Result<Reality> lookAtLeft();
    Result<> define();
    Result<> undefine();
    Result<Reality> lookAtDefined();
    Result<> carrySnapshots();
    Result<> setAutostart();
    Result<> decide();
    Result<> undecide();
    Result<> restore();
    Result<> unrestore();
    Result<Reality> lookAtRestored();
    Result<> end();
    Result<Reality> lookAtEnded();

private:
    QString id() const
    {
        const QString said = text(m_step, u"id"_s);
        return said.isEmpty() ? m_context.results().value(keptNote).toString() : said;
    }
    QString asideKey() const { return u"kept:aside:"_s + m_side; }
    QString wasKey() const { return u"kept:was:"_s + m_side; }
    Result<> connect();
    Result<> claim();
    Result<> look();
    virt::Connection &connection() const { return *m_connection; }
    Result<> setAside();
    Result<> bringBack();
    Result<> dropAside(const QString &key);
    Result<KeptDomain> keptContent() const;
    QString leftKey() const { return u"kept:left:"_s + m_side; }
    /** This job has begun with keeping what the plan's host knows. */
    bool keepsItself() const
    {
        return m_side == "here"_L1 && !m_context.results().value(keptNote).toString().isEmpty();
    }
    /** The stored definition with its passwords; nothing: there is no such domain. */
    Result<std::optional<QString>> defined() const
    {
        return optional(domains::xml(connection(), m_domain, XmlKind::Inactive, true));
    }
    bool isOurs(const QString &xml) const
    {
        const auto unmarked = withKeptMark(xml, {});
        return unmarked && *unmarked != xml && xml.contains(id());
    }
    /** What is kept is gone, or goes: it can't be compared any more. */
    bool isEnded() const { return m_context.results().value("kept:ended"_L1).toBool(); }
    static Reality endedReality()
    {
        return {Effect::Unknown, KeptStepsText::tr("What was kept to compare with is gone.")};
    }
    Error waitsError() const
    {
        return {Error::Kind::Failed, KeptStepsText::tr("An earlier change of %1 waits to be confirmed.").arg(m_name),
            KeptStepsText::tr("Confirm it, or go back."), 0, 0};
    }
    Error claimedError() const
    {
        return {Error::Kind::Failed, KeptStepsText::tr("Another Vireo of yours is changing %1 right now.").arg(m_name),
            KeptStepsText::tr("Nothing was touched. Wait until it is done, and plan anew."), 0, 0};
    }
    Error changedError() const
    {
        return {Error::Kind::Failed, KeptStepsText::tr("Somebody else has changed %1 meanwhile.").arg(m_name),
            KeptStepsText::tr("Nothing was overwritten. Look at it again, and plan anew."), 0, 0};
    }

    const Step &m_step;
    StepContext &m_context;
    KeptStates m_states;
    KeptStates m_aside;
    KeptClaims &m_claims;
    QUuid m_domain;
    QString m_name;
    QString m_side;
    virt::ConnectionPtr m_connection;
};

Result<> Kept::connect()
{
    auto connection = hostConnection(m_step, m_context);
    if (!connection) {
        return fail(connection.error());
    }
    m_connection = *std::move(connection);
    return {};
}

// ---- check, begin

Result<> Kept::claim()
{
    const auto claimed = m_claims.claim(m_domain);
    return !claimed ? fail(claimed.error()) : *claimed ? Result<>() : fail(claimedError());
}

Result<> Kept::check()
{
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    if (const Result<> claimed = claim(); !claimed) {
        return claimed;
    }
    const Result<> looked = look();
    if (!looked) {
        m_claims.release(m_domain);
    }
    return looked;
}

Result<> Kept::uncheck()
{
    m_claims.release(m_domain);
    return {};
}

Result<> Kept::look()
{
    const auto other = optional(m_states.find(m_domain));
    if (!other) {
        return fail(other.error());
    }
    if (*other && (*other)->id != m_context.results().value(keptNote).toString()) {
        return fail(waitsError());
    }
    const auto now = domains::xml(connection(), m_domain, XmlKind::Inactive);
    if (!now) {
        return fail(now.error());
    }
    const QString base = text(m_step, u"base"_s);
    return base.isEmpty() || definitionDigest(*now) == base ? Result<>() : fail(changedError());
}

Result<> Kept::begin()
{
    const KeptState state = KeptState::fromJson(m_step.parameters.value("state"_L1).toObject());
    if (state.domain != m_domain) {
        return fail(Error::invalid(KeptStepsText::tr("The step names no state to be kept.")));
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto known = optional(m_states.read(state.id));
    if (!known) {
        return fail(known.error());
    }
    if (*known) {
        return {}; // by an earlier run of this step
    }
    if (const Result<> claimed = claim(); !claimed) { // this process may be another one than that which looked
        return claimed;
    }
    if (const Result<> free = look(); !free) { // while it was shut down somebody else may have begun
        return free;
    }
    const auto now = domains::state(connection(), m_domain);
    if (!now) {
        return fail(now.error());
    }
    if (now->exists && now->state != virt::DomainState::ShutOff && now->state != virt::DomainState::Crashed) {
        return fail(Error::failed(KeptStepsText::tr("%1 has been started meanwhile.").arg(m_name)));
    }
    const auto content = readKeptDomain(connection(), m_domain);
    if (!content) {
        return fail(content.error());
    }
    if (const Result<> noted = m_context.note(keptNote, state.id); !noted) {
        return noted;
    }
    const auto added = m_states.add(state, content->definition, content->snapshots);
    if (!added || !*added) {
        return fail(added ? waitsError() : added.error());
    }
    m_claims.release(m_domain); // what is kept says it from now on
    return {};
}

Result<> Kept::unbegin()
{
    const QString known = m_context.results().value(keptNote).toString();
    if (known.isEmpty() || isPastReturn(m_context)) {
        return {};
    }
    // Until the VM is as it was. Where another was faster, the undo of vm.powerOff leaves the VM to it.
    static_cast<void>(m_claims.claim(m_domain));
    return m_states.remove(known);
}

Result<Reality> Kept::lookAtKept()
{
    if (isEnded()) {
        return endedReality();
    }
    const auto state = optional(m_states.find(m_domain));
    if (!state) {
        return fail(state.error());
    }
    return *state ? Reality{Effect::Present, KeptStepsText::tr("It is kept what %1 was.").arg(m_name)}
                  : Reality{Effect::Absent, KeptStepsText::tr("Nothing of %1 is kept.").arg(m_name)};
}

// ---- aside: what a host knew before a step took it away

Result<> Kept::setAside()
{
    KeptState state;
    state.id = m_context.results().value(asideKey()).toString();
    const auto known = state.id.isEmpty() ? std::optional<KeptState>() : optional(m_aside.read(state.id));
    if (!known) {
        return fail(known.error());
    }
    if (*known) {
        return {};
    }
    const auto content = readKeptDomain(connection(), m_domain);
    if (!content) {
        return fail(content.error());
    }
    // Noted first: there are passwords in it, so whoever is killed right after must not forget it.
    state.id = KeptStates::newId();
    if (const Result<> noted = m_context.note(asideKey(), state.id); !noted) {
        return noted;
    }
    state.domain = m_domain;
    state.name = m_name;
    state.autostart = content->autostart;
    return m_aside.write(state, content->definition, content->snapshots);
}

Result<KeptDomain> Kept::keptContent() const
{
    const auto state = m_states.read(id());
    auto definition = m_states.definition(id());
    auto snapshots = m_states.snapshots(id());
    if (!state || !definition || !snapshots) {
        return fail(!state ? state.error() : !definition ? definition.error() : snapshots.error());
    }
    return KeptDomain{*std::move(definition), *std::move(snapshots), state->autostart};
}

/** From aside. Nothing aside: it never came to that. */
Result<> Kept::bringBack()
{
    const QString known = m_context.results().value(asideKey()).toString();
    if (known.isEmpty()) {
        return {};
    }
    const auto state = m_aside.read(known);
    if (!state && state.error().kind == Error::Kind::NotFound) {
        return dropAside(asideKey());
    }
    const auto definition = m_aside.definition(known);
    const auto snapshots = m_aside.snapshots(known);
    if (!state || !definition || !snapshots) {
        return fail(!state ? state.error() : !definition ? definition.error() : snapshots.error());
    }
    if (const Result<> written = writeKeptDomain(connection(), m_domain, {*definition, *snapshots, state->autostart});
        !written) {
        return written;
    }
    return dropAside(asideKey());
}

Result<> Kept::dropAside(const QString &key)
{
    const QString known = m_context.results().value(key).toString();
    if (known.isEmpty()) {
        return {};
    }
    if (const Result<> removed = m_aside.remove(known); !removed) {
        return removed;
    }
    return m_context.note(key, QJsonValue::Undefined);
}

// ---- leave

Result<> Kept::leave()
{
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto now = domains::state(connection(), m_domain);
    if (!now) {
        return now.error().kind == Error::Kind::NotFound ? Result<>() : fail(now.error());
    }
    if (!now->exists) {
        return {};
    }
    if (now->state != virt::DomainState::ShutOff && now->state != virt::DomainState::Crashed) {
        return fail(Error::failed(KeptStepsText::tr("%1 has been started meanwhile.").arg(m_name)));
    }
    // What this very job keeps needs no second copy.
    const Result<> kept = keepsItself() ? m_context.note(leftKey(), true) : setAside();
    return kept ? virt::undefineKeepingFiles(connection(), m_domain) : kept;
}

Result<> Kept::putBack()
{
    if (isPastReturn(m_context)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    if (!keepsItself()) {
        return bringBack();
    }
    if (!m_context.results().value(leftKey()).toBool()) {
        return {};
    }
    const auto content = keptContent();
    return content ? writeKeptDomain(connection(), m_domain, *content) : fail(content.error());
}

Result<Reality> Kept::lookAtLeft()
{
    if (const Result<> connected = connect(); !connected) {
        return fail(connected.error());
    }
    const auto xml = defined();
    if (!xml) {
        return fail(xml.error());
    }
    return *xml ? Reality{Effect::Absent, KeptStepsText::tr("The host knows %1.").arg(m_name)}
                : Reality{Effect::Present, KeptStepsText::tr("The host does not know %1.").arg(m_name)};
}

// ---- define

Result<> Kept::define()
{
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto kept = m_states.definition(id());
    const auto now = kept ? defined() : fail(kept.error());
    if (!now) {
        return fail(now.error());
    }
    if (*now && isOurs(**now)) {
        return {}; // by an earlier run of this step
    }
    const auto state = m_states.read(id());
    if (!state) {
        return fail(state.error());
    }
    if (*now && (state->isMoved() || **now != *kept)) {
        return fail(state->isMoved()
                ? Error::failed(KeptStepsText::tr("The destination has a VM of the UUID of %1 already.").arg(m_name))
                : changedError());
    }
    const auto whole = withSecrets(text(m_step, u"xml"_s), withoutSecrets(*kept), *kept);
    const auto marked = whole ? withKeptMark(*whole, id()) : whole;
    if (!marked) {
        return fail(marked.error());
    }
    if (const Result<> noted = m_context.note(wasKey(), now->has_value()); !noted) {
        return noted;
    }
    const auto made = domains::define(connection(), *marked);
    return made ? Result<>() : fail(made.error());
}

Result<> Kept::undefine()
{
    const QJsonValue was = m_context.results().value(wasKey());
    if (was.isUndefined() || isPastReturn(m_context)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto now = defined();
    if (!now) {
        return fail(now.error());
    }
    if (!was.toBool()) {
        return *now && isOurs(**now) ? virt::undefineKeepingFiles(connection(), m_domain) : Result<>();
    }
    const auto kept = m_states.definition(id());
    if (!kept) {
        return fail(kept.error());
    }
    if (*now && **now == *kept) {
        return {};
    }
    if (*now && !isOurs(**now)) {
        return fail(changedError());
    }
    const auto made = domains::define(connection(), *kept);
    return made ? Result<>() : fail(made.error());
}

Result<Reality> Kept::lookAtDefined()
{
    if (isEnded()) {
        return endedReality();
    }
    if (const Result<> connected = connect(); !connected) {
        return fail(connected.error());
    }
    const auto now = defined();
    if (!now) {
        return fail(now.error());
    }
    return *now && isOurs(**now) ? Reality{Effect::Present, KeptStepsText::tr("The definition is the new one.")}
                                 : Reality{Effect::Absent, KeptStepsText::tr("The new definition is not there.")};
}

Result<> Kept::carrySnapshots()
{
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    auto snapshots = m_states.snapshots(id());
    if (!snapshots) {
        return fail(snapshots.error());
    }
    const QJsonObject rewrite = m_step.parameters.value("rewrite"_L1).toObject();
    for (QString &snapshot : *snapshots) {
        if (rewrite.isEmpty()) {
            break;
        }
        auto rewritten = rewriteForDestination(snapshot, MigrateRewrite::fromJson(rewrite));
        if (!rewritten) {
            return fail(rewritten.error());
        }
        snapshot = *std::move(rewritten);
    }
    return writeKeptSnapshots(connection(), m_domain, *snapshots);
}

Result<> Kept::setAutostart()
{
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto record = domains::read(connection(), m_domain);
    if (!record) {
        return fail(record.error());
    }
    const bool wanted = m_step.parameters.value("on"_L1).toBool();
    return record->autostart == wanted ? Result<>() : domains::setAutostart(connection(), m_domain, wanted);
}

// ---- the end

Result<> Kept::decide()
{
    auto state = m_states.read(id());
    if (!state) {
        return fail(state.error());
    }
    const auto end = text(m_step, u"end"_s) == "confirm"_L1 ? KeptState::Ending::Confirm : KeptState::Ending::Revert;
    if (state->ending == end) {
        return m_context.note(u"kept:decided"_s, true);
    }
    if (state->ending != KeptState::Ending::None) {
        return fail(Error::failed(state->ending == KeptState::Ending::Confirm
                ? KeptStepsText::tr("The change of %1 is being confirmed already; there is no way back.").arg(m_name)
                : KeptStepsText::tr("%1 is being taken back already.").arg(m_name)));
    }
    state->ending = end;
    if (const Result<> noted = m_context.note(u"kept:decided"_s, true); !noted) {
        return noted;
    }
    return m_states.update(*state);
}

Result<> Kept::undecide()
{
    if (!m_context.results().value("kept:decided"_L1).toBool()) {
        return {};
    }
    if (isPastReturn(m_context)) {
        return fail(
            {Error::Kind::Unsupported, KeptStepsText::tr("What was given up of %1 can't be brought back.").arg(m_name),
                KeptStepsText::tr("Do the same again to finish it."), 0, 0});
    }
    auto state = optional(m_states.read(id()));
    if (!state) {
        return fail(state.error());
    }
    if (*state) {
        (*state)->ending = KeptState::Ending::None;
        if (const Result<> updated = m_states.update(**state); !updated) {
            return updated;
        }
    }
    return m_context.note(u"kept:decided"_s, QJsonValue::Undefined);
}

Result<> Kept::restore()
{
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    const auto content = keptContent();
    const auto now = content ? defined() : fail(content.error());
    if (!now) {
        return fail(now.error());
    }
    if (m_context.results().value(wasKey()).isUndefined()) {
        if (*now) {
            if (const Result<> kept = setAside(); !kept) {
                return kept;
            }
        }
        if (const Result<> noted = m_context.note(wasKey(), now->has_value()); !noted) {
            return noted;
        }
    }
    return writeKeptDomain(connection(), m_domain, *content);
}

Result<> Kept::unrestore()
{
    const QJsonValue was = m_context.results().value(wasKey());
    if (was.isUndefined() || isPastReturn(m_context)) {
        return {};
    }
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    return was.toBool() ? bringBack() : virt::undefineKeepingFiles(connection(), m_domain);
}

Result<Reality> Kept::lookAtRestored()
{
    if (isEnded()) {
        return endedReality();
    }
    if (const Result<> connected = connect(); !connected) {
        return fail(connected.error());
    }
    const auto definition = optional(m_states.definition(id()));
    const auto now = definition ? defined() : fail(definition.error());
    if (!now) {
        return fail(now.error());
    }
    return *now && *definition && **now == **definition
        ? Reality{Effect::Present, KeptStepsText::tr("The definition is that of before.")}
        : Reality{Effect::Absent, KeptStepsText::tr("The definition is not that of before.")};
}

Result<> Kept::end()
{
    if (const Result<> connected = connect(); !connected) {
        return connected;
    }
    if (const Result<> noted = m_context.note(u"kept:ended"_s, true); !noted) {
        return noted;
    }
    if (const Result<> unmarked = removeKeptMark(connection(), m_domain); !unmarked) {
        return unmarked;
    }
    for (const QString &key : {u"kept:aside:here"_s, u"kept:aside:there"_s}) {
        if (const Result<> dropped = dropAside(key); !dropped) {
            return dropped;
        }
    }
    // So are those of former jobs: there is nothing left that they could take back.
    const auto aside = m_aside.list();
    if (!aside) {
        return fail(aside.error());
    }
    for (const KeptState &each : *aside) {
        if (const Result<> dropped = each.domain == m_domain ? m_aside.remove(each.id) : Result<>(); !dropped) {
            return dropped;
        }
    }
    return m_states.remove(id());
}

Result<Reality> Kept::lookAtEnded()
{
    const auto state = optional(m_states.read(id()));
    if (!state) {
        return fail(state.error());
    }
    return *state ? Reality{Effect::Absent, KeptStepsText::tr("It is still kept what %1 was.").arg(m_name)}
                  : Reality{Effect::Present, KeptStepsText::tr("Nothing of %1 is kept.").arg(m_name)};
}

} // namespace

bool isPastReturn(const StepContext &context)
{
    const QJsonObject &results = context.results();
    if (!results.value("kept:decided"_L1).toBool()) {
        return false;
    }
    if (results.value("kept:ended"_L1).toBool()) {
        return true;
    }
    for (auto it = results.constBegin(); it != results.constEnd(); ++it) {
        const QJsonObject notes = it.value().toObject();
        if ((it.key().startsWith("merge:"_L1) && notes.value("begun"_L1).toBool())
            || (it.key().startsWith("layer:"_L1) && notes.value("deleted"_L1).toBool())) {
            return true;
        }
    }
    return false;
}

void registerKeptSteps(
    job::StepRegistry &registry, const StepOptions &options, const std::shared_ptr<KeptClaims> &claims)
{
    const QString directory = options.keptDirectory.isEmpty() ? KeptStates::defaultDirectory() : options.keptDirectory;
    const auto with = [&directory, &claims](Result<> (Kept::*function)()) {
        return [directory, claims, function](const Step &step, StepContext &context) {
            Kept kept(step, context, directory, *claims);
            return (kept.*function)();
        };
    };
    const auto looking = [&directory, &claims](Result<Reality> (Kept::*function)()) {
        return [directory, claims, function](const Step &step, StepContext &context) {
            Kept kept(step, context, directory, *claims);
            return (kept.*function)();
        };
    };
    registerKeptReadySteps(registry, directory);
    registry.add(u"kept.check"_s, {with(&Kept::check), with(&Kept::uncheck)});
    registry.add(u"kept.begin"_s, {with(&Kept::begin), with(&Kept::unbegin), looking(&Kept::lookAtKept)});
    registry.add(u"kept.leave"_s, {with(&Kept::leave), with(&Kept::putBack), looking(&Kept::lookAtLeft)});
    registry.add(u"kept.define"_s, {with(&Kept::define), with(&Kept::undefine), looking(&Kept::lookAtDefined)});
    registry.add(u"kept.snapshots"_s, {with(&Kept::carrySnapshots), {}});
    registry.add(u"kept.autostart"_s, {with(&Kept::setAutostart), {}});
    registry.add(u"kept.decide"_s, {with(&Kept::decide), with(&Kept::undecide)});
    registry.add(u"kept.restore"_s, {with(&Kept::restore), with(&Kept::unrestore), looking(&Kept::lookAtRestored)});
    registry.add(u"kept.end"_s, {with(&Kept::end), {}, looking(&Kept::lookAtEnded)});
}

} // namespace vireo::operation
