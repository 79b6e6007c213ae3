// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>

#include "backend/virt/host.h"

namespace vireo::virt {

/**
 * All configured hosts, in the user's order. GUI thread. Owns the Host objects. What it holds is saved by app
 * (settings.h) on `settingsChanged`.
 */
class Hosts final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Hosts)

public:
    explicit Hosts(QObject *parent = nullptr);
    ~Hosts() override;

    /** Adds a host (an id is made when it has none) without connecting. The id, also when that URI is there already. */
    HostId add(HostSettings settings);
    void edit(const HostSettings &settings);
    void remove(const HostId &id);

    QList<Host *> all() const { return m_hosts; }
    Host *host(const HostId &id) const;
    Host *findUri(const QString &uri) const;
    /** For jobs: any thread; holds no reference to this object after its destruction. */
    ConnectionProvider provider() const;
    /** Sum up for the status bar. */
    int connectedCount() const;

Q_SIGNALS:
    void added(const QUuid &id);
    void aboutToRemove(const QUuid &id);
    void removed(const QUuid &id);
    void settingsChanged();

private:
    struct Registry;
    QList<Host *> m_hosts;
    std::shared_ptr<Registry> m_registry;
};

} // namespace vireo::virt
