// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "backend/virt/connection_p.h"
#include "backend/virt/relaypipe_p.h"

/** One volume of a stream between volumes, read on a thread of its own. Private to backend/virt; any worker thread. */
namespace vireo::virt::storage {

/** What one stream packet holds: libvirt's legacy payload limit. Bytes. */
constexpr int packetSize = 262120;

/** The host does not know a flag. */
bool isTooOld(const Error &error);

/** `what`: the beginning of its errors. */
class VolumeSide final
{
    Q_DISABLE_COPY_MOVE(VolumeSide)

public:
    VolumeSide(Connection &connection, QString what)
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

/** Its content from the beginning; `sparse` tells whether the host says where holes are. */
Result<StreamHandle> openForReading(const VolumeSide &from, bool &sparse);
/** Reads the whole volume into the pipe, which it does not close. Blocks while the pipe is full. */
Result<> readAll(const VolumeSide &from, virStreamPtr stream, bool sparse, Stretches stretches, Pipe &pipe);

} // namespace vireo::virt::storage
