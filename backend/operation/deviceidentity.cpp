// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/deviceidentity.h"

#include <algorithm>
#include <array>

#include <QCoreApplication>
#include <QHash>
#include <QMap>

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct DeviceText {
    Q_DECLARE_TR_FUNCTIONS(operation_deviceIdentity)
};

using xml::Element;

QString kindText(const QString &kind)
{
    struct Word {
        QLatin1StringView kind;
        QString text;
    };
    const std::array words{Word{"disk"_L1, DeviceText::tr("Disk")},
        Word{"interface"_L1, DeviceText::tr("Network card")}, Word{"controller"_L1, DeviceText::tr("Controller")},
        Word{"graphics"_L1, DeviceText::tr("Graphics")}, Word{"video"_L1, DeviceText::tr("Video")},
        Word{"hostdev"_L1, DeviceText::tr("Host device")}, Word{"filesystem"_L1, DeviceText::tr("Shared folder")},
        Word{"serial"_L1, DeviceText::tr("Serial port")}, Word{"parallel"_L1, DeviceText::tr("Parallel port")},
        Word{"console"_L1, DeviceText::tr("Console")}, Word{"channel"_L1, DeviceText::tr("Channel")},
        Word{"input"_L1, DeviceText::tr("Input device")}, Word{"sound"_L1, DeviceText::tr("Sound card")},
        Word{"audio"_L1, DeviceText::tr("Audio backend")}, Word{"rng"_L1, DeviceText::tr("Random number generator")},
        Word{"tpm"_L1, DeviceText::tr("TPM")}, Word{"watchdog"_L1, DeviceText::tr("Watchdog")},
        Word{"memballoon"_L1, DeviceText::tr("Memory balloon")}, Word{"redirdev"_L1, DeviceText::tr("USB redirection")},
        Word{"smartcard"_L1, DeviceText::tr("Smart card")}, Word{"memory"_L1, DeviceText::tr("Memory device")},
        Word{"vsock"_L1, DeviceText::tr("Socket to the host")}, Word{"shmem"_L1, DeviceText::tr("Shared memory")},
        Word{"panic"_L1, DeviceText::tr("Panic device")}, Word{"hub"_L1, DeviceText::tr("USB hub")},
        Word{"iommu"_L1, DeviceText::tr("IOMMU")}, Word{"lease"_L1, DeviceText::tr("Lease")},
        Word{"nvram"_L1, DeviceText::tr("NVRAM")}, Word{"crypto"_L1, DeviceText::tr("Crypto device")},
        Word{"emulator"_L1, DeviceText::tr("Emulator")}};
    const auto found = std::ranges::find(words, kind, &Word::kind);
    return found == words.end() ? u'<' + kind + u'>' : found->text;
}

/** All attributes in one line, in a fixed order of names. */
QString attributesOf(const Element &element, std::initializer_list<QLatin1StringView> names)
{
    QStringList values;
    for (const QLatin1StringView name : names) {
        values << element.attribute(name);
    }
    return values.join(u' ').trimmed();
}

QString number(const QString &text)
{
    bool ok = false;
    const uint value = text.toUInt(&ok, 0); // "0x05" and "5"
    return ok ? QString::number(value) : text;
}

QString addressOf(const Element &device)
{
    const Element address = device.child(u"address"_s);
    const QString type = address.attribute(u"type"_s);
    const auto part = [&address](const QString &name) {
        return number(address.hasAttribute(name) ? address.attribute(name) : u"0"_s);
    };
    if (type == "pci"_L1) {
        return address.hasAttribute(u"slot"_s)
            ? u"pci %1:%2:%3.%4"_s.arg(part(u"domain"_s), part(u"bus"_s), part(u"slot"_s), part(u"function"_s))
            : QString();
    }
    if (type == "drive"_L1) {
        return u"drive %1 %2:%3:%4:%5"_s.arg(device.child(u"target"_s).attribute(u"bus"_s), part(u"controller"_s),
            part(u"bus"_s), part(u"target"_s), part(u"unit"_s));
    }
    if (type.isEmpty()) {
        return {};
    }
    return attributesOf(address,
        {"type"_L1, "bus"_L1, "port"_L1, "slot"_L1, "controller"_L1, "cssid"_L1, "ssid"_L1, "devno"_L1, "reg"_L1,
            "iobase"_L1, "irq"_L1, "base"_L1});
}

