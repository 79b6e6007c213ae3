// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/kept/keptplanner.h"

#include "backend/base/courier.h"
#include "backend/base/lane.h"
#include "backend/virt/hosts.h"

namespace vireo::operation {

using namespace Qt::StringLiterals;

KeptPlanner::KeptPlanner(virt::Hosts &hosts, const ResizeEndServices &services, QObject *parent)
    : QObject(parent)
    , m_hosts(hosts)
    , m_services(std::make_shared<const ResizeEndServices>(services))
    , m_courier(std::make_shared<Courier>(this))
{}

KeptPlanner::~KeptPlanner()
{
    m_courier->close();
    m_stop.request_stop();
}

void KeptPlanner::drop()
{
    ++m_generation;
    m_stop.request_stop();
    m_stop = {};
    m_lane.reset(); // left behind: it may hang
}

void KeptPlanner::plan(const KeptState &kept, ResizeEnd end, const ResizeEndDraft &draft)
{
    drop();
    m_lane = std::make_unique<Lane>(u"kept-plan"_s);
    struct Side {
        virt::HostId id;
        virt::ConnectionPtr connection;
        Error error;
    };
    const auto sideOf = [this](const QString &uri) {
        const virt::Host *host = m_hosts.findUri(uri);
        if (!host) {
            return Side{{}, {}, Error::invalid(tr("The host %1 is not among the connections: add it first.").arg(uri))};
        }
        const auto connection = host->connection();
        return connection ? Side{host->settings().id, *connection, {}} : Side{{}, {}, connection.error()};
    };
    const Side to = sideOf(kept.toUri);
    const Side from = kept.isMoved() ? sideOf(kept.fromUri) : to;
    m_lane->post([this, courier = m_courier, services = m_services, generation = m_generation, kept, end, draft, to,
                     from, stop = m_stop.get_token()] {
        const Result<ResizeEndFacts> facts = to.connection
            ? services->facts(kept, from.connection, to.connection, from.id, to.id, stop)
            : Result<ResizeEndFacts>(fail(to.error));
        const job::Plan plan = facts ? services->plan(end, *facts, draft) : job::Plan();
        courier->post([this, generation, plan, error = facts ? Error() : facts.error(), ready = facts.has_value()] {
            if (generation != m_generation) {
                return;
            }
            if (ready) {
                Q_EMIT planned(plan);
            } else {
                Q_EMIT failed(error);
            }
        });
    });
}

} // namespace vireo::operation
