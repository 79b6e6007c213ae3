// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/hostvalues.h"

#include <algorithm>
#include <functional>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QSet>

namespace vireo::xml {

using namespace Qt::StringLiterals;

namespace {

struct HostValuesText {
    Q_DECLARE_TR_FUNCTIONS(xml_HostValues)
};

struct Request {
    const SyntaxTree &tree;
    int element;
    const HostVocabulary &host;
    QString of(QStringView attribute) const { return tree.attributeValue(element, attribute); }
    QString ofParent(QStringView attribute) const
    {
        const int parent = tree.node(element).parent;
        return parent < 0 ? QString() : tree.attributeValue(parent, attribute);
    }
};

HostChoice listed(const QStringList &values, bool closed = true)
{
    HostChoice choice;
    for (const QString &value : values) {
        choice.offers.append({value, {}});
    }
    choice.closed = closed && !values.isEmpty();
    return choice;
}

HostChoice part(const Request &request, const QString &name, const QString &setting)
{
    return listed(request.host.capabilities.part(name).of(setting));
}

HostChoice cpuModels(const Request &request)
{
    HostChoice choice;
    QList<CpuModel> models = request.host.capabilities.cpuModels;
    const auto rank = [](const CpuModel &model) {
        return (model.usable == Support::Yes              ? 0
                       : model.usable == Support::Unknown ? 2
                                                          : 4)
            + (model.deprecated ? 1 : 0);
    };
    std::ranges::stable_sort(models, {}, rank);
    for (const CpuModel &model : std::as_const(models)) {
        const QString detail = model.usable == Support::No ? HostValuesText::tr("not usable on this host")
            : model.deprecated                             ? HostValuesText::tr("deprecated")
                                                           : QString();
        choice.offers.append({model.name, detail});
    }
    choice.closed = !choice.offers.isEmpty();
    return choice;
}

HostChoice cpuModes(const Request &request)
{
    const DomainCapabilities &host = request.host.capabilities;
    HostChoice choice;
    const auto offer = [&choice](const QString &mode, Support support) {
        if (support == Support::Yes) {
            choice.offers.append({mode, {}});
            choice.closed = true;
        }
    };
    offer(u"host-passthrough"_s, host.cpuHostPassthrough);
    offer(u"host-model"_s, host.cpuHostModel);
    offer(u"custom"_s, host.cpuCustom);
    offer(u"maximum"_s, host.cpuMaximum);
    return choice;
}

HostChoice interfaceSource(const Request &request)
{
    return listed(request.ofParent(u"type") == u"direct" ? request.host.interfaces : QStringList(), false);
}

/** The schema takes any word; those of QEMU are known. libvirt does not say which of them a host has. */
HostChoice cardModels(const Request &request)
{
    const QString &type = request.host.capabilities.virtType;
    if (type != u"kvm" && type != u"qemu") {
        return {};
    }
    return listed({u"virtio"_s, u"e1000e"_s, u"e1000"_s, u"igb"_s, u"rtl8139"_s, u"vmxnet3"_s, u"virtio-transitional"_s,
                      u"virtio-non-transitional"_s, u"usb-net"_s, u"pcnet"_s, u"ne2k_pci"_s, u"ne2k_isa"_s, u"tulip"_s,
                      u"i82550"_s, u"i82551"_s, u"i82557a"_s, u"i82557b"_s, u"i82557c"_s, u"i82558a"_s, u"i82558b"_s,
                      u"i82559a"_s, u"i82559b"_s, u"i82559c"_s, u"i82559er"_s, u"i82562"_s, u"i82801"_s,
                      u"e1000-82544gc"_s, u"e1000-82545em"_s, u"spapr-vlan"_s, u"lan9118"_s, u"smc91c111"_s},
        false);
}

/** One that is not in the document; the same text gets the same one. */
HostChoice freshAddress(const Request &request)
{
    QByteArray seed = request.tree.text().toUtf8();
    for (int attempt = 0; attempt < 100; ++attempt) {
        seed = QCryptographicHash::hash(seed, QCryptographicHash::Sha256);
        const QString address = u"52:54:00:%1"_s.arg(QString::fromLatin1(seed.first(3).toHex(':')));
        if (!request.tree.text().contains(address, Qt::CaseInsensitive)) {
            return {{{address, HostValuesText::tr("new")}}, false};
        }
    }
    return {};
}

HostChoice mediatedDevices(const Request &request)
{
    HostChoice choice;
    for (const QString &name : request.host.nodeDevices) {
        if (name.startsWith(u"mdev_")) {
            QString uuid = name.sliced(5).first(std::min<qsizetype>(36, name.size() - 5));
            uuid.replace(u'_', u'-');
            choice.offers.append({uuid, {}});
        }
    }
    return choice;
}

HostChoice aliases(const Request &request)
{
    HostChoice choice;
    for (int i = 0; i < request.tree.nodes().size(); ++i) {
        if (request.tree.node(i).kind == SyntaxNode::Kind::Element && request.tree.name(i) == u"alias") {
            const QString name = request.tree.attributeValue(i, u"name");
            if (!name.isEmpty() && !choice.knows(name)) {
                choice.offers.append({name, {}});
            }
        }
    }
    return choice;
}

using Source = std::function<HostChoice(const Request &)>;

Source named(const char16_t *partName, const char16_t *setting)
{
    return [name = QString::fromUtf16(partName), key = QString::fromUtf16(setting)](const Request &request) {
        return part(request, name, key);
    };
}

Source list(QStringList HostVocabulary::*member, bool closed)
{
    return [member, closed](const Request &request) {
        return listed(request.host.*member, closed);
    };
}

/** By "parent/element@attribute", or "element@attribute". */
const QHash<QString, Source> &sources()
{
    static const QHash<QString, Source> table{
        {u"os/type@machine"_s, list(&HostVocabulary::machines, true)},
        {u"os/type@arch"_s,
            [](const Request &r) {
                return listed(
                    r.host.capabilities.arch.isEmpty() ? QStringList() : QStringList{r.host.capabilities.arch}, false);
            }},
        {u"domain@type"_s,
            [](const Request &r) {
                return listed(
                    r.host.capabilities.virtType.isEmpty() ? QStringList() : QStringList{r.host.capabilities.virtType},
                    false);
            }},
        {u"devices/emulator@"_s,
            [](const Request &r) {
                return listed(
                    r.host.capabilities.emulator.isEmpty() ? QStringList() : QStringList{r.host.capabilities.emulator},
                    false);
            }},
        {u"domain/os@firmware"_s,
            [](const Request &r) {
                return listed(r.host.capabilities.firmwares);
            }},
        {u"os/loader@"_s,
            [](const Request &r) {
                return listed(r.host.capabilities.loaderPaths, false);
            }},
        {u"cpu/model@"_s, cpuModels},
        {u"domain/cpu@mode"_s, cpuModes},
        {u"devices/disk@device"_s, named(u"disk", u"diskDevice")},
        {u"disk/target@bus"_s, named(u"disk", u"bus")},
        {u"devices/disk@model"_s, named(u"disk", u"model")},
        {u"disk/target@dev"_s,
            [](const Request &r) {
                return listed({nextFreeTarget(r.tree, r.of(u"bus"), r.tree.node(r.element).parent)}, false);
            }},
        {u"video/model@type"_s, named(u"video", u"modelType")},
        {u"devices/graphics@type"_s, named(u"graphics", u"type")},
        {u"rng/backend@model"_s, named(u"rng", u"backendModel")},
        {u"devices/rng@model"_s, named(u"rng", u"model")},
        {u"devices/tpm@model"_s, named(u"tpm", u"model")},
        {u"tpm/backend@type"_s, named(u"tpm", u"backendModel")},
        {u"filesystem/driver@type"_s, named(u"filesystem", u"driverType")},
        {u"devices/hostdev@mode"_s, named(u"hostdev", u"mode")},
        {u"devices/redirdev@bus"_s, named(u"redirdev", u"bus")},
        {u"memoryBacking/source@type"_s, named(u"memoryBacking", u"sourceType")},
        {u"interface/source@network"_s, list(&HostVocabulary::networks, true)},
        {u"interface/source@bridge"_s, list(&HostVocabulary::bridges, false)},
        {u"interface/source@dev"_s, interfaceSource},
        {u"interface/model@type"_s, cardModels},
        {u"interface/filterref@filter"_s, list(&HostVocabulary::filters, true)},
        {u"interface/mac@address"_s, freshAddress},
        {u"disk/source@pool"_s, list(&HostVocabulary::pools, true)},
        {u"disk/source@volume"_s,
            [](const Request &r) {
                return listed(r.host.volumes.value(r.of(u"pool")), true);
            }},
        {u"source/address@uuid"_s, mediatedDevices},
        {u"secret@uuid"_s, list(&HostVocabulary::secrets, false)},
        {u"qemu:device@alias"_s, aliases},
        {u"network/bridge@name"_s, list(&HostVocabulary::bridges, false)},
        {u"network/forward@dev"_s, list(&HostVocabulary::interfaces, false)},
        {u"forward/interface@dev"_s, list(&HostVocabulary::interfaces, false)},
    };
    return table;
}

QString prefixOf(const QString &bus)
{
    if (bus == u"ide") {
        return u"hd"_s;
    }
    if (bus == u"fdc") {
        return u"fd"_s;
    }
    if (bus == u"xen") {
        return u"xvd"_s;
    }
    return bus.isEmpty() || bus == u"virtio" ? u"vd"_s : u"sd"_s;
}

/** 0 -> a, 25 -> z, 26 -> aa */
QString letters(int number)
{
    QString result;
    for (++number; number > 0; number = (number - 1) / 26) {
        result.prepend(QChar(u'a' + static_cast<char16_t>((number - 1) % 26)));
    }
    return result;
}

} // namespace

bool HostChoice::knows(const QString &value) const
{
    return std::ranges::any_of(offers, [&value](const Offer &offer) { return offer.value == value; });
}

QString nextFreeTarget(const SyntaxTree &tree, const QString &bus, int except)
{
    QSet<QString> taken;
    const int devices = tree.root() < 0 ? -1 : tree.child(tree.root(), u"devices");
    if (devices >= 0) {
        const auto children = tree.children(devices);
        for (const int device : children) {
            const int target = device != except && tree.name(device) == u"disk" ? tree.child(device, u"target") : -1;
            if (target >= 0) {
                taken.insert(tree.attributeValue(target, u"dev"));
            }
        }
    }
    const QString prefix = prefixOf(bus);
    int number = 0;
    while (taken.contains(prefix + letters(number))) {
        ++number;
    }
    return prefix + letters(number);
}

HostChoice hostChoice(const SyntaxTree &tree, int element, const QString &attribute, const HostVocabulary &host)
{
    const int parent = tree.node(element).parent;
    const QString name = tree.name(element).toString() + u'@' + attribute;
    const QString key = parent < 0 ? name : tree.name(parent).toString() + u'/' + name;
    auto source = sources().constFind(key);
    if (source == sources().cend()) {
        source = sources().constFind(name);
    }
    return source == sources().cend() ? HostChoice() : (*source)({tree, element, host});
}

} // namespace vireo::xml
