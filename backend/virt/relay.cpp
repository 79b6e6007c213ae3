// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <libvirt/virterror.h>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"
#include "backend/virt/relaypipe_p.h"
#include "backend/virt/storage.h"

/** From a volume of one host into a volume of another, through this process, without a file in between. */
namespace vireo::virt::storage {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int packetSize = 262120; // what one stream packet holds: libvirt's legacy payload limit
constexpr quint64 firstBlock = 4096;
constexpr int recvHole = -3; // virStreamRecvFlags: a hole comes next

struct RelayText {
    Q_DECLARE_TR_FUNCTIONS(virt_storage)
};

bool isTooOld(const Error &error)
{
    return error.code == VIR_ERR_NO_SUPPORT || error.code == VIR_ERR_INVALID_ARG
        || error.code == VIR_ERR_ARGUMENT_UNSUPPORTED;
}

/** One of the two volumes. */
class Side
{
    Q_DISABLE_COPY_MOVE(Side)

public:
    Side(Connection &connection, QString what)
        : m_handle(connection.d().handle)
        , m_what(std::move(what))
    {}

    Result<> find(const QString &pool, const QString &name)
    {
        const PoolHandle owner(virStoragePoolLookupByName(m_handle, pool.toUtf8().constData()));
        m_volume.reset(owner ? virStorageVolLookupByName(owner.get(), name.toUtf8().constData()) : nullptr);
        return m_volume ? Result<>() : fail(error());
    }
    Error error() const { return lastError(m_what); }
    const QString &what() const { return m_what; }
    virStorageVolPtr volume() const { return m_volume.get(); }
    QByteArray key() const { return virStorageVolGetKey(m_volume.get()); }
    bool isFile() const
    {
        virStorageVolInfo info = {};
        return virStorageVolGetInfo(m_volume.get(), &info) == 0 && info.type == VIR_STORAGE_VOL_FILE;
    }
    /** Of its file or device, as the host has it now. */
    Result<quint64> length() const
    {
        virStorageVolInfo info = {};
        if (virStorageVolGetInfoFlags(m_volume.get(), &info, VIR_STORAGE_VOL_GET_PHYSICAL) != 0) {
            return fail(error());
        }
        return quint64{info.allocation}; // by that flag its length
    }
    /** A new stream that `open(volume, stream, flags)` makes one of this volume. `sparse` becomes false where the host
     *  can't. */
    template<typename Open>
    Result<StreamHandle> stream(unsigned sparseFlag, bool &sparse, Open &&open) const
    {
        for (;;) {
            StreamHandle result(virStreamNew(m_handle, 0));
            if (!result) {
                return fail(error());
            }
            if (open(m_volume.get(), result.get(), sparse ? sparseFlag : 0U) == 0) {
                return result;
            }
            const Error why = error();
            if (!sparse || !isTooOld(why)) {
                return fail(why);
            }
            sparse = false;
        }
    }

private:
    virConnectPtr m_handle;
    QString m_what;
    VolumeHandle m_volume;
};

/** Reads the whole volume into the pipe; on a thread of its own. */
Result<> readAll(const Side &from, virStreamPtr stream, bool sparse, Stretches stretches, Pipe &pipe)
{
    const auto pass = [&] {
        for (Stretch &stretch : stretches.take()) {
            if (!pipe.put(std::move(stretch))) {
                virStreamAbort(stream);
                return false;
            }
        }
        return true;
    };
    for (;;) {
        QByteArray data(packetSize, Qt::Uninitialized);
        const int got =
            virStreamRecvFlags(stream, data.data(), packetSize, sparse ? unsigned{VIR_STREAM_RECV_STOP_AT_HOLE} : 0U);
        if (got == 0) {
            if (virStreamFinish(stream) != 0) {
                return fail(from.error());
            }
            stretches.end();
            return pass() ? Result<>() : fail(Error::cancelled());
        }
        if (got == recvHole) {
            long long length = 0;
            if (virStreamRecvHole(stream, &length, 0) < 0 || length < 0) {
                const Error error = from.error();
                virStreamAbort(stream);
                return fail(error);
            }
            stretches.addHole(static_cast<quint64>(length));
        } else if (got < 0) {
            const Error error = from.error();
            virStreamAbort(stream);
            return fail(error);
        } else {
            data.resize(got);
            stretches.add(data);
        }
        if (!pass()) {
            return fail(Error::cancelled());
        }
    }
}

/** Writes stretches into the destination's stream. */
class Writer final
{
    Q_DISABLE_COPY_MOVE(Writer)

public:
    Writer(const Side &to, virStreamPtr stream, bool sparse)
        : m_to(to)
        , m_stream(stream)
        , m_sparse(sparse)
    {}

    Result<> write(const Stretch &stretch, const std::stop_token &stop)
    {
        if (stretch.hole == 0) {
            m_begun = true;
            return send(stretch.data.constData(), stretch.data.size());
        }
        quint64 zeros = m_sparse ? 0 : stretch.hole;
        if (m_sparse && !std::exchange(m_begun, true)) {
            zeros = std::min<quint64>(stretch.hole, firstBlock); // empty() leaves the first byte
        }
        if (const Result<> sent = sendZeros(zeros, stop); !sent) {
            return sent;
        }
        const quint64 rest = stretch.hole - zeros;
        if (rest > 0 && virStreamSendHole(m_stream, static_cast<long long>(rest), 0) < 0) {
            return fail(m_to.error());
        }
        return {};
    }

private:
    Result<> send(const char *data, qsizetype length)
    {
        for (qsizetype offset = 0; offset < length;) {
            const int sent = virStreamSend(m_stream, data + offset, static_cast<size_t>(length - offset));
            if (sent < 0) {
                return fail(m_to.error());
            }
            offset += sent;
        }
        return {};
    }

