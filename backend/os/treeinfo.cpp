// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/os/treeinfo.h"

#include <algorithm>

#include <QStringList>

using namespace Qt::StringLiterals;

namespace vireo::os {

namespace {

constexpr qsizetype bytesLimit = 1024 * 1024;
constexpr int linesLimit = 10'000;
constexpr qsizetype imagesLimit = 32;
constexpr auto imagesPrefix = "images-"_L1;

void take(TreeInfo &info, const QString &section, const QString &key, const QString &value)
{
    if (section == "general"_L1 || section == "tree"_L1 || section == "release"_L1) {
        // [general] repeats the others for old readers, so that whoever comes first is right.
        const auto set = [&value](QString &field) {
            if (field.isEmpty()) {
                field = value;
            }
        };
        if (key == "family"_L1 || (section == "release"_L1 && key == "name"_L1)) {
            set(info.family);
        } else if (key == "version"_L1 && section != "tree"_L1) {
            set(info.version);
        } else if (key == "variant"_L1) {
            set(info.variant);
        } else if (key == "arch"_L1) {
            set(info.arch);
        }
        return;
    }
    if (!section.startsWith(imagesPrefix) || (key != "kernel"_L1 && key != "initrd"_L1) || !isInnerPath(value)) {
        return;
    }
    const QString arch = section.mid(imagesPrefix.size());
    if (info.images.size() >= imagesLimit && !info.images.contains(arch)) {
        return;
    }
    TreeInfo::Images &images = info.images[arch];
    (key == "kernel"_L1 ? images.kernel : images.initrd) = value;
}

} // namespace

bool isInnerPath(const QString &path)
{
    return !path.isEmpty() && path.size() < 1024 && !path.startsWith(u'/') && !path.contains(u':')
        && !path.contains(u'\\') && !path.split(u'/').contains(".."_L1)
        && std::ranges::none_of(path, [](QChar c) { return c.unicode() < 32 || c == u'?' || c == u'#'; });
}

TreeInfo TreeInfo::parse(const QByteArray &text)
{
    TreeInfo info;
    QString section;
    int count = 0;
    const QByteArray bounded = text.left(bytesLimit);
    for (qsizetype start = 0; start < bounded.size() && count < linesLimit; ++count) {
        qsizetype end = bounded.indexOf('\n', start);
        end = end < 0 ? bounded.size() : end;
        const QString line = QString::fromUtf8(bounded.mid(start, end - start)).trimmed();
        start = end + 1;
        if (line.isEmpty() || line.startsWith(u'#') || line.startsWith(u';')) {
            continue;
        }
        if (line.startsWith(u'[')) {
            section = line.endsWith(u']') ? line.mid(1, line.size() - 2).trimmed() : QString();
            continue;
        }
        const qsizetype equals = line.indexOf(u'=');
        if (equals > 0) {
            take(info, section, line.left(equals).trimmed().toLower(), line.mid(equals + 1).trimmed());
        }
    }
    return info;
}

} // namespace vireo::os
