// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/volumeparts.h"

#include <algorithm>
#include <chrono>

#include <QCoreApplication>

#include "backend/virt/connection_p.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::virt::storage {

namespace {

struct VolumepartsText {
    Q_DECLARE_TR_FUNCTIONS(virt_volumeparts)
};

constexpr quint64 maxPart = 16ULL * 1024 * 1024;
constexpr size_t packet = 256UL * 1024;

Result<VolumeHandle> lookup(Connection &connection, const QString &pool, const QString &name)
{
    const PoolHandle owner(virStoragePoolLookupByName(connection.d().handle, pool.toUtf8().constData()));
    VolumeHandle volume(owner ? virStorageVolLookupByName(owner.get(), name.toUtf8().constData()) : nullptr);
    if (!volume) {
        return fail(lastError(VolumepartsText::tr("Can't open the volume “%1” of “%2”").arg(name, pool)));
    }
    return volume;
}

qint64 nowNs()
{
    using std::chrono::nanoseconds;
    return std::chrono::duration_cast<nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/** "1700000000.000123456" in nanoseconds; without a point these are whole seconds. 0: no time. */
qint64 nanoseconds(const QString &text)
{
    constexpr qint64 second = 1'000'000'000;
    constexpr qsizetype digits = 9;
    const QString fraction = text.section(u'.', 1, 1).left(digits);
    return text.section(u'.', 0, 0).toLongLong() * second + fraction.leftJustified(digits, u'0').toLongLong();
}

} // namespace

Result<QByteArray> readVolumePart(
    Connection &connection, const QString &pool, const QString &name, quint64 offset, quint64 length)
{
    const auto volume = lookup(connection, pool, name);
    if (!volume) {
        return fail(volume.error());
    }
    const quint64 wanted = std::min(length, maxPart);
    const StreamHandle stream(virStreamNew(connection.d().handle, 0));
    const auto failed = [&name] {
        return fail(lastError(VolumepartsText::tr("Can't read the volume “%1”").arg(name)));
    };
    if (!stream || virStorageVolDownload(volume->get(), stream.get(), offset, wanted, 0) != 0) {
        return failed();
    }
    QByteArray bytes;
    QByteArray buffer(packet, Qt::Uninitialized);
    for (;;) {
        const int got = virStreamRecv(stream.get(), buffer.data(), packet);
        if (got < 0) {
            const auto error = failed();
            virStreamAbort(stream.get());
            return error;
        }
        if (got == 0) {
            break;
        }
        bytes.append(buffer.constData(), got);
    }
    if (virStreamFinish(stream.get()) != 0) {
        return failed();
    }
    return bytes;
}

Result<> writeVolumePart(
    Connection &connection, const QString &pool, const QString &name, quint64 offset, const QByteArray &bytes)
{
    const auto volume = lookup(connection, pool, name);
    if (!volume) {
        return fail(volume.error());
    }
    const StreamHandle stream(virStreamNew(connection.d().handle, 0));
    const auto failed = [&name] {
        return fail(lastError(VolumepartsText::tr("Can't write the volume “%1”").arg(name)));
    };
    const auto length = static_cast<quint64>(bytes.size());
    if (!stream || virStorageVolUpload(volume->get(), stream.get(), offset, length, 0) != 0) {
        return failed();
    }
    for (qsizetype at = 0; at < bytes.size();) {
        const auto part = std::min(packet, static_cast<size_t>(bytes.size() - at));
        const int sent = virStreamSend(stream.get(), bytes.constData() + at, part);
        if (sent < 0) {
            const auto error = failed();
            virStreamAbort(stream.get());
            return error;
        }
        at += sent;
    }
    if (virStreamFinish(stream.get()) != 0) {
        return failed();
    }
    return {};
}

Result<ClockStamp> createStampedVolume(Connection &connection, const QString &pool, const QString &xml)
{
    const auto failed = [&pool] {
        return fail(lastError(VolumepartsText::tr("Can't create a volume in the storage pool “%1”").arg(pool)));
    };
    const PoolHandle owner(virStoragePoolLookupByName(connection.d().handle, pool.toUtf8().constData()));
    if (!owner) {
        return failed();
    }
    const QByteArray text = xml.toUtf8();
    ClockStamp stamp;
    stamp.before = nowNs();
    const VolumeHandle volume(virStorageVolCreateXML(owner.get(), text.constData(), 0));
    stamp.after = nowNs();
    if (!volume) {
        return failed();
    }
    const QString made = takeString(virStorageVolGetXMLDesc(volume.get(), 0));
    const auto document = xml::Document::parse(made);
    stamp.host = document ? nanoseconds(document->root().find(u"target/timestamps/mtime"_s).text().trimmed()) : 0;
    if (stamp.host <= 0) {
        return fail(Error{Error::Kind::Unsupported,
            VolumepartsText::tr("The volumes of the storage pool “%1” have no times.").arg(pool), {}, 0, 0});
    }
    return stamp;
}

Result<> createWrittenVolume(Connection &connection, const QString &pool, const QString &xml)
{
    const PoolHandle owner(virStoragePoolLookupByName(connection.d().handle, pool.toUtf8().constData()));
    const VolumeHandle volume(owner ? virStorageVolCreateXML(owner.get(), xml.toUtf8().constData(), 0) : nullptr);
    if (!volume || virStorageVolWipe(volume.get(), 0) != 0) {
        return fail(lastError(VolumepartsText::tr("Can't create a volume in the storage pool “%1”").arg(pool)));
    }
    return {};
}

} // namespace vireo::virt::storage