QString hostdevIdentity(const Element &device)
{
    const Element source = device.child(u"source"_s);
    const Element address = source.child(u"address"_s);
    const QString where = attributesOf(address,
        {"type"_L1, "domain"_L1, "bus"_L1, "slot"_L1, "function"_L1, "device"_L1, "target"_L1, "unit"_L1, "uuid"_L1});
    return (device.attribute(u"type"_s) + u' ' + source.child(u"vendor"_s).attribute(u"id"_s) + u' '
        + source.child(u"product"_s).attribute(u"id"_s) + u' ' + source.child(u"adapter"_s).attribute(u"name"_s) + u' '
        + attributesOf(source, {"protocol"_L1, "name"_L1, "wwpn"_L1}) + u' ' + where)
        .simplified();
}

QString identityOf(const Element &device, const QString &kind)
{
    const Element target = device.child(u"target"_s);
    if (kind == "disk"_L1) {
        return target.attribute(u"dev"_s);
    }
    if (kind == "interface"_L1) {
        return device.child(u"mac"_s).attribute(u"address"_s).toLower();
    }
    if (kind == "controller"_L1) {
        const QString index = device.attribute(u"index"_s);
        return device.attribute(u"type"_s) + u' ' + (index.isEmpty() ? u"?"_s : index);
    }
    if (kind == "filesystem"_L1) {
        return target.attribute(u"dir"_s);
    }
    if (kind == "hostdev"_L1) {
        return hostdevIdentity(device);
    }
    if (kind == "channel"_L1) {
        return target.attribute(u"name"_s);
    }
    if (kind == "graphics"_L1 || kind == "emulator"_L1) {
        return kind == "graphics"_L1 ? device.attribute(u"type"_s) : kind;
    }
    if (kind == "serial"_L1 || kind == "parallel"_L1 || kind == "console"_L1) {
        return target.attribute(u"port"_s).isEmpty() ? QString()
                                                     : target.attribute(u"type"_s) + u' ' + target.attribute(u"port"_s);
    }
    if (kind == "audio"_L1) {
        return device.attribute(u"id"_s);
    }
    if (kind == "lease"_L1) {
        return device.child(u"key"_s).text();
    }
    return {};
}

QString labelOf(const DevicePart &part, const Element &device)
{
    if (part.kind == "disk"_L1) {
        if (part.function == "cdrom"_L1) {
            return DeviceText::tr("CD-ROM drive %1").arg(part.identity);
        }
        return part.function == "floppy"_L1 ? DeviceText::tr("Floppy drive %1").arg(part.identity)
                                            : DeviceText::tr("Disk %1").arg(part.identity);
    }
    QString detail;
    if (part.kind == "interface"_L1) {
        detail = part.identity.isEmpty() ? device.child(u"source"_s).attribute(part.type) : part.identity;
    } else if (part.kind == "controller"_L1) {
        detail = part.identity.endsWith(u'?') ? part.type : part.identity;
    } else if (part.kind == "graphics"_L1) {
        detail = part.type.toUpper();
    } else if (part.kind == "filesystem"_L1 || part.kind == "channel"_L1) {
        detail = part.identity;
    } else if (part.kind == "hostdev"_L1 || part.kind == "redirdev"_L1 || part.kind == "input"_L1) {
        detail = part.type;
    } else {
        detail = part.model;
    }
    return (kindText(part.kind) + u' ' + detail).trimmed();
}

/** Nothing says that they are different devices. */
bool mayBeTheSame(const DevicePart &before, const DevicePart &after)
{
    const bool named = !before.identity.isEmpty() && !after.identity.isEmpty() && !before.identity.endsWith(u'?')
        && !after.identity.endsWith(u'?');
    return before.kind == after.kind && !(named && before.identity != after.identity)
        && !(before.kind == "controller"_L1 && before.type != after.type);
}

class Pairing final
{
    Q_DISABLE_COPY_MOVE(Pairing)

public:
    Pairing(const QList<DevicePart> &before, const QList<DevicePart> &after)
        : m_before(before)
        , m_after(after)
        , m_of(after.size(), -1)
        , m_taken(before.size(), false)
    {}

    /** Pairs those whose keys are equal and not empty. */
    template<typename Key>
    void by(const Key &key)
    {
        QMultiHash<QString, int> free;
        for (int i = static_cast<int>(m_before.size()) - 1; i >= 0; --i) { // so that the first is found first
            if (!m_taken.at(i)) {
                free.insert(m_before.at(i).kind + u'\n' + key(m_before.at(i)), i);
            }
        }
        for (int i = 0; i < m_after.size(); ++i) {
            const QString own = key(m_after.at(i));
            if (m_of.at(i) >= 0 || own.isEmpty()) {
                continue;
            }
            const QString whole = m_after.at(i).kind + u'\n' + own;
            const QList<int> candidates = free.values(whole);
            for (const int candidate : candidates) {
                if (mayBeTheSame(m_before.at(candidate), m_after.at(i))) {
                    free.remove(whole, candidate);
                    m_of[i] = candidate;
                    m_taken[candidate] = true;
                    break;
                }
            }
        }
    }

