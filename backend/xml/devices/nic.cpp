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

struct NicText {
    Q_DECLARE_TR_FUNCTIONS(xml_nic)
};

QString typeOf(const DeviceContext &nic)
{
    return nic.attribute({}, u"type"_s);
}

std::function<bool(const DeviceContext &)> ifType(const QString &type)
{
    return [type](const DeviceContext &nic) {
        return typeOf(nic) == type;
    };
}

Offer typeOffer(const DeviceContext &nic)
{
    Offer offer;
    offer.add(NicText::tr("Virtual network"), u"network"_s);
    offer.add(NicText::tr("Bridge on the host"), u"bridge"_s);
    offer.add(NicText::tr("Macvtap on a device of the host"), u"direct"_s);
    offer.add(NicText::tr("User mode: out through the host"), u"user"_s);
    if (!offer.values.contains(typeOf(nic))) {
        offer.add(typeOf(nic), typeOf(nic)); // ethernet, hostdev, vhostuser …: kept as it is
    }
    return offer;
}

/** What a kind of network card hangs on. */
QString sourceAttribute(const QString &type)
{
    return type == "direct"_L1 ? u"dev"_s : type;
}

void writeType(const DeviceEdit &edit, const QString &type)
{
    if (typeOf(edit.context()) == type) {
        return;
    }
    const HostVocabulary &host = edit.host.vocabulary;
    edit.document.remove(below(edit.path, u"source"_s));
    edit.document.remove(below(edit.path, u"virtualport"_s)); // belongs to the network it was on
    edit.document.setAttribute(edit.path, u"type"_s, type);
    const QStringList known = type == "network"_L1 ? host.networks
        : type == "bridge"_L1                      ? host.bridges
        : type == "direct"_L1                      ? host.interfaces
                                                   : QStringList();
    if (!known.isEmpty()) {
        const QString usual = u"default"_s;
        edit.setAttribute(u"source"_s, sourceAttribute(type), known.contains(usual) ? usual : known.constFirst());
    }
    if (type == "direct"_L1) {
        edit.setAttribute(u"source"_s, u"mode"_s, u"bridge"_s);
    }
}

QString sourceProblem(const DeviceContext &nic)
{
    const QString source = nic.attribute(u"source"_s, sourceAttribute(typeOf(nic)));
    return source.trimmed().isEmpty() ? NicText::tr("Say what the card is connected to.") : QString();
}

QString typeHint(const DeviceContext &nic)
{
    if (typeOf(nic) == "direct"_L1) {
        return NicText::tr("The host and this VM can't reach each other; all others on the network can.");
    }
    return typeOf(nic) == "user"_L1 ? NicText::tr("Nothing reaches the VM from outside.") : QString();
}

Offer modelOffer(const DeviceContext &nic)
{
    Offer offer;
    offer.add(NicText::tr("The hypervisor's choice"), {});
    offer.add({u"virtio"_s});
    const bool unknown = nic.arch().isEmpty();
    if (nic.isX86() || unknown) {
        if (nic.isQ35() || unknown) {
            offer.add({u"e1000e"_s});
        }
        offer.add({u"e1000"_s, u"rtl8139"_s});
    } else if (nic.arch() == "ppc64"_L1 || nic.arch() == "ppc64le"_L1) {
        offer.add({u"spapr-vlan"_s});
    }
    if (!offer.values.contains(nic.attribute(u"model"_s, u"type"_s))) {
        offer.add({nic.attribute(u"model"_s, u"type"_s)});
    }
    return offer;
}

QString macProblem(const DeviceContext &nic)
{
    const QString mac = nic.attribute(u"mac"_s, u"address"_s).trimmed();
    if (mac.isEmpty()) {
        return {}; // libvirt makes one
    }
    if (!isUsableMac(mac)) {
        return NicText::tr("A MAC address is six pairs of hexadecimal digits, the first even: 52:54:00:12:34:56.");
    }
    if (countMac(nic.document, mac) > 1) {
        return NicText::tr("Another network card of this VM has this address.");
    }
    return nic.host.takenMacs.contains(mac.toLower()) ? NicText::tr("Another VM on this host has this address.")
                                                      : QString();
}

Offer modeOffer()
{
    Offer offer;
    offer.add(NicText::tr("bridge: cards on one device reach each other"), u"bridge"_s);
    offer.add(NicText::tr("vepa: through the switch"), u"vepa"_s);
    offer.add(NicText::tr("private: not each other"), u"private"_s);
    offer.add(NicText::tr("passthrough: the device alone"), u"passthrough"_s);
    return offer;
}

std::function<Offer(const DeviceContext &)> names(QStringList HostVocabulary::*list)
{
    return [list](const DeviceContext &nic) {
        Offer offer;
        offer.add(nic.host.vocabulary.*list);
        return offer;
    };
}

QString frozenModel()
{
    return NicText::tr("The model and address of a card are given to it when it is attached.");
}

QString frozenDevice()
{
    return NicText::tr("A macvtap card stays on the device that it was made on.");
}

