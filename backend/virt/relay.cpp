// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <QCoreApplication>

#include "backend/virt/storage.h"
#include "backend/virt/volumeside_p.h"

/** From a volume of one host into a volume of another, through this process, without a file in between. */
namespace vireo::virt::storage {

namespace {

using Clock = std::chrono::steady_clock;

constexpr quint64 firstBlock = 4096;

struct RelayText {
    Q_DECLARE_TR_FUNCTIONS(virt_storage)
};

/** Writes stretches into the destination's stream. */
class Writer final
{
    Q_DISABLE_COPY_MOVE(Writer)

public:
    Writer(const VolumeSide &to, virStreamPtr stream, bool sparse)
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

    const VolumeSide &m_to;
    virStreamPtr m_stream;
    bool m_sparse;
    bool m_begun = false;
};

/**
 * Empties the destination's file: where a hole comes libvirt only skips, so that what was there would stay. Its sparse
 * upload ends the file behind each hole that it is sent, so a hole of one byte leaves nothing but the first byte, which
 * is written in any case. Whether that has worked is looked at.
 */
Result<bool> empty(const VolumeSide &to, bool &sparse)
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
    VolumeSide source(from, RelayText::tr("Can't read the volume “%1” of the source host").arg(fromName));
    VolumeSide destination(to, RelayText::tr("Can't write the volume “%1” of the destination host").arg(toName));
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
    const auto reading = openForReading(source, sparseReading);
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