    Result<> sendZeros(quint64 count, const std::stop_token &stop)
    {
        const QByteArray zeros(static_cast<qsizetype>(std::min<quint64>(count, packetSize)), '\0');
        for (quint64 rest = count; rest > 0;) {
            if (stop.stop_requested()) {
                return fail(Error::cancelled());
            }
            const auto length = static_cast<qsizetype>(std::min<quint64>(rest, packetSize));
            if (const Result<> sent = send(zeros.constData(), length); !sent) {
                return sent;
            }
            rest -= static_cast<quint64>(length);
        }
        return {};
    }

    const Side &m_to;
    virStreamPtr m_stream;
    bool m_sparse;
    bool m_begun = false;
};

/**
 * Empties the destination's file: where a hole comes libvirt only skips, so that what was there would stay. Its sparse
 * upload ends the file behind each hole that it is sent, so a hole of one byte leaves nothing but the first byte, which
 * is written in any case. Whether that has worked is looked at.
 */
Result<bool> empty(const Side &to, bool &sparse)
{
    const auto stream = to.stream(
        VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM, sparse, [](virStorageVolPtr volume, virStreamPtr opened, unsigned flags) {
            return virStorageVolUpload(volume, opened, 0, 1, flags);
        });
    if (!stream) {
        return fail(stream.error());
    }
    if (!sparse) {
        virStreamAbort(stream->get());
        return false;
    }
    if (virStreamSendHole(stream->get(), 1, 0) < 0) {
        const Error error = to.error();
        virStreamAbort(stream->get());
        return fail(error);
    }
    if (virStreamFinish(stream->get()) != 0) {
        return fail(to.error());
    }
    const auto length = to.length();
    if (!length) {
        return fail(length.error());
    }
    return *length <= 1;
}

Error wrongLength(const QString &name, quint64 is, quint64 should)
{
    return Error::failed(RelayText::tr("The copy of the volume “%1” on the destination host has %2 bytes in place of "
                                       "%3. Its storage may be full.")
            .arg(name)
            .arg(is)
            .arg(should));
}

} // namespace

Result<> relayVolume(Connection &from, const QString &fromPool, const QString &fromName, Connection &to,
    const QString &toPool, const QString &toName, const Progress &progress, const std::stop_token &stop)
{
    Side source(from, RelayText::tr("Can't read the volume “%1” of the source host").arg(fromName));
    Side destination(to, RelayText::tr("Can't write the volume “%1” of the destination host").arg(toName));
    for (const Result<> &found : {source.find(fromPool, fromName), destination.find(toPool, toName)}) {
        if (!found) {
            return found;
        }
    }
    if (from.d().handle == to.d().handle && source.key() == destination.key()) {
        return fail(Error::invalid(RelayText::tr("The volume “%1” can't be copied onto itself.").arg(fromName)));
    }
    const auto total = source.length();
    if (!total) {
        return fail(total.error());
    }
    if (stop.stop_requested()) {
        return fail(Error::cancelled());
    }
    bool sparseReading = true;
    const auto reading = source.stream(VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM, sparseReading,
        [](virStorageVolPtr volume, virStreamPtr opened, unsigned flags) {
            return virStorageVolDownload(volume, opened, 0, 0, flags);
        });
    if (!reading) {
        return fail(reading.error());
    }
    const auto giveUp = [&reading](const Error &error) {
        virStreamAbort(reading->get());
        return fail(error);
    };
    bool sparseWriting = true;
    const bool isFile = destination.isFile();
    if (isFile && *total > 0) {
        const auto emptied = empty(destination, sparseWriting);
        if (!emptied) {
            return giveUp(emptied.error());
        }
        sparseWriting = *emptied; // else all zeros are written
    }
    const auto writing = destination.stream(VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM, sparseWriting,
        [](virStorageVolPtr volume, virStreamPtr opened, unsigned flags) {
            return virStorageVolUpload(volume, opened, 0, 0, flags);
        });
    if (!writing) {
        return giveUp(writing.error());
    }

    Pipe pipe(stop);
    // Not each libvirt can skip on a device.
    const Stretches stretches(isFile ? Stretches::Zeroes::AsHoles : Stretches::Zeroes::AsData);
    std::jthread reader([&] { pipe.close(readAll(source, reading->get(), sparseReading, stretches, pipe)); });
    Writer writer(destination, writing->get(), sparseWriting);
    quint64 done = 0;
    Clock::time_point reported;
    const auto report = [&](bool always) {
        const auto now = Clock::now();
        if (progress && (always || now - reported >= std::chrono::milliseconds(50))) {
            reported = now;
            progress(done, std::max(done, *total));
        }
    };
    report(true);
    Result<> outcome;
    for (;;) {
        const auto next = pipe.take();
        if (!next) {
            outcome = fail(next.error());
            break;
        }
        if (!*next) {
            break;
        }
        outcome = writer.write(**next, stop);
        if (!outcome) {
            break;
        }
        done += (*next)->length();
        report(false);
    }
    if (!outcome) {
        pipe.breakOff();
        virStreamAbort(writing->get());
        return outcome; // the reader ends as soon as its packet has come, at the latest when keep-alive gives up
    }
    reader.join();
    if (virStreamFinish(writing->get()) != 0) {
        return fail(destination.error());
    }
    // libvirt does not tell of each write that failed at the end.
    const auto written = destination.length();
    if (!written) {
        return fail(written.error());
    }
    if (isFile ? *written != done : *written < done) {
        return fail(wrongLength(toName, *written, done));
    }
    report(true);
    return {};
}

} // namespace vireo::virt::storage