QList<DeviceField> connectionFields()
{
    return {
        FieldMaker(Kind::Choice, u"type"_s, NicText::tr("Conn&ection"), {}, u"type"_s)
            .offering(typeOffer)
            .writes(writeType)
            .hinted(typeHint)
            .frozen(NicText::tr(
                "Between virtual networks and bridges a card moves at once, to another kind when the VM starts anew.")),
        FieldMaker(Kind::Suggest, u"network"_s, NicText::tr("Net&work"), u"source"_s, u"network"_s)
            .offering(names(&HostVocabulary::networks))
            .checked(sourceProblem)
            .shownIf(ifType(u"network"_s)),
        FieldMaker(Kind::Suggest, u"bridge"_s, NicText::tr("B&ridge"), u"source"_s, u"bridge"_s)
            .offering(names(&HostVocabulary::bridges))
            .checked(sourceProblem)
            .shownIf(ifType(u"bridge"_s)),
        FieldMaker(Kind::Suggest, u"device"_s, NicText::tr("&Device"), u"source"_s, u"dev"_s)
            .offering(names(&HostVocabulary::interfaces))
            .checked(sourceProblem)
            .shownIf(ifType(u"direct"_s))
            .frozen(frozenDevice()),
        FieldMaker(Kind::Choice, u"mode"_s, NicText::tr("&Mode"), u"source"_s, u"mode"_s)
            .offering(modeOffer())
            .shownIf(ifType(u"direct"_s))
            .frozen(frozenDevice()),
    };
}

QString makeNic(const XmlText &document, const HostFacts &host)
{
    const DeviceContext domain{document, {}, host, false};
    const HostVocabulary &known = host.vocabulary;
    const Document made = Document::create(u"interface"_s);
    Element nic = made.root();
    const auto set = [&nic](const QString &element, const QString &name, const QString &value) {
        nic.ensure(element).setAttribute(name, value);
    };
    set(u"mac"_s, u"address"_s, freshMac(document, host));
    if (!known.networks.isEmpty() || known.bridges.isEmpty()) {
        nic.setAttribute(u"type"_s, u"network"_s);
        const bool usual = known.networks.isEmpty() || known.networks.contains(u"default"_s);
        set(u"source"_s, u"network"_s, usual ? u"default"_s : known.networks.constFirst());
    } else {
        nic.setAttribute(u"type"_s, u"bridge"_s);
        set(u"source"_s, u"bridge"_s, known.bridges.constFirst());
    }
    // As the others of this VM: its guest has a driver for that.
    QString model;
    const QList<ElementPath> others = devicesOf(document, u"interface"_s);
    for (const ElementPath &other : others) {
        model = model.isEmpty() ? document.attribute(below(other, u"model"_s), u"type"_s) : model;
    }
    set(u"model"_s, u"type"_s, model.isEmpty() ? u"virtio"_s : model);
    return nic.toXml();
}

} // namespace

DeviceKind nicKind()
{
    DeviceKind kind;
    kind.id = u"nic"_s;
    kind.name = NicText::tr("Network card");
    kind.element = u"interface"_s;
    kind.title = [](const DeviceContext &nic) {
        const QString mac = nic.attribute(u"mac"_s, u"address"_s);
        return mac.isEmpty() ? NicText::tr("Network card") : NicText::tr("Network card %1").arg(mac);
    };
    kind.subtitle = [](const DeviceContext &nic) {
        const QString type = typeOf(nic);
        const QString source = nic.attribute(u"source"_s, sourceAttribute(type));
        return source.isEmpty() ? type : type + u' ' + source;
    };
    const QString advanced = NicText::tr("Advanced");
    Offer link;
    link.add(NicText::tr("Plugged in"), {});
    link.add(NicText::tr("Unplugged"), u"down"_s);
    kind.fields = connectionFields();
    kind.fields += QList<DeviceField>{
        FieldMaker(Kind::Choice, u"model"_s, NicText::tr("M&odel"), u"model"_s, u"type"_s)
            .offering(modelOffer)
            .frozen(frozenModel()),
        FieldMaker(Kind::Choice, u"link"_s, NicText::tr("&Cable"), u"link"_s, u"state"_s)
            .offering(link)
            .reads([](const DeviceContext &nic) {
                return nic.attribute(u"link"_s, u"state"_s) == "down"_L1 ? u"down"_s : QString();
            }),
        FieldMaker(Kind::Text, u"mac"_s, NicText::tr("MAC addre&ss"), u"mac"_s, u"address"_s)
            .unset(NicText::tr("libvirt makes one"))
            .checked(macProblem)
            .frozen(frozenModel()),
        FieldMaker(Kind::Button, u"newmac"_s, NicText::tr("&New address"))
            .reads([](const DeviceContext &) { return u"yes"_s; })
            .writes([](const DeviceEdit &edit, const QString &) {
                edit.setAttribute(u"mac"_s, u"address"_s, freshMac(edit.document, edit.host));
            }),
        FieldMaker(Kind::Suggest, u"filter"_s, NicText::tr("Fil&ter"), u"filterref"_s, u"filter"_s)
            .offering(names(&HostVocabulary::filters))
            .unset(NicText::tr("None"))
            .writes([](const DeviceEdit &edit, const QString &value) {
                if (value.isEmpty()) {
                    edit.remove(u"filterref"_s); // its parameters mean nothing alone
                } else {
                    edit.setAttribute(u"filterref"_s, u"filter"_s, value);
                }
            })
            .in(advanced),
        FieldMaker(Kind::Text, u"portgroup"_s, NicText::tr("&Port group"), u"source"_s, u"portgroup"_s)
            .unset(NicText::tr("None"))
            .shownIf(ifType(u"network"_s))
            .in(advanced),
        FieldMaker(Kind::Number, u"mtu"_s, NicText::tr("MT&U"), u"mtu"_s, u"size"_s)
            .range(68, 65535)
            .unset(NicText::tr("As the network's"))
            .in(advanced)
            .frozen(frozenModel()),
        FieldMaker(Kind::Number, u"queues"_s, NicText::tr("&Queues"), u"driver"_s, u"queues"_s)
            .range(1, 256)
            .unset(NicText::tr("One"))
            .shownIf([](const DeviceContext &nic) { return nic.attribute(u"model"_s, u"type"_s) == "virtio"_L1; })
            .in(advanced)
            .frozen(frozenModel()),
    };
    kind.make = makeNic;
    return kind;
}

} // namespace vireo::xml::devices
