// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/resizereader.h"

#include <chrono>
#include <utility>

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/operation/cold/coldmigration.h"
#include "backend/virt/hosts.h"
#include "ui/migratemaps.h"

namespace vireo::ui {

using namespace Qt::StringLiterals;
using operation::MigrateDestination;
using operation::MigrateFacts;
using operation::ResizeFacts;

namespace {

/** Between the last choice and what it comes to. */
constexpr std::chrono::milliseconds EvaluateDelay{120};

} // namespace

ResizeReader::ResizeReader(
    ResizeWizardState &state, virt::Hosts &hosts, const ResizeServices &services, QObject *parent)
    : QObject(parent)
    , m_state(state)
    , m_hosts(hosts)
    , m_services(std::make_shared<const ResizeServices>(services))
    , m_courier(std::make_shared<Courier>(this))
    , m_thinker(std::make_unique<Lane>(u"resize-think"_s, Lane::Kind::Computing))
{
    m_evaluateSoon.setSingleShot(true);
    m_evaluateSoon.setInterval(EvaluateDelay);
    connect(&m_evaluateSoon, &QTimer::timeout, this, &ResizeReader::evaluate);
    connect(&m_state, &ResizeWizardState::draftChanged, &m_evaluateSoon, [this] { m_evaluateSoon.start(); });
    connect(&m_state, &ResizeWizardState::draftChanged, this, &ResizeReader::readThere);
}

ResizeReader::~ResizeReader()
{
    m_courier->close();
    for (std::stop_source *source : {&m_stop, &m_thereStop, &m_planStop}) {
        source->request_stop();
    }
}

Result<virt::ConnectionPtr> ResizeReader::connection(const virt::HostId &id) const
{
    const virt::Host *host = m_hosts.host(id);
    if (!host) {
        return fail(Error::invalid(tr("This host is not there any more.")));
    }
    return host->connection();
}

void ResizeReader::read()
{
    ++m_generation;
    m_stop.request_stop();
    m_stop = {};
    const auto own = connection(m_state.domain().host);
    if (!own) {
        m_state.setProblem(own.error().message);
        return;
    }
    m_lane = std::make_unique<Lane>(u"resize-read"_s);
    m_lane->post([this, courier = m_courier, services = m_services, generation = m_generation, connection = *own,
                     domain = m_state.domain().domain, stop = m_stop.get_token()] {
        const auto facts = services->facts(*connection, domain, stop);
        const QStringList networks = facts
            ? MigrateMaps::networksOf(facts->edit.running.isEmpty() ? facts->edit.stored : facts->edit.running)
            : QStringList();
        courier->post([this, generation, facts, networks] {
            if (generation != m_generation) {
                return;
            }
            if (facts) {
                m_state.setNetworks(networks);
                m_state.setFacts(*facts);
            } else {
                m_state.setProblem(facts.error().message);
            }
        });
    });
}

void ResizeReader::readThere()
{
    const virt::HostId host = m_state.moves() ? m_state.destination() : virt::HostId();
    if (host == m_askedThere || m_state.knowsOf(host)) {
        return;
    }
    m_thereStop.request_stop();
    m_thereStop = {};
    m_askedThere = host;
    const quint64 generation = ++m_thereGeneration;
    if (host.isNull()) {
        return;
    }
    const auto other = connection(host);
    if (!other) {
        m_askedThere = {};
        m_state.setThereProblem(host, other.error().message);
        return;
    }
    m_thereLane = std::make_unique<Lane>(u"resize-there"_s);
    m_thereLane->post([this, courier = m_courier, services = m_services, generation, connection = *other, host,
                          stop = m_thereStop.get_token()] {
        const auto there = services->migrate.destination(*connection, stop);
        courier->post([this, generation, host, there] {
            if (generation != m_thereGeneration) {
                return;
            }
            m_askedThere = {};
            if (there) {
                m_state.setThere(host, *there);
            } else {
                m_state.setThereProblem(host, there.error().message);
            }
        });
    });
}

void ResizeReader::evaluate()
{
    const quint64 generation = ++m_evaluation;
    if (!m_state.facts()) {
        return;
    }
    m_thinker->post([this, courier = m_courier, services = m_services, generation, facts = *m_state.facts(),
                        draft = m_state.draft()] {
        ResizeEvaluation made;
        made.effects = services->effects(facts, draft);
        made.findings = services->findings(facts, draft);
        made.powerOff = services->needsPowerOff(facts, draft);
        courier->post([this, generation, made] {
            if (generation == m_evaluation) {
                m_state.setEvaluation(made);
            }
        });
    });
}

void ResizeReader::makePlan()
{
    dropPlan();
    const virt::DomainKey domain = m_state.domain();
    const virt::HostId to = m_state.destination();
    const auto own = connection(domain.host);
    const auto other = m_state.moves() ? connection(to) : own;
    if (!own || !other) {
        Q_EMIT planFailed(own ? other.error() : own.error());
        return;
    }
    m_planStop = {};
    m_planner = std::make_unique<Lane>(u"resize-plan"_s);
    m_planner->post(
        [this, courier = m_courier, services = m_services, generation = m_plan, domain, to, from = *own, there = *other,
            moves = m_state.moves(), draft = m_state.draft(), name = m_state.vm().name, stop = m_planStop.get_token()] {
            const auto finish = [this, &courier, generation](
                                    const Result<job::Plan> &made, const QList<operation::Check> &checks = {}) {
                courier->post([this, generation, made, checks] { postPlan(made, checks, generation); });
            };
            const auto tell = [this, &courier, generation](const QString &what) {
                courier->post([this, generation, what] {
                    if (generation == m_plan) {
                        Q_EMIT planProgress(what, 0, 0);
                    }
                });
            };
            tell(tr("Reading %1").arg(name));
            const Result<ResizeFacts> facts = services->facts(*from, domain.domain, stop);
            if (!facts) {
                finish(fail(facts.error()));
                return;
            }
            if (!moves) {
                finish(services->plan(domain.host, *facts, draft));
                return;
            }
            const auto source = services->migrate.source(*from, domain.domain, stop);
            if (!source) {
                finish(fail(source.error()));
                return;
            }
            tell(tr("Asking the destination"));
            const auto destination = services->migrate.destination(*there, stop);
            if (!destination) {
                finish(fail(destination.error()));
                return;
            }
            tell(tr("Trying how the hosts reach each other"));
            const operation::MigrateDraft way = operation::migrateDraftOf(draft);
            const auto pair = services->migrate.pair(from, there, *source, *destination, way, true, stop);
            if (!pair) {
                finish(fail(pair.error()));
                return;
            }
            finish(services->planCold(domain.host, to, *facts, MigrateFacts{*source, *destination, *pair}, draft),
                services->migrate.preflight(MigrateFacts{operation::switchedOff(*source), *destination, *pair}, way));
        });
}

void ResizeReader::postPlan(const Result<job::Plan> &plan, const QList<operation::Check> &checks, quint64 generation)
{
    if (generation != m_plan) {
        return;
    }
    if (plan) {
        Q_EMIT planMade(*plan, checks);
    } else {
        Q_EMIT planFailed(plan.error());
    }
}

void ResizeReader::dropPlan()
{
    ++m_plan;
    m_planStop.request_stop();
    m_planner.reset();
}

} // namespace vireo::ui
