// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QCoreApplication>

#include "backend/xml/devices/bootorder.h"
#include "backend/xml/devices/devicekind.h"

using namespace Qt::StringLiterals;

namespace vireo::xml::devices {

namespace {

using Kind = DeviceField::Kind;

struct BootText {
    Q_DECLARE_TR_FUNCTIONS(xml_boot)
};

QString frozenText()
{
    return BootText::tr("It is asked for when the VM starts.");
}

FieldMaker kernelField(const QString &id, const QString &label)
{
    return FieldMaker(Kind::Text, id, label, u"os/"_s + id)
        .unset(BootText::tr("None"))
        .in(BootText::tr("Direct kernel boot"))
        .frozen(frozenText());
}

} // namespace

DeviceKind bootKind()
{
    DeviceKind kind;
    kind.id = u"boot"_s;
    kind.name = BootText::tr("Boot");
    kind.parts = {u"os"_s};
    kind.subtitle = [](const DeviceContext &domain) {
        if (!domain.text(u"os/kernel"_s).isEmpty()) {
            return BootText::tr("Kernel of the host");
        }
        const QList<BootItem> items = readBootOrder(domain.document);
        if (items.isEmpty() || !items.constFirst().on) {
            return QString();
        }
        const DeviceContext first{domain.document, items.constFirst().path, domain.host, false};
        return kindAt(domain.document, first.path).titleOf(first);
    };
    Offer menu;
    menu.add(BootText::tr("The hypervisor's default"), {});
    menu.add(BootText::tr("On"), u"yes"_s);
    menu.add(BootText::tr("Off"), u"no"_s);
    const auto path = [](const QString &element) {
        return [element](const DeviceContext &domain) -> QString {
            const QString text = domain.text(u"os/"_s + element);
            return text.isEmpty() || text.startsWith(u'/') ? QString()
                                                           : BootText::tr("A path of the host begins with /.");
        };
    };
    kind.fields = {
        FieldMaker(Kind::Choice, u"menu"_s, BootText::tr("Boot &menu"), u"os/bootmenu"_s, u"enable"_s)
            .offering(menu)
            .frozen(frozenText()),
        FieldMaker(Kind::Number, u"timeout"_s, BootText::tr("Menu is shown &for"), u"os/bootmenu"_s, u"timeout"_s)
            .range(0, 65535, BootText::tr(" ms"))
            .unset(BootText::tr("The firmware's time"))
            .shownIf(
                [](const DeviceContext &domain) { return domain.attribute(u"os/bootmenu"_s, u"enable"_s) == "yes"_L1; })
            .frozen(frozenText()),
        FieldMaker(Kind::Fact, u"firmware"_s, BootText::tr("Firmware")).reads([](const DeviceContext &domain) {
            return findKind(u"overview"_s)->field(u"firmware"_s)->read(domain);
        }),
        FieldMaker(Kind::Fact, u"loader"_s, BootText::tr("Firmware file"), u"os/loader"_s)
            .shownIf([](const DeviceContext &domain) { return !domain.text(u"os/loader"_s).isEmpty(); }),
        FieldMaker(Kind::Fact, u"nvram"_s, BootText::tr("Its variables"), u"os/nvram"_s)
            .shownIf([](const DeviceContext &domain) { return !domain.text(u"os/nvram"_s).isEmpty(); }),
        kernelField(u"kernel"_s, BootText::tr("&Kernel")).checked(path(u"kernel"_s)),
        kernelField(u"initrd"_s, BootText::tr("&Initrd")).checked(path(u"initrd"_s)),
        kernelField(u"cmdline"_s, BootText::tr("Kernel ar&guments")),
        kernelField(u"dtb"_s, BootText::tr("&Device tree")).checked(path(u"dtb"_s)),
    };
    return kind;
}

} // namespace vireo::xml::devices
