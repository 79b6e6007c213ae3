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

struct GraphicsText {
    Q_DECLARE_TR_FUNCTIONS(xml_graphics)
};

constexpr auto NoListen = "none"_L1;
constexpr auto LocalV4 = "127.0.0.1"_L1;

QString typeOf(const DeviceContext &graphics)
{
    return graphics.attribute({}, u"type"_s);
}

bool isViewed(const DeviceContext &graphics)
{
    return typeOf(graphics) == "vnc"_L1 || typeOf(graphics) == "spice"_L1;
}

QString typeName(const QString &type)
{
    static const QHash<QString, QString> known{{u"vnc"_s, u"VNC"_s}, {u"spice"_s, u"SPICE"_s},
        {u"egl-headless"_s, u"EGL headless"_s}, {u"sdl"_s, u"SDL"_s}, {u"dbus"_s, u"D-Bus"_s}, {u"rdp"_s, u"RDP"_s}};
    return known.value(type, type);
}

Offer typeOffer(const DeviceContext &graphics)
{
    const QStringList offered = graphics.capabilities().graphics();
    Offer offer;
    for (const QString &type : {u"vnc"_s, u"spice"_s, u"egl-headless"_s, u"dbus"_s, u"sdl"_s, u"rdp"_s}) {
        const bool usual = type == "vnc"_L1 || type == "spice"_L1;
        if (offered.isEmpty() ? usual : offered.contains(type)) {
            offer.add(typeName(type), type);
        }
    }
    if (!offered.isEmpty() && !offered.contains(u"spice"_s)) {
        offer.lacking = GraphicsText::tr("This host's QEMU does not offer SPICE.");
    }
    if (!offer.values.contains(typeOf(graphics))) {
        offer.add(typeName(typeOf(graphics)), typeOf(graphics));
    }
    return offer;
}

void writeType(const DeviceEdit &edit, const QString &type)
{
    const QString old = typeOf(edit.context());
    if (old == type) {
        return;
    }
    edit.document.setAttribute(edit.path, u"type"_s, type);
    const bool viewed = type == "vnc"_L1 || type == "spice"_L1;
    QStringList lost{u"socket"_s, u"display"_s, u"xauth"_s, u"sharePolicy"_s, u"powerControl"_s, u"websocket"_s,
        u"tlsPort"_s, u"defaultMode"_s, u"fullscreen"_s};
    if (!viewed) {
        lost += {u"port"_s, u"autoport"_s, u"listen"_s, u"passwd"_s, u"passwdValidTo"_s, u"keymap"_s};
        edit.remove(u"listen"_s);
    }
    for (const QString &attribute : std::as_const(lost)) {
        edit.document.removeAttribute(edit.path, attribute);
    }
    for (const QString &element : {u"channel"_s, u"image"_s, u"jpeg"_s, u"zlib"_s, u"playback"_s, u"streaming"_s,
             u"clipboard"_s, u"mouse"_s, u"filetransfer"_s, u"gl"_s}) {
        while (edit.context().has(element)) {
            edit.remove(element);
        }
    }
}

/** Not one of the other ways that libvirt knows. */
bool isAddress(const QString &listen)
{
    return !listen.isEmpty() && listen != NoListen && listen != "socket"_L1 && listen != "network"_L1;
}

/** libvirt writes the address twice: into the first <listen>, and for old clients into the element itself. */
QString readListen(const DeviceContext &graphics)
{
    QString type = graphics.attribute(u"listen"_s, u"type"_s);
    if (!type.isEmpty() && type != "address"_L1) {
        return type;
    }
    const QString address = graphics.attribute(u"listen"_s, u"address"_s);
    return address.isEmpty() ? graphics.attribute({}, u"listen"_s) : address;
}

