// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/xml/devices/devicekind.h"
#include "backend/xml/devices/devicenames.h"
#include "backend/xml/devices/disksource.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

using Kind = DeviceField::Kind;

struct DiskText {
    Q_DECLARE_TR_FUNCTIONS(xml_disk)
};

QString whyFrozen()
{
    return DiskText::tr("QEMU takes a disk's settings when the disk is attached.");
}

Offer words(const QString &automatic, const QStringList &values)
{
    Offer offer;
    offer.add(automatic, {});
    offer.add(values);
    return offer;
}

QString deviceOf(const DeviceContext &disk)
{
    const QString device = disk.attribute({}, u"device"_s);
    return device.isEmpty() ? u"disk"_s : device;
}

QString busOf(const DeviceContext &disk)
{
    return disk.attribute(u"target"_s, u"bus"_s);
}

Offer busOffer(const DeviceContext &disk)
{
    static const QHash<QString, QString> names{{u"virtio"_s, u"virtio"_s}, {u"sata"_s, u"SATA"_s},
        {u"scsi"_s, u"SCSI"_s}, {u"ide"_s, u"IDE"_s}, {u"usb"_s, u"USB"_s}, {u"fdc"_s, u"FDC"_s}, {u"sd"_s, u"SD"_s},
        {u"xen"_s, u"Xen"_s}, {u"nvme"_s, u"NVMe"_s}};
    const QString device = deviceOf(disk);
    const QStringList offered = disk.capabilities().diskBuses();
    Offer offer;
    for (const QString &bus :
        {u"virtio"_s, u"sata"_s, u"scsi"_s, u"ide"_s, u"usb"_s, u"sd"_s, u"xen"_s, u"nvme"_s, u"fdc"_s}) {
        const bool floppy = bus == "fdc"_L1;
        const bool suits = device == "floppy"_L1 ? floppy
            : device == "cdrom"_L1               ? !floppy && bus != "virtio"_L1 && bus != "nvme"_L1 && bus != "sd"_L1
                                                 : !floppy;
        const bool known = offered.isEmpty() ? bus != "xen"_L1 && bus != "nvme"_L1 : offered.contains(bus);
        if (suits && known && !(bus == "ide"_L1 && disk.isQ35())) {
            offer.add(names.value(bus), bus);
        }
    }
    if (!offered.isEmpty() && !offered.contains(u"virtio"_s) && device == "disk"_L1) {
        offer.lacking = DiskText::tr("This host offers no virtio disks.");
    }
    return offer;
}

/** The name of the target follows the bus, and where it was plugged in is no place on another bus. */
void writeBus(const DeviceEdit &edit, const QString &bus)
{
    if (busOf(edit.context()) == bus) {
        return;
    }
    const QString target = edit.context().attribute(u"target"_s, u"dev"_s);
    edit.remove(u"address"_s);
    edit.setAttribute(u"target"_s, u"bus"_s, bus);
    if (!target.startsWith(targetPrefix(bus))) {
        edit.setAttribute(u"target"_s, u"dev"_s, nextTarget(edit.document, bus));
    }
    if (bus == "scsi"_L1) {
        ensureController(edit.document, u"scsi"_s, edit.context().isX86() ? u"virtio-scsi"_s : QString());
    } else if (bus == "nvme"_L1) {
        ensureController(edit.document, u"nvme"_s, {});
    }
}

QString targetProblem(const DeviceContext &disk)
{
    const QString target = disk.attribute(u"target"_s, u"dev"_s);
    if (target.isEmpty()) {
        return DiskText::tr("A disk needs a target, such as %1.").arg(nextTarget(disk.document, busOf(disk)));
    }
    const QList<ElementPath> disks = devicesOf(disk.document, u"disk"_s);
    for (const ElementPath &other : disks) {
        if (!(other == disk.path) && disk.document.attribute(below(other, u"target"_s), u"dev"_s) == target) {
            return DiskText::tr("Another disk has the target %1. Free is %2.")
                .arg(target, nextTarget(disk.document, busOf(disk)));
        }
    }
    return {};
}

