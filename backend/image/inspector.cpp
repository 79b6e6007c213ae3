// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/inspector.h"

#include <cerrno>
#include <cstring>
#include <limits>

#include <QCoreApplication>
#include <QtEndian>

#include "backend/base/sizetext.h"
#include "backend/image/localfile.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

struct InspectorText {
    Q_DECLARE_TR_FUNCTIONS(image_inspect)
};

/** The parts of a file that say what it is; never more than a few KiB, whatever the file says of itself. */
class Header final
{
public:
    explicit Header(const LocalFile &file)
        : m_file(file)
        , m_start(file.read(0, 4096))
    {}

    const QByteArray &start() const { return m_start; }
    bool has(qsizetype offset, QByteArrayView magic) const
    {
        return m_start.size() >= offset + magic.size() && QByteArrayView(m_start).sliced(offset, magic.size()) == magic;
    }
    bool hasAt(quint64 offset, QByteArrayView magic) const { return m_file.read(offset, magic.size()) == magic; }
    QByteArray read(quint64 offset, qsizetype length) const { return m_file.read(offset, length); }
    quint64 fileSize() const { return m_file.size(); }

    template<typename T>
    T big(qsizetype offset) const
    {
        return m_start.size() >= offset + qsizetype(sizeof(T)) ? qFromBigEndian<T>(m_start.constData() + offset) : T(0);
    }
    template<typename T>
    T little(qsizetype offset) const
    {
        return m_start.size() >= offset + qsizetype(sizeof(T)) ? qFromLittleEndian<T>(m_start.constData() + offset)
                                                               : T(0);
    }

private:
    const LocalFile &m_file;
    QByteArray m_start;
};

/** QEMU's rule for a VMDK descriptor: after comments and blank lines, the first line sets the version. */
bool isVmdkDescriptor(const QByteArray &start)
{
    if (!start.startsWith('#') && !start.startsWith("version=")) {
        return false;
    }
    if (start.left(64).toLower().startsWith("# disk descriptorfile")) {
        return true;
    }
    const auto lines = start.split('\n');
    for (const QByteArray &line : lines) {
        const QByteArray trimmed = line.trimmed();
        if (!trimmed.isEmpty() && !trimmed.startsWith('#')) {
            return trimmed.startsWith("version=");
        }
    }
    return false;
}

/** A boot sector's signature alone proves little (FAT has it too): the four entries must make sense as well. */
bool hasPartitionTable(const Header &header)
{
    if (header.has(512, "EFI PART") || header.hasAt(4096, "EFI PART")) {
        return true;
    }
    if (!header.has(510, "\x55\xaa")) {
        return false;
    }
    bool used = false;
    for (qsizetype entry = 446; entry < 510; entry += 16) {
        const auto status = header.big<quint8>(entry);
        const auto type = header.big<quint8>(entry + 4);
        const auto first = header.little<quint32>(entry + 8);
        const auto length = header.little<quint32>(entry + 12);
        if (status != 0 && status != 0x80) {
            return false;
        }
        if (type == 0) {
            continue;
        }
        if (length == 0 || (first == 0 && type != 0xee && length < 2)) {
            return false;
        }
        used = true;
    }
    return used;
}

/** All container formats whose signature is present; more than one makes the file refused. */
QList<Format> signatures(const Header &header)
{
    QList<Format> found;
    if (header.has(0, "QFI\xfb")) {
        found << Format::Qcow2;
    }
    if (header.has(0, "KDMV") || header.has(0, "COWD") || isVmdkDescriptor(header.start())) {
        found << Format::Vmdk;
    }
    if (header.has(0x40, "\x7f\x10\xda\xbe")) {
        found << Format::Vdi;
    }
    if (header.has(0, "vhdxfile")) {
        found << Format::Vhdx;
    }
    // A fixed VHD has its signature in the last sector only.
    if (header.has(0, "conectix") || (header.fileSize() >= 1024 && header.hasAt(header.fileSize() - 512, "conectix"))) {
        found << Format::Vpc;
    }
    if (header.has(0, QByteArrayView("QED\0", 4))) {
        found << Format::Qed;
    }
    if (header.has(0, "LUKS\xba\xbe")) {
        found << Format::Luks;
    }
    if (header.hasAt(32769, "CD001")) {
        found << Format::Iso;
    }
    return found;
}

/** Reads the header extensions of qcow2: a data file's name may stand there, whatever the feature bit says. */
QString dataFileName(const Header &header, quint32 headerLength, quint64 end)
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
            return QString::fromUtf8(header.read(offset + 8, qMin<quint32>(length, 1023)));
        }
        offset += 8 + (quint64(length) + 7) / 8 * 8;
    }
    return {};
}

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
        return refuse(InspectorText::tr(
            "It needs another file (backing file “%1”), which would be read on the host. Flatten it with: "
            "qemu-img convert -O qcow2.")
                .arg(verdict.backingFile));
    }
    verdict.dataFile = dataFileName(header, headerLength, qMin(cluster, verdict.fileSize));
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
}

