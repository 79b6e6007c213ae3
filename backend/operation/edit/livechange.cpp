// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/edit/livechange.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <QCoreApplication>

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct LiveChangeText {
    Q_DECLARE_TR_FUNCTIONS(operation_liveChange)
};

using xml::Element;

bool isAnyOf(const QString &text, std::initializer_list<QLatin1StringView> words)
{
    return std::ranges::find(words, text) != words.end();
}

bool isRemovable(const DevicePart &device)
{
    return device.kind == "disk"_L1 && isAnyOf(device.function, {"cdrom"_L1, "floppy"_L1});
}

/** It will sit on the PCI bus itself, not behind a controller. */
bool isPciDevice(const DevicePart &device)
{
    const QString &kind = device.kind;
    if (kind == "disk"_L1 || kind == "input"_L1) {
        return device.bus == "virtio"_L1;
    }
    if (kind == "interface"_L1) {
        return device.model != "usb-net"_L1;
    }
    if (kind == "hostdev"_L1) {
        return isAnyOf(device.type, {"pci"_L1, "mdev"_L1});
    }
    if (kind == "controller"_L1) {
        return device.type == "scsi"_L1;
    }
    if (kind == "watchdog"_L1) {
        return device.model == "i6300esb"_L1;
    }
    return isAnyOf(kind, {"rng"_L1, "vsock"_L1, "shmem"_L1, "filesystem"_L1});
}

/** The type of controller that it hangs on; empty: none. */
QString controllerOf(const DevicePart &device)
{
    if (device.kind == "channel"_L1) {
        return device.bus == "virtio"_L1 ? u"virtio-serial"_s : QString();
    }
    if (device.bus == "usb"_L1 || device.kind == "redirdev"_L1
        || (device.kind == "hostdev"_L1 && device.type == "usb"_L1)
        || (device.kind == "interface"_L1 && device.model == "usb-net"_L1)) {
        return u"usb"_s;
    }
    return {};
}

/** Kinds that libvirt's QEMU driver can add and remove, some of them in some forms only. */
bool isHotPluggableKind(const DevicePart &device)
{
    const QString &kind = device.kind;
    if (isAnyOf(kind, {"interface"_L1, "rng"_L1, "vsock"_L1, "redirdev"_L1, "lease"_L1, "memory"_L1})) {
        return true;
    }
    if (kind == "disk"_L1) {
        return !isRemovable(device) && isAnyOf(device.bus, {"virtio"_L1, "scsi"_L1, "usb"_L1});
    }
    if (kind == "controller"_L1) {
        return device.type == "scsi"_L1;
    }
    if (kind == "hostdev"_L1) {
        return isAnyOf(device.type, {"usb"_L1, "pci"_L1, "scsi"_L1, "scsi_host"_L1, "mdev"_L1});
    }
    if (kind == "input"_L1) {
        return isAnyOf(device.bus, {"usb"_L1, "virtio"_L1});
    }
    if (kind == "channel"_L1) {
        return controllerOf(device) == "virtio-serial"_L1;
    }
    if (kind == "shmem"_L1) {
        return isAnyOf(device.model, {"ivshmem-plain"_L1, "ivshmem-doorbell"_L1});
    }
    return kind == "watchdog"_L1 && device.model == "i6300esb"_L1;
}

QString notHotPluggable(const DevicePart &device, bool adds)
{
    if (isRemovable(device)) {
        return adds ? LiveChangeText::tr("A drive for removable media can't be added to a running VM.")
                    : LiveChangeText::tr("A drive for removable media can't be removed from a running VM.");
    }
    if (device.kind == "disk"_L1) {
        return adds ? LiveChangeText::tr("A disk on the bus “%1” can't be added to a running VM.").arg(device.bus)
                    : LiveChangeText::tr("A disk on the bus “%1” can't be removed from a running VM.").arg(device.bus);
    }
    return adds ? LiveChangeText::tr("Such a device can't be added to a running VM.")
                : LiveChangeText::tr("Such a device can't be removed from a running VM.");
}

/** What may change in a network card that is in use. */
QStringList changeableParts(const Element &before, const Element &after)
{
    const QString type = before.attribute(u"type"_s);
    if (before.name() == "interface"_L1) {
        QStringList parts{u"link"_s};
        const auto isBridged = [](const QString &kind) {
            return isAnyOf(kind, {"network"_L1, "bridge"_L1});
        };
        if (isBridged(type) && isBridged(after.attribute(u"type"_s))) {
            parts << u"source"_s << u"@type"_s << u"filterref"_s << u"bandwidth"_s;
        }
        return parts;
    }
    if (before.name() == "graphics"_L1) {
        return {u"@passwd"_s, u"@passwdValidTo"_s, u"@connected"_s};
    }
    if (before.name() == "disk"_L1 && isAnyOf(before.attribute(u"device"_s), {"cdrom"_L1, "floppy"_L1})) {
        return {u"source"_s, u"@type"_s, u"driver"_s};
    }
    return {};
}

