// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/base/filelock.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <QCoreApplication>
#include <QFile>

namespace vireo {

namespace {

struct FileLockText {
    Q_DECLARE_TR_FUNCTIONS(base_FileLock)
};

struct flock wholeFile()
{
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return lock;
}

std::unexpected<Error> lockError(const QString &path)
{
    const int number = errno;
    return fail(Error::failed(
        FileLockText::tr("“%1” can't be locked: %2").arg(path, QString::fromLocal8Bit(std::strerror(number)))));
}

int openedFor(const QString &path)
{
    return open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
}

} // namespace

Result<FileLock> FileLock::take(const QString &path)
{
    FileLock file(openedFor(path));
    struct flock lock = wholeFile();
    if (file.m_fd < 0 || fcntl(file.m_fd, F_OFD_SETLKW, &lock) != 0) {
        return lockError(path);
    }
    return file;
}

Result<std::optional<FileLock>> FileLock::tryTake(const QString &path)
{
    FileLock file(openedFor(path));
    struct flock lock = wholeFile();
    if (file.m_fd >= 0 && fcntl(file.m_fd, F_OFD_SETLK, &lock) == 0) {
        // Its last holder may have removed it meanwhile: then this is a file that nobody else would find.
        struct stat status = {};
        return fstat(file.m_fd, &status) == 0 && status.st_nlink == 0 ? tryTake(path) : std::optional(std::move(file));
    }
    if (file.m_fd >= 0 && (errno == EAGAIN || errno == EACCES)) {
        return std::optional<FileLock>();
    }
    return lockError(path);
}

bool FileLock::isHeld(const QString &path)
{
    const FileLock file(open(QFile::encodeName(path).constData(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    struct flock lock = wholeFile();
    return file.m_fd >= 0 && fcntl(file.m_fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

FileLock::FileLock(FileLock &&other) noexcept
    : m_fd(std::exchange(other.m_fd, -1))
{}

FileLock &FileLock::operator=(FileLock &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    return *this;
}

FileLock::~FileLock()
{
    if (m_fd >= 0) {
        close(m_fd);
    }
}

} // namespace vireo
