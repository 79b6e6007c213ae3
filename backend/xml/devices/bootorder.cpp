// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/devices/bootorder.h"

#include <algorithm>

#include "backend/xml/devices/field.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

/** What <boot dev> calls a device. */
QString classOf(const XmlText &document, const ElementPath &path)
{
    const QString element = path.parts().constLast().name;
    if (element == "interface"_L1) {
        return u"network"_s;
    }
    if (element != "disk"_L1) {
        return {};
    }
    const QString device = document.attribute(path, u"device"_s);
    return device == "cdrom"_L1 ? u"cdrom"_s : device == "floppy"_L1 ? u"fd"_s : u"hd"_s;
}

bool canBoot(const XmlText &document, const ElementPath &path)
{
    const QString element = path.parts().constLast().name;
    if (element == "hostdev"_L1) {
        const QString type = document.attribute(path, u"type"_s);
        return type == "pci"_L1 || type == "usb"_L1 || type == "scsi"_L1;
    }
    return element == "disk"_L1 || element == "interface"_L1 || element == "redirdev"_L1;
}

} // namespace

QList<BootItem> readBootOrder(const XmlText &document)
{
    QList<BootItem> items;
    QStringList classes;
    const ElementPath os(u"os"_s);
    for (int i = 0; i < document.count(os, u"boot"_s); ++i) {
        classes.append(document.attribute(os.child(u"boot"_s, i), u"dev"_s));
    }
    QList<std::pair<int, BootItem>> sorted;
    constexpr int last = 1'000'000;
    const QList<ElementPath> devices = document.children(ElementPath(u"devices"_s));
    for (const ElementPath &path : devices) {
        if (!canBoot(document, path)) {
            continue;
        }
        const int order = document.attribute(below(path, u"boot"_s), u"order"_s).toInt();
        const qsizetype byClass = classes.indexOf(classOf(document, path));
        const bool on = order > 0 || byClass >= 0;
        const int place = order > 0 ? order : byClass >= 0 ? static_cast<int>(byClass) : last;
        sorted.append({place, {path, on}});
    }
    std::ranges::stable_sort(sorted, {}, &std::pair<int, BootItem>::first);
    items.reserve(sorted.size());
    for (const auto &[place, item] : std::as_const(sorted)) {
        items.append(item);
    }
    return items;
}

void writeBootOrder(XmlText &document, const QList<BootItem> &items)
{
    if (readBootOrder(document) == items) {
        return;
    }
    const ElementPath os(u"os"_s);
    while (document.count(os, u"boot"_s) > 0) {
        document.remove(os.child(u"boot"_s));
    }
    int order = 0;
    for (const BootItem &item : items) {
        const ElementPath boot = below(item.path, u"boot"_s);
        if (item.on) {
            document.setAttribute(boot, u"order"_s, QString::number(++order));
        } else {
            document.remove(boot);
        }
    }
}

} // namespace vireo::xml::devices
