// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <array>

#include "backend/image/imageheader.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

constexpr qsizetype footerSize = 512;

quint32 checksum(const QByteArray &data, qsizetype position)
{
    quint32 sum = 0;
    for (qsizetype i = 0; i < data.size(); ++i) {
        if (i < position || i >= position + 4) {
            sum += static_cast<quint8>(data.at(i));
        }
    }
    return ~sum;
}

/** QEMU's rule: a few programs are known to mean the size field, for all others the old geometry counts. */
quint64 virtualSize(const QByteArray &footer)
{
    constexpr std::array<QByteArrayView, 5> bySize{
        QByteArrayView("win "), QByteArrayView("qem2"), QByteArrayView("d2v "), QByteArrayView("tap\0", 4), "CTXS"};
    constexpr quint64 maximumGeometry = 65535ULL * 16 * 255;
    const QByteArrayView creator = QByteArrayView(footer).sliced(28, 4);
    const quint64 geometry =
        quint64(bigAt<quint16>(footer, 56)) * bigAt<quint8>(footer, 58) * bigAt<quint8>(footer, 59);
    if (std::ranges::find(bySize, creator) == bySize.end() && geometry != maximumGeometry) {
        return geometry * 512;
    }
    return bigAt<quint64>(footer, 48) / 512 * 512;
}

QString judgeDynamic(const Header &header, const QByteArray &footer, const Verdict &verdict)
{
    const QByteArray disk = header.read(bigAt<quint64>(footer, 16), 1024);
    if (disk.size() < 1024 || !disk.startsWith("cxsparse")) {
        return InspectorText::tr("This VHD image is cut off: its second header is missing.");
    }
    if (disk.sliced(40, 16) != QByteArray(16, '\0')) {
        return InspectorText::tr(
            "It holds only the differences to another VHD image (a parent), which would be needed.");
    }
    const auto tableOffset = bigAt<quint64>(disk, 16);
    const auto entries = bigAt<quint32>(disk, 28);
    const auto blockSize = bigAt<quint32>(disk, 32);
    if (blockSize < 512 || (blockSize & (blockSize - 1)) != 0 || entries > 0x3fffffff
        || quint64(entries) * blockSize < verdict.virtualSize) {
        return InspectorText::tr("This VHD image is damaged: its header makes no sense.");
    }
    if (tableOffset > verdict.fileSize || quint64(entries) * 4 > verdict.fileSize - tableOffset) {
        return InspectorText::tr("This VHD image is cut off: its tables lie behind the end of the file.");
    }
    // A dynamic image ends with a copy of its first sector; without it the last block may be cut.
    if (!header.hasAt(verdict.fileSize - footerSize, "conectix")) {
        return InspectorText::tr("This VHD image is cut off: its footer is missing.");
    }
    return {};
}

} // namespace

void judgeVpc(const Header &header, Verdict &verdict)
{
    constexpr quint32 fixedType = 2, dynamicType = 3, differencingType = 4;
    constexpr quint64 maximumSize = 2040ULL << 30; // of the format
    const bool atStart = header.has(0, "conectix");
    const QByteArray footer =
        atStart ? header.start().left(footerSize) : header.read(verdict.fileSize - footerSize, footerSize);
    if (footer.size() < footerSize) {
        verdict.refusal = InspectorText::tr("This VHD image is cut off: its header is incomplete.");
        return;
    }
    const auto type = bigAt<quint32>(footer, 60);
    verdict.subformat = type == fixedType ? u"fixed"_s
        : type == dynamicType             ? u"dynamic"_s
        : type == differencingType        ? u"differencing"_s
                                          : QString();
    verdict.virtualSize = virtualSize(footer);
    if (type == differencingType) {
        verdict.refusal =
            InspectorText::tr("It holds only the differences to another VHD image (a parent), which would be needed.");
        return;
    }
    if (type != (atStart ? dynamicType : fixedType) || bigAt<quint32>(footer, 64) != checksum(footer, 64)
        || verdict.virtualSize == 0) {
        verdict.refusal = InspectorText::tr("This VHD image is damaged: its header makes no sense.");
        return;
    }
    if (verdict.virtualSize > maximumSize) {
        verdict.refusal = InspectorText::tr("This VHD image is damaged: its virtual size makes no sense.");
        return;
    }
    if (atStart) {
        verdict.refusal = judgeDynamic(header, footer, verdict);
    } else if (verdict.virtualSize > verdict.fileSize - footerSize) {
        verdict.refusal = InspectorText::tr("This VHD image is cut off: it is shorter than its disk.");
    }
}

} // namespace vireo::image
