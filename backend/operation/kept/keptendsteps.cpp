// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "backend/operation/kept/keptsteps_p.h"
#include "backend/operation/resize/resizesteps.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/leftovers.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

using Effect = job::Reality::Effect;
using job::Reality;
using job::StepContext;

// ---- the end

Result<> KeptStep::decide()
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

Result<> KeptStep::undecide()
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

Result<> KeptStep::restore()
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

Result<> KeptStep::unrestore()
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

Result<Reality> KeptStep::lookAtRestored()
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

Result<> KeptStep::end()
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

Result<Reality> KeptStep::lookAtEnded()
{
    const auto state = optional(m_states.read(id()));
    if (!state) {
        return fail(state.error());
    }
    return *state ? Reality{Effect::Absent, KeptStepsText::tr("It is still kept what %1 was.").arg(m_name)}
                  : Reality{Effect::Present, KeptStepsText::tr("Nothing of %1 is kept.").arg(m_name)};
}

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

} // namespace vireo::operation
