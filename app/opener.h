// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QTimer>

#include "app/commandline.h"
#include "backend/virt/records.h"

namespace vireo::virt {
class Hosts;
class Inventory;
} // namespace vireo::virt
namespace vireo::ui {
class MainWindow;
}

namespace vireo::app {

/**
 * Does what a --show option asks for once the host has answered: at once when it has, else when it does. Says so in the
 * window when there is no such VM. Deletes itself when done. GUI thread.
 */
class Opener final : public QObject
{
    Q_OBJECT
    Q_DISABLE_COPY_MOVE(Opener)

public:
    /** `host`: where the VM is looked for. Everything outlives this. */
    Opener(ui::MainWindow &window, virt::Hosts &hosts, virt::Inventory &inventory, const CommandLine &line,
        const virt::HostId &host, QObject *parent);

private:
    void look();
    void done();
    void say(const QString &text);

    ui::MainWindow &m_window;
    virt::Hosts &m_hosts;
    virt::Inventory &m_inventory;
    CommandLine m_line;
    virt::HostId m_host;
    QTimer m_wait; ///< the list follows the connection by a moment
    int m_looks = 0;
    bool m_done = false;
};

/** The domain of that name, UUID or id on the host, in this order; null when there is none. */
QUuid findDomain(const virt::Inventory &inventory, const virt::HostId &host, const QString &text);

} // namespace vireo::app
