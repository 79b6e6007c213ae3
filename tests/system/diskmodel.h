// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QList>
#include <QString>

namespace vireo::test {

/// What a guest wrote to its disks (tests/system/guest/disk.h), now and at remembered moments.
class DiskModel final
{
public:
    static constexpr int mebibyte = 1024 * 1024;

    /// A part of a disk, in MiB.
    struct Write {
        int at;
        int size;
        quint32 pattern;
        friend bool operator==(const Write &, const Write &) = default;
    };

    void clear();
    void wrote(const QString &disk, const Write &write);
    void remember(const QString &as) { m_remembered.insert(as, m_content); }
    void recall(const QString &name) { m_content = m_remembered.value(name); }
    /// A disk of that size as a raw image; `remembered` empty: now. Empty: there is no such moment.
    QByteArray expected(const QString &disk, int mebibytes, const QString &remembered = {}) const;
    /// The guest's order that reads a place, and its answer, for all places that were ever written.
    struct Reading {
        QString order;
        QString answer;
    };
    QList<Reading> readings(const QString &disk, int mebibytes) const;

    /// The first difference; empty: equal byte for byte. `name` is for the text.
    static QString difference(const QByteArray &is, const QByteArray &should, const QString &name);

private:
    using Content = QHash<QString, QList<Write>>; // by disk, in order
    Content m_content;
    QHash<QString, Content> m_remembered;
    QHash<QString, QList<Write>> m_touched; // places, whatever is there
};

} // namespace vireo::test
