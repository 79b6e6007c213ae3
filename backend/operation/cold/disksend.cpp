// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "backend/operation/cold/disksend.h"

#include <future>

#include <QCoreApplication>

#include "backend/base/lane.h"
#include "backend/operation/cold/sendwatch_p.h"
#include "backend/operation/workdomain.h"
#include "backend/virt/domains.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace vireo::operation {

namespace {

namespace domains = virt::domains;
using virt::migration::Options;

constexpr auto glance = 50ms;
constexpr auto abortPeriod = 500ms;
constexpr auto abortPatience = 20s;

struct DiskSendText {
    Q_DECLARE_TR_FUNCTIONS(operation_disksend)
};

QString nameOf(const QUuid &uuid)
{
    return QString::fromLatin1(WorkDomain::namePrefix) + u"send-"_s + uuid.toString(QUuid::Id128).first(8);
}

/** A call whose thread may be left behind. */
class Call final
{
    Q_DISABLE_COPY_MOVE(Call)

public:
    Call(const virt::ConnectionPtr &source, const virt::ConnectionPtr &destination, const QUuid &uuid,
        const Options &options)
        : m_lane(u"vireo-send"_s)
    {
        const auto answer = std::make_shared<std::promise<Result<>>>();
        m_waiting = answer->get_future();
        m_lane.post([answer, source, destination, uuid, options] {
            answer->set_value(
                virt::migration::migrate(*source, uuid, options.peerToPeer ? nullptr : destination.get(), options));
        });
    }
    bool isOver(std::chrono::milliseconds patience)
    {
        return m_waiting.wait_for(patience) == std::future_status::ready;
    }
    Result<> answer() { return m_waiting.get(); }

private:
    Lane m_lane;
    std::future<Result<>> m_waiting;
};

} // namespace

DiskSend::DiskSend(virt::ConnectionPtr source, virt::ConnectionPtr destination, const QString &like, const QUuid &uuid)
    : m_source(std::move(source))
    , m_destination(std::move(destination))
    , m_like(like)
    , m_uuid(uuid)
{}

Result<QString> DiskSend::xmlFor(const QString &like, const QUuid &uuid, const snapshot::Chain &chain)
{
    const auto text = WorkDomain::xmlFor(like, nameOf(uuid), uuid, chain, {});
    if (!text) {
        return text;
    }
    auto document = xml::Document::parse(*text);
    if (!document) {
        return fail(document.error());
    }
    document->root().setAttribute(u"type"_s, u"qemu"_s); // no need of KVM for what does not run, on either host
    return document->toString();
}

Result<QString> DiskSend::xmlThere(const QString &like, const QUuid &uuid, const SentDisk &disk, const QString &cache)
{
    snapshot::Chain chain{disk.to};
    if (disk.topOnly) {
        chain += disk.beneath;
    }
    const auto text = xmlFor(like, uuid, chain);
    if (!text) {
        return text;
    }
    auto document = xml::Document::parse(*text);
    if (!document) {
        return fail(document.error());
    }
    xml::Element driver = document->root().find(u"devices/disk/driver"_s);
    driver.setAttribute(u"cache"_s, cache);
    driver.setAttribute(u"discard"_s, u"unmap"_s);
    driver.setAttribute(u"detect_zeroes"_s, u"unmap"_s);
    return document->toString();
}

Result<> DiskSend::migrate(const Options &options, const Progress &progress, const std::stop_token &stop)
{
    using Clock = std::chrono::steady_clock;
    Call call(m_source, m_destination, m_uuid, options);
    SendWatch watch(m_source, m_uuid);
    auto gaveUp = Clock::time_point::max();
    auto nextAbort = Clock::time_point::min();
    while (!call.isOver(glance)) {
        const auto now = Clock::now();
        if (stop.stop_requested()) {
            // Repeated until libvirt takes it: the first may come before its job has begun.
            gaveUp = std::min(gaveUp, now + abortPatience);
            if (now >= nextAbort) {
                static_cast<void>(virt::migration::abort(*m_source, m_uuid));
                nextAbort = now + abortPeriod;
            }
            if (now >= gaveUp) {
                return fail(Error::cancelled()); // the lane is left behind
            }
        } else if (const auto figures = watch.look()) {
            progress(figures->diskProcessed, figures->diskTotal);
        } else if (watch.isStalled()) {
            static_cast<void>(domains::destroy(*m_source, m_uuid)); // which ends the call
            static_cast<void>(call.isOver(abortPatience));
            return fail(SendWatch::stalledError());
        }
    }
    const Result<> moved = call.answer();
    return stop.stop_requested() && !moved ? fail(Error::cancelled()) : moved;
}

Result<> DiskSend::send(
    const SentDisk &disk, const Options &options, const Progress &progress, const std::stop_token &stop)
{
    const auto here = xmlFor(m_like, m_uuid, disk.chain);
    if (!here) {
        return fail(here.error());
    }
    Result<> moved;
    // What the destination finds, too, need not cross the wire.
    const bool detectZeroes =
        virt::migration::canDetectZeroes(*m_source) && virt::migration::canDetectZeroes(*m_destination);
    // Past the page cache, where the file system can: what has been written will not be read there soon.
    for (const QString &cache : {u"none"_s, u"writeback"_s}) {
        const auto there = xmlThere(m_like, m_uuid, disk, cache);
        if (!there) {
            return fail(there.error());
        }
        const auto state = domains::state(*m_source, m_uuid);
        if (!state || !state->exists) {
            if (const auto made = domains::createTransient(*m_source, *here, true); !made) {
                return fail(made.error());
            }
        }
        Options move = options;
        move.live = true;
        move.persistent = false;
        move.undefineSource = false;
        move.abortOnError = true;
        move.storage = disk.topOnly ? Options::Storage::Incremental : Options::Storage::Full;
        move.disks = {QString::fromLatin1(WorkDomain::diskTarget)};
        move.detectZeroes = detectZeroes;
        move.destinationXml = *there;
        moved = migrate(move, progress, stop);
        if (moved || !moved.error().message.contains("O_DIRECT"_L1)) {
            break;
        }
    }
    return moved;
}

Result<> DiskSend::end()
{
    Result<> ended;
    for (const virt::ConnectionPtr &host : {m_source, m_destination}) {
        const Result<> destroyed = domains::destroy(*host, m_uuid);
        if (!destroyed && destroyed.error().kind != Error::Kind::NotFound) {
            ended = destroyed;
        }
    }
    return ended;
}

} // namespace vireo::operation
