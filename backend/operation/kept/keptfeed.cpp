// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/kept/keptfeed.h"

#include <algorithm>
#include <chrono>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/job/jobmanager.h"
#include "backend/virt/hosts.h"

namespace vireo::operation {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

constexpr auto ReadPeriod = 30s;

bool concerns(const QString &operation)
{
    return operation == "resize"_L1 || operation.startsWith("resize."_L1) || operation == "migrate"_L1
        || operation == "delete"_L1;
}

} // namespace

KeptFeed::KeptFeed(const virt::Hosts &hosts, job::JobManager &jobs, const QString &directory, QObject *parent)
    : QObject(parent)
    , m_hosts(hosts)
    , m_directory(directory)
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"kept-states"_s))
{
    connect(&jobs, &job::JobManager::finished, this, [this, &jobs](const QUuid &id) {
        const job::JobRecord *job = jobs.job(id);
        if (!job || concerns(job->plan.operation)) {
            read();
        }
    });
    // Where they are is told by URIs.
    connect(&hosts, &virt::Hosts::added, this, &KeptFeed::changed);
    connect(&hosts, &virt::Hosts::removed, this, &KeptFeed::changed);
    connect(&hosts, &virt::Hosts::settingsChanged, this, &KeptFeed::changed);
    connect(&m_timer, &QTimer::timeout, this, &KeptFeed::read);
    m_timer.start(ReadPeriod);
    read();
}

KeptFeed::~KeptFeed()
{
    m_courier->close();
}

void KeptFeed::read()
{
    m_lane->post([this, courier = m_courier, directory = m_directory, generation = ++m_generation] {
        const auto states = KeptStates(directory).list();
        courier->post([this, generation, states] {
            if (generation != m_generation) {
                return; // a newer answer comes
            }
            const QString problem = states ? QString() : states.error().message;
            const QList<KeptState> now = states ? *states : m_states;
            if (now != m_states || problem != m_problem) {
                m_states = now;
                m_problem = problem;
                Q_EMIT changed();
            }
        });
    });
}

virt::DomainKey KeptFeed::keyOf(const KeptState &state) const
{
    const virt::Host *host = m_hosts.findUri(state.toUri);
    return host ? virt::DomainKey{host->settings().id, state.domain} : virt::DomainKey();
}

const KeptState *KeptFeed::find(const virt::DomainKey &domain) const
{
    const auto found = std::ranges::find_if(
        m_states, [&](const KeptState &state) { return state.domain == domain.domain && keyOf(state) == domain; });
    return found == m_states.cend() ? nullptr : &*found;
}

} // namespace vireo::operation
