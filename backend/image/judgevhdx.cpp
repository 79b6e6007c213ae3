// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <optional>

#include <QUuid>

#include "backend/image/imageheader.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

constexpr quint64 kib = 1024;
constexpr quint64 mib = 1024 * kib;

// [MS-VHDX] 2.2.3 and 2.6
constexpr QUuid metadataRegion(0x8b7ca206, 0x4790, 0x4b9a, 0xb8, 0xfe, 0x57, 0x5f, 0x05, 0x0f, 0x88, 0x6e);
constexpr QUuid blockTableRegion(0x2dc27766, 0xf623, 0x4200, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 0x08);
constexpr QUuid fileParameters(0xcaa16737, 0xfa36, 0x4d43, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44, 0xe7, 0x6b);
constexpr QUuid diskSize(0x2fa54224, 0xcd1b, 0x4876, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b, 0xf4, 0xb8);
constexpr QUuid parentLocator(0xa8d35f2d, 0xb30b, 0x454d, 0xab, 0xf7, 0xd3, 0xd8, 0x48, 0x34, 0xab, 0x0c);

QUuid identifier(const QByteArray &data, qsizetype offset)
{
    const auto byte = [&](qsizetype i) {
        return littleAt<quint8>(data, offset + i);
    };
    return {littleAt<quint32>(data, offset), littleAt<quint16>(data, offset + 4), littleAt<quint16>(data, offset + 6),
        byte(8), byte(9), byte(10), byte(11), byte(12), byte(13), byte(14), byte(15)};
}

struct Region {
    quint64 offset = 0;
    quint64 length = 0;
};

/** Regions of the first table, the one that QEMU reads. */
std::optional<Region> findRegion(const QByteArray &table, const QUuid &wanted)
{
    const quint32 entries = std::min<quint32>(littleAt<quint32>(table, 8), 2047);
    std::optional<Region> found;
    for (qsizetype entry = 0; entry < qsizetype(entries); ++entry) {
        const qsizetype at = 16 + entry * 32;
        if (identifier(table, at) == wanted) {
            if (found) {
                return {}; // which one counts is anybody's guess
            }
            found = Region{littleAt<quint64>(table, at + 16), littleAt<quint32>(table, at + 24)};
        }
    }
    return found;
}

/** Whether changes wait in the log: then the file by itself is not what the disk is. */
bool hasLog(const Header &header)
{
    QByteArray current;
    for (const quint64 offset : {64 * kib, 128 * kib}) {
        QByteArray candidate = header.read(offset, 80);
        if (candidate.startsWith("head")
            && (current.isEmpty() || littleAt<quint64>(candidate, 8) > littleAt<quint64>(current, 8))) {
            current = std::move(candidate);
        }
    }
    return !identifier(current, 48).isNull();
}

bool inFile(const Region &region, const Verdict &verdict)
{
    return region.offset >= mib && region.offset <= verdict.fileSize
        && region.length <= verdict.fileSize - region.offset;
}

} // namespace

void judgeVhdx(const Header &header, Verdict &verdict)
{
    const auto damaged = [&verdict] {
        verdict.refusal = InspectorText::tr("This VHDX image is damaged: its tables make no sense.");
    };
    const QByteArray regions = header.read(192 * kib, 64 * kib);
    if (regions.size() < qsizetype(64 * kib)) {
        verdict.refusal = InspectorText::tr("This VHDX image is cut off: its header is incomplete.");
        return;
    }
    const bool hasHeader = header.hasAt(64 * kib, "head") || header.hasAt(128 * kib, "head");
    const auto metadata = findRegion(regions, metadataRegion);
    const auto blocks = findRegion(regions, blockTableRegion);
    if (!hasHeader || !regions.startsWith("regi") || !metadata || !blocks) {
        return damaged();
    }
    if (!inFile(*metadata, verdict) || !inFile(*blocks, verdict)) {
        verdict.refusal = InspectorText::tr("This VHDX image is cut off: its tables lie behind the end of the file.");
        return;
    }
    const QByteArray table = header.read(metadata->offset, 64 * kib);
    const auto entries = littleAt<quint16>(table, 10);
    if (!table.startsWith("metadata") || entries > 2047) {
        return damaged();
    }
    std::optional<quint32> parameters;
    std::optional<quint64> size;
    quint32 blockSize = 0;
    bool hasParent = false;
    for (qsizetype entry = 0; entry < entries; ++entry) {
        const qsizetype at = 32 + entry * 32;
        const QUuid item = identifier(table, at);
        const quint64 offset = metadata->offset + littleAt<quint32>(table, at + 16);
        if (item == parentLocator) {
            hasParent = true;
        } else if (item == fileParameters) {
            const QByteArray value = header.read(offset, 8);
            blockSize = littleAt<quint32>(value, 0);
            parameters = littleAt<quint32>(value, 4);
        } else if (item == diskSize) {
            size = littleAt<quint64>(header.read(offset, 8), 0);
        }
    }
    if (!parameters || !size) {
        return damaged();
    }
    constexpr quint32 leaveAllocated = 1, parentBit = 2;
    verdict.virtualSize = *size;
    verdict.subformat = *parameters & leaveAllocated ? u"fixed"_s : u"dynamic"_s;
    if (hasParent || *parameters & parentBit) {
        verdict.subformat = u"differencing"_s;
        verdict.refusal =
            InspectorText::tr("It holds only the differences to another VHDX image (a parent), which would be needed.");
        return;
    }
    constexpr quint64 maximumSize = 64ULL << 40; // of the format
    const bool blockMakesSense = blockSize >= mib && blockSize <= 256 * mib && (blockSize & (blockSize - 1)) == 0;
    if (*size == 0 || *size > maximumSize || *size % 512 != 0 || !blockMakesSense
        || blocks->length < (*size + blockSize - 1) / blockSize * 8) {
        verdict.refusal = InspectorText::tr("This VHDX image is damaged: its virtual size makes no sense.");
        return;
    }
    if (hasLog(header)) {
        verdict.refusal = InspectorText::tr(
            "It was not closed cleanly: changes wait in its log. Attach it once in Hyper-V, or repair a copy with: "
            "qemu-img check -r all -f vhdx.");
    }
}

} // namespace vireo::image
