// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <libvirt/virterror.h>

#include "backend/virt/volumeside_p.h"

namespace vireo::virt::storage {

namespace {

constexpr int recvHole = -3; // virStreamRecvFlags: a hole comes next

} // namespace

bool isTooOld(const Error &error)
{
    return error.code == VIR_ERR_NO_SUPPORT || error.code == VIR_ERR_INVALID_ARG
        || error.code == VIR_ERR_ARGUMENT_UNSUPPORTED;
}

Result<StreamHandle> openForReading(const VolumeSide &from, bool &sparse)
{
    sparse = true;
    return from.stream(VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM, sparse,
        [](virStorageVolPtr volume, virStreamPtr opened, unsigned flags) {
            return virStorageVolDownload(volume, opened, 0, 0, flags);
        });
}

Result<> readAll(const VolumeSide &from, virStreamPtr stream, bool sparse, Stretches stretches, Pipe &pipe)
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

} // namespace vireo::virt::storage
