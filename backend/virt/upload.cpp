// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <libvirt/virterror.h>

#include <QCoreApplication>
#include <QFile>

#include "backend/virt/connection_p.h"
#include "backend/virt/storage.h"

namespace vireo::virt::storage {

namespace {

using Clock = std::chrono::steady_clock;

// What one stream packet holds: libvirt's clients send at most this much (its legacy payload limit), so that old
// daemons accept it.
constexpr size_t packetSize = 262120;

struct UploadText {
    Q_DECLARE_TR_FUNCTIONS(virt_storage)
};

struct Descriptor {
    explicit Descriptor(int number)
        : fd(number)
    {}
    ~Descriptor()
    {
        if (fd >= 0) {
            close(fd);
        }
    }
    Q_DISABLE_COPY_MOVE(Descriptor)
    int fd;
};

/** One upload: walks the file's data and holes and feeds the stream. */
class Upload final
{
    Q_DISABLE_COPY_MOVE(Upload)

public:
    Upload(int fd, quint64 size, virStreamPtr stream, bool sparse, const Progress &progress, std::stop_token stop,
        const QString &path)
        : m_fd(fd)
        , m_size(size)
        , m_stream(stream)
        , m_sparse(sparse)
        , m_progress(progress)
        , m_stop(std::move(stop))
        , m_path(path)
        , m_buffer(packetSize)
    {}

    Result<> run()
    {
        report(true);
        while (m_done < m_size) {
            if (m_stop.stop_requested()) {
                return fail(Error::cancelled());
            }
            const auto [length, isData] = nextStretch();
            const Result<> sent = isData ? sendData(m_done + length) : sendHole(length);
            if (!sent) {
                return sent;
            }
        }
        report(true);
        return {};
    }

private:
    struct Stretch {
        quint64 length;
        bool isData;
    };

    Stretch nextStretch() const
    {
        const quint64 rest = m_size - m_done;
        if (!m_sparse) {
            return {rest, true};
        }
        const off_t data = lseek(m_fd, static_cast<off_t>(m_done), SEEK_DATA);
        if (data < 0) {
            return errno == ENXIO ? Stretch{rest, false} : Stretch{rest, true};
        }
        if (static_cast<quint64>(data) > m_done) {
            return {std::min(static_cast<quint64>(data) - m_done, rest), false};
        }
        const off_t hole = lseek(m_fd, data, SEEK_HOLE);
        return {hole < 0 ? rest : std::min(static_cast<quint64>(hole) - m_done, rest), true};
    }

    Result<> sendHole(quint64 length)
    {
        if (virStreamSendHole(m_stream, static_cast<long long>(length), 0) < 0) {
            return fail(lastError(UploadText::tr("Can't upload “%1”").arg(m_path)));
        }
        m_done += length;
        report(false);
        return {};
    }

    Result<> sendData(quint64 end)
    {
        while (m_done < end) {
            if (m_stop.stop_requested()) {
                return fail(Error::cancelled());
            }
            const auto wanted = static_cast<size_t>(std::min<quint64>(m_buffer.size(), end - m_done));
            const ssize_t got = pread(m_fd, m_buffer.data(), wanted, static_cast<off_t>(m_done));
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got < 0) {
                return fail(Error::failed(
                    UploadText::tr("Can't read “%1”: %2").arg(m_path, QString::fromLocal8Bit(std::strerror(errno)))));
            }
            if (got == 0) {
                return fail(Error::failed(UploadText::tr("“%1” became shorter while it was being read.").arg(m_path)));
            }
            for (ssize_t offset = 0; offset < got;) {
                const int sent = virStreamSend(m_stream, m_buffer.data() + offset, static_cast<size_t>(got - offset));
                if (sent < 0) {
                    return fail(lastError(UploadText::tr("Can't upload “%1”").arg(m_path)));
                }
                offset += sent;
            }
            m_done += static_cast<quint64>(got);
            report(false);
        }
        return {};
    }

    void report(bool always)
    {
        const auto now = Clock::now();
        if (!m_progress || (!always && now - m_reported < std::chrono::milliseconds(50))) {
            return;
        }
        m_reported = now;
        m_progress(m_done, m_size);
    }

    int m_fd;
    quint64 m_size;
    virStreamPtr m_stream;
    bool m_sparse;
    const Progress &m_progress;
    std::stop_token m_stop;
    QString m_path;
    std::vector<char> m_buffer;
    quint64 m_done = 0;
    Clock::time_point m_reported;
};

} // namespace

Result<> uploadVolume(Connection &connection, const QString &pool, const QString &name, const QString &path,
    const Progress &progress, std::stop_token stop)
{
    const Descriptor file(open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    struct stat status = {};
    if (file.fd < 0 || fstat(file.fd, &status) != 0) {
        return fail(Error::failed(
            UploadText::tr("Can't open “%1”: %2").arg(path, QString::fromLocal8Bit(std::strerror(errno)))));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(Error::invalid(UploadText::tr("“%1” is not a regular file.").arg(path)));
    }
    posix_fadvise(file.fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    const auto size = static_cast<quint64>(status.st_size);

    virConnectPtr handle = connection.d().handle;
    const PoolHandle owner(virStoragePoolLookupByName(handle, pool.toUtf8().constData()));
    if (!owner) {
        return fail(lastError(UploadText::tr("Can't find the storage pool “%1”").arg(pool)));
    }
    const VolumeHandle volume(virStorageVolLookupByName(owner.get(), name.toUtf8().constData()));
    if (!volume) {
        return fail(lastError(UploadText::tr("Can't find the volume “%1” in the pool “%2”").arg(name, pool)));
    }
    const QString what = UploadText::tr("Can't upload into the volume “%1”").arg(name);

    StreamHandle stream(virStreamNew(handle, 0));
    if (!stream) {
        return fail(lastError(what));
    }
    bool sparse = true;
    if (virStorageVolUpload(volume.get(), stream.get(), 0, size, VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM) != 0) {
        const Error error = lastError(what);
        const bool tooOld = error.code == VIR_ERR_NO_SUPPORT || error.code == VIR_ERR_INVALID_ARG
            || error.code == VIR_ERR_ARGUMENT_UNSUPPORTED;
        if (!tooOld) {
            return fail(error);
        }
        sparse = false;
        stream.reset(virStreamNew(handle, 0));
        if (!stream || virStorageVolUpload(volume.get(), stream.get(), 0, size, 0) != 0) {
            return fail(lastError(what));
        }
    }
    const Result<> sent = Upload(file.fd, size, stream.get(), sparse, progress, std::move(stop), path).run();
    if (!sent) {
        virStreamAbort(stream.get());
        return sent;
    }
    if (virStreamFinish(stream.get()) != 0) {
        return fail(lastError(what));
    }
    return {};
}

} // namespace vireo::virt::storage
