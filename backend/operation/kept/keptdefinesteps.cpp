// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QJsonArray>

#include "backend/operation/definitionsecrets.h"
#include "backend/operation/kept/keptsteps_p.h"
#include "backend/operation/migrate/migratexml.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/leftovers.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace domains = virt::domains;
using Effect = job::Reality::Effect;
using job::Reality;

// ---- leave

Result<> KeptStep::leave()
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

Result<> KeptStep::putBack()
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

Result<Reality> KeptStep::lookAtLeft()
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

Result<> KeptStep::define()
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

Result<> KeptStep::undefine()
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

Result<Reality> KeptStep::lookAtDefined()
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

Result<> KeptStep::carrySnapshots()
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

Result<> KeptStep::setAutostart()
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

} // namespace vireo::operation
