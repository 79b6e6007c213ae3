// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <stop_token>

#include <QObject>
#include <QTimer>

#include "ui/resizeservices.h"
#include "ui/resizewizardstate.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo
namespace vireo::virt {
class Hosts;
}

namespace vireo::ui {

/**
 * Feeds a ResizeWizardState: reads the VM, and the chosen destination, in lanes of their own, and evaluates choices in
 * another. GUI thread; owned by the wizard. What still runs at its end is stopped and left behind.
 */
class ResizeReader final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(ResizeReader)

public:
    ResizeReader(ResizeWizardState &state, virt::Hosts &hosts, const ResizeServices &services, QObject *parent);
    ~ResizeReader() override;

    /** Reads the VM anew. What the state knows stays until the answer is there. */
    void read();
    /** What of the chosen destination is not known yet. */
    void readThere();

    /** Reads all once more and makes the plan; planMade() follows, or planFailed(). */
    void makePlan();
    void dropPlan();

Q_SIGNALS:
    void planProgress(const QString &what, quint64 done, quint64 total);
    /** `checks`: of the way to another host; none for a VM that stays. */
    void planMade(const vireo::job::Plan &plan, const QList<vireo::operation::Check> &checks);
    void planFailed(const vireo::Error &error);

private:
    Result<virt::ConnectionPtr> connection(const virt::HostId &host) const;
    void evaluate();
    void postPlan(const Result<job::Plan> &plan, const QList<operation::Check> &checks, quint64 generation);

    ResizeWizardState &m_state;
    virt::Hosts &m_hosts;
    const std::shared_ptr<const ResizeServices> m_services;
    std::shared_ptr<Courier> m_courier;
    std::unique_ptr<Lane> m_lane;
    std::unique_ptr<Lane> m_thereLane;
    std::unique_ptr<Lane> m_thinker;
    std::unique_ptr<Lane> m_planner;
    std::stop_source m_stop;
    std::stop_source m_thereStop;
    std::stop_source m_planStop;
    QTimer m_evaluateSoon;
    virt::HostId m_askedThere; ///< being read
    quint64 m_generation = 0;
    quint64 m_thereGeneration = 0;
    quint64 m_evaluation = 0;
    quint64 m_plan = 0;
};

} // namespace vireo::ui