    QList<DevicePair> pairs() const
    {
        QList<DevicePair> all;
        for (int i = 0; i < m_before.size(); ++i) {
            if (!m_taken.at(i)) {
                all.append({i, -1});
            }
        }
        for (int i = 0; i < m_after.size(); ++i) {
            all.append({m_of.at(i), i});
        }
        return all;
    }

private:
    const QList<DevicePart> &m_before;
    const QList<DevicePart> &m_after;
    QList<int> m_of; ///< of each after: its before
    QList<bool> m_taken;
};

} // namespace

QString meaningOf(const Element &element, const QStringList &withoutChildren)
{
    // What libvirt's elements mean does not depend on the order of unlike children; alike ones keep theirs.
    QMap<QString, QString> children;
    const QList<Element> all = element.children();
    for (const Element &child : all) {
        if (!withoutChildren.contains(child.name())) {
            children[child.namespaceUri() + u' ' + child.name()] += meaningOf(child);
        }
    }
    QStringList attributes = element.attributeNames();
    attributes.sort();
    QString text = u'<' + element.name();
    for (const QString &name : std::as_const(attributes)) {
        text += u' ' + name + u"=\""_s + element.attribute(name) + u'"';
    }
    text += u'>';
    if (children.isEmpty()) {
        text += element.text().trimmed();
    }
    for (const QString &child : std::as_const(children)) {
        text += child;
    }
    return text + u"</>"_s;
}

DevicePart deviceOf(const Element &device)
{
    DevicePart part;
    part.kind = device.name();
    part.type = device.attribute(u"type"_s);
    const Element model = device.child(u"model"_s);
    part.model = device.hasAttribute(u"model"_s) ? device.attribute(u"model"_s)
        : model.hasAttribute(u"type"_s)          ? model.attribute(u"type"_s)
                                                 : model.attribute(u"name"_s);
    const Element target = device.child(u"target"_s);
    part.bus = target.hasAttribute(u"bus"_s) ? target.attribute(u"bus"_s) : device.attribute(u"bus"_s);
    if (part.kind == "channel"_L1) {
        part.bus = target.attribute(u"type"_s);
    }
    if (part.kind == "disk"_L1) {
        part.function = device.hasAttribute(u"device"_s) ? device.attribute(u"device"_s) : u"disk"_s;
    }
    part.identity = identityOf(device, part.kind);
    part.alias = device.child(u"alias"_s).attribute(u"name"_s);
    part.address = addressOf(device);
    part.meaning = meaningOf(device, {u"alias"_s, u"address"_s});
    part.label = labelOf(part, device);
    part.xml = device.toXml();
    return part;
}

QList<DevicePart> devicesOf(const xml::Document &domain)
{
    QList<DevicePart> parts;
    const QList<Element> devices = domain.root().child(u"devices"_s).children();
    for (const Element &device : devices) {
        parts.append(deviceOf(device));
    }
    return parts;
}

QList<DevicePair> pairDevices(const QList<DevicePart> &before, const QList<DevicePart> &after)
{
    Pairing pairing(before, after);
    // Alike in all first: two cards may have one MAC address by mistake.
    pairing.by([](const DevicePart &part) { return part.identity + u'\n' + part.meaning + u'\n' + part.address; });
    pairing.by([](const DevicePart &part) { return part.identity.endsWith(u'?') ? QString() : part.identity; });
    pairing.by([](const DevicePart &part) { return part.alias; });
    pairing.by([](const DevicePart &part) { return part.meaning; });
    pairing.by([](const DevicePart &part) { return part.address; });
    pairing.by([](const DevicePart &part) { return part.type + u' ' + part.bus + u' ' + part.function + u' '; });
    pairing.by([](const DevicePart &) { return u"any"_s; });
    return pairing.pairs();
}

int findDevice(const QList<DevicePart> &among, const QList<DevicePart> &siblings, int device)
{
    const QList<DevicePair> pairs = pairDevices(among, siblings);
    const auto found = std::ranges::find(pairs, device, &DevicePair::after);
    return found == pairs.end() ? -1 : found->before;
}

bool isSurely(const DevicePart &running, const DevicePart &defined)
{
    if (running.kind != defined.kind) {
        return false;
    }
    if (!running.identity.isEmpty() && !defined.identity.isEmpty()) {
        return running.identity == defined.identity;
    }
    return (!running.address.isEmpty() && running.address == defined.address)
        || (!running.alias.isEmpty() && running.alias == defined.alias) || running.meaning == defined.meaning;
}

} // namespace vireo::operation
