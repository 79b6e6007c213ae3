// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/rng/meaning.h"

#include <QCoreApplication>

namespace vireo::xml::rng {

using namespace Qt::StringLiterals;

namespace {

struct MeaningText {
    Q_DECLARE_TR_FUNCTIONS(xml_ValueMeaning)
};

/** What libvirt's definitions of values stand for; those that are whole numbers with limits describe themselves. */
const QHash<QString, const char *> &meanings()
{
    static const QHash<QString, const char *> table{
        {u"hexuint"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a hexadecimal number")},
        {u"octalMode"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "octal permissions such as 0644")},
        {u"createMode"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "octal permissions such as 0644")},
        {u"uint8"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a whole number from 0 to 255, or 0x00 to 0xff")},
        {u"uint16"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a whole number from 0 to 65535, or 0x0 to 0xffff")},
        {u"uint24"_s,
            QT_TRANSLATE_NOOP("xml_ValueMeaning", "a whole number from 0 to 16777215, or hexadecimal with 0x")},
        {u"uint32"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a whole number up to 4294967295, or hexadecimal with 0x")},
        {u"UUID"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a UUID such as 7f0c5bd6-1f2e-4a39-9f3c-08b1d5a0e9a1")},
        {u"uniMacAddr"_s,
            QT_TRANSLATE_NOOP("xml_ValueMeaning", "a MAC address of one device such as 52:54:00:12:34:56")},
        {u"multiMacAddr"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a multicast MAC address such as 01:00:5e:00:00:01")},
        {u"macAddr"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a MAC address such as 52:54:00:12:34:56")},
        {u"mac"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a MAC address such as 52:54:00:12:34:56")},
        {u"addrMAC"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a MAC address such as 52:54:00:12:34:56")},
        {u"DUID"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a DHCP unique identifier (DUID)")},
        {u"dbusAddr"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a D-Bus address")},
        {u"ipv4Addr"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "an IPv4 address such as 192.0.2.1")},
        {u"ipv6Addr"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "an IPv6 address such as 2001:db8::1")},
        {u"ipAddr"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "an IP address such as 192.0.2.1 or 2001:db8::1")},
        {u"addrIP"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "an IPv4 address such as 192.0.2.1")},
        {u"addrIPv6"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "an IPv6 address such as 2001:db8::1")},
        {u"ipPrefix"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "the length of a network prefix, from 0 to 128")},
        {u"addrIPorName"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "an IP address or the name of a computer")},
        {u"objectName"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a name without “/” on one line")},
        {u"objectNameWithSlash"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a name on one line")},
        {u"dnsName"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a DNS name (letters, digits, “.” and “-”)")},
        {u"filePath"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "the path of a file")},
        {u"dirPath"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "the path of a directory")},
        {u"absFilePath"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a path that starts with “/”")},
        {u"absDirPath"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a path that starts with “/”")},
        {u"path"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a path that starts with “/”")},
        {u"vmwarePath"_s,
            QT_TRANSLATE_NOOP("xml_ValueMeaning", "a path on VMware such as “[datastore1] vm/disk.vmdk”")},
        {u"unit"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a unit of size such as B, KiB, MiB, GiB or TiB")},
        {u"pciDomain"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a PCI domain such as 0x0000")},
        {u"pciBus"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a PCI bus from 0x00 to 0xff")},
        {u"pciSlot"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a PCI slot from 0x00 to 0x1f")},
        {u"pciFunc"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a PCI function from 0 to 7")},
        {u"wwn"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a world wide name of 16 hexadecimal digits")},
        {u"ccwCssidRange"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a channel subsystem from 0x00 to 0xfe")},
        {u"ccwSsidRange"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a subchannel set from 0 to 3")},
        {u"ccwDevnoRange"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a device number from 0x0000 to 0xffff")},
        {u"apDomainRange"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a domain from 0x0000 to 0x00ff")},
        {u"cpuset"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a list of CPUs such as 0-3,^2,8")},
        {u"volName"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "the name of a volume (without “/”)")},
        {u"PortNumber"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a port from 1 to 65535, or -1 for any")},
        {u"diskTargetDev"_s,
            QT_TRANSLATE_NOOP("xml_ValueMeaning", "the name of a disk in the guest such as vda, sda, hda or fda")},
        {u"usbVersion"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a version of USB such as 2.0")},
        {u"usbId"_s,
            QT_TRANSLATE_NOOP("xml_ValueMeaning", "a USB number of up to four hexadecimal digits such as 0x1d6b")},
        {u"usbAddr"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a USB number of up to three digits")},
        {u"usbClass"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a USB class such as 0x08")},
        {u"usbPort"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a USB port such as 1 or 1.2")},
        {u"driveController"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a number of up to two digits")},
        {u"driveBus"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a number of up to two digits")},
        {u"driveTarget"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a number of up to two digits")},
        {u"virtioserialPort"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a number of up to two digits")},
        {u"ccidSlot"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a number of up to two digits")},
        {u"driveUnit"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a whole number")},
        {u"driveSCSITarget"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a whole number")},
        {u"driveSCSIUnit"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a whole number")},
        {u"timeDelta"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a number of seconds, also negative")},
        {u"timeZone"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a time zone such as Europe/Berlin")},
        {u"spaprvioReg"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a hexadecimal number such as 0x1000")},
        {u"virtualPortProfileID"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a name of up to 39 characters")},
        {u"stateflags-type"_s,
            QT_TRANSLATE_NOOP("xml_ValueMeaning", "NONE, or a list of NEW, ESTABLISHED, RELATED and INVALID")},
        {u"tcpflags-type"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "two lists of TCP flags such as SYN,ACK/SYN")},
        {u"ipset-flags-type"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "up to six of src and dst, such as src,dst")},
        {u"variable-name-type"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a variable such as $IP")},
        {u"IscsiQualifiedName"_s,
            QT_TRANSLATE_NOOP("xml_ValueMeaning", "an iSCSI name such as iqn.2026-01.org.example:disk")},
        {u"timestamp"_s, QT_TRANSLATE_NOOP("xml_ValueMeaning", "a time in seconds such as 1700000000.5")},
    };
    return table;
}

/** "letters, digits, “_” and “-”" for "[a-zA-Z0-9_\-]+"; empty: it is more than a set of characters. */
QString characters(const QString &pattern)
{
    static const QRegularExpression form(
        u"\\A\\[(\\^?)((?:[^\\]\\\\]|\\\\.)+)\\](?:[+*]|\\{[0-9]+(?:,([0-9]+))?\\})\\z"_s);
    const QRegularExpressionMatch match = form.match(pattern);
    if (!match.hasMatch()) {
        return {};
    }
    QString set = match.captured(2);
    QStringList parts;
    const auto take = [&](const QString &range, const QString &name) {
        if (set.contains(range)) {
            set.remove(range);
            parts.append(name);
        }
    };
    if (set == u" -~") {
        return MeaningText::tr("printable ASCII characters");
    }
    if (match.capturedLength(1) == 0) {
        if (set.contains(u"a-z"_s) && set.contains(u"A-Z"_s)) {
            set.remove(u"a-z"_s).remove(u"A-Z"_s);
            parts.append(MeaningText::tr("letters"));
        }
        take(u"a-z"_s, MeaningText::tr("small letters"));
        take(u"A-Z"_s, MeaningText::tr("capital letters"));
        take(u"0-9"_s, MeaningText::tr("digits"));
    }
    for (qsizetype i = 0; i < set.size(); ++i) {
        QChar c = set[i];
        if (c == u'\\' && i + 1 < set.size()) {
            c = set[++i];
            if (c == u'n') {
                parts.append(MeaningText::tr("line breaks"));
                continue;
            }
            if (c == u's') {
                parts.append(MeaningText::tr("white space"));
                continue;
            }
        }
        parts.append(c == u' ' ? MeaningText::tr("spaces") : u"“%1”"_s.arg(c));
    }
    const QString last = parts.takeLast();
    //: The end of a list: "letters, digits and “-”"
    const QString list = parts.isEmpty() ? last : MeaningText::tr("%1 and %2").arg(parts.join(u", "_s), last);
    QString result = match.capturedLength(1) > 0 ? MeaningText::tr("text without %1").arg(list)
                                                 //: A value of these characters: "only letters, digits and “-”"
                                                 : MeaningText::tr("only %1").arg(list);
    if (match.capturedLength(3) > 0) {
        result = MeaningText::tr("%1, at most %n character(s)", nullptr, match.captured(3).toInt()).arg(result);
    }
    return result;
}

QString wholeNumber(const DataType &type)
{
    QString from = type.minimum ? (type.minimum->negative ? u"-"_s : QString()) + type.minimum->digits : QString();
    const QString to = type.maximum ? (type.maximum->negative ? u"-"_s : QString()) + type.maximum->digits : QString();
    if (from.isEmpty() && type.type == u"positiveInteger") {
        from = u"1"_s;
    }
    const bool isUnsigned = type.type.startsWith(u"unsigned");
    if (from.isEmpty() && isUnsigned) {
        from = u"0"_s;
    }
    if (!from.isEmpty() && !to.isEmpty()) {
        return MeaningText::tr("a whole number from %1 to %2").arg(from, to);
    }
    if (type.type == u"unsignedShort") {
        return MeaningText::tr("a whole number from %1 to %2").arg(from, u"65535"_s);
    }
    if (!from.isEmpty() && from != u"0") {
        return MeaningText::tr("a whole number from %1 on").arg(from);
    }
    if (!to.isEmpty()) {
        return MeaningText::tr("a whole number up to %1").arg(to);
    }
    return MeaningText::tr("a whole number");
}

} // namespace

bool hasMeaning(const QString &definition)
{
    return meanings().contains(definition);
}

QString describe(const DataType &type)
{
    if (!type.meaning.isEmpty()) {
        return MeaningText::tr(meanings().value(type.meaning));
    }
    switch (type.base) {
    case DataType::Base::Whole:
        return wholeNumber(type);
    case DataType::Base::Decimal:
        return MeaningText::tr("a number");
    case DataType::Base::DateTime:
        return MeaningText::tr("a date and time such as 2026-01-31T12:00:00");
    case DataType::Base::Name:
        return MeaningText::tr("a name (letters, digits, “_”, “-” and “.”)");
    case DataType::Base::Uri:
        return MeaningText::tr("a URI");
    case DataType::Base::String:
    case DataType::Base::Token:
        break;
    }
    if (type.sources.isEmpty()) {
        return MeaningText::tr("any text");
    }
    if (type.sources.first() == u".+") {
        return MeaningText::tr("text that is not empty");
    }
    const QString set = characters(type.sources.first());
    return set.isEmpty() ? MeaningText::tr("text of a certain form (%1)").arg(type.sources.first()) : set;
}

} // namespace vireo::xml::rng