void writeListen(const DeviceEdit &edit, const QString &value)
{
    const QString address = value.trimmed();
    const bool plain = isAddress(address);
    if (address.isEmpty()) {
        edit.remove(u"listen"_s);
        edit.document.removeAttribute(edit.path, u"listen"_s);
        return;
    }
    if (edit.context().has(u"listen"_s) || !plain) {
        edit.setAttribute(u"listen"_s, u"type"_s, plain ? u"address"_s : address);
        edit.setAttribute(u"listen"_s, u"address"_s, plain ? address : QString());
        if (plain) {
            edit.setAttribute(u"listen"_s, u"network"_s, {});
            edit.setAttribute(u"listen"_s, u"socket"_s, {});
        }
    }
    if (!plain) {
        edit.document.removeAttribute(edit.path, u"listen"_s);
    } else if (edit.document.hasAttribute(edit.path, u"listen"_s) || !edit.context().has(u"listen"_s)) {
        edit.document.setAttribute(edit.path, u"listen"_s, address);
    }
}

QString listenHint(const DeviceContext &graphics)
{
    const QString listen = readListen(graphics);
    const bool open = isAddress(listen) && listen != LocalV4 && listen != "::1"_L1;
    return open ? GraphicsText::tr("Anyone who reaches %1 can try to see and use the screen.").arg(listen) : QString();
}

bool hasOwnPort(const DeviceContext &graphics)
{
    const QString port = graphics.attribute({}, u"port"_s);
    return graphics.attribute({}, u"autoport"_s) != "yes"_L1 && !port.isEmpty() && port != "-1"_L1;
}

QString portProblem(const DeviceContext &graphics)
{
    if (!hasOwnPort(graphics)) {
        return {};
    }
    const QString port = graphics.attribute({}, u"port"_s);
    const QList<ElementPath> all = devicesOf(graphics.document, u"graphics"_s);
    for (const ElementPath &other : all) {
        const DeviceContext each{graphics.document, other, graphics.host, false};
        if (!(other == graphics.path) && hasOwnPort(each) && each.attribute({}, u"port"_s) == port) {
            return GraphicsText::tr("Another screen of this VM has this port.");
        }
    }
    return {};
}

void writePort(const DeviceEdit &edit, const QString &value)
{
    edit.document.setAttribute(edit.path, u"port"_s, value.isEmpty() ? u"-1"_s : value);
    edit.document.setAttribute(edit.path, u"autoport"_s, value.isEmpty() ? u"yes"_s : u"no"_s);
}

QString frozenText()
{
    return GraphicsText::tr("QEMU opens its screens when it starts.");
}

QString makeGraphics(const XmlText &, const HostFacts &host)
{
    const QStringList offered = host.vocabulary.capabilities.graphics();
    const bool spiceOnly = !offered.isEmpty() && !offered.contains(u"vnc"_s) && offered.contains(u"spice"_s);
    const Document made = Document::create(u"graphics"_s);
    Element graphics = made.root();
    graphics.setAttribute(u"type"_s, spiceOnly ? u"spice"_s : u"vnc"_s);
    graphics.setAttribute(u"port"_s, u"-1"_s);
    graphics.setAttribute(u"autoport"_s, u"yes"_s);
    Element listen = graphics.append(u"listen"_s);
    listen.setAttribute(u"type"_s, u"address"_s);
    listen.setAttribute(u"address"_s, LocalV4);
    return graphics.toXml();
}

QString graphicsLacking(const XmlText &document, const HostFacts &host)
{
    const QStringList offered = host.vocabulary.capabilities.graphics();
    if (!offered.isEmpty() && !offered.contains(u"vnc"_s) && !offered.contains(u"spice"_s)) {
        return GraphicsText::tr("This host's QEMU offers neither VNC nor SPICE.");
    }
    QStringList there;
    const QList<ElementPath> all = devicesOf(document, u"graphics"_s);
    for (const ElementPath &path : all) {
        there.append(document.attribute(path, u"type"_s));
    }
    // QEMU has one of each kind.
    return there.contains(u"vnc"_s) && (there.contains(u"spice"_s) || !offered.contains(u"spice"_s))
        ? GraphicsText::tr("The VM has one of each kind already.")
        : QString();
}

} // namespace

