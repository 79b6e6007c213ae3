// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/kept/keptconfirmer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "backend/operation/kept/keptfeed.h"
#include "backend/virt/hosts.h"

namespace vireo::operation {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto LookPeriod = 30s;
constexpr auto RetryAfter = 10min;

} // namespace

KeptConfirmer::KeptConfirmer(KeptFeed &feed, virt::Hosts &hosts, job::JobManager &jobs,
    const ResizeEndServices &services, Clock clock, QObject *parent)
    : QObject(parent)
    , m_feed(feed)
    , m_hosts(hosts)
    , m_jobs(jobs)
    , m_clock(std::move(clock))
    , m_planner(hosts, services)
{
    connect(&m_planner, &KeptPlanner::planned, this, &KeptConfirmer::take);
    connect(&m_planner, &KeptPlanner::failed, this, [this](const Error &error) { refuse(error.message); });
    connect(&m_feed, &KeptFeed::changed, this, &KeptConfirmer::look);
    connect(&m_timer, &QTimer::timeout, this, &KeptConfirmer::look);
    m_timer.start(LookPeriod);
}

KeptConfirmer::~KeptConfirmer() = default;

bool KeptConfirmer::isConnected(const QString &uri) const
{
    const virt::Host *host = m_hosts.findUri(uri);
    return host && host->isConnected() && !host->settings().readOnly;
}

void KeptConfirmer::look()
{
    if (!m_planning.isEmpty()) {
        return; // one after another; its end looks again
    }
    const QDateTime now = m_clock();
    for (const KeptState &state : m_feed.all()) {
        const QDateTime tried = m_tried.value(state.id);
        if (!state.confirmAt.isValid() || state.confirmAt > now || !isConnected(state.toUri)
            || !isConnected(state.fromUri) || (tried.isValid() && tried.addDuration(RetryAfter) > now)
            || m_jobs.jobOf(m_feed.keyOf(state))) {
            continue;
        }
        m_planning = state.id;
        m_tried.insert(state.id, now);
        ResizeEndDraft draft;
        draft.keepSource = state.keepSource;
        m_planner.plan(state, ResizeEnd::Confirm, draft);
        return;
    }
}

void KeptConfirmer::take(const job::Plan &plan)
{
    const auto blocker = std::ranges::find(plan.findings, job::Finding::Severity::Blocker, &job::Finding::severity);
    if (blocker != plan.findings.cend()) {
        refuse(blocker->text);
        return;
    }
    m_planning.clear();
    m_jobs.run(plan);
    look();
}

void KeptConfirmer::refuse(const QString &why)
{
    const QString id = std::exchange(m_planning, {});
    Q_EMIT blocked(id, why);
    look();
}

} // namespace vireo::operation
