// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include "backend/virt/host.h"

class QSettings;

namespace vireo::virt {
class Hosts;
}

namespace vireo::app {

/**
 * The list of configured hosts in the settings file: read once, written shortly after each change. Holds no secret;
 * consent to risks is never written. GUI thread. The QSettings and the Hosts outlive it.
 */
class HostStore final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(HostStore)

public:
    HostStore(QSettings &settings, virt::Hosts &hosts, QObject *parent = nullptr);
    /** Writes what is still pending. */
    ~HostStore() override;

    /** What the file has; entries that can't be used are left out. `demoUri` becomes the URI of the demo host. */
    QList<virt::HostSettings> load(const QString &demoUri) const;
    /** Writes the hosts from now on. */
    void keep();
    /** True until markStarted(): nobody has used Vireo with these settings yet. */
    bool isFirstStart() const;
    void markStarted();

private:
    void save();

    QSettings &m_settings;
    virt::Hosts &m_hosts;
    QTimer m_later;
};

} // namespace vireo::app
