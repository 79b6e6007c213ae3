// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/workdomain.h"

#include <QCoreApplication>

#include "backend/virt/domains.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

namespace domains = virt::domains;

struct WorkDomainText {
    Q_DECLARE_TR_FUNCTIONS(operation_workDomain)
};

constexpr auto digits = 8; // of the UUID, in the name

QString nameOf(const QUuid &uuid)
{
    return QString::fromLatin1(WorkDomain::namePrefix) + uuid.toString(QUuid::WithoutBraces).first(digits);
}

void setSource(xml::Element layer, const QString &path)
{
    const bool isDevice = path.startsWith("/dev/"_L1);
    layer.setAttribute(u"type"_s, isDevice ? u"block"_s : u"file"_s);
    layer.append(u"source"_s).setAttribute(isDevice ? u"dev"_s : u"file"_s, path);
}

/** The chain as far as it is recorded. Below that libvirt follows what the files say of each other, by the rules by
 *  which it starts the VM itself; where even that is unclear, it refuses. */
void addDisk(xml::Element devices, const snapshot::Chain &chain, const WorkDomain::Options &options)
{
    xml::Element disk = devices.append(u"disk"_s);
    disk.setAttribute(u"device"_s, u"disk"_s);
    xml::Element driver = disk.append(u"driver"_s);
    driver.setAttribute(u"name"_s, u"qemu"_s);
    driver.setAttribute(u"type"_s, chain.first().format);
    if (options.zeroes) { // libvirt hands both on to the target of a block copy
        driver.setAttribute(u"discard"_s, u"unmap"_s);
        driver.setAttribute(u"detect_zeroes"_s, u"unmap"_s);
    }
    setSource(disk, chain.first().path);
    xml::Element above = disk;
    qsizetype known = 1;
    for (; known < chain.size() && !chain[known].format.isEmpty(); ++known) {
        xml::Element layer = above.append(u"backingStore"_s);
        layer.append(u"format"_s).setAttribute(u"type"_s, chain[known].format);
        setSource(layer, chain[known].path);
        above = layer;
    }
    if (known == chain.size()) {
        // A raw file has nothing beneath it, whatever the guest wrote into it. What is beneath the last known layer of
        // another format has not been recorded by anybody: libvirt looks.
        if (chain.last().format == "raw"_L1) {
            above.append(u"backingStore"_s);
        }
    }
    xml::Element target = disk.append(u"target"_s);
    target.setAttribute(u"dev"_s, QString::fromLatin1(WorkDomain::diskTarget));
    target.setAttribute(u"bus"_s, u"virtio"_s);
    if (options.readOnly) {
        disk.append(u"readonly"_s);
    }
}

} // namespace

WorkDomain::WorkDomain(job::StepContext &context, QString key, QString like, QString vmName, const virt::HostId &host)
    : m_context(context)
    , m_key(std::move(key))
    , m_like(std::move(like))
    , m_vmName(std::move(vmName))
    , m_host(host)
{}

WorkDomain::~WorkDomain()
{
    if (m_started) {
        if (const Result<> ended = end(); !ended) {
            m_context.log(ended.error().message);
        }
    }
}

QUuid WorkDomain::uuid() const
{
    return QUuid::fromString(m_context.results().value(m_key).toString());
}

Result<QString> WorkDomain::xmlFor(
    const QString &like, const QString &name, const QUuid &uuid, const snapshot::Chain &chain, const Options &options)
{
    if (chain.isEmpty() || chain.first().format.isEmpty()) {
        return fail(Error::invalid(WorkDomainText::tr("Nobody recorded of which format the topmost layer is.")));
    }
    const auto model = xml::Document::parse(like);
    if (!model) {
        return fail(model.error());
    }
    const xml::Element from = model->root();
    auto document = xml::Document::create(u"domain"_s);
    xml::Element root = document.root();
    root.setAttribute(u"type"_s, from.attribute(u"type"_s));
    root.append(u"name"_s, name);
    root.append(u"uuid"_s, uuid.toString(QUuid::WithoutBraces));
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
    addDisk(devices, chain, options);
    xml::Element usb = devices.append(u"controller"_s);
    usb.setAttribute(u"type"_s, u"usb"_s);
    usb.setAttribute(u"model"_s, u"none"_s);
    devices.append(u"memballoon"_s).setAttribute(u"model"_s, u"none"_s);
    return document.toString();
}

Result<virt::ConnectionPtr> WorkDomain::connection() const
{
    return m_host.isNull() ? m_context.connection() : m_context.connection(m_host);
}

Result<> WorkDomain::start(const snapshot::Chain &chain, const Options &options)
{
    if (const Result<> ended = end(); !ended) { // of an earlier run
        return ended;
    }
    const auto connection = this->connection();
    if (!connection) {
        return fail(connection.error());
    }
    const QUuid uuid = QUuid::createUuid();
    const auto text = xmlFor(m_like, nameOf(uuid), uuid, chain, options);
    if (!text) {
        return fail(text.error());
    }
    // Before the call: whoever comes after a kill has to find it.
    if (const Result<> noted = m_context.note(m_key, uuid.toString(QUuid::WithoutBraces)); !noted) {
        return noted;
    }
    m_started = true; // or may have been: a call whose answer never came
    auto made = domains::createTransient(**connection, *text, true);
    if (!made) {
        Error error = made.error();
        error.message =
            WorkDomainText::tr("The files of %1 could not be opened for work on them. %2").arg(m_vmName, error.message);
        return fail(std::move(error));
    }
    return {};
}

Result<> WorkDomain::end()
{
    const QUuid known = uuid();
    if (known.isNull()) {
        return {};
    }
    const auto connection = this->connection();
    if (!connection) {
        return fail(connection.error());
    }
    const Result<> destroyed = domains::destroy(**connection, known);
    if (!destroyed && destroyed.error().kind != Error::Kind::NotFound) {
        return destroyed;
    }
    m_started = false;
    return m_context.note(m_key, QJsonValue(QJsonValue::Undefined));
}

} // namespace vireo::operation
