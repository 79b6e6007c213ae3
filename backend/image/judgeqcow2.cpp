// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits>

#include "backend/image/imageheader.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

/** Reads the header extensions of qcow2: a data file's name may stand there, whatever the feature bit says. */
void readExtensions(const Header &header, quint32 headerLength, quint64 end, Verdict &verdict)
{
    quint64 offset = headerLength;
    for (int i = 0; i < 64 && offset + 8 <= end; ++i) {
        const QByteArray head = header.read(offset, 8);
        if (head.size() < 8) {
            break;
        }
        const auto type = qFromBigEndian<quint32>(head.constData());
        const auto length = qFromBigEndian<quint32>(head.constData() + 4);
        if (type == 0 || length > end - offset - 8) {
            break;
        }
        if (type == 0x44415441) { // "DATA"
            verdict.dataFile = QString::fromUtf8(header.read(offset + 8, qMin<quint32>(length, 1023)));
        } else if (type == 0xe2792aca) {
            verdict.backingFormat = QString::fromUtf8(header.read(offset + 8, qMin<quint32>(length, 15)));
        }
        offset += 8 + (quint64(length) + 7) / 8 * 8;
    }
}

} // namespace

/** Judges a qcow2 header. What QEMU would refuse to open is refused here too, so that it fails before anything is
 * moved. */
void judgeQcow2(const Header &header, Verdict &verdict)
{
    const auto refuse = [&verdict](const QString &why) {
        if (verdict.refusal.isEmpty()) {
            verdict.refusal = why;
        }
    };
    const auto version = header.big<quint32>(4);
    verdict.subformat = u"v%1"_s.arg(version);
    if (version == 1) {
        return refuse(InspectorText::tr(
            "Images of the old qcow version 1 can't be used; convert it with: qemu-img convert -O qcow2."));
    }
    if (version != 2 && version != 3) {
        return refuse(InspectorText::tr("This qcow2 image is of the unknown version %1.").arg(version));
    }
    if (verdict.fileSize < (version == 2 ? 72 : 104)) {
        return refuse(InspectorText::tr("This qcow2 image is cut off: its header is incomplete."));
    }

    const auto backingOffset = header.big<quint64>(8);
    const auto backingLength = header.big<quint32>(16);
    const auto clusterBits = header.big<quint32>(20);
    verdict.virtualSize = header.big<quint64>(24);
    const auto cryptMethod = header.big<quint32>(32);
    const auto l1Entries = header.big<quint32>(36);
    const auto l1Offset = header.big<quint64>(40);
    const auto refcountOffset = header.big<quint64>(48);
    const auto snapshots = header.big<quint32>(60);
    verdict.internalSnapshots = static_cast<int>(qMin<quint32>(snapshots, 65536));
    if (clusterBits < 9 || clusterBits > 21) {
        return refuse(InspectorText::tr("This qcow2 image is damaged: its cluster size makes no sense."));
    }
    const quint64 cluster = quint64(1) << clusterBits;

    const quint64 features = version == 3 ? header.big<quint64>(72) : 0;
    const quint32 headerLength = version == 3 ? header.big<quint32>(100) : 72;
    if (headerLength < (version == 3 ? 104 : 72) || headerLength > cluster || headerLength % 8 != 0) {
        return refuse(InspectorText::tr("This qcow2 image is damaged: its header length makes no sense."));
    }
    constexpr quint64 corruptBit = 2, dataFileBit = 4, compressionBit = 8, knownBits = 0x1f;

    if (backingOffset != 0) {
        verdict.backingFile = QString::fromUtf8(header.read(backingOffset, qMin<quint32>(backingLength, 1023)));
    }
    readExtensions(header, headerLength, qMin(cluster, verdict.fileSize), verdict);
    if (features & dataFileBit || !verdict.dataFile.isEmpty()) {
        return refuse(
            InspectorText::tr("It keeps its data in another file (data file “%1”), which would be read on the host.")
                .arg(verdict.dataFile));
    }
    if (cryptMethod != 0) {
        verdict.encrypted = true;
        return refuse(
            InspectorText::tr("Encrypted qcow2 images can't be used yet; decrypt it with: qemu-img convert."));
    }
    if (features & ~knownBits) {
        return refuse(
            InspectorText::tr("It uses qcow2 features that Vireo does not know (bits %1), so it can't be judged.")
                .arg(u"0x"_s + QString::number(features & ~knownBits, 16)));
    }
    if (features & corruptBit) {
        return refuse(InspectorText::tr("The image is marked as corrupt; repair it with: qemu-img check -r all."));
    }
    if (features & compressionBit && (headerLength <= 104 || header.big<quint8>(104) > 1)) {
        return refuse(InspectorText::tr("It uses a compression that Vireo does not know."));
    }
    if (version == 3 && header.big<quint32>(96) > 6) {
        return refuse(InspectorText::tr("This qcow2 image is damaged: its reference counts make no sense."));
    }
    if (snapshots > 65536) {
        return refuse(InspectorText::tr("This qcow2 image is damaged: it claims %1 snapshots.").arg(snapshots));
    }
    if (verdict.virtualSize == 0) {
        return refuse(InspectorText::tr("The image's virtual size is 0."));
    }

    // The L1 table has one entry of 8 bytes per L2 table; an extended L2 entry takes 16 bytes instead of 8.
    const quint64 perL1Entry = cluster * (cluster / ((features & 0x10) ? 16 : 8));
    constexpr quint64 maxL1Bytes = 32 * 1024 * 1024;
    const bool tooLarge = verdict.virtualSize > quint64(std::numeric_limits<qint64>::max());
    const quint64 neededL1 = verdict.virtualSize / perL1Entry + (verdict.virtualSize % perL1Entry != 0);
    if (tooLarge || neededL1 * 8 > maxL1Bytes || l1Entries < neededL1 || quint64(l1Entries) * 8 > maxL1Bytes) {
        return refuse(InspectorText::tr("This qcow2 image is damaged: its virtual size makes no sense."));
    }
    if (l1Offset % cluster != 0 || refcountOffset % cluster != 0 || l1Offset == 0 || refcountOffset == 0) {
        return refuse(InspectorText::tr("This qcow2 image is damaged: its tables are misplaced."));
    }
    if (refcountOffset >= verdict.fileSize || l1Offset >= verdict.fileSize
        || quint64(l1Entries) * 8 > verdict.fileSize - l1Offset) {
        return refuse(InspectorText::tr("This qcow2 image is cut off: its tables lie behind the end of the file."));
    }
    // Last: everything else is in order when this is the only reason.
    if (backingOffset != 0) {
        refuse(InspectorText::tr(
            "It needs another file (backing file “%1”), which would be read on the host. Flatten it with: "
            "qemu-img convert -O qcow2.")
                .arg(verdict.backingFile));
        verdict.onlyBacking = !verdict.backingFile.isEmpty() && backingLength <= 1023;
    }
}

} // namespace vireo::image