/** Bytes a second in whole MiB. What is no whole number of them is shown rounded, and kept until it is edited. */
FieldMaker rate(const QString &id, const QString &label)
{
    constexpr quint64 MiB = 1024 * 1024;
    return FieldMaker(Kind::Number, id, label, u"iotune/"_s + id)
        .range(1, 1024 * 1024, DiskText::tr(" MiB/s"))
        .unset(DiskText::tr("No limit"))
        .reads([id](const DeviceContext &disk) -> QString {
            const quint64 bytes = disk.text(u"iotune/"_s + id).toULongLong();
            return bytes == 0 ? QString() : QString::number(std::max<quint64>(1, (bytes + MiB / 2) / MiB));
        })
        .writes([id](const DeviceEdit &edit, const QString &value) {
            edit.setText(u"iotune/"_s + id, value.isEmpty() ? value : QString::number(value.toULongLong() * MiB));
        })
        .in(DiskText::tr("Limits"))
        .checked([id](const DeviceContext &disk) -> QString {
            const bool total = !disk.text(u"iotune/total_bytes_sec"_s).isEmpty();
            return total && id != "total_bytes_sec"_L1 && !disk.text(u"iotune/"_s + id).isEmpty()
                ? DiskText::tr("Either a total, or reading and writing apart.")
                : QString();
        });
}

FieldMaker operations(const QString &id, const QString &label)
{
    return FieldMaker(Kind::Number, id, label, u"iotune/"_s + id)
        .range(1, 10'000'000, DiskText::tr(" per second"))
        .unset(DiskText::tr("No limit"))
        .in(DiskText::tr("Limits"))
        .checked([id](const DeviceContext &disk) -> QString {
            const bool total = !disk.text(u"iotune/total_iops_sec"_s).isEmpty();
            return total && id != "total_iops_sec"_L1 && !disk.text(u"iotune/"_s + id).isEmpty()
                ? DiskText::tr("Either a total, or reading and writing apart.")
                : QString();
        });
}

QList<DeviceField> driverFields()
{
    const QString performance = DiskText::tr("Performance");
    const QString automatic = DiskText::tr("Automatic");
    Offer formats = words(DiskText::tr("Not said: raw"), {u"raw"_s, u"qcow2"_s, u"qed"_s, u"vmdk"_s, u"vdi"_s});
    Offer cache = words(automatic, {u"none"_s, u"writeback"_s, u"writethrough"_s, u"directsync"_s});
    cache.add(DiskText::tr("unsafe (loses data when the host fails)"), u"unsafe"_s);
    Offer discard = words(automatic, {});
    discard.add(DiskText::tr("unmap: freed blocks are given back"), u"unmap"_s);
    discard.add({u"ignore"_s});
    Offer zeroes = words(automatic, {u"off"_s, u"on"_s, u"unmap"_s});
    const auto hard = [](const DeviceContext &disk) {
        return deviceOf(disk) == "disk"_L1;
    };
    return {
        FieldMaker(Kind::Choice, u"format"_s, DiskText::tr("Form&at"), u"driver"_s, u"type"_s)
            .offering(formats)
            .hinted(DiskText::tr("Must be what the image is: the guest sees what a wrong format makes of it."))
            .frozen(whyFrozen()),
        FieldMaker(Kind::Choice, u"cache"_s, DiskText::tr("&Cache"), u"driver"_s, u"cache"_s)
            .offering(cache)
            .in(performance)
            .frozen(whyFrozen()),
        FieldMaker(Kind::Choice, u"io"_s, DiskText::tr("&I/O"), u"driver"_s, u"io"_s)
            .offering(words(automatic, {u"native"_s, u"threads"_s, u"io_uring"_s}))
            .checked([](const DeviceContext &disk) -> QString {
                const QString mode = disk.attribute(u"driver"_s, u"cache"_s);
                const bool direct = mode == "none"_L1 || mode == "directsync"_L1;
                return disk.attribute(u"driver"_s, u"io"_s) == "native"_L1 && !direct
                    ? DiskText::tr("native needs the cache none or directsync.")
                    : QString();
            })
            .in(performance)
            .frozen(whyFrozen()),
        FieldMaker(Kind::Choice, u"discard"_s, DiskText::tr("&Discard"), u"driver"_s, u"discard"_s)
            .offering(discard)
            .shownIf(hard)
            .in(performance)
            .frozen(whyFrozen()),
        FieldMaker(Kind::Choice, u"detect_zeroes"_s, DiskText::tr("Detect &zeroes"), u"driver"_s, u"detect_zeroes"_s)
            .offering(zeroes)
            .shownIf(hard)
            .in(performance)
            .frozen(whyFrozen()),
    };
}

