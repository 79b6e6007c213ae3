// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <utility>

#include <QByteArray>
#include <QList>

namespace vireo::virt::storage {

/** Data, or a hole. */
struct Stretch {
    QByteArray data;
    quint64 hole = 0; ///< bytes
    quint64 length() const { return hole + static_cast<quint64>(data.size()); }
    friend bool operator==(const Stretch &, const Stretch &) = default;
};

/**
 * Makes stretches of what a file is read as, piece by piece in its order: blocks that hold nothing but zeroes become
 * holes, and neighbouring holes are one. A disk that its guest once filled with zeroes costs no transfer. Pure; one
 * thread.
 */
class Stretches final
{
public:
    /** Of the file, and aligned to it: below this no hole is made. Bytes. */
    static constexpr quint64 block = 64U << 10U;

    enum class Zeroes { AsHoles, AsData };
    explicit Stretches(Zeroes zeroes = Zeroes::AsHoles)
        : m_zeroes(zeroes)
    {}

    void add(const QByteArray &data);
    void addHole(quint64 length);
    /** Nothing comes any more: the hole at the end is complete. */
    void end();
    /** What is complete so far; a hole that may go on is kept back. */
    QList<Stretch> take() { return std::exchange(m_ready, {}); }

private:
    void addData(const QByteArray &data);

    Zeroes m_zeroes;
    QList<Stretch> m_ready;
    quint64 m_offset = 0;
    quint64 m_hole = 0;
};

} // namespace vireo::virt::storage
