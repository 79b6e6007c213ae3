// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/virt/domaindetails.h"

#include <array>

#include "backend/xml/document.h"

namespace vireo::virt {

namespace {

constexpr auto libosinfoNamespace = "http://libosinfo.org/xmlns/libvirt/domain/1.0";

/** libvirt's memory elements carry a unit; KiB is the default and what libvirt itself writes. */
quint64 kibOf(const xml::Element &element)
{
    const quint64 value = element.text().trimmed().toULongLong();
    const QString unit = element.attribute(QStringLiteral("unit"));
    struct Unit {
        const char *name;
        quint64 bytes;
    };
    static constexpr std::array units{Unit{"b", 1}, Unit{"bytes", 1}, Unit{"KB", 1000}, Unit{"MB", 1000000},
        Unit{"M", 1024 * 1024}, Unit{"MiB", 1024 * 1024}, Unit{"GB", 1000000000}, Unit{"G", 1024UL << 20U},
        Unit{"GiB", 1024UL << 20U}};
    for (const Unit &candidate : units) {
        if (unit == QLatin1StringView(candidate.name)) {
            return value * candidate.bytes / 1024;
        }
    }
    return value;
}

} // namespace

void DomainDetails::applyTo(DomainRecord &record) const
{
    record.detailed = true;
    record.title = title;
    record.description = description;
    record.osId = osId;
    record.tags = tags;
    record.group = group;
    if (record.memoryKiB == 0) {
        record.memoryKiB = memoryKiB;
    }
    if (record.maxMemoryKiB == 0) {
        record.maxMemoryKiB = maxMemoryKiB;
    }
    if (record.vcpus == 0) {
        record.vcpus = vcpus;
    }
    if (record.maxVcpus == 0) {
        record.maxVcpus = maxVcpus;
    }
}

DomainDetails detailsFromXml(const QUuid &uuid, const QString &xml)
{
    DomainDetails details;
    details.uuid = uuid;
    const auto document = xml::Document::parse(xml);
    if (!document) {
        return details;
    }
    const xml::Element root = document->root();
    details.title = root.child(QStringLiteral("title")).text().trimmed();
    details.description = root.child(QStringLiteral("description")).text().trimmed();

    const xml::Element metadata = root.child(QStringLiteral("metadata"));
    const xml::Element own = metadata.child(QStringLiteral("domain"), QLatin1StringView(xml::MetadataNamespace));
    const auto tags = own.child(QStringLiteral("tags")).children(QStringLiteral("tag"));
    for (const xml::Element &tag : tags) {
        details.tags.append(tag.text().trimmed());
    }
    details.group = own.child(QStringLiteral("group")).text().trimmed();
    details.osId = metadata.child(QStringLiteral("libosinfo"), QLatin1StringView(libosinfoNamespace))
                       .child(QStringLiteral("os"))
                       .attribute(QStringLiteral("id"));

    details.maxMemoryKiB = kibOf(root.child(QStringLiteral("memory")));
    const xml::Element current = root.child(QStringLiteral("currentMemory"));
    details.memoryKiB = current ? kibOf(current) : details.maxMemoryKiB;
    const xml::Element vcpu = root.child(QStringLiteral("vcpu"));
    details.maxVcpus = vcpu.text().trimmed().toInt();
    const QString online = vcpu.attribute(QStringLiteral("current"));
    details.vcpus = online.isEmpty() ? details.maxVcpus : online.toInt();
    return details;
}

} // namespace vireo::virt