QList<DeviceField> busFields()
{
    return {
        FieldMaker(Kind::Choice, u"bus"_s, DiskText::tr("B&us"), u"target"_s, u"bus"_s)
            .offering(busOffer)
            .writes(writeBus)
            .frozen(whyFrozen()),
        FieldMaker(Kind::Text, u"target"_s, DiskText::tr("&Target"), u"target"_s, u"dev"_s)
            .checked(targetProblem)
            .frozen(whyFrozen()),
    };
}

QString titled(const QString &name, const DeviceContext &disk)
{
    return name + u' ' + disk.attribute(u"target"_s, u"dev"_s);
}

QString shownLocation(const DeviceContext &disk)
{
    return diskLocation(disk);
}

/** As the other disks, else virtio where the host has it. */
QString busForNew(const XmlText &document, const HostFacts &host)
{
    const QList<ElementPath> disks = devicesOf(document, u"disk"_s);
    for (const ElementPath &path : disks) {
        const DeviceContext disk{document, path, host, false};
        if (deviceOf(disk) == "disk"_L1 && !busOf(disk).isEmpty()) {
            return busOf(disk);
        }
    }
    const QStringList offered = host.vocabulary.capabilities.diskBuses();
    return offered.isEmpty() || offered.contains(u"virtio"_s) ? u"virtio"_s : offered.constFirst();
}

Element add(Element parent, const QString &name, const QList<std::pair<QString, QString>> &attributes = {})
{
    Element element = parent.append(name);
    for (const auto &[key, value] : attributes) {
        element.setAttribute(key, value);
    }
    return element;
}

QString makeDisk(const XmlText &document, const HostFacts &host)
{
    const QString bus = busForNew(document, host);
    const Document made = Document::create(u"disk"_s);
    Element disk = made.root();
    disk.setAttribute(u"type"_s, u"file"_s);
    disk.setAttribute(u"device"_s, u"disk"_s);
    add(disk, u"driver"_s, {{u"name"_s, u"qemu"_s}, {u"type"_s, u"qcow2"_s}, {u"discard"_s, u"unmap"_s}});
    add(disk, u"target"_s, {{u"dev"_s, nextTarget(document, bus)}, {u"bus"_s, bus}});
    return disk.toXml();
}

QString makeRemovable(const XmlText &document, const QString &device, const QString &bus, bool readOnly)
{
    const Document made = Document::create(u"disk"_s);
    Element disk = made.root();
    disk.setAttribute(u"type"_s, u"file"_s);
    disk.setAttribute(u"device"_s, device);
    add(disk, u"driver"_s, {{u"name"_s, u"qemu"_s}, {u"type"_s, u"raw"_s}});
    add(disk, u"target"_s, {{u"dev"_s, nextTarget(document, bus)}, {u"bus"_s, bus}});
    if (readOnly) {
        add(disk, u"readonly"_s);
    }
    return disk.toXml();
}

QString cdromBus(const XmlText &document, const HostFacts &host)
{
    const DeviceContext domain{document, {}, host, false};
    return domain.isQ35() ? u"sata"_s : domain.isX86() ? u"ide"_s : u"scsi"_s;
}

/** Where a host says which devices its disks may be, another is not offered. */
std::function<QString(const XmlText &, const HostFacts &)> unlessOffered(const QString &device, const QString &why)
{
    return [device, why](const XmlText &, const HostFacts &host) {
        const QStringList offered = host.vocabulary.capabilities.diskDevices();
        return offered.isEmpty() || offered.contains(device) ? QString() : why;
    };
}

