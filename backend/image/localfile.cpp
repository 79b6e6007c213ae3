// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/localfile.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QFile>
#include <QHash>
#include <QtEndian>

namespace vireo::image {

namespace {

struct LocalfileText {
    Q_DECLARE_TR_FUNCTIONS(image_LocalFile)
};

QString systemText(int number)
{
    return QString::fromLocal8Bit(std::strerror(number));
}

constexpr quint64 blockSize = 64 * 1024;
constexpr quint64 chunkSize = 16 * blockSize;

bool isZero(const char *data, qsizetype length)
{
    return length == 0 || (data[0] == 0 && std::memcmp(data, data + 1, static_cast<size_t>(length - 1)) == 0);
}

/** Digests already computed in this process: a wizard reads its facts again after each change. */
struct DigestCache {
    std::mutex mutex;
    QHash<QString, QString> digests;
};

DigestCache &digestCache()
{
    static DigestCache cache;
    return cache;
}

} // namespace

Result<LocalFile> LocalFile::open(const QString &path)
{
    if (path.isEmpty()) {
        return fail(Error::invalid(LocalfileText::tr("No file was chosen.")));
    }
    if (path.contains(QChar(0))) {
        return fail(Error::invalid(LocalfileText::tr("A file name can't hold a null character.")));
    }
    // QEMU takes such names for a protocol; they must not even look like a choice here.
    const qsizetype colon = path.indexOf(u':');
    if (colon > 0 && path.left(colon).indexOf(u'/') < 0) {
        return fail(Error::invalid(
            LocalfileText::tr("“%1” is not the plain name of a local file: it begins with “%2:”, a protocol.")
                .arg(path, path.left(colon))));
    }
    LocalFile file;
    // O_NONBLOCK: opening a pipe must not wait for somebody who writes into it.
    file.m_fd = ::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (file.m_fd < 0) {
        return fail(Error{errno == ENOENT ? Error::Kind::NotFound : Error::Kind::Failed,
            LocalfileText::tr("Can't open “%1”: %2").arg(path, systemText(errno)),
            errno == EACCES ? LocalfileText::tr("You need permission to read the file.") : QString(), 0, 0});
    }
    struct stat status = {};
    if (fstat(file.m_fd, &status) != 0) {
        return fail(Error::failed(LocalfileText::tr("Can't read “%1”: %2").arg(path, systemText(errno))));
    }
    if (S_ISDIR(status.st_mode)) {
        return fail(Error::invalid(LocalfileText::tr("“%1” is a directory.").arg(path)));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(Error::invalid(LocalfileText::tr("“%1” is not a regular file.").arg(path)));
    }
    file.m_size = static_cast<quint64>(status.st_size);
    file.m_allocated = static_cast<quint64>(status.st_blocks) * 512;
    file.m_inode = status.st_ino;
    file.m_device = status.st_dev;
    file.m_modifiedNs = static_cast<qint64>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec;
    return file;
}

LocalFile::LocalFile(LocalFile &&other) noexcept
{
    *this = std::move(other);
}

LocalFile &LocalFile::operator=(LocalFile &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    m_size = other.m_size;
    m_allocated = other.m_allocated;
    m_inode = other.m_inode;
    m_device = other.m_device;
    m_modifiedNs = other.m_modifiedNs;
    return *this;
}

LocalFile::~LocalFile()
{
    if (m_fd >= 0) {
        ::close(m_fd);
    }
}

QByteArray LocalFile::read(quint64 offset, qsizetype length) const
{
    QByteArray data(length, Qt::Uninitialized);
    qsizetype done = 0;
    while (done < length) {
        const auto got = pread(m_fd, data.data() + done, static_cast<size_t>(length - done),
            static_cast<off_t>(offset + static_cast<quint64>(done)));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        done += got;
    }
    data.truncate(done);
    return data;
}

LocalFile::Extent LocalFile::nextData(quint64 from) const
{
    if (from >= m_size) {
        return {};
    }
    const off_t data = lseek(m_fd, static_cast<off_t>(from), SEEK_DATA);
    if (data < 0) {
        return errno == ENXIO ? Extent{} : Extent{from, m_size - from};
    }
    if (static_cast<quint64>(data) >= m_size) {
        return {};
    }
    const off_t hole = lseek(m_fd, data, SEEK_HOLE);
    const quint64 end = hole < 0 ? m_size : std::min(static_cast<quint64>(hole), m_size);
    return {static_cast<quint64>(data), end - static_cast<quint64>(data)};
}

Result<QString> contentDigest(
    const QString &path, const std::function<void(quint64, quint64)> &progress, std::stop_token stop)
{
    const auto file = LocalFile::open(path);
    if (!file) {
        return fail(file.error());
    }
    const QString key = QStringLiteral("%1/%2/%3/%4/%5")
                            .arg(file->device())
                            .arg(file->inode())
                            .arg(file->size())
                            .arg(file->modifiedNs())
                            .arg(path);
    DigestCache &cache = digestCache();
    {
        const std::lock_guard lock(cache.mutex);
        if (const auto found = cache.digests.constFind(key); found != cache.digests.constEnd()) {
            return *found;
        }
    }

    // BLAKE2b: as strong as SHA-256 and four times as fast in Qt's own implementation.
    QCryptographicHash hash(QCryptographicHash::Blake2b_256);
    const auto addNumber = [&hash](quint64 number) {
        const quint64 bytes = qToLittleEndian(number);
        hash.addData(QByteArrayView(reinterpret_cast<const char *>(&bytes), sizeof bytes));
    };
    quint64 position = 0;
    for (LocalFile::Extent extent = file->nextData(0); extent.length > 0; extent = file->nextData(position)) {
        // Whole blocks, wherever the extent begins: the result must not depend on how holes happen to lie.
        position = std::max(position, extent.offset / blockSize * blockSize);
        const quint64 end = extent.offset + extent.length;
        while (position < end) {
            const quint64 roundedEnd = (end + blockSize - 1) / blockSize * blockSize;
            const quint64 wanted = std::min({chunkSize, roundedEnd - position, file->size() - position});
            const QByteArray chunk = file->read(position, static_cast<qsizetype>(wanted));
            if (static_cast<quint64>(chunk.size()) < wanted) {
                return fail(
                    Error::failed(LocalfileText::tr("Can't read “%1”: it became shorter or has errors.").arg(path)));
            }
            for (qsizetype at = 0; at < chunk.size(); at += qsizetype(blockSize)) {
                const qsizetype length = std::min(qsizetype(blockSize), chunk.size() - at);
                if (isZero(chunk.constData() + at, length)) {
                    continue;
                }
                addNumber(position + static_cast<quint64>(at));
                hash.addData(QByteArrayView(chunk.constData() + at, length));
            }
            position += wanted;
            if (stop.stop_requested()) {
                return fail(Error::cancelled());
            }
            if (progress) {
                progress(position, file->size());
            }
        }
    }
    addNumber(file->size());
    QString digest = QString::fromLatin1(hash.result().toHex());
    const std::lock_guard lock(cache.mutex);
    if (cache.digests.size() > 100) {
        cache.digests.clear();
    }
    cache.digests.insert(key, digest);
    return digest;
}

} // namespace vireo::image
