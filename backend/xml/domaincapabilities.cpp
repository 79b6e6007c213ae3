// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/xml/domaincapabilities.h"

#include <algorithm>

#include <QCoreApplication>

#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::xml {

namespace {

struct DomainCapabilitiesText {
    Q_DECLARE_TR_FUNCTIONS(xml_DomainCapabilities)
};

Support yesNo(const QString &text)
{
    return text == "yes"_L1 ? Support::Yes : text == "no"_L1 ? Support::No : Support::Unknown;
}

Support supported(const Element &element)
{
    return yesNo(element.attribute(u"supported"_s));
}

CapabilityPart readPart(const Element &element)
{
    CapabilityPart part;
    part.support = supported(element);
    const auto settings = element.children(u"enum"_s);
    for (const Element &setting : settings) {
        QStringList &values = part.values[setting.attribute(u"name"_s)];
        const auto entries = setting.children(u"value"_s);
        for (const Element &entry : entries) {
            values << entry.text().trimmed();
        }
    }
    return part;
}

QMap<QString, CapabilityPart> readParts(const Element &parent)
{
    QMap<QString, CapabilityPart> parts;
    const auto children = parent.children();
    for (const Element &child : children) {
        parts.insert(child.name(), readPart(child));
    }
    return parts;
}

void readOs(const Element &os, DomainCapabilities &result)
{
    const CapabilityPart part = readPart(os);
    result.firmwares = part.of(u"firmware"_s);
    result.autoFirmware = part.values.contains(u"firmware"_s) ? Support::Yes : Support::Unknown;
    const Element loader = os.child(u"loader"_s);
    if (!loader) {
        return;
    }
    result.loader = readPart(loader);
    const auto paths = loader.children(u"value"_s);
    for (const Element &path : paths) {
        result.loaderPaths << path.text().trimmed();
    }
}

void readCustomModels(const Element &mode, DomainCapabilities &result)
{
    const auto children = mode.children();
    for (const Element &child : children) {
        if (child.name() == "model"_L1) {
            CpuModel model;
            model.name = child.text().trimmed();
            model.vendor = child.attribute(u"vendor"_s);
            model.usable = yesNo(child.attribute(u"usable"_s));
            model.deprecated = child.attribute(u"deprecated"_s) == "yes"_L1;
            result.cpuModels << model;
        } else if (child.name() == "blockers"_L1) {
            const QString name = child.attribute(u"model"_s);
            const auto model = std::ranges::find(result.cpuModels, name, &CpuModel::name);
            const auto features = child.children(u"feature"_s);
            for (const Element &feature : features) {
                if (model != result.cpuModels.end()) {
                    model->blockers << feature.attribute(u"name"_s);
                }
            }
        }
    }
}

void readCpu(const Element &cpu, DomainCapabilities &result)
{
    const auto modes = cpu.children(u"mode"_s);
    for (const Element &mode : modes) {
        const QString name = mode.attribute(u"name"_s);
        if (name == "host-passthrough"_L1) {
            result.cpuHostPassthrough = supported(mode);
        } else if (name == "maximum"_L1) {
            result.cpuMaximum = supported(mode);
        } else if (name == "host-model"_L1) {
            result.cpuHostModel = supported(mode);
            result.hostModel = mode.child(u"model"_s).text().trimmed();
            result.hostModelVendor = mode.child(u"vendor"_s).text().trimmed();
        } else if (name == "custom"_L1) {
            result.cpuCustom = supported(mode);
            readCustomModels(mode, result);
        }
    }
}

} // namespace

bool DomainCapabilities::hasEfi() const
{
    return firmwares.contains("efi"_L1) || (loader.offers(u"type"_s, u"pflash"_s) && !loaderPaths.isEmpty());
}

bool DomainCapabilities::hasSecureBoot() const
{
    // libvirt offers secure=yes where a firmware description says both "secure-boot" and "requires-smm".
    return hasEfi() && loader.offers(u"secure"_s, u"yes"_s);
}

bool DomainCapabilities::hasEmulatedTpm() const
{
    const CapabilityPart tpm = part(u"tpm"_s);
    if (tpm.support != Support::Yes || !tpm.offers(u"backendModel"_s, u"emulator"_s)) {
        return false;
    }
    // Versions are said since libvirt 8.10 (backendVersion); an emulator without them may still be old.
    return !tpm.values.contains(u"backendVersion"_s) || tpm.offers(u"backendVersion"_s, u"2.0"_s);
}

Result<DomainCapabilities> readDomainCapabilities(const QString &xml)
{
    const auto document = Document::parse(xml);
    if (!document) {
        return fail(document.error());
    }
    const Element root = document->root();
    if (root.name() != "domainCapabilities"_L1) {
        return fail(Error::invalid(
            DomainCapabilitiesText::tr("This is no description of domain capabilities but <%1>.").arg(root.name())));
    }
    DomainCapabilities result;
    result.emulator = root.child(u"path"_s).text().trimmed();
    result.virtType = root.child(u"domain"_s).text().trimmed();
    result.machine = root.child(u"machine"_s).text().trimmed();
    result.arch = root.child(u"arch"_s).text().trimmed();
    result.maxVcpus = std::max(0, root.child(u"vcpu"_s).attribute(u"max"_s).toInt());
    result.ioThreads = supported(root.child(u"iothreads"_s));
    readOs(root.child(u"os"_s), result);
    readCpu(root.child(u"cpu"_s), result);
    result.parts = readParts(root.child(u"devices"_s));
    if (const Element memory = root.child(u"memoryBacking"_s)) {
        result.parts.insert(u"memoryBacking"_s, readPart(memory));
    }
    result.features = readParts(root.child(u"features"_s));
    return result;
}

} // namespace vireo::xml
