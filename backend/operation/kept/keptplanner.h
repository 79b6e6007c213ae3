// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

#include <QObject>

#include "backend/operation/resize/resize.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo
namespace vireo::virt {
class Hosts;
}

namespace vireo::operation {

/** What is asked of the hosts of a kept state, and what thinks about it: called in a lane. The defaults are the real
 *  ones; tests put others in their place. */
struct ResizeEndServices {
    std::function<Result<ResizeEndFacts>(const KeptState &kept, const virt::ConnectionPtr &from,
        const virt::ConnectionPtr &to, const virt::HostId &fromId, const virt::HostId &toId,
        const std::stop_token &stop)>
        facts = &readResizeEndFacts;
    std::function<job::Plan(ResizeEnd end, const ResizeEndFacts &facts, const ResizeEndDraft &draft)> plan =
        &planResizeEnd;
};

/** Makes plans for the end of a change that waits: finds its hosts, reads them in a lane, plans. GUI thread. */
class KeptPlanner final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(KeptPlanner)

public:
    KeptPlanner(virt::Hosts &hosts, const ResizeEndServices &services, QObject *parent = nullptr);
    ~KeptPlanner() override;

    /** planned() or failed() follows, later; a question that was asked before is dropped. */
    void plan(const KeptState &kept, ResizeEnd end, const ResizeEndDraft &draft);
    void drop();

Q_SIGNALS:
    void planned(const vireo::job::Plan &plan);
    void failed(const vireo::Error &error);

private:
    virt::Hosts &m_hosts;
    std::shared_ptr<const ResizeEndServices> m_services;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    std::stop_source m_stop;
    quint64 m_generation = 0;
};

} // namespace vireo::operation
