// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "builtfile.h"

#include <algorithm>

#include <QDateTime>
#include <QDir>
#include <QFileInfo>
#include <QLockFile>
#include <QProcess>

using namespace Qt::StringLiterals;

namespace vireo::test {

QString built(const QString &name, const QString &sources, const QString &script, int timeoutMs)
{
    const QDir directory(sources);
    QString target = QDir(QStringLiteral(VIREO_TEST_CACHE_DIR)).filePath(name);
    QLockFile lock(target + u".lock"_s);
    lock.setStaleLockTime(0); // a lock whose process lives is honoured, however long the building takes
    lock.lock();
    QDateTime newest;
    for (const QFileInfo &source : directory.entryInfoList(QDir::Files)) {
        newest = newest.isValid() ? std::max(newest, source.lastModified()) : source.lastModified();
    }
    if (const QFileInfo info(target); info.exists() && info.lastModified() >= newest) {
        return target;
    }
    QProcess process;
    process.setProcessChannelMode(QProcess::ForwardedChannels);
    process.setStandardInputFile(QProcess::nullDevice());
    process.start(directory.filePath(script), {target});
    const bool done =
        process.waitForFinished(timeoutMs) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0;
    return done ? target : QString();
}

} // namespace vireo::test
