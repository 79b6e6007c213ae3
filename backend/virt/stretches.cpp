// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/stretches.h"

#include <algorithm>
#include <cstring>

namespace vireo::virt::storage {

namespace {

constexpr qsizetype crumb = 4096;

bool isZero(const char *data, qsizetype length)
{
    return length == 0 || (*data == 0 && std::memcmp(data, data + 1, static_cast<size_t>(length) - 1) == 0);
}

} // namespace

void Stretches::end()
{
    if (m_hole > 0) {
        m_ready.append({{}, std::exchange(m_hole, 0)});
    }
}

void Stretches::addHole(quint64 length)
{
    m_hole += length;
    m_offset += length;
}

void Stretches::addData(const QByteArray &data)
{
    if (!data.isEmpty()) {
        end();
        m_ready.append({data, 0});
        m_offset += static_cast<quint64>(data.size());
    }
}

void Stretches::add(const QByteArray &data)
{
    if (m_zeroes == Zeroes::AsData) {
        addData(data);
        return;
    }
    qsizetype begin = 0; // of the data that is no hole
    for (qsizetype at = 0; at < data.size();) {
        const quint64 offset = m_offset + static_cast<quint64>(at - begin);
        const auto length = std::min(static_cast<qsizetype>(block - offset % block), data.size() - at);
        // A part of a block at the edge of a piece counts, too, unless it is a crumb between data.
        const bool worth = length >= crumb || (at == begin && m_hole > 0);
        if (worth && isZero(data.constData() + at, length)) {
            addData(data.mid(begin, at - begin));
            addHole(static_cast<quint64>(length));
            begin = at + length;
        }
        at += length;
    }
    addData(begin == 0 ? data : data.mid(begin));
}

} // namespace vireo::virt::storage
