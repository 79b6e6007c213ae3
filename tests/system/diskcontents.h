// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTemporaryFile>

#include "backend/image/tool.h"

/// File systems and swap in images, by the tools that make them, and what those tools say of them afterwards.
namespace vireo::test::contents {

using namespace Qt::StringLiterals;

/// What a program says on both channels; null: it failed, which is said on standard error.
inline QByteArray said(const QString &program, const QStringList &arguments, const QByteArray &input = {})
{
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(image::findTool(program), arguments);
    process.write(input);
    process.closeWriteChannel();
    const bool done = process.waitForFinished() && process.exitCode() == 0;
    const QByteArray text = process.readAll();
    if (!done) {
        qWarning("%s %s: %s", qPrintable(program), qPrintable(arguments.join(u' ')), text.constData());
    }
    return done ? text + ' ' : QByteArray();
}

inline QByteArray bytes(const QString &path, qint64 offset, qint64 length)
{
    QFile in(path);
    return in.open(QIODevice::ReadOnly) && in.seek(offset) ? in.read(length) : QByteArray();
}

inline bool put(const QString &path, qint64 offset, const QByteArray &data)
{
    QFile out(path);
    return out.open(QIODevice::ReadWrite) && out.seek(offset) && out.write(data) == data.size();
}

/// An ext file system that fills a raw image, with a file "data" of 3 MiB.
inline bool makeExt(const QString &path, const QString &kind = u"ext4"_s)
{
    QTemporaryFile data;
    QByteArray content;
    for (int i = 0; i < 3 * 1024 * 1024 / 16; ++i) {
        content += QByteArray::number(i).rightJustified(16, '.');
    }
    return data.open() && data.write(content) == content.size() && data.flush()
        && !said(u"mkfs."_s + kind, {u"-q"_s, u"-F"_s, u"-L"_s, u"mydata"_s, path}).isNull()
        && !said(u"debugfs"_s, {u"-w"_s, u"-R"_s, u"write %1 data"_s.arg(data.fileName()), path}).isNull();
}

/// What is wrong with such a file system, which is to have so many bytes; empty: nothing.
inline QString extProblem(const QString &path, qint64 size)
{
    if (said(u"e2fsck"_s, {u"-f"_s, u"-n"_s, path}).isNull()) {
        return u"e2fsck found something"_s;
    }
    const QByteArray facts = said(u"dumpe2fs"_s, {u"-h"_s, path});
    const auto figure = [&facts](const QString &name) {
        const QRegularExpression line(u"^%1:\\s*(\\d+)"_s.arg(name), QRegularExpression::MultilineOption);
        return line.match(QString::fromUtf8(facts)).captured(1).toLongLong();
    };
    if (const qint64 is = figure(u"Block count"_s) * figure(u"Block size"_s); is != size) {
        return u"it has %1 bytes, not %2"_s.arg(is).arg(size);
    }
    if (!facts.contains("mydata")) {
        return u"it lost its label"_s;
    }
    QTemporaryDir directory;
    const QString file = directory.filePath(u"data"_s);
    said(u"debugfs"_s, {u"-R"_s, u"dump data %1"_s.arg(file), path});
    QFile in(file);
    if (!in.open(QIODevice::ReadOnly)) {
        return u"its file is gone"_s;
    }
    for (int i = 0; i < 3 * 1024 * 1024 / 16; ++i) {
        if (in.read(16) != QByteArray::number(i).rightJustified(16, '.')) {
            return u"its file has another content"_s;
        }
    }
    return {};
}

} // namespace vireo::test::contents
