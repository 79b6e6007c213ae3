// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <stop_token>

#include <QObject>
#include <QTimer>

#include "ui/migrateservices.h"
#include "ui/migratewizardstate.h"

namespace vireo {
class Courier;
class Lane;
} // namespace vireo
namespace vireo::virt {
class Hosts;
}

namespace vireo::ui {

/** What the plan page shows. */
struct MigratePlans {
    QList<job::Plan> plans;
    QList<operation::MigrateFacts> facts; ///< of each
    QList<QList<operation::Check>> checks;
    QStringList storedThere; ///< the definition of its next start at the destination; empty: none
};

/**
 * Feeds a MigrateWizardState: reads VMs and hosts, each host in a lane of its own so that one that hangs holds up only
 * itself, and evaluates choices in another. GUI thread; owned by the wizard. What still runs at its end is stopped and
 * left behind.
 */
class MigrateReader final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(MigrateReader)

public:
    MigrateReader(MigrateWizardState &state, virt::Hosts &hosts, const MigrateServices &services, QObject *parent);
    ~MigrateReader() override;

    /** Reads what is not known yet. Cells fill in as answers come. */
    void read();
    /** Forgets what is known of this host (null: of all) and reads it anew. */
    void readAgain(const virt::HostId &host = {});
    /** Stops reading; what is known stays. */
    void stop();
    bool isReading() const { return m_reading > 0; }

    /** Measures how fast the VM writes its memory: about a quarter of a minute. `linkToo`: before that the way from its
     *  host to the chosen one, some five seconds, for all that take it. */
    void measure(const virt::DomainKey &vm, bool linkToo = false);
    void stopMeasuring();
    bool isMeasuring() const { return m_measuring; }

    /** Reads all of the chosen destination once more, tries how the hosts reach each other, and makes the plans of all
     *  that move; plansMade() follows, or planFailed(). */
    void makePlans();
    void dropPlans();

Q_SIGNALS:
    void readingChanged();
    void measuringChanged();
    void measureFailed(const vireo::Error &error);
    /** The rest is measured all the same. */
    void linkNotMeasured(const vireo::Error &error);
    void planProgress(const QString &what, quint64 done, quint64 total);
    void plansMade(const vireo::ui::MigratePlans &plans);
    void planFailed(const vireo::Error &error);

private:
    Result<virt::ConnectionPtr> connection(const virt::HostId &host) const;
    Lane &lane(const virt::HostId &host);
    void readPair(const virt::DomainKey &vm, const virt::HostId &host);
    void fail(const virt::DomainKey &vm, const virt::HostId &host, const QString &problem);
    void begin();
    void end();
    void evaluate();
    void setLinkSpeed(const virt::HostId &from, const virt::HostId &to, const migration::ByteRange &speed);

    MigrateWizardState &m_state;
    virt::Hosts &m_hosts;
    const std::shared_ptr<const MigrateServices> m_services;
    std::shared_ptr<Courier> m_courier;
    std::map<virt::HostId, std::unique_ptr<Lane>> m_lanes;
    std::unique_ptr<Lane> m_thinker;
    std::unique_ptr<Lane> m_planner;
    std::unique_ptr<Lane> m_measurer;
    std::stop_source m_stop;
    std::stop_source m_planStop;
    std::stop_source m_measureStop;
    QTimer m_evaluateSoon;
    QSet<virt::DomainKey> m_askedVms;
    QSet<virt::HostId> m_askedHosts;
    QSet<std::pair<virt::DomainKey, virt::HostId>> m_askedPairs;
    quint64 m_generation = 0; ///< of what is read
    quint64 m_evaluation = 0;
    quint64 m_plan = 0;
    quint64 m_measure = 0;
    int m_reading = 0;
    bool m_measuring = false;
};

} // namespace vireo::ui
