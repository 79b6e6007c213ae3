// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>

#include <QCoreApplication>

#include "backend/xml/elementdocs_tables.h"

namespace vireo::xml::elementdocs {

namespace {

constexpr auto domainLinesTable = std::to_array<Entry>({
    {"devices/redirdev",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "A slot for a USB device that the viewer passes on from its own computer.")},
    {"redirdev@bus", QT_TRANSLATE_NOOP("xml_ElementDocs", "Always \"usb\".")},
    {"redirdev@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "How the USB traffic arrives, usually \"spicevmc\".")},
    {"devices/redirfilter",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Rules for which USB devices may be passed on. The first that fits counts.")},
    {"redirfilter/usbdev@allow", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether devices that fit are allowed.")},
    {"redirfilter/usbdev@class", QT_TRANSLATE_NOOP("xml_ElementDocs", "USB class, hexadecimal; -1 for any.")},
    {"redirfilter/usbdev@vendor", QT_TRANSLATE_NOOP("xml_ElementDocs", "USB vendor; -1 for any.")},
    {"devices/smartcard", QT_TRANSLATE_NOOP("xml_ElementDocs", "A smart card reader.")},
    {"smartcard@mode",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Where the card is: at the host, made of certificates, or passed on by the viewer.")},
    {"smartcard/certificate",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of a certificate in the host's database; three are needed.")},
    {"smartcard/database", QT_TRANSLATE_NOOP("xml_ElementDocs", "Directory of the certificate database on the host.")},
    {"devices/serial", QT_TRANSLATE_NOOP("xml_ElementDocs", "A serial port.")},
    {"devices/parallel", QT_TRANSLATE_NOOP("xml_ElementDocs", "A parallel port.")},
    {"devices/console",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "The text console. The first one stands for the first serial port.")},
    {"devices/channel",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "A private line between host and guest, such as that of the guest agent.")},
    {"serial@type",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "What is at the host's end: a pseudo terminal, a file, a socket and others.")},
    {"parallel@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "What is at the host's end.")},
    {"console@type",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "What is at the host's end; \"pty\" can be opened in the text console.")},
    {"channel@type",
        QT_TRANSLATE_NOOP("xml_ElementDocs",
            "What is at the host's end: \"unix\" for the guest agent, \"spicevmc\" for the SPICE agent.")},
    {"console@tty", QT_TRANSLATE_NOOP("xml_ElementDocs", "Terminal on the host. Only while the domain runs.")},
    {"serial/source@path", QT_TRANSLATE_NOOP("xml_ElementDocs", "Device, file or socket on the host.")},
    {"serial/source@mode",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the host's end listens (\"bind\") or connects.")},
    {"serial/source@host",
        QT_TRANSLATE_NOOP("xml_ElementDocs",
            "Address to listen on or connect to. The line is not encrypted and asks for no password.")},
    {"serial/source@service", QT_TRANSLATE_NOOP("xml_ElementDocs", "Port number.")},
    {"serial/source@tls", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the line is encrypted.")},
    {"console/source@path",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Device, file or socket on the host; while the domain runs, its pseudo terminal.")},
    {"parallel/source@path", QT_TRANSLATE_NOOP("xml_ElementDocs", "Device, file or socket on the host.")},
    {"serial/protocol@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "How data is wrapped on the line: raw or telnet.")},
    {"serial/log@file",
        QT_TRANSLATE_NOOP("xml_ElementDocs",
            "File on the host that everything is also written to. It grows without limit unless virtlogd turns it "
            "over.")},
    {"serial/target@port", QT_TRANSLATE_NOOP("xml_ElementDocs", "Number of the port in the guest, from 0.")},
    {"serial/target@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "Kind of port.")},
    {"serial/target/model@name", QT_TRANSLATE_NOOP("xml_ElementDocs", "Exact hardware of the port.")},
    {"console/target@type",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "\"serial\" for the serial port, \"virtio\" for a paravirtual console.")},
    {"channel/source@path",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Socket on the host. libvirt makes one when missing.")},
    {"channel/source@mode", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the host's end listens or connects.")},
    {"channel/target@name",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of the line in the guest; agents find theirs by it.")},
    {"channel/target@state",
        QT_TRANSLATE_NOOP(
            "xml_ElementDocs", "Whether a program in the guest has opened it. Only while the domain runs.")},
    {"channel/target@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "Kind of line, nearly always \"virtio\".")},
    {"source/reconnect@enabled",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether to connect again when the other end goes away.")},
    {"source/reconnect@timeout", QT_TRANSLATE_NOOP("xml_ElementDocs", "Seconds between attempts.")},
    {"devices/input", QT_TRANSLATE_NOOP("xml_ElementDocs", "A keyboard, mouse or tablet.")},
    {"input@type",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "What it is. A tablet keeps the pointers of viewer and guest together.")},
    {"input@bus", QT_TRANSLATE_NOOP("xml_ElementDocs", "How it is attached.")},
    {"input/source@evdev", QT_TRANSLATE_NOOP("xml_ElementDocs", "Input device of the host that is passed through.")},
    {"input/source@dev",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Input device of the host that the guest gets events of.")},
    {"input/source@grab", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether one device's grab holds for all.")},
    {"input/source@grabToggle",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Keys that move the input between host and guest.")},
    {"devices/hub", QT_TRANSLATE_NOOP("xml_ElementDocs", "A USB hub.")},
    {"smartcard@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "What is at the host's end when the card is passed on.")},
    {"serial/target", QT_TRANSLATE_NOOP("xml_ElementDocs", "Kind and number of the port.")},
    {"serial/source", QT_TRANSLATE_NOOP("xml_ElementDocs", "What is at the host's end.")},
    {"serial/source@master", QT_TRANSLATE_NOOP("xml_ElementDocs", "Device of the pair that the hypervisor opens.")},
    {"serial/source@slave", QT_TRANSLATE_NOOP("xml_ElementDocs", "Device of the pair that programs on the host open.")},
    {"serial/source@channel", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of the port in the viewer.")},
    {"serial/source@append",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the file is continued at start instead of emptied.")},
    {"serial/log@append",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the log is continued at start instead of emptied.")},
    {"console/target@port", QT_TRANSLATE_NOOP("xml_ElementDocs", "Number of the console, from 0.")},
    {"parallel/target@port", QT_TRANSLATE_NOOP("xml_ElementDocs", "Number of the port, from 0.")},
    {"channel/target@address", QT_TRANSLATE_NOOP("xml_ElementDocs", "Address that the guest connects to.")},
    {"channel/target@port", QT_TRANSLATE_NOOP("xml_ElementDocs", "Port that the guest connects to.")},
    {"channel/source/clipboard@copypaste", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the clipboard is shared.")},
    {"channel/source/mouse@mode",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether the guest's pointer follows the viewer's.")},
    {"channel/source@channel", QT_TRANSLATE_NOOP("xml_ElementDocs", "Name of the port in the viewer.")},
    {"redirdev/source@host",
        QT_TRANSLATE_NOOP("xml_ElementDocs", "Address that USB traffic comes from or goes to. It is not encrypted.")},
    {"redirdev/source@service", QT_TRANSLATE_NOOP("xml_ElementDocs", "Port number.")},
    {"redirfilter/usbdev@product", QT_TRANSLATE_NOOP("xml_ElementDocs", "USB product; -1 for any.")},
    {"redirfilter/usbdev@version", QT_TRANSLATE_NOOP("xml_ElementDocs", "Version of the device; -1 for any.")},
    {"input@model", QT_TRANSLATE_NOOP("xml_ElementDocs", "Which virtio version.")},
    {"input/source@repeat", QT_TRANSLATE_NOOP("xml_ElementDocs", "Whether held keys repeat.")},
    {"hub@type", QT_TRANSLATE_NOOP("xml_ElementDocs", "Always \"usb\".")},
    {"address@iobase", QT_TRANSLATE_NOOP("xml_ElementDocs", "I/O port of the device.")},
    {"address@irq", QT_TRANSLATE_NOOP("xml_ElementDocs", "Interrupt of the device.")},
});

} // namespace

std::span<const Entry> domainLines()
{
    return domainLinesTable;
}

} // namespace vireo::xml::elementdocs
