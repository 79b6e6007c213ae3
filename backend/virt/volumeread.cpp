// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/volumeread.h"

#include <array>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"

namespace vireo::virt::storage {

namespace {

struct VolumeReadText {
    Q_DECLARE_TR_FUNCTIONS(virt_storage)
};

} // namespace

Result<QByteArray> readVolume(
    Connection &connection, const QString &pool, const QString &name, quint64 offset, quint64 length)
{
    virConnectPtr handle = connection.d().handle;
    const PoolHandle owner(virStoragePoolLookupByName(handle, pool.toUtf8().constData()));
    if (!owner) {
        return fail(lastError(VolumeReadText::tr("Can't find the storage pool “%1”").arg(pool)));
    }
    const VolumeHandle volume(virStorageVolLookupByName(owner.get(), name.toUtf8().constData()));
    if (!volume) {
        return fail(lastError(VolumeReadText::tr("Can't find the volume “%1” in the pool “%2”").arg(name, pool)));
    }
    const QString what = VolumeReadText::tr("Can't read the volume “%1”").arg(name);
    const StreamHandle stream(virStreamNew(handle, 0));
    if (!stream || virStorageVolDownload(volume.get(), stream.get(), offset, length, 0) != 0) {
        return fail(lastError(what));
    }
    QByteArray bytes;
    std::array<char, 64 * 1024> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): libvirt fills it
    while (quint64(bytes.size()) < length) {
        const int got = virStreamRecv(stream.get(), buffer.data(), buffer.size());
        if (got < 0) {
            const Error error = lastError(what);
            virStreamAbort(stream.get());
            return fail(error);
        }
        if (got == 0) {
            break;
        }
        bytes.append(buffer.data(), got);
    }
    if (virStreamFinish(stream.get()) != 0) {
        return fail(lastError(what));
    }
    bytes.truncate(qsizetype(length));
    return bytes;
}

} // namespace vireo::virt::storage
