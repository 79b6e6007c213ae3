// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/demohost.h"

#include <QCoreApplication>
#include <QFile>
#include <QSaveFile>

#include "app/paths.h"
#include "backend/virt/connectionuri.h"

/** The resources are in a static library: the linker takes them only when they are named. Outside of any namespace, as
 * Qt wants it. */
static void initResources()
{
    Q_INIT_RESOURCE(vireo);
}

namespace vireo::app {

namespace {

QString nodeFile()
{
    return paths::cacheDir() + QStringLiteral("/demo-host.xml");
}

} // namespace

QString demoHostUri()
{
    virt::ConnectionUri uri;
    uri.driver = QStringLiteral("test");
    uri.path = nodeFile();
    return uri.toString();
}

Result<> writeDemoHost()
{
    if (const auto made = paths::ensure(paths::cacheDir()); !made) {
        return made;
    }
    initResources();
    QFile resource(QStringLiteral(":/vireo/demo-host.xml"));
    QSaveFile file(nodeFile());
    // Whole or not at all: another Vireo may be reading it.
    if (!resource.open(QIODevice::ReadOnly) || !file.open(QIODevice::WriteOnly)
        || !file.setPermissions(QFile::ReadOwner | QFile::WriteOwner) || file.write(resource.readAll()) < 0
        || !file.commit()) {
        return fail(Error::failed(QCoreApplication::translate("vireo::app", "Can't write the demo host's file %1: %2")
                .arg(nodeFile(), file.errorString())));
    }
    return {};
}

virt::HostSettings demoHostSettings()
{
    virt::HostSettings settings;
    settings.uri = demoHostUri();
    settings.name = QCoreApplication::translate("vireo::app", "Demo host");
    settings.demo = true;
    return settings;
}

} // namespace vireo::app