DeviceKind graphicsKind()
{
    DeviceKind kind;
    kind.id = u"graphics"_s;
    kind.name = GraphicsText::tr("Graphics");
    kind.element = u"graphics"_s;
    kind.title = [](const DeviceContext &graphics) {
        return GraphicsText::tr("Graphics %1").arg(typeName(typeOf(graphics)));
    };
    kind.subtitle = readListen;
    Offer listens;
    listens.add({QString(LocalV4), u"0.0.0.0"_s, u"::1"_s, u"::"_s, QString(NoListen)});
    kind.fields = {
        FieldMaker(Kind::Choice, u"type"_s, GraphicsText::tr("T&ype"), {}, u"type"_s)
            .offering(typeOffer)
            .writes(writeType)
            .checked([](const DeviceContext &graphics) -> QString {
                int same = 0;
                const QList<ElementPath> all = devicesOf(graphics.document, u"graphics"_s);
                for (const ElementPath &path : all) {
                    same += graphics.document.attribute(path, u"type"_s) == typeOf(graphics) ? 1 : 0;
                }
                return same > 1 ? GraphicsText::tr("The VM has one of this kind already.") : QString();
            })
            .frozen(frozenText()),
        FieldMaker(Kind::Suggest, u"listen"_s, GraphicsText::tr("&Listen address"), {}, u"listen"_s)
            .offering(listens)
            .reads(readListen)
            .writes(writeListen)
            .unset(GraphicsText::tr("The host's setting"))
            .hinted(listenHint)
            .shownIf(isViewed)
            .frozen(frozenText()),
        FieldMaker(Kind::Number, u"port"_s, GraphicsText::tr("&Port"))
            .range(1, 65535)
            .unset(GraphicsText::tr("Automatic"))
            .reads([](const DeviceContext &graphics) {
                return hasOwnPort(graphics) ? graphics.attribute({}, u"port"_s) : QString();
            })
            .writes(writePort)
            .checked(portProblem)
            .shownIf(isViewed)
            .frozen(frozenText()),
        FieldMaker(Kind::Secret, u"password"_s, GraphicsText::tr("Pass&word"), {}, u"passwd"_s)
            .unset(GraphicsText::tr("As it is"))
            .shownIf(isViewed)
            .checked([](const DeviceContext &graphics) -> QString {
                constexpr int vncLimit = 8;
                return typeOf(graphics) == "vnc"_L1 && graphics.attribute({}, u"passwd"_s).size() > vncLimit
                    ? GraphicsText::tr("VNC knows eight characters of a password.")
                    : QString();
            }),
        FieldMaker(Kind::Switch, u"gl"_s, GraphicsText::tr("&OpenGL"), u"gl"_s, u"enable"_s)
            .shownIf([](const DeviceContext &graphics) { return typeOf(graphics) == "spice"_L1; })
            .checked([](const DeviceContext &graphics) -> QString {
                const QString listen = readListen(graphics);
                return graphics.attribute(u"gl"_s, u"enable"_s) == "yes"_L1 && listen != NoListen
                        && listen != "socket"_L1
                    ? GraphicsText::tr("OpenGL works on the host itself: the listen address must be none or socket.")
                    : QString();
            })
            .frozen(frozenText()),
        FieldMaker(Kind::Text, u"rendernode"_s, GraphicsText::tr("&Render node"), u"gl"_s, u"rendernode"_s)
            .unset(GraphicsText::tr("Automatic"))
            .shownIf([](const DeviceContext &graphics) {
                return typeOf(graphics) == "egl-headless"_L1 || graphics.attribute(u"gl"_s, u"enable"_s) == "yes"_L1;
            })
            .frozen(frozenText()),
    };
    kind.make = makeGraphics;
    kind.lacking = graphicsLacking;
    return kind;
}

} // namespace vireo::xml::devices
