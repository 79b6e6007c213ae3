// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/imageheader.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

void judgeVdi(const Header &header, Verdict &verdict)
{
    constexpr quint64 blockSize = 1024 * 1024;
    constexpr quint32 maximumBlocks = 0x3fffffff; // as in QEMU
    const auto damaged = [&verdict] {
        verdict.refusal = InspectorText::tr("This VDI image is damaged: its header makes no sense.");
    };
    if (header.start().size() < 0x200) {
        verdict.refusal = InspectorText::tr("This VDI image is cut off: its header is incomplete.");
        return;
    }
    const auto version = header.little<quint32>(0x44);
    const auto type = header.little<quint32>(0x4c);
    const auto mapOffset = header.little<quint32>(0x154);
    const auto dataOffset = header.little<quint32>(0x158);
    const auto blocks = header.little<quint32>(0x180);
    const auto allocated = header.little<quint32>(0x184);
    const auto diskSize = header.little<quint64>(0x170);
    verdict.subformat = type == 1 ? u"dynamic"_s : type == 2 ? u"fixed"_s : u"differencing"_s;
    verdict.virtualSize = diskSize <= quint64(maximumBlocks) * blockSize ? (diskSize + 511) / 512 * 512 : 0;
    if (version != 0x00010001) {
        verdict.refusal = InspectorText::tr("This VDI image is of the unknown version %1.%2.")
                              .arg(version >> 16)
                              .arg(version & 0xffff);
        return;
    }
    const QByteArray none(16, '\0');
    if ((type != 1 && type != 2) || header.start().sliced(0x1a8, 16) != none
        || header.start().sliced(0x1b8, 16) != none) {
        verdict.refusal =
            InspectorText::tr("It holds only the differences to another VDI image (a parent), which would be needed.");
        return;
    }
    if (verdict.virtualSize == 0 || header.little<quint32>(0x168) != 512 || header.little<quint32>(0x178) != blockSize
        || blocks > maximumBlocks || allocated > blocks || mapOffset < 0x200 || mapOffset % 512 != 0
        || verdict.virtualSize > quint64(blocks) * blockSize) {
        return damaged();
    }
    const quint64 mapEnd = mapOffset + quint64(blocks) * 4;
    if (dataOffset < mapEnd) {
        return damaged();
    }
    if (mapEnd > verdict.fileSize || dataOffset + quint64(allocated) * blockSize > verdict.fileSize) {
        verdict.refusal = InspectorText::tr("This VDI image is cut off: its data lie behind the end of the file.");
    }
}

} // namespace vireo::image
