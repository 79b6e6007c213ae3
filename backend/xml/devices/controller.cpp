// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/xml/devices/devicekind.h"
#include "backend/xml/devices/devicenames.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

using Kind = DeviceField::Kind;

struct ControllerText {
    Q_DECLARE_TR_FUNCTIONS(xml_controller)
};

QString typeOf(const DeviceContext &controller)
{
    return controller.attribute({}, u"type"_s);
}

QString typeName(const QString &type)
{
    static const QHash<QString, QString> known{{u"scsi"_s, u"SCSI"_s}, {u"usb"_s, u"USB"_s}, {u"sata"_s, u"SATA"_s},
        {u"ide"_s, u"IDE"_s}, {u"nvme"_s, u"NVMe"_s}, {u"virtio-serial"_s, u"virtio serial"_s}, {u"ccid"_s, u"CCID"_s},
        {u"fdc"_s, u"FDC"_s}, {u"pci"_s, u"PCI"_s}};
    return known.value(type, type);
}

Offer modelOffer(const DeviceContext &controller)
{
    static const QHash<QString, QStringList> models{
        {u"scsi"_s, {u"virtio-scsi"_s, u"lsilogic"_s, u"lsisas1068"_s, u"lsisas1078"_s, u"ibmvscsi"_s}},
        {u"usb"_s,
            {u"qemu-xhci"_s, u"nec-xhci"_s, u"ich9-ehci1"_s, u"ich9-uhci1"_s, u"ich9-uhci2"_s, u"ich9-uhci3"_s,
                u"piix3-uhci"_s, u"piix4-uhci"_s, u"none"_s}},
        {u"ide"_s, {u"piix3"_s, u"piix4"_s, u"ich6"_s}}};
    Offer offer;
    offer.add(ControllerText::tr("The hypervisor's choice"), {});
    offer.add(models.value(typeOf(controller)));
    const QString current = controller.attribute({}, u"model"_s);
    if (!offer.values.contains(current)) {
        offer.add({current});
    }
    return offer;
}

std::function<bool(const DeviceContext &)> ifType(const QStringList &types)
{
    return [types](const DeviceContext &controller) {
        return types.contains(typeOf(controller));
    };
}

QString frozenText()
{
    return ControllerText::tr("A controller with devices on it can't be exchanged while the VM runs.");
}

/** Those that libvirt makes by itself, and nobody looks for: PCI bridges and ports, companions of a USB controller. */
bool isCompanion(const DeviceContext &controller)
{
    return typeOf(controller) == "pci"_L1 || controller.has(u"master"_s);
}

QString makeController(const XmlText &document, const HostFacts &)
{
    int index = 0;
    const QList<ElementPath> all = devicesOf(document, u"controller"_s);
    for (const ElementPath &path : all) {
        if (document.attribute(path, u"type"_s) == "scsi"_L1) {
            index = std::max(index, document.attribute(path, u"index"_s).toInt() + 1);
        }
    }
    const Document made = Document::create(u"controller"_s);
    Element controller = made.root();
    controller.setAttribute(u"type"_s, u"scsi"_s);
    controller.setAttribute(u"index"_s, QString::number(index));
    controller.setAttribute(u"model"_s, u"virtio-scsi"_s);
    return controller.toXml();
}

Offer typeOffer(const DeviceContext &controller)
{
    Offer offer;
    for (const QString &type : {u"scsi"_s, u"usb"_s, u"sata"_s, u"virtio-serial"_s, u"nvme"_s, u"ccid"_s}) {
        const QStringList buses = controller.capabilities().diskBuses();
        // Only a host that knows NVMe disks says so.
        if (type != "nvme"_L1 || buses.contains(type)) {
            offer.add(typeName(type), type);
        }
    }
    if (!offer.values.contains(typeOf(controller))) {
        offer.add(typeName(typeOf(controller)), typeOf(controller));
    }
    return offer;
}

