// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/cold/firmwarestate.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include "backend/xml/document.h"
#include "backend/xml/xmltext.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

using xml::ElementPath;
using xml::XmlText;

struct FirmwareStateText {
    Q_DECLARE_TR_FUNCTIONS(operation_firmwareState)
};

const QString markName = u"tpm"_s;

QString markNamespace()
{
    return QString::fromLatin1(xml::MetadataNamespace);
}

xml::Element emulatedTpm(const xml::Document &document)
{
    const auto tpms = document.root().child(u"devices"_s).children(u"tpm"_s);
    for (const xml::Element &tpm : tpms) {
        if (tpm.child(u"backend"_s).attribute(u"type"_s) == "emulator"_L1) {
            return tpm;
        }
    }
    return {};
}

} // namespace

QString variablesOf(const QString &domainXml)
{
    const auto document = xml::Document::parse(domainXml);
    const xml::Element nvram = document ? document->root().find(u"os/nvram"_s) : xml::Element();
    const QString source = nvram.child(u"source"_s).attribute(u"file"_s);
    const QString path = source.isEmpty() ? nvram.text().trimmed() : source;
    return path.startsWith(u'/') ? path : QString();
}

Result<QString> withVariables(const QString &domainXml, const QString &path)
{
    auto text = XmlText::parse(domainXml);
    if (!text) {
        return fail(text.error());
    }
    const ElementPath nvram(u"os/nvram"_s);
    const ElementPath source = nvram.child(u"source"_s);
    if (text->has(source)) {
        text->setAttribute(source, u"file"_s, path);
    } else {
        text->setText(nvram, path);
    }
    return text->toString();
}

QString variablesCopy(const QString &path, const QString &token)
{
    static const QRegularExpression earlier(u"\\.[0-9a-f]{12}(?=(\\.[^./]*)?$)"_s);
    QString plain = path;
    plain.remove(earlier);
    const qsizetype slash = plain.lastIndexOf(u'/') + 1;
    const qsizetype dot = plain.lastIndexOf(u'.');
    return plain.insert(dot > slash ? dot : plain.size(), u'.' + token);
}

bool hasEmulatedTpm(const QString &domainXml)
{
    const auto document = xml::Document::parse(domainXml);
    return document && emulatedTpm(*document);
}

Result<QString> tpmMachineXml(const QString &like, const QString &name)
{
    const auto model = xml::Document::parse(like);
    if (!model) {
        return fail(model.error());
    }
    const xml::Element tpm = emulatedTpm(*model);
    if (!tpm) {
        return fail(Error::invalid(FirmwareStateText::tr("The VM has no emulated TPM.")));
    }
    const xml::Element from = model->root();
    auto document = xml::Document::create(u"domain"_s);
    xml::Element root = document.root();
    root.setAttribute(u"type"_s, u"qemu"_s); // no need of KVM for what does not run
    root.append(u"name"_s, name);
    root.append(u"uuid"_s, from.child(u"uuid"_s).text().trimmed());
    root.append(u"metadata"_s).append(markName, markNamespace(), u"vireo"_s);
    root.append(u"memory"_s, u"16"_s).setAttribute(u"unit"_s, u"MiB"_s);
    root.append(u"vcpu"_s, u"1"_s);
    xml::Element type = root.append(u"os"_s).append(u"type"_s, u"hvm"_s);
    const xml::Element likeType = from.find(u"os/type"_s);
    for (const QString &attribute : {u"arch"_s, u"machine"_s}) {
        if (const QString value = likeType.attribute(attribute); !value.isEmpty()) {
            type.setAttribute(attribute, value);
        }
    }
    xml::Element devices = root.append(u"devices"_s);
    if (const QString emulator = from.find(u"devices/emulator"_s).text(); !emulator.isEmpty()) {
        devices.append(u"emulator"_s, emulator);
    }
    xml::Element usb = devices.append(u"controller"_s);
    usb.setAttribute(u"type"_s, u"usb"_s);
    usb.setAttribute(u"model"_s, u"none"_s);
    xml::Element copy = devices.appendCopy(tpm);
    for (const QString &assigned : {u"alias"_s, u"address"_s}) {
        copy.child(assigned).remove();
    }
    devices.append(u"memballoon"_s).setAttribute(u"model"_s, u"none"_s);
    return document.toString();
}

bool isTpmMachine(const QString &domainXml)
{
    const auto document = xml::Document::parse(domainXml);
    return document && document->root().child(u"metadata"_s).child(markName, markNamespace());
}

} // namespace vireo::operation
