// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/xml/devices/devicekind.h"
#include "backend/xml/devices/devicenames.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

using Kind = DeviceField::Kind;

constexpr quint64 KiBPerMiB = 1024;
constexpr int MostMiB = 64 * 1024 * 1024;

struct MemoryText {
    Q_DECLARE_TR_FUNCTIONS(xml_memory)
};

quint64 kibOf(const DeviceContext &domain, const QString &element)
{
    return toKiB(domain.text(element), domain.attribute(element, u"unit"_s));
}

QString readMiB(const DeviceContext &domain, const QString &element)
{
    return domain.has(element) ? QString::number((kibOf(domain, element) + KiBPerMiB / 2) / KiBPerMiB) : QString();
}

/** In the unit that stands there, where that is a whole number of it. */
void writeMiB(const DeviceEdit &edit, const QString &element, quint64 mib)
{
    const QString unit = edit.context().attribute(element, u"unit"_s);
    const quint64 step = toKiB(u"1"_s, unit);
    const quint64 kib = mib * KiBPerMiB;
    const bool fits = step > 0 && kib % step == 0 && toKiB(QString::number(kib / step), unit) == kib;
    if (!fits) {
        edit.setAttribute(element, u"unit"_s, u"KiB"_s);
    }
    edit.document.setText(below(edit.path, element), QString::number(fits ? kib / step : kib));
}

void writeMaximum(const DeviceEdit &edit, const QString &value)
{
    const DeviceContext before = edit.context();
    const quint64 mib = std::max<quint64>(1, value.toULongLong());
    const bool same = before.has(u"currentMemory"_s) && kibOf(before, u"currentMemory"_s) == kibOf(before, u"memory"_s);
    writeMiB(edit, u"memory"_s, mib);
    // What was all of it stays all of it, and the balloon can't hold more than there is.
    if (same || kibOf(edit.context(), u"currentMemory"_s) > mib * KiBPerMiB) {
        writeMiB(edit, u"currentMemory"_s, mib);
    }
}

QString maximumHint(const DeviceContext &domain)
{
    const quint64 host = domain.host.hostMemoryKiB;
    return host > 0 && kibOf(domain, u"memory"_s) > host ? MemoryText::tr("The host has %1 MiB.").arg(host / KiBPerMiB)
                                                         : QString();
}

bool isShared(const DeviceContext &domain)
{
    return domain.attribute(u"memoryBacking/access"_s, u"mode"_s) == "shared"_L1;
}

void writeShared(const DeviceEdit &edit, const QString &value)
{
    const bool shared = value == "yes"_L1;
    if (isShared(edit.context()) == shared) {
        return;
    }
    edit.setAttribute(u"memoryBacking/access"_s, u"mode"_s, shared ? u"shared"_s : QString());
    const QString source = edit.context().attribute(u"memoryBacking/source"_s, u"type"_s);
    const bool hugePages = edit.context().has(u"memoryBacking/hugepages"_s);
    if (shared && source.isEmpty() && !hugePages) {
        edit.setAttribute(u"memoryBacking/source"_s, u"type"_s, u"memfd"_s);
    } else if (!shared && source == "memfd"_L1) {
        edit.setAttribute(u"memoryBacking/source"_s, u"type"_s, {});
    }
}

} // namespace

DeviceKind memoryKind()
{
    DeviceKind kind;
    kind.id = u"memory"_s;
    kind.name = MemoryText::tr("Memory");
    kind.parts = {u"memory"_s, u"currentMemory"_s, u"maxMemory"_s, u"memoryBacking"_s};
    kind.subtitle = [](const DeviceContext &domain) {
        return MemoryText::tr("%1 MiB").arg(readMiB(domain, u"memory"_s));
    };
    kind.fields = {
        FieldMaker(Kind::Number, u"maximum"_s, MemoryText::tr("Ma&ximum"), u"memory"_s)
            .range(1, MostMiB, MemoryText::tr(" MiB"))
            .reads([](const DeviceContext &domain) { return readMiB(domain, u"memory"_s); })
            .writes(writeMaximum)
            .checked([](const DeviceContext &domain) {
                return domain.has(u"cpu/numa/cell"_s) && domain.document.count(u"cpu/numa"_s, u"cell"_s) > 0
                        && domain.has(u"maxMemory"_s) && kibOf(domain, u"memory"_s) > kibOf(domain, u"maxMemory"_s)
                    ? MemoryText::tr("More than the room for memory modules (<maxMemory>).")
                    : QString();
            })
            .hinted(maximumHint)
            .frozen(MemoryText::tr("The most memory that a VM may have is fixed when it starts.")),
        FieldMaker(Kind::Number, u"current"_s, MemoryText::tr("&Given to the VM"), u"currentMemory"_s)
            .range(1, MostMiB, MemoryText::tr(" MiB"))
            .unset(MemoryText::tr("All"))
            .reads([](const DeviceContext &domain) { return readMiB(domain, u"currentMemory"_s); })
            .writes([](const DeviceEdit &edit, const QString &value) {
                if (value.isEmpty()) {
                    edit.remove(u"currentMemory"_s);
                } else {
                    writeMiB(edit, u"currentMemory"_s, std::max<quint64>(1, value.toULongLong()));
                }
            })
            .checked([](const DeviceContext &domain) {
                return kibOf(domain, u"currentMemory"_s) > kibOf(domain, u"memory"_s)
                    ? MemoryText::tr("More than the maximum.")
                    : QString();
            })
            .hinted(MemoryText::tr("The balloon takes the rest back, when the guest has its driver.")),
        FieldMaker(Kind::Switch, u"shared"_s, MemoryText::tr("&Shared with the host"))
            .reads([](const DeviceContext &domain) { return isShared(domain) ? u"yes"_s : u"no"_s; })
            .writes(writeShared)
            .hinted(MemoryText::tr("virtiofs and vhost-user need it."))
            .frozen(MemoryText::tr("Where a VM's memory comes from is fixed when it starts.")),
    };
    return kind;
}

} // namespace vireo::xml::devices
