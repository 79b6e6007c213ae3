// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>

#include "app/commandline.h"
#include "app/virtmanagerimport.h"

namespace vireo::model {
class EventLog;
}
namespace vireo::virt {
class Hosts;
}

namespace vireo::app {

class HostStore;

/**
 * Which hosts there are and which are connected when Vireo starts: those of the settings, those of the command line,
 * and at the first start what this computer offers, virt-manager's connections and the demo host. GUI thread. What is
 * handed in outlives it.
 */
class Startup final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Startup)

public:
    Startup(virt::Hosts &hosts, HostStore &store, model::EventLog &events, QObject *parent = nullptr);

    /** The settings' hosts and what the first start offers; those of the command line are left to open(). */
    void begin(const CommandLine &line);
    /** Adds and connects the hosts of a command line, this one's or a second start's. Their ids, in order. */
    QList<QUuid> open(const QStringList &uris);
    /** False while it is still being found out what there is. */
    bool isSettled() const { return m_settled; }

private:
    void offer();
    void take(const ImportedConnections &connections);

    virt::Hosts &m_hosts;
    HostStore &m_store;
    model::EventLog &m_events;
    bool m_settled = true;
};

} // namespace vireo::app