/** In all but the format, which goes with the medium. */
bool isSameDriver(const Element &before, const Element &after)
{
    QStringList names = before.attributeNames() + after.attributeNames();
    names.removeAll(u"type"_s);
    return std::ranges::all_of(
        names, [&](const QString &name) { return before.attribute(name) == after.attribute(name); });
}

QString wordsFor(const QStringList &parts)
{
    QStringList words;
    for (const QString &part : parts) {
        words << (part.startsWith(u'@') ? part.mid(1) : part);
    }
    return words.join(u", "_s);
}

void copyInto(Element &element, const QString &part, const Element &from)
{
    if (part.startsWith(u'@')) {
        const QString name = part.mid(1);
        if (from.hasAttribute(name)) {
            element.setAttribute(name, from.attribute(name));
        } else {
            element.removeAttribute(name);
        }
        return;
    }
    const QList<Element> old = element.children(part);
    for (Element child : old) {
        child.remove();
    }
    const QList<Element> fresh = from.children(part);
    for (const Element &child : fresh) {
        element.appendCopy(child);
    }
}

} // namespace

RunningMachine::RunningMachine(const xml::Document &running)
    : m_type(running.root().attribute(u"type"_s))
    , m_devices(devicesOf(running))
    , m_memoryKib(kibOf(running.root().child(u"memory"_s)))
{
    const Element vcpu = running.root().child(u"vcpu"_s);
    m_maxVcpus = vcpu.text().trimmed().toInt();
    m_vcpus = vcpu.hasAttribute(u"current"_s) ? vcpu.attribute(u"current"_s).toInt() : m_maxVcpus;
    QStringList ports;
    for (const DevicePart &device : std::as_const(m_devices)) {
        if (device.kind != "controller"_L1 || device.type != "pci"_L1) {
            continue;
        }
        m_isPcie = m_isPcie || device.model == "pcie-root"_L1;
        if (isAnyOf(device.model, {"pcie-root-port"_L1, "pcie-switch-downstream-port"_L1})) {
            ports << device.identity.section(u' ', 1);
        }
    }
    for (const DevicePart &device : std::as_const(m_devices)) {
        if (device.address.startsWith("pci "_L1)) {
            ports.removeAll(device.address.section(u':', 1, 1));
        }
    }
    m_freePorts = static_cast<int>(ports.size());
}

bool RunningMachine::hasController(const QString &type) const
{
    return m_comingControllers.contains(type) || std::ranges::any_of(m_devices, [&type](const DevicePart &device) {
        return device.kind == "controller"_L1 && device.type == type && device.model != "none"_L1;
    });
}

bool RunningMachine::hasBalloon() const
{
    return std::ranges::any_of(m_devices,
        [](const DevicePart &device) { return device.kind == "memballoon"_L1 && device.model != "none"_L1; });
}

/** Of the other hypervisors, devices have no names by which they could be told apart while they run. */
QString RunningMachine::driverRefusal() const
{
    if (isAnyOf(m_type, {"qemu"_L1, "kvm"_L1})) {
        return {};
    }
    return LiveChangeText::tr("libvirt can't change such a device of a running VM of the type “%1”.").arg(m_type);
}

QString RunningMachine::portRefusal(const DevicePart &device)
{
    const bool needsOwn = isPciDevice(device);
    const bool bringsController = device.bus == "scsi"_L1 && device.kind == "disk"_L1 && !hasController(u"scsi"_s);
    if (!m_isPcie || (!needsOwn && !bringsController) || !device.address.isEmpty()) {
        return {};
    }
    if (m_freePorts <= 0) {
        return LiveChangeText::tr("The running VM has no free PCIe port.");
    }
    --m_freePorts;
    return {};
}

QString RunningMachine::attachRefusal(const DevicePart &device)
{
    if (const QString refusal = driverRefusal(); !refusal.isEmpty()) {
        return refusal;
    }
    if (!isHotPluggableKind(device)) {
        return notHotPluggable(device, true);
    }
    if (const QString controller = controllerOf(device); !controller.isEmpty() && !hasController(controller)) {
        return LiveChangeText::tr("The running VM has no controller of the type “%1”.").arg(controller);
    }
    if (const QString refusal = portRefusal(device); !refusal.isEmpty()) {
        return refusal;
    }
    if (device.kind == "controller"_L1 || (device.kind == "disk"_L1 && device.bus == "scsi"_L1)) {
        m_comingControllers << u"scsi"_s;
    }
    return {};
}

QString RunningMachine::detachRefusal(const DevicePart &running) const
{
    if (const QString refusal = driverRefusal(); !refusal.isEmpty()) {
        return refusal;
    }
    if (!isHotPluggableKind(running)) {
        return notHotPluggable(running, false);
    }
    if (m_isPcie && running.address.startsWith("pci 0:0:"_L1)) {
        return LiveChangeText::tr("It sits on the PCIe root itself, where nothing can be unplugged.");
    }
    return {};
}

