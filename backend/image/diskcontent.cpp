// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/image/diskcontent.h"

#include <algorithm>
#include <array>
#include <optional>

#include <QtEndian>

using namespace Qt::StringLiterals;

namespace vireo::image {

namespace {

using Kind = DiskContent::Kind;

/** What was read; zeroes behind its end. */
class Start final
{
public:
    explicit Start(const QByteArray &bytes)
        : m_bytes(bytes)
    {}

    bool has(qsizetype offset, QByteArrayView magic) const
    {
        return m_bytes.size() >= offset + magic.size() && QByteArrayView(m_bytes).sliced(offset, magic.size()) == magic;
    }
    template<typename T>
    T little(qsizetype offset) const
    {
        return m_bytes.size() >= offset + qsizetype(sizeof(T)) ? qFromLittleEndian<T>(m_bytes.constData() + offset)
                                                               : T(0);
    }
    QByteArray part(qsizetype offset, qsizetype length) const { return m_bytes.mid(offset, length); }
    bool isBlank() const { return m_bytes.count('\0') == m_bytes.size(); }

private:
    const QByteArray &m_bytes;
};

constexpr quint64 sector = 512;

/** A partition that lies on the disk: a boot sector's code can end in the same two bytes as a table does. */
bool isPartition(const Start &start, qsizetype entry, quint64 capacity)
{
    const auto state = start.little<quint8>(entry);
    const auto type = start.little<quint8>(entry + 4);
    const quint64 first = start.little<quint32>(entry + 8);
    const quint64 count = start.little<quint32>(entry + 12);
    return (state == 0 || state == 0x80) && type != 0 && first > 0 && count > 0 && first * sector < capacity;
}

bool isFat(const Start &start)
{
    const bool jumps = start.has(0, "\xeb") || start.has(0, "\xe9");
    return jumps && start.has(510, "\x55\xaa")
        && (start.has(54, "FAT12") || start.has(54, "FAT16") || start.has(54, "FAT ") || start.has(82, "FAT32"));
}

bool isPartitioned(const Start &start, quint64 capacity)
{
    constexpr std::array<qsizetype, 2> sectorSizes{512, 4096};
    if (std::ranges::any_of(sectorSizes, [&](qsizetype size) { return start.has(size, "EFI PART"); })) {
        return true;
    }
    if (!start.has(510, "\x55\xaa")) {
        return false;
    }
    constexpr std::array<qsizetype, 4> entries{446, 462, 478, 494};
    return std::ranges::any_of(entries, [&](qsizetype entry) { return isPartition(start, entry, capacity); });
}

std::optional<DiskContent> ext(const Start &start, quint64 capacity)
{
    constexpr qsizetype super = 1024;
    constexpr quint32 hasJournal = 0x4;    // compatible
    constexpr quint32 journalDevice = 0x8; // incompatible: it is itself the journal of another
    constexpr quint32 extents = 0x40;
    constexpr quint32 sixtyFourBit = 0x80;
    if (start.little<quint16>(super + 56) != 0xef53) {
        return std::nullopt;
    }
    const auto compatible = start.little<quint32>(super + 92);
    const auto incompatible = start.little<quint32>(super + 96);
    const auto logBlock = start.little<quint32>(super + 24);
    quint64 blocks = start.little<quint32>(super + 4);
    if (incompatible & sixtyFourBit) {
        blocks |= quint64(start.little<quint32>(super + 336)) << 32;
    }
    DiskContent content;
    content.kind = Kind::Ext;
    content.name = incompatible & (extents | sixtyFourBit) ? u"ext4"_s
        : compatible & hasJournal                          ? u"ext3"_s
                                                           : u"ext2"_s;
    constexpr quint32 maxLogBlock = 6; // 64 KiB
    const bool makesSense = logBlock <= maxLogBlock && blocks > 0 && blocks < (1ULL << 48);
    content.size = makesSense ? blocks << (10 + logBlock) : 0;
    // Its tools would look for the other device among ours.
    const bool needsOther =
        incompatible & journalDevice || (compatible & hasJournal && start.little<quint32>(super + 224) == 0);
    content.isUnusual = !makesSense || needsOther || content.size > capacity;
    return content;
}

std::optional<DiskContent> swap(const Start &start)
{
    for (const quint32 page : {4096U, 8192U, 16384U, 32768U, 65536U}) {
        const qsizetype end = qsizetype(page) - 10;
        if (start.has(end, "S1SUSPEND") || start.has(end, "S2SUSPEND") || start.has(end, "ULSUSPEND")
            || start.has(end, "LINHIB0001")) {
            DiskContent asleep;
            asleep.kind = Kind::Other;
            asleep.name = u"hibernation"_s;
            return asleep;
        }
        if (!start.has(end, "SWAPSPACE2")) {
            continue;
        }
        DiskContent content;
        content.kind = Kind::Swap;
        content.name = u"swap"_s;
        content.pageSize = page;
        content.isBigEndian = start.little<quint32>(1024) == 0x01000000;
        content.uuid = start.part(1036, 16);
        content.label = start.part(1052, 16);
        if (const qsizetype length = content.label.indexOf('\0'); length >= 0) {
            content.label.truncate(length);
        }
        // Version 0 ended with another signature; this one is 1 in either order of bytes.
        if (!content.isBigEndian && start.little<quint32>(1024) != 1) {
            content.kind = Kind::Other;
        }
        return content;
    }
    return std::nullopt;
}

struct Signature {
    qsizetype offset;
    QByteArrayView magic;
    const char *name;
};

QString otherName(const Start &start)
{
    static const std::array<Signature, 9> signatures{{
        {65536 + 64, "_BHRfS_M", "btrfs"},
        {3, "NTFS    ", "NTFS"},
        {3, "EXFAT   ", "exFAT"},
        {32769, "CD001", "ISO 9660"},
        {0, "LUKS\xba\xbe", "LUKS"},
        {512, "LABELONE", "LVM"},
        {0, "LABELONE", "LVM"},
        {0, "hsqs", "squashfs"},
        {1024, QByteArrayView("\x10\x20\xf5\xf2", 4), "f2fs"},
    }};
    const auto found = std::ranges::find_if(
        signatures, [&start](const Signature &each) { return start.has(each.offset, each.magic); });
    return found == signatures.end() ? QString() : QString::fromLatin1(found->name);
}

template<typename T>
void put(QByteArray &page, qsizetype offset, T value, bool isBigEndian)
{
    if (isBigEndian) {
        qToBigEndian(value, page.data() + offset);
    } else {
        qToLittleEndian(value, page.data() + offset);
    }
}

} // namespace

DiskContent diskContent(const QByteArray &bytes, quint64 capacity)
{
    const Start start(bytes);
    DiskContent content;
    if (bytes.isEmpty()) {
        return content;
    }
    if (start.isBlank()) {
        content.kind = Kind::Blank;
        return content;
    }
    // A partition table comes first: whatever else there is lies in what partitions leave free, or is old.
    if (isFat(start)) {
        content.kind = Kind::Other;
        content.name = u"FAT"_s;
        return content;
    }
    if (isPartitioned(start, capacity)) {
        content.kind = Kind::Partitioned;
        return content;
    }
    content.name = otherName(start);
    if (!content.name.isEmpty()) {
        content.kind = Kind::Other;
        return content;
    }
    if (start.has(0, "XFSB")) {
        content.kind = Kind::Xfs;
        content.name = u"XFS"_s;
        return content;
    }
    const auto filesystem = ext(start, capacity);
    const auto space = swap(start);
    if (filesystem && space) {
        return content; // one of them is old, and nobody here can say which
    }
    return filesystem ? *filesystem : space.value_or(content);
}

QByteArray swapHeader(const DiskContent &old, quint64 capacity)
{
    constexpr quint64 leastPages = 10;
    if (old.kind != Kind::Swap || old.pageSize < 4096 || capacity / old.pageSize < leastPages) {
        return {};
    }
    const quint64 pages = std::min<quint64>(capacity / old.pageSize, 1ULL << 32);
    QByteArray page(qsizetype(old.pageSize), '\0');
    put<quint32>(page, 1024, 1, old.isBigEndian);
    put<quint32>(page, 1028, static_cast<quint32>(pages - 1), old.isBigEndian); // the last page's number
    page.replace(1036, 16, old.uuid.leftJustified(16, '\0', true));
    page.replace(1052, 16, old.label.leftJustified(16, '\0', true));
    page.replace(page.size() - 10, 10, "SWAPSPACE2");
    return page;
}

} // namespace vireo::image
