// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/paths.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QStandardPaths>

namespace vireo::app::paths {

namespace {

QString ours(const QString &base)
{
    return base + QStringLiteral("/vireo");
}

} // namespace

QString configDir()
{
    return ours(QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation));
}

QString stateDir()
{
    // QStandardPaths knows the state directory since Qt 6.7 only. A relative value is to be ignored (XDG).
    const QString given = qEnvironmentVariable("XDG_STATE_HOME");
    return ours(QDir::isAbsolutePath(given) ? given : QDir::homePath() + QStringLiteral("/.local/state"));
}

QString journalDir()
{
    return stateDir() + QStringLiteral("/journal");
}

QString cacheDir()
{
    return ours(QStandardPaths::writableLocation(QStandardPaths::GenericCacheLocation));
}

QString settingsFile()
{
    return configDir() + QStringLiteral("/vireo.conf");
}

Result<> prepareSettingsFile()
{
    if (const auto made = ensure(configDir()); !made) {
        return made;
    }
    constexpr auto OnlyUser = QFile::ReadOwner | QFile::WriteOwner;
    QFile file(settingsFile());
    const bool fine =
        file.exists() ? file.setPermissions(OnlyUser) : file.open(QIODevice::WriteOnly | QIODevice::NewOnly, OnlyUser);
    if (!fine) {
        return fail(Error::failed(QCoreApplication::translate("vireo::app", "Can't write the settings file %1: %2")
                .arg(settingsFile(), file.errorString())));
    }
    return {};
}

Result<> ensure(const QString &directory)
{
    if (QDir(directory).exists()) {
        return {};
    }
    if (!QDir().mkpath(directory)) {
        return fail(
            Error::failed(QCoreApplication::translate("vireo::app", "Can't make the directory %1.").arg(directory)));
    }
    QFile::setPermissions(directory, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    return {};
}

} // namespace vireo::app::paths
