// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/imageheader.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

constexpr quint64 sector = 512;
// QEMU reads the embedded descriptor here, whatever the header says, when it looks for a parent; this much of it.
constexpr quint64 fixedDescriptorOffset = 0x200;
constexpr qsizetype descriptorLength = 20 * 512;

QString damaged()
{
    return InspectorText::tr("This VMDK image is damaged: its header makes no sense.");
}

/** The value of `key = "value"` or `key=value`; null when the line sets another key. */
QByteArray valueOf(const QByteArray &line, QByteArrayView key)
{
    const qsizetype equals = line.indexOf('=');
    if (equals < 0 || line.left(equals).trimmed().toLower() != key) {
        return {};
    }
    QByteArray value = line.mid(equals + 1).trimmed();
    if (value.size() >= 2 && value.startsWith('"') && value.endsWith('"')) {
        value = value.sliced(1, value.size() - 2);
    }
    return value.isNull() ? QByteArray("") : value;
}

/** "RW 20480 SPARSE "disk.vmdk"": what an embedded descriptor says of its own file. */
QString judgeExtent(const QByteArray &line)
{
    const QList<QByteArray> words = line.simplified().split(' ');
    if (words.size() < 4 || words.at(2) != "SPARSE") {
        return InspectorText::tr("It keeps its data in other files (extent “%1”), which would be read on the host.")
            .arg(QString::fromUtf8(line.left(200)));
    }
    // Its own name, perhaps from before it was renamed; QEMU does not read it. A path is none of these.
    const qsizetype quote = line.indexOf('"');
    const QByteArray name = quote < 0 ? QByteArray() : line.mid(quote + 1);
    if (name.contains('/') || name.contains('\\') || name.contains(':')) {
        return InspectorText::tr("Its descriptor names another file (extent “%1”).")
            .arg(QString::fromUtf8(line.left(200)));
    }
    return {};
}

/** Why the embedded descriptor makes the image unsafe. Sets the subformat. */
QString judgeDescriptor(const QByteArray &text, Verdict &verdict)
{
    int types = 0;
    int extents = 0;
    const auto lines = text.left(text.indexOf('\0') < 0 ? text.size() : text.indexOf('\0')).split('\n');
    for (const QByteArray &raw : lines) {
        const QByteArray line = raw.trimmed();
        if (const QByteArray type = valueOf(line, "createtype"); !type.isNull()) {
            ++types;
            verdict.subformat = QString::fromUtf8(type.left(64));
        }
        if (line.startsWith("RW ") || line.startsWith("RDONLY ") || line.startsWith("NOACCESS ")) {
            ++extents;
            if (const QString why = judgeExtent(line); !why.isEmpty()) {
                return why;
            }
        }
    }
    if (types != 1 || (verdict.subformat != "monolithicSparse"_L1 && verdict.subformat != "streamOptimized"_L1)) {
        return InspectorText::tr(
            "VMDK images of the kind “%1” can't be used, only monolithicSparse and streamOptimized, which keep "
            "everything in one file.")
            .arg(verdict.subformat);
    }
    if (extents != 1) {
        return InspectorText::tr("Its descriptor names %1 files instead of one.").arg(extents);
    }
    return {};
}

} // namespace

void judgeVmdk(const Header &header, Verdict &verdict)
{
    if (header.has(0, "COWD")) {
        verdict.subformat = u"vmfsSparse"_s;
        verdict.refusal = InspectorText::tr("VMDK images of ESX's own kind (COWD) can't be used.");
        return;
    }
    if (!header.has(0, "KDMV")) {
        verdict.refusal = InspectorText::tr(
            "It is only the description of a VMDK image, whose data are in other files; these would be read on the "
            "host.");
        return;
    }
    const auto version = header.little<quint32>(4);
    quint64 capacity = header.little<quint64>(12);
    const auto grain = header.little<quint64>(20);
    const auto descriptorOffset = header.little<quint64>(28);
    const auto descriptorSectors = header.little<quint64>(36);
    const auto entriesPerTable = header.little<quint32>(44);
    const auto directory = header.little<quint64>(56);
    const auto dataOffset = header.little<quint64>(64);
    verdict.virtualSize = capacity <= (quint64(1) << 54) ? capacity * sector : 0;
    // Without a capacity QEMU takes the descriptor for that of a flat image and opens whatever it names.
    if (version < 1 || version > 3 || verdict.virtualSize == 0 || grain < 1 || grain > 128 * 1024 || entriesPerTable < 1
        || entriesPerTable > 512 || descriptorOffset == 0 || descriptorSectors == 0 || descriptorSectors > 128
        || descriptorOffset > verdict.fileSize / sector) {
        verdict.refusal = damaged();
        return;
    }
    const QByteArray descriptor =
        header.read(descriptorOffset * sector, static_cast<qsizetype>(descriptorSectors * sector));
    const QByteArray fixed = header.read(fixedDescriptorOffset, descriptorLength);
    for (const QByteArray &text : {descriptor, fixed}) {
        if (text.toLower().contains("parentfilenamehint")) {
            verdict.refusal = InspectorText::tr("It needs another file (a parent image), which would be read on the "
                                                "host.");
            return;
        }
    }
    verdict.refusal = judgeDescriptor(descriptor, verdict);
    if (!verdict.refusal.isEmpty()) {
        return;
    }
    if (dataOffset > verdict.fileSize / sector) {
        verdict.refusal = InspectorText::tr("This VMDK image is cut off: its data lie behind the end of the file.");
        return;
    }
    constexpr quint64 directoryAtEnd = ~quint64(0);
    if (directory == directoryAtEnd) {
        // The footer: a marker, a copy of the header that counts, an end marker; one sector each.
        const QByteArray footer =
            verdict.fileSize >= 3 * sector ? header.read(verdict.fileSize - 2 * sector, sector) : QByteArray();
        if (!footer.startsWith("KDMV") || littleAt<quint64>(footer, 12) != capacity
            || littleAt<quint64>(footer, 56) > verdict.fileSize / sector) {
            verdict.refusal = InspectorText::tr("This VMDK image is cut off: its footer is missing.");
        }
        return;
    }
    const quint64 perDirectoryEntry = grain * entriesPerTable;
    const quint64 directoryBytes = (capacity / perDirectoryEntry + 1) * 4;
    if (directory > verdict.fileSize / sector || directoryBytes > verdict.fileSize - directory * sector) {
        verdict.refusal = InspectorText::tr("This VMDK image is cut off: its tables lie behind the end of the file.");
    }
}

} // namespace vireo::image
