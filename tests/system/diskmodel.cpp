// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "diskmodel.h"

#include <algorithm>

#include <QtEndian>

#include "tests/system/guest/disk.h"

using namespace Qt::StringLiterals;

namespace vireo::test {

namespace {

constexpr int wordsOfMebibyte = DiskModel::mebibyte / 4;

} // namespace

void DiskModel::clear()
{
    m_content.clear();
    m_remembered.clear();
    m_touched.clear();
}

void DiskModel::wrote(const QString &disk, const Write &write)
{
    m_content[disk].append(write);
    const Write place{.at = write.at, .size = write.size, .pattern = 0};
    if (!m_touched[disk].contains(place)) {
        m_touched[disk].append(place);
    }
}

QByteArray DiskModel::expected(const QString &disk, int mebibytes, const QString &remembered) const
{
    if (!remembered.isEmpty() && !m_remembered.contains(remembered)) {
        return {};
    }
    QByteArray result(static_cast<qsizetype>(mebibytes) * mebibyte, '\0');
    const Content &content = remembered.isEmpty() ? m_content : *m_remembered.constFind(remembered);
    const QList<Write> writes = content.value(disk);
    for (const Write &write : writes) {
        const quint32 first = static_cast<quint32>(write.at) * wordsOfMebibyte;
        const quint32 end = first + static_cast<quint32>(write.size) * wordsOfMebibyte;
        for (quint32 word = first; word < end; ++word) {
            qToLittleEndian(guestWord(write.pattern, word), result.data() + static_cast<qsizetype>(word) * 4);
        }
    }
    return result;
}

QList<DiskModel::Reading> DiskModel::readings(const QString &disk, int mebibytes) const
{
    const QByteArray content = expected(disk, mebibytes);
    const QList<Write> places = m_touched.value(disk);
    QList<Reading> result;
    for (const Write &place : places) {
        quint32 sum = 0;
        const char *words = content.constData() + static_cast<qsizetype>(place.at) * mebibyte;
        for (qsizetype i = 0; i < static_cast<qsizetype>(place.size) * wordsOfMebibyte; ++i) {
            sum = guestSum(sum, qFromLittleEndian<quint32>(words + i * 4));
        }
        const QString what = u"%1:%2:%3"_s.arg(disk).arg(place.at).arg(place.size);
        result.append({.order = u"sum="_s + what, .answer = u"SUM %1=%2\r\n"_s.arg(what).arg(sum)});
    }
    return result;
}

QString DiskModel::difference(const QByteArray &is, const QByteArray &should, const QString &name)
{
    if (should.isEmpty() || is.isEmpty()) {
        return u"there is nothing to compare (%1)"_s.arg(name);
    }
    if (is.size() != should.size()) {
        return u"%1 has %2 bytes in place of %3"_s.arg(name).arg(is.size()).arg(should.size());
    }
    const auto [left, right] = std::ranges::mismatch(is, should);
    if (left == is.end()) {
        return {};
    }
    const auto at = left - is.begin();
    return u"%1 differs at byte %2 (MiB %3)"_s.arg(name).arg(at).arg(at / mebibyte);
}

} // namespace vireo::test
