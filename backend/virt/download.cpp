// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QFile>

#include "backend/virt/connection_p.h"
#include "backend/virt/storage.h"

namespace vireo::virt::storage {

namespace {

using Clock = std::chrono::steady_clock;

struct DownloadText {
    Q_DECLARE_TR_FUNCTIONS(virt_storage)
};

QString systemText(int number)
{
    return QString::fromLocal8Bit(std::strerror(number));
}

/** A new file that goes again unless it is kept. */
class NewFile final
{
    Q_DISABLE_COPY_MOVE(NewFile)

public:
    explicit NewFile(const QString &path)
        : m_path(QFile::encodeName(path))
        , m_fd(open(m_path.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600))
    {}
    ~NewFile()
    {
        if (m_fd >= 0) {
            unlink(m_path.constData());
            close(m_fd);
        }
    }
    int fd() const { return m_fd; }
    /** Closes it, so that it stays. An errno, or 0: some file systems tell only now that the disk is full. */
    int keep()
    {
        const int fd = std::exchange(m_fd, -1);
        if (close(fd) == 0) {
            return 0;
        }
        const int number = errno;
        unlink(m_path.constData());
        return number;
    }

private:
    QByteArray m_path;
    int m_fd;
};

/** One download: takes the stream's data and holes and writes the file. */
class Download final
{
    Q_DISABLE_COPY_MOVE(Download)

public:
    Download(int fd, quint64 total, const Progress &progress, std::stop_token stop)
        : m_fd(fd)
        , m_total(total)
        , m_progress(progress)
        , m_stop(std::move(stop))
    {}

    void report(bool always)
    {
        const auto now = Clock::now();
        if (!m_progress || (!always && now - m_reported < std::chrono::milliseconds(50))) {
            return;
        }
        m_reported = now;
        m_progress(m_done, std::max(m_done, m_total));
    }

    static int onData(virStreamPtr, const char *data, size_t length, void *opaque)
    {
        return static_cast<Download *>(opaque)->write(data, length);
    }

    static int onHole(virStreamPtr, long long length, void *opaque)
    {
        return static_cast<Download *>(opaque)->skip(length);
    }

    /** After the last byte: a hole at the end is part of the length. */
    bool finish()
    {
        if (ftruncate(m_fd, static_cast<off_t>(m_done)) != 0) {
            m_errno = errno;
            return false;
        }
        report(true);
        return true;
    }

    bool isStopped() const { return m_stop.stop_requested(); }
    int systemError() const { return m_errno; }

private:
    int write(const char *data, size_t length)
    {
        if (isStopped()) {
            return -1;
        }
        for (size_t offset = 0; offset < length;) {
            const ssize_t written = pwrite(m_fd, data + offset, length - offset, static_cast<off_t>(m_done + offset));
            if (written < 0 && errno == EINTR) {
                continue;
            }
            if (written <= 0) {
                m_errno = written < 0 ? errno : ENOSPC;
                return -1;
            }
            offset += static_cast<size_t>(written);
        }
        m_done += length;
        report(false);
        return static_cast<int>(length);
    }

    int skip(long long length)
    {
        if (isStopped() || length < 0) {
            return -1;
        }
        m_done += static_cast<quint64>(length);
        report(false);
        return 0;
    }

    int m_fd;
    quint64 m_total;
    const Progress &m_progress;
    std::stop_token m_stop;
    quint64 m_done = 0;
    int m_errno = 0;
    Clock::time_point m_reported;
};

/** Length of what will come; 0: unknown. */
quint64 lengthOf(virStorageVolPtr volume)
{
    virStorageVolInfo info = {};
    if (virStorageVolGetInfoFlags(volume, &info, VIR_STORAGE_VOL_GET_PHYSICAL) == 0) {
        return info.allocation; // by that flag its length
    }
    return virStorageVolGetInfo(volume, &info) == 0 ? info.capacity : 0;
}

} // namespace

Result<> downloadVolume(Connection &connection, const QString &pool, const QString &name, const QString &path,
    const Progress &progress, std::stop_token stop)
{
    virConnectPtr handle = connection.d().handle;
    const PoolHandle owner(virStoragePoolLookupByName(handle, pool.toUtf8().constData()));
    if (!owner) {
        return fail(lastError(DownloadText::tr("Can't find the storage pool “%1”").arg(pool)));
    }
    const VolumeHandle volume(virStorageVolLookupByName(owner.get(), name.toUtf8().constData()));
    if (!volume) {
        return fail(lastError(DownloadText::tr("Can't find the volume “%1” in the pool “%2”").arg(name, pool)));
    }
    NewFile file(path);
    if (file.fd() < 0) {
        return fail(Error::failed(DownloadText::tr("Can't create “%1”: %2").arg(path, systemText(errno))));
    }
    const QString what = DownloadText::tr("Can't download the volume “%1”").arg(name);
    StreamHandle stream(virStreamNew(handle, 0));
    if (!stream) {
        return fail(lastError(what));
    }
    bool sparse = true;
    if (virStorageVolDownload(volume.get(), stream.get(), 0, 0, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM) != 0) {
        const Error error = lastError(what);
        const bool tooOld = error.code == VIR_ERR_NO_SUPPORT || error.code == VIR_ERR_INVALID_ARG
            || error.code == VIR_ERR_ARGUMENT_UNSUPPORTED;
        if (!tooOld) {
            return fail(error);
        }
        sparse = false;
        stream.reset(virStreamNew(handle, 0));
        if (!stream || virStorageVolDownload(volume.get(), stream.get(), 0, 0, 0) != 0) {
            return fail(lastError(what));
        }
    }

    Download download(file.fd(), lengthOf(volume.get()), progress, std::move(stop));
    download.report(true);
    // Both abort the stream when a handler refuses.
    const int received = sparse ? virStreamSparseRecvAll(stream.get(), Download::onData, Download::onHole, &download)
                                : virStreamRecvAll(stream.get(), Download::onData, &download);
    const auto wroteBadly = [&path](int number) {
        return fail(Error::failed(DownloadText::tr("Can't write “%1”: %2").arg(path, systemText(number))));
    };
    if (received < 0) {
        const Error error = lastError(what);
        if (download.systemError() != 0) {
            return wroteBadly(download.systemError());
        }
        return fail(download.isStopped() ? Error::cancelled() : error);
    }
    if (virStreamFinish(stream.get()) != 0) {
        return fail(lastError(what));
    }
    if (download.isStopped()) {
        return fail(Error::cancelled());
    }
    if (!download.finish()) {
        return wroteBadly(download.systemError());
    }
    const int kept = file.keep();
    return kept == 0 ? Result<>() : wroteBadly(kept);
}

} // namespace vireo::virt::storage
