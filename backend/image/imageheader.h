// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QCoreApplication>
#include <QtEndian>

#include "backend/image/inspector.h"
#include "backend/image/localfile.h"

/** For the sources of the inspector only: the formats' own checks. */
namespace vireo::image {

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

/** A number of a structure that was read; 0 when the structure is cut off before its end. */
template<typename T>
T littleAt(const QByteArray &data, qsizetype offset)
{
    return offset >= 0 && data.size() - offset >= qsizetype(sizeof(T)) ? qFromLittleEndian<T>(data.constData() + offset)
                                                                       : T(0);
}
template<typename T>
T bigAt(const QByteArray &data, qsizetype offset)
{
    return offset >= 0 && data.size() - offset >= qsizetype(sizeof(T)) ? qFromBigEndian<T>(data.constData() + offset)
                                                                       : T(0);
}

/** Each fills in the verdict, and its refusal with the first reason found. */
void judgeQcow2(const Header &header, Verdict &verdict);
void judgeVmdk(const Header &header, Verdict &verdict);
void judgeVdi(const Header &header, Verdict &verdict);
void judgeVhdx(const Header &header, Verdict &verdict);
void judgeVpc(const Header &header, Verdict &verdict);

} // namespace vireo::image
