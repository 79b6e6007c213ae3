// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/domaindevices.h"

#include <QCoreApplication>

#include "backend/xml/document.h"

namespace vireo::xml {

namespace {

/** Where a disk's data is, for people: the attribute differs by the disk's type. */
QString diskSource(const Element &disk)
{
    const Element source = disk.child(QStringLiteral("source"));
    const QString pool = source.attribute(QStringLiteral("pool"));
    if (!pool.isEmpty()) {
        return pool + QLatin1Char('/') + source.attribute(QStringLiteral("volume"));
    }
    const QString protocol = source.attribute(QStringLiteral("protocol"));
    if (!protocol.isEmpty()) {
        const QString host = source.child(QStringLiteral("host")).attribute(QStringLiteral("name"));
        return protocol + QStringLiteral("://") + host + QLatin1Char('/') + source.attribute(QStringLiteral("name"));
    }
    for (const QString &name :
        {QStringLiteral("file"), QStringLiteral("dev"), QStringLiteral("dir"), QStringLiteral("path")}) {
        if (source.hasAttribute(name)) {
            return source.attribute(name);
        }
    }
    return {};
}

QString nicSource(const Element &nic)
{
    const Element source = nic.child(QStringLiteral("source"));
    for (const QString &name : {QStringLiteral("network"), QStringLiteral("bridge"), QStringLiteral("dev"),
             QStringLiteral("path"), QStringLiteral("address")}) {
        if (source.hasAttribute(name)) {
            return source.attribute(name);
        }
    }
    return {};
}

QString firmwareOf(const Element &os)
{
    if (os.attribute(QStringLiteral("firmware")) == QLatin1String("efi")) {
        return QStringLiteral("UEFI");
    }
    if (os.attribute(QStringLiteral("firmware")) == QLatin1String("bios")) {
        return QStringLiteral("BIOS");
    }
    return os.child(QStringLiteral("loader")).attribute(QStringLiteral("type")) == QLatin1String("pflash")
        ? QStringLiteral("UEFI")
        : QString();
}

} // namespace

Result<DomainDevices> readDevices(const QString &domainXml)
{
    auto document = Document::parse(domainXml);
    if (!document) {
        return fail(document.error());
    }
    const Element domain = document->root();
    if (domain.name() != QLatin1String("domain")) {
        return fail(
            Error::invalid(QCoreApplication::translate("vireo::xml", "The document is not a domain's definition.")));
    }

    DomainDevices result;
    result.virtType = domain.attribute(QStringLiteral("type"));
    const Element os = domain.child(QStringLiteral("os"));
    result.arch = os.child(QStringLiteral("type")).attribute(QStringLiteral("arch"));
    result.machine = os.child(QStringLiteral("type")).attribute(QStringLiteral("machine"));
    result.firmware = firmwareOf(os);
    const Element cpu = domain.child(QStringLiteral("cpu"));
    result.cpuMode = cpu.child(QStringLiteral("model")).text().trimmed();
    if (result.cpuMode.isEmpty()) {
        result.cpuMode = cpu.attribute(QStringLiteral("mode"));
    }

    const Element devices = domain.child(QStringLiteral("devices"));
    for (const Element &disk : devices.children(QStringLiteral("disk"))) {
        const Element target = disk.child(QStringLiteral("target"));
        DiskDevice one;
        one.target = target.attribute(QStringLiteral("dev"));
        one.bus = target.attribute(QStringLiteral("bus"));
        one.device = disk.attribute(QStringLiteral("device"));
        if (one.device.isEmpty()) {
            one.device = QStringLiteral("disk"); // libvirt's default
        }
        one.format = disk.child(QStringLiteral("driver")).attribute(QStringLiteral("type"));
        one.source = diskSource(disk);
        one.readOnly = !disk.child(QStringLiteral("readonly")).isNull();
        one.shareable = !disk.child(QStringLiteral("shareable")).isNull();
        result.disks.append(one);
    }
    for (const Element &nic : devices.children(QStringLiteral("interface"))) {
        NicDevice one;
        one.kind = nic.attribute(QStringLiteral("type"));
        one.source = nicSource(nic);
        one.model = nic.child(QStringLiteral("model")).attribute(QStringLiteral("type"));
        one.mac = nic.child(QStringLiteral("mac")).attribute(QStringLiteral("address"));
        one.target = nic.child(QStringLiteral("target")).attribute(QStringLiteral("dev"));
        result.nics.append(one);
    }
    return result;
}

} // namespace vireo::xml