void judgeOther(const Header &header, Verdict &verdict)
{
    switch (verdict.format) {
    case Format::Vmdk:
        if (header.has(0, "KDMV")) {
            verdict.virtualSize = header.little<quint64>(12) * 512;
        }
        break;
    case Format::Vdi:
        verdict.virtualSize = header.little<quint64>(0x170);
        break;
    case Format::Vpc:
        if (header.has(0, "conectix")) {
            verdict.virtualSize = header.big<quint64>(48);
        }
        break;
    case Format::Qed:
        verdict.virtualSize = header.little<quint64>(48);
        break;
    case Format::Luks:
        verdict.encrypted = true;
        verdict.refusal =
            InspectorText::tr("LUKS-encrypted images can't be used yet; decrypt it with: qemu-img convert.");
        return;
    default:
        break;
    }
    verdict.refusal =
        InspectorText::tr("%1 images can't be used yet; convert it to qcow2 with: qemu-img convert -O qcow2.")
            .arg(formatName(verdict.format));
}

} // namespace

QString formatName(Format format)
{
    switch (format) {
    case Format::Raw:
        return u"raw"_s;
    case Format::Qcow2:
        return u"qcow2"_s;
    case Format::Iso:
        return u"ISO"_s;
    case Format::Vmdk:
        return u"VMDK"_s;
    case Format::Vdi:
        return u"VDI"_s;
    case Format::Vhdx:
        return u"VHDX"_s;
    case Format::Vpc:
        return u"VHD"_s;
    case Format::Qed:
        return u"QED"_s;
    case Format::Luks:
        return u"LUKS"_s;
    }
    return {};
}

QString Verdict::summary() const
{
    QStringList parts{formatName(format)};
    parts << sizeText(virtualSize > 0 ? virtualSize : fileSize);
    if (format == Format::Qcow2 && backingFile.isEmpty() && isSafe()) {
        parts << InspectorText::tr("no backing file");
    }
    if (!backingFile.isEmpty()) {
        parts << InspectorText::tr("backing file “%1”").arg(backingFile);
    }
    if (!dataFile.isEmpty()) {
        parts << InspectorText::tr("data file “%1”").arg(dataFile);
    }
    if (encrypted) {
        parts << InspectorText::tr("encrypted");
    }
    if (internalSnapshots > 0) {
        parts << QCoreApplication::translate("image::inspect", "%n internal snapshot(s)", nullptr, internalSnapshots);
    }
    if (format == Format::Iso) {
        parts << InspectorText::tr("installation medium");
    } else if (partitioned) {
        parts << InspectorText::tr("partitioned");
    }
    parts << (isSafe() ? InspectorText::tr("safe") : InspectorText::tr("can't be used"));
    return parts.join(u", "_s);
}

Result<Verdict> inspect(const QString &path)
{
    const auto file = LocalFile::open(path);
    if (!file) {
        return fail(file.error());
    }
    if (file->size() == 0) {
        return fail(Error::invalid(InspectorText::tr("“%1” is empty.").arg(path)));
    }
    if (file->read(0, 1).isEmpty()) {
        return fail(Error::failed(
            InspectorText::tr("Can't read “%1”: %2").arg(path, QString::fromLocal8Bit(std::strerror(EIO)))));
    }

    const Header header(*file);
    Verdict verdict;
    verdict.fileSize = file->size();
    verdict.dataSize = file->allocated();
    verdict.modifiedNs = file->modifiedNs();
    const QList<Format> formats = signatures(header);
    verdict.partitioned = hasPartitionTable(header);
    if (formats.isEmpty()) {
        verdict.virtualSize = verdict.fileSize;
        return verdict;
    }
    verdict.format = formats.first();
    // A hybrid installation medium has a partition table on purpose; nothing else may be two things at once.
    const bool several = formats.size() > 1 || (verdict.partitioned && verdict.format != Format::Iso);
    if (several) {
        QStringList names;
        for (const Format format : formats) {
            names << formatName(format);
        }
        if (verdict.partitioned) {
            names << InspectorText::tr("a partition table");
        }
        verdict.refusal =
            InspectorText::tr("The file looks like more than one thing at once (%1), so it can't be trusted.")
                .arg(names.join(u", "_s));
        return verdict;
    }
    if (verdict.format == Format::Iso) {
        verdict.virtualSize = verdict.fileSize;
    } else if (verdict.format == Format::Qcow2) {
        judgeQcow2(header, verdict);
    } else {
        judgeOther(header, verdict);
    }
    return verdict;
}

} // namespace vireo::image
