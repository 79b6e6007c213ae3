// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/locallibvirt.h"

#include <algorithm>
#include <initializer_list>
#include <unistd.h>

#include <QFileInfo>
#include <QStandardPaths>

#include "backend/base/courier.h"
#include "backend/base/lane.h"

using namespace Qt::StringLiterals;

namespace vireo::virt {

namespace {

bool anyExists(const QString &directory, std::initializer_list<QLatin1StringView> names)
{
    return std::ranges::any_of(
        names, [&](QLatin1StringView name) { return QFileInfo::exists(directory + u'/' + name); });
}

bool anyProgram(const QString &root, std::initializer_list<QLatin1StringView> names)
{
    const QStringList system{root + u"/usr/sbin"_s, root + u"/usr/local/sbin"_s, root + u"/sbin"_s};
    return std::ranges::any_of(names, [&](QLatin1StringView name) {
        return (root.isEmpty() && !QStandardPaths::findExecutable(name).isEmpty())
            || !QStandardPaths::findExecutable(name, system).isEmpty();
    });
}

} // namespace

LocalDaemons lookForLocalDaemons(const QString &root)
{
    LocalDaemons found;
    found.flatpak = QFileInfo::exists(root + u"/.flatpak-info"_s);
    const auto hasSocket = [](const QString &directory) {
        return anyExists(directory, {"libvirt-sock"_L1, "virtqemud-sock"_L1});
    };
    // For root libvirt's session is the system daemon under another name: offered once.
    if (geteuid() != 0 || !root.isEmpty()) {
        const QString runtime = qEnvironmentVariable("XDG_RUNTIME_DIR");
        const bool running = !runtime.isEmpty() && hasSocket(root + runtime + u"/libvirt"_s);
        if (running || anyProgram(root, {"virtqemud"_L1, "libvirtd"_L1})) {
            found.uris.append(u"qemu:///session"_s);
        }
    }
    const QString sockets = root + u"/run/libvirt"_s;
    if (hasSocket(sockets)) {
        found.uris.append(u"qemu:///system"_s);
    }
    found.newStartNeeded = found.flatpak && !QFileInfo(sockets).isDir();
    return found;
}

LocalLibvirt::LocalLibvirt(const QString &root, QObject *parent)
    : QObject(parent)
    , m_root(root)
    , m_courier(std::make_shared<Courier>(this))
    , m_lane(std::make_unique<Lane>(u"local-libvirt"_s))
{}

LocalLibvirt::~LocalLibvirt()
{
    m_courier->close();
}

void LocalLibvirt::look()
{
    m_lane->post([courier = m_courier, root = m_root, this] {
        courier->post([this, daemons = lookForLocalDaemons(root)] {
            m_daemons = daemons;
            m_known = true;
            Q_EMIT looked();
        });
    });
}

} // namespace vireo::virt