QString RunningMachine::updateRefusal(const DevicePart &running, const Element &before, const Element &after) const
{
    if (QString refusal = driverRefusal(); !refusal.isEmpty()) {
        return refusal;
    }
    QStringList differing = differingParts(before, after);
    const QStringList changeable = changeableParts(before, after);
    differing.removeIf([&changeable](const QString &part) { return changeable.contains(part); });
    if (!isSameDriver(before.child(u"driver"_s), after.child(u"driver"_s))) {
        differing << u"driver"_s;
    }
    if (deviceOf(before).address != deviceOf(after).address) {
        differing << u"address"_s;
    }
    if (differing.isEmpty()) {
        return {};
    }
    return LiveChangeText::tr("libvirt can't change this of a device that is in use: %1 (%2).")
        .arg(wordsFor(differing), running.label);
}

QStringList differingParts(const Element &before, const Element &after)
{
    QStringList parts;
    QStringList attributes = before.attributeNames() + after.attributeNames();
    attributes.removeDuplicates();
    for (const QString &name : std::as_const(attributes)) {
        if (before.attribute(name) != after.attribute(name) || before.hasAttribute(name) != after.hasAttribute(name)) {
            parts << u'@' + name;
        }
    }
    QStringList children;
    const QList<Element> all = before.children() + after.children();
    for (const Element &child : all) {
        if (child.name() != "alias"_L1 && child.name() != "address"_L1 && !children.contains(child.name())) {
            children << child.name();
        }
    }
    const auto meaning = [](const Element &element, const QString &name) {
        QString text;
        const QList<Element> found = element.children(name);
        for (const Element &child : found) {
            text += meaningOf(child);
        }
        return text;
    };
    for (const QString &name : std::as_const(children)) {
        if (meaning(before, name) != meaning(after, name)) {
            parts << name;
        }
    }
    return parts;
}

Result<QString> updateXml(const QString &runningDevice, const QString &after, bool exact)
{
    const auto running = xml::Document::parse(runningDevice);
    const auto wanted = xml::Document::parse(after);
    if (!running || !wanted) {
        return fail(running ? wanted.error() : running.error());
    }
    Element element = running->root();
    const Element from = wanted->root();
    const bool isGraphics = element.name() == "graphics"_L1;
    const QStringList parts = changeableParts(element, from);
    for (const QString &part : parts) {
        if (exact || !isGraphics || from.hasAttribute(part.mid(1))) {
            copyInto(element, part, from);
        }
    }
    if (element.name() == "disk"_L1) {
        element.child(u"backingStore"_s).remove(); // what libvirt found out about the old medium
    }
    return element.toXml();
}

QString attachableXml(const QString &runningDevice)
{
    const auto document = xml::Document::parse(runningDevice);
    if (!document) {
        return runningDevice;
    }
    Element device = document->root();
    if (Element alias = device.child(u"alias"_s); !alias.attribute(u"name"_s).startsWith("ua-"_L1)) {
        alias.remove();
    }
    Element source = device.child(u"source"_s);
    if (device.name() == "disk"_L1) {
        device.child(u"backingStore"_s).remove();
        source.removeAttribute(u"index"_s);
    }
    if (device.name() == "interface"_L1) {
        const QString name = device.child(u"target"_s).attribute(u"dev"_s);
        if (name.startsWith("vnet"_L1) || name.startsWith("macvtap"_L1) || name.startsWith("macvlan"_L1)) {
            device.child(u"target"_s).remove();
        }
        if (source.hasAttribute(u"network"_s)) {
            source.removeAttribute(u"bridge"_s);
            source.removeAttribute(u"portid"_s);
        }
    }
    return device.toXml();
}

quint64 kibOf(const Element &element)
{
    struct Unit {
        QLatin1StringView name;
        double bytes;
    };
    constexpr double k = 1024;
    constexpr double m = k * k;
    constexpr double g = m * k;
    constexpr double t = g * k;
    static constexpr std::array units{Unit{"b"_L1, 1}, Unit{"bytes"_L1, 1}, Unit{"KB"_L1, 1e3}, Unit{"k"_L1, k},
        Unit{"KiB"_L1, k}, Unit{"MB"_L1, 1e6}, Unit{"M"_L1, m}, Unit{"MiB"_L1, m}, Unit{"GB"_L1, 1e9}, Unit{"G"_L1, g},
        Unit{"GiB"_L1, g}, Unit{"TB"_L1, 1e12}, Unit{"T"_L1, t}, Unit{"TiB"_L1, t}};
    const QString unit = element.attribute(u"unit"_s);
    const auto found = std::ranges::find(units, unit, &Unit::name);
    const double bytes = element.text().trimmed().toDouble() * (found == units.end() ? k : found->bytes);
    return bytes > 0 ? static_cast<quint64>(std::ceil(bytes / k)) : 0;
}

} // namespace vireo::operation
