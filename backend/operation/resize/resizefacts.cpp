// SPDX-FileCopyrightText: 2026 Vireo contributors
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include <QCoreApplication>

#include "backend/image/growext.h"
#include "backend/image/workfiles.h"
#include "backend/operation/layerfiles.h"
#include "backend/operation/resize/diskcontents.h"
#include "backend/operation/resize/resizeparts_p.h"
#include "backend/operation/storagetarget.h"
#include "backend/virt/blockjobs.h"
#include "backend/virt/domains.h"
#include "backend/virt/hostcalls.h"
#include "backend/virt/storage.h"
#include "backend/xml/document.h"

using namespace Qt::StringLiterals;

namespace vireo::operation {

namespace {

struct ResizeFactsText {
    Q_DECLARE_TR_FUNCTIONS(operation_resizeFacts)
};

/** What a driver does not have is empty. */
template<typename T>
Result<> take(Result<T> read, T &into)
{
    if (read) {
        into = *std::move(read);
        return {};
    }
    return read.error().kind == Error::Kind::Unsupported ? Result<>() : fail(read.error());
}

bool hasAgentChannel(const QString &domainXml)
{
    const auto document = xml::Document::parse(domainXml);
    const auto channels =
        document ? document->root().child(u"devices"_s).children(u"channel"_s) : QList<xml::Element>();
    return std::ranges::any_of(channels, [](const xml::Element &channel) {
        return channel.child(u"target"_s).attribute(u"name"_s) == "org.qemu.guest_agent.0"_L1;
    });
}

/** What is not known is no error: it is said of what needs it. */
GuestFacts guestFacts(virt::Connection &connection, const ResizeFacts &facts)
{
    constexpr auto patience = std::chrono::seconds(5);
    GuestFacts guest;
    const virt::DomainRecord &domain = facts.edit.domain;
    guest.hasChannel = hasAgentChannel(facts.edit.stored);
    if (!facts.disks.hasAgent || domain.state != virt::DomainState::Running) {
        return guest;
    }
    const auto executes = virt::guest::canExecute(connection, domain.uuid, patience);
    if (!executes) {
        return guest;
    }
    guest.canExecute = *executes;
    if (auto found = virt::guest::fileSystems(connection, domain.uuid, patience)) {
        guest.answers = true;
        guest.fileSystems = *std::move(found);
    }
    return guest;
}

Result<std::optional<KeptState>> findKept(const KeptStates &kept, const QUuid &domain)
{
    return optional(kept.find(domain));
}

} // namespace

Result<ResizeFacts> readResizeFacts(
    virt::Connection &connection, const QUuid &domain, const KeptStates &kept, const std::stop_token &stop)
{
    ResizeFacts facts;
    const auto waiting = findKept(kept, domain);
    if (!waiting) {
        return fail(waiting.error());
    }
    facts.kept = *waiting;
    auto edit = readEditFacts(connection, domain);
    if (!edit) {
        return fail(edit.error());
    }
    facts.edit = *std::move(edit);
    auto disks = snapshot::readFacts(connection, domain);
    if (!disks) {
        return fail(disks.error());
    }
    facts.disks = *std::move(disks);
    for (const Result<> &read :
        {take(virt::storage::pools(connection), facts.pools), take(virt::hostcalls::info(connection), facts.host)}) {
        if (!read) {
            return fail(read.error());
        }
    }
    facts.host.uri = connection.uri();
    for (const snapshot::DiskNow &disk : std::as_const(facts.disks.disks)) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        if (disk.chain.isEmpty() || !isWritable(disk, facts.disks.xml)) {
            continue;
        }
        // By the format that is recorded, which libvirt's storage would guess.
        if (const auto capacity = virt::blockjobs::capacity(connection, domain, disk.target); capacity) {
            facts.capacities.insert(disk.target, *capacity);
            if (const auto content = readDiskContent(connection, disk.chain, *capacity); content) {
                facts.contents.insert(disk.target, *content);
            }
        }
    }
    facts.guest = guestFacts(connection, facts);
    facts.localRoom = image::workRoom();
    facts.localProblem = image::missingExtTools();
    const auto progress = facts.edit.domain.isActive() ? virt::domains::jobProgress(connection, domain)
                                                       : Result<virt::domains::JobProgress>();
    if (progress && progress->total > 0) {
        facts.jobText = ResizeFactsText::tr("It is being saved or migrated, or a snapshot of it is taken.");
    } else if (facts.disks.xml.contains("<mirror"_L1)) {
        facts.jobText = ResizeFactsText::tr("A block job works on one of its disks.");
    }
    facts.token = QUuid::createUuid().toString(QUuid::Id128).left(12);
    return facts;
}

Result<ResizeEndFacts> readResizeEndFacts(const KeptState &kept, const virt::ConnectionPtr &from,
    const virt::ConnectionPtr &to, const virt::HostId &fromId, const virt::HostId &toId, const std::stop_token &stop)
{
    ResizeEndFacts facts;
    facts.kept = kept;
    facts.from = from ? fromId : virt::HostId();
    facts.to = toId;
    const auto record = optional(virt::domains::read(*to, kept.domain));
    if (!record) {
        return fail(awayError(kept.toUri, record.error()));
    }
    if (*record) {
        facts.domain = **record;
        auto xml = virt::domains::xml(*to, kept.domain, virt::domains::XmlKind::Inactive);
        auto disks = xml ? snapshot::readFacts(*to, kept.domain) : fail(xml.error());
        if (!disks) {
            return fail(disks.error());
        }
        facts.xml = *std::move(xml);
        facts.disks = *std::move(disks);
    }
    if (!from) {
        return facts;
    }
    if (kept.isMoved()) {
        const auto back = optional(virt::domains::read(*from, kept.domain));
        if (!back) {
            return fail(awayError(kept.fromUri, back.error()));
        }
        facts.isBack = back->has_value();
    }
    QStringList needed;
    for (const KeptState::Disk &disk : kept.disks) {
        needed.append(disk.before.path);
    }
    if (!kept.tpmFile.isEmpty() && kept.ending != KeptState::Ending::Revert) {
        needed.append(kept.tpmFile);
    }
    if (!kept.savedFile.isEmpty() && kept.ending != KeptState::Ending::Revert) {
        needed.append(kept.savedFile);
    }
    for (const QString &path : std::as_const(needed)) {
        if (stop.stop_requested()) {
            return fail(Error::cancelled());
        }
        const auto there = optional(layerVolume(from, path));
        if (!there) {
            return fail(awayError(kept.fromUri, there.error()));
        }
        if (!*there) {
            facts.missing.append(path);
        }
    }
    return facts;
}

} // namespace vireo::operation
