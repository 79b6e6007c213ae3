// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// Makes the files of a package that say what the program and CHANGELOG.md say: the build and tools/dev/package run it.
//
//   vireo_packaging man|bash|zsh|fish OUT
//   vireo_packaging metainfo TEMPLATE CHANGELOG OUT
//   vireo_packaging debian-changelog VERSION MAINTAINER CHANGELOG OUT
//
// What has a date takes it from SOURCE_DATE_EPOCH, else from the clock.
#include <cstdio>

#include <QDateTime>
#include <QFile>

#include "packaging/generator/completion.h"
#include "packaging/generator/manpage.h"
#include "packaging/generator/releases.h"

using namespace Qt::StringLiterals;

namespace {

QDateTime now()
{
    bool known = false;
    const qint64 seconds = qEnvironmentVariable("SOURCE_DATE_EPOCH").toLongLong(&known);
    return known ? QDateTime::fromSecsSinceEpoch(seconds, Qt::UTC) : QDateTime::currentDateTimeUtc();
}

std::optional<QString> read(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly)) {
        std::fprintf(stderr, "vireo_packaging: %s: %s\n", qUtf8Printable(name), qUtf8Printable(file.errorString()));
        return std::nullopt;
    }
    return QString::fromUtf8(file.readAll());
}

int write(const QString &name, const QString &text)
{
    QFile file(name);
    if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate) || file.write(text.toUtf8()) < 0 || !file.flush()) {
        std::fprintf(stderr, "vireo_packaging: %s: %s\n", qUtf8Printable(name), qUtf8Printable(file.errorString()));
        return 1;
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    using namespace vireo::packaging;
    const QString version = QStringLiteral(VIREO_VERSION);
    QStringList words;
    for (int index = 1; index < argc; ++index) {
        words.append(QString::fromLocal8Bit(argv[index]));
    }
    const QString what = words.value(0);
    if (words.size() == 2) {
        const QString &out = words.at(1);
        if (what == "man"_L1) {
            return write(out, manPage(version));
        }
        if (what == "bash"_L1) {
            return write(out, bashCompletion());
        }
        if (what == "zsh"_L1) {
            return write(out, zshCompletion());
        }
        if (what == "fish"_L1) {
            return write(out, fishCompletion());
        }
    } else if (words.size() == 4 && what == "metainfo"_L1) {
        auto text = read(words.at(1));
        const auto changelog = read(words.at(2));
        if (!text || !changelog) {
            return 1;
        }
        text->replace(u"  <releases/>\n"_s, metainfoReleases(readChangelog(*changelog), version, now()));
        return write(words.at(3), *text);
    } else if (words.size() == 5 && what == "debian-changelog"_L1) {
        const auto changelog = read(words.at(3));
        return changelog
            ? write(words.at(4), debianChangelog(readChangelog(*changelog), words.at(1), words.at(2), now()))
            : 1;
    }
    std::fputs("vireo_packaging: see the head of packaging/generator/main.cpp\n", stderr);
    return 2;
}
