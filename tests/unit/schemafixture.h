// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDir>
#include <QFile>
#include <QTest>

#include "backend/xml/schema.h"

/// What the tests of schemas share.
namespace vireo::test {

inline std::shared_ptr<const xml::Schema> schema(xml::DocumentKind kind = xml::DocumentKind::Domain)
{
    const auto loaded = xml::Schema::load(kind);
    if (!loaded) {
        qFatal("%s", qPrintable(loaded.error().message));
    }
    return *loaded;
}

inline QString readText(const QString &file)
{
    QFile source(file);
    return source.open(QIODevice::ReadOnly) ? QString::fromUtf8(source.readAll()) : QString();
}

/** The files of a folder of tests/data that are domains. */
inline QStringList domainFiles()
{
    QStringList result;
    for (const QString &folder : {QStringLiteral("domain"), QStringLiteral("create")}) {
        const QDir dir(QStringLiteral(VIREO_TEST_DATA "/") + folder);
        const QStringList names = dir.entryList({QStringLiteral("*.xml")}, QDir::Files, QDir::Name);
        for (const QString &name : names) {
            if (!name.startsWith(QStringLiteral("newer-"))) { // those know more than the schema installed here
                result.append(dir.filePath(name));
            }
        }
    }
    return result;
}

/** A small domain without fault; `extra` goes into its <devices>. */
inline QString domain(const QString &extra = {})
{
    return QStringLiteral("<domain type='kvm'>\n"
                          "  <name>vm</name>\n"
                          "  <memory unit='MiB'>1024</memory>\n"
                          "  <vcpu>2</vcpu>\n"
                          "  <os><type arch='x86_64' machine='q35'>hvm</type></os>\n"
                          "  <devices>\n"
                          "    <disk type='file' device='disk'>\n"
                          "      <source file='/srv/a.qcow2'/>\n"
                          "      <target dev='vda' bus='virtio'/>\n"
                          "    </disk>\n"
                          "    <interface type='network'>\n"
                          "      <source network='default'/>\n"
                          "      <model type='virtio'/>\n"
                          "    </interface>\n"
                          "    <video><model type='vga'/></video>%1\n"
                          "  </devices>\n"
                          "</domain>\n")
        .arg(extra);
}

} // namespace vireo::test
