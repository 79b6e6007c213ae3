// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/workfiles.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QScopeGuard>
#include <QStandardPaths>
#include <QStorageInfo>

#include "backend/image/localfile.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

struct WorkfilesText {
    Q_DECLARE_TR_FUNCTIONS(image_work)
};

Error systemError(const QString &path)
{
    return Error::failed(
        WorkfilesText::tr("Can't make “%1”: %2").arg(path, QString::fromLocal8Bit(std::strerror(errno))));
}

QString root()
{
    return QStandardPaths::writableLocation(QStandardPaths::CacheLocation) + u"/work"_s;
}

bool isKey(const QString &key)
{
    return !key.isEmpty() && key.size() <= 80 && std::ranges::all_of(key, [](QChar c) {
        return c.unicode() < 128 && (c.isLetterOrNumber() || c == u'-' || c == u'_');
    });
}

/** Ours, a directory and no link, and closed to others. */
Result<> makePrivate(const QString &path)
{
    const QByteArray name = QFile::encodeName(path);
    if (mkdir(name.constData(), 0700) != 0 && errno != EEXIST) {
        return fail(systemError(path));
    }
    struct stat status = {};
    if (lstat(name.constData(), &status) != 0) {
        return fail(systemError(path));
    }
    if (!S_ISDIR(status.st_mode) || status.st_uid != geteuid()) {
        return fail(Error::failed(WorkfilesText::tr("“%1” is not a directory of our own.").arg(path)));
    }
    if ((status.st_mode & 0077) != 0 && chmod(name.constData(), 0700) != 0) {
        return fail(systemError(path));
    }
    return {};
}

Result<> checkKey(const QString &key)
{
    if (!isKey(key)) {
        return fail(Error::invalid(WorkfilesText::tr("“%1” is not the name of a job's files.").arg(key)));
    }
    return {};
}

} // namespace

Result<QString> workDirectory(const QString &key)
{
    if (const Result<> sane = checkKey(key); !sane) {
        return fail(sane.error());
    }
    const QString above = root();
    QDir().mkpath(above.left(above.lastIndexOf(u'/')));
    QString path = above + u'/' + key;
    for (const QString &directory : {above, path}) {
        if (const Result<> made = makePrivate(directory); !made) {
            return fail(made.error());
        }
    }
    return path;
}

quint64 workRoom()
{
    QString directory = root();
    while (directory.size() > 1 && !QFileInfo::exists(directory)) { // it is made when it is needed
        directory = directory.left(std::max<qsizetype>(1, directory.lastIndexOf(u'/')));
    }
    return static_cast<quint64>(std::max<qint64>(0, QStorageInfo(directory).bytesAvailable()));
}

Result<> clearWork(const QString &key)
{
    if (const Result<> sane = checkKey(key); !sane) {
        return sane;
    }
    const QString path = root() + u'/' + key;
    struct stat status = {};
    if (lstat(QFile::encodeName(path).constData(), &status) != 0 && errno == ENOENT) {
        return {};
    }
    const bool gone = S_ISDIR(status.st_mode) ? QDir(path).removeRecursively() : QFile::remove(path);
    if (!gone) {
        return fail(Error::failed(WorkfilesText::tr("Can't remove “%1”.").arg(path)));
    }
    return {};
}

Result<> makeSparseFile(const QString &path, quint64 size)
{
    const QByteArray name = QFile::encodeName(path);
    const int fd = open(name.constData(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(systemError(path));
    }
    const bool done = ftruncate(fd, static_cast<off_t>(size)) == 0;
    const int number = errno;
    close(fd);
    if (!done) {
        unlink(name.constData());
        errno = number;
        return fail(systemError(path));
    }
    return {};
}

Result<> digHoles(const QString &path)
{
    const auto file = LocalFile::open(path);
    if (!file) {
        return fail(file.error());
    }
    const int fd = open(QFile::encodeName(path).constData(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return fail(systemError(path));
    }
    const auto closer = qScopeGuard([fd] { close(fd); });
    const auto punch = [fd](quint64 from, quint64 to) {
        return from >= to
            || fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                   static_cast<off_t>(to - from))
            == 0;
    };
    constexpr quint64 blockSize = 64 * 1024;
    quint64 position = 0;
    while (position < file->size()) {
        const LocalFile::Extent extent = file->nextData(position);
        const quint64 begin = extent.length > 0 ? extent.offset / blockSize * blockSize : file->size();
        const quint64 end = extent.length > 0 ? extent.offset + extent.length : file->size();
        // What reads as a hole may be allocated (unwritten extents). Where the file system can't make holes, the file
        // is only larger than it need be.
        if (!punch(position, begin)) {
            return {};
        }
        for (position = std::max(position, begin); position < end; position += blockSize) {
            const QByteArray block = file->read(position, blockSize);
            const auto length = static_cast<quint64>(block.size());
            if (block.count('\0') == block.size() && !punch(position, position + length)) {
                return {};
            }
        }
    }
    return {};
}

} // namespace vireo::image
