// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/probedomain.h"

#include <future>

#include <QCoreApplication>

#include "backend/base/lane.h"
#include "backend/operation/workdomain.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

using Clock = std::chrono::steady_clock;

constexpr auto abortPatience = 3s;
constexpr auto glance = 50ms;

struct ProbeText {
    Q_DECLARE_TR_FUNCTIONS(operation_probedomain)
};

Error timedOut(std::chrono::seconds patience)
{
    return {Error::Kind::TimedOut,
        ProbeText::tr("There was no answer for %1 s: packets may be dropped on the way.").arg(patience.count()), {}, 0,
        0};
}

void addDisk(xml::Element &devices, const QString &path)
{
    xml::Element disk = devices.append(u"disk"_s);
    disk.setAttribute(u"type"_s, u"file"_s);
    disk.setAttribute(u"device"_s, u"disk"_s);
    xml::Element driver = disk.append(u"driver"_s);
    driver.setAttribute(u"name"_s, u"qemu"_s);
    driver.setAttribute(u"type"_s, u"raw"_s);
    driver.setAttribute(u"cache"_s, u"unsafe"_s); // the way is looked at, not the disk at its end
    disk.append(u"source"_s).setAttribute(u"file"_s, path);
    xml::Element target = disk.append(u"target"_s);
    target.setAttribute(u"dev"_s, QString::fromLatin1(WorkDomain::diskTarget));
    target.setAttribute(u"bus"_s, u"virtio"_s);
}

} // namespace

ProbeDomain::ProbeDomain(virt::ConnectionPtr source, virt::ConnectionPtr destination, const QString &like)
    : m_source(std::move(source))
    , m_destination(std::move(destination))
    , m_like(like)
{}

ProbeDomain::~ProbeDomain()
{
    if (m_begun) {
        static_cast<void>(virt::domains::destroy(*m_source, m_uuid));
        static_cast<void>(virt::domains::destroy(*m_destination, m_uuid));
    }
}

QString ProbeDomain::xml(int vcpus, const QString &disk) const
{
    const auto model = xml::Document::parse(m_like);
    auto document = xml::Document::create(u"domain"_s);
    xml::Element root = document.root();
    root.setAttribute(u"type"_s, u"qemu"_s); // no need of KVM for what does not run
    root.append(
        u"name"_s, QString::fromLatin1(WorkDomain::namePrefix) + u"probe-"_s + m_uuid.toString(QUuid::Id128).first(8));
    root.append(u"uuid"_s, m_uuid.toString(QUuid::WithoutBraces));
    root.append(u"memory"_s, u"16"_s).setAttribute(u"unit"_s, u"MiB"_s);
    root.append(u"vcpu"_s, QString::number(vcpus));
    xml::Element type = root.append(u"os"_s).append(u"type"_s, u"hvm"_s);
    const xml::Element from = model ? model->root() : xml::Element();
    const xml::Element likeType = from.find(u"os/type"_s);
    for (const QString &attribute : {u"arch"_s, u"machine"_s}) {
        if (const QString value = likeType.attribute(attribute); !value.isEmpty()) {
            type.setAttribute(attribute, value);
        }
    }
    xml::Element devices = root.append(u"devices"_s);
    if (const QString emulator = from.find(u"devices/emulator"_s).text().trimmed(); !emulator.isEmpty()) {
        devices.append(u"emulator"_s, emulator);
    }
    if (!disk.isEmpty()) {
        addDisk(devices, disk);
    }
    xml::Element usb = devices.append(u"controller"_s);
    usb.setAttribute(u"type"_s, u"usb"_s);
    usb.setAttribute(u"model"_s, u"none"_s);
    devices.append(u"memballoon"_s).setAttribute(u"model"_s, u"none"_s);
    return document.toString();
}

Result<> ProbeDomain::start(const QString &disk)
{
    m_begun = true;
    const auto made = virt::domains::createTransient(*m_source, xml(1, disk), true);
    return made ? Result<>() : fail(made.error());
}

Result<> ProbeDomain::migrate(const virt::migration::Options &options, bool direct, std::chrono::seconds patience,
    const std::stop_token &stop, const IsEnough &isEnough)
{
    const auto answer = std::make_shared<std::promise<Result<>>>();
    std::future<Result<>> waiting = answer->get_future();
    Lane lane(u"vireo-probe"_s);
    lane.post([answer, source = m_source, destination = m_destination, uuid = m_uuid, options, direct] {
        answer->set_value(virt::migration::migrate(*source, uuid, direct ? destination.get() : nullptr, options));
    });
    const auto until = Clock::now() + patience;
    while (waiting.wait_for(glance) != std::future_status::ready) {
        const bool enough = isEnough && isEnough();
        if (!enough && Clock::now() < until && !stop.stop_requested()) {
            continue;
        }
        static_cast<void>(virt::migration::abort(*m_source, m_uuid));
        const bool isBack = waiting.wait_for(abortPatience) == std::future_status::ready;
        const bool moved = isBack && waiting.get();
        return enough || moved ? Result<>() : fail(stop.stop_requested() ? Error::cancelled() : timedOut(patience));
    }
    return waiting.get();
}

Result<virt::migration::Figures> ProbeDomain::figures() const
{
    return virt::migration::figures(*m_source, m_uuid);
}

} // namespace vireo::operation
