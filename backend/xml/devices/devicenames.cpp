// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/devices/devicenames.h"

#include <QRandomGenerator>
#include <QRegularExpression>

#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

QList<ElementPath> devicesOf(const XmlText &document, const QString &element)
{
    QList<ElementPath> paths;
    const ElementPath devices(u"devices"_s);
    const int count = document.count(devices, element);
    paths.reserve(count);
    for (int i = 0; i < count; ++i) {
        paths.append(devices.child(element, i));
    }
    return paths;
}

QString targetPrefix(const QString &bus)
{
    if (bus == "virtio"_L1) {
        return u"vd"_s;
    }
    if (bus == "ide"_L1) {
        return u"hd"_s;
    }
    if (bus == "fdc"_L1) {
        return u"fd"_s;
    }
    return bus == "xen"_L1 ? u"xvd"_s : u"sd"_s;
}

QString nextTarget(const XmlText &document, const QString &bus)
{
    QStringList taken;
    const QList<ElementPath> disks = devicesOf(document, u"disk"_s);
    for (const ElementPath &disk : disks) {
        taken.append(document.attribute(below(disk, u"target"_s), u"dev"_s));
    }
    constexpr int letterCount = 26;
    for (int number = 0;; ++number) {
        QString letters;
        for (int rest = number; rest >= 0; rest = rest / letterCount - 1) {
            letters.prepend(QChar(u'a' + rest % letterCount));
        }
        const QString target = targetPrefix(bus) + letters;
        if (!taken.contains(target)) {
            return target;
        }
    }
}

bool isUsableMac(const QString &mac)
{
    static const QRegularExpression form(u"^[0-9a-fA-F][02468aceACE](:[0-9a-fA-F]{2}){5}$"_s);
    return form.match(mac).hasMatch() && mac != "00:00:00:00:00:00"_L1;
}

int countMac(const XmlText &document, const QString &mac)
{
    int count = 0;
    const QList<ElementPath> nics = devicesOf(document, u"interface"_s);
    for (const ElementPath &nic : nics) {
        const QString each = document.attribute(below(nic, u"mac"_s), u"address"_s);
        count += each.compare(mac, Qt::CaseInsensitive) == 0 ? 1 : 0;
    }
    return count;
}

QString freshMac(const XmlText &document, const HostFacts &host)
{
    for (;;) {
        const quint32 random = QRandomGenerator::global()->generate();
        const QString mac = u"52:54:00:%1:%2:%3"_s.arg(random >> 16 & 0xffU, 2, 16, QChar(u'0'))
                                .arg(random >> 8 & 0xffU, 2, 16, QChar(u'0'))
                                .arg(random & 0xffU, 2, 16, QChar(u'0'));
        if (countMac(document, mac) == 0 && !host.takenMacs.contains(mac)) {
            return mac;
        }
    }
}

quint64 toKiB(const QString &amount, const QString &unit)
{
    constexpr quint64 kibi = 1024;
    constexpr quint64 kilo = 1000;
    static const QHash<QString, quint64> bytes{{u"b"_s, 1}, {u"bytes"_s, 1}, {u""_s, kibi}, {u"k"_s, kibi},
        {u"kib"_s, kibi}, {u"kb"_s, kilo}, {u"m"_s, kibi * kibi}, {u"mib"_s, kibi * kibi}, {u"mb"_s, kilo * kilo},
        {u"g"_s, kibi * kibi * kibi}, {u"gib"_s, kibi * kibi * kibi}, {u"gb"_s, kilo * kilo * kilo},
        {u"t"_s, kibi * kibi * kibi * kibi}, {u"tib"_s, kibi * kibi * kibi * kibi},
        {u"tb"_s, kilo * kilo * kilo * kilo}};
    const quint64 factor = bytes.value(unit.toLower());
    const quint64 number = amount.trimmed().toULongLong();
    return factor == 0 ? 0 : (number * factor + kibi - 1) / kibi;
}

void ensureController(XmlText &document, const QString &type, const QString &model)
{
    const QList<ElementPath> controllers = devicesOf(document, u"controller"_s);
    for (const ElementPath &controller : controllers) {
        if (document.attribute(controller, u"type"_s) == type) {
            return;
        }
    }
    const Document made = Document::create(u"controller"_s);
    made.root().setAttribute(u"type"_s, type);
    made.root().setAttribute(u"index"_s, u"0"_s);
    if (!model.isEmpty()) {
        made.root().setAttribute(u"model"_s, model);
    }
    (void)document.insert(ElementPath(u"devices"_s), made.root().toXml());
}

} // namespace vireo::xml::devices
