// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/xml/devices/devicekind.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

struct PlainText {
    Q_DECLARE_TR_FUNCTIONS(xml_plain)
};

/** The value of one attribute tells one from the other: its type, model or target. */
std::function<QString(const DeviceContext &)> shown(const QString &element, const QString &attribute)
{
    return [element, attribute](const DeviceContext &device) {
        return device.attribute(element, attribute);
    };
}

DeviceKind plain(const QString &element, const QString &name, std::function<QString(const DeviceContext &)> subtitle,
    bool minor = false)
{
    DeviceKind kind;
    kind.id = element;
    kind.name = name;
    kind.element = element;
    kind.minor = minor;
    kind.subtitle = std::move(subtitle);
    return kind;
}

QString hostDevice(const DeviceContext &device)
{
    const QString type = device.attribute({}, u"type"_s);
    const QString vendor = device.attribute(u"source/vendor"_s, u"id"_s);
    if (!vendor.isEmpty()) {
        return type + u' ' + vendor + u':' + device.attribute(u"source/product"_s, u"id"_s);
    }
    QStringList address;
    for (const QString &part : {u"domain"_s, u"bus"_s, u"slot"_s, u"function"_s, u"uuid"_s}) {
        address.append(device.attribute(u"source/address"_s, part));
    }
    address.removeAll(QString());
    return type + u' ' + address.join(u':');
}

} // namespace

QList<DeviceKind> plainKinds()
{
    const QString none;
    DeviceKind other = plain(u"other"_s, PlainText::tr("Device"), {});
    other.element.clear();
    other.minor = true;
    other.title = [](const DeviceContext &device) {
        return device.path.isRoot() ? QString() : device.path.parts().constLast().name;
    };
    DeviceKind module = plain(u"memory"_s, PlainText::tr("Memory module"), shown(none, u"model"_s));
    module.id = u"dimm"_s; // the page of the domain's memory has the name
    return {
        plain(u"input"_s, PlainText::tr("Input"),
            [](const DeviceContext &device) {
                return device.attribute({}, u"type"_s) + u' ' + device.attribute({}, u"bus"_s);
            }),
        plain(u"sound"_s, PlainText::tr("Sound"), shown(none, u"model"_s)),
        plain(u"serial"_s, PlainText::tr("Serial"), shown(none, u"type"_s)),
        plain(u"parallel"_s, PlainText::tr("Parallel"), shown(none, u"type"_s)),
        plain(u"console"_s, PlainText::tr("Console"), shown(u"target"_s, u"type"_s)),
        plain(u"channel"_s, PlainText::tr("Channel"), shown(u"target"_s, u"name"_s)),
        plain(u"hostdev"_s, PlainText::tr("Host device"), hostDevice),
        plain(u"redirdev"_s, PlainText::tr("USB redirection"), shown(none, u"type"_s)),
        plain(u"redirfilter"_s, PlainText::tr("USB redirection filter"), {}),
        plain(u"filesystem"_s, PlainText::tr("Shared directory"), shown(u"target"_s, u"dir"_s)),
        plain(u"smartcard"_s, PlainText::tr("Smart card"), shown(none, u"mode"_s)),
        plain(u"tpm"_s, PlainText::tr("TPM"), shown(none, u"model"_s)),
        plain(u"rng"_s, PlainText::tr("Random numbers"), shown(none, u"model"_s)),
        plain(u"watchdog"_s, PlainText::tr("Watchdog"), shown(none, u"model"_s)),
        plain(u"panic"_s, PlainText::tr("Panic notifier"), shown(none, u"model"_s)),
        plain(u"vsock"_s, PlainText::tr("VSOCK"), shown(u"cid"_s, u"address"_s)),
        module,
        plain(u"shmem"_s, PlainText::tr("Shared memory"), shown(none, u"name"_s)),
        plain(u"nvram"_s, PlainText::tr("NVRAM"), {}),
        plain(u"crypto"_s, PlainText::tr("Crypto device"), shown(none, u"model"_s)),
        plain(u"lease"_s, PlainText::tr("Lock"), {}),
        plain(u"hub"_s, PlainText::tr("Hub"), shown(none, u"type"_s)),
        plain(u"pstore"_s, PlainText::tr("Crash log store"), shown(none, u"backend"_s)),
        plain(u"audio"_s, PlainText::tr("Audio backend"), shown(none, u"type"_s), true),
        plain(u"memballoon"_s, PlainText::tr("Memory balloon"), shown(none, u"model"_s), true),
        plain(u"iommu"_s, PlainText::tr("IOMMU"), shown(none, u"model"_s), true),
        other,
    };
}

} // namespace vireo::xml::devices
