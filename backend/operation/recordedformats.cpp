// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/recordedformats.h"

#include <QtEndian>

#include "backend/virt/storage.h"
#include "backend/virt/volumeparts.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace storage = virt::storage;

// docs/interop/qcow2.txt of QEMU
constexpr quint32 magic = 0x514649fb; // "QFI\xfb"
constexpr quint32 backingFormat = 0xe2792aca;
constexpr qsizetype versionAt = 4;
constexpr qsizetype headerLengthAt = 100; // since version 3
constexpr qsizetype headerLength2 = 72;
constexpr quint32 version3 = 3;
constexpr qsizetype extensionHead = 8;
constexpr quint64 headSize = 64 * 1024;

quint32 numberAt(const QByteArray &head, qsizetype at)
{
    return at + qsizetype{sizeof(quint32)} <= head.size() ? qFromBigEndian<quint32>(head.constData() + at) : 0;
}

/** The pool may be another one by now. */
QString formatBeneath(virt::Connection &connection, const QString &path)
{
    const auto volume = storage::volumeByPath(connection, path);
    const auto head =
        volume ? storage::readVolumePart(connection, volume->pool, volume->name, 0, headSize) : fail(volume.error());
    return head ? backingFormatIn(*head) : QString();
}

} // namespace

QString backingFormatIn(const QByteArray &head)
{
    if (numberAt(head, 0) != magic) {
        return {};
    }
    const bool isLong = numberAt(head, versionAt) >= version3;
    qsizetype at = isLong ? static_cast<qsizetype>(numberAt(head, headerLengthAt)) : headerLength2;
    while (at > 0 && at + extensionHead <= head.size()) {
        const quint32 type = numberAt(head, at);
        const auto length = static_cast<qsizetype>(numberAt(head, at + qsizetype{sizeof(quint32)}));
        at += extensionHead;
        if (type == 0 || length > head.size() - at) {
            return {};
        }
        if (type == backingFormat) {
            const QString format = QString::fromLatin1(head.mid(at, length));
            return format == "raw"_L1 || format == "qcow2"_L1 ? format : QString();
        }
        at += (length + extensionHead - 1) / extensionHead * extensionHead;
    }
    return {};
}

void completeFormats(virt::Connection &connection, snapshot::Facts &facts)
{
    for (snapshot::DiskNow &disk : facts.disks) {
        for (qsizetype i = 1; i < disk.chain.size(); ++i) {
            if (disk.chain.at(i).format.isEmpty() && disk.chain.at(i - 1).format == "qcow2"_L1) {
                disk.chain[i].format = formatBeneath(connection, disk.chain.at(i - 1).path);
            }
        }
    }
}

} // namespace vireo::operation
