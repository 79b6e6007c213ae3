// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/base/privatefile.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QDateTime>
#include <QDir>
#include <QFile>

using namespace Qt::StringLiterals;

namespace vireo {

namespace {

struct PrivateFileText {
    Q_DECLARE_TR_FUNCTIONS(base_PrivateFile)
};

constexpr qint64 unbornAge = 3600; // seconds
constexpr mode_t fileMode = 0600;
constexpr mode_t directoryMode = 0700;

/** Of the call before: errno is read first of all. */
Error systemError(const QString &path)
{
    const int number = errno;
    return Error::failed(
        PrivateFileText::tr("“%1” can't be written: %2").arg(path, QString::fromLocal8Bit(std::strerror(number))));
}

bool makePath(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    if (mkdir(name.constData(), directoryMode) == 0 || errno == EEXIST) {
        return true;
    }
    const QString above = QFileInfo(path).path();
    return errno == ENOENT && above != path && makePath(above)
        && (mkdir(name.constData(), directoryMode) == 0 || errno == EEXIST);
}

bool syncDirectory(const QString &path)
{
    const int fd = open(QFile::encodeName(path).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const bool synced = fsync(fd) == 0;
    close(fd);
    return synced;
}

} // namespace

Result<> makePrivatePath(const QString &path)
{
    return makePath(path) ? Result<>() : fail(systemError(path));
}

Result<> writePrivateFile(const QString &path, const QByteArray &content)
{
    const QByteArray unborn = QFile::encodeName(path + unbornSuffix);
    unlink(unborn.constData());
    QFile file;
    const int fd = open(unborn.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, fileMode);
    if (fd < 0) {
        return fail(systemError(path));
    }
    const bool opened = file.open(fd, QIODevice::WriteOnly | QIODevice::Unbuffered, QFileDevice::AutoCloseHandle);
    errno = 0;
    if (!opened || file.write(content) != content.size() || fdatasync(fd) != 0) {
        const Error error = systemError(path);
        unlink(unborn.constData());
        return fail(error);
    }
    file.close();
    if (std::rename(unborn.constData(), QFile::encodeName(path).constData()) != 0
        || !syncDirectory(QFileInfo(path).path())) {
        return fail(systemError(path));
    }
    return {};
}

void clearUnbornFiles(const QString &directory)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const auto files = QDir(directory).entryInfoList({u'*' + QString(unbornSuffix)}, QDir::Files | QDir::Hidden);
    for (const QFileInfo &file : files) {
        if (file.lastModified().secsTo(now) > unbornAge) {
            QFile::remove(file.filePath());
        }
    }
}

QString stateDirectory(const QString &directory)
{
    const QString given = qEnvironmentVariable("XDG_STATE_HOME");
    return (QDir::isAbsolutePath(given) ? given : QDir::homePath() + u"/.local/state"_s) + u"/vireo/"_s + directory;
}

QString hostDirectoryName(const QString &hostUri)
{
    constexpr qsizetype readable = 60;
    constexpr qsizetype hashed = 16;
    QString host;
    for (const QChar c : hostUri.left(readable)) {
        host += c.unicode() < 0x80 && c.isLetterOrNumber() ? c : u'-';
    }
    const QByteArray hash = QCryptographicHash::hash(hostUri.toUtf8(), QCryptographicHash::Sha256).toHex();
    return host + u'-' + QString::fromLatin1(hash.left(hashed));
}

} // namespace vireo
