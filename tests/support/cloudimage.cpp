// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "cloudimage.h"

#include "builtfile.h"

using namespace Qt::StringLiterals;

namespace vireo::test::cloudimage {

namespace {

constexpr int buildTimeoutMs = 240000; // on a busy machine, with the package from a slow mirror

QString file(const QString &name)
{
    const QString directory =
        built(u"cloudimage"_s, QStringLiteral(VIREO_TEST_CLOUDIMAGE_DIR), u"mkimage.sh"_s, buildTimeoutMs);
    return directory.isEmpty() ? QString() : directory + u'/' + name;
}

} // namespace

QString disk()
{
    return file(u"disk.qcow2"_s);
}

QString kernel()
{
    return file(u"vmlinuz"_s);
}

QString initrd()
{
    return file(u"initrd.img"_s);
}

} // namespace vireo::test::cloudimage