void writeType(const DeviceEdit &edit, const QString &type)
{
    if (typeOf(edit.context()) == type) {
        return;
    }
    edit.document.setAttribute(edit.path, u"type"_s, type);
    int index = 0;
    const QList<ElementPath> all = devicesOf(edit.document, u"controller"_s);
    for (const ElementPath &path : all) {
        if (!(path == edit.path) && edit.document.attribute(path, u"type"_s) == type) {
            index = std::max(index, edit.document.attribute(path, u"index"_s).toInt() + 1);
        }
    }
    edit.document.setAttribute(edit.path, u"index"_s, QString::number(index));
    edit.document.removeAttribute(edit.path, u"model"_s);
    edit.document.removeAttribute(edit.path, u"ports"_s);
    edit.remove(u"address"_s);
    edit.remove(u"master"_s);
    if (type == "scsi"_L1) {
        edit.document.setAttribute(edit.path, u"model"_s, u"virtio-scsi"_s);
    } else if (type == "usb"_L1) {
        edit.document.setAttribute(edit.path, u"model"_s, u"qemu-xhci"_s);
    }
}

QString indexProblem(const DeviceContext &controller)
{
    int same = 0;
    const QString index = controller.attribute({}, u"index"_s);
    const QList<ElementPath> all = devicesOf(controller.document, u"controller"_s);
    for (const ElementPath &path : all) {
        const DeviceContext each{controller.document, path, controller.host, false};
        // The companions of a USB controller share its number.
        same +=
            typeOf(each) == typeOf(controller) && each.attribute({}, u"index"_s) == index && !isCompanion(each) ? 1 : 0;
    }
    return same > 1 && !index.isEmpty() ? ControllerText::tr("Another controller of this type has this number.")
                                        : QString();
}

DeviceKind controllers(bool minor)
{
    DeviceKind kind;
    kind.id = minor ? u"companion"_s : u"controller"_s;
    kind.name = ControllerText::tr("Controller");
    kind.element = u"controller"_s;
    kind.minor = minor;
    kind.title = [](const DeviceContext &controller) {
        return ControllerText::tr("Controller %1 %2", "1: type, 2: number")
            .arg(typeName(typeOf(controller)), controller.attribute({}, u"index"_s))
            .trimmed();
    };
    kind.subtitle = [](const DeviceContext &controller) {
        return controller.attribute({}, u"model"_s);
    };
    return kind;
}

} // namespace

DeviceKind controllerKind()
{
    DeviceKind kind = controllers(false);
    kind.matches = [](const DeviceContext &controller) {
        return !isCompanion(controller);
    };
    kind.fields = {
        FieldMaker(Kind::Choice, u"type"_s, ControllerText::tr("T&ype"), {}, u"type"_s)
            .offering(typeOffer)
            .writes(writeType)
            .frozen(frozenText()),
        FieldMaker(Kind::Choice, u"model"_s, ControllerText::tr("M&odel"), {}, u"model"_s)
            .offering(modelOffer)
            .shownIf(ifType({u"scsi"_s, u"usb"_s, u"ide"_s}))
            .frozen(frozenText()),
        FieldMaker(Kind::Number, u"index"_s, ControllerText::tr("&Number"), {}, u"index"_s)
            .range(0, 255)
            .unset(ControllerText::tr("Automatic"))
            .checked(indexProblem)
            .frozen(frozenText()),
        FieldMaker(Kind::Number, u"ports"_s, ControllerText::tr("&Ports"), {}, u"ports"_s)
            .range(1, 255)
            .unset(ControllerText::tr("Automatic"))
            .shownIf(ifType({u"usb"_s, u"virtio-serial"_s}))
            .frozen(frozenText()),
        FieldMaker(Kind::Number, u"queues"_s, ControllerText::tr("&Queues"), u"driver"_s, u"queues"_s)
            .range(1, 256)
            .unset(ControllerText::tr("Automatic"))
            .shownIf([](const DeviceContext &controller) {
                return controller.attribute({}, u"model"_s) == "virtio-scsi"_L1;
            })
            .frozen(frozenText()),
    };
    kind.make = makeController;
    return kind;
}

DeviceKind companionKind()
{
    DeviceKind kind = controllers(true);
    kind.matches = isCompanion;
    return kind;
}

} // namespace vireo::xml::devices
