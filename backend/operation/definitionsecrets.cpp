// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/definitionsecrets.h"

#include <algorithm>

#include <QCoreApplication>
#include <QCryptographicHash>
#include <QHash>

#include "backend/operation/deviceidentity.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using xml::ElementPath;
using xml::XmlText;

/** What libvirt formats with VIR_DOMAIN_XML_SECURE alone. */
const QStringList &secretAttributes()
{
    static const QStringList names{u"passwd"_s, u"passwdValidTo"_s, u"connected"_s};
    return names;
}

/** Copies attributes that `secure` has and `plain` lacks to what stands at `path`, element by element. */
void copySecrets(XmlText &wanted, const ElementPath &path, const xml::Element &plain, const xml::Element &secure)
{
    const QStringList names = secure.attributeNames();
    for (const QString &name : names) {
        if (!plain.hasAttribute(name) && !wanted.hasAttribute(path, name)) {
            wanted.setAttribute(path, name, secure.attribute(name));
        }
    }
    const QList<xml::Element> left = plain.children();
    const QList<xml::Element> right = secure.children();
    if (left.size() != right.size()) {
        return;
    }
    QHash<QString, int> numbers;
    for (qsizetype i = 0; i < left.size(); ++i) {
        const QString name = right.at(i).name();
        const ElementPath child = path.child(name, numbers[name]++);
        if (left.at(i).name() == name && wanted.has(child)) {
            copySecrets(wanted, child, left.at(i), right.at(i));
        }
    }
}

/** "devices/graphics[1]" for a device of the list. */
ElementPath pathOfDevice(const QList<DevicePart> &devices, qsizetype index)
{
    const QString kind = devices.at(index).kind;
    const auto before = std::count_if(
        devices.cbegin(), devices.cbegin() + index, [&kind](const DevicePart &device) { return device.kind == kind; });
    return ElementPath(u"devices"_s).child(kind, static_cast<int>(before));
}

} // namespace

Result<QString> withSecrets(const QString &wanted, const QString &plain, const QString &secure)
{
    const auto plainDocument = xml::Document::parse(plain);
    const auto secureDocument = xml::Document::parse(secure);
    const auto wantedDocument = xml::Document::parse(wanted);
    auto text = XmlText::parse(wanted);
    if (!plainDocument || !secureDocument || !wantedDocument || !text) {
        return fail(!plainDocument ? plainDocument.error()
                : !secureDocument  ? secureDocument.error()
                : !wantedDocument  ? wantedDocument.error()
                                   : text.error());
    }
    const QList<DevicePart> devices = devicesOf(*wantedDocument);
    const QList<DevicePart> stored = devicesOf(*plainDocument);
    const QList<xml::Element> plainElements = plainDocument->root().child(u"devices"_s).children();
    const QList<xml::Element> secureElements = secureDocument->root().child(u"devices"_s).children();
    if (plainElements.size() != secureElements.size()) {
        return fail(Error::failed(QCoreApplication::translate(
            "operation_definitionSecrets", "The definition changed while it was read. Try again.")));
    }
    const QList<DevicePair> pairs = pairDevices(stored, devices);
    for (const DevicePair &pair : pairs) {
        if (pair.before >= 0 && pair.after >= 0) {
            copySecrets(*text, pathOfDevice(devices, pair.after), plainElements.at(pair.before),
                secureElements.at(pair.before));
        }
    }
    return text->toString();
}

QString withoutSecrets(const QString &definition)
{
    auto text = XmlText::parse(definition);
    if (!text) {
        return definition;
    }
    const QString kind = u"graphics"_s;
    const ElementPath devices(u"devices"_s);
    for (int i = 0; i < text->count(devices, kind); ++i) {
        for (const QString &name : secretAttributes()) {
            text->removeAttribute(devices.child(kind, i), name);
        }
    }
    return text->toString();
}

QString withoutDeviceSecrets(const QString &device)
{
    auto text = XmlText::parse(device);
    if (!text || text->tree().name(text->tree().root()) != "graphics"_L1) {
        return device;
    }
    for (const QString &name : secretAttributes()) {
        text->removeAttribute({}, name);
    }
    return text->toString();
}

bool hasSecrets(const QString &definition)
{
    return withoutSecrets(definition) != definition;
}

QString definitionDigest(const QString &definition)
{
    const auto document = xml::Document::parse(definition);
    const QString meaning = document ? meaningOf(document->root(), {u"name"_s}) : definition;
    return QString::fromLatin1(QCryptographicHash::hash(meaning.toUtf8(), QCryptographicHash::Sha256).toHex());
}

} // namespace vireo::operation
