// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTemporaryDir>

namespace vireo::test {

/** Folders for state and cache that this program and those that it starts have for themselves, while other tests run
 *  beside it. The first member of a test's class; gone with it. */
class OwnHome final
{
    Q_DISABLE_COPY_MOVE(OwnHome)

public:
    OwnHome()
    {
        qputenv("XDG_STATE_HOME", m_directory.filePath(QStringLiteral("state")).toLocal8Bit());
        qputenv("XDG_CACHE_HOME", m_directory.filePath(QStringLiteral("cache")).toLocal8Bit());
    }
    ~OwnHome() = default;

private:
    QTemporaryDir m_directory;
};

} // namespace vireo::test
