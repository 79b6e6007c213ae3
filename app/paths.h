// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include "backend/base/error.h"

/** Where Vireo keeps its files (XDG). Pure look-ups; ensure() makes a directory that only the user can read. */
namespace vireo::app::paths {

QString configDir();  ///< $XDG_CONFIG_HOME/vireo
QString stateDir();   ///< $XDG_STATE_HOME/vireo: journal, history, logs
QString journalDir(); ///< below it; GUI and command line share it
QString cacheDir();   ///< $XDG_CACHE_HOME/vireo
QString settingsFile();
/** Makes the settings file with mode 0600 where it is missing; QSettings keeps the mode that it finds. */
Result<> prepareSettingsFile();
/** Makes `directory` with mode 0700 where it is missing. */
Result<> ensure(const QString &directory);

} // namespace vireo::app::paths
