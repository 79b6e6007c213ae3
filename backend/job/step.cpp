// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/job/step.h"

#include <QJsonArray>

#include "backend/job/jobrecord.h"

namespace vireo::job {

StepContext::StepContext(const Plan &plan, virt::ConnectionProvider provider, std::stop_token stop,
    QJsonObject &results, Report report, Log log, Note note, GoesOn goesOn)
    : m_plan(plan)
    , m_provider(std::move(provider))
    , m_stop(std::move(stop))
    , m_results(results)
    , m_report(std::move(report))
    , m_log(std::move(log))
    , m_note(std::move(note))
    , m_goesOn(std::move(goesOn))
{}

Result<> StepContext::note(const QString &key, const QJsonValue &value)
{
    if (m_note) {
        if (const Result<> written = m_note(key, value); !written) {
            return written;
        }
    }
    if (value.isUndefined()) {
        m_results.remove(key);
    } else {
        m_results.insert(key, value);
    }
    return {};
}

Result<> StepContext::warn(const QString &text)
{
    const QString key = JobRecord::warningsKey;
    QJsonArray warnings = m_results.value(key).toArray();
    if (warnings.contains(text)) {
        return {};
    }
    log(text);
    warnings.append(text);
    return note(key, warnings);
}

const StepRegistry::Kind *StepRegistry::find(const QString &type) const
{
    const auto found = m_kinds.constFind(type);
    return found == m_kinds.cend() ? nullptr : &*found;
}

} // namespace vireo::job
