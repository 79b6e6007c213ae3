// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QTimer>

#include "backend/virt/records.h"

class QWidget;

namespace vireo::virt {
class Hosts;
class Inventory;
} // namespace vireo::virt

namespace vireo::app {

/**
 * Saves a picture of a window once it shows something: every host that is being connected has answered, its VMs are
 * listed, their titles are read and the first figures are there. After the time limit it takes what there is. GUI
 * thread.
 */
class Screenshot final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Screenshot)

public:
    static constexpr int LimitMs = 15000;

    Screenshot(
        QWidget &window, virt::Hosts &hosts, virt::Inventory &inventory, QString file, QObject *parent = nullptr);
    void begin();

Q_SIGNALS:
    /** Everything has been read: the last moment to choose what the picture shows. */
    void ready();
    /** 0: saved. */
    void finished(int exitCode);

private:
    void look();
    bool isReady() const;
    void save();

    QWidget &m_window;
    virt::Hosts &m_hosts;
    virt::Inventory &m_inventory;
    QString m_file;
    QTimer m_poll;
    QElapsedTimer m_waited;
    QHash<virt::HostId, int> m_figures; ///< how often a host's figures came
    bool m_told = false;
    int m_readyLooks = 0;
};

} // namespace vireo::app
