// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/seed/isotimes.h"

#include <ctime>

#include <QtEndian>

namespace vireo::seed {

namespace {

// ECMA-119 (ISO 9660) and SUSP/RRIP 1.12. Offsets in bytes.
constexpr qsizetype sector = 2048;
constexpr qsizetype firstDescriptor = 16;
constexpr int maxDepth = 8;

class Image final
{
    Q_DISABLE_COPY_MOVE(Image)

public:
    Image(QByteArray &bytes, qint64 time)
        : m_bytes(bytes)
    {
        const auto seconds = static_cast<std::time_t>(time);
        std::tm parts = {};
        gmtime_r(&seconds, &parts);
        for (const int number :
            {parts.tm_year, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, 0 /* UTC */}) {
            m_short += static_cast<char>(number);
        }
        m_long = QByteArray::number(parts.tm_year + 1900).rightJustified(4, '0');
        for (const int number : {parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, 0}) {
            m_long += QByteArray::number(number).rightJustified(2, '0');
        }
        m_long += '\0';
    }

    bool rewrite(const QByteArray &volumeId)
    {
        constexpr qsizetype idAt = 40;
        constexpr qsizetype idLength = 32;
        constexpr qsizetype rootAt = 156;
        constexpr quint8 primary = 1;
        constexpr quint8 terminator = 255;
        qsizetype at = firstDescriptor * sector;
        for (;; at += sector) {
            if (at + sector > m_bytes.size() || m_bytes.mid(at + 1, 5) != "CD001") {
                return false;
            }
            const quint8 type = byte(at);
            if (type == terminator) {
                break;
            }
            if (type == primary) {
                put(at + idAt, volumeId.leftJustified(idLength, ' ', true));
            }
            for (const qsizetype date : {813, 830, 864}) { // of creation, modification, becoming effective
                put(at + date, m_long);
            }
            put(at + rootAt + 18, m_short);
            if (!directory(number(at + rootAt + 2), number(at + rootAt + 10), 0)) {
                return false;
            }
        }
        at += sector; // where libarchive says when it was here
        if (at + sector <= m_bytes.size() && m_bytes.mid(at, 5) == "INFO ") {
            put(at, QByteArray(sector, '\0'));
        }
        return true;
    }

private:
    quint8 byte(qsizetype at) const { return static_cast<quint8>(m_bytes.at(at)); }
    /** The little-endian half of a number that is there twice. */
    qsizetype number(qsizetype at) const { return qFromLittleEndian<quint32>(m_bytes.constData() + at); }
    void put(qsizetype at, const QByteArray &what) { m_bytes.replace(at, what.size(), what); }

    bool directory(qsizetype block, qsizetype length, int depth)
    {
        constexpr qsizetype fixedPart = 33;
        const qsizetype end = block * sector + length;
        if (end > m_bytes.size() || depth > maxDepth) {
            return false;
        }
        for (qsizetype at = block * sector; at < end;) {
            const qsizetype size = byte(at);
            if (size == 0) { // no record crosses a sector's end
                at = (at / sector + 1) * sector;
                continue;
            }
            if (size < fixedPart + 1 || at + size > end) {
                return false;
            }
            const qsizetype nameLength = byte(at + 32);
            put(at + 18, m_short);
            const qsizetype systemUse = at + fixedPart + nameLength + (nameLength % 2 == 0 ? 1 : 0);
            if (!rockRidge(systemUse, at + size, 0)) {
                return false;
            }
            const bool isDirectory = (byte(at + 25) & 2) != 0;
            const bool isSelfOrParent = nameLength == 1 && byte(at + fixedPart) <= 1;
            if (isDirectory && !isSelfOrParent && !directory(number(at + 2), number(at + 10), depth + 1)) {
                return false;
            }
            at += size;
        }
        return true;
    }

    bool rockRidge(qsizetype at, qsizetype end, int depth)
    {
        constexpr quint8 longForm = 0x80;
        while (at + 4 <= end && byte(at) != 0) {
            const QByteArray signature = m_bytes.mid(at, 2);
            const qsizetype size = byte(at + 2);
            if (size < 4 || at + size > end) {
                return false;
            }
            if (signature == "TF" && size > 5) {
                const QByteArray &stamp = (byte(at + 4) & longForm) != 0 ? m_long : m_short;
                for (qsizetype each = at + 5; each + stamp.size() <= at + size; each += stamp.size()) {
                    put(each, stamp);
                }
            } else if (signature == "CE" && size >= 28) {
                const qsizetype there = number(at + 4) * sector + number(at + 12);
                const qsizetype length = number(at + 20);
                if (depth > maxDepth || there + length > m_bytes.size()
                    || !rockRidge(there, there + length, depth + 1)) {
                    return false;
                }
            }
            at += size;
        }
        return true;
    }

    QByteArray &m_bytes;
    QByteArray m_short; ///< as in directory records
    QByteArray m_long;  ///< as in volume descriptors
};

} // namespace

bool normaliseIso(QByteArray &image, qint64 time, const QByteArray &volumeId)
{
    return Image(image, time).rewrite(volumeId);
}

} // namespace vireo::seed