DeviceKind removable(const QString &device, const QString &name)
{
    DeviceKind kind;
    kind.id = device;
    kind.name = name;
    kind.element = u"disk"_s;
    kind.matches = [device](const DeviceContext &disk) {
        return deviceOf(disk) == device;
    };
    kind.title = [name](const DeviceContext &disk) {
        return titled(name, disk);
    };
    kind.subtitle = [](const DeviceContext &disk) {
        const QString location = diskLocation(disk);
        return location.isEmpty() ? DiskText::tr("Empty") : location;
    };
    kind.fields = diskSourceFields(true, {});
    kind.fields.append(FieldMaker(Kind::Button, u"eject"_s, DiskText::tr("&Eject"))
            .reads([](const DeviceContext &disk) { return diskLocation(disk); })
            .writes([](const DeviceEdit &edit, const QString &) { edit.remove(u"source"_s); }));
    kind.fields += busFields();
    kind.fields += driverFields();
    for (DeviceField &field : kind.fields) {
        if (field.id == "format"_L1) {
            field.frozen.clear(); // it goes with the medium
        }
    }
    return kind;
}

} // namespace

DeviceKind diskKind()
{
    DeviceKind kind;
    kind.id = u"disk"_s;
    kind.name = DiskText::tr("Disk");
    kind.element = u"disk"_s;
    kind.matches = [](const DeviceContext &disk) {
        return deviceOf(disk) == "disk"_L1 || deviceOf(disk) == "lun"_L1;
    };
    kind.title = [](const DeviceContext &disk) {
        return titled(DiskText::tr("Disk"), disk);
    };
    kind.subtitle = shownLocation;
    kind.fields = diskSourceFields(false,
        DiskText::tr("A guest can't be given other data under a disk that it uses. Detach it, and add another."));
    kind.fields += busFields();
    kind.fields += driverFields();
    const QString performance = DiskText::tr("Performance");
    kind.fields += QList<DeviceField>{
        FieldMaker(Kind::Switch, u"readonly"_s, DiskText::tr("&Read-only"), u"readonly"_s).frozen(whyFrozen()),
        FieldMaker(Kind::Switch, u"shareable"_s, DiskText::tr("S&hareable with other VMs"), u"shareable"_s)
            .frozen(whyFrozen()),
        FieldMaker(Kind::Text, u"serial"_s, DiskText::tr("Seria&l number"), u"serial"_s)
            .unset(DiskText::tr("None"))
            .frozen(whyFrozen()),
        rate(u"total_bytes_sec"_s, DiskText::tr("Total")),
        rate(u"read_bytes_sec"_s, DiskText::tr("Reading")),
        rate(u"write_bytes_sec"_s, DiskText::tr("Writing")),
        operations(u"total_iops_sec"_s, DiskText::tr("Total operations")),
        operations(u"read_iops_sec"_s, DiskText::tr("Read operations")),
        operations(u"write_iops_sec"_s, DiskText::tr("Write operations")),
    };
    kind.make = makeDisk;
    return kind;
}

DeviceKind cdromKind()
{
    DeviceKind kind = removable(u"cdrom"_s, DiskText::tr("CD-ROM"));
    kind.make = [](const XmlText &document, const HostFacts &host) {
        return makeRemovable(document, u"cdrom"_s, cdromBus(document, host), true);
    };
    kind.lacking = unlessOffered(u"cdrom"_s, DiskText::tr("This host's VMs of this kind have no CD-ROM drives."));
    return kind;
}

DeviceKind floppyKind()
{
    DeviceKind kind = removable(u"floppy"_s, DiskText::tr("Floppy"));
    kind.make = [](const XmlText &document, const HostFacts &) {
        return makeRemovable(document, u"floppy"_s, u"fdc"_s, false);
    };
    kind.lacking = [](const XmlText &document, const HostFacts &host) {
        const QStringList offered = host.vocabulary.capabilities.diskDevices();
        const DeviceContext domain{document, {}, host, false};
        return domain.isX86() && (offered.isEmpty() || offered.contains(u"floppy"_s))
            ? QString()
            : DiskText::tr("This host's VMs of this kind have no floppy drives.");
    };
    return kind;
}

} // namespace vireo::xml::devices
