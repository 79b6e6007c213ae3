// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/definitionsecrets.h"
#include "backend/operation/kept/keptsteps_p.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace domains = virt::domains;
using domains::XmlKind;
using Effect = job::Reality::Effect;
using job::Reality;
using job::Step;
using job::StepContext;

KeptStep::KeptStep(const Step &step, StepContext &context, const QString &directory, KeptClaims &claims)
    : m_step(step)
    , m_context(context)
    , m_states(directory)
    , m_aside(directory + u"/aside"_s)
    , m_claims(claims)
    , m_domain(context.plan().domain)
    , m_name(context.plan().domainName)
    , m_side(hostOf(step, context) == context.plan().host ? u"here"_s : u"there"_s)
{}

QString KeptStep::id() const
{
    const QString said = text(m_step, u"id"_s);
    return said.isEmpty() ? m_context.results().value(keptNote).toString() : said;
}

QString KeptStep::asideKey() const
{
    return u"kept:aside:"_s + m_side;
}

QString KeptStep::wasKey() const
{
    return u"kept:was:"_s + m_side;
}

QString KeptStep::leftKey() const
{
    return u"kept:left:"_s + m_side;
}

bool KeptStep::keepsItself() const
{
    return m_side == "here"_L1 && !m_context.results().value(keptNote).toString().isEmpty();
}

Result<std::optional<QString>> KeptStep::defined() const
{
    return optional(domains::xml(connection(), m_domain, domains::XmlKind::Inactive, true));
}

bool KeptStep::isOurs(const QString &xml) const
{
    const auto unmarked = withKeptMark(xml, {});
    return unmarked && *unmarked != xml && xml.contains(id());
}

bool KeptStep::isEnded() const
{
    return m_context.results().value("kept:ended"_L1).toBool();
}

Reality KeptStep::endedReality()
{
    return {Effect::Unknown, KeptStepsText::tr("What was kept to compare with is gone.")};
}

Error KeptStep::waitsError() const
{
    return {Error::Kind::Failed, KeptStepsText::tr("An earlier change of %1 waits to be confirmed.").arg(m_name),
        KeptStepsText::tr("Confirm it, or go back."), 0, 0};
}

Error KeptStep::claimedError() const
{
    return {Error::Kind::Failed, KeptStepsText::tr("Another Vireo of yours is changing %1 right now.").arg(m_name),
        KeptStepsText::tr("Nothing was touched. Wait until it is done, and plan anew."), 0, 0};
}

Error KeptStep::changedError() const
{
    return {Error::Kind::Failed, KeptStepsText::tr("Somebody else has changed %1 meanwhile.").arg(m_name),
        KeptStepsText::tr("Nothing was overwritten. Look at it again, and plan anew."), 0, 0};
}

Result<> KeptStep::connect()
{
    auto connection = hostConnection(m_step, m_context);
    if (!connection) {
        return fail(connection.error());
    }
    m_connection = *std::move(connection);
    return {};
}

// ---- check, begin

Result<> KeptStep::claim()
{
    const auto claimed = m_claims.claim(m_domain);
    return !claimed ? fail(claimed.error()) : *claimed ? Result<>() : fail(claimedError());
}

Result<> KeptStep::check()
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

Result<> KeptStep::uncheck()
{
    m_claims.release(m_domain);
    return {};
}

Result<> KeptStep::look()
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

Result<> KeptStep::begin()
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

Result<> KeptStep::unbegin()
{
    const QString known = m_context.results().value(keptNote).toString();
    if (known.isEmpty() || isPastReturn(m_context)) {
        return {};
    }
    // Until the VM is as it was. Where another was faster, the undo of vm.powerOff leaves the VM to it.
    static_cast<void>(m_claims.claim(m_domain));
    return m_states.remove(known);
}

Result<Reality> KeptStep::lookAtKept()
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

Result<> KeptStep::setAside()
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

Result<KeptDomain> KeptStep::keptContent() const
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
Result<> KeptStep::bringBack()
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

Result<> KeptStep::dropAside(const QString &key)
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

void registerKeptSteps(
    job::StepRegistry &registry, const StepOptions &options, const std::shared_ptr<KeptClaims> &claims)
{
    const QString directory = options.keptDirectory.isEmpty() ? KeptStates::defaultDirectory() : options.keptDirectory;
    const auto with = [&directory, &claims](Result<> (KeptStep::*function)()) {
        return [directory, claims, function](const Step &step, StepContext &context) {
            KeptStep kept(step, context, directory, *claims);
            return (kept.*function)();
        };
    };
    const auto looking = [&directory, &claims](Result<Reality> (KeptStep::*function)()) {
        return [directory, claims, function](const Step &step, StepContext &context) {
            KeptStep kept(step, context, directory, *claims);
            return (kept.*function)();
        };
    };
    registerKeptReadySteps(registry, directory);
    registry.add(u"kept.check"_s, {with(&KeptStep::check), with(&KeptStep::uncheck)});
    registry.add(u"kept.begin"_s, {with(&KeptStep::begin), with(&KeptStep::unbegin), looking(&KeptStep::lookAtKept)});
    registry.add(u"kept.leave"_s, {with(&KeptStep::leave), with(&KeptStep::putBack), looking(&KeptStep::lookAtLeft)});
    registry.add(
        u"kept.define"_s, {with(&KeptStep::define), with(&KeptStep::undefine), looking(&KeptStep::lookAtDefined)});
    registry.add(u"kept.snapshots"_s, {with(&KeptStep::carrySnapshots), {}});
    registry.add(u"kept.autostart"_s, {with(&KeptStep::setAutostart), {}});
    registry.add(u"kept.decide"_s, {with(&KeptStep::decide), with(&KeptStep::undecide)});
    registry.add(
        u"kept.restore"_s, {with(&KeptStep::restore), with(&KeptStep::unrestore), looking(&KeptStep::lookAtRestored)});
    registry.add(u"kept.end"_s, {with(&KeptStep::end), {}, looking(&KeptStep::lookAtEnded)});
}

} // namespace vireo::operation
