// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/inspector.h"

#include <cerrno>
#include <cstring>

#include "backend/base/sizetext.h"
#include "backend/image/imageheader.h"

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

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

void judge(const Header &header, Verdict &verdict)
{
    switch (verdict.format) {
    case Format::Raw:
    case Format::Iso:
        verdict.virtualSize = verdict.fileSize;
        return;
    case Format::Qcow2:
        return judgeQcow2(header, verdict);
    case Format::Vmdk:
        return judgeVmdk(header, verdict);
    case Format::Vdi:
        return judgeVdi(header, verdict);
    case Format::Vhdx:
        return judgeVhdx(header, verdict);
    case Format::Vpc:
        return judgeVpc(header, verdict);
    case Format::Qed:
        verdict.virtualSize = header.little<quint64>(48);
        verdict.refusal = InspectorText::tr(
            "QED images can't be used: the format is obsolete. Convert it with: qemu-img convert -O qcow2.");
        return;
    case Format::Luks:
        verdict.encrypted = true;
        verdict.refusal =
            InspectorText::tr("LUKS-encrypted images can't be used yet; decrypt it with: qemu-img convert.");
        return;
    }
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

QString driverName(Format format)
{
    switch (format) {
    case Format::Raw:
    case Format::Iso:
        return u"raw"_s;
    case Format::Qcow2:
        return u"qcow2"_s;
    case Format::Vmdk:
        return u"vmdk"_s;
    case Format::Vdi:
        return u"vdi"_s;
    case Format::Vhdx:
        return u"vhdx"_s;
    case Format::Vpc:
        return u"vpc"_s;
    case Format::Qed:
        return u"qed"_s;
    case Format::Luks:
        return u"luks"_s;
    }
    return {};
}

bool Verdict::needsConversion() const
{
    return format == Format::Vmdk || format == Format::Vdi || format == Format::Vhdx || format == Format::Vpc;
}

QString Verdict::summary() const
{
    // qcow2's versions are all alike to the user.
    QStringList parts{subformat.isEmpty() || format == Format::Qcow2
            ? formatName(format)
            : InspectorText::tr("%1 (%2)", "format and its kind").arg(formatName(format), subformat)};
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
    if (needsConversion() && isSafe()) {
        parts << InspectorText::tr("will be converted to qcow2");
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
    verdict.format = formats.isEmpty() ? Format::Raw : formats.first();
    // A hybrid installation medium has a partition table on purpose, and a fixed VHD is a disk with one more sector;
    // nothing else may be two things at once.
    const bool mayBePartitioned = verdict.format == Format::Raw || verdict.format == Format::Iso
        || (verdict.format == Format::Vpc && !header.has(0, "conectix"));
    const bool several = formats.size() > 1 || (verdict.partitioned && !mayBePartitioned);
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
    judge(header, verdict);
    constexpr quint64 maximumSize = quint64(1) << 50;
    if (verdict.isSafe() && verdict.virtualSize > maximumSize) {
        verdict.refusal =
            InspectorText::tr("Its virtual size of %1 makes no sense.").arg(sizeText(verdict.virtualSize));
    }
    return verdict;
}

} // namespace vireo::image
